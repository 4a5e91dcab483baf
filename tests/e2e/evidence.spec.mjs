// Where evidence comes from without being chosen: what the example brings, what lies in a project, an archive that is
// nothing but evidence. The command line says the same of each, byte for byte.
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "./support/app.mjs";
import { ready } from "./support/boot.mjs";
import { demo, drop, shown } from "./support/demo.mjs";
import { commandLine } from "./support/native.mjs";
import { zip } from "./support/zip.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const DIST = resolve(process.env.DRYDOCK_DIST ?? join(HERE, "../../dist"));
const sample = (path) => readFileSync(join(HERE, "../data/evidence", path));
const measured = (page) => expect(page.locator(".performance h1")).toBeVisible({ timeout: 60_000 });
const offer = (page) => page.locator("#read-inside");

/** The report as the app saves it. */
async function saved(page) {
  await page.locator("#tab-export").click();
  const save = page.getByRole("button", { name: "Download report.json", exact: true });
  const [download] = await Promise.all([page.waitForEvent("download"), save.click()]);
  return readFileSync(await download.path());
}

/** Runs `use` with an empty folder. */
async function within(use) {
  const folder = mkdtempSync(join(tmpdir(), "drydock-e2e-"));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The example with evidence and targets of its own. */
const withEvidence = () => ({
  ...demo(),
  "orders-service/.drydock.toml": '[targets]\np95_ms = 0.001\n"GET /orders" = { p95_ms = 250 }\n',
  "orders-service/perf/scan.txt": sample("databases/explain/scan.txt"),
  "orders-service/perf/shop.prof": sample("profiles/shop.prof"),
  "orders-service/perf/summary.json": sample("load/k6-export.json"),
  "orders-service/perf/notes.txt": "nothing of note\n",
  "orders-service/tests/data/summary.json": sample("load/k6-export.json"),
});

test.beforeEach(async ({ page, app }) => {
  await page.goto(app.url);
  await ready(page);
});

test("the example brings what was measured of it: targets, both runs, findings that it confirms", async ({ page, app, axe }) => {
  test.setTimeout(900_000);
  await page.locator("#try-example").click();
  await shown(page);
  await page.locator("#tab-performance").click();
  await measured(page);
  const quotes = page.locator(".measured", { has: page.getByRole("heading", { name: "GET /catalog/quotes", exact: true }) });
  const row = quotes.getByRole("row", { name: /Latency p95/ }).first();
  await expect(row).toContainText("FAIL");
  // From one run to the other, with what that rests on.
  await expect(row).toContainText(/-\d+ % \(/);
  await expect(page.getByRole("heading", { name: "Before/after benchmark" }).first()).toBeVisible();
  await expect(page.locator(".steps tbody tr").first()).toContainText("Limit");
  await expect(page.locator("[aria-labelledby=changes]")).toContainText("MEDIUM");
  expect(await axe()).toEqual([]);
  // The finding says so itself.
  await page.locator("[aria-labelledby=changes]").getByRole("button", { name: "A searched column or foreign key has no index" }).click();
  await expect(page.locator("#detail-title")).toBeVisible();
  await expect(page.locator(".detail")).toContainText("pg_stat_statements");
  const report = await saved(page);
  await within((folder) => {
    for (const [from, to] of [
      ["example", "orders-service.zip"],
      ["evidence", "orders-service-evidence.zip"],
    ]) {
      const built = readdirSync(DIST).find((name) => name.startsWith(`${from}-`) && name.endsWith(".zip"));
      copyFileSync(join(DIST, built), join(folder, to));
    }
    const { date } = JSON.parse(report);
    const words = ["audit", "orders-service.zip", "--evidence", "orders-service-evidence.zip", "--format", "json", "--date", date];
    expect(report.equals(execFileSync(commandLine(), words, { cwd: folder, maxBuffer: 1 << 28 }))).toBe(true);
  });
  expect(app.errors).toEqual([]);
  expect(app.foreign).toEqual([]);
});

for (const kind of ["zip", "tar.gz", "folder"]) {
  test(`evidence in a project that is a ${kind} is offered, and read as the command line reads it`, async ({ page, app, axe }) => {
    test.setTimeout(900_000);
    await within(async (folder) => {
      const root = join(folder, "orders-service");
      for (const [path, data] of Object.entries(withEvidence())) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), data);
      }
      let project = root;
      if (kind === "zip") {
        project = join(folder, "orders.zip");
        writeFileSync(project, zip(withEvidence()));
      } else if (kind === "tar.gz") {
        project = join(folder, "orders.tar.gz");
        execFileSync("tar", ["-czf", project, "-C", folder, "orders-service"]);
      }
      await page.locator(kind === "folder" ? "#folder-picker" : "#file-picker").setInputFiles(project);
      await shown(page);
      // Until it is asked for, the report is that of the code alone.
      await expect(offer(page)).toBeVisible();
      await expect(page.locator(".strip", { has: offer(page) })).toContainText("perf/scan.txt (PostgreSQL");
      const before = JSON.parse(await saved(page));
      expect(before.performance).toBeUndefined();
      await page.locator("#tab-performance").click();
      await expect(page.getByRole("heading", { name: "Nothing was measured yet" })).toBeVisible();
      expect(await axe()).toEqual([]);
      await offer(page).click();
      await expect(page.locator("[aria-labelledby=evidence-files] tbody tr")).toHaveCount(4, { timeout: 60_000 });
      await expect(offer(page)).toHaveCount(0);
      const report = await saved(page);
      const { date, performance } = JSON.parse(report);
      // Tests bring samples of their own, and notes are no evidence; the settings ask something.
      expect(performance.files.map((file) => file.path)).toEqual(["perf/scan.txt", "perf/shop.prof", "perf/summary.json", ".drydock.toml"]);
      expect(performance.sections.flatMap((section) => section.targets).some((row) => row.source === "settings, .drydock.toml")).toBe(true);
      const words = ["audit", project, "--evidence", "auto", "--format", "json", "--date", date];
      expect(report.equals(execFileSync(commandLine(), words, { maxBuffer: 1 << 28 }))).toBe(true);
      // Taken back, it is offered again.
      await page.locator("#tab-performance").click();
      await page.getByRole("button", { name: "Forget what was measured" }).click();
      await expect(page.getByRole("heading", { name: "Nothing was measured yet" })).toBeVisible();
      await expect(offer(page)).toBeVisible();
    });
    expect(app.errors).toEqual([]);
  });
}

