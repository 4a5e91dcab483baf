#!/usr/bin/env node
// Measures the app in the browser against the bare work: four workers that inflate and parse a quarter of
// the same wheel each (web/src/bin/bench.rs), in turn, every round in a fresh page. The app is measured twice:
// the wheel is chosen as soon as the engine is there, and after a few seconds, when the workers that it starts
// ahead are there and warm. Processor time is that of all pages' processes: it hardly changes when other
// programs run too.
//   node tests/e2e/bench.mjs WHEEL      with DRYDOCK_BENCH_PAGE = folder of the built bench engine
import { chromium } from "@playwright/test";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { serve } from "../../scripts/serve.mjs";
import config from "./playwright.config.mjs";
import { ready } from "./support/boot.mjs";

const ROUNDS = 5;
/** As long as somebody who looks for a file. */
const LOOKS_MS = 4000;
const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const DIST = process.env.DRYDOCK_DIST ?? join(ROOT, "dist");
const BENCH = process.env.DRYDOCK_BENCH_PAGE ?? join(ROOT, "target/bench-page");
const WHEEL = process.argv[2];

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>bench</title><link rel="icon" href="data:,">
<input type="file" id="file"><script type="module" src="page.js"></script></html>`;
const PAGE_SCRIPT = `
const WORKER_TAIL = \`
onmessage = async ({ data: { module, file, shard } }) => {
  const wasm = await wasm_bindgen({ module_or_path: module });
  const bytes = wasm_bindgen.inflate_and_parse(file, shard, 4);
  postMessage({ bytes, memory: wasm.memory.buffer.byteLength });
};\`;
const glue = await (await fetch("bench.js")).text();
const url = URL.createObjectURL(new Blob([glue, WORKER_TAIL], { type: "text/javascript" }));
const module = await WebAssembly.compileStreaming(fetch("bench_bg.wasm"));
globalThis.measure = async (file) => {
  const started = performance.now();
  const results = await Promise.all([0, 1, 2, 3].map((shard) => new Promise((done, failed) => {
    const worker = new Worker(url);
    worker.onmessage = ({ data }) => { worker.terminate(); done(data); };
    worker.onerror = (event) => failed(new Error(event.message));
    worker.postMessage({ module, file, shard });
  })));
  return { ms: performance.now() - started, results };
};
globalThis.ready = true;`;

/** In the app's page, before its own scripts: when the wheel is chosen, when the report stands, long tasks. */
function watchApp() {
  const seen = { chosen: 0, report: 0, tasks: [] };
  globalThis.benchSeen = seen;
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) seen.tasks.push({ start: task.startTime, ms: task.duration });
  }).observe({ type: "longtask", buffered: true });
  addEventListener("change", () => (seen.chosen ||= performance.now()), { capture: true });
  new MutationObserver(() => {
    if (!seen.report && document.querySelector(".report")) seen.report = performance.now();
  }).observe(document, { childList: true, subtree: true });
}

/** Seconds of processor time that the pages of `browser` used so far. */
async function processor(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  return processInfo.filter((one) => one.type === "renderer").reduce((sum, one) => sum + one.cpuTime, 0);
}

async function bare(browser, url) {
  const page = await browser.newPage();
  await page.goto(url);
  await page.waitForFunction(() => globalThis.ready);
  await page.locator("#file").setInputFiles(WHEEL);
  const before = await processor(browser);
  const { ms, results } = await page.evaluate(() => globalThis.measure(document.getElementById("file").files[0]));
  const used = 1000 * ((await processor(browser)) - before);
  await page.close();
  return { ms, processor: used, bytes: results.reduce((sum, result) => sum + result.bytes, 0), memory: Math.max(...results.map((result) => result.memory)) };
}

