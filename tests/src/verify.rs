//! Compares a report with the markers of a case and says the difference so that it can be read.

use crate::page::{Case, Expectation, Marker, Section};
use drydock_core::report::model::{Dismissed, Finding, Report, Verdict};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Compares what `report` says of `case` with its markers. Only the page's check and the checks that
/// markers name are compared; other findings are another page's business.
///
/// # Errors
/// The difference: every file with a deviation, its lines, what was expected and what was reported.
pub fn verify(check: &str, case: &Case, report: &Report) -> Result<(), String> {
    let mut checks: Vec<&str> = vec![check];
    checks.extend(case.markers.iter().map(|marker| marker.check.as_str()));
    let mut notes = Notes::default();

    let mut open: Vec<&Marker> = case.markers.iter().filter(|m| m.expectation == Expectation::Error).collect();
    let silenced = |finding: &Finding| matches!(finding.verdict, Verdict::Suppressed | Verdict::Refuted);
    for finding in report.findings.iter().filter(|finding| checks.contains(&finding.check.as_str())) {
        let here = |m: &&Marker| m.check == finding.check && m.path == finding.path && m.line == finding.line;
        let marked = open.iter().position(|m| here(m) && meets(m, finding)).or_else(|| open.iter().position(here));
        match marked {
            Some(index) => {
                let marker = open.swap_remove(index);
                if !meets(marker, finding) {
                    notes.add(&finding.path, finding.line, format!("expected {}", describe_marker(marker)));
                    notes.add(&finding.path, finding.line, format!("but was  {}", describe_finding(finding)));
                }
            }
            None if silenced(finding) => {}
            None => {
                notes.add(&finding.path, finding.line, format!("not expected: {}", describe_finding(finding)));
                for step in &finding.steps {
                    notes.add(&finding.path, finding.line, format!("  {}:{} {}", step.path, step.line, step.message));
                }
            }
        }
    }
    for marker in open {
        notes.add(&marker.path, marker.line, format!("not reported: {}", describe_marker(marker)));
    }

    for marker in case.markers.iter().filter(|m| m.expectation == Expectation::Dismissed) {
        let found = |d: &&Dismissed| d.check == marker.check && d.path == marker.path && d.line == marker.line;
        let meets = |d: &Dismissed| marker.contains.iter().all(|part| d.reason.contains(part));
        match report.dismissed.iter().find(found) {
            _ if report.dismissed.iter().any(|d| found(&d) && meets(d)) => {}
            Some(other) => notes.add(
                &marker.path,
                marker.line,
                format!("dismissed because \"{}\", expected {}", other.reason, describe_marker(marker)),
            ),
            None => notes.add(&marker.path, marker.line, format!("not dismissed: {}", describe_marker(marker))),
        }
    }

    if notes.lines.is_empty() {
        return Ok(());
    }
    Err(render(check, case, report, &notes))
}

fn meets(marker: &Marker, finding: &Finding) -> bool {
    marker.severity.is_none_or(|severity| severity == finding.severity)
        && marker.verdict.map_or(!matches!(finding.verdict, Verdict::Suppressed | Verdict::Refuted), |verdict| {
            verdict == finding.verdict
        })
        && marker.contains.iter().all(|part| finding.message.contains(part))
}

fn describe_marker(marker: &Marker) -> String {
    let mut text = format!("[{}]", marker.check);
    if let Some(severity) = marker.severity {
        let _ = write!(text, " {}", severity.word());
    }
    if let Some(verdict) = marker.verdict {
        let _ = write!(text, " {verdict:?}");
    }
    for part in &marker.contains {
        let _ = write!(text, " \"{part}\"");
    }
    text
}

fn describe_finding(finding: &Finding) -> String {
    let mut text = format!("[{}] {}", finding.check, finding.severity.word());
    if finding.verdict != Verdict::Counted {
        let _ = write!(text, " {:?}", finding.verdict);
    }
    let _ = write!(text, " \"{}\"", finding.message);
    text
}

#[derive(Default)]
struct Notes {
    lines: BTreeMap<(String, u32), Vec<String>>,
}

impl Notes {
    fn add(&mut self, path: &str, line: u32, note: String) {
        self.lines.entry((path.to_owned(), line)).or_default().push(note);
    }
}

