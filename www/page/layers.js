// What was found, as shapes over the photo.

import { LAYERS, ZONES } from "./texts.js";

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

/** Draws the findings of a report into an svg, and nothing that can be pointed at. */
export function outline(svg, report) {
  svg.replaceChildren(...report.faces.map((face) => findings(face)));
  svg.setAttribute("viewBox", `0 0 ${report.image.width} ${report.image.height}`);
}

/** Draws a report into an svg; `tell` is called with a sentence when a finding is pointed at. */
export function draw(svg, report, tell) {
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${report.image.width} ${report.image.height}`);
  for (const face of report.faces) {
    svg.append(heat(face), boxes(face), mesh(face), zones(face), findings(face, tell));
  }
}

/** Draws what shows of a photo before its report: faces, and the mesh of one that is alone. */
export function sketch(svg, { naturalWidth, naturalHeight }, { detections, preview }) {
  svg.setAttribute("viewBox", `0 0 ${naturalWidth} ${naturalHeight}`);
  svg.replaceChildren(...detections.map((face) => boxes({ source: "detector", ...face })), mesh(preview ?? {}));
}

function layer(name, ...children) {
  return element("g", { "data-layer": name }, ...children);
}

function boxes({ source, boundingBox: { originX: x, originY: y, width, height } }) {
  // A box that is no more than a guess is not drawn as one that is known.
  return layer("box", element("rect", { class: source === "detector" ? "box" : "box guess", x, y, width, height, rx: width / 40 }));
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

/** By concern the zones, the stronger the lower their score, and on them its places. */
function heat(face) {
  const groups = Object.entries(face.concerns).map(([id, concern]) => {
    const shapes = Object.entries(concern.zones).map(([zone, score]) =>
      element("path", { class: "heat", d: path(face.skin?.zones[zone]?.polygons ?? []), "fill-opacity": (1 - score / 100).toFixed(2) }),
    );
    const places = concern.findings.map(({ polygon }) => element("path", { class: "heat", d: path([polygon]), "fill-opacity": 0.5 }));
    return element("g", { "data-concern": id }, ...shapes, ...places);
  });
  // Skin has no borders between zones.
  const blur = element("feGaussianBlur", { stdDeviation: face.boundingBox.width / 60 });
  const filter = element("filter", { id: "soft", x: "-10%", y: "-10%", width: "120%", height: "120%" }, blur);
  const made = element("g", { class: "heats", filter: "url(#soft)" }, ...groups);
  return element("g", {}, filter, made);
}

/** How strongly the heat map is shown, 0–1. */
export function warm(svg, share) {
  for (const made of svg.querySelectorAll(".heats")) made.style.opacity = share;
}

function findings(face, tell) {
  const groups = Object.entries(face.concerns).map(([id, concern]) => {
    const shapes = concern.findings.flatMap((finding) => {
      const text = LAYERS.finding(id, finding);
      const d = path([finding.polygon]);
      if (!tell) return [element("path", { class: "halo", d }), element("path", { class: "finding", d })];
      const shape = element("path", { class: "finding", d, tabindex: 0, role: "img", "aria-label": text }, element("title", {}, text));
      for (const event of ["pointerenter", "focus"]) shape.addEventListener(event, () => tell(text));
      // A finger that has gone still means the finding that it touched.
      shape.addEventListener("click", () => {
        for (const one of shape.closest("svg").querySelectorAll(".chosen")) one.classList.remove("chosen");
        shape.classList.add("chosen");
        tell(text);
      });
      for (const event of ["pointerleave", "blur"]) shape.addEventListener(event, () => tell(""));
      return [element("path", { class: "halo", d }), shape];
    });
    return element("g", { "data-concern": id }, ...shapes);
  });
  return layer("findings", ...groups);
}

/** Shows the findings of one concern only. */
export function choose(svg, id) {
  for (const group of svg.querySelectorAll("[data-concern]")) {
    group.style.display = group.dataset.concern === id ? "" : "none";
  }
}

/** The concerns: the severe and then the moderate first, as in `overall.primary`, of all others too the worst score first; last what could not be measured. */
export function worstFirst(concerns) {
  const rank = ({ severity, score }) => (score ?? 101) - 1000 * ["moderate", "severe"].indexOf(severity);
  return Object.entries(concerns).sort((a, b) => rank(a[1]) - rank(b[1]));
}

/** The concern whose findings are shown first: the worst that has any. */
export function first(report) {
  return worstFirst(report.faces[0]?.concerns ?? {}).find(([, concern]) => concern.findings.length > 0)?.[0] ?? null;
}

/** Shows and hides layers by their names. */
export function show(svg, names) {
  for (const group of svg.querySelectorAll("[data-layer]")) {
    group.style.display = names.has(group.dataset.layer) ? "" : "none";
  }
}

/** A sentence on what is drawn when nothing is pointed at. */
export function caption(report, id) {
  const concern = report.faces[0]?.concerns[id];
  if (!concern?.available) return "";
  return LAYERS.caption(id, concern.findings.length);
}
