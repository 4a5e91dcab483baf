//! What is done with a copy, and whether the original may change while the copy is read.

use super::copies::{Form, library_name};
use crate::analysis::{Flow, FuncId, Project, SiteKind, Type, Uses, source_of};
use crate::libraries::Effects;
use crate::model::{ArgKind, BinaryOp, Body, OpKind, ValueId};

/// Nested functions may use the copy when they like.
pub(super) fn captured(project: &Project, f: FuncId, uses: &Uses) -> bool {
    let code = project.code();
    let body = code.body(f);
    let names: Vec<_> = uses
        .aliases
        .iter()
        .filter_map(|v| match body.op(*v).map(|op| &op.kind) {
            Some(OpKind::Bind { name, .. }) => Some(*name),
            Some(OpKind::Param(i)) => code.func(f).params.get(usize::from(*i)).map(|p| p.name),
            _ => None,
        })
        .collect();
    body.ops.iter().any(|op| {
        let OpKind::Closure(inner) = op.kind else { return false };
        let g = code.func_id(code.module_of(f), inner);
        code.body(g).ops.iter().any(|op| {
            matches!(op.kind, OpKind::Captured { name, .. } if names.contains(&name))
                || matches!(op.kind, OpKind::Closure(_))
        })
    })
}

pub(super) enum Use {
    /// Read, at the latest at this op.
    Read(ValueId),
    Changed,
    Leaves,
}

/// Methods that change a container.
const CHANGES: &[&str] = &[
    "append",
    "appendleft",
    "extend",
    "insert",
    "remove",
    "pop",
    "popitem",
    "popleft",
    "clear",
    "sort",
    "reverse",
    "update",
    "setdefault",
    "add",
    "discard",
    "difference_update",
    "intersection_update",
    "symmetric_difference_update",
    "move_to_end",
    "__setitem__",
    "__delitem__",
];
const READS: &[&str] = &[
    "get",
    "items",
    "keys",
    "values",
    "index",
    "count",
    "issubset",
    "issuperset",
    "isdisjoint",
    "union",
    "intersection",
    "difference",
    "symmetric_difference",
];
/// Built-in functions that read a container and keep nothing of it.
const READERS: &[&str] = &[
    "builtins.len",
    "builtins.sum",
    "builtins.min",
    "builtins.max",
    "builtins.any",
    "builtins.all",
    "builtins.sorted",
    "builtins.list",
    "builtins.set",
    "builtins.frozenset",
    "builtins.tuple",
    "builtins.dict",
    "builtins.bool",
    "builtins.str",
    "builtins.repr",
    "builtins.print",
    "builtins.isinstance",
    "json.dumps",
];
/// Likewise; the result reads it later.
const LAZY: &[&str] = &["builtins.enumerate", "builtins.zip", "builtins.reversed", "builtins.iter"];

