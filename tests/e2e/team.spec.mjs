// What a team works with beside the list: facets of files, look-up over the project, the palette, notes and
// contradictions, the trend, paper, and two versions chosen one by one.
import { readFileSync } from "node:fs";
import { expect, test } from "./support/app.mjs";
import { ready } from "./support/boot.mjs";
import { demo, drop, shown } from "./support/demo.mjs";
import { focusOf, manyFindings, openReport, sampleReport } from "./support/report.mjs";
import { zip } from "./support/zip.mjs";

const hash = (page) => page.evaluate(() => decodeURIComponent(location.hash));
const tab = (page, name) => page.locator(`#tab-${name}`).click();

/** A log with `count` runs of ours before the present one. */
const log = (count) =>
  `# Log\n\n| Date | Skill | Metric | Scale | Score | Status | Delta | Key Finding | Commit |\n|${"---|".repeat(9)}\n` +
  Array.from({ length: count }, (_, at) => `| 2025-0${at + 1}-01 | ln-650 | overall_score | 0-10 | ${at + 3}.5 | x | x | - | - |\n`).join("");

test.beforeEach(async ({ page, app }) => {
  await page.goto(app.url);
  await ready(page);
});

test.describe("facets", () => {
  test("folder, place, library: counts that update together and an address that leads back", async ({ page, app }) => {
    await page.locator("#try-example").click();
    await shown(page);
    await tab(page, "findings");
    const facet = (name) => page.getByRole("group", { name, exact: true });
    const choice = (name, value) => facet(name).locator(".choice").filter({ has: page.getByText(value, { exact: true }) });
    const number = async (name, value) => Number(await choice(name, value).locator(".num").textContent());
    for (const name of ["Folder", "File", "Runs in", "Library"]) await expect(facet(name)).toBeVisible();
    const [request, library] = [await number("Runs in", "Request"), await number("Library", "SQLAlchemy")];
    expect(request).toBeGreaterThan(1);
    await choice("Runs in", "Request").click();
    await expect(page.locator(".list-count")).toHaveText(new RegExp(`^${request} of `));
    // The other facets count within the choice, the own one what a click adds.
    expect(await number("Library", "SQLAlchemy")).toBeLessThan(library);
    expect(await number("Runs in", "Request")).toBe(request);
    await choice("Library", "SQLAlchemy").click();
    const both = await page.locator(".list-count").textContent();
    await expect.poll(() => hash(page)).toContain("runs=request&framework=SQLAlchemy");
    const place = await hash(page);
    await page.goto("about:blank");
    await page.goto(app.url + place);
    await ready(page);
    await page.locator("#try-example").click();
    await expect(page.locator(".list-count")).toHaveText(both, { timeout: 60_000 });
    // Chips say what is chosen and take it back; the focus stays.
    await page.locator(".chip", { hasText: "SQLAlchemy" }).click();
    await expect.poll(() => hash(page)).not.toContain("framework");
    await expect.poll(async () => (await focusOf(page)).id).toBe("search");
  });

  test("several files are chosen and stay in the address", async ({ page }) => {
    const report = sampleReport();
    await openReport(page, report);
    await tab(page, "findings");
    const counts = {};
    for (const { path } of report.findings) counts[path] = (counts[path] ?? 0) + 1;
    const [first, second] = Object.entries(counts).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    const files = page.getByRole("group", { name: "File", exact: true });
    await files.getByText(first[0], { exact: true }).click();
    await files.getByText(second[0], { exact: true }).click();
    await expect(page.locator(".list-count")).toHaveText(`${first[1] + second[1]} of ${report.findings.length}`);
    await expect.poll(() => hash(page)).toContain(`file=${first[0]},${second[0]}`);
    await files.getByRole("button", { name: /more/ }).click();
    await expect(files.locator(".choice")).toHaveCount(Object.keys(counts).length);
  });
});

