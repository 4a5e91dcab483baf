//! Which rows a pass of a loop asks for anew, and which an earlier pass, the view or a caller has asked for already.

use crate::analysis::{Chain, FuncId, LoopFacts, Project, Site, SiteKind, argument, relation_chain, source_of};
use crate::model::{BinaryOp, OpKind, RegionKind, Sym, ValueId};

/// The called function goes through a queryset that it is given, and that was made before the loop.
fn given_from_outside(project: &Project, looped: &LoopFacts, chain: &Chain) -> bool {
    let (g, end) = &chain.end;
    let Some(mut rows) = evaluated(project, *g, end) else { return false };
    for pair in chain.calls.windows(2).rev() {
        let [(caller, call), (callee, _)] = *pair else { return false };
        let body = project.code().body(callee);
        let param = |v: ValueId| match body.op(source_of(body, v)).map(|op| &op.kind) {
            Some(OpKind::Param(i)) => Some(*i),
            _ => None,
        };
        let i = match body.op(rows).map(|op| &op.kind) {
            // `if rows is None: rows = …`
            Some(OpKind::Phi(entries)) => entries.iter().find_map(|entry| param(*entry)),
            _ => param(rows),
        };
        let Some(given) = i.and_then(|i| argument(project, caller, call, callee, i)) else { return false };
        rows = source_of(project.code().body(caller), given);
    }
    *g != looped.func && !looped.holds(rows)
}

/// Whether the object whose relation is read comes from elsewhere, and something of the project loads that relation.
pub(super) fn given_loaded(project: &Project, f: FuncId, op: ValueId, path: &[Sym]) -> bool {
    let root = relation_chain(project, f, op).0;
    let here = matches!(project.code().op(f, root).map(|op| &op.kind), Some(OpKind::Call { .. }));
    let view = project.is_template(f) && from_view(project, f, root);
    !here && !view && path.first().is_some_and(|relation| project.is_loaded_somewhere(*relation))
}

/// Whether the rows that a site goes through are asked for within the loop: `key in owner.lines.all()`.
pub(super) fn made_in_each_pass(project: &Project, looped: &LoopFacts, site: &Site) -> bool {
    let rows = project.evaluated(looped.func, site);
    rows != site.op && looped.holds(source_of(project.code().body(looped.func), rows))
}

/// Whether a Django queryset is one that an earlier pass has evaluated: made before the loop, it keeps its rows.
pub(super) fn keeps_rows(project: &Project, looped: &LoopFacts, site: &Site, chain: &Chain) -> bool {
    let (f, (g, end)) = (looped.func, &chain.end);
    let shown = || {
        *g != f
            && project.is_template(*g)
            && evaluated(project, *g, end).is_some_and(|rows| from_view(project, *g, rows))
    };
    evaluated(project, f, site).is_some_and(|rows| !looped.holds(rows))
        || evaluated_before(project, looped, site)
        || indexes_kept(project, looped, site)
        || given_from_outside(project, looped, chain)
        || shown()
}

/// `{% if rows %}{% for row in rows %}`: the test has evaluated the queryset, which keeps its rows.
fn evaluated_before(project: &Project, looped: &LoopFacts, site: &Site) -> bool {
    let f = looped.func;
    let Some(rows) = evaluated(project, f, site) else { return false };
    let arms = |op: ValueId| {
        let regions = project.code().body(f).regions.iter();
        regions.filter(move |r| matches!(r.kind, RegionKind::Arm { .. }) && r.start <= op.0 && op.0 < r.end)
    };
    project.sites(f).iter().take_while(|other| other.op < site.op).any(|other| {
        looped.holds(other.op)
            && evaluated(project, f, other) == Some(rows)
            && arms(other.op).all(|arm| arm.start <= site.op.0 && site.op.0 < arm.end)
    })
}

/// `rows[randrange(len(rows))]`: `len` has evaluated the queryset, which gives one of the rows that it keeps.
fn indexes_kept(project: &Project, looped: &LoopFacts, site: &Site) -> bool {
    let f = looped.func;
    let body = project.code().body(f);
    let SiteKind::Evaluate(_) = site.kind else { return false };
    let at = source_of(body, project.evaluated(f, site));
    let item = |v: ValueId| match body.op(v).map(|op| &op.kind) {
        Some(OpKind::Item { base, .. }) => Some(source_of(body, *base)),
        _ => None,
    };
    let Some(rows) = item(at).or_else(|| item(site.op)).filter(|rows| !looped.holds(*rows)) else { return false };
    let mut before = project.sites(f).iter().take_while(|other| other.op < site.op);
    before.any(|other| item(other.op).is_none() && evaluated(project, f, other) == Some(rows))
}

/// The Django queryset that a site evaluates.
pub(super) fn evaluated(project: &Project, f: FuncId, site: &Site) -> Option<ValueId> {
    let SiteKind::Evaluate(class) = site.kind else { return None };
    if !matches!(project.text(class), "django.db.models.QuerySet" | "django.core.paginator.Page") {
        return None;
    }
    let body = project.code().body(f);
    let mut at = source_of(body, project.evaluated(f, site));
    loop {
        at = match body.op(at).map(|op| &op.kind) {
            // `a and rows`: the rows are what is tested last.
            Some(OpKind::Binary { op: BinaryOp::LogicalAnd, right, .. }) => source_of(body, *right),
            // `found["lines"]`: as old as what holds it.
            Some(OpKind::Item { base, .. }) if project.query(f, *base).is_none() => source_of(body, *base),
            _ => break,
        };
    }
    Some(at)
}

/// A name of a template whose value the view made.
fn from_view(project: &Project, template: FuncId, v: ValueId) -> bool {
    let code = project.code();
    match code.op(template, v).map(|op| &op.kind) {
        Some(OpKind::Param(i)) => code
            .func(template)
            .params
            .get(usize::from(*i))
            .is_some_and(|param| project.template_origin(template, param.name).is_some()),
        _ => false,
    }
}
