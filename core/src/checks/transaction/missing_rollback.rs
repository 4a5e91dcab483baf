//! `missing_rollback`: a commit whose error path leaves the session in a failed transaction.

use super::atomic_blocks::{self, Broken};
use super::error_paths::{
    Catches, Guard, Next, catches, guards, holds, in_savepoint, loops_around, managed, next, raises, undoes,
    used_after, used_in,
};
use super::held::handle_name;
use super::owners::{Owner, owner_of};
use crate::analysis::{
    Autobegin, End, FuncId, Handle, Project, Root, Site, SiteKind, argument, handed, handle_key, handle_of,
    on_given_connection, runs_elsewhere, sessions_of,
};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_evidence, context_facts, place_of};
use crate::libraries::{Effects, RunContext};
use crate::model::{OpKind, Region, RegionId, RegionKind, ValueId};
use crate::order::InOrder as _;
use crate::report::model::{Effort, Severity, Step};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct MissingRollback;

/// What may leave a failed transaction behind.
#[derive(Clone, Debug)]
pub enum Candidate {
    /// A commit.
    Commit(Handle),
    /// A handler that swallows errors of statements in its `try`; the session is used again.
    Swallows {
        /// The session.
        handle: Handle,
        /// The statement that fails.
        failing: ValueId,
        /// How it is used again, in words.
        again: String,
        /// The statement only reads.
        reads: bool,
    },
    /// A handler of such errors that asks the failed session before it leaves.
    Asks(Handle, ValueId, String),
    /// A session provider that rolls back errors but not cancellation.
    Cancelled(Handle),
    /// An `atomic` block of Django that goes on after an error.
    Atomic(Broken),
}

const WRITES: Effects = Effects(
    Effects::COMMIT.0
        | Effects::DB_FLUSH.0
        | Effects::DB_INSERT.0
        | Effects::DB_UPDATE.0
        | Effects::DB_DELETE.0
        | Effects::DB_EXECUTE.0,
);

impl Check for MissingRollback {
    const ID: &'static str = "missing_rollback";
    type Candidate = Candidate;

    fn candidates(cx: Cx<'_>) -> Candidates<Candidate> {
        let project = cx.project;
        let mut found = Vec::new();
        let mut commits = 0;
        for f in project.code().func_ids() {
            if matches!(project.context(f), RunContext::Test | RunContext::Migration)
                || !project.summary(f).effects.any(WRITES.with(Effects::ROLLBACK).with(Effects::DB_READ))
            {
                continue;
            }
            let guards = guards(project, f);
            let mut seen: Vec<Handle> = Vec::new();
            let mut read: Vec<Handle> = Vec::new();
            for guard in &guards {
                for (handle, place, candidate) in swallowed(project, f, guard, &guards) {
                    let reads = matches!(candidate, Candidate::Swallows { reads: true, .. });
                    if !(seen.contains(&handle) || reads && read.contains(&handle)) {
                        (if reads { &mut read } else { &mut seen }).push(handle);
                        found.push((place, candidate));
                    }
                }
                if let Some((place, candidate)) = cancelled(project, f, guard) {
                    found.push((place, candidate));
                }
            }
            found.extend(atomic_blocks::broken(project, f).into_iter().map(|(at, it)| (at, Candidate::Atomic(it))));
            for site in project.sites(f) {
                let SiteKind::Library(row) = site.kind else { continue };
                if !site.effects.any(Effects::COMMIT) || row.callee.starts_with("django.") || runs_elsewhere(site) {
                    continue;
                }
                commits += 1;
                let Some(OpKind::Call { callee, .. }) = project.code().op(f, site.op).map(|op| &op.kind) else {
                    continue;
                };
                let Some(OpKind::Attr { base, .. }) = project.code().op(f, *callee).map(|op| &op.kind) else {
                    continue;
                };
                let Some((handle, _)) = handle_of(project, f, *base) else { continue };
                if !seen.contains(&handle) {
                    seen.push(handle.clone());
                    found.push((place_of(project, f, site.op), Candidate::Commit(handle)));
                }
            }
        }
        if commits == 0 && found.is_empty() {
            return Candidates::Nothing("no commit was found");
        }
        found.order_by_key(|(place, _)| *place);
        once_per_object(project, &mut found);
        Candidates::Found(found, format!("{commits} commits"))
    }

