// Elements are made here and nowhere else: text is always text, and an address is looked at before it becomes a link.

const NAMESPACE = document.getElementById("icons").namespaceURI;
const SHOWN = /^data:image\/(?:png|jpeg|webp|gif|avif);base64,/;
const REACHED = /^(?:https?:\/\/|[\w-][\w./-]*$)/i; // or a file beside the page
const SET = ["value", "checked", "disabled", "selected", "indeterminate"];

// `el("li.tile", { on: { click } }, "text", child)`: what is null or false is left out.
export function el(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  return filled(document.createElement(tag), classes, attributes, children);
}

export function svg(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  return filled(document.createElementNS(NAMESPACE, tag), classes, attributes, children);
}

function filled(node, classes, attributes, children) {
  node.classList.add(...classes);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
    else if (SET.includes(name)) node[name] = value;
    else if (value === true) node.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.flat(3).filter(child => child !== null && child !== undefined && child !== false));
  return node;
}

export function icon(name) {
  return svg("svg.icon", { "aria-hidden": "true" }, svg("use", { href: `#icon-${name}` }));
}

export function button(label, act, { symbol, quiet, ...attributes } = {}) {
  return el(
    "button",
    { type: "button", class: quiet ? "quiet" : null, on: { click: act }, ...attributes },
    symbol && icon(symbol),
    label && el("span", {}, label),
  );
}

// A picture that stands in the page: hosts let none come from outside.
export function image(source, alternative = "") {
  return el("img", { src: SHOWN.test(source ?? "") ? source : null, alt: alternative, draggable: "false" });
}

// Gives a link, or plain text where the address leads to no page.
export function link(address, text, open) {
  if (!REACHED.test(address ?? "")) return el("span", {}, text);
  const follow = open && (event => (event.preventDefault(), open(address)));
  return el(
    "a",
    { href: address, target: "_blank", rel: "noopener noreferrer", on: follow ? { click: follow } : {} },
    text,
    icon("link"),
  );
}

export function field(label, control, hint) {
  return el("label.field", {}, el("span", {}, label), control, hint && el("small", {}, hint));
}

export function choice(label, options, chosen, act = () => {}) {
  const list = options.map(([value, text]) => el("option", { value, selected: value === chosen }, text));
  return field(label, el("select", { on: { change: event => act(event.target.value) } }, list));
}

// Says something to those who listen to the page.
export function say(text) {
  document.getElementById("said").textContent = text;
}

export function debounced(act, wait = 350) {
  let timer;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...given), wait);
  };
}

export function pause(milliseconds, signal) {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
