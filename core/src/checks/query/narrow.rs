//! Whether the filters of a query bound its rows: keys that the caller names, a range, groups.

use crate::analysis::{ClassId, FuncId, Project, Type, source_of};
use crate::model::{ArgKind, BinaryOp, OpKind, ValueId};

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
                let Some(OpKind::Attr { base, name }) = body.op(*callee).map(|op| &op.kind) else {
                    // `list(query)`, `sync_to_async(list)(query)`
                    work.extend(args.iter().map(|arg| arg.value));
                    continue;
                };
                match project.text(*name) {
                    "filter" | "where" | "filter_by" | "having" | "in_bulk" | "get_list_or_404" => {
                        for arg in args {
                            let found = match arg.kind {
                                ArgKind::Named(name) => keyword(project.text(name)),
                                _ => expression(project, f, arg.value, model, 0),
                            };
                            if found.is_some() {
                                return found;
                            }
                        }
                    }
                    "group_by" => return Some(Bounded::Grouped),
                    "execute" | "exec" | "scalars" | "stream" | "fetch_all" => {
                        work.extend(args.first().map(|arg| arg.value));
                    }
                    _ => {}
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
