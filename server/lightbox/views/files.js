import { NO_METHOD } from "./door.js";
import { el, link } from "./elements.js";
import { t } from "./words.js";

const LETTERS = /[^\p{L}\p{N}._-]+/gu;

export function fileName({ title, prompt, image, mime_type: type }) {
  const words = (title || prompt || image).replace(LETTERS, "-").slice(0, 60).replace(/^[-.]+|[-.]+$/g, "");
  const ending = (type ?? "image/png").replace("image/", "").replace("svg+xml", "svg").replace("jpeg", "jpg");
  return `${words || image}.${ending}`;
}

// Hands a picture's own bytes to the host, which saves them. Gives a link where the host can't, or null.
export async function downloadByHost(door, card, follow) {
  const address = card.link ?? card.image_url;
  if (door.can.downloadFile) {
    try {
      const done = await door.request("ui/download-file", { contents: [await contentOf(door, card)] });
      if (!done.isError) return null;
    } catch (error) {
      if (error.code !== NO_METHOD && !address) throw error;
    }
  }
  if (address) return link(address, t("full_picture"), follow);
  return el("span", {}, card.path ?? card.image);
}

async function contentOf(door, card) {
  const uri = `lightbox://images/${card.image}`;
  if (door.can.serverResources) {
    const { contents = [] } = await door.request("resources/read", { uri });
    if (contents[0]?.blob) return { type: "resource", resource: { ...contents[0], uri: `file:///${fileName(card)}` } };
  }
  return { type: "resource_link", uri: card.link ?? uri, name: fileName(card), mimeType: card.mime_type ?? undefined };
}
