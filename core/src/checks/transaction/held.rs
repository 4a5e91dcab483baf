//! What runs while a transaction is open: shared by `scope_too_wide` and `long_held_transaction`.

use crate::analysis::{End, FuncId, Handle, How, Opened, Project, Root, Site, States, runs_elsewhere, source_of};
use crate::checks::check::Cx;
use crate::libraries::{Effects, Place as Where, RunContext};
use crate::model::{ArgKind, Const, OpKind, ValueId};
use crate::report::model::Step;

/// Something slow or foreign in the range of a transaction.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    /// Index of the site.
    pub site: usize,
    /// What it does, of the effects asked for.
    pub effects: Effects,
}

/// Hits of one transaction, or one hit that a named reason clears.
#[derive(Clone, Debug)]
pub(super) enum Found {
    /// While this transaction is open.
    Open(Handle, Opened, Vec<Hit>),
    /// Cleared.
    Cleared(Hit, String),
}

/// The settings say that every request is a transaction.
fn atomic_requests(cx: Cx<'_>) -> bool {
    cx.context.db_config.settings.get("ATOMIC_REQUESTS").is_some_and(|value| value.contains("True"))
}

/// Finds what has one of `wanted` while a transaction is open, and what looks like it.
pub(super) fn find(cx: Cx<'_>, f: FuncId, wanted: Effects) -> Vec<Found> {
    let project = cx.project;
    let requests = atomic_requests(cx);
    let mut out: Vec<Found> = Vec::new();
    if matches!(project.context(f), RunContext::Test | RunContext::Migration) {
        return out;
    }
    for (index, states) in &project.transactions().of(f).at {
        let Some(site) = project.sites(f).get(*index) else { continue };
        let elsewhere = runs_elsewhere(site);
        let mut effects = if elsewhere { site.effects } else { project.effects_of(site) };
        if elsewhere {
            for target in &site.targets {
                effects |= project.summary(target.func).effects;
            }
        }
        let hit = Hit { site: *index, effects: Effects(effects.0 & wanted.0) };
        if hit.effects.is_empty() {
            continue;
        }
        let Some((handle, opened)) = open_in(states, requests) else {
            if !elsewhere && let Some(reason) = ended(project, f, states) {
                out.push(Found::Cleared(hit, reason));
            }
            continue;
        };
        if elsewhere {
            out.push(Found::Cleared(hit, elsewhere_reason(project, f, site)));
            continue;
        }
        match on_the_way(cx, f, site, wanted, requests) {
            Some(Callee::Reports) => continue,
            Some(Callee::Clears(reason)) => {
                out.push(Found::Cleared(hit, reason));
                continue;
            }
            None => {}
        }
        let same = out.iter_mut().find_map(|found| match found {
            Found::Open(h, o, hits) if *h == handle && o.op == opened.op => Some(hits),
            _ => None,
        });
        match same {
            Some(hits) => hits.push(hit),
            None => out.push(Found::Open(handle, opened, vec![hit])),
        }
    }
    out
}

/// The open transaction, an explicit one first.
fn open_in(states: &States, requests: bool) -> Option<(Handle, Opened)> {
    let open = states.iter().filter_map(|(handle, state)| Some((handle.clone(), state.open?)));
    open.filter(|(_, opened)| requests || opened.how != How::Request).min_by_key(|(_, opened)| match opened.how {
        How::Begin => 0,
        How::Decorator => 1,
        How::Statement | How::Callee(_) => 2,
        How::Request => 3,
    })
}

fn ended(project: &Project, f: FuncId, states: &States) -> Option<String> {
    let ended = states.values().filter(|state| state.open.is_none()).find_map(|state| state.ended)?;
    let line = project.code().span(f, ended.op).map_or(0, |span| span.line);
    Some(match ended.how {
        End::Commit => format!("the commit in line {line} comes first"),
        End::Rollback => format!("the transaction is rolled back in line {line} before"),
        End::Close => format!("the session is closed in line {line} before"),
        End::Left => format!("the block that opens in line {line} is left before"),
    })
}

fn elsewhere_reason(project: &Project, f: FuncId, site: &Site) -> String {
    let name = project.site_name(f, site);
    match site.place {
        Where::AfterCommit => format!("{name} runs it after the commit (on_commit)"),
        Where::AfterResponse => format!("{name} runs it elsewhere, after the response"),
        _ => format!("{name} only starts it; it runs elsewhere"),
    }
}

/// What a function on the way to the effect says.
enum Callee {
    /// It has a transaction of its own open there: the finding is its own.
    Reports,
    /// It ends the transaction that it was handed before, or runs later.
    Clears(String),
}

