//! `n_update_delete_loop`: rows updated or deleted one by one.

use super::in_loop::{InLoop, inner_covers, is_fresh, makes_new, not_per_item, says_hooks, sites_in_loops};
use super::weighed::weighed;
use crate::analysis::{Bound, Chain, FuncId, LoopFacts, Project, Site, SiteKind, Type, source_of};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{
    confidence, context_evidence, context_facts, grade, loop_step, over, place_of, unless_done,
};
use crate::libraries::{Effects, Place as Where, RunContext};
use crate::model::{BinaryOp, Op, OpKind, ValueId};
use crate::report::model::{Confidence, Effort, Severity};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct NUpdateDeleteLoop;

const CHANGES: Effects = Effects(Effects::DB_UPDATE.0 | Effects::DB_DELETE.0 | Effects::DB_MARK_DELETE.0);
const SENDS: Effects = Effects(Effects::DB_FLUSH.0 | Effects::COMMIT.0);
/// A write that is further away is hardly about the item.
const FARTHEST: usize = 5;
/// From this many steps on, the loop included, a reader has to decide.
const FAR: usize = 3;

impl Check for NUpdateDeleteLoop {
    const ID: &'static str = "n_update_delete_loop";
    type Candidate = InLoop;

    fn candidates(cx: Cx<'_>) -> Candidates<InLoop> {
        let project = cx.project;
        let mut found: Vec<(Place, InLoop)> = sites_in_loops(project, CHANGES)
            .into_iter()
            .filter(|at| !inserts_only(cx, at))
            .map(|at| (place_of(project, at.looped.func, at.site.op), at))
            .collect();
        found.extend(unit_of_work_writes(cx));
        found.extend(same_value(cx));
        if found.is_empty() && !project.code().func_ids().any(|f| project.summary(f).effects.any(CHANGES)) {
            return Candidates::Nothing("no UPDATE or DELETE was found");
        }
        let count = found.len();
        Candidates::Found(found, format!("{count} writes in loops"))
    }

    fn judge(cx: Cx<'_>, place: Place, at: &InLoop) -> Judgement {
        let project = cx.project;
        let InLoop { looped, site } = at;
        let f = looped.func;
        if let Some(reason) = not_per_item(cx, looped, site, true) {
            return Judgement::Rejected(reason);
        }
        if says_hooks(project, looped) {
            return Judgement::Rejected(
                "a comment says that rows are written one by one for their hooks and signals".into(),
            );
        }
        if keeps_progress(project, f, site) {
            return Judgement::Rejected("it keeps a record of progress, which others read while the loop runs".into());
        }
        if counts_each(project, looped, site) {
            return Judgement::Rejected("what follows depends on how many rows each statement has changed".into());
        }
        let flushes = !project.effects_of(site).any(CHANGES);
        if flushes && site.effects.is_empty() {
            return Judgement::Rejected("the unit of work sends the changed rows as one batch after the loop".into());
        }
        let wanted = if flushes { SENDS } else { CHANGES };
        if project.only_on_failure(f, site.op, looped.start) {
            return Judgement::Rejected("it runs only for items that fail".into());
        }
        let Some(chain) = project.usual_path(f, site, wanted) else {
            return Judgement::Rejected("the write runs only on failure or with other arguments".into());
        };
        // `filter(pk=…).update(…)` of one row per pass is no bulk form.
        let bulk = |name: &str| name.trim_start_matches('a').starts_with("bulk_") || name == "executemany";
        if matches!(chain.end.1.kind, SiteKind::Library(row) if row.callee.rsplit('.').next().is_some_and(bulk)) {
            return Judgement::Rejected("each pass uses the bulk form for many rows".into());
        }
        if chain.looped && !flushes {
            return Judgement::Rejected("a loop in the called function writes row by row: reported there".into());
        }
        if chain.steps.len() > 1 && makes_new(project, &chain) {
            return Judgement::Rejected("what is saved was made in the called function: an INSERT".into());
        }
        let unseen = weighed(project, looped, site, &chain, false);
        let Chain { steps: path, by_name, .. } = chain;
        if path.len() > FARTHEST {
            return Judgement::Rejected(format!("the write is {} calls away", path.len() - 1));
        }
        let deletes = site_effects(cx, at).any(Effects::DB_DELETE.with(Effects::DB_MARK_DELETE))
            && !site_effects(cx, at).any(Effects::DB_UPDATE);
        let mut severity = grade(project, f, Severity::High, Severity::High, Severity::Low);
        if let Bound::Constant(n) = looped.bound
            && n <= 10
        {
            severity = severity.max(Severity::Medium);
        }
        let mut facts = context_facts(cx, f);
        facts.hot |= matches!(project.context(f), RunContext::Request | RunContext::Stream);
        facts.table_used_context = true;
        let over = over(project, looped);
        let verb = if deletes { "deletes" } else { "updates" };
        // The unit of work sends them as one batch: what is lost is the load of all rows.
        if matches!(site.kind, SiteKind::Relation(_)) {
            severity = severity.max(Severity::Medium);
        }
        let marks_only = !project.effects_of(site).any(Effects::DB_UPDATE.with(Effects::DB_DELETE).with(SENDS));
        if marks_only && !sends_per_pass(cx, at) {
            // Flushed once, but the cascades of each object are loaded one by one.
            severity = Severity::Low;
        }
        let mut steps = vec![loop_step(project, looped)];
        steps.extend(path);
        let draft = Draft {
            place,
            severity,
            confidence: confidence(project, f, by_name),
            message: format!("{} {verb} one row for each item of {over}", project.site_name(f, site)),
            recommendation: if flushes {
                "Commit once after the loop, so that the unit of work sends all changes as one batch".to_owned()
            } else {
                advice(cx, at, deletes)
            },
            effort: Effort::M,
            steps,
            evidence: vec![context_evidence(project, f)],
            facts,
        };
        if draft.steps.len() > FAR {
            let note = "the write is several calls away: whether it is about the item is not seen";
            return Judgement::NeedsContext(Box::new(draft), note.into());
        }
        if let Some(note) = unseen {
            return Judgement::NeedsContext(Box::new(draft), note.into());
        }
        if draft.confidence == Confidence::Low {
            return Judgement::NeedsContext(Box::new(draft), "the callee was found by its name only".into());
        }
        if marks_only && draft.severity == Severity::Low {
            let note = "the unit of work sends the deletions as one batch: what their cascades load is not seen";
            return Judgement::NeedsContext(Box::new(draft), note.into());
        }
        unless_done(project, draft)
    }
}