async function app(browser, url, looksMs) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.addInitScript(watchApp);
  await page.goto(url);
  await ready(page);
  // Wasm memory never shrinks: the last value seen of every worker is its peak.
  const memory = new Map();
  const timer = setInterval(() => {
    for (const worker of page.workers()) {
      worker
        .evaluate(async () => (await globalThis.eval("wasm_bindgen")()).memory.buffer.byteLength)
        .then((bytes) => memory.set(worker, Math.max(bytes, memory.get(worker) ?? 0)))
        .catch(() => {});
    }
  }, 100);
  await page.waitForTimeout(looksMs);
  const before = await processor(browser);
  await page.locator("#file-picker").setInputFiles(WHEEL);
  await page.locator(".report").waitFor({ timeout: 300_000 });
  const used = 1000 * ((await processor(browser)) - before);
  clearInterval(timer);
  const { chosen, report, tasks } = await page.evaluate(() => globalThis.benchSeen);
  await context.close();
  const during = tasks.filter((task) => task.start + task.ms >= chosen && task.start <= report + 1000);
  return { ms: report - chosen, processor: used, longest: Math.max(0, ...during.map((task) => task.ms)), memory: Math.max(0, ...memory.values()) };
}

if (!WHEEL) {
  console.error("usage: node tests/e2e/bench.mjs WHEEL");
  process.exit(2);
}
mkdirSync(BENCH, { recursive: true });
writeFileSync(join(BENCH, "index.html"), PAGE);
writeFileSync(join(BENCH, "page.js"), PAGE_SCRIPT);
statSync(join(BENCH, "bench_bg.wasm"));
const servers = [await serve({ dir: BENCH }), await serve({ dir: DIST })];
const browser = await chromium.launch(config.use.launchOptions);
const rounds = { bare: [], app: [], warm: [] };
for (let round = 0; round <= ROUNDS; round += 1) {
  const results = {
    bare: await bare(browser, servers[0].url),
    app: await app(browser, servers[1].url, 0),
    warm: await app(browser, servers[1].url, LOOKS_MS),
  };
  // The first round warms the caches.
  if (round > 0) for (const name of Object.keys(rounds)) rounds[name].push(results[name]);
}
await browser.close();
await Promise.all(servers.map((server) => server.close()));

const of = (name, key) => rounds[name].map((round) => round[key]).sort((a, b) => a - b);
const best = (name, key) => of(name, key)[0];
const median = (name, key) => of(name, key)[ROUNDS >> 1];
const row = (text, values) => console.log(`  ${text.padEnd(48)}${values.map((value) => value.padStart(12)).join("")}`);
const line = (name, text) => row(text, [best(name, "ms"), median(name, "ms"), median(name, "processor")].map((ms) => `${ms.toFixed(0)} ms`));
const ratio = (name, text) =>
  row(text, [[best, "ms"], [median, "ms"], [median, "processor"]].map(([of, key]) => (of(name, key) / of("bare", key)).toFixed(2)));
const megabytes = (bytes) => (bytes / 1e6).toFixed(0);
console.log(`\nbrowser, four workers, ${ROUNDS} rounds in turn, ${megabytes(median("bare", "bytes"))} MB of Python`);
row("", ["best", "median", "processor"]);
line("bare", "bare inflate + parse in four workers");
line("app", "the app, wheel chosen at once");
line("warm", `the app, wheel chosen after ${LOOKS_MS / 1000} s`);
ratio("app", "ratio, chosen at once (goal: at most 2.5)");
ratio("warm", "ratio, chosen later (goal: at most 2.5)");
for (const [name, text] of [["app", "at once"], ["warm", "later"]]) {
  const longest = of(name, "longest");
  console.log(`  longest main-thread task, chosen ${text}: ${longest.at(-1).toFixed(0)} ms (goal: at most 100), median round ${longest[ROUNDS >> 1].toFixed(0)} ms`);
}
console.log(`  wasm memory of the largest worker: ${megabytes(of("app", "memory").at(-1))} MB (goal: at most 256); bare: ${megabytes(of("bare", "memory").at(-1))} MB`);