    fn judge(cx: Cx<'_>, place: Place, candidate: &Candidate) -> Judgement {
        let project = cx.project;
        let f = place.func;
        match candidate {
            Candidate::Commit(handle) => commit(cx, place, handle),
            Candidate::Atomic(broken) => atomic_blocks::judge(cx, place, broken),
            Candidate::Cancelled(handle) => {
                let name = handle_name(project, f, handle);
                let message = format!(
                    "`except Exception` rolls `{name}` back, but a cancelled task passes it by without rollback"
                );
                let advice = "Catch `BaseException` (or `asyncio.CancelledError` as well), roll back and raise again";
                draft(cx, place, Severity::Low, message, advice, Vec::new(), false)
            }
            Candidate::Swallows { handle, failing, again, reads } => {
                let name = handle_name(project, f, handle);
                let message = format!("`{name}` is not rolled back when an error is swallowed, and {again}");
                let (severity, advice) = if *reads {
                    let advice = "Roll the session back in the handler before going on: on PostgreSQL a statement \
                                  that fails spoils the transaction, whatever it was";
                    (Severity::Medium, advice)
                } else {
                    let advice = "Roll the session back in the handler before going on, or let the error pass to the \
                                  block that owns the session";
                    (Severity::High, advice)
                };
                let step = project.step(f, *failing, format!("`{}` fails", project.describe(f, *failing)));
                match draft(cx, place, severity, message, advice, vec![step], true) {
                    Judgement::Confirmed(draft) if *reads => {
                        Judgement::NeedsContext(draft, "only rows are read: whether that can fail is not seen".into())
                    }
                    other => other,
                }
            }
            Candidate::Asks(handle, failing, line) => {
                let name = handle_name(project, f, handle);
                let message = format!("`{name}` may have failed when its handler uses it again in line {line}");
                let advice = "Roll the session back first, or put the statement that may fail into a savepoint";
                let step = project.step(f, *failing, format!("`{}` fails", project.describe(f, *failing)));
                draft(cx, place, Severity::Medium, message, advice, vec![step], true)
            }
        }
    }
}

/// The session that an object keeps is one defect, however many of its methods commit.
fn once_per_object(project: &Project, found: &mut Vec<(Place, Candidate)>) {
    let mut seen = Vec::new();
    found.retain(|(place, candidate)| {
        let Candidate::Commit(handle) = candidate else { return true };
        let Some(class) = project.code().class_of(place.func) else { return true };
        if handle.root != Root::Param(0)
            || handle.path.is_empty()
            || !matches!(owner_of(project, place.func, handle), Owner::Shared(_))
            || matches!(project.context(place.func), RunContext::Script | RunContext::Startup)
        {
            return true;
        }
        let key = (class, handle.path.clone());
        let new = !seen.contains(&key);
        seen.push(key);
        new
    });
}

fn draft(
    cx: Cx<'_>,
    place: Place,
    severity: Severity,
    message: String,
    advice: &str,
    mut steps: Vec<Step>,
    reused: bool,
) -> Judgement {
    let f = place.func;
    let mut facts = context_facts(cx, f);
    facts.session_reused = reused;
    steps.push(cx.project.step_at(f, place.span, "no rollback on this path"));
    Judgement::Confirmed(Box::new(Draft {
        place,
        severity,
        confidence: confidence(cx.project, f, false),
        message,
        recommendation: advice.to_owned(),
        effort: Effort::S,
        steps,
        evidence: vec![context_evidence(cx.project, f)],
        facts,
    }))
}

const OWN_BLOCK: &str = "Use `with factory.begin() as session:`, which commits, rolls back on any error and closes";

