// Offline: after the first visit the app needs no server.
import { ready } from "./support/boot.mjs";
import { expect, test } from "./support/app.mjs";

for (const basePath of ["/", "/some/sub/path/"]) {
  test.describe(`served under ${basePath}`, () => {
    test.use({ basePath });

    test("the page comes up, locked and with its engine, while the server is stopped", async ({ page, app }) => {
      await page.goto(app.url);
      expect((await ready(page)).offline).toEqual({ state: "ready" });
      await app.stop();
      await page.reload();
      const status = await ready(page);
      expect(status.offline).toEqual({ state: "ready" });
      expect(status.lock.channels.filter((channel) => !channel.blocked)).toEqual([]);
    });
  });
}
