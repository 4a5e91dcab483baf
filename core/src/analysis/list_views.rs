//! Views that list rows through a serializer: which classes and calls list, the queries of their rows, the
//! serializers that show them.

use super::actions::{by_action_of, by_action_of_class, only_other_actions};
use super::code::{ClassId, FuncId, MethodCall};
use super::flow::source_of;
use super::project::Project;
use super::queries::QueryFacts;
use super::serializers::{Rendering, class_value, is_serializer, rendered};
use super::shown::{shown, shown_lists};
use super::types::Type;
use crate::model::{ArgKind, CollectionKind, Const, OpKind, Sym, ValueId};
use rustc_hash::FxHashMap;

/// A view that lists rows through a serializer.
#[derive(Clone, Debug)]
pub struct ListView {
    /// The view class or function, as it is named.
    pub name: String,
    /// The view class; none where a function renders the rows.
    pub class: Option<ClassId>,
    /// Function whose body holds the query expression.
    pub func: FuncId,
    /// The query expression.
    pub query_op: ValueId,
    /// What is known of the query.
    pub query: QueryFacts,
    /// The serializer.
    pub serializer: ClassId,
    /// Several serializers are possible; this is one of them.
    pub one_of_several: bool,
    /// Only administrators see the list.
    pub admin: bool,
}

impl ListView {
    /// A function that renders rows: `query` stands at `at`.
    pub(super) fn of_function(name: &str, at: (FuncId, ValueId), query: QueryFacts, serializer: ClassId) -> Self {
        let (func, query_op) = at;
        let (name, one_of_several, admin) = (name.to_owned(), false, false);
        Self { name, class: None, func, query_op, query, serializer, one_of_several, admin }
    }
}

/// What lists rows through a class that shows them one by one.
#[derive(Clone, Debug)]
pub struct Lister {
    /// Its name.
    pub name: String,
    /// The function with the query, or that lists.
    pub func: FuncId,
    /// The class that shows a row.
    pub shower: ClassId,
    /// The model of the rows, where the class does not name it.
    pub model: Option<ClassId>,
    /// Only administrators see the list.
    pub admin: bool,
}

/// Whether a view class of Django REST framework lists rows.
#[must_use]
pub fn lists(project: &Project, class: ClassId) -> bool {
    project.library_ancestors(class).any(|name| {
        matches!(
            name,
            "rest_framework.mixins.ListModelMixin"
                | "rest_framework.generics.ListAPIView"
                | "rest_framework.generics.ListCreateAPIView"
                | "rest_framework.viewsets.ModelViewSet"
                | "rest_framework.viewsets.ReadOnlyModelViewSet"
        )
    })
}

/// Whether a method of the project answers the list in its own way: neither the inherited method nor the view's
/// own query and serializer take part.
fn answers_itself(project: &Project, class: ClassId) -> bool {
    let Some(list) = project.method(class, "list") else { return false };
    let body = project.code().body(list);
    let (mut inherited, mut serializer, mut queryset) = (false, false, false);
    for op in &body.ops {
        let OpKind::Attr { base, name } = op.kind else { continue };
        match project.text(name) {
            "list" => inherited |= matches!(project.ty(list, base), Type::Super(_)),
            "get_serializer" | "get_serializer_class" | "serializer_class" => serializer |= base == ValueId(0),
            "get_queryset" | "queryset" => queryset |= base == ValueId(0),
            _ => {}
        }
    }
    !(inherited || serializer && queryset)
}

/// Whether routes are seen that lead to the view class, but none to its list: `Orders.as_view({"post": "create"})`.
#[must_use]
pub fn unlisted(project: &Project, class: ClassId) -> bool {
    project.lazy().routed.get_or_init(|| routed(project)).get(&class) == Some(&false)
}

