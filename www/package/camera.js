// A camera, and advice to the person before it until a photo is worth taking.

/** What keeps a camera from showing anything: a sentence for people, a code for programs. */
export class CameraError extends Error {
  constructor(code, message, cause) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "CameraError";
    this.code = code;
  }
}

/** By the names that browsers give. */
const CODES = {
  NotAllowedError: ["camera-denied", "The camera may not be used: allow it in the browser's settings."],
  NotFoundError: ["camera-missing", "There is no camera."],
  NotReadableError: ["camera-busy", "The camera can't be read: another program may have it."],
};

/** Longest wait for a frame that the page could show, milliseconds. */
const STILL = 5000;

/** Of what happened between frames further apart than this nothing is known, milliseconds: the page was hidden. */
const GAP = 2000;

/** How long an advice has to hold before it is given, milliseconds: words that change faster can't be followed. */
const SETTLED = 250;

/** Opens a camera in a video element; resolves to the function that closes it. */
export async function openCamera(video, { signal, facingMode = "user" } = {}) {
  signal?.throwIfAborted();
  const { mediaDevices } = navigator;
  if (!mediaDevices) throw new CameraError("camera-missing", "Pages that are not served by https get no camera.");
  let stream;
  try {
    stream = await mediaDevices.getUserMedia({ video: { facingMode, width: { ideal: 1920 }, height: { ideal: 1440 } } });
  } catch (cause) {
    const [code, message] = CODES[cause?.name] ?? ["camera-busy", `The camera can't be opened: ${cause?.message}`];
    throw new CameraError(code, message, cause);
  }
  const close = () => {
    for (const track of stream.getTracks()) track.stop();
    // Another opening may have taken the element over.
    if (video.srcObject === stream) video.srcObject = null;
  };
  let end;
  const ended = new Promise((_, reject) => (end = reject));
  const aborted = () => end(signal.reason);
  const timer = setTimeout(() => end(new Error("no picture came")), STILL);
  signal?.addEventListener("abort", aborted);
  try {
    // Permission may come when nobody waits for it any longer.
    signal?.throwIfAborted();
    // A phone would show a video that is not said to play here in a player of its own, and one with sound not at all.
    video.playsInline = video.muted = true;
    video.srcObject = stream;
    await Promise.race([video.play(), ended]);
    signal?.throwIfAborted();
  } catch (fault) {
    close();
    signal?.throwIfAborted();
    throw new CameraError("camera-busy", "The camera shows nothing.", fault);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", aborted);
  }
  return close;
}

/** What to tell the person, the most important first. */
export function advise(detections, preview) {
  if (detections.length === 0) return "no-face";
  if (detections.length > 1) return "several-faces";
  // A face that was only just found.
  if (!preview) return "hold-still";
  const { issues, darker, moving } = preview;
  const all = {
    "move-back": issues.includes("face-cut-off"),
    "come-closer": issues.includes("face-too-small"),
    "more-light": issues.includes("too-dark"),
    "less-light": issues.includes("too-bright"),
    "more-light-from-left": darker === "left",
    "more-light-from-right": darker === "right",
    "look-straight": issues.includes("off-pose"),
    "hold-still": moving,
    focus: issues.includes("blurred"),
    ready: true,
  };
  return Object.keys(all).find((advice) => all[advice]);
}

/** Advice that has held for a moment. */
class Settled {
  #given = null;
  #next = null;
  #since = 0;

  take(advice, now) {
    if (advice !== this.#next) [this.#next, this.#since] = [advice, now];
    if (this.#given === null || now - this.#since >= SETTLED) this.#given = advice;
    return this.#given;
  }
}

/**
 * Watches a video until nothing has spoken against a photo for `holdMs`, and resolves to that frame. `onGuidance` is told of each frame that was
 * looked at.
 */
export async function guide(analyzer, video, { signal, holdMs = 700, onGuidance = () => {} } = {}) {
  const settled = new Settled();
  /** Since when nothing speaks against it, and when the last frame was. */
  let ready = null;
  let last = 0;
  for (;;) {
    const now = await nextFrame(video, signal);
    if (!(video.videoWidth > 0)) continue;
    // What will be handed back is what is looked at.
    const due = ready !== null && now - ready >= holdMs;
    const photo = due ? await createImageBitmap(video).catch(() => null) : null;
    let taken = false;
    try {
      const looked = await look(analyzer, photo ?? video, now);
      signal?.throwIfAborted();
      // A camera that is taken away takes its last frame with it; the next one says so.
      if (!looked) continue;
      const { detections, preview } = looked;
      const advice = advise(detections, preview);
      if (advice !== "ready" || now - last > GAP) ready = null;
      last = now;
      if (advice === "ready") ready ??= now;
      const progress = ready === null ? 0 : Math.min((now - ready) / holdMs, 1);
      onGuidance({ advice: settled.take(advice, now), detections, preview, progress });
      taken = progress === 1 && photo !== null;
      if (taken) return photo;
    } finally {
      if (!taken) photo?.close();
    }
  }
}

/** What a frame shows; nothing where it has gone. */
async function look(analyzer, frame, now) {
  try {
    return await analyzer.detectForVideo(frame, now);
  } catch (fault) {
    if (fault.code === "decode-failed") return null;
    throw fault;
  }
}

/** The time of the next frame, milliseconds; throws where none comes any longer. */
function nextFrame(video, signal) {
  const tracks = video.srcObject?.getVideoTracks() ?? [];
  return new Promise((resolve, reject) => {
    let frame, timer;
    const end = () => {
      clearTimeout(timer);
      if (frame !== undefined) cancel(video, frame);
      signal?.removeEventListener("abort", aborted);
      document.removeEventListener("visibilitychange", seen);
      for (const track of tracks) track.removeEventListener("ended", interrupted);
    };
    const aborted = () => (end(), reject(signal.reason));
    const interrupted = () => (end(), reject(new CameraError("camera-interrupted", "The camera has been switched off, or another program has it.")));
    // A hidden page is shown no frames, and none are missed.
    const wait = () => (timer = setTimeout(() => (document.hidden ? wait() : interrupted()), STILL));
    // It has all of the time again when it is seen again.
    const seen = () => (clearTimeout(timer), wait());
    if (signal?.aborted) return reject(signal.reason);
    if (tracks.length > 0 && tracks.every(({ readyState }) => readyState === "ended")) return interrupted();
    wait();
    document.addEventListener("visibilitychange", seen);
    signal?.addEventListener("abort", aborted);
    for (const track of tracks) track.addEventListener("ended", interrupted);
    frame = request(video, (time) => (end(), resolve(time)));
  });
}

/** Asks for a video's next frame: its own time where the browser tells it. */
function request(video, seen) {
  if (video.requestVideoFrameCallback) return video.requestVideoFrameCallback((_, { mediaTime }) => seen(mediaTime * 1000));
  return requestAnimationFrame(seen);
}

function cancel(video, frame) {
  if (video.cancelVideoFrameCallback) video.cancelVideoFrameCallback(frame);
  else cancelAnimationFrame(frame);
}
