//! Whether the filters of a query bound its rows: keys that the caller names, a range, groups.

use crate::analysis::{ClassId, FuncId, Project, Type, source_of};
use crate::model::{Arg, ArgKind, BinaryOp, OpKind, ValueId};

/// Why a query gives few rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bounded {
    /// Rows are named by key, or by a list of keys.
    Keys,
    /// A range of time or of a number.
    Window,
    /// Aggregated.
    Grouped,
}

/// Follows a query back over its builder calls.
pub(super) fn bounded(project: &Project, f: FuncId, v: ValueId, model: Option<ClassId>) -> Option<Bounded> {
    steps_back(project, f, v, |method, args| match method {
        "group_by" => Some(Bounded::Grouped),
        _ if CONDITIONS.contains(&method) => args.iter().find_map(|arg| match arg.kind {
            ArgKind::Named(name) => keyword(project.text(name)),
            _ => expression(project, f, arg.value, model, 0),
        }),
        _ => None,
    })
}

/// The value that limits a query: what is given to `.limit(…)`.
pub(super) fn limit_of(project: &Project, f: FuncId, v: ValueId) -> Option<ValueId> {
    steps_back(project, f, v, |method, args| match (method, args) {
        ("limit", [arg]) if arg.kind == ArgKind::Positional => Some(arg.value),
        _ => None,
    })
}

/// Methods that take conditions.
const CONDITIONS: &[&str] = &["filter", "where", "filter_by", "having", "in_bulk", "get_list_or_404"];

/// Whether a query asks for the rows of the one user who asks: `filter(email=request.user.email)`,
/// `where(Key.user_id == user_id)`.
pub(super) fn of_requester(project: &Project, f: FuncId, v: ValueId) -> bool {
    compares(project, f, v, &|column, value| is_owner(column) && is_requester(project, f, value))
}

/// Whether a query asks for the rows that belong to one other row: `where(Error.attempt_id == attempt_id)`,
/// `filter(attempt=attempt)`.
pub(super) fn of_parent(project: &Project, f: FuncId, v: ValueId, model: Option<ClassId>) -> bool {
    let body = project.code().body(f);
    let relates = |column: &str| {
        let column = column.strip_suffix("__pk").or_else(|| column.strip_suffix("__id")).unwrap_or(column);
        let relation = project.sym(column).zip(model).and_then(|(column, model)| project.relation(model, column));
        column.ends_with("_id") || relation.is_some()
    };
    compares(project, f, v, &|column, value| {
        let constant = matches!(body.op(source_of(body, value)).map(|op| &op.kind), Some(OpKind::Const(_)));
        !constant && relates(column)
    })
}

type Compared<'a> = dyn Fn(&str, ValueId) -> bool + 'a;

/// Whether some condition of a query compares a column with a value for equality such that `test` holds.
fn compares(project: &Project, f: FuncId, v: ValueId, test: &Compared<'_>) -> bool {
    steps_back(project, f, v, |method, args| {
        let conditions = CONDITIONS.contains(&method);
        let found = conditions
            && args.iter().any(|arg| match arg.kind {
                ArgKind::Named(name) => test(project.text(name), arg.value),
                _ => compared(project, f, arg.value, test, 0),
            });
        found.then_some(())
    })
    .is_some()
}

/// `Key.user_id == user.id`, also inside `and_(…)` and `Q(…)`.
fn compared(project: &Project, f: FuncId, v: ValueId, test: &Compared<'_>, depth: u32) -> bool {
    let body = project.code().body(f);
    if depth > 5 {
        return false;
    }
    let deeper = |v: ValueId| compared(project, f, v, test, depth + 1);
    match body.op(source_of(body, v)).map(|op| &op.kind) {
        Some(OpKind::Call { args, .. }) => args.iter().any(|arg| match arg.kind {
            ArgKind::Named(name) => test(project.text(name), arg.value),
            _ => deeper(arg.value),
        }),
        Some(OpKind::Binary { op: BinaryOp::Eq, left, right }) => {
            matches!(body.op(source_of(body, *left)).map(|op| &op.kind), Some(OpKind::Attr { name, .. })
                if test(project.text(*name), *right))
        }
        Some(OpKind::Binary { left, right, .. }) => deeper(*left) || deeper(*right),
        _ => false,
    }
}

