//! What several checks share: places, run contexts in words, grading rows, confidence.

use super::check::{Cx, Draft, Judgement, Place};
use crate::analysis::{FuncId, LoopFacts, Project, loading_call, source_of};
use crate::libraries::RunContext;
use crate::model::{Const, OpKind, Sym, ValueId};
use crate::report::model::{Confidence, ContextFacts, Severity, Step};
use crate::source::Span;

/// The place of an op.
pub(super) fn place_of(project: &Project, func: FuncId, op: ValueId) -> Place {
    let span = project.code().span(func, op).unwrap_or_default();
    Place { func, op: Some(op), span }
}

/// The query that starts at `op`, where a relation that it does not load is to be added: the call that loads others,
/// in it the name of the relation that `path` goes on from.
pub(super) fn place_of_loading(project: &Project, func: FuncId, op: ValueId, path: &[Sym]) -> Place {
    let place = place_of(project, func, op);
    let Some(at) = loading_call(project, func, op, path) else { return place };
    Place { span: project.code().span(func, at).map_or(place.span, last_line), ..place }
}

/// `.prefetch_related(…)` of a query over several lines stands where its name ends.
fn last_line(span: Span) -> Span {
    let col = if span.line == span.end_line { span.col } else { 0 };
    Span { line: span.end_line, col, ..span }
}

/// `request (handler `list_orders`)`, with the handler when it is another function.
pub(super) fn context_words(project: &Project, f: FuncId) -> String {
    let entry = project.entry_of(f);
    let name = project.func_name(entry);
    let word = match project.context(f) {
        RunContext::Stream => "stream",
        RunContext::Request => "request",
        RunContext::Job => "job",
        RunContext::Library => return "no known entry point: graded like a job".to_owned(),
        RunContext::Startup => "start-up",
        RunContext::Script => "script",
        RunContext::Migration => "migration",
        RunContext::Test => "test",
    };
    if entry == f { word.to_owned() } else { format!("{word} (reached from `{name}`)") }
}

/// The evidence line for a run context.
pub(super) fn context_evidence(project: &Project, f: FuncId) -> String {
    format!("runs in: {}", context_words(project, f))
}

/// Severities by run context: request and stream, job and unknown, everything else; an admin-only
/// route is one level lower.
pub(super) fn grade(project: &Project, f: FuncId, request: Severity, job: Severity, other: Severity) -> Severity {
    let severity = match project.context(f) {
        RunContext::Stream | RunContext::Request => request,
        RunContext::Job | RunContext::Library => job,
        RunContext::Startup | RunContext::Script | RunContext::Migration | RunContext::Test => other,
    };
    if project.context_path(f).is_some_and(|path| path.admin) { severity.lowered() } else { severity }
}

/// Confidence of a path: one lower when a callee was found by name only, and when nothing tells
/// where the code runs.
pub(super) fn confidence(project: &Project, f: FuncId, by_name: bool) -> Confidence {
    match (by_name, project.context(f) == RunContext::Library) {
        (false, false) => Confidence::High,
        (true, true) => Confidence::Low,
        _ => Confidence::Medium,
    }
}

/// The step that opens a loop.
pub(super) fn loop_step(project: &Project, facts: &LoopFacts) -> Step {
    let over = facts.iter.map_or_else(String::new, |iter| format!(" over `{}`", project.describe(facts.func, iter)));
    Step {
        path: project.code().path(facts.func).to_owned(),
        line: facts.span.line,
        message: format!("the loop{over} opens"),
    }
}

/// A finding about work on rows: what a migration does that others follow was done when those were made.
pub(super) fn unless_done(project: &Project, draft: Draft) -> Judgement {
    let f = draft.place.func;
    // A helper of migrations is what they are.
    let followed = |g: FuncId| project.schema().is_followed(project.code().path(g));
    if project.context(f) == RunContext::Migration && (followed(f) || followed(project.entry_of(f))) {
        let missing = "a later migration follows this one: where it has still to run is not seen";
        return Judgement::NeedsContext(Box::new(draft), missing.into());
    }
    Judgement::Confirmed(Box::new(draft))
}

/// What a loop goes through, in a sentence.
pub(super) fn over(project: &Project, facts: &LoopFacts) -> String {
    facts.iter.map_or_else(|| "the loop".to_owned(), |iter| format!("`{}`", project.describe(facts.func, iter)))
}

/// Whether the row lost its key before it is saved, so that a copy is inserted: `clone.pk = None`, `clone.save()`.
pub(super) fn is_copy(project: &Project, f: FuncId, row: ValueId, save: ValueId) -> bool {
    let body = project.code().body(f);
    body.ops.iter().take(save.0 as usize).any(|op| match op.kind {
        OpKind::StoreAttr { base, name, value } => {
            matches!(project.text(name), "id" | "pk")
                && source_of(body, base) == row
                && matches!(body.op(source_of(body, value)).map(|op| &op.kind), Some(OpKind::Const(Const::None)))
        }
        _ => false,
    })
}

/// What rules 1 and 6 ask about a function.
pub(super) fn context_facts(cx: Cx<'_>, f: FuncId) -> ContextFacts {
    let project = cx.project;
    let path = project.code().path(f);
    let name = project.text(project.code().func(f).name);
    let in_folder = |words: &[&str]| path.split('/').any(|part| words.contains(&part.trim_end_matches(".py")));
    ContextFacts {
        is_setup_function: matches!(name, "__init__" | "setup" | "bootstrap" | "startup" | "lifespan" | "configure")
            || matches!(project.context(f), RunContext::Startup | RunContext::Migration),
        is_job_path: in_folder(&["tasks", "jobs", "cron", "task", "job"]) || project.is_job_file(path),
        hot: project.context(f) == RunContext::Stream,
        ..ContextFacts::default()
    }
}
