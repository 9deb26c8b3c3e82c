import { ShineSkinError } from "./error.js";
import { LIMITS } from "./pixels.js";
import { checkSignal } from "./waiting.js";

const DEFAULTS = {
  modelBaseUrl: "models",
  channel: "stable",
  engine: "auto",
  serverUrl: undefined,
  serverKey: undefined,
  worker: false,
  cache: "persistent",
  fetch: (request) => fetch(request),
  manifestPublicKey: undefined,
  signal: undefined,
  splitKey: undefined,
  flags: {},
  timeoutMs: 120_000,
  minDetectionConfidence: 0.5,
  maxFaces: 1,
  limits: {},
  onProgress: () => {},
  onEvent: () => {},
};

/** An address as it is everywhere: what is kept of two pages of one origin is told apart by it. */
function absolute(name, url) {
  const here = globalThis.document?.baseURI ?? globalThis.location?.href;
  try {
    return new URL(url, here).href;
  } catch {
    throw new ShineSkinError("invalid-options", `The option ${name} has to be a whole address here.`);
  }
}

/** The options with their defaults; what no option can be is refused by name. */
export function complete(options) {
  for (const name of Object.keys(options)) {
    if (!(name in DEFAULTS)) throw new ShineSkinError("invalid-options", `There is no option ${name}.`);
  }
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const all = { ...DEFAULTS, ...given };
  const text = (value) => ["string", "undefined"].includes(typeof value);
  const checks = {
    modelBaseUrl: typeof all.modelBaseUrl === "string",
    channel: typeof all.channel === "string",
    engine: ["auto", "enhanced", "server", "basic"].includes(all.engine),
    serverUrl: text(all.serverUrl),
    serverKey: all.serverKey === undefined || /^[\x21-\x7e]+$/.test(all.serverKey),
    cache: ["persistent", "none"].includes(all.cache) || ["match", "put", "delete"].every((verb) => all.cache?.[verb]),
    worker: typeof all.worker === "boolean",
    fetch: typeof all.fetch === "function",
    manifestPublicKey: text(all.manifestPublicKey),
    splitKey: text(all.splitKey),
    flags: typeof all.flags === "object" && Object.values(all.flags ?? { none: 0 }).every((on) => typeof on === "boolean"),
    timeoutMs: all.timeoutMs > 0 && all.timeoutMs < 2 ** 31,
    minDetectionConfidence: all.minDetectionConfidence >= 0 && all.minDetectionConfidence <= 1,
    maxFaces: Number.isInteger(all.maxFaces) && all.maxFaces >= 1 && all.maxFaces <= 64,
    limits: Object.entries(all.limits ?? { none: 0 }).every(([name, most]) => name in LIMITS && most >= 0 && most < 2 ** 32),
    onProgress: typeof all.onProgress === "function",
    onEvent: typeof all.onEvent === "function",
  };
  for (const [name, ok] of Object.entries(checks)) {
    const shown = name === "serverKey" ? "what it is" : name === "limits" ? "other than numbers of maxBytes and maxPixels" : String(all[name]);
    if (!ok) throw new ShineSkinError("invalid-options", `The option ${name} can't be ${shown}.`);
  }
  checkSignal(all.signal);
  if (all.worker && (typeof all.cache === "object" || all.fetch !== DEFAULTS.fetch)) {
    throw new ShineSkinError("invalid-options", "A cache or a fetch of your own can't be used by the package's worker: leave out that, or worker.");
  }
  const server = all.serverUrl && absolute("serverUrl", all.serverUrl).replace(/\/$/, "");
  if (server && !/^https?:\/\/[^@?#]*$/.test(server)) {
    throw new ShineSkinError("invalid-options", "The option serverUrl begins with http: or https:, and has no name, password, query or hash in it.");
  }
  if (!server && all.engine === "server") throw new ShineSkinError("invalid-options", "The engine \"server\" needs the option serverUrl.");
  const limits = { ...LIMITS, ...all.limits };
  return { ...all, modelBaseUrl: absolute("modelBaseUrl", all.modelBaseUrl), serverUrl: server || undefined, limits };
}
