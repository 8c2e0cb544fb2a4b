// How long a code is good, and how soon another one can be sent, to the second.
setInterval(() => {
  for (const e of document.querySelectorAll("[data-left]")) {
    const at = Date.now();
    e.end ??= at + e.dataset.left * 1e3;
    e.textContent = new Date(Math.max(0, e.end - at)).toISOString().slice(15, 19);
  }
}, 1e3);
