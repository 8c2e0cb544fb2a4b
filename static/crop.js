// What is kept of a portrait: a frame to move and size by pointer or keys; without this script it stays in the middle.
(() => {
  const LEAST = 200, MOVE = 0.02, GROW = 0.05, CORNER = 32, WHOLE = 1e4;
  const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const SIZES = { "+": 1, "=": 1, "-": -1 };
  const frames = new WeakMap(); // svg → left, top, width in pixels of the picture

  const size = (svg) => [svg.viewBox.baseVal.width, svg.viewBox.baseVal.height];

  // Within the picture, three wide and four high, as in photo.py.
  function put(svg, left, top, wanted) {
    const [width, height] = size(svg), photo = svg.closest(".photo"), output = photo.querySelector("output");
    const across = Math.min(width, height * 0.75, Math.max(LEAST, wanted)), down = across * 4 / 3;
    left = Math.min(Math.max(0, left), width - across);
    top = Math.min(Math.max(0, top), height - down);
    frames.set(svg, [left, top, across]);
    const [x, y, w, h] = [left, top, across, down].map(Math.round), mark = w / 8;
    svg.firstElementChild.setAttribute("d", `M0 0H${width}V${height}H0ZM${x} ${y}v${h}h${w}v${-h}Z`);
    svg.lastElementChild.setAttribute("d", `M${x + w} ${y + h - mark}v${mark}h${-mark}`);
    const parts = [(left + across / 2) / width, (top + down / 2) / height, across / width];
    photo.querySelector("[name=frame]").value = parts.map((part) => Math.round(part * WHOLE)).join(" ");
    const said = { w, h, x: Math.round(x / width * 100), y: Math.round(y / height * 100) };
    output.textContent = output.dataset.words.replace(/{(.)}/g, (_all, name) => said[name]);
  }

  function ready() {
    for (const svg of document.querySelectorAll("svg.frame:not([tabindex])")) {
      const [width, height] = size(svg), across = Math.min(width, height * 0.75);
      svg.append(document.createElementNS(svg.namespaceURI, "path"));
      svg.setAttribute("tabindex", 0);
      svg.setAttribute("role", "application");
      document.getElementById("frame-help").hidden = false;
      put(svg, (width - across) / 2, (height - across * 4 / 3) / 2, across);
      svg.onpointerdown = drag;
      svg.onkeydown = steer;
    }
  }

  function drag(event) {
    const svg = event.currentTarget, area = svg.getBoundingClientRect(), [width, height] = size(svg);
    const pixel = width / area.width, [left, top, across] = frames.get(svg);
    const at = ({ clientX, clientY }) => [(clientX - area.left) * pixel, (clientY - area.top) * pixel];
    const from = at(event);
    const isCorner = Math.hypot(left + across - from[0], top + across * 4 / 3 - from[1]) < CORNER * pixel;
    const move = (event) => {
      const [x, y] = at(event);
      if (!isCorner) return put(svg, left + x - from[0], top + y - from[1], across);
      // The opposite corner stays.
      put(svg, left, top, Math.min(Math.max(x - left, (y - top) * 0.75), width - left, (height - top) * 0.75));
    };
    event.preventDefault();
    svg.focus();
    svg.setPointerCapture(event.pointerId);
    svg.onpointermove = move;
    svg.onlostpointercapture = () => { svg.onpointermove = null; };
  }

  function steer(event) {
    const svg = event.currentTarget, [width] = size(svg), [left, top, across] = frames.get(svg);
    const way = WAYS[event.key], grow = way && event.shiftKey ? way[0] - way[1] : SIZES[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || !(way || grow)) return;
    event.preventDefault();
    const by = (grow ?? 0) * GROW * width, [right, down] = grow ? [0, 0] : way;
    put(svg, left + right * MOVE * width - by / 2, top + down * MOVE * width - by * 2 / 3, across + by);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-retake]");
    if (!link) return;
    event.preventDefault();
    const input = document.getElementById(link.hash.slice(1));
    input.focus();
    input.click();
  });
  document.addEventListener("htmx:afterSettle", ready);
  ready();
})();
