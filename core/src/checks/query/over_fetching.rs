//! `over_fetching`: whole rows are loaded where few columns, their number or their presence is used.

use super::bare::{self, Bare};
use super::in_memory::{InMemory, Work, in_memory, searched, sliced};
use super::large_payload::is_tiny;
use super::narrow::{Bounded, bounded};
use super::sizes::{Size, is_large, size_of, telling};
use crate::analysis::{
    ClassId, Column, Fetch, FuncId, Holds, ListView, OrmKind, Project, Reader, RowUse, Shape, fetches, first_query,
    list_views,
};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_evidence, context_facts, grade, place_of};
use crate::libraries::RunContext;
use crate::model::{OpKind, Sym, ValueId};
use crate::order::InOrder as _;
use crate::report::model::{Confidence, Effort, Severity, Step};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct OverFetching;

/// A query and what becomes of its rows.
#[derive(Clone, Debug)]
pub enum Candidate {
    /// Of a model that is seen.
    Seen(Box<Seen>),
    /// Of one that is not.
    Unseen(Bare),
}

/// A query for rows of a model that is seen.
#[derive(Clone, Debug)]
pub struct Seen {
    model: ClassId,
    used: RowUse,
    kind: Kind,
    /// The list view, when a serializer reads the rows.
    view: Option<Box<ListView>>,
}

/// What is wrong, or why nothing is.
#[derive(Clone, Debug)]
enum Kind {
    /// Rows are loaded to be counted.
    Counted,
    /// Rows are loaded to see whether there are any.
    Tested,
    /// One row is loaded to see whether it exists.
    Present,
    /// Large columns that nothing reads.
    Unread(Vec<Sym>),
    /// Many columns, few of them read.
    Wide(usize),
    /// A relation is loaded with the rows and not read.
    Relation(Sym, Sym),
    /// The rows are filtered or summed in memory.
    InMemory(Box<InMemory>),
    /// A use is not followed.
    Unseen(FuncId, ValueId),
    /// The columns are read.
    Read(Sym),
}

/// More columns than this make a wide row; fewer than the second make a small one.
const WIDE: usize = 15;
const SMALL: usize = 10;
/// Reading this many columns at most is few.
const FEW: usize = 3;

impl Check for OverFetching {
    const ID: &'static str = "over_fetching";
    type Candidate = Candidate;

