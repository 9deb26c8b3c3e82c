// What can be done with a report: kept for another day, handed on as a file, printed.

import { days, forget, keep } from "./days.js";
import { compare } from "./compare.js";
import { button, download, node } from "./element.js";
import { EXPORT, DAYS, date } from "./texts.js";

/** The photo with what is drawn on it, as a PNG of the photo's own size. */
async function drawn(picture, layers) {
  const copy = layers.cloneNode(true);
  const { naturalWidth: width, naturalHeight: height } = picture;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  // Outside the page no sheet of style applies, and lines have their width by the photo.
  copy.style.setProperty("--times", 1);
  const line = Math.max(width, height) / 600;
  const style = `.finding{fill:none;stroke:#fff;stroke-width:${line}}.halo{fill:none;stroke:#0009;stroke-width:${2.2 * line}}.zone{fill:var(--zone);fill-opacity:.16;stroke:var(--zone);stroke-width:${line}}.mesh{fill:none;stroke:#e9fffb;stroke-width:${1.6 * line};stroke-linecap:round}.box{fill:none;stroke:#fff;stroke-width:${line};stroke-dasharray:${5 * line}}.heat{fill:#d6322f}`;
  copy.prepend(Object.assign(document.createElementNS("http://www.w3.org/2000/svg", "style"), { textContent: style }));
  const image = new Image();
  const src = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" }));
  image.src = src;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0);
  context.drawImage(image, 0, 0, width, height);
  URL.revokeObjectURL(src);
  const made = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  // A browser has a canvas of so many pixels and no more.
  if (!made) throw new Error(EXPORT.large);
  return made;
}

/** A button whose work may fail, and which says so then. */
function trying(text, act, failed) {
  const made = button(text, () => act().catch(() => (made.textContent = failed)));
  return made;
}

/** The buttons under a report; `kept` is called once it was kept. */
export function handing(report, photo, { picture, layers }, kept) {
  // A private window may keep nothing.
  const keeping = trying(EXPORT.keep, async () => {
    keeping.disabled = true;
    await keep(photo, report);
    keeping.textContent = EXPORT.kept;
    kept();
  }, EXPORT.full);
  const json = new Blob([JSON.stringify(report, null, 1)], { type: "application/json" });
  return node(
    "div",
    { class: "handing" },
    ...(report.faces.length > 0 ? [keeping] : []),
    trying(EXPORT.png, async () => download("shine-skin.png", await drawn(picture, layers)), EXPORT.large),
    node("a", { class: "quiet", download: "shine-skin.json", href: URL.createObjectURL(json) }, EXPORT.json),
    button(EXPORT.print, () => print()),
  );
}

/** The list of the days that are kept; of two that are chosen the comparison. */
export async function listDays(section, dialog) {
  const all = await days().catch(() => []);
  section.hidden = all.length === 0;
  if (all.length === 0) return;
  const chosen = new Set(all.slice(0, 2).map(({ at }) => at));
  const go = button(DAYS.compare, () => compare(dialog, all.filter(({ at }) => chosen.has(at))), "button");
  const ready = () => (go.disabled = chosen.size !== 2);
  const rows = all.map((day) => {
    const box = node("input", { type: "checkbox" });
    box.checked = chosen.has(day.at);
    box.addEventListener("change", () => {
      if (box.checked) chosen.add(day.at);
      else chosen.delete(day.at);
      ready();
    });
    const score = day.report.faces[0]?.overall.score;
    const again = () => listDays(section, dialog);
    const remove = button(DAYS.remove, () => forget(day.at).then(again, again));
    remove.setAttribute("aria-label", DAYS.removeOf(date(day.at)));
    return node("li", {}, node("label", {}, box, date(day.at), node("small", {}, score == null ? "" : DAYS.score(Math.round(score)))), remove);
  });
  ready();
  section.replaceChildren(node("h2", {}, DAYS.title), node("p", { class: "quiet-text" }, DAYS.where), node("ul", {}, ...rows), go);
}
