//! `long_held_transaction`: a transaction that waits, also for a second connection, or spans more than 50
//! lines of code.

use super::held::{Found, find, harmless, open_step, transaction_words};
use super::nested::{Known, Nested, nested, steps};
use crate::analysis::{Extent, FuncId, Handle, How, Opened, Project, Site, SiteKind, source_of};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_evidence, context_facts, place_of};
use crate::libraries::{Effects, RunContext};
use crate::model::{Body, Const, OpKind, Region, RegionKind, ValueId, Wide};
use crate::order::InOrder as _;
use crate::report::model::{Confidence, Effort, Severity};
use std::collections::BTreeSet;

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct LongHeldTransaction;

/// What may hold a transaction for long.
#[derive(Clone, Debug)]
pub enum Candidate {
    /// It waits at these sites.
    Waits(Handle, Opened, Vec<(usize, Effects)>),
    /// It spans this many lines of code.
    Lines(Handle, Opened, usize),
    /// It holds one connection while a second is taken.
    Nested(Box<Nested>),
    /// Cleared with a reason.
    Cleared(String),
}

const WAITING: Effects = Effects::SLEEP.with(Effects::ASYNC_SLEEP).with(Effects::WAITS);
const FOREIGN: Effects = Effects::ANY_FOREIGN.with(Effects::PUBLISH).with(Effects::SUBPROCESS);
const WRITES: Effects = Effects::ANY_WRITE.with(Effects::DB_FLUSH).with(Effects::DB_EXECUTE);
/// More lines than this are long.
const LINES: usize = 50;
/// A wait further away than this is hardly this transaction's business.
const FARTHEST: usize = 6;

impl Check for LongHeldTransaction {
    const ID: &'static str = "long_held_transaction";
    type Candidate = Candidate;

    fn candidates(cx: Cx<'_>) -> Candidates<Candidate> {
        let project = cx.project;
        let mut found = Vec::new();
        let mut transactions = 0;
        let mut known = Known::default();
        for f in project.code().func_ids() {
            let extents = &project.transactions().of(f).extents;
            transactions += extents.len();
            let mut waiting = BTreeSet::new();
            for one in find(cx, f, WAITING) {
                match one {
                    Found::Open(handle, opened, hits) => {
                        let hits: Vec<(usize, Effects)> = hits.iter().map(|hit| (hit.site, hit.effects)).collect();
                        let Some(site) = hits.first().and_then(|(i, _)| project.sites(f).get(*i)) else { continue };
                        waiting.insert(opened.op);
                        found.push((place_of(project, f, site.op), Candidate::Waits(handle, opened, hits)));
                    }
                    Found::Cleared(hit, reason) => {
                        if let Some(site) = project.sites(f).get(hit.site) {
                            found.push((place_of(project, f, site.op), Candidate::Cleared(reason)));
                        }
                    }
                }
            }
            for one in nested(project, f, &mut known) {
                waiting.insert(one.opened.op);
                found.push((place_of(project, f, one.op), Candidate::Nested(Box::new(one))));
            }
            let mut seen = BTreeSet::new();
            for extent in extents {
                let lines = code_lines(project, f, extent);
                if lines <= LINES || waiting.contains(&extent.opened.op) || !counts(project, f, extent) {
                    continue;
                }
                if seen.insert(extent.opened.op) {
                    let place = match extent.opened.op {
                        Some(op) => place_of(project, f, op),
                        None => Place { func: f, op: None, span: project.code().func(f).name_span },
                    };
                    found.push((place, Candidate::Lines(extent.handle.clone(), extent.opened, lines)));
                }
            }
        }
        if transactions == 0 && found.is_empty() {
            return Candidates::Nothing("no transaction was found");
        }
        found.order_by_key(|(place, _)| *place);
        Candidates::Found(found, format!("{transactions} transactions"))
    }

