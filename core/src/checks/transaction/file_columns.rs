//! Methods that a model inherits and that act on the columns which hold files: for a model without such columns they
//! do nothing more.

use crate::analysis::{Chain, ClassId, Column, FuncId, Project, Type, source_of};
use crate::model::{ArgKind, Const, OpKind, ValueId};

/// `for field in self._file_fields: clean_up.delay(…)` in a mixin, called on a row whose model has no file column.
pub(super) fn has_no_files(project: &Project, chain: &Chain) -> bool {
    let (g, end) = &chain.end;
    let looped = project.loops_of(*g).iter().any(|looped| looped.runs(end));
    let Some(class) = receiver(project, chain).filter(|_| looped && goes_by_file_columns(project, *g)) else {
        return false;
    };
    if names_others(project, chain, class) {
        return true;
    }
    // The row may be of a model that adds some.
    !project
        .code()
        .class_ids()
        .any(|model| (model == class || project.descends(model, class)) && holds_files(project, model))
}

/// The model of the row on which the function with the effect was called.
fn receiver(project: &Project, chain: &Chain) -> Option<ClassId> {
    let before = chain.calls.len().checked_sub(2)?;
    let (caller, call) = *chain.calls.get(before)?;
    let body = project.code().body(caller);
    let OpKind::Call { callee, .. } = body.op(call)?.kind else { return None };
    let OpKind::Attr { base, .. } = body.op(callee)?.kind else { return None };
    match project.ty(caller, base) {
        Type::Inst(class, _) if project.orm().is_model(*class) => Some(*class),
        // `super().save()`: the method's own class.
        Type::Super(_) => project.code().class_of(caller).filter(|class| project.orm().is_model(*class)),
        _ => None,
    }
}

/// Whether the function reads a property of its object that picks the columns which are files.
fn goes_by_file_columns(project: &Project, g: FuncId) -> bool {
    let picks = |f: FuncId| {
        let body = project.code().body(f);
        let file = |v: ValueId| match body.op(source_of(body, v)).map(|op| &op.kind) {
            Some(OpKind::Attr { name, .. } | OpKind::Global(name)) => project.text(*name) == "FileField",
            _ => false,
        };
        let asks = body
            .ops
            .iter()
            .any(|op| matches!(&op.kind, OpKind::Call { args, .. } if args.iter().any(|arg| file(arg.value))));
        let meta =
            body.ops.iter().any(|op| matches!(op.kind, OpKind::Attr { name, .. } if project.text(name) == "_meta"));
        asks && meta
    };
    picks(g) || project.sites(g).iter().flat_map(|site| &site.targets).any(|target| picks(target.func))
}

/// `row.save(update_fields=["state"])`: no column that is a file.
fn names_others(project: &Project, chain: &Chain, model: ClassId) -> bool {
    chain.calls.iter().any(|(f, call)| {
        let body = project.code().body(*f);
        let Some(OpKind::Call { args, .. }) = body.op(*call).map(|op| &op.kind) else { return false };
        let given =
            args.iter().find(|arg| matches!(arg.kind, ArgKind::Named(name) if project.text(name) == "update_fields"));
        let Some(given) = given else { return false };
        let Some(OpKind::Collection { items, .. }) = body.op(source_of(body, given.value)).map(|op| &op.kind) else {
            return false;
        };
        items.iter().all(|item| match body.op(*item).map(|op| &op.kind) {
            Some(OpKind::Const(Const::Str(name))) => {
                !project.columns_of(model).into_iter().any(|column| column.name == *name && is_file(column))
            }
            _ => false,
        })
    })
}

fn holds_files(project: &Project, model: ClassId) -> bool {
    project.columns_of(model).into_iter().any(is_file)
}

fn is_file(column: &Column) -> bool {
    column.type_name.ends_with("FileField") || column.type_name.ends_with("ImageField")
}
