import { Door, LOST, Refusal } from "./door.js";

// The browser: JSON-RPC by `POST rpc` to the server that gave the page.
export class BrowserDoor extends Door {
  can = { serverTools: {}, serverResources: {} };

  async open() {
    this.context = { locale: navigator.language };
    this.tell("context", this.context);
  }

  async request(method, params) {
    const reply = await this.#post({ jsonrpc: "2.0", id: this.next++, method, params });
    if (!reply.ask) return this.#read(reply);
    const agreed = await this.tell("ask", reply.ask.message);
    return this.request("lightbox/answer", { id: reply.ask.id, action: agreed ? "accept" : "decline" });
  }

  #read({ result, error }) {
    if (error) throw new Refusal(String(error.message ?? ""), error.code);
    return result ?? {};
  }

  async #post(message) {
    try {
      const response = await fetch("rpc", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(message),
      });
      return await response.json();
    } catch {
      throw new Refusal("", LOST);
    }
  }
}
