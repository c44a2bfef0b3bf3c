// What is shown: views on a stack. The newest is on stage; those below wait with all that was typed into them.
export class Stage {
  views = [];

  constructor(main) {
    this.main = main;
    main.addEventListener("keydown", event => {
      if (event.key !== "Escape" || event.defaultPrevented || this.views.length < 2) return;
      event.preventDefault();
      this.back();
    });
  }

  // Shows one view in place of all; what had the focus keeps it where it is still there.
  root(build) {
    const focused = this.main.contains(document.activeElement) && document.activeElement.dataset.key;
    for (const view of this.views) view.ending.abort();
    this.views = [];
    this.#add(build);
    if (focused) this.main.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  push(build) {
    const top = this.views.at(-1);
    if (top) Object.assign(top, { focused: document.activeElement, scrolled: scrollY });
    this.#add(build);
    this.#focus(this.main);
    scrollTo(0, 0);
  }

  // Shows a view in place of the newest.
  replace(build) {
    this.views.pop()?.ending.abort();
    this.#add(build);
    this.#focus(this.main);
  }

  back() {
    this.views.pop().ending.abort();
    const { node, focused, scrolled } = this.views.at(-1);
    this.main.replaceChildren(node);
    scrollTo(0, scrolled ?? 0);
    if (focused?.isConnected) focused.focus({ preventScroll: true });
    else this.#focus(node);
  }

  // Builds all views anew: the language has changed.
  again() {
    const builds = this.views.map(view => view.build);
    for (const view of this.views) view.ending.abort();
    this.views = [];
    for (const build of builds) this.#add(build);
  }

  close() {
    for (const view of this.views) view.ending.abort();
  }

  get deep() {
    return this.views.length > 1;
  }

  #add(build) {
    const view = { build, ending: new AbortController() };
    this.views.push(view);
    view.node = build(view.ending.signal);
    this.main.replaceChildren(view.node);
  }

  #focus(node) {
    node.querySelector("[data-focus]")?.focus({ preventScroll: true });
  }
}
