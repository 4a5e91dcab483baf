//! Rows that handlers send: from what a handler returns or writes back to the query that fetched it,
//! through variables, comprehensions, converters and functions of the project.

use super::calls::SiteKind;
use super::code::{ClassId, FuncId};
use super::flow::{Flow, source_of};
use super::project::Project;
use super::queries::QueryFacts;
use super::serializers::is_serializer;
use super::types::{Type, TypeId};
use crate::libraries::RunContext;
use crate::model::{BinaryOp, CollectionKind, Const, FunctionKind, OpKind, ValueId};
use crate::report::model::Step;
use rustc_hash::FxHashSet;

/// A query whose rows a handler sends.
#[derive(Clone, Debug)]
pub struct SentRows {
    /// Function with the query.
    pub func: FuncId,
    /// The expression that fetches, or is evaluated later.
    pub op: ValueId,
    /// The handler.
    pub handler: FuncId,
    /// Model of the rows, when it is seen.
    pub model: Option<ClassId>,
    /// The rows are those of one owner: a relation's manager.
    pub owned: bool,
    /// What is known of the query.
    pub facts: QueryFacts,
    /// From the handler to the query.
    pub steps: Vec<Step>,
}

/// Functions on the way are followed this deep.
const DEEPEST: usize = 5;
/// Values looked at per handler.
const MOST: usize = 400;

/// All queries whose rows handlers send, by handler.
#[must_use]
pub fn sent_rows(project: &Project) -> Vec<SentRows> {
    let mut out = Vec::new();
    for f in project.code().func_ids() {
        if !is_handler(project, f) {
            continue;
        }
        let mut trace = Trace {
            project,
            handler: f,
            seen: FxHashSet::default(),
            left: MOST,
            steps: Vec::new(),
            serialized: 0,
            out: &mut out,
        };
        for v in sent(project, f) {
            trace.value(f, v);
        }
    }
    out
}

/// A function that answers requests: routed, a view, or a method of a handler class.
fn is_handler(project: &Project, f: FuncId) -> bool {
    let code = project.code();
    let function = code.func(f);
    let Some(path) = project.context_path(f) else { return false };
    if path.via.is_some() || path.context != RunContext::Request || function.kind == FunctionKind::TopLevel {
        return false;
    }
    let provides = project.callers(f).iter().any(|(caller, i)| {
        let site = project.sites(*caller).get(*i as usize);
        matches!(site.map(|s| s.kind), Some(SiteKind::Library(row)) if row.callee.starts_with("fastapi."))
    });
    if provides {
        return false;
    }
    if code.class_of(f).is_some() {
        const METHODS: &[&str] = &["get", "list", "get_context_data"];
        const WRITES: &[&str] = &["post", "put", "patch", "delete", "create", "update", "destroy"];
        let name = project.text(function.name);
        // A property of a view serves its own methods, unless another decorator hands it to a template.
        let properties = project.decorators(f).iter().filter(|decorator| decorator.ends_with("property")).count();
        let serves = properties > 0
            && (properties == function.decorators.len()
                || code.class_of(f).is_some_and(|class| {
                    project.library_ancestors(class).any(|ancestor| ancestor.starts_with("rest_framework."))
                }));
        // `@override` names no route.
        let routed = project.decorators(f).iter().filter(|decorator| decorator.ends_with(".override")).count()
            < function.decorators.len();
        return METHODS.contains(&name) || routed && !WRITES.contains(&name) && !serves;
    }
    if changes(project, f) {
        return false;
    }
    let takes_request =
        function.params.first().is_some_and(|p| matches!(project.text(p.name), "request" | "req" | "_request"));
    !function.decorators.is_empty() || takes_request
}

/// Routed with `put`, `patch` or `delete`, or with `post`: it lists nothing as a rule.
fn changes(project: &Project, f: FuncId) -> bool {
    let parent = project.code().parent(f);
    project.code().func(f).decorators.iter().any(|decorator| {
        let callee = project.code().called(parent, decorator.value);
        matches!(project.code().op(parent, callee).map(|op| &op.kind), Some(OpKind::Attr { name, .. })
            if matches!(project.text(*name), "put" | "patch" | "delete" | "post"))
    })
}

