// The page's end of the worker: each call is a promise.

export class Analysis {
  #worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  #waiting = new Map();
  #next = 1;

  constructor(onProgress) {
    this.#worker.addEventListener("message", ({ data }) => {
      if (data.progress) return onProgress(data.progress);
      const { resolve, reject } = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if (data.error) reject(Object.assign(new Error(data.error.message), { code: data.error.code }));
      else resolve(data.result);
    });
    this.#worker.addEventListener("error", (event) => {
      const fault = Object.assign(new Error(event.message ?? "The worker stopped."), { code: "internal" });
      for (const { reject } of this.#waiting.values()) reject(fault);
      this.#waiting.clear();
    });
  }

  analyze(image) {
    return this.#call("analyze", image);
  }

  health() {
    return this.#call("health");
  }

  #call(verb, image) {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, verb, image });
    });
  }
}
