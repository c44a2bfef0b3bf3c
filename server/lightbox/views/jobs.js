import { answerView, readAnswer } from "./answer.js";
import { el, icon, image, pause } from "./elements.js";
import { galleryOf } from "./shelf.js";
import { costOf, moment, named, seconds, t } from "./words.js";

const BUSY = 2_000;
const CALM = 10_000;
const COUNT = 30;

// The newest jobs, what running ones are at, and their estimates beside their bills.
export function jobsView(gallery, signal) {
  const list = el("ol.jobs", { "data-testid": "jobs" });
  const node = el("section", {}, el("h2.unseen", { tabindex: "-1", "data-focus": true }, t("jobs")), list);
  const rows = new Map();
  keep(gallery, signal, jobs => {
    const now = jobs.map(job => row(gallery, job, rows, signal));
    list.replaceChildren(...(now.length ? now : [el("li.quiet-line", {}, t("no_jobs"))]));
  });
  return node;
}

// Asks again and again, as often as something is running; not while nobody looks.
async function keep(gallery, signal, show) {
  let last = "";
  while (!signal.aborted) {
    const told = document.hidden ? null : await gallery.tryCall("gallery_jobs", { count: COUNT });
    const { jobs } = told ? galleryOf(told) : {};
    if (jobs && last !== (last = JSON.stringify(jobs)) && !signal.aborted) show(jobs);
    await pause(jobs?.some(job => job.status === "running") ? BUSY : CALM, signal);
  }
}

// Rows that have not changed stay as they are, so that the focus does.
function row(gallery, job, rows, signal) {
  const key = JSON.stringify(job);
  if (rows.get(job.job_id)?.key !== key) rows.set(job.job_id, { key, node: made(gallery, job, signal) });
  return rows.get(job.job_id).node;
}

function made(gallery, job, signal) {
  const state = job.status === "running" ? job.stage || t("running") : job.status === "failed" ? t("failed") : null;
  const facts = [named(job.tool), [...new Set([job.provider, job.model])].filter(Boolean).join(" "), moment(job.created_at), seconds(job.seconds)];
  return el(`li.job.${job.status}`, { "data-testid": "job" }, [
    pictureOf(gallery, job, signal),
    el("div", {}, [
      el("button.words", { type: "button", on: { click: () => open(gallery, job) } }, job.words || named(job.tool)),
      el("p.meta", {}, facts.filter(Boolean).join(" · ")),
      state && el(`p.state.${job.status}`, {}, [state, job.status === "failed" && job.reason].filter(Boolean).join(": ")),
    ]),
    el("dl.amounts", {}, amount("estimate", costOf({ amount: job.estimate, currency: job.currency })), amount("bill", billText(job))),
  ]);
}

function amount(name, text) {
  return el("div", {}, el("dt", {}, t(name)), el("dd", {}, text));
}

function billText({ billed: amount, basis, currency }) {
  if (basis === "cached") return t("cached");
  return basis === "pending" ? t("pending") : costOf({ amount, currency, estimated: basis === "estimate" });
}

function pictureOf(gallery, { partial, images = [] }, signal) {
  const node = el("span.thumb", {}, icon("picture"));
  if (partial) node.replaceChildren(image(partial, t("partial")));
  else if (images.length) {
    gallery.shelf.watch(images[0], node, signal, () => {
      const source = gallery.shelf.source(images[0]);
      if (source) node.replaceChildren(image(source));
    });
  }
  return node;
}

async function open(gallery, job) {
  const result = await gallery.tryCall("get_job", { job_id: job.job_id, wait_seconds: 0 });
  if (result) gallery.stage.push(signal => answerView(gallery, readAnswer(gallery, result, job.tool), signal));
}
