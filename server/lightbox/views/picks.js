// What the person picked, by handle, with its number in the answer.
export class Picks {
  picked = new Map();
  watchers = new Set();

  has(image) {
    return this.picked.has(image);
  }

  set(card, picked) {
    if (picked) this.picked.set(card.image, card.number);
    else this.picked.delete(card.image);
    this.#tell();
  }

  clear() {
    this.picked.clear();
    for (const box of document.querySelectorAll(".pick input")) box.checked = false;
    this.#tell();
  }

  watch(signal, act) {
    const told = () => act([...this.picked.keys()], this.picked);
    this.watchers.add(told);
    signal?.addEventListener("abort", () => this.watchers.delete(told));
    told();
  }

  #tell() {
    for (const told of this.watchers) told();
  }
}