/// What the handler returns, writes or renders.
fn sent(project: &Project, f: FuncId) -> Vec<ValueId> {
    let body = project.code().body(f);
    let mut out = Vec::new();
    for op in &body.ops {
        match &op.kind {
            OpKind::Return(Some(v)) => out.push(*v),
            OpKind::Call { callee, args } => {
                if let Some(OpKind::Attr { name, base }) = body.op(*callee).map(|op| &op.kind)
                    && matches!(project.text(*name), "write" | "finish" | "render")
                    && matches!(body.op(source_of(body, *base)).map(|op| &op.kind), Some(OpKind::Param(0)))
                {
                    out.extend(args.iter().map(|arg| arg.value));
                }
            }
            _ => {}
        }
    }
    out
}

struct Trace<'a> {
    project: &'a Project,
    handler: FuncId,
    seen: FxHashSet<(FuncId, ValueId)>,
    left: usize,
    steps: Vec<Step>,
    /// Inside the arguments of a serializer or template.
    serialized: u32,
    out: &'a mut Vec<SentRows>,
}

impl Trace<'_> {
    fn value(&mut self, f: FuncId, v: ValueId) {
        if self.left == 0 || !self.seen.insert((f, v)) {
            return;
        }
        self.left -= 1;
        let project = self.project;
        let body = project.code().body(f);
        match body.op(v).map(|op| &op.kind) {
            Some(OpKind::Bind { value, .. } | OpKind::Await(value) | OpKind::BindOuter { value, .. }) => {
                self.value(f, *value);
                self.filled(f, v);
            }
            Some(OpKind::Annotated { value: Some(value), .. }) => {
                self.value(f, *value);
                self.filled(f, v);
            }
            Some(OpKind::Phi(entries)) => entries.iter().for_each(|e| self.value(f, *e)),
            Some(OpKind::Collection { items, .. }) => items.iter().for_each(|item| self.value(f, *item)),
            Some(OpKind::Comprehension { region, .. }) => {
                let iter = project.loops_of(f).iter().find(|l| l.region == *region).and_then(|l| l.iter);
                iter.into_iter().for_each(|iter| self.value(f, iter));
            }
            Some(OpKind::Slice { base, bounded: false }) => self.value(f, *base),
            // Others give no rows: `user in post.likes.all()`.
            Some(OpKind::Binary {
                op: BinaryOp::Add | BinaryOp::Or | BinaryOp::LogicalAnd | BinaryOp::LogicalOr,
                left,
                right,
            }) => {
                self.value(f, *left);
                self.value(f, *right);
            }
            // `OrderSerializer(orders, many=True).data`
            Some(OpKind::Attr { base, name }) if matches!(project.text(*name), "data" | "content") => {
                self.value(f, *base);
            }
            Some(OpKind::Unpack { base, index: Some(index) }) => self.part(f, *base, *index),
            Some(OpKind::Call { .. }) => self.call(f, v),
            _ => {}
        }
    }

    fn call(&mut self, f: FuncId, v: ValueId) {
        let project = self.project;
        let Some(OpKind::Call { callee, args }) = project.code().op(f, v).map(|op| &op.kind) else { return };
        let targets = self.targets(f, v);
        let refines = !targets.is_empty() && targets.iter().all(|g| refines(project, *g));
        if !targets.is_empty() && !refines {
            let before = self.out.len();
            if self.steps.len() < DEEPEST {
                for g in targets {
                    self.steps.push(project.step(f, v, format!("sends what `{}` returns", project.func_name(g))));
                    for op in &project.code().body(g).ops {
                        if let OpKind::Return(Some(returned)) = op.kind {
                            self.value(g, returned);
                        }
                    }
                    self.steps.pop();
                }
            }
            // A converter: what it gets is what it gives, one for one.
            if self.out.len() == before && !gives_numbers(project, project.ty(f, v)) {
                for arg in args {
                    if rows_of(project, project.type_id(f, arg.value)).is_some() {
                        self.value(f, arg.value);
                    }
                }
            }
            return;
        }
        // `list(query)`, `sync_to_async(list)(query)`: the query is where a limit would go.
        let wraps = match project.code().op(f, *callee).map(|op| &op.kind) {
            Some(OpKind::Call { .. }) => true,
            _ => matches!(project.ty(f, *callee), Type::LibRef(name) if project.text(*name).starts_with("builtins.")),
        };
        let inner = args.iter().map(|arg| arg.value).find(|v| rows_of(project, project.type_id(f, *v)).is_some());
        if let Some(inner) = inner.filter(|_| wraps && !counts(project, f, *callee)) {
            self.value(f, inner);
            return;
        }
        if let Some(facts) = documents(project, f, v) {
            let fetched = project.step(f, v, format!("{} gives the documents", quoted(project, f, v)));
            let mut steps = self.steps.clone();
            steps.push(fetched);
            let owned = facts.filtered;
            self.out.push(SentRows { func: f, op: v, handler: self.handler, model: None, owned, facts, steps });
            return;
        }
        let typed = rows_of(project, project.type_id(f, v)).filter(|_| refines || fetches(project, f, v));
        let rows = typed.map(|(model, facts)| (Some(model), facts));
        // `Order.objects.none()`
        let nothing = matches!(project.code().op(f, *callee).map(|op| &op.kind),
            Some(OpKind::Attr { name, .. }) if project.text(*name) == "none");
        if nothing {
            return;
        }
        if let Some((model, facts)) = rows.or_else(|| spelled(project, f, v).map(|facts| (None, facts))) {
            let fetched = project.step(f, v, format!("{} gives the rows", quoted(project, f, v)));
            let mut steps = self.steps.clone();
            steps.push(fetched);
            // A view that serializes or renders what it filtered lists what belongs to somebody.
            let owned = is_owned(project, f, v) || self.serialized > 0 && facts.filtered;
            self.out.push(SentRows { func: f, op: v, handler: self.handler, model, owned, facts, steps });
            return;
        }
        let shows = matches!(project.ty(f, v), Type::Inst(class, _) if is_serializer(project, *class));
        // `OrderList(items=orders)`: a response model around the rows.
        let wraps = matches!(project.ty(f, v), Type::Inst(class, _)
            if project.library_ancestors(*class).any(|name| name == "pydantic.BaseModel"));
        if counts(project, f, *callee)
            || !shows && !wraps && matches!(project.ty(f, v), Type::Number | Type::Bool | Type::Inst(..))
        {
            return;
        }
        let mut targets = project.sites_at(f, v).flat_map(|site| &site.targets);
        let listed = u32::from(shows || targets.any(|target| project.is_template(target.func)));
        self.serialized += listed;
        for arg in args {
            self.value(f, arg.value);
        }
        self.serialized -= listed;
    }

    fn targets(&self, f: FuncId, v: ValueId) -> Vec<FuncId> {
        let sites = self.project.sites_at(f, v).filter(|site| matches!(site.kind, SiteKind::Project));
        let mut out: Vec<FuncId> = sites
            .flat_map(|site| &site.targets)
            .filter(|target| !target.by_name && !self.project.is_template(target.func))
            .map(|target| target.func)
            .filter(|g| !self.project.text(self.project.code().func(*g).name).starts_with("__"))
            .collect();
        out.dedup();
        out.truncate(4);
        out
    }

    /// `rows, total = load()`: the part of the returned tuple.
    fn part(&mut self, f: FuncId, base: ValueId, index: u16) {
        let project = self.project;
        let at = source_of(project.code().body(f), base);
        match project.code().op(f, at).map(|op| &op.kind) {
            Some(OpKind::Collection { items, .. }) => {
                items.get(usize::from(index)).into_iter().for_each(|item| self.value(f, *item));
            }
            Some(OpKind::Call { .. }) if self.steps.len() < DEEPEST => {
                for g in self.targets(f, at) {
                    self.steps.push(project.step(f, at, format!("sends what `{}` returns", project.func_name(g))));
                    for op in &project.code().body(g).ops {
                        let OpKind::Return(Some(returned)) = op.kind else { continue };
                        let returned = source_of(project.code().body(g), returned);
                        if let Some(OpKind::Collection { kind: CollectionKind::Tuple, items }) =
                            project.code().op(g, returned).map(|op| &op.kind)
                            && let Some(item) = items.get(usize::from(index))
                        {
                            self.value(g, *item);
                        }
                    }
                    self.steps.pop();
                }
            }
            _ => {}
        }
    }

    /// `out = []`, then `out.append(…)` in a loop: the rows of the loop.
    fn filled(&mut self, f: FuncId, bound: ValueId) {
        let project = self.project;
        let body = project.code().body(f);
        let at = source_of(body, bound);
        let Some(OpKind::Collection { kind: CollectionKind::List, items }) = body.op(at).map(|op| &op.kind) else {
            return;
        };
        if !items.is_empty() {
            return;
        }
        let flow = Flow::new(project.code(), f);
        let uses = flow.uses(bound).ops;
        for user in uses {
            let Some(OpKind::Attr { name, .. }) = body.op(user).map(|op| &op.kind) else { continue };
            if project.text(*name) != "append" {
                continue;
            }
            let iter = project.loops_of(f).iter().filter(|l| l.holds(user)).filter_map(|l| l.iter).next();
            iter.into_iter().for_each(|iter| self.value(f, iter));
        }
    }
}

