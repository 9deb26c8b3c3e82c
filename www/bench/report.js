// The bench's result as tables in Markdown.

const ms = (value) => value.toFixed(2);

function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), `|---|${head.slice(1).map(() => "--:|").join("")}`, ...rows.map(line), ""];
}

function models({ version, models }) {
  const lines = [];
  for (const id of new Set(models.map(({ model }) => model))) {
    const rows = models.filter(({ model }) => model === id);
    const peers = rows.filter(({ engine }) => engine.startsWith("onnxruntime-web"));
    const peer = Math.min(...peers.map(({ median }) => median));
    lines.push(`${id}, ${version}`, "");
    const cells = ({ engine, median, least, load, difference }) =>
      [engine, ms(median), `${(median / peer).toFixed(2)} ×`, ms(least), load.toFixed(0), difference.toExponential(0)];
    lines.push(...table(["engine", "median ms", "beside onnxruntime-web", "least ms", "load ms", "difference"], rows.map(cells)));
  }
  return lines;
}

function tasks({ counts, times }) {
  const mesh = times.detect + times.mesh;
  const rows = [
    ["`detect`", times.detect, "FaceDetector", times.FaceDetector],
    ["`detect` and mesh", mesh, "FaceLandmarker, image", times["FaceLandmarker, image"]],
    ["`detectForVideo`", times.follow, "FaceLandmarker, video", times["FaceLandmarker, video"]],
  ];
  const cells = ([own, mine, other, theirs]) => [own, ms(mine), other, ms(theirs), `${(mine / theirs).toFixed(2)} ×`];
  return [
    `Beside MediaPipe Tasks 1.1.0, CPU, the same ImageBitmap of 910 × 1137, decoded from a PNG, in one page of Chromium, interleaved, medians; faces found: ours ${counts.ours}, theirs ${counts.tasks}, of ${counts.points} points. Their landmark network is larger than ours: it looks again at lips and eyes, and finds irises. It is the version that npm's face_mesh has (192 × 192), bundled by www/bench/peers/tasks.py; Google's own bundle has a larger one still. Tasks hands images over through WebGL, which is software here. Ours leaves out handing the landmarks to JavaScript; each frame is 33 ms after the one before, so that ours looks at a whole one once in thirty.`,
    "",
    ...table(["ours", "ms", "theirs", "ms", "ratio"], rows.map(cells)),
  ];
}

export function tables(result) {
  const { stages, first, visits, memory, native, sizes } = result;
  const names = [...new Set(Object.values(stages).flatMap(Object.keys))];
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  const single = [
    ["from nothing to the first report, empty cache, this machine serving", `${first.ours.toFixed(0)} ms`],
    ["the same, to MediaPipe's first landmarks", `${first.theirs.toFixed(0)} ms`],
    ...Object.entries(sizes).map(([flavour, bytes]) => [`first download, ${flavour}, wasm gzip`, `${bytes} bytes`]),
    ["all plans", `${result.plans} bytes`],
    ["the module's memory after 12 megapixels, handed in decoded", megabytes(memory.decoded)],
    ["the same, with a face four sevenths as large", megabytes(memory.small)],
    ["the first, as a baseline JPEG that the module decodes", megabytes(memory.jpeg)],
    ["natively, the portrait: `prepare` and `detect`", `${ms(native.prepare + native.detect)} ms`],
    ["the same, with `mesh`", `${ms(native.prepare + native.detect + native.mesh)} ms`],
    ["natively, the portrait: `concerns`", `${ms(native.concerns)} ms`],
  ];
  return [
    `${result.machine}, ${result.rounds} rounds.`,
    "",
    ...result.browsers.flatMap(models),
    ...tasks(result.tasks),
    "Stages of `analyze` in Chromium, an ImageBitmap handed in, medians of 30, ms",
    "",
    ...table(["photo", ...names], Object.entries(stages).map(([photo, taken]) => [photo, ...names.map((name) => taken[name].toFixed(1))])),
    "From a loaded page to the first report, the photo of 512 × 512, on a first visit and on a second one whose models' host is cut off, medians of five browsers, ms",
    "",
    ...table(["network", "first visit", "second visit"], Object.entries(visits).map(([name, { cold, warm }]) => [name, cold.toFixed(0), warm.toFixed(0)])),
    ...table(["what", ""], single),
  ].join("\n");
}
