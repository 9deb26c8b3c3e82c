// Everything the page says, in one place: another language is another such file.

/** What stands in the page itself, by its `data-text`. */
export const PAGE = {
  tagline: "Your photo, measured on your own device.",
  offline: "Offline",
  title: "See what a camera sees of your skin",
  posture: "Face the light, hold the phone at eye level, hair off your forehead.",
  layers: "Layers",
  layerFindings: "Findings",
  layerZones: "Zones",
  layerMesh: "Mesh",
  layerBox: "Box",
  heat: "Heat map",
  zoom: "Zoom to face",
  choose: "Choose a photo",
  useCamera: "Use the camera",
  trySample: "Try a sample",
  snap: "Take it now",
  cancel: "Cancel",
  privacy: "The photo stays on this device: it is not uploaded or shared, and kept here only if you say so. You can also drop or paste one here.",
  introTitle: "What you get",
  introModels: "1.6 MB of models are fetched on first use. What a photo can't show is left empty, with the reason.",
  introMedical: "Not a medical device. It gives no diagnosis.",
  developer: "For developers",
  labelPhoto: "Photo",
  labelFound: "What was found",
  labelAnalysis: "Analysis",
  labelComparison: "Two days compared",
};

/** What one gets: a name, and what it is. */
export const PROMISES = [
  ["Tone", " of your skin, with how sure the photo allows one to be."],
  ["Nine measures", ": acne, redness, dark spots, pigmentation, pores, wrinkles, texture, oiliness and dark circles, each with where it is and how far to trust it."],
  ["The photo's quality", ", and how to take a better one."],
];

/** What the page says while it works. */
export const WORKING = {
  photo: "The photo",
  analysing: "Analysing",
  loading: "Loading the models",
  fetching: "Fetching the models, once",
  of: (loaded, total) => `${loaded} of ${total}`,
  left: (seconds) => `, about ${seconds} s left`,
  noSample: "The sample can't be fetched. Are you online?",
};

/** What to tell the person before the camera. Left and right are their own. */
export const GUIDANCE = {
  starting: "One moment",
  "no-face": "Look into the camera",
  "several-faces": "One person at a time, please",
  "move-back": "Move back a little",
  "come-closer": "Come closer",
  "more-light": "More light, please",
  "less-light": "Less light, please",
  "more-light-from-left": "More light from your left",
  "more-light-from-right": "More light from your right",
  "look-straight": "Look straight ahead",
  "hold-still": "Hold still",
  blind: "No advice without the models: take it when it looks right",
  focus: "Let the camera focus",
  ready: "Good. Stay like this",
};

/** What is drawn on a photo. */
export const LAYERS = {
  finding: (id, { zone, areaMm2 }) => `${CONCERNS[id].finding}: ${ZONES[zone].toLowerCase()}${areaMm2 === null ? "" : `, about ${Math.round(areaMm2)} mm²`}.`,
  caption(id, count) {
    const { name } = CONCERNS[id];
    if (count === 0) return `${name}: no place is drawn.`;
    return `${name}: ${count === 1 ? "one place" : `${count} places`}. Point at one to see what and where; open another measure to see its places.`;
  },
};

/** What a report says. */
export const RESULTS = {
  photo: "About the photo",
  again: "Try again with the models",
  stayed: "The photo stayed on this device.",
  tone: "Tone",
  monk: (swatch) => `Monk ${swatch} of 10`,
  ends: ["very light", "dark"],
  categories: { "very light": "Very light", light: "Light", intermediate: "Intermediate", tan: "Tan", brown: "Brown", dark: "Dark" },
  disclaimer: "An analysis of a photo, not of a person's health. shine-skin is not a medical device and gives no diagnosis.",
  ita: (ita, low, high) => `ITA ${ita}°. One photo can't tell skin from light: a darker, brighter or bluer one of this face could say ${low}° to ${high}°.`,
  overall: "Overall",
  from: (measured) => `of 100, from ${measured} of 9 measures`,
  worst: (names) => (names ? `What stands out most: ${names}.` : "Nothing stands out."),
  measures: "Nine measures",
  classes: (model) => `What ${model} says`,
  classesAre: "A classifier of whoever runs this page, not of shine-skin: its words are reported as they are.",
  none: "not measured",
  missing: (reason) => `Not measured: ${reason}.`,
  confidence: (share) => `Confidence ${percent(share)}, from the photo's light, size and sharpness.`,
  made: ({ engine, release }, ms) => `Made ${engine === "server" ? "by a server" : "on this device"} in ${ms} ms ${release ? `by release ${release.name}` : "without models"}.`,
  json: "The report as JSON",
};