test.describe("look-up", () => {
  test("code and documents are found, ranked, and opened at the line", async ({ page, app, axe }) => {
    await page.locator("#try-example").click();
    await shown(page);
    await page.keyboard.press("l");
    await expect.poll(async () => (await focusOf(page)).id).toBe("look");
    await page.keyboard.type("import catalog");
    await expect(page.locator(".hit").first()).toBeVisible({ timeout: 30_000 });
    await expect(page.locator("#look-count")).toHaveText(/^\d+ of \d+ files match/);
    await expect(page.locator(".hit mark").first()).toBeVisible();
    const all = await page.locator(".hit").count();
    await page.getByRole("button", { name: "Documents" }).click();
    await expect(page.locator(".hit-path .dim").first()).toHaveText("Document");
    await expect.poll(() => page.locator(".hit").count()).toBeLessThan(all);
    for (const path of await page.locator(".hit-path button").allTextContents()) expect(path).toMatch(/\.md$/);
    await expect.poll(() => hash(page)).toContain("search?look=import catalog&in=governance");
    expect(await axe()).toEqual([]);
    const line = page.locator(".hit-line").first();
    const id = await line.getAttribute("id");
    const text = (await line.locator("code").textContent()).trim();
    await line.focus();
    await page.keyboard.press("Enter");
    await expect(page.locator(".code-now, .code-flagged").first()).toContainText(text.slice(0, 20));
    await expect.poll(async () => (await focusOf(page)).id).toBe("file-back");
    expect(await axe()).toEqual([]);
    await page.keyboard.press("Escape");
    await expect.poll(async () => (await focusOf(page)).id).toBe(id);
    await page.locator("#look").fill("zebra-quagga");
    await expect(page.locator("#look-count")).toHaveText(/^0 of /);
    await expect(page.locator(".hit")).toHaveCount(0);
    expect(app.errors).toEqual([]);
  });

  test("an address with words searches once the project is there", async ({ page, app }) => {
    await page.goto("about:blank");
    await page.goto(`${app.url}#search?look=ledger&in=code`);
    await ready(page);
    await page.locator("#try-example").click();
    await expect(page.locator(".hit-path").first()).toContainText("app/jobs/ledger.py", { timeout: 60_000 });
  });

  test("a saved report says what a search needs", async ({ page }) => {
    await openReport(page, sampleReport());
    await tab(page, "search");
    await expect(page.locator(".lookup")).toContainText("Drop the project again to search it.");
  });
});

test.describe("palette", () => {
  test("leads to tabs, filters, findings and files by keys alone", async ({ page, axe, app }) => {
    await openReport(page, sampleReport());
    await shown(page);
    const open = async (text) => {
      await page.keyboard.press("Control+k");
      await expect.poll(async () => (await focusOf(page)).id).toBe("palette");
      await page.keyboard.type(text);
      await expect(page.locator(".palette li").first()).toBeVisible();
    };
    await open("");
    expect(await axe()).toEqual([]);
    await page.keyboard.type("go chec");
    await expect(page.locator(".palette li")).toHaveCount(1);
    await page.keyboard.press("Enter");
    await expect.poll(async () => (await focusOf(page)).id).toBe("tab-checks");
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await open("show critical");
    await page.keyboard.press("Enter");
    await expect.poll(() => hash(page)).toContain("findings?severity=critical&verdict=counted");
    await open("session");
    await page.keyboard.press("Escape");
    await open("app/api/events");
    await page.keyboard.press("ArrowUp");
    await expect(page.locator(".palette [aria-selected=true]")).toContainText("app/api/events.py");
    await page.keyboard.press("Enter");
    await expect.poll(() => hash(page)).toContain("open=app/api/events.py:1");
    await page.keyboard.press("Escape");
    await open("zebra quagga").catch(() => {});
    await expect(page.getByText("Nothing matches.")).toBeVisible();
    expect(app.errors).toEqual([]);
  });

  test("opened again before the browser told that it was closed, it stays open", async ({ page, app }) => {
    await openReport(page, sampleReport());
    await shown(page);
    await page.keyboard.press("Control+k");
    await expect.poll(async () => (await focusOf(page)).id).toBe("palette");
    await page.keyboard.type("session");
    // As Escape does it: the close event comes in a later task than the key.
    await page.evaluate(() => {
      const dialog = document.querySelector("dialog");
      globalThis.closedEvents = 0;
      dialog.addEventListener("close", () => (globalThis.closedEvents += 1));
      dialog.close();
      window.dispatchEvent(new KeyboardEvent("keydown", { key: "k", ctrlKey: true, cancelable: true }));
    });
    await expect.poll(() => page.evaluate(() => globalThis.closedEvents)).toBe(1);
    await expect.poll(async () => (await focusOf(page)).id).toBe("palette");
    await expect(page.locator("#palette")).toHaveValue("");
    await page.keyboard.type("go chec");
    await expect(page.locator(".palette li")).toHaveCount(1);
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
    expect(app.errors).toEqual([]);
  });
});

