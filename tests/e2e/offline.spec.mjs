// Offline: after the first visit the app needs no server.
import { ready } from "./support/boot.mjs";
import { expect, test } from "./support/app.mjs";

for (const basePath of ["/", "/some/sub/path/"]) {
  test.describe(`served under ${basePath}`, () => {
    test.use({ basePath });

    test("with the server stopped the page comes up, locks itself and audits the example", async ({ page, app }) => {
      await page.goto(app.url);
      expect((await ready(page)).offline).toEqual({ state: "ready" });
      await app.stop();
      await page.reload();
      const status = await ready(page);
      expect(status.offline).toEqual({ state: "ready" });
      expect(status.lock.channels.filter((channel) => !channel.blocked)).toEqual([]);
      await page.getByRole("button", { name: "Try the example" }).click();
      await expect(page.locator(".report")).toBeVisible();
      await expect(page.locator("#tab-findings")).toContainText(/[1-9]/);
    });
  });
}