    fn judge(cx: Cx<'_>, place: Place, candidate: &Candidate) -> Judgement {
        let project = cx.project;
        let f = place.func;
        match candidate {
            Candidate::Cleared(reason) => Judgement::Rejected(reason.clone()),
            Candidate::Lines(handle, opened, lines) => {
                let transaction = transaction_words(project, f, handle, opened);
                Judgement::Confirmed(Box::new(Draft {
                    place,
                    severity: Severity::Medium,
                    confidence: confidence(project, f, false),
                    message: format!("{transaction} spans {lines} lines of code"),
                    recommendation:
                        "Prepare everything before the transaction begins and keep only the statements that \
                                     must succeed together inside"
                            .to_owned(),
                    effort: Effort::M,
                    steps: vec![open_step(project, f, opened)],
                    evidence: vec![context_evidence(project, f)],
                    facts: context_facts(cx, f),
                }))
            }
            Candidate::Nested(one) => {
                let what = project.describe(f, one.op);
                let transaction = transaction_words(project, f, &one.handle, &one.opened);
                Judgement::Confirmed(Box::new(Draft {
                    place,
                    severity: Severity::Medium,
                    confidence: confidence(project, f, false),
                    message: format!("`{what}` takes a second connection while {transaction} holds the first"),
                    recommendation: "Hand the open session on, or leave its block before the call: when all \
                                     connections of the pool are held this way, every holder waits for ever"
                        .to_owned(),
                    effort: Effort::M,
                    steps: steps(project, f, one),
                    evidence: vec![context_evidence(project, f)],
                    facts: context_facts(cx, f),
                }))
            }
            Candidate::Waits(handle, opened, hits) => waits(cx, f, handle, opened, hits),
        }
    }
}

fn waits(cx: Cx<'_>, f: FuncId, handle: &Handle, opened: &Opened, hits: &[(usize, Effects)]) -> Judgement {
    let project = cx.project;
    if let Some(reason) = harmless(project, f, opened) {
        return Judgement::Rejected(reason);
    }
    let mut reason = "the wait is not reached".to_owned();
    let mut first: Option<Draft> = None;
    let mut sleeps = false;
    for (index, effects) in hits {
        let Some(site) = project.sites(f).get(*index) else { continue };
        let Some((path, by_name)) = project.path_to(f, site, *effects) else { continue };
        if path.len() > FARTHEST {
            reason = format!("the wait is {} calls away", path.len() - 1);
            continue;
        }
        if after_failure(project, f, opened, site) {
            reason = "waits only while the database does not answer".to_owned();
            continue;
        }
        if project.end_of(f, site, *effects).is_some_and(|(g, op)| project.for_debugging(g, op)) {
            reason = "waits only where somebody debugs".to_owned();
            continue;
        }
        if let Some(why) = no_wait(project, f, site, *effects, path.len()) {
            reason = why;
            continue;
        }
        if path.len() > 1 && project.usual_path(f, site, *effects).is_none() {
            reason = "waits only on failure or with other arguments".to_owned();
            continue;
        }
        if let Some(draft) = &mut first {
            if draft.steps.len() < 12 && draft.place.op != Some(site.op) {
                draft.steps.push(project.step(f, site.op, format!("{} as well", project.site_name(f, site))));
            }
            continue;
        }
        let mut steps = vec![open_step(project, f, opened)];
        let end = project.end_of(f, site, *effects);
        let end = end.and_then(|(g, op)| project.sites_at(g, op).find(|s| s.effects.any(*effects)));
        sleeps = end.is_some_and(|s| s.effects.any(Effects::SLEEP.with(Effects::ASYNC_SLEEP)));
        let verb = if sleeps { "sleeps" } else { "waits" };
        steps.extend(path);
        let transaction = transaction_words(project, f, handle, opened);
        first = Some(Draft {
            place: place_of(project, f, site.op),
            severity: Severity::High,
            confidence: confidence(project, f, by_name),
            message: format!("{} {verb} while {transaction} is open", project.site_name(f, site)),
            recommendation: "Wait outside: commit before the wait and begin a new short transaction after it"
                .to_owned(),
            effort: Effort::M,
            steps,
            evidence: vec![context_evidence(project, f)],
            facts: context_facts(cx, f),
        });
    }
    let Some(draft) = first else { return Judgement::Rejected(reason) };
    if draft.confidence == Confidence::Low {
        return Judgement::NeedsContext(Box::new(draft), "the callee was found by its name only".into());
    }
    // `click.confirm("Commit?")`: somebody sits before it.
    if !sleeps && matches!(project.context(f), RunContext::Script | RunContext::Startup) {
        let missing = "whether anybody waits for the locks of a command is not seen";
        return Judgement::NeedsContext(Box::new(draft), missing.into());
    }
    Judgement::Confirmed(Box::new(draft))
}

