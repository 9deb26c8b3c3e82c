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
    const body = await whole(response);
    return { status: response.status, retryAfter: response.headers.get("retry-after") ?? undefined, body };
  } catch (fault) {
    signal.throwIfAborted();
    if (fault instanceof ShineSkinError) throw fault;
    // What the host says may hold the address or the key.
    throw new ShineSkinError("server-unreachable", "The server can't be reached.", fault);
  }
}

/** The body of an answer, as far as one may be long. */
async function whole(response) {
  const parts = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (let part = await reader?.read(); part && !part.done; part = await reader.read()) {
    parts.push(part.value);
    length += part.value.length;
    if (length > MOST) {
      await reader.cancel();
      throw new ShineSkinError("server-failed", "The server's answer is too long.");
    }
  }
  const body = new Uint8Array(length);
  parts.reduce((at, part) => (body.set(part, at), at + part.length), 0);
  return body;
}
