//! Serializers as consumers of rows: which relations rendering one row reads.

use super::code::{ClassId, FuncId};
use super::project::Project;
use super::types::Type;
use crate::model::{Arg, ArgKind, CollectionKind, Const, OpKind, Sym, ValueId};
use crate::order::InOrder as _;
use crate::report::model::Step;

/// A relation that rendering one row reads.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// Path from the row.
    pub path: Vec<Sym>,
    /// Where and by what.
    pub step: Step,
}

/// A function that rendering one row calls with it.
#[derive(Clone, Debug)]
pub struct RowFunction {
    /// The function.
    pub func: FuncId,
    /// Position of the row among its parameters.
    pub param: u16,
    /// Path from the listed row to the rendered one.
    pub prefix: Vec<Sym>,
}

/// What rendering one row does.
#[derive(Clone, Debug, Default)]
pub struct Rendering {
    /// Relations that it reads.
    pub reads: Vec<Rendered>,
    /// Functions that it calls.
    pub functions: Vec<RowFunction>,
}

const DEEPEST: u32 = 3;

/// Whether a class is a serializer.
#[must_use]
pub fn is_serializer(project: &Project, class: ClassId) -> bool {
    project.library_ancestors(class).any(|name| name.starts_with("rest_framework.serializers."))
}

/// The value of a class-level name, the class's own or the nearest ancestor's.
#[must_use]
pub fn class_value(project: &Project, class: ClassId, name: &str) -> Option<(FuncId, ValueId)> {
    let code = project.code();
    let sym = project.sym(name)?;
    project.project_ancestors(class).find_map(|owner| {
        let owned = code.class(owner);
        let field = owned.fields.iter().rev().find(|field| field.name == sym)?;
        Some((code.class_scope(owner), field.value?))
    })
}

/// What rendering one row of `serializer` does.
#[must_use]
pub fn rendered(project: &Project, serializer: ClassId) -> Rendering {
    let mut out = Rendering::default();
    render(project, serializer, &[], 0, &mut out);
    out.reads.order_by(|a, b| a.path.cmp(&b.path));
    out.reads.dedup_by(|a, b| a.path == b.path);
    out
}

pub(super) fn meta(project: &Project, serializer: ClassId, name: &str) -> Option<(FuncId, ValueId)> {
    let code = project.code();
    let sym = project.sym(name)?;
    let meta_sym = project.sym("Meta")?;
    project.project_ancestors(serializer).find_map(|owner| {
        let module = code.module_of_class(owner);
        let inner = code
            .module(module)?
            .classes
            .iter()
            .find(|c| c.name == meta_sym && c.outer.is_some_and(|outer| code.class_id(module, outer) == owner))?;
        let field = inner.fields.iter().rev().find(|field| field.name == sym)?;
        Some((code.func_id(module, inner.scope), field.value?))
    })
}

/// The model of a serializer's rows.
#[must_use]
pub fn model_of(project: &Project, serializer: ClassId) -> Option<ClassId> {
    let (scope, value) = meta(project, serializer, "model")?;
    match project.ty(scope, value) {
        Type::ClassObj(model) => Some(*model),
        _ => None,
    }
}

/// The name of the model of a serializer's rows, as its `Meta` writes it.
#[must_use]
pub fn model_words(project: &Project, serializer: ClassId) -> Option<String> {
    let (scope, value) = meta(project, serializer, "model")?;
    Some(project.describe(scope, value))
}

/// Names in `Meta.fields`; `None` for all of them.
fn listed_fields(project: &Project, serializer: ClassId) -> Option<Vec<Sym>> {
    let (scope, value) = meta(project, serializer, "fields")?;
    let mut out = Vec::new();
    collect_names(project, scope, value, 0, &mut out);
    (!out.is_empty() && !out.iter().any(|s| project.text(*s) == "__all__")).then_some(out)
}

