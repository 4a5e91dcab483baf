//! Statements that run on a handle which the code opens for itself, wherever its caller may have a
//! transaction open: direct ones, and those of callees, carried up the call graph.

use super::calls::{Site, SiteKind};
use super::code::FuncId;
use super::databases::{Given, Own, as_caller, given, own_handle};
use super::flow::source_of;
use super::memo::is_cache_decorator;
use super::project::Project;
use crate::libraries::{Effects, Place, Resource};
use crate::model::{OpKind, ValueId};
use crate::order::InOrder as _;
use std::collections::VecDeque;

/// A site that runs statements on a handle of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutsideUse {
    /// Index of the site.
    pub site: usize,
    /// The handle; its condition is about parameters of this function.
    pub own: Own,
    /// What the statements do.
    pub effects: Effects,
    /// The value of the handle, when the site itself uses it.
    pub handle: Option<ValueId>,
    /// The called function that does so.
    pub callee: Option<FuncId>,
    /// The call leaves out a parameter for the handle.
    pub left_out: Option<(FuncId, u16)>,
    /// The statement: function and op.
    pub end: (FuncId, ValueId),
    /// Calls to it.
    pub distance: u32,
    /// A callee on the way was found by its name only.
    pub by_name: bool,
}

/// Uses of all functions.
#[derive(Debug, Default)]
pub struct Outside {
    by_func: Vec<Vec<OutsideUse>>,
}

/// What sends something to the database, or will at the next flush.
const USES: Effects =
    Effects::ANY_QUERY.without(Effects::LAZY_LOAD).with(Effects::DB_ADD).with(Effects::DB_MARK_DELETE);
/// Different handles that one function is known for.
const MOST: usize = 6;
/// Calls between a statement and whoever hears of it.
const FARTHEST: u32 = 5;

impl Project {
    /// Statements on handles that code opens for itself; found when first asked for.
    #[must_use]
    pub fn outside(&self) -> &Outside {
        self.lazy().outside.get_or_init(|| find(self))
    }
}

