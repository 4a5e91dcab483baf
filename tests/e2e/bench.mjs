#!/usr/bin/env node
// Measures the app in the browser against the bare work: four workers that inflate and parse a quarter of
// the same wheel each (web/src/bin/bench.rs). Both start their workers anew in every round, in turn.
//   node tests/e2e/bench.mjs WHEEL      with DRYDOCK_BENCH_PAGE = folder of the built bench engine
import { chromium } from "@playwright/test";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { serve } from "../../scripts/serve.mjs";
import config from "./playwright.config.mjs";

const ROUNDS = 5;
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

async function bare(browser, url) {
  const page = await browser.newPage();
  await page.goto(url);
  await page.waitForFunction(() => globalThis.ready);
  await page.locator("#file").setInputFiles(WHEEL);
  const { ms, results } = await page.evaluate(() => globalThis.measure(document.getElementById("file").files[0]));
  await page.close();
  return { ms, bytes: results.reduce((sum, result) => sum + result.bytes, 0), memory: Math.max(...results.map((result) => result.memory)) };
}

async function app(browser, url) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.addInitScript(watchApp);
  await page.goto(url);
  await page.evaluate(
    () => new Promise((done) => globalThis.drydock.watch((status) => status.engine.state === "ready" && done())),
  );
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
  await page.locator("#file-picker").setInputFiles(WHEEL);
  await page.locator(".report").waitFor({ timeout: 300_000 });
  clearInterval(timer);
  const { chosen, report, tasks } = await page.evaluate(() => globalThis.benchSeen);
  await context.close();
  const during = tasks.filter((task) => task.start + task.ms >= chosen && task.start <= report + 1000);
  return { ms: report - chosen, longest: Math.max(0, ...during.map((task) => task.ms)), memory: Math.max(0, ...memory.values()) };
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
const rounds = { bare: [], app: [] };
for (let round = 0; round <= ROUNDS; round += 1) {
  const results = { bare: await bare(browser, servers[0].url), app: await app(browser, servers[1].url) };
  // The first round warms the caches.
  if (round > 0) for (const name of ["bare", "app"]) rounds[name].push(results[name]);
}
await browser.close();
await Promise.all(servers.map((server) => server.close()));

const of = (name, key) => rounds[name].map((round) => round[key]).sort((a, b) => a - b);
const line = (name, text) => console.log(`  ${text.padEnd(44)} ${of(name, "ms")[0].toFixed(0).padStart(7)} ms ${of(name, "ms")[ROUNDS >> 1].toFixed(0).padStart(9)} ms`);
const megabytes = (bytes) => (bytes / 1e6).toFixed(0);
console.log(`\nbrowser, four workers, ${ROUNDS} rounds in turn, ${megabytes(rounds.bare[0].bytes)} MB of Python   best     median`);
line("bare", "bare inflate + parse in four workers");
line("app", "the app, from choosing the wheel to the report");
const ratio = (at) => (of("app", "ms")[at] / of("bare", "ms")[at]).toFixed(2);
console.log(`  ${"ratio (goal: at most 2.5)".padEnd(44)} ${ratio(0).padStart(7)}    ${ratio(ROUNDS >> 1).padStart(9)}`);
console.log(`  longest main-thread task: ${of("app", "longest").at(-1).toFixed(0)} ms (goal: at most 100), median round ${of("app", "longest")[ROUNDS >> 1].toFixed(0)} ms`);
console.log(`  wasm memory of the largest worker: ${megabytes(of("app", "memory").at(-1))} MB (goal: at most 256); bare: ${megabytes(of("bare", "memory").at(-1))} MB`);
