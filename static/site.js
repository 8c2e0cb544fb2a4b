// What HTML and htmx cannot say.
(() => {
  // The line broke: nobody is to wait.
  const message = document.getElementById("offline");
  for (const failure of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(failure, ({ target }) => {
      // Photos and polling go on by themselves.
      if (!target.matches("form, button, a") || target.closest("[hidden]")) return;
      message.hidden = false;
      message.scrollIntoView({ block: "nearest" });
    });
  }
  document.addEventListener("htmx:beforeRequest", () => { message.hidden = true; });

  // To what is wrong, what was asked for, or the new heading; a foreign frame may not `autofocus`.
  function focus(place) {
    const wanted = document.getElementById(location.hash.slice(1));
    const first = place.contains(wanted) ? wanted : place.querySelector("[tabindex='-1']");
    (place.querySelector(".summary") ?? first ?? place.querySelector("[aria-invalid]"))?.focus();
  }

  // The first step takes the address of the draft that it began, or Back would begin another.
  function takeAddress() {
    const begun = document.querySelector("form[data-begun]");
    if (begun) history.replaceState(history.state, "", begun.getAttribute("action"));
  }

  // Nothing is complained about above that was mended since, as a photo is.
  function tidySummary() {
    for (const link of document.querySelectorAll(".summary a")) {
      if (document.getElementById(link.hash.slice(1)).matches("[aria-invalid]")) continue;
      const list = link.closest("ul");
      link.closest("li").remove();
      if (!list.children.length) list.parentElement.remove();
    }
  }

  // What only some parts of the site need comes with them.
  function fetchScripts() {
    for (const { dataset } of document.querySelectorAll("[data-script]")) {
      for (const address of dataset.script.split(" ")) {
        if (document.querySelector(`script[src="${address}"]`)) continue;
        const script = Object.assign(document.createElement("script"), { src: address });
        // To be fetched again.
        script.onerror = () => script.remove();
        document.head.append(script);
      }
    }
  }
  addEventListener("online", fetchScripts);

  // Only who stays long fetches what warns before a page's time is over; it asks since when the page is open.
  const script = Object.assign(document.createElement("script"), { src: document.currentScript.dataset.idle });
  let token, timer;
  function watch() {
    const now = document.querySelector("[data-done]")?.form.elements.step_token.value;
    if (now === token) return;
    token = now;
    script.dataset.since = Date.now();
    clearTimeout(timer);
    if (now) timer = setTimeout(() => document.head.append(script), 27 * 60e3);
  }
  document.addEventListener("renewed", watch);
  watch();

  document.addEventListener("htmx:afterSettle", ({ target, detail }) => {
    watch();
    fetchScripts();
    takeAddress();
    tidySummary();
    focus(detail.target.isConnected ? detail.target : target);
  });
  fetchScripts();
  takeAddress();
  document.querySelector(".summary")?.focus();

  document.addEventListener("htmx:configRequest", ({ detail }) => { delete detail.headers["HX-Current-URL"]; });

  // htmx notes the address, token and all, where it outlives the page; nothing of ours may.
  function forget() {
    try { sessionStorage.removeItem("htmx-current-path-for-history"); } catch { /* a frame that has no store */ }
  }
  document.addEventListener("htmx:pushedIntoHistory", forget);
  document.addEventListener("htmx:replacedInHistory", forget);
  forget();

  // A page that was kept is asked for anew: who comes back need not be who left.
  addEventListener("pagehide", () => { document.documentElement.hidden = true; });
  addEventListener("pageshow", ({ persisted }) => { if (persisted) location.reload(); });
})();
