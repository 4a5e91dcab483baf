// Every screen in light and dark, wide and narrow: no axe violation, no sideways scrolling, a picture kept.
import { expect, test, wheel } from "./support/app.mjs";
import { openReport, sampleReport } from "./support/report.mjs";

const AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Violations under the tags of PRODUCT.md 3.1, target size included. */
async function violations(page, axe) {
  await axe(); // loads axe into the page
  const found = await page.evaluate(async (tags) => {
    const options = { runOnly: { type: "tag", values: tags }, rules: { "target-size": { enabled: true } }, resultTypes: ["violations"] };
    return (await globalThis.axe.run(document, options)).violations;
  }, AXE_TAGS);
  return found.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target.join(" ")}`));
}

const TABS = ["summary", "findings", "files", "search", "compare", "checks", "context", "export"];

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 375]) {
    test.describe(`${colorScheme}, ${width} px`, () => {
      test.use({ colorScheme, viewport: { width, height: 720 } });
      const name = (screen) => `${screen}-${width}-${colorScheme}`;

      async function check(page, axe, shot, screen) {
        await shot(name(screen), { fullPage: false });
        expect(await violations(page, axe), screen).toEqual([]);
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect(sideways, `${screen} scrolls sideways`).toBe(0);
        const nodes = await page.evaluate(() => document.querySelectorAll("*").length);
        expect(nodes, `${screen}: elements`).toBeLessThan(5000);
      }

      test("landing and its dialogs", async ({ page, app, axe, shot }) => {
        await page.goto(app.url);
        await expect(page.locator("#lock-badge[data-state=good]")).toBeVisible({ timeout: 30_000 });
        await check(page, axe, shot, "landing");
        if (width === 1280) {
          const scrolls = await page.evaluate(() => document.documentElement.scrollHeight > innerHeight);
          expect(scrolls, "the landing page fits 1280 x 720").toBe(false);
        }
        await page.locator("#lock-badge").click();
        await expect(page.getByRole("dialog")).toBeVisible();
        await check(page, axe, shot, "lock");
      });

      test("report tabs", async ({ page, app, axe, shot }) => {
        await page.goto(app.url);
        await expect(page.locator("#try-example")).toBeVisible();
        await openReport(page, sampleReport());
        for (const tab of TABS) {
          await page.locator(`#tab-${tab}`).click();
          await expect(page.locator(`#panel[data-tab=${tab}] > *`).first()).toBeVisible();
          await check(page, axe, shot, tab);
        }
        expect(app.errors).toEqual([]);
      });

      test("detail and source of the example", async ({ page, app, axe, shot }) => {
        await page.goto(app.url);
        await page.locator("#try-example").click();
        await expect(page.locator("#tab-findings")).toBeVisible({ timeout: 45_000 });
        await check(page, axe, shot, "example-summary");
        await page.locator("#tab-findings").click();
        await page.locator(".finding-row").first().click();
        await expect(page.locator(".excerpt").first()).toBeVisible();
        await check(page, axe, shot, "detail");
        await page.locator("#view-source").click();
        await expect(page.locator(".code-now")).toBeVisible();
        await check(page, axe, shot, "source");
        expect(app.errors).toEqual([]);
      });

      test("failure", async ({ page, app, axe, shot }) => {
        await page.goto(app.url);
        await expect(page.locator("#try-example")).toBeVisible();
        await openReport(page, '{"schema": 999, "version": "9.9.9"}');
        await expect(page.getByRole("heading", { name: "made by a newer Drydock" })).toBeVisible();
        await check(page, axe, shot, "failure");
      });

      test("progress", async ({ page, app, axe, shot }) => {
        // One shard's order is kept back: the audit stands where the picture is taken, however fast the machine is.
        await page.addInitScript(() => {
          const send = Worker.prototype.postMessage;
          Worker.prototype.postMessage = function (message, ...rest) {
            if (message?.[0]?.command?.Index?.shard !== 3) send.call(this, message, ...rest);
          };
        });
        await page.goto(app.url);
        await expect(page.locator("#lock-badge[data-state=good]")).toBeVisible({ timeout: 30_000 });
        await page.locator("#file-picker").setInputFiles(wheel("prefect"));
        await expect(page.locator(".lane")).toHaveCount(4);
        await shot(name("progress"), { fullPage: false });
        expect(await violations(page, axe)).toEqual([]);
        expect(await page.locator(".lane").count(), "the audit was over before axe").toBe(4);
        await page.locator("#cancel").click();
        await expect(page.locator(".lane")).toHaveCount(0, { timeout: 5_000 });
      });
    });
  }
}

test("nothing moves for who asked for less motion", async ({ page, app }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.goto(app.url);
  await page.locator("#try-example").click();
  await expect(page.locator("#tab-findings")).toBeVisible({ timeout: 45_000 });
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
});

test("reflows at 320 px", async ({ page, app }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await page.goto(app.url);
  await expect(page.locator("#try-example")).toBeVisible();
  await openReport(page, sampleReport());
  for (const tab of TABS) {
    await page.locator(`#tab-${tab}`).click();
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(sideways, tab).toBe(0);
  }
});

test("in forced colours scores, shapes and the chosen theme can still be told", async ({ page, app, shot }) => {
  await page.emulateMedia({ forcedColors: "active" });
  await page.goto(app.url);
  await expect(page.locator("#try-example")).toBeVisible();
  await openReport(page, sampleReport());
  await expect(page.locator("#panel[data-tab=summary] .gauge-value").first()).toBeVisible();
  await shot("forced-colors");
  // The arc's ground in the colour of the arc would make every score look full.
  expect(await page.locator(".gauge-track:visible").count()).toBe(0);
  const ground = (checked) =>
    page.locator(`[role=radio][aria-checked=${checked}]`).first().evaluate((radio) => getComputedStyle(radio).backgroundColor);
  expect(await ground(true)).not.toBe(await ground(false));
  expect(await page.locator(".sev svg:visible").count()).toBeGreaterThan(0);
});
