//! Relations read of each row where the rows' model is not among the files: what else the code says of the
//! attribute tells that it is a relation.

use super::in_loop::{Likely, NO_MODEL, likely};
use super::query_in_loop::words;
use crate::analysis::{FuncId, LoopFacts, Project, Type, source_of};
use crate::checks::check::{Cx, Judgement, Place};
use crate::checks::support::place_of;
use crate::model::{ArgKind, Body, Const, OpKind, Sym, ValueId};

/// A relation of rows of a model that is not seen.
#[derive(Clone, Debug)]
pub struct Unseen {
    looped: LoopFacts,
    read: ValueId,
    relation: Sym,
    /// What tells that it is one.
    sign: String,
}

/// Reads of such relations inside loops, the first of each relation.
pub(super) fn candidates(cx: Cx<'_>) -> Vec<(Place, Unseen)> {
    let project = cx.project;
    let mut out = Vec::new();
    if !project.has_unseen_rows() && !project.orm().users_have_relations() {
        return out;
    }
    for looped in project.loops() {
        let f = looped.func;
        let (Some(row), Some(iter)) = (looped.element, looped.iter) else { continue };
        if project.is_template(f) {
            continue;
        }
        let body = project.code().body(f);
        let chain = chain(project, f, body, iter);
        if !is_row(project, f, row) && !refined_on_unknown(project, f, iter, &chain) {
            continue;
        }
        let facts = project.query(f, iter).or_else(|| chain.root.and_then(|root| project.query(f, root)));
        let starts = chain.root.and_then(|root| body.op(root)).map(|op| &op.kind);
        let whole = matches!(starts, Some(OpKind::Attr { .. }));
        // Rows that a helper or a page gave: what their query loads is not seen.
        if facts.is_none() && !whole {
            continue;
        }
        if facts.is_some_and(|facts| facts.loads_unknown || facts.plain_rows) || chain.loads_unknown {
            continue;
        }
        let mut known: Vec<Sym> = Vec::new();
        for i in looped.start..looped.end {
            let Some(OpKind::Attr { base, name }) = body.op(ValueId(i)).map(|op| &op.kind) else { continue };
            if source_of(body, *base) != row || known.contains(name) {
                continue;
            }
            known.push(*name);
            let text = project.text(*name);
            let loaded = facts.is_some_and(|facts| facts.loader(&[*name]).is_some())
                || chain.loads.iter().any(|path| path.split("__").next() == Some(text));
            if loaded || is_stored(body, looped, row, *name) {
                continue;
            }
            let Some(sign) = sign(project, body, row, *name, &chain) else { continue };
            let read = ValueId(i);
            out.push((place_of(project, f, read), Unseen { looped: looped.clone(), read, relation: *name, sign }));
        }
    }
    out
}

/// Listed for a reader to decide: the model's class is not seen.
pub(super) fn judge(cx: Cx<'_>, place: Place, found: &Unseen) -> Judgement {
    let project = cx.project;
    let Unseen { looped, read, relation, sign } = found;
    let relation = words(cx, &[*relation]);
    let text = project.describe(looped.func, *read);
    let found = Likely {
        message: format!("`{text}` loads relation `{relation}`"),
        recommendation: format!(
            "Load `{relation}` with the rows: `select_related(\"{relation}\")`, or `prefetch_related` for a to-many relation"
        ),
        step: project.step(looped.func, *read, format!("`{text}` loads the relation")),
        sign: Some(sign.clone()),
        missing: NO_MODEL,
    };
    likely(cx, place, looped, found)
}

fn is_row(project: &Project, f: FuncId, v: ValueId) -> bool {
    let ty = project.ty(f, v);
    project.is_unseen_row(ty) || project.is_user(ty)
}

/// What the calls that refine a query say.
#[derive(Debug, Default)]
struct Chain {
    /// Methods, the last call first.
    methods: Vec<String>,
    /// Lookup paths: `order_by("question__position")`, `filter(question__kind=…)`.
    paths: Vec<String>,
    /// Arguments of `select_related` and `prefetch_related`.
    loads: Vec<String>,
    loads_unknown: bool,
    /// What the first of the methods is called on.
    root: Option<ValueId>,
}

