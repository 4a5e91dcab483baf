//! `missing_to_thread`: work for the processor that holds the event loop.

use super::on_loop::{self, FAR, OnLoop};
use super::processor_work::{Amount, amount, in_words, is_light, only_stores};
use crate::analysis::{BlockPath, FuncId, Hold, Project, SiteKind};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_evidence, context_facts, grade};
use crate::libraries::RunContext;
use crate::report::model::{Confidence, Effort, Severity};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct MissingToThread;

impl Check for MissingToThread {
    const ID: &'static str = "missing_to_thread";
    type Candidate = OnLoop;

    fn candidates(cx: Cx<'_>) -> Candidates<OnLoop> {
        on_loop::candidates(cx, Hold::Cpu)
    }

    fn judge(cx: Cx<'_>, place: Place, candidate: &OnLoop) -> Judgement {
        if let Some(reason) = on_loop::dismissal(candidate) {
            return Judgement::Rejected(reason);
        }
        let project = cx.project;
        let f = place.func;
        let callers: Vec<(FuncId, BlockPath)> = match candidate {
            OnLoop::Blocks(sites) => {
                on_loop::paths(project, f, sites, Hold::Cpu).into_iter().map(|path| (f, path)).collect()
            }
            OnLoop::Shared(callers) => callers
                .iter()
                .filter_map(|(caller, site)| Some((*caller, project.block_path(*caller, site, Hold::Cpu)?)))
                .collect(),
            _ => Vec::new(),
        };
        // The worst of the callers decides.
        let waits = |g: FuncId| matches!(project.context(g), RunContext::Request | RunContext::Stream);
        let Some((caller, first)) = callers.iter().find(|(g, _)| waits(*g)).or_else(|| callers.first()) else {
            return Judgement::Rejected("the work is not reached".into());
        };
        if matches!(project.context(*caller), RunContext::Script | RunContext::Migration | RunContext::Startup) {
            return Judgement::Rejected("nobody else runs on the loop of a script or a start-up".into());
        }
        if waits(*caller) && on_loop::in_flask_view(project, *caller) {
            return Judgement::Rejected("Flask runs an own event loop for this request: nobody else waits".into());
        }
        let SiteKind::Library(row) = first.site.kind else {
            return Judgement::Rejected("the work is not that of a known library".into());
        };
        if callers.iter().all(|(_, path)| is_cached(project, path.end)) {
            return Judgement::Rejected("the result is kept for the next call with the same arguments".into());
        }
        if callers.iter().all(|(_, path)| only_stores(project, path)) {
            return Judgement::Rejected("the archive stores its members as they are: nothing is compressed".into());
        }
        let amounts: Vec<Amount> = callers.iter().map(|(_, path)| amount(project, path)).collect();
        // Hashing a password takes its time whatever the password is.
        if is_light(row.callee) && amounts.iter().all(|amount| *amount == Amount::Small) {
            return Judgement::Rejected("a small constant input".into());
        }
        let severity = grade(project, *caller, Severity::Medium, Severity::Low, Severity::Low);
        let mut facts = context_facts(cx, *caller);
        facts.table_used_context = true;
        let end = project.site_name(first.end, &first.site);
        let does = in_words(row.callee);
        let message = match candidate {
            OnLoop::Shared(_) => {
                format!("{end} {does} and holds the event loop: {} asynchronous functions reach it", callers.len())
            }
            _ if first.steps.len() == 1 => {
                format!("{end} {does} and holds the event loop in `{}`", project.func_name(f))
            }
            OnLoop::Blocks(sites) => {
                let called = sites.first().map_or_else(String::new, |site| project.site_name(f, site));
                format!("{called} leads to {end}, which {does} and holds the event loop")
            }
            _ => format!("{end} {does} and holds the event loop"),
        };
        let mut steps = first.steps.clone();
        steps.extend(callers.iter().take(5).filter_map(|(_, path)| path.steps.first().cloned()));
        let mut seen = Vec::new();
        steps.retain(|step| {
            let new = !seen.contains(&(step.path.clone(), step.line));
            seen.push((step.path.clone(), step.line));
            new
        });
        let by_name = callers.iter().all(|(_, path)| path.by_name);
        let sure = confidence(project, *caller, by_name);
        let draft = Draft {
            place,
            severity,
            confidence: sure,
            message,
            recommendation: advice(project, first),
            effort: Effort::S,
            steps,
            evidence: vec![context_evidence(project, *caller)],
            facts,
        };
        if first.steps.len() > FAR {
            let missing = "a call that far away may lie behind a condition that never holds here";
            return Judgement::NeedsContext(Box::new(draft), missing.into());
        }
        if by_name && sure == Confidence::Low {
            return Judgement::NeedsContext(Box::new(draft), "the callee was found by its name only".into());
        }
        if is_light(row.callee) && !amounts.contains(&Amount::Large) {
            return Judgement::NeedsContext(Box::new(draft), "the code does not say how large the input is".into());
        }
        Judgement::Confirmed(Box::new(draft))
    }
}

/// `@lru_cache` and alike.
fn is_cached(project: &Project, f: FuncId) -> bool {
    project.decorators(f).iter().any(|name| {
        let short = name.rsplit('.').next().unwrap_or("");
        matches!(short, "lru_cache" | "cache" | "cached" | "alru_cache" | "ttl_cache" | "memoize")
    })
}

fn advice(project: &Project, path: &BlockPath) -> String {
    let function = project.code().func(path.end);
    let called = if path.steps.len() == 1 || function.is_async {
        "Hand the call to `asyncio.to_thread`".to_owned()
    } else {
        format!("Call `{}` with `asyncio.to_thread`", project.func_name(path.end))
    };
    format!("{called}; where it keeps a processor busy for seconds, use a process pool or a worker")
}