impl Outside {
    /// Uses of a function, by site.
    #[must_use]
    pub fn of(&self, f: FuncId) -> &[OutsideUse] {
        self.by_func.get(f.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// Whether a site is one.
    #[must_use]
    pub fn has(&self, f: FuncId, site: usize) -> bool {
        let uses = self.of(f);
        let from = uses.partition_point(|u| u.site < site);
        uses.get(from).is_some_and(|u| u.site == site)
    }
}

fn find(project: &Project) -> Outside {
    let code = project.code();
    let mut by_func: Vec<Vec<OutsideUse>> = vec![Vec::new(); code.func_count()];
    let mut queue: VecDeque<(FuncId, OutsideUse)> = VecDeque::new();
    for f in code.func_ids() {
        for (index, site) in project.sites(f).iter().enumerate() {
            let passed = handed_on(project, f, site);
            let done = if passed.is_some() { project.effects_of(site) } else { site.effects };
            let effects = Effects(done.0 & USES.0);
            // Who opens a handle also ends it: that alone is no statement.
            let ends = site.effects.any(Effects::COMMIT.with(Effects::ROLLBACK).with(Effects::CLOSES));
            if effects.is_empty() || ends || site.place != Place::Here || site.remembered {
                continue;
            }
            let handle = match passed {
                Some(handle) => handle,
                None => match handle_value(project, f, receiver(project, f, site)) {
                    Some(handle) => handle,
                    None => continue,
                },
            };
            let Some(own) = own_handle(project, f, handle) else { continue };
            let found = OutsideUse {
                site: index,
                own,
                effects,
                handle: Some(handle),
                callee: None,
                left_out: None,
                end: (f, site.op),
                distance: 0,
                by_name: site.guessed,
            };
            add(&mut by_func, f, found, &mut queue);
        }
    }
    while let Some((g, found)) = queue.pop_front() {
        if found.distance >= FARTHEST || project.decorators(g).iter().any(|name| is_cache_decorator(name)) {
            continue;
        }
        for &(f, index) in project.callers(g) {
            let index = index as usize;
            let Some(site) = project.sites(f).get(index) else { continue };
            if f == g || site.place != Place::Here || site.remembered {
                continue;
            }
            let Some(target) = site.targets.iter().find(|t| t.func == g) else { continue };
            let Some(mut own) = as_caller(project, f, site.op, g, found.own.clone()) else { continue };
            let mut left_out = found.left_out;
            if let Some(param) = own.unless {
                own.unless = match given(project, f, site.op, g, param) {
                    Given::Nothing => None,
                    Given::Maybe(i) => Some(i),
                    Given::Something => continue,
                };
                left_out = own.unless.is_none().then_some((g, param));
            }
            let up = OutsideUse {
                site: index,
                own,
                effects: found.effects,
                handle: None,
                callee: Some(g),
                left_out,
                end: found.end,
                distance: found.distance + 1,
                by_name: found.by_name || target.by_name,
            };
            add(&mut by_func, f, up, &mut queue);
        }
    }
    for uses in &mut by_func {
        uses.order_by_key(|u| (u.site, u.distance));
        uses.shrink_to_fit();
    }
    Outside { by_func }
}

fn add(by_func: &mut [Vec<OutsideUse>], f: FuncId, found: OutsideUse, queue: &mut VecDeque<(FuncId, OutsideUse)>) {
    let Some(list) = by_func.get_mut(f.0 as usize) else { return };
    let writes = |u: &OutsideUse| u.effects.any(USES.without(Effects::DB_READ));
    let alike = |u: &OutsideUse| u.own == found.own && writes(u) == writes(&found);
    if list.iter().any(|u| u.site == found.site && alike(u)) {
        return;
    }
    // Callers hear of each kind once, of the nearest.
    let known = list.iter().any(alike);
    let kinds = list.iter().filter(|u| u.left_out.is_none() || u.distance > 0).count();
    if !known && kinds < MOST * 8 {
        queue.push_back((f, found.clone()));
    }
    list.push(found);
}

/// The session or connection that a call hands to a function of the project.
fn handed_on(project: &Project, f: FuncId, site: &Site) -> Option<ValueId> {
    if !matches!(site.kind, SiteKind::Project) || site.targets.is_empty() {
        return None;
    }
    let OpKind::Call { args, .. } = &project.code().op(f, site.op)?.kind else { return None };
    args.iter().map(|arg| arg.value).find(|v| {
        project.lib_class(f, *v).is_some_and(|class| {
            matches!(project.library().resource(class), Some(Resource::Session | Resource::Connection))
        })
    })
}

fn receiver(project: &Project, f: FuncId, site: &Site) -> ValueId {
    let body = project.code().body(f);
    match body.op(site.op).map(|op| &op.kind) {
        Some(OpKind::Call { callee, .. }) => match body.op(*callee).map(|op| &op.kind) {
            Some(OpKind::Attr { base, .. }) => *base,
            _ => site.op,
        },
        _ => site.op,
    }
}

/// The session, connection or pool behind a value: of cursors, queries, results.
fn handle_value(project: &Project, f: FuncId, v: ValueId) -> Option<ValueId> {
    let body = project.code().body(f);
    let mut at = v;
    for _ in 0..24 {
        at = source_of(body, at);
        let class = project.lib_class(f, at).unwrap_or("");
        if class.starts_with("pymongo") || class.starts_with("motor") || class.starts_with("django.") {
            return None;
        }
        let resource = project.library().resource(class);
        if matches!(resource, Some(Resource::Session | Resource::Connection | Resource::Pool))
            || class.ends_with("scoped_session")
        {
            return Some(at);
        }
        at = match &body.op(at)?.kind {
            OpKind::Call { callee, .. } => match body.op(*callee).map(|op| &op.kind) {
                Some(OpKind::Attr { base, .. }) => *base,
                _ => return None,
            },
            OpKind::Attr { base, .. } | OpKind::Item { base, .. } | OpKind::Unpack { base, .. } => *base,
            OpKind::Enter { manager, .. } => *manager,
            _ => return None,
        };
    }
    None
}
