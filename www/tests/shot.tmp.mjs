import { launch, serve, SAMPLE } from "./served.js";
const s = await serve(8799); const b = await launch();
for (const [w,h] of [[1280,900],[390,844]]) {
  const page = await (await b.newContext({ viewport: { width: w, height: h }, deviceScaleFactor: 1 })).newPage();
  await page.route("**/models/**", (r) => r.abort());
  await page.goto(s.url);
  await page.setInputFiles("#file", SAMPLE);
  await page.waitForFunction(() => ["done","failed"].includes(document.body.dataset.state), null, {timeout: 60000});
  await page.waitForTimeout(400);
  await page.screenshot({ path: `/tmp/basic-${w}.png`, fullPage: w === 390 });
  if (w===1280) { const d = await b.newPage(); await d.goto(s.url + "docs"); await d.waitForTimeout(500); await d.locator("summary").first().click(); await d.screenshot({ path: "/tmp/docs.png" }); }
}
await b.close(); s.stop();
