// Browser tests: Debian's Chromium, headless, two workers. `make test` builds dist/ first; by hand:
//   make dist && cd tests/e2e && node node_modules/@playwright/test/cli.js test [FILE] [-g TITLE]
import { defineConfig } from "@playwright/test";
import { execFileSync } from "node:child_process";

/** The browser that scripts/test.sh found, else the first on PATH. */
function chromium() {
  if (process.env.DRYDOCK_CHROMIUM) return process.env.DRYDOCK_CHROMIUM;
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    try {
      return execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
    } catch {
      // Not this one.
    }
  }
  throw new Error("no Chromium: run `make setup` or name one with DRYDOCK_CHROMIUM");
}

export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.mjs",
  outputDir: "test-results",
  fullyParallel: true,
  workers: 2,
  // A shared machine may starve a page once; a test that fails twice has failed.
  retries: process.env.CI ? 1 : 0,
  forbidOnly: true,
  // Waits end when what they wait for is there; these only bound a machine that does much else.
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    viewport: { width: 1280, height: 720 },
    // A tracer asks the server again for bodies that it could not keep, which the network tests would count as the app's.
    trace: process.env.TRACE ? "retain-on-failure" : "off",
    launchOptions: {
      executablePath: chromium(),
      args: [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        // Nothing but this machine can be reached, whatever the page tries.
        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
      ],
    },
  },
});
