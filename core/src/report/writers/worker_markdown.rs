//! The four worker reports, `651-query-efficiency.md` and so on.

use super::escape::{cell, comment, place};
use super::summary::{missing_score, of};
use crate::audit::score::tenths;
use crate::checks::find;
use crate::report::model::{Category, CategoryState, CheckStatus, Report, Verdict};
use crate::report::share::Shareable;
use std::fmt::Write as _;

/// Path of the report of `category`, relative to the project.
#[must_use]
pub fn path(report: &Report, category: Category) -> String {
    format!("docs/project/.audit/ln-650/{}/{}-{}.md", report.date, category.number(), category.slug())
}

/// What a worker says of its work: `Report written: …` and `Score: …`.
#[must_use]
pub fn worker_lines(report: &Report, category: Category) -> [String; 2] {
    let written = format!("Report written: {}", path(report, category));
    let Some(score) = report.categories.iter().find(|score| score.category == category) else {
        return [written, "Score: N/A".to_owned()];
    };
    let counts = score.counts;
    let value = match (score.score_tenths, missing_score(&score.status)) {
        (Some(value), _) => format!("{}/10", tenths(value)),
        (None, Some((word, _))) => word.to_owned(),
        (None, None) => "N/A".to_owned(),
    };
    let line = format!(
        "Score: {value} | Issues: {} (C:{} H:{} M:{} L:{})",
        counts.total(),
        counts.critical,
        counts.high,
        counts.medium,
        counts.low
    );
    [written, line]
}

/// The report of `category`.
#[must_use]
pub fn worker_markdown(report: &Shareable, category: Category) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(out, "# {} Audit Report\n", category.title());
    meta(&mut out, report, category);
    checks(&mut out, report, category);
    findings(&mut out, report, category);
    out
}

fn meta(out: &mut String, report: &Report, category: Category) {
    let state = report.categories.iter().find(|score| score.category == category);
    let counts = state.map(|score| score.counts).unwrap_or_default();
    let score = state.and_then(|score| score.score_tenths).map_or_else(|| "N/A".to_owned(), tenths);
    let status = match state.map(|score| &score.status) {
        Some(CategoryState::Completed) => "completed",
        Some(CategoryState::NotApplicable(_)) => "skipped",
        Some(CategoryState::Error(_)) | None => "error",
    };
    let _ = writeln!(
        out,
        "<!-- AUDIT-META\n\
         worker: ln-{number}\n\
         category: {title}\n\
         domain: {domain}\n\
         scan_path: .\n\
         score: {score}\n\
         total_issues: {total}\n\
         critical: {critical}\n\
         high: {high}\n\
         medium: {medium}\n\
         low: {low}\n\
         status: {status}\n\
         -->\n",
        number = category.number(),
        title = category.title(),
        domain = comment(&report.project),
        total = counts.total(),
        critical = counts.critical,
        high = counts.high,
        medium = counts.medium,
        low = counts.low,
    );
}

fn checks(out: &mut String, report: &Report, category: Category) {
    let _ = writeln!(out, "## Checks\n\n| ID | Check | Status | Details |\n|----|-------|--------|---------|");
    let state = report.categories.iter().find(|score| score.category == category);
    for check in report.checks.iter().filter(|check| check.category == category) {
        let status = match check.status {
            CheckStatus::Passed => "passed",
            CheckStatus::Warning => "warning",
            CheckStatus::Failed => "failed",
            CheckStatus::Skipped => "skipped",
        };
        let _ = writeln!(out, "| {} | {} | {status} | {} |", check.check, cell(&check.title), cell(&check.details));
    }
    if let Some((word, reason)) = state.and_then(|score| missing_score(&score.status)) {
        let _ = writeln!(out, "\n{word}: {}", cell(reason));
    }
    out.push('\n');
}

fn findings(out: &mut String, report: &Report, category: Category) {
    let _ = writeln!(out, "## Findings\n");
    let mut rows = of(report, category, Verdict::Counted).peekable();
    if rows.peek().is_none() {
        let _ = writeln!(out, "None.");
        return;
    }
    let _ = writeln!(
        out,
        "| Severity | Location | Issue | Principle | Recommendation | Effort |\n\
         |----------|----------|-------|-----------|----------------|--------|"
    );
    for finding in rows {
        let principle = find(&finding.check).map_or("", |check| check.principle);
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {:?} |",
            finding.severity.word(),
            place(&finding.path, finding.line),
            cell(&finding.message),
            cell(principle),
            cell(&finding.recommendation),
            finding.effort
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{aggregate, sample};

    #[test]
    fn the_sample_files_are_the_sample_reports() {
        let report = Shareable::new(&aggregate(sample::input()));
        for category in Category::ALL {
            let text = worker_markdown(&report, category);
            let name = format!("{}-{}.md", category.number(), category.slug());
            let path = format!("{}/../tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
            crate::report::writers::golden(&path, &text);
            let rows = text.split("## Findings").nth(1).unwrap_or("").lines().filter(|line| line.starts_with("| "));
            let counted =
                report.findings.iter().filter(|found| found.category == category && found.verdict == Verdict::Counted);
            assert_eq!(rows.count(), counted.count() + 1);
        }
    }

    #[test]
    fn workers_say_what_they_wrote() {
        let report = aggregate(sample::input());
        let [written, score] = worker_lines(&report, Category::QueryEfficiency);
        assert_eq!(written, "Report written: docs/project/.audit/ln-650/2026-03-14/651-query-efficiency.md");
        let counts = report.categories.first().map(|category| category.counts).unwrap_or_default();
        assert!(
            score.ends_with(&format!(
                "Issues: {} (C:{} H:{} M:{} L:{})",
                counts.total(),
                counts.critical,
                counts.high,
                counts.medium,
                counts.low
            )),
            "{score}"
        );
    }

    #[test]
    fn error_and_not_applicable_have_their_words() {
        let mut input = sample::input();
        input.results.retain(|result| result.category != Category::RuntimePerformance);
        input.failed = vec![(Category::RuntimePerformance, "out of memory --> x".to_owned())];
        let report = Shareable::new(&aggregate(input));
        let text = worker_markdown(&report, Category::RuntimePerformance);
        assert!(text.contains("score: N/A\n") && text.contains("status: error\n"), "{text}");
        assert!(text.contains("| sync_sleep_in_async | A synchronous sleep runs on the event loop | skipped | not run: out of memory --&gt; x |"), "{text}");
        assert_eq!(
            worker_lines(&report, Category::RuntimePerformance)[1],
            "Score: error | Issues: 0 (C:0 H:0 M:0 L:0)"
        );
    }
}
