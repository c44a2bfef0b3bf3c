const dialog = document.querySelector("dialog");
for (const button of document.querySelectorAll("button.open")) {
  button.addEventListener("click", () => {
    const { src, alt, dataset } = button.querySelector("img");
    Object.assign(dialog.querySelector("img"), { src: dataset.full ?? src, alt });
    dialog.showModal();
  });
}
for (const range of document.querySelectorAll(".compare input")) {
  range.addEventListener("input", () => range.parentElement.style.setProperty("--at", range.value + "%"));
}
for (const button of document.querySelectorAll("button.copy")) {
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.nextElementSibling.textContent);
    button.textContent = "Copied";
  });
}
const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.hash.slice(1), link]));
const inView = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) links.get(entry.target.id).classList.toggle("current", entry.isIntersecting);
  },
  { rootMargin: "-35% 0px -60% 0px" },
);
for (const id of links.keys()) inView.observe(document.getElementById(id));
