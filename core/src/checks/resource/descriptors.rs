//! `tempfile.mkstemp()` gives an open descriptor that only `os.close` or a file made of it closes.

use crate::analysis::{Flow, FuncId, Project, SiteKind};
use crate::checks::check::{Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_evidence, context_facts, place_of};
use crate::libraries::RunContext;
use crate::model::{Const, OpKind, ValueId, Wide};
use crate::report::model::{Effort, Severity};

/// Calls whose descriptor nothing takes: `_, path = mkstemp()`, `mkstemp()[1]`.
pub(super) fn candidates(project: &Project) -> Vec<(Place, ValueId)> {
    let mut out = Vec::new();
    if project.sym("mkstemp").is_none() {
        return out;
    }
    for f in project.code().func_ids() {
        if project.context(f) == RunContext::Test {
            continue;
        }
        for site in project.sites(f) {
            let made = matches!(site.kind, SiteKind::Library(row) if row.callee == "tempfile.mkstemp");
            if made && dropped(project, f, site.op) {
                out.push((place_of(project, f, site.op), site.op));
            }
        }
    }
    out
}

/// Whether the first of the two parts goes nowhere, and the whole does not either.
fn dropped(project: &Project, f: FuncId, made: ValueId) -> bool {
    let body = project.code().body(f);
    let flow = Flow::new(project.code(), f);
    let whole = flow.uses(made);
    let first = |v: ValueId| matches!(body.op(v).map(|op| &op.kind), Some(OpKind::Const(Const::Int(Wide(0)))));
    whole.ops.iter().all(|v| match body.op(*v).map(|op| &op.kind) {
        Some(OpKind::Unpack { index: Some(0), .. }) => flow.uses(*v).ops.is_empty(),
        Some(OpKind::Unpack { index: Some(_), .. }) => true,
        Some(OpKind::Item { index, .. }) => !first(*index),
        _ => false,
    })
}

/// The finding.
pub(super) fn judge(cx: Cx<'_>, place: Place, op: ValueId) -> Judgement {
    let project = cx.project;
    let f = place.func;
    let context = project.context(f);
    if context == RunContext::Migration {
        return Judgement::Rejected("a migration runs once, in a process of its own".to_owned());
    }
    let severity = match context {
        RunContext::Startup | RunContext::Script => Severity::Low,
        _ => Severity::Medium,
    };
    let mut facts = context_facts(cx, f);
    facts.table_used_context = true;
    Judgement::Confirmed(Box::new(Draft {
        place,
        severity,
        confidence: confidence(project, f, false),
        message: format!("the file descriptor that `{}` opens is never closed", project.describe(f, op)),
        recommendation: "Close it (`os.close(fd)`), write through it (`with os.fdopen(fd, \"w\") as file`), or use \
                         `tempfile.NamedTemporaryFile`"
            .to_owned(),
        effort: Effort::S,
        steps: vec![project.step(f, op, "opens a file and gives its descriptor first")],
        evidence: vec![context_evidence(project, f)],
        facts,
    }))
}