test("a claim that a plan disproves is struck out, with the plan that does it", async ({ page, app, axe }) => {
  const models = `from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase):
    pass

class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)

class Item(Base):
    __tablename__ = "items"
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
`;
  const items = `from sqlalchemy import select
from sqlalchemy.orm import Session
from app.models import Item

def items_of(session: Session, order: int) -> list[Item]:
    return list(session.scalars(select(Item).where(Item.order_id == order)))
`;
  const code = zip({ "shop/pyproject.toml": '[project]\nname = "shop"\ndependencies = ["sqlalchemy", "psycopg"]\n', "shop/app/models.py": models, "shop/app/items.py": items });
  await drop(page, [["shop.zip", code], ["loop.txt", sample("databases/explain/loop.txt")]]);
  await shown(page);
  await page.locator("#tab-findings").click();
  await page.getByRole("button", { name: /^Refuted 1/ }).click();
  const row = page.locator(".finding-row", { hasText: "items.order_id" });
  await expect(row.locator(".cell-message")).toHaveCSS("text-decoration-line", "line-through");
  await row.click();
  await expect(page.locator("#detail-title")).toHaveCSS("text-decoration-line", "line-through");
  const status = page.locator(".detail-status");
  await expect(status).toContainText("Refuted, not scored.");
  await expect(status).toContainText("the plan reads items through the index items_order on order_id (loop.txt)");
  expect(await axe()).toEqual([]);
  // The score is the one without it.
  await page.locator("#tab-summary").click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("No issues");
  expect(app.errors).toEqual([]);
});

