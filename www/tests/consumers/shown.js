// A page that has the packed package, and that it shows the command line's report.

import assert from "node:assert/strict";
import { same } from "../same.js";
import { SAMPLE } from "../served.js";
import { freePort, start } from "./install.js";

/** Chooses the sample in a page, and compares what it shows. */
export async function shows(browser, url, expected) {
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
export async function served(directory, command, env, work) {
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
