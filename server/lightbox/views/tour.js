import { costText } from "./answer.js";
import { comparison } from "./compare.js";
import { el, image } from "./elements.js";
import { tileGrid } from "./tiles.js";
import { named, seconds, t } from "./words.js";

const MOSAIC = 12;

// A tour: each call, what was asked, and what came.
export function tourView(gallery, { title, intro, facts = [], steps = [] }, signal) {
  const pictures = steps.flatMap(step => step.gallery?.pictures ?? []);
  pictures.forEach(card => gallery.shelf.put(card));
  return el("div.tour", {}, [
    el("header.hero", {}, [
      el("div.mosaic", { "aria-hidden": "true" }, pictures.slice(0, MOSAIC).map(card => image(card.thumbnail))),
      el("h1", { tabindex: "-1", "data-focus": true }, title),
      el("p", {}, intro),
      el("dl", {}, facts.map(([value, what]) => el("div", {}, el("dt", {}, what), el("dd", {}, value)))),
    ]),
    el("div.halls", {}, [
      el("nav", { "aria-label": t("steps") }, el("ol", {}, steps.map(entry))),
      el("div", {}, steps.map((step, index) => stepView(gallery, step, index + 1, signal))),
    ]),
  ]);
}

function entry(step, index) {
  return el("li", {}, el("a", { href: `#step-${index + 1}` }, titleOf(step), " ", el("code", {}, step.tool)));
}

function titleOf(step) {
  return step.title || named(step.tool);
}

function stepView(gallery, step, number, signal) {
  const facts = [step.cost ?? costText(step.gallery?.cost), seconds(step.seconds ?? 0)].filter(Boolean).join(" · ");
  const kind = step.failed ? ".failed" : step.refused ? ".refused" : "";
  return el(`section.step${kind}`, { id: `step-${number}`, "data-testid": "step" }, [
    el("header", {}, el("span.number", { "aria-hidden": "true" }, String(number)), el("h2", {}, titleOf(step)), el("p", {}, step.why)),
    el("div.asked", {}, el("h3", {}, t("asked_for"), " ", el("code", {}, step.tool)), argumentRows(step.arguments)),
    el("div.came", {}, [
      el("p.meta", {}, facts),
      cameOf(gallery, step, signal),
      (step.tables ?? []).map(tableOf),
      step.messages?.length > 0 && el("ol.messages.meta", {}, step.messages.map(message => el("li", {}, message))),
      step.text && rawText(step),
    ]),
  ]);
}

function argumentRows(given) {
  const rows = Object.entries(given ?? {}).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, written(value))));
  return el("dl.arguments", {}, rows);
}

function written(value) {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every(one => typeof one === "string")) return value.join(", ");
  return JSON.stringify(value);
}

// Two pictures of an edit lie on each other; its other pictures stand below.
function cameOf(gallery, step, signal) {
  const pictures = step.gallery?.pictures ?? [];
  const [before, after] = beforeAndAfter(gallery, step, pictures);
  if (before && after) {
    return [comparison(before, after), tileGrid(gallery, pictures, signal)];
  }
  return pictures.length > 0 && tileGrid(gallery, pictures, signal);
}

function beforeAndAfter({ shelf }, step, pictures) {
  if (step.compare) return pictures.slice(0, 2).map(card => card.thumbnail);
  return pictures.length === 1 && pictures[0].parent ? [shelf.source(pictures[0].parent), pictures[0].thumbnail] : [];
}

function tableOf({ title, amounts = [], columns, rows, source }) {
  return el("div.figures", {}, [
    title && el("h3", {}, title),
    amounts.length > 0 && el("dl.row", {}, amounts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))),
    rows.length > 0 && el("div.wide", { tabindex: "0", role: "region", "aria-label": title ?? t("raw_text") }, el("table", {}, [
      el("thead", {}, el("tr", {}, columns.map(name => el("th", { scope: "col" }, name)))),
      el("tbody", {}, rows.map(cells => el("tr", {}, cells.map(cell => el("td", {}, cell))))),
    ])),
    source && el("p.meta", {}, source),
  ]);
}

function rawText(step) {
  const open = step.failed || step.refused || !(step.gallery?.pictures?.length || step.tables?.length);
  return el("details", { open }, [
    el("summary", {}, t("raw_text")),
    el("pre", { tabindex: "0" }, step.text),
    (step.blocks ?? []).map(block => el("p.meta", {}, block)),
    step.data && el("pre", { tabindex: "0" }, step.data),
  ]);
}
