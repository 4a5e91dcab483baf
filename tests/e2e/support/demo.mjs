// The example as files that a test may change, and how a test hands files over.
import { expect } from "@playwright/test";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const DEMO = join(resolve(dirname(fileURLToPath(import.meta.url)), "../../.."), "examples/demo");

/** Paths of all files below `folder`, sorted, relative to it. */
export function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
}

/** The example as files, changed by `change`. */
export function demo(change = {}) {
  const files = Object.fromEntries(
    filesBelow(DEMO)
      .filter((path) => path !== "EXPECTED.jsonl" && !path.includes("__pycache__"))
      .map((path) => [`orders-service/${path}`, readFileSync(join(DEMO, path))]),
  );
  return { ...files, ...change };
}

/** Hands over files: `[name, contents]`. */
export const drop = (page, files) =>
  page.locator("#file-picker").setInputFiles(
    files.map(([name, data]) => ({ name, mimeType: "application/octet-stream", buffer: Buffer.from(data) })),
  );

/** The report is there. */
export const shown = (page) => expect(page.locator("#tab-summary")).toBeVisible({ timeout: 60_000 });
