// Files that leave the app and come back: everything that the command line writes, byte for byte; saved reports
// that open again; versions compared; findings dismissed.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "./support/app.mjs";
import { ready } from "./support/boot.mjs";
import { demo, drop, filesBelow, shown } from "./support/demo.mjs";
import { commandLine } from "./support/native.mjs";
import { focusOf, openReport, sampleReport } from "./support/report.mjs";
import { unzip, zip } from "./support/zip.mjs";

/** Saves what the button named `name` gives. */
async function saved(page, name) {
  await page.locator("#tab-export").click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name, exact: true }).click()]);
  return readFileSync(await download.path());
}

test.beforeEach(async ({ page, app }) => {
  await page.goto(app.url);
  await ready(page);
});

test("all files of the app are those of the command line, byte for byte", async ({ page }) => {
  test.setTimeout(900_000);
  const binary = commandLine();
  const folder = mkdtempSync(join(tmpdir(), "drydock-e2e-"));
  try {
    const archive = join(folder, "orders.zip");
    writeFileSync(archive, zip(demo()));
    await page.locator("#file-picker").setInputFiles(archive);
    await shown(page);
    const { date } = JSON.parse(await saved(page, "Download report.json"));
    const native = (...more) => execFileSync(binary, ["audit", archive, "--date", date, ...more], { maxBuffer: 1 << 28 });
    for (const [name, format] of [
      ["persistence_audit.md", "markdown"],
      ["report.json", "json"],
      ["findings.jsonl", "jsonl"],
      ["report.sarif", "sarif"],
      ["report.html", "html"],
    ]) {
      expect((await saved(page, `Download ${name}`)).equals(native("--format", format)), name).toBe(true);
    }
    expect((await saved(page, "Download context.json")).equals(execFileSync(binary, ["context", archive, "--date", date]))).toBe(true);
    native("--write", join(folder, "out"));
    const written = filesBelow(join(folder, "out"));
    const all = unzip(await saved(page, "Download all as zip"));
    expect(Object.keys(all).sort()).toEqual(written);
    for (const path of written) expect(all[path].equals(readFileSync(join(folder, "out", path))), path).toBe(true);
    // The page says the paths before anything is written.
    expect((await page.locator(".export-paths li").allTextContents()).sort()).toEqual(written);
    for (const name of ["651-query-efficiency.md", "652-transaction-correctness.md", "653-runtime-performance.md", "654-resource-lifecycle.md", "results_log.md"]) {
      const path = written.find((one) => one.endsWith(name));
      expect((await saved(page, `Download ${name}`)).equals(all[path]), name).toBe(true);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a preview shows what leaves, and is left with Escape", async ({ page, axe }) => {
  await openReport(page, sampleReport());
  await shown(page);
  await page.locator("#tab-export").click();
  await page.getByRole("button", { name: "Preview report.sarif" }).click();
  const dialog = page.getByRole("dialog", { name: "report.sarif" });
  await expect(dialog).toContainText('"runs":[');
  expect(await dialog.textContent()).not.toContain("s3cr3t");
  expect(await axe()).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  expect((await focusOf(page)).tag).toBe("button");
});

test("files go into a folder only after a click, and its log is kept", async ({ page }) => {
  await page.evaluate(() => {
    // Pickers cannot be scripted: a folder is played.
    const tree = { "docs/project/.audit/results_log.md": "# Ours\n\n| Date | Skill | Score |\n|---|---|---|\n| 2025-01-01 | ln-999 | 3 |\n" };
    globalThis.asked = [];
    globalThis.tree = tree;
    const missing = () => Object.assign(new Error("none"), { name: "NotFoundError" });
    const folder = (path) => ({
      name: "my-project",
      async getDirectoryHandle(name, { create } = {}) {
        const below = `${path}${name}/`;
        if (!create && !Object.keys(tree).some((key) => key.startsWith(below))) throw missing();
        return folder(below);
      },
      async getFileHandle(name, { create } = {}) {
        const key = path + name;
        if (!create && !(key in tree)) throw missing();
        return {
          getFile: async () => new File([tree[key]], name),
          createWritable: async () => ({
            write: async (bytes) => {
              tree[key] = new TextDecoder().decode(bytes);
            },
            close: async () => {},
          }),
        };
      },
    });
    globalThis.showDirectoryPicker = async (options) => {
      globalThis.asked.push(options.mode);
      return folder("");
    };
  });
  await openReport(page, sampleReport());
  await shown(page);
  await page.locator("#tab-export").click();
  const promised = (await page.locator(".export-paths li").allTextContents()).sort();
  expect(await page.evaluate(() => globalThis.asked)).toEqual([]);
  await page.locator("#write-folder").click();
  await expect(page.locator(".toast")).toHaveText("Wrote 9 files into my-project");
  const tree = await page.evaluate(() => globalThis.tree);
  expect(Object.keys(tree).sort()).toEqual(promised);
  const log = tree["docs/project/.audit/results_log.md"];
  expect(log).toContain("# Ours");
  expect(log).toContain("| 2025-01-01 | ln-999 | 3 |");
  expect(log.match(/ln-650/g)).toHaveLength(1);
});

test("a saved page and a saved JSON open again, as the same report", async ({ page }) => {
  await page.locator("#try-example").click();
  await shown(page);
  const html = await saved(page, "Download report.html");
  const json = await saved(page, "Download report.json");
  for (const [name, bytes] of [["report.html", html], ["report.json", json]]) {
    await page.reload();
    await ready(page);
    await drop(page, [[name, bytes]]);
    await shown(page);
    await expect(page.getByText("Opened from a saved report")).toBeVisible();
    expect((await saved(page, "Download report.json")).equals(json), name).toBe(true);
    expect((await saved(page, "Download report.html")).equals(html), name).toBe(true);
  }
});

for (const [what, name, text, title, why] of [
  ["a newer report", "report.json", '{"schema": 99, "version": "2.3.0"}', "This report was made by a newer Drydock", "Made by 2.3.0, this is "],
  ["a cut report", "report.json", JSON.stringify(sampleReport()).slice(0, 5000), "This file is not a Drydock report", ""],
  ["a changed report", "report.json", JSON.stringify({ ...sampleReport(), findings: 7 }), "This Drydock report is damaged", "cut short or changed"],
  ["other JSON", "package.json", '{"name": "left-pad"}', "This file is not a Drydock report", ""],
  ["another page", "index.html", "<!doctype html><title>x</title>", "This file is not a Drydock report", ""],
]) {
  test(`${what} is named as such`, async ({ page, app }) => {
    await drop(page, [[name, text]]);
    await expect(page.getByRole("heading", { name: title })).toBeVisible();
    await expect(page.locator(".failure")).toContainText(why);
    expect(app.errors).toEqual([]);
  });
}

/** The example before somebody mended and broke something: one file less, one fault more. */
const FAULT = `import time


async def wait_for_stock(order_id: int) -> None:
    time.sleep(5)
`;

test("two zips in one drop are compared: new, fixed, moved, per category", async ({ page, axe, shot, app }) => {
  const before = demo({ "orders-service/app/waiting.py": FAULT });
  const after = demo({ "orders-service/app/extra.py": FAULT.replaceAll("wait_for_stock", "wait_for_rows") });
  await drop(page, [["after.zip", zip(after)], ["before.zip", zip(before)]]);
  const dialog = page.getByRole("dialog", { name: "Compare two versions" });
  await expect(dialog).toBeVisible();
  expect(await axe()).toEqual([]);
  await dialog.getByRole("button", { name: "before.zip" }).click();
  await expect(page.locator(".delta-chip")).toBeVisible({ timeout: 90_000 });
  await page.locator("#tab-compare").click();
  await expect(page.locator(".compare-table tbody tr")).toHaveCount(5);
  await expect(page.getByRole("heading", { name: /^New/ })).toContainText("1");
  await expect(page.getByRole("heading", { name: /^Fixed/ })).toContainText("1");
  expect(await axe()).toEqual([]);
  await shot("compared", { fullPage: true });
  const report = JSON.parse(await saved(page, "Download report.json"));
  expect(report.comparison.counts).toMatchObject({ new: 1, fixed: 1 });
  await page.locator("#tab-compare").click();
  await page.getByRole("button", { name: /^Still there/ }).click();
  await expect(page.locator(".list-count")).toHaveText(`${report.comparison.counts.known} of ${report.findings.length}`);
  await expect.poll(() => page.evaluate(() => location.hash)).toContain("since=known");
  await page.locator("#tab-compare").click();
  await page.getByRole("button", { name: "Stop comparing" }).click();
  await expect(page.getByRole("heading", { name: "Compare with an earlier version" })).toBeVisible();
  expect(app.errors).toEqual([]);
});

test("a zip is compared with an earlier report, and with a page that is none", async ({ page }) => {
  await drop(page, [["before.zip", zip(demo())]]);
  await shown(page);
  const earlier = await saved(page, "Download report.json");
  await page.reload();
  await ready(page);
  const moved = Object.fromEntries(
    Object.entries(demo()).map(([path, data]) => [path.replace("orders-service/app/", "orders-service/orders/"), data.toString().replaceAll("app.", "orders.")]),
  );
  await drop(page, [["after.zip", zip(moved)]]);
  await shown(page);
  await page.locator("#tab-compare").click();
  const picker = page.waitForEvent("filechooser");
  await page.locator("#choose-earlier").click();
  await (await picker).setFiles({ name: "report.json", mimeType: "application/json", buffer: earlier });
  await page.locator("#tab-compare").click();
  await expect(page.getByRole("heading", { name: /^Moved/ })).toBeVisible({ timeout: 60_000 });
  const other = page.waitForEvent("filechooser");
  await page.locator("#choose-earlier").click();
  await (await other).setFiles({ name: "x.json", mimeType: "application/json", buffer: Buffer.from("{}") });
  await expect(page.getByRole("dialog", { name: "That did not work" })).toContainText("not a Drydock report");
  await page.keyboard.press("Escape");
  await expect(page.locator("#tab-compare")).toBeVisible();
});

test("dismissed with a reason, exported, audited again: suppressed", async ({ page, axe, app }) => {
  const files = demo({ "orders-service/.drydock.toml": "# ours\n[files]\ntests = false\n" });
  await drop(page, [["orders.zip", zip(files)]]);
  await shown(page);
  const before = JSON.parse(await saved(page, "Download report.json"));
  await page.keyboard.press("2");
  await page.locator(".finding-row").first().click();
  const title = await page.locator("#detail-title").textContent();
  await page.locator("#dismiss").focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Dismiss this finding" });
  await expect(dialog).toBeVisible();
  await expect(page.locator("#dismiss-do")).toBeDisabled();
  expect(await axe()).toEqual([]);
  await page.getByLabel("Accepted").check();
  await page.locator("#dismiss-why").fill('ten rows at most, says "ops"');
  await page.keyboard.press("Enter");
  await expect(dialog).toHaveCount(0);
  await expect(page.locator(".detail-status")).toContainText("Suppressed, not scored");
  await expect(page.locator(".detail-status")).toContainText('accepted: ten rows at most, says "ops" (.drydock.toml)');
  await expect(page.locator("#detail-title")).toHaveText(title);
  const after = JSON.parse(await saved(page, "Download report.json"));
  const counted = (report) => report.findings.filter((finding) => finding.verdict === "counted").length;
  expect(counted(after)).toBe(counted(before) - 1);
  expect(after.overall.penalty_tenths).toBeLessThan(before.overall.penalty_tenths);
  const settings = (await saved(page, "Download .drydock.toml")).toString();
  expect(settings).toContain("# ours\n[files]");

  await page.reload();
  await ready(page);
  await drop(page, [["orders.zip", zip({ ...files, "orders-service/.drydock.toml": settings })]]);
  await shown(page);
  const again = JSON.parse(await saved(page, "Download report.json"));
  expect(again).toEqual(after);
  expect(app.errors).toEqual([]);
});

test("ticked findings say what the score would be", async ({ page }) => {
  const report = sampleReport();
  await openReport(page, report);
  await shown(page);
  await expect(page.locator("#what-if-result")).toHaveText(/^Tick findings/);
  const first = page.locator(".what-if input").first();
  await first.focus();
  await page.keyboard.press("Space");
  await expect(page.locator("#what-if-result")).toHaveText(/^Without 1 finding: \d+\.\d → \d+\.\d \(.\d\.\d\)$/);
  await page.locator("#tab-findings").click();
  await page.locator(".finding-row").nth(1).click();
  await page.locator("#tick").check();
  await page.locator("#tab-summary").click();
  await expect(page.locator("#what-if-result")).toHaveText(/^Without [12] findings?: /);
  await page.getByRole("button", { name: "Clear ticks" }).click();
  await expect(page.locator("#what-if-result")).toHaveText(/^Tick findings/);
});

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 375]) {
    test.describe(`the new screens, ${colorScheme}, ${width} px`, () => {
      test.use({ colorScheme, viewport: { width, height: 720 } });

      test("map, comparison, dismissal, preview", async ({ page, app, axe, shot }) => {
        const check = async (screen) => {
          await shot(`${screen}-${width}-${colorScheme}`, { fullPage: true });
          expect(await axe(), screen).toEqual([]);
          const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          expect(sideways, `${screen} scrolls sideways`).toBe(0);
        };
        const before = demo({ "orders-service/app/waiting.py": FAULT });
        const after = demo({ "orders-service/app/extra.py": FAULT.replaceAll("wait_for_stock", "wait_for_rows") });
        await drop(page, [["after.zip", zip(after)], ["before.zip", zip(before)]]);
        await check("pair");
        await page.getByRole("dialog").getByRole("button", { name: "before.zip" }).click();
        await expect(page.locator(".delta-chip")).toBeVisible({ timeout: 90_000 });
        await page.locator(".what-if input").first().check();
        await check("summary-compared");
        await page.locator("#tab-compare").click();
        await check("compare-done");
        await page.locator("#tab-files").click();
        await page.getByRole("button", { name: "Map" }).click();
        await expect(page.locator(".tile").first()).toBeVisible();
        await check("map");
        // Folders are entered with Enter and left with Escape; the focus stays in the map.
        await expect(page.locator(".map-head .mono")).toHaveText("/app/");
        await page.getByRole("button", { name: /^api\/ ?, 13 findings/ }).focus();
        await page.keyboard.press("Enter");
        await expect(page.locator(".map-head .mono")).toHaveText("/app/api/");
        await expect.poll(async () => (await focusOf(page)).id).toBe("map-up");
        await page.keyboard.press("Escape");
        await expect(page.locator(".map-head .mono")).toHaveText("/app/");
        await page.keyboard.press("Escape");
        await expect(page.locator(".map-head .mono")).toHaveText("/");
        await page.locator("#tab-findings").click();
        await page.locator(".finding-row").first().click();
        await page.locator("#dismiss").click();
        await expect(page.getByRole("dialog")).toBeVisible();
        await check("dismiss");
        await page.locator("#dismiss-why").fill("ten rows at most");
        await page.locator("#dismiss-do").click();
        await page.locator("#tab-export").click();
        await expect(page.getByRole("button", { name: "Download .drydock.toml" })).toBeVisible();
        await check("export-dismissed");
        await page.getByRole("button", { name: "Preview persistence_audit.md" }).click();
        await expect(page.getByRole("dialog")).toBeVisible();
        await check("preview");
        expect(app.errors).toEqual([]);
      });
    });
  }
}
