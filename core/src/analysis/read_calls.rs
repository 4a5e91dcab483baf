//! Calls that get rows as an argument: built-in functions, statements that run, containers that keep
//! them, serializers and response schemas that read their fields.

use super::code::{ClassId, FuncId};
use super::flow::source_of;
use super::project::Project;
use super::reads::{ColumnRead, Reader, RowUse, Shape, Walk, local_container};
use super::serializer_fields::{Source, field_source, shown_fields};
use super::serializers::is_serializer;
use super::types::Type;
use crate::model::{Arg, ArgKind, Const, OpKind, Sym, ValueId};
use crate::order::InOrder as _;

/// Methods of queries, results and lists that give the same rows.
pub(super) const SAME_ROWS: &[&str] = &[
    "all",
    "filter",
    "exclude",
    "order_by",
    "distinct",
    "select_related",
    "prefetch_related",
    "using",
    "iterator",
    "aiterator",
    "reverse",
    "annotate",
    "alias",
    "options",
    "where",
    "filter_by",
    "join",
    "outerjoin",
    "offset",
    "slice",
    "execution_options",
    "yield_per",
    "unique",
    "fetchall",
    "copy",
    "select_for_update",
    "with_for_update",
    "union",
    "union_all",
    "intersection",
    "difference",
    "populate_existing",
    "select_from",
    "values_of",
    "fetchmany",
    "in_bulk",
    "having",
    "correlate",
    "tuples",
    "partitions",
];
/// Methods that give one row.
pub(super) const ONE_ROW: &[&str] = &[
    "first",
    "last",
    "get",
    "earliest",
    "latest",
    "one",
    "one_or_none",
    "pop",
    "popleft",
    "get_or_404",
    "first_or_404",
    "one_or_404",
    "afirst",
    "alast",
    "aget",
    "aearliest",
    "alatest",
    "fetchone",
];
/// Methods that run another statement, or change a list.
pub(super) const OTHER_SQL: &[&str] = &[
    "count",
    "acount",
    "exists",
    "aexists",
    "delete",
    "adelete",
    "update",
    "aupdate",
    "aggregate",
    "aaggregate",
    "only",
    "defer",
    "dates",
    "datetimes",
    "explain",
    "none",
    "with_entities",
    "with_only_columns",
    "subquery",
    "cte",
    "scalar_subquery",
    "append",
    "extend",
    "insert",
    "remove",
    "clear",
    "discard",
    "keys",
    "close",
    "values_list",
    "as_scalar",
    "label",
    "compile",
    "setdefault",
    "add",
];
/// What a page says of itself.
pub(super) const ABOUT_PAGES: &[&str] = &[
    "has_next",
    "has_previous",
    "has_other_pages",
    "number",
    "paginator",
    "next_page_number",
    "previous_page_number",
    "start_index",
    "end_index",
    "num_pages",
    "page_range",
    "get_elided_page_range",
    "session",
    "query",
    "ordered",
    "db",
    "model",
    "rowcount",
];

/// What becomes of an argument.
pub(super) enum Given {
    /// It is followed, or nothing is read.
    Done,
    /// Functions of the project get it.
    Targets(Vec<FuncId>),
    /// Not seen.
    Lost,
}