/** What can be done with a report. */
export const EXPORT = {
  keep: "Keep for another day",
  kept: "Kept on this device",
  full: "This browser keeps nothing",
  large: "Too large for this browser",
  png: "Save as PNG",
  json: "Save as JSON",
  print: "Print or PDF",
};

/** Photos that were kept. */
export const DAYS = {
  title: "Earlier days",
  where: "On this device only. Choose two to compare.",
  compare: "Compare",
  remove: "Remove",
  removeOf: (day) => `Remove the photo of ${day}`,
  score: (score) => `overall ${score}`,
};

export const COMPARE = {
  title: "Two days",
  close: "Close",
  measure: "Measure",
  before: "Before",
  after: "After",
  difference: "Difference",
  unknown: "not measured",
  change: (points, sure) => `${points === 0 ? "none" : `${points > 0 ? "+" : "−"}${Math.abs(points)}`}, confidence ${percent(sure)}`,
  light: "Compare only what was taken in the same light, from the same distance: one photo can't tell skin from light.",
};

export const DEVELOPER = {
  wasm: "WebAssembly",
  worker: "in a worker",
  own: "on the page's own thread",
  models: "Models",
  memory: "Memory",
  cache: "Cache",
  calls: "Calls",
  errors: "Errors",
  engine: "Engine",
  release: "Release",
  last: "The last report",
  health: "Health",
  empty: "Empty the cache",
};

/** The language of all this. */
export const LANGUAGE = "en";

/** A day and its time, as they are written here. */
export const date = (at) => new Date(at).toLocaleString(LANGUAGE, { dateStyle: "medium", timeStyle: "short" });

export const ZONES = {
  forehead: "Forehead",
  leftCheek: "Left cheek",
  rightCheek: "Right cheek",
  nose: "Nose",
  chin: "Chin",
  underLeftEye: "Under the left eye",
  underRightEye: "Under the right eye",
  upperLip: "Upper lip",
};

/** Each concern: its name, what its number says, what a finding of it is. */
export const CONCERNS = {
  acne: {
    name: "Acne",
    says: (v) => `Spots of acne take ${v.toFixed(1)}% of the skin.`,
    finding: "A spot that looks like acne",
  },
  redness: {
    name: "Redness",
    says: (v) => `${v.toFixed(0)}% of the skin is clearly redder than calm skin.`,
    finding: "Redder than calm skin",
  },
  darkSpots: {
    name: "Dark spots",
    says: (v) => `Freckles, moles and dark spots take ${v.toFixed(1)}% of the skin.`,
    finding: "A spot browner than the skin around it",
  },
  pigmentation: {
    name: "Pigmentation",
    says: (v) => `${v.toFixed(0)}% of the skin lies in patches browner and darker than the skin around them.`,
    finding: "A patch browner and darker than the skin around it",
  },
  pores: {
    name: "Pores",
    says: (v) => `${v.toFixed(0)} pores for each cm² of nose and cheeks can be seen.`,
    finding: "Pores",
  },
  wrinkles: {
    name: "Wrinkles",
    says: (v) => `${v.toFixed(1)} mm of line for each cm² of skin, faint lines counting less.`,
    finding: "A line",
  },
  texture: {
    name: "Texture",
    says: (v) => `At sizes of 1 to 4 mm the skin varies by ${v.toFixed(1)} L*.`,
    finding: "Uneven skin",
  },
  oiliness: {
    name: "Oiliness",
    says: (v) => `${v.toFixed(0)}% of the skin shines in this light.`,
    finding: "Skin that shines",
  },
  darkCircles: {
    name: "Dark circles",
    says: (v) => `Below one eye or both it is ${v.toFixed(0)} L* darker than on the cheek below (2 can just be seen).`,
    finding: "Darker than the cheek",
  },
};

