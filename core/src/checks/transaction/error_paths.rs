//! What happens to a session when an exception passes: enclosing `try` and `with` blocks, their
//! handlers, and whether the session is used again.

use crate::analysis::{Care, FuncId, Handle, Project, Root, Type, care_of, handle_key, handle_of, sessions_of};
use crate::libraries::{Effects, Resource};
use crate::model::{OpKind, Region, RegionId, RegionKind, ValueId};

/// A `try` statement.
#[derive(Clone, Debug)]
pub(super) struct Guard<'a> {
    /// The statement.
    pub whole: &'a Region,
    /// Its guarded part.
    pub body: &'a Region,
    /// Its handlers.
    pub handlers: Vec<&'a Region>,
    /// Its `finally`.
    pub finally: Option<&'a Region>,
}

/// All `try` statements of a function, outer ones first.
pub(super) fn guards(project: &Project, f: FuncId) -> Vec<Guard<'_>> {
    let body = project.code().body(f);
    let mut out = Vec::new();
    for (i, whole) in body.regions.iter().enumerate() {
        if whole.kind != RegionKind::Try {
            continue;
        }
        let id = RegionId(u32::try_from(i).unwrap_or(u32::MAX));
        let parts: Vec<&Region> = body.regions.iter().skip(i + 1).filter(|r| r.parent == id).collect();
        let Some(body) = parts.iter().find(|r| r.kind == RegionKind::TryBody) else { continue };
        let is_handler = |r: &&&Region| matches!(r.kind, RegionKind::Handler { .. });
        let handlers = parts.iter().filter(is_handler).copied().collect();
        let finally = parts.iter().find(|r| r.kind == RegionKind::Finally).copied();
        out.push(Guard { whole, body, handlers, finally });
    }
    out
}

/// Whether an op lies in a region.
pub(super) fn holds(region: &Region, op: ValueId) -> bool {
    region.start <= op.0 && op.0 < region.end
}

/// Which errors a handler catches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Catches {
    /// Nothing that the database raises.
    Others,
    /// Some errors of the database.
    Some,
    /// Every error of the database.
    Database,
    /// Every exception but those that are no errors (cancellation, exit).
    Exceptions,
    /// Everything.
    All,
}

/// Which errors a handler catches.
pub(super) fn catches(project: &Project, f: FuncId, handler: &Region) -> Catches {
    let RegionKind::Handler { types } = &handler.kind else { return Catches::Others };
    if types.is_empty() {
        return Catches::All;
    }
    let mut best = Catches::Others;
    let mut work: Vec<ValueId> = types.to_vec();
    while let Some(v) = work.pop() {
        if let Some(OpKind::Collection { items, .. }) = project.code().op(f, v).map(|op| &op.kind) {
            work.extend(items.iter().copied());
            continue;
        }
        let name = match project.ty(f, v) {
            Type::LibRef(name) => project.text(*name).to_owned(),
            _ => project.describe(f, v),
        };
        let short = name.rsplit('.').next().unwrap_or(&name);
        let found = match short {
            "BaseException" => Catches::All,
            "Exception" => Catches::Exceptions,
            "NoResultFound" | "MultipleResultsFound" | "ObjectDoesNotExist" | "DoesNotExist" => Catches::Others,
            // Django raises them before it asks the database.
            "ProtectedError" | "RestrictedError" => Catches::Others,
            "SQLAlchemyError" | "DBAPIError" | "PostgresError" | "DatabaseError" | "Error" => Catches::Database,
            _ if ["sqlalchemy.", "psycopg", "asyncpg.", "sqlite3.", "aiosqlite.", "django.db", "pymysql."]
                .iter()
                .any(|library| name.starts_with(library)) =>
            {
                Catches::Some
            }
            "IntegrityError" | "OperationalError" | "StaleDataError" | "FlushError" => Catches::Some,
            _ => Catches::Others,
        };
        best = best.max(found);
    }
    best
}