pub(super) fn use_of(project: &Project, f: FuncId, flow: &Flow<'_>, used: ValueId, uses: &Uses, form: Form) -> Use {
    let body = project.code().body(f);
    let is = |v: &ValueId| uses.aliases.contains(v);
    if form == Form::View {
        // A view has no index, prints and compares in another way; iterating it is the same.
        return match body.op(used).map(|op| &op.kind) {
            Some(OpKind::Element(_) | OpKind::Truth(_) | OpKind::Not(_)) => Use::Read(used),
            Some(OpKind::Binary { op: BinaryOp::In | BinaryOp::NotIn, .. }) => Use::Read(used),
            Some(OpKind::Call { callee, args }) if !is(callee) && args.iter().all(|a| a.kind != ArgKind::Spread) => {
                match library_name(project, f, used) {
                    Some("builtins.enumerate" | "builtins.zip") => {
                        lazily(project, f, flow, used).map_or(Use::Leaves, Use::Read)
                    }
                    Some(
                        "builtins.str" | "builtins.repr" | "builtins.print" | "builtins.isinstance" | "json.dumps",
                    ) => Use::Leaves,
                    Some(name) if READERS.contains(&name) => Use::Read(used),
                    _ => Use::Leaves,
                }
            }
            _ => Use::Leaves,
        };
    }
    match body.op(used).map(|op| &op.kind) {
        Some(OpKind::Element(_)) if form == Form::Shallow => Use::Read(used),
        Some(OpKind::Element(_) | OpKind::Item { .. }) if form == Form::Deep => part(project, f, flow, used),
        Some(OpKind::Item { .. } | OpKind::Truth(_) | OpKind::Not(_) | OpKind::Text(_)) => Use::Read(used),
        Some(OpKind::Slice { .. } | OpKind::Unpack { .. }) if form == Form::Shallow => Use::Read(used),
        Some(OpKind::Binary { op, .. }) => match op {
            BinaryOp::Eq | BinaryOp::NotEq | BinaryOp::In | BinaryOp::NotIn | BinaryOp::Is | BinaryOp::IsNot => {
                Use::Read(used)
            }
            BinaryOp::Add if form == Form::Shallow => Use::Read(used),
            _ => Use::Leaves,
        },
        Some(OpKind::Attr { name, .. }) => {
            let name = project.text(*name);
            if CHANGES.contains(&name) {
                return Use::Changed;
            }
            let users: Vec<ValueId> = flow.users(used).collect();
            let called = users.iter().all(|user| {
                matches!(body.op(*user).map(|op| &op.kind), Some(OpKind::Call { callee, .. }) if *callee == used)
            });
            if !READS.contains(&name) || !called {
                return Use::Leaves;
            }
            if form == Form::Deep && !matches!(name, "index" | "count" | "keys") {
                return match users.first() {
                    Some(call) => part(project, f, flow, *call),
                    None => Use::Leaves,
                };
            }
            // A view reads the copy as long as it lives.
            if matches!(name, "items" | "keys" | "values") {
                let mut last = used;
                for call in users {
                    match lazily(project, f, flow, call) {
                        Some(until) => last = last.max(until),
                        None => return Use::Leaves,
                    }
                }
                return Use::Read(last);
            }
            Use::Read(used)
        }
        Some(OpKind::Call { callee, args }) if !is(callee) => {
            if args.iter().any(|arg| matches!(arg.kind, ArgKind::SpreadNamed | ArgKind::Spread) && is(&arg.value)) {
                return if form == Form::Shallow { Use::Read(used) } else { Use::Leaves };
            }
            let joins = matches!(project.ty(f, *callee), Type::LibBound(receiver, name)
                if *project.type_of(*receiver) == Type::Str && matches!(project.text(*name), "join" | "format"));
            match library_name(project, f, used) {
                _ if joins => Use::Read(used),
                Some(name) if READERS.contains(&name) && form == Form::Shallow => Use::Read(used),
                Some("builtins.len" | "builtins.bool" | "builtins.str" | "builtins.isinstance" | "json.dumps") => {
                    Use::Read(used)
                }
                Some(name) if LAZY.contains(&name) && form == Form::Shallow => {
                    lazily(project, f, flow, used).map_or(Use::Leaves, Use::Read)
                }
                _ => Use::Leaves,
            }
        }
        Some(OpKind::StoreItem { value, .. }) if is(value) => Use::Leaves,
        Some(OpKind::StoreItem { .. } | OpKind::Delete(_) | OpKind::Augment { .. }) => Use::Changed,
        _ => Use::Leaves,
    }
}

/// A view or lazy iterator: it is only iterated, at the latest at this op.
fn lazily(project: &Project, f: FuncId, flow: &Flow<'_>, v: ValueId) -> Option<ValueId> {
    let body = project.code().body(f);
    let uses = flow.uses(v);
    if uses.aliases.len() > 1 {
        return None;
    }
    let mut last = v;
    for used in uses.ops {
        match body.op(used).map(|op| &op.kind) {
            Some(OpKind::Element(_) | OpKind::Binary { op: BinaryOp::In | BinaryOp::NotIn, .. }) => {}
            Some(OpKind::Call { .. }) if library_name(project, f, used).is_some_and(|name| READERS.contains(&name)) => {
            }
            _ => return None,
        }
        last = last.max(used);
    }
    Some(last)
}