/// View classes that routes name action by action: whether a list is among them.
fn routed(project: &Project) -> FxHashMap<ClassId, bool> {
    let mut out = FxHashMap::default();
    let Some(as_view) = project.sym("as_view") else { return out };
    let code = project.code();
    let class_of = |f: FuncId, v: ValueId| match project.ty(f, v) {
        Type::ClassObj(class) => Some(*class),
        _ => None,
    };
    for name in [Some(as_view), project.sym("register")].into_iter().flatten() {
        for MethodCall { func: f, base, args, .. } in code.method_calls(name) {
            let body = code.body(f);
            if name == as_view
                && let Some(class) = class_of(f, base)
                && let Some(actions) = args.first()
            {
                // What cannot be read may be a list.
                let lists = match body.op(source_of(body, actions.value)).map(|op| &op.kind) {
                    Some(OpKind::Collection { kind: CollectionKind::Dict, items }) => {
                        let text = |v: ValueId| match body.op(v).map(|op| &op.kind) {
                            Some(OpKind::Const(Const::Str(s))) => Some(project.text(*s)),
                            _ => None,
                        };
                        items.iter().skip(1).step_by(2).any(|v| text(*v).is_none_or(|action| action == "list"))
                    }
                    _ => true,
                };
                *out.entry(class).or_insert(false) |= lists;
            } else if name != as_view {
                for class in args.iter().filter_map(|arg| class_of(f, arg.value)) {
                    out.insert(class, true);
                }
            }
        }
    }
    out
}

/// Whether the inherited list of a view class runs with the view's own query and serializer.
fn lists_rows(project: &Project, class: ClassId) -> bool {
    lists(project, class) && !answers_itself(project, class) && !unlisted(project, class)
}

/// All list views with a query and a serializer that are both seen.
#[must_use]
pub fn list_views(project: &Project) -> Vec<ListView> {
    let code = project.code();
    let mut out = Vec::new();
    for class in code.class_ids() {
        if !lists_rows(project, class) {
            continue;
        }
        let serializers = serializers_of(project, class);
        let several = serializers.len() > 1;
        for (func, query_op, query) in list_queries(project, class) {
            for serializer in &serializers {
                out.push(ListView {
                    name: project.text(code.class(class).name).to_owned(),
                    class: Some(class),
                    func,
                    query_op,
                    query: query.clone(),
                    serializer: *serializer,
                    one_of_several: several,
                    admin: false,
                });
            }
        }
    }
    out.extend(rendered_lists(project).into_iter().filter_map(|(func, rows_op, serializer)| {
        let query = rows(project, func, rows_op)?;
        let at = super::loaded::query_origin(project, func, rows_op);
        Some(ListView::of_function(project.func_name(func), at, query, serializer))
    }));
    out
}

/// Likewise, with lists that response models, schemas and the admin show.
#[must_use]
pub fn shown_views(project: &Project) -> Vec<ListView> {
    let mut out = list_views(project);
    out.extend(shown_lists(project));
    out
}

/// What showing one row of the list reads.
#[must_use]
pub fn rendering(project: &Project, shower: ClassId, model: Option<ClassId>) -> Rendering {
    match model {
        Some(model) if !is_serializer(project, shower) => shown(project, shower, model),
        _ => rendered(project, shower),
    }
}

/// What shows many rows: views, `Serializer(rows, many=True)`, and what [`shown_views`] adds.
#[must_use]
pub fn listers(project: &Project) -> Vec<Lister> {
    let code = project.code();
    let mut out = Vec::new();
    for class in code.class_ids().filter(|class| lists_rows(project, *class)) {
        let scope = code.class_scope(class);
        let func = project.method(class, "get_queryset").unwrap_or(scope);
        for shower in serializers_of(project, class) {
            let name = project.text(code.class(class).name).to_owned();
            out.push(Lister { name, func, shower, model: None, admin: false });
        }
    }
    for (func, _, shower) in rendered_lists(project) {
        out.push(Lister { name: project.func_name(func).to_owned(), func, shower, model: None, admin: false });
    }
    out.extend(shown_lists(project).into_iter().map(|view| Lister {
        name: view.name,
        func: view.func,
        shower: view.serializer,
        model: view.query.model,
        admin: view.admin,
    }));
    out
}

