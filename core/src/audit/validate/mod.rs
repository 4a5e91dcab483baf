//! Rules applied after the workers and before scoring, to findings of HIGH and MEDIUM:
//! rule 1 (planned, [`planned`]) and rule 6 (execution context, [`execution`]).

pub mod execution;
pub mod planned;

use crate::report::model::{ContextFacts, Finding, Severity, Verdict};
use std::collections::BTreeMap;

pub use planned::Document;

/// Applies both rules. A finding keeps its original severity beside what became of it.
pub fn apply(findings: &mut [Finding], facts: &BTreeMap<String, ContextFacts>, documents: &[Document]) {
    let mut plans = planned::read(documents);
    let unknown = ContextFacts::default();
    for finding in findings.iter_mut() {
        let facts = facts.get(&finding.fingerprint).unwrap_or(&unknown);
        if !concerns(finding, facts) {
            continue;
        }
        if let Some(tag) = plans.matching(finding, &facts.tables) {
            make_advisory(finding, tag);
            continue;
        }
        execution::apply(finding, facts);
    }
}

/// HIGH and MEDIUM that count, unless exempt: `missing_rollback` where the session is reused, per-row writes and
/// queries on a hot path, and what was measured.
fn concerns(finding: &Finding, facts: &ContextFacts) -> bool {
    if finding.verdict != Verdict::Counted || !matches!(finding.severity, Severity::High | Severity::Medium) {
        return false;
    }
    // What was seen at run time beats what the code lets expect.
    if finding.measured.is_some() {
        return false;
    }
    let exempt = match finding.check.as_str() {
        "missing_rollback" => facts.session_reused,
        "n_update_delete_loop" | "query_in_loop" => facts.hot,
        _ => false,
    };
    !exempt
}

fn make_advisory(finding: &mut Finding, why: String) {
    finding.original_severity.get_or_insert(finding.severity);
    finding.verdict = Verdict::Advisory;
    finding.verdict_reason = Some(why.clone());
    finding.advisory = Some(why);
}
