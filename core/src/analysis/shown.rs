//! Lists that something else than a serializer of Django REST framework shows row by row: response models of
//! FastAPI, models of pydantic made of rows, schemas of marshmallow, columns of Django's admin.

use super::code::{ClassId, FuncId, MethodCall};
use super::flow::source_of;
use super::list_views::{ListView, list_queries, returned_queries};
use super::loaded::query_origin;
use super::orm::RelationKind;
use super::project::Project;
use super::queries::QueryFacts;
use super::read_calls::{has_before_validator, is_routed, schema_in};
use super::responses::rows_of;
use super::serializers::{Rendering, class_value, push, row_function};
use super::types::Type;
use crate::model::{Arg, ArgKind, Const, FnIdx, FunctionKind, OpKind, Sym, ValueId};
use crate::report::model::Step;
use rustc_hash::FxHashMap;

/// Schemas are followed this deep.
const DEEPEST: usize = 3;

/// All of them whose rows are seen.
pub(super) fn shown_lists(project: &Project) -> Vec<ListView> {
    let mut out = Vec::new();
    if ["fastapi", "fastapi.FastAPI", "ninja"].iter().any(|name| project.sym(name).is_some()) {
        response_models(project, &mut out);
    }
    if project.sym("pydantic").is_some() || project.sym("pydantic.BaseModel").is_some() {
        validated_lists(project, &mut out);
    }
    if project.sym("marshmallow.Schema").is_some() {
        schema_dumps(project, &mut out);
    }
    if ["ModelAdmin", "list_display"].iter().any(|name| project.sym(name).is_some()) {
        admin_lists(project, &mut out);
    }
    if project.sym("items").is_some() {
        feeds(project, &mut out);
    }
    out
}

/// What showing one row of `model` through `class` reads.
pub(super) fn shown(project: &Project, class: ClassId, model: ClassId) -> Rendering {
    let mut out = Rendering::default();
    if is_admin(project, class) {
        columns(project, class, model, &mut out);
    } else if let Some(feed) = feed_of(project, class) {
        entries(project, class, model, feed, &mut out);
    } else if is_marshmallow(project, class) {
        nested_schema(project, class, model, &[], &mut out);
    } else {
        nested_model(project, class, model, &[], &mut out);
    }
    out
}

/// Whether a class configures the lists and forms of Django's admin for a model.
#[must_use]
pub fn is_admin(project: &Project, class: ClassId) -> bool {
    project.library_ancestors(class).any(|name| {
        matches!(name, "django.contrib.admin.ModelAdmin" | "django.contrib.admin.options.ModelAdmin")
            || name.ends_with(".ModelAdmin")
    })
}

fn is_marshmallow(project: &Project, class: ClassId) -> bool {
    project.library_ancestors(class).any(|name| matches!(name, "marshmallow.Schema" | "marshmallow.schema.Schema"))
}

/// `@app.get("/orders", response_model=list[OrderOut])` of a function that returns rows.
fn response_models(project: &Project, out: &mut Vec<ListView>) {
    let code = project.code();
    for f in code.func_ids() {
        if code.func(f).decorators.is_empty() {
            continue;
        }
        let Some(schema) = listed_schema(project, f) else { continue };
        if has_before_validator(project, schema) {
            continue;
        }
        for op in &code.body(f).ops {
            let OpKind::Return(Some(v)) = op.kind else { continue };
            let Some((model, mut query)) = rows_of(project, project.type_id(f, v)) else { continue };
            let at = query_origin(project, f, v);
            // An asynchronous session loads nothing while rows are shown: the code must have loaded it.
            if code.func(at.0).is_async || code.func(f).is_async {
                continue;
            }
            query.model = Some(model);
            out.push(ListView::of_function(project.func_name(f), at, query, schema));
        }
    }
}

/// `[OrderOut.model_validate(row) for row in rows]`
fn validated_lists(project: &Project, out: &mut Vec<ListView>) {
    let code = project.code();
    for (f, _, schema, row) in validations(project) {
        let body = code.body(f);
        let Some(OpKind::Element(rows)) = body.op(source_of(body, row)).map(|op| &op.kind) else { continue };
        let Some((model, mut query)) = rows_of(project, project.type_id(f, *rows)) else { continue };
        let at = query_origin(project, f, *rows);
        if code.func(at.0).is_async {
            continue;
        }
        query.model = Some(model);
        out.push(ListView::of_function(project.func_name(f), at, query, schema));
    }
}

