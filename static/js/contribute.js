// Files can be dropped on the form, and each is sent by itself with its progress shown. Without this, the form sends
// all of them at once.
const form = document.querySelector("[data-contribute]");
const picker = form.querySelector("input[type=file]");
const list = form.querySelector(".upload-list");
const button = form.querySelector("button[type=submit]");

for (const kind of ["dragenter", "dragover"]) {
  form.addEventListener(kind, (event) => {
    if (event.dataTransfer.types.includes("Files")) {
      event.preventDefault();
      form.classList.add("dropping");
    }
  });
}
for (const kind of ["dragleave", "drop"]) {
  form.addEventListener(kind, () => form.classList.remove("dropping"));
}
form.addEventListener("drop", (event) => {
  if (event.dataTransfer.files.length) {
    event.preventDefault();
    picker.files = event.dataTransfer.files;
  }
});

// The box to tick where a file is to go although it is here already, from the page that says so.
function offerToSendAgain(answer) {
  const field = answer.querySelector("[name=same_file_too]")?.closest(".field");
  if (field && !form.elements.same_file_too) form.querySelector(".form-fields").append(document.adoptNode(field));
}

// What the page would say about a file that was refused, or a sentence of our own where there is no such page.
function refusal(request) {
  const known = request.response?.querySelector(".known-file");
  if (known) {
    offerToSendAgain(request.response);
    return [...known.childNodes];
  }
  const errors = request.response?.querySelectorAll(".error-summary li") ?? [];
  const sentences = [...errors].map((each) => each.textContent.trim());
  return [sentences.join(" ") || "It did not arrive. Please try again."];
}

function send(file, whole, item) {
  const data = new FormData(form);
  data.delete("papers");
  data.append("papers", file);
  if (whole > 1) data.delete("title");
  const bar = item.querySelector("progress");
  const said = item.querySelector(".upload-said");
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.responseType = "document";
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = event.loaded / event.total;
    });
    request.addEventListener("loadend", () => {
      const arrived = request.status === 200 && request.responseURL !== form.action;
      bar.remove();
      said.replaceChildren(...(arrived ? ["Arrived"] : refusal(request)));
      item.classList.add(arrived ? "arrived" : "refused");
      resolve(arrived ? request.responseURL : "");
    });
    request.send(data);
  });
}

function show(file) {
  const item = document.createElement("li");
  const name = document.createElement("span");
  const bar = document.createElement("progress");
  const said = document.createElement("span");
  name.textContent = file.name;
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  said.className = "upload-said";
  item.append(name, bar, said);
  list.append(item);
  return item;
}

form.addEventListener("submit", async (event) => {
  const files = [...picker.files];
  if (!files.length) return; // the page itself says what is missing
  event.preventDefault();
  button.disabled = true;
  list.replaceChildren();
  list.hidden = false;
  const items = files.map(show);
  const left = new DataTransfer();
  let next = "";
  for (const [place, file] of files.entries()) {
    const arrived = await send(file, files.length, items[place]);
    if (arrived) next = arrived;
    else left.items.add(file);
  }
  button.disabled = false;
  if (left.files.length) {
    picker.files = left.files; // so that sending again sends only these
    list.tabIndex = -1;
    list.focus();
  } else {
    location.assign(next);
  }
});
