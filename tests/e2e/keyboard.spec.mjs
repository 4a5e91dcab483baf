// The whole way with keys alone: example, report, worst finding, its path through the source, back, export.
import { pickers, ready } from "./support/boot.mjs";
import { expect, test } from "./support/app.mjs";
import { focusOf, openReport, sampleReport } from "./support/report.mjs";

/** The focus is somewhere, and it shows. */
async function expectFocus(page, id) {
  if (id !== undefined) await expect.poll(async () => (await focusOf(page)).id).toBe(id);
  const focus = await focusOf(page);
  expect(focus.tag, "focus is never lost to the page").not.toBe("body");
  expect(focus.outline, `the outline of ${focus.tag}#${focus.id}`).toBeGreaterThanOrEqual(2);
}

async function tabTo(page, id, limit = 40) {
  for (let presses = 0; presses < limit; presses += 1) {
    await page.keyboard.press("Tab");
    if ((await focusOf(page)).id === id) return;
  }
  throw new Error(`no Tab leads to #${id}`);
}

test("from the example to a saved file without a mouse", async ({ page, app }) => {
  await page.goto(app.url);
  await expect(page.locator("#try-example")).toBeVisible();
  await tabTo(page, "try-example");
  await expectFocus(page, "try-example");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("tab", { name: "Summary" })).toBeVisible({ timeout: 45_000 });
  await expect.poll(async () => (await focusOf(page)).tag).toBe("main");

  await page.keyboard.press("2");
  await expectFocus(page, "tab-findings");
  await page.keyboard.press("k");
  await expect.poll(async () => (await focusOf(page)).id).toMatch(/^row-\d+$/);
  await expectFocus(page);
  await page.keyboard.press("Home");
  const row = await page.locator(".finding-row").first().getAttribute("id");
  await expectFocus(page, row);
  await expect(page.locator(`#${row}`)).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Enter");
  await expectFocus(page, "detail-title");

  await page.keyboard.press("n");
  await expectFocus(page, "step-0");
  await expect(page.locator(".code-now .margin-step")).toBeVisible();
  await page.keyboard.press("n");
  await expect.poll(async () => (await focusOf(page)).id).toMatch(/^step-/);
  const step = (await focusOf(page)).id;
  await page.keyboard.press("p");
  await expectFocus(page, "step-0");
  expect(step).toMatch(/^step-[01]$/);
  await page.keyboard.press("Escape");
  await expectFocus(page, "path-0");
  await page.keyboard.press("Escape");
  await expectFocus(page, row);

  await page.keyboard.press("e");
  await expectFocus(page, "tab-export");
  const download = page.waitForEvent("download");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  expect((await download).suggestedFilename()).toBe("drydock-report.zip");
  await expectFocus(page);
  expect(app.errors).toEqual([]);
});

test("both Choose buttons open a picker with Enter and with Space", async ({ page, app }) => {
  const opened = pickers(page);
  await page.goto(app.url);
  // The app takes the static page's place: a key pressed in that very moment would meet no button.
  await ready(page);
  let count = 0;
  for (const key of ["Enter", "Space"]) {
    for (const id of ["choose-zip", "choose-folder"]) {
      await page.locator(`#${id}`).focus();
      await page.keyboard.press(key);
      await opened((count += 1));
    }
  }
});

test("tabs, dialogs and filters keep the focus", async ({ page, app }) => {
  await page.goto(app.url);
  await expect(page.locator("#try-example")).toBeVisible();
  await openReport(page, sampleReport());
  await expect(page.getByRole("tab", { name: "Summary" })).toBeVisible();
  await page.keyboard.press("1");
  await expectFocus(page, "tab-summary");
  await page.keyboard.press("ArrowRight");
  await expectFocus(page, "tab-findings");
  await page.keyboard.press("End");
  await expectFocus(page, "tab-export");

  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expectFocus(page, "tab-export");

  await page.keyboard.press("/");
  await expectFocus(page, "search");
  await page.keyboard.type("session");
  await expect(page.locator("#search")).toHaveValue("session");
  await expectFocus(page, "search");
  await expect(page.locator("mark").first()).toBeVisible();
  await expect.poll(() => page.evaluate(() => location.hash)).toContain("q=session");
  await page.keyboard.press("ArrowDown");
  await expect.poll(async () => (await focusOf(page)).id).toMatch(/^row-/);
  await page.keyboard.press("/");
  await expectFocus(page, "search");
  await page.keyboard.type("zzzz");
  await expect(page.getByText(/^0 of \d+ match$/)).toBeVisible();
  await page.getByRole("button", { name: "Clear filters" }).last().focus();
  await page.keyboard.press("Enter");
  await expectFocus(page, "search");
  await expect(page.locator("#search")).toHaveValue("");
});

test("single-letter keys can be switched off and stay off", async ({ page, app }) => {
  await page.goto(app.url);
  await expect(page.locator("#try-example")).toBeVisible();
  await page.locator("#keys-button").focus();
  await page.keyboard.press("Enter");
  await page.getByLabel("Single-letter keys are on").press("Space");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expectFocus(page, "keys-button");
  await page.keyboard.press("?");
  await page.reload();
  await expect(page.locator("#try-example")).toBeVisible();
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog")).toHaveCount(0);
});
