// Photos on a phone: each is made smaller before it is sent, shows how far it is, and is sent again when the line drops.
// Without this script the original is sent and made smaller by the server.
(() => {
  const SIDE = 1600, BYTES = 300e3, TRIES = 6;
  const isPhoto = (element) => element.matches?.("input[type=file][hx-post]");
  const place = (input) => input.closest(".photo");

  // The buttons that send photos by hand are for browsers in which they do not go by themselves.
  document.documentElement.classList.toggle("at-once", "htmx" in window);

  // A browser that does not turn pictures upright by itself must not lose the turn that stands in the file.
  const canShrink = CSS.supports("image-orientation", "from-image");

  async function shrunk(file) {
    const image = new Image();
    image.src = URL.createObjectURL(file);
    try {
      await image.decode();
      const scale = Math.min(1, SIDE / Math.max(image.naturalWidth, image.naturalHeight));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(image.naturalWidth * scale);
      canvas.height = Math.round(image.naturalHeight * scale);
      const paper = canvas.getContext("2d");
      paper.imageSmoothingQuality = "high";
      paper.fillStyle = "#fff";
      paper.fillRect(0, 0, canvas.width, canvas.height);
      paper.drawImage(image, 0, 0, canvas.width, canvas.height);
      for (const quality of [0.82, 0.72, 0.6, 0.45]) {
        const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
        if (blob.size <= BYTES || quality < 0.5) return new File([blob], "photo.jpg", { type: "image/jpeg" });
      }
    } finally {
      URL.revokeObjectURL(image.src);
    }
  }

  document.addEventListener("htmx:confirm", async (event) => {
    const input = event.target, file = isPhoto(input) && input.files[0];
    if (!file || file.size <= BYTES || !canShrink) return;
    event.preventDefault();
    place(input).classList.add("htmx-request");
    try {
      const list = new DataTransfer();
      list.items.add(await shrunk(file));
      input.files = list.files;
    } catch { /* a kind that this browser cannot show, such as HEIC: the original goes */ }
    event.detail.issueRequest(true);
  });

  document.addEventListener("htmx:xhr:progress", ({ target, detail }) => {
    if (isPhoto(target) && detail.total) place(target).querySelector("progress").value = detail.loaded / detail.total;
  });

  const again = new WeakMap(); // input → [tries, timer]
  function retry({ target }) {
    if (!isPhoto(target)) return;
    const tries = (again.get(target)?.[0] ?? 0) + 1;
    if (tries > TRIES) return stop(target);
    place(target).classList.add("waiting");
    again.set(target, [tries, setTimeout(() => resend(target), 1000 * 2 ** Math.min(tries, 4))]);
  }
  function resend(input) {
    clearTimeout(again.get(input)?.[1]);
    place(input)?.classList.remove("waiting");
    htmx.trigger(input, "change");
  }
  function stop(input) {
    clearTimeout(again.get(input)?.[1]);
    again.delete(input);
    place(input).classList.remove("waiting", "htmx-request");
  }
  document.addEventListener("htmx:sendError", retry);
  document.addEventListener("htmx:timeout", retry);
  addEventListener("online", () => {
    for (const input of document.querySelectorAll(".waiting input[type=file]")) resend(input);
  });
  document.addEventListener("click", ({ target }) => {
    if (!target.matches?.("[data-cancel]")) return;
    const input = place(target).querySelector("input[type=file]");
    htmx.trigger(input, "htmx:abort");
    stop(input);
    input.value = "";
  });
})();
