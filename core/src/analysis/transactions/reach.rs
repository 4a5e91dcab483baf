//! One session across calls: where a callee does something to the session it is handed, and which
//! functions work with a session of their own.

use super::handles::{Handle, Root, handle_of, key_of};
use super::translate::receiver_of;
use super::{Care, How, care_of, runs_elsewhere};
use crate::analysis::calls::Site;
use crate::analysis::code::FuncId;
use crate::analysis::flow::source_of;
use crate::analysis::project::Project;
use crate::analysis::resources::Fate;
use crate::analysis::touches::argument;
use crate::analysis::types::Type;
use crate::libraries::{Effects, Resource};
use crate::model::{ArgKind, OpKind, RegionKind, ValueId};
use std::collections::BTreeSet;

/// The session `handle` of `f` as the callee `g` of the call at `op` knows it.
#[must_use]
pub fn handed(project: &Project, f: FuncId, op: ValueId, g: FuncId, handle: &Handle) -> Option<Handle> {
    if matches!(handle.root, Root::Ambient | Root::Scoped) {
        return Some(handle.clone());
    }
    let code = project.code();
    if matches!(handle.root, Root::Global(_)) && code.module_of(f) == code.module_of(g) {
        return Some(handle.clone());
    }
    (0..code.func(g).params.len()).find_map(|i| {
        let i = u16::try_from(i).ok()?;
        let arg = argument(project, f, op, g, i)?;
        let own = match handle_of(project, f, arg) {
            Some((found, _)) if found == *handle => found,
            _ => key_of(project, f, arg),
        };
        let rest = handle.path.strip_prefix(own.path.as_slice()).filter(|_| own.root == handle.root)?;
        Some(Handle { root: Root::Param(i), path: rest.to_vec() })
    })
}

/// The calls from `site` to the op that has one of `effects` on this very session.
#[must_use]
pub fn done_to(
    project: &Project,
    f: FuncId,
    site: &Site,
    handle: &Handle,
    effects: Effects,
) -> Option<Vec<(FuncId, ValueId)>> {
    let mut seen = BTreeSet::new();
    search(project, f, site, handle, effects, &mut seen)
}

fn search(
    project: &Project,
    f: FuncId,
    site: &Site,
    handle: &Handle,
    effects: Effects,
    seen: &mut BTreeSet<(FuncId, Handle)>,
) -> Option<Vec<(FuncId, ValueId)>> {
    if runs_elsewhere(site) || seen.len() > 200 || !project.effects_of(site).any(effects) {
        return None;
    }
    if site.effects.any(effects) {
        let receiver = receiver_of(project, f, site.op);
        if handle_of(project, f, receiver).is_some_and(|(found, _)| found == *handle) {
            return Some(vec![(f, site.op)]);
        }
    }
    for target in site.targets.iter().filter(|target| !target.by_name) {
        let g = target.func;
        if matches!(project.returns(g), Type::Manager(..)) {
            continue;
        }
        let Some(inner) = handed(project, f, site.op, g, handle) else { continue };
        if !seen.insert((g, inner.clone())) {
            continue;
        }
        for next in project.sites(g) {
            if project.switched_off(g, next.op, (f, site.op)) {
                continue;
            }
            if let Some(mut path) = search(project, g, next, &inner, effects, seen) {
                path.insert(0, (f, site.op));
                return Some(path);
            }
        }
    }
    None
}

/// A session or connection that a function takes from a pool for a block of its own, with statements inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnSession {
    /// The call that takes it.
    pub op: ValueId,
    /// The first statement, or what runs it.
    pub statement: ValueId,
}

/// The sessions that a function takes for blocks of its own and works with there.
#[must_use]
pub fn own_sessions(project: &Project, f: FuncId) -> Vec<OwnSession> {
    let body = project.code().body(f);
    let mut out: Vec<OwnSession> = Vec::new();
    for extent in &project.transactions().of(f).extents {
        let Root::Value(v) = extent.handle.root else { continue };
        if !extent.handle.path.is_empty() || matches!(extent.opened.how, How::Request | How::Decorator) {
            continue;
        }
        let managed = body.regions.iter().find(|region| match region.kind {
            RegionKind::With { manager, .. } => {
                source_of(body, manager) == v
                    && matches!(care_of(project, f, manager), Care::Ends(ends) if ends.contains(&extent.handle))
            }
            _ => false,
        });
        let Some(region) = managed.filter(|_| is_fresh(project, f, v, 0)) else { continue };
        let inside = |op: ValueId| region.start <= op.0 && op.0 < region.end;
        let works = |site: &&Site| {
            inside(site.op)
                && !runs_elsewhere(site)
                && project.effects_of(site).any(Effects::ANY_QUERY)
                && super::sessions_of(project, f, site).contains(&extent.handle)
        };
        let Some(site) = project.sites(f).iter().find(works) else { continue };
        if !out.iter().any(|own| own.op == v) {
            out.push(OwnSession { op: v, statement: site.op });
        }
    }
    out
}

/// Whether a call takes a new session from the pool: a provider that may give one that is open already
/// (of an argument, a context variable, the thread) does not.
#[must_use]
pub fn is_fresh(project: &Project, f: FuncId, v: ValueId, depth: u32) -> bool {
    let body = project.code().body(f);
    let Some(OpKind::Call { args, .. }) = body.op(v).map(|op| &op.kind) else { return false };
    let acquired = project.acquisitions().iter().any(|a| {
        a.func == f
            && a.op == v
            && !a.by_name
            && matches!(a.resource, Resource::Session | Resource::Connection)
            && !matches!(a.fate, Fate::Shared | Fate::Stored { .. } | Fate::Keyed(..))
    });
    if !acquired || depth > 3 {
        return false;
    }
    let given = args.iter().any(|arg| {
        matches!(arg.kind, ArgKind::Named(name) if project.text(name).contains("session"))
            || matches!(
                project.library().resource(project.lib_class(f, arg.value).unwrap_or("")),
                Some(Resource::Session | Resource::Connection)
            )
            || matches!(project.ty(f, arg.value), Type::Unknown) && project.describe(f, arg.value).contains("session")
    });
    if given {
        return false;
    }
    // A provider of the project: what it yields or returns must be new each time.
    project.sites_at(f, v).flat_map(|site| &site.targets).all(|target| {
        let g = target.func;
        let inner = project.code().body(g);
        let mut gives = inner.ops.iter().filter_map(|op| match op.kind {
            OpKind::Yield(Some(value)) => Some(value),
            OpKind::Return(Some(value)) if !project.code().func(g).is_generator => Some(value),
            _ => None,
        });
        gives.all(|value| {
            let root = match handle_of(project, g, value) {
                Some((Handle { root: Root::Value(v), path }, _)) if path.is_empty() => v,
                _ => return false,
            };
            is_fresh(project, g, source_of(inner, root), depth + 1)
        })
    })
}