/// `OrderSerializer(orders, many=True)`: the function, the rows, the serializer.
fn rendered_lists(project: &Project) -> Vec<(FuncId, ValueId, ClassId)> {
    let code = project.code();
    let (Some(many), Some(instance)) = (project.sym("many"), project.sym("instance").or(project.sym("many"))) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for f in code.func_ids() {
        for op in &code.body(f).ops {
            let OpKind::Call { callee, args } = &op.kind else { continue };
            let all = args.iter().any(|arg| {
                arg.kind == ArgKind::Named(many)
                    && matches!(code.op(f, arg.value).map(|op| &op.kind), Some(OpKind::Const(Const::Bool(true))))
            });
            let rows =
                args.iter().find(|arg| matches!(arg.kind, ArgKind::Positional) || arg.kind == ArgKind::Named(instance));
            let (true, Some(rows)) = (all, rows) else { continue };
            if let Type::ClassObj(class) = project.ty(f, *callee)
                && is_serializer(project, *class)
            {
                out.push((f, rows.value, *class));
            }
        }
    }
    out
}

/// `"line__product"`: notes what a refining method loads.
fn load_path(project: &Project, facts: &mut QueryFacts, path: Sym, by: Sym) {
    let path: Option<Vec<Sym>> = project.text(path).split("__").map(|hop| project.sym(hop)).collect();
    if let Some(path) = path {
        facts.load(path, by);
    }
}

/// What `get_queryset` loads with the rows of a query that it was handed: `super().get_queryset().select_related("owner")`.
fn also_loads(project: &Project, f: FuncId, facts: &mut QueryFacts) {
    let body = project.code().body(f);
    let op = |v: ValueId| body.op(v).map(|op| &op.kind);
    for call in project.code().calls_in(f) {
        let Some((_, name, args)) = body.method(*call) else { continue };
        if !matches!(project.text(name), "select_related" | "prefetch_related") {
            continue;
        }
        for arg in args {
            // `Prefetch("lines", queryset=…)`
            let path = match op(source_of(body, arg.value)) {
                Some(OpKind::Call { args, .. }) => args.first().map_or(arg.value, |first| first.value),
                _ => arg.value,
            };
            match op(path) {
                Some(OpKind::Const(Const::Str(path))) => load_path(project, facts, *path, name),
                // `prefetch_related(*self.relations)`: any of them.
                _ => facts.loads_unknown = true,
            }
        }
    }
}

/// The queries of a list view, with where they stand.
#[must_use]
pub fn list_queries(project: &Project, class: ClassId) -> Vec<(FuncId, ValueId, QueryFacts)> {
    let method = project.method(class, "get_queryset");
    let mut out = method.map(|f| returned_queries(project, f)).unwrap_or_default();
    if out.is_empty()
        && let Some((scope, value)) = class_value(project, class, "queryset")
        && let Some(mut facts) = rows(project, scope, value)
    {
        if let Some(f) = method {
            also_loads(project, f, &mut facts);
        }
        out.push((scope, value, facts));
    }
    out
}

/// The queries whose rows a method gives for a list.
pub(super) fn returned_queries(project: &Project, method: FuncId) -> Vec<(FuncId, ValueId, QueryFacts)> {
    let body = project.code().body(method);
    let mut out = Vec::new();
    for (at, op) in body.ops.iter().enumerate() {
        let OpKind::Return(Some(v)) = op.kind else { continue };
        // `Order.objects.none()` for the documentation gives no rows.
        let empty = matches!(body.op(source_of(body, v)).map(|op| &op.kind), Some(OpKind::Call { callee, .. })
            if matches!(body.op(*callee).map(|op| &op.kind), Some(OpKind::Attr { name, .. }) if project.text(*name) == "none"));
        let at = ValueId(u32::try_from(at).unwrap_or(u32::MAX));
        if !empty
            && !only_other_actions(project, method, at)
            && let Some(facts) = rows(project, method, v)
        {
            out.push((method, first_expression(project, method, v), facts));
        }
    }
    out
}