/// `claimed = session.execute(update(…))` `if claimed.rowcount == 1:` of a statement that compares more than the key:
/// each row is taken only if nobody else was faster.
fn counts_each(project: &Project, looped: &LoopFacts, site: &Site) -> bool {
    let body = project.code().body(looped.func);
    let inside = || (looped.start..looped.end).map(ValueId);
    let counted = |v: ValueId| {
        let Some(OpKind::Attr { base, name }) = body.op(source_of(body, v)).map(|op| &op.kind) else { return false };
        let made = source_of(body, *base);
        let of_site = made == site.op
            || matches!(body.op(made).map(|op| &op.kind), Some(OpKind::Await(v)) if source_of(body, *v) == site.op);
        of_site && project.text(*name) == "rowcount"
    };
    let asked = body.taken_arms().any(|(arm, tested)| {
        arm.start >= looped.start
            && arm.end <= looped.end
            && matches!(body.op(tested).map(|op| &op.kind), Some(OpKind::Binary { left, .. }) if counted(*left))
    });
    let column = |v: ValueId| {
        matches!(body.op(source_of(body, v)).map(|op| &op.kind), Some(OpKind::Attr { base, .. })
            if matches!(project.ty(looped.func, *base), Type::ClassObj(_)))
    };
    let conditions = inside().filter(|v| {
        matches!(body.op(*v).map(|op| &op.kind), Some(OpKind::Binary { op: BinaryOp::Eq, left, .. }) if column(*left))
    });
    asked && conditions.count() > 1
}

/// Attribute writes on the rows of a loop: with the flush in the same loop each is an UPDATE of its
/// own; without, they are one batch.
fn unit_of_work_writes(cx: Cx<'_>) -> Vec<(Place, InLoop)> {
    let project = cx.project;
    let mut out = Vec::new();
    for looped in project.loops() {
        let f = looped.func;
        let sends: Vec<&Site> = project
            .sites(f)
            .iter()
            .filter(|s| {
                s.effects.any(SENDS) && matches!(s.kind, SiteKind::Library(row) if row.callee.starts_with("sqlalchemy"))
            })
            .collect();
        if sends.is_empty() {
            continue;
        }
        let body = project.code().body(f);
        let write = (looped.start..looped.end).map(ValueId).find(|v| {
            let Some(OpKind::StoreAttr { base, .. }) = body.op(*v).map(|op| &op.kind) else { return false };
            let source = source_of(body, *base);
            looped.holds(source)
                && matches!(body.op(source).map(|op| &op.kind), Some(OpKind::Element(_) | OpKind::Unpack { .. }))
                && matches!(project.ty(f, source), Type::Inst(..) | Type::Lib(..))
        });
        let Some(write) = write else { continue };
        if inner_covers(project, looped, write) {
            continue;
        }
        match sends.iter().find(|s| looped.runs(s)) {
            Some(send) => {
                out.push((place_of(project, f, send.op), InLoop { looped: looped.clone(), site: (*send).clone() }))
            }
            None => {
                let Some(send) = sends.first() else { continue };
                let site = Site { op: write, effects: Effects::NONE, targets: Vec::new(), ..(*send).clone() };
                out.push((place_of(project, f, write), InLoop { looped: looped.clone(), site }));
            }
        }
    }
    out
}