fn collect_names(project: &Project, f: FuncId, v: ValueId, depth: u32, out: &mut Vec<Sym>) {
    if depth > 6 {
        return;
    }
    let Some(op) = project.code().op(f, v) else { return };
    match &op.kind {
        OpKind::Const(Const::Str(s)) => out.push(*s),
        OpKind::Collection { kind: CollectionKind::List | CollectionKind::Tuple, .. }
        | OpKind::Binary { .. }
        | OpKind::Bind { .. }
        | OpKind::Other(_) => op.kind.operands(|o| collect_names(project, f, o, depth + 1, out)),
        // `BaseSerializer.Meta.fields + (…)`: the base's names are found through its class.
        OpKind::Attr { base, .. } => {
            if let Some(OpKind::Attr { base: owner, .. }) = project.code().op(f, *base).map(|op| &op.kind)
                && let Type::ClassObj(class) = project.ty(f, *owner)
                && let Some(names) = listed_fields(project, *class)
            {
                out.extend(names);
            }
        }
        _ => {}
    }
}

fn render(project: &Project, serializer: ClassId, prefix: &[Sym], depth: u32, out: &mut Rendering) {
    let code = project.code();
    let Some(model) = model_of(project, serializer) else {
        by_methods(project, serializer, prefix, out);
        return;
    };
    // Which fields it shows where it is nested is decided while it runs.
    if depth > 0 && ["get_field_names", "get_fields"].iter().any(|name| project.method(serializer, name).is_some()) {
        return;
    }
    let listed = listed_fields(project, serializer);
    let shown = |name: Sym| listed.as_ref().is_none_or(|names| names.contains(&name));
    let mut declared: Vec<Sym> = Vec::new();
    for owner in project.project_ancestors(serializer) {
        let class = code.class(owner);
        let scope = code.class_scope(owner);
        for field in &class.fields {
            if declared.contains(&field.name) || !shown(field.name) {
                continue;
            }
            let Some(value) = field.value else { continue };
            declared.push(field.name);
            field_reads(project, scope, value, field.name, (serializer, model), prefix, depth, out);
        }
    }
    // Fields that the model answers: properties and to-many relations; a foreign key is its id.
    for name in listed.into_iter().flatten() {
        if declared.contains(&name) {
            continue;
        }
        if let Some(relation) = project.relation(model, name) {
            if relation.kind != super::orm::RelationKind::ToOne || relation.reverse {
                push(class_step(project, serializer, project.text(name)), prefix, &[name], out);
            }
        } else {
            model_answers(project, model, project.text(name), prefix, out);
        }
    }
    let levels = meta(project, serializer, "depth").map(|(f, v)| project.code().op(f, v).map(|op| &op.kind));
    if let Some(Some(OpKind::Const(Const::Int(levels)))) = levels
        && levels.get() > 0
    {
        let names = listed_fields(project, serializer);
        let mut left_out = Vec::new();
        if let Some((scope, value)) = meta(project, serializer, "exclude") {
            collect_names(project, scope, value, 0, &mut left_out);
        }
        let wanted = |name: Sym| {
            let shown = names.as_ref().is_none_or(|names| names.contains(&name));
            shown && !declared.contains(&name) && !left_out.contains(&name)
        };
        nested(project, serializer, model, &wanted, prefix, levels.get(), out);
    }
    for method in added_fields(project, serializer) {
        row_function(project, method, 1, prefix, out);
    }
    if let Some(method) = project.method(serializer, "to_representation") {
        row_function(project, method, 1, prefix, out);
    }
}

/// `self.fields["lines"] = SerializerMethodField()`: the methods of fields that the serializer adds while it runs.
fn added_fields(project: &Project, serializer: ClassId) -> Vec<FuncId> {
    let code = project.code();
    let mut out = Vec::new();
    for f in ["__init__", "to_representation"].into_iter().filter_map(|name| project.method(serializer, name)) {
        let body = code.body(f);
        for op in &body.ops {
            let OpKind::StoreItem { base, index, value } = op.kind else { continue };
            let fields = matches!(body.op(base).map(|op| &op.kind), Some(OpKind::Attr { name, .. }) if project.text(*name) == "fields");
            let Some(OpKind::Call { callee, args }) = body.op(value).map(|op| &op.kind) else { continue };
            let method = matches!(project.ty(f, *callee), Type::LibRef(kind)
                if project.text(*kind).ends_with(".SerializerMethodField"));
            if let Some(OpKind::Const(Const::Str(field))) = body.op(index).map(|op| &op.kind)
                && fields
                && method
                && let Some(g) = method_of_field(project, f, args, serializer, *field)
                && !out.contains(&g)
            {
                out.push(g);
            }
        }
    }
    out
}

