//! Copies of containers: what is copied, and whether anything needs the copy.

use super::copy_uses::{Use, captured, end_of, kept, use_of};
use crate::analysis::{Bound, Flow, FuncId, Holds, Project, Type, source_of};
use crate::model::{ArgKind, CollectionKind, FunctionKind, OpKind, ValueId};
use crate::order::InOrder as _;

/// A copy that nothing needs.
#[derive(Clone, Debug)]
pub struct Copy {
    /// The op that copies.
    pub op: ValueId,
    /// Why it is not needed.
    pub why: Why,
    /// It is made in each pass of a loop over data.
    pub looped: bool,
}

/// Why a copy is not needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// What is copied was made for this copy: `list(sorted(…))`.
    Fresh(String),
    /// What takes the copy takes any iterable: `sorted(list(…))`.
    Consumed(String),
    /// The copy of this value is only read.
    Read(String),
}

/// What a copy copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `list(x)`, `[*x]`, `x[:]`, `x.copy()`, `dict(x)`, `{**x}`
    Shallow,
    /// `copy.deepcopy(x)`, `json.loads(json.dumps(x))`
    Deep,
    /// `list(d)`, `list(d.keys())`: a list of what is no list.
    View,
}

/// Judges every copy of a function: needless ones, and for the others the op and the reason.
pub(super) fn copies(project: &Project, f: FuncId) -> Vec<Result<Copy, (ValueId, String)>> {
    let body = project.code().body(f);
    let mut flow = None;
    let mut out = Vec::new();
    let code = project.code();
    let mut ops: Vec<ValueId> = code.calls_in(f).to_vec();
    if code.holds(f, Holds::PART.or(Holds::COLLECTION)) {
        let parts = (0..).map(ValueId).zip(&body.ops);
        let built = parts.filter(|(_, op)| matches!(op.kind, OpKind::Slice { .. } | OpKind::Collection { .. }));
        ops.extend(built.map(|(at, _)| at));
        ops.order();
    }
    for op in ops {
        let Some((form, source)) = copied(project, f, op) else { continue };
        let flow = flow.get_or_insert_with(|| Flow::new(project.code(), f));
        let looped = project.loops_of(f).iter().any(|l| l.holds(op) && matches!(l.bound, Bound::Data | Bound::Chunks));
        let judged = match needless(project, f, flow, op, source, form) {
            Ok(why) => Ok(Copy { op, why, looped }),
            Err(Some(reason)) => Err((op, reason)),
            Err(None) => continue,
        };
        out.push(judged);
    }
    out
}

