import { Gallery } from "./gallery.js";
import { PageDoor } from "./page_door.js";
import { tourView } from "./tour.js";

// A page without a server: a tour that was made earlier.
const gallery = new Gallery(new PageDoor());
await gallery.start();
gallery.stage.root(signal => tourView(gallery, gallery.door.data, signal));