/// Row or rows given to the call at `call` as argument `i`.
pub(super) fn given(
    reader: &mut Reader<'_>,
    walk: &mut Walk,
    f: FuncId,
    call: ValueId,
    i: usize,
    arg: &Arg,
    shape: Shape,
) -> Given {
    let project = reader.project;
    let body = project.code().body(f);
    let Some(OpKind::Call { callee, args }) = body.op(call).map(|op| &op.kind) else { return Given::Lost };
    if matches!(arg.kind, ArgKind::Spread | ArgKind::SpreadNamed) {
        return Given::Lost;
    }
    // A callable that was handed over: which one it is depends on the caller.
    if matches!(body.op(source_of(body, *callee)).map(|op| &op.kind), Some(OpKind::Param(_))) {
        return Given::Lost;
    }
    if let Type::LibRef(name) = project.ty(f, *callee) {
        let name = project.text(*name);
        if let Some(done) = library(reader, walk, f, call, name, args, i, shape) {
            return done;
        }
    }
    // `sync_to_async(list)(query)`
    if let Some(OpKind::Call { args: inner, .. }) = body.op(*callee).map(|op| &op.kind)
        && let Some(first) = inner.first()
        && matches!(project.ty(f, first.value), Type::LibRef(name)
            if matches!(project.text(*name), "builtins.list" | "builtins.tuple"))
    {
        walk.push(f, call, shape, 0);
        return Given::Done;
    }
    if let Type::ClassObj(class) = project.ty(f, *callee)
        && is_serializer(project, *class)
    {
        let input = args.iter().enumerate().any(|(n, a)| {
            n > 0 && a.kind == ArgKind::Positional
                || matches!(a.kind, ArgKind::Named(key) if project.text(key) == "data")
        });
        if input {
            return Given::Lost;
        }
        if shape == Shape::Rows {
            walk.found.many.push((f, call));
        }
        reader.serialized(walk, *class);
        return Given::Done;
    }
    let targets: Vec<(FuncId, bool)> =
        project.sites_at(f, call).flat_map(|site| &site.targets).map(|t| (t.func, t.by_name)).collect();
    if targets.iter().any(|(_, by_name)| *by_name) {
        return Given::Lost;
    }
    if !targets.is_empty() {
        let templates = targets.iter().any(|(g, _)| project.is_template(*g));
        if let (true, ArgKind::Named(name)) = (templates, arg.kind) {
            reader.rendered(walk, f, call, name, shape);
            return Given::Done;
        }
        return Given::Targets(targets.into_iter().map(|(g, _)| g).collect());
    }
    method(reader, walk, f, call, *callee, arg, shape)
}

#[allow(clippy::too_many_arguments, reason = "one call and its argument")]
fn library(
    reader: &mut Reader<'_>,
    walk: &mut Walk,
    f: FuncId,
    call: ValueId,
    name: &str,
    args: &[Arg],
    i: usize,
    shape: Shape,
) -> Option<Given> {
    let project = reader.project;
    let rows = shape != Shape::Row;
    let text = |v: ValueId| match project.code().op(f, v).map(|op| &op.kind) {
        Some(OpKind::Const(Const::Str(s))) => Some(*s),
        _ => None,
    };
    let keys = |walk: &mut Walk| {
        for arg in args.iter().filter(|a| matches!(a.kind, ArgKind::Named(n) if project.text(n) == "key")) {
            reader.by_reference(walk, f, call, arg.value, Shape::Row);
        }
    };
    match name {
        "builtins.list" | "builtins.tuple" | "builtins.set" | "builtins.frozenset" | "builtins.iter"
        | "builtins.reversed" | "collections.deque"
            if rows =>
        {
            walk.push(f, call, shape, 0);
        }
        "builtins.sorted" if rows => {
            keys(walk);
            walk.push(f, call, shape, 0);
        }
        "builtins.min" | "builtins.max" | "builtins.next" if rows => {
            keys(walk);
            walk.found.one.push((f, call));
            walk.push(f, call, Shape::Row, 0);
        }
        "builtins.len" if rows => walk.found.counted.push((f, call)),
        "builtins.bool" => walk.found.tested.push((f, call)),
        "builtins.any" if shape == Shape::Rows => walk.found.tested.push((f, call)),
        "builtins.enumerate" if shape == Shape::Rows => walk.push(f, call, Shape::Pairs(1), 0),
        "builtins.zip" if shape == Shape::Rows => {
            walk.push(f, call, Shape::Pairs(u16::try_from(i).unwrap_or(u16::MAX)), 0);
        }
        "builtins.map" | "builtins.filter" if shape == Shape::Rows && i == 1 => {
            let function = args.first()?.value;
            walk.found.many.push((f, call));
            reader.by_reference(walk, f, call, function, Shape::Row);
            if name == "builtins.filter" {
                walk.push(f, call, Shape::Rows, 0);
            }
        }
        "builtins.isinstance" | "builtins.type" | "builtins.id" | "builtins.hash" => {}
        "builtins.str" | "builtins.repr" | "builtins.print" | "builtins.format" if shape == Shape::Row => {
            reader.printed(walk, f, call);
        }
        "builtins.getattr" | "builtins.hasattr" if shape == Shape::Row && i == 0 => {
            match args.get(1).and_then(|arg| text(arg.value)) {
                Some(name) => reader.member(walk, (f, call), name),
                None => return Some(Given::Lost),
            }
        }
        "django.core.paginator.Paginator" => {
            walk.found.limited = true;
            walk.push(f, call, shape, 0);
        }
        "django.shortcuts.get_object_or_404" | "django.shortcuts.aget_object_or_404" if i == 0 && rows => {
            walk.found.one.push((f, call));
            walk.push(f, call, Shape::Row, 0);
        }
        "rest_framework.generics.get_object_or_404" if i == 0 && rows => {
            walk.found.one.push((f, call));
            walk.push(f, call, Shape::Row, 0);
        }
        "sqlalchemy.exists" | "sqlalchemy.inspect" => return Some(Given::Lost),
        _ => return None,
    }
    Some(Given::Done)
}

