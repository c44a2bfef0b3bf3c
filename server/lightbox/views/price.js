import { isUnknown } from "./door.js";
import { button, debounced, el } from "./elements.js";
import { galleryOf } from "./shelf.js";
import { money, t } from "./words.js";


// What calls will cost, as the server estimates them, and what is left of the budget.
export class Prices {
  known = new Map();
  budget = [];

  constructor(door) {
    this.door = door;
  }

  // Gives the estimate of exactly this call. Raises what the server has against it.
  async of(tool, args) {
    const key = JSON.stringify([tool, args]);
    if (!this.known.has(key)) {
      const { structuredContent } = await this.door.call("estimate_cost", { tool, arguments: args });
      this.known.set(key, structuredContent?.calls?.[0] ?? {});
    }
    return this.known.get(key);
  }

  async refresh() {
    this.known.clear();
    try {
      const told = galleryOf(await this.door.call("gallery_spending", { period: "today" }));
      this.budget = told.spending?.budget ?? [];
    } catch {
      this.budget = [];
    }
  }

  // Says what is left of the budget of a currency: the least of its limits.
  left(currency) {
    const limits = this.budget.filter(one => !currency || one.currency === currency);
    return limits.sort((one, other) => one.left - other.left)[0];
  }
}

function priceText({ expected, low, high, currency, reason }) {
  if (expected === null || expected === undefined) return [t("price_unknown"), reason].filter(Boolean).join(": ");
  if (!Number(high ?? expected)) return t("free");
  return low === high ? money(expected, currency) : `${t("about")} ${money(expected, currency)}`;
}

// A button that makes a paid call. Its price stands on it before it can be pressed, and what is left stands beside it.
export class PaidButton {
  priced = null;

  // `args` gives the call's arguments, or null while something is missing; `act` makes the call.
  constructor(prices, { label, tool, args, act }) {
    Object.assign(this, { prices, tool, args, act });
    this.price = el("small", { "data-testid": "price" });
    this.button = button(label, () => this.#press(), { class: "primary", disabled: true, "data-action": tool });
    this.button.append(this.price);
    this.note = el("p.note", { role: "status" });
    this.node = el("div.pay", {}, this.button, this.note);
    this.settled = debounced(() => this.#look());
  }

  // Something about the call has changed.
  refresh() {
    this.priced = null;
    this.button.disabled = true;
    this.price.textContent = this.args() ? t("pricing") : "";
    this.note.textContent = "";
    this.note.classList.remove("wrong");
    this.settled();
  }

  async #look() {
    const args = this.args();
    if (!args) return;
    try {
      this.#show(args, await this.prices.of(this.tool, args));
    } catch (error) {
      this.#refused(args, error);
    }
  }

  #show(args, estimate) {
    if (!this.#current(args)) return;
    this.priced = args;
    this.button.disabled = false;
    this.price.textContent = priceText(estimate);
    const left = this.prices.left(estimate.currency);
    const over = left && Number(estimate.high) > Number(left.left);
    this.note.classList.toggle("wrong", Boolean(over));
    this.note.textContent = [range(estimate), left && t(over ? "budget_over" : "budget_left", worded(left))]
      .filter(Boolean)
      .join(" · ");
  }

  #refused(args, error) {
    if (!this.#current(args)) return;
    this.price.textContent = t("price_unknown");
    // a server without the tool that estimates still refuses what is over its budget
    if (isUnknown(error)) return this.#show(args, {});
    this.note.textContent = error.code === "tool" ? error.message : t("lost");
    this.note.classList.add("wrong");
  }

  #current(args) {
    return JSON.stringify(args) === JSON.stringify(this.args());
  }

  async #press() {
    if (!this.priced) return;
    const args = this.priced;
    this.button.disabled = true;
    this.button.setAttribute("aria-busy", "true");
    try {
      await this.act(args);
    } finally {
      this.button.removeAttribute("aria-busy");
      this.button.disabled = !this.#current(args);
    }
  }
}

function range({ low, high, currency }) {
  const known = Number(high) && low !== high;
  return known ? t("price_range", { low: money(low), high: money(high), currency }) : "";
}

export function worded({ left, limit, currency, period }) {
  return { left: money(left), limit: money(limit), currency, window: t(period) };
}
