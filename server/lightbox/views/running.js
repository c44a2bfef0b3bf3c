import { button, el, icon, image, pause, say } from "./elements.js";
import { galleryOf } from "./shelf.js";
import { seconds, t } from "./words.js";

const EVERY = 2_000;
const SLOWEST = 30_000;
const LISTED = 10;

// Follows a job until it is done, through `told`; gives the tool's result. Null: the view is gone.
export async function follow(gallery, jobId, signal, told) {
  let wait = EVERY;
  while (!signal.aborted) {
    try {
      const job = await jobOf(gallery, jobId);
      if (job?.status !== "running") return await gallery.door.call("get_job", { job_id: jobId, wait_seconds: 0 });
      told({ ...job, lost: false });
      wait = EVERY;
    } catch (error) {
      if (error.code === "tool") throw error;
      // the work goes on: ask again, less and less often
      told({ lost: true });
      wait = Math.min(SLOWEST, wait * 2);
    }
    await pause(wait, signal);
  }
  return null;
}

async function jobOf(gallery, jobId) {
  const { jobs = [] } = galleryOf(await gallery.door.call("gallery_jobs", { job_id: jobId, count: 1 }));
  return jobs[0];
}

// Looks for the job of a call that has not been answered yet, so that its unfinished picture can be shown.
export async function watchFor(gallery, tool, words, signal, told) {
  await pause(EVERY, signal);
  while (!signal.aborted && gallery.shelf.able) {
    try {
      const { jobs = [] } = galleryOf(await gallery.door.call("gallery_jobs", { count: LISTED }));
      const job = jobs.find(one => one.status === "running" && one.tool === tool && one.words === words());
      if (job) told(job);
    } catch {
      // its answer comes anyway
    }
    await pause(EVERY, signal);
  }
}

// Shows that something is being made: what was asked for, how far it is, and the unfinished picture.
export class Progress {
  constructor(words, signal, stop) {
    const began = Date.now();
    this.title = el("h2", { tabindex: "-1", "data-focus": true }, words);
    this.stage = el("span", { "data-testid": "stage" }, t("working"));
    this.clock = el("span.quiet", { "aria-hidden": "true" });
    this.frame = el("div.canvas.painting", {}, icon("picture"));
    this.note = el("p.note", { role: "status" });
    this.stopper = stop && button(t("stop"), () => stop(this), { symbol: "close", "data-action": "stop" });
    this.node = el("section.progress", { "aria-busy": "true", "data-testid": "running" }, [
      this.title,
      this.frame,
      el("div.row", {}, el("p.meta", {}, this.stage, this.clock), this.stopper),
      this.note,
    ]);
    const ticking = setInterval(() => (this.clock.textContent = seconds((Date.now() - began) / 1000)), 1000);
    signal.addEventListener("abort", () => clearInterval(ticking));
  }

  tell({ stage, partial, lost }) {
    this.note.textContent = lost ? t("lost_job") : "";
    if (stage && stage !== this.stage.textContent) {
      this.stage.textContent = stage;
      say(stage);
    }
    if (partial) this.frame.replaceChildren(image(partial, t("partial")));
  }
}
