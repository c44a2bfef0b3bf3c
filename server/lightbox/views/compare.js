import { el, image } from "./elements.js";
import { t } from "./words.js";

// Two pictures on each other, and a slider that moves the edge between them.
export function comparison(before, after) {
  const range = el("input", {
    type: "range",
    min: "0",
    max: "100",
    value: "50",
    "aria-label": t("slider"),
    "data-testid": "compare",
    on: { input: () => place() },
  });
  const node = el(
    "div.compare",
    {},
    image(before, t("before")),
    el("div.after", {}, image(after, t("after"))),
    el("span.mark", { "aria-hidden": "true" }, t("before")),
    el("span.mark", { "aria-hidden": "true" }, t("after")),
    el("span.edge", { "aria-hidden": "true" }),
    range,
  );
  const place = () => node.style.setProperty("--at", `${range.value}%`);
  place();
  return node;
}