/// Calls that make a model of pydantic of an object: function, call, model and object. An asynchronous session loads
/// nothing while attributes are read: the code must have loaded them.
pub(super) fn validations(project: &Project) -> impl Iterator<Item = (FuncId, ValueId, ClassId, ValueId)> {
    const NAMES: [&str; 2] = ["model_validate", "from_orm"];
    let names = NAMES.into_iter().filter_map(|name| project.sym(name));
    names.flat_map(|name| project.code().method_calls(name)).filter_map(
        |MethodCall { func, op, base, args, .. }| {
            let Type::ClassObj(schema) = *project.ty(func, base) else { return None };
            let row = args.first().filter(|arg| arg.kind == ArgKind::Positional)?.value;
            let pydantic = project.library_ancestors(schema).any(|name| name.starts_with("pydantic."));
            let own = NAMES.into_iter().any(|name| project.method(schema, name).is_some());
            let plain =
                pydantic && !own && !project.code().func(func).is_async && !has_before_validator(project, schema);
            plain.then_some((func, op, schema, row))
        },
    )
}

/// The class in `list[OrderOut]` that a route answers with.
fn listed_schema(project: &Project, f: FuncId) -> Option<ClassId> {
    let code = project.code();
    let parent = code.parent(f);
    let mut routed = false;
    for decorator in &code.func(f).decorators {
        let Some(args) = is_routed(project, parent, decorator.value) else { continue };
        routed = true;
        // Django Ninja says `response=`.
        let states = |name: Sym| matches!(project.text(name), "response_model" | "response");
        let stated = args.iter().find(|a| matches!(a.kind, ArgKind::Named(n) if states(n)));
        if let Some(stated) = stated {
            return listed(project, parent, stated.value);
        }
    }
    code.func(f).returns.filter(|_| routed).and_then(|v| listed(project, parent, v))
}

fn listed(project: &Project, f: FuncId, v: ValueId) -> Option<ClassId> {
    let OpKind::Item { base, index } = &project.code().op(f, v)?.kind else { return None };
    let many = matches!(project.ty(f, *base), Type::LibRef(name)
        if matches!(project.text(*name).rsplit('.').next(), Some("list" | "List" | "Sequence" | "Page" | "LimitOffsetPage")));
    if many { schema_in(project, f, *index, 0) } else { None }
}

/// The fields of a response model that are relations of the row.
fn nested_model(project: &Project, schema: ClassId, model: ClassId, prefix: &[Sym], out: &mut Rendering) {
    let code = project.code();
    let mut seen: Vec<Sym> = Vec::new();
    for owner in project.project_ancestors(schema) {
        let class = code.class(owner);
        let scope = code.class_scope(owner);
        for field in &class.fields {
            let Some(annotation) = field.annotation else { continue };
            if seen.contains(&field.name) {
                continue;
            }
            seen.push(field.name);
            let Some(relation) = project.relation(model, field.name) else {
                if project.column_named(model, field.name).is_none()
                    && let Some(method) = project.method(model, project.text(field.name))
                {
                    row_function(project, method, 0, prefix, out);
                }
                continue;
            };
            let step = field_step(project, schema, scope, annotation, field.name);
            push(step, prefix, &[field.name], out);
            if let (Some(target), Some(inner)) = (relation.target, schema_in(project, scope, annotation, 0))
                && prefix.len() < DEEPEST
                && inner != target
            {
                let path: Vec<Sym> = prefix.iter().copied().chain([field.name]).collect();
                nested_model(project, inner, target, &path, out);
            }
        }
    }
}

fn field_step(project: &Project, schema: ClassId, scope: FuncId, at: ValueId, name: Sym) -> Step {
    let class = project.text(project.code().class(schema).name);
    project.step(scope, at, format!("`{class}` shows `{}` of each row", project.text(name)))
}

