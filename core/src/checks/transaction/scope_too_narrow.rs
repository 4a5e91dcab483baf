//! `scope_too_narrow`: rows that belong together are committed one by one, or a callee commits inside the
//! savepoint block that keeps them together.

use super::apart::{Apart, apart};
use super::changes::{self, Records};
use super::error_paths::{Catches, catches, guards, holds, raises};
use super::rows::{Row, always, commits_alone, made_of, maker, model_of, referred, written};
use super::savepoints::{Broken, broken, steps};
use crate::analysis::{Care, FuncId, Project, SiteKind, argument, care_of, runs_elsewhere, source_of};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_evidence, context_facts, place_of};
use crate::libraries::{Effects, RunContext};
use crate::model::{OpKind, RegionKind, ValueId};
use crate::order::InOrder as _;
use crate::report::model::{Effort, Severity};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct ScopeTooNarrow;

/// What is split.
#[derive(Clone, Debug)]
pub enum Candidate {
    /// Two rows that belong together.
    Rows(Box<Pair>),
    /// A row that is changed, and what tells of the change.
    Change(Box<Change>),
    /// Two statements that belong together.
    Statements(Box<Statements>),
    /// A commit inside a savepoint block.
    Savepoint(Broken),
}

/// A changed row and what is written because of it.
#[derive(Clone, Debug)]
pub struct Change {
    /// The row.
    row: Row,
    /// What tells of it.
    child: Child,
    /// The function that writes it is not among the files: its name says what it does.
    by_name: bool,
}

/// Two statements that belong together.
#[derive(Clone, Debug)]
pub struct Statements(Apart);

/// Two rows that belong together.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The first.
    parent: Row,
    /// The one that refers to it.
    child: Child,
    /// The commit between; `None` where every statement commits by itself.
    commit: Option<ValueId>,
}

