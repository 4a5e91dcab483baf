//! Statements that belong together and commit one by one, without a row as a value between them: rows that are
//! deleted and made anew, and SQL of a driver that commits every statement by itself.

use super::changes::same;
use super::rows::{always, commits_by_itself, made_of, maker, model_name_at, model_of, written};
use super::tables::{Kind, writes_of};
use crate::analysis::{FuncId, Project, Site, SiteKind, Type, runs_elsewhere, source_of};
use crate::libraries::Effects;
use crate::model::{ArgKind, OpKind, RegionKind, ValueId};

/// Two statements that belong together.
#[derive(Clone, Debug)]
pub(super) struct Apart {
    /// The first.
    pub first: ValueId,
    /// What it does.
    pub does: String,
    /// The second.
    pub second: ValueId,
    /// What that one does.
    pub then: String,
    /// Both in a sentence.
    pub message: String,
}

/// Handles of drivers whose statements commit one by one outside of a transaction block.
/// https://magicstack.github.io/asyncpg/current/api/index.html#transactions (auto-commit),
/// https://www.encode.io/databases/connections_and_transactions/
const AUTOCOMMIT: &[&str] = &["asyncpg.Connection.", "asyncpg.Pool.", "databases.Database."];

/// The first two such statements of a function.
pub(super) fn apart(project: &Project, f: FuncId) -> Option<Apart> {
    let effects = project.summary(f).effects;
    if !effects.any(Effects::ANY_WRITE) {
        return None;
    }
    replaced(project, f, effects).or_else(|| by_driver(project, f))
}

/// Rows that are deleted and made anew for the same owner.
fn replaced(project: &Project, f: FuncId, effects: Effects) -> Option<Apart> {
    if !effects.any(Effects::DB_DELETE) || !effects.any(Effects::DB_INSERT) {
        return None;
    }
    let sites = project.sites(f);
    let mut made = None;
    sites.iter().filter(|site| site.effects.any(Effects::DB_DELETE) && !runs_elsewhere(site)).find_map(|site| {
        let (model, owners) = cleared(project, f, site)?;
        let made = made.get_or_insert_with(|| insertions(project, f));
        let second = made.iter().find(|(op, maker, name)| {
            *name == model
                && site.op < *op
                && several(project, f, site.op, *op)
                && always(project, f, site.op, *op)
                && shares(project, f, *maker, &owners)
        })?;
        Some(Apart {
            first: site.op,
            does: format!("the `{model}` rows are deleted"),
            second: second.0,
            then: "they are made anew by another commit".to_owned(),
            message: format!(
                "`{model}` rows are deleted and made anew without a transaction: an error between leaves none"
            ),
        })
    })
}

/// Whether the second makes more than one row: one that misses is noticed and made again.
fn several(project: &Project, f: FuncId, first: ValueId, second: ValueId) -> bool {
    project.sites_at(f, second).any(|site| site.effects.any(Effects::BULK))
        || project.code().body(f).regions.iter().any(|region| {
            let inside = |op: ValueId| region.start <= op.0 && op.0 < region.end;
            matches!(region.kind, RegionKind::Loop { .. }) && inside(second) && !inside(first)
        })
}

/// The model of a queryset that is deleted, and what its rows belong to: `Line.objects.filter(order=order).delete()`,
/// `order.lines.all().delete()`.
fn cleared(project: &Project, f: FuncId, site: &Site) -> Option<(String, Vec<ValueId>)> {
    /// Rows that are too old, or all but some: a clean-up, whatever is made after it.
    const RANGES: &[&str] = &["__lt", "__lte", "__gt", "__gte", "__range"];
    let body = project.code().body(f);
    let OpKind::Call { callee, .. } = &body.op(site.op)?.kind else { return None };
    let OpKind::Attr { base, name } = body.op(*callee)?.kind else { return None };
    if !matches!(project.text(name), "delete" | "adelete") {
        return None;
    }
    let rows = project.members(f, base).into_iter().find_map(|ty| match ty {
        Type::Lib(_, row, _) if !project.is_unseen_row(ty) => Some(*row),
        _ => None,
    })?;
    if !commits_by_itself(project, project.type_of(rows)) {
        return None;
    }
    let model = model_name_at(project, f, base, project.type_of(rows))?;
    let mut owners = Vec::new();
    let mut at = source_of(body, base);
    for _ in 0..8 {
        match &body.op(at)?.kind {
            OpKind::Call { callee, args } => {
                let Some(OpKind::Attr { base, name }) = body.op(source_of(body, *callee)).map(|op| &op.kind) else {
                    break;
                };
                if project.text(*name) == "exclude" && !args.is_empty() {
                    return None;
                }
                for arg in args {
                    match arg.kind {
                        ArgKind::Named(name) if RANGES.iter().any(|end| project.text(name).ends_with(end)) => {
                            return None;
                        }
                        ArgKind::Named(_) => owners.extend(made_of(project, f, arg.value)),
                        _ => {}
                    }
                }
                at = source_of(body, *base);
            }
            // `order.lines`
            OpKind::Attr { base, .. } => {
                let owner = source_of(body, *base);
                if !matches!(project.ty(f, owner), Type::ClassObj(_) | Type::LibRef(_)) {
                    owners.push(owner);
                }
                break;
            }
            _ => break,
        }
    }
    owners.retain(|v| !matches!(body.op(*v).map(|op| &op.kind), Some(OpKind::Const(_)) | None));
    (!owners.is_empty()).then_some((model, owners))
}

