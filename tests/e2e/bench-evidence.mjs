#!/usr/bin/env node
// Measures what 100 MB of evidence take in the page's evidence worker: k6's stream of points and a browser's trace,
// each grown from a sample of the tests by repeating it later in time. Goal: at most 256 MB of wasm memory; the
// time counts from choosing the file to the performance report.
//   node tests/e2e/bench-evidence.mjs [MEGABYTES]
import { chromium } from "@playwright/test";
import { closeSync, cpSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { serve } from "../../scripts/serve.mjs";
import config from "./playwright.config.mjs";
import { ready } from "./support/boot.mjs";

const GOAL_MB = 256;
const bytes = 1e6 * Number(process.argv[2] ?? 100);
const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const SAMPLES = join(ROOT, "tests/data/evidence");
const sample = (name) => gunzipSync(readFileSync(join(SAMPLES, name))).toString();
const folder = mkdtempSync(join(tmpdir(), "drydock-evidence-"));

/** A file of `bytes` bytes or a little more, whose pieces `piece(round)` gives. */
function grow(name, head, piece, tail) {
  const path = join(folder, name);
  const file = openSync(path, "w");
  writeSync(file, head);
  for (let round = 0, size = 0; size < bytes; round += 1) size += writeSync(file, piece(round));
  writeSync(file, tail);
  closeSync(file);
  return path;
}

/** k6's points again and again, every time a minute later. */
function k6() {
  const lines = sample("load/k6-export.ndjson.gz").trimEnd().split("\n");
  const [metrics, points] = [true, false].map((is) => lines.filter((line) => line.includes('"type":"Metric"') === is));
  const stamp = /"time":"([^"]+)"/;
  const later = (line, round) => line.replace(stamp, (_, at) => `"time":"${new Date(Date.parse(at) + round * 60_000).toISOString()}"`);
  return grow("k6.ndjson", `${metrics.join("\n")}\n`, (round) => `${points.map((line) => later(line, round)).join("\n")}\n`, "");
}

/** A trace's events again and again, each time after the last of those before. */
function trace() {
  const { traceEvents } = JSON.parse(sample("web/baseline.trace.json.gz"));
  const [heads, events] = [true, false].map((is) => traceEvents.filter((event) => (event.ph === "M") === is));
  const times = events.map((event) => event.ts).filter(Boolean);
  const span = Math.max(...times) - Math.min(...times) + 1000;
  const later = (round) => events.map((event) => `,\n${JSON.stringify({ ...event, ts: event.ts + round * span })}`).join("");
  return grow("trace.json", `{"traceEvents": [${heads.map((event) => JSON.stringify(event)).join(",\n")}`, later, "]}");
}

/**
 * A copy of the built page whose evidence worker says what it holds with each of its messages: it cannot be asked while
 * it reads, nor when it has been ended. Wasm memory never shrinks, so the largest is the peak.
 */
function telling() {
  const dist = process.env.DRYDOCK_DIST ?? join(ROOT, "dist");
  const copy = join(folder, "dist");
  cpSync(dist, copy, { recursive: true });
  const glue = readdirSync(copy).find((name) => /^evidence-.*\.js$/.test(name));
  const started = "wasm = instance.exports;";
  const text = readFileSync(join(copy, glue), "utf8");
  if (!text.includes(started)) throw new Error(`${glue} does not say where its memory is`);
  const tell = `{ const post = globalThis.postMessage.bind(globalThis);
    globalThis.postMessage = (...message) => { console.log("wasm memory " + wasm.memory.buffer.byteLength); post(...message); }; }`;
  writeFileSync(join(copy, glue), text.replace(started, started + tell));
  return copy;
}

async function measure(browser, url, path) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(url);
  await ready(page);
  let memory = 0;
  page.on("console", (message) => {
    const [, size] = /^wasm memory (\d+)$/.exec(message.text()) ?? [];
    if (size) memory = Math.max(memory, Number(size));
  });
  const started = performance.now();
  await page.locator("#file-picker").setInputFiles(path);
  await page.locator(".report").waitFor({ timeout: 300_000 });
  const ms = performance.now() - started;
  const said = (await page.locator("main").innerText()).replace(/\s+/g, " ").slice(0, 160);
  await context.close();
  return { ms, memory, said };
}

const server = await serve({ dir: telling() });
const browser = await chromium.launch(config.use.launchOptions);
try {
  for (const path of [k6(), trace()]) {
    const { ms, memory, said } = await measure(browser, server.url, path);
    const size = statSync(path).size;
    console.log(
      `${path.split("/").at(-1).padEnd(12)} ${(size / 1e6).toFixed(0)} MB: ${(ms / 1000).toFixed(1)} s (${(size / 1e3 / ms).toFixed(0)} MB/s), ` +
        `largest worker ${(memory / 1e6).toFixed(0)} MB (goal ${GOAL_MB})\n  ${said}`,
    );
  }
} finally {
  await browser.close();
  await server.close();
  rmSync(folder, { recursive: true });
}
