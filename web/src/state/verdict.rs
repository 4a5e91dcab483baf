//! The sentences over the report: what it says in thirty seconds. Pure: report in, words with link
//! targets out. The arithmetic is the report's own (REPORTS.md), in tenths.

use super::filter::{Filter, by_priority};
use super::fixes::{FirstFixes, first_fixes, hours, next_level};
use super::marks::Marks;
pub use drydock_core::audit::score::{overall_tenths, tenths};
use drydock_core::report::model::{
    Band, Category, CategoryState, CheckStatus, Counts, Finding, Report, Severity, Verdict,
};
use drydock_core::words::counted;
pub use drydock_core::words::grouped;
use std::cmp::Reverse;

/// Where a number leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The findings, filtered.
    Findings(Filter),
    /// One finding, by position.
    Finding(usize),
    /// Audited files.
    Files,
    /// Skipped files.
    Skipped,
    /// The checks.
    Checks,
    /// The summary with these findings ticked.
    WhatIf(Vec<usize>),
}

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Words.
    Text(String),
    /// Words that carry weight.
    Strong(String),
    /// Words that lead somewhere.
    Link(String, Target),
}

/// The sentences, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sentences {
    /// Score, band, counts.
    pub verdict: Vec<Part>,
    /// Worst category and worst finding.
    pub worst: Vec<Part>,
    /// What to do first.
    pub first: Vec<Part>,
    /// What the next band needs.
    pub next: Vec<Part>,
    /// What was read.
    pub coverage: Vec<Part>,
}

/// Number and noun: `1 file`, `2 files`.
#[must_use]
pub fn count(number: usize, one: &str, many: &str) -> String {
    counted(number as u64, one, many)
}

/// The category with the lowest score that has findings.
#[must_use]
pub fn worst_category(report: &Report) -> Option<(Category, u32)> {
    report
        .categories
        .iter()
        .filter(|score| score.counts.total() > 0)
        .filter_map(|score| Some((score.score_tenths?, Reverse(score.penalty_tenths), score.category)))
        .min()
        .map(|(score, _, category)| (category, score))
}

/// The worst counted finding of a category.
#[must_use]
pub fn worst_finding(report: &Report, category: Category) -> Option<usize> {
    report
        .findings
        .iter()
        .enumerate()
        .filter(|(_, finding)| finding.verdict == Verdict::Counted && finding.category == category)
        .min_by(|a, b| by_priority(a.1, b.1))
        .map(|(position, _)| position)
}

/// Whether the check exists in this version; checks of later versions are listed as skipped.
#[must_use]
pub fn in_this_version(check: &str) -> bool {
    drydock_core::checks::find(check).is_none_or(|check| check.available)
}

/// Band as the verdict says it.
const fn band_words(band: Band) -> &'static str {
    match band {
        Band::NoIssues => "no issues",
        Band::Minor => "minor issues",
        Band::Moderate => "moderate issues",
        Band::Significant => "significant issues",
        Band::Critical => "critical issues",
    }
}

/// Word of a severity in a sentence.
#[must_use]
pub const fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
    }
}

/// File name and line, short.
#[must_use]
pub fn short_place(finding: &Finding) -> String {
    let name = finding.path.rsplit('/').next().unwrap_or(&finding.path);
    format!("{name}:{}", finding.line)
}

fn text(words: impl Into<String>) -> Part {
    Part::Text(words.into())
}

fn verdict_parts(report: &Report) -> Vec<Part> {
    let files = report.coverage.files.len();
    let counts: Counts = report.overall.counts;
    let files_link = Part::Link(count(files, "file", "files"), Target::Files);
    let ran = report.checks.iter().filter(|check| check.status != CheckStatus::Skipped).count();
    match (report.overall.score_tenths, report.overall.band) {
        (Some(_), Some(Band::NoIssues)) => vec![
            Part::Strong("No issues found".to_owned()),
            text(" by "),
            Part::Link(count(ran, "check", "checks"), Target::Checks),
            text(" in "),
            files_link,
            text("."),
        ],
        (Some(score), Some(band)) => {
            let mut parts = vec![
                Part::Strong(format!("{} / 10 \u{2013} {}.", tenths(score), band_words(band))),
                text(" "),
                Part::Link(count(counts.total() as usize, "finding", "findings"), Target::Findings(Filter::counted())),
                text(" in "),
                files_link,
                text(": "),
            ];
            for (at, severity) in Severity::ALL.into_iter().enumerate() {
                if at > 0 {
                    parts.push(text(", "));
                }
                parts.push(Part::Link(
                    format!("{} {}", grouped(counts.of(severity).into()), severity_word(severity)),
                    Target::Findings(Filter::severity(severity)),
                ));
            }
            parts.push(text("."));
            parts
        }
        _ if report.categories.iter().any(|score| matches!(score.status, CategoryState::Error(_))) => {
            vec![Part::Strong("No score.".to_owned()), text(" No category could be judged.")]
        }
        _ => vec![
            Part::Strong("Nothing to judge:".to_owned()),
            text(" no database or async code was recognised in "),
            files_link,
            text("."),
        ],
    }
}