/// The value that the op copies.
fn copied(project: &Project, f: FuncId, op: ValueId) -> Option<(Form, ValueId)> {
    let body = project.code().body(f);
    match &body.op(op)?.kind {
        OpKind::Call { callee, args } => match project.ty(f, *callee) {
            Type::LibRef(name) => {
                let [arg] = args.as_slice() else { return None };
                if arg.kind != ArgKind::Positional {
                    return None;
                }
                match project.text(*name) {
                    "builtins.list" | "builtins.dict" | "builtins.set" | "copy.copy" | "builtins.sorted" => {
                        Some((Form::Shallow, arg.value))
                    }
                    "copy.deepcopy" => Some((Form::Deep, arg.value)),
                    "json.loads" => match &body.op(arg.value)?.kind {
                        OpKind::Call { callee, args } => {
                            let [inner] = args.as_slice() else { return None };
                            let dumps = matches!(project.ty(f, *callee), Type::LibRef(name)
                                if project.text(*name) == "json.dumps");
                            (dumps && inner.kind == ArgKind::Positional).then_some((Form::Deep, inner.value))
                        }
                        _ => None,
                    },
                    _ => None,
                }
            }
            Type::LibBound(receiver, name) if args.is_empty() && project.text(*name) == "copy" => {
                let container = matches!(project.type_of(*receiver), Type::List(_) | Type::Dict(..) | Type::Set(_));
                match body.op(*callee).map(|op| &op.kind) {
                    Some(OpKind::Attr { base, .. }) if container => Some((Form::Shallow, *base)),
                    _ => None,
                }
            }
            _ => None,
        },
        // `x[:]`: nothing between the brackets.
        OpKind::Slice { base, bounded: false } => {
            let whole = body.span(op)?;
            let width = usize::from(whole.end_col.saturating_sub(whole.col));
            let bare = whole.line == whole.end_line && width == project.describe(f, *base).chars().count() + 3;
            (bare && matches!(project.ty(f, *base), Type::List(_))).then_some((Form::Shallow, *base))
        }
        OpKind::Collection { kind: CollectionKind::List, items } => match items.as_slice() {
            [one] => match &body.op(*one)?.kind {
                OpKind::Other(inner) => Some((Form::Shallow, *inner.first()?)),
                _ => None,
            },
            _ => None,
        },
        OpKind::Collection { kind: CollectionKind::Dict, items } => match items.as_slice() {
            [key, value] => match &body.op(*key)?.kind {
                OpKind::Other(inner) if inner.first() == Some(value) => Some((Form::Shallow, *value)),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn library_name(project: &Project, f: FuncId, call: ValueId) -> Option<&str> {
    let OpKind::Call { callee, .. } = &project.code().op(f, call)?.kind else { return None };
    match project.ty(f, *callee) {
        Type::LibRef(name) => Some(project.text(*name)),
        _ => None,
    }
}

/// Why nothing needs the copy; the reason when something does, `None` when it is no copy after all.
fn needless(
    project: &Project,
    f: FuncId,
    flow: &Flow<'_>,
    op: ValueId,
    source: ValueId,
    form: Form,
) -> Result<Why, Option<String>> {
    let name = library_name(project, f, op);
    if let Some(consumer) = consumer(project, f, flow, op, source) {
        return Ok(Why::Consumed(consumer));
    }
    if name == Some("builtins.sorted") {
        // Sorting is what it is for.
        return Err(None);
    }
    if form == Form::Shallow
        && let Some(made) = fresh(project, f, flow, op, source)
    {
        return Ok(Why::Fresh(made));
    }
    let Some(shared) = in_memory(project, f, source, name) else { return Err(None) };
    if project.code().func(f).kind == FunctionKind::TopLevel {
        return Err(Some("runs once, when the module is imported".into()));
    }
    let dict = viewed(project, f, source).is_some() || matches!(project.ty(f, source), Type::Dict(..));
    let form = if form == Form::Shallow && dict && name == Some("builtins.list") { Form::View } else { form };
    let uses = flow.uses(op);
    if captured(project, f, &uses) {
        return Err(Some("a nested function uses the copy".into()));
    }
    let mut last = op;
    for used in &uses.ops {
        match use_of(project, f, flow, *used, &uses, form) {
            Use::Read(until) => last = last.max(until),
            Use::Changed => return Err(Some("the copy is changed".into())),
            Use::Leaves => return Err(Some("the copy is handed on, or a list is needed".into())),
        }
    }
    if uses.ops.is_empty() {
        return Err(None);
    }
    let words = project.describe(f, source);
    if shared {
        return Err(Some(format!("`{words}` is shared: the copy stays as it was")));
    }
    let window = (op, end_of(project, f, op, last));
    match kept(project, f, flow, source, window, form) {
        None => Ok(Why::Read(words)),
        Some(reason) => Err(Some(reason)),
    }
}

/// The function that takes the copy and any iterable as well: `sorted(list(x))`.
fn consumer(project: &Project, f: FuncId, flow: &Flow<'_>, op: ValueId, source: ValueId) -> Option<String> {
    const ANY: &[&str] = &["builtins.sorted", "builtins.set", "builtins.frozenset", "builtins.tuple", "builtins.sum"];
    const ONCE: &[&str] = &["builtins.min", "builtins.max"];
    let body = project.code().body(f);
    let list = match &body.op(op)?.kind {
        OpKind::Call { .. } => matches!(library_name(project, f, op)?, "builtins.list" | "builtins.sorted"),
        OpKind::Collection { kind: CollectionKind::List, .. } => true,
        _ => false,
    };
    let mut users = flow.users_but_applied(op);
    let (user, None) = (users.next()?, users.next()) else { return None };
    let OpKind::Call { args, .. } = &body.op(user)?.kind else { return None };
    let first = args.first().filter(|arg| arg.value == op && arg.kind == ArgKind::Positional)?;
    let taker = library_name(project, f, user)?;
    let alone = args.iter().filter(|arg| arg.kind == ArgKind::Positional).count() == 1;
    let order_kept = library_name(project, f, op) != Some("builtins.sorted")
        || matches!(taker, "builtins.set" | "builtins.frozenset" | "builtins.sum" | "builtins.min" | "builtins.max");
    let sized = matches!(project.ty(f, source), Type::List(_) | Type::Set(_) | Type::Dict(..));
    // What is evaluated one by one may depend on what happens in between.
    let plain = sized || !matches!(project.ty(f, source), Type::Lib(..) | Type::Coroutine(_));
    let takes = ANY.contains(&taker) && (alone || taker == "builtins.sum") || ONCE.contains(&taker) && alone;
    let _ = first;
    (list && takes && order_kept && plain).then(|| format!("{}(…)", taker.trim_start_matches("builtins.")))
}

/// What is copied was made right here and is used for nothing else.
fn fresh(project: &Project, f: FuncId, flow: &Flow<'_>, op: ValueId, source: ValueId) -> Option<String> {
    let body = project.code().body(f);
    if flow.users_but_applied(source).count() != 1 {
        // `{**x}` names its operand twice.
        let spread = matches!(body.op(op).map(|op| &op.kind), Some(OpKind::Collection { .. }));
        if !spread || flow.users_but_applied(source).count() > 2 {
            return None;
        }
    }
    let target = match &body.op(op)?.kind {
        OpKind::Call { .. } => library_name(project, f, op).unwrap_or("method"),
        OpKind::Collection { kind: CollectionKind::List, .. } => "builtins.list",
        OpKind::Collection { kind: CollectionKind::Dict, .. } => "builtins.dict",
        _ => "method",
    };
    let kind = match &body.op(source)?.kind {
        OpKind::Collection { kind, items } if !items.is_empty() => *kind,
        OpKind::Comprehension { kind: Some(kind), .. } => *kind,
        OpKind::Call { callee, .. } => match project.ty(f, *callee) {
            Type::LibRef(name) => match project.text(*name) {
                "builtins.sorted" | "builtins.list" => CollectionKind::List,
                "builtins.dict" => CollectionKind::Dict,
                "builtins.set" => CollectionKind::Set,
                _ => return None,
            },
            Type::LibBound(receiver, name) => match (project.type_of(*receiver), project.text(*name)) {
                (Type::Str, "split" | "rsplit" | "splitlines") | (Type::List(_), "copy") => CollectionKind::List,
                (Type::Dict(..), "copy") => CollectionKind::Dict,
                _ => return None,
            },
            _ => return None,
        },
        _ => return None,
    };
    let same = match target {
        "builtins.list" => kind == CollectionKind::List,
        "builtins.dict" => kind == CollectionKind::Dict,
        "builtins.set" => kind == CollectionKind::Set,
        "copy.copy" | "method" => true,
        _ => false,
    };
    same.then(|| project.describe(f, source))
}

/// The dict behind `d.keys()`, `d.values()`, `d.items()`.
fn viewed(project: &Project, f: FuncId, v: ValueId) -> Option<ValueId> {
    let body = project.code().body(f);
    let OpKind::Call { callee, args } = &body.op(v)?.kind else { return None };
    let OpKind::Attr { base, name } = &body.op(*callee)?.kind else { return None };
    let view = args.is_empty() && matches!(project.text(*name), "keys" | "values" | "items");
    (view && matches!(project.ty(f, *base), Type::Dict(..))).then_some(*base)
}

/// Whether the source is a container in memory, and whether others share it; `None` when it may be
/// anything.
fn in_memory(project: &Project, f: FuncId, source: ValueId, copier: Option<&str>) -> Option<bool> {
    let body = project.code().body(f);
    let container = match viewed(project, f, source) {
        Some(dict) if copier == Some("builtins.list") => dict,
        Some(_) => return None,
        None => source,
    };
    let typed = matches!(
        (project.ty(f, container), copier),
        (Type::List(_), Some("builtins.list" | "copy.copy" | "copy.deepcopy" | "json.loads") | None)
            | (Type::Set(_), Some("builtins.set" | "copy.copy" | "copy.deepcopy") | None)
            | (
                Type::Dict(..),
                Some("builtins.dict" | "builtins.list" | "copy.copy" | "copy.deepcopy" | "json.loads") | None
            )
    );
    if !typed {
        return None;
    }
    let at = source_of(body, container);
    match &body.op(at)?.kind {
        OpKind::Collection { .. } => Some(false),
        OpKind::Comprehension { kind: Some(_), .. } => Some(false),
        OpKind::Param(i) => stated(project, f, *i).then_some(false),
        OpKind::Call { callee, .. } => match project.ty(f, *callee) {
            Type::LibRef(name) => matches!(
                project.text(*name),
                "builtins.list" | "builtins.dict" | "builtins.set" | "builtins.sorted" | "collections.defaultdict"
            )
            .then_some(false),
            Type::LibBound(receiver, _) => (*project.type_of(*receiver) == Type::Str).then_some(false),
            _ => None,
        },
        OpKind::Attr { .. } | OpKind::Global(_) | OpKind::Captured { .. } => Some(true),
        _ => None,
    }
}

/// The parameter's annotation says list, dict or set: not any iterable.
fn stated(project: &Project, f: FuncId, i: u16) -> bool {
    let code = project.code();
    let Some(annotation) = code.func(f).params.get(usize::from(i)).and_then(|p| p.annotation) else { return false };
    let parent = code.parent(f);
    let named = match code.op(parent, annotation).map(|op| &op.kind) {
        Some(OpKind::Item { base, .. }) => *base,
        _ => annotation,
    };
    matches!(project.ty(parent, named), Type::LibRef(name) if matches!(
        project.text(*name),
        "builtins.list" | "builtins.dict" | "builtins.set" | "typing.List" | "typing.Dict" | "typing.Set"
    ))
}