/// Numbers, also under names: `{"count": rows.count()}`.
fn gives_numbers(project: &Project, ty: &Type) -> bool {
    match ty {
        Type::Number | Type::Bool | Type::None => true,
        Type::Dict(_, value) => matches!(project.type_of(*value), Type::Number | Type::Bool),
        _ => false,
    }
}

/// A method of a queryset or manager class: what it gives is a query of its caller.
fn refines(project: &Project, g: FuncId) -> bool {
    project.code().class_of(g).is_some_and(|class| {
        project.library_ancestors(class).any(|name| {
            name.starts_with("django.db.models.") && (name.ends_with(".QuerySet") || name.ends_with("Manager"))
        })
    })
}

/// The model and query of rows: a query, a queryset or a list of model objects.
pub(super) fn rows_of(project: &Project, ty: TypeId) -> Option<(ClassId, QueryFacts)> {
    let known = |elem: TypeId, query: Option<super::queries::QueryId>| {
        let Type::Inst(model, own) = *project.type_of(elem) else { return None };
        if !project.orm().is_model(model) {
            return None;
        }
        let facts = query.and_then(|q| project.query_facts(q)).or_else(|| project.query_facts(own));
        Some((model, facts?.clone()))
    };
    match *project.type_of(ty) {
        Type::List(elem) | Type::Set(elem) | Type::Iter(elem) => known(elem, None),
        Type::Lib(_, elem, query) => known(elem, Some(query)),
        Type::Coroutine(inner) => rows_of(project, inner),
        _ => None,
    }
}

