import { choice, el, svg } from "./elements.js";
import { worded } from "./price.js";
import { galleryOf } from "./shelf.js";
import { money, named, shortDay, t } from "./words.js";

const PERIODS = ["today", "week", "month", "year", "all"];
const HEIGHT = 180;
const DAY = 86_400_000;
const MOST_DAYS = 62;
const WIDEST = 9; // of a day, in per cent of the chart
const GRID = [0.25, 0.5, 0.75, 1];

// What was spent, by day, by model and by tool, beside what was expected; each currency by itself.
export function spendingView(gallery, signal) {
  const shown = el("div", { "data-testid": "spending", "aria-live": "polite" });
  const look = async period => {
    const told = await gallery.tryCall("gallery_spending", { period });
    if (told && !signal.aborted) shown.replaceChildren(...charts(galleryOf(told).spending));
  };
  const periods = PERIODS.map(one => [one, t(`period_${one}`)]);
  look("month");
  return el("section.spending", {}, [
    el("h2.unseen", { tabindex: "-1", "data-focus": true }, t("spending")),
    el("div.row.filters", {}, choice(t("period"), periods, "month", look)),
    shown,
  ]);
}

function charts({ currencies = [], budget = [], since, until } = {}) {
  const spent = currencies.filter(one => one.currency && one.jobs);
  return [
    budget.length > 0 && el("section", {}, el("h3", {}, t("budgets")), budget.map(meter)),
    ...spent.map(one => currencyView(one, since, until)),
    !spent.length && el("p.quiet-line", {}, t("no_spending")),
  ].filter(Boolean);
}

function meter(left) {
  const used = Number(left.spent) + Number(left.reserved);
  const words = t("budget_left", worded(left));
  const share = `${Math.min(100, (used / Number(left.limit)) * 100 || 0)}%`;
  const bar = svg("rect.bar", { x: 0, y: 0, width: share, height: 10, rx: 2 });
  return el("div.meter", {}, el("p.meta", {}, words), svg("svg.line", { height: 10, "aria-hidden": "true" }, bar));
}

function currencyView(sums, since, until) {
  const { currency } = sums;
  const total = (name, amount) => el("div", {}, el("dt", {}, t(name)), el("dd", {}, money(amount, currency)));
  return el("section.currency", { "data-currency": currency }, [
    el("dl.totals", {}, [
      total("billed", sums.billed),
      sums.expected !== null && total("estimate", sums.expected),
      Number(sums.reserved) > 0 && total("reserved", sums.reserved),
    ]),
    sums.by_day.length > 0 && el("figure", {}, el("figcaption", {}, t("by_day"), legend()), dayChart(sums, since, until)),
    bars("by_model", sums.by_model, one => one.model || one.provider, currency),
    bars("by_tool", sums.by_tool, one => named(one.tool), currency),
  ]);
}

function legend() {
  return el("span.legend", { "aria-hidden": "true" }, el("i.bar"), t("bill"), el("i.tick"), t("estimate"));
}

// A bar for each day, and a mark where the estimates stood; days without a job have their place too.
function dayChart({ by_day: told, currency }, since, until) {
  const days = everyDay(told, since, until);
  const most = Math.max(...days.map(day => Math.max(Number(day.billed), Number(day.expected ?? 0)))) || 1;
  const width = Math.min(100 / days.length, WIDEST);
  const y = amount => HEIGHT - (Number(amount) / most) * (HEIGHT - 8);
  const marks = days.map((day, index) => {
    const x = (share, text = index * width + width * share) => `${text}%`;
    const words = `${shortDay(day.day)}: ${t("over_estimate", { billed: money(day.billed, currency), expected: money(day.expected, currency) })}`;
    return svg("g.day", {}, [
      svg("title", {}, words),
      svg("rect.hover", { x: `${index * width}%`, y: 0, width: `${width}%`, height: HEIGHT }),
      svg("rect.bar", { x: x(0.18), y: y(day.billed), width: `${width * 0.64}%`, height: HEIGHT - y(day.billed), rx: 2 }),
      Number(day.expected) > 0 && svg("line.tick", { x1: x(0.08), x2: x(0.92), y1: y(day.expected), y2: y(day.expected) }),
    ]);
  });
  const lines = GRID.map(share => svg("line.grid", { x1: 0, x2: "100%", y1: y(most * share), y2: y(most * share) }));
  const chart = svg("svg.chart", { role: "img", height: HEIGHT, "aria-label": t("by_day") }, lines, marks);
  const labelled = days.length * width < 99 ? days.slice(0, 1) : [days[0], days[Math.floor(days.length / 2)], days.at(-1)];
  return [
    el("p.most", { "aria-hidden": "true" }, money(most, currency)),
    chart,
    el("p.axis", { "aria-hidden": "true" }, labelled.map(day => el("span", {}, shortDay(day.day)))),
    table(told, day => shortDay(day.day), currency),
  ];
}

function everyDay(told, since, until) {
  const byDay = new Map(told.map(day => [day.day, day]));
  const first = Math.max(Date.parse(since), Date.parse(told[0].day));
  const last = Math.min(Date.parse(until), Date.parse(told.at(-1).day) + DAY * 3);
  const days = [];
  for (let at = first; at <= last && days.length < MOST_DAYS; at += DAY) {
    const day = new Date(at).toISOString().slice(0, 10);
    days.push(byDay.get(day) ?? { day, billed: "0", expected: null });
  }
  return days.length > 1 && days.length < MOST_DAYS ? days : told;
}

// The same figures for those who don't see the chart.
function table(rows, name, currency) {
  const cells = row => [el("th", { scope: "row" }, name(row)), el("td", {}, money(row.billed, currency)), el("td", {}, money(row.expected, currency))];
  return el("table.unseen", {}, [
    el("thead", {}, el("tr", {}, ["older", "bill", "estimate"].map(head => el("th", { scope: "col" }, t(head))))),
    el("tbody", {}, rows.map(row => el("tr", {}, cells(row)))),
  ]);
}

function bars(title, rows, name, currency) {
  const most = Math.max(...rows.map(row => Math.max(Number(row.billed), Number(row.expected ?? 0)))) || 1;
  const share = amount => `${(Number(amount ?? 0) / most) * 100}%`;
  const line = row =>
    el("li", {}, [
      el("span.name", {}, name(row), el("small", {}, `× ${row.jobs}`)),
      el("span.amount", {}, money(row.billed, currency), row.expected !== null && el("small", {}, t("of_expected", { amount: money(row.expected) }))),
      svg("svg.line", { height: 10, "aria-hidden": "true" }, [
        svg("rect.bar", { x: 0, y: 1, width: share(row.billed), height: 8, rx: 2 }),
        Number(row.expected) > 0 && svg("line.tick", { x1: share(row.expected), x2: share(row.expected), y1: 0, y2: 10 }),
      ]),
    ]);
  return el("section", {}, el("h3", {}, t(title)), el("ul.bars", {}, rows.map(line)));
}
