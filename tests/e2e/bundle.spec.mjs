// What the browser has to load, measured on the built files. Budgets in kB of gzip -9; the target is
// what we aim at, the limit fails.
import { expect, test } from "@playwright/test";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const DIST = resolve(process.env.DRYDOCK_DIST ?? join(dirname(fileURLToPath(import.meta.url)), "../../dist"));
const kilobytes = (names) => names.reduce((sum, name) => sum + gzipSync(readFileSync(join(DIST, name)), { level: 9 }).length, 0) / 1000;
const built = () => readdirSync(DIST, { recursive: true }).map(String);

const BUDGETS = [
  { what: "page: HTML, CSS and start-up scripts", files: /(\.html|\.css|^(?!.*(app|worker|evidence)[^/]*\.js$).*\.js)$/, target: 30, limit: 60 },
  { what: "app: wasm and glue", files: /(^|\/)app[^/]*\.(wasm|js)$/, target: 400, limit: 600 },
  { what: "engine: wasm and glue", files: /(^|\/)worker[^/]*\.(wasm|js)$/, target: 1600, limit: 2600 },
  { what: "evidence: wasm and glue", files: /(^|\/)evidence[^/]*\.(wasm|js)$/, target: 600, limit: 900 },
];

for (const { what, files, target, limit } of BUDGETS) {
  test(`${what} stays below ${limit} kB`, () => {
    const names = built().filter((name) => files.test(name));
    expect(names, "files of this budget").not.toEqual([]);
    const size = kilobytes(names);
    console.log(`    ${what}: ${size.toFixed(0)} kB gzipped (target ${target}, limit ${limit})`);
    expect(size).toBeLessThan(limit);
  });
}

test("a first visit stays below 3,200 kB", () => {
  // All that the page asks for, and what the service worker keeps: the same files.
  const names = readdirSync(DIST, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(DIST, join(entry.parentPath ?? entry.path, entry.name)));
  const size = kilobytes(names);
  console.log(`    first visit: ${size.toFixed(0)} kB gzipped (target 2100, limit 3200)`);
  expect(size).toBeLessThan(3200);
});

test("the page names no other origin and no absolute path", () => {
  const html = readFileSync(join(DIST, "index.html"), "utf8");
  const addresses = [...html.matchAll(/\b(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
  expect(addresses.filter((address) => /^(\/|[a-z][a-z0-9+.-]*:)/i.test(address) && !address.startsWith("data:"))).toEqual([]);
});
