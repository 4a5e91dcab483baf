// The findings list: 10,000 rows in a window, filters that answer within a frame or two, addresses that
// lead back, a verdict whose numbers are links.
import { expect, test } from "./support/app.mjs";
import { focusOf, manyFindings, openReport, sampleReport } from "./support/report.mjs";

async function open(page, app, report, hash = "") {
  await page.goto(app.url + hash);
  await expect(page.locator("#try-example")).toBeVisible();
  await openReport(page, report);
  await expect(page.locator("#tab-findings")).toBeVisible();
}

test("the verdict says what the report says and leads to it", async ({ page, app }) => {
  const report = sampleReport();
  await open(page, app, report);
  const { counts, score_tenths: score } = report.overall;
  const total = counts.critical + counts.high + counts.medium + counts.low;
  const verdict = page.getByRole("heading", { level: 1 });
  await expect(verdict).toContainText(`${(score / 10).toFixed(1)} / 10`);
  await expect(verdict).toContainText(`${total} findings in ${report.coverage.files.length} files: ${counts.critical} critical`);
  await page.getByRole("button", { name: `${counts.high} high`, exact: true }).click();
  await expect(page.locator(".list-count")).toHaveText(`${counts.high} of ${report.findings.length}`);
  await expect(page.getByRole("grid")).toHaveAttribute("aria-rowcount", new RegExp(`^${counts.high + 1}$|^${counts.high + 2}$`));
});

test("no line of the verdict ends with a bracket or begins with a full stop", async ({ page, app }) => {
  await open(page, app, sampleReport());
  const apart = () =>
    page.locator(".hero-words .word-held").evaluateAll((held) =>
      held.flatMap((span) => {
        const link = span.querySelector("button").getBoundingClientRect();
        return [...span.childNodes]
          .filter((node) => node.nodeType === Node.TEXT_NODE && node.data)
          .filter((node) => {
            const range = document.createRange();
            range.selectNode(node);
            const { top, bottom } = range.getBoundingClientRect();
            return bottom <= link.top || top >= link.bottom;
          })
          .map((node) => node.data + span.textContent);
      }),
    );
  expect(await page.locator(".hero-words .word-held", { hasText: "(" }).count()).toBe(1);
  for (let width = 320; width <= 440; width += 6) {
    await page.setViewportSize({ width, height: 800 });
    expect(await apart(), `${width} px`).toEqual([]);
  }
});

test("ten thousand findings: few elements, true row numbers, focus that survives", async ({ page, app }) => {
  await open(page, app, manyFindings(10_000));
  await page.locator("#tab-findings").click();
  const grid = page.getByRole("grid");
  await expect(page.locator(".finding-row").first()).toBeVisible();
  expect(await page.evaluate(() => document.querySelectorAll("*").length)).toBeLessThan(2500);
  expect(Number(await grid.getAttribute("aria-rowcount"))).toBeGreaterThan(7_000);

  await page.locator(".finding-row").first().click();
  await page.locator(".finding-row").first().focus();
  await page.keyboard.press("End");
  const last = page.locator(":focus");
  await expect.poll(async () => Number(await last.evaluate((element) => element.closest("[aria-rowindex]").ariaRowIndex))).toBe(
    Number(await grid.getAttribute("aria-rowcount")),
  );
  const { id: lastId } = await focusOf(page);
  await page.keyboard.press("Home");
  await expect.poll(async () => (await focusOf(page)).id).toMatch(new RegExp(`^row-(?!${lastId.replace("row-", "")}$)`));
  const { id } = await focusOf(page);
  await page.locator("#list").evaluate((list) => list.scrollTo(0, 200_000));
  await page.waitForTimeout(300);
  expect((await focusOf(page)).id, "the focused row stays while it is scrolled out").toBe(id);
  await page.keyboard.press("ArrowDown");
  await expect(page.locator(":focus")).toBeInViewport();
});

