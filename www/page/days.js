// Photos of earlier days, on this device and nowhere else.

const NAME = "shine-skin";
const STORE = "days";

/** Settles as a request of the database does. */
const settled = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

function open() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "at" });
  return settled(request);
}

async function inStore(mode, work) {
  const database = await open();
  try {
    return await settled(work(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

/** All that is kept, the last first: `{ at, photo, report }`, `at` in milliseconds. */
export const days = async () => (await inStore("readonly", (store) => store.getAll())).reverse();

/** Keeps a photo and its report. */
export const keep = (photo, report) => inStore("readwrite", (store) => store.put({ at: Date.now(), photo, report }));

/** Removes one. */
export const forget = (at) => inStore("readwrite", (store) => store.delete(at));