/// Why a site that has a waiting effect does not wait for somebody else.
fn no_wait(project: &Project, f: FuncId, site: &Site, effects: Effects, distance: usize) -> Option<String> {
    let (g, op) = project.end_of(f, site, effects)?;
    let body = project.code().body(g);
    for end in project.sites_at(g, op).filter(|s| s.effects.any(effects)) {
        if end.effects.any(FOREIGN) {
            return Some("a call to another service: see scope_too_wide".to_owned());
        }
        if let Some(OpKind::Call { args, .. }) = body.op(op).map(|op| &op.kind)
            && end.effects.any(Effects::SLEEP.with(Effects::ASYNC_SLEEP))
            && let Some(OpKind::Const(Const::Int(Wide(0)))) =
                args.first().and_then(|arg| body.op(arg.value)).map(|op| &op.kind)
        {
            return Some("sleep(0) only yields".to_owned());
        }
        let sleeps = end.effects.any(Effects::SLEEP.with(Effects::ASYNC_SLEEP));
        if sleeps && distance > 1 && (in_handler(body, op) || tries_again(project, g, op)) {
            return Some("sleeps only before it tries again, after an error".to_owned());
        }
        let name = match end.kind {
            SiteKind::Library(row) => row.callee,
            SiteKind::Enter(class) => project.text(class),
            _ => "",
        };
        if matches!(
            name,
            "asyncio.gather"
                | "asgiref.sync.async_to_sync"
                | "asyncio.wait_for"
                | "asyncio.wait"
                | "asyncio.timeout"
                | "asyncio.TaskGroup"
                | "anyio.abc.TaskGroup"
                | "asyncio.as_completed"
        ) {
            return Some("waits only for what it is given, which is judged by itself".to_owned());
        }
        if name.starts_with("psycopg_pool") || name.starts_with("asyncpg") {
            return Some("waits for the database itself".to_owned());
        }
        if name.ends_with(".put") {
            return Some("only a full queue makes `put` wait".to_owned());
        }
        if is_asked_first(project, g, op) {
            return Some("it is asked first whether there is anything to wait for".to_owned());
        }
        if is_lock(name) && distance > 1 {
            return Some("a lock that a callee holds for itself".to_owned());
        }
        if is_lock(name) && holds_memory(project, g, op) {
            return Some("the lock is held for values in memory".to_owned());
        }
    }
    None
}

/// `while not queue.empty(): queue.get()`
fn is_asked_first(project: &Project, f: FuncId, op: ValueId) -> bool {
    let body = project.code().body(f);
    let receiver = |call: ValueId| {
        let (base, name, _) = body.method(call)?;
        Some((project.describe(f, base), project.text(name)))
    };
    let Some((queue, "get")) = receiver(op) else { return false };
    (0..op.0)
        .map(ValueId)
        .any(|v| receiver(v).is_some_and(|(other, name)| other == queue && matches!(name, "empty" | "qsize")))
}

/// `if connect(session): break` before the wait, where `connect` says by its result that it failed.
fn after_failure(project: &Project, f: FuncId, opened: &Opened, site: &Site) -> bool {
    let (How::Callee(g), Some(tried)) = (opened.how, opened.op) else { return false };
    let (body, callee) = (project.code().body(f), project.code().body(g));
    let says = |truth: bool| {
        (0_u32..).zip(&callee.ops).any(|(at, op)| {
            let OpKind::Return(Some(v)) = op.kind else { return false };
            let said =
                matches!(callee.op(v).map(|op| &op.kind), Some(OpKind::Const(Const::Bool(said))) if *said == truth);
            said && in_handler(callee, ValueId(at)) != truth
        })
    };
    let leaves = body.taken_arms().any(|(region, cond)| {
        let last = body.last_in(region);
        let left = last.is_some_and(|op| matches!(op.kind, OpKind::Break | OpKind::Return(_)));
        cond == tried && left && region.end <= site.op.0
    });
    leaves && says(true) && says(false)
}