fn worst_parts(report: &Report) -> Vec<Part> {
    let Some((category, score)) = worst_category(report) else { return Vec::new() };
    let mut parts = vec![
        text("Worst: "),
        Part::Link(format!("{} {}", category.title(), tenths(score)), Target::Findings(Filter::category(category))),
        text(". "),
    ];
    if let Some(position) = worst_finding(report, category)
        && let Some(finding) = report.findings.get(position)
    {
        parts.push(text(format!("{} (", finding.message.trim_end_matches('.'))));
        parts.push(Part::Link(short_place(finding), Target::Finding(position)));
        parts.push(text(")."));
    }
    parts
}

fn first_parts(fixes: &FirstFixes) -> Vec<Part> {
    let what = if fixes.findings.len() == 1 { "this 1".to_owned() } else { format!("these {}", fixes.findings.len()) };
    let change = if fixes.after > fixes.before {
        format!("{} \u{2192} {}", tenths(fixes.before), tenths(fixes.after))
    } else {
        format!("penalty {} \u{2192} {}", tenths(fixes.penalty_before), tenths(fixes.penalty_after))
    };
    vec![
        text(format!("Fix {what} first, about {}: ", count(fixes.hours as usize, "hour", "hours"))),
        Part::Strong(change),
    ]
}

pub(crate) fn next_parts(report: &Report) -> Vec<Part> {
    let Some((band, findings)) = next_level(report) else { return Vec::new() };
    let time: u32 = findings.iter().filter_map(|at| report.findings.get(*at)).map(|one| hours(one.effort)).sum();
    let all = findings.len() == report.overall.counts.total() as usize;
    let number = grouped(findings.len() as u64);
    let these = if all { format!("all {number}") } else { format!("these {number}") };
    vec![
        text("Next level, "),
        Part::Strong(band.title().to_owned()),
        text(", needs "),
        Part::Link(these, Target::WhatIf(findings)),
        text(format!(": about {}.", count(time as usize, "hour", "hours"))),
    ]
}

fn coverage_parts(report: &Report) -> Vec<Part> {
    let checked = report.coverage.files.len();
    let skipped = report.coverage.skipped.len();
    let idle = report
        .checks
        .iter()
        .filter(|check| check.status == CheckStatus::Skipped && in_this_version(&check.check))
        .count();
    let mut parts = vec![
        text("Checked "),
        Part::Link(grouped(checked as u64), Target::Files),
        text(format!(" of {}", count(checked + skipped, "file", "files"))),
    ];
    if skipped > 0 {
        parts.push(text("; "));
        parts.push(Part::Link(format!("{} skipped", grouped(skipped as u64)), Target::Skipped));
    }
    parts.push(text("."));
    if idle > 0 {
        parts.push(text(" "));
        parts.push(Part::Link(count(idle, "check", "checks"), Target::Checks));
        parts.push(text(" had nothing to look at."));
    }
    parts
}

/// All sentences of `report`; what to fix first leaves out what is marked as fixed.
#[must_use]
pub fn sentences(report: &Report, marks: &Marks) -> Sentences {
    Sentences {
        verdict: verdict_parts(report),
        worst: worst_parts(report),
        first: first_fixes(report, marks, 3).map(|fixes| first_parts(&fixes)).unwrap_or_default(),
        next: next_parts(report),
        coverage: coverage_parts(report),
    }
}

