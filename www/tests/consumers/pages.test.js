// The packed package in pages, built as their developers build them: the same photo, the command line's report.

import { cpSync, rmSync } from "node:fs";
import { after, before, test } from "node:test";
import { SAMPLE, commandLine, launch, serve } from "../served.js";
import { HERE, install, run } from "./install.js";
import { served, shows } from "./shown.js";

const expected = commandLine(SAMPLE);
let server, models, browser;

before(async () => {
  server = await serve(8802);
  models = `${server.url}models`;
  browser = await launch();
});

after(async () => {
  await browser?.close();
  server?.stop();
});

test("a plain page", async () => {
  const directory = install("node");
  const site = `${HERE}/plain`;
  rmSync(site, { recursive: true, force: true });
  cpSync(new URL("../../examples/plain", import.meta.url).pathname, site, { recursive: true });
  cpSync(`${directory}/node_modules/shine-skin`, `${site}/shine-skin`, { recursive: true });
  const plain = await serve(8803, site);
  try {
    await shows(browser, plain.url, expected);
  } finally {
    plain.stop();
  }
});

test("Vite, served for development and built", async () => {
  const directory = install("vite");
  const vite = `${directory}/node_modules/.bin/vite`;
  const env = { VITE_SKIN_MODELS: models };
  await served(directory, (port) => [vite, "--host", "127.0.0.1", "--port", port, "--strictPort"], env, (url) => shows(browser, url, expected));
  run(directory, [vite, "build"], env);
  await served(directory, (port) => [vite, "preview", "--host", "127.0.0.1", "--port", port, "--strictPort"], env, (url) => shows(browser, url, expected));
});