/// `if is_broken(path): sleep(1)`, `download(path)`: what came before it is called once more.
fn tries_again(project: &Project, f: FuncId, op: ValueId) -> bool {
    let body = project.code().body(f);
    let called = |v: ValueId| match body.op(v).map(|op| &op.kind) {
        Some(OpKind::Call { callee, .. }) => Some(project.describe(f, *callee)),
        _ => None,
    };
    body.taken_arms().any(|(arm, _)| {
        let inside = arm.start <= op.0 && op.0 < arm.end;
        let again = || (op.0 + 1..arm.end).filter_map(|i| called(ValueId(i)));
        let before: Vec<String> = (0..arm.start).filter_map(|i| called(ValueId(i))).collect();
        inside && again().any(|name| before.contains(&name))
    })
}

/// `with lock:` around nothing but assignments.
fn holds_memory(project: &Project, f: FuncId, op: ValueId) -> bool {
    let body = project.code().body(f);
    body.regions.iter().any(|region| {
        let RegionKind::With { manager, .. } = region.kind else { return false };
        let entered = (manager == op || source_of(body, manager) == source_of(body, op))
            || region.start <= op.0 && op.0 <= region.start + 1;
        let acts = |site: &Site| {
            region.start < site.op.0 && site.op.0 < region.end && site.op != op && !project.effects_of(site).is_empty()
        };
        entered && !project.sites(f).iter().any(acts)
    })
}

fn in_handler(body: &Body, op: ValueId) -> bool {
    body.regions.iter().any(|r| matches!(r.kind, RegionKind::Handler { .. }) && r.start <= op.0 && op.0 < r.end)
}

fn is_lock(name: &str) -> bool {
    ["Lock", "Condition", "Semaphore", "CapacityLimiter"].iter().any(|word| name.contains(word))
}

/// Whether the length of this transaction says anything: somebody made it a transaction.
fn counts(project: &Project, f: FuncId, extent: &Extent) -> bool {
    if matches!(project.context(f), RunContext::Test | RunContext::Migration | RunContext::Script | RunContext::Startup)
    {
        return false;
    }
    match extent.opened.how {
        How::Begin | How::Decorator => true,
        How::Statement => {
            let ended = project.sites_at(f, ValueId(extent.end)).any(|s| s.effects.any(Effects::COMMIT));
            extent.opened.writes && extent.block.is_none() && ended
        }
        How::Callee(_) | How::Request => false,
    }
}

/// Lines with code between the begin and the end; of a session that begins by itself, from its first
/// write, because reads lock nothing.
fn code_lines(project: &Project, f: FuncId, extent: &Extent) -> usize {
    let body = project.code().body(f);
    let mut start = extent.opened.op.map_or(0, |op| op.0 + 1);
    if extent.opened.how == How::Statement {
        let inside = |op: ValueId| start <= op.0 + 1 && op.0 < extent.end;
        let writes = |site: &&Site| inside(site.op) && project.effects_of(site).any(WRITES);
        let first = project.sites(f).iter().find(writes);
        start = first.map_or(extent.end, |site| site.op.0);
    }
    longest_way(body, start, extent.end)
}

/// The most lines with code that one run goes through between two ops: of the arms of a branch one, and after one that
/// leaves nothing.
fn longest_way(body: &Body, start: u32, end: u32) -> usize {
    let lines = |from: u32, to: u32, without: &[(u32, u32)]| {
        let run = |i: &u32| !without.iter().any(|(from, to)| from <= i && i < to);
        let at = |i: u32| body.span(ValueId(i)).map(|span| span.line);
        (from..to).filter(run).filter_map(at).collect::<BTreeSet<_>>().len()
    };
    let mut skipped: Vec<(u32, u32)> = Vec::new();
    let mut longest = 0;
    for (id, branch) in body.regions.iter().enumerate() {
        if branch.kind != RegionKind::Branch || branch.start < start || end < branch.end {
            continue;
        }
        let arms: Vec<&Region> = body
            .regions
            .iter()
            .filter(|arm| arm.parent.0 as usize == id && matches!(arm.kind, RegionKind::Arm { .. }))
            .collect();
        let main = arms.iter().filter(|arm| !body.leaves(arm)).max_by_key(|arm| lines(arm.start, arm.end, &skipped));
        let main = main.map(|arm| arm.start);
        for arm in arms {
            if body.leaves(arm) {
                longest = longest.max(lines(start, arm.end, &skipped));
            }
            if Some(arm.start) != main {
                skipped.push((arm.start, arm.end));
            }
        }
    }
    longest.max(lines(start, end, &skipped))
}