    fn candidates(cx: Cx<'_>) -> Candidates<Candidate> {
        let project = cx.project;
        let unseen = unseen(project);
        if project.orm().models().is_empty() && unseen.is_empty() {
            return Candidates::Nothing("no model was found");
        }
        let mut reader = Reader::new(project);
        let mut found: Vec<(Place, Seen)> = Vec::new();
        let mut looked_at = 0;
        for f in project.code().func_ids() {
            if matches!(project.context(f), RunContext::Test | RunContext::Migration) || project.is_template(f) {
                continue;
            }
            for Fetch { func, op, model } in fetches(project, f) {
                looked_at += 1;
                let used = reader.follow(func, op, Shape::Rows, model);
                if let Some(kind) = kind_of(project, model, &used) {
                    found.push((place_of(project, func, op), Seen { model, used, kind, view: None }));
                }
            }
        }
        for f in project.code().holding(Holds::COMPREHENSION.or(Holds::PART)) {
            if matches!(project.context(f), RunContext::Test | RunContext::Migration) || project.is_template(f) {
                continue;
            }
            for (op, kind) in (0..).map(ValueId).zip(project.code().body(f).ops.iter().map(|op| &op.kind)) {
                let work = match kind {
                    OpKind::Comprehension { .. } => in_memory(project, f, op),
                    OpKind::Slice { .. } | OpKind::Item { .. } => sliced(project, f, op),
                    _ => continue,
                };
                let Some(work) = work else { continue };
                let (model, used) = (work.model, RowUse::default());
                let kind = Kind::InMemory(Box::new(work));
                found.push((place_of(project, f, op), Seen { model, used, kind, view: None }));
            }
        }
        for looped in project.loops() {
            let f = looped.func;
            if matches!(project.context(f), RunContext::Test | RunContext::Migration) || project.is_template(f) {
                continue;
            }
            let Some((work, element)) = searched(project, looped).zip(looped.element) else { continue };
            let (model, used) = (work.model, RowUse::default());
            let place = place_of(project, f, element);
            // What is read of each row matters no more once the database finds the one.
            let query = first_query(project, f, work.rows);
            let same = |op: ValueId| first_query(project, f, op) == query;
            found.retain(|(known, _)| known.func != f || !known.op.is_some_and(same));
            found.push((place, Seen { model, used, kind: Kind::InMemory(Box::new(work)), view: None }));
        }
        for view in list_views(project) {
            looked_at += 1;
            let Some(model) = view.query.model else { continue };
            if view.query.plain_rows || view.query.only.is_some() || !view.query.deferred.is_empty() {
                continue;
            }
            // `Order.objects.none()` for those who may see nothing.
            let query = project.code().op(view.func, view.query_op).map(|op| &op.kind);
            if let Some(OpKind::Call { callee, .. }) = query
                && matches!(project.code().op(view.func, *callee).map(|op| &op.kind), Some(OpKind::Attr { name, .. })
                    if project.text(*name) == "none")
            {
                continue;
            }
            // A function, or a list that the view writes itself, reads what it likes.
            let Some(class) = view.class else { continue };
            if project.method(class, "list").is_some() {
                continue;
            }
            let mut used = reader.rendering(view.serializer, model);
            used.many.push((view.func, view.query_op));
            used.limited |= view.query.limited;
            if let Some(kind) = kind_of(project, model, &used) {
                let place = place_of(project, view.func, view.query_op);
                found.push((place, Seen { model, used, kind, view: Some(Box::new(view)) }));
            }
        }
        found.order_by_key(|(place, _)| *place);
        // Of several serializers of one view, one that reads the column needs it.
        let mut kept: Vec<(Place, Seen)> = Vec::new();
        for (place, candidate) in found {
            match kept.last_mut() {
                Some((known, last)) if *known == place => {
                    if candidate.kind.is_fine() && !last.kind.is_fine() {
                        *last = candidate;
                    }
                }
                _ => kept.push((place, candidate)),
            }
        }
        looked_at += unseen.len();
        let mut kept: Vec<(Place, Candidate)> =
            kept.into_iter().map(|(place, seen)| (place, Candidate::Seen(Box::new(seen)))).chain(unseen).collect();
        kept.order_by_key(|(place, _)| *place);
        Candidates::Found(kept, format!("{looked_at} queries for rows"))
    }

    fn judge(cx: Cx<'_>, place: Place, candidate: &Candidate) -> Judgement {
        let project = cx.project;
        let candidate = match candidate {
            Candidate::Seen(seen) => &**seen,
            Candidate::Unseen(used) => return bare::judge(cx, place, *used),
        };
        let name = project.text(project.code().class(candidate.model).name);
        match &candidate.kind {
            Kind::Unseen(f, v) => {
                let at = match project.code().op(*f, *v).map(|op| &op.kind) {
                    None => "by its serializer".to_owned(),
                    Some(OpKind::Return(_) | OpKind::Yield(_)) => {
                        format!("by who calls `{}`", project.func_name(*f))
                    }
                    Some(_) => format!("at `{}`", project.describe(*f, *v)),
                };
                return Judgement::Rejected(format!("every column of `{name}` may be read {at}"));
            }
            Kind::Read(column) => {
                return Judgement::Rejected(format!("the large column `{}` is read", project.text(*column)));
            }
            _ => {}
        }
        let loaded_before = place.op.and_then(|op| project.query(place.func, op)).is_some_and(|query| query.prefetched);
        if loaded_before && !matches!(candidate.kind, Kind::Relation(..)) {
            return Judgement::Rejected(
                "the rows were loaded with their owner: what else reads them is not seen".into(),
            );
        }
        if let Some(base) = unknown_base(project, candidate.model) {
            return Judgement::Rejected(format!("`{name}` descends from `{base}`, which may read its columns"));
        }
        let judged = match &candidate.kind {
            Kind::Counted | Kind::Tested | Kind::Present => number_only(cx, place, candidate, name),
            Kind::Unread(columns) => unread(cx, place, candidate, name, columns),
            Kind::Wide(count) => wide(cx, place, candidate, name, *count),
            Kind::InMemory(work) => worked(cx, place, candidate, name, work),
            Kind::Relation(relation, by) => related(cx, place, candidate, name, *relation, *by),
            Kind::Unseen(..) | Kind::Read(_) => Judgement::Rejected("the columns are read".into()),
        };
        match judged {
            Judgement::Confirmed(draft)
                if draft.severity == Severity::Low && project.context(place.func) == RunContext::Script =>
            {
                Judgement::NeedsContext(draft, "how often the command runs, and on how many rows, is not seen".into())
            }
            judged => judged,
        }
    }
}

