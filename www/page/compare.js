// Two photos of different days, side by side.

import { button, node } from "./element.js";
import { choose, outline } from "./layers.js";
import { COMPARE, CONCERNS, date } from "./texts.js";

/** A photo with the findings of one concern. */
function picture(day) {
  const src = URL.createObjectURL(day.photo);
  const layers = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  layers.setAttribute("class", "layers");
  outline(layers, day.report);
  const sheet = node("div", { class: "sheet" }, node("img", { src, alt: date(day.at) }), layers);
  near(sheet, day.report);
  return { figure: node("figure", {}, node("div", { class: "frame" }, sheet), node("figcaption", {}, date(day.at))), layers, src };
}

/** Brings the face to fill a frame as wide as the sheet and a quarter higher, whatever their size: two days are seen alike. */
function near(sheet, { image, faces: [face] }) {
  const { originX, originY, width, height } = face.boundingBox;
  const times = (0.78 * image.width) / height;
  const x = 1 / (2 * times) - (originX + width / 2) / image.width;
  const y = (0.625 * image.width) / image.height / times - (originY + 0.45 * height) / image.height;
  sheet.style.setProperty("--times", times);
  sheet.style.transform = `scale(${times}) translate(${100 * x}%, ${100 * y}%)`;
}

/** The scores of both days; a difference is only told where both were measured. */
function row(id, [before, after], select) {
  const score = ({ report }) => report.faces[0]?.concerns[id];
  const [old, now] = [score(before), score(after)];
  const both = old?.available && now?.available;
  const change = both ? Math.round(now.score) - Math.round(old.score) : null;
  const text = (concern) => (concern?.available ? String(Math.round(concern.score)) : "–");
  const sure = both ? Math.min(old.confidence, now.confidence) : null;
  const said = change === null ? COMPARE.unknown : COMPARE.change(change, sure);
  const cell = node("th", { scope: "row" }, button(CONCERNS[id].name, () => select(id), "plain"));
  return node("tr", { "data-concern": id }, cell, node("td", {}, text(old)), node("td", {}, text(now)), node("td", {}, said));
}

/** Fills a dialog with two days, the earlier first, and opens it. */
export function compare(dialog, days) {
  const ordered = [...days].sort((a, b) => a.at - b.at);
  const pictures = ordered.map(picture);
  const heading = (text) => node("th", { scope: "col" }, text);
  const body = node("tbody");
  const select = (id) => {
    for (const { layers } of pictures) choose(layers, id);
    for (const line of body.children) line.toggleAttribute("data-chosen", line.dataset.concern === id);
  };
  const concerns = Object.keys(CONCERNS);
  body.append(...concerns.map((id) => row(id, ordered, select)));
  const head = node("thead", {}, node("tr", {}, ...[COMPARE.measure, COMPARE.before, COMPARE.after, COMPARE.difference].map(heading)));
  dialog.replaceChildren(
    node("div", { class: "top" }, node("h2", {}, COMPARE.title), button(COMPARE.close, () => dialog.close())),
    node("div", { class: "pair" }, ...pictures.map(({ figure }) => figure)),
    node("p", { class: "quiet-text" }, COMPARE.light),
    node("div", { class: "wide" }, node("table", {}, head, body)),
  );
  // What can be seen first.
  const drawn = (id) => ordered.some(({ report }) => report.faces[0]?.concerns[id].findings.length > 0);
  select(concerns.find(drawn) ?? concerns[0]);
  dialog.addEventListener("close", () => pictures.forEach(({ src }) => URL.revokeObjectURL(src)), { once: true });
  dialog.showModal();
}
