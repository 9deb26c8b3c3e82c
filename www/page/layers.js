// What was found, as shapes over the photo.

import { SEVERITIES, ZONES } from "./texts.js";

const COLOURS = {
  forehead: "#7db4ff",
  leftCheek: "#66d19e",
  rightCheek: "#4fd0e0",
  nose: "#ffd25e",
  chin: "#cf9bf0",
  underLeftEye: "#ff9d7a",
  underRightEye: "#ff8fb5",
  upperLip: "#d6d66b",
};

const element = (name, attributes, ...children) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
};

const path = (polygons) => polygons.map((polygon) => `M${polygon.map((p) => p.join(" ")).join("L")}Z`).join("");

/** Draws a report into an svg; `tell` is called with a sentence when a finding is pointed at. */
export function draw(svg, report, tell) {
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${report.image.width} ${report.image.height}`);
  for (const face of report.faces) {
    svg.append(boxes(face), mesh(face), zones(face), findings(face, tell));
  }
}

function layer(name, ...children) {
  return element("g", { "data-layer": name }, ...children);
}

function boxes({ boundingBox: { originX: x, originY: y, width, height } }) {
  return layer("box", element("rect", { class: "box", x, y, width, height, rx: width / 40 }));
}

function mesh(face) {
  const points = (face.landmarks ?? []).map(([x, y]) => `M${x} ${y}h0`).join("");
  return layer("mesh", element("path", { class: "mesh", d: points }));
}

function zones(face) {
  const shapes = Object.entries(face.skin?.zones ?? {}).map(([zone, { polygons }]) =>
    element("path", { class: "zone", d: path(polygons), style: `--zone: ${COLOURS[zone]}` }, element("title", {}, ZONES[zone])),
  );
  return layer("zones", ...shapes);
}

function findings(face, tell) {
  const { redness } = face.concerns;
  const shapes = redness.findings.flatMap((finding) => {
    const size = finding.areaMm2 === null ? "" : `, about ${Math.round(finding.areaMm2)} mm²`;
    const text = `Redder than your calm skin: ${ZONES[finding.zone].toLowerCase()}${size}.`;
    const d = path([finding.polygon]);
    const shape = element("path", { class: "finding", d, tabindex: 0, role: "img", "aria-label": text }, element("title", {}, text));
    for (const event of ["pointerenter", "focus", "click"]) shape.addEventListener(event, () => tell(text));
    for (const event of ["pointerleave", "blur"]) shape.addEventListener(event, () => tell(""));
    return [element("path", { class: "halo", d }), shape];
  });
  return layer("findings", ...shapes);
}

/** Shows and hides layers by their names. */
export function show(svg, names) {
  for (const group of svg.querySelectorAll("[data-layer]")) {
    group.style.display = names.has(group.dataset.layer) ? "" : "none";
  }
}

/** A sentence on what the photo shows when nothing is pointed at. */
export function caption(report) {
  const face = report.faces[0];
  const redness = face?.concerns.redness;
  if (!redness?.available) return "";
  if (redness.findings.length === 0) return "No place stands out in redness.";
  const places = redness.findings.length === 1 ? "One place is" : `${redness.findings.length} places are`;
  return `${places} redder than your calm skin (${SEVERITIES[redness.severity]} over all). Point at one to see where.`;
}
