// The report as cards.

import { node } from "./element.js";
import { CONCERNS, ENGINES, ISSUES, REASONS, SEVERITIES, ZONES, percent, why } from "./texts.js";

const card = (title, ...children) => node("section", { class: "card" }, node("h2", {}, title), ...children);

/** All cards of a report; `select` is called with the concern that is opened, or null, `again` to have the photo analysed once more. */
export function results(report, select, again) {
  const face = report.faces[0];
  const cards = [engine(report, again), advice(report.quality)];
  if (face) cards.push(overall(face), measures(face, select), tone(face));
  return [...cards.filter(Boolean), source(report)];
}

function advice({ issues }) {
  if (issues.length === 0) return null;
  const found = card("About the photo", node("ul", {}, ...issues.map((issue) => node("li", {}, ISSUES[issue]))));
  found.classList.add("advice");
  return found;
}

/** Who measured, where it was not the models on this device, and why. */
function engine({ engine, serverEngine, fallbacks }, again) {
  if (engine === "enhanced") return null;
  const { title, says } = ENGINES[engine];
  const button = node("button", { type: "button", class: "quiet" }, "Try again with the models");
  button.addEventListener("click", again);
  // A server that failed may have had it.
  const stayed = engine === "basic" && !fallbacks.some((one) => one.engine === "server") ? " The photo stayed on this device." : "";
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
  if (!tone) return card("Tone", node("p", {}, `Not measured: ${REASONS[unavailable.tone]}.`));
  // The scale of ITA runs from very light to dark.
  const place = (ita) => `${Math.min(Math.max((70 - ita) / 130, 0), 1) * 100}%`;
  const [low, high] = tone.itaInterval;
  const from = parseFloat(place(high));
  const mark = node("i", { style: `left: ${from}%; width: ${parseFloat(place(low)) - from}%` });
  const name = tone.category[0].toUpperCase() + tone.category.slice(1);
  return card(
    "Tone",
    node(
      "p",
      { class: "value" },
      node("span", { class: "swatch", style: `background: ${css(tone.lab)}` }),
      name,
      node("small", {}, `Monk ${tone.monk} of 10`),
    ),
    node("div", { class: "scale" }, mark, node("b", { style: `left: ${place(tone.ita)}` })),
    node("div", { class: "ends" }, node("span", {}, "very light"), node("span", {}, "dark")),
    node("p", {}, `ITA ${Math.round(tone.ita)}°. One photo can't tell skin from light: a darker, brighter or bluer one of this face could say ${Math.round(low)}° to ${Math.round(high)}°.`),
    confidence(tone.confidence),
  );
}

function overall({ overall, unavailable, concerns }) {
  if (overall.score === null) return card("Overall", node("p", {}, `Not measured: ${REASONS[unavailable.overall]}.`));
  const measured = Object.values(concerns).filter((concern) => concern.available).length;
  const worst = overall.primary.map((id) => CONCERNS[id].name.toLowerCase()).join(", ");
  return card(
    "Overall",
    node("p", { class: "value" }, String(Math.round(overall.score)), node("small", {}, `of 100, from ${measured} of 9 measures`)),
    node("p", {}, worst ? `What stands out most: ${worst}.` : "Nothing stands out."),
  );
}

/** One row a concern, the worst first; what could not be measured comes last, with the reason. */
function measures({ concerns }, select) {
  const rank = ([, concern]) => concern.score ?? 101;
  const rows = Object.entries(concerns)
    .sort((a, b) => rank(a) - rank(b))
    .map(([id, concern]) => measure(id, concern, select));
  return card("Nine measures", ...rows);
}

function measure(id, concern, select) {
  const { name, says } = CONCERNS[id];
  const head = concern.available
    ? [
        node("span", { class: "scale score" }, node("i", { style: `width: ${concern.score}%` })),
        node("span", { class: "number" }, String(Math.round(concern.score))),
        node("span", { class: "quiet-text" }, SEVERITIES[concern.severity]),
      ]
    : [node("span", { class: "quiet-text missing" }, "not measured")];
  const body = concern.available
    ? [node("p", {}, says(concern.measure.value)), zoneScores(concern.zones), confidence(concern.confidence)]
    : [node("p", {}, `Not measured: ${REASONS[concern.reason]}.`)];
  const row = node("details", { class: "measure", name: "measure", "data-concern": id }, node("summary", {}, node("span", {}, name), ...head), ...body);
  row.addEventListener("toggle", () => {
    if (row.open) select(id);
    else if (!row.parentElement?.querySelector("details[open]")) select(null);
  });
  return row;
}

function zoneScores(zones) {
  const rows = Object.entries(zones).flatMap(([zone, score]) => [
    node("dt", {}, ZONES[zone]),
    node("dd", { class: "scale score" }, node("i", { style: `width: ${score}%` })),
    node("dd", {}, String(Math.round(score))),
  ]);
  return node("dl", { class: "zones" }, ...rows);
}

const confidence = (share) => node("p", { class: "quiet-text" }, `Confidence ${percent(share)}, from the photo's light, size and sharpness.`);

function source(report) {
  const json = JSON.stringify(report, null, 1);
  const link = node("a", { download: "shine-skin.json", href: URL.createObjectURL(new Blob([json], { type: "application/json" })) }, "Download");
  const time = Object.values(report.timings).reduce((sum, ms) => sum + ms, 0);
  const made = `Made ${report.engine === "server" ? "by a server" : "on this device"} in ${Math.round(time)} ms ${report.release ? `by release ${report.release.name}` : "without models"}.`;
  // Points and outlines fill pages; the download has them all.
  const short = JSON.stringify(report, (key, value) => (["landmarks", "polygons", "polygon"].includes(key) ? `[${value?.length ?? 0}]` : value), 1);
  return node(
    "section",
    { class: "card" },
    node("p", {}, report.disclaimer),
    node("p", { class: "quiet-text" }, made),
    node("details", {}, node("summary", {}, "The report as JSON"), node("pre", { id: "json" }, short), node("p", {}, link)),
  );
}