/// `OrderSchema(many=True).dump(rows)`, `schema.dump(rows, many=True)`
fn schema_dumps(project: &Project, out: &mut Vec<ListView>) {
    let code = project.code();
    let said = |f: FuncId, args: &[Arg], wanted: &str| {
        args.iter().any(|arg| {
            matches!(arg.kind, ArgKind::Named(name) if project.text(name) == wanted)
                && !matches!(code.op(f, arg.value).map(|op| &op.kind), Some(OpKind::Const(Const::Bool(false))))
        })
    };
    let names = ["dump", "dumps", "jsonify"].into_iter().filter_map(|name| project.sym(name));
    for MethodCall { func: f, base, args, .. } in names.flat_map(|name| code.method_calls(name)) {
        let Type::Inst(schema, _) = *project.ty(f, base) else { continue };
        let Some(rows) = args.first().filter(|_| is_marshmallow(project, schema)) else { continue };
        let (g, made) = project.origin(f, base);
        let made: &[Arg] = match code.op(g, made).map(|op| &op.kind) {
            Some(OpKind::Call { args, .. }) => args,
            _ => &[],
        };
        // Which fields it shows is decided where it is made.
        if !(said(f, args, "many") || said(g, made, "many")) || said(g, made, "only") || said(g, made, "exclude") {
            continue;
        }
        let Some((model, mut query)) = rows_of(project, project.type_id(f, rows.value)) else { continue };
        query.model = Some(model);
        let at = query_origin(project, f, rows.value);
        if code.func(at.0).is_async {
            continue;
        }
        out.push(ListView::of_function(project.func_name(f), at, query, schema));
    }
}

/// The fields of a marshmallow schema that read relations of the row.
fn nested_schema(project: &Project, schema: ClassId, model: ClassId, prefix: &[Sym], out: &mut Rendering) {
    let code = project.code();
    let mut seen: Vec<Sym> = Vec::new();
    for owner in project.project_ancestors(schema) {
        let class = code.class(owner);
        let scope = code.class_scope(owner);
        for field in &class.fields {
            let Some(value) = field.value.filter(|_| !seen.contains(&field.name)) else { continue };
            seen.push(field.name);
            let Some(OpKind::Call { callee, args }) = code.op(scope, value).map(|op| &op.kind) else { continue };
            let Type::LibRef(kind) = project.ty(scope, *callee) else { continue };
            let text = |v: ValueId| match code.op(scope, v).map(|op| &op.kind) {
                Some(OpKind::Const(Const::Str(s))) => Some(*s),
                _ => None,
            };
            let named = |wanted: &str| {
                args.iter()
                    .find(|arg| matches!(arg.kind, ArgKind::Named(name) if project.text(name) == wanted))
                    .map(|arg| arg.value)
            };
            if named("load_only").is_some() || named("only").is_some() || named("exclude").is_some() {
                continue;
            }
            let attribute = named("attribute").and_then(text).unwrap_or(field.name);
            match project.text(*kind).rsplit('.').next().unwrap_or("") {
                "Nested" | "Pluck" | "List" => {
                    let Some(relation) = project.relation(model, attribute) else { continue };
                    push(field_step(project, schema, scope, value, attribute), prefix, &[attribute], out);
                    let inner = args.first().and_then(|arg| nested_in(project, scope, arg.value));
                    if let (Some(target), Some(inner)) = (relation.target, inner)
                        && prefix.len() < DEEPEST
                        && inner != schema
                    {
                        let path: Vec<Sym> = prefix.iter().copied().chain([attribute]).collect();
                        nested_schema(project, inner, target, &path, out);
                    }
                }
                "Method" => {
                    let method = args.first().and_then(|arg| text(arg.value));
                    if let Some(method) = method.and_then(|name| project.method(schema, project.text(name))) {
                        row_function(project, method, 1, prefix, out);
                    }
                }
                "Function" => {
                    if let Some(Type::Func(g)) = args.first().map(|arg| project.ty(scope, arg.value)) {
                        row_function(project, *g, 0, prefix, out);
                    }
                }
                _ => {
                    // `fields.Str(attribute="customer.name")`
                    let first = project.text(attribute).split_once('.').and_then(|(first, _)| project.sym(first));
                    if let Some(first) = first.filter(|first| project.relation(model, *first).is_some()) {
                        push(field_step(project, schema, scope, value, first), prefix, &[first], out);
                    } else if project.column_named(model, attribute).is_none()
                        && let Some(method) = project.method(model, project.text(attribute))
                    {
                        row_function(project, method, 0, prefix, out);
                    }
                }
            }
        }
    }
}

