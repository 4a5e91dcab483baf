// What was measured: alone, beside the example, as two runs; targets typed in; what cannot be read.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "./support/app.mjs";
import { ready } from "./support/boot.mjs";
import { demo, drop, shown } from "./support/demo.mjs";
import { commandLine } from "./support/native.mjs";
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

test("the program that reads evidence starts only when there is something to read", async ({ page }) => {
  const evidence = () => page.evaluate(() => globalThis.evidenceWorkers ?? 0);
  await page.evaluate(() => {
    const take = globalThis.drydock.evidenceWorker;
    globalThis.drydock.evidenceWorker = () => {
      globalThis.evidenceWorkers = (globalThis.evidenceWorkers ?? 0) + 1;
      return take();
    };
  });
  await drop(page, [["orders-service.zip", zip(demo())]]);
  await shown(page);
  expect(await evidence()).toBe(0);
  await drop(page, [sample("load/k6-export.json")]);
  await page.getByRole("button", { name: "Add as evidence" }).click();
  await measured(page);
  expect(await evidence()).toBe(1);
});

test("an audit outlives the program that reads its evidence", async ({ page, app }) => {
  await page.goto(`${app.url}?test-crash=evidence`);
  await ready(page);
  await drop(page, [["orders-service.zip", zip(demo())], sample("load/k6-export.json")]);
  // Its text is there before it opens.
  await expect(page.locator("#dialog-refused")).toBeVisible();
  await expect(page.locator("#dialog-refused")).toContainText("What was measured could not be read");
  await page.keyboard.press("Escape");
  await expect(page.locator("#dialog-refused")).toBeHidden();
  await shown(page);
  await page.locator("#tab-performance").click();
  await expect(page.getByRole("heading", { name: "Nothing was measured yet" })).toBeVisible();
});

test("a load test for the example's routes is the command line's, with the targets as thresholds", async ({ page, app, axe, shot }) => {
  test.setTimeout(900_000);
  const folder = mkdtempSync(join(tmpdir(), "drydock-e2e-"));
  try {
    const archive = join(folder, "orders-service.zip");
    writeFileSync(archive, zip(demo()));
    await page.locator("#file-picker").setInputFiles(archive);
    await shown(page);
    await page.locator("#tab-performance").click();
    await page.getByRole("button", { name: "Write a load test" }).click();
    const panel = page.locator("[aria-labelledby=load-test]");
    await expect(panel.getByRole("region", { name: /loadtest\.js/ })).toBeVisible();
    await expect(panel).toContainText("AUTHENTICATION");
    const binary = commandLine();
    const native = (tool, ...more) => execFileSync(binary, ["loadtest", archive, "--tool", tool, ...more], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    const requests = panel.locator(".load-request");
    const routes = execFileSync(binary, ["loadtest", archive], { encoding: "utf8" }).trim().split("\n");
    await panel.getByText("Requests that go in").click();
    expect(await requests.count()).toBeLessThanOrEqual(routes.length);
    expect(await requests.count()).toBeGreaterThan(0);
    for (const text of await requests.locator("span:first-child").allTextContents()) expect(routes.some((line) => line.includes(` ${text} `)), text).toBe(true);
    for (const [title, tool, file] of [
      ["k6", "k6", "loadtest.js"],
      ["Locust", "locust", "locustfile.py"],
      ["Artillery", "artillery", "artillery.yml"],
    ]) {
      await panel.getByRole("button", { name: title, exact: true }).click();
      const [download] = await Promise.all([page.waitForEvent("download"), panel.getByRole("button", { name: `Download ${file}` }).click()]);
      expect(download.suggestedFilename()).toBe(file);
      const text = readFileSync(await download.path(), "utf8");
      expect(text, file).toBe(native(tool));
      expect(await panel.locator(".load-script").textContent(), file).toBe(text);
    }
    for (const scheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme: scheme });
      for (const width of [1280, 375]) {
        await page.setViewportSize({ width, height: 720 });
        expect(await axe(), `${scheme} ${width}`).toEqual([]);
        await panel.scrollIntoViewIfNeeded();
        await shot(`load-test-${width}-${scheme}`);
      }
    }
    await page.setViewportSize({ width: 1280, height: 720 });
    // A target that is typed in becomes a threshold of what is shown already.
    await panel.getByRole("button", { name: "k6", exact: true }).click();
    await drop(page, [sample("load/k6-export.json")]);
    await page.getByRole("button", { name: "Add as evidence" }).click();
    await measured(page);
    const target = page.getByLabel("Target for Latency p95 all", { exact: true });
    await target.fill("< 123 ms");
    await target.press("Tab");
    await expect(panel.locator(".load-script")).toContainText("p(95)<123");
    expect(app.errors).toEqual([]);
    expect(app.foreign).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("where there are no routes, and where there is no code, the load test says so", async ({ page }) => {
  await drop(page, [["plain.zip", zip({ "plain/job.py": "print('hello')\n" })]]);
  await shown(page);
  await page.locator("#tab-performance").click();
  await page.getByRole("button", { name: "Write a load test" }).click();
  await expect(page.locator("[aria-labelledby=load-test]")).toContainText("No routes of FastAPI, Flask or Django were found");
  await page.reload();
  await ready(page);
  await drop(page, [sample("load/k6-export.json")]);
  await measured(page);
  await expect(page.locator("[aria-labelledby=load-test]")).toContainText("Drop the project itself");
});
