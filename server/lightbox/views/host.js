import { button, debounced, el } from "./elements.js";
import { speak, t } from "./words.js";

const SETTLED = 60;
const NOTICED = 1;
const THEMES = ["light", "dark"];

// Follows the host in its looks, its language and its insets.
export function dress(context) {
  const root = document.documentElement;
  const { theme, styles, safeAreaInsets: insets, displayMode, containerDimensions: box } = context;
  if (THEMES.includes(theme)) root.dataset.theme = theme;
  for (const [name, value] of Object.entries(styles?.variables ?? {})) {
    if (name.startsWith("--") && value) root.style.setProperty(name, value);
  }
  if (styles?.css?.fonts) fonts(styles.css.fonts);
  for (const [side, value] of Object.entries(insets ?? {})) root.style.setProperty(`--inset-${side}`, `${value}px`);
  root.dataset.mode = displayMode ?? "inline";
  root.classList.toggle("fills", Boolean(box && "height" in box));
  speak(context.locale ?? navigator.language);
}

function fonts(rules) {
  const style = document.getElementById("fonts") ?? document.head.appendChild(el("style", { id: "fonts" }));
  if (style.textContent !== rules) style.textContent = rules;
}

// Tells the host how high the page is: once it has settled, and only when that has changed. The width is the host's.
export function tellSize(door) {
  let told = 0;
  const tell = debounced(() => {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    if (Math.abs(height - told) <= NOTICED) return;
    told = height;
    door.notify("ui/notifications/size-changed", { height });
  }, SETTLED);
  new ResizeObserver(tell).observe(document.body);
}

// The host's modes: a button that asks for the full screen, and back.
export class Modes {
  constructor(door) {
    this.door = door;
  }

  get full() {
    return this.door.context.displayMode === "fullscreen";
  }

  // Follows the host where it has changed the mode: the button says so, and a full screen has room for all pictures.
  show() {
    for (const old of document.querySelectorAll("[data-action=fullscreen]")) {
      const focused = document.activeElement === old;
      const now = this.button();
      if (!now) continue;
      old.replaceWith(now);
      if (focused) now.focus();
    }
    if (this.full) document.querySelector(".more")?.click();
  }

  button() {
    if (!this.door.context.availableDisplayModes?.includes(this.full ? "inline" : "fullscreen")) return null;
    return button(null, () => this.#ask(), {
      symbol: this.full ? "close" : "expand",
      quiet: true,
      "aria-label": t("full_screen"),
      "aria-pressed": String(this.full),
      "data-action": "fullscreen",
      "data-key": "fullscreen",
    });
  }

  async #ask() {
    try {
      const { mode } = await this.door.request("ui/request-display-mode", { mode: this.full ? "inline" : "fullscreen" });
      this.door.context = { ...this.door.context, displayMode: mode };
      this.door.tell("context", this.door.context);
    } catch {
      // the host keeps its mode
    }
  }
}
