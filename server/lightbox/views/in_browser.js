import { BrowserDoor } from "./browser_door.js";
import { button, el } from "./elements.js";
import { fileName } from "./files.js";
import { Gallery } from "./gallery.js";
import { jobsView } from "./jobs.js";
import { picturesView } from "./own.js";
import { worded } from "./price.js";
import { spendingView } from "./spending.js";
import { t } from "./words.js";

const ROOMS = { pictures: picturesView, jobs: jobsView, spending: spendingView };

// The gallery in the browser: all own pictures, the jobs, and what was spent.
class OwnGallery extends Gallery {
  constructor(door) {
    super(door);
    door.on.ask = message => this.#consent(message);
    this.choose();
  }

  async start() {
    await super.start();
    this.buttons = Object.keys(ROOMS).map(name => button(t(name), () => this.#go(name), { "data-room": name }));
    this.budget = el("p.meta.budget", { "data-testid": "budget" });
    const rooms = el("nav", { "aria-label": "Lightbox" }, this.buttons);
    this.stage.main.before(el("header.top", {}, el("h1", {}, "Lightbox"), rooms, this.budget));
    const wanted = location.hash.slice(1);
    this.#go(wanted in ROOMS ? wanted : "pictures");
  }

  budgeted() {
    const left = this.prices.left();
    this.budget.textContent = left ? t("budget_left", worded(left)) : "";
  }

  // Lists again what could not be listed; a picture that is open stays as it is.
  reload() {
    if (!this.stage.deep) this.stage.again();
  }

  // The page itself has the bytes, and gives them to the browser.
  async download(card) {
    const { contents } = await this.door.request("resources/read", { uri: `lightbox://images/${card.image}` });
    const { mimeType, blob } = contents[0];
    const href = `data:${mimeType};base64,${blob}`;
    el("a", { href, download: fileName({ ...card, mime_type: mimeType }) }).click();
    return null;
  }

  #go(name) {
    for (const one of this.buttons) one.ariaCurrent = one.dataset.room === name ? "page" : null;
    history.replaceState(null, "", `#${name}`);
    this.stage.root(signal => ROOMS[name](this, signal));
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

await new OwnGallery(new BrowserDoor()).start();