fn commit(cx: Cx<'_>, place: Place, handle: &Handle) -> Judgement {
    let project = cx.project;
    let f = place.func;
    let Some(op) = place.op else { return Judgement::Rejected("no commit".into()) };
    let line = |v: ValueId| project.code().span(f, v).map_or(0, |span| span.line);
    if let Root::Value(made) = handle.root
        && handle.path.is_empty()
        && on_given_connection(project, f, made)
    {
        return Judgement::Rejected("works on a connection whose owner ends the transaction".into());
    }
    if let Some(manager) = managed(project, f, op, handle) {
        let reason = format!("the context manager in line {} ends it", line(manager));
        return Judgement::Rejected(reason);
    }
    let mut partly = None;
    for guard in guards(project, f).iter().filter(|guard| holds(guard.whole, op)) {
        for handler in guard.handlers.iter().filter(|_| holds(guard.body, op)) {
            if !undoes(project, f, handler, handle) {
                continue;
            }
            if catches(project, f, handler) >= Catches::Database {
                return Judgement::Rejected(format!("rolled back in the handler in line {}", handler.span.line));
            }
            partly = Some(*handler);
        }
        if let Some(finally) = guard.finally
            && undoes(project, f, finally, handle)
        {
            return Judgement::Rejected(format!("closed in the `finally` in line {}", finally.span.line));
        }
    }
    let name = handle_name(project, f, handle);
    let (severity, reused, what, advice) = match owner_of(project, f, handle) {
        Owner::Rejected(reason) => return Judgement::Rejected(reason),
        Owner::Unknown => return Judgement::Rejected("where the session comes from is not seen".into()),
        Owner::Shared(whose) => {
            let advice = "Roll back in an `except` that raises again, or use a session of its own per unit of work";
            (Severity::High, true, format!("which {whose} keeps"), advice)
        }
        Owner::Provided(provider) => {
            let advice = "Make the dependency a generator that closes the session in `finally`";
            (Severity::Medium, false, format!("and `{provider}` neither closes nor rolls back"), advice)
        }
        Owner::Fresh => (Severity::Medium, false, "and nothing closes it".to_owned(), OWN_BLOCK),
    };
    if let Some(handler) = partly {
        let message = format!("only some errors of the commit of `{name}` are rolled back");
        let mut place = place;
        place.op = Some(op);
        let step = project.step_at(f, handler.span, "this handler rolls back");
        return draft(
            cx,
            place,
            Severity::Low,
            message,
            "Roll back on every exception and raise it again",
            vec![step],
            false,
        );
    }
    if matches!(project.context(f), RunContext::Script | RunContext::Startup) {
        return Judgement::Rejected("a script or start-up: the process ends with the error".into());
    }
    let message = format!("the commit of `{name}` has no rollback on its error path, {what}");
    draft(cx, place, severity, message, advice, Vec::new(), reused)
}

/// Whether function `f` asks or mends the state of a transaction anywhere.
fn looks_after(project: &Project, f: FuncId) -> bool {
    let names = ["rollback", "is_active", "in_transaction", "begin_nested", "invalidate", "close", "expunge_all"];
    let of = |kind: &OpKind| matches!(kind, OpKind::Attr { name, .. } if names.contains(&project.text(*name)));
    project.code().body(f).ops.iter().any(|op| of(&op.kind))
}