fn render(check: &str, case: &Case, report: &Report, notes: &Notes) -> String {
    let mut out = String::new();
    for (path, text) in &case.files {
        if !notes.lines.keys().any(|(noted, _)| noted == path) {
            continue;
        }
        let _ = writeln!(out, "  {path}");
        for (index, line) in text.lines().enumerate() {
            let _ = writeln!(out, "  {:>4} | {line}", index + 1);
            let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
            for note in notes.lines.get(&(path.clone(), number)).into_iter().flatten() {
                let _ = writeln!(out, "       ^ {note}");
            }
        }
    }
    // Findings in files that the case does not have: a wrong path is a defect of its own.
    for ((path, line), noted) in &notes.lines {
        if !case.files.iter().any(|(other, _)| other == path) {
            for note in noted {
                let _ = writeln!(out, "  {path}:{line}: {note}");
            }
        }
    }
    for dismissed in report.dismissed.iter().filter(|d| d.check == check) {
        let _ = writeln!(out, "  dismissed {}:{} \"{}\"", dismissed.path, dismissed.line, dismissed.reason);
    }
    for outcome in report.checks.iter().filter(|outcome| outcome.check == check) {
        let _ = writeln!(out, "  check {:?}: {}", outcome.status, outcome.details);
    }
    for skipped in &report.coverage.skipped {
        let _ = writeln!(out, "  skipped {}: {}", skipped.path, skipped.reason);
    }
    for problem in &report.coverage.problems {
        let _ = writeln!(out, "  problem {}:{} {}", problem.path, problem.line, problem.message);
    }
    if case.section == Section::Passes {
        let _ = writeln!(out, "  (the case stands under `## Passes`)");
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::page::Page;
    use drydock_core::discovery::ContextStore;
    use drydock_core::report::model::{Category, Confidence, Counts, Coverage, Effort, Overall, Severity};

    const PAGE: &str = "## Fails\n### A\n```python\nx()  # error: [query_in_loop] HIGH \"once\"\n\
        # dismissed: [query_in_loop] \"loaded\"\ny()\nz()\n```\n## Passes\n### B\n```python\nx()\n```\n";

    fn finding(check: &str, line: u32, severity: Severity) -> Finding {
        Finding {
            check: check.into(),
            category: Category::QueryEfficiency,
            title: String::new(),
            severity,
            original_severity: None,
            confidence: Confidence::High,
            advisory: None,
            path: "app/service.py".into(),
            line,
            column: 1,
            end_line: line,
            symbol: String::new(),
            message: "`x` runs once per item".into(),
            recommendation: String::new(),
            effort: Effort::S,
            steps: Vec::new(),
            related: Vec::new(),
            evidence: Vec::new(),
            also: Vec::new(),
            fingerprint: String::new(),
            verdict: Verdict::Counted,
            verdict_reason: None,
            measured: None,
            baseline: None,
            moved_from: None,
        }
    }

    fn report(findings: Vec<Finding>, dismissed_line: u32) -> Report {
        let reason = "loaded by select_related".to_owned();
        Report {
            schema: 2,
            version: String::new(),
            date: String::new(),
            project: String::new(),
            overall: Overall {
                score_tenths: None,
                band: None,
                penalty_tenths: 0,
                penalty_per_kloc_tenths: None,
                counts: Counts::default(),
            },
            categories: Vec::new(),
            findings,
            dismissed: vec![Dismissed {
                check: "query_in_loop".into(),
                path: "app/service.py".into(),
                line: dismissed_line,
                reason,
            }],
            checks: Vec::new(),
            coverage: Coverage::default(),
            context: ContextStore::default(),
            sources: Vec::new(),
            notices: Vec::new(),
            comparison: None,
            performance: None,
        }
    }

    fn difference(findings: Vec<Finding>, dismissed_line: u32) -> String {
        let page = Page::read("a/query_in_loop.md", PAGE);
        verify("query_in_loop", &page.cases[0], &report(findings, dismissed_line)).err().unwrap_or_default()
    }

    #[test]
    fn what_is_marked_and_reported_is_fine() {
        let other = finding("missing_cleanup", 4, Severity::Low);
        assert_eq!(difference(vec![finding("query_in_loop", 1, Severity::High), other], 3), "");
    }

    #[test]
    fn every_deviation_is_shown_at_its_line() {
        let twice = vec![finding("query_in_loop", 1, Severity::High), finding("query_in_loop", 1, Severity::High)];
        assert!(difference(twice, 3).contains("^ not expected: [query_in_loop] HIGH"));
        let low = difference(vec![finding("query_in_loop", 1, Severity::Low)], 3);
        assert!(
            low.contains("^ expected [query_in_loop] HIGH \"once\"\n       ^ but was  [query_in_loop] LOW"),
            "{low}"
        );
        let moved = difference(vec![finding("query_in_loop", 4, Severity::High)], 2);
        for part in [
            "   1 | x()\n       ^ not reported: [query_in_loop] HIGH",
            "   3 | y()\n       ^ not dismissed",
            "   4 | z()\n       ^ not expected",
        ] {
            assert!(moved.contains(part), "{part} is missing in:\n{moved}");
        }
    }

    #[test]
    fn a_suppressed_finding_counts_only_where_it_is_marked() {
        let mut silent = finding("query_in_loop", 4, Severity::High);
        silent.verdict = Verdict::Suppressed;
        assert_eq!(difference(vec![finding("query_in_loop", 1, Severity::High), silent], 3), "");
    }
}
