//! The fields that a serializer renders, all of them or none, and where each takes its value from.

use super::code::{ClassId, FuncId};
use super::project::Project;
use super::serializers::{is_serializer, meta, model_of};
use super::types::Type;
use crate::model::{ArgKind, BinaryOp, CollectionKind, Const, OpKind, Sym, ValueId};

/// A declared field of a serializer, a value in the body of its class.
pub(super) type Declared = (FuncId, ValueId);

/// Where a declared field takes its value from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// It is not rendered.
    Nothing,
    /// An attribute of the row.
    Attribute(Sym),
    /// A method of the serializer.
    Method(String),
}

/// The fields that a serializer renders, with their declarations; `None` when they are not all known.
pub(super) fn shown_fields(project: &Project, serializer: ClassId) -> Option<Vec<(Sym, Option<Declared>)>> {
    const DYNAMIC: &[&str] =
        &["get_fields", "get_field_names", "get_default_field_names", "build_field", "build_standard_field", "fields"];
    let code = project.code();
    let foreign = project.library_ancestors(serializer).any(|name| {
        !name.starts_with("rest_framework.") && !name.starts_with("builtins.") && !name.starts_with("typing.")
    });
    if foreign || DYNAMIC.iter().any(|name| project.method(serializer, name).is_some()) {
        return None;
    }
    let mut declared: Vec<(Sym, Declared)> = Vec::new();
    for owner in project.project_ancestors(serializer) {
        let class = code.class(owner);
        let scope = code.class_scope(owner);
        for field in class.fields.iter().rev() {
            let Some(value) = field.value else { continue };
            let calls = matches!(code.op(scope, value).map(|op| &op.kind), Some(OpKind::Call { .. }));
            if calls && !declared.iter().any(|(name, _)| *name == field.name) {
                declared.push((field.name, (scope, value)));
            }
        }
    }
    let Some(model) = model_of(project, serializer) else {
        let plain = meta(project, serializer, "model").is_none();
        return plain.then(|| declared.into_iter().map(|(name, at)| (name, Some(at))).collect());
    };
    let of = |name: Sym| declared.iter().find(|(known, _)| *known == name).map(|(_, at)| *at);
    if let Some((scope, value)) = meta(project, serializer, "fields") {
        let mut names = Vec::new();
        complete_names(project, scope, value, 0, &mut names)?;
        if !names.iter().any(|name| project.text(*name) == "__all__") {
            return Some(names.into_iter().map(|name| (name, of(name))).collect());
        }
    }
    let mut without = Vec::new();
    match meta(project, serializer, "exclude") {
        Some((scope, value)) => complete_names(project, scope, value, 0, &mut without)?,
        None => {
            meta(project, serializer, "fields")?;
        }
    }
    let mut out: Vec<(Sym, Option<Declared>)> = declared.iter().map(|(name, at)| (*name, Some(*at))).collect();
    for column in project.columns_of(model) {
        if of(column.name).is_none() && !without.contains(&column.name) {
            out.push((column.name, None));
        }
    }
    Some(out)
}

/// All names of a display, `None` when some of them cannot be read.
fn complete_names(project: &Project, f: FuncId, v: ValueId, depth: u32, out: &mut Vec<Sym>) -> Option<()> {
    if depth > 6 {
        return None;
    }
    let code = project.code();
    match &code.op(f, v)?.kind {
        OpKind::Const(Const::Str(s)) => out.push(*s),
        OpKind::Collection { kind: CollectionKind::List | CollectionKind::Tuple | CollectionKind::Set, items } => {
            for item in items {
                complete_names(project, f, *item, depth + 1, out)?;
            }
        }
        OpKind::Other(items) if !items.is_empty() => {
            for item in items {
                complete_names(project, f, *item, depth + 1, out)?;
            }
        }
        OpKind::Binary { op: BinaryOp::Add, left, right } => {
            complete_names(project, f, *left, depth + 1, out)?;
            complete_names(project, f, *right, depth + 1, out)?;
        }
        OpKind::Bind { value, .. } | OpKind::Annotated { value: Some(value), .. } => {
            complete_names(project, f, *value, depth + 1, out)?;
        }
        OpKind::Attr { base, name } if project.text(*name) == "fields" => {
            let OpKind::Attr { base: owner, .. } = &code.op(f, *base)?.kind else { return None };
            let Type::ClassObj(class) = project.ty(f, *owner) else { return None };
            let (scope, value) = meta(project, *class, "fields")?;
            complete_names(project, scope, value, depth + 1, out)?;
        }
        OpKind::Global(name) => {
            let (top, values) = project.global_values(code.module_of(f), *name)?;
            let [value] = values.as_slice() else { return None };
            complete_names(project, top, *value, depth + 1, out)?;
        }
        _ => return None,
    }
    Some(())
}

/// Where a declared field takes its value from; `None` when that is not seen.
pub(super) fn field_source(project: &Project, scope: FuncId, value: ValueId, name: Sym) -> Option<Source> {
    let code = project.code();
    let OpKind::Call { callee, args } = &code.op(scope, value)?.kind else { return None };
    let named = |wanted: &str| args.iter().find(|a| matches!(a.kind, ArgKind::Named(n) if project.text(n) == wanted));
    let text = |v: ValueId| match code.op(scope, v).map(|op| &op.kind) {
        Some(OpKind::Const(Const::Str(s))) => Some(project.text(*s).to_owned()),
        _ => None,
    };
    if args.iter().any(|a| matches!(a.kind, ArgKind::SpreadNamed)) {
        return None;
    }
    let write_only = named("write_only")
        .is_some_and(|a| matches!(code.op(scope, a.value).map(|op| &op.kind), Some(OpKind::Const(Const::Bool(true)))));
    if write_only {
        return Some(Source::Nothing);
    }
    let attribute = match named("source") {
        None => name,
        Some(source) => {
            let source = text(source.value)?;
            if source == "*" {
                return None;
            }
            project.sym(source.split('.').next().unwrap_or(""))?
        }
    };
    match project.ty(scope, *callee) {
        Type::ClassObj(class) => {
            let field = project.library_ancestors(*class).any(|n| n.starts_with("rest_framework."));
            let method = project.library_ancestors(*class).any(|n| n.ends_with("SerializerMethodField"));
            let own = project.method(*class, "get_attribute").is_some()
                || !is_serializer(project, *class) && project.method(*class, "__init__").is_some();
            (field && !method && !own).then_some(Source::Attribute(attribute))
        }
        Type::LibRef(kind) => {
            let kind = project.text(*kind);
            if !kind.starts_with("rest_framework.") {
                return None;
            }
            match kind.rsplit('.').next().unwrap_or("") {
                "HiddenField" => Some(Source::Nothing),
                "SerializerMethodField" => {
                    let method = match named("method_name").or_else(|| args.first()) {
                        Some(arg) => text(arg.value)?,
                        None => format!("get_{}", project.text(name)),
                    };
                    Some(Source::Method(method))
                }
                _ => Some(Source::Attribute(attribute)),
            }
        }
        _ => None,
    }
}
