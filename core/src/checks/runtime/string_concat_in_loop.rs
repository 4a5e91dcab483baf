//! `string_concat_in_loop`: a string that grows pass by pass.

use super::growth::{Growth, Kind, growths};
use crate::analysis::{Holds, Project};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{context_evidence, context_facts, loop_step, place_of};
use crate::libraries::RunContext;
use crate::order::InOrder as _;
use crate::report::model::{Confidence, Effort, Severity};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct StringConcatInLoop;

/// Growing strings of one function, or one that does not grow without bound.
#[derive(Clone, Debug)]
pub enum Candidate {
    /// In order, the worst first.
    Grows(Vec<Growth>),
    /// Why it does not.
    Bounded(String),
}

impl Check for StringConcatInLoop {
    const ID: &'static str = "string_concat_in_loop";
    type Candidate = Candidate;

    fn candidates(cx: Cx<'_>) -> Candidates<Candidate> {
        let project = cx.project;
        let mut found = Vec::new();
        for f in project.code().holding(Holds::SUM) {
            if project.context(f) == RunContext::Test {
                continue;
            }
            let mut grows: Vec<Growth> = Vec::new();
            for growth in growths(project, f) {
                match growth {
                    Ok(growth) => grows.push(growth),
                    Err((op, reason)) => found.push((place_of(project, f, op), Candidate::Bounded(reason))),
                }
            }
            // Stable: of the worst, the first in the text.
            grows.order_by_key(|growth| severity(growth) != Severity::Medium);
            if let Some(worst) = grows.first() {
                found.push((place_of(project, f, worst.op), Candidate::Grows(grows)));
            }
        }
        if project.loops().is_empty() {
            return Candidates::Nothing("no loop was found");
        }
        Candidates::Found(found, format!("{} loops", project.loops().len()))
    }

    fn judge(cx: Cx<'_>, place: Place, candidate: &Candidate) -> Judgement {
        let project = cx.project;
        let f = place.func;
        let grows = match candidate {
            Candidate::Bounded(reason) => return Judgement::Rejected(reason.clone()),
            Candidate::Grows(grows) => grows,
        };
        let Some(first) = grows.first() else { return Judgement::Rejected("nothing grows".into()) };
        let mut steps = Vec::new();
        if let Some(looped) = project.loops().get(first.looped) {
            steps.push(loop_step(project, looped));
        }
        steps.extend(grows.iter().take(5).map(|growth| step(project, place, growth)));
        let mut evidence = vec![context_evidence(project, f)];
        if first.kind == Kind::Local {
            evidence.push("CPython mostly grows a local string in place: other interpreters copy it".into());
        }
        let draft = Box::new(Draft {
            place,
            severity: severity(first),
            confidence: Confidence::High,
            message: format!("`{}` grows by one piece in each pass {}", first.name, first.kind.words()),
            recommendation: "Collect the pieces in a list and join them once after the loop with `\"\".join(…)`"
                .to_owned(),
            effort: Effort::S,
            steps,
            evidence,
            facts: context_facts(cx, f),
        });
        if first.kind == Kind::Local {
            let missing = "CPython appends to a local in place: whether another interpreter runs it is not seen";
            return Judgement::NeedsContext(draft, missing.into());
        }
        Judgement::Confirmed(draft)
    }
}

fn severity(growth: &Growth) -> Severity {
    if growth.kind == Kind::Local { Severity::Low } else { Severity::Medium }
}

fn step(project: &Project, place: Place, growth: &Growth) -> crate::report::model::Step {
    project.step(place.func, growth.op, format!("`{}` grows", growth.name))
}
