import { actionRow } from "./actions.js";
import { button, el, say } from "./elements.js";
import { textOf } from "./door.js";
import { backButton, pictureView } from "./picture.js";
import { Progress, follow } from "./running.js";
import { galleryOf } from "./shelf.js";
import { tileGrid } from "./tiles.js";
import { costOf, money, named, t } from "./words.js";

const HANDLE = /\bimg_[0-9A-Za-z]{10}\b/g;
const RUNNING = /^Still running: (job_[0-9A-Za-z]{12})\b/;
const FENCE = /<\/?untrusted[^>]*>\n?/g;
const TILE = 168;
const ROWS = 2;

// Reads what a tool answered: what is meant for this page, or else what can be told from the text.
export function readAnswer(gallery, result, tool, args) {
  const told = galleryOf(result);
  const text = textOf(result).replace(FENCE, "");
  const pictures = told.pictures ?? fallback(result, text);
  const answer = { status: "completed", tool, arguments: args, notes: [], queries: [], ...told, pictures, text };
  const running = !told.status && RUNNING.exec(text);
  if (running) Object.assign(answer, { status: "running", job_id: running[1] });
  if (result.isError) answer.status = "failed";
  const blocks = (result.content ?? []).filter(block => block.type === "image");
  pictures.forEach((card, index) => {
    gallery.shelf.put(card);
    const block = told.pictures && blocks[index];
    if (block) gallery.shelf.preview(card.image, `data:${block.mimeType};base64,${block.data}`);
  });
  for (const image of told.more ?? []) pictures.push(gallery.shelf.put({ image }));
  return answer;
}

// A host may pass on only one half of an answer.
function fallback({ structuredContent }, text) {
  const hits = structuredContent?.hits ?? [...new Set(text.match(HANDLE))].map(image => ({ image }));
  return hits.map((hit, index) => ({ ...hit, cost: null, number: hits.length > 1 ? index + 1 : null }));
}

export function wordsOf({ tool, queries, arguments: args = {} }) {
  const said = args?.query ?? args?.prompt ?? args?.about ?? args?.question ?? args?.title ?? queries?.[0];
  return String(said ?? named(tool));
}

// Shows an answer: pictures, one picture, work that goes on, or in one line that there is nothing.
export function answerView(gallery, answer, signal) {
  if (answer.status === "running" && answer.job_id) return runningView(gallery, answer, signal);
  if (answer.status === "failed") return quiet(gallery, answer.text || t("failed"), "failed");
  const pictures = answer.pictures.filter(card => card.origin !== "sheet" || answer.pictures.length === 1);
  if (pictures.length === 1) return single(gallery, answer, pictures[0], signal);
  if (!pictures.length) return quiet(gallery, answer.analysis || t("nothing"), "nothing");
  return many(gallery, answer, pictures, signal);
}

function quiet(gallery, text, kind) {
  return el("section.quiet-line", { "data-testid": kind }, gallery.stage.deep && backButton(gallery), el("p", { tabindex: "-1", "data-focus": true }, text));
}

function single(gallery, answer, card, signal) {
  const node = pictureView(gallery, card, [], signal);
  node.append(...asides(answer));
  return node;
}

function many(gallery, answer, pictures, signal) {
  const sheet = answer.pictures.find(card => card.origin === "sheet");
  const facts = [
    answer.found > pictures.length && t("found", { shown: pictures.length, found: answer.found }),
    answer.pages > 1 && t("page_of", answer),
    costText(answer.cost),
  ];
  return el("section.answer", { "data-testid": "answer" }, [
    el("header.bar", {}, [
      gallery.stage.deep && backButton(gallery),
      el("h2", { tabindex: "-1", "data-focus": true }, wordsOf(answer)),
      sheet && button(t("contact_sheet"), () => gallery.open(sheet, []), { quiet: true, symbol: "picture" }),
      gallery.modes?.button(),
    ]),
    el("p.meta", {}, facts.filter(Boolean).join(" · ")),
    tileGrid(gallery, pictures, signal, { limit: gallery.short ? shown(gallery, pictures) : Infinity }),
    gallery.pickedBar(signal),
    ...asides(answer),
  ]);
}

// In a chat a page takes little room at first: some rows, unless only a few pictures more are to come.
function shown(gallery, pictures) {
  const columns = Math.max(2, Math.floor(gallery.stage.main.clientWidth / TILE));
  return pictures.length <= columns * ROWS + 2 ? Infinity : columns * ROWS;
}

export function costText(cost) {
  if (!cost) return null;
  if (cost.basis === "cached") return t("cached");
  const { billed: amount, estimate, currency, basis } = cost;
  if (amount !== null && amount !== undefined) return costOf({ amount, currency, estimated: basis === "estimate" });
  return estimate && `${t("estimate")} ${money(estimate, currency)}`;
}

function asides({ analysis, notes = [] }) {
  const aside = (name, children) => el("details", {}, el("summary", {}, t(name)), children);
  return [
    analysis && aside("analysis", el("p.prose", {}, analysis)),
    notes.length > 0 && aside("notes", el("ul", {}, notes.map(note => el("li", {}, note)))),
  ].filter(Boolean);
}

// What was picked, and what can be done with all of it at once.
export function pickedBar(gallery, signal) {
  if (!gallery.picks) return null;
  const place = el("div.picked", { hidden: true, role: "group", "data-testid": "picked" });
  gallery.picks.watch(signal, images => {
    place.hidden = !images.length;
    place.setAttribute("aria-label", t("picked", { count: images.length }));
    const clear = button(t("clear"), () => gallery.picks.clear(), { quiet: true, symbol: "close", "data-action": "clear" });
    const head = el("div.row", {}, el("strong", {}, t("picked", { count: images.length })), clear);
    place.replaceChildren(...(images.length ? [head, actionRow(gallery, images)] : []).filter(Boolean));
  });
  return place;
}

function runningView(gallery, answer, signal) {
  const stop = async progress => {
    try {
      await gallery.door.call("get_job", { job_id: answer.job_id, cancel: true, wait_seconds: 0 });
    } catch (error) {
      progress.note.textContent = error.code === "tool" ? error.message : t("lost");
    }
  };
  const progress = new Progress(wordsOf(answer), signal, gallery.shelf.able && stop);
  progress.tell(answer);
  if (gallery.shelf.able) wait(gallery, answer, signal, progress);
  return progress.node;
}

// Puts the result in the place of the progress, and the focus with it.
async function wait(gallery, answer, signal, progress) {
  const done = await outcome(gallery, answer, signal, told => progress.tell(told));
  if (!done || signal.aborted) return;
  const focused = progress.node.contains(document.activeElement);
  const view = answerView(gallery, done, signal);
  progress.node.replaceWith(view);
  if (focused) view.querySelector("[data-focus]")?.focus();
  say(t(done.status));
  gallery.finished(done);
}

// Waits for a job, and gives its answer; one that failed says why.
export async function outcome(gallery, answer, signal, told = () => {}) {
  try {
    const result = await follow(gallery, answer.job_id, signal, told);
    return result && readAnswer(gallery, result, answer.tool, answer.arguments);
  } catch (error) {
    return { ...answer, status: "failed", text: error.message, pictures: [] };
  }
}
