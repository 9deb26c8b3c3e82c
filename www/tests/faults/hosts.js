// The three hosts of the library, each with an empty cache, and a photo that each has to analyse.

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { after, before } from "node:test";
import { BINARY, launch, ROOT, SAMPLE, serve } from "../served.js";
import { workerd } from "../worker/workerd.js";
import { bucket } from "./server.js";

/** Longest wait for models, so that a bucket that says nothing does not hold up the tests. */
const TIMEOUT_MS = 6000;

/** "report", or the code of an error. */
const endOf = ({ report, error }) => (report ? "report" : error.code);

async function native() {
  const cache = mkdtempSync(`${tmpdir()}/shine-skin-faults-`);
  const { SHINE_MANIFEST_PUBLIC_KEY: _, ...environment } = process.env;
  const env = { ...environment, XDG_CACHE_HOME: cache, SHINE_TIMEOUT: String(TIMEOUT_MS / 1000) };
  return {
    analyze: (models) =>
      new Promise((resolve) => {
        execFile(BINARY, ["analyze", "--json", "--engine", "enhanced", "--models", models, SAMPLE], { cwd: ROOT, env, maxBuffer: 1 << 26 }, (_, out) =>
          resolve(endOf(JSON.parse(out))),
        );
      }),
    stop: () => rmSync(cache, { recursive: true, force: true }),
  };
}

async function worker() {
  const flare = await workerd();
  const photo = readFileSync(SAMPLE);
  return {
    analyze: async (models) => endOf(await flare.analyze(photo, { engine: "enhanced", modelBaseUrl: models, timeoutMs: TIMEOUT_MS })),
    stop: flare.stop,
  };
}

/** The hosts by name, and what ends what they share. */
export async function hosts() {
  const [server, chromium] = [await serve(8794), await launch()];
  async function browser() {
    const context = await chromium.newContext();
    const page = await context.newPage();
    await page.goto(server.url);
    return {
      page,
      analyze: (modelBaseUrl) =>
        page.evaluate(
          async ([options]) => {
            const { SkinAnalyzer } = await import("/shine-skin/index.js");
            const analyzer = await SkinAnalyzer.createFromOptions(options);
            const photo = await (await fetch("/sample/astronaut.png")).blob();
            const end = await analyzer.analyze(photo).then(() => "report", (fault) => fault.code);
            analyzer.close();
            return end;
          },
          [{ engine: "enhanced", modelBaseUrl, timeoutMs: TIMEOUT_MS }],
        ),
      stop: () => context.close(),
    };
  }
  async function stop() {
    await chromium.close();
    server.stop();
  }
  return { hosts: { native, browser, worker }, stop };
}

/** The hosts and a bucket for the tests of a file, from its first test to its last. */
export function together() {
  const shared = {};
  before(async () => {
    [shared.all, shared.models] = [await hosts(), await bucket()];
  });
  after(async () => {
    await shared.all?.stop();
    shared.models?.stop();
  });
  return shared;
}
