//! Waiting on the event loop for another thread or process: the result of a future, a thread to end, a queue.

use super::handed::Guess;
use super::on_loop::OnLoop;
use crate::analysis::{FuncId, Project, Site, SiteKind, source_of};
use crate::checks::check::Place;
use crate::checks::support::place_of;
use crate::libraries::{Effects, Place as Where, RunContext};
use crate::model::{ArgKind, Body, Const, OpKind, ValueId, Wide};

/// What takes a lock waits for as long as others hold it, which is a moment as a rule.
const LOCKS: &[&str] =
    &["threading.Lock", "threading.RLock", "threading.Semaphore", "threading.Condition", "threading.Barrier"];

/// The first such wait of each asynchronous function, per callee.
pub(super) fn candidates(project: &Project) -> Vec<(Place, OnLoop)> {
    let code = project.code();
    let mut out = Vec::new();
    for f in code.func_ids() {
        if !code.func(f).is_async || project.context(f) == RunContext::Test {
            continue;
        }
        let body = code.body(f);
        let mut told: Vec<&str> = Vec::new();
        for site in project.sites(f) {
            let Some(callee) = waits(site) else { continue };
            if told.contains(&callee) || over_or_not_waiting(project, f, body, site.op) {
                continue;
            }
            told.push(callee);
            let message = format!(
                "`{}` waits for another thread or process and holds the event loop in `{}`",
                project.describe(f, site.op),
                project.func_name(f)
            );
            let step = (f, site.op, "nothing else runs on the loop until that is done".to_owned());
            let advice = "Await it instead: `await loop.run_in_executor(…)`, `await asyncio.to_thread(…)`, or \
                          `await asyncio.wrap_future(future)`; an `asyncio.Queue` in place of `queue.Queue`";
            let guess = Guess { message, step, by_name: false, advice: Some(advice) };
            out.push((place_of(project, f, site.op), OnLoop::Guessed(guess)));
        }
    }
    out
}

/// The callee, when a site waits here for what runs elsewhere and does nothing more.
fn waits(site: &Site) -> Option<&'static str> {
    let SiteKind::Library(row) = site.kind else { return None };
    let other = ["concurrent.futures", "threading.", "multiprocessing.", "queue."];
    let holds = site.place == Where::Here
        && !site.awaited
        && !site.is_async
        && site.effects.any(Effects::WAITS)
        && site.effects.any(Effects::BLOCKS);
    let known = other.iter().any(|module| row.callee.starts_with(module))
        && !LOCKS.iter().any(|lock| row.callee.starts_with(lock))
        && !row.callee.ends_with(".shutdown")
        // Only a full queue makes `put` wait.
        && !row.callee.ends_with(".put");
    (holds && known).then_some(row.callee)
}

/// `queue.get(block=False)`, `thread.join(timeout=0)`; a future or thread that the function has asked before whether
/// it is done.
fn over_or_not_waiting(project: &Project, f: FuncId, body: &Body, op: ValueId) -> bool {
    let Some(OpKind::Call { callee, args }) = body.op(op).map(|op| &op.kind) else { return false };
    let polls = args.iter().any(|arg| {
        let value = body.op(arg.value).map(|op| &op.kind);
        match arg.kind {
            ArgKind::Named(name) if project.text(name) == "timeout" => {
                matches!(value, Some(OpKind::Const(Const::Int(Wide(0)))))
            }
            _ => matches!(value, Some(OpKind::Const(Const::Bool(false)))),
        }
    });
    let Some(OpKind::Attr { base, .. }) = body.op(*callee).map(|op| &op.kind) else { return polls };
    let object = source_of(body, *base);
    let asked = || {
        body.ops.iter().any(|op| match op.kind {
            OpKind::Attr { base, name } => {
                matches!(project.text(name), "done" | "is_alive" | "empty" | "qsize" | "full" | "ready")
                    && (source_of(body, base) == object || project.describe(f, base) == project.describe(f, object))
            }
            // `await asyncio.wrap_future(future)`, `done, _ = await asyncio.wait(futures)`
            OpKind::Await(waited) => project.describe(f, waited).starts_with("asyncio.wrap_future"),
            _ => false,
        })
    };
    polls || asked()
}
