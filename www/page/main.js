import { Developer } from "./developer.js";
import { node } from "./element.js";
import { handing, listDays } from "./keep.js";
import { caption, choose, draw, first, show, sketch, warm } from "./layers.js";
import { Live } from "./live.js";
import { results } from "./results.js";
import { SkinAnalyzer } from "./shine-skin/index.js";
import { ERRORS, LANGUAGE, PAGE, PROMISES, WORKING, bytes, modelName } from "./texts.js";

const $ = (id) => document.getElementById(id);
document.documentElement.lang = LANGUAGE;
for (const place of document.querySelectorAll("[data-text]")) place.textContent = PAGE[place.dataset.text];
for (const place of document.querySelectorAll("[data-label]")) place.setAttribute("aria-label", PAGE[place.dataset.label]);
$("promises").append(...PROMISES.map(([name, text]) => node("li", {}, node("b", {}, name), text)));

let made = null;
/** The analyzer, made once; where that failed the next photo tries again. */
function analyzer() {
  const modelBaseUrl = document.querySelector("meta[name=skin-models]").content;
  made ??= SkinAnalyzer.createFromOptions({ modelBaseUrl, worker: true, onProgress }).catch((fault) => {
    made = null;
    throw fault;
  });
  return made;
}
// A failure is told with the first photo.
analyzer().catch(() => {});
const live = new Live({ video: $("video"), lines: $("lines"), guidance: $("guidance") }, analyzer);
const developer = new Developer($("developer"), analyzer);

/** A face narrower than this share of the photo is shown zoomed at first. */
const SMALL = 0.3;

let report = null;
// The concern whose findings are drawn.
let chosen = null;
let photoUrl = null;
// Each photo has a number; an answer to an earlier one comes too late.
let current = 0;
// When the first model began to come.
let begun = null;
// The rest of the models on their way, which the first photo may have had no use for.
let keeping = null;

async function analyze(blob) {
  const mine = ++current;
  live.close();
  setState("working");
  // The layers go first: a finding that loses the focus with them still speaks of its report.
  $("layers").replaceChildren();
  report = null;
  unzoom();
  URL.revokeObjectURL(photoUrl);
  photoUrl = URL.createObjectURL(blob);
  $("picture").src = photoUrl;
  $("picture").alt = WORKING.photo;
  $("progress-title").textContent = WORKING.analysing;
  try {
    const onPreview = (seen) => mine === current && sketch($("layers"), $("picture"), seen);
    const found = await (await analyzer()).analyze(blob, { onPreview });
    if (mine !== current) return;
    report = found;
    draw($("layers"), found, (text) => ($("caption").textContent = text || caption(found, chosen)));
    showLayers();
    warm($("layers"), $("heat").value / 100);
    const hand = handing(found, blob, { picture: $("picture"), layers: $("layers") }, showDays);
    $("results").replaceChildren(...results(report, select, () => analyze(blob)), hand);
    select(null);
    // Without a mesh there is nothing to choose among.
    $("tools").hidden = !report.faces[0]?.landmarks;
    setState("done");
    developer.show(found);
    const [face] = report.faces;
    if (face?.landmarks && face.boundingBox.width < SMALL * report.image.width) toggleZoom();
    // Without a network a later one may need them.
    keeping ??= analyzer().then((analyzer) => analyzer.preload()).catch(() => {});
  } catch (fault) {
    if (mine === current) fail(fault);
  }
}

/** Has the service worker keep the module that runs here, which has come before it did: the page works offline from then on. */
async function keepModule() {
  const { wasm } = (await analyzer()).metrics();
  const { active } = await navigator.serviceWorker.ready;
  active.postMessage({ module: new URL(`shine-skin/shine_skin_${wasm}_bg.wasm`, document.baseURI).href });
}

/** Says what went wrong, and what can be done. */
function fail({ code, message }) {
  $("message").textContent = ERRORS[code] ?? message;
  $("message").dataset.code = code;
  setState("failed");
}

/** Draws the findings of one concern; of none, those of the worst. */
function select(id) {
  chosen = id ?? first(report);
  choose($("layers"), chosen);
  $("caption").textContent = caption(report, chosen);
}

/** start, camera, working, done or failed. */
function setState(state) {
  document.body.dataset.state = state;
  $("welcome").hidden = state !== "start" && state !== "failed";
  $("sheet").hidden = state !== "working" && state !== "done";
  $("live").hidden = state !== "camera";
  $("intro").hidden = state !== "start" && state !== "camera";
  $("progress").hidden = state !== "working";
  $("message").hidden = state !== "failed";
  $("results").hidden = state !== "done";
  if (state !== "done") {
    $("tools").hidden = true;
    $("caption").textContent = "";
  }
  const leaves = document.activeElement;
  for (const id of ["snap", "cancel"]) $(id).hidden = state !== "camera";
  for (const id of ["camera", "sample"]) $(id).hidden = state === "camera";
  $("file").parentElement.hidden = state === "camera";
  // Whoever uses a keyboard stays where the buttons are.
  if (leaves?.closest(".sources") && leaves.hidden) $(state === "camera" ? "snap" : "camera").focus();
}