/// Queries for rows of models that are not among the files.
fn unseen(project: &Project) -> Vec<(Place, Candidate)> {
    let mut out = Vec::new();
    let queries = bare::QUERIES.iter().any(|name| project.sym(name).is_some());
    if !project.has_unseen_rows() && !queries && project.sym("Paginator").is_none() {
        return out;
    }
    for f in project.code().func_ids() {
        if matches!(project.context(f), RunContext::Test | RunContext::Migration) || project.is_template(f) {
            continue;
        }
        out.extend(
            bare::of_unseen(project, f)
                .into_iter()
                .map(|(op, used)| (place_of(project, f, op), Candidate::Unseen(used))),
        );
    }
    out
}

impl Kind {
    const fn is_fine(&self) -> bool {
        matches!(self, Self::Unseen(..) | Self::Read(_))
    }
}

/// What the uses of rows say; `None` when there is nothing to look at.
fn kind_of(project: &Project, model: ClassId, used: &RowUse) -> Option<Kind> {
    let columns = project.columns_of(model);
    let large: Vec<&Column> = columns.iter().copied().filter(|column| is_large(column)).collect();
    if let Some((f, v)) = used.unseen {
        return (!large.is_empty()).then_some(Kind::Unseen(f, v));
    }
    if used.written {
        return None;
    }
    let reads_rows = used.keys || !used.reads.is_empty() || !used.relations.is_empty() || !used.many.is_empty();
    if !reads_rows && used.one.is_empty() {
        return match (used.counted.is_empty(), used.tested.is_empty()) {
            (false, _) => Some(Kind::Counted),
            (true, false) => Some(Kind::Tested),
            (true, true) => None,
        };
    }
    if !reads_rows && !used.tested.is_empty() && used.counted.is_empty() {
        return Some(Kind::Present);
    }
    if used.many.is_empty() {
        return None;
    }
    if let Some((relation, by)) = used
        .loaded
        .iter()
        .find(|(relation, _)| project.relation(model, *relation).is_some() && !used.relations.contains(relation))
    {
        return Some(Kind::Relation(*relation, *by));
    }
    let read = |column: &Column| used.read(column.name).is_some_and(|read| !read.tested);
    let unread: Vec<Sym> = large.iter().filter(|column| !read(column)).map(|column| column.name).collect();
    if !unread.is_empty() {
        return Some(Kind::Unread(unread));
    }
    let names = names_read(used);
    let loaded = columns.iter().filter(|column| !column.deferred).count();
    if loaded > SMALL && names.len() <= FEW && names.len() * 4 <= loaded {
        return Some(Kind::Wide(names.len()));
    }
    large.first().map(|column| Kind::Read(column.name))
}

/// What bounds the rows, in any step of the query.
fn bounds(project: &Project, candidate: &Seen) -> Option<Bounded> {
    candidate.used.refined.iter().find_map(|(f, v)| bounded(project, *f, *v, Some(candidate.model)))
}

/// Columns and relations that are read, each once.
fn names_read(used: &RowUse) -> Vec<Sym> {
    let mut names: Vec<Sym> = used.reads.iter().map(|read| read.column).chain(used.relations.iter().copied()).collect();
    names.order();
    names.dedup();
    names
}

