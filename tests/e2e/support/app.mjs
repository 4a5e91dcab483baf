// The fixtures of the browser tests: the built app on a server of its own per test, with every request
// recorded; screenshots; axe. Import `test` and `expect` from here.
import { test as base, expect } from "@playwright/test";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { serve } from "../../../scripts/serve.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const DIST = resolve(process.env.DRYDOCK_DIST ?? join(HERE, "../../../dist"));
const ARTIFACTS = join(HERE, "../artifacts");
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export { expect };

export const test = base.extend({
  /** Sub path the app is served under; `test.use({ basePath: "/some/path/" })` changes it. */
  basePath: ["/", { option: true }],

  /**
   * The served app: `url`, `requests` (what the server saw, in order, as `GET /path`), `foreign` (what a
   * second origin saw: must stay empty), `foreignUrl`, `stop()` (for offline tests), `browserRequests`
   * (what the browser says it sent, own origin or not), `errors` (console errors and page errors).
   */
  app: async ({ page, context, basePath }, use) => {
    if (!existsSync(join(DIST, "index.html"))) throw new Error(`${DIST} is not built: run \`make dist\``);
    const app = { requests: [], foreign: [], browserRequests: [], errors: [] };
    const server = await serve({ dir: DIST, base: basePath, onRequest: (method, url) => app.requests.push(`${method} ${url}`) });
    const other = await serve({ dir: HERE, onRequest: (method, url) => app.foreign.push(`${method} ${url}`) });
    Object.assign(app, { url: server.url, foreignUrl: other.url, stop: server.close });
    context.on("request", (request) => app.browserRequests.push(`${request.method()} ${request.url()}`));
    page.on("console", (message) => {
      // The app's own self-test tries what must be refused; Chromium says so on the console.
      const expected = /lock-test\?channel=/.test(`${message.text()} ${message.location().url}`);
      if (message.type() === "error" && !expected) app.errors.push(message.text());
    });
    page.on("pageerror", (error) => app.errors.push(String(error)));
    await use(app);
    await Promise.all([server.close(), other.close()]);
  },

  /** `await shot("landing-light")` keeps a picture of the whole page under tests/e2e/artifacts/. */
  shot: async ({ page }, use) => {
    mkdirSync(ARTIFACTS, { recursive: true });
    await use((name, options = {}) => page.screenshot({ path: join(ARTIFACTS, `${name}.png`), fullPage: true, ...options }));
  },

  /** `await axe()` gives the violations of the page as it is, one line each: expect them to equal []. */
  axe: async ({ page }, use) => {
    await use(async () => {
      // Evaluated by the debugger, which no policy of the page binds.
      await page.evaluate(AXE);
      const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
      return violations.flatMap((violation) => violation.nodes.map((node) => `${violation.id}: ${node.target.join(" ")}`));
    });
  },
});

/** Path of a pinned wheel of tests/corpus (`wheel("prefect")`); scripts/test.sh fetches it. */
export function wheel(name) {
  const home = process.env.DRYDOCK_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(process.env.HOME, ".cache"), "drydock");
  const folder = process.env.DRYDOCK_CORPUS ?? join(home, "corpus");
  const found = existsSync(folder) && readdirSync(folder).find((file) => file.startsWith(`${name}-`) && file.endsWith(".whl"));
  if (!found) throw new Error(`no wheel of ${name} in ${folder}: run tests/corpus/fetch.sh ${name}`);
  return join(folder, found);
}
