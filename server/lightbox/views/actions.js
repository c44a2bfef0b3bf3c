import { Brush } from "./brush.js";
import { button, choice, el, field, link, say } from "./elements.js";
import { PaidButton } from "./price.js";
import { t } from "./words.js";

const RATIOS = ["square", "16:9", "4:3", "3:2", "3:4", "9:16"];
const FORMATS = ["png", "jpeg", "webp", "avif"];
const MOST_EDITED = 16;
const MOST_SAVED = 24;

// What can be done with pictures: a row of buttons, each of which opens its form below.
export function actionRow(gallery, images, { canvas, only } = {}) {
  const place = el("div.panel", { "data-testid": "panel" });
  const buttons = offered(gallery, images).filter(([name]) => !only || only.includes(name)).map(([name, make]) => {
    const opener = button(t(name), () => toggle(opener, () => make({ gallery, images, canvas, place })), {
      symbol: name,
      "data-action": name,
      "aria-expanded": "false",
    });
    return opener;
  });
  const toggle = (opener, make) => {
    const open = opener.getAttribute("aria-expanded") === "true";
    for (const other of buttons) other.setAttribute("aria-expanded", "false");
    canvas?.lay(null);
    place.replaceChildren();
    if (open) return;
    opener.setAttribute("aria-expanded", "true");
    place.append(...[make()].flat());
    place.querySelector("textarea, input, select, button")?.focus();
  };
  place.addEventListener("keydown", event => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    const opener = buttons.find(one => one.getAttribute("aria-expanded") === "true");
    toggle(opener);
    opener.focus();
  });
  return buttons.length ? el("div.actions", {}, el("div.row", {}, buttons), place) : null;
}

function offered({ door, shelf }, images) {
  const one = images.length === 1;
  return [
    shelf.able && images.length <= MOST_EDITED && ["edit", editForm],
    shelf.able && one && ["similar", similarForm],
    shelf.able && images.length <= MOST_EDITED && ["describe", describeForm],
    shelf.able && images.length <= MOST_SAVED && ["transform", transformForm],
    shelf.able && images.length <= MOST_SAVED && ["save", saveForm],
    one && shelf.able && ["download", downloadForm],
    door.sends && ["ask", askForm],
  ].filter(Boolean);
}

function area(attributes = {}) {
  return el("textarea", { rows: "2", ...attributes });
}

// Puts a form together; what goes wrong is said in it.
function form(name, ...children) {
  const said = el("p.note", { role: "alert" });
  const node = el("form", { "aria-label": t(name), on: { submit: event => event.preventDefault() } }, children, said);
  const attempt = async act => {
    said.textContent = "";
    try {
      return await act();
    } catch (error) {
      said.textContent = error.code === "tool" ? error.message : t("lost");
    }
  };
  return { node, attempt };
}

function paid(parts, name, { tool, args, act, label = name }) {
  const pay = new PaidButton(parts.gallery.prices, { label: t(label), tool, args, act: given => attempt(() => act(given)) });
  const { node, attempt } = form(name);
  node.prepend(pay.node);
  node.addEventListener("input", () => pay.refresh());
  pay.refresh();
  return { node, pay, put: (...fields) => node.prepend(...fields.flat()) };
}

function similarForm(parts) {
  const about = area({ maxlength: "2000" });
  const args = () => ({ image: parts.images[0], ...(about.value.trim() && { about: about.value.trim() }) });
  const { node, put } = paid(parts, "similar", {
    tool: "find_similar_images",
    args,
    act: given => parts.gallery.run("find_similar_images", given),
  });
  put(field(t("similar_about"), about));
  return node;
}

function describeForm(parts) {
  const question = area({ maxlength: "8000" });
  const told = el("div.told", { role: "status" });
  const asked = () => question.value.trim();
  const { node, put } = paid(parts, "describe", {
    tool: "describe_images",
    args: () => ({ images: parts.images, ...(asked() && { question: asked() }) }),
    act: async given => {
      const { text } = await parts.gallery.make("describe_images", given);
      told.replaceChildren(el("p.prose", { "data-testid": "description" }, text));
    },
  });
  put(field(t("question"), question));
  return [node, told];
}

function editForm(parts) {
  const words = area({ maxlength: "32000", "data-testid": "edit-words" });
  const where = el("input", { type: "text", maxlength: "500" });
  const options = { size: "auto", quality: "auto", count: "1" };
  let brush = null;
  const args = () => {
    const prompt = words.value.trim();
    const mask = brush?.mask();
    return prompt && editArguments(parts.images, prompt, options, mask, where.value.trim());
  };
  const made = paid(parts, "edit", { tool: "edit_image", args, act: given => parts.gallery.run("edit_image", given) });
  const changed = name => value => {
    options[name] = value;
    made.pay.refresh();
  };
  const tools = el("div");
  const painting = button(t("brush"), () => paint(), { symbol: "edit", "aria-pressed": "false", "data-action": "brush" });
  const paint = async () => {
    const picture = await parts.canvas.ready;
    if (!picture) return;
    brush = brush ? null : new Brush(picture, () => made.pay.refresh());
    painting.setAttribute("aria-pressed", String(Boolean(brush)));
    where.disabled = Boolean(brush);
    parts.canvas.lay(brush?.canvas ?? null);
    tools.replaceChildren(...(brush ? [el("p.note", {}, t("brush_help")), brush.tools] : []));
    brush?.canvas.focus({ preventScroll: true });
    made.pay.refresh();
  };
  made.put(field(t("edit_words"), words), parts.canvas && el("div.row", {}, painting), tools, details(where, changed));
  return made.node;
}