test.describe("context", () => {
  test("contradictions, plans and notes are shown; facts lead to their line", async ({ page, axe }) => {
    await drop(page, [["orders.zip", zip(demo())]]);
    await shown(page);
    await tab(page, "context");
    await expect(page.getByRole("heading", { name: "Best practices that apply" })).toBeVisible();
    const note = page.locator("details.fold", { hasText: "SQLAlchemy" }).first();
    await note.locator("summary").click();
    await expect(note.locator(".note li").first()).toBeVisible();
    await expect(note.locator(".note code").first()).toBeVisible();
    await expect(note.locator("summary")).toContainText(/statements, reviewed 20\d\d-\d\d-\d\d/);
    expect(await axe()).toEqual([]);
    await note.locator(".note a").first().click();
    await expect(page.getByRole("dialog", { name: "Open a page outside Drydock?" })).toContainText("https://");
    await page.keyboard.press("Escape");
    await page.locator(".fact .text-button").first().click();
    await expect(page.locator(".code-flagged")).toBeVisible();
    await page.locator("#file-back").click();
    await expect(page.locator("#panel[data-tab=context]")).toBeVisible();
    await expect(page.getByRole("button", { name: "Download context.json" })).toBeVisible();
  });

  test("the sample's contradiction names both values and places", async ({ page, axe }) => {
    const report = sampleReport();
    report.findings[0].advisory = "[Planned: ADR-012] replaced by a job";
    await openReport(page, report);
    await tab(page, "context");
    const conflict = page.getByRole("region", { name: "Sources contradict each other" });
    for (const { file, line, value } of report.context.conflicts[0].values) {
      await expect(conflict).toContainText(value);
      await expect(conflict.getByRole("button", { name: `${file}:${line}` })).toBeVisible();
    }
    await expect(page.getByRole("heading", { name: "Planned or decided, so not scored" })).toBeVisible();
    expect(await axe()).toEqual([]);
  });

  test("a project whose compose file, notes and code disagree shows each with its place", async ({ page }) => {
    const note = "| Layer | Technology | Version |\n|---|---|---|\n| Database | PostgreSQL | 14 |\n| ORM | SQLAlchemy | 1.4 |\n";
    await drop(page, [["orders.zip", zip(demo({ "orders-service/docs/project/tech_stack.md": note }))]]);
    await shown(page);
    await tab(page, "context");
    const conflict = page.getByRole("region", { name: "Sources contradict each other" });
    await expect(conflict.getByText("PostgreSQL", { exact: true })).toBeVisible();
    const place = conflict.getByRole("button", { name: "docs/project/tech_stack.md:3" });
    await expect(conflict.getByRole("button", { name: /^docker-compose\.yml:\d+$/ })).toBeVisible();
    await place.click();
    await expect(page.locator(".code-flagged")).toContainText("PostgreSQL");
    await page.locator("#file-back").click();
    await expect(place).toBeVisible();
  });

  test("a finding cites the notes that concern it", async ({ page }) => {
    await page.locator("#try-example").click();
    await shown(page);
    await tab(page, "findings");
    await page.locator("#search").fill("query_in_loop");
    await page.locator(".finding-row").first().click();
    await expect(page.locator(".cited").first()).toContainText("SQLAlchemy: ");
    await expect(page.locator(".cited a").first()).toHaveAttribute("href", /^https:\/\/docs\.sqlalchemy\.org\//);
    await tab(page, "context");
    const cited = "https://docs.sqlalchemy.org/en/20/orm/queryguide/relationships.html";
    await expect(page.locator(`section[aria-labelledby=sources] a[href="${cited}"]`)).toHaveCount(1);
  });
});

test.describe("trend", () => {
  test("of the project's log, as chart and table", async ({ page, axe }) => {
    const files = demo({ "orders-service/docs/project/.audit/results_log.md": log(3) });
    await drop(page, [["orders.zip", zip(files)]]);
    await shown(page);
    const chart = page.getByRole("img", { name: /^Scores of 4 runs, from 3\.5 on 2025-01-01 to / });
    await expect(chart).toBeVisible();
    await expect(chart.locator("circle")).toHaveCount(4);
    await page.getByText("As a table").click();
    await expect(page.locator(".trend tbody tr")).toHaveCount(4);
    await expect(page.locator(".trend tbody tr").nth(1)).toContainText("+1.0");
    expect(await axe()).toEqual([]);
  });

  test("of a log that is opened beside a report, or alone", async ({ page, axe }) => {
    await drop(page, [["results_log.md", log(2)]]);
    const dialog = page.getByRole("dialog", { name: "Trend" });
    await expect(dialog.getByRole("img")).toHaveAccessibleName(/^Scores of 2 runs/);
    expect(await axe()).toEqual([]);
    await page.keyboard.press("Escape");
    await openReport(page, sampleReport());
    await shown(page);
    await drop(page, [["results_log.md", log(5)]]);
    await expect(page.getByRole("img", { name: /^Scores of 6 runs/ })).toBeVisible();
    await expect.poll(async () => (await focusOf(page)).id).toBe("trend");
    await expect(page.getByRole("dialog")).toHaveCount(0);
  });

  test("is kept in this browser only when it is asked for, and deleted when it is not", async ({ page }) => {
    const kept = () => page.evaluate(() => localStorage.getItem("drydock.history"));
    const audit = async () => {
      await page.locator("#try-example").click();
      await shown(page);
    };
    await audit();
    expect(await kept()).toBe(null);
    await page.locator("#keep-history").check();
    expect(await kept()).toMatch(/^\d{4}-\d\d-\d\d\t\d+\torders-service\n$/);
    await page.reload();
    await ready(page);
    await audit();
    await expect(page.locator("#keep-history")).toBeChecked();
    expect((await kept()).trim().split("\n")).toHaveLength(2);
    await page.locator("#keep-history").uncheck();
    expect(await kept()).toBe(null);
  });
});

test.describe("paper", () => {
  /** Pages of a PDF. */
  const sheets = (pdf) => Math.max(...[...pdf.toString("latin1").matchAll(/\/Count (\d+)/g)].map((found) => Number(found[1])));

  test("has all findings, though the list on screen holds few of them", async ({ page }) => {
    await openReport(page, manyFindings(1_000));
    await shown(page);
    await tab(page, "findings");
    await expect(page.locator(".finding-row").first()).toBeVisible();
    expect(await page.locator(".finding-row").count()).toBeLessThan(100);
    expect(sheets(await page.pdf())).toBeGreaterThan(60);
    await expect(page.locator(".print")).toHaveCount(0);
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    await expect(page.locator(".print-finding")).toHaveCount(1_000);
    await page.emulateMedia({ media: "print" });
    await expect(page.locator(".print-finding").last()).toBeVisible();
    await expect(page.locator(".topbar")).toBeHidden();
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    await expect(page.locator(".print")).toHaveCount(0);
  });

  test("as summary or in full from the export tab", async ({ page }) => {
    await page.evaluate(() => {
      globalThis.printed = [];
      globalThis.print = () => {
        globalThis.printed.push(document.querySelectorAll(".print-finding").length);
        dispatchEvent(new Event("afterprint"));
      };
    });
    const report = sampleReport();
    await openReport(page, report);
    await shown(page);
    await tab(page, "export");
    await page.locator("#print-summary").click();
    await expect.poll(() => page.evaluate(() => globalThis.printed)).toEqual([0]);
    await page.locator("#print-all").click();
    await expect.poll(() => page.evaluate(() => globalThis.printed)).toEqual([0, report.findings.length]);
  });
});

test("the verdict says what each fix gives and what the next level needs", async ({ page }) => {
  await openReport(page, sampleReport());
  await shown(page);
  const gains = await page.locator(".first-gain").allTextContents();
  expect(gains).toHaveLength(3);
  for (const gain of gains) expect(gain).toMatch(/^(Score|Penalty) \d+\.\d → \d+\.\d$/);
  const next = page.locator(".hero-words").getByText(/^Next level/);
  await expect(next).toHaveText(/^Next level, \w+, needs (these|all) \d+: about \d+ hours?\.$/);
  const needed = Number((await next.textContent()).match(/(these|all) (\d+)/)[2]);
  await next.getByRole("button").click();
  await expect(page.locator("#what-if-result")).toHaveText(new RegExp(`^Without ${needed} findings?: `));
  await expect.poll(async () => (await focusOf(page)).id).toBe("what-if");
});

test("two versions are chosen with two pickers, or with one", async ({ page, axe }) => {
  const [before, after] = [zip(demo()), zip(demo({ "orders-service/app/extra.py": "import time\n\n\nasync def wait() -> None:\n    time.sleep(5)\n" }))];
  const file = (name, buffer) => ({ name, mimeType: "application/zip", buffer });
  await page.locator("#compare-two").click();
  const dialog = page.getByRole("dialog", { name: "Compare two versions" });
  await expect(page.locator("#compare-versions")).toBeDisabled();
  expect(await axe()).toEqual([]);
  for (const [side, one] of [file("before.zip", before), file("after.zip", after)].entries()) {
    const picker = page.waitForEvent("filechooser");
    await page.locator(`#version-${side}`).click();
    await (await picker).setFiles(one);
    await expect(dialog).toContainText(one.name);
  }
  await page.locator("#compare-versions").click();
  await expect(page.locator(".delta-chip")).toBeVisible({ timeout: 90_000 });
  await page.reload();
  await ready(page);
  await page.locator("#compare-two").click();
  const picker = page.waitForEvent("filechooser");
  await page.locator("#version-0").click();
  await (await picker).setFiles([file("before.zip", before), file("after.zip", after)]);
  await expect(dialog).toContainText("Which of the two is the earlier one?");
});

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 375]) {
    test.describe(`the team's screens, ${colorScheme}, ${width} px`, () => {
      test.use({ colorScheme, viewport: { width, height: 720 } });

      test("look-up, file, palette, context, trend, facets, versions", async ({ page, app, axe, shot }) => {
        const check = async (screen, fullPage = true) => {
          await shot(`team-${screen}-${width}-${colorScheme}`, { fullPage });
          expect(await axe(), screen).toEqual([]);
          const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          expect(sideways, `${screen} scrolls sideways`).toBe(0);
        };
        await page.locator("#compare-two").click();
        await expect(page.getByRole("dialog")).toBeVisible();
        await check("versions", false);
        await page.keyboard.press("Escape");
        const files = demo({
          "orders-service/docs/project/.audit/results_log.md": log(5),
          "orders-service/docs/project/tech_stack.md": `${readFileSync(new URL("../../examples/demo/docs/project/tech_stack.md", import.meta.url))}\n| Database | PostgreSQL 9.6 |\n`,
        });
        await drop(page, [["orders.zip", zip(files)]]);
        await shown(page);
        await expect(page.locator(".trend-chart")).toBeVisible();
        await page.getByText("As a table").click();
        await check("summary");
        await tab(page, "search");
        await check("look-empty");
        await page.locator("#look").fill("session commit");
        await expect(page.locator(".hit").first()).toBeVisible({ timeout: 30_000 });
        await check("look");
        await page.locator(".hit-line").first().click();
        await expect(page.locator(".code-flagged")).toBeVisible();
        await check("file", false);
        await page.locator("#file-back").click();
        await page.keyboard.press("Control+k");
        await page.locator("#palette").fill("order");
        await expect(page.locator(".palette li").first()).toBeVisible();
        await check("palette", false);
        await page.keyboard.press("Escape");
        await tab(page, "context");
        await page.locator("details.fold summary").first().click();
        await expect(page.locator(".note li").first()).toBeVisible();
        await check("context");
        await tab(page, "findings");
        if (width === 375) await page.locator("#facets").click();
        await page.getByRole("group", { name: "Runs in" }).getByText("Request").click();
        await page.getByRole("group", { name: "Folder" }).locator(".choice").first().click();
        await check("facets", false);
        await page.locator(".facets-body").evaluate((body) => body.parentElement.parentElement.scrollTo(0, 700));
        await check("facets-down", false);
        await tab(page, "export");
        await check("export");
        await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
        await page.emulateMedia({ media: "print" });
        await expect(page.locator(".print-finding").first()).toBeVisible();
        await shot(`team-print-${width}-${colorScheme}`, { fullPage: false });
        expect(app.errors).toEqual([]);
      });
    });
  }
}
