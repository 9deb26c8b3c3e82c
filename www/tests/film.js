// What the camera of a test's Chromium shows: the sample's face near and far, dark, lit from one side, out of focus, moving.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";

const FPS = 30;
/** Seconds that each defect is shown. */
const LONG = 2;

/** What is shown, in order, and what has to be said. The last is good, and longer than it takes to be taken. */
export const SCENES = [
  ["nobody", "no-face"],
  ["far", "come-closer"],
  ["dark", "more-light"],
  ["their left in the dark", "more-light-from-left"],
  ["their right in the dark", "more-light-from-right"],
  ["too near", "move-back"],
  ["turned away", "look-straight"],
  ["two people", "several-faces"],
  ["glaring", "less-light"],
  ["moving", "hold-still"],
  ["blurred", "focus"],
  ["good", "ready"],
];

/** In a page: the JPEGs of all frames, made from the sample. */
const film = async ([scenes, count]) => {
  const bitmap = await createImageBitmap(await (await fetch("/sample/astronaut.png")).blob());
  const canvas = new OffscreenCanvas(640, 480);
  const context = canvas.getContext("2d");
  const face = (width, x = 0) => {
    context.fillStyle = "#9a9a94";
    context.fillRect(0, 0, 640, 480);
    // The face of the sample, `width` pixels wide with its surroundings.
    context.drawImage(bitmap, 125, 10, 200, 200, (640 - width) / 2 + x, (480 - width) / 2, width, width);
  };
  const shade = (from, to) => {
    const light = context.createLinearGradient(240, 0, 400, 0);
    light.addColorStop(0, `rgb(0 0 0 / ${from})`);
    light.addColorStop(1, `rgb(0 0 0 / ${to})`);
    context.fillStyle = light;
    context.fillRect(0, 0, 640, 480);
  };
  const draw = {
    nobody: () => {
      context.fillStyle = "#9a9a94";
      context.fillRect(0, 0, 640, 480);
    },
    far: () => face(190),
    dark: () => (face(480), shade(0.88, 0.88)),
    // What is on the right of the picture is the person's left.
    "their left in the dark": () => (face(480), shade(0, 0.85)),
    "their right in the dark": () => (face(480), shade(0.85, 0)),
    "too near": () => face(860),
    // By columns, one half of the face wide and the other narrow.
    "turned away": () => {
      face(1);
      const columns = 60;
      const place = (u) => 240 + 240 * (u < 0 ? 0.6 + 1.6 * u : 0.6 + 0.4 * u);
      for (let k = 0; k < columns; k++) {
        const [from, to] = [place((2 * k) / columns - 1), place((2 * k + 2) / columns - 1)];
        context.drawImage(bitmap, 125 + (200 * k) / columns, 10, 200 / columns, 200, 80 + from, 0, to - from + 0.5, 480);
      }
    },
    "two people": () => {
      face(1);
      for (const x of [20, 330]) context.drawImage(bitmap, 125, 10, 200, 200, x, 90, 290, 290);
    },
    glaring: () => {
      face(480);
      context.globalCompositeOperation = "color-dodge";
      context.fillStyle = "#a0a0a0";
      context.fillRect(0, 0, 640, 480);
      context.globalCompositeOperation = "source-over";
    },
    moving: (k) => face(480, 36 * Math.sin(k / 4)),
    blurred: () => {
      context.filter = "blur(7px)";
      face(480);
      context.filter = "none";
    },
    good: () => face(480),
  };
  const frames = [];
  for (const [scene] of scenes) {
    for (let k = 0; k < (scene === "moving" ? count : 1); k++) {
      draw[scene](k);
      const jpeg = new Uint8Array(await (await canvas.convertToBlob({ type: "image/jpeg", quality: 0.92 })).arrayBuffer());
      frames.push({ times: scene === "moving" ? 1 : scene === "good" ? 2 * count : count, jpeg: [...jpeg] });
    }
  }
  return frames;
};

/** Films the scenes of these names, or all, in a page of `browser` that comes from `server`; answers with the argument that has Chromium's camera show them. */
export async function camera(browser, server, names = SCENES.map(([name]) => name)) {
  const page = await browser.newPage();
  await page.goto(server.url);
  const frames = await page.evaluate(film, [SCENES.filter(([name]) => names.includes(name)), LONG * FPS]);
  await page.close();
  const video = `${mkdtempSync(`${tmpdir()}/shine-skin-`)}/face.mjpeg`;
  writeFileSync(video, Buffer.concat(frames.flatMap(({ times, jpeg }) => Array(times).fill(Buffer.from(jpeg)))));
  return `--use-file-for-fake-video-capture=${video}`;
}