/// A part of a deep copy: only read as well, its own parts included.
fn part(project: &Project, f: FuncId, flow: &Flow<'_>, v: ValueId) -> Use {
    let body = project.code().body(f);
    let mut work = vec![v];
    let mut seen = Vec::new();
    let mut last = v;
    while let Some(v) = work.pop() {
        if seen.contains(&v) || seen.len() > 40 {
            continue;
        }
        seen.push(v);
        let uses = flow.uses(v);
        for used in &uses.ops {
            match use_of_part(project, f, body, *used, &uses) {
                Some(true) => work.push(*used),
                Some(false) => last = last.max(*used),
                None => return Use::Leaves,
            }
        }
    }
    Use::Read(last)
}

/// A use of a part: `Some(true)` when it gives a part again, `Some(false)` when it only reads.
fn use_of_part(project: &Project, f: FuncId, body: &Body, used: ValueId, uses: &Uses) -> Option<bool> {
    match &body.op(used)?.kind {
        OpKind::Item { base, .. } if uses.aliases.contains(base) => Some(true),
        OpKind::Element(_) | OpKind::Unpack { .. } => Some(true),
        OpKind::Item { .. } | OpKind::Truth(_) | OpKind::Not(_) | OpKind::Text(_) => Some(false),
        OpKind::Binary {
            op:
                BinaryOp::Eq
                | BinaryOp::NotEq
                | BinaryOp::In
                | BinaryOp::NotIn
                | BinaryOp::Is
                | BinaryOp::IsNot
                | BinaryOp::Order,
            ..
        } => Some(false),
        OpKind::Call { callee, .. } if !uses.aliases.contains(callee) => matches!(
            library_name(project, f, used)?,
            "builtins.len" | "builtins.str" | "builtins.bool" | "builtins.isinstance" | "builtins.int"
        )
        .then_some(false),
        _ => None,
    }
}

/// The last op that may run while the copy is still read: the end of a loop that reads it.
pub(super) fn end_of(project: &Project, f: FuncId, op: ValueId, last: ValueId) -> ValueId {
    let mut end = last;
    for l in project.loops_of(f) {
        if l.holds(last) && !l.holds(op) {
            end = end.max(ValueId(l.end.saturating_sub(1)));
        }
    }
    end
}

/// Why the copy must stay as it is while the original may change.
pub(super) fn kept(
    project: &Project,
    f: FuncId,
    flow: &Flow<'_>,
    source: ValueId,
    (from, to): (ValueId, ValueId),
    form: Form,
) -> Option<String> {
    let code = project.code();
    let body = code.body(f);
    let mut root = source_of(body, source);
    if let Some(OpKind::Call { callee, args }) = body.op(root).map(|op| &op.kind)
        && args.is_empty()
        && let Some(OpKind::Attr { base, .. }) = body.op(*callee).map(|op| &op.kind)
    {
        root = source_of(body, *base);
    }
    let words = project.describe(f, root);
    let uses = flow.uses(root);
    let inside = |v: ValueId| from < v && v <= to;
    let mut known = !matches!(body.op(root).map(|op| &op.kind), Some(OpKind::Param(_)));
    if captured(project, f, &uses) {
        known = false;
    }
    for used in &uses.ops {
        match body.op(*used).map(|op| &op.kind) {
            Some(OpKind::Attr { name, .. }) if CHANGES.contains(&project.text(*name)) && inside(*used) => {
                return Some(format!("`{words}` is changed while the copy is read"));
            }
            Some(OpKind::StoreItem { base, .. }) if uses.aliases.contains(base) && inside(*used) => {
                return Some(format!("`{words}` is changed while the copy is read"));
            }
            Some(OpKind::Delete(_) | OpKind::Augment { .. }) if inside(*used) => {
                return Some(format!("`{words}` is changed while the copy is read"));
            }
            // `del x[key]`
            Some(OpKind::Item { .. })
                if inside(*used)
                    && flow.users(*used).any(|user| {
                        matches!(body.op(user).map(|op| &op.kind), Some(OpKind::Delete(_) | OpKind::Augment { .. }))
                    }) =>
            {
                return Some(format!("`{words}` is changed while the copy is read"));
            }
            Some(OpKind::Item { .. }) if form == Form::Deep && inside(*used) => {
                return Some(format!("parts of `{words}` may be changed while the copy is read"));
            }
            Some(
                OpKind::Return(_)
                | OpKind::Yield(_)
                | OpKind::StoreAttr { .. }
                | OpKind::Collection { .. }
                | OpKind::BindOuter { .. }
                | OpKind::Other(_)
                | OpKind::Enter { .. },
            ) if *used < to && *used != from => known = false,
            Some(OpKind::StoreItem { value, .. }) if uses.aliases.contains(value) && *used < to => known = false,
            Some(OpKind::Call { .. }) if *used < to && *used != from => {
                let reads =
                    library_name(project, f, *used).is_some_and(|name| READERS.contains(&name) || LAZY.contains(&name));
                known &= reads;
            }
            _ => {}
        }
    }
    if form == Form::Deep {
        // Parts of the original may be reached over other names.
        known = false;
    }
    if known {
        return None;
    }
    // Others hold the original too: nothing may run that could change it.
    for i in from.0.saturating_add(1)..=to.0 {
        let v = ValueId(i);
        match body.op(v).map(|op| &op.kind) {
            Some(OpKind::Await(_) | OpKind::Yield(_) | OpKind::YieldFrom(_)) => {
                return Some(format!("`{words}` may change while this waits"));
            }
            Some(OpKind::Enter { .. } | OpKind::StoreAttr { .. } | OpKind::BindOuter { .. }) => {
                return Some(format!("`{words}` may be changed by what runs meanwhile"));
            }
            Some(OpKind::StoreItem { base, .. }) if !local(body, *base) => {
                return Some(format!("`{words}` may be changed under another name"));
            }
            Some(OpKind::Call { .. }) if !harmless(project, f, v) => {
                return Some(format!("`{words}` may be changed by what runs meanwhile"));
            }
            Some(OpKind::Element(it)) if matches!(project.ty(f, *it), Type::Inst(..)) => {
                return Some(format!("`{words}` may be changed by what runs meanwhile"));
            }
            _ => {}
        }
    }
    None
}

