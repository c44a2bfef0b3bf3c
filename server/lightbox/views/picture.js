import { actionRow } from "./actions.js";
import { comparison } from "./compare.js";
import { button, el, icon, image, link } from "./elements.js";
import { nameOf } from "./tiles.js";
import { costOf, dimensions, kilobytes, moment, named, t } from "./words.js";

// One picture, large: what it is, where it came from, what came of it, and what can be done with it.
export function pictureView(gallery, card, siblings, signal) {
  const canvas = new Canvas(gallery, card);
  const facts = el("dl.facts-list");
  const family = el("div.family");
  const title = el("h2", { tabindex: "-1", "data-focus": true, "data-testid": "picture-title" }, nameOf(card));
  const node = el("article.picture", { "data-testid": "picture", on: { keydown: event => turn(event) } }, [
    el("header.bar", {}, gallery.stage.deep && backButton(gallery), title, ...neighbours(gallery, card, siblings), gallery.modes?.button()),
    el("div.sides", {}, [
      el("div.seen", {}, canvas.node, family),
      el("div.known", {}, actionRow(gallery, [card.image], { canvas }), facts),
    ]),
  ]);
  const told = new Map();
  const changed = (part, known, make) => {
    const text = JSON.stringify(known);
    // what has not changed stays, so that neither a click nor the focus on it is lost
    if (told.get(part) !== text) part.replaceChildren(...make());
    told.set(part, text);
  };
  gallery.shelf.watch(card.image, node, signal, () => {
    const now = { ...card, ...gallery.shelf.get(card.image), thumbnail: null };
    title.textContent = nameOf(now);
    if (canvas.lacking && gallery.shelf.source(card.image)) canvas.load();
    changed(facts, now, () => factRows(gallery, now));
    changed(family, [now.parent, now.children], () => relatives(gallery, now, canvas, signal));
  });
  gallery.shelf.want(card.image);
  const turn = event => {
    const way = { ArrowLeft: "previous", ArrowRight: "next" }[event.key];
    if (way && event.target.matches("h2, button, article")) node.querySelector(`[data-action="${way}"]`)?.click();
  };
  return node;
}

export function backButton(gallery) {
  const attributes = { symbol: "back", quiet: true, "aria-label": t("back"), "data-action": "back" };
  return button(t("back"), () => gallery.stage.back(), attributes);
}

// The picture itself; a brush may lie on it, or a comparison take its place.
class Canvas {
  over = null;

  constructor(gallery, card) {
    Object.assign(this, { shelf: gallery.shelf, card });
    this.node = el("div.canvas");
    this.#put(this.shelf.source(card.image));
    this.load();
  }

  // Fetches the picture as large as it is shown here.
  load() {
    const { image: handle } = this.card;
    this.ready = this.shelf.large(handle).then(source => {
      this.#put(source, this.shelf.missing.get(handle) ?? t("gone"));
      this.lacking = !source;
      return this.shown.decode?.().then(() => this.shown);
    });
  }

  // Puts a brush on the picture, or a comparison in its place; null takes it away.
  lay(over, instead = false) {
    this.over = over;
    this.node.replaceChildren(...[!instead && this.shown, over].filter(Boolean));
  }

  #put(source, missing) {
    const nothing = el("span.empty", {}, icon(missing ? "gone" : "picture"), missing && el("small", {}, missing));
    this.shown = source ? image(source, nameOf(this.card)) : nothing;
    if (!this.over) this.lay(null);
  }
}

function neighbours(gallery, card, siblings) {
  const here = siblings.findIndex(one => one.image === card.image);
  const to = (name, other) => {
    const go = () => gallery.stage.replace(signal => pictureView(gallery, other, siblings, signal));
    const attributes = { symbol: name, quiet: true, "aria-label": t(name), "data-action": name, disabled: !other };
    return button(null, go, attributes);
  };
  return siblings.length > 1 && here >= 0 ? [to("previous", siblings[here - 1]), to("next", siblings[here + 1])] : [];
}

function factRows(gallery, card) {
  const follow = gallery.follow;
  const size = [dimensions(card), card.mime_type?.replace("image/", "").toUpperCase(), kilobytes(card.bytes)];
  const rows = [
    ["prompt", card.prompt && card.prompt !== nameOf(card) && el("span.clamped", {}, card.prompt)],
    ["revised", card.revised_prompt && el("span.clamped", {}, card.revised_prompt)],
    ["size", size.filter(Boolean).join(" · ")],
    ["price", costOf(card.cost)],
    ["made_with", card.origin === "made" && ([card.model ?? "", card.provider].filter(Boolean).join(" · ") || t("transformed_here"))],
    ["what_shows", card.state && card.state !== "ok" && named(card.state, "state_")],
    ["page", card.page_url && link(card.page_url, host(card.page_url), follow)],
    ["source", card.image_url && link(card.image_url, host(card.image_url), follow)],
    ["full_picture", !gallery.shelf.able && card.link && link(card.link, card.link.split("/").pop(), follow)],
    ["notes", card.note],
    ["collection", card.collections?.join(", ")],
    ["created", moment(card.created_at)],
    ["handle", card.image.startsWith("img_") && el("code", {}, card.image)],
  ];
  return rows.filter(([, value]) => value).map(([name, value]) => el("div", {}, el("dt", {}, t(name)), el("dd", {}, value)));
}

function host(address) {
  try {
    return new URL(address).host;
  } catch {
    return address;
  }
}

// What the picture was made from and what was made from it, and a slider between it and its parent.
function relatives(gallery, card, canvas, signal) {
  const { parent, children = [] } = card;
  if (!parent && !children.length) return [];
  const strip = (name, handles) =>
    handles.length > 0 && el("div", {}, el("h3", {}, t(name)), el("ul.strip", {}, handles.map(one => relative(gallery, one, signal))));
  return [parent && comparing(gallery, card, canvas), strip("made_from", parent ? [parent] : []), strip("edits", children)].filter(Boolean);
}

function comparing(gallery, card, canvas) {
  const toggle = button(
    t("before_after"),
    async () => {
      const on = toggle.getAttribute("aria-pressed") !== "true";
      toggle.setAttribute("aria-pressed", String(on));
      if (!on) return canvas.lay(null);
      const [before, after] = [await gallery.shelf.large(card.parent), await gallery.shelf.large(card.image)];
      if (before && after) canvas.lay(comparison(before, after), true);
    },
    { symbol: "similar", "aria-pressed": "false", "data-action": "compare" },
  );
  return el("div.row", {}, toggle);
}

function relative(gallery, handle, signal) {
  const opener = button(null, () => gallery.open(gallery.shelf.get(handle), []), { class: "open", "data-key": handle });
  const node = el("li", {}, opener);
  gallery.shelf.watch(handle, node, signal, () => {
    const source = gallery.shelf.source(handle);
    opener.replaceChildren(source ? image(source) : el("span.empty", {}, icon("picture")));
    opener.setAttribute("aria-label", nameOf(gallery.shelf.get(handle)));
  });
  gallery.shelf.want(handle);
  return node;
}
