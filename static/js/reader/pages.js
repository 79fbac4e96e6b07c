// The pages of a PDF on the stage: only those near the eye are drawn, and only some stay drawn.

const PIXELS_PER_POINT = 96 / 72;
const KEPT = 8; // drawn pages
const MAX_PIXELS = 12_000_000; // of one page's picture; telephones refuse larger ones
export const SCALES = [0.5, 0.67, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4];
const COMFORTABLE = 1.25;
const MAX_SCALE = SCALES.at(-1);

const SHEET = 842; // points: the longer side of A4

// Stands for the first page before the paper is here: it has the shape of its picture, and an ordinary sheet's size.
export function likePicture(width, height) {
  const points = SHEET / Math.max(width, height);
  return {
    rotate: 0,
    getViewport: ({ scale, rotation }) => {
      const sides = rotation % 180 === 0 ? [width, height] : [height, width];
      return { width: sides[0] * points * scale, height: sides[1] * points * scale, rotation };
    },
  };
}

export class Pages {
  // `first` says how large the first page is; `picture` shows it until it is drawn, which is after `settle`.
  constructor(stage, count, first, picture = null) {
    Object.assign(this, { stage, first, picture });
    this.pdf = null;
    this.settled = new Promise((resolve) => (this.isSettled = resolve));
    this.scale = 1;
    this.fits = true;
    this.widest = COMFORTABLE; // at first; a wide screen is filled when somebody asks for it
    this.turned = 0;
    this.current = 1;
    this.onChange = () => {};
    this.onDrawn = () => {};
    this.drawn = []; // numbers, the latest last
    this.list = document.createElement("div");
    this.list.className = "reader-pages";
    this.pages = Array.from({ length: count }, (_, index) => this.#makePage(index + 1));
    if (picture) {
      this.pages[0].element.append(picture);
    }
    stage.append(this.list);
    this.fit();
    this.#lay();
    this.#follow();
  }

  // The paper is here: what it says of itself holds, and what is looked at is drawn.
  settle(pdfjs, pdf, first) {
    Object.assign(this, { pdfjs, pdf, first });
    for (const page of this.pages.splice(pdf.numPages)) {
      this.watcher.unobserve(page.element);
      page.element.remove();
    }
    while (this.pages.length < pdf.numPages) {
      this.pages.push(this.#makePage(this.pages.length + 1));
      this.watcher.observe(this.pages.at(-1).element);
    }
    this.current = Math.min(this.current, this.numPages);
    this.#keepPlace(() => {
      if (this.fits) {
        this.fit();
      }
      this.#lay();
    });
    this.#redraw();
    this.isSettled();
  }