/// The container was made in this function.
fn local(body: &Body, v: ValueId) -> bool {
    matches!(
        body.op(source_of(body, v)).map(|op| &op.kind),
        Some(OpKind::Collection { .. } | OpKind::Comprehension { .. })
    )
}

/// A call that cannot change a container of the caller.
fn harmless(project: &Project, f: FuncId, call: ValueId) -> bool {
    let body = project.code().body(f);
    let Some(OpKind::Call { callee, args }) = body.op(call).map(|op| &op.kind) else { return false };
    match project.ty(f, *callee) {
        Type::LibRef(name) => {
            let name = project.text(*name);
            let plain = READERS.contains(&name)
                || LAZY.contains(&name)
                || matches!(
                    name,
                    "builtins.int"
                        | "builtins.float"
                        | "builtins.range"
                        | "builtins.abs"
                        | "builtins.round"
                        | "builtins.getattr"
                        | "builtins.hasattr"
                        | "builtins.type"
                        | "builtins.hash"
                        | "builtins.id"
                        | "builtins.ord"
                        | "builtins.chr"
                        | "builtins.ValueError"
                        | "builtins.KeyError"
                        | "builtins.TypeError"
                        | "builtins.RuntimeError"
                );
            let keyed = args
                .iter()
                .any(|a| matches!(a.kind, ArgKind::Named(n) if matches!(project.text(n), "key" | "default")));
            plain && !keyed
                || name.starts_with("re.")
                || name.starts_with("json.")
                || name.starts_with("math.")
                || name.starts_with("os.path.")
        }
        Type::LibBound(receiver, name) => {
            if matches!(project.type_of(*receiver), Type::Str | Type::Bytes | Type::Number) {
                return true;
            }
            let own = match body.op(*callee).map(|op| &op.kind) {
                Some(OpKind::Attr { base, .. }) => local(body, *base),
                _ => false,
            };
            let container = matches!(project.type_of(*receiver), Type::List(_) | Type::Dict(..) | Type::Set(_));
            let logs =
                project.lib_class_of(project.type_of(*receiver)).is_some_and(|class| class.starts_with("logging."));
            container && (own || READS.contains(&project.text(*name))) || logs
        }
        _ => project.sites_at(f, call).any(|site| {
            matches!(site.kind, SiteKind::Library(row) if row.runs.is_none()) && !site.effects.any(Effects::ANY_QUERY)
        }),
    }
}
