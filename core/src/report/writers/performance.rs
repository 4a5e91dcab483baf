//! `performance_report.md`: one section for each component or endpoint. Headings and table headers are fixed.

use super::escape::{cell, code, place};
use crate::audit::score::tenths;
use crate::report::model::performance::{
    Benchmark, EvidenceFile, Join, Performance, ProfilingFinding, Section, TargetStatus,
};
use crate::report::share::ShareablePerformance;
use crate::words::grouped;
use std::fmt::Write as _;

/// The Performance Report.
#[must_use]
pub fn performance_markdown(performance: &ShareablePerformance) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    for section in &performance.sections {
        write_section(&mut out, section);
    }
    if performance.sections.is_empty() {
        let _ = writeln!(out, "## Performance Report: nothing measured\n\nNo file held figures that can be judged.\n");
    }
    changes(&mut out, performance);
    files(&mut out, &performance.files);
    list(&mut out, "## Not Matched to the Code", &performance.unmatched);
    list(&mut out, "## Remarks", &performance.notices);
    out
}

fn write_section(out: &mut String, section: &Section) {
    let _ = writeln!(out, "## Performance Report: {}\n", cell(&section.title));
    if let Some(handler) = &section.place {
        let _ = writeln!(out, "Handler: {}\n", code(handler));
    }
    targets(out, section);
    findings(out, section);
    benchmark(out, section.benchmark.as_ref());
    recommendations(out, section);
}

fn targets(out: &mut String, section: &Section) {
    let _ = writeln!(out, "### SLO Targets vs Actuals\n");
    if section.targets.is_empty() {
        let _ = writeln!(out, "Nothing here was measured against a target.\n");
        return;
    }
    let _ = writeln!(out, "| Metric | Target | Baseline | Optimized | Status |\n|---|---|---|---|---|");
    for row in &section.targets {
        let metric = if row.scope.is_empty() || row.scope == section.title || row.scope == "all" {
            row.metric.clone()
        } else {
            format!("{} (`{}`)", row.metric, row.scope)
        };
        let target = match row.target.as_str() {
            "" => "-".to_owned(),
            target => cell(&format!("{target} ({})", row.source)),
        };
        let status = match &row.reason {
            Some(reason) if row.status != TargetStatus::NoTarget => format!("{}: {reason}", row.status.words()),
            _ => row.status.words().to_owned(),
        };
        let shown = |text: &Option<String>| text.as_deref().map_or_else(|| "-".to_owned(), cell);
        let change = row.change.as_ref().map(|change| format!("; {}", cell(change))).unwrap_or_default();
        let _ = writeln!(
            out,
            "| {} | {} | {} | {}{change} | {} |",
            cell(&metric),
            target,
            shown(&row.baseline),
            shown(&row.optimized),
            cell(&status)
        );
    }
    out.push('\n');
}

fn findings(out: &mut String, section: &Section) {
    let _ = writeln!(out, "### Profiling Findings\n");
    if section.findings.is_empty() {
        let _ = writeln!(out, "No rule saw anything here.\n");
        return;
    }
    for (number, finding) in (1..).zip(&section.findings) {
        write_finding(out, number, finding);
    }
    out.push('\n');
}

fn write_finding(out: &mut String, number: usize, finding: &ProfilingFinding) {
    let at = finding.place.as_ref().map(|at| {
        let sure = match at.join {
            Join::Exact => "",
            Join::Likely => " (likely)",
            Join::Hint => " (may be)",
        };
        format!(" {}{sure}:", place(&at.path, at.line))
    });
    let _ = writeln!(out, "{number}. **{}**:{} {}", cell(&finding.kind), at.unwrap_or_default(), cell(&finding.title));
    let _ = writeln!(out, "   - Evidence: {} ({}, {})", cell(&finding.evidence), finding.rule, finding.severity.word());
    let guard = finding.guard.as_ref().map(|guard| format!(" ({})", cell(guard))).unwrap_or_default();
    let _ = writeln!(out, "   - Fix: {}{guard}", cell(&finding.fix));
    let _ = writeln!(out, "   - Impact: {}", cell(&finding.impact));
    let mut checks: Vec<&str> = finding.confirms.iter().map(|(check, _)| check.as_str()).collect();
    checks.dedup();
    if !checks.is_empty() {
        let names: Vec<String> = checks.iter().map(|check| code(check)).collect();
        let _ = writeln!(out, "   - Confirms: {}", names.join(", "));
    }
}