/// A column that names the person whom a row belongs to.
fn is_owner(column: &str) -> bool {
    let last = column.rsplit("__").find(|part| !matches!(*part, "id" | "pk" | "exact" | "iexact")).unwrap_or(column);
    matches!(
        last.strip_suffix("_id").unwrap_or(last),
        "user" | "users" | "owner" | "owners" | "email" | "username" | "account" | "created_by"
    )
}

/// `request.user`, `current_user.id`, `user_id`: who asks, by the names that code has for it.
fn is_requester(project: &Project, f: FuncId, v: ValueId) -> bool {
    let name = project.describe(f, v).to_ascii_lowercase();
    name.split(['.', '(']).any(|part| matches!(part, "user" | "user_id" | "current_user" | "owner_id" | "me"))
}

/// Follows a query back over its builder calls, until `look` at a method and its arguments finds something.
fn steps_back<T>(project: &Project, f: FuncId, v: ValueId, look: impl Fn(&str, &[Arg]) -> Option<T>) -> Option<T> {
    let body = project.code().body(f);
    let mut work = vec![v];
    let mut seen = Vec::new();
    while let Some(v) = work.pop() {
        if seen.contains(&v) || seen.len() > 80 {
            continue;
        }
        seen.push(v);
        let Some(op) = body.op(v) else { continue };
        match &op.kind {
            OpKind::Bind { value, .. } | OpKind::Await(value) => work.push(*value),
            OpKind::Annotated { value: Some(value), .. } => work.push(*value),
            OpKind::Phi(entries) => work.extend(entries.iter().copied()),
            OpKind::Call { callee, args } => {
                // `get_list_or_404(Order, number__in=numbers)`
                if let Some(OpKind::Global(name)) = body.op(*callee).map(|op| &op.kind)
                    && project.text(*name) == "get_list_or_404"
                    && let Some(found) = look("get_list_or_404", args)
                {
                    return Some(found);
                }
                let Some(OpKind::Attr { base, name }) = body.op(*callee).map(|op| &op.kind) else {
                    // `list(query)`, `sync_to_async(list)(query)`
                    work.extend(args.iter().map(|arg| arg.value));
                    continue;
                };
                let method = project.text(*name);
                if let Some(found) = look(method, args) {
                    return Some(found);
                }
                if matches!(method, "execute" | "exec" | "scalars" | "stream" | "fetch_all") {
                    work.extend(args.first().map(|arg| arg.value));
                }
                work.push(*base);
            }
            _ => {}
        }
    }
    None
}

fn keyword(name: &str) -> Option<Bounded> {
    if matches!(name, "id" | "pk" | "uuid" | "slug") || name.ends_with("__in") {
        return Some(Bounded::Keys);
    }
    let last = name.rsplit("__").next().unwrap_or("");
    (name.contains("__") && matches!(last, "gt" | "gte" | "lt" | "lte" | "range" | "date")).then_some(Bounded::Window)
}

fn expression(project: &Project, f: FuncId, v: ValueId, model: Option<ClassId>, depth: u32) -> Option<Bounded> {
    if depth > 5 {
        return None;
    }
    let body = project.code().body(f);
    let deeper = |v: ValueId| expression(project, f, v, model, depth + 1);
    match &body.op(source_of(body, v))?.kind {
        OpKind::Call { callee, args } => {
            if let Some(OpKind::Attr { name, .. }) = body.op(*callee).map(|op| &op.kind)
                && matches!(project.text(*name), "in_" | "between")
            {
                return Some(if project.text(*name) == "in_" { Bounded::Keys } else { Bounded::Window });
            }
            // `and_(…)`, `Q(id__in=…)`
            args.iter().find_map(|arg| match arg.kind {
                ArgKind::Named(name) => keyword(project.text(name)),
                _ => deeper(arg.value),
            })
        }
        OpKind::Binary { op: BinaryOp::Eq, left, right } => {
            let key = |v: ValueId| match body.op(v).map(|op| &op.kind) {
                Some(OpKind::Attr { base, name }) => {
                    matches!(project.text(*name), "id" | "pk" | "uuid")
                        && matches!(project.ty(f, *base), Type::ClassObj(class) if Some(*class) == model)
                }
                _ => false,
            };
            (key(*left) || key(*right)).then_some(Bounded::Keys)
        }
        OpKind::Binary { op: BinaryOp::Order, .. } => Some(Bounded::Window),
        OpKind::Binary { left, right, .. } => deeper(*left).or_else(|| deeper(*right)),
        _ => None,
    }
}
