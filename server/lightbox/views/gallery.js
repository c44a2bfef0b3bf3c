import { answerView, outcome, pickedBar, readAnswer } from "./answer.js";
import { AppDoor } from "./app_door.js";
import { BrowserDoor } from "./browser_door.js";
import { Modes, follow, openChat, tellSize } from "./chat.js";
import { LOST } from "./door.js";
import { button, el } from "./elements.js";
import { downloadByHost, downloadHere } from "./files.js";
import { Model } from "./model.js";
import { openOwn } from "./own.js";
import { PageDoor } from "./page_door.js";
import { Picks } from "./picks.js";
import { pictureView } from "./picture.js";
import { Prices } from "./price.js";
import { Shelf } from "./shelf.js";
import { Stage } from "./stage.js";
import { openTour } from "./tour.js";
import { speak, t } from "./words.js";

const DOORS = { app: AppDoor, browser: BrowserDoor, page: PageDoor };

// All parts of the page, and what they do together.
class Gallery {
  constructor(kind, main) {
    this.kind = kind;
    this.door = new DOORS[kind]();
    this.ending = new AbortController();
    this.stage = new Stage(main);
    this.prices = new Prices(this.door);
    this.shelf = new Shelf(this.door, error => this.failed(error));
    this.door.on.context = context => this.#context(context);
    this.door.on.ask = message => this.#consent(message);
    this.follow = kind === "app" ? address => this.#openLink(address) : null;
    if (kind === "app") this.#inChat();
  }

  get short() {
    return this.kind === "app" && !this.modes?.full;
  }

  async start() {
    if (this.kind === "app") openChat(this);
    await this.door.open();
    if (this.kind !== "page") this.#choosing();
    if (this.kind === "app") tellSize(this.door);
    if (this.shelf.able) this.refreshed();
    if (this.kind === "browser") openOwn(this);
    if (this.kind === "page") openTour(this, this.door.data);
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
    const again = button(t("again"), () => {
      this.lost.remove();
      this.shelf.retry();
      this.stage.again();
    }, { "data-action": "again" });
    const words = error.code === LOST || !error.message ? t("lost") : error.message;
    this.lost = el("div.lost", { role: "alert", "data-testid": "lost" }, el("p", {}, words), again);
    this.stage.main.before(this.lost);
  }

  async download(card) {
    if (this.kind === "app") return downloadByHost(this.door, card, this.follow);
    return downloadHere(this.door, card);
  }

  close() {
    this.ending.abort();
    this.stage.close();
  }

  #inChat() {
    this.modes = new Modes(this.door);
    this.model = new Model(this.door);
    this.door.sends = true;
  }

  #choosing() {
    this.picks = new Picks();
    this.picks.watch(null, (_, picked) => picked.size + (this.model?.picked.length ?? 0) && this.model?.pick(picked));
  }

  #context(context) {
    const before = document.documentElement.lang + document.documentElement.dataset.mode;
    if (this.kind === "app") follow(context);
    else speak(context.locale);
    if (before !== document.documentElement.lang + document.documentElement.dataset.mode) this.stage.again();
  }

  async #openLink(address) {
    try {
      await this.door.request("ui/open-link", { url: address });
    } catch (error) {
      this.failed(error);
    }
  }

  // Puts the server's question to the person.
  #consent(message) {
    return new Promise(resolve => {
      const before = document.activeElement;
      const done = agreed => {
        dialog.close();
        dialog.remove();
        before?.focus();
        resolve(agreed);
      };
      const dialog = el("dialog", { "aria-label": t("confirm"), "data-testid": "consent", on: { cancel: () => done(false) } }, [
        el("p", {}, message),
        el("div.row", {}, [
          button(t("confirm"), () => done(true), { class: "primary", "data-action": "accept" }),
          button(t("decline"), () => done(false), { "data-action": "decline" }),
        ]),
      ]);
      document.body.append(dialog);
      dialog.showModal();
    });
  }
}

const gallery = new Gallery(document.documentElement.dataset.door, document.getElementById("gallery"));
await gallery.start();
document.documentElement.dataset.ready = "true";
