import { ShineSkinError } from "./error.js";

/** Waits for a promise, or for the signal; what was begun for others as well goes on. */
export async function unlessAborted(signal, promise) {
  let onAbort;
  const abort = new Promise((_, reject) => {
    signal.addEventListener("abort", (onAbort = () => reject(signal.reason)));
    if (signal.aborted) onAbort();
  });
  try {
    return await Promise.race([promise, abort]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/**
 * Has `work` done before one of the signals aborts or the time is over, which the signal that it gets tells. `share` says that it is no more than
 * a share of the time: what was begun may go on, for the next call.
 */
export async function within(ms, signals, work, share = false) {
  const controller = new AbortController();
  const there = signals.filter(Boolean);
  const abort = () => {
    const { reason } = there.find(({ aborted }) => aborted);
    controller.abort(reason instanceof ShineSkinError ? reason : new ShineSkinError("aborted", "The caller aborted.", reason));
  };
  const late = () => controller.abort(Object.assign(new ShineSkinError("timeout", `It took longer than ${Math.round(ms)} ms.`), { share }));
  const timer = setTimeout(late, ms);
  for (const each of there) each.addEventListener("abort", abort);
  if (there.some(({ aborted }) => aborted)) abort();
  try {
    return await work(controller.signal);
  } catch (fault) {
    throw ShineSkinError.from(fault);
  } finally {
    clearTimeout(timer);
    for (const each of there) each.removeEventListener("abort", abort);
  }
}

export function checkSignal(signal) {
  if (signal == null || typeof signal.addEventListener === "function") return;
  throw new ShineSkinError("invalid-options", `A signal can't be ${String(signal)}.`);
}