/// Whether a stretch of code rolls the session back or closes it.
pub(super) fn undoes(project: &Project, f: FuncId, region: &Region, handle: &Handle) -> bool {
    let body = project.code().body(f);
    // Also of a savepoint or transaction object, and tests whether the session still works.
    let ops = body.ops.get(region.start as usize..region.end as usize).unwrap_or_default();
    let by_name = ops.iter().any(|op| {
        let OpKind::Attr { base, name } = op.kind else { return false };
        matches!(project.text(name), "rollback" | "is_active" | "rollback_to_savepoint")
            && (handle_of(project, f, base).is_some_and(|(found, _)| found == *handle)
                || handle_key(project, f, base) == *handle)
    });
    if by_name {
        return true;
    }
    project.sites(f).iter().filter(|site| holds(region, site.op)).any(|site| {
        let effects = project.effects_of(site);
        if effects.any(Effects::ROLLBACK) {
            return true;
        }
        let sessions = sessions_of(project, f, site);
        if effects.any(Effects::CLOSES) && sessions.contains(handle) {
            return true;
        }
        // Given back to its pool.
        let taken = match (&site.kind, body.op(site.op).map(|op| &op.kind)) {
            (crate::analysis::SiteKind::Library(row), Some(OpKind::Call { args, .. })) => {
                row.takes.and_then(|n| args.get(usize::from(n))).map(|arg| arg.value)
            }
            _ => None,
        };
        taken.and_then(|v| handle_of(project, f, v)).is_some_and(|(taken, _)| taken == *handle)
    })
}

/// Whether a handler lets the exception go on, whatever happens in it.
pub(super) fn raises(project: &Project, f: FuncId, handler: &Region) -> bool {
    let body = project.code().body(f);
    let last = handler.end.checked_sub(1).filter(|i| *i >= handler.start).and_then(|i| body.ops.get(i as usize));
    let aborts = |op: &crate::model::Op| match &op.kind {
        OpKind::Raise(_) => true,
        OpKind::Call { callee, .. } => {
            let name = project.describe(f, *callee);
            // Also `self.exit(1)` of an application object.
            matches!(name.rsplit('.').next(), Some("exit" | "quit" | "abort" | "_exit"))
        }
        _ => false,
    };
    last.is_some_and(aborts)
}

/// How control goes on after a handler that does not raise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// After the `try`.
    After,
    /// Out of the function.
    Returns,
    /// Out of the loop.
    Breaks,
}

/// How control goes on after a handler that does not raise.
pub(super) fn next(project: &Project, f: FuncId, handler: &Region) -> Next {
    let body = project.code().body(f);
    let last = handler.end.checked_sub(1).filter(|i| *i >= handler.start).and_then(|i| body.ops.get(i as usize));
    match last.map(|op| &op.kind) {
        Some(OpKind::Return(_)) => Next::Returns,
        Some(OpKind::Break) => Next::Breaks,
        _ => Next::After,
    }
}

/// Whether a value is the session itself or a cursor of it; what was loaded with it is not.
fn is_session(project: &Project, f: FuncId, v: ValueId, handle: &Handle) -> bool {
    if handle_key(project, f, v) == *handle {
        return true;
    }
    let works = project.lib_class(f, v).is_some_and(|class| {
        matches!(project.library().resource(class), Some(Resource::Session | Resource::Connection | Resource::Cursor))
            || class.ends_with("scoped_session")
    });
    works && handle_of(project, f, v).is_some_and(|(found, _)| found == *handle)
}

