// Opens the page of a class in a real browser and uses it; prints what was seen as JSON.
// node class_page.js MODULES BROWSER FOLDER: the npm packages, Chromium, and what `autograder class` wrote.
"use strict";
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const [modules, browser, folder] = process.argv.slice(2);
const { chromium } = require(path.join(modules, "playwright-core"));

(async () => {
  const seen = { trouble: [], requests: [], axe: [] };
  const running = await chromium.launch({ executablePath: browser, args: ["--no-sandbox"] });
  const context = await running.newContext();
  const page = await context.newPage();
  page.on("dialog", (dialog) => { seen.trouble.push(`dialog ${dialog.message()}`); dialog.dismiss(); });
  page.on("console", (line) => { if (line.type() === "error") seen.trouble.push(line.text()); });
  page.on("pageerror", (error) => seen.trouble.push(String(error)));
  page.on("request", (request) => { if (!request.isNavigationRequest()) seen.requests.push(request.url()); });
  const open = (name) => page.goto(pathToFileURL(path.join(folder, name)).href);
  const names = () => page.locator("#students tbody tr").evaluateAll((rows) => rows.map((r) => r.cells[0].textContent));
  const shown = () => page.locator("#shown").textContent();

  const start = Date.now();
  await open("report.html");
  seen.shown = await shown();
  seen.milliseconds = Date.now() - start;
  seen.names = await names();
  seen.text = await page.locator("body").innerText();
  seen.svg = await page.locator("figure svg").count();

  // By keyboard alone: sort by total, twice.
  const total = page.locator("#students thead button", { hasText: "Total" });
  await total.focus();
  await page.keyboard.press("Enter");
  seen.up = await page.locator("#students tbody tr").evaluateAll((rows) => rows.map((r) => r.cells[4].textContent));
  seen.sorted = await page.locator("#students thead th").evaluateAll((heads) => heads.map((h) => h.ariaSort));
  await page.keyboard.press("Space");
  seen.down = await page.locator("#students tbody tr").evaluateAll((rows) => rows.map((r) => r.cells[4].textContent));

  await page.locator("#search").focus();
  await page.keyboard.type("Zo");
  seen.found = await names();
  await page.locator("#search").fill("");
  await page.locator("[data-check]").first().focus();
  await page.keyboard.press("Enter");
  seen.filtered = await shown();
  await page.locator("#clear").focus();
  await page.keyboard.press("Enter");
  seen.unfiltered = await shown();

  const axe = async (where) => {
    await page.evaluate(require("node:fs").readFileSync(path.join(modules, "axe-core", "axe.min.js"), "utf8"));
    const found = await page.evaluate(() => axe.run(document));
    for (const one of found.violations) {
      if (["serious", "critical"].includes(one.impact)) seen.axe.push(`${where}: ${one.id}: ${one.nodes[0].html}`);
    }
  };
  for (const scheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.locator("details").evaluateAll((all) => all.forEach((one) => { one.open = true; }));
    await axe(scheme);
    await page.screenshot({ path: path.join(folder, `${scheme}.png`), fullPage: true });
  }
  await page.setViewportSize({ width: 320, height: 640 });
  seen.overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  await page.screenshot({ path: path.join(folder, "narrow.png"), fullPage: true });
  await page.setViewportSize({ width: 1280, height: 720 });

  // Every student's own page, the first by keyboard.
  const link = page.locator("#students tbody a").first();
  await link.focus();
  await page.keyboard.press("Enter");
  await page.waitForURL("**/submissions/**");
  seen.opened = await page.locator("body").innerText();
  for (const name of require("node:fs").readdirSync(path.join(folder, "submissions"))) {
    await open(path.join("submissions", name));
  }
  console.log(JSON.stringify(seen));
  await running.close();
})().catch((error) => { console.error(error); process.exit(1); });
