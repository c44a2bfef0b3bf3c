import { button, el } from "./elements.js";
import { t } from "./words.js";

const STEP = 12;
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const MARK = "rgb(255 90 40)";

// A brush on a picture: what it touches may change. Its strokes are kept as points, in px of the picture as it is shown.
export class Brush {
  strokes = [];
  size = 64;
  down = false;

  constructor(picture, changed) {
    Object.assign(this, { picture, changed });
    const { naturalWidth: width, naturalHeight: height } = picture;
    this.at = [width / 2, height / 2];
    this.canvas = el("canvas.brush", {
      width,
      height,
      tabindex: "0",
      role: "application",
      "aria-label": t("brush"),
      "aria-description": t("brush_help"),
      "data-testid": "brush",
      on: {
        pointerdown: event => this.#begin(event),
        pointermove: event => this.#follow(event),
        pointerup: () => this.#end(),
        pointercancel: () => this.#end(),
        keydown: event => this.#key(event),
        blur: () => this.#draw(),
        focus: () => this.#draw(),
      },
    });
    this.tools = this.#tools();
  }

  // Gives the mask as the tools take it: a PNG that is transparent where the picture may change. Null: no stroke yet.
  mask() {
    if (!this.strokes.length) return null;
    const mask = el("canvas", { width: this.canvas.width, height: this.canvas.height });
    const pen = mask.getContext("2d");
    pen.fillRect(0, 0, mask.width, mask.height);
    pen.globalCompositeOperation = "destination-out";
    for (const stroke of this.strokes) paint(pen, stroke);
    return mask.toDataURL("image/png");
  }

  #tools() {
    const size = el("input", {
      type: "range",
      min: "8",
      max: "240",
      value: String(this.size),
      "aria-label": t("brush_size"),
      on: { input: () => (this.size = Number(size.value)) },
    });
    const back = count => () => {
      this.strokes.splice(-count, count);
      this.#draw();
      this.changed();
    };
    return el("div.row", {}, [
      el("label.field.range", {}, el("span", {}, t("brush_size")), size),
      button(t("undo"), back(1)),
      button(t("clear"), back(Infinity)),
    ]);
  }

  #point(event) {
    const box = this.canvas.getBoundingClientRect();
    const scale = this.canvas.width / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  }

  #begin(event) {
    event.preventDefault();
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    this.#start(this.#point(event));
  }

  #follow(event) {
    if (!this.canvas.hasPointerCapture(event.pointerId)) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) this.strokes.at(-1).points.push(this.#point(one));
    this.#draw();
  }

  #start(point) {
    this.down = true;
    this.at = point;
    this.strokes.push({ size: this.size, points: [point] });
    this.#draw();
  }

  #end() {
    if (this.down) this.changed();
    this.down = false;
    this.#draw();
  }

  #key(event) {
    if (event.key === " ") {
      event.preventDefault();
      return this.down ? this.#end() : this.#start([...this.at]);
    }
    const way = WAYS[event.key];
    if (!way) return;
    event.preventDefault();
    const step = event.shiftKey ? STEP * 4 : STEP;
    const inside = (value, most) => Math.min(most, Math.max(0, value));
    const { width, height } = this.canvas;
    this.at = [inside(this.at[0] + way[0] * step, width), inside(this.at[1] + way[1] * step, height)];
    if (this.down) this.strokes.at(-1).points.push(this.at);
    this.#draw();
  }

  #draw() {
    const pen = this.canvas.getContext("2d");
    pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    pen.strokeStyle = pen.fillStyle = MARK;
    for (const stroke of this.strokes) paint(pen, stroke);
    if (this.canvas.matches(":focus-visible")) ring(pen, this.at, this.size);
  }
}

function paint(pen, { size, points }) {
  pen.lineCap = pen.lineJoin = "round";
  pen.lineWidth = size;
  pen.beginPath();
  pen.moveTo(...points[0]);
  // a stroke of one point is a dot
  for (const point of points.length > 1 ? points.slice(1) : points) pen.lineTo(...point);
  pen.stroke();
}

function ring(pen, [x, y], size) {
  pen.lineWidth = 3;
  for (const [colour, radius] of [["#000", size / 2 + 3], ["#fff", size / 2]]) {
    pen.strokeStyle = colour;
    pen.beginPath();
    pen.arc(x, y, radius, 0, 7);
    pen.stroke();
  }
}