fn benchmark(out: &mut String, benchmark: Option<&Benchmark>) {
    let _ = writeln!(out, "### Before/After Benchmark\n");
    let Some(benchmark) = benchmark.filter(|benchmark| !benchmark.rows.is_empty()) else {
        let _ = writeln!(out, "One side only: there is nothing to compare.\n");
        return;
    };
    if let Some(command) = &benchmark.command {
        // A fence longer than any inside.
        let fence = "`".repeat(command.split(|c| c != '`').map(str::len).max().unwrap_or(0).max(2) + 1);
        let _ = writeln!(out, "{fence}\n{command}\n{fence}\n");
    }
    for violation in &benchmark.not_comparable {
        let _ = writeln!(out, "- Not comparable: {}", cell(violation));
    }
    let _ = writeln!(out, "| Metric | Baseline | Optimized | Change | Verdict |\n|---|---|---|---|---|");
    for row in &benchmark.rows {
        let cells = [&row.metric, &row.baseline, &row.optimized, &row.change, &row.verdict].map(|text| cell(text));
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    out.push('\n');
    for note in &benchmark.notes {
        let _ = writeln!(out, "- {}", cell(note));
    }
    if !benchmark.notes.is_empty() {
        out.push('\n');
    }
}

fn recommendations(out: &mut String, section: &Section) {
    let _ = writeln!(out, "### Recommendations\n");
    let nothing = section.recommendations.is_empty() && section.caching.is_empty() && section.escalations.is_empty();
    if nothing {
        let _ = writeln!(out, "Nothing to do here.\n");
        return;
    }
    for recommendation in &section.recommendations {
        let _ = writeln!(
            out,
            "- Priority {} ({} impact, {} effort): {}",
            recommendation.priority,
            recommendation.impact.word(),
            recommendation.effort.word(),
            cell(&recommendation.text)
        );
    }
    for caching in &section.caching {
        let _ = writeln!(
            out,
            "- Caching: {}: {}; stale values go by {}; mind: {}",
            cell(&caching.trigger),
            cell(&caching.layer),
            cell(&caching.invalidation),
            cell(&caching.guard)
        );
    }
    for escalation in &section.escalations {
        let _ = writeln!(out, "- For {}: {}", cell(&escalation.to), cell(&escalation.why));
    }
    out.push('\n');
}

fn changes(out: &mut String, performance: &Performance) {
    if let Some(unadjusted) = &performance.unadjusted {
        let _ = writeln!(out, "## What the Evidence Changed in the Audit\n");
        let score = unadjusted.overall_tenths.map_or_else(|| "N/A".to_owned(), tenths);
        let _ = writeln!(out, "Overall score without what was measured: {score}\n");
    }
    if performance.changes.is_empty() {
        return;
    }
    let _ = writeln!(out, "| Location | Check | Before | After | Evidence |\n|---|---|---|---|---|");
    for change in &performance.changes {
        let after = match change.to {
            Some(severity) if severity == change.from => format!("{} (confirmed)", severity.word()),
            Some(severity) => severity.word().to_owned(),
            None => "refuted".to_owned(),
        };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {after} | {} |",
            place(&change.path, change.line),
            code(&change.check),
            change.from.word(),
            cell(&change.why)
        );
    }
    out.push('\n');
}

fn files(out: &mut String, files: &[EvidenceFile]) {
    if files.is_empty() {
        return;
    }
    let _ = writeln!(out, "## Evidence Files\n\n| File | Format | Run | Bytes | Read |\n|---|---|---|---|---|");
    for file in files {
        let format = if file.format.is_empty() { "-".to_owned() } else { cell(&file.format) };
        let run = if file.run.is_empty() { "-" } else { file.run.as_str() };
        let mut read: Vec<String> = Vec::new();
        read.extend((!file.read.is_empty()).then(|| file.read.clone()));
        read.extend(file.refused.as_ref().map(|reason| format!("not read: {reason}")));
        read.extend(file.notes.iter().cloned());
        let _ = writeln!(
            out,
            "| {} | {format} | {run} | {} | {} |",
            code(&file.path),
            grouped(file.bytes),
            cell(&read.join("; "))
        );
    }
    out.push('\n');
}

fn list(out: &mut String, heading: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    let _ = writeln!(out, "{heading}\n");
    for item in items {
        let _ = writeln!(out, "- {}", cell(item));
    }
    out.push('\n');
}
