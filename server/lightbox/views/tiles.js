import { button, el, icon, image } from "./elements.js";
import { costOf, dimensions, named, t } from "./words.js";

const ARROWS = { ArrowRight: 1, ArrowLeft: -1 };

export function nameOf(card) {
  return card.title || card.prompt || t("untitled");
}

// A grid of pictures. One of them is in the order of focus; arrows go to the others.
export function tileGrid(gallery, cards, signal, { limit = Infinity, open } = {}) {
  const grid = el("ul.tiles", { "data-testid": "tiles", on: { keydown: event => move(grid, event) } });
  const add = some => grid.append(...some.map(card => tile(gallery, card, cards, signal, open)));
  add(cards.slice(0, limit));
  reachable(grid, grid.firstElementChild);
  if (cards.length <= limit) return grid;
  const more = button(
    t("show_all", { count: cards.length }),
    () => {
      const focused = document.activeElement === more;
      more.remove();
      add(cards.slice(limit));
      if (focused) grid.children[limit].querySelector(".open").focus();
    },
    { class: "more", "data-testid": "show-all" },
  );
  return el("div", {}, grid, more);
}

function tile(gallery, card, cards, signal, open = chosen => gallery.open(chosen, cards)) {
  const known = () => ({ ...gallery.shelf.get(card.image), number: card.number });
  const name = el("span.name");
  const facts = el("span.facts");
  const frame = el("span.frame");
  const opener = button(null, () => open(known()), { class: "open", "data-key": card.image });
  opener.append(frame, el("span.caption", {}, name, facts));
  const node = el("li.tile", { "data-testid": "tile", on: { focusin: () => reachable(node.parentElement, node) } }, [
    opener,
    gallery.picks && picker(gallery, known),
  ]);
  gallery.shelf.watch(card.image, node, signal, () => {
    const now = known();
    frame.replaceChildren(...framed(gallery, now));
    name.textContent = [card.number && `${card.number}.`, nameOf(now)].filter(Boolean).join(" ");
    const made = now.origin === "made";
    const told = [dimensions(now), made && costOf(now.cost)].filter(Boolean).join(" · ");
    facts.replaceChildren(told, ...(made ? [] : stateOf(now)));
  });
  return node;
}

function framed(gallery, card) {
  const source = gallery.shelf.source(card.image);
  const missing = gallery.shelf.missing.get(card.image);
  return [source ? image(source) : el(`span.empty${missing ? ".gone" : ""}`, {}, icon(missing ? "gone" : "picture"))];
}

function stateOf({ state }) {
  if (!state) return [];
  const word = named(state, "state_");
  return [el(`span.state.${state}`, {}, state === "ok" ? [icon("check"), el("span.unseen", {}, word)] : word)];
}

function picker(gallery, known) {
  const box = el("input", {
    type: "checkbox",
    checked: gallery.picks.has(known().image),
    "aria-label": known().number ? t("pick_number", known()) : t("pick", { name: nameOf(known()) }),
    on: { change: () => gallery.picks.set(known(), box.checked) },
  });
  return el("label.pick", {}, box, el("span", {}, icon("check")));
}

function reachable(grid, current) {
  if (!current) return;
  for (const control of grid.querySelectorAll("button, input")) control.tabIndex = current.contains(control) ? 0 : -1;
}

// Moves the focus to the tile that lies there.
function move(grid, event) {
  const tiles = [...grid.children];
  const here = tiles.findIndex(one => one.contains(event.target));
  const columns = getComputedStyle(grid).gridTemplateColumns.split(" ").length;
  const step = { ...ARROWS, ArrowDown: columns, ArrowUp: -columns, Home: -here, End: tiles.length - 1 - here }[event.key];
  const there = step === undefined ? null : tiles[here + step];
  if (!there) return;
  event.preventDefault();
  const kind = event.target.matches("input") ? "input" : ".open";
  there.querySelector(kind)?.focus();
}