/// The schema in `Nested(LineSchema)`, `Nested(LineSchema())`, `Nested(lambda: LineSchema())`, `List(Nested(…))`.
fn nested_in(project: &Project, scope: FuncId, v: ValueId) -> Option<ClassId> {
    match project.ty(scope, v) {
        Type::ClassObj(class) => return Some(*class),
        Type::Inst(class, _) => {
            // With arguments it shows other fields.
            let plain = matches!(project.code().op(scope, source_of(project.code().body(scope), v)).map(|op| &op.kind),
                Some(OpKind::Call { args, .. }) if args.iter().all(|arg| matches!(arg.kind, ArgKind::Named(n) if project.text(n) == "many")));
            return plain.then_some(*class);
        }
        _ => {}
    }
    match &project.code().op(scope, v)?.kind {
        OpKind::Call { args, .. } => nested_in(project, scope, args.first()?.value),
        _ => None,
    }
}

/// Lists of Django's admin whose columns are functions.
fn admin_lists(project: &Project, out: &mut Vec<ListView>) {
    let code = project.code();
    let registered = registrations(project);
    for class in code.class_ids().filter(|class| is_admin(project, *class)) {
        let model = registered.get(&class).copied().filter(|model| project.orm().is_model(*model));
        let Some(model) = model else { continue };
        let shown_at = class_value(project, class, "list_display").or_else(|| defined_at(project, class));
        let Some((scope, shown_at)) = shown_at else { continue };
        let own = list_queries(project, class);
        let queries = match own.is_empty() {
            // What the method does is not seen.
            true if project.method(class, "get_queryset").is_some() => continue,
            true => vec![(scope, shown_at, QueryFacts::default())],
            false => own,
        };
        for (func, query_op, mut query) in queries {
            query.model = Some(model);
            query.loads_unknown |= joins_all(project, class, model);
            let name = project.text(code.class(class).name).to_owned();
            let (class, serializer) = (Some(class), class);
            out.push(ListView { name, class, func, query_op, query, serializer, one_of_several: false, admin: true });
        }
    }
}

/// What of a feed or site map is asked for each of its items.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Feed {
    /// `item_title`, `item_link`, …
    Syndication,
    /// `location`, `lastmod`, …
    SiteMap,
}

/// Feeds and site maps of Django: <https://docs.djangoproject.com/en/5.2/ref/contrib/syndication/>,
/// <https://docs.djangoproject.com/en/5.2/ref/contrib/sitemaps/>.
fn feed_of(project: &Project, class: ClassId) -> Option<Feed> {
    project.library_ancestors(class).find_map(|name| match name {
        "django.contrib.syndication.views.Feed" => Some(Feed::Syndication),
        "django.contrib.sitemaps.Sitemap" | "django.contrib.sitemaps.GenericSitemap" => Some(Feed::SiteMap),
        _ => None,
    })
}

/// Feeds and site maps with the query that `items` gives.
fn feeds(project: &Project, out: &mut Vec<ListView>) {
    for class in project.code().class_ids() {
        if feed_of(project, class).is_none() {
            continue;
        }
        let Some(items) = project.method(class, "items") else { continue };
        let name = project.text(project.code().class(class).name);
        for (func, query_op, query) in returned_queries(project, items) {
            let view = ListView::of_function(name, (func, query_op), query, class);
            out.push(ListView { class: Some(class), ..view });
        }
    }
}

/// The methods that are called with each item, and the row's own where the class leaves them to it.
fn entries(project: &Project, class: ClassId, model: ClassId, feed: Feed, out: &mut Rendering) {
    const ITEM: &[&str] = &[
        "item_author_name",
        "item_categories",
        "item_description",
        "item_enclosures",
        "item_extra_kwargs",
        "item_guid",
        "item_link",
        "item_pubdate",
        "item_title",
        "item_updateddate",
    ];
    const PAGE: &[&str] = &["changefreq", "lastmod", "location", "priority"];
    let (asked, link) = match feed {
        Feed::Syndication => (ITEM, "item_link"),
        Feed::SiteMap => (PAGE, "location"),
    };
    for method in asked.iter().filter_map(|name| project.method(class, name)) {
        row_function(project, method, 1, &[], out);
    }
    if project.method(class, link).is_none()
        && let Some(method) = project.method(model, "get_absolute_url")
    {
        row_function(project, method, 0, &[], out);
    }
}

