// Reads a PDF on the site: the tools above the pages, the keyboard, and the page in the address (#page=12).
import { Pages, SCALES, likePicture } from "./pages.js";
import { Search } from "./search.js";
import { Source } from "./source.js";

const AT_HAND = 80; // milliseconds: what comes so soon has been fetched before, or the line is fast

const stage = document.querySelector(".reader-stage");
const tools = document.querySelector(".reader-tools");
const searchRow = document.querySelector(".reader-search");
const words = searchRow.querySelector("input");
const place = tools.querySelector("input");
const button = (name) => document.querySelector(`[data-do="${name}"]`);
const pageInAddress = () => Number(/(?:^#|&)page=(\d{1,6})(?:&|$)/.exec(location.hash)?.[1] ?? 0);
let pages;
let search;

// The picture of the first page, which the page itself brings.
const first = stage.querySelector("[data-first]");
const picture = first?.querySelector("img");

function say(sentence, address = "") {
  const box = stage.querySelector("[data-word]");
  const told = document.createElement("p");
  told.textContent = sentence;
  told.setAttribute("role", "alert");
  if (address) {
    const link = document.createElement("a");
    link.href = address;
    link.textContent = "Go on";
    told.append(" ", link);
  }
  box.querySelector("[role=alert]")?.remove();
  first?.remove();
  box.prepend(told);
  box.hidden = false;
  stage.scrollTop = 0;
}

function fail(error) {
  if (error.confirmAt) {
    say("Please confirm that it is you. Then the rest of the paper comes.", error.confirmAt);
  } else if (error.isFinal || error instanceof TypeError) {
    say("The paper does not come any more: you may have been signed out, or it was withdrawn or moved. Please load this page again.");
  } else {
    say("The paper cannot be fetched just now. Please load this page again in a few minutes.");
  }
}

// pdf.js is large. Where it is not at hand the picture comes first, to be read meanwhile; else it would be in the way.
async function makeWay() {
  const asked = new AbortController();
  const isAtHand = await Promise.race([
    fetch(stage.dataset.library, { signal: asked.signal }).then(
      () => true,
      () => false,
    ),
    new Promise((resolve) => setTimeout(resolve, AT_HAND, false)),
  ]);
  if (isAtHand) {
    picture.removeAttribute("src");
    return;
  }
  asked.abort();
  await picture.decode().catch(() => {});
}

async function open() {
  const { address, size, opening, library, worker, files } = stage.dataset;
  if (pageInAddress() > 1) {
    picture?.removeAttribute("src"); // of no use to whoever comes for another page
  } else if (picture && !picture.complete) {
    await makeWay();
  }
  const source = new Source(address, Number(size), opening, fail);
  const port = new Worker(worker, { type: "module" }); // which has as much to fetch, and to understand
  const pdfjs = await import(library);
  pdfjs.GlobalWorkerOptions.workerPort = port;
  const base = new URL(files, location.href).href;
  const pdf = await pdfjs.getDocument({
    range: await source.forPdfjs(pdfjs),
    disableAutoFetch: true,
    disableStream: true,
    useWasm: false,
    useSystemFonts: false, // fonts that a paper does not bring look the same on every machine
    verbosity: pdfjs.VerbosityLevel.ERRORS,
    cMapUrl: `${base}cmaps/`,
    standardFontDataUrl: `${base}standard_fonts/`,
    wasmUrl: `${base}decoders/`,
  }).promise;
  return { pdfjs, pdf, sheet: await pdf.getPage(1) };
}

let noting = 0;

function show() {
  const { current, numPages, scale, fits } = pages;
  if (document.activeElement !== place) {
    place.value = current;
  }
  tools.querySelector("[data-scale]").textContent = `${Math.round(scale * 100)} %`;
  button("previous").disabled = current === 1;
  button("next").disabled = current === numPages;
  button("fit").setAttribute("aria-pressed", fits);
  clearTimeout(noting);
  noting = setTimeout(() => history.replaceState(null, "", `#page=${current}`), 300);
}

function showFound() {
  const { hits, here, isAtWork, words: wanted } = search;
  let said = "";
  if (hits.length) {
    said = `${here + 1} of ${hits.length}${isAtWork ? " so far" : ""}`;
  } else if (wanted) {
    said = isAtWork ? "Searching…" : "Not found in this paper.";
  }
  searchRow.querySelector("[data-found]").textContent = said;
  button("hit-before").disabled = button("hit-after").disabled = hits.length < 2;
}

function openSearch() {
  searchRow.hidden = false;
  button("search").setAttribute("aria-expanded", "true");
  words.focus();
  words.select();
}

function closeSearch() {
  searchRow.hidden = true;
  button("search").setAttribute("aria-expanded", "false");
  words.value = "";
  search.clear();
  stage.focus({ preventScroll: true });
}

const DO = {
  previous: () => pages.goTo(pages.current - 1),
  next: () => pages.goTo(pages.current + 1),
  smaller: () => pages.zoom("smaller"),
  larger: () => pages.zoom("larger"),
  fit: () => {
    pages.widest = SCALES.at(-1);
    pages.zoom("fit");
  },
  turn: () => pages.turn(),
  search: () => (searchRow.hidden ? openSearch() : closeSearch()),
  "search-over": closeSearch,
  "hit-before": () => search.step(-1),
  "hit-after": () => search.step(1),
};
const sideways = (by) => {
  if (stage.scrollWidth > stage.clientWidth + 1) {
    stage.scrollLeft += by * 60;
  } else {
    pages.goTo(pages.current + by);
  }
};
const screenful = (by) => (stage.scrollTop += by * stage.clientHeight * 0.9);
const KEYS = {
  ArrowLeft: () => sideways(-1),
  ArrowRight: () => sideways(1),
  ArrowUp: () => (stage.scrollTop -= 60),
  ArrowDown: () => (stage.scrollTop += 60),
  PageUp: () => screenful(-1),
  PageDown: () => screenful(1),
  Home: () => pages.goTo(1),
  End: () => pages.goTo(pages.numPages),
};
// Single characters only while the pages have the keyboard (WCAG 2.2, 2.1.4).
const CHARACTERS = { "+": DO.larger, "=": DO.larger, "-": DO.smaller, 0: DO.fit, "/": openSearch };

function press(event) {
  const isField = event.target.matches("input");
  const isPlain = !(event.ctrlKey || event.metaKey || event.altKey);
  let act = null;
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "f") {
    act = openSearch;
  } else if (event.key === "Escape" && !searchRow.hidden) {
    act = closeSearch;
  } else if (event.target === words && event.key === "Enter") {
    act = () => search.step(event.shiftKey ? -1 : 1);
  } else if (isPlain && !isField && !event.shiftKey && KEYS[event.key]) {
    act = KEYS[event.key];
  } else if (isPlain && !isField && stage.contains(event.target)) {
    act = CHARACTERS[event.key];
  }
  if (act) {
    event.preventDefault();
    act();
  }
}

function connect() {
  document.querySelectorAll("[data-do]").forEach((each) => each.addEventListener("click", DO[each.dataset.do]));
  document.addEventListener("keydown", press);
  place.addEventListener("change", () => {
    const wanted = Number.parseInt(place.value, 10);
    if (wanted) {
      pages.goTo(wanted);
    }
    place.value = pages.current;
  });
  place.addEventListener("focus", () => place.select());
  let waiting = 0;
  words.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => search.find(words.value), 250);
  });
  addEventListener("hashchange", () => pageInAddress() && pages.goTo(pageInAddress()));
}

function begin(count, sheet) {
  pages = new Pages(stage, count, sheet, picture);
  search = new Search(pages);
  pages.onChange = show;
  search.onChange = showFound;
  first?.remove();
  stage.querySelector("[data-word]").hidden = true;
  tools.hidden = false;
  connect();
  pages.goTo(pageInAddress() || 1);
  show();
  showFound();
  stage.focus({ preventScroll: true });
}

const count = Number(stage.dataset.pages);
if (picture && count) {
  begin(count, likePicture(...["width", "height"].map((side) => Number(picture.getAttribute(side)))));
}
try {
  const { pdfjs, pdf, sheet } = await open();
  if (!pages) {
    begin(pdf.numPages, sheet);
  }
  pages.settle(pdfjs, pdf, sheet);
  tools.querySelector("[data-total]").textContent = pages.numPages;
} catch (error) {
  tools.hidden = searchRow.hidden = true;
  pages?.list.remove();
  say("The paper cannot be shown here. Please download it instead.");
  throw error;
}
