// The table block's grid keeps every key to itself, Tab too. Escape lets go of it, and goes on to what comes next.
document.addEventListener(
  "keydown",
  (event) => {
    const cell = document.querySelector(".handsontable td.current");
    if (event.key !== "Escape" || !cell) return;
    const grid = cell.closest(".ht_master").parentElement;
    // While a cell is written in, Escape takes the words back, as in any table; the next one leaves.
    const editor = grid.querySelector(".handsontableInputHolder");
    const isWriting = editor && editor.style.display !== "none" && Number(editor.style.zIndex) >= 0;
    if (isWriting && grid.contains(document.activeElement) && editor.offsetWidth > 0) return;
    event.stopPropagation();
    // For the grid, a press elsewhere: it gives up its selection and the keys.
    for (const name of ["mousedown", "mouseup"]) document.body.dispatchEvent(new MouseEvent(name, { bubbles: true }));
    const fields = [...document.querySelectorAll("a[href], button, input, select, textarea, [tabindex='0']")];
    const next = fields.find(
      (field) =>
        grid.compareDocumentPosition(field) & Node.DOCUMENT_POSITION_FOLLOWING &&
        !grid.contains(field) &&
        field.checkVisibility() &&
        !field.disabled &&
        field.tabIndex >= 0,
    );
    const target = next || document.activeElement;
    target.focus();
    // A move that was made just before has the grid ask for the keys a moment later.
    grid.addEventListener("focusin", () => target.focus(), { once: true, signal: AbortSignal.timeout(200) });
  },
  true,
);
