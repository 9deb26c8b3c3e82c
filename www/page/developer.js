// What a developer wants to see of the analyzer: engine, release, timings, cache, health.

import { button, node } from "./element.js";
import { DEVELOPER, bytes } from "./texts.js";

const table = (rows) =>
  node("table", {}, node("tbody", {}, ...rows.map(([name, value]) => node("tr", {}, node("th", { scope: "row" }, name), node("td", {}, String(value))))));

/** Fills the panel anew whenever it is opened, or shown another report. */
export class Developer {
  #panel;
  #body;
  #analyzer;
  #report = null;

  /** `analyzer` resolves to one. */
  constructor(panel, analyzer) {
    this.#panel = panel;
    this.#body = panel.querySelector("div");
    this.#analyzer = analyzer;
    panel.addEventListener("toggle", () => this.#fill());
  }

  show(report) {
    this.#report = report;
    this.#fill();
  }

  async #fill() {
    if (!this.#panel.open) return;
    try {
      const analyzer = await this.#analyzer();
      const [health, cache] = await Promise.all([analyzer.health(), analyzer.cacheInfo()]);
      this.#body.replaceChildren(...this.#parts(analyzer, health, cache));
    } catch (fault) {
      this.#body.replaceChildren(node("p", {}, `${fault.code}: ${fault.message}`));
    }
  }

  #parts(analyzer, health, cache) {
    const { memoryBytes, calls, errors } = analyzer.metrics();
    const report = this.#report;
    const counted = Object.entries(calls).map(([method, { count, sumMs }]) => `${method} ${count} × ${Math.round(sumMs / count)} ms`);
    const general = [
      [DEVELOPER.wasm, `${health.wasm}, ${health.thread === "worker" ? DEVELOPER.worker : DEVELOPER.own}`],
      [DEVELOPER.models, health.models],
      [DEVELOPER.memory, bytes(memoryBytes)],
      [DEVELOPER.cache, cache.entries === null ? cache.kind : `${cache.kind}: ${cache.entries}, ${bytes(cache.bytes)}`],
      [DEVELOPER.calls, counted.join("; ") || "–"],
      [DEVELOPER.errors, Object.entries(errors).map(([code, count]) => `${code} ${count}`).join("; ") || "–"],
    ];
    const ofReport = report && [
      [DEVELOPER.engine, [report.engine, ...report.fallbacks.map(({ engine, code }) => `${engine}: ${code}`)].join("; ")],
      [DEVELOPER.release, report.release ? `${report.release.name} (${report.release.channel})` : "–"],
      ...report.models.map(({ id, executor }) => [id, executor]),
      ...Object.entries(report.timings).map(([stage, ms]) => [stage, `${ms} ms`]),
    ];
    const healths = Object.entries(health.parts).map(([name, part]) => [name, `${part.status}${part.ms === null ? "" : `, ${part.ms} ms`}: ${part.message}`]);
    const empty = button(DEVELOPER.empty, async () => {
      await analyzer.clearCache().catch((fault) => this.#body.append(node("p", {}, fault.message)));
      this.#fill();
    });
    return [
      table(general),
      ...(ofReport ? [node("h3", {}, DEVELOPER.last), table(ofReport)] : []),
      node("h3", {}, `${DEVELOPER.health}: ${health.status}`),
      table(healths),
      empty,
    ];
  }
}
