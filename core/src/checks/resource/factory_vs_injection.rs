//! `factory_vs_injection`: a session of the request in something that outlives the request.

use super::held::{Carriers, carries_session, param_name, session_word};
use crate::analysis::{FuncId, Project, Site, SiteKind, inside};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{context_evidence, context_facts, place_of};
use crate::libraries::{Place as Where, Row, RunContext};
use crate::model::{OpKind, RegionKind, ValueId};
use crate::order::InOrder as _;
use crate::report::model::{Confidence, Effort, Severity};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct FactoryVsInjection;

/// A hand-over of a request's session.
#[derive(Clone, Debug)]
pub struct HandOver {
    func: FuncId,
    op: ValueId,
    row: &'static Row,
    place: Where,
    param: usize,
    word: &'static str,
    injected: bool,
    seen: bool,
}

impl Check for FactoryVsInjection {
    const ID: &'static str = "factory_vs_injection";
    type Candidate = HandOver;

    fn candidates(cx: Cx<'_>) -> Candidates<HandOver> {
        let project = cx.project;
        let mut sessions = 0;
        let mut found = Vec::new();
        for func in project.code().func_ids() {
            for (param, word, injected, seen) in request_sessions(project, func) {
                sessions += 1;
                let Some(value) = project.param_value(func, param) else { continue };
                let mut carriers = None;
                let mut last = None;
                for site in project.sites(func) {
                    let Some((row, place)) = runs_elsewhere(site) else { continue };
                    let Some(OpKind::Call { args, .. }) = project.code().op(func, site.op).map(|op| &op.kind) else {
                        continue;
                    };
                    let carriers = carriers.get_or_insert_with(|| Carriers::new(project, func, value));
                    if last == Some(site.op) || !args.iter().any(|arg| carriers.carried_by(arg.value)) {
                        continue;
                    }
                    last = Some(site.op);
                    let hand_over = HandOver { func, op: site.op, row, place, param, word, injected, seen };
                    found.push((place_of(project, func, site.op), hand_over));
                }
            }
        }
        if sessions == 0 {
            return Candidates::Nothing("no handler gets a session or connection");
        }
        found.order_by_key(|(place, _)| (place.func, place.op));
        found.dedup_by_key(|(place, _)| (place.func, place.op));
        Candidates::Found(found, format!("{sessions} sessions and connections of requests"))
    }

    fn judge(cx: Cx<'_>, place: Place, h: &HandOver) -> Judgement {
        let project = cx.project;
        if let Some(reason) = waited_for(project, h) {
            return Judgement::Rejected(reason.to_owned());
        }
        let name = param_name(project, h.func, h.param);
        let stream = project.context(h.func) == RunContext::Stream;
        let (what, severity) = match h.place {
            _ if stream => ("a task of a stream", Severity::Critical),
            Where::AfterResponse => ("a background task", Severity::High),
            Where::Thread => ("a thread", Severity::High),
            Where::Process => ("another process", Severity::High),
            _ => ("a spawned task", Severity::High),
        };
        let mut steps = Vec::new();
        if let Some(param) = project.code().func(h.func).params.get(h.param) {
            let how = if h.injected { "injected for the request" } else { "handed in by the caller's request" };
            steps.push(project.step_at(h.func, param.span, format!("`{name}` is {how}")));
        }
        let given = format!("`{}` runs on after the request", project.describe(h.func, h.op));
        steps.push(project.step(h.func, h.op, given));
        let mut facts = context_facts(cx, h.func);
        facts.table_used_context = true;
        let draft = Draft {
            place,
            severity,
            confidence: if h.injected && h.seen { Confidence::High } else { Confidence::Medium },
            message: format!("the request's {} `{name}` goes to {what} that outlives the request", h.word),
            recommendation: "Hand over the session factory (or plain ids) and let the task open a session of its own"
                .to_owned(),
            effort: Effort::M,
            steps,
            evidence: vec![context_evidence(project, h.func)],
            facts,
        };
        Judgement::Confirmed(Box::new(draft))
    }
}

/// Parameters that carry a session of the request: position, word, injected, provider seen.
fn request_sessions(project: &Project, f: FuncId) -> Vec<(usize, &'static str, bool, bool)> {
    let mut out = Vec::new();
    for i in 0..project.code().func(f).params.len() {
        if let Some(held) = project.held_by_injection(f, i) {
            if !carries_session(project, f, &held) {
                continue;
            }
            out.push((i, held.word, true, held.seen));
        } else if matches!(project.context(f), RunContext::Request | RunContext::Stream)
            && let Some(value) = project.param_value(f, i)
            && let Some(class) = project.lib_class(f, value)
            && let Some(word) = session_word(project, class)
            && !class.ends_with("scoped_session")
            && !project.code().func(f).is_generator
        {
            out.push((i, word, false, true));
        }
    }
    out
}

/// A site that runs its argument elsewhere without being awaited at once.
fn runs_elsewhere(site: &Site) -> Option<(&'static Row, Where)> {
    let SiteKind::Library(row) = site.kind else { return None };
    let place = row.runs?.place;
    let elsewhere = matches!(place, Where::Task | Where::AfterResponse | Where::Thread | Where::Process);
    (elsewhere && !site.awaited).then_some((row, place))
}

/// Why the work ends before the request does.
fn waited_for(project: &Project, h: &HandOver) -> Option<&'static str> {
    if h.row.callee.contains("TaskGroup") {
        return Some("the task group ends within the request");
    }
    let code = project.code();
    let body = code.body(h.func);
    let flow = crate::analysis::Flow::new(code, h.func);
    let uses = flow.uses(h.op);
    let awaited = |v: &ValueId| matches!(body.op(*v).map(|op| &op.kind), Some(OpKind::Await(_)));
    if uses.aliases.iter().any(awaited) {
        return Some("awaited within the request");
    }
    let executor = h.row.callee.contains("Executor")
        && inside(body, h.op, |kind| {
            matches!(kind, RegionKind::With { manager, .. }
                if project.lib_class(h.func, *manager).is_some_and(|class| class.contains("Executor")))
        });
    if executor {
        return Some("the executor's block waits for it");
    }
    for (i, op) in body.ops.iter().enumerate().skip(h.op.0 as usize) {
        let OpKind::Call { callee, .. } = &op.kind else { continue };
        let name = project.describe(h.func, *callee);
        let short = name.rsplit('.').next().unwrap_or("");
        let at = ValueId(u32::try_from(i).unwrap_or(u32::MAX));
        let is_awaited = flow.users(at).any(|user| awaited(&user));
        match short {
            "gather" | "wait" | "wait_for" | "as_completed" if is_awaited => return Some("awaited within the request"),
            "as_completed" | "result" => return Some("awaited within the request"),
            "join" if matches!(h.place, Where::Thread | Where::Process) => return Some("joined within the request"),
            _ => {}
        }
    }
    None
}