test("targets of the settings count in a load test, as on the command line", async ({ page }) => {
  test.setTimeout(900_000);
  await within(async (folder) => {
    const archive = join(folder, "orders.zip");
    writeFileSync(archive, zip(withEvidence()));
    await page.locator("#file-picker").setInputFiles(archive);
    await shown(page);
    await page.locator("#tab-performance").click();
    await page.getByRole("button", { name: "Write a load test" }).click();
    const script = page.locator("[aria-labelledby=load-test] .load-script");
    await expect(script).toContainText("p(95)<250");
    const native = execFileSync(commandLine(), ["loadtest", archive, "--tool", "k6"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    expect(await script.textContent()).toBe(native);
  });
});

test("a zip and a folder of evidence without any code are read as evidence", async ({ page, app }) => {
  const rows = page.locator("[aria-labelledby=evidence-files] tbody tr");
  await drop(page, [["runs.zip", zip({ "perf/k6.json": sample("load/k6-export.json"), "perf/scan.txt": sample("databases/explain/scan.txt") })]]);
  await measured(page);
  await expect(rows).toHaveCount(2);
  await expect(rows.first()).toContainText("runs.zip!perf/k6.json");
  await page.reload();
  await ready(page);
  await within(async (folder) => {
    const perf = join(folder, "perf");
    mkdirSync(perf);
    cpSync(join(HERE, "../data/evidence/load/k6-export.json"), join(perf, "k6.json"));
    writeFileSync(join(perf, "notes.txt"), "nothing of note\n");
    await page.locator("#folder-picker").setInputFiles(perf);
    await measured(page);
    await expect(rows).toHaveCount(1);
    await expect(rows.first()).toContainText("k6.json");
  });
  expect(app.errors).toEqual([]);
});

test("a tar.gz of nothing but evidence is read, as on the command line", async ({ page, app }) => {
  await within(async (folder) => {
    cpSync(join(HERE, "../data/evidence/load/k6-export.json"), join(folder, "perf/k6.json"));
    cpSync(join(HERE, "../data/evidence/databases/explain/scan.txt"), join(folder, "perf/scan.txt"));
    const archive = join(folder, "runs.tar.gz");
    execFileSync("tar", ["-czf", archive, "-C", folder, "perf"]);
    await page.locator("#file-picker").setInputFiles(archive);
    await measured(page);
    const rows = page.locator("[aria-labelledby=evidence-files] tbody tr");
    await expect(rows).toHaveCount(2);
    await expect(rows.first()).toContainText("runs.tar.gz!perf/");
    const words = ["performance", archive, "--format", "json"];
    // Its exit code tells of missed targets.
    const native = JSON.parse(spawnSync(commandLine(), words, { encoding: "utf8" }).stdout);
    expect(native.files.map((file) => file.format).sort()).toEqual(["PostgreSQL EXPLAIN (text)", "k6 summary"]);
    expect(native.files.every((file) => !file.refused)).toBe(true);
  });
  expect(app.errors).toEqual([]);
});

test("an archive that is neither code nor evidence says what it lacks", async ({ page }) => {
  await drop(page, [["papers.zip", zip({ "a/readme.rst": "text\n", "a/list.txt": "one\ntwo\n" })]]);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("none in Python");
  await page.reload();
  await ready(page);
  await within(async (folder) => {
    writeFileSync(join(folder, "list.txt"), "one\ntwo\n");
    const archive = join(folder, "papers.tar.gz");
    execFileSync("tar", ["-czf", archive, "-C", folder, "list.txt"]);
    await page.locator("#file-picker").setInputFiles(archive);
    await expect(page.getByRole("heading", { level: 1 })).toContainText("none in Python");
  });
});