/// Whether an admin class says what its list joins. `list_select_related = False` is what the admin does without:
/// <https://docs.djangoproject.com/en/stable/ref/contrib/admin/#django.contrib.admin.ModelAdmin.list_select_related>.
#[must_use]
pub fn says_joins(project: &Project, class: ClassId) -> bool {
    let off = |(f, v): (FuncId, ValueId)| {
        matches!(project.code().op(f, v).map(|op| &op.kind), Some(OpKind::Const(Const::Bool(false))))
    };
    class_value(project, class, "list_select_related").is_some_and(|value| !off(value))
        || project.method(class, "get_list_select_related").is_some()
}

/// `list_select_related`, or a foreign key among the columns: then the admin joins what it can.
fn joins_all(project: &Project, class: ClassId, model: ClassId) -> bool {
    says_joins(project, class)
        || admin_columns(project, class)
            .iter()
            .any(|name| project.relation(model, *name).is_some_and(|r| r.kind == RelationKind::ToOne && !r.reverse))
}

/// The statement of a class.
fn defined_at(project: &Project, class: ClassId) -> Option<(FuncId, ValueId)> {
    let code = project.code();
    let scope = code.class_scope(class);
    let defined = |kind: &OpKind| matches!(kind, OpKind::ClassDef(index) if code.class_id(code.module_of_class(class), *index) == class);
    let at = code.body(scope).ops.iter().position(|op| defined(&op.kind))?;
    Some((scope, ValueId(u32::try_from(at).ok()?)))
}

/// The names in `list_display` of an admin class.
#[must_use]
pub fn admin_columns(project: &Project, class: ClassId) -> Vec<Sym> {
    class_texts(project, class, "list_display")
}

/// The texts in a collection that a class keeps under a name.
#[must_use]
pub fn class_texts(project: &Project, class: ClassId, name: &str) -> Vec<Sym> {
    let Some((scope, value)) = class_value(project, class, name) else { return Vec::new() };
    let code = project.code();
    match code.op(scope, source_of(code.body(scope), value)).map(|op| &op.kind) {
        Some(OpKind::Collection { items, .. }) => items
            .iter()
            .filter_map(|item| match code.op(scope, *item).map(|op| &op.kind) {
                Some(OpKind::Const(Const::Str(s))) => Some(*s),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn columns(project: &Project, class: ClassId, model: ClassId, out: &mut Rendering) {
    // Without columns the admin shows what the rows say of themselves.
    if class_value(project, class, "list_display").is_none()
        && let Some(method) = project.method(model, "__str__")
    {
        row_function(project, method, 0, &[], out);
    }
    for name in admin_columns(project, class) {
        let text = project.text(name);
        if let Some(method) = project.method(class, text) {
            row_function(project, method, 1, &[], out);
        } else if let Some(method) = project.method(model, text) {
            row_function(project, method, 0, &[], out);
        }
    }
}

/// The models that admin classes are registered for: `@admin.register(Order)`, `admin.site.register(Order, OrderAdmin)`.
fn registrations(project: &Project) -> FxHashMap<ClassId, ClassId> {
    let code = project.code();
    let mut out = FxHashMap::default();
    let model_of = |f: FuncId, v: ValueId| match project.ty(f, v) {
        Type::ClassObj(model) => Some(*model),
        _ => None,
    };
    for f in code.func_ids().filter(|f| code.func(*f).kind == FunctionKind::TopLevel) {
        for op in &code.body(f).ops {
            let OpKind::Call { args, .. } = &op.kind else { continue };
            if let [first, second, ..] = &**args
                && let (Some(model), Some(class)) = (model_of(f, first.value), model_of(f, second.value))
            {
                out.entry(class).or_insert(model);
            }
        }
    }
    for class in code.class_ids().filter(|class| is_admin(project, *class)) {
        let top = code.func_id(code.module_of_class(class), FnIdx(0));
        for decorator in &code.class(class).decorators {
            if let Some(OpKind::Call { args, .. }) = code.op(top, decorator.value).map(|op| &op.kind)
                && let Some(model) = args.first().and_then(|arg| model_of(top, arg.value))
            {
                out.insert(class, model);
            }
        }
    }
    out
}
