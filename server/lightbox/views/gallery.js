import { AppDoor } from "./app_door.js";
import { BrowserDoor } from "./browser_door.js";
import { PageDoor } from "./page_door.js";

const doors = { app: AppDoor, browser: BrowserDoor, page: PageDoor };
const door = new doors[document.documentElement.dataset.door]();
const main = document.getElementById("gallery");
door.on["tool-result"] = result => {
  const pictures = result._meta?.["lightbox/gallery"]?.pictures ?? [];
  main.textContent = pictures.map(picture => picture.image).join(" ");
};
await door.open();
