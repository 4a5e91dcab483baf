//! Changes of rows and what tells of them: an order that gets another state, and the row of the ledger or the log
//! entry that says so. Each statement of Django commits by itself, so one may be there without the other.

use super::rows::{Row, made_of};
use crate::analysis::{FuncId, Project, Site, SiteKind, Type, runs_elsewhere, source_of};
use crate::libraries::Effects;
use crate::model::{ArgKind, ImportKind, OpKind, ValueId};

/// Methods that by their name write a record of what was done, wherever they are.
const RECORDERS: &[&str] = &[
    "add_audit_entry",
    "add_audit_log",
    "add_history",
    "add_log_entry",
    "create_activity",
    "create_audit_entry",
    "create_audit_log",
    "create_history",
    "create_log_entry",
    "log_action",
    "log_activity",
    "log_addition",
    "log_additions",
    "log_change",
    "log_changes",
    "log_deletion",
    "log_deletions",
    "record_activity",
    "record_audit",
    "record_history",
    "write_audit_log",
];

/// Whether the project calls anything by such a name.
pub(super) fn any_recorder(project: &Project) -> bool {
    RECORDERS.iter().any(|name| project.sym(name).is_some())
}

/// Whether the row is one that was there before and that the function changes or deletes.
pub(super) fn is_changed(project: &Project, f: FuncId, row: &Row) -> bool {
    let body = project.code().body(f);
    let Some(OpKind::Call { callee, .. }) = body.op(row.op).map(|op| &op.kind) else { return false };
    let Some(OpKind::Attr { name, .. }) = body.op(*callee).map(|op| &op.kind) else { return false };
    match project.text(*name) {
        "delete" => !row.created,
        "save" => {
            let stores = body.ops.iter().take(row.op.0 as usize);
            !row.created
                && stores
                    .into_iter()
                    .any(|op| matches!(op.kind, OpKind::StoreAttr { base, .. } if same(project, f, base, row.value)))
        }
        _ => false,
    }
}

/// Whether two values are the same row: `self.order` twice is one.
pub(super) fn same(project: &Project, f: FuncId, a: ValueId, b: ValueId) -> bool {
    let body = project.code().body(f);
    let (mut a, mut b) = (source_of(body, a), source_of(body, b));
    for _ in 0..4 {
        if a == b {
            return true;
        }
        match (body.op(a).map(|op| &op.kind), body.op(b).map(|op| &op.kind)) {
            (Some(OpKind::Attr { base: x, name: n }), Some(OpKind::Attr { base: y, name: m })) if n == m => {
                (a, b) = (source_of(body, *x), source_of(body, *y));
            }
            _ => return false,
        }
    }
    false
}

/// A call that writes a record of what was done.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Records {
    /// The function that it calls inserts a row.
    Seen,
    /// By its name only: the function is not among the files.
    Named,
}

/// Whether a call records what was done.
pub(super) fn records(project: &Project, f: FuncId, op: ValueId) -> Option<Records> {
    let body = project.code().body(f);
    let OpKind::Call { callee, .. } = &body.op(op)?.kind else { return None };
    let (OpKind::Attr { name, .. } | OpKind::Global(name)) = &body.op(source_of(body, *callee))?.kind else {
        return None;
    };
    if !RECORDERS.contains(&project.text(*name)) {
        return None;
    }
    let mut sites = project.sites_at(f, op).peekable();
    if sites.peek().is_none() {
        // A logger's method is no record of the database.
        return matches!(project.ty(f, *callee), Type::Unknown | Type::LibBound(..) | Type::LibRef(_))
            .then_some(Records::Named);
    }
    let inserts = |site: &Site| {
        matches!(site.kind, SiteKind::Project)
            && !runs_elsewhere(site)
            && project.effects_of(site).any(Effects::DB_INSERT)
    };
    sites.any(inserts).then_some(Records::Seen)
}

/// The row among `rows` that a call is given, or whose method it is: `order.add_event(…)`, `order.customer.notify()`.
pub(super) fn told_of<'r>(project: &Project, f: FuncId, op: ValueId, rows: &'r [Row]) -> Option<&'r Row> {
    let body = project.code().body(f);
    let OpKind::Call { callee, args } = &body.op(op)?.kind else { return None };
    let given = args.iter().flat_map(|arg| made_of(project, f, arg.value)).collect::<Vec<_>>();
    let receiver = match body.op(*callee).map(|op| &op.kind) {
        Some(OpKind::Attr { base, .. }) => Some(*base),
        _ => None,
    };
    rows.iter().find(|row| given.iter().copied().chain(receiver).any(|v| same(project, f, v, row.value)))
}

/// Rows that by the spelling are changed there, whatever they are: `self.object.shipped = True`, `self.object.save()`;
/// what a form saves.
pub(super) fn spelled(project: &Project, f: FuncId) -> Vec<Row> {
    let code = project.code();
    let body = code.body(f);
    let django = code.module(code.module_of(f)).is_some_and(|module| {
        module.imports.iter().any(|import| match &import.kind {
            ImportKind::Module { module, .. } | ImportKind::Member { module, .. } | ImportKind::Star { module, .. } => {
                project.text(*module).split('.').next() == Some("django")
            }
        })
    });
    if !django {
        return Vec::new();
    }
    let mut out = Vec::new();
    for (i, op) in body.ops.iter().enumerate() {
        let OpKind::Call { callee, args } = &op.kind else { continue };
        let Some(OpKind::Attr { base, name }) = body.op(*callee).map(|op| &op.kind) else { continue };
        let (Ok(i), positional) = (u32::try_from(i), args.iter().any(|arg| arg.kind == ArgKind::Positional)) else {
            continue;
        };
        let method = project.text(*name);
        if positional || !matches!(method, "save" | "delete") || !is_unseen(project, f, *base) {
            continue;
        }
        let op = ValueId(i);
        let owner = project.describe(f, *base);
        let of_form = method == "save" && owner.rsplit('.').next() == Some("form");
        let row = Row {
            op,
            value: if of_form { op } else { source_of(body, *base) },
            created: of_form,
            model: owner,
            looked_up: false,
            by_session: false,
            inherited: false,
        };
        if of_form || is_changed(project, f, &row) {
            out.push(row);
        }
    }
    out
}

/// Whether nothing is known of a value, or an object of a file that is not here.
fn is_unseen(project: &Project, f: FuncId, v: ValueId) -> bool {
    match project.ty(f, v) {
        Type::Unknown | Type::LibBound(..) => true,
        Type::Lib(class, ..) => project.library().class(project.text(*class)).is_none(),
        _ => false,
    }
}

/// Whether the row is saved once more after `op`: its states in between are meant to be seen.
pub(super) fn saved_again(project: &Project, f: FuncId, row: &Row, op: ValueId) -> bool {
    let body = project.code().body(f);
    body.ops.iter().skip(op.0 as usize + 1).any(|op| {
        let OpKind::Call { callee, .. } = &op.kind else { return false };
        matches!(body.op(*callee).map(|op| &op.kind), Some(OpKind::Attr { base, name })
            if project.text(*name) == "save" && same(project, f, *base, row.value))
    })
}