/// A base class of another library than the ORM: it may read all columns.
fn unknown_base(project: &Project, model: ClassId) -> Option<&str> {
    const KNOWN: &[&str] = &[
        "django.",
        "sqlalchemy.",
        "flask_sqlalchemy",
        "sqlmodel.",
        "pydantic.",
        "tortoise.",
        "peewee.",
        "piccolo.",
        "builtins.",
        "typing.",
        "abc.",
        "enum.",
    ];
    project.library_ancestors(model).find(|base| !KNOWN.iter().any(|known| base.starts_with(known))).or_else(|| {
        ["__init__", "from_db", "__getattr__", "__getattribute__"]
            .into_iter()
            .find(|name| project.method(model, name).is_some())
    })
}

fn draft(cx: Cx<'_>, place: Place, severity: Severity, message: String, recommendation: String) -> Draft {
    let project = cx.project;
    let mut facts = context_facts(cx, place.func);
    facts.table_used_context = true;
    Draft {
        place,
        severity,
        confidence: confidence(project, place.func, false),
        message,
        recommendation,
        effort: Effort::S,
        steps: Vec::new(),
        evidence: vec![context_evidence(project, place.func)],
        facts,
    }
}

fn number_only(cx: Cx<'_>, place: Place, candidate: &Seen, name: &str) -> Judgement {
    let project = cx.project;
    let (f, used) = (place.func, &candidate.used);
    let Some(op) = place.op else { return Judgement::Rejected("the query is not seen".into()) };
    let query = project.describe(f, op);
    let django = kind_of_orm(project, candidate.model) == OrmKind::Django;
    let keyed = bounds(project, candidate) == Some(Bounded::Keys);
    let (severity, words, cure) = match candidate.kind {
        Kind::Counted => (
            Severity::Medium,
            format!("all rows of `{name}` that `{query}` finds are loaded only to be counted"),
            if django { "Count in the database: `.count()`" } else { "Count in the database: `select(func.count())`" },
        ),
        Kind::Tested => (
            Severity::Medium,
            format!("all rows of `{name}` that `{query}` finds are loaded only to see whether there are any"),
            if django { "Ask the database: `.exists()`" } else { "Ask the database: `select(exists().where(…))`" },
        ),
        _ => (
            Severity::Low,
            format!("a whole row of `{name}` is loaded only to see whether `{query}` finds one"),
            if django { "Ask the database: `.exists()`" } else { "Ask for the key alone: `select(…id).limit(1)`" },
        ),
    };
    if matches!(candidate.kind, Kind::Present) {
        let columns = project.columns_of(candidate.model);
        if columns.len() <= SMALL && !columns.iter().any(|column| is_large(column)) {
            return Judgement::Rejected(format!("one row of `{name}` with {} columns", columns.len()));
        }
        if matches!(project.context(f), RunContext::Startup | RunContext::Script) {
            return Judgement::Rejected("one row, and it runs once".into());
        }
    } else if is_tiny(project, candidate.model) {
        return Judgement::Rejected(format!("`{name}` is a table of few rows"));
    } else if used.limited {
        return Judgement::Rejected("the query has a limit".into());
    }
    let severity = if keyed { Severity::Low } else { severity };
    let severity = grade(project, f, severity, severity, Severity::Low);
    let mut draft = draft(cx, place, severity, words, cure.to_owned());
    draft.steps.push(project.step(f, op, format!("`{query}` loads whole rows")));
    for (at, v) in used.counted.iter().chain(&used.tested).take(4) {
        draft.steps.push(project.step(*at, *v, "nothing else is done with them".to_owned()));
    }
    // One row is soon read, unless it holds whole documents.
    let documents = || {
        let columns = project.columns_of(candidate.model);
        columns.into_iter().any(|column| is_large(column) && is_big(project, column))
    };
    if matches!(candidate.kind, Kind::Present) && !documents() {
        let missing = "one row: whether its columns are long is not seen";
        return Judgement::NeedsContext(Box::new(draft), missing.into());
    }
    Judgement::Confirmed(Box::new(draft))
}

/// A column that by its type or name holds whole documents.
fn is_big(project: &Project, column: &Column) -> bool {
    size_of(column) == Size::Blob || telling(project.text(column.name))
}