/// `for row in session.query(Row).filter(…): row.owner = nobody`: all rows are loaded to be given one and the same value,
/// and nothing else is done with them.
fn same_value(cx: Cx<'_>) -> Vec<(Place, InLoop)> {
    let project = cx.project;
    let mut out = Vec::new();
    for looped in project.loops() {
        let f = looped.func;
        let (Some(row), Some(iter)) = (looped.element, looped.iter) else { continue };
        let body = project.code().body(f);
        let inside = |op: &Op| match &op.kind {
            OpKind::StoreAttr { base, value, .. } => {
                source_of(body, *base) == row && !looped.holds(source_of(body, *value))
            }
            OpKind::Element(_) | OpKind::Bind { .. } | OpKind::Phi(_) | OpKind::Global(_) | OpKind::Const(_) => true,
            _ => false,
        };
        let ops = body.ops.get(looped.start as usize..looped.end as usize).unwrap_or_default();
        let stores = ops.iter().position(|op| matches!(op.kind, OpKind::StoreAttr { .. }));
        let nested = body.regions.iter().any(|r| r.start > looped.start && r.end <= looped.end && r.start < r.end);
        let Some(first) = stores.filter(|_| !nested && ops.iter().all(inside)) else { continue };
        if !loaded_here(project, f, iter) || !project.sites(f).iter().any(|site| !looped.holds(site.op)) {
            continue;
        }
        let write = ValueId(looped.start + u32::try_from(first).unwrap_or(0));
        let Some(OpKind::StoreAttr { name, .. }) = body.op(write).map(|op| &op.kind) else { continue };
        let site = Site {
            op: write,
            kind: SiteKind::Relation(*name),
            effects: Effects::DB_UPDATE,
            targets: Vec::new(),
            place: Where::Here,
            awaited: false,
            is_async: false,
            guessed: false,
            remembered: false,
        };
        out.push((place_of(project, f, write), InLoop { looped: looped.clone(), site }));
    }
    out
}

/// Whether a value comes from a query of SQLAlchemy that this function builds.
fn loaded_here(project: &Project, f: FuncId, v: ValueId) -> bool {
    let body = project.code().body(f);
    let mut at = source_of(body, v);
    for _ in 0..12 {
        if project.lib_class(f, at).is_some_and(|class| {
            matches!(class, "sqlalchemy.orm.Query" | "sqlalchemy.ScalarResult" | "sqlalchemy.Result")
        }) {
            return true;
        }
        at = match body.op(at).map(|op| &op.kind) {
            Some(OpKind::Call { callee, .. }) => source_of(body, *callee),
            Some(OpKind::Attr { base, .. } | OpKind::Await(base)) => source_of(body, *base),
            _ => return false,
        };
    }
    false
}

/// Whether the row that is written is by its class a record of how far the work is: `report.increment()`.
fn keeps_progress(project: &Project, f: FuncId, site: &Site) -> bool {
    const WORDS: &[&str] = &["progress", "heartbeat"];
    let body = project.code().body(f);
    let Some(OpKind::Call { callee, .. }) = body.op(site.op).map(|op| &op.kind) else { return false };
    let Some(OpKind::Attr { base, .. }) = body.op(source_of(body, *callee)).map(|op| &op.kind) else { return false };
    project.members(f, *base).into_iter().any(|ty| {
        let Type::Inst(class, _) = ty else { return false };
        let name = project.text(project.code().class(*class).name).to_ascii_lowercase();
        WORDS.iter().any(|word| name.contains(word))
    })
}

fn sends_per_pass(cx: Cx<'_>, at: &InLoop) -> bool {
    let project = cx.project;
    project.sites(at.looped.func).iter().any(|site| at.looped.runs(site) && project.effects_of(site).any(SENDS))
}

fn site_effects(cx: Cx<'_>, at: &InLoop) -> Effects {
    cx.project.effects_of(&at.site)
}

/// `save()` of an object that was made in the same pass is an INSERT: another check's business.
fn inserts_only(cx: Cx<'_>, at: &InLoop) -> bool {
    let project = cx.project;
    let effects = site_effects(cx, at);
    if effects.any(Effects::DB_DELETE.with(Effects::DB_MARK_DELETE)) {
        return false;
    }
    effects.any(Effects::DB_INSERT)
        && (matches!(at.site.kind, SiteKind::Library(row) if !row.callee.ends_with("save"))
            || is_fresh(project, at.looped.func, at.site.op))
}

fn advice(cx: Cx<'_>, at: &InLoop, deletes: bool) -> String {
    let project = cx.project;
    let django = project.sym("django.db.models.QuerySet").is_some()
        && matches!(at.site.kind, SiteKind::Library(row) if row.callee.starts_with("django"));
    match (django, deletes) {
        (true, true) => "Collect the keys and call `Model.objects.filter(pk__in=keys).delete()` once".into(),
        (true, false) => "Collect the changed objects and call `Model.objects.bulk_update(objects, fields)` once, or \
             `filter(…).update(…)` where all rows get the same values"
            .into(),
        (false, true) => "Collect the keys and run one `delete(Model).where(Model.id.in_(keys))`".into(),
        (false, false) => {
            "Run one `update(Model).where(Model.id.in_(keys))`, or one `executemany` for values that differ per row"
                .into()
        }
    }
}
