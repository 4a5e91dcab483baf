//! Queries that a serializer's method or a model's property runs for each row that a view lists.

use super::query_in_loop::FARTHEST;
use crate::analysis::{
    Bound, FuncId, Lister, Project, Reach, RowFunction, Site, SiteKind, Type, first_query, listers, only_other_actions,
    reach, rendering, shown_views, source_of,
};
use crate::checks::check::{Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_facts, place_of};
use crate::libraries::Effects;
use crate::model::{ArgKind, OpKind, Region, RegionKind, Sym, ValueId};
use crate::report::model::{Confidence, Effort, Severity, Step};

/// A query per rendered row.
#[derive(Clone, Debug)]
pub struct PerRow {
    /// The query.
    at: (FuncId, ValueId),
    query: String,
    /// The function that the serializer calls.
    from: FuncId,
    serializer: String,
    lister: String,
    /// How many more lists run it.
    others: usize,
    /// Loaded with the rows: the method answers from memory.
    loaded: bool,
    /// Only administrators see the list.
    admin: bool,
    by_name: bool,
    steps: Vec<Step>,
}

impl PerRow {
    /// Where the finding stands: at the query.
    pub(super) fn place(&self, project: &Project) -> Place {
        place_of(project, self.at.0, self.at.1)
    }
}

const READS: Effects = Effects(Effects::DB_READ.0 | Effects::DB_EXECUTE.0);

/// All of them.
pub(super) fn candidates(cx: Cx<'_>) -> Vec<PerRow> {
    let project = cx.project;
    let views = shown_views(project);
    let mut out: Vec<PerRow> = Vec::new();
    for Lister { name: lister, func: view, shower: class, model, admin } in listers(project) {
        let serializer = project.text(project.code().class(class).name);
        for row in rendering(project, class, model).functions {
            let runs = project.sites(row.func).iter().filter_map(|site| query_of(project, &row, site));
            for Query { at, from, name: query, end, mut steps, by_name } in runs.chain(given_away(project, &row)) {
                if let Some(known) = out.iter_mut().find(|known| known.at == at) {
                    known.others += usize::from(known.lister != lister);
                    continue;
                }
                let name = project.func_name(row.func);
                let words = format!("`{lister}` lists rows through `{serializer}`, which calls `{name}` for each");
                steps.insert(0, project.step(row.func, from, words));
                let loaded = end.and_then(|end| in_memory(project, at, &end)).is_some_and(|path| {
                    let whole: Vec<Sym> = row.prefix.iter().chain(&path).copied().collect();
                    views.iter().any(|v| v.func == view && v.serializer == class && v.query.loader(&whole).is_some())
                });
                out.push(PerRow {
                    at,
                    query,
                    from: row.func,
                    serializer: serializer.to_owned(),
                    lister: lister.clone(),
                    others: 0,
                    loaded,
                    admin,
                    by_name,
                    steps,
                });
            }
        }
    }
    out
}

/// A query that a row's function runs.
struct Query {
    at: (FuncId, ValueId),
    /// The op of the row's function on the way there.
    from: ValueId,
    name: String,
    /// The site that runs it; none where the renderer does.
    end: Option<Site>,
    steps: Vec<Step>,
    by_name: bool,
}

/// The query that the site of a row's function always runs, outside of loops: those are judged as such.
fn query_of(project: &Project, RowFunction { func: f, param, .. }: &RowFunction, site: &Site) -> Option<Query> {
    let (f, param) = (*f, *param);
    let effects = project.effects_of(site);
    if !effects.any(READS) || project.only_on_failure(f, site.op, 0) {
        return None;
    }
    if only_other_actions(project, f, site.op) || asks_context(project, f, site.op) {
        return None;
    }
    if project.answered_by_query(f, site.op) {
        return None;
    }
    if project.loops_of(f).iter().any(|l| l.bound == Bound::Data && l.runs(site)) {
        return None;
    }
    let chain = project.usual_path(f, site, READS)?;
    if chain.looped || chain.steps.len() > FARTHEST || project.is_template(chain.end.0) {
        return None;
    }
    let (g, end) = chain.end;
    // `get_or_create` looks first, whatever it writes then.
    let looks = matches!(end.kind, SiteKind::Library(row) if row.callee.ends_with("get_or_create"));
    if effects.any(Effects::ANY_WRITE) && !looks || g != f && asks_context(project, g, end.op) {
        return None;
    }
    // A serializer that does not say which model it shows.
    let untold = || {
        let given = project.param_value(f, usize::from(param));
        given.is_none_or(|v| matches!(project.ty(f, v), Type::Unknown))
    };
    if project.owner_unseen(g, &end).is_some_and(|query| query.model.is_none() || untold()) {
        return None;
    }
    let (at, name) = ((g, end.op), project.site_name(g, &end));
    Some(Query { at, from: site.op, name, end: Some(end), steps: chain.steps, by_name: chain.by_name })
}

