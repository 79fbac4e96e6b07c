// Says how many papers are ticked and how large they are together, and ticks all of a page at once.
const bar = document.getElementById("fetch");
const boxes = [...document.querySelectorAll("input[form=fetch]")];
const all = bar.querySelector("[data-choose-all]");

function sizeOf(bytes) {
  if (bytes < 1000) {
    return `${bytes} bytes`;
  }
  const units = ["KB", "MB", "GB"];
  let [size, unit] = [bytes / 1024, 0];
  while (size >= 1000 && unit < units.length - 1) {
    [size, unit] = [size / 1024, unit + 1];
  }
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}

function show() {
  const chosen = boxes.filter((box) => box.checked);
  const size = chosen.reduce((sum, box) => sum + Number(box.dataset.size), 0);
  all.checked = chosen.length === boxes.length;
  all.indeterminate = chosen.length > 0 && !all.checked;
  bar.querySelector("button").disabled = !chosen.length;
  bar.querySelector("[data-chosen]").textContent = chosen.length
    ? `${chosen.length} paper${chosen.length === 1 ? "" : "s"} chosen, ${sizeOf(size)}`
    : "";
}

all.closest("[hidden]").hidden = false;
all.addEventListener("change", () => {
  boxes.forEach((box) => (box.checked = all.checked));
  show();
});
boxes.forEach((box) => box.addEventListener("change", show));
addEventListener("pageshow", show); // a browser that goes back keeps the ticks
show();
