//! Rows of models that are not among the files, of which the code uses only the number, the presence or the key.

use crate::analysis::{Flow, FuncId, Project, Type, source_of};
use crate::checks::check::{Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_evidence, context_facts, grade};
use crate::model::{BinaryOp, Body, Const, OpKind, ValueId};
use crate::report::model::{Effort, Severity};

/// What is used of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bare {
    /// Their number.
    Counted,
    /// Whether there are any.
    Tested,
    /// Whether there is the one.
    Present,
    /// Their keys.
    Keys,
    /// A page of them: `Paginator(list(rows), 20)`.
    Page,
}

/// All of a function.
pub(super) fn of_unseen(project: &Project, f: FuncId) -> Vec<(ValueId, Bare)> {
    let body = project.code().body(f);
    let mut flow = None;
    let mut out = Vec::new();
    for &at in project.code().calls_in(f) {
        let Some(OpKind::Call { callee, .. }) = body.op(at).map(|op| &op.kind) else { continue };
        if pages_a_list(project, f, at) {
            out.push((at, Bare::Page));
            continue;
        }
        let row = project.is_unseen_row(project.ty(f, at));
        let asked = if row { Some(Asked::Row) } else { asked(project, f, at) };
        let Some(asked) = asked else { continue };
        let Some(OpKind::Attr { name, .. }) = body.op(*callee).map(|op| &op.kind) else { continue };
        let flow = flow.get_or_insert_with(|| Flow::new(project.code(), f));
        let uses = flow.uses(at).ops;
        let used = if row {
            let tested = !uses.is_empty() && uses.iter().all(|v| tests(body, *v));
            let asked = match project.text(*name) {
                "get" | "aget" => uses.is_empty(),
                "first" | "afirst" | "last" => tested,
                _ => false,
            };
            asked.then_some(Bare::Present)
        } else {
            match (of_rows(project, f, flow, &uses), asked) {
                (used, Asked::Rows) => used,
                (Some(Bare::Counted), Asked::List) => Some(Bare::Counted),
                _ => None,
            }
        };
        out.extend(used.map(|used| (at, used)));
    }
    out
}

/// `Paginator(list(rows), 20)` of rows that a caller hands in: Django's paginator would ask for one page of a queryset.
fn pages_a_list(project: &Project, f: FuncId, at: ValueId) -> bool {
    let body = project.code().body(f);
    let call = |v: ValueId, wanted: &str| match body.op(source_of(body, v)).map(|op| &op.kind) {
        Some(OpKind::Call { callee, args }) => {
            let named = matches!(project.ty(f, *callee), Type::LibRef(name) if project.text(*name) == wanted);
            args.first().filter(|_| named).map(|arg| arg.value)
        }
        _ => None,
    };
    let Some(rows) = call(at, "django.core.paginator.Paginator").and_then(|rows| call(rows, "builtins.list")) else {
        return false;
    };
    match project.ty(f, rows) {
        Type::Unknown => matches!(body.op(source_of(body, rows)).map(|op| &op.kind), Some(OpKind::Param(_))),
        Type::Lib(class, ..) => project.text(*class) == "django.db.models.QuerySet",
        _ => false,
    }
}

/// Queries of SQLAlchemy, whose `all()` reads a list.
pub(super) const QUERIES: [&str; 2] = ["sqlalchemy.orm.Query", "flask_sqlalchemy.query.Query"];

/// What a call gives of a model that is not seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// One row.
    Row,
    /// A queryset of Django.
    Rows,
    /// A list that SQLAlchemy has read.
    List,
}

/// A query for whole rows of a model that is not seen, which is not cut and not that of a relation.
fn asked(project: &Project, f: FuncId, v: ValueId) -> Option<Asked> {
    match *project.ty(f, v) {
        Type::Lib(class, row, _)
            if project.text(class) == "django.db.models.QuerySet" && project.is_unseen_row(project.type_of(row)) =>
        {
            let Some(facts) = project.query(f, v) else { return Some(Asked::Rows) };
            let whole = !facts.limited
                && !facts.plain_rows
                && facts.only.is_none()
                && facts.deferred.is_empty()
                && facts.unseen_owner.is_none()
                && !facts.prefetched;
            whole.then_some(Asked::Rows)
        }
        Type::List(_) => {
            // `session.query(Order).filter(…).all()`
            let (base, name, args) = project.code().body(f).method(v)?;
            let Type::Lib(class, row, _) = *project.ty(f, base) else { return None };
            let query = QUERIES.contains(&project.text(class));
            let seen = matches!(project.type_of(row), Type::Inst(..));
            let whole = project.query(f, base).is_none_or(|facts| !facts.limited);
            (query && whole && !seen && args.is_empty() && project.text(name) == "all").then_some(Asked::List)
        }
        _ => None,
    }
}