/// What inserts rows: the op that writes them, the call that makes one, and its model.
fn insertions(project: &Project, f: FuncId) -> Vec<(ValueId, ValueId, String)> {
    let body = project.code().body(f);
    let mut out = Vec::new();
    for row in written(project, f).into_iter().filter(|row| row.created && !row.looked_up) {
        out.push((row.op, maker(project, f, &row), row.model));
    }
    // `lines.append(Line(order=order))` in a loop, `Line.objects.bulk_create(lines)` after it.
    let bulk: Vec<ValueId> = project
        .sites(f)
        .iter()
        .filter(|site| site.effects.any(Effects::BULK) && site.effects.any(Effects::DB_INSERT) && !runs_elsewhere(site))
        .map(|site| site.op)
        .collect();
    if bulk.is_empty() {
        return out;
    }
    for (i, op) in body.ops.iter().enumerate() {
        let (OpKind::Call { callee, .. }, Ok(i)) = (&op.kind, u32::try_from(i)) else { continue };
        let at = ValueId(i);
        let constructs = matches!(project.ty(f, *callee), Type::ClassObj(_) | Type::LibRef(_));
        if let Some(model) = constructs.then(|| model_of(project, f, at)).flatten()
            && let Some(write) = bulk.iter().find(|write| at < **write)
        {
            out.push((*write, at, model));
        }
    }
    out
}

/// Whether a call is given one of the values, or is a method of one: `order.lines.create(…)`.
fn shares(project: &Project, f: FuncId, call: ValueId, owners: &[ValueId]) -> bool {
    let body = project.code().body(f);
    let Some(OpKind::Call { callee, args }) = body.op(call).map(|op| &op.kind) else { return false };
    let mut given: Vec<ValueId> = args.iter().flat_map(|arg| made_of(project, f, arg.value)).collect();
    if let Some(OpKind::Attr { base, .. }) = body.op(*callee).map(|op| &op.kind)
        && let Some(OpKind::Attr { base, .. }) = body.op(source_of(body, *base)).map(|op| &op.kind)
    {
        given.push(*base);
    }
    given.iter().any(|v| owners.iter().any(|owner| same(project, f, *v, *owner)))
}

/// Two statements of a driver that write for the same key: to different tables, or a delete and an insert.
fn by_driver(project: &Project, f: FuncId) -> Option<Apart> {
    let body = project.code().body(f);
    let mut writes: Vec<(ValueId, String, Kind, Vec<ValueId>)> = Vec::new();
    for site in project.sites(f) {
        let SiteKind::Library(row) = site.kind else { continue };
        if runs_elsewhere(site) || !AUTOCOMMIT.iter().any(|handle| row.callee.starts_with(handle)) {
            continue;
        }
        let Some(OpKind::Call { args, .. }) = body.op(site.op).map(|op| &op.kind) else { continue };
        let given: Vec<ValueId> = args
            .iter()
            .skip(1)
            .flat_map(|arg| made_of(project, f, arg.value))
            .filter(|v| !matches!(body.op(*v).map(|op| &op.kind), Some(OpKind::Const(_)) | None))
            .collect();
        for (table, kind) in writes_of(project, f, site, None) {
            let before = writes.iter().find(|(op, other, earlier, values)| {
                let related = if *other == table {
                    *earlier == Kind::Delete && kind == Kind::Insert
                } else {
                    *earlier == Kind::Insert || kind == Kind::Insert
                };
                *op < site.op
                    && related
                    && always(project, f, *op, site.op)
                    && given.iter().any(|v| values.iter().any(|w| same(project, f, *v, *w)))
            });
            if let Some((first, other, earlier, _)) = before {
                let (a, b) = (format!("{} of `{other}`", earlier.word()), format!("{} of `{table}`", kind.word()));
                return Some(Apart {
                    first: *first,
                    does: format!("the {a} commits by itself"),
                    second: site.op,
                    then: format!("the {b} is another commit"),
                    message: format!("{a} and {b} for the same key run without a transaction"),
                });
            }
            writes.push((site.op, table, kind, given.clone()));
        }
    }
    None
}