/** What is wrong with the photo, and what to do about it. */
export const ISSUES = {
  "no-face": "No face was found. Look straight into the camera, with the whole face in the picture.",
  "several-faces": "There are several faces; the largest was measured.",
  "face-too-small": "The face is small in the picture. Come closer.",
  "face-cut-off": "Part of the face is outside the picture. Move back a little.",
  "too-dark": "It is dark. Turn towards a window or a lamp.",
  "too-bright": "It is too bright. Move out of the direct light.",
  "uneven-light": "One side is lit more than the other. Face the light.",
  blurred: "The face is blurred. Hold still, wipe the lens, let the camera focus.",
  "off-pose": "The head is turned. Look straight into the camera.",
  occluded: "Hair, a beard, glasses or a hand cover much of the skin. What you can take away, take away.",
  "colour-cast": "The light is coloured, so colours of the skin are less certain. Use daylight.",
  monochrome: "The photo has no colour, so colours of the skin can't be measured.",
};

export const REASONS = {
  "not-implemented": "not measured in this version",
  "model-missing": "a model is missing",
  "model-failed": "a model failed at this face",
  resolution: "the photo is too coarse",
  blurred: "the photo is blurred",
  light: "the light does not allow it",
  monochrome: "the photo has no colour",
  "off-pose": "the head is turned away",
  occluded: "the face is covered",
  "no-skin": "too little skin can be seen",
};

/** What to do about an error, by its code. */
export const ERRORS = {
  "decode-failed": "This file can't be read as a picture.",
  "image-too-large": "This picture is too large.",
  "unsupported-format": "This kind of file can't be read. A JPEG, PNG or WebP can; of a HEIC take a JPEG copy.",
  "manifest-fetch": "The list of models could not be fetched. Are you online?",
  "model-fetch": "A model could not be fetched. Are you online?",
  "model-integrity": "A model arrived damaged and was not used. Please try again.",
  "simd-unsupported": "This browser is too old for the models. A current one will do.",
  "out-of-memory": "There is not enough memory for this picture. A smaller one will do.",
  timeout: "It took too long. Please try again.",
  internal: "Something went wrong here. Please try again.",
  "camera-denied": "The camera may not be used. Allow it in the browser's settings, or choose a photo instead.",
  "camera-missing": "No camera was found. You can choose a photo instead.",
  "camera-busy": "The camera can't be used: another program may have it. You can choose a photo instead.",
  "camera-interrupted": "The camera stopped. Open it again, or choose a photo instead.",
};

/** Who measured, where it was not the models on this device. */
export const ENGINES = {
  basic: {
    title: "Measured without the models",
    says: () => "Without them tone, redness, dark spots and texture are measured where skin is certain, less surely than usual; the dotted box is where a face seems to be.",
  },
  server: {
    title: "Measured by a server",
    says: (engine) => `The photo went to the server that this site has set up, which measured it ${engine === "enhanced" ? "with its models" : "without models"}.`,
  },
};

/** Why the models did not answer, as a sentence. */
export const why = (passed) => {
  if (!passed) return "";
  if (passed.code === "circuit-open") return "The models could not be used a moment ago, and are tried again soon.";
  return ERRORS[passed.code]?.split(". ")[0].replace(/\.?$/, ".") ?? "The models could not be used on this device.";
};

export const SEVERITIES = { none: "calm", mild: "mild", moderate: "moderate", severe: "strong" };

export const percent = (share) => `${Math.round(share * 100)}%`;

export const bytes = (count) => (count < 1e5 ? `${Math.round(count / 1e3)} KB` : `${(count / 1e6).toFixed(1)} MB`);

export const modelName = (file) => {
  const name = file.split("/").pop();
  if (name.startsWith("blazeface")) return "Finding faces";
  if (name.startsWith("facemesh")) return "Mapping the face";
  if (name.startsWith("skin-net")) return "Telling spots of skin";
  return name;
};
