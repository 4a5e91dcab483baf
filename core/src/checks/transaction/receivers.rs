//! Receivers of Django's signals: which functions they are, the row that each is given, and what is
//! told of it. A receiver of a save runs inside the transaction of that save.

use crate::analysis::{FuncId, MethodCall, Project, RelationKind, Type, source_of};
use crate::model::{Arg, ArgKind, Const, OpKind, ValueId};
use std::collections::BTreeMap;

/// Signals that are sent while the transaction of the change is open.
const SIGNALS: &[&str] = &["post_save", "post_delete", "m2m_changed"];

/// Keywords that say when and where a task runs.
const TIMING: &[&str] = &["countdown", "eta", "expires", "queue", "priority"];

/// Functions that are connected by a call: `post_save.connect(update_totals, sender=Order)`.
pub(super) fn connected(project: &Project) -> BTreeMap<FuncId, &'static str> {
    let code = project.code();
    let mut out = BTreeMap::new();
    let Some(connect) = project.sym("connect") else { return out };
    for MethodCall { func: f, base, args, .. } in code.method_calls(connect) {
        if let Some(first) = args.first()
            && let Type::Func(g) = *project.ty(f, first.value)
            && let Some(signal) = signal_in(&project.describe(f, base))
        {
            out.insert(g, signal);
        }
    }
    out
}

fn signal_in(text: &str) -> Option<&'static str> {
    SIGNALS.iter().copied().find(|signal| text.rsplit('.').next() == Some(signal))
}

/// The signal whose receiver a function is: `post_save`.
pub(super) fn signal_of(project: &Project, connected: &BTreeMap<FuncId, &'static str>, f: FuncId) -> Option<String> {
    if let Some(signal) = connected.get(&f) {
        return Some((*signal).to_owned());
    }
    let code = project.code();
    if !project.decorators(f).iter().any(|name| name.starts_with("django.dispatch") && name.ends_with("receiver")) {
        return None;
    }
    let parent = code.parent(f);
    code.func(f).decorators.iter().find_map(|decorator| {
        let words = project.describe(parent, decorator.value);
        let args = match code.op(parent, decorator.value).map(|op| &op.kind) {
            Some(OpKind::Call { args, .. }) => args.first().map(|arg| project.describe(parent, arg.value)),
            _ => None,
        };
        let text = args.unwrap_or(words);
        SIGNALS.iter().find(|name| text.contains(**name)).map(|name| (*name).to_owned())
    })
}

/// The values that stand for the row: the parameter `instance`, or what `kwargs["instance"]` gives.
pub(super) fn instances(project: &Project, f: FuncId) -> Vec<ValueId> {
    let code = project.code();
    let named = code.func(f).params.iter().position(|p| project.text(p.name) == "instance");
    let is_instance = |kind: &OpKind| match kind {
        OpKind::Param(i) => named == Some(usize::from(*i)),
        OpKind::Item { base, index } => {
            let keywords = matches!(code.op(f, *base).map(|op| &op.kind), Some(OpKind::Param(_)));
            let key = matches!(code.op(f, *index).map(|op| &op.kind), Some(OpKind::Const(Const::Str(s))) if project.text(*s) == "instance");
            keywords && key
        }
        _ => false,
    };
    let ops = code.body(f).ops.iter().enumerate().filter(|(_, op)| is_instance(&op.kind));
    ops.filter_map(|(i, _)| Some(ValueId(u32::try_from(i).ok()?))).collect()
}

/// Whether an argument of the call is made of one of the rows, or of what belongs to it: the save may
/// have changed that as well. A task without arguments looks for what has changed by itself.
pub(super) fn tells_of(project: &Project, f: FuncId, call: ValueId, rows: &[ValueId]) -> bool {
    let body = project.code().body(f);
    let Some(OpKind::Call { args, .. }) = body.op(call).map(|op| &op.kind) else { return false };
    let timing = |arg: &Arg| matches!(arg.kind, ArgKind::Named(name) if TIMING.contains(&project.text(name)));
    let task = match &body.op(call).map(|op| &op.kind) {
        Some(OpKind::Call { callee, .. }) => body.op(*callee).map(|op| &op.kind),
        _ => None,
    };
    let queued =
        matches!(task, Some(OpKind::Attr { name, .. }) if matches!(project.text(*name), "delay" | "apply_async"));
    if queued && args.iter().all(timing) {
        return true;
    }
    let mut work: Vec<ValueId> = args.iter().map(|arg| arg.value).collect();
    let mut seen: Vec<ValueId> = Vec::new();
    while let Some(v) = work.pop() {
        let at = source_of(body, v);
        if rows.contains(&at) {
            return true;
        }
        if seen.contains(&at) || seen.len() > 64 {
            continue;
        }
        seen.push(at);
        // `notify.delay(instance.document.pk)` tells of another row, which was there before.
        if other_row(project, f, at) {
            continue;
        }
        if let Some(op) = body.op(at) {
            op.kind.operands(|operand| work.push(operand));
        }
    }
    false
}

/// A related row, or the key of one.
fn other_row(project: &Project, f: FuncId, v: ValueId) -> bool {
    let Some(OpKind::Attr { base, name }) = project.code().op(f, v).map(|op| &op.kind) else { return false };
    let Type::Inst(class, _) = *project.ty(f, *base) else { return false };
    let key_of = || project.text(*name).strip_suffix("_id").and_then(|relation| project.sym(relation));
    let to_one = |name| project.relation(class, name).is_some_and(|relation| relation.kind == RelationKind::ToOne);
    to_one(*name) || key_of().is_some_and(to_one)
}
