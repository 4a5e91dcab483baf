//! Queries that a resolver of a GraphQL type runs for each object of a list: Graphene's `resolve_lines(root, info)`,
//! Strawberry's fields. A data loader runs one query for all of them.

use super::query_in_loop::FARTHEST;
use crate::analysis::{ClassId, FuncId, Project, Site, SiteKind, Type, argument, is_field_resolver, source_of};
use crate::checks::check::{Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_facts, place_of};
use crate::libraries::Effects;
use crate::model::{Const, OpKind, Sym, ValueId};
use crate::report::model::{Effort, Severity, Step};
use rustc_hash::FxHashSet;

/// A query per resolved object.
#[derive(Clone, Debug)]
pub struct Resolved {
    asked: Asked,
    resolver: FuncId,
    owner: String,
    /// The project lists objects of the type.
    listed: bool,
    /// The project has an optimizer of GraphQL queries.
    optimizer: bool,
}

/// What a resolver asks.
#[derive(Clone, Debug)]
struct Asked {
    /// The op of the resolver.
    at: ValueId,
    query: String,
    /// All rows of a relation.
    relation: bool,
    steps: Vec<Step>,
}

impl Resolved {
    /// Where the finding stands: where the resolver asks.
    pub(super) fn place(&self, project: &Project) -> Place {
        place_of(project, self.resolver, self.asked.at)
    }
}

const READS: Effects = Effects(Effects::DB_READ.0 | Effects::DB_EXECUTE.0);

/// Types whose fields are asked for once: the roots of the schema and what mutations give.
const ROOTS: &[&str] =
    &["Query", "Queries", "Mutation", "Mutations", "Subscription", "Subscriptions", "Payload", "Viewer"];

/// Packages that load what a GraphQL query asks for ahead of its resolvers.
const OPTIMIZERS: &[&str] =
    &["gql_optimizer", "graphene_django_optimizer", "DjangoOptimizerExtension", "query_optimizer"];

/// All of them.
pub(super) fn candidates(cx: Cx<'_>) -> Vec<Resolved> {
    let project = cx.project;
    if !["graphene", "strawberry"].iter().any(|name| project.sym(name).is_some()) {
        return Vec::new();
    }
    let optimizer = OPTIMIZERS.iter().any(|name| project.sym(name).is_some());
    let mut listed = None;
    let mut out: Vec<Resolved> = Vec::new();
    for f in project.code().func_ids() {
        let Some(class) = resolves_for(project, f) else { continue };
        let ran = || project.sites(f).iter().find_map(|site| query_of(project, f, site));
        let Some(asked) = given(project, f).or_else(ran) else { continue };
        let owner = project.code().class(class).name;
        let listed = listed.get_or_insert_with(|| listed_types(project)).contains(&owner);
        let owner = project.text(owner).to_owned();
        out.push(Resolved { asked, resolver: f, owner, listed, optimizer });
    }
    out
}

/// The type whose objects a function resolves a field of.
fn resolves_for(project: &Project, f: FuncId) -> Option<ClassId> {
    let code = project.code();
    let class = code.class_of(f)?;
    let function = code.func(f);
    let name = project.text(code.class(class).name);
    if ROOTS.iter().any(|root| name.ends_with(root)) || project.library_ancestors(class).any(|n| n.contains("Mutation"))
    {
        return None;
    }
    // A field with arguments of its own (pages, filters) is asked for one object, and no loader gathers it.
    let own = function
        .params
        .iter()
        .skip(1)
        .filter(|param| !project.text(param.name).trim_start_matches('_').starts_with("info"));
    if own.count() > 0 {
        return None;
    }
    let graphene = is_field_resolver(function, |name| project.text(name));
    let by_field = || {
        function.decorators.iter().any(|decorator| {
            let said = project.describe(code.parent(f), decorator.value);
            let said = said.trim_end_matches("(…)").trim_end_matches("()");
            matches!(said, "strawberry.field" | "strawberry_django.field" | "strawberry.django.field" | "gql.field")
        })
    };
    (graphene || by_field()).then_some(class)
}

/// The query that a site of a resolver always runs for its object.
fn query_of(project: &Project, f: FuncId, site: &Site) -> Option<Asked> {
    let effects = project.effects_of(site);
    if !effects.any(READS)
        || effects.any(Effects::ANY_WRITE)
        || project.only_on_failure(f, site.op, 0)
        || if_not_held(project, f, site.op)
    {
        return None;
    }
    if !depends(project, f, site.op, project.param_value(f, 0)?, 0) {
        return None;
    }
    let chain = project.usual_path(f, site, READS)?;
    // Of a session by its name alone nothing is said here: caches of the context look the same.
    if chain.looped || chain.by_name || chain.steps.len() > FARTHEST || asks_first(project, &chain.calls) {
        return None;
    }
    let relation = matches!(site.kind, SiteKind::Evaluate(_));
    Some(Asked { at: site.op, query: project.site_name(f, site), relation, steps: chain.steps })
}

/// Whether a function on the way that is handed the object looks at it before it goes on.
fn asks_first(project: &Project, calls: &[(FuncId, ValueId)]) -> bool {
    let steps = calls.iter().zip(calls.iter().skip(1));
    let with_object = steps.take_while(|((f, call), (g, _))| {
        let own = project.param_value(*f, 0);
        argument(project, *f, *call, *g, 0).is_some_and(|v| Some(source_of(project.code().body(*f), v)) == own)
    });
    with_object.into_iter().any(|(_, (g, op))| if_not_held(project, *g, *op))
}

