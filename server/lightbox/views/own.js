import { readAnswer } from "./answer.js";
import { button, choice, debounced, el } from "./elements.js";
import { tileGrid } from "./tiles.js";
import { t } from "./words.js";

const ORIGINS = ["made", "found", "given", "all"];
const ON_A_PAGE = 48;

// All own pictures, newest first, by pages.
export function picturesView(gallery, signal) {
  const asked = { origin: "made", query: "", page: 1 };
  const shown = el("div", { "data-testid": "own", "aria-live": "polite" });
  const pager = el("nav.row.pager", { "aria-label": t("pages") });
  const look = async () => {
    const { query, ...rest } = asked;
    const args = { ...rest, count: ON_A_PAGE, ...(query && { query }) };
    const answer = await gallery.tryCall("list_images", args);
    if (!answer || signal.aborted) return;
    const { pictures, found, page, pages } = readAnswer(gallery, answer, "list_images", args);
    shown.replaceChildren(pictures.length ? tileGrid(gallery, plain(pictures), signal) : el("p.quiet-line", {}, t("no_pictures")));
    pager.replaceChildren(...paging(page ?? asked.page, pages ?? Math.ceil((found ?? 0) / ON_A_PAGE), turned));
  };
  const turned = page => ((asked.page = page), look());
  const change = changed => (Object.assign(asked, { page: 1 }, changed), look());
  const origins = ORIGINS.map(one => [one, one === "all" ? t("all") : t(`${one}_origin`)]);
  const search = el("input", {
    type: "search",
    placeholder: t("find_own"),
    "aria-label": t("find_own"),
    on: { input: debounced(() => change({ query: search.value.trim() })) },
  });
  look();
  return el("section.own", {}, [
    el("h2.unseen", { tabindex: "-1", "data-focus": true }, t("pictures")),
    el("div.row.filters", {}, search, choice(t("what_shows"), origins, "made", origin => change({ origin }))),
    shown,
    gallery.pickedBar(signal),
    pager,
  ]);
}

// Places in a list of all pictures say nothing: there are no numbers.
function plain(pictures) {
  return pictures.map(card => ({ ...card, number: null }));
}

function paging(page, pages, turn) {
  if (pages < 2) return [];
  return [
    button(t("previous_page"), () => turn(page - 1), { symbol: "previous", disabled: page <= 1 }),
    el("span", {}, t("page_of", { page, pages })),
    button(t("next_page"), () => turn(page + 1), { symbol: "next", disabled: page >= pages }),
  ];
}