fn unread(cx: Cx<'_>, place: Place, candidate: &Seen, name: &str, columns: &[Sym]) -> Judgement {
    let project = cx.project;
    let f = place.func;
    let all = project.columns_of(candidate.model);
    let left: Vec<&Column> = all.iter().filter(|c| columns.contains(&c.name)).copied().collect();
    let big: Vec<&Column> = left.iter().filter(|c| is_big(project, c)).copied().collect();
    if big.is_empty() {
        let names: Vec<String> = left.iter().map(|c| format!("`{}`", project.text(c.name))).collect();
        return Judgement::Rejected(format!("nothing says that {} of `{name}` is long", names.join(", ")));
    }
    let shown = big;
    let quoted: Vec<String> = shown.iter().map(|c| format!("`{}`", project.text(c.name))).collect();
    let only_tested = shown.iter().all(|c| candidate.used.read(c.name).is_some());
    let (noun, verb) = if shown.len() == 1 { ("column", "is") } else { ("columns", "are") };
    let fate = if only_tested { "only tested for presence" } else { "never read" };
    let message = match &candidate.view {
        Some(view) => format!(
            "`{}` lists rows of `{name}` with the large {noun} {}, which {verb} {fate}",
            view.name,
            quoted.join(", ")
        ),
        None => format!("rows of `{name}` are loaded with the large {noun} {}, which {verb} {fate}", quoted.join(", ")),
    };
    let names: Vec<&str> = shown.iter().map(|c| project.text(c.name)).collect();
    let listed: Vec<String> = names.iter().map(|n| format!("\"{n}\"")).collect();
    let mut cure = if kind_of_orm(project, candidate.model) == OrmKind::Django {
        format!("Leave it out of the query: `.defer({})`", listed.join(", "))
    } else {
        let options: Vec<String> = names.iter().map(|n| format!("defer({name}.{n})")).collect();
        format!("Leave it out of the query: `.options({})`", options.join(", "))
    };
    if only_tested {
        cure.push_str(", and let the database say whether it is there");
    }
    let severity = grade(project, f, Severity::Medium, Severity::Low, Severity::Low);
    let mut draft = draft(cx, place, severity, message, cure);
    steps(project, place, candidate, &mut draft.steps);
    for column in &shown {
        if let Some(read) = candidate.used.read(column.name)
            && read.at.1.0 != u32::MAX
        {
            let words = format!("`{}` is only tested", project.text(column.name));
            draft.steps.push(project.step(read.at.0, read.at.1, words));
        }
    }
    draft.evidence.push(format!("`{name}` has {} columns", all.len()));
    if candidate.view.as_ref().is_some_and(|view| view.one_of_several) {
        draft.confidence = Confidence::Medium;
    }
    Judgement::Confirmed(Box::new(draft))
}

fn steps(project: &Project, place: Place, candidate: &Seen, out: &mut Vec<Step>) {
    if let Some(op) = place.op {
        out.push(project.step(place.func, op, "the query asks for every column".to_owned()));
    }
    if let Some(view) = &candidate.view {
        let class = project.code().class(view.serializer);
        let module = project.code().module_of_class(view.serializer);
        out.push(Step {
            path: project.code().module(module).map(|m| m.path.clone()).unwrap_or_default(),
            line: class.span.line,
            message: format!("`{}` renders each row", project.text(class.name)),
        });
        return;
    }
    for (f, v) in candidate.used.many.iter().take(3) {
        out.push(project.step(*f, *v, "the rows are used here".to_owned()));
    }
}

