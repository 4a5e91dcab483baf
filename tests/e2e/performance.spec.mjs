// What was measured: alone, beside the example, as two runs; targets typed in; what cannot be read.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "./support/app.mjs";
import { ready } from "./support/boot.mjs";
import { demo, drop, shown } from "./support/demo.mjs";
import { zip } from "./support/zip.mjs";

const DATA = join(dirname(fileURLToPath(import.meta.url)), "../data/evidence");
const sample = (path) => [path.split("/").pop(), readFileSync(join(DATA, path))];
const runs = [1, 2, 3, 4].flatMap((at) => [sample(`load/runs/baseline-${at}.json`), sample(`load/runs/optimized-${at}.json`)]);
const measured = (page) => expect(page.locator(".performance h1")).toBeVisible({ timeout: 60_000 });

test.beforeEach(async ({ page, app }) => {
  await page.goto(app.url);
  await ready(page);
});

test("evidence alone: a profile, a plan and a load test become a report", async ({ page, app, axe }) => {
  await drop(page, [sample("profiles/shop.prof"), sample("databases/explain/scan.txt"), sample("load/k6-export.json")]);
  await measured(page);
  await expect(page.locator("#tab-performance")).toHaveAttribute("aria-selected", "true");
  await expect(page.getByRole("heading", { name: "Evidence files" })).toBeVisible();
  const rows = page.locator("[aria-labelledby=evidence-files] tbody tr");
  await expect(rows).toHaveCount(3);
  for (const words of ["cProfile", "PostgreSQL", "k6"]) await expect(rows.filter({ hasText: words })).toHaveCount(1);
  // The profile as boxes and as a list, the plan as a list.
  const picture = page.locator("#picture");
  await picture.selectOption(await picture.locator("option", { hasText: "cProfile" }).getAttribute("value"));
  await expect(page.locator(".icicle-box").first()).toBeVisible();
  await page.locator(".icicle-box").nth(1).click();
  await expect(page.getByRole("button", { name: "Show all" })).toBeEnabled();
  await page.getByRole("button", { name: "List", exact: true }).click();
  await expect(page.locator(".steps tbody tr").first()).toBeVisible();
  await picture.selectOption(await picture.locator("option", { hasText: "plan of" }).getAttribute("value"));
  await expect(page.locator(".steps")).toContainText("Scan");
  expect(await axe()).toEqual([]);
  // The other tabs say that there was no code to judge.
  await page.locator("#tab-summary").click();
  await expect(page.locator(".panel")).toContainText(/N\/A|Nothing to judge/);
  expect(app.errors).toEqual([]);
});

test("two runs: what changed, which way round, and a target typed in", async ({ page, axe }) => {
  await drop(page, runs);
  await measured(page);
  const all = page.locator(".measured").filter({ has: page.getByRole("heading", { name: "All requests" }) });
  const benchmark = page.getByRole("heading", { name: "Before/after benchmark" });
  await expect(all.getByRole("heading", { name: "Before/after benchmark" })).toBeVisible();
  expect(await axe()).toEqual([]);
  const cells = () => all.locator(".measured-part", { has: benchmark }).locator("tbody tr").first().locator("td").allTextContents();
  const before = await cells();
  await page.getByRole("button", { name: "Swap before and after" }).click();
  await expect.poll(async () => (await cells()).slice(0, 2)).toEqual([before[1], before[0]]);
  const target = page.getByLabel(/^Target for Latency p95/).first();
  await target.fill("< 1 ms");
  await target.press("Tab");
  const row = page.locator("tr", { has: page.getByLabel(/^Target for Latency p95/) }).first();
  await expect(row).toContainText("FAIL");
  await expect(row).toContainText("typed in");
});

test("beside the example: the score with and without, taken back again", async ({ page, app, axe }) => {
  await drop(page, [["orders-service.zip", zip(demo())], sample("load/k6-export.json")]);
  await shown(page);
  await page.locator("#tab-performance").click();
  await measured(page);
  expect(await axe()).toEqual([]);
  await page.getByRole("button", { name: "Forget what was measured" }).click();
  await expect(page.getByRole("heading", { name: "Nothing was measured yet" })).toBeVisible();
  // Added again through a drop over the report.
  await drop(page, [sample("load/k6-export.json")]);
  await page.getByRole("button", { name: "Add as evidence" }).click();
  await measured(page);
  expect(app.errors).toEqual([]);
  expect(app.foreign).toEqual([]);
});

test("what cannot be read is listed with its reason", async ({ page }) => {
  await drop(page, [sample("load/k6-export.json"), ["photo.dat", "no evidence at all\n"]]);
  await measured(page);
  await expect(page.locator("[aria-labelledby=evidence-files] tbody tr", { hasText: "photo.dat" })).toContainText("not read");
  await page.locator("#tab-summary").click();
});

test("no evidence at all says what could have been dropped", async ({ page }) => {
  await drop(page, [["notes.pdf", "%PDF-1.4 nothing"]]);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("notes.pdf is not a zip, folder or report");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("query plans");
});
