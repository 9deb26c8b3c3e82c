// Three engines of browsers behind one face: each opens a page and answers with what a function of it resolves to.

import { spawn } from "node:child_process";
import puppeteer from "puppeteer-core";
import { launch } from "../served.js";

async function chromium() {
  const browser = await launch();
  const page = await browser.newPage();
  return {
    name: `Chromium ${browser.version()}`,
    open: (url) => page.goto(url),
    ask: (body) => page.evaluate(`(${body})()`),
    close: () => browser.close(),
  };
}

/** Playwright drives no Firefox but its own; puppeteer speaks BiDi to any. `options` are more of puppeteer's. */
export async function launchFirefox(options = {}) {
  const executablePath = process.env.FIREFOX ?? "/usr/bin/firefox-esr";
  const browser = await puppeteer.launch({ browser: "firefox", executablePath, headless: true, ...options });
  const name = (await browser.version()).replace(/[-/]/g, " ").replace(/^firefox/i, "Firefox");
  return { browser, name };
}

async function firefox() {
  // Its own pretended camera, which nobody has to allow.
  const { browser, name } = await launchFirefox({ extraPrefsFirefox: { "media.navigator.streams.fake": true, "media.navigator.permission.disabled": true } });
  const page = await browser.newPage();
  return {
    name,
    open: (url) => page.goto(url),
    ask: (body) => page.evaluate(`(${body})()`),
    close: () => browser.close(),
  };
}

/** WebKitGTK by its driver, on a screen that nobody sees. */
async function webkit() {
  const port = 8807;
  const driver = spawn("xvfb-run", ["-a", "WebKitWebDriver", `--port=${port}`], { stdio: "ignore", detached: true });
  const send = async (method, path, body) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, body: body && JSON.stringify(body) });
    const { value } = await answer.json();
    if (value?.error) throw new Error(`${value.error}: ${value.message}`);
    return value;
  };
  const stop = () => {
    try {
      process.kill(-driver.pid, "SIGTERM");
    } catch {
      // It has ended by itself.
    }
  };
  try {
    const binary = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";
    const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": { binary, args: ["--automation", "--enable-media-stream=true", "--enable-mock-capture-devices=true"] } } };
    let session;
    for (let tries = 0; !session; tries++) {
      session = await send("POST", "/session", { capabilities }).catch((fault) => {
        if (tries > 50) throw fault;
        return new Promise((resolve) => setTimeout(resolve, 200));
      });
    }
    const at = `/session/${session.sessionId}`;
    await send("POST", `${at}/timeouts`, { script: 120_000, pageLoad: 60_000 });
    return {
      name: `WebKitGTK ${session.capabilities.browserVersion}`,
      open: (url) => send("POST", `${at}/url`, { url }),
      async ask(body) {
        const script = `const done = arguments[arguments.length - 1]; (${body})().then((value) => done({ value }), (fault) => done({ fault: String(fault) }));`;
        const { value, fault } = await send("POST", `${at}/execute/async`, { script, args: [] });
        if (fault) throw new Error(fault);
        return value;
      },
      async close() {
        await send("DELETE", at).catch(() => {});
        stop();
      },
    };
  } catch (fault) {
    stop();
    throw fault;
  }
}

export const ENGINES = { chromium, firefox, webkit };
