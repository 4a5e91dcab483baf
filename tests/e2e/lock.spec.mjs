// The network lock: own origin only before it, nothing at all after it, over no channel, neither from
// the page nor from a worker. What the servers saw decides, not what the page says.
import { ready, reachOut } from "./support/boot.mjs";
import { expect, test } from "./support/app.mjs";

/** What the server saw, without the service worker's own update check: the one request that stays. */
const seen = (app) => app.requests.filter((line) => !line.endsWith("/sw.js"));

for (const basePath of ["/", "/some/sub/path/"]) {
  test.describe(`served under ${basePath}`, () => {
    test.use({ basePath });

    test("the app loads its own files only, then locks itself", async ({ page, app }) => {
      await page.goto(app.url);
      const status = await ready(page);
      const wanted = /^GET [^?]*\/((boot|app|worker|evidence|style|example)-[0-9a-f]{16}\.(js|wasm|css|zip)|icon\.svg|manifest\.webmanifest|)$/;
      expect(seen(app).filter((line) => !wanted.test(line))).toEqual([]);
      expect(app.foreign).toEqual([]);
      expect(status.offline).toEqual({ state: "ready" });
      expect(status.lock.state).toBe("tested");
      expect(status.lock.at).toMatch(/^\d\d:\d\d$/);
      expect(status.lock.channels.filter((channel) => !channel.blocked)).toEqual([]);
      expect(status.lock.channels.map((channel) => channel.name)).toEqual([
        "fetch",
        "image",
        "script",
        "stylesheet",
        "import",
        "worker",
        "beacon",
        "WebSocket",
        "EventSource",
        "fetch (worker)",
        "importScripts",
        "import (worker)",
        "XMLHttpRequest (worker)",
        "WebSocket (worker)",
        "EventSource (worker)",
        "worker (worker)",
      ]);
    });
  });
}

test("after the lock nothing leaves the page", async ({ page, app }) => {
  await page.goto(app.url);
  await ready(page);
  await page.waitForTimeout(1000);
  const before = seen(app);
  expect(await page.evaluate(reachOut, [app.url, app.foreignUrl])).toEqual([]);
  expect(seen(app)).toEqual(before);
  expect(app.foreign).toEqual([]);
});

test("after the lock nothing leaves a worker, neither a new one nor the engine's nor that for evidence", async ({ page, app }) => {
  await page.goto(app.url);
  await ready(page);
  await page.evaluate(async () => {
    // As web/boot/spare.js starts it.
    const { module, url } = await globalThis.drydock.engine();
    globalThis.engineWorker = new Worker(url);
    await new Promise((done) => {
      globalThis.engineWorker.onmessage = (event) => "Ready" in event.data[0] && done();
      globalThis.engineWorker.postMessage(module);
    });
    globalThis.evidenceWorker = globalThis.drydock.evidenceWorker();
    await new Promise((done) => {
      globalThis.evidenceWorker.onmessage = (event) => "Ready" in event.data[0] && done();
    });
    globalThis.plainWorker = new Worker(URL.createObjectURL(new Blob(["onmessage = () => {}"], { type: "text/javascript" })));
  });
  const before = seen(app);
  // These three and the four that were started ahead. The one that warms the engine up may end meanwhile.
  const tried = new Set();
  const answered = [];
  const tryAll = async () => {
    for (const worker of page.workers().filter((one) => !tried.has(one))) {
      const heard = await worker.evaluate(reachOut, [app.url, app.foreignUrl]).catch((error) => {
        if (page.workers().includes(worker)) throw error;
      });
      if (heard) tried.add(worker);
      answered.push(...(heard ?? []));
    }
    return tried.size;
  };
  await expect.poll(tryAll, { timeout: 45_000 }).toBeGreaterThanOrEqual(7);
  expect(answered).toEqual([]);
  expect(seen(app)).toEqual(before);
  expect(app.foreign).toEqual([]);
});

test("without the lock the same attempts do arrive: the test can fail", async ({ page, app }) => {
  // The page of the second server has no policy.
  await page.goto(app.foreignUrl);
  await page.evaluate(reachOut, [app.foreignUrl]).catch(() => {});
  for (const channel of ["fetch", "import", "worker", "beacon", "image", "script", "style", "xhr", "events"]) {
    // Some are sent a moment after the attempt returns.
    await expect.poll(() => app.foreign.some((line) => line.includes(`leak-${channel}`)), { message: channel }).toBe(true);
  }
});

test.describe("in a browser that ignores the policy", () => {
  test.use({ bypassCSP: true });

  test("the self-test says which channels are open", async ({ page, app }) => {
    await page.goto(app.url);
    const { lock } = await ready(page);
    const open = lock.channels.filter((channel) => !channel.blocked).map((channel) => channel.name);
    for (const channel of ["fetch", "image", "script", "beacon", "fetch (worker)", "importScripts"]) expect(open).toContain(channel);
    await expect(page.locator("#lock-badge")).toContainText("Network not fully locked");
    await expect(page.locator("#lock-badge")).toHaveAttribute("data-state", "bad");
  });
});