/// The query of a queryset value; a bare manager is a query without options.
fn rows(project: &Project, f: FuncId, v: ValueId) -> Option<QueryFacts> {
    match project.ty(f, v) {
        Type::Lib(name, elem, query) if project.text(*name).starts_with("django.db.models.") => {
            let row = project.type_of(*elem);
            // Of a model that is not among the files the chain tells what it loads.
            if project.is_unseen_row(row) {
                return spelled(project, f, v);
            }
            let Type::Inst(model, _) = row else { return None };
            match project.query_facts(*query) {
                Some(facts) => Some(facts.clone()),
                // A queryset that an annotation names, or one of several: what it loads is not seen.
                None if project.text(*name).ends_with("QuerySet") => None,
                None => Some(QueryFacts { model: Some(*model), ..QueryFacts::default() }),
            }
        }
        Type::Unknown => spelled(project, f, v),
        _ => None,
    }
}

/// A query on a receiver without a type: what its chain of queryset methods spells out.
fn spelled(project: &Project, f: FuncId, v: ValueId) -> Option<QueryFacts> {
    const REFINING: &[&str] =
        &["all", "filter", "exclude", "order_by", "distinct", "annotate", "select_related", "prefetch_related"];
    let body = project.code().body(f);
    let mut facts = QueryFacts::default();
    let mut at = source_of(body, v);
    let mut refined = false;
    for _ in 0..16 {
        let Some(OpKind::Call { callee, args }) = body.op(at).map(|op| &op.kind) else { break };
        let Some(OpKind::Attr { base, name }) = body.op(*callee).map(|op| &op.kind) else { break };
        let method = project.text(*name);
        if method == "filter_queryset"
            && let [arg] = &**args
        {
            at = source_of(body, arg.value);
            continue;
        }
        if !REFINING.contains(&method) {
            // What a function that is not seen gives may be loaded already.
            facts.loads_unknown |= !matches!(method, "get_queryset" | "get_query_set" | "using" | "defer" | "only");
            break;
        }
        refined = true;
        if matches!(method, "select_related" | "prefetch_related") {
            for arg in args {
                match body.op(arg.value).map(|op| &op.kind) {
                    Some(OpKind::Const(Const::Str(path))) => load_path(project, &mut facts, *path, *name),
                    _ => facts.loads_unknown = true,
                }
            }
        }
        at = source_of(body, *base);
    }
    refined.then_some(facts)
}

/// Where the query starts: the expression before it was refined through variables.
fn first_expression(project: &Project, f: FuncId, v: ValueId) -> ValueId {
    let body = project.code().body(f);
    let mut start = source_of(body, v);
    let mut at = start;
    for _ in 0..24 {
        at = match body.op(at).map(|op| &op.kind) {
            Some(OpKind::Call { callee, .. }) => match body.op(*callee).map(|op| &op.kind) {
                Some(OpKind::Attr { base, .. }) => *base,
                _ => break,
            },
            Some(OpKind::Bind { value, .. }) => {
                start = *value;
                *value
            }
            Some(OpKind::Phi(entries)) => match entries.first() {
                Some(first) if *first < at => *first,
                _ => break,
            },
            _ => break,
        };
    }
    start
}

/// `Detail if self.action == "retrieve" else Short`: of what merges, the values that a list may get.
fn given_to_list(project: &Project, f: FuncId, v: ValueId, depth: u32) -> Vec<ValueId> {
    let body = project.code().body(f);
    match body.op(v).map(|op| &op.kind) {
        Some(OpKind::Bind { value, .. }) if depth < 6 => given_to_list(project, f, *value, depth + 1),
        Some(OpKind::Phi(entries)) if depth < 6 => {
            let listed = entries.iter().filter(|entry| entry.0 < v.0 && !only_other_actions(project, f, **entry));
            listed.flat_map(|entry| given_to_list(project, f, *entry, depth + 1)).collect()
        }
        _ => vec![v],
    }
}

