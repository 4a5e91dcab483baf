//! `sync_sleep_in_async`: a sleep that holds the event loop.

use super::on_loop::{self, OnLoop};
use crate::analysis::Hold;
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_evidence, context_facts, grade};
use crate::libraries::RunContext;
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
        let OnLoop::Blocks(sites) = candidate else { return Judgement::Rejected("nothing sleeps".into()) };
        let project = cx.project;
        let f = place.func;
        if matches!(project.context(f), RunContext::Script | RunContext::Migration) {
            return Judgement::Rejected("a script: nobody else runs on its loop".into());
        }
        let paths = on_loop::paths(project, f, sites, Hold::Sleep);
        let (Some(first), Some(site)) = (paths.first(), sites.first()) else {
            return Judgement::Rejected("the sleep is not reached".into());
        };
        let hot = matches!(project.context(f), RunContext::Request | RunContext::Stream);
        let severity = if hot && on_loop::in_flask_view(project, f) {
            Severity::Low
        } else {
            grade(project, f, Severity::High, Severity::Medium, Severity::Low)
        };
        let by_name = paths.iter().all(|path| path.by_name);
        let mut facts = context_facts(cx, f);
        facts.table_used_context = true;
        let end = project.site_name(first.end, &first.site);
        let (message, recommendation) = if first.steps.len() == 1 {
            (
                format!("{end} puts the whole event loop to sleep in `{}`", project.func_name(f)),
                "Replace it by `await asyncio.sleep(…)`".to_owned(),
            )
        } else {
            (
                format!("{} leads to {end}, which puts the whole event loop to sleep", project.site_name(f, site)),
                "Make the callee asynchronous and `await asyncio.sleep(…)` there, or call it with `asyncio.to_thread`"
                    .to_owned(),
            )
        };
        let mut steps = first.steps.clone();
        steps.extend(paths.iter().skip(1).take(4).flat_map(|path| path.steps.first().cloned()));
        steps.dedup();
        let draft = Draft {
            place,
            severity,
            confidence: confidence(project, f, by_name),
            message,
            recommendation,
            effort: Effort::S,
            steps,
            evidence: vec![context_evidence(project, f)],
            facts,
        };
        if by_name && draft.confidence == Confidence::Low {
            return Judgement::NeedsContext(Box::new(draft), "the callee was found by its name only".into());
        }
        Judgement::Confirmed(Box::new(draft))
    }
}
