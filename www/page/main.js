import { SkinAnalyzer } from "./shine-skin/index.js";
import { openCamera } from "./camera.js";
import { caption, choose, draw, first, show } from "./layers.js";
import { results } from "./results.js";
import { ERRORS, bytes, modelName } from "./texts.js";

const $ = (id) => document.getElementById(id);
const analyzer = SkinAnalyzer.createFromOptions({ modelBaseUrl: "models", worker: true, onProgress });
// A failure is told with the first photo, which awaits the same promise.
analyzer.catch(() => {});

/** A face narrower than this share of the photo is shown zoomed at first. */
const SMALL = 0.3;

let report = null;
// The concern whose findings are drawn.
let chosen = null;
let photoUrl = null;
let camera = null;
// Each photo has a number; an answer to an earlier one comes too late.
let current = 0;

async function analyze(blob) {
  const mine = ++current;
  stopCamera();
  setState("working");
  // The layers go first: a finding that loses the focus with them still speaks of its report.
  $("layers").replaceChildren();
  report = null;
  unzoom();
  URL.revokeObjectURL(photoUrl);
  photoUrl = URL.createObjectURL(blob);
  $("picture").src = photoUrl;
  $("picture").alt = "The photo";
  $("progress-title").textContent = "Analysing";
  try {
    const found = await (await analyzer).analyze(blob);
    if (mine !== current) return;
    report = found;
    draw($("layers"), found, (text) => ($("caption").textContent = text || caption(found, chosen)));
    showLayers();
    $("results").replaceChildren(...results(report, select, () => analyze(blob)));
    select(null);
    // Without a mesh there is nothing to choose among.
    $("tools").hidden = !report.faces[0]?.landmarks;
    setState("done");
    const [face] = report.faces;
    if (face?.landmarks && face.boundingBox.width < SMALL * report.image.width) toggleZoom();
  } catch (fault) {
    if (mine !== current) return;
    $("message").textContent = ERRORS[fault.code] ?? fault.message;
    $("message").dataset.code = fault.code;
    setState("failed");
  }
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
  $("video").hidden = state !== "camera";
  $("intro").hidden = state !== "start" && state !== "camera";
  $("progress").hidden = state !== "working";
  $("message").hidden = state !== "failed";
  $("results").hidden = state !== "done";
  if (state !== "done") {
    $("tools").hidden = true;
    $("caption").textContent = "";
  }
  for (const id of ["snap", "cancel"]) $(id).hidden = state !== "camera";
  for (const id of ["camera", "sample"]) $(id).hidden = state === "camera";
  $("file").parentElement.hidden = state === "camera";
}

function onProgress(progress) {
  if (progress.status === "ready") {
    $("bars").replaceChildren();
    $("progress-title").textContent = "Analysing";
    return;
  }
  $("progress-title").textContent = progress.cached ? "Loading the models" : "Fetching the models, once";
  const { file, total, loaded = progress.status === "done" ? total : 0 } = progress;
  let bar = [...$("bars").children].find((child) => child.dataset.file === file);
  if (!bar) {
    bar = document.createElement("div");
    bar.className = "bar";
    bar.dataset.file = file;
    bar.innerHTML = "<div><span></span><span></span></div><progress></progress>";
    bar.querySelector("span").textContent = modelName(file);
    bar.querySelector("progress").setAttribute("aria-label", modelName(file));
    $("bars").append(bar);
  }
  bar.querySelector("span + span").textContent = `${bytes(loaded)} of ${bytes(total)}`;
  Object.assign(bar.querySelector("progress"), { value: loaded, max: total });
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
  const mine = ++current;
  try {
    const opened = await openCamera($("video"));
    // Permission may come when a photo has long been chosen.
    if (mine !== current) return opened.close();
    camera = opened;
    setState("camera");
  } catch {
    if (mine !== current) return;
    $("message").textContent = "The camera can't be used. You may have to allow it, or choose a photo instead.";
    setState("failed");
  }
}

function stopCamera() {
  camera?.close();
  camera = null;
}

$("file").addEventListener("change", ({ target }) => {
  if (target.files[0]) analyze(target.files[0]);
  // The same file can be chosen again.
  target.value = "";
});
$("sample").addEventListener("click", async () => {
  const response = await fetch("sample/astronaut.png").catch(() => null);
  if (response?.ok) return analyze(await response.blob());
  $("message").textContent = "The sample can't be fetched. Are you online?";
  setState("failed");
});
$("camera").addEventListener("click", startCamera);
$("snap").addEventListener("click", async () => analyze(await camera.snap()));
$("cancel").addEventListener("click", () => {
  stopCamera();
  setState("start");
});
$("zoom").addEventListener("click", toggleZoom);
$("tools").addEventListener("change", showLayers);
addEventListener("pagehide", stopCamera);
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