test("a keystroke builds few rows of ten thousand findings", async ({ page, app }) => {
  const report = manyFindings(10_000);
  await open(page, app, report);
  await page.locator("#tab-findings").click();
  await expect(page.locator(".finding-row").first()).toBeVisible();
  for (const text of ["session", "session ord", "session order"]) {
    await page.locator("#search").fill(text);
    await expect(page.locator(".list-count")).toHaveText(/^[\d,]+ (of 10,000|findings)$/);
    // What is on screen and a few to spare; how long it takes is the bench's business.
    expect(await page.locator(".finding-row").count()).toBeLessThan(60);
    expect(await page.evaluate(() => document.querySelectorAll("*").length)).toBeLessThan(2_500);
  }
});

test("an address leads back to filter, finding and step", async ({ page, app }) => {
  const report = sampleReport();
  const { fingerprint } = report.findings[1];
  await open(page, app, report, `#findings?severity=critical,high&sort=effort&finding=${fingerprint}&step=1`);
  await expect(page.locator(".source")).toBeVisible();
  await expect(page.locator(".source-main").getByText("Drop the zip again to see the code")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.locator(".choice input:checked")).toHaveCount(2);
  await expect(page.locator("[aria-sort=ascending]")).toHaveText("Effort");
});

test("facets count what a click would show", async ({ page, app }) => {
  const report = sampleReport();
  await open(page, app, report);
  await page.locator("#tab-findings").click();
  const choice = page.locator(".choice", { hasText: "Query Efficiency" });
  const promised = Number(await choice.locator(".num").textContent());
  expect(promised).toBe(report.findings.filter((finding) => finding.category === "query_efficiency").length);
  await choice.click();
  await expect(page.locator(".list-count")).toHaveText(`${promised} of ${report.findings.length}`);
  await expect(page.locator("#live-polite")).toHaveText(`${promised} of ${report.findings.length} findings match.`);
});

test("advisory findings are apart, folded, and say what they would have been", async ({ page, app }) => {
  const report = sampleReport();
  const advisory = report.findings.filter((finding) => finding.verdict === "advisory");
  test.skip(advisory.length === 0, "the sample has none");
  await open(page, app, report);
  await page.locator("#tab-findings").click();
  const head = page.getByRole("button", { name: /^Advisory/ });
  await expect(head).toHaveAttribute("aria-expanded", "false");
  await head.click();
  await expect(head).toHaveAttribute("aria-expanded", "true");
  await page.locator(".finding-row[data-sev=advisory]").first().click();
  await expect(page.locator(".detail-status")).toContainText("not scored");
  await expect(page.locator(".detail-status")).toContainText("Would be");
});

test("a finding can be copied as Markdown", async ({ page, app, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await open(page, app, sampleReport());
  await page.locator("#tab-findings").click();
  await page.getByRole("button", { name: "Copy as Markdown" }).click();
  await expect(page.locator(".toast")).toHaveText("Copied");
  const text = await page.evaluate(() => navigator.clipboard.readText());
  expect(text).toMatch(/^### (Critical|High)/);
  expect(text).toContain("**Fix:**");
});

test("a link that leaves the page asks first", async ({ page, app }) => {
  await open(page, app, sampleReport());
  await page.locator("#tab-findings").click();
  await page.locator(".detail .external").first().click();
  const dialog = page.getByRole("dialog", { name: "Open a page outside Drydock?" });
  await expect(dialog).toBeVisible();
  await expect(dialog).toContainText("https://");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(dialog).toHaveCount(0);
  expect(page.context().pages()).toHaveLength(1);
});

test("hostile names and code are text", async ({ page, app }) => {
  const report = sampleReport();
  const evil = '<img src=x onerror="document.title=1">';
  report.project = evil;
  Object.assign(report.findings[0], { message: evil, path: `${evil}.py`, symbol: evil, recommendation: evil });
  report.findings[0].steps[0].message = evil;
  report.notices = [evil];
  await open(page, app, report);
  await page.locator("#tab-findings").click();
  await page.locator("#search").fill("onerror");
  await page.locator(".finding-row").click();
  await expect(page.locator(".detail-title")).toHaveText(evil);
  expect(await page.locator("img").count()).toBe(0);
});
