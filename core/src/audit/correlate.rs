//! What was measured changes findings (EVIDENCE.md section 4): hot ones rise one level to HIGH at most, those proven
//! cold sink one, claims that a plan disproves are refuted, and what only run time shows becomes a finding of its own.
//! Plain data in, plain data out; before rules 1 and 6, which leave measured findings alone.

use super::fingerprint::fingerprint;
use crate::checks::find;
use crate::report::model::performance::{About, Join, Measured, MeasuredFinding, MeasuredPlace, SeverityChange};
use crate::report::model::{Category, Confidence, Finding, Severity, Step, Verdict};

/// Rare paths matter to these, however seldom they run.
const RARE: &[&str] =
    &["error_path_leak", "missing_cleanup", "missing_rollback", "unbounded_growth", "streaming_resource_holding"];

/// Checks that queries sent again and again are evidence for.
const REPEATED: &[&str] =
    &["query_in_loop", "n_update_delete_loop", "missing_bulk_ops", "redundant_fetch", "unnecessary_resolve"];

/// Changes the findings; says what changed.
pub fn apply(findings: &mut Vec<Finding>, measured: &Measured) -> Vec<SeverityChange> {
    let mut changes = Vec::new();
    for finding in findings.iter_mut().filter(|finding| finding.verdict == Verdict::Counted) {
        changes.extend(judge(finding, measured));
    }
    for own in &measured.own {
        add(findings, own);
    }
    changes
}

fn judge(finding: &mut Finding, measured: &Measured) -> Option<SeverityChange> {
    if let Some(refuted) = measured
        .refuted
        .iter()
        .find(|refuted| refuted.check == finding.check && claims(finding, &refuted.table, &refuted.column))
    {
        finding.verdict = Verdict::Refuted;
        finding.verdict_reason = Some(format!("Refuted by evidence: {}", refuted.says));
        finding.measured = Some(refuted.says.clone());
        return Some(change(finding, finding.severity, None, &refuted.says));
    }
    let mut hot: Option<&MeasuredPlace> = None;
    let mut warm: Option<&MeasuredPlace> = None;
    for place in measured.places.iter().filter(|place| place.join != Join::Hint && meets(finding, place)) {
        let slot = if place.hot { &mut hot } else { &mut warm };
        slot.get_or_insert(place);
    }
    if let Some(place) = hot {
        let from = finding.severity;
        let says = &place.says;
        finding.measured = Some(format!("confirmed: {says}"));
        finding.confidence = Confidence::High;
        finding.severity = from.raised();
        if finding.severity != from {
            finding.original_severity.get_or_insert(from);
        }
        return Some(change(finding, from, Some(finding.severity), says));
    }
    if let Some(place) = warm {
        finding.evidence.push(format!("measured: {}", place.says));
        return None;
    }
    let cold = measured
        .cold
        .iter()
        .find(|cold| cold.path == finding.path && cold.first_line <= finding.line && finding.line <= cold.last_line)?;
    let rare = finding.category == Category::TransactionCorrectness || RARE.contains(&finding.check.as_str());
    // A severity that a rule or the project already changed is not lowered for the same reason twice.
    if rare || finding.severity == Severity::Low || finding.severity == Severity::Critical {
        return None;
    }
    let from = finding.severity;
    finding.severity = from.lowered();
    finding.original_severity.get_or_insert(from);
    finding.evidence.push(format!("measured: {}", cold.says));
    Some(change(finding, from, Some(finding.severity), &cold.says))
}

fn change(finding: &Finding, from: Severity, to: Option<Severity>, why: &str) -> SeverityChange {
    SeverityChange {
        fingerprint: finding.fingerprint.clone(),
        check: finding.check.clone(),
        path: finding.path.clone(),
        line: finding.line,
        from,
        to,
        why: why.to_owned(),
    }
}

/// Whether the finding says that this column, and no other, lacks an index.
fn claims(finding: &Finding, table: &str, column: &str) -> bool {
    let message = finding.message.to_lowercase();
    message.starts_with(&format!("`{table}.{column}` has no index")) && !message.ends_with(" one as well")
}

/// Whether a measured place is evidence for a finding: its own lines, or a step of its path.
fn meets(finding: &Finding, place: &MeasuredPlace) -> bool {
    let concerned = match place.about {
        About::Code | About::Route => true,
        About::Query => {
            matches!(finding.category, Category::QueryEfficiency | Category::TransactionCorrectness)
        }
        About::Repeated => REPEATED.contains(&finding.check.as_str()),
    };
    let inside =
        |path: &str, first: u32, last: u32| path == place.path && first <= place.last_line && place.first_line <= last;
    let own = inside(&finding.path, finding.line, finding.end_line.max(finding.line));
    concerned && (own || finding.steps.iter().any(|Step { path, line, .. }| inside(path, *line, *line)))
}

/// A finding of run time, unless the audit has one of its check, or of one that says the same, at that place.
fn add(findings: &mut Vec<Finding>, own: &MeasuredFinding) {
    let Some(check) = find(&own.check) else { return };
    let here = |finding: &Finding| {
        let same = finding.check == own.check || super::precedence::beats(&finding.check, &own.check);
        let at = |path: &str, first: u32, last: u32| path == own.path && first <= own.line && own.line <= last;
        let near = finding.path == own.path && finding.symbol == own.symbol;
        same && (near
            || at(&finding.path, finding.line, finding.end_line)
            || finding.steps.iter().any(|step| at(&step.path, step.line, step.line)))
    };
    if findings.iter().any(here) {
        return;
    }
    let message = own.message.clone();
    findings.push(Finding {
        check: check.id.to_owned(),
        category: check.category,
        title: check.title.to_owned(),
        severity: own.severity,
        original_severity: None,
        confidence: Confidence::High,
        advisory: None,
        path: own.path.clone(),
        line: own.line,
        column: 1,
        end_line: own.line,
        symbol: own.symbol.clone(),
        recommendation: own.recommendation.clone(),
        effort: own.effort,
        steps: vec![Step { path: own.path.clone(), line: own.line, message: own.says.clone() }],
        evidence: vec!["seen at run time only: the code alone does not show it".to_owned()],
        also: Vec::new(),
        related: Vec::new(),
        // Figures change from run to run: they are no part of it.
        fingerprint: fingerprint(check.id, &own.path, &own.symbol, "measured", 0),
        verdict: Verdict::Counted,
        verdict_reason: None,
        measured: Some(own.says.clone()),
        baseline: None,
        moved_from: None,
        message,
    });
}
