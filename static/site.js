// Only what HTML and htmx cannot say: that the line broke, so that nobody waits for an answer that will not come.
(() => {
  const offline = (shown) => { document.getElementById("offline").hidden = !shown; };
  for (const failure of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(failure, ({ target }) => {
      // Photos send themselves again, and polling does too.
      if (!target.matches("form, button, a")) return;
      offline(true);
      scrollTo(0, 0);
    });
  }
  document.addEventListener("htmx:beforeRequest", () => offline(false));
})();