fn chain(project: &Project, f: FuncId, body: &Body, iter: ValueId) -> Chain {
    let mut out = Chain::default();
    let mut at = source_of(body, iter);
    for _ in 0..12 {
        // `with_votes(rows)` gives its argument back, refined.
        if let Some(rows) = project.passed_on(f, at) {
            at = source_of(body, rows);
            out.root = Some(at);
            continue;
        }
        let Some(OpKind::Call { callee, args }) = body.op(at).map(|op| &op.kind) else { break };
        let Some(OpKind::Attr { base, name }) = body.op(*callee).map(|op| &op.kind) else { break };
        let method = project.text(*name);
        let texts = args.iter().filter_map(|arg| match body.op(arg.value).map(|op| &op.kind) {
            Some(OpKind::Const(Const::Str(text))) if arg.kind == ArgKind::Positional => Some(project.text(*text)),
            _ => None,
        });
        match method {
            "select_related" | "prefetch_related" => {
                out.loads.extend(texts.map(str::to_owned));
                out.loads_unknown |= args.len() > out.loads.len() || args.is_empty();
            }
            "order_by" => out.paths.extend(texts.map(|text| text.trim_start_matches('-').to_owned())),
            "filter" | "exclude" => out.paths.extend(args.iter().filter_map(|arg| match arg.kind {
                ArgKind::Named(name) => Some(project.text(name).to_owned()),
                _ => None,
            })),
            "values" | "values_list" | "annotate" | "raw" => out.loads_unknown = true,
            _ => {}
        }
        out.methods.push(method.to_owned());
        at = source_of(body, *base);
        out.root = Some(at);
    }
    out
}

/// `submission.answers.all().order_by("position")` of a value without a type: what follows `all()` is Django's alone.
fn refined_on_unknown(project: &Project, f: FuncId, iter: ValueId, chain: &Chain) -> bool {
    let refined = ["order_by", "filter", "exclude", "select_related", "prefetch_related"];
    let body = project.code().body(f);
    chain.methods.last().is_some_and(|method| method == "all")
        && chain.methods.iter().any(|method| refined.contains(&method.as_str()))
        && *project.ty(f, iter) == Type::Unknown
        && matches!(chain.root.and_then(|root| body.op(root)).map(|op| &op.kind), Some(OpKind::Attr { .. }))
}

/// Whether the loop itself sets the attribute before.
fn is_stored(body: &Body, looped: &LoopFacts, row: ValueId, name: Sym) -> bool {
    (looped.start..looped.end).any(|i| {
        matches!(body.op(ValueId(i)).map(|op| &op.kind), Some(OpKind::StoreAttr { base, name: stored, .. })
            if *stored == name && source_of(body, *base) == row)
    }) && !reads_key(body, row, name, |_| true)
}

/// Whether an attribute that `wanted` accepts is read of the row's attribute `name`.
fn reads_key(body: &Body, row: ValueId, name: Sym, wanted: impl Fn(Sym) -> bool) -> bool {
    body.ops.iter().any(|op| {
        let OpKind::Attr { base, name: inner } = &op.kind else { return false };
        matches!(body.op(source_of(body, *base)).map(|op| &op.kind), Some(OpKind::Attr { base, name: outer })
            if *outer == name && source_of(body, *base) == row)
            && wanted(*inner)
    })
}

/// Lookups and transforms, which follow a column in a path.
const LOOKUPS: &[&str] = &[
    "exact",
    "iexact",
    "contains",
    "icontains",
    "in",
    "gt",
    "gte",
    "lt",
    "lte",
    "startswith",
    "istartswith",
    "endswith",
    "iendswith",
    "range",
    "date",
    "year",
    "month",
    "day",
    "week",
    "hour",
    "minute",
    "second",
    "isnull",
    "regex",
    "iregex",
    "search",
    "overlap",
    "len",
    "time",
    "quarter",
    "trigram_similar",
    "has_key",
    "contained_by",
];

/// What tells that attribute `name` of the row is a relation.
fn sign(project: &Project, body: &Body, row: ValueId, name: Sym, chain: &Chain) -> Option<String> {
    let text = project.text(name);
    // `user.profile.key`, where a model of the project says `OneToOneField(User, related_name="profile")`.
    if project.orm().of_users(name) == Some(true) {
        return Some(format!("a model of the project gives its users the relation `{text}`"));
    }
    let deeper = |wanted: &str| {
        reads_key(body, row, name, |inner| if wanted.is_empty() { true } else { project.text(inner) == wanted })
    };
    for key in ["pk", "id"] {
        if deeper(key) {
            return Some(format!("`{text}.{key}` is read: it is an object of its own"));
        }
    }
    let id = project.sym(&format!("{text}_id"));
    let beside = id.is_some_and(|id| {
        body.ops
            .iter()
            .any(|op| matches!(&op.kind, OpKind::Attr { base, name } if *name == id && source_of(body, *base) == row))
    });
    if beside {
        return Some(format!("`{text}_id` is read as well: its key"));
    }
    let path = chain.paths.iter().find(|path| {
        let mut hops = path.split("__");
        hops.next() == Some(text) && hops.next().is_some_and(|hop| !LOOKUPS.contains(&hop))
    })?;
    deeper("").then(|| format!("the query follows it: `{path}`"))
}