/// Handlers that swallow a database error although the session is used again.
fn swallowed(project: &Project, f: FuncId, guard: &Guard<'_>, all: &[Guard<'_>]) -> Vec<(Handle, Place, Candidate)> {
    let mut out: Vec<(Handle, Place, Candidate)> = Vec::new();
    let body = project.code().body(f);
    let mut caught = Catches::Others;
    for handler in &guard.handlers {
        let kind = catches(project, f, handler);
        // `except DBAPIError: raise` before it leaves it nothing of the database.
        let before = caught;
        caught = caught.max(kind);
        if kind == Catches::Others || before >= Catches::Database {
            continue;
        }
        let guarded = || project.sites(f).iter().filter(|site| holds(guard.body, site.op));
        // What writes comes first: one finding for a session.
        for (site, reads) in guarded().map(|site| (site, false)).chain(guarded().map(|site| (site, true))) {
            let effects = project.effects_of(site);
            let asked = if reads { effects.any(Effects::DB_READ) && !effects.any(WRITES) } else { effects.any(WRITES) };
            let seen = || matches!(site.kind, SiteKind::Library(_)) && !looks_after(project, f);
            if !asked || runs_elsewhere(site) || reads && (kind < Catches::Exceptions || !seen()) {
                continue;
            }
            for handle in sessions_of(project, f, site) {
                if undone_by_itself(project, f, site, &handle, 0) {
                    continue;
                }
                if handle.root == Root::Scoped && callee_ends(project, site) {
                    continue;
                }
                let known = out.iter().any(|(other, ..)| *other == handle);
                if known || !fails_as_a_whole(project, f, site.op, &handle) {
                    continue;
                }
                let inner = all.iter().filter(|g| g.whole.start > guard.whole.start && holds(g.body, site.op));
                let undone_inside = inner.into_iter().any(|g| {
                    g.handlers.iter().any(|h| catches(project, f, h) >= Catches::Some && undoes(project, f, h, &handle))
                        || g.finally.is_some_and(|region| undoes(project, f, region, &handle))
                });
                let outer = all.iter().filter(|g| holds(g.whole, ValueId(guard.whole.start)));
                let undone_after = outer.filter_map(|g| g.finally).any(|region| undoes(project, f, region, &handle));
                if undone_inside
                    || undoes(project, f, handler, &handle)
                    || in_savepoint(project, f, site.op, guard.body)
                {
                    continue;
                }
                let Some(again) = used_again(project, f, guard.whole, handler, &handle, undone_after) else { continue };
                // The commit is where a reader looks for the rollback; else the handler.
                let commit = project.sites(f).iter().find(|s| {
                    holds(guard.body, s.op)
                        && s.effects.any(Effects::COMMIT)
                        && sessions_of(project, f, s).contains(&handle)
                });
                let place = match commit {
                    Some(site) => place_of(project, f, site.op),
                    None => {
                        let first = (handler.start < handler.end).then_some(ValueId(handler.start));
                        let op = first.filter(|op| body.op(*op).is_some());
                        Place { func: f, op, span: handler.span }
                    }
                };
                let found = match again {
                    Again::Inside(_) if reads => continue,
                    Again::Inside(line) => Candidate::Asks(handle.clone(), site.op, line.to_string()),
                    Again::Later(again) => {
                        Candidate::Swallows { handle: handle.clone(), failing: site.op, again, reads }
                    }
                };
                out.push((handle, place, found));
            }
        }
    }
    out
}

/// Whether what the site runs rolls this session back by itself, whichever of its statements fails.
fn undone_by_itself(project: &Project, f: FuncId, site: &Site, handle: &Handle, depth: u32) -> bool {
    if !project.effects_of(site).any(Effects::ROLLBACK) {
        return false;
    }
    site.effects.any(Effects::ROLLBACK)
        || depth > 3
        || site.targets.iter().any(|target| {
            let g = target.func;
            // How the callee knows the session is not seen: it may roll back this one.
            let Some(inner) = handed(project, f, site.op, g, handle) else { return true };
            let guards = guards(project, g);
            let fails = |s: &&Site| {
                project.effects_of(s).any(WRITES) && !runs_elsewhere(s) && sessions_of(project, g, s).contains(&inner)
            };
            project.sites(g).iter().filter(fails).all(|s| {
                managed(project, g, s.op, &inner).is_some()
                    || undone_by_itself(project, g, s, &inner, depth + 1)
                    || guards.iter().filter(|guard| holds(guard.body, s.op)).any(|guard| {
                        let undone =
                            |h: &&Region| catches(project, g, h) >= Catches::Database && undoes(project, g, h, &inner);
                        guard.handlers.iter().any(undone)
                            || guard.finally.is_some_and(|region| undoes(project, g, region, &inner))
                    })
            })
        })
}

/// Whether the callees end the thread's session in a block of their own, which an error leaves too.
fn callee_ends(project: &Project, site: &Site) -> bool {
    let ends = |g: FuncId| {
        let exit = &project.transactions().of(g).exit;
        exit.iter().filter(|(handle, _)| handle.root == Root::Scoped).all(|(_, state)| {
            state.open.is_none() && state.ended.is_some_and(|ended| matches!(ended.how, End::Left | End::Close))
        })
    };
    site.effects.is_empty() && site.targets.iter().all(|target| ends(target.func))
}

