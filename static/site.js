// Only what HTML and htmx cannot say.
(() => {
  // That the line broke, so that nobody waits for an answer that will not come.
  const message = document.getElementById("offline");
  for (const failure of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(failure, ({ target }) => {
      // Photos send themselves again, and polling does too.
      if (!target.matches("form, button, a")) return;
      message.hidden = false;
      message.scrollIntoView({ block: "nearest" });
    });
  }
  document.addEventListener("htmx:beforeRequest", () => { message.hidden = true; });

  // The first step is entered without a draft. It takes the address of the one that it began; else Back would begin anew.
  function settle() {
    const begun = document.querySelector("form[data-begun]");
    if (begun) history.replaceState(history.state, "", begun.getAttribute("action"));
    // What was mended by itself, such as a photo, is no longer complained about above.
    for (const link of document.querySelectorAll(".summary a")) {
      if (document.getElementById(link.hash.slice(1)).matches("[aria-invalid]")) continue;
      const list = link.closest("ul");
      link.closest("li").remove();
      if (!list.children.length) list.parentElement.remove();
    }
  }
  document.addEventListener("htmx:afterSettle", settle);
  settle();
})();
