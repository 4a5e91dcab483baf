//! Relations of rows of SQLAlchemy models that are not among the files: a loop goes through an attribute of each row
//! and reads attributes of what it finds there.

use super::in_loop::{Likely, NO_MODEL, likely};
use crate::analysis::{FuncId, LoopFacts, Project, SiteKind, Type, source_of};
use crate::checks::check::{Cx, Judgement, Place};
use crate::checks::support::place_of;
use crate::libraries::Effects;
use crate::model::{Body, OpKind, ValueId};

/// A loop inside a loop over rows.
#[derive(Clone, Debug)]
pub struct Nested {
    /// The loop over the rows.
    looped: LoopFacts,
    /// The attribute that the inner loop goes through.
    relation: ValueId,
}

/// All of them.
pub(super) fn candidates(cx: Cx<'_>) -> Vec<(Place, Nested)> {
    let project = cx.project;
    let mut out = Vec::new();
    if project.sym("sqlalchemy").or(project.sym("flask")).is_none() {
        return out;
    }
    for inner in project.loops() {
        let f = inner.func;
        let (Some(iter), Some(item)) = (inner.iter, inner.element) else { continue };
        let body = project.code().body(f);
        let relation = source_of(body, iter);
        let Some(OpKind::Attr { base, .. }) = body.op(relation).map(|op| &op.kind) else { continue };
        let row = source_of(body, *base);
        let of_rows = |l: &&LoopFacts| {
            l.element == Some(row) && l.start < inner.start && inner.end <= l.end && !project.is_template(f)
        };
        let Some(outer) = project.loops_of(f).iter().find(of_rows) else { continue };
        let objects =
            body.ops.iter().any(|op| matches!(op.kind, OpKind::Attr { base, .. } if source_of(body, base) == item));
        let untyped = !matches!(project.ty(f, row), Type::Inst(..));
        let Some(rows) = outer.iter.filter(|_| objects && untyped) else { continue };
        if is_fetched(project, f, body, rows) {
            out.push((place_of(project, f, relation), Nested { looped: outer.clone(), relation }));
        }
    }
    out
}

/// Whether a query of SQLAlchemy gives the rows, without options that may load the relation.
fn is_fetched(project: &Project, f: FuncId, body: &Body, rows: ValueId) -> bool {
    let ours = |name: &str| ["sqlalchemy.", "flask_sqlalchemy.", "sqlmodel."].iter().any(|root| name.starts_with(root));
    let mut fetched = false;
    let mut work = vec![rows];
    let mut seen: Vec<ValueId> = Vec::new();
    while let Some(v) = work.pop() {
        let at = source_of(body, v);
        if seen.contains(&at) || seen.len() > 40 {
            continue;
        }
        seen.push(at);
        let Some(OpKind::Call { callee, args }) = body.op(at).map(|op| &op.kind) else { continue };
        if let Some(OpKind::Attr { base, name }) = body.op(*callee).map(|op| &op.kind) {
            if matches!(project.text(*name), "options" | "unique" | "execution_options") {
                return false;
            }
            work.push(*base);
        }
        work.extend(args.iter().take(1).map(|arg| arg.value));
        fetched |= project.lib_class(f, at).is_some_and(ours)
            || project.sites_at(f, at).any(|site| {
                site.effects.any(Effects::DB_READ.with(Effects::DB_EXECUTE))
                    && matches!(site.kind, SiteKind::Library(row) if ours(row.callee))
            });
    }
    fetched
}

/// Listed for a reader to decide: the model's class is not seen.
pub(super) fn judge(cx: Cx<'_>, place: Place, found: &Nested) -> Judgement {
    let project = cx.project;
    let Nested { looped, relation } = found;
    let read = project.describe(looped.func, *relation);
    let name = read.rsplit('.').next().unwrap_or(&read);
    let words = format!("a loop goes through `{read}` and reads attributes of its objects");
    let found = Likely {
        message: format!("`{read}` loads relation `{name}`"),
        recommendation: format!("Load `{name}` with the rows: `options(selectinload(…{name}))`"),
        step: project.step(looped.func, *relation, words),
        sign: None,
        missing: NO_MODEL,
    };
    likely(cx, place, looped, found)
}