/// What is written after the first row and belongs to it.
#[derive(Clone, Debug)]
pub struct Child {
    /// The op that writes it.
    op: ValueId,
    /// The value that stands for the row, or the call that writes it.
    value: ValueId,
    /// Its model in words, or the call that writes rows.
    words: String,
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
        let recorders = changes::any_recorder(project);
        for f in project.code().func_ids() {
            let quiet = matches!(
                project.context(f),
                RunContext::Test | RunContext::Migration | RunContext::Script | RunContext::Startup
            );
            let inserts = project.summary(f).effects.any(Effects::DB_INSERT.with(Effects::DB_ADD));
            if quiet || !inserts && !recorders {
                continue;
            }
            let changed = change(project, f, recorders);
            writers += usize::from(changed.is_some());
            if let Some(changed) = changed {
                found.push((place_of(project, f, changed.row.op), Candidate::Change(Box::new(changed))));
            }
            if !inserts {
                continue;
            }
            for one in broken(project, f) {
                let Some((g, op)) = one.path.last().copied() else { continue };
                let place = place_of(project, g, op);
                if !found.iter().any(|(known, _)| *known == place) {
                    found.push((place, Candidate::Savepoint(one)));
                }
            }
            if let Some(apart) = apart(project, f) {
                writers += 1;
                let place = place_of(project, f, apart.first);
                if !found.iter().any(|(known, _)| *known == place) {
                    found.push((place, Candidate::Statements(Box::new(Statements(apart)))));
                }
            }
            let made = |row: &Row| row.created && (row.inherited || made_here(project, f, row));
            let rows: Vec<Row> = written(project, f).into_iter().filter(made).collect();
            writers += usize::from(!rows.is_empty());
            if let Some(pair) = split(project, f, &rows) {
                let place = place_of(project, f, pair.commit.unwrap_or(pair.parent.op));
                if !found.iter().any(|(known, _)| *known == place) {
                    found.push((place, Candidate::Rows(Box::new(pair))));
                }
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
        let Pair { parent, child, commit } = match candidate {
            Candidate::Rows(pair) => &**pair,
            Candidate::Savepoint(one) => return savepoint(cx, place, one),
            Candidate::Change(change) => return told_apart(cx, place, change),
            Candidate::Statements(both) => return statements(cx, place, &both.0),
        };
        if let Some(reason) = calls_between(project, f, commit.unwrap_or(parent.op), child.op) {
            return Judgement::Rejected(reason);
        }
        if let Some(line) = handed_over(project, f, parent, child, *commit) {
            return Judgement::Rejected(format!("line {line} works with the row first: it is committed on purpose"));
        }
        if optional(project, f, parent, child) {
            return Judgement::Rejected("an error while the second is written is swallowed: it is optional".into());
        }
        if commit.is_none()
            && let Some(reason) = one_transaction(cx, f, parent.op, child.op)
        {
            return Judgement::Rejected(reason);
        }
        let made = if parent.inherited { "written" } else { "created" };
        let mut steps = vec![project.step(f, parent.op, format!("the `{}` row is {made}", parent.model))];
        if let Some(op) = commit {
            steps.push(project.step(f, *op, "it is committed alone"));
        }
        steps.push(project.step(f, child.op, format!("{} that belongs to it is written", child.words)));
        let (severity, message, recommendation) = match commit {
            Some(_) => (
                Severity::High,
                format!("`{}` is committed before {} that belongs to it", parent.model, child.words),
                "Flush instead of the first commit and commit once, after the last row",
            ),
            None => (
                Severity::Medium,
                format!("`{}` and {} that belongs to it are written without a transaction", parent.model, child.words),
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

/// What calls out or waits between two writes.
fn calls_between(project: &Project, f: FuncId, from: ValueId, to: ValueId) -> Option<String> {
    let calls = project
        .sites(f)
        .iter()
        .find(|s| from < s.op && s.op < to && !runs_elsewhere(s) && project.effects_of(s).any(FOREIGN))?;
    let line = project.code().span(f, calls.op).map_or(0, |span| span.line);
    Some(format!("line {line} calls or waits between: the row is committed before on purpose"))
}

/// What makes two statements of Django one transaction.
fn one_transaction(cx: Cx<'_>, f: FuncId, first: ValueId, second: ValueId) -> Option<String> {
    let project = cx.project;
    let requests = cx.context.db_config.settings.get("ATOMIC_REQUESTS").is_some_and(|v| v.contains("True"));
    if requests && matches!(project.context(f), RunContext::Request) {
        return Some("every request is a transaction (`ATOMIC_REQUESTS`)".into());
    }
    let everywhere = project.text(project.code().func(f).name).trim_start_matches('a') == "save";
    atomic_around(project, f, first, second, everywhere, 0)
}

/// The first changed row with something that tells of the change: a row that refers to it, or a record by name.
fn change(project: &Project, f: FuncId, recorders: bool) -> Option<Change> {
    let rows = written(project, f);
    let changed: Vec<Row> = rows
        .iter()
        .filter(|row| changes::is_changed(project, f, row) && commits_alone(project, f, row))
        .cloned()
        .collect();
    let before = |rows: &[Row], op: ValueId| -> Vec<Row> {
        rows.iter().filter(|row| row.op < op && always(project, f, row.op, op)).cloned().collect()
    };
    if !changed.is_empty() {
        for child in rows.iter().filter(|row| row.created && !row.looked_up && commits_alone(project, f, row)) {
            if let Some(row) = changes::told_of(project, f, maker(project, f, child), &before(&changed, child.op))
                .filter(|row| made_here(project, f, child) && row.value != child.value)
            {
                let words = format!("the `{}`", child.model);
                let child = Child { op: child.op, value: child.value, words };
                return Some(Change { row: row.clone(), child, by_name: false });
            }
        }
        if let Some(pair) = helper(project, f, &rows, &changed).filter(|pair| refers_inside(project, f, pair)) {
            return Some(Change { row: pair.parent, child: pair.child, by_name: false });
        }
    }
    if !recorders {
        return None;
    }
    let mut spelled = None;
    (0..project.code().body(f).ops.len()).filter_map(|i| Some(ValueId(u32::try_from(i).ok()?))).find_map(|op| {
        let kind = changes::records(project, f, op)?;
        let spelled = spelled.get_or_insert_with(|| changes::spelled(project, f));
        let row = before(&changed, op).pop().or_else(|| before(spelled, op).pop())?;
        let words = format!("the record of `{}`", project.describe(f, op));
        Some(Change { row, child: Child { op, value: op, words }, by_name: kind == Records::Named })
    })
}

/// Whether the called function inserts rows that refer to the row that it is given.
fn refers_inside(project: &Project, f: FuncId, pair: &Pair) -> bool {
    let code = project.code();
    project.sites_at(f, pair.child.op).flat_map(|site| &site.targets).any(|target| {
        let g = target.func;
        let body = code.body(g);
        let given = (0..code.func(g).params.len()).filter_map(|i| u16::try_from(i).ok()).find(|i| {
            argument(project, f, pair.child.op, g, *i).is_some_and(|v| source_of(code.body(f), v) == pair.parent.value)
        });
        let Some(param) = given.and_then(|i| project.param_value(g, usize::from(i))) else { return false };
        written(project, g).iter().any(|row| {
            let Some(OpKind::Call { args, .. }) = body.op(maker(project, g, row)).map(|op| &op.kind) else {
                return false;
            };
            row.created && args.iter().any(|arg| made_of(project, g, arg.value).iter().any(|v| *v == param))
        })
    })
}

/// Confirmed when nothing makes the change and what tells of it one transaction.
fn told_apart(cx: Cx<'_>, place: Place, change: &Change) -> Judgement {
    let project = cx.project;
    let f = place.func;
    let Change { row, child, by_name } = change;
    if let Some(reason) = calls_between(project, f, row.op, child.op) {
        return Judgement::Rejected(reason);
    }
    if changes::saved_again(project, f, row, child.op) {
        return Judgement::Rejected(
            "the row is saved once more after it: its states in between are meant to be seen".into(),
        );
    }
    if optional(project, f, row, child) {
        return Judgement::Rejected("an error while the second is written is swallowed: it is optional".into());
    }
    if let Some(reason) = one_transaction(cx, f, row.op, child.op) {
        return Judgement::Rejected(reason);
    }
    let draft = Box::new(Draft {
        place,
        severity: Severity::Medium,
        confidence: confidence(project, f, *by_name),
        message: format!(
            "`{}` is changed and {} that tells of it is written without a transaction",
            row.model, child.words
        ),
        recommendation: "Put the writes into one `transaction.atomic()` block".to_owned(),
        effort: Effort::M,
        steps: vec![
            project.step(f, row.op, format!("`{}` writes the row", project.describe(f, row.op))),
            project.step(f, child.op, format!("{} is written by another commit", child.words)),
        ],
        evidence: vec![context_evidence(project, f)],
        facts: context_facts(cx, f),
    });
    if *by_name {
        return Judgement::NeedsContext(draft, "what the call writes is not among the files".into());
    }
    Judgement::Confirmed(draft)
}

/// Confirmed when nothing makes the two statements one transaction.
fn statements(cx: Cx<'_>, place: Place, apart: &Apart) -> Judgement {
    let project = cx.project;
    let f = place.func;
    if let Some(reason) = calls_between(project, f, apart.first, apart.second) {
        return Judgement::Rejected(reason);
    }
    if let Some(reason) = one_transaction(cx, f, apart.first, apart.second) {
        return Judgement::Rejected(reason);
    }
    Judgement::Confirmed(Box::new(Draft {
        place,
        severity: Severity::Medium,
        confidence: confidence(project, f, false),
        message: apart.message.clone(),
        recommendation: "Put both into one transaction block".to_owned(),
        effort: Effort::M,
        steps: vec![
            project.step(f, apart.first, apart.does.clone()),
            project.step(f, apart.second, apart.then.clone()),
        ],
        evidence: vec![context_evidence(project, f)],
        facts: context_facts(cx, f),
    }))
}

fn savepoint(cx: Cx<'_>, place: Place, one: &Broken) -> Judgement {
    let project = cx.project;
    let f = place.func;
    let commit = place.op.map_or_else(String::new, |op| project.describe(f, op));
    let owner = project.func_name(one.owner);
    Judgement::Confirmed(Box::new(Draft {
        place,
        severity: Severity::High,
        confidence: confidence(project, one.owner, false),
        message: format!("`{commit}` commits inside the savepoint block that `{owner}` opens around it"),
        recommendation: "Flush here and leave the commit to the function that opened the block: a rollback to the \
                         savepoint cannot undo what is committed"
            .to_owned(),
        effort: Effort::S,
        steps: steps(project, one),
        evidence: vec![context_evidence(project, one.owner)],
        facts: context_facts(cx, one.owner),
    }))
}

/// The first row after which something that belongs to it is written by another commit.
fn split(project: &Project, f: FuncId, rows: &[Row]) -> Option<Pair> {
    for (i, child) in rows.iter().enumerate() {
        let apart = |row: &&Row| {
            row.op < child.op
                && !row.looked_up
                && row.model != child.model
                && row.value != child.value
                && always(project, f, row.op, child.op)
        };
        let before: Vec<Row> = rows.iter().take(i).filter(apart).cloned().collect();
        let parent =
            referred(project, f, maker(project, f, child), &before).or_else(|| kept_by(project, f, child, &before));
        let Some(parent) = parent else { continue };
        let words = format!("the `{}`", child.model);
        let pair = |commit| Pair {
            parent: parent.clone(),
            child: Child { op: child.op, value: child.value, words: words.clone() },
            commit,
        };
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
                return Some(pair(Some(site.op)));
            }
        } else if commits_alone(project, f, parent) && commits_alone(project, f, child) {
            return Some(pair(None));
        }
    }
    let parents: Vec<Row> =
        rows.iter().filter(|row| !row.looked_up && commits_alone(project, f, row)).cloned().collect();
    helper(project, f, rows, &parents)
}

/// The row among `rows` that keeps the child in an attribute: `self.keys = Keys.objects.create()`.
fn kept_by<'r>(project: &Project, f: FuncId, child: &Row, rows: &'r [Row]) -> Option<&'r Row> {
    let body = project.code().body(f);
    let later = body.ops.get(child.op.0 as usize..).unwrap_or_default();
    later.iter().find_map(|op| match op.kind {
        OpKind::StoreAttr { base, value, .. } if source_of(body, value) == child.value => {
            rows.iter().find(|row| row.value == source_of(body, base))
        }
        _ => None,
    })
}

/// A row that Django commits at once, and a function of the project that is given it and inserts more.
fn helper(project: &Project, f: FuncId, rows: &[Row], parents: &[Row]) -> Option<Pair> {
    if parents.is_empty() {
        return None;
    }
    project.sites(f).iter().find_map(|site| {
        let effects = project.effects_of(site);
        let named = site.targets.iter().any(|target| target.by_name);
        if !matches!(site.kind, SiteKind::Project)
            || named
            || runs_elsewhere(site)
            || !effects.any(Effects::DB_INSERT)
            || effects.any(FOREIGN.without(Effects::PUBLISH))
            || !site.targets.iter().any(|target| inserts(project, target.func, parents, 0))
            || rows.iter().any(|row| row.op == site.op)
        {
            return None;
        }
        let before: Vec<Row> =
            parents.iter().filter(|row| row.op < site.op && always(project, f, row.op, site.op)).cloned().collect();
        let parent = referred(project, f, site.op, &before)?.clone();
        let words = format!("what `{}` inserts", project.describe(f, site.op));
        Some(Pair { parent, child: Child { op: site.op, value: site.op, words }, commit: None })
    })
}

/// Whether a function makes rows of other models, and does not look for them first.
fn inserts(project: &Project, f: FuncId, parents: &[Row], depth: u32) -> bool {
    let other = |row: &Row| row.created && !row.looked_up && parents.iter().all(|parent| parent.model != row.model);
    written(project, f).iter().any(other)
        || depth < 2
            && project.sites(f).iter().any(|site| {
                matches!(site.kind, SiteKind::Project)
                    && !runs_elsewhere(site)
                    && project.effects_of(site).any(Effects::DB_INSERT)
                    && site
                        .targets
                        .iter()
                        .any(|target| !target.by_name && inserts(project, target.func, parents, depth + 1))
            })
}

/// Whether a row is meant to do without the other: an error while that one is written is swallowed.
fn optional(project: &Project, f: FuncId, parent: &Row, child: &Child) -> bool {
    guards(project, f).iter().any(|guard| {
        holds(guard.body, child.op)
            && !holds(guard.whole, parent.op)
            && guard
                .handlers
                .iter()
                .any(|handler| catches(project, f, handler) >= Catches::Some && !raises(project, f, handler))
    })
}

/// Whether the row is made there for certain: a helper that also reads may find it, and one that calls out has
/// reasons of its own.
fn made_here(project: &Project, f: FuncId, row: &Row) -> bool {
    project.sites_at(f, row.op).all(|site| {
        matches!(site.kind, SiteKind::Library(_)) || !project.effects_of(site).any(FOREIGN.with(Effects::DB_READ))
    }) && !row.looked_up
}

/// The line of a call between the two that takes the first row and makes none itself.
fn handed_over(project: &Project, f: FuncId, parent: &Row, child: &Child, commit: Option<ValueId>) -> Option<u32> {
    let body = project.code().body(f);
    let known = |op: ValueId, keyed: bool| {
        project.sites_at(f, op).any(|site| {
            let effects = project.effects_of(site);
            let makes = effects.any(Effects::DB_INSERT.with(Effects::DB_ADD));
            matches!(site.kind, SiteKind::Library(_)) || makes || (effects.any(Effects::ANY_WRITE) && !keyed)
        })
    };
    (parent.op.0 + 1..child.op.0).map(ValueId).find_map(|at| {
        let OpKind::Call { callee, args } = &body.op(at)?.kind else { return None };
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
            .then_some(body.span(at)?.line)
    })
}

/// Who makes the two writes one transaction.
fn atomic_around(
    project: &Project,
    f: FuncId,
    first: ValueId,
    second: ValueId,
    everywhere: bool,
    depth: u32,
) -> Option<String> {
    let code = project.code();
    let body = code.body(f);
    let block = body.regions.iter().find(|region| {
        let RegionKind::With { manager, .. } = region.kind else { return false };
        region.start <= first.0
            && second.0 < region.end
            && (!matches!(care_of(project, f, manager), Care::Nothing)
                || ["atomic", "transaction"].iter().any(|word| project.describe(f, manager).contains(word)))
    });
    if let Some(region) = block {
        return Some(format!("the block in line {} is one transaction", region.span.line));
    }
    let parent = code.parent(f);
    let class = code.class_of(f);
    let of_class = class.into_iter().flat_map(|class| {
        let info = code.class(class);
        let scope = code.class_scope(class);
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
    let atomic = |(g, op): &(FuncId, ValueId)| {
        atomic_around(project, *g, *op, *op, false, depth + 1)
            .map(|_| format!("`{}` runs it within a transaction", project.func_name(*g)))
    };
    // One caller that says it is a transaction shows that the function is meant to run in one; but `save` is
    // called from everywhere.
    if everywhere && !callers.iter().all(|caller| atomic(caller).is_some()) {
        return None;
    }
    callers.iter().find_map(atomic)
}
