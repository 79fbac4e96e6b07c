// Starts the parts of Wagtail's administration that Wagtail itself starts with inline scripts, which the content policy
// forbids. Each leaves <template data-starts="name" data-arguments="[…]">. Watches the page, since dialogues and uploads
// bring their fields later.
(() => {
  const functions = ["initDateChooser", "initDateTimeChooser", "initTimeChooser"];
  const classes = /^(InlinePanel|MultipleChooserPanel|[A-Za-z]*Chooser)$/;

  function start(marker) {
    if (marker.dataset.started) return;
    const name = marker.dataset.starts;
    const given = JSON.parse(marker.dataset.arguments);
    if (typeof window[name] !== "function") return;
    marker.dataset.started = "yes";
    if (functions.includes(name)) window[name](...given);
    else if (classes.test(name)) new window[name](...given);
  }

  function startWithin(root) {
    if (root.nodeType !== Node.ELEMENT_NODE) return;
    if (root.matches("template[data-starts]")) start(root);
    root.querySelectorAll("template[data-starts]").forEach(start);
  }

  document.addEventListener("DOMContentLoaded", () => {
    startWithin(document.body);
    new MutationObserver((changes) => {
      changes.forEach((change) => change.addedNodes.forEach(startWithin));
    }).observe(document.body, { childList: true, subtree: true });
  });
})();
