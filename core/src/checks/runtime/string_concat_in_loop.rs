//! `string_concat_in_loop`: a string that grows pass by pass.

use super::growth::{Growth, Kind, growths};
use crate::analysis::{Holds, LoopFacts, Project, SiteKind, Type, source_of};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{context_evidence, context_facts, loop_step, place_of};
use crate::libraries::{Effects, Resource, RunContext};
use crate::model::{LoopKind, OpKind};
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
        // CPython appends to a local in place: only many pieces are worth a change.
        if first.kind == Kind::Local
            && !project.loops().get(first.looped).is_some_and(|l| goes_through_many(project, l))
        {
            return Judgement::NeedsContext(draft, "how many pieces there are is not seen".into());
        }
        Judgement::Confirmed(draft)
    }
}

/// Rows of a query, lines of a file, what a connection sends: as many as there happen to be.
fn goes_through_many(project: &Project, looped: &LoopFacts) -> bool {
    let (f, body) = (looped.func, project.code().body(looped.func));
    let Some(iter) = looped.iter else {
        // `while True: text = text + connection.recv(4096).decode()`
        let receives = Effects::NETWORK.with(Effects::FILE_IO);
        return project.sites(f).iter().any(|site| looped.runs(site) && site.effects.any(receives));
    };
    let mut at = source_of(body, iter);
    // `enumerate(rows)`
    if let Some(OpKind::Call { callee, args }) = body.op(at).map(|op| &op.kind)
        && matches!(project.ty(f, *callee), Type::LibRef(name)
            if matches!(project.text(*name), "builtins.enumerate" | "builtins.sorted" | "builtins.list"))
        && let Some(first) = args.first()
    {
        at = source_of(body, first.value);
    }
    looped.kind == LoopKind::AsyncFor
        || project.query(f, at).is_some()
        || project
            .sites(f)
            .iter()
            .any(|site| Some(site.op) == looped.element && matches!(site.kind, SiteKind::Evaluate(_)))
        || project.lib_class(f, at).and_then(|class| project.library().resource(class)) == Some(Resource::File)
}

fn severity(growth: &Growth) -> Severity {
    if growth.kind == Kind::Local { Severity::Low } else { Severity::Medium }
}

fn step(project: &Project, place: Place, growth: &Growth) -> crate::report::model::Step {
    project.step(place.func, growth.op, format!("`{}` grows", growth.name))
}
