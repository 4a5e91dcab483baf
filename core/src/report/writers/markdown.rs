//! `persistence_audit.md`: the consolidated report. Levels, headings and table headers are fixed.

use super::escape::{cell, code, place, url};
use super::since;
use super::summary::{
    category_line, cheapest_win, conflict_lines, counted, effort_words, facts, grouped, is_available, missing_score,
    of, severities, verdict_line, worst_category, worst_finding,
};
use crate::audit::score::{tenths, what_if};
use crate::order::InOrder as _;
use crate::report::model::{Category, CheckOutcome, CheckStatus, Effort, Finding, Report, Severity, Verdict};
use crate::report::share::Shareable;
use std::fmt::Write as _;

/// The consolidated report.
#[must_use]
pub fn markdown(report: &Shareable) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(out, "## Persistence & Performance Audit Report - {}\n", report.date);
    executive_summary(&mut out, report);
    compliance(&mut out, report);
    severity_summary(&mut out, report);
    by_category(&mut out, report);
    actions(&mut out, report);
    advisory(&mut out, report);
    suppressed(&mut out, report);
    since::markdown(&mut out, report);
    not_judged(&mut out, report);
    project_context(&mut out, report);
    sources(&mut out, report);
    out
}

fn executive_summary(out: &mut String, report: &Report) {
    let _ = writeln!(out, "### Executive Summary\n");
    let mut sentences = vec![format!("{}: {}.", code(&report.project), cell(&verdict_line(report)))];
    if let (Some(worst), Some(finding)) = (worst_category(report), worst_finding(report)) {
        sentences.push(format!(
            "The worst category is {} with {}/10; the worst finding is {}: {}.",
            worst.category.title(),
            tenths(worst.score_tenths.unwrap_or(0)),
            place(&finding.path, finding.line),
            cell(finding.message.trim_end_matches('.'))
        ));
    }
    if let Some((index, finding)) = cheapest_win(report)
        && let Some(now) = report.overall.score_tenths
        && let Some(then) = what_if(&report.categories, &report.findings, &[index])
    {
        let lift = if then > now {
            format!(", which lifts the overall score from {} to {}", tenths(now), tenths(then))
        } else {
            String::new()
        };
        sentences.push(format!(
            "The cheapest big win is {} ({}){lift}: {}.",
            place(&finding.path, finding.line),
            effort_words(finding.effort),
            cell(finding.recommendation.trim_end_matches('.'))
        ));
    }
    debug_assert!(category_line(report).is_some() == (sentences.len() > 1));
    let _ = writeln!(out, "{}\n", sentences.join(" "));
}

fn compliance(out: &mut String, report: &Report) {
    let _ = writeln!(out, "### Compliance Score\n\n| Category | Score | Notes |\n|----------|-------|-------|");
    for category in &report.categories {
        let (score, notes) = match (category.score_tenths, missing_score(&category.status)) {
            (Some(score), _) => {
                let band = category.band.map_or("", |band| band.title());
                let notes = match category.counts.total() {
                    0 => band.to_owned(),
                    _ => {
                        format!("{band}; {}; penalty {}", severities(&category.counts), tenths(category.penalty_tenths))
                    }
                };
                (format!("{}/10", tenths(score)), notes)
            }
            (None, Some((word, reason))) => (word.to_owned(), format!("Not scored: {}", cell(reason))),
            (None, None) => ("N/A".to_owned(), String::new()),
        };
        let _ = writeln!(out, "| {} | {score} | {notes} |", category.category.title());
    }
    let overall = &report.overall;
    let score = overall.score_tenths.map_or_else(|| "N/A".to_owned(), |score| format!("{}/10", tenths(score)));
    let mut notes = vec![overall.band.map_or("Nothing was judged", |band| band.title()).to_owned()];
    let judged = report.categories.iter().filter(|category| category.score_tenths.is_some()).count();
    if judged < report.categories.len() {
        notes.push(format!("mean of {judged} of {} categories", report.categories.len()));
    }
    notes.push(format!("penalty {}", tenths(overall.penalty_tenths)));
    if let Some(per_kloc) = overall.penalty_per_kloc_tenths {
        notes.push(format!("{} per 1,000 lines of {}", tenths(per_kloc), grouped(report.coverage.lines)));
    }
    let _ = writeln!(out, "| **Overall** | **{score}** | {} |\n", notes.join("; "));
    if let Some(unadjusted) = report.performance.as_ref().and_then(|performance| performance.unadjusted.as_ref()) {
        let score = unadjusted.overall_tenths.map_or_else(|| "N/A".to_owned(), |score| format!("{}/10", tenths(score)));
        let _ = writeln!(out, "Without what runtime evidence changed the overall score is {score}.\n");
    }
}

