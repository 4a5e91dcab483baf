//! All rows are loaded and then cut into batches: who cuts expects many, and holds all of them nevertheless.

use super::large_payload::is_tiny;
use super::narrow::bounded;
use crate::analysis::{Bound, ClassId, FuncId, LoopFacts, Project, QueryFacts, Type, TypeId, returned_once, source_of};
use crate::checks::check::{Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_evidence, context_facts, grade, place_of};
use crate::libraries::RunContext;
use crate::model::{OpKind, ValueId};
use crate::report::model::{Effort, Severity, Step};

/// Rows that a loop over batches takes apart.
#[derive(Clone, Debug)]
pub struct Batched {
    model: ClassId,
    /// Where the query stands.
    query: (FuncId, ValueId),
    /// What the loop iterates.
    cut: ValueId,
    steps: Vec<Step>,
}

/// Calls between the loop and the query are followed this far.
const DEEPEST: usize = 3;

/// Loops over batches of all rows, in code that runs again and again.
pub(super) fn candidates(project: &Project) -> Vec<(Place, Batched)> {
    let mut out: Vec<(Place, Batched)> = Vec::new();
    for looped in project.loops().iter().filter(|looped| looped.bound == Bound::Chunks) {
        let f = looped.func;
        if !matches!(project.context(f), RunContext::Test | RunContext::Migration | RunContext::Script)
            && let Some(rows) = rows_in(project, looped)
            && let Some(found) = of_loop(project, looped, rows)
        {
            let place = place_of(project, f, rows);
            if !out.iter().any(|(known, _)| *known == place) {
                out.push((place, found));
            }
        }
    }
    out
}

/// What is cut: the argument of the helper that gives batches, or what a range over its length slices.
fn rows_in(project: &Project, looped: &LoopFacts) -> Option<ValueId> {
    let f = looped.func;
    let body = project.code().body(f);
    let iter = looped.iter?;
    let OpKind::Call { args, .. } = &body.op(source_of(body, iter))?.kind else { return None };
    let direct = args.iter().map(|arg| arg.value);
    // `for i in range(0, len(rows), 100): rows[i : i + 100]`
    let sliced = (looped.start..looped.end).map(ValueId).filter_map(|v| match body.op(v).map(|op| &op.kind) {
        Some(OpKind::Slice { base, bounded: true }) => Some(*base),
        _ => None,
    });
    direct.chain(sliced).map(|v| source_of(body, v)).find(|v| {
        matches!(project.ty(f, *v), Type::List(elem) if model_in(project, *elem).is_some())
            && !(looped.start..looped.end).contains(&v.0)
    })
}

fn of_loop(project: &Project, looped: &LoopFacts, rows: ValueId) -> Option<Batched> {
    let f = looped.func;
    let cut = looped.iter?;
    let mut steps = vec![project.step(f, cut, format!("`{}` cuts the rows into batches", project.describe(f, cut)))];
    let mut at = (f, rows);
    for _ in 0..DEEPEST {
        let (g, v) = at;
        steps.push(project.step(g, v, format!("`{}` holds all of them", project.describe(g, v))));
        if let Some((model, facts)) = facts_of(project, g, v) {
            let whole = !facts.limited && !facts.plain_rows && !facts.prefetched && facts.unseen_owner.is_none();
            let few = bounded(project, g, v, Some(model)).is_some() || is_tiny(project, model);
            let many = whole && !few && project.orm().is_model(model);
            return many.then_some(Batched { model, query: (g, v), cut, steps });
        }
        at = returned(project, g, v)?;
    }
    None
}

/// The rows that the one called function gives back.
fn returned(project: &Project, f: FuncId, v: ValueId) -> Option<(FuncId, ValueId)> {
    let mut targets = project.sites_at(f, v).flat_map(|site| &site.targets).filter(|target| !target.by_name);
    let (Some(target), None) = (targets.next(), targets.next()) else { return None };
    let one = returned_once(project, target.func, |_| true)?;
    Some((target.func, source_of(project.code().body(target.func), one)))
}

fn model_in(project: &Project, elem: TypeId) -> Option<ClassId> {
    match project.type_of(elem) {
        Type::Inst(model, _) if project.orm().is_model(*model) => Some(*model),
        _ => None,
    }
}

/// The model and query of rows that this function itself fetches.
fn facts_of(project: &Project, f: FuncId, v: ValueId) -> Option<(ClassId, &QueryFacts)> {
    let body = project.code().body(f);
    if project.sites_at(f, v).any(|site| !site.targets.is_empty()) {
        return None;
    }
    let elem = match *project.ty(f, v) {
        Type::Lib(_, elem, _) | Type::List(elem) | Type::Iter(elem) => elem,
        _ => return None,
    };
    let Type::Inst(model, own) = *project.type_of(elem) else { return None };
    // `list(query)`, `session.scalars(query)`: the query knows more.
    let OpKind::Call { args, .. } = &body.op(v)?.kind else { return None };
    let query = args.iter().find_map(|arg| project.query(f, arg.value)).or_else(|| project.query(f, v));
    Some((model, query.or_else(|| project.query_facts(own))?))
}

/// The finding.
pub(super) fn judge(cx: Cx<'_>, place: Place, found: &Batched) -> Judgement {
    let project = cx.project;
    let f = place.func;
    let name = project.text(project.code().class(found.model).name);
    let mut facts = context_facts(cx, f);
    facts.table_used_context = true;
    Judgement::Confirmed(Box::new(Draft {
        place,
        severity: grade(project, f, Severity::Medium, Severity::Low, Severity::Low),
        confidence: confidence(project, f, false),
        message: format!(
            "every row of `{name}` that `{}` finds is loaded before `{}` cuts them into batches",
            project.describe(found.query.0, found.query.1),
            project.describe(f, found.cut)
        ),
        recommendation:
            "Read page by page: a limit and the last key in the condition, `yield_per(…)`, or `.iterator()`".to_owned(),
        effort: Effort::M,
        steps: found.steps.clone(),
        evidence: vec![context_evidence(project, f)],
        facts,
    }))
}
