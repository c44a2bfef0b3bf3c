// A door leads to whoever serves the page: `call` uses a tool, `request` asks anything else. What the other side can
// do stands in `can`; what it tells unasked arrives at the functions in `on`.

export class Refusal extends Error {
  constructor(message, code) {
    super(message);
    this.code = code;
  }
}

export const NO_METHOD = -32601;
export const LOST = -32000;
const BAD_PARAMS = -32602;

// Tells whether the other side has no such tool or method, rather than trouble with it.
export function isUnknown({ code }) {
  return code === NO_METHOD || code === BAD_PARAMS;
}

export class Door {
  can = {};
  on = {};
  context = {};
  next = 1;

  // Gives a tool's result; one that failed is thrown as what its text says.
  async call(name, args) {
    const result = await this.request("tools/call", { name, arguments: args });
    if (result?.isError) throw new Refusal(textOf(result), "tool");
    return result ?? {};
  }

  tell(event, ...told) {
    return this.on[event]?.(...told);
  }
}

export function textOf(result) {
  return (result.content ?? []).filter(block => block.type === "text").map(block => block.text).join("\n");
}