/// `Meta.depth = 1`: the objects behind the foreign keys are rendered, not their keys, so many levels deep.
fn nested(
    project: &Project,
    serializer: ClassId,
    model: ClassId,
    wanted: &dyn Fn(Sym) -> bool,
    prefix: &[Sym],
    levels: i64,
    out: &mut Rendering,
) {
    let own = project.project_ancestors(model).filter_map(|class| project.orm().model(class));
    let mut relations: Vec<(Sym, Option<ClassId>)> = own
        .flat_map(|model| &model.relations)
        .filter(|(name, relation)| !relation.reverse && wanted(**name))
        .map(|(name, relation)| (*name, relation.target))
        .collect();
    relations.order_by(|a, b| project.text(a.0).cmp(project.text(b.0)));
    for (name, target) in relations {
        push(class_step(project, serializer, project.text(name)), prefix, &[name], out);
        if let Some(target) = target.filter(|_| levels > 1 && prefix.len() < DEEPEST as usize) {
            let inner: Vec<Sym> = prefix.iter().copied().chain([name]).collect();
            nested(project, serializer, target, &|_| true, &inner, levels - 1, out);
        }
    }
}

/// Rows of a model that is not seen: what the serializer's own methods do.
fn by_methods(project: &Project, serializer: ClassId, prefix: &[Sym], out: &mut Rendering) {
    let code = project.code();
    let listed = listed_fields(project, serializer);
    for owner in project.project_ancestors(serializer) {
        let class = code.class(owner);
        let scope = code.class_scope(owner);
        for field in class.fields.iter().filter(|field| listed.as_ref().is_none_or(|l| l.contains(&field.name))) {
            let Some(OpKind::Call { callee, args }) = field.value.and_then(|v| code.op(scope, v)).map(|op| &op.kind)
            else {
                continue;
            };
            let method = matches!(project.ty(scope, *callee), Type::LibRef(kind)
                if project.text(*kind).ends_with(".SerializerMethodField"));
            if method && let Some(g) = method_of_field(project, scope, args, serializer, field.name) {
                row_function(project, g, 1, prefix, out);
            }
        }
    }
    if let Some(method) = project.method(serializer, "to_representation") {
        row_function(project, method, 1, prefix, out);
    }
}

/// The method of a `SerializerMethodField`.
fn method_of_field(project: &Project, scope: FuncId, args: &[Arg], serializer: ClassId, field: Sym) -> Option<FuncId> {
    let named = args.iter().find(|a| matches!(a.kind, ArgKind::Named(n) if project.text(n) == "method_name"));
    let method = named.and_then(|a| match project.code().op(scope, a.value).map(|op| &op.kind) {
        Some(OpKind::Const(Const::Str(s))) => Some(project.text(*s).to_owned()),
        _ => None,
    });
    project.method(serializer, &method.unwrap_or_else(|| format!("get_{}", project.text(field))))
}

/// A field that a property or method of the model answers.
fn model_answers(project: &Project, model: ClassId, name: &str, prefix: &[Sym], out: &mut Rendering) {
    if let Some(method) = project.method(model, name) {
        row_function(project, method, 0, prefix, out);
    }
}

/// Rendering calls `func` with the row.
pub(super) fn row_function(project: &Project, func: FuncId, param: u16, prefix: &[Sym], out: &mut Rendering) {
    for touch in project.touches(func).iter().filter(|t| t.param == param) {
        let words = format!("`{}` loads the relation", project.describe(func, touch.op));
        push(project.step(func, touch.op, words), prefix, &touch.path, out);
    }
    if out.functions.len() < 40 {
        out.functions.push(RowFunction { func, param, prefix: prefix.to_vec() });
    }
}