fn severity_summary(out: &mut String, report: &Report) {
    let _ = writeln!(out, "### Severity Summary\n\n| Severity | Count |\n|----------|-------|");
    for (severity, title) in Severity::ALL.into_iter().zip(["Critical", "High", "Medium", "Low"]) {
        let _ = writeln!(out, "| {title} | {} |", report.overall.counts.of(severity));
    }
    out.push('\n');
}

fn by_category(out: &mut String, report: &Report) {
    let _ = writeln!(out, "### Findings by Category\n");
    for (index, category) in Category::ALL.into_iter().enumerate() {
        let _ = writeln!(out, "#### {}. {}\n", index + 1, category.title());
        let mut rows = of(report, category, Verdict::Counted).peekable();
        if rows.peek().is_none() {
            let state = report.categories.iter().find(|score| score.category == category);
            let text = match state.and_then(|score| missing_score(&score.status)) {
                Some((word, reason)) => format!("Not judged ({word}): {}.", cell(reason.trim_end_matches('.'))),
                None => "No findings.".to_owned(),
            };
            let _ = writeln!(out, "{text}\n");
            continue;
        }
        let _ = writeln!(
            out,
            "| Severity | Location | Issue | Recommendation | Effort |\n\
             |----------|----------|-------|----------------|--------|"
        );
        for finding in rows {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} |",
                finding.severity.word(),
                place(&finding.path, finding.line),
                issue(finding),
                cell(&finding.recommendation),
                effort(finding.effort)
            );
        }
        out.push('\n');
    }
}

/// The message, with what lowered it and which other checks saw the place.
fn issue(finding: &Finding) -> String {
    let mut text = cell(&finding.message);
    if let (Some(original), Some(why)) = (finding.original_severity, &finding.advisory) {
        let _ = write!(text, " (was {}: {})", original.word(), cell(why));
    }
    // Both severities, where what was measured changed one into the other.
    let seen = finding
        .measured
        .as_deref()
        .or_else(|| finding.evidence.iter().map(String::as_str).find(|fact| fact.starts_with("measured: ")));
    if let Some(seen) = seen {
        let was = finding.original_severity.filter(|was| *was != finding.severity && finding.advisory.is_none());
        let was = was.map(|was| format!("; was {}", was.word())).unwrap_or_default();
        let _ = write!(text, " ({}{was})", cell(seen));
    }
    if !finding.also.is_empty() {
        let also: Vec<String> = finding.also.iter().map(|check| code(check)).collect();
        let _ = write!(text, " (also {})", also.join(", "));
    }
    text
}

const fn effort(effort: Effort) -> &'static str {
    match effort {
        Effort::S => "S",
        Effort::M => "M",
        Effort::L => "L",
    }
}

/// Counted findings in report order: severity, category priority, place.
fn actions(out: &mut String, report: &Report) {
    let _ = writeln!(out, "### Recommended Actions (Priority-Sorted)\n");
    let mut rows = report.findings.iter().filter(|finding| finding.verdict == Verdict::Counted).peekable();
    if rows.peek().is_none() {
        let _ = writeln!(out, "None.\n");
        return;
    }
    let _ = writeln!(
        out,
        "| Priority | Category | Location | Issue | Recommendation | Effort |\n\
         |----------|----------|----------|-------|----------------|--------|"
    );
    for finding in rows {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            finding.severity.word(),
            finding.category.title(),
            place(&finding.path, finding.line),
            cell(&finding.message),
            cell(&finding.recommendation),
            effort(finding.effort)
        );
    }
    out.push('\n');
}