/// Whether a failed statement spoils the session: not where statements commit one by one.
fn fails_as_a_whole(project: &Project, f: FuncId, op: ValueId, handle: &Handle) -> bool {
    let receiver = match project.code().op(f, op).map(|op| &op.kind) {
        Some(OpKind::Call { callee, .. }) => match project.code().op(f, *callee).map(|op| &op.kind) {
            Some(OpKind::Attr { base, .. }) => handle_of(project, f, *base),
            _ => None,
        },
        _ => None,
    };
    match receiver {
        Some((found, begins)) if found == *handle => begins != Autobegin::Never,
        _ => handle.root != Root::Ambient,
    }
}

/// How the session is used after it failed.
enum Again {
    /// In the handler, which then leaves: the line.
    Inside(u32),
    /// By what comes later, in words.
    Later(String),
}

/// How the session is used after the handler.
fn used_again(
    project: &Project,
    f: FuncId,
    guard: &Region,
    handler: &Region,
    handle: &Handle,
    undone_after: bool,
) -> Option<Again> {
    let (raised, goes) = (raises(project, f, handler), next(project, f, handler));
    if !raised && goes == Next::After && loops_around(project, f, guard, handle) {
        return Some(Again::Later("the next pass uses it again".to_owned()));
    }
    let inner = used_in(project, f, handler.start, handler.end, handle);
    if let Some(op) = inner.or_else(|| runs_in(project, f, handler, handle)) {
        let line = project.code().span(f, op).map_or(0, |span| span.line);
        return Some(if raised || goes == Next::Returns {
            Again::Inside(line)
        } else {
            Again::Later(format!("line {line} uses it again"))
        });
    }
    if raised || undone_after {
        return None;
    }
    if goes != Next::Returns
        && let Some(op) = used_after(project, f, guard, handle)
    {
        let line = project.code().span(f, op).map_or(0, |span| span.line);
        return Some(Again::Later(format!("line {line} uses it again")));
    }
    // A manager that is given the caller's session gives it on.
    let given = match handle.root {
        Root::Value(v) => match project.code().op(f, v).map(|op| &op.kind) {
            Some(OpKind::Call { args, .. }) => args.iter().find_map(|arg| {
                let (given, _) = handle_of(project, f, arg.value)?;
                (matches!(given.root, Root::Param(_)) && given.path.is_empty()).then_some(given)
            }),
            _ => None,
        },
        _ => None,
    };
    if given.is_none() && managed(project, f, ValueId(guard.start), handle).is_some() {
        return None;
    }
    let owned = given.as_ref().unwrap_or(handle);
    match owner_of(project, f, owned) {
        Owner::Shared(whose) => Some(Again::Later(format!("{whose} keeps it"))),
        _ if ended_with_request(project, f, owned) => Some(Again::Later("what ends the request commits it".to_owned())),
        Owner::Rejected(reason) if reason.contains("caller") => goes_on(project, f, owned, 0).map(Again::Later),
        _ => None,
    }
}

/// `request.db`, `self.request.dbsession`: Pyramid's transaction manager commits it when the view has answered.
fn ended_with_request(project: &Project, f: FuncId, handle: &Handle) -> bool {
    let is_request = |name: &str| name == "request";
    let root = match handle.root {
        Root::Param(i) => project.code().func(f).params.get(usize::from(i)).map(|param| project.text(param.name)),
        _ => return false,
    };
    let of_request = match handle.path.as_slice() {
        [_] => root.is_some_and(is_request),
        [owner, _] => is_request(project.text(*owner)),
        _ => false,
    };
    of_request && project.sym("pyramid.view").or_else(|| project.sym("pyramid.request")).is_some()
}

