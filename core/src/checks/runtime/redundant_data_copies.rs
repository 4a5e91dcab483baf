//! `redundant_data_copies`: a container is copied and then only read.

use super::copies::{Copy, Why, copies};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{context_evidence, context_facts, place_of};
use crate::libraries::RunContext;
use crate::model::OpKind;
use crate::order::InOrder as _;
use crate::report::model::{Confidence, Effort, Severity};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct RedundantDataCopies;

/// Copies of one function that nothing needs, or one that something needs.
#[derive(Clone, Debug)]
pub enum Candidate {
    /// In order, the worst first.
    Needless(Vec<Copy>),
    /// Why the copy is needed.
    Needed(String),
}

impl Check for RedundantDataCopies {
    const ID: &'static str = "redundant_data_copies";
    type Candidate = Candidate;

    fn candidates(cx: Cx<'_>) -> Candidates<Candidate> {
        let project = cx.project;
        let mut found = Vec::new();
        let mut looked_at = 0;
        for f in project.code().func_ids() {
            if matches!(project.context(f), RunContext::Test | RunContext::Migration) || project.is_template(f) {
                continue;
            }
            let mut needless = Vec::new();
            for copy in copies(project, f) {
                looked_at += 1;
                match copy {
                    Ok(copy) => needless.push(copy),
                    Err((op, reason)) => found.push((place_of(project, f, op), Candidate::Needed(reason))),
                }
            }
            let worst = needless.iter().position(|copy| copy.looped).unwrap_or(0);
            if !needless.is_empty() {
                needless.swap(0, worst);
            }
            if let Some(first) = needless.first() {
                found.push((place_of(project, f, first.op), Candidate::Needless(needless)));
            }
        }
        if looked_at == 0 {
            return Candidates::Nothing("no copy of a container was found");
        }
        found.order_by_key(|(place, _)| *place);
        Candidates::Found(found, format!("{looked_at} copies"))
    }

    fn judge(cx: Cx<'_>, place: Place, candidate: &Candidate) -> Judgement {
        let project = cx.project;
        let copies = match candidate {
            Candidate::Needed(reason) => return Judgement::Rejected(reason.clone()),
            Candidate::Needless(copies) => copies,
        };
        let Some(first) = copies.first() else { return Judgement::Rejected("no copy is left".into()) };
        let f = place.func;
        let text = match (project.describe(f, first.op), project.code().op(f, first.op).map(|op| &op.kind)) {
            // `list(…)`: with what it copies.
            (text, Some(OpKind::Call { args, .. })) => match (text.strip_suffix("(…)"), args.first()) {
                (Some(callee), Some(arg)) => format!("{callee}({})", project.describe(f, arg.value)),
                _ => text,
            },
            (text, _) => text,
        };
        let (message, cure) = match &first.why {
            Why::Fresh(made) => {
                (format!("`{text}` copies what `{made}` has just made"), format!("Use `{made}` as it is"))
            }
            Why::Consumed(taker) => (
                format!("`{text}` builds a list only for `{taker}`, which takes any iterable"),
                format!("Give `{taker}` the iterable itself"),
            ),
            Why::Read(source) => {
                (format!("`{text}` copies `{source}`, and the copy is only read"), format!("Read `{source}` itself"))
            }
        };
        let hot = first.looped || project.context(f) == RunContext::Stream;
        let severity = if hot { Severity::Medium } else { Severity::Low };
        let steps = copies
            .iter()
            .take(5)
            .map(|copy| project.step(f, copy.op, format!("`{}` copies", project.describe(f, copy.op))))
            .collect();
        Judgement::Confirmed(Box::new(Draft {
            place,
            severity,
            confidence: Confidence::High,
            message,
            recommendation: cure,
            effort: Effort::S,
            steps,
            evidence: vec![context_evidence(project, f)],
            facts: context_facts(cx, f),
        }))
    }
}
