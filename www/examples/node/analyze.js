// node analyze.js MODELS PHOTO: the report of a photo, as JSON.

import { readFile } from "node:fs/promises";
import { SkinAnalyzer } from "shine-skin";

const [modelBaseUrl, photo] = process.argv.slice(2);
const analyzer = await SkinAnalyzer.createFromOptions({ modelBaseUrl });
console.log(JSON.stringify(await analyzer.analyze(await readFile(photo))));
analyzer.close();
