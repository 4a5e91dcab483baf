//! Child processes that a time limit leaves running: the wait ends, the process does not.

use crate::analysis::{Flow, FuncId, Project, SiteKind, source_of};
use crate::checks::check::{Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_evidence, context_facts, place_of};
use crate::libraries::RunContext;
use crate::model::{ArgKind, OpKind, ValueId};
use crate::report::model::{Effort, Severity};

/// A process and the wait that gives up on it.
#[derive(Clone, Copy, Debug)]
pub struct Orphan {
    /// Where it is started.
    started: ValueId,
    /// The bounded wait.
    wait: ValueId,
}

const STARTS: &[&str] = &["asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell", "subprocess.Popen"];
/// What a function that only waits reads of a process. Whoever asks for more, for its number or whether it still
/// runs, may end it by that.
const WAITING: &[&str] = &["communicate", "wait", "stdin", "stdout", "stderr", "returncode"];

/// Processes that nothing in the function can end, and that it waits for with a time limit.
pub(super) fn candidates(project: &Project) -> Vec<(Place, Orphan)> {
    let mut out = Vec::new();
    if ["create_subprocess_exec", "create_subprocess_shell", "Popen"].iter().all(|name| project.sym(name).is_none()) {
        return out;
    }
    for f in project.code().func_ids() {
        if project.context(f) == RunContext::Test {
            continue;
        }
        for site in project.sites(f) {
            let starts = matches!(site.kind, SiteKind::Library(row) if STARTS.contains(&row.callee));
            if starts && let Some(wait) = given_up(project, f, site.op) {
                out.push((place_of(project, f, wait), Orphan { started: site.op, wait }));
            }
        }
    }
    out
}

/// The wait with a time limit, when all that is done with the process is waiting.
fn given_up(project: &Project, f: FuncId, started: ValueId) -> Option<ValueId> {
    let body = project.code().body(f);
    let flow = Flow::new(project.code(), f);
    let uses = flow.uses(started);
    let mut wait = None;
    for used in uses.ops {
        let OpKind::Attr { name, .. } = body.op(used)?.kind else { return None };
        let name = project.text(name);
        if !WAITING.contains(&name) {
            return None;
        }
        if !matches!(name, "communicate" | "wait") {
            continue;
        }
        for call in flow.users(used) {
            let Some(OpKind::Call { callee, args }) = body.op(call).map(|op| &op.kind) else { return None };
            if *callee != used {
                return None;
            }
            let limit = |kind| matches!(kind, ArgKind::Named(name) if project.text(name) == "timeout");
            let limited = args
                .iter()
                .any(|arg| limit(arg.kind))
                .then_some(call)
                .or_else(|| flow.users(call).find(|user| is_wait_for(project, f, *user, call)));
            wait = wait.or(limited);
        }
    }
    wait
}

/// `asyncio.wait_for(process.communicate(), 10)`
fn is_wait_for(project: &Project, f: FuncId, user: ValueId, awaited: ValueId) -> bool {
    let body = project.code().body(f);
    let Some(OpKind::Call { args, .. }) = body.op(user).map(|op| &op.kind) else { return false };
    args.first().is_some_and(|arg| source_of(body, arg.value) == awaited)
        && project
            .sites_at(f, user)
            .any(|site| matches!(site.kind, SiteKind::Library(row) if row.callee == "asyncio.wait_for"))
}

/// The finding.
pub(super) fn judge(cx: Cx<'_>, place: Place, orphan: Orphan) -> Judgement {
    let project = cx.project;
    let f = place.func;
    let Orphan { started, wait } = orphan;
    if matches!(project.context(f), RunContext::Migration | RunContext::Startup) {
        return Judgement::Rejected("it runs once, in a process of its own".to_owned());
    }
    let severity = match project.context(f) {
        RunContext::Script => Severity::Low,
        _ => Severity::Medium,
    };
    let mut facts = context_facts(cx, f);
    facts.table_used_context = true;
    let name = project.describe(f, started);
    Judgement::Confirmed(Box::new(Draft {
        place,
        severity,
        confidence: confidence(project, f, false),
        message: format!("the process that `{name}` starts keeps running when the time limit of the wait ends"),
        recommendation: "Where the wait ends, `kill()` the process and `wait()` for it, in a `finally` or where \
                         `TimeoutError` is caught"
            .to_owned(),
        effort: Effort::S,
        steps: vec![
            project.step(f, started, "the process is started"),
            project.step(f, wait, "waits for it, but not for ever"),
        ],
        evidence: vec![context_evidence(project, f)],
        facts,
    }))
}
