// A page that can be put away asks, two minutes before its time is over, whether somebody is still there; if nobody says
// so, it puts itself away as its own button would. Only a person's press gives it more time.
(() => {
  const WARN = 28 * 60e3, END = 29.7 * 60e3, TOKEN = /\.?[\w-]{20,}\.[\w-]{6}\.[\w-]{27,}/g;
  const main = document.getElementById("main"), script = document.currentScript;
  const ask = (path) => fetch(new URL(`../${path}`, script.src));
  let since, box, before;

  function tick() {
    if (since !== script.dataset.since) close();
    const done = main.querySelector("[data-done]"), open = done && !main.hidden ? Date.now() - since : 0;
    if (open >= END) putAway(done);
    else if (open >= WARN && !box) warn();
  }

  async function warn() {
    box = document.createElement("div");
    try {
      box.innerHTML = await (await ask("idle")).text();
      if (!box) return;
      box = box.firstElementChild;
      main.before(box);
      before = document.activeElement;
      box.focus({ preventScroll: true });
      box.querySelector("[data-stay]").onclick = stay;
    } catch { box = null; }
  }

  // What is typed stays as it is: only the tokens change, wherever they stand.
  async function stay() {
    const tokens = new Set((main.innerHTML + location.search).match(TOKEN));
    const answer = await ask(`renew?${[...tokens].map((token) => `t=${token}`).join("&")}`).catch(() => null);
    if (!answer?.ok) return;
    const fresh = await answer.json(), renewed = (text) => text.replace(TOKEN, (token) => fresh[token] ?? token);
    for (const element of main.querySelectorAll("*")) {
      for (const { name, value } of [...element.attributes]) {
        if (renewed(value) !== value) element.setAttribute(name, renewed(value));
      }
    }
    history.replaceState(history.state, "", renewed(location.href));
    window.htmx?.process(main);
    document.dispatchEvent(new Event("renewed"));
    before?.focus();
  }

  function putAway(done) {
    main.hidden = true;
    box?.replaceChildren(...box.querySelector("[hidden]").childNodes);
    done.form.insertAdjacentHTML("beforeend", '<input type="hidden" name="away" value="1">');
    done.click();
  }

  function close() {
    ({ since } = script.dataset);
    main.hidden = false;
    box?.remove();
    box = null;
  }

  for (const event of ["renewed", "htmx:afterSettle", "visibilitychange"]) document.addEventListener(event, tick);
  setInterval(tick, 5000);
  tick();
})();
