import { ShineSkinError } from "./error.js";
import { within } from "./waiting.js";

/** Which engine answers. What is decided is decided in the module; what it knows of engines that are down is kept here. */
export class Policy {
  #options;
  #instances;
  #passed;
  /** For the module to read and write. */
  #breakers = new Float64Array(6);

  /** `passed` is told of each engine that does not answer. */
  constructor(options, instances, passed) {
    this.#options = options;
    this.#instances = instances;
    this.#passed = passed;
  }

  /** Has the best of `engines` answer that can: each by its name a function of a signal. Resolves to the answer, who gave it, and why no better one. */
  async answer(task, choice, engines, waiting) {
    const { serverUrl, timeoutMs } = this.#options;
    const passed = [];
    const pass = (reason) => {
      passed.push(reason);
      this.#passed(reason);
    };
    const request = await this.#in((glue) => glue.beginRequest(task === "detect", choice, serverUrl !== undefined, performance.now()));
    for (;;) {
      waiting.throwIfAborted();
      const step = await this.#in((glue) => glue.nextStep(timeoutMs, this.#breakers, request, performance.now()));
      if (!step) throw unanswered(passed);
      if (step.passed) {
        pass(step.passed);
        continue;
      }
      try {
        const answer = await within(step.mostMs, [waiting], engines[step.engine], choice === "auto");
        await this.#in((glue) => glue.stepSucceeded(this.#breakers, request));
        return { answer, engine: step.engine, passed };
      } catch (fault) {
        const { code, message, waitMs } = ShineSkinError.from(fault);
        const failed = (glue) => glue.stepFailed(this.#breakers, request, code, message, waitMs, performance.now());
        try {
          pass((await this.#in(failed)).passed);
        } catch {
          // The caller's own, as it was.
          throw fault;
        }
      }
    }
  }

  async #in(work) {
    await this.#instances.ready;
    return work(this.#instances.glue);
  }
}

/** What a caller is told whom no engine could answer: the best one's code, and what each says. */
function unanswered(passed) {
  const said = passed.map(({ message }) => message).join("; ");
  return new ShineSkinError(passed[0]?.code ?? "internal", said || "No engine can answer.");
}
