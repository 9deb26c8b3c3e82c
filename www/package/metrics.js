/** Upper bounds of the buckets of times, milliseconds: those of the server's metrics. */
const BOUNDS = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, Infinity];

/** An object by names that come from elsewhere. */
const bare = () => Object.create(null);

const histogram = () => ({ count: 0, sumMs: 0, buckets: BOUNDS.map((upToMs) => ({ upToMs, count: 0 })) });

function add(all, key, ms) {
  const one = (all[key] ??= histogram());
  one.count += 1;
  one.sumMs += ms;
  for (const bucket of one.buckets) if (ms <= bucket.upToMs) bucket.count += 1;
}

const count = (all, key) => (all[key] = (all[key] ?? 0) + 1);

/** What an analyzer has done, as numbers: never an image, a landmark or anything that tells one face from another. */
export class Counter {
  #all = {
    ...Object.fromEntries(["calls", "engines", "errors", "reports", "releases", "fallbacks", "stages"].map((name) => [name, bare()])),
    modelFiles: { cache: 0, network: 0 },
    feedback: { up: 0, down: 0 },
  };

  /** A call of a method has ended; `code` is of its error, where it failed. */
  called(method, ms, code) {
    add(this.#all.calls, method, ms);
    if (code) count(this.#all.errors, code);
  }

  reported({ engine, release, timings }, ms) {
    count(this.#all.reports, engine);
    add(this.#all.engines, engine, ms);
    // What a server calls its stages and releases is not this device's.
    if (engine === "server") return;
    const name = release?.name ?? "none";
    count(this.#all.releases, name);
    for (const [stage, ms] of Object.entries(timings)) add((this.#all.stages[name] ??= bare()), stage, ms);
  }

  passed({ engine, code }) {
    count((this.#all.fallbacks[engine] ??= bare()), code);
  }

  progressed({ status, cached }) {
    if (status === "done") this.#all.modelFiles[cached ? "cache" : "network"] += 1;
  }

  rated(rating) {
    this.#all.feedback[rating] += 1;
  }

  /** All of it, as it is now. */
  all(memoryBytes) {
    return structuredClone({ ...this.#all, memoryBytes });
  }
}
