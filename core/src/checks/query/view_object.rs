//! The object of a class-based view, which `get_object` loads anew each time it is called.

use super::redundant_fetch::{Candidate, First};
use super::refetch::{asked_again, exclusive, named_load};
use crate::analysis::{FuncId, MethodCall, Project, Type};
use crate::checks::check::Place;
use crate::checks::support::place_of;
use crate::libraries::Effects;
use crate::model::{FunctionKind, OpKind, ValueId};

/// Views of Django that keep the object in `self.object` before they call these methods
/// (<https://docs.djangoproject.com/en/5.2/ref/class-based-views/mixins-single-object/>).
const KEEP: &[&str] = &["DetailView", "UpdateView", "DeleteView"];
const AFTERWARDS: &[&str] = &[
    "form_invalid",
    "form_valid",
    "get_context_data",
    "get_form",
    "get_form_class",
    "get_form_kwargs",
    "get_initial",
    "get_success_url",
    "get_template_names",
];

/// `self.get_object()` for the second time, or although the view holds the object.
pub(super) fn candidates(project: &Project, found: &mut Vec<(Place, Candidate)>) {
    let Some(name) = project.sym("get_object") else { return };
    let code = project.code();
    let mut before: Option<(FuncId, ValueId)> = None;
    for MethodCall { func: f, op, base, args, .. } in code.method_calls(name) {
        if base != ValueId(0) || !args.is_empty() || !loads(project, f) {
            continue;
        }
        let first = match before {
            Some((g, first)) if g == f => {
                let anew = exclusive(project, f, first, op) || asked_again(project, f, first, op);
                (!anew && !inherited_between(project, f, first, op)).then_some(First::Object(Some(first)))
            }
            _ => kept(project, f).then_some(First::Object(None)),
        };
        if before.is_none_or(|(g, _)| g != f) {
            before = Some((f, op));
        }
        let Some(first) = first else { continue };
        let second = named_load(name, op, (f, op));
        if !found.iter().any(|(place, _)| place.func == f && place.op == Some(op)) {
            found.push((place_of(project, f, op), Candidate { first, second, more: Vec::new() }));
        }
    }
}

/// `super().update(…)` between the two may write the object.
fn inherited_between(project: &Project, f: FuncId, first: ValueId, second: ValueId) -> bool {
    (first.0..second.0).map(ValueId).any(|v| match project.code().op(f, v).map(|op| &op.kind) {
        Some(OpKind::Attr { base, .. }) => matches!(project.ty(f, *base), Type::Super(_)),
        _ => false,
    })
}

/// A method of a view whose `get_object` runs a query: the library's own, or one of the project that keeps nothing.
fn loads(project: &Project, f: FuncId) -> bool {
    let code = project.code();
    let Some(class) = code.class_of(f).filter(|_| code.func(f).kind == FunctionKind::Method) else { return false };
    if let Some(own) = project.method(class, "get_object") {
        let keeps = code.body(own).ops.iter().any(|op| matches!(op.kind, OpKind::StoreAttr { .. }));
        return own != f
            && !keeps
            && project.decorators(own).is_empty()
            && project.summary(own).effects.any(Effects::DB_READ);
    }
    let view = |name: &str| name.starts_with("rest_framework.") || name.starts_with("django.views.generic.");
    let mut libraries = project.library_ancestors(class).peekable();
    // A mixin for such views says so by what it extends.
    match libraries.peek() {
        Some(_) => libraries.any(view),
        None => AFTERWARDS.contains(&project.text(code.func(f).name)),
    }
}

/// Called by a view of Django that has loaded its object before.
fn kept(project: &Project, f: FuncId) -> bool {
    let code = project.code();
    let Some(class) = code.class_of(f) else { return false };
    let keeps = project
        .library_ancestors(class)
        .any(|name| name.starts_with("django.views.generic.") && KEEP.contains(&name.rsplit('.').next().unwrap_or("")));
    // A handler of its own may leave the object out.
    let own = ["get", "post", "dispatch", "setup"].iter().any(|name| project.method(class, name).is_some());
    keeps && !own && AFTERWARDS.contains(&project.text(code.func(f).name))
}
