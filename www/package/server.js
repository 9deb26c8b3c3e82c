import { ShineSkinError } from "./error.js";

/** Most bytes of an answer: a report of the largest photo has less than one million. */
const MOST = 16_000_000;

/** Sends a JPEG to the server that is set: the only place from which a photo leaves this device. */
export async function post({ serverUrl, serverKey }, what, jpeg, signal) {
  const headers = { "content-type": "image/jpeg" };
  if (serverKey !== undefined) headers.authorization = `Bearer ${serverKey}`;
  try {
    // Where the server sends it elsewhere it does not go.
    const request = { method: "POST", headers, body: jpeg, signal, redirect: "manual" };
    // Not every host knows these.
    if (globalThis.document ?? globalThis.importScripts) Object.assign(request, { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" });
    const response = await fetch(`${serverUrl}/v1/${what}`, request);
    if (Number(response.headers.get("content-length")) > MOST) throw new ShineSkinError("server-failed", "The server's answer is too long.");
    const body = new Uint8Array(await response.arrayBuffer());
    return { status: response.status, retryAfter: response.headers.get("retry-after") ?? undefined, body };
  } catch (fault) {
    signal.throwIfAborted();
    if (fault instanceof ShineSkinError) throw fault;
    throw new ShineSkinError("server-unreachable", `The server can't be asked: ${fault.message}`, fault);
  }
}
