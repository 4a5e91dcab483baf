// Working through findings: the list divided by check, file and function; marks that the next audit tests; the editor that
// opens a place; evidence on one side of a comparison.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "./support/app.mjs";
import { ready } from "./support/boot.mjs";
import { demo, drop, shown } from "./support/demo.mjs";
import { focusOf, manyFindings, openReport, sampleReport } from "./support/report.mjs";
import { zip } from "./support/zip.mjs";

const sample = (path) => readFileSync(join(dirname(fileURLToPath(import.meta.url)), "../data/evidence", path));
const tab = (page, name) => page.locator(`#tab-${name}`).click();
const counted = (report) => report.findings.filter((finding) => finding.verdict === "counted" && finding.confidence !== "low");
const heads = (page) => page.locator(".part-row .part-name").allTextContents();

test.beforeEach(async ({ page, app }) => {
  await page.goto(app.url);
  await ready(page);
});

test.describe("grouping", () => {
  test("by check, file and function: the counts are those of the report, and the address keeps it", async ({ page, axe }) => {
    const report = sampleReport();
    await openReport(page, report);
    await tab(page, "findings");
    for (const [choice, key] of [
      ["check", (one) => one.title],
      ["file", (one) => one.path],
      ["function", (one) => one.symbol],
    ]) {
      await page.locator("#group-by").selectOption(choice);
      await expect.poll(() => page.evaluate(() => location.hash)).toContain(`group=${choice}`);
      const wanted = new Map();
      for (const one of counted(report)) wanted.set(key(one), (wanted.get(key(one)) ?? 0) + 1);
      expect((await heads(page)).sort()).toEqual([...wanted.keys()].sort());
      for (const [name, number] of wanted) {
        const head = page.locator(".part-row").filter({ has: page.locator(".part-name").getByText(name, { exact: true }) }).first();
        await expect(head.locator(".num")).toHaveText(String(number));
      }
      expect(await axe()).toEqual([]);
    }
    await page.reload();
    await ready(page);
    await openReport(page, report);
    await expect(page.locator("#group-by")).toHaveValue("function");
  });

  test("a part folds with a click and with Enter, and keeps the focus", async ({ page }) => {
    const report = sampleReport();
    await openReport(page, report);
    await tab(page, "findings");
    await page.locator("#group-by").selectOption("file");
    const rows = page.locator(".finding-row");
    const before = await rows.count();
    const first = page.locator(".part-row .group-button").first();
    const held = Number(await first.locator(".num").textContent());
    await first.click();
    await expect(first).toHaveAttribute("aria-expanded", "false");
    await expect(rows).toHaveCount(before - held);
    const { id } = await focusOf(page);
    expect(id).toMatch(/^part-/);
    await page.keyboard.press("Enter");
    await expect(rows).toHaveCount(before);
    expect((await focusOf(page)).id).toBe(id);
    await page.keyboard.press("g");
    await expect(page.locator("#group-by")).toHaveValue("function");
  });

  test("ten thousand findings stay few elements when they are grouped", async ({ page }) => {
    await openReport(page, manyFindings(10_000));
    await tab(page, "findings");
    await page.locator("#group-by").selectOption("function");
    await expect(page.locator(".part-row").first()).toBeVisible();
    expect(await page.evaluate(() => document.querySelectorAll("*").length)).toBeLessThan(2_500);
    expect(Number(await page.getByRole("grid").getAttribute("aria-rowcount"))).toBeGreaterThan(14_000);
  });
});

test("what is marked as fixed goes to the end, says what it would give, and is tested by the next audit", async ({ page, axe, app }) => {
  const project = demo();
  await drop(page, [["before.zip", zip(project)]]);
  await shown(page);
  await tab(page, "findings");
  await page.locator("#search").fill("sync_sleep_in_async");
  const title = await page.locator(".detail-title").textContent();
  await page.locator("#mark-fixed").click();
  await expect(page.locator(".toast")).toContainText("Marked as fixed");
  await expect(page.locator("#mark-fixed")).toHaveText("Not fixed");
  await page.locator("#search").fill("");
  const group = page.getByRole("button", { name: /^Marked fixed 1/ });
  await expect(group).toHaveAttribute("aria-expanded", "false");
  expect(await axe()).toEqual([]);
  await tab(page, "summary");
  await expect(page.locator("#marked")).toHaveText(/^1 finding marked fixed: \d+\.\d → \d+\.\d, once an audit agrees\. $/);
  await page.locator("#marked button").click();
  await expect(page.locator("#what-if")).toBeFocused();

  // The same project again: the mark did not hold.
  await drop(page, [["after.zip", zip(project)]]);
  await page.getByRole("dialog").getByRole("button", { name: "Compare: it is the later version" }).click();
  await expect(page.locator("#marked")).toContainText("1 finding that you had marked fixed is still found", { timeout: 90_000 });
  await page.locator("#marked button").click();
  await expect(page.locator(".detail-title")).toHaveText(title);
  await expect(page.locator(".detail .strip")).toContainText("You had marked this as fixed");
  expect(app.errors).toEqual([]);
});

