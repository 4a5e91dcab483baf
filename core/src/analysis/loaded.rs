//! Whether relations of rows were loaded with them, and where the query of rows stands.

use super::code::{ClassId, FuncId};
use super::flow::source_of;
use super::orm::RelationKind;
use super::project::Project;
use super::queries::QueryFacts;
use super::types::{Type, TypeId};
use crate::model::{Const, OpKind, Sym, ValueId};

/// The first hop of `path`, from hop `from` on, that reading has to load; `None` when all is loaded or
/// the path cannot be followed.
#[must_use]
pub fn first_unloaded(
    project: &Project,
    model: ClassId,
    query: &QueryFacts,
    path: &[Sym],
    from: usize,
) -> Option<Vec<Sym>> {
    if query.loads_unknown || query.plain_rows {
        return None;
    }
    let mut at = Some(model);
    let mut hops: Vec<Sym> = Vec::new();
    let mut owners: Vec<(ClassId, Option<Sym>)> = Vec::new();
    for (i, name) in path.iter().enumerate() {
        let class = at?;
        let relation = project.relation(class, *name)?;
        if let Some((owner, inverse)) = owners.last().copied()
            && inverse == Some(*name)
            && relation.kind == RelationKind::ToOne
        {
            owners.pop();
            hops.pop();
            at = Some(owner);
            continue;
        }
        hops.push(*name);
        let loaded = relation.eager || relation.never_lazy || query.loader(&hops).is_some();
        if !loaded && i >= from {
            return (!project.maybe_loaded_with_owner(query, path)).then(|| path.iter().take(i + 1).copied().collect());
        }
        owners.push((class, relation.inverse));
        at = relation.target;
    }
    None
}

/// Where the query behind a value starts: through names, refinements, pages, `list(…)` and functions of
/// the project that return it.
#[must_use]
pub fn query_origin(project: &Project, f: FuncId, value: ValueId) -> (FuncId, ValueId) {
    let mut at = (f, value);
    for _ in 0..3 {
        let start = first_query(project, at.0, at.1);
        let mut targets = project.sites_at(at.0, start).flat_map(|site| &site.targets);
        let (Some(target), None) = (targets.next(), targets.next()) else { return (at.0, start) };
        let rows = |v: ValueId| query_rows(project, target.func, v);
        let Some(one) = returned_once(project, target.func, rows) else { return (at.0, start) };
        at = (target.func, one);
    }
    (at.0, first_query(project, at.0, at.1))
}

/// The value that a function gives back, if only one `return` has a wanted one.
#[must_use]
pub fn returned_once(project: &Project, f: FuncId, wanted: impl Fn(ValueId) -> bool) -> Option<ValueId> {
    let mut returned = project.code().body(f).ops.iter().filter_map(|op| match op.kind {
        OpKind::Return(Some(v)) if wanted(v) => Some(v),
        _ => None,
    });
    let one = returned.next()?;
    returned.next().is_none().then_some(one)
}

fn query_rows(project: &Project, f: FuncId, v: ValueId) -> bool {
    match project.ty(f, v) {
        Type::Lib(_, elem, _) | Type::List(elem) => matches!(project.type_of(*elem), Type::Inst(..)),
        Type::Inst(_, query) => query.is_known(),
        _ => false,
    }
}

/// Where the query starts within a function.
#[must_use]
pub fn first_query(project: &Project, f: FuncId, value: ValueId) -> ValueId {
    let body = project.code().body(f);
    // A session is no query: it has no rows.
    let rows = |v: ValueId| match project.ty(f, v) {
        Type::Lib(_, elem, _) => *elem != TypeId::UNKNOWN,
        ty => matches!(ty, Type::List(_)),
    };
    let mut start = source_of(body, value);
    let mut at = start;
    for _ in 0..24 {
        let next = match body.op(at).map(|op| &op.kind) {
            Some(OpKind::Call { callee, args }) => match body.op(source_of(body, *callee)).map(|op| &op.kind) {
                Some(OpKind::Attr { base, .. }) if rows(*base) => *base,
                _ => match args.first() {
                    Some(arg) if rows(arg.value) => arg.value,
                    _ => break,
                },
            },
            Some(OpKind::Bind { value, .. }) => {
                start = *value;
                *value
            }
            Some(OpKind::Slice { base, .. }) => *base,
            // Of a remembered value and a query the query.
            Some(OpKind::Phi(entries)) => {
                let mut before = entries.iter().filter(|entry| **entry < at);
                let first = before.clone().next();
                match before.find(|entry| query_rows(project, f, **entry)).or(first) {
                    Some(entry) => *entry,
                    None => break,
                }
            }
            _ => break,
        };
        if matches!(body.op(next).map(|op| &op.kind), Some(OpKind::Call { .. })) {
            start = next;
        }
        at = next;
    }
    start
}

/// In the query that starts at `start` what loads relations: the argument that names the first hop of `path`, or the
/// name of the last method that loads any. `None` when the query loads none.
#[must_use]
pub fn loading_call(project: &Project, f: FuncId, start: ValueId, path: &[Sym]) -> Option<ValueId> {
    let body = project.code().body(f);
    let mut last = None;
    let starts = source_of(body, start);
    for (i, op) in body.ops.iter().enumerate().skip(starts.0 as usize) {
        let OpKind::Call { callee, args } = &op.kind else { continue };
        let Some(OpKind::Attr { base, name }) = body.op(*callee).map(|op| &op.kind) else { continue };
        if !matches!(project.text(*name), "select_related" | "prefetch_related" | "options")
            || i != starts.0 as usize && first_query(project, f, *base) != starts
        {
            continue;
        }
        let first = path.first().filter(|_| path.len() > 1).map(|name| project.text(*name));
        let named = args.iter().find(|arg| match body.op(arg.value).map(|op| &op.kind) {
            Some(OpKind::Const(Const::Str(text))) => first == Some(project.text(*text)),
            _ => false,
        });
        if let Some(arg) = named {
            return Some(arg.value);
        }
        last = Some(*callee);
    }
    last
}