fn advisory(out: &mut String, report: &Report) {
    let _ = writeln!(out, "### Advisory Findings\n");
    let listed = |verdict: Verdict| report.findings.iter().filter(move |finding| finding.verdict == verdict);
    let rows: Vec<&Finding> =
        listed(Verdict::Advisory).chain(listed(Verdict::NeedsContext)).chain(listed(Verdict::Refuted)).collect();
    if rows.is_empty() {
        let _ = writeln!(out, "None.\n");
        return;
    }
    let _ = writeln!(
        out,
        "Listed, not scored.\n\n\
         | Original Severity | Category | Location | Issue | Rule and Evidence |\n\
         |-------------------|----------|----------|-------|-------------------|"
    );
    for finding in rows {
        let why = match finding.verdict {
            Verdict::NeedsContext => format!("[Needs context] {}", finding.verdict_reason.as_deref().unwrap_or("")),
            Verdict::Refuted => format!("[Refuted] {}", finding.verdict_reason.as_deref().unwrap_or("")),
            _ => finding.advisory.clone().or_else(|| finding.verdict_reason.clone()).unwrap_or_default(),
        };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            finding.original_severity.unwrap_or(finding.severity).word(),
            finding.category.title(),
            place(&finding.path, finding.line),
            match finding.verdict {
                Verdict::Refuted => format!("~~{}~~", cell(&finding.message)),
                _ => cell(&finding.message),
            },
            cell(&why)
        );
    }
    out.push('\n');
}

fn suppressed(out: &mut String, report: &Report) {
    let rows: Vec<&Finding> = report.findings.iter().filter(|finding| finding.verdict == Verdict::Suppressed).collect();
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "### Suppressed Findings\n\n\
         {} silenced by the project, not scored.\n\n\
         | Severity | Check | Location | Issue | Reason |\n\
         |----------|-------|----------|-------|--------|",
        counted(rows.len() as u64, "finding", "findings")
    );
    for finding in rows {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            finding.severity.word(),
            code(&finding.check),
            place(&finding.path, finding.line),
            cell(&finding.message),
            cell(finding.verdict_reason.as_deref().unwrap_or(""))
        );
    }
    out.push('\n');
}

fn not_judged(out: &mut String, report: &Report) {
    let _ = writeln!(out, "### Not Judged\n");
    let skipped = |check: &&CheckOutcome| check.status == CheckStatus::Skipped;
    for check in report.checks.iter().filter(skipped).filter(|check| is_available(check)) {
        let _ = writeln!(out, "- {} skipped: {}", code(&check.check), cell(&check.details));
    }
    let missing: Vec<String> = report
        .checks
        .iter()
        .filter(skipped)
        .filter(|check| !is_available(check))
        .map(|check| code(&check.check))
        .collect();
    if !missing.is_empty() {
        let _ = writeln!(out, "- Not available in this version: {}", missing.join(", "));
    }
    let coverage = &report.coverage;
    let mut kinds: Vec<(&str, &str, u64)> = Vec::new();
    for file in &coverage.skipped {
        match kinds.iter_mut().find(|(kind, _, _)| *kind == file.kind) {
            Some((_, _, count)) => *count += 1,
            None => kinds.push((&file.kind, &file.reason, 1)),
        }
    }
    kinds.order();
    for (kind, reason, count) in kinds {
        let files: Vec<_> = coverage.skipped.iter().filter(|file| file.kind == kind).collect();
        let one_reason = files.iter().all(|file| file.reason == reason);
        let shown: Vec<String> = files.iter().take(5).map(|file| code(&file.path)).collect();
        let more = if files.len() > shown.len() { ", …" } else { "" };
        let why = if one_reason { cell(reason) } else { cell(kind) };
        let _ = writeln!(out, "- {} not read ({why}): {}{more}", counted(count, "file", "files"), shown.join(", "));
    }
    for problem in &coverage.problems {
        let at = if problem.line == 0 { code(&problem.path) } else { place(&problem.path, problem.line) };
        let _ = writeln!(out, "- {at}: {}", cell(&problem.message));
    }
    let unread: u64 = coverage.unread_languages.values().map(|count| u64::from(*count)).sum();
    if unread > 0 {
        let source = unread + coverage.files.len() as u64;
        let kinds: Vec<String> = coverage
            .unread_languages
            .iter()
            .map(|(extension, count)| format!("{} {}", grouped(u64::from(*count)), code(&format!(".{extension}"))))
            .collect();
        let _ = writeln!(
            out,
            "- {} of {} source files ({} %) are in languages that are not audited: {}",
            grouped(unread),
            grouped(source),
            (unread * 200 + source) / (2 * source),
            kinds.join(", ")
        );
    }
    for notice in coverage.notices.iter().chain(&report.notices) {
        let _ = writeln!(out, "- {}", cell(notice));
    }
    let dismissed = report.dismissed.len() as u64;
    if dismissed > 0 {
        let _ = writeln!(
            out,
            "- {} looked at and dismissed; `report.json` names each reason",
            counted(dismissed, "place", "places")
        );
    }
    out.push('\n');
}

