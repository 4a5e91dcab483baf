//! A database error that is swallowed inside an `atomic` block of Django: the block is broken, and whatever it asks
//! next raises `TransactionManagementError`.

use super::error_paths::{Catches, Guard, Next, catches, guards, holds, next};
use crate::analysis::{FuncId, Project, Site, SiteKind, runs_elsewhere};
use crate::checks::check::{Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_evidence, context_facts, place_of};
use crate::libraries::Effects;
use crate::model::{OpKind, Region, RegionKind, ValueId};
use crate::report::model::{Effort, Severity};

/// What changes rows; `get_or_create` does it in a savepoint of its own and reads too.
const WRITES: Effects = Effects(Effects::DB_INSERT.0 | Effects::DB_UPDATE.0 | Effects::DB_DELETE.0);
/// What takes care of the transaction by hand.
const BY_HAND: &[&str] = &["savepoint", "savepoint_rollback", "set_rollback", "rollback", "needs_rollback"];

/// A statement whose error is swallowed inside the block.
#[derive(Clone, Debug)]
pub struct Broken {
    /// What asks the broken block.
    again: ValueId,
    /// It runs in the next pass of a loop.
    next_pass: bool,
}

/// The statements of a function whose errors break the `atomic` block around their `try`.
pub(super) fn broken(project: &Project, f: FuncId) -> Vec<(Place, Broken)> {
    let body = project.code().body(f);
    let mut out: Vec<(Place, Broken)> = Vec::new();
    let names_atomic = |name: &String| name.starts_with("django.db.transaction.atomic");
    let decorated = project.decorators(f).iter().any(names_atomic);
    let atomic = |region: &&Region| match region.kind {
        RegionKind::With { manager, .. } => project.lib_class(f, manager) == Some("django.db.transaction.Atomic"),
        _ => false,
    };
    if !decorated && !body.regions.iter().any(|region| atomic(&region)) {
        return out;
    }
    let by_hand = |kind: &OpKind| matches!(kind, OpKind::Attr { name, .. } if BY_HAND.contains(&project.text(*name)));
    if body.ops.iter().any(|op| by_hand(&op.kind)) {
        return out;
    }
    for guard in guards(project, f) {
        let Some(handler) = guard.handlers.iter().find(|handler| swallows(project, f, handler)) else { continue };
        for site in project.sites(f).iter().filter(|site| holds(guard.body, site.op) && fails(site)) {
            let innermost = body.regions.iter().rfind(|region| atomic(region) && holds(region, site.op));
            let block = match innermost {
                Some(block) if block.start >= guard.body.start && block.end <= guard.body.end => continue,
                Some(block) => block,
                None if decorated => body.regions.first().unwrap_or(guard.whole),
                None => continue,
            };
            if let Some(again) = asked_again(project, f, block, &guard, handler) {
                out.push((place_of(project, f, site.op), again));
                break;
            }
        }
    }
    out
}

/// A handler for errors of the database by name that goes on.
fn swallows(project: &Project, f: FuncId, handler: &Region) -> bool {
    let ops = &project.code().body(f).ops;
    let inside = ops.get(handler.start as usize..handler.end as usize).unwrap_or_default();
    matches!(catches(project, f, handler), Catches::Some | Catches::Database)
        && next(project, f, handler) == Next::After
        && !inside.iter().any(|op| matches!(op.kind, OpKind::Raise(_)))
}

/// A statement of the ORM that a constraint may refuse.
fn fails(site: &Site) -> bool {
    matches!(site.kind, SiteKind::Library(row) if row.callee.starts_with("django.db.models."))
        && site.effects.any(WRITES)
        && !site.effects.any(Effects::DB_READ)
        && !runs_elsewhere(site)
}

/// The first statement that the broken block is asked for.
fn asked_again(project: &Project, f: FuncId, block: &Region, guard: &Guard<'_>, handler: &Region) -> Option<Broken> {
    let asks = |site: &&Site| {
        project.effects_of(site).any(WRITES.with(Effects::DB_READ).with(Effects::DB_EXECUTE)) && !runs_elsewhere(site)
    };
    let within = |from: u32, to: u32| {
        project.sites(f).iter().filter(asks).find(|site| from <= site.op.0 && site.op.0 < to).map(|site| site.op)
    };
    let later = within(handler.start, handler.end).or_else(|| within(guard.whole.end, block.end));
    if let Some(again) = later {
        return Some(Broken { again, next_pass: false });
    }
    let looped = project.code().body(f).regions.iter().any(|region| {
        matches!(region.kind, RegionKind::Loop { .. })
            && region.start >= block.start
            && region.start <= guard.whole.start
            && guard.whole.end <= region.end
            && region.end <= block.end
    });
    looped.then(|| within(guard.body.start, guard.body.end)).flatten().map(|again| Broken { again, next_pass: true })
}

/// The finding.
pub(super) fn judge(cx: Cx<'_>, place: Place, broken: &Broken) -> Judgement {
    let project = cx.project;
    let f = place.func;
    let failing = place.op.map_or_else(String::new, |op| project.describe(f, op));
    let line = project.code().span(f, broken.again).map_or(0, |span| span.line);
    let again =
        if broken.next_pass { "the next pass uses it again".to_owned() } else { format!("line {line} uses it again") };
    let mut facts = context_facts(cx, f);
    facts.session_reused = true;
    Judgement::Confirmed(Box::new(Draft {
        place,
        severity: Severity::Medium,
        confidence: confidence(project, f, false),
        message: format!("an error of `{failing}` is swallowed inside the `atomic` block, and {again}"),
        recommendation: "Put the statement into a block of its own inside the `try` (`with transaction.atomic():`), \
                         which rolls back to a savepoint, or catch the error outside of the block"
            .to_owned(),
        effort: Effort::S,
        steps: vec![project.step(f, broken.again, "raises `TransactionManagementError` after the error")],
        evidence: vec![context_evidence(project, f)],
        facts,
    }))
}
