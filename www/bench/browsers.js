// The two browsers that the bench runs in, behind one face: a fresh profile each time.

import { launchFirefox } from "../tests/engines/engines.js";
import { launch } from "../tests/served.js";

async function chromium() {
  const browser = await launch();
  return { version: `Chromium ${browser.version()}`, newPage: () => browser.newPage(), close: () => browser.close() };
}

async function firefox() {
  const { browser, name: version } = await launchFirefox({ protocolTimeout: 1_800_000 });
  return { version, newPage: () => browser.newPage(), close: () => browser.close() };
}

export const BROWSERS = { chromium, firefox };

/** Runs a function of a module of the bench in a page of a browser: what it answers, and the browser's version. */
export async function inPage(open, address, module, name, ...args) {
  const browser = await open();
  try {
    const page = await browser.newPage();
    page.on("pageerror", (fault) => console.error(fault));
    await page.goto(address);
    const call = args.map((arg) => JSON.stringify(arg)).join(", ");
    const answer = await page.evaluate(`import("/bench/${module}").then((module) => module.${name}(${call}))`);
    return { answer, version: browser.version };
  } finally {
    await browser.close();
  }
}
