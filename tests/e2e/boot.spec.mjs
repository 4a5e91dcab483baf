// The page works while its parts still arrive, and says what is missing when one does not.
import { listening, pickers, ready } from "./support/boot.mjs";
import { expect, test } from "./support/app.mjs";
import { zip } from "./support/zip.mjs";

const project = { name: "p.zip", mimeType: "application/zip", buffer: zip({ "app.py": "x = 1\n" }) };

test("what is chosen before the app has arrived is audited once the engine is there", async ({ page, app }) => {
  let arrive;
  const held = new Promise((done) => {
    arrive = done;
  });
  await page.route(/\/(app|worker)-[0-9a-f]+\.wasm$/, async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(app.url, { waitUntil: "commit" });
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await listening(page);
  await page.locator("#file-picker").setInputFiles(project);
  await expect(page.locator("#boot-status")).toHaveText(/Your project waits\. Engine loading \d+%/);
  expect(page.workers()).toHaveLength(0);
  arrive();
  await expect(page.locator(".report")).toBeVisible();
});

test("the buttons of the static page open the pickers and ask for the example", async ({ page, app }) => {
  await page.route(/\.wasm$/, () => {});
  const opened = pickers(page);
  await page.goto(app.url, { waitUntil: "commit" });
  await listening(page);
  for (const [at, name] of ["Choose a zip", "Choose a folder"].entries()) {
    await page.getByRole("button", { name }).press("Enter");
    await opened(at + 1);
  }
  await page.getByRole("button", { name: "Try the example" }).click();
  await expect(page.locator("#boot-status")).toContainText("Your project waits");
});

test("an engine that does not arrive is said, and the page is not called locked", async ({ page, app }) => {
  await page.route(/worker-[0-9a-f]+\.wasm$/, (route) => route.fulfill({ status: 404, body: "" }));
  await page.goto(app.url);
  await expect(ready(page)).rejects.toThrow(/answered 404/);
  await expect(page.getByText(/could not be loaded/)).toBeVisible();
  const lock = await page.evaluate(() => new Promise((done) => globalThis.drydock.watch((status) => done(status.lock.state))));
  expect(lock).toBe("pending");
});

test("a second visit comes from the store: the server sees no file of the app", async ({ page, app }) => {
  await page.goto(app.url);
  await ready(page);
  const before = app.requests.length;
  await page.reload();
  await ready(page);
  expect(app.requests.slice(before).filter((line) => !line.endsWith("/sw.js"))).toEqual([]);
});