function details(where, changed) {
  const quality = ["auto", "low", "medium", "high"].map(value => [value, t(value)]);
  const size = [["auto", t("auto")], ...["1:1", "4:3", "3:2", "16:9", "9:16"].map(ratio => [ratio, ratio])];
  return el("details", {}, [
    el("summary", {}, t("more_options")),
    field(t("area"), where, t("area_hint")),
    el("div.row", {}, [
      choice(t("size"), size, "auto", changed("size")),
      choice(t("quality"), quality, "auto", changed("quality")),
      choice(t("count"), ["1", "2", "3", "4"].map(count => [count, count]), "1", changed("count")),
    ]),
  ]);
}

function editArguments(images, prompt, { size, quality, count }, mask, where) {
  return {
    images,
    prompt,
    ...(mask ? { mask } : where && { area: where }),
    ...(size !== "auto" && { size }),
    ...(quality !== "auto" && { quality }),
    ...(count !== "1" && { count: Number(count) }),
  };
}

function transformForm(parts) {
  const wanted = {};
  const size = el("input", { type: "text", placeholder: "1200x800", maxlength: "40" });
  const set = name => value => (wanted[name] = value);
  const none = ["", t("as_it_is")];
  const { node, attempt } = form("transform");
  const go = free("transform", async () => {
    const asked = { ...wanted, size: size.value.trim(), rotate: Number(wanted.rotate) };
    const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value));
    await attempt(() => parts.gallery.run("transform_image", { images: parts.images, ...given }));
  });
  node.prepend(
    el("div.row", {}, [
      choice(t("crop"), [none, ...RATIOS.map(ratio => [ratio, ratio === "square" ? t("square") : ratio])], "", set("crop")),
      choice(t("rotate"), [none, ...["90", "180", "270"].map(turn => [turn, `${turn}°`])], "", set("rotate")),
      choice(t("flip"), [none, ["horizontal", t("horizontal")], ["vertical", t("vertical")]], "", set("flip")),
      choice(t("format"), [none, ...FORMATS.map(one => [one, one.toUpperCase()])], "", set("format")),
      field(t("size"), size),
    ]),
    go,
  );
  return node;
}

function saveForm(parts) {
  const folder = el("input", { type: "text", value: "saved", maxlength: "400" });
  const { node, attempt } = form("save");
  const told = el("div.note", { role: "status", "data-testid": "saved" });
  const go = free("save", () =>
    attempt(async () => {
      const { structuredContent: kept } = await parts.gallery.door.call("save_images", {
        images: parts.images,
        folder: folder.value.trim() || "saved",
      });
      told.replaceChildren(...(kept?.saved ?? []).map(one => savedLine(parts.gallery, one)));
    }),
  );
  node.prepend(field(t("collection"), folder), go, told);
  return node;
}

function savedLine(gallery, { image, path, link: address, problem }) {
  if (problem) return el("p.wrong", {}, `${image}: ${problem}`);
  return el("p", {}, address ? link(address, image, gallery.follow) : t("saved", { where: path ?? image }));
}

function free(name, act) {
  const go = button(t(name), async () => {
    go.disabled = true;
    await act();
    go.disabled = false;
  }, { class: "primary", "data-action": `${name}-now` });
  go.append(el("small", {}, t("free")));
  return el("div.pay", {}, go);
}

function downloadForm(parts) {
  const { node, attempt } = form("download");
  const told = el("p.note", { role: "status" });
  node.prepend(told);
  told.textContent = t("reading");
  attempt(async () => {
    const done = await parts.gallery.download(parts.gallery.shelf.get(parts.images[0]));
    told.replaceChildren(done ?? t("downloaded"));
  }).then(() => told.textContent === t("reading") && told.replaceChildren());
  return node;
}

function askForm(parts) {
  const words = area({ maxlength: "4000", "data-testid": "ask-words" });
  const { node, attempt } = form("ask");
  const told = el("p.note", { role: "status" });
  const send = button(t("send"), () => attempt(async () => {
    if (!words.value.trim()) return words.focus();
    const sent = await parts.gallery.model.ask(words.value.trim(), parts.images);
    told.textContent = sent ? t("asked") : t("ask_refused", { handles: parts.images.join(", ") });
    say(told.textContent);
  }), { class: "primary", "data-action": "ask-now" });
  node.prepend(field(t("ask_label"), words), el("div.pay", {}, send), told);
  return node;
}