  #makePage(number) {
    const element = document.createElement("div");
    element.className = "reader-page";
    element.setAttribute("role", "group");
    element.setAttribute("aria-label", `Page ${number}`);
    this.list.append(element);
    // Until it is looked at, a page is taken to be as large as the first one.
    return { number, element, proxy: null, task: null, isNear: false };
  }

  #viewport(page, scale = this.scale) {
    const proxy = page.proxy ?? this.first;
    return proxy.getViewport({ scale: scale * PIXELS_PER_POINT, rotation: (proxy.rotate + this.turned) % 360 });
  }

  #size(page) {
    const { width, height } = this.#viewport(page);
    page.element.style.width = `${Math.floor(width)}px`;
    page.element.style.height = `${Math.floor(height)}px`;
  }

  #lay() {
    this.list.style.setProperty("--page-scale", this.scale * PIXELS_PER_POINT);
    this.pages.forEach((page) => this.#size(page));
    if (this.picture) {
      this.picture.hidden = this.turned !== 0; // it shows the page as it stands
    }
  }

  #follow() {
    this.watcher = new IntersectionObserver((entries) => this.#see(entries), {
      root: this.stage,
      rootMargin: "60% 0px",
    });
    this.pages.forEach((page) => this.watcher.observe(page.element));
    let waits = false;
    this.stage.addEventListener("scroll", () => {
      if (!waits) {
        waits = true;
        requestAnimationFrame(() => {
          waits = false;
          this.#findCurrent();
        });
      }
    });
    let width = this.stage.clientWidth;
    new ResizeObserver(() => {
      if (this.stage.clientWidth !== width) {
        width = this.stage.clientWidth;
        if (this.fits) {
          this.zoom("fit");
        }
      }
    }).observe(this.stage);
  }

  #see(entries) {
    for (const entry of entries) {
      const page = this.pages.find((each) => each.element === entry.target);
      page.isNear = entry.isIntersecting;
      if (page.isNear) {
        this.#draw(page);
      }
    }
  }

  #findCurrent() {
    // The page at a third of the stage's height is the one that is being read.
    const line = this.stage.scrollTop + this.stage.clientHeight / 3;
    let [low, high] = [0, this.pages.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.pages[middle].element.offsetTop <= line) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    if (this.stage.scrollTop + this.stage.clientHeight >= this.stage.scrollHeight - 2) {
      // At the very end, a short last page never reaches that line.
      const last = this.pages.findLastIndex(
        (page) => page.element.offsetTop + page.element.offsetHeight / 2 <= line + (this.stage.clientHeight * 2) / 3,
      );
      low = Math.max(low, last);
    }
    if (this.current !== low + 1) {
      this.current = low + 1;
      this.onChange();
    }
  }

  async #draw(page) {
    const look = `${this.scale} ${this.turned} ${devicePixelRatio}`;
    if (page.look === look || !this.pdf) {
      return;
    }
    page.look = look;
    page.task?.cancel();
    try {
      page.proxy ??= await this.pdf.getPage(page.number);
      if (page.look !== look) {
        return;
      }
      if (!page.isMeasured) {
        page.isMeasured = true;
        this.#keepPlace(() => this.#size(page));
      }
      await this.#paint(page, look);
    } catch (error) {
      if (error?.name !== "RenderingCancelledException") {
        page.look = "";
        throw error;
      }
    }
  }

  async #paint(page, look) {
    const { proxy, element } = page;
    const viewport = this.#viewport(page);
    const canvas = document.createElement("canvas");
    const ratio = Math.min(devicePixelRatio || 1, Math.sqrt(MAX_PIXELS / (viewport.width * viewport.height)));
    canvas.width = Math.floor(viewport.width * ratio);
    canvas.height = Math.floor(viewport.height * ratio);
    canvas.setAttribute("aria-hidden", "true");
    const transform = ratio === 1 ? null : [ratio, 0, 0, ratio, 0, 0];
    page.task = proxy.render({ canvas, viewport, transform });
    await page.task.promise;
    const words = document.createElement("div");
    words.className = "reader-words";
    const layer = new this.pdfjs.TextLayer({ textContentSource: proxy.streamTextContent(), container: words, viewport });
    await layer.render();
    const turned = viewport.rotation % 180 !== 0;
    words.style.width = turned ? "var(--page-height)" : "100%";
    words.style.height = turned ? "var(--page-width)" : "100%";
    const links = await this.#links(proxy, viewport);
    if (page.look !== look) {
      return;
    }
    element.style.setProperty("--page-width", element.style.width);
    element.style.setProperty("--page-height", element.style.height);
    element.replaceChildren(canvas, words, links);
    page.wordElements = layer.textDivs;
    this.#remember(page);
    this.onDrawn(page);
  }

  async #links(proxy, viewport) {
    const links = document.createElement("div");
    links.className = "reader-links";
    for (const note of await proxy.getAnnotations()) {
      if (note.subtype !== "Link" || !(note.url || note.dest)) {
        continue;
      }
      const link = document.createElement("a");
      const [x1, y1] = viewport.convertToViewportPoint(note.rect[0], note.rect[1]);
      const [x2, y2] = viewport.convertToViewportPoint(note.rect[2], note.rect[3]);
      link.style.left = `${(100 * Math.min(x1, x2)) / viewport.width}%`;
      link.style.top = `${(100 * Math.min(y1, y2)) / viewport.height}%`;
      link.style.width = `${(100 * Math.abs(x1 - x2)) / viewport.width}%`;
      link.style.height = `${(100 * Math.abs(y1 - y2)) / viewport.height}%`;
      link.setAttribute("aria-label", note.overlaidText || note.url || "A place in this paper");
      if (note.url) {
        Object.assign(link, { href: note.url, target: "_blank", rel: "noopener noreferrer" });
      } else {
        link.href = "#";
        link.addEventListener("click", (event) => {
          event.preventDefault();
          this.#goToNamed(note.dest);
        });
      }
      links.append(link);
    }
    return links;
  }

  async #goToNamed(place) {
    const target = typeof place === "string" ? await this.pdf.getDestination(place) : place;
    if (Array.isArray(target)) {
      const page = Number.isInteger(target[0]) ? target[0] : await this.pdf.getPageIndex(target[0]);
      this.goTo(page + 1);
    }
  }

  #remember(page) {
    this.drawn = [...this.drawn.filter((number) => number !== page.number), page.number];
    for (const number of [...this.drawn]) {
      const old = this.pages[number - 1];
      if (this.drawn.length <= KEPT) {
        break;
      }
      if (!old.isNear) {
        this.drawn.splice(this.drawn.indexOf(number), 1);
        old.element.replaceChildren();
        old.look = "";
        old.wordElements = null;
        old.proxy.cleanup();
      }
    }
  }

  // What is being read stays where it is while pages above it change their size.
  #keepPlace(change) {
    const { element } = this.pages[this.current - 1];
    const part = (this.stage.scrollTop - element.offsetTop) / element.offsetHeight;
    change();
    this.stage.scrollTop = element.offsetTop + part * element.offsetHeight;
  }

  get numPages() {
    return this.pages.length;
  }

  fit() {
    const { width } = this.#viewport(this.pages[this.current - 1], 1);
    const room = this.stage.clientWidth - parseFloat(getComputedStyle(this.list).paddingLeft) * 2;
    this.scale = Math.min(Math.max(room / width, 0.1), this.widest);
  }

  // "fit", "larger", "smaller"
  zoom(how) {
    this.fits = how === "fit";
    this.#keepPlace(() => {
      if (this.fits) {
        this.fit();
      } else if (how === "larger") {
        this.scale = SCALES.find((scale) => scale > this.scale * 1.01) ?? MAX_SCALE;
      } else {
        this.scale = SCALES.findLast((scale) => scale < this.scale * 0.99) ?? this.scale;
      }
      this.#lay();
    });
    this.#redraw();
  }

  turn() {
    this.turned = (this.turned + 90) % 360;
    this.#keepPlace(() => {
      if (this.fits) {
        this.fit();
      }
      this.#lay();
    });
    this.#redraw();
  }

  #redraw() {
    for (const page of this.pages) {
      if (page.isNear) {
        this.#draw(page);
      } else if (page.look) {
        page.look = "";
        page.element.replaceChildren();
        page.wordElements = null;
      }
    }
    this.drawn = this.drawn.filter((number) => this.pages[number - 1].isNear);
    this.onChange();
  }

  // `part` of the page's height stands near the top of the stage.
  goTo(number, part = 0) {
    const page = this.pages[Math.min(Math.max(number, 1), this.numPages) - 1];
    const above = part ? this.stage.clientHeight / 3 : 8;
    this.stage.scrollTop = page.element.offsetTop + part * page.element.offsetHeight - above;
    this.#findCurrent();
  }
}
