// The served page and the command line, as the tests use them.

import { execFileSync, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
export const TARGET = process.env.CARGO_TARGET_DIR ?? `${ROOT}target`;
export const SITE = `${TARGET}/site`;
export const BINARY = `${TARGET}/release/shine-skin`;
export const SAMPLE = `${ROOT}www/page/sample/astronaut.png`;

/** `shine-skin serve` on a port, with a page; answers with its address once it listens. */
export async function serve(port, site = SITE) {
  const args = ["serve", "--port", String(port), "--site", site, "--models", `${ROOT}models/dist`, "--drain", "0"];
  // A log that nobody reads would fill its pipe.
  const child = spawn(BINARY, args, { stdio: ["ignore", "pipe", "ignore"] });
  await new Promise((resolve, reject) => {
    child.stdout.once("data", resolve);
    child.once("exit", (code) => reject(new Error(`serve ended with ${code}`)));
  });
  return { url: `http://127.0.0.1:${port}/`, stop: () => child.kill() };
}

/** The report of the command line for a file. */
export function commandLine(file) {
  const line = execFileSync(BINARY, ["analyze", "--json", file], { cwd: ROOT, maxBuffer: 1 << 26 });
  return JSON.parse(line).report;
}

/** Chromium, which finds no other host than this machine; `more` arguments. */
export async function launch(...more) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
      "--use-fake-ui-for-media-stream",
      "--use-fake-device-for-media-stream",
      ...more,
    ],
  });
  // The page's service worker would ask in the place of whom a test watches.
  for (const made of ["newPage", "newContext"]) {
    const make = browser[made].bind(browser);
    browser[made] = (options) => make({ serviceWorkers: "block", ...options });
  }
  return browser;
}

/** Waits until the page has an answer and returns its state. */
export async function answer(page) {
  await page.waitForFunction(() => ["done", "failed"].includes(document.body.dataset.state), null, { timeout: 60_000 });
  return page.evaluate(() => document.body.dataset.state);
}

/** The whole report that the page offers for download. */
export const pageReport = (page) => page.evaluate(async () => (await fetch(document.querySelector("a[download]").href)).json());