fn serializers_of(project: &Project, class: ClassId) -> Vec<ClassId> {
    let code = project.code();
    let mut out = Vec::new();
    let add = |out: &mut Vec<ClassId>, f: FuncId, v: ValueId| {
        for ty in project.members(f, v) {
            if let Type::ClassObj(c) = ty
                && is_serializer(project, *c)
                && !out.contains(c)
            {
                out.push(*c);
            }
        }
    };
    if let Some(method) = project.method(class, "get_serializer_class") {
        // The one for `list`, when the method tells actions apart.
        let body = code.body(method);
        let by_class = body.ops.iter().find_map(|op| match op.kind {
            OpKind::Return(Some(v)) => by_action_of_class(project, class, method, v),
            _ => None,
        });
        if let Some((scope, value)) = by_class
            && let Type::ClassObj(listed) = project.ty(scope, value)
            && is_serializer(project, *listed)
        {
            return vec![*listed];
        }
        let mut by_action = Vec::new();
        for (i, op) in body.ops.iter().enumerate() {
            let OpKind::Return(Some(v)) = op.kind else { continue };
            let listed = body.regions.iter().any(|region| {
                let crate::model::RegionKind::Arm { cond: Some(cond), negated: false } = region.kind else {
                    return false;
                };
                region.start as usize <= i && i < region.end as usize && mentions(project, method, cond, "list", 0)
            });
            if listed {
                by_action.push(v);
            }
        }
        for v in by_action {
            add(&mut out, method, v);
        }
        if out.is_empty() {
            for (i, op) in body.ops.iter().enumerate() {
                let OpKind::Return(Some(v)) = op.kind else { continue };
                let at = ValueId(u32::try_from(i).unwrap_or(u32::MAX));
                if only_other_actions(project, method, at) {
                    continue;
                }
                let v = by_action_of(project, method, v).unwrap_or(v);
                for v in given_to_list(project, method, v, 0) {
                    add(&mut out, method, v);
                }
            }
        }
        if !out.is_empty() {
            return out;
        }
    }
    if let Some((scope, value)) = class_value(project, class, "serializer_class")
        && let Type::ClassObj(c) = project.ty(scope, value)
        && is_serializer(project, *c)
    {
        out.push(*c);
    }
    for c in set_before_list(project, class) {
        if !out.contains(&c) {
            out.push(c);
        }
    }
    out
}

/// An action that lists with another serializer: `self.serializer_class = Full; return self.list(request)`.
fn set_before_list(project: &Project, class: ClassId) -> Vec<ClassId> {
    let Some(attribute) = project.sym("serializer_class") else { return Vec::new() };
    let code = project.code();
    let module = code.module_of_class(class);
    let mut out = Vec::new();
    for method in &code.class(class).methods {
        let f = code.func_id(module, *method);
        let body = code.body(f);
        let own = |v: ValueId| matches!(body.op(v).map(|op| &op.kind), Some(OpKind::Param(0)));
        let lists = || {
            body.ops
                .iter()
                .any(|op| matches!(op.kind, OpKind::Attr { base, name } if own(base) && project.text(name) == "list"))
        };
        for op in &body.ops {
            if let OpKind::StoreAttr { base, name, value } = op.kind
                && name == attribute
                && own(base)
                && let Type::ClassObj(c) = project.ty(f, value)
                && is_serializer(project, *c)
                && lists()
            {
                out.push(*c);
            }
        }
    }
    out
}

fn mentions(project: &Project, f: FuncId, v: ValueId, word: &str, depth: u32) -> bool {
    if depth > 5 {
        return false;
    }
    let Some(op) = project.code().op(f, v) else { return false };
    if let OpKind::Const(Const::Str(s)) = op.kind {
        return project.text(s) == word;
    }
    let mut found = false;
    op.kind.operands(|o| found |= mentions(project, f, o, word, depth + 1));
    found
}