/// Querysets that a row's function hands to what renders them, which runs them: `return row.lines.filter(…)`,
/// `LineSerializer(row.lines.filter(…), many=True)`.
fn given_away<'p>(project: &'p Project, row: &RowFunction) -> impl Iterator<Item = Query> + use<'p> {
    let code = project.code();
    // What a property of the model gives may be used up by the serializer's field.
    let (f, shown) = (row.func, row.param == 1);
    let many = project.sym("many");
    code.body(f).ops.iter().enumerate().filter_map(move |(i, op)| {
        let at = ValueId(u32::try_from(i).ok()?);
        let (v, words) = match &op.kind {
            OpKind::Return(Some(v)) if shown => (*v, "the renderer runs the query"),
            OpKind::Call { args, callee } => {
                let all = many.is_some_and(|many| args.iter().any(|arg| arg.kind == ArgKind::Named(many)));
                let class = matches!(project.ty(f, *callee), Type::ClassObj(_) | Type::LibRef(_));
                (args.first().filter(|_| all && class)?.value, "the serializer runs the query")
            }
            _ => return None,
        };
        let lazy = matches!(project.ty(f, v), Type::Lib(name, ..) if project.text(*name) == "django.db.models.QuerySet")
            && !project.query(f, v).is_some_and(|query| query.prefetched && !query.filtered);
        if !lazy || !refined(project, f, v) || asks_context(project, f, at) || only_other_actions(project, f, at) {
            return None;
        }
        let start = first_query(project, f, v);
        let steps = vec![project.step(f, at, words)];
        Some(Query {
            at: (f, start),
            from: start,
            name: format!("`{}`", project.describe(f, v)),
            end: None,
            steps,
            by_name: false,
        })
    })
}

/// Whether a queryset is more than all rows of a relation, which may be loaded with its owner.
fn refined(project: &Project, f: FuncId, v: ValueId) -> bool {
    let body = project.code().body(f);
    let mut at = source_of(body, v);
    for _ in 0..16 {
        let Some(OpKind::Call { callee, .. }) = body.op(at).map(|op| &op.kind) else { return false };
        let Some(OpKind::Attr { base, name }) = body.op(source_of(body, *callee)).map(|op| &op.kind) else {
            return false;
        };
        match project.text(*name) {
            "all" | "iterator" => at = source_of(body, *base),
            "none" => return false,
            _ => return true,
        }
    }
    false
}

/// What the view put into the serializer's context decides whether it runs.
fn asks_context(project: &Project, f: FuncId, at: ValueId) -> bool {
    let body = project.code().body(f);
    let is_context = |v: ValueId| matches!(body.op(v).map(|op| &op.kind), Some(OpKind::Attr { name, .. }) if project.text(*name) == "context");
    // `try: return self.context["names"][row.key]` `except KeyError:` the query.
    let failed = |region: &Region| {
        matches!(region.kind, RegionKind::Handler { .. })
            && region.start <= at.0
            && at.0 < region.end
            && body.tried(region).any(is_context)
    };
    // `if cached is not None: return cached` before it.
    body.regions.iter().any(failed) || body.deciding(at).any(|cond| mentions_context(project, f, cond, 0))
}

fn mentions_context(project: &Project, f: FuncId, v: ValueId, depth: u32) -> bool {
    let body = project.code().body(f);
    let Some(op) = body.op(source_of(body, v)) else { return false };
    if depth > 10 || matches!(op.kind, OpKind::Attr { name, .. } if project.text(name) == "context") {
        return depth <= 10;
    }
    let mut found = false;
    // What a call is given may come from the context and say nothing of it.
    if let OpKind::Call { callee, args } = &op.kind {
        let is_context = |v: ValueId| {
            matches!(body.op(source_of(body, v)).map(|op| &op.kind), Some(OpKind::Attr { name, .. })
                if project.text(*name) == "context")
        };
        return args.iter().any(|arg| is_context(arg.value)) || mentions_context(project, f, *callee, depth + 1);
    }
    op.kind.operands(|inner| found |= mentions_context(project, f, inner, depth + 1));
    found
}

