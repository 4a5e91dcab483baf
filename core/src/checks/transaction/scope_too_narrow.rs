//! `scope_too_narrow`: rows that belong together are committed one by one.

use super::rows::{Row, model_of, referred, written};
use crate::analysis::{Care, FuncId, Project, SiteKind, care_of, runs_elsewhere, source_of};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_evidence, context_facts, place_of};
use crate::libraries::{Effects, RunContext};
use crate::model::{OpKind, RegionKind, ValueId};
use crate::order::InOrder as _;
use crate::report::model::{Effort, Severity};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct ScopeTooNarrow;

/// Two rows that belong together.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The first.
    parent: Row,
    /// The one that refers to it.
    child: Row,
    /// The commit between; `None` where every statement commits by itself.
    commit: Option<ValueId>,
}

const FOREIGN: Effects = Effects::ANY_FOREIGN
    .with(Effects::PUBLISH)
    .with(Effects::SUBPROCESS)
    .with(Effects::SLEEP)
    .with(Effects::ASYNC_SLEEP)
    .with(Effects::WAITS);

impl Check for ScopeTooNarrow {
    const ID: &'static str = "scope_too_narrow";
    type Candidate = Candidate;

    fn candidates(cx: Cx<'_>) -> Candidates<Candidate> {
        let project = cx.project;
        let mut found = Vec::new();
        let mut writers = 0;
        for f in project.code().func_ids() {
            let quiet = matches!(
                project.context(f),
                RunContext::Test | RunContext::Migration | RunContext::Script | RunContext::Startup
            );
            if quiet || !project.summary(f).effects.any(Effects::DB_INSERT.with(Effects::DB_ADD)) {
                continue;
            }
            let rows: Vec<Row> =
                written(project, f).into_iter().filter(|row| row.created && made_here(project, f, row)).collect();
            writers += usize::from(!rows.is_empty());
            if let Some(candidate) = split(project, f, &rows) {
                found.push((place_of(project, f, candidate.commit.unwrap_or(candidate.child.op)), candidate));
            }
        }
        if writers == 0 {
            return Candidates::Nothing("no function creates rows");
        }
        found.order_by_key(|(place, _)| *place);
        Candidates::Found(found, format!("{writers} functions that create rows"))
    }

    fn judge(cx: Cx<'_>, place: Place, candidate: &Candidate) -> Judgement {
        let project = cx.project;
        let f = place.func;
        let Candidate { parent, child, commit } = candidate;
        let from = commit.unwrap_or(parent.op);
        let calls = project
            .sites(f)
            .iter()
            .find(|s| from < s.op && s.op < child.op && !runs_elsewhere(s) && project.effects_of(s).any(FOREIGN));
        if let Some(site) = calls {
            let line = project.code().op(f, site.op).map_or(0, |op| op.span.line);
            return Judgement::Rejected(format!(
                "line {line} calls or waits between: the row is committed before on purpose"
            ));
        }
        if let Some(line) = handed_over(project, f, parent, child, *commit) {
            return Judgement::Rejected(format!("line {line} works with the row first: it is committed on purpose"));
        }
        if commit.is_none() {
            let requests = cx.context.db_config.settings.get("ATOMIC_REQUESTS").is_some_and(|v| v.contains("True"));
            if requests && matches!(project.context(f), RunContext::Request) {
                return Judgement::Rejected("every request is a transaction (`ATOMIC_REQUESTS`)".into());
            }
            if let Some(reason) = atomic_around(project, f, parent.op, child.op, 0) {
                return Judgement::Rejected(reason);
            }
        }
        let mut steps = vec![project.step(f, parent.op, format!("the `{}` row is created", parent.model))];
        if let Some(op) = commit {
            steps.push(project.step(f, *op, "it is committed alone"));
        }
        steps.push(project.step(f, child.op, format!("the `{}` row that refers to it is created", child.model)));
        let (severity, message, recommendation) = match commit {
            Some(_) => (
                Severity::High,
                format!("`{}` is committed before the `{}` that belongs to it", parent.model, child.model),
                "Flush instead of the first commit and commit once, after the last row",
            ),
            None => (
                Severity::Medium,
                format!(
                    "`{}` and the `{}` that belongs to it are written without a transaction",
                    parent.model, child.model
                ),
                "Put the writes into one `transaction.atomic()` block",
            ),
        };
        Judgement::Confirmed(Box::new(Draft {
            place,
            severity,
            confidence: confidence(project, f, false),
            message,
            recommendation: recommendation.to_owned(),
            effort: Effort::M,
            steps,
            evidence: vec![context_evidence(project, f)],
            facts: context_facts(cx, f),
        }))
    }
}

/// The first pair of rows of which the second refers to the first and is written by another commit.
fn split(project: &Project, f: FuncId, rows: &[Row]) -> Option<Candidate> {
    for (i, child) in rows.iter().enumerate() {
        let before: Vec<Row> = rows
            .iter()
            .take(i)
            .filter(|row| row.op < child.op && !row.looked_up && row.model != child.model && row.value != child.value)
            .cloned()
            .collect();
        // What makes the new row: its constructor, or the call that inserts it.
        let maker = match project.code().op(f, child.value).map(|op| &op.kind) {
            Some(OpKind::Call { .. }) => child.value,
            _ => child.op,
        };
        let Some(parent) = referred(project, f, maker, &before) else { continue };
        if !always(project, f, parent.op, child.op) {
            continue;
        }
        if parent.by_session && child.by_session {
            let commit = project.sites(f).iter().find(|s| {
                parent.op < s.op
                    && s.op < child.op
                    && s.effects.any(Effects::COMMIT)
                    && !runs_elsewhere(s)
                    && always(project, f, s.op, child.op)
            });
            let ends = project.sites(f).iter().any(|s| child.op < s.op && s.effects.any(Effects::COMMIT));
            if let Some(site) = commit.filter(|_| ends) {
                return Some(Candidate { parent: parent.clone(), child: child.clone(), commit: Some(site.op) });
            }
        } else if by_django(project, f, parent) && by_django(project, f, child) {
            return Some(Candidate { parent: parent.clone(), child: child.clone(), commit: None });
        }
    }
    None
}

