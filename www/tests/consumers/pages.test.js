// The packed package in pages, built as their developers build them: the same photo, the command line's report.

import assert from "node:assert/strict";
import { cpSync, rmSync } from "node:fs";
import { after, before, test } from "node:test";
import { same } from "../same.js";
import { SAMPLE, commandLine, launch, serve } from "../served.js";
import { HERE, freePort, install, run, start } from "./install.js";

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

/** Chooses the sample in a page, and compares what it shows. */
async function shows(url) {
  const page = await browser.newPage();
  const faults = [];
  page.on("pageerror", (fault) => faults.push(fault.message));
  try {
    await page.goto(url);
    await page.waitForLoadState("networkidle");
    await page.setInputFiles("input[type=file]", SAMPLE);
    await page.waitForFunction(() => document.querySelector("#report")?.textContent, null, { timeout: 60_000 });
    const report = JSON.parse(await page.textContent("#report"));
    assert.deepEqual([report.engine, report.fallbacks], ["enhanced", []]);
    same(report, expected);
    const workers = page.workers().length;
    assert.equal(workers, 1, "it is done in a worker");
    assert.deepEqual(faults, []);
  } finally {
    await page.close();
  }
}

/** Starts a server of an example for as long as `work` takes. */
async function served(directory, command, env, work) {
  const port = await freePort();
  const one = await start(directory, command(String(port)), port, env);
  try {
    await work(one.url);
  } catch (fault) {
    console.error(one.said());
    throw fault;
  } finally {
    one.stop();
  }
}

test("a plain page", async () => {
  const directory = install("node");
  const site = `${HERE}/plain`;
  rmSync(site, { recursive: true, force: true });
  cpSync(new URL("../../examples/plain", import.meta.url).pathname, site, { recursive: true });
  cpSync(`${directory}/node_modules/shine-skin`, `${site}/shine-skin`, { recursive: true });
  const plain = await serve(8803, site);
  try {
    await shows(plain.url);
  } finally {
    plain.stop();
  }
});

test("Vite, served for development and built", async () => {
  const directory = install("vite");
  const vite = `${directory}/node_modules/.bin/vite`;
  const env = { VITE_SKIN_MODELS: models };
  await served(directory, (port) => [vite, "--host", "127.0.0.1", "--port", port, "--strictPort"], env, shows);
  run(directory, [vite, "build"], env);
  await served(directory, (port) => [vite, "preview", "--host", "127.0.0.1", "--port", port, "--strictPort"], env, shows);
});

for (const bundler of ["turbopack", "webpack"]) {
  test(`Next.js by ${bundler}: the page, and routes on Node and on the edge runtime`, async () => {
    const directory = install("nextjs");
    const next = `${directory}/node_modules/.bin/next`;
    const env = { NEXT_PUBLIC_SKIN_MODELS: models, NEXT_TELEMETRY_DISABLED: "1" };
    run(directory, [next, "build", `--${bundler}`], env);
    await served(directory, (port) => [next, "start", "--hostname", "127.0.0.1", "--port", port], env, async (url) => {
      await shows(url);
      const photo = await (await fetch(`${server.url}sample/astronaut.png`)).arrayBuffer();
      for (const route of ["analyze", "edge"]) {
        const report = await (await fetch(`${url}api/${route}`, { method: "POST", body: photo })).json();
        assert.equal(report.engine, "enhanced", JSON.stringify(report).slice(0, 300));
        same(report, expected);
      }
    });
  });
}
