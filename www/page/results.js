// The report as cards.

import { node } from "./element.js";
import { worstFirst } from "./layers.js";
import { CONCERNS, ENGINES, ISSUES, REASONS, RESULTS, SEVERITIES, ZONES, percent, why } from "./texts.js";

const card = (title, ...children) => node("section", { class: "card" }, node("h2", {}, title), ...children);

/** All cards of a report; `select` is called with the concern that is opened, or null, `again` to have the photo analysed once more. */
export function results(report, select, again) {
  const face = report.faces[0];
  const cards = [engine(report, again), advice(report.quality)];
  if (face) cards.push(overall(face), measures(face, select), classes(face), tone(face));
  return [...cards.filter(Boolean), source(report)];
}

function advice({ issues }) {
  if (issues.length === 0) return null;
  const found = card(RESULTS.photo, node("ul", {}, ...issues.map((issue) => node("li", {}, ISSUES[issue]))));
  found.classList.add("advice");
  return found;
}

/** Who measured, where it was not the models on this device, and why. */
function engine({ engine, serverEngine, fallbacks }, again) {
  if (engine === "enhanced") return null;
  const { title, says } = ENGINES[engine];
  const button = node("button", { type: "button", class: "quiet" }, RESULTS.again);
  button.addEventListener("click", again);
  // A server that failed may have had it.
  const stayed = engine === "basic" && !fallbacks.some((one) => one.engine === "server") ? ` ${RESULTS.stayed}` : "";
  const made = card(title, node("p", {}, `${why(fallbacks[0])} ${says(serverEngine)}${stayed}`), node("p", {}, button));
  made.classList.add("advice");
  made.dataset.engine = engine;
  return made;
}

/** Lab to sRGB, for the swatch. */
function css([l, a, b]) {
  return `lab(${l}% ${a} ${b})`;
}

function tone({ tone, unavailable }) {
  if (!tone) return card(RESULTS.tone, node("p", {}, RESULTS.missing(REASONS[unavailable.tone])));
  // The scale of ITA runs from very light to dark.
  const place = (ita) => `${Math.min(Math.max((70 - ita) / 130, 0), 1) * 100}%`;
  const [low, high] = tone.itaInterval;
  const from = parseFloat(place(high));
  const mark = node("i", { style: `left: ${from}%; width: ${parseFloat(place(low)) - from}%` });
  return card(
    RESULTS.tone,
    node(
      "p",
      { class: "value" },
      node("span", { class: "swatch", style: `background: ${css(tone.lab)}` }),
      RESULTS.categories[tone.category],
      node("small", {}, RESULTS.monk(tone.monk)),
    ),
    node("div", { class: "scale" }, mark, node("b", { style: `left: ${place(tone.ita)}` })),
    node("div", { class: "ends" }, ...RESULTS.ends.map((end) => node("span", {}, end))),
    node("p", {}, RESULTS.ita(...[tone.ita, low, high].map(Math.round))),
    confidence(tone.confidence),
  );
}

function overall({ overall, unavailable, concerns }) {
  if (overall.score === null) return card(RESULTS.overall, node("p", {}, RESULTS.missing(REASONS[unavailable.overall])));
  const measured = Object.values(concerns).filter((concern) => concern.available).length;
  const worst = overall.primary.map((id) => CONCERNS[id].name.toLowerCase()).join(", ");
  return card(
    RESULTS.overall,
    node("p", { class: "value" }, String(Math.round(overall.score)), node("small", {}, RESULTS.from(measured))),
    node("p", {}, RESULTS.worst(worst)),
  );
}

/** One row a concern, the worst first; what could not be measured comes last, with the reason. */
function measures({ concerns }, select) {
  const rows = worstFirst(concerns).map(([id, concern]) => measure(id, concern, select));
  return card(RESULTS.measures, ...rows);
}

function measure(id, concern, select) {
  const { name, says } = CONCERNS[id];
  const head = concern.available
    ? [
        node("span", { class: "scale score" }, node("i", { style: `width: ${concern.score}%` })),
        node("span", { class: "number" }, String(Math.round(concern.score))),
        node("span", { class: "quiet-text" }, SEVERITIES[concern.severity]),
      ]
    : [node("span", { class: "quiet-text missing" }, RESULTS.none)];
  const body = concern.available
    ? [node("p", {}, says(concern.measure.value)), zoneScores(concern.zones), confidence(concern.confidence)]
    : [node("p", {}, RESULTS.missing(REASONS[concern.reason]))];
  const row = node("details", { class: "measure", name: "measure", "data-concern": id }, node("summary", {}, node("span", {}, name), ...head), ...body);
  row.addEventListener("toggle", () => {
    if (row.open) select(id);
    else if (!row.parentElement?.querySelector("details[open]")) select(null);
  });
  return row;
}

/** What a classifier of the release says, where it has one. */
function classes({ classification }) {
  if (!classification) return null;
  const rows = classification.categories.slice(0, 5).flatMap(({ label, score }) => [
    node("dt", {}, label),
    node("dd", { class: "scale score" }, node("i", { style: `width: ${100 * score}%` })),
    node("dd", {}, percent(score)),
  ]);
  const made = card(RESULTS.classes(classification.model), node("dl", { class: "zones" }, ...rows), node("p", { class: "quiet-text" }, RESULTS.classesAre));
  made.dataset.class = classification.categories[0]?.label;
  return made;
}

function zoneScores(zones) {
  const rows = Object.entries(zones).flatMap(([zone, score]) => [
    node("dt", {}, ZONES[zone]),
    node("dd", { class: "scale score" }, node("i", { style: `width: ${score}%` })),
    node("dd", {}, String(Math.round(score))),
  ]);
  return node("dl", { class: "zones" }, ...rows);
}

const confidence = (share) => node("p", { class: "quiet-text" }, RESULTS.confidence(share));

function source(report) {
  const time = Object.values(report.timings).reduce((sum, ms) => sum + ms, 0);
  const made = RESULTS.made(report, Math.round(time));
  // Points and outlines fill pages; the file has them all.
  const short = JSON.stringify(report, (key, value) => (["landmarks", "polygons", "polygon"].includes(key) ? `[${value?.length ?? 0}]` : value), 1);
  return node(
    "section",
    { class: "card" },
    node("p", {}, RESULTS.disclaimer),
    node("p", { class: "quiet-text" }, made),
    node("details", {}, node("summary", {}, RESULTS.json), node("pre", { id: "json" }, short)),
  );
}
