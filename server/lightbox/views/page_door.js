import { Door, NO_METHOD, Refusal } from "./door.js";

// No server: what there is to show stands in the page.
export class PageDoor extends Door {
  async open() {
    this.context = { locale: navigator.language };
    this.data = JSON.parse(document.getElementById("lightbox-data").textContent);
    this.tell("context", this.context);
  }

  async request() {
    throw new Refusal("", NO_METHOD);
  }
}
