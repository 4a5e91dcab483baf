#!/usr/bin/env node
// Measures the findings list with 10,000 findings in the built page: how long it takes to show it, and to answer a
// keystroke in the search. Goals: 100 ms and 50 ms on a 4-core laptop; on a busy machine read ratios.
//   node tests/e2e/bench-findings.mjs
import { chromium } from "@playwright/test";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { serve } from "../../scripts/serve.mjs";
import config from "./playwright.config.mjs";
import { ready } from "./support/boot.mjs";
import { manyFindings, openReport } from "./support/report.mjs";

const COUNT = 10_000;
const ROUNDS = 7;
const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const server = await serve({ dir: process.env.DRYDOCK_DIST ?? join(ROOT, "dist") });
const browser = await chromium.launch(config.use.launchOptions);
const page = await browser.newPage();
await page.goto(server.url);
await ready(page);
await openReport(page, manyFindings(COUNT));
await page.locator("#tab-findings").waitFor();

const times = await page.evaluate(async (rounds) => {
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  /** Milliseconds from an action until the frame after the page has answered it. */
  const measure = async (act, answered) => {
    await frame();
    const start = performance.now();
    act();
    while (!answered()) await Promise.resolve();
    const worked = performance.now() - start;
    await frame();
    return { worked, painted: performance.now() - start };
  };
  const show = [];
  for (let round = 0; round < rounds; round += 1) {
    document.getElementById("tab-summary").click();
    await frame();
    await frame();
    show.push(await measure(() => document.getElementById("tab-findings").click(), () => document.querySelector(".finding-row")));
  }
  const input = document.getElementById("search");
  const keys = [];
  for (const text of ["s", "se", "ses", "sess", "sessi", "sessio", "session", "session ", "session o", "session or", ""]) {
    const type = () => {
      input.value = text;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    };
    const before = document.querySelector(".list-count").textContent;
    let turns = 0;
    // Some letters change nothing: a few turns are enough for those.
    keys.push(await measure(type, () => document.querySelector(".list-count").textContent !== before || (turns += 1) > 50));
  }
  return { show, keys };
}, ROUNDS);
await browser.close();
await server.close();

const line = (name, list, key) => {
  const sorted = list.map((one) => one[key]).sort((a, b) => a - b);
  return `${name.padEnd(44)}${sorted[sorted.length >> 1].toFixed(0).padStart(6)} ms median ${sorted.at(-1).toFixed(0).padStart(6)} ms worst`;
};
console.log(`\n${COUNT.toLocaleString("en")} findings in the browser`);
console.log(`  ${line("show the list, until it is built (goal: 100)", times.show, "worked")}`);
console.log(`  ${line("show the list, until it is painted", times.show, "painted")}`);
console.log(`  ${line("a keystroke, until it is built (goal: 50)", times.keys, "worked")}`);
console.log(`  ${line("a keystroke, until it is painted", times.keys, "painted")}`);
