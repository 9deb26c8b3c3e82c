import { tell } from "./host.js";
import { checkSignal, within } from "./waiting.js";

/** Calls of an analyzer's methods: each within its time, counted, and told. */
export class Calls {
  #options;
  #counter;

  constructor(options, counter) {
    this.#options = options;
    this.#counter = counter;
  }

  /** Has `work` done for a call, until the signal that it gets. */
  async run(method, signal, work) {
    checkSignal(signal);
    const begun = performance.now();
    const ended = (code) => {
      const ms = performance.now() - begun;
      this.#counter.called(method, ms, code);
      tell(this.#options.onEvent, { type: "call", method, ms, code: code ?? null });
    };
    try {
      const answer = await within(this.#options.timeoutMs, [signal, this.#options.signal], work);
      ended();
      return answer;
    } catch (fault) {
      ended(fault.code);
      throw fault;
    }
  }

  /** A thumb. */
  rated(rating) {
    this.#counter.rated(rating);
    tell(this.#options.onEvent, { type: "feedback", rating });
  }
}