/// Whether the row is made there for certain: a helper that also reads may find it, and one that calls out has
/// reasons of its own.
fn made_here(project: &Project, f: FuncId, row: &Row) -> bool {
    project.sites_at(f, row.op).all(|site| {
        matches!(site.kind, SiteKind::Library(_)) || !project.effects_of(site).any(FOREIGN.with(Effects::DB_READ))
    }) && !row.looked_up
}

/// The line of a call between the two that takes the first row and makes none itself.
fn handed_over(project: &Project, f: FuncId, parent: &Row, child: &Row, commit: Option<ValueId>) -> Option<u32> {
    let body = project.code().body(f);
    let known = |op: ValueId, keyed: bool| {
        project.sites_at(f, op).any(|site| {
            let effects = project.effects_of(site);
            let makes = effects.any(Effects::DB_INSERT.with(Effects::DB_ADD));
            matches!(site.kind, SiteKind::Library(_)) || makes || (effects.any(Effects::ANY_WRITE) && !keyed)
        })
    };
    (parent.op.0 + 1..child.op.0).map(ValueId).find_map(|at| {
        let op = body.op(at)?;
        let OpKind::Call { callee, args } = &op.kind else { return None };
        // Who gets the key loads the row.
        let keyed = args
            .iter()
            .any(|arg| matches!(body.op(source_of(body, arg.value)).map(|op| &op.kind), Some(OpKind::Attr { .. })));
        if Some(at) == commit || at == child.value || known(at, keyed) || model_of(project, f, at).is_some() {
            return None;
        }
        // `manager.invoice_request(invoice=invoice)`; a plain name is a class, a conversion, a log line.
        let method = matches!(body.op(*callee).map(|op| &op.kind), Some(OpKind::Attr { .. }));
        let own = project.sites_at(f, at).next().is_some();
        let logs = project.describe(f, *callee).to_ascii_lowercase().contains("log");
        ((method || own) && !logs && referred(project, f, at, std::slice::from_ref(parent)).is_some())
            .then_some(op.span.line)
    })
}

/// Whether `first` runs whenever `second` does: every branch around it is around `second` too.
fn always(project: &Project, f: FuncId, first: ValueId, second: ValueId) -> bool {
    project.code().body(f).regions.iter().skip(1).all(|region| {
        let inside = |op: ValueId| region.start <= op.0 && op.0 < region.end;
        let conditional =
            matches!(region.kind, RegionKind::Arm { .. } | RegionKind::Handler { .. } | RegionKind::Loop { .. });
        !conditional || !inside(first) || inside(second)
    })
}

/// Whether a statement of Django writes the row: it commits by itself.
fn by_django(project: &Project, f: FuncId, row: &Row) -> bool {
    use crate::analysis::Type;
    project.members(f, row.value).into_iter().any(|ty| match ty {
        Type::Inst(class, _) => project.inherits(*class, "django.db.models.Model"),
        _ => false,
    })
}

/// Who makes the two writes one transaction.
fn atomic_around(project: &Project, f: FuncId, first: ValueId, second: ValueId, depth: u32) -> Option<String> {
    let code = project.code();
    let body = code.body(f);
    let block = body.regions.iter().find(|region| {
        let RegionKind::With { manager, .. } = region.kind else { return false };
        region.start <= first.0
            && second.0 < region.end
            && (!matches!(care_of(project, f, manager), Care::Nothing)
                || project.describe(f, manager).contains("atomic"))
    });
    if let Some(region) = block {
        return Some(format!("the block in line {} is one transaction", region.span.line));
    }
    let parent = code.parent(f);
    let class = code.class_of(f);
    let of_class = class.into_iter().flat_map(|class| {
        let info = code.class(class);
        let scope = code.func_id(code.module_of_class(class), info.scope);
        info.decorators.iter().map(move |d| (scope, d.value))
    });
    let decorators = code.func(f).decorators.iter().map(|d| (parent, d.value)).chain(of_class);
    for (scope, v) in decorators {
        let args = match code.op(scope, v).map(|op| &op.kind) {
            Some(OpKind::Call { args, .. }) => args.iter().map(|arg| project.describe(scope, arg.value)).collect(),
            _ => String::new(),
        };
        if project.describe(scope, v).contains("atomic") || args.contains("atomic") {
            return Some("a decorator makes it one transaction".into());
        }
    }
    let callers: Vec<_> = project
        .callers(f)
        .iter()
        .filter(|(g, _)| *g != f && project.context(*g) != RunContext::Test)
        .filter_map(|(g, index)| Some((*g, project.sites(*g).get(*index as usize)?.op)))
        .collect();
    if depth > 3 || callers.is_empty() {
        return None;
    }
    // One caller that says it is a transaction shows that the function is meant to run in one.
    callers.iter().find_map(|(g, op)| {
        atomic_around(project, *g, *op, *op, depth + 1)
            .map(|_| format!("`{}` runs it within a transaction", project.func_name(*g)))
    })
}
