import { debounced } from "./elements.js";
import { NO_METHOD } from "./door.js";

const MOST_MADE = 12;

// What the model in the chat is told of what happens here: handles and numbers, never words from the web.
export class Model {
  made = [];
  picked = [];
  deaf = false;
  last = "";

  constructor(door) {
    this.door = door;
    this.tell = debounced(() => this.#tell());
  }

  pick(picked) {
    this.picked = [...picked];
    this.tell();
  }

  // Notes pictures that came while nobody in the chat waited for them.
  came({ tool, pictures, job_id: job }) {
    const images = pictures.map(card => card.image).slice(0, MOST_MADE);
    if (!images.length) return;
    this.made.push([tool, "brought", images.join(", "), job && `(${job})`].filter(Boolean).join(" "));
    this.made.splice(0, this.made.length - MOST_MADE);
    this.tell();
  }

  // Asks in the person's name; false where the host takes no messages.
  async ask(words, images) {
    const text = `${words}\n\n(${images.join(", ")})`;
    try {
      const answer = await this.door.request("ui/message", { role: "user", content: [{ type: "text", text }] });
      return !answer.isError;
    } catch {
      return false;
    }
  }

  async #tell() {
    const picked = this.picked.map(([image, number]) => (number ? `number ${number} (${image})` : image));
    const lines = [picked.length && `Picked in the gallery: ${picked.join(", ")}.`];
    lines.push(...this.made.map(line => `From the gallery: ${line}.`));
    const text = lines.filter(Boolean).join("\n");
    if (this.deaf || text === this.last) return;
    this.last = text;
    try {
      await this.door.request("ui/update-model-context", { content: text ? [{ type: "text", text }] : [] });
    } catch (error) {
      this.deaf = error.code === NO_METHOD;
    }
  }
}