function onProgress(progress) {
  if (progress.status === "ready") {
    $("bars").replaceChildren();
    $("progress-title").textContent = WORKING.analysing;
    begun = null;
    return;
  }
  begun ??= performance.now();
  $("progress-title").textContent = progress.cached ? WORKING.loading : WORKING.fetching;
  const { file, total, loaded = progress.status === "done" ? total : 0 } = progress;
  let bar = [...$("bars").children].find((child) => child.dataset.file === file);
  if (!bar) {
    const about = node("div", {}, node("span", {}, modelName(file)), node("span"));
    bar = node("div", { class: "bar", "data-file": file }, about, node("progress", { "aria-label": modelName(file) }));
    $("bars").append(bar);
  }
  bar.querySelector("span + span").textContent = WORKING.of(bytes(loaded), bytes(total)) + left(loaded, total);
  Object.assign(bar.querySelector("progress"), { value: loaded, max: total });
}

/** How long the rest of a file will take, once that can be told. */
function left(loaded, total) {
  const seconds = (performance.now() - begun) / 1000;
  const rest = loaded > 0 ? (seconds * (total - loaded)) / loaded : 0;
  return seconds > 1 && rest > 1 ? WORKING.left(Math.round(rest)) : "";
}

function showLayers() {
  const boxes = $("tools").querySelectorAll("input:checked");
  const names = [...boxes].map((box) => box.name);
  show($("layers"), new Set(report.faces[0]?.landmarks ? names : ["box"]));
}

function unzoom() {
  $("sheet").style.transform = "";
  $("sheet").style.setProperty("--times", 1);
  $("zoom").setAttribute("aria-pressed", "false");
}

/** Brings the face to fill the stage, or the whole photo back. */
function toggleZoom() {
  if ($("zoom").getAttribute("aria-pressed") === "true") return unzoom();
  const { originX, originY, width, height } = report.faces[0].boundingBox;
  const sheet = $("sheet");
  const scale = sheet.clientWidth / report.image.width;
  const stage = $("stage");
  const times = Math.max(1, (0.62 * Math.min(stage.clientWidth, stage.clientHeight)) / (height * scale));
  const [x, y] = [(originX + width / 2) * scale * times, (originY + height * 0.45) * scale * times];
  const [left, top] = [stage.clientWidth / 2 - sheet.offsetLeft - x, stage.clientHeight / 2 - sheet.offsetTop - y];
  // Lines keep their width.
  sheet.style.setProperty("--times", times);
  sheet.style.transform = `translate(${left}px, ${top}px) scale(${times})`;
  $("zoom").setAttribute("aria-pressed", "true");
}

async function startCamera() {
  const before = current;
  let mine = null;
  try {
    const photo = await live.photo(() => {
      mine = ++current;
      setState("camera");
    });
    if (photo && mine === current) analyze(photo);
  } catch (fault) {
    if ((mine ?? before) === current) fail(fault);
  }
}

const showDays = () => listDays($("days"), $("comparison"));

$("file").addEventListener("change", ({ target }) => {
  if (target.files[0]) analyze(target.files[0]);
  // The same file can be chosen again.
  target.value = "";
});
$("sample").addEventListener("click", async () => {
  const mine = ++current;
  const response = await fetch("sample/astronaut.png").catch(() => null);
  const sample = response?.ok && (await response.blob().catch(() => null));
  if (mine !== current) return;
  if (sample) analyze(sample);
  else fail({ message: WORKING.noSample });
});
$("camera").addEventListener("click", startCamera);
$("snap").addEventListener("click", async () => {
  const photo = await live.snap();
  if (photo) analyze(photo);
  else if (photo === null) fail({ code: "out-of-memory" });
});
$("cancel").addEventListener("click", () => {
  current++;
  live.close();
  setState("start");
});
$("zoom").addEventListener("click", toggleZoom);
$("heat").addEventListener("input", ({ target }) => warm($("layers"), target.value / 100));
$("tools").addEventListener("change", () => report && showLayers());
addEventListener("pagehide", () => live.close());
// A page that comes back from the browser's memory has no camera any longer.
addEventListener("pageshow", ({ persisted }) => persisted && document.body.dataset.state === "camera" && setState("start"));
addEventListener("paste", ({ clipboardData }) => {
  const file = [...clipboardData.files].find((f) => f.type.startsWith("image/"));
  if (file) analyze(file);
});
for (const type of ["dragenter", "dragover"]) {
  addEventListener(type, (event) => {
    event.preventDefault();
    $("stage").classList.add("over");
  });
}
addEventListener("dragleave", () => $("stage").classList.remove("over"));
addEventListener("drop", (event) => {
  event.preventDefault();
  $("stage").classList.remove("over");
  const file = event.dataTransfer.files[0];
  if (file) analyze(file);
});
const connected = () => ($("offline").hidden = navigator.onLine);
for (const type of ["online", "offline"]) addEventListener(type, connected);
connected();
showDays();
// Where there can be none the page is one that needs a network.
navigator.serviceWorker?.register("offline.js").then(keepModule).catch(() => {});
