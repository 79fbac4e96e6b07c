// Shows the button that copies a post's address, where the browser can, and says when it is done.
for (const button of navigator.clipboard ? document.querySelectorAll("[data-copy]") : []) {
  button.closest("[hidden]").hidden = false;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = "The link is copied";
  });
}
