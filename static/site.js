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

  // Where reading goes on: at what is wrong, at the field that was asked for, or at the new heading.
  // Not by `autofocus`, which browsers refuse, with a complaint, to a frame of another site.
  function focus(place) {
    const wanted = document.getElementById(location.hash.slice(1));
    const first = place.querySelector(".summary") ?? (place.contains(wanted) ? wanted : place.querySelector("[tabindex='-1']"));
    first?.focus();
  }

  // The first step is entered without a draft. It takes the address of the one that it began; else Back would begin anew.
  function takeAddress() {
    const begun = document.querySelector("form[data-begun]");
    if (begun) history.replaceState(history.state, "", begun.getAttribute("action"));
  }

  // What was mended by itself, such as a photo, is no longer complained about above.
  function tidySummary() {
    for (const link of document.querySelectorAll(".summary a")) {
      if (document.getElementById(link.hash.slice(1)).matches("[aria-invalid]")) continue;
      const list = link.closest("ul");
      link.closest("li").remove();
      if (!list.children.length) list.parentElement.remove();
    }
  }

  document.addEventListener("htmx:afterSettle", ({ target, detail }) => {
    takeAddress();
    tidySummary();
    // Where a part took the place of another, the one that was asked for is gone.
    focus(detail.target.isConnected ? detail.target : target);
  });
  takeAddress();
  document.querySelector(".summary")?.focus();

  // A page that the browser has kept is asked for anew: who comes back to it need not be who left it.
  addEventListener("pagehide", () => { document.documentElement.hidden = true; });
  addEventListener("pageshow", ({ persisted }) => { if (persisted) location.reload(); });
})();