/// The first statement of a handler that runs on the session, also through an object that keeps it.
fn runs_in(project: &Project, f: FuncId, handler: &Region, handle: &Handle) -> Option<ValueId> {
    let runs = |site: &&Site| {
        holds(handler, site.op)
            && !runs_elsewhere(site)
            && project.effects_of(site).any(WRITES.with(Effects::DB_READ))
            && sessions_of(project, f, site).contains(handle)
    };
    project.sites(f).iter().find(runs).map(|site| site.op)
}

/// The caller that uses its session after a call of `f` that swallowed an error, in words.
fn goes_on(project: &Project, f: FuncId, handle: &Handle, depth: u32) -> Option<String> {
    let callers = project.callers(f);
    if callers.iter().all(|(g, _)| *g == f) {
        return (project.context(f) == RunContext::Library).then(|| "its owner goes on with it".to_owned());
    }
    let mut next = Vec::new();
    for (g, index) in callers.iter().filter(|(g, _)| *g != f) {
        let Some(site) = project.sites(*g).get(*index as usize) else { continue };
        if matches!(project.context(*g), RunContext::Test | RunContext::Migration) || runs_elsewhere(site) {
            continue;
        }
        let sessions = match handle.root {
            Root::Param(i) if handle.path.is_empty() => match argument(project, *g, site.op, f, i) {
                Some(arg) => vec![handle_of(project, *g, arg).map_or(handle_key(project, *g, arg), |(h, _)| h)],
                // A decorator or a default gives it.
                None => continue,
            },
            _ => sessions_of(project, *g, site),
        };
        let call = region_at(project, *g, site.op);
        let uses = |h: &Handle| used_after(project, *g, &call, h).is_some() || loops_around(project, *g, &call, h);
        if sessions.is_empty() || sessions.iter().any(uses) {
            return Some(format!("its owner `{}` goes on with it", project.func_name(*g)));
        }
        let handed =
            |h: &Handle| matches!(owner_of(project, *g, h), Owner::Rejected(reason) if reason.contains("caller"));
        next.extend(sessions.into_iter().find(handed).map(|h| (*g, h)));
    }
    if depth > 3 {
        return None;
    }
    next.into_iter().find_map(|(g, h)| goes_on(project, g, &h, depth + 1))
}

/// One op as a region: what comes after it is what comes after the region.
fn region_at(project: &Project, f: FuncId, op: ValueId) -> Region {
    let body = project.code().body(f);
    let parent = body.region_of_ops().get(op.0 as usize).copied().unwrap_or(RegionId::ROOT);
    let span = body.span(op).unwrap_or_default();
    Region { kind: RegionKind::Branch, parent, start: op.0, end: op.0 + 1, span }
}

/// An asynchronous session provider whose handler misses cancellation.
fn cancelled(project: &Project, f: FuncId, guard: &Guard<'_>) -> Option<(Place, Candidate)> {
    let function = project.code().func(f);
    if !function.is_async || !function.is_generator {
        return None;
    }
    let body = project.code().body(f);
    let (yielded, _) = body.ops.iter().enumerate().find_map(|(i, op)| match op.kind {
        OpKind::Yield(Some(v)) if holds(guard.body, ValueId(u32::try_from(i).ok()?)) => handle_of(project, f, v),
        _ => None,
    })?;
    let undoing = |h: &&&Region| undoes(project, f, h, &yielded);
    if guard.handlers.iter().any(|h| {
        let cancelled = matches!(&h.kind, RegionKind::Handler { types }
            if types.iter().any(|v| project.describe(f, *v).ends_with("CancelledError")));
        cancelled || catches(project, f, h) == Catches::All
    }) {
        return None;
    }
    let handler = guard.handlers.iter().filter(undoing).find(|h| catches(project, f, h) == Catches::Exceptions)?;
    // A rollback or transaction block in `finally` or around it covers every exception.
    let rolls_back = |region: &Region| {
        project.sites(f).iter().any(|s| holds(region, s.op) && project.effects_of(s).any(Effects::ROLLBACK))
    };
    if guard.finally.is_some_and(rolls_back) {
        return None;
    }
    let op = (handler.start < handler.end).then_some(ValueId(handler.start));
    Some((Place { func: f, op, span: handler.span }, Candidate::Cancelled(yielded)))
}
