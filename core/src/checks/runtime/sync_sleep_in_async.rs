//! `sync_sleep_in_async`: a sleep that holds the event loop.

use super::on_loop::{self, FAR, OnLoop};
use crate::analysis::{FuncId, Hold, Project};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_evidence, context_facts, grade};
use crate::libraries::RunContext;
use crate::model::{OpKind, ValueId};
use crate::report::model::{Confidence, Effort, Severity};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct SyncSleepInAsync;

impl Check for SyncSleepInAsync {
    const ID: &'static str = "sync_sleep_in_async";
    type Candidate = OnLoop;

    fn candidates(cx: Cx<'_>) -> Candidates<OnLoop> {
        on_loop::candidates(cx, Hold::Sleep)
    }

    fn judge(cx: Cx<'_>, place: Place, candidate: &OnLoop) -> Judgement {
        if let Some(reason) = on_loop::dismissal(candidate) {
            return Judgement::Rejected(reason);
        }
        let project = cx.project;
        let f = place.func;
        if matches!(project.context(f), RunContext::Script | RunContext::Migration) {
            return Judgement::Rejected(on_loop::ALONE.into());
        }
        let paths = match candidate {
            OnLoop::Blocks(sites) => on_loop::paths(project, f, sites, Hold::Sleep),
            OnLoop::Shared(callers) => {
                callers.iter().filter_map(|(caller, site)| project.block_path(*caller, site, Hold::Sleep)).collect()
            }
            _ => Vec::new(),
        };
        let Some(first) = paths.first() else { return Judgement::Rejected("the sleep is not reached".into()) };
        // What a lifespan does itself need not hold the loop: signals wait for it.
        let starting = before_serving(project, f, place.op);
        if starting && first.steps.len() > 1 {
            return Judgement::Rejected("before the application serves: nobody else is on its loop yet".into());
        }
        let hot = matches!(project.context(f), RunContext::Request | RunContext::Stream);
        let severity = if starting || hot && on_loop::in_flask_view(project, f) {
            Severity::Low
        } else {
            grade(project, f, Severity::High, Severity::Medium, Severity::Low)
        };
        let by_name = paths.iter().all(|path| path.by_name);
        let mut facts = context_facts(cx, f);
        facts.table_used_context = true;
        let end = project.site_name(first.end, &first.site);
        let through =
            "Make the callee asynchronous and `await asyncio.sleep(…)` there, or call it with `asyncio.to_thread`";
        let (message, recommendation) = match candidate {
            OnLoop::Blocks(sites) if first.steps.len() > 1 => {
                let called = sites.first().map_or_else(String::new, |site| project.site_name(f, site));
                (format!("{called} leads to {end}, which puts the whole event loop to sleep"), through)
            }
            OnLoop::Shared(callers) => (
                format!("{end} puts the whole event loop to sleep: {} asynchronous functions reach it", callers.len()),
                through,
            ),
            _ => (
                format!("{end} puts the whole event loop to sleep in `{}`", project.func_name(f)),
                "Replace it by `await asyncio.sleep(…)`",
            ),
        };
        let mut sure = confidence(project, f, by_name);
        let far = paths.iter().all(|path| path.steps.len() > FAR);
        if sure == Confidence::High && far {
            sure = Confidence::Medium;
        }
        let mut steps = first.steps.clone();
        steps.extend(paths.iter().skip(1).take(4).flat_map(|path| path.steps.first().cloned()));
        steps.dedup();
        let draft = Draft {
            place,
            severity,
            confidence: sure,
            message,
            recommendation: recommendation.to_owned(),
            effort: Effort::S,
            steps,
            evidence: vec![context_evidence(project, f)],
            facts,
        };
        if far {
            let missing = "a call that far away may lie behind a condition that never holds here";
            return Judgement::NeedsContext(Box::new(draft), missing.into());
        }
        if by_name && draft.confidence == Confidence::Low {
            return Judgement::NeedsContext(Box::new(draft), "the callee was found by its name only".into());
        }
        Judgement::Confirmed(Box::new(draft))
    }
}

/// The part of a lifespan that runs before its `yield`: requests are served from there on.
fn before_serving(project: &Project, f: FuncId, op: Option<ValueId>) -> bool {
    let body = project.code().body(f);
    let served = body.ops.iter().position(|op| matches!(op.kind, OpKind::Yield(_)));
    project.context(f) == RunContext::Startup
        && project.code().func(f).is_async
        && op.is_some_and(|op| served.is_some_and(|at| (op.0 as usize) < at))
}