fn wide(cx: Cx<'_>, place: Place, candidate: &Seen, name: &str, count: usize) -> Judgement {
    let project = cx.project;
    let (f, used) = (place.func, &candidate.used);
    let loaded = project.columns_of(candidate.model).iter().filter(|column| !column.deferred).count();
    if used.limited {
        return Judgement::Rejected("the query has a limit, and no column is large".into());
    }
    if bounds(project, candidate).is_some() {
        return Judgement::Rejected("the rows are few, and no column is large".into());
    }
    if is_tiny(project, candidate.model) {
        return Judgement::Rejected(format!("`{name}` is a table of few rows"));
    }
    let request = matches!(project.context(f), RunContext::Request | RunContext::Stream);
    if loaded <= WIDE && !request {
        return Judgement::Rejected(format!("{loaded} columns, none of them large, and no request waits"));
    }
    let severity = if loaded > WIDE && request { Severity::Medium } else { Severity::Low };
    let mut names: Vec<&str> = names_read(used).into_iter().map(|name| project.text(name)).collect();
    names.order();
    let quoted: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
    let verb = if count <= 1 { "is" } else { "are" };
    let cure = if kind_of_orm(project, candidate.model) == OrmKind::Django {
        "Ask for what is read: `.only(…)`, or `.values_list(…)`"
    } else {
        "Ask for what is read: `load_only(…)`, or select the columns"
    };
    let message = if count == 0 {
        format!("of the {loaded} columns of each `{name}` none but the key is read")
    } else {
        format!("of the {loaded} columns of each `{name}` only {} {verb} read", quoted.join(", "))
    };
    let mut draft = draft(cx, place, severity, message, cure.to_owned());
    steps(project, place, candidate, &mut draft.steps);
    Judgement::Confirmed(Box::new(draft))
}

fn related(cx: Cx<'_>, place: Place, candidate: &Seen, name: &str, relation: Sym, by: Sym) -> Judgement {
    let project = cx.project;
    let (relation, by) = (project.text(relation), project.text(by));
    let severity = grade(project, place.func, Severity::Low, Severity::Low, Severity::Low);
    let mut draft = draft(
        cx,
        place,
        severity,
        format!("`{by}` loads `{relation}` with every row of `{name}`, and nothing reads it"),
        format!("Leave out `{by}` of `{relation}`"),
    );
    steps(project, place, candidate, &mut draft.steps);
    Judgement::Confirmed(Box::new(draft))
}

fn worked(cx: Cx<'_>, place: Place, candidate: &Seen, name: &str, work: &InMemory) -> Judgement {
    let project = cx.project;
    let f = place.func;
    let columns: Vec<String> = work.columns.iter().map(|c| format!("`{}`", project.text(*c))).collect();
    let columns = columns.join(", ");
    let django = kind_of_orm(project, candidate.model) == OrmKind::Django;
    let (done, cure) = match (work.work, django) {
        (Work::Filters, true) => ("filtered", "Let the database filter: `.filter(…)`"),
        (Work::Filters, false) => ("filtered", "Let the database filter: `.where(…)`"),
        (Work::Sums, true) => ("reduced to one value", "Let the database do it: `.aggregate(Sum(…))`"),
        (Work::Slices, true) => ("cut to a page", "Let the database cut: slice the queryset before `list(…)`"),
        (Work::Slices, false) => ("cut to a page", "Let the database cut: `.offset(…).limit(…)`"),
        (Work::Takes, true) => ("read for one of them", "Let the database choose: `.order_by(…).first()`"),
        (Work::Takes, false) => ("read for one of them", "Let the database choose: `.order_by(…).limit(1)`"),
        (Work::Searches, true) => ("gone through for one", "Let the database find it: `.filter(…).first()`"),
        (Work::Searches, false) => ("gone through for one", "Let the database find it: `.where(…).limit(1)`"),
        (Work::Sums, false) => ("reduced to one value", "Let the database do it: `select(func.sum(…))`"),
    };
    let severity = if work.filtered { Severity::Low } else { Severity::Medium };
    let severity = grade(project, f, severity, severity, Severity::Low);
    let by = if columns.is_empty() { String::new() } else { format!(" by {columns}") };
    let message = format!("every row of `{name}` is loaded, to be {done} in memory{by}");
    let mut draft = draft(cx, place, severity, message, cure.to_owned());
    draft.steps.push(project.step(f, work.rows, format!("{} loads the rows", project.describe(f, work.rows))));
    if work.filtered && work.work == Work::Sums {
        let missing = "how many rows the filter leaves to be summed depends on the data";
        return Judgement::NeedsContext(Box::new(draft), missing.into());
    }
    Judgement::Confirmed(Box::new(draft))
}

fn kind_of_orm(project: &Project, model: ClassId) -> OrmKind {
    project.orm().model(model).map_or(OrmKind::Django, |model| model.kind)
}