/// Arguments of methods that are not the project's own.
fn method(
    reader: &mut Reader<'_>,
    walk: &mut Walk,
    f: FuncId,
    call: ValueId,
    callee: ValueId,
    arg: &Arg,
    shape: Shape,
) -> Given {
    let project = reader.project;
    let body = project.code().body(f);
    let Some(OpKind::Attr { base, name }) = body.op(callee).map(|op| &op.kind) else { return Given::Lost };
    let name = project.text(*name);
    let class = project.lib_class(f, *base).unwrap_or("");
    match name {
        "append" | "add" | "appendleft" | "insert" if shape == Shape::Row && !class.contains("ession") => {
            match local_container(body, *base) {
                Some(container) => walk.push(f, container, Shape::Rows, 0),
                None => return Given::Lost,
            }
        }
        "extend" if shape == Shape::Rows => match local_container(body, *base) {
            Some(container) => walk.push(f, container, Shape::Rows, 0),
            None => return Given::Lost,
        },
        "execute" | "stream" if class.contains("ession") => walk.push(f, call, Shape::Pairs(0), 0),
        "scalars" | "exec" | "stream_scalars" if class.contains("ession") => walk.push(f, call, Shape::Rows, 0),
        "scalar" if class.contains("ession") => {
            walk.found.one.push((f, call));
            walk.push(f, call, Shape::Row, 0);
        }
        "add" | "refresh" | "expunge" if shape == Shape::Row && class.contains("ession") => {}
        "filter" | "exclude" | "get" | "filter_by" | "where" | "aget"
            if class.starts_with("django.db.models") || class.starts_with("sqlalchemy") =>
        {
            // A queryset becomes a subquery; rows in memory give their keys.
            let lazy = shape == Shape::Rows && matches!(project.ty(f, arg.value), Type::Lib(..));
            if !lazy {
                walk.found.keys = true;
                walk.found.many.push((f, call));
            }
        }
        "debug" | "info" | "warning" | "error" | "exception" | "critical"
            if class.starts_with("logging.") && shape == Shape::Row =>
        {
            reader.printed(walk, f, call);
        }
        "model_validate" | "from_orm" | "validate" if shape == Shape::Row => match project.ty(f, *base) {
            Type::ClassObj(schema) => reader.by_schema(walk, f, call, *schema),
            _ => return Given::Lost,
        },
        "paginate_queryset" | "filter_queryset" if shape == Shape::Rows && arg.kind == ArgKind::Positional => {
            walk.push(f, call, Shape::Rows, 0);
        }
        _ => return Given::Lost,
    }
    Given::Done
}