fn class_step(project: &Project, serializer: ClassId, field: &str) -> Step {
    let code = project.code();
    let class = code.class(serializer);
    Step {
        path: code.module(code.module_of_class(serializer)).map(|m| m.path.clone()).unwrap_or_default(),
        line: class.span.line,
        message: format!("`{}` renders `{field}` of each row", project.text(class.name)),
    }
}

pub(super) fn push(step: Step, prefix: &[Sym], path: &[Sym], out: &mut Rendering) {
    if out.reads.len() < 40 {
        out.reads.push(Rendered { path: prefix.iter().chain(path).copied().collect(), step });
    }
}

#[allow(clippy::too_many_arguments, reason = "a field and where it stands")]
fn field_reads(
    project: &Project,
    scope: FuncId,
    value: ValueId,
    name: Sym,
    (serializer, model): (ClassId, ClassId),
    prefix: &[Sym],
    depth: u32,
    out: &mut Rendering,
) {
    let code = project.code();
    let Some(OpKind::Call { callee, args }) = code.op(scope, value).map(|op| &op.kind) else { return };
    let named = |wanted: &str| args.iter().find(|a| matches!(a.kind, ArgKind::Named(n) if project.text(n) == wanted));
    let write_only = named("write_only")
        .is_some_and(|a| matches!(code.op(scope, a.value).map(|op| &op.kind), Some(OpKind::Const(Const::Bool(true)))));
    if write_only {
        return;
    }
    let source = named("source").and_then(|a| match code.op(scope, a.value).map(|op| &op.kind) {
        Some(OpKind::Const(Const::Str(s))) => Some(project.text(*s).to_owned()),
        _ => None,
    });
    if let Type::ClassObj(nested) = project.ty(scope, *callee)
        && is_serializer(project, *nested)
    {
        let attribute = source.as_deref().map_or(Some(name), |s| project.sym(s));
        let Some(attribute) = attribute else { return };
        if project.relation(model, attribute).is_none() {
            return;
        }
        let words = format!("nested serializer `{}`", project.text(code.class(*nested).name));
        let step = project.step(scope, value, format!("{words} renders `{}`", project.text(attribute)));
        push(step, prefix, &[attribute], out);
        if depth < DEEPEST {
            let mut inner = prefix.to_vec();
            inner.push(attribute);
            render(project, *nested, &inner, depth + 1, out);
        }
        return;
    }
    if let Type::LibRef(kind) = project.ty(scope, *callee) {
        let kind = project.text(*kind);
        let short = kind.rsplit('.').next().unwrap_or("");
        match short {
            "SerializerMethodField" => {
                if let Some(g) = method_of_field(project, scope, args, serializer, name) {
                    row_function(project, g, 1, prefix, out);
                }
            }
            "StringRelatedField" | "SlugRelatedField" | "HyperlinkedRelatedField" => {
                if project.relation(model, name).is_some() {
                    let step = project.step(scope, value, format!("`{short}` renders `{}`", project.text(name)));
                    push(step, prefix, &[name], out);
                }
            }
            _ => {
                let Some(source) = source else {
                    model_answers(project, model, project.text(name), prefix, out);
                    return;
                };
                if !source.contains('.') {
                    model_answers(project, model, &source, prefix, out);
                    return;
                }
                // CharField(source="author.name"), ReadOnlyField(source="author.full_name")
                let mut path = Vec::new();
                let mut at = model;
                for part in source.split('.') {
                    let Some(sym) = project.sym(part) else { break };
                    let Some(relation) = project.relation(at, sym) else {
                        let reached: Vec<Sym> = prefix.iter().chain(&path).copied().collect();
                        model_answers(project, at, part, &reached, out);
                        break;
                    };
                    path.push(sym);
                    match relation.target {
                        Some(target) => at = target,
                        None => break,
                    }
                }
                if !path.is_empty() {
                    let step = project.step(scope, value, format!("`source=\"{source}\"` reads the relation"));
                    push(step, prefix, &path, out);
                }
            }
        }
    }
}