/// `list(orders.find())`, `await orders.find().to_list(None)`: the documents of a Mongo collection, unless a limit is
/// set.
fn documents(project: &Project, f: FuncId, v: ValueId) -> Option<QueryFacts> {
    let body = project.code().body(f);
    let is_cursor = |v: ValueId| {
        project.lib_class(f, v).is_some_and(|class| class.starts_with("pymongo.") && class.ends_with("Cursor"))
    };
    let none = |v: ValueId| matches!(body.op(v).map(|op| &op.kind), Some(OpKind::Const(Const::None)));
    let OpKind::Call { callee, args } = &body.op(v)?.kind else { return None };
    let mut at = match body.op(*callee)?.kind {
        OpKind::Attr { base, name } if project.text(name) == "to_list" && args.iter().all(|arg| none(arg.value)) => {
            base
        }
        OpKind::Global(name) if project.text(name) == "list" => args.first()?.value,
        _ => return None,
    };
    if !is_cursor(at) {
        return None;
    }
    for _ in 0..8 {
        let (base, name, args) = body.method(source_of(body, at))?;
        match project.text(name) {
            "limit" | "batch_size" => return None,
            "find" => {
                let condition = args.first().map(|arg| source_of(body, arg.value));
                let filtered = condition.is_some_and(|condition| {
                    !matches!(body.op(condition).map(|op| &op.kind), Some(OpKind::Collection { items, .. }) if items.is_empty())
                });
                return Some(QueryFacts { filtered, ..QueryFacts::default() });
            }
            _ => at = base,
        }
    }
    None
}