test("what is to be fixed first leaves out what is marked, and says when nothing is left", async ({ page, axe, app }) => {
  const report = sampleReport();
  await openReport(page, report);
  await expect(page.locator("#tab-findings")).toBeVisible();
  const first = page.locator("[aria-labelledby=fix-first]");
  const messages = () => first.locator(".first-message").allTextContents();
  const before = await messages();
  expect(before.length).toBe(3);
  const mark = async () => {
    await first.locator(".first").first().click();
    await page.locator("#mark-fixed").click();
    await tab(page, "summary");
  };
  await mark();
  const after = await messages();
  expect(after.slice(0, 2)).toEqual(before.slice(1));
  expect(after[2]).not.toBe(before[0]);
  const counted = report.findings.filter((finding) => finding.verdict === "counted").length;
  for (let left = counted - 1; left > 0; left -= 1) await mark();
  await expect(first).toContainText("Every finding is marked as fixed");
  await expect(first.locator(".first")).toHaveCount(0);
  expect(await axe()).toEqual([]);
  expect(app.errors).toEqual([]);
});

test("a place opens in an editor once the folder is said, and the browser forgets it when asked", async ({ page, axe, app }) => {
  const report = sampleReport();
  await openReport(page, report);
  await tab(page, "findings");
  await page.locator("#open-editor").click();
  const dialog = page.getByRole("dialog", { name: "Editor and folder" });
  const keep = dialog.getByRole("button", { name: "Keep" });
  await expect(keep).toBeDisabled();
  await dialog.locator("#editor-folder").fill("shop");
  await expect(keep).toBeDisabled();
  await dialog.locator("#editor-folder").fill("/home/me/my shop/");
  const says = await dialog.locator("#editor-says").textContent();
  expect(says).toMatch(/^vscode:\/\/file\/home\/me\/my%20shop\/.+:\d+:\d+$/);
  expect(await axe()).toEqual([]);
  await dialog.locator("#editor-name").selectOption("pycharm");
  await keep.click();
  const link = page.locator("#open-editor");
  await expect(link).toHaveText("Open in PyCharm");
  await expect(link).toBeFocused();
  const first = await page.locator(".detail-place .text-button").textContent();
  const [path, line] = [first.slice(0, first.lastIndexOf(":")), first.slice(first.lastIndexOf(":") + 1)];
  await expect(link).toHaveAttribute("href", new RegExp(`^pycharm://open\\?file=/home/me/my%20shop/${path}&line=${line}&column=\\d+$`));

  // It stays for this project, and no other.
  await page.reload();
  await ready(page);
  await openReport(page, report);
  await expect(page.locator("#open-editor")).toHaveText("Open in PyCharm");
  await page.locator("#view-source").click();
  await expect(page.locator(".source-path #open-editor")).toHaveAttribute("href", /^pycharm:/);
  await page.keyboard.press("Escape");
  await page.locator("#editor-choice").click();
  await page.locator("#editor-forget").click();
  await expect(page.locator("#open-editor")).toHaveText("Open in editor…");
  expect(await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("drydock.folder")))).toEqual([]);
  expect(app.errors).toEqual([]);
});

test("a comparison says when only one side knows what was measured", async ({ page }) => {
  await drop(page, [["before.zip", zip(demo())]]);
  await shown(page);
  await tab(page, "export");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download report.json", exact: true }).click(),
  ]);
  const earlier = readFileSync(await download.path());
  await page.reload();
  await ready(page);
  await drop(page, [["orders.zip", zip(demo())], ["summary.json", sample("load/k6-export.json")]]);
  await shown(page);
  await tab(page, "compare");
  const picker = page.waitForEvent("filechooser");
  await page.locator("#choose-earlier").click();
  await (await picker).setFiles({ name: "report.json", mimeType: "application/json", buffer: earlier });
  await expect(page.locator(".delta-chip")).toBeVisible({ timeout: 90_000 });
  await tab(page, "compare");
  await expect(page.locator(".compare .strip")).toContainText("This report knows runtime evidence, the earlier one does not: ");
});