fn on_the_way(cx: Cx<'_>, f: FuncId, site: &Site, wanted: Effects, requests: bool) -> Option<Callee> {
    let project = cx.project;
    if site.effects.any(wanted) {
        return None;
    }
    let target = site.targets.iter().find(|t| project.summary(t.func).effects.any(wanted))?;
    let mut at = target.func;
    if is_generator_left_alone(project, f, site, at) {
        let reason = format!("`{}` is a generator: it runs when it is consumed", project.func_name(at));
        return Some(Callee::Clears(reason));
    }
    for _ in 0..24 {
        if at == f {
            return None;
        }
        let witness = project.summary(at).witness(wanted)?;
        let sites = project.sites(at);
        let own = project
            .transactions()
            .of(at)
            .at
            .iter()
            .find(|(index, _)| sites.get(*index).is_some_and(|s| s.op == witness.op && !runs_elsewhere(s)));
        if let Some((_, states)) = own {
            if open_in(states, requests).is_some() {
                return Some(Callee::Reports);
            }
            let handed = states.iter().filter(|(handle, _)| !matches!(handle.root, Root::Value(_)));
            if handed.filter_map(|(_, state)| state.ended).any(|ended| ended.how != End::Left) {
                let reason = format!("`{}` ends the transaction before", project.func_name(at));
                return Some(Callee::Clears(reason));
            }
        }
        at = witness.callee?;
    }
    None
}

/// A generator that is called but not iterated here.
fn is_generator_left_alone(project: &Project, f: FuncId, site: &Site, g: FuncId) -> bool {
    let function = project.code().func(g);
    if !function.is_generator || project.decorators(g).iter().any(|name| name.contains("contextmanager")) {
        return false;
    }
    let body = project.code().body(f);
    !body.ops.iter().any(|op| match op.kind {
        OpKind::Element(v) | OpKind::YieldFrom(v) | OpKind::Enter { manager: v, .. } => source_of(body, v) == site.op,
        _ => false,
    })
}

/// A session's name in this code's words.
pub(super) fn handle_name(project: &Project, f: FuncId, handle: &Handle) -> String {
    let mut name = match &handle.root {
        Root::Value(v) => project.describe(f, *v),
        Root::Param(i) => {
            let param = project.code().func(f).params.get(usize::from(*i));
            param.map_or_else(|| "session".to_owned(), |p| project.text(p.name).to_owned())
        }
        Root::Captured(_, name) | Root::Global(name) => project.text(*name).to_owned(),
        Root::Ambient => "atomic".to_owned(),
        Root::Scoped => "session".to_owned(),
    };
    for part in &handle.path {
        name.push('.');
        name.push_str(project.text(*part));
    }
    name
}

/// The transaction in words: `the transaction of `session``.
pub(super) fn transaction_words(project: &Project, f: FuncId, handle: &Handle, opened: &Opened) -> String {
    match (opened.how, &handle.root) {
        (How::Request, _) => "the request's transaction (`ATOMIC_REQUESTS`)".to_owned(),
        (How::Decorator, _) => format!("the transaction around `{}`", project.func_name(f)),
        (_, Root::Ambient) => "the `atomic` block".to_owned(),
        _ => format!("the transaction of `{}`", handle_name(project, f, handle)),
    }
}

/// The step that opens it.
pub(super) fn open_step(project: &Project, f: FuncId, opened: &Opened) -> Step {
    let Some(op) = opened.op else {
        let message = match opened.how {
            How::Request => "every request runs in a transaction: `ATOMIC_REQUESTS` is on",
            _ => "the decorator opens the transaction",
        };
        return project.step_at(f, project.code().func(f).name_span, message);
    };
    let name = project.describe(f, op);
    let message = match opened.how {
        How::Statement => format!("`{name}` is the first statement: the session begins a transaction"),
        How::Callee(g) => format!("`{}` leaves a transaction open", project.func_name(g)),
        _ => format!("`{name}` opens the transaction"),
    };
    project.step(f, op, message)
}

/// Reads outside of servers: nobody waits for such a transaction.
pub(super) fn harmless(project: &Project, f: FuncId, opened: &Opened) -> Option<String> {
    let implicit = matches!(opened.how, How::Statement | How::Callee(_));
    let alone = matches!(project.context(f), RunContext::Startup | RunContext::Script);
    (implicit && !opened.writes && alone).then(|| "only reads, at start-up or in a script".to_owned())
}

/// Whether an argument of the call limits its time.
pub(super) fn has_timeout(project: &Project, f: FuncId, op: ValueId) -> bool {
    let body = project.code().body(f);
    let Some(OpKind::Call { args, .. }) = body.op(op).map(|op| &op.kind) else { return false };
    args.iter().any(|arg| {
        matches!(arg.kind, ArgKind::Named(name) if project.text(name).contains("timeout"))
            && !matches!(body.op(arg.value).map(|op| &op.kind), Some(OpKind::Const(Const::None)))
    })
}
