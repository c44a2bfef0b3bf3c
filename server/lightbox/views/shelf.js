import { isUnknown } from "./door.js";
import { pause } from "./elements.js";

const KEY = "lightbox/gallery";
const SMALL = 320;
const LARGE = 1024;
const AT_ONCE = 6;
const BATCHES = 2; // one slow picture holds up only its own
const GATHER = 40;
const TRIES = 3;

// What is known of pictures, by handle, and their thumbnails, which are asked for a few at a time when they are seen.
export class Shelf {
  cards = new Map();
  small = new Map();
  big = new Map();
  missing = new Map();
  watchers = new Map();
  queue = new Map();
  busy = 0;
  blind = false; // the host lets no page ask for pictures

  constructor(door, lost) {
    this.door = door;
    this.lost = lost;
    this.seen = new IntersectionObserver(entries => entries.forEach(entry => this.#appeared(entry)), {
      rootMargin: "200px",
    });
  }

  get able() {
    return Boolean(this.door.can.serverTools);
  }

  put({ thumbnail, ...card }) {
    const known = this.cards.get(card.image) ?? {};
    const told = Object.entries(card).filter(([, value]) => value !== null && value !== undefined);
    this.cards.set(card.image, { ...known, ...Object.fromEntries(told) });
    if (thumbnail) this.show(card.image, thumbnail);
    if (card.parent) this.#born(card.parent, card.image);
    return this.cards.get(card.image);
  }

  get(handle) {
    return this.cards.get(handle) ?? { image: handle };
  }

  show(handle, source) {
    this.small.set(handle, source);
    this.missing.delete(handle);
    this.#tell(handle);
  }

  preview(handle, source) {
    this.big.set(handle, source);
    if (!this.small.has(handle)) this.show(handle, source);
  }

  source(handle) {
    return this.small.get(handle) ?? this.big.get(handle);
  }

  // Calls `act` now and whenever something becomes known of a picture; the picture is asked for once `node` is seen.
  watch(handle, node, signal, act) {
    const watchers = this.watchers.get(handle) ?? new Set();
    this.watchers.set(handle, watchers.add(act));
    node.dataset.image = handle;
    if (this.able) this.seen.observe(node);
    signal.addEventListener("abort", () => {
      watchers.delete(act);
      this.seen.unobserve(node);
    });
    act();
  }

  // Gives a picture large enough to be looked at; a smaller one where there is none.
  async large(handle) {
    if (!this.big.has(handle) && this.able && !this.blind) {
      await this.#ask([handle], LARGE, (card, source) => this.big.set(card.image, source));
    }
    return this.big.get(handle) ?? this.source(handle);
  }

  // Asks again for what could not be had, once the server is back.
  retry() {
    const gone = [...this.missing.keys()];
    this.missing.clear();
    for (const handle of gone) this.want(handle);
  }

  want(handle, tries = 0) {
    if (!this.able || this.blind || this.small.has(handle) || this.queue.has(handle) || this.missing.has(handle)) return;
    this.queue.set(handle, tries);
    this.#work();
  }

  // Tells a parent that is known here of its child.
  #born(parent, child) {
    const card = this.cards.get(parent);
    if (!card || card.children?.includes(child)) return;
    card.children = [...(card.children ?? []), child];
    this.#tell(parent);
  }

  #appeared({ isIntersecting, target }) {
    if (isIntersecting) this.want(target.dataset.image);
  }

  async #work() {
    if (this.busy >= BATCHES) return;
    this.busy++;
    await pause(GATHER);
    while (this.queue.size) {
      const batch = [...this.queue].slice(0, AT_ONCE);
      for (const [handle] of batch) this.queue.delete(handle);
      await this.#fetch(new Map(batch));
    }
    this.busy--;
  }

  async #fetch(batch) {
    const more = await this.#ask([...batch.keys()], SMALL, (card, source) => this.show(card.image, source));
    for (const handle of more) {
      this.missing.delete(handle);
      if (batch.get(handle) < TRIES) this.want(handle, batch.get(handle) + 1);
    }
  }

  // Tells of each picture that came; gives those to ask for again.
  async #ask(images, side, came) {
    try {
      const { pictures = [], missing = [], more = [] } = galleryOf(
        await this.door.call("gallery_pictures", { images, side }),
      );
      for (const { image, reason } of missing) this.missing.set(image, reason);
      for (const { thumbnail, ...card } of pictures) {
        this.put(card);
        if (thumbnail) came(card, thumbnail);
      }
      images.forEach(handle => this.#tell(handle));
      return more;
    } catch (error) {
      for (const image of images) this.missing.set(image, error.message);
      images.forEach(handle => this.#tell(handle));
      if (isUnknown(error)) this.blind = true;
      else this.lost(error);
      return [];
    }
  }

  #tell(handle) {
    for (const act of this.watchers.get(handle) ?? []) act();
  }
}

export function galleryOf(result) {
  return result._meta?.[KEY] ?? {};
}