fn project_context(out: &mut String, report: &Report) {
    let rows = facts(&report.context);
    if rows.is_empty() {
        return;
    }
    out.push_str("### Project Context\n\n| Fact | Value | Read From |\n|------|-------|-----------|\n");
    for (what, value, at) in rows {
        let _ = writeln!(out, "| {what} | {} | {} |", cell(&value), code(&at));
    }
    out.push('\n');
    let conflicts = conflict_lines(&report.context);
    for line in &conflicts {
        let _ = writeln!(out, "- {}", cell(line));
    }
    if !conflicts.is_empty() {
        out.push('\n');
    }
}

fn sources(out: &mut String, report: &Report) {
    let _ = writeln!(out, "### Sources Consulted\n");
    if report.sources.is_empty() {
        let _ = writeln!(out, "None.");
    }
    for source in &report.sources {
        let _ = writeln!(out, "- {}: {}", cell(&source.title), url(&source.url));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]
    use super::*;
    use crate::audit::{aggregate, sample};
    use crate::report::model::{CategoryState, Counts};

    fn sample_text() -> String {
        markdown(&Shareable::new(&aggregate(sample::input())))
    }

    #[test]
    fn the_sample_file_is_the_sample_report() {
        crate::report::writers::golden(
            concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/persistence_audit.md"),
            &sample_text(),
        );
    }

    #[test]
    fn headings_and_table_headers_are_those_of_the_template() {
        let text = sample_text();
        let fixed = [
            "## Persistence & Performance Audit Report - 2026-03-14",
            "### Executive Summary",
            "### Compliance Score",
            "| Category | Score | Notes |",
            "### Severity Summary",
            "| Severity | Count |",
            "### Findings by Category",
            "#### 1. Query Efficiency",
            "| Severity | Location | Issue | Recommendation | Effort |",
            "#### 2. Transaction Correctness",
            "#### 3. Runtime Performance",
            "#### 4. Resource Lifecycle",
            "### Recommended Actions (Priority-Sorted)",
            "| Priority | Category | Location | Issue | Recommendation | Effort |",
            "### Advisory Findings",
            "### Not Judged",
            "### Project Context",
            "| Fact | Value | Read From |",
            "### Sources Consulted",
        ];
        let mut at = 0;
        for heading in fixed {
            let found = text.lines().skip(at).position(|line| line == heading);
            at += found.unwrap_or_else(|| panic!("{heading}")) + 1;
        }
    }

    /// Reads the tables back and recomputes every number of the report from the finding rows.
    #[test]
    fn the_numbers_of_the_page_follow_from_its_own_rows() {
        let text = sample_text();
        let section = |from: &str, to: &str| text.split(from).nth(1).unwrap().split(to).next().unwrap().to_owned();
        let rows = |part: &str| -> Vec<Vec<String>> {
            part.lines()
                .filter(|line| {
                    line.starts_with("| ") && !line.starts_with("| Severity |") && !line.starts_with("| Category |")
                })
                .map(|line| line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect())
                .collect()
        };
        let mut all = Counts::default();
        let mut sum = 0;
        let scores = rows(&section("### Compliance Score", "### Severity"));
        for (index, category) in Category::ALL.into_iter().enumerate() {
            let part = section(&format!("#### {}. {}", index + 1, category.title()), "\n##");
            let mut counts = Counts::default();
            for row in rows(&part) {
                let severity = Severity::ALL.into_iter().find(|severity| severity.word() == row[0]).unwrap();
                counts.add(severity);
                all.add(severity);
            }
            let penalty = counts.critical * 20 + counts.high * 10 + counts.medium * 5 + counts.low * 2;
            let score = 100_u32.saturating_sub(penalty);
            sum += score;
            assert_eq!(scores[index][1], format!("{}.{}/10", score / 10, score % 10));
            assert!(scores[index][2].ends_with(&format!("penalty {}.{}", penalty / 10, penalty % 10)));
        }
        let mean = (sum * 2 + 4) / 8;
        assert_eq!(scores[4][1], format!("**{}.{}/10**", mean / 10, mean % 10));
        let summary = rows(&section("### Severity Summary", "### Findings"));
        let listed: Vec<String> = summary.iter().map(|row| row[1].clone()).collect();
        assert_eq!(listed, [all.critical, all.high, all.medium, all.low].map(|count| count.to_string()));
        let actions = section("### Recommended Actions (Priority-Sorted)", "### Advisory");
        assert_eq!(actions.lines().filter(|line| line.starts_with("| ")).count() as u32, all.total() + 1);
    }

    #[test]
    fn hostile_text_stays_in_its_cell() {
        let mut report = aggregate(sample::input());
        report.findings[0].message = "a | b\n| CRITICAL | x |\n### Fake `code | pipe` <img src=x onerror=y>".into();
        report.findings[0].path = "we|ird`\n/<b>.py".into();
        let text = markdown(&Shareable::new(&report));
        assert!(!text.contains("\n### Fake"));
        assert!(!text.contains("\n| CRITICAL | x |"));
        assert!(text.contains("a \\| b \\| CRITICAL \\| x \\| ### Fake `code \\| pipe` &lt;img src=x onerror=y&gt;"));
        assert!(text.contains("``we\\|ird` /<b>.py:"));
    }

    #[test]
    fn a_clean_an_empty_and_a_broken_report_say_so() {
        let mut input = sample::input();
        for result in &mut input.results {
            result.findings.clear();
        }
        let clean = markdown(&Shareable::new(&aggregate(input.clone())));
        let available = crate::checks::CATALOGUE.iter().filter(|check| check.available).count();
        assert!(clean.contains(&format!("10.0 / 10 - no issues found by {available} checks")), "{clean}");
        assert!(clean.contains("| **Overall** | **10.0/10** | No issues;"));
        for result in &mut input.results {
            for check in &mut result.checks {
                check.status = CheckStatus::Skipped;
                check.details = "no database code".into();
            }
        }
        let empty = markdown(&Shareable::new(&aggregate(input.clone())));
        assert!(empty.contains("| Query Efficiency | N/A | Not scored: no database code |"), "{empty}");
        assert!(empty.contains("Nothing to judge in"));
        input.results.clear();
        let broken = aggregate(input);
        assert!(matches!(broken.categories[0].status, CategoryState::Error(_)));
        let broken = markdown(&Shareable::new(&broken));
        assert!(broken.contains("| Query Efficiency | error | Not scored: its worker returned no result |"));
    }
}
