import { SkinAnalyzer } from "shine-skin";

// Where manifest.json lies; a bucket of another origin needs CORS.
const modelBaseUrl = import.meta.env.VITE_SKIN_MODELS ?? "/models";
const analyzer = await SkinAnalyzer.createFromOptions({ modelBaseUrl, worker: true });
const show = (id, text) => (document.getElementById(id).textContent = text);
document.getElementById("photo").addEventListener("change", async ({ target }) => {
  show("state", "Analysing");
  try {
    show("report", JSON.stringify(await analyzer.analyze(target.files[0]), null, 1));
    show("state", "Done");
  } catch (fault) {
    show("state", `${fault.code}: ${fault.message}`);
  }
});
show("state", "Ready");
