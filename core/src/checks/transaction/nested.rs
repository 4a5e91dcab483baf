//! A second connection that is taken while a transaction holds the first: by a callee with a session of
//! its own, or by a block inside the block.

use super::held::{open_step, transaction_words};
use crate::analysis::{
    FuncId, Handle, Opened, OwnSession, Project, Root, Site, Type, handed, is_fresh, own_sessions, sessions_of,
};
use crate::libraries::RunContext;
use crate::model::{OpKind, RegionKind, ValueId};
use crate::report::model::Step;
use rustc_hash::FxHashMap;

/// A transaction that holds one connection while a second is taken.
#[derive(Clone, Debug)]
pub struct Nested {
    /// The open session.
    pub handle: Handle,
    /// What opened its transaction.
    pub opened: Opened,
    /// The op in the function that takes the second, or calls what does.
    pub op: ValueId,
    /// Functions called on the way to the second session.
    pub path: Vec<(FuncId, ValueId)>,
    /// The function that takes it, and where.
    pub own: (FuncId, OwnSession),
}

/// Sessions of their own, by function.
pub(super) type Known = FxHashMap<FuncId, Vec<OwnSession>>;

/// The calls on the way, the function that takes the second session, and where.
type Second = (Vec<(FuncId, ValueId)>, (FuncId, OwnSession));

/// A second session further away than this is hardly this transaction's business.
const FARTHEST: usize = 3;

/// The first second session of each transaction of a function.
pub(super) fn nested(project: &Project, f: FuncId, known: &mut Known) -> Vec<Nested> {
    let mut out: Vec<Nested> = Vec::new();
    let quiet = matches!(
        project.context(f),
        RunContext::Test | RunContext::Migration | RunContext::Script | RunContext::Startup
    );
    let found = project.transactions().of(f);
    if quiet || found.calls.is_empty() && found.extents.len() < 2 {
        return out;
    }
    for (index, states) in &found.calls {
        let Some(site) = project.sites(f).get(*index) else { continue };
        if !runs_here(project, site) || project.only_on_failure(f, site.op, 0) {
            continue;
        }
        for (handle, state) in states {
            let Some(opened) = state.open else { continue };
            if out.iter().any(|n| n.handle == *handle && n.opened.op == opened.op) {
                continue;
            }
            let Some((path, own)) = second(project, f, site, handle, known) else { continue };
            if same_pool(project, f, handle, own.0, own.1.op) {
                out.push(Nested { handle: handle.clone(), opened, op: site.op, path, own });
            }
        }
    }
    for own in own_sessions(project, f) {
        let around = found.extents.iter().find(|extent| {
            extent.handle != Handle { root: Root::Value(own.op), path: Vec::new() }
                && extent.opened.op.is_some_and(|op| op < own.op && reached(project, f, op, own.op))
                && own.statement.0 < extent.end
                && same_pool(project, f, &extent.handle, f, own.op)
        });
        if let Some(extent) = around
            && !out.iter().any(|n| n.handle == extent.handle)
        {
            let (handle, opened) = (extent.handle.clone(), extent.opened);
            out.push(Nested { handle, opened, op: own.op, path: Vec::new(), own: (f, own) });
        }
    }
    out
}

/// The steps from the open transaction to the second session.
pub(super) fn steps(project: &Project, f: FuncId, nested: &Nested) -> Vec<Step> {
    let mut steps = vec![open_step(project, f, &nested.opened)];
    for (g, op) in &nested.path {
        steps.push(project.step(*g, *op, format!("`{}` is called", project.describe(*g, *op))));
    }
    let (g, own) = nested.own;
    let words = transaction_words(project, f, &nested.handle, &nested.opened);
    let name = project.describe(g, own.op);
    steps.push(project.step(g, own.op, format!("`{name}` takes another connection: {words} waits for it")));
    steps
}

/// The session of its own that a call leads to, with the calls.
fn second(project: &Project, f: FuncId, site: &Site, handle: &Handle, known: &mut Known) -> Option<Second> {
    // A callee that gets the session may well use it in place of its own.
    if sessions_of(project, f, site).contains(handle)
        || site.targets.iter().any(|t| handed(project, f, site.op, t.func, handle).is_some())
    {
        return None;
    }
    let mut layer = vec![(f, site, Vec::new())];
    let mut seen = vec![f];
    for _ in 0..FARTHEST {
        let mut next = Vec::new();
        for (caller, site, path) in &layer {
            for target in site.targets.iter().filter(|target| !target.by_name) {
                let g = target.func;
                if seen.contains(&g) || seen.len() > 300 || matches!(project.returns(g), Type::Manager(..)) {
                    continue;
                }
                seen.push(g);
                let mut path: Vec<(FuncId, ValueId)> = path.clone();
                path.push((*caller, site.op));
                let runs = |op: ValueId| {
                    !project.switched_off(g, op, (*caller, site.op)) && !project.only_on_failure(g, op, 0)
                };
                let own = known.entry(g).or_insert_with(|| own_sessions(project, g));
                if let Some(own) = own.iter().find(|own| runs(own.op)) {
                    return Some((path, (g, *own)));
                }
                // Generators run when they are consumed.
                if project.code().func(g).is_generator {
                    continue;
                }
                let inner = project.sites(g).iter().filter(|s| runs_here(project, s) && runs(s.op));
                next.extend(inner.map(|s| (g, s, path.clone())));
            }
        }
        layer = next;
    }
    None
}

/// It runs functions of the project here, and which is known: one of several overrides may be another.
fn runs_here(project: &Project, site: &Site) -> bool {
    let name = |func: FuncId| project.code().func(func).name;
    let Some(first) = site.targets.first() else { return false };
    let others = site.targets.iter().skip(1).any(|target| name(target.func) == name(first.func));
    !others && !crate::analysis::runs_elsewhere(site)
}

/// Whether both come from one pool, as far as their providers' names tell; the pool of a session that the
/// caller gives is the application's.
fn same_pool(project: &Project, f: FuncId, handle: &Handle, g: FuncId, own: ValueId) -> bool {
    match handle.root {
        Root::Value(v) if handle.path.is_empty() => {
            is_fresh(project, f, v, 0) && provider(project, f, v) == provider(project, g, own)
        }
        Root::Param(_) => handle.path.is_empty(),
        _ => false,
    }
}

/// The last name of what is called: `async_session` of `registry.async_session()`; with the engine or pool
/// that it is called on, where the method is the same for all of them.
fn provider(project: &Project, f: FuncId, v: ValueId) -> Option<String> {
    const OF_ANY: &[&str] = &["begin", "connect", "acquire", "connection", "raw_connection"];
    let Some(OpKind::Call { callee, .. }) = project.code().op(f, v).map(|op| &op.kind) else { return None };
    let words = project.describe(f, *callee);
    let mut parts = words.rsplit('.');
    let last = parts.next()?;
    Some(match parts.next().filter(|_| OF_ANY.contains(&last)) {
        Some(on) => format!("{}.{last}", on.trim_start_matches('_')),
        None => last.to_owned(),
    })
}

/// Whether `second` only runs after `first` did: no arm or handler holds `first` alone.
fn reached(project: &Project, f: FuncId, first: ValueId, second: ValueId) -> bool {
    project.code().body(f).regions.iter().skip(1).all(|region| {
        let inside = |op: ValueId| region.start <= op.0 && op.0 < region.end;
        let conditional = matches!(region.kind, RegionKind::Arm { .. } | RegionKind::Handler { .. });
        !conditional || !inside(first) || inside(second)
    })
}
