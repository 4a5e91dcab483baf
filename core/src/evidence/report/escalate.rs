//! What others have to decide: faults of the schema, plans that no index mends, targets out of reach.

use super::sections::Draft;
use crate::evidence::rules::Kind;
use crate::evidence::rules::figures::percent;
use crate::report::model::Severity;
use crate::report::model::performance::{Escalation, Level};
use crate::words::counted;

/// Fills in the escalations of a section.
pub(super) fn escalate(draft: &mut Draft) {
    let mut out = Vec::new();
    let now = || draft.section.findings.iter().zip(&draft.kinds).zip(&draft.before).filter(|(_, before)| !**before);
    let of = |kind: Kind| now().filter(|((_, known), _)| **known == kind).count() as u64;
    let indexes = of(Kind::MissingIndex).max(draft.indexes.len() as u64);
    if indexes > 0 {
        out.push(Escalation {
            to: "the database engineer".to_owned(),
            why: format!(
                "{}: an index costs space and time of every write, and is built beside running traffic",
                counted(indexes, "index is proposed", "indexes are proposed")
            ),
        });
    }
    let severe = now().any(|((finding, kind), _)| {
        finding.severity <= Severity::High && matches!(kind, Kind::SlowQuery | Kind::PlannerEstimate)
    });
    if severe && indexes == 0 {
        out.push(Escalation {
            to: "the system architect".to_owned(),
            why:
                "Queries stay slow although no index is missing: the shape of the data or of the request has to change"
                    .to_owned(),
        });
    }
    // What the small and medium fixes leave, one after the other.
    let left: f64 = draft
        .section
        .recommendations
        .iter()
        .filter(|recommendation| recommendation.effort != Level::High)
        .filter_map(|recommendation| recommendation.removes)
        .map(|removes| 1.0 - removes)
        .product();
    let reached = 1.0 - left;
    for (metric, needed) in draft.needed.iter().filter(|(_, needed)| *needed > reached) {
        let fixes = if reached > 0.0 {
            format!("the small and medium fixes together remove about {} (estimate)", percent(reached))
        } else {
            "nothing that was measured says how".to_owned()
        };
        out.push(Escalation {
            to: "the delivery owner".to_owned(),
            why: format!(
                "Trade-off: {metric} has to come down by {} to meet its target, and {fixes}: relax the target, cache, or plan the larger change",
                percent(*needed)
            ),
        });
    }
    draft.section.escalations = out;
}
