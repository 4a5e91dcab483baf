//! From the drafts of a category's checks to its [`CategoryResult`]: names, fingerprints, order.

use super::fingerprint::fingerprint;
use crate::analysis::is_stub;
use crate::checks::{CHECKS, CheckMeta, CheckRun, Cx, Draft, Place, find};
use crate::order::InOrder as _;
use crate::report::model::{
    Category, CategoryResult, CheckOutcome, CheckStatus, ContextFacts, Dismissed, Finding, Severity, Verdict,
};
use std::collections::BTreeMap;

/// Runs the checks of one category. `only`: ids to run; empty for all.
#[must_use]
pub fn run_category(cx: Cx<'_>, category: Category, only: &[String]) -> CategoryResult {
    let mut result = CategoryResult {
        category,
        findings: Vec::new(),
        dismissed: Vec::new(),
        checks: Vec::new(),
        facts: BTreeMap::new(),
    };
    for entry in CHECKS {
        let Some(meta) = find(entry.id) else { continue };
        if meta.category != category || !only.is_empty() && !only.iter().any(|id| id == entry.id) {
            continue;
        }
        collect(cx, meta, (entry.run)(cx), &mut result);
    }
    result.dismissed.order();
    result
}

fn collect(cx: Cx<'_>, meta: &CheckMeta, run: CheckRun, result: &mut CategoryResult) {
    let code = cx.project.code();
    let mut drafts: Vec<(Draft, Verdict, Option<String>)> = run
        .confirmed
        .into_iter()
        .map(|draft| (draft, Verdict::Counted, None))
        .chain(run.needs_context.into_iter().map(|(mut draft, missing)| {
            draft.severity = Severity::Low;
            (draft, Verdict::NeedsContext, Some(missing))
        }))
        .collect();
    // Stubs are read for their types alone.
    let in_stub = |place: &Place| is_stub(code.path(place.func));
    drafts.retain(|(draft, ..)| !in_stub(&draft.place));
    drafts.order_by(|(a, ..), (b, ..)| {
        (code.path(a.place.func), a.place.span, a.place.op).cmp(&(code.path(b.place.func), b.place.span, b.place.op))
    });
    let mut ordinals: BTreeMap<(String, String, String), u32> = BTreeMap::new();
    let mut worst: Option<Severity> = None;
    let count = drafts.len();
    for (draft, verdict, reason) in drafts {
        let (path, symbol, statement) = identity(cx, draft.place);
        let ordinal = ordinals.entry((path.clone(), symbol.clone(), statement.clone())).or_default();
        let print = fingerprint(meta.id, &path, &symbol, &statement, *ordinal);
        *ordinal += 1;
        if verdict == Verdict::Counted {
            worst = Some(worst.map_or(draft.severity, |w| w.min(draft.severity)));
        }
        if draft.facts != ContextFacts::default() {
            result.facts.insert(print.clone(), draft.facts);
        }
        result.findings.push(Finding {
            check: meta.id.to_owned(),
            category: meta.category,
            title: meta.title.to_owned(),
            severity: draft.severity,
            original_severity: None,
            confidence: draft.confidence,
            advisory: None,
            path,
            line: draft.place.span.line,
            column: u32::from(draft.place.span.col),
            end_line: draft.place.span.end_line,
            symbol,
            message: draft.message,
            recommendation: draft.recommendation,
            effort: draft.effort,
            steps: draft.steps,
            evidence: draft.evidence,
            also: Vec::new(),
            related: Vec::new(),
            fingerprint: print,
            verdict,
            verdict_reason: reason,
            measured: None,
            baseline: None,
            moved_from: None,
        });
    }
    let mut dismissed = 0;
    for (place, reason) in run.rejected.into_iter().filter(|(place, _)| !in_stub(place)) {
        dismissed += 1;
        result.dismissed.push(Dismissed {
            check: meta.id.to_owned(),
            path: code.path(place.func).to_owned(),
            line: place.span.line,
            reason,
        });
    }
    let status = match (run.skipped, worst) {
        (Some(_), _) => CheckStatus::Skipped,
        (None, Some(severity)) if severity < Severity::Low => CheckStatus::Failed,
        (None, _) if count > 0 => CheckStatus::Warning,
        _ => CheckStatus::Passed,
    };
    result.checks.push(CheckOutcome {
        check: meta.id.to_owned(),
        title: meta.title.to_owned(),
        category: meta.category,
        status,
        details: run.skipped.map_or(run.looked_at, str::to_owned),
        candidates: run.candidates,
        dismissed,
    });
}

/// Path, enclosing symbol and statement of a place: what a fingerprint is made of.
fn identity(cx: Cx<'_>, place: Place) -> (String, String, String) {
    let project = cx.project;
    let path = project.code().path(place.func).to_owned();
    let symbol = project.text(project.code().func(place.func).qualified).to_owned();
    let statement = place.op.map_or_else(String::new, |op| project.describe(place.func, op));
    (path, symbol, statement)
}