fn of_rows(project: &Project, f: FuncId, flow: &Flow<'_>, uses: &[ValueId]) -> Option<Bare> {
    let body = project.code().body(f);
    if uses.is_empty() {
        return None;
    }
    let counts = |v: &ValueId| {
        matches!(body.op(*v).map(|op| &op.kind), Some(OpKind::Call { callee, .. })
            if matches!(project.ty(f, *callee), Type::LibRef(name) if project.text(*name) == "builtins.len"))
    };
    if uses.iter().all(counts) {
        return Some(Bare::Counted);
    }
    if uses.iter().all(|v| matches!(body.op(*v).map(|op| &op.kind), Some(OpKind::Truth(_) | OpKind::Not(_)))) {
        return Some(Bare::Tested);
    }
    let [one] = uses else { return None };
    matches!(body.op(*one).map(|op| &op.kind), Some(OpKind::Element(_))).then_some(())?;
    let reads = flow.uses(*one).ops;
    let key = |v: &ValueId| {
        matches!(body.op(*v).map(|op| &op.kind), Some(OpKind::Attr { name, .. })
            if matches!(project.text(*name), "id" | "pk"))
    };
    (!reads.is_empty() && reads.iter().all(key)).then_some(Bare::Keys)
}

/// `if row`, `not row`, `row is None`
fn tests(body: &Body, v: ValueId) -> bool {
    let none = |v: ValueId| matches!(body.op(source_of(body, v)).map(|op| &op.kind), Some(OpKind::Const(Const::None)));
    match body.op(v).map(|op| &op.kind) {
        Some(OpKind::Truth(_) | OpKind::Not(_)) => true,
        Some(OpKind::Binary { op: BinaryOp::Eq, left, right }) => none(*left) || none(*right),
        _ => false,
    }
}

/// Certain where all rows are loaded for less than one; how much a whole row costs is not seen.
pub(super) fn judge(cx: Cx<'_>, place: Place, used: Bare) -> Judgement {
    let project = cx.project;
    let f = place.func;
    let query = place.op.map_or_else(String::new, |op| project.describe(f, op));
    let (severity, message, cure) = match used {
        Bare::Counted => (
            Severity::Medium,
            format!("all rows that `{query}` finds are loaded only to be counted"),
            "Count in the database: `.count()`",
        ),
        Bare::Tested => (
            Severity::Medium,
            format!("all rows that `{query}` finds are loaded only to see whether there are any"),
            "Ask the database: `.exists()`",
        ),
        Bare::Present => (
            Severity::Low,
            format!("a whole row is loaded only to see whether `{query}` finds one"),
            "Ask the database: `.exists()`",
        ),
        Bare::Page => (
            Severity::Medium,
            format!("all rows are loaded to show a page of them: `{query}`"),
            "Give the queryset itself to the paginator: it asks for one page",
        ),
        Bare::Keys => (
            Severity::Low,
            format!("whole rows of `{query}` are loaded only for their keys"),
            "Ask for the keys: `.values_list(\"pk\", flat=True)`, or give the queryset itself to `…__in`",
        ),
    };
    let mut facts = context_facts(cx, f);
    facts.table_used_context = true;
    let steps = place.op.map(|op| project.step(f, op, format!("`{query}` loads whole rows"))).into_iter().collect();
    let draft = Box::new(Draft {
        place,
        severity: grade(project, f, severity, severity, Severity::Low),
        confidence: confidence(project, f, false),
        message,
        recommendation: cure.to_owned(),
        effort: Effort::S,
        steps,
        evidence: vec![context_evidence(project, f)],
        facts,
    });
    match used {
        Bare::Counted | Bare::Tested => Judgement::Confirmed(draft),
        Bare::Page => Judgement::NeedsContext(draft, "whether callers give a queryset".into()),
        Bare::Present | Bare::Keys => {
            Judgement::NeedsContext(draft, "how large a row is: its model is not among the files".into())
        }
    }
}