/// `row.lines.all()` of a row of which neither query nor model is seen: it may have been loaded with them. The relation,
/// and the value that is evaluated.
pub(super) fn maybe_loaded(project: &Project, f: FuncId, end: &Site) -> Option<(Sym, ValueId)> {
    let rows = project.asked_rows(f, end)?;
    Some((project.owner_unseen(f, end).filter(|query| query.model.is_none())?.unseen_owner?, rows))
}

/// `row.order_lines.count()` of a row without a type, whose relation is known by its name only: a query of the project
/// that loads such a relation may be the one that gave the row.
pub(super) fn loaded_by_name(project: &Project, f: FuncId, end: &Site) -> bool {
    let body = project.code().body(f);
    let relation = || {
        // In a template `count` calls itself.
        let rows = project.asked_rows(f, end).or_else(|| match body.op(end.op).map(|op| &op.kind) {
            Some(OpKind::Attr { base, name }) if matches!(project.text(*name), "count" | "exists" | "all") => {
                Some(*base)
            }
            _ => None,
        })?;
        let query = project.query(f, rows).filter(|query| !query.filtered)?;
        let mut at = source_of(body, rows);
        // `row.order_lines.all()`
        if let Some((base, ..)) = body.method(at) {
            at = source_of(body, base);
        }
        let OpKind::Attr { base, name } = body.op(at)?.kind else { return None };
        let untyped = *project.ty(f, base) == Type::Unknown;
        (untyped && query.unseen_owner == Some(name)).then_some(name)
    };
    relation().is_some_and(|relation| project.is_loaded_somewhere(relation))
}

/// `row.lines.all().count()` of rows that were loaded with their lines.
pub(super) fn counts_loaded(project: &Project, f: FuncId, end: &Site) -> bool {
    matches!(end.kind, SiteKind::Library(_))
        && project
            .asked_rows(f, end)
            .and_then(|rows| project.query(f, rows))
            .is_some_and(|query| query.prefetched && !query.filtered)
}

/// `row.lines.count()`, `row.lines.all().exists()`: answered from memory once `lines` is loaded.
fn in_memory(project: &Project, at: (FuncId, ValueId), end: &Site) -> Option<Vec<Sym>> {
    let body = project.code().body(at.0);
    let OpKind::Call { callee, args } = &body.op(end.op)?.kind else { return None };
    let OpKind::Attr { base, name } = &body.op(*callee)?.kind else { return None };
    if !args.is_empty() || !matches!(project.text(*name), "count" | "exists") {
        return None;
    }
    let Reach { root, path, each: None } = reach(project, at.0, *base) else { return None };
    matches!(body.op(source_of(body, root)).map(|op| &op.kind), Some(OpKind::Param(_))).then_some(path)
}

/// Confirmed unless the relation behind it is loaded with the rows.
pub(super) fn judge(cx: Cx<'_>, place: Place, found: &PerRow) -> Judgement {
    let project = cx.project;
    if found.loaded {
        return Judgement::Rejected("the rows it counts are loaded with the listed ones".into());
    }
    let mut facts = context_facts(cx, found.from);
    facts.hot = true;
    facts.table_used_context = true;
    let others = match found.others {
        0 => String::new(),
        n => format!(" and {n} more lists"),
    };
    let PerRow { query, lister, serializer, .. } = found;
    let draft = Draft {
        place,
        severity: if found.admin { Severity::Medium } else { Severity::High },
        confidence: confidence(project, found.from, found.by_name),
        message: format!("{query} runs for each row that `{lister}`{others} renders through `{serializer}` (N+1)"),
        recommendation:
            "Annotate the listed query with the value, or prefetch the rows in the view and read them from memory here"
                .into(),
        effort: Effort::M,
        steps: found.steps.clone(),
        evidence: vec![format!("runs in: request (list of `{lister}`)")],
        facts,
    };
    if draft.confidence == Confidence::Low {
        return Judgement::NeedsContext(Box::new(draft), "the callee was found by its name only".into());
    }
    Judgement::Confirmed(Box::new(draft))
}
