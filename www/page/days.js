// Photos of earlier days, on this device and nowhere else.

const NAME = "shine-skin";
const STORE = "days";

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "at" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** What is asked of the store, once it is done for good: a disk may turn out to be full at the very end. */
async function inStore(mode, work) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? request.error);
    });
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
