//! Actions of a view set: what runs for its list and what only for others.

use super::code::{ClassId, FuncId};
use super::project::Project;
use super::serializers::class_value;
use crate::model::{BinaryOp, CollectionKind, Const, OpKind, ValueId};

/// `{"retrieve": Full}.get(self.action, Short)`: the value for lists.
pub(super) fn by_action_of(project: &Project, f: FuncId, v: ValueId) -> Option<ValueId> {
    let body = project.code().body(f);
    let OpKind::Call { callee, args } = &body.op(super::flow::source_of(body, v))?.kind else { return None };
    let OpKind::Attr { base, name } = &body.op(*callee)?.kind else { return None };
    if project.text(*name) != "get" || !reads_action(project, f, args.first()?.value, "action") {
        return None;
    }
    let OpKind::Collection { kind: CollectionKind::Dict, items } = &body.op(super::flow::source_of(body, *base))?.kind
    else {
        return None;
    };
    let listed = items.chunks(2).find_map(|pair| match pair {
        [key, value] if is_text(project, f, *key, "list") => Some(*value),
        _ => None,
    });
    listed.or_else(|| args.get(1).map(|arg| arg.value))
}

/// `self.serializers[self.action]`, `self.serializers.get(self.action, …)` of a dictionary of the class: the value
/// for lists, and the scope in which it stands.
pub(super) fn by_action_of_class(
    project: &Project,
    class: ClassId,
    f: FuncId,
    v: ValueId,
) -> Option<(FuncId, ValueId)> {
    let body = project.code().body(f);
    let own = |v: ValueId| match body.op(super::flow::source_of(body, v)).map(|op| &op.kind) {
        Some(OpKind::Attr { base, name }) => {
            let of_view =
                matches!(body.op(super::flow::source_of(body, *base)).map(|op| &op.kind), Some(OpKind::Param(0)));
            of_view.then(|| project.text(*name))
        }
        _ => None,
    };
    let name = match &body.op(super::flow::source_of(body, v))?.kind {
        OpKind::Item { base, index } if reads_action(project, f, *index, "action") => own(*base)?,
        OpKind::Call { args, .. } if reads_action(project, f, args.first()?.value, "action") => {
            let (base, name, _) = body.method(super::flow::source_of(body, v))?;
            (project.text(name) == "get").then(|| own(base))??
        }
        _ => return None,
    };
    let (scope, value) = class_value(project, class, name)?;
    let dictionary = project.code().body(scope);
    let OpKind::Collection { kind: CollectionKind::Dict, items } =
        &dictionary.op(super::flow::source_of(dictionary, value))?.kind
    else {
        return None;
    };
    items.chunks(2).find_map(|pair| match pair {
        [key, value] if is_text(project, scope, *key, "list") => Some((scope, *value)),
        _ => None,
    })
}

fn is_text(project: &Project, f: FuncId, v: ValueId, wanted: &str) -> bool {
    matches!(project.code().op(f, v).map(|op| &op.kind), Some(OpKind::Const(Const::Str(s))) if project.text(*s) == wanted)
}

/// `self.action`, `getattr(view, "action", None)`.
fn reads_action(project: &Project, f: FuncId, v: ValueId, wanted: &str) -> bool {
    let body = project.code().body(f);
    match body.op(super::flow::source_of(body, v)).map(|op| &op.kind) {
        Some(OpKind::Attr { name, .. }) => project.text(*name) == wanted,
        Some(OpKind::Call { args, .. }) => args.get(1).is_some_and(|arg| is_text(project, f, arg.value, wanted)),
        _ => false,
    }
}

/// Whether the op runs only for other actions of a view than its list.
#[must_use]
pub fn only_other_actions(project: &Project, f: FuncId, at: ValueId) -> bool {
    let body = project.code().body(f);
    body.regions.iter().any(|region| {
        let crate::model::RegionKind::Arm { cond: Some(cond), negated } = region.kind else { return false };
        let Some(truth) = truth_for_list(project, f, cond, 0) else { return false };
        let for_list = truth != negated;
        let inside = region.start <= at.0 && at.0 < region.end;
        let left = region.end <= at.0 && body.leaves(region);
        inside && !for_list || left && for_list
    })
}

/// The truth of a condition about the view's action or method, when the view lists.
fn truth_for_list(project: &Project, f: FuncId, cond: ValueId, depth: u32) -> Option<bool> {
    if depth > 5 {
        return None;
    }
    let body = project.code().body(f);
    match &body.op(super::flow::source_of(body, cond))?.kind {
        OpKind::Truth(inner) => truth_for_list(project, f, *inner, depth + 1),
        OpKind::Not(inner) => truth_for_list(project, f, *inner, depth + 1).map(|truth| !truth),
        // `self.detail` is set on routes of one object.
        OpKind::Attr { base: ValueId(0), name } if project.text(*name) == "detail" => Some(false),
        OpKind::Binary { op: op @ (BinaryOp::LogicalAnd | BinaryOp::LogicalOr), left, right } => {
            let (l, r) = (truth_for_list(project, f, *left, depth + 1), truth_for_list(project, f, *right, depth + 1));
            let decides = *op == BinaryOp::LogicalOr;
            if l == Some(decides) || r == Some(decides) { Some(decides) } else { l.or(r) }
        }
        OpKind::Binary { op: op @ (BinaryOp::Eq | BinaryOp::NotEq | BinaryOp::In | BinaryOp::NotIn), left, right } => {
            let word = ["action", "method"].into_iter().find(|word| reads_action(project, f, *left, word))?;
            let wanted = if word == "action" { "list" } else { "GET" };
            let right = super::flow::source_of(body, *right);
            let (all_known, contains) = match &body.op(right)?.kind {
                OpKind::Const(Const::Str(_)) => (true, is_text(project, f, right, wanted)),
                OpKind::Collection { items, .. } => {
                    let known =
                        |v: &ValueId| matches!(body.op(*v).map(|op| &op.kind), Some(OpKind::Const(Const::Str(_))));
                    (items.iter().all(known), items.iter().any(|v| is_text(project, f, *v, wanted)))
                }
                _ => (false, false),
            };
            all_known.then_some(contains == matches!(op, BinaryOp::Eq | BinaryOp::In))
        }
        _ => None,
    }
}
