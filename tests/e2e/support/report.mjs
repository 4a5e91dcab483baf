// Reports for the tests of the views: the repository's sample, opened as a user would open a saved report.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const SAMPLE = join(dirname(fileURLToPath(import.meta.url)), "../../data/sample-report.json");

/** The sample report, fresh. */
export const sampleReport = () => JSON.parse(readFileSync(SAMPLE, "utf8"));

/** The sample with its findings repeated until there are `count`, each with a place of its own. */
export function manyFindings(count) {
  const report = sampleReport();
  const some = report.findings;
  report.findings = Array.from({ length: count }, (_, at) => ({
    ...some[at % some.length],
    line: (at % 997) + 1,
    fingerprint: at.toString(16).padStart(32, "0"),
    symbol: `symbol_${at}`,
  }));
  return report;
}

/** Opens `report` through the file picker, as "Open a saved report" does. */
export async function openReport(page, report, name = "report.json") {
  const text = typeof report === "string" ? report : JSON.stringify(report);
  await page.locator("#file-picker").setInputFiles({ name, mimeType: "application/json", buffer: Buffer.from(text) });
}

/** What has the focus: tag, id, role, width of the outline, whether it is the body. */
export const focusOf = (page) =>
  page.evaluate(() => {
    const element = document.activeElement ?? document.body;
    const style = getComputedStyle(element);
    return {
      tag: element.tagName.toLowerCase(),
      id: element.id,
      role: element.getAttribute("role"),
      text: element.textContent.trim().slice(0, 60),
      outline: style.outlineStyle === "none" ? 0 : Number.parseFloat(style.outlineWidth),
      visible: element.matches(":focus-visible"),
    };
  });
