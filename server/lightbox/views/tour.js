import { costText } from "./answer.js";
import { comparison } from "./compare.js";
import { el } from "./elements.js";
import { tileGrid } from "./tiles.js";
import { named, seconds, t } from "./words.js";

// A tour: each call, what was asked, and what came.
export function tourView(gallery, { title, intro, steps = [] }, signal) {
  for (const step of steps) for (const card of step.gallery?.pictures ?? []) gallery.shelf.put(card);
  const entries = steps.map((step, index) =>
    el("li", {}, el("a", { href: `#step-${index + 1}` }, titleOf(step), " ", el("code", {}, step.tool))),
  );
  return el("div.tour", {}, [
    el("header.hero", {}, el("h1", { tabindex: "-1", "data-focus": true }, title), el("p", {}, intro)),
    el("div.halls", {}, [
      el("nav", { "aria-label": t("steps") }, el("ol", {}, entries)),
      el("div", {}, steps.map((step, index) => stepView(gallery, step, index + 1, signal))),
    ]),
  ]);
}

function titleOf(step) {
  return step.title || named(step.tool);
}

function stepView(gallery, step, number, signal) {
  const facts = [step.cost ?? costText(step.gallery?.cost), seconds(step.seconds ?? 0)].filter(Boolean).join(" · ");
  return el(`section.step${step.failed ? ".failed" : ""}`, { id: `step-${number}`, "data-testid": "step" }, [
    el("header", {}, el("span.number", { "aria-hidden": "true" }, String(number)), el("h2", {}, titleOf(step)), el("p", {}, step.why)),
    el("div.asked", {}, el("h3", {}, t("asked_for"), " ", el("code", {}, step.tool)), argumentRows(step.arguments)),
    el("div.came", {}, el("p.meta", {}, facts), cameOf(gallery, step, signal), step.text && rawText(step)),
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

function cameOf(gallery, step, signal) {
  const pictures = step.gallery?.pictures ?? [];
  const [card] = pictures;
  const [before, after] = [card?.parent, card?.image].map(handle => handle && gallery.shelf.source(handle));
  if (pictures.length === 1 && before && after) return comparison(before, after);
  return pictures.length > 0 && tileGrid(gallery, pictures, signal);
}

function rawText(step) {
  const open = step.failed || !step.gallery?.pictures?.length;
  return el("details", { open }, el("summary", {}, t("raw_text")), el("pre", {}, step.text));
}