/// What a screen reader hears when the audit ends.
#[must_use]
pub fn spoken(report: &Report) -> String {
    let findings = count(report.overall.counts.total() as usize, "finding", "findings");
    report.overall.score_tenths.map_or_else(
        || "Audit finished. No score.".to_owned(),
        |score| format!("Audit finished. {} out of 10. {findings}.", tenths(score)),
    )
}

/// Words before a link, and the bracket that opens around it.
#[must_use]
pub fn opening(words: &str) -> (&str, &str) {
    words.split_at(words.trim_end_matches('(').len())
}

/// The punctuation that follows a link without a blank, and the words after it.
#[must_use]
pub fn closing(words: &str) -> (&str, &str) {
    let rest = words.trim_start_matches([')', '.', ',', ';', ':']);
    words.split_at(words.len() - rest.len())
}

/// The words of a sentence without its links.
#[must_use]
pub fn plain(parts: &[Part]) -> String {
    parts
        .iter()
        .map(|part| match part {
            Part::Text(words) | Part::Strong(words) | Part::Link(words, _) => words.as_str(),
        })
        .collect()
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;
    use drydock_core::report::model::{
        AuditedFile, CategoryScore, CheckOutcome, Confidence, Coverage, Effort, Overall, SkippedFile,
    };

    pub(crate) fn finding(check: &str, category: Category, severity: Severity) -> Finding {
        Finding {
            check: check.to_owned(),
            category,
            title: check.replace('_', " "),
            severity,
            original_severity: None,
            confidence: Confidence::High,
            advisory: None,
            path: "src/app.py".to_owned(),
            line: 10,
            column: 1,
            end_line: 10,
            symbol: "App.run".to_owned(),
            message: format!("`{check}` is wrong"),
            recommendation: "Mend it".to_owned(),
            effort: Effort::S,
            steps: Vec::new(),
            evidence: Vec::new(),
            also: Vec::new(),
            related: Vec::new(),
            fingerprint: String::new(),
            verdict: Verdict::Counted,
            verdict_reason: None,
            measured: None,
            baseline: None,
            moved_from: None,
        }
    }

    /// A report whose scores follow from its findings.
    pub(crate) fn report(findings: Vec<Finding>) -> Report {
        let mut categories = Vec::new();
        let mut all = Counts::default();
        for category in Category::ALL {
            let mut counts = Counts::default();
            let mut penalty = 0;
            for finding in &findings {
                if finding.category == category && finding.verdict == Verdict::Counted {
                    counts.add(finding.severity);
                    all.add(finding.severity);
                    penalty += finding.severity.penalty_tenths();
                }
            }
            categories.push(CategoryScore {
                category,
                status: CategoryState::Completed,
                score_tenths: Some(100_u32.saturating_sub(penalty)),
                band: Some(Band::Minor),
                penalty_tenths: penalty,
                counts,
            });
        }
        let penalties: Vec<u32> = categories.iter().map(|score| score.penalty_tenths).collect();
        let file = |n: usize| AuditedFile { path: format!("src/f{n}.py"), lines: 10, language: "python".to_owned() };
        let skipped = |n: usize| SkippedFile {
            path: format!("t{n}"),
            kind: "test".to_owned(),
            reason: "Test".to_owned(),
            size: 1,
        };
        let check = |n: usize| CheckOutcome {
            check: format!("c{n}"),
            title: "C".to_owned(),
            category: Category::QueryEfficiency,
            status: if n < 3 { CheckStatus::Skipped } else { CheckStatus::Passed },
            details: String::new(),
            candidates: 0,
            dismissed: 0,
        };
        Report {
            schema: 2,
            version: "0".to_owned(),
            date: "2026-01-01".to_owned(),
            project: "p".to_owned(),
            overall: Overall {
                score_tenths: overall_tenths(&penalties),
                band: Some(if findings.is_empty() { Band::NoIssues } else { Band::Significant }),
                penalty_tenths: penalties.iter().sum(),
                penalty_per_kloc_tenths: None,
                counts: all,
            },
            categories,
            findings,
            dismissed: Vec::new(),
            checks: (0..30).map(check).collect(),
            coverage: Coverage {
                files: (0..412).map(file).collect(),
                skipped: (0..19).map(skipped).collect(),
                ..Coverage::default()
            },
            context: Default::default(),
            sources: Vec::new(),
            notices: Vec::new(),
            comparison: None,
            performance: None,
        }
    }

    pub(crate) fn many(category: Category, severities: &[(Severity, usize)]) -> Vec<Finding> {
        severities
            .iter()
            .flat_map(|(severity, number)| (0..*number).map(|_| finding("x", category, *severity)))
            .collect()
    }

    /// The example of PRODUCT.md 2.4: 6.0, 3.5, 5.5, 5.0 with 3 criticals.
    fn example() -> Report {
        use Category::{
            QueryEfficiency as Q, ResourceLifecycle as L, RuntimePerformance as R, TransactionCorrectness as T,
        };
        use Severity::{Critical as C, High as H, Medium as M};
        let mut findings = many(Q, &[(H, 3), (M, 2)]);
        findings.extend(many(T, &[(C, 2), (H, 2), (M, 1)]));
        findings.extend(many(R, &[(H, 2), (M, 5)]));
        findings.extend(many(L, &[(C, 1), (H, 2), (M, 2)]));
        report(findings)
    }

    #[test]
    fn the_example_obeys_the_formula() {
        let report = example();
        let scores: Vec<u32> = report.categories.iter().filter_map(|score| score.score_tenths).collect();
        assert_eq!(scores, [60, 35, 55, 50]);
        assert_eq!(report.overall.score_tenths, Some(50));
        let all = sentences(&report, &Marks::default());
        assert_eq!(
            plain(&all.verdict),
            "5.0 / 10 \u{2013} significant issues. 22 findings in 412 files: 3 critical, 9 high, 10 medium, 0 low."
        );
        assert_eq!(plain(&all.worst), "Worst: Transaction Correctness 3.5. `x` is wrong (app.py:10).");
        assert_eq!(plain(&all.first), "Fix these 3 first, about 3 hours: 5.0 \u{2192} 6.5");
        assert_eq!(plain(&all.coverage), "Checked 412 of 431 files; 19 skipped. 3 checks had nothing to look at.");
        assert_eq!(spoken(&report), "Audit finished. 5.0 out of 10. 22 findings.");
    }

    #[test]
    fn a_floored_category_shows_the_penalty_instead_of_a_score_that_does_not_move() {
        let report = report(many(Category::QueryEfficiency, &[(Severity::Critical, 20)]));
        let fixes = first_fixes(&report, &Marks::default(), 3).unwrap();
        assert_eq!((fixes.before, fixes.after), (75, 75));
        assert_eq!(plain(&first_parts(&fixes)), "Fix these 3 first, about 3 hours: penalty 40.0 \u{2192} 34.0");
    }

    #[test]
    fn a_link_keeps_its_bracket_and_its_full_stop() {
        assert_eq!((opening("sorts the table ("), opening("Worst: ")), (("sorts the table ", "("), ("Worst: ", "")));
        assert_eq!(
            (closing(")."), closing(": about 2 hours."), closing(" of 3")),
            ((").", ""), (":", " about 2 hours."), ("", " of 3"))
        );
    }

    #[test]
    fn clean_and_nothing_to_judge_are_different_sentences() {
        let mut clean = report(Vec::new());
        assert_eq!(plain(&sentences(&clean, &Marks::default()).verdict), "No issues found by 27 checks in 412 files.");
        assert!(
            sentences(&clean, &Marks::default()).worst.is_empty()
                && sentences(&clean, &Marks::default()).first.is_empty()
        );
        clean.overall.score_tenths = None;
        clean.overall.band = None;
        for score in &mut clean.categories {
            score.status = CategoryState::NotApplicable("No queries".to_owned());
            score.score_tenths = None;
        }
        assert_eq!(
            plain(&sentences(&clean, &Marks::default()).verdict),
            "Nothing to judge: no database or async code was recognised in 412 files."
        );
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(
            (grouped(999), grouped(1_000), grouped(1_234_567)),
            ("999".into(), "1,000".into(), "1,234,567".into())
        );
    }

    #[test]
    fn half_a_tenth_rounds_up() {
        assert_eq!(overall_tenths(&[40, 65, 45, 50]), Some(50));
        assert_eq!(overall_tenths(&[0, 1]), Some(100));
        assert_eq!(overall_tenths(&[250, 0]), Some(50));
        assert_eq!(overall_tenths(&[]), None);
    }
}
