//! `missing_bulk_ops`: rows inserted one by one where the library has a bulk form.

use super::in_loop::{InLoop, is_fresh, not_per_item, says_hooks, sites_in_loops};
use crate::analysis::{Flow, SiteKind};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_evidence, context_facts, grade, loop_step, place_of};
use crate::libraries::Effects;
use crate::model::OpKind;
use crate::report::model::{Confidence, Effort, Severity};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct MissingBulkOps;

const ADDS: Effects = Effects(Effects::DB_INSERT.0 | Effects::DB_ADD.0);
const SENDS: Effects = Effects(Effects::DB_FLUSH.0 | Effects::COMMIT.0);
/// A write that is further away is hardly about the item.
const FARTHEST: usize = 5;

impl Check for MissingBulkOps {
    const ID: &'static str = "missing_bulk_ops";
    type Candidate = InLoop;

    fn candidates(cx: Cx<'_>) -> Candidates<InLoop> {
        let project = cx.project;
        let found: Vec<(Place, InLoop)> = sites_in_loops(project, ADDS)
            .into_iter()
            .filter(|at| inserts(cx, at))
            .map(|at| (place_of(project, at.looped.func, at.site.op), at))
            .collect();
        if found.is_empty() && !project.code().func_ids().any(|f| project.summary(f).effects.any(ADDS)) {
            return Candidates::Nothing("no INSERT was found");
        }
        let count = found.len();
        Candidates::Found(found, format!("{count} inserts in loops"))
    }

    fn judge(cx: Cx<'_>, place: Place, at: &InLoop) -> Judgement {
        let project = cx.project;
        let InLoop { looped, site } = at;
        let f = looped.func;
        if let Some(reason) = not_per_item(cx, looped, site, false) {
            return Judgement::Rejected(reason);
        }
        let effects = project.effects_of(site);
        if effects.any(Effects::BULK) && site.effects.any(Effects::BULK) {
            return Judgement::Rejected("each pass uses the bulk form for many rows".into());
        }
        if says_hooks(project, looped) {
            return Judgement::Rejected(
                "a comment says that rows are written one by one for their hooks and signals".into(),
            );
        }
        if key_needed(cx, at) {
            return Judgement::Rejected("the generated key of each row is needed in the same pass".into());
        }
        let Some((path, by_name)) = project.path_to(f, site, ADDS) else {
            return Judgement::Rejected("the insert is not reached".into());
        };
        if path.len() > FARTHEST {
            return Judgement::Rejected(format!("the insert is {} calls away", path.len() - 1));
        }
        // One flush after the loop sends all rows as a batch.
        let batched = !effects.any(Effects::DB_INSERT) && !effects.any(SENDS) && !sends_per_pass(cx, at);
        let mut severity = grade(project, f, Severity::Medium, Severity::Medium, Severity::Low);
        let over = looped.iter.map_or_else(|| "the loop".to_owned(), |iter| format!("`{}`", project.describe(f, iter)));
        let message = if batched {
            severity = Severity::Low;
            format!("{} adds rows to the session one by one for {over}", project.site_name(f, site))
        } else {
            format!("{} inserts one row for each item of {over}", project.site_name(f, site))
        };
        let mut facts = context_facts(cx, f);
        facts.table_used_context = true;
        let mut evidence = vec![context_evidence(project, f)];
        if batched {
            evidence.push("the unit of work sends the rows as one batch at the flush after the loop".to_owned());
        }
        let mut steps = vec![loop_step(project, looped)];
        steps.extend(path);
        let draft = Draft {
            place,
            severity,
            confidence: confidence(project, f, by_name),
            message,
            recommendation: advice(at, batched),
            effort: Effort::S,
            steps,
            evidence,
            facts,
        };
        if draft.confidence == Confidence::Low {
            return Judgement::NeedsContext(Box::new(draft), "the callee was found by its name only".into());
        }
        Judgement::Confirmed(Box::new(draft))
    }
}

/// Inserts, and neither updates nor deletes: those are another check's business.
fn inserts(cx: Cx<'_>, at: &InLoop) -> bool {
    let effects = cx.project.effects_of(&at.site);
    if effects.any(Effects::DB_DELETE.with(Effects::DB_MARK_DELETE)) {
        return false;
    }
    if !effects.any(Effects::DB_UPDATE) {
        return true;
    }
    match at.site.kind {
        SiteKind::Library(row) => !row.callee.ends_with("save") || is_fresh(cx.project, at.looped.func, at.site.op),
        _ => false,
    }
}

/// The new row (or its key) is handed on within the pass: to its children, to another call.
fn key_needed(cx: Cx<'_>, at: &InLoop) -> bool {
    let project = cx.project;
    let SiteKind::Library(_) = at.site.kind else { return false };
    if !at.site.effects.any(Effects::DB_INSERT) {
        return false;
    }
    let f = at.looped.func;
    let body = project.code().body(f);
    let uses = Flow::new(project.code(), f).uses(at.site.op);
    uses.ops.iter().filter(|v| at.looped.holds(**v)).any(|v| match body.op(*v).map(|op| &op.kind) {
        Some(OpKind::Attr { name, .. }) => {
            matches!(
                project.text(*name),
                "id" | "pk" | "lastrowid" | "inserted_primary_key" | "fetchone" | "scalar_one"
            )
        }
        Some(OpKind::Call { callee, args }) => {
            let collects = match body.op(*callee).map(|op| &op.kind) {
                Some(OpKind::Attr { name, .. }) => matches!(project.text(*name), "append" | "add" | "extend"),
                _ => false,
            };
            !collects && args.iter().any(|arg| uses.aliases.contains(&arg.value))
        }
        _ => false,
    })
}

fn sends_per_pass(cx: Cx<'_>, at: &InLoop) -> bool {
    let project = cx.project;
    project.sites(at.looped.func).iter().any(|site| at.looped.runs(site) && project.effects_of(site).any(SENDS))
}

fn advice(at: &InLoop, batched: bool) -> String {
    let callee = match at.site.kind {
        SiteKind::Library(row) => row.callee,
        _ => "",
    };
    if batched {
        return "Build a list and call `session.add_all(rows)` once, or `session.execute(insert(Model), rows)` for many \
                rows"
            .into();
    }
    if callee.starts_with("django") {
        return "Build the objects in a list and call `Model.objects.bulk_create(objects)` once".into();
    }
    if callee.contains("execute") || callee.contains("Cursor") {
        return "Collect the rows and call `executemany` (or `execute_values`, `copy`) once".into();
    }
    "Collect the rows and write them in one call: `session.execute(insert(Model), rows)`, `bulk_create` or `executemany`"
        .into()
}
