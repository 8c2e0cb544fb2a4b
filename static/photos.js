// Photos: each is made smaller, waits for its turn, shows how far it is, and goes again when the line drops.
// Without this script the server makes the original smaller.
(() => {
  const SIDE = 1600, BYTES = 300e3, TRIES = 6;
  const isPhoto = (element) => element.matches?.("input[type=file][hx-post]");
  const on = (name, listener) => document.addEventListener(name, listener);
  const place = (input) => input.closest(".photo");

  // The buttons that send photos by hand are for browsers without htmx.
  document.documentElement.classList.toggle("at-once", "htmx" in window);

  // Else the turn that stands in the file would be lost.
  const canShrink = CSS.supports("image-orientation", "from-image");

  async function shrunk(file) {
    const image = new Image();
    image.src = URL.createObjectURL(file);
    try {
      await image.decode();
      const { naturalWidth: width, naturalHeight: height } = image, scale = Math.min(1, SIDE / Math.max(width, height));
      const canvas = document.createElement("canvas"), paper = canvas.getContext("2d");
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
      paper.imageSmoothingQuality = "high";
      paper.fillStyle = "#fff";
      paper.fillRect(0, 0, SIDE, SIDE);
      paper.drawImage(image, 0, 0, canvas.width, canvas.height);
      for (const quality of [0.82, 0.72, 0.6, 0.45]) {
        const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
        if (blob.size <= BYTES || quality < 0.5) return new File([blob], "photo.jpg", { type: "image/jpeg" });
      }
    } finally {
      URL.revokeObjectURL(image.src);
    }
  }

  // One at a time: each answer brings the token that the next one needs.
  let turn;
  on("htmx:confirm", async (event) => {
    const input = event.target, file = isPhoto(input) && input.files[0];
    if (!file) return;
    event.preventDefault();
    place(input).classList.add("htmx-request");
    // A kind that this browser cannot show, such as HEIC, goes as it is.
    const small = file.size > BYTES && canShrink ? await shrunk(file).catch(() => file) : file, before = turn;
    let end;
    turn = new Promise((done) => end = done);
    await before;
    if (!input.isConnected || input.files[0] !== file) return end();
    const list = new DataTransfer();
    list.items.add(small);
    input.files = list.files;
    input.endTurn = end;
    event.detail.issueRequest(true);
  });
  on("htmx:afterRequest", ({ detail }) => detail.requestConfig.elt.endTurn?.());
  on("htmx:configRequest", ({ target, detail }) => {
    // The others go by themselves.
    if (isPhoto(target)) for (const other of target.form) {
      if (isPhoto(other) && other !== target) delete detail.parameters[other.name];
    }
  });

  on("htmx:xhr:progress", ({ target, detail }) => {
    if (isPhoto(target) && detail.total) place(target).querySelector("progress").value = detail.loaded / detail.total;
  });

  function retry({ target }) {
    if (!isPhoto(target)) return;
    const tries = target.tries = (target.tries ?? 0) + 1;
    if (tries > TRIES) return stop(target);
    place(target).classList.add("waiting");
    target.timer = setTimeout(resend, 1000 * 2 ** Math.min(tries, 4), target);
  }
  function resend(input) {
    clearTimeout(input.timer);
    place(input)?.classList.remove("waiting");
    htmx.trigger(input, "change");
  }
  function stop(input) {
    clearTimeout(input.timer);
    input.tries = 0;
    place(input).classList.remove("waiting", "htmx-request");
  }
  on("htmx:sendError", retry);
  on("htmx:timeout", retry);
  addEventListener("online", () => {
    for (const input of document.querySelectorAll(".waiting input[type=file]")) resend(input);
  });
  on("click", ({ target }) => {
    if (!target.matches?.("[data-cancel]")) return;
    const input = place(target).querySelector("input[type=file]");
    htmx.trigger(input, "htmx:abort");
    stop(input);
    input.value = "";
  });
})();