/// Whether the object's own attributes decide that it runs: `if self.record: return self.record`.
fn if_not_held(project: &Project, f: FuncId, at: ValueId) -> bool {
    let Some(object) = project.param_value(f, 0) else { return false };
    project.code().body(f).deciding(at).any(|cond| depends(project, f, cond, object, 0))
}

/// The queryset by its object that a resolver gives to GraphQL, which runs it.
fn given(project: &Project, f: FuncId) -> Option<Asked> {
    let body = project.code().body(f);
    body.ops.iter().enumerate().find_map(|(i, op)| {
        let (OpKind::Return(Some(v)), Ok(i)) = (&op.kind, u32::try_from(i)) else { return None };
        let lazy = matches!(project.ty(f, *v), Type::Lib(name, ..)
            if matches!(project.text(*name), "django.db.models.QuerySet" | "django.db.models.Manager"));
        if !lazy || !depends(project, f, *v, project.param_value(f, 0)?, 0) {
            return None;
        }
        let query = format!("`{}`", project.describe(f, *v));
        let relation = project.query(f, *v).is_some_and(|query| !query.filtered);
        let steps = vec![project.step(f, ValueId(i), "GraphQL runs the query to list its rows")];
        Some(Asked { at: ValueId(i), query, relation, steps })
    })
}

/// Whether a value is made of another.
fn depends(project: &Project, f: FuncId, v: ValueId, on: ValueId, depth: u32) -> bool {
    let body = project.code().body(f);
    let at = source_of(body, v);
    if at == on || v == on {
        return true;
    }
    let Some(op) = body.op(at).filter(|_| depth < 12) else { return false };
    let mut found = false;
    op.kind.operands(|inner| found = found || inner.0 < at.0 && depends(project, f, inner, on, depth + 1));
    found
}

/// The types that something lists: `graphene.List(Line)`, a connection's `node = Line`, `list[Line]`.
fn listed_types(project: &Project) -> FxHashSet<Sym> {
    let code = project.code();
    let mut out = FxHashSet::default();
    let mut add = |scope: FuncId, v: ValueId, all: bool| {
        let mut names = Vec::new();
        names_in(project, scope, v, 0, &mut names);
        let several = |name: &Sym| {
            let name = project.text(*name);
            matches!(name, "list" | "List" | "Sequence" | "Iterable") || name.contains("Connection")
        };
        if all || names.iter().any(several) {
            out.extend(names);
        }
    };
    for class in code.class_ids() {
        let info = code.class(class);
        let scope = code.class_scope(class);
        let meta = project.text(info.name) == "Meta";
        for field in &info.fields {
            let node = meta && project.text(field.name) == "node";
            field.annotation.into_iter().chain(field.value).for_each(|v| add(scope, v, node));
        }
    }
    for f in code.func_ids() {
        let function = code.func(f);
        if let Some(returns) = function.returns.filter(|_| !function.decorators.is_empty()) {
            add(code.parent(f), returns, false);
        }
    }
    out
}

fn names_in(project: &Project, scope: FuncId, v: ValueId, depth: u32, out: &mut Vec<Sym>) {
    let body = project.code().body(scope);
    let Some(op) = body.op(v).filter(|_| depth < 10 && out.len() < 24) else { return };
    match op.kind {
        OpKind::Global(name) | OpKind::Captured { name, .. } | OpKind::Attr { name, .. } => out.push(name),
        OpKind::Bind { name, .. } => return out.push(name),
        OpKind::Const(Const::Str(name)) => out.push(name),
        _ => {}
    }
    op.kind.operands(|inner| {
        if inner.0 < v.0 {
            names_in(project, scope, inner, depth + 1, out);
        }
    });
}

/// Confirmed where the project lists objects of the type.
pub(super) fn judge(cx: Cx<'_>, place: Place, found: &Resolved) -> Judgement {
    let project = cx.project;
    if found.optimizer && found.asked.relation {
        return Judgement::Rejected("an optimizer of the project loads relations that a query asks for".into());
    }
    let Resolved { asked: Asked { query, .. }, owner, resolver, .. } = found;
    let mut facts = context_facts(cx, *resolver);
    facts.hot = true;
    facts.table_used_context = true;
    let name = project.func_name(*resolver);
    let mut steps = vec![project.step_at(
        *resolver,
        project.code().func(*resolver).name_span,
        format!("`{name}` resolves a field of each `{owner}`"),
    )];
    steps.extend(found.asked.steps.iter().cloned());
    let draft = Draft {
        place,
        severity: Severity::High,
        confidence: confidence(project, *resolver, false),
        message: format!("{query} runs for each `{owner}` that a GraphQL query lists (N+1)"),
        recommendation: "Load the values through a data loader, which runs one query for all objects of the list"
            .into(),
        effort: Effort::M,
        steps,
        evidence: vec!["runs in: request (a GraphQL resolver)".to_owned()],
        facts,
    };
    if !found.listed {
        return Judgement::NeedsContext(Box::new(draft), format!("nothing is seen to list objects of `{owner}`"));
    }
    Judgement::Confirmed(Box::new(draft))
}
