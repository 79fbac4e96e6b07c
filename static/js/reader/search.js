// Finds words in all pages of a paper, whatever their capitals and accents, and marks them where a page is drawn.

const MOST = 2000;

// A text without accents and capitals, and for each of its characters the place in the text that it stands for.
function fold(text, places, item) {
  let folded = "";
  let place = 0;
  for (const character of text) {
    const plain =
      character.charCodeAt(0) < 128
        ? character.toLowerCase()
        : character.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
    for (const each of /^\s+$/.test(plain) ? " " : plain) {
      if (each !== " " || (folded ? !folded.endsWith(" ") : true)) {
        folded += each;
        for (let unit = 0; unit < each.length; unit += 1) {
          places?.push([item, place, place + character.length]);
        }
      }
    }
    place += character.length;
  }
  return folded;
}

export class Search {
  constructor(pages) {
    this.pages = pages;
    this.texts = [];
    this.hits = [];
    this.here = -1;
    this.turn = 0;
    this.onChange = () => {};
    pages.onDrawn = (page) => this.#mark(page);
  }

  async #textOf(number) {
    if (!this.texts[number]) {
      const page = await this.pages.pdf.getPage(number);
      const { items } = await page.getTextContent();
      const places = [];
      let text = "";
      items
        .filter((item) => item.str !== undefined)
        .forEach((item, index) => {
          let folded = fold(item.str, places, index);
          if (text.endsWith(" ") && folded.startsWith(" ")) {
            places.splice(text.length, 1);
            folded = folded.slice(1);
          }
          text += folded;
          if (item.hasEOL && !text.endsWith(" ")) {
            text += " ";
            places.push([index, item.str.length, item.str.length]);
          }
        });
      this.texts[number] = { text, places };
    }
    return this.texts[number];
  }

  // All places in the paper; the first one at or after the page that is being read comes first into sight.
  async find(words) {
    const turn = (this.turn += 1);
    const wanted = fold(words, null, 0).trim();
    this.words = wanted;
    this.hits = [];
    this.here = -1;
    this.isAtWork = Boolean(wanted);
    this.#markAll();
    this.onChange();
    if (!wanted) {
      return;
    }
    await this.pages.settled;
    if (turn !== this.turn) {
      return; // somebody looks for something else by now
    }
    const from = this.pages.current;
    for (let number = 1; number <= this.pages.numPages && this.hits.length < MOST; number += 1) {
      const { text, places } = await this.#textOf(number);
      if (turn !== this.turn) {
        return; // as above
      }
      for (let at = text.indexOf(wanted); at >= 0 && this.hits.length < MOST; at = text.indexOf(wanted, at + wanted.length)) {
        this.hits.push({ page: number, start: places[at], end: places[at + wanted.length - 1] });
      }
      if (this.here < 0 && this.hits.at(-1)?.page >= from) {
        this.#show(this.hits.findIndex((hit) => hit.page >= from));
      }
      if (number % 20 === 0) {
        this.onChange();
      }
    }
    this.isAtWork = false;
    if (this.here < 0 && this.hits.length) {
      this.#show(0);
    }
    this.#markAll();
    this.onChange();
  }

  step(by) {
    if (this.hits.length) {
      this.#show((this.here + by + this.hits.length) % this.hits.length);
    }
  }

  clear() {
    this.find("");
  }

  #show(index) {
    this.here = index;
    const hit = this.hits[index];
    const page = this.pages.pages[hit.page - 1];
    if (!page.wordElements) {
      this.pages.goTo(hit.page);
      this.waitsFor = hit;
    }
    this.#markAll();
    this.onChange();
  }

  #markAll() {
    this.pages.pages.filter((page) => page.wordElements).forEach((page) => this.#mark(page));
  }

  #mark(page) {
    page.element.querySelector(".reader-marks")?.remove();
    const hits = this.hits.filter((hit) => hit.page === page.number);
    if (!hits.length) {
      return;
    }
    const marks = document.createElement("div");
    marks.className = "reader-marks";
    page.element.append(marks);
    const frame = page.element.getBoundingClientRect();
    for (const hit of hits) {
      const isHere = hit === this.hits[this.here];
      for (const box of this.#boxes(page, hit)) {
        const mark = document.createElement("i");
        mark.className = isHere ? "here" : "";
        mark.style.left = `${(100 * (box.left - frame.left)) / frame.width}%`;
        mark.style.top = `${(100 * (box.top - frame.top)) / frame.height}%`;
        mark.style.width = `${(100 * box.width) / frame.width}%`;
        mark.style.height = `${(100 * box.height) / frame.height}%`;
        marks.append(mark);
      }
    }
    const here = marks.querySelector(".here");
    if (here && (this.lastShown !== this.hits[this.here] || this.waitsFor)) {
      this.lastShown = this.hits[this.here];
      this.waitsFor = null;
      this.pages.goTo(page.number, here.offsetTop / page.element.offsetHeight);
    }
  }

  #boxes(page, { start, end }) {
    const boxes = [];
    for (let item = start[0]; item <= end[0]; item += 1) {
      const node = page.wordElements[item]?.firstChild;
      if (node) {
        const range = document.createRange();
        range.setStart(node, item === start[0] ? Math.min(start[1], node.length) : 0);
        range.setEnd(node, item === end[0] ? Math.min(end[2], node.length) : node.length);
        boxes.push(...range.getClientRects());
      }
    }
    return boxes;
  }
}