impl Reader<'_> {
    /// What rendering the rows of `model` through a serializer reads.
    pub fn rendering(&mut self, serializer: ClassId, model: ClassId) -> RowUse {
        let mut walk = Self::walk(model);
        self.serialized(&mut walk, serializer);
        self.run(&mut walk);
        walk.found
    }

    fn serialized(&mut self, walk: &mut Walk, serializer: ClassId) {
        let project = self.project;
        let code = project.code();
        let scope = code.class_scope(serializer);
        let here = (scope, ValueId(u32::MAX));
        let Some(fields) = shown_fields(project, serializer) else {
            walk.lose(here.0, here.1);
            return;
        };
        for (name, declared) in fields {
            match declared {
                None => self.member(walk, here, name),
                Some((scope, value)) => match field_source(project, scope, value, name) {
                    Some(Source::Nothing) => {}
                    Some(Source::Attribute(name)) => self.member(walk, (scope, value), name),
                    Some(Source::Method(method)) => match project.method(serializer, &method) {
                        Some(g) => self.parameter(walk, g, 1, Shape::Row),
                        None => walk.lose(scope, value),
                    },
                    None => walk.lose(scope, value),
                },
            }
        }
        if let Some(g) = project.method(serializer, "to_representation") {
            self.parameter(walk, g, 1, Shape::Row);
        }
    }

    /// A response schema reads the fields that it names.
    pub(super) fn by_schema(&mut self, walk: &mut Walk, f: FuncId, at: ValueId, schema: ClassId) {
        let project = self.project;
        let pydantic = project
            .library_ancestors(schema)
            .any(|name| matches!(name, "pydantic.BaseModel" | "pydantic.main.BaseModel"));
        let odd = project
            .library_ancestors(schema)
            .any(|name| !name.starts_with("pydantic.") && !name.starts_with("builtins."));
        if !pydantic || odd || walk.model == schema || has_before_validator(project, schema) {
            walk.lose(f, at);
            return;
        }
        let mut seen: Vec<Sym> = Vec::new();
        for owner in project.project_ancestors(schema) {
            for field in &project.code().class(owner).fields {
                let private = project.text(field.name).starts_with('_') || project.text(field.name) == "model_config";
                if field.annotation.is_none() || private || seen.contains(&field.name) {
                    continue;
                }
                seen.push(field.name);
                let known = project.column_named(walk.model, field.name).is_some()
                    || project.relation(walk.model, field.name).is_some()
                    || project.method(walk.model, project.text(field.name)).is_some();
                // A name that the model does not have comes from a default or an alias.
                if known || field.value.is_none() {
                    self.member(walk, (f, at), field.name);
                } else {
                    walk.lose(f, at);
                }
            }
        }
        walk.found.reads.order_by_key(|read: &ColumnRead| (read.column, read.at));
    }

    /// The schema that FastAPI answers with: `response_model=…`, or the return annotation.
    pub(super) fn response_model(&self, f: FuncId) -> Option<ClassId> {
        let project = self.project;
        let code = project.code();
        let function = code.func(f);
        let parent = code.parent(f);
        let mut routed = false;
        for decorator in &function.decorators {
            let Some(args) = is_routed(project, parent, decorator.value) else { continue };
            routed = true;
            let stated =
                args.iter().find(|a| matches!(a.kind, ArgKind::Named(n) if project.text(n) == "response_model"));
            if let Some(stated) = stated {
                return schema_in(project, parent, stated.value, 0);
            }
        }
        if routed { function.returns.and_then(|v| schema_in(project, parent, v, 0)) } else { None }
    }
}

/// The arguments of `@router.get("/orders", response_model=…)` of FastAPI.
pub(super) fn is_routed(project: &Project, parent: FuncId, decorator: ValueId) -> Option<&[Arg]> {
    let code = project.code();
    let OpKind::Call { callee, args } = &code.op(parent, decorator)?.kind else { return None };
    let OpKind::Attr { base, name } = &code.op(parent, *callee)?.kind else { return None };
    let router = project
        .lib_class(parent, *base)
        .is_some_and(|class| class.starts_with("fastapi.") || class.starts_with("ninja."));
    (router && matches!(project.text(*name), "get" | "post" | "put" | "patch" | "delete")).then_some(args)
}

/// `list[Schema]`, `Schema | None`: the only class named.
pub(super) fn schema_in(project: &Project, f: FuncId, v: ValueId, depth: u32) -> Option<ClassId> {
    if depth > 3 {
        return None;
    }
    if let Type::ClassObj(class) = project.ty(f, v) {
        return Some(*class);
    }
    match &project.code().op(f, v)?.kind {
        OpKind::Item { base, index } => {
            let list = matches!(project.ty(f, *base), Type::LibRef(name)
                if matches!(project.text(*name), "builtins.list" | "typing.List" | "typing.Sequence" | "typing.Optional" | "collections.abc.Sequence"));
            if list { schema_in(project, f, *index, depth + 1) } else { None }
        }
        OpKind::Binary { left, right, .. } => {
            schema_in(project, f, *left, depth + 1).xor(schema_in(project, f, *right, depth + 1))
        }
        _ => None,
    }
}

/// A validator that sees the whole row, or settings that rename fields.
pub(super) fn has_before_validator(project: &Project, schema: ClassId) -> bool {
    let code = project.code();
    project.project_ancestors(schema).any(|owner| {
        code.class(owner).methods.iter().any(|m| {
            let f = code.func_id(code.module_of_class(owner), *m);
            project.decorators(f).iter().any(|d| d.ends_with("model_validator") || d.ends_with("root_validator"))
        }) || code.class(owner).fields.iter().any(|field| {
            let scope = code.class_scope(owner);
            matches!(field.value.and_then(|v| code.op(scope, v)).map(|op| &op.kind), Some(OpKind::Call { args, .. })
                if args.iter().any(|a| matches!(a.kind, ArgKind::Named(n) if project.text(n).contains("alias"))))
        })
    })
}
