import { answerView, readAnswer, wordsOf } from "./answer.js";
import { AppDoor } from "./app_door.js";
import { el } from "./elements.js";
import { downloadByHost } from "./files.js";
import { Gallery } from "./gallery.js";
import { Modes, dress, tellSize } from "./host.js";
import { Model } from "./model.js";
import { Progress, watchFor } from "./running.js";
import { t } from "./words.js";

// The page in a chat: what one tool call brings, as the host tells of it.
class ChatGallery extends Gallery {
  args = {};
  answered = false;

  constructor(door) {
    super(door);
    this.modes = new Modes(door);
    this.model = new Model(door);
    this.follow = address => this.#openLink(address);
    door.sends = true;
    this.#listen(door.on);
    this.stage.main.before(el("header.unseen", {}, el("h1", {}, "Lightbox")));
    this.choose();
  }

  get tool() {
    return this.door.context.toolInfo?.tool?.name ?? "";
  }

  get short() {
    return !this.modes.full;
  }

  async start() {
    await super.start();
    tellSize(this.door);
  }

  adopt(context) {
    dress(context);
    this.modes.show();
  }

  download(card) {
    return downloadByHost(this.door, card, this.follow);
  }

  #listen(on) {
    on["tool-input-partial"] = on["tool-input"] = ({ arguments: given }) => {
      this.args = given ?? {};
      if (this.answered) return;
      if (this.progress) this.progress.title.textContent = this.#words();
      else this.stage.root(signal => this.#waiting(signal));
    };
    on["tool-result"] = result => {
      this.answered = true;
      const answer = readAnswer(this, result, this.tool, this.args);
      this.stage.root(signal => answerView(this, answer, signal));
    };
    on["tool-cancelled"] = () => {
      if (!this.answered) this.stage.root(() => el("p.quiet-line", { "data-testid": "stopped" }, t("stopped")));
    };
    on.teardown = () => this.close();
  }

  #words() {
    return wordsOf({ tool: this.tool, arguments: this.args });
  }

  #waiting(signal) {
    this.progress = new Progress(this.#words(), signal);
    watchFor(this, this.tool, () => this.args.prompt ?? this.args.query, signal, told => this.progress.tell(told));
    return this.progress.node;
  }

  async #openLink(address) {
    try {
      await this.door.request("ui/open-link", { url: address });
    } catch (error) {
      this.failed(error);
    }
  }
}

await new ChatGallery(new AppDoor()).start();
