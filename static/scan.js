// The scanner's box is empty before the answer is there, and has the focus again: the next sheet may come at any moment.
(() => {
  const form = document.querySelector("form[data-scan]"), box = form.elements.code;
  const isOurs = ({ target }) => form.contains(target);
  document.addEventListener("htmx:beforeRequest", (event) => { if (isOurs(event)) { form.reset(); box.focus(); } });
})();
