// The page comes up: it draws something, without errors, from its own origin only.
import { expect, test } from "./support/app.mjs";

for (const basePath of ["/", "/some/sub/path/"]) {
  test.describe(`served under ${basePath}`, () => {
    test.use({ basePath });

    test("the landing page comes up without errors", async ({ page, app, shot }) => {
      await page.goto(app.url);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      expect(app.errors).toEqual([]);
      expect(app.browserRequests.filter((line) => !line.startsWith(`GET ${app.url}`) && !/^GET (blob|data):/.test(line))).toEqual([]);
      expect(app.foreign).toEqual([]);
      await shot(basePath === "/" ? "smoke" : "smoke-sub-path");
    });
  });
}
