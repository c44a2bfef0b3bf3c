import { answerView, outcome, pickedBar, readAnswer } from "./answer.js";
import { button, el } from "./elements.js";
import { Picks } from "./picks.js";
import { pictureView } from "./picture.js";
import { Prices } from "./price.js";
import { Shelf } from "./shelf.js";
import { Stage } from "./stage.js";
import { speak, t } from "./words.js";

// All parts of the page, and what they do together. Each place in which it is shown has its own form of this.
export class Gallery {
  constructor(door) {
    this.door = door;
    this.ending = new AbortController();
    this.stage = new Stage(document.getElementById("gallery"));
    this.prices = new Prices(door);
    this.shelf = new Shelf(door, error => this.failed(error));
    door.on.context = context => this.#context(context);
  }

  async start() {
    await this.door.open();
    if (this.shelf.able) this.refreshed();
    document.documentElement.dataset.ready = "true";
  }

  // What the place says of itself: its language, and in a chat its looks.
  adopt(context) {
    speak(context.locale);
  }

  open(card, siblings) {
    this.stage.push(signal => pictureView(this, card, siblings, signal));
  }

  pickedBar(signal) {
    return pickedBar(this, signal);
  }

  // Uses a tool and shows what it answers.
  async run(tool, args) {
    const answer = readAnswer(this, await this.door.call(tool, args), tool, args);
    this.stage.push(signal => answerView(this, answer, signal));
    if (answer.status !== "running") this.finished(answer);
  }

  // Uses a tool and waits for its answer.
  async make(tool, args) {
    const first = readAnswer(this, await this.door.call(tool, args), tool, args);
    const answer = first.status === "running" ? await outcome(this, first, this.ending.signal) : first;
    this.refreshed();
    return { ...answer, text: answer.analysis ?? answer.text };
  }

  finished(answer) {
    this.model?.came(answer);
    this.refreshed();
  }

  async refreshed() {
    await this.prices.refresh();
    this.budgeted?.();
  }

  // Uses a tool for something that can be done without; null where it failed.
  async tryCall(tool, args) {
    try {
      const result = await this.door.call(tool, args);
      this.lost?.remove();
      return result;
    } catch (error) {
      this.failed(error);
      return null;
    }
  }

  // Says once that something failed; what is shown stays.
  failed(error) {
    this.lost?.remove();
    const words = error.code === "tool" ? error.message : t("lost");
    const again = button(t("again"), () => this.retry(), { "data-action": "again" });
    this.lost = el("div.lost", { role: "alert", "data-testid": "lost" }, el("p", {}, words), again);
    this.stage.main.before(this.lost);
  }

  retry() {
    this.lost.remove();
    this.shelf.retry();
    this.refreshed();
    this.reload?.();
  }

  close() {
    this.ending.abort();
    this.stage.close();
  }

  // Lets pictures be picked.
  choose() {
    this.picks = new Picks();
    this.picks.watch(null, (images, picked) => this.model?.pick(picked));
  }

  #context(context) {
    const before = document.documentElement.lang;
    this.adopt(context);
    if (before !== document.documentElement.lang) this.stage.again();
  }
}
