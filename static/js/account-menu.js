// Closes the account menu by Escape, by a press anywhere else and when the focus goes on.
const accountMenu = document.querySelector("details.account-menu");
const accountButton = accountMenu?.querySelector("summary");

function closeAccountMenu(keepsFocus) {
  if (accountMenu?.open) {
    accountMenu.open = false;
    if (!keepsFocus) accountButton.focus({ preventScroll: true });
  }
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeAccountMenu();
});

document.addEventListener("click", (event) => {
  if (accountMenu?.contains(event.target)) return;
  // Whatever was pressed and takes the focus keeps it; from anywhere else it goes back to the button.
  closeAccountMenu(event.target.closest("a, button, input, select, textarea, summary, label"));
});

accountMenu?.addEventListener("focusout", (event) => {
  if (event.relatedTarget && event.relatedTarget.id !== "main" && !accountMenu.contains(event.relatedTarget)) {
    closeAccountMenu(true);
  }
});