/// A query on a receiver whose class is not part of what was read: `Report.objects.filter(…)`, or a
/// session found by its name: `db.query(Group)`.
fn spelled(project: &Project, f: FuncId, v: ValueId) -> Option<QueryFacts> {
    const REFINING: &[&str] =
        &["all", "filter", "exclude", "order_by", "distinct", "select_related", "prefetch_related", "filter_by"];
    let mut facts = match *project.ty(f, v) {
        Type::Unknown => QueryFacts::default(),
        Type::Lib(name, _, query) if project.text(name).starts_with("django.db.models.") => {
            project.query_facts(query).cloned().unwrap_or_default()
        }
        // `self.db.query(orm.Group)`, `Group.query.all()` of a model that is not seen.
        Type::Lib(name, row, query) if is_query(project.text(name)) && is_untyped(project, row) => {
            project.query_facts(query).cloned().unwrap_or_default()
        }
        Type::List(row) if is_untyped(project, row) => QueryFacts::default(),
        _ => return None,
    };
    let body = project.code().body(f);
    let mut at = v;
    for _ in 0..12 {
        let OpKind::Call { callee, .. } = &body.op(at)?.kind else { return None };
        let OpKind::Attr { base, name } = &body.op(*callee)?.kind else { return None };
        let method = project.text(*name);
        let typed = |v: ValueId| project.lib_class(f, v).is_some_and(is_query);
        if method == "query" && (typed(at) || project.sites_at(f, at).any(|site| site.guessed)) {
            return Some(facts);
        }
        if !REFINING.contains(&method) {
            return None;
        }
        facts.filtered |= matches!(method, "filter" | "exclude" | "filter_by");
        at = source_of(body, *base);
        if let OpKind::Attr { base, name } = &body.op(at)?.kind {
            let named = matches!(project.ty(f, *base), Type::Unknown | Type::LibRef(_) | Type::ClassObj(_));
            // Groups and permissions of Django itself are few.
            let own = matches!(project.ty(f, *base), Type::LibRef(name) if project.text(*name).starts_with("django.contrib."));
            let starts = project.text(*name) == "objects" || project.text(*name) == "query" && typed(at);
            return (named && !own && starts).then_some(facts);
        }
    }
    None
}

fn is_query(class: &str) -> bool {
    matches!(class, "sqlalchemy.orm.Query" | "flask_sqlalchemy.query.Query")
}

/// Whether rows are of no model that is seen.
fn is_untyped(project: &Project, row: TypeId) -> bool {
    !matches!(project.type_of(row), Type::Inst(..) | Type::Str | Type::Number | Type::Bool)
}

/// The query starts from a relation of an object: `check.channel_set.all()`.
fn is_owned(project: &Project, f: FuncId, v: ValueId) -> bool {
    let body = project.code().body(f);
    let mut at = v;
    for _ in 0..16 {
        at = match body.op(source_of(body, at)).map(|op| &op.kind) {
            Some(OpKind::Call { callee, .. }) => *callee,
            Some(OpKind::Attr { base, name }) => {
                // `request.user.api_tokens`: a relation that its name tells.
                let told = || project.query(f, at).is_some_and(|query| query.unseen_owner == Some(*name));
                if matches!(project.ty(f, *base), Type::Inst(class, _) if project.orm().is_model(*class))
                    || told()
                    || project.text(*name).ends_with("_set")
                    || project.lib_class(f, at).is_some_and(|class| class.ends_with(".RelatedManager"))
                {
                    return true;
                }
                *base
            }
            _ => return false,
        };
    }
    false
}

/// Whether the call is one of a library (a query), not of the project.
fn fetches(project: &Project, f: FuncId, v: ValueId) -> bool {
    let Some(OpKind::Call { callee, .. }) = project.code().op(f, v).map(|op| &op.kind) else { return false };
    !matches!(project.ty(f, *callee), Type::Func(_) | Type::Bound(..) | Type::ClassObj(_))
}

/// Calls that give something small of many rows.
fn counts(project: &Project, f: FuncId, callee: ValueId) -> bool {
    const SMALL: &[&str] = &[
        "len",
        "sum",
        "any",
        "all",
        "min",
        "max",
        "bool",
        "next",
        "count",
        "exists",
        "first",
        "last",
        "get",
        "one",
        "one_or_none",
        "scalar",
        "scalar_one",
        "scalar_one_or_none",
        "fetchone",
        "fetch_one",
        "fetchrow",
        "fetchval",
    ];
    let name = match project.code().op(f, callee).map(|op| &op.kind) {
        Some(OpKind::Global(name) | OpKind::Captured { name, .. } | OpKind::Attr { name, .. }) => project.text(*name),
        _ => return false,
    };
    SMALL.contains(&name)
        || name == "none"
        || name.starts_with("get_object")
        || name.starts_with("aget_object")
        || name.contains("aginat")
}

fn quoted(project: &Project, f: FuncId, v: ValueId) -> String {
    format!("`{}`", project.describe(f, v))
}
