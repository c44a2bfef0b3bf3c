import { Door, LOST, NO_METHOD, Refusal } from "./door.js";

const PROTOCOL = "2026-01-26";
const LIFETIME = 120_000;
const PREFIX = "ui/notifications/";
const TOLD = ["tool-input", "tool-input-partial", "tool-result", "tool-cancelled"];

// MCP Apps: JSON-RPC with the host that holds the page in a frame.
export class AppDoor extends Door {
  waiting = new Map();
  closed = false;

  async open() {
    addEventListener("message", event => event.source === parent && this.#receive(event.data));
    const told = await this.request("ui/initialize", {
      appInfo: { name: "lightbox", title: "Lightbox", version: document.documentElement.dataset.version },
      appCapabilities: { availableDisplayModes: ["inline", "fullscreen"] },
      protocolVersion: PROTOCOL,
    });
    this.can = told.hostCapabilities ?? {};
    this.context = told.hostContext ?? {};
    this.tell("context", this.context);
    this.notify(PREFIX + "initialized");
  }

  request(method, params, lifetime = LIFETIME) {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(id);
        reject(new Refusal("", LOST));
      }, lifetime);
      this.waiting.set(id, { resolve, reject, timer });
      this.#post({ id, method, params });
    });
  }

  notify(method, params = {}) {
    this.#post({ method, params });
  }

  #post(message) {
    if (this.closed) return;
    // the host's origin is not known beforehand, and nothing here is secret from whoever holds the frame
    parent.postMessage({ jsonrpc: "2.0", ...message }, "*");
  }

  #receive(message) {
    if (message?.jsonrpc !== "2.0") return;
    if (message.method && message.id !== undefined) this.#answer(message);
    else if (message.method) this.#noted(message);
    else this.#settle(message);
  }

  #settle({ id, result, error }) {
    const wait = this.waiting.get(id);
    if (!wait) return;
    this.waiting.delete(id);
    clearTimeout(wait.timer);
    if (error) wait.reject(new Refusal(String(error.message ?? ""), error.code));
    else wait.resolve(result ?? {});
  }

  #noted({ method, params = {} }) {
    if (method === PREFIX + "host-context-changed") {
      this.context = { ...this.context, ...params };
      this.tell("context", this.context);
    }
    const event = TOLD.find(name => method === PREFIX + name);
    if (event) this.tell(event, params);
  }

  async #answer({ id, method }) {
    const ends = method === "ui/resource-teardown";
    if (ends) await this.tell("teardown");
    if (ends || method === "ping") this.#post({ id, result: {} });
    else this.#post({ id, error: { code: NO_METHOD, message: `${method} is not known here.` } });
    this.closed ||= ends;
  }
}
