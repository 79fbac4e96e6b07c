// Titles while somebody types into a search field: a list below it, for the arrow keys, the mouse and a screen reader.
const WAIT = 150; // milliseconds after the last key

function start(form) {
  const input = form.querySelector("input[type=search]");
  const list = document.createElement("ul");
  let links = [];
  let chosen = -1;
  let timer;
  let asking;

  list.className = "search-suggestions";
  list.id = `${input.id}-suggestions`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  list.hidden = true;
  input.after(list);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");

  function show(open) {
    list.hidden = !open;
    input.setAttribute("aria-expanded", String(open));
    if (!open) {
      choose(-1);
    }
  }

  function choose(number) {
    links[chosen]?.setAttribute("aria-selected", "false");
    chosen = number;
    const link = links[chosen];
    link?.setAttribute("aria-selected", "true");
    link?.scrollIntoView({ block: "nearest" });
    if (link) {
      input.setAttribute("aria-activedescendant", link.id);
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  }

  function fill(suggestions) {
    chosen = -1;
    links = suggestions.map(({ title, url, kind }, number) => {
      const link = document.createElement("a");
      const label = document.createElement("span");
      link.href = url;
      link.id = `${list.id}-${number}`;
      link.tabIndex = -1;
      link.setAttribute("role", "option");
      link.setAttribute("aria-selected", "false");
      label.className = "quiet";
      label.textContent = kind;
      link.append(title, " ", label);
      return link;
    });
    list.replaceChildren(
      ...links.map((link) => {
        const item = document.createElement("li");
        item.setAttribute("role", "presentation");
        item.append(link);
        return item;
      }),
    );
    show(links.length > 0 && document.activeElement === input);
  }

  async function ask() {
    asking?.abort();
    asking = new AbortController();
    const words = input.value.trim();
    if (words.length < 2) {
      fill([]);
      return;
    }
    try {
      const answer = await fetch(`${form.dataset.suggest}?q=${encodeURIComponent(words)}`, { signal: asking.signal });
      fill(answer.ok ? (await answer.json()).suggestions : []);
    } catch {
      // Somebody typed on, or the network is away: the search itself needs none of this.
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden) {
      return;
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const count = links.length + 1; // one place for what was typed itself
      choose(((chosen + 1 + step + count) % count) - 1);
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      links[chosen].click();
    } else if (event.key === "Escape") {
      event.preventDefault();
      show(false);
    }
  });
  form.addEventListener("focusout", (event) => {
    if (!form.contains(event.relatedTarget)) {
      show(false);
    }
  });
}

document.querySelectorAll("form[data-suggest]").forEach(start);