/// The first use of a session in a stretch of ops, unless that use rolls it back or closes it.
pub(super) fn used_in(project: &Project, f: FuncId, from: u32, to: u32, handle: &Handle) -> Option<ValueId> {
    let body = project.code().body(f);
    let is_it = |v: ValueId| is_session(project, f, v, handle);
    for i in from..to {
        let op = body.ops.get(i as usize)?;
        match &op.kind {
            OpKind::Attr { base, name } if is_it(*base) => {
                let quiet = matches!(
                    project.text(*name),
                    "rollback" | "close" | "remove" | "expunge_all" | "invalidate" | "aclose" | "reset"
                );
                return (!quiet).then_some(ValueId(i));
            }
            OpKind::Call { args, .. } if args.iter().any(|arg| is_it(arg.value)) => return Some(ValueId(i)),
            _ => {}
        }
    }
    None
}

/// The first use of a session that control reaches after a statement in region `at` that ends at
/// `from`: other arms and handlers are passed by, `return` and `raise` end the way.
pub(super) fn used_after(project: &Project, f: FuncId, guard: &Region, handle: &Handle) -> Option<ValueId> {
    let body = project.code().body(f);
    let regions = body.region_of_ops();
    let mut from = guard.end;
    let mut at = guard.parent;
    for _ in 0..64 {
        let region = body.regions.get(at.0 as usize)?;
        let ends = (from..region.end).find(|i| {
            let op = body.ops.get(*i as usize).map(|op| &op.kind);
            regions.get(*i as usize) == Some(&at)
                && matches!(op, Some(OpKind::Return(_) | OpKind::Raise(_) | OpKind::Break | OpKind::Continue))
        });
        if let Some(found) = used_in(project, f, from, ends.unwrap_or(region.end), handle) {
            return Some(found);
        }
        if ends.is_some() || at == RegionId::ROOT {
            return None;
        }
        from = region.end;
        if matches!(region.kind, RegionKind::Arm { .. } | RegionKind::Handler { .. } | RegionKind::TryBody) {
            from = body.regions.get(region.parent.0 as usize)?.end;
            at = body.regions.get(region.parent.0 as usize)?.parent;
        } else {
            at = region.parent;
        }
    }
    None
}

/// Whether the session is used in a further pass of a loop around `op`.
pub(super) fn loops_around(project: &Project, f: FuncId, guard: &Region, handle: &Handle) -> bool {
    let body = project.code().body(f);
    body.regions.iter().any(|region| {
        matches!(region.kind, RegionKind::Loop { .. })
            && region.start <= guard.start
            && guard.end <= region.end
            && match handle.root {
                Root::Value(v) => v.0 < region.start,
                _ => true,
            }
            && !body.regions.iter().any(|block| {
                let RegionKind::With { manager, .. } = block.kind else { return false };
                region.start <= block.start
                    && block.start <= guard.start
                    && guard.end <= block.end
                    && block.end <= region.end
                    && matches!(care_of(project, f, manager), Care::Ends(handles) if handles.contains(handle))
            })
            && !body
                .ops
                .get(guard.end as usize..region.end as usize)
                .unwrap_or_default()
                .iter()
                .any(|op| matches!(op.kind, OpKind::Break | OpKind::Return(_)))
    })
}

/// The `with` block around `op` that takes care of the session, with its manager.
pub(super) fn managed(project: &Project, f: FuncId, op: ValueId, handle: &Handle) -> Option<ValueId> {
    project.code().body(f).regions.iter().filter(|region| holds(region, op)).find_map(|region| {
        let RegionKind::With { manager, .. } = region.kind else { return None };
        match care_of(project, f, manager) {
            Care::Ends(handles) if handles.contains(handle) => Some(manager),
            _ => None,
        }
    })
}

/// Whether a savepoint block inside `within` protects the session at `op`.
pub(super) fn in_savepoint(project: &Project, f: FuncId, op: ValueId, within: &Region) -> bool {
    project.code().body(f).regions.iter().any(|region| {
        let RegionKind::With { manager, .. } = region.kind else { return false };
        holds(region, op)
            && region.start >= within.start
            && region.end <= within.end
            && (!matches!(care_of(project, f, manager), Care::Nothing)
                || project.describe(f, manager).ends_with("begin_nested()"))
    })
}
