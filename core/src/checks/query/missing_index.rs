//! `missing_index`: a foreign key or a searched column has no index that begins with it, after all
//! migrations are replayed and the models are read. One finding per table.

use super::index_gaps::{Doubt, Gap, Need, TableView};
use crate::analysis::{FuncId, Lookup, Project, Table};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::libraries::RunContext;
use crate::model::schema::ColumnUse;
use crate::model::{OpKind, ValueId};
use crate::order::InOrder as _;
use crate::report::model::{Confidence, ContextFacts, Effort, Severity, Step};
use crate::source::Span;
use std::collections::BTreeMap;

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct MissingIndex;

/// A table with its gaps.
#[derive(Clone, Debug)]
pub struct Candidate {
    table: String,
    gaps: Vec<Gap>,
}

/// Most queries that one finding shows.
const SHOWN: usize = 3;

impl Check for MissingIndex {
    const ID: &'static str = "missing_index";
    type Candidate = Candidate;

    fn candidates(cx: Cx<'_>) -> Candidates<Candidate> {
        let project = cx.project;
        let schema = project.schema();
        if schema.tables().next().is_none() {
            return Candidates::Nothing("no table definition was found");
        }
        let mut by_table: BTreeMap<&str, Vec<(usize, &Lookup)>> = BTreeMap::new();
        for (i, lookup) in project.lookups().iter().enumerate() {
            by_table.entry(&lookup.table).or_default().push((i, lookup));
        }
        let mysql = mysql_only(&cx.context.tech_stack.db);
        let mut found: Vec<(Place, Candidate)> = Vec::new();
        let mut count = 0_usize;
        for table in schema.tables() {
            count += 1;
            let name = table.name.to_lowercase();
            let lookups = by_table.get(name.as_str()).map_or(&[] as &[_], Vec::as_slice);
            let model = table.class.and_then(|class| schema.model(class));
            let view = TableView { project, schema, table, model, lookups, mysql };
            let gaps = view.gaps();
            let Some(first) = gaps.first() else { continue };
            let Some(place) = place_of(&view, first) else { continue };
            if project.context(place.func) == RunContext::Test {
                continue;
            }
            found.push((place, Candidate { table: name, gaps }));
        }
        found.order_by(|(a, x), (b, y)| (a, &x.table).cmp(&(b, &y.table)));
        Candidates::Found(found, format!("{count} tables"))
    }

    fn judge(cx: Cx<'_>, place: Place, candidate: &Candidate) -> Judgement {
        let project = cx.project;
        let Some(table) = project.schema().table(&candidate.table) else {
            return Judgement::Rejected("no such table".to_owned());
        };
        let certain: Vec<&Gap> = candidate.gaps.iter().filter(|gap| gap.doubt.is_none()).collect();
        if !certain.is_empty() {
            return Judgement::Confirmed(Box::new(draft(project, place, table, &certain)));
        }
        let open = candidate.gaps.iter().find_map(|gap| match &gap.doubt {
            Some(Doubt::Missing(what)) => Some((gap, *what)),
            _ => None,
        });
        if let Some((gap, what)) = open {
            return Judgement::NeedsContext(Box::new(draft(project, place, table, &[gap])), what.to_owned());
        }
        let reason = candidate.gaps.first().and_then(|gap| match &gap.doubt {
            Some(Doubt::Rejected(reason)) => Some(format!("`{}.{}`: {reason}", table.name, gap.columns.join(", "))),
            _ => None,
        });
        Judgement::Rejected(reason.unwrap_or_else(|| "every column that is searched has an index".to_owned()))
    }
}

/// Whether InnoDB, which indexes foreign keys itself, is all that the project runs on.
fn mysql_only(databases: &[String]) -> bool {
    let mysql = |name: &String| name.starts_with("MySQL") || name.starts_with("MariaDB");
    let other = |name: &String| {
        ["PostgreSQL", "SQLite", "Oracle", "SQL Server", "CockroachDB"].iter().any(|n| name.starts_with(n))
    };
    databases.iter().any(mysql) && !databases.iter().any(other)
}

/// The column in its model; the list of indexes where the column stands elsewhere or several make
/// the index; the query where there is no model.
fn place_of(view: &TableView<'_>, gap: &Gap) -> Option<Place> {
    let (project, code) = (view.project, view.project.code());
    let (Some(model), Some(column)) = (view.model, gap.columns.last()) else {
        let lookup = gap.lookups.iter().find_map(|i| project.lookups().get(*i))?;
        let span = code.span(lookup.func, lookup.op)?;
        return Some(Place { func: lookup.func, op: Some(lookup.op), span });
    };
    let class = code.class(model.class);
    let func = code.class_scope(model.class);
    let field = view.field(column);
    let here = field.filter(|field| field.owner == model.class && gap.columns.len() == 1);
    let span = here.map(|field| first_line(field.span)).or(model.listed).unwrap_or(class.name_span);
    let op =
        code.body(func).ops.iter().position(|op| matches!(op.kind, OpKind::Bind { name, .. } if name == class.name));
    Some(Place { func, op: op.and_then(|i| u32::try_from(i).ok()).map(ValueId), span })
}

fn first_line(span: Span) -> Span {
    Span { end_line: span.line, ..span }
}

fn hot(project: &Project, gap: &Gap) -> bool {
    gap.lookups.iter().filter_map(|i| project.lookups().get(*i)).any(|lookup| {
        let admin = project.context_path(lookup.func).is_some_and(|path| path.admin);
        matches!(project.context(lookup.func), RunContext::Request | RunContext::Stream) && !admin
    })
}

fn draft(project: &Project, place: Place, table: &Table, gaps: &[&Gap]) -> Draft {
    let worst = gaps.iter().any(|gap| gap.need == Need::Cascade || hot(project, gap));
    let severity = if worst { Severity::Medium } else { Severity::Low };
    let mut steps = Vec::new();
    for gap in gaps {
        steps.extend(definition_steps(table, gap));
    }
    let mut shown: Vec<usize> = gaps.iter().flat_map(|gap| gap.lookups.iter().copied()).collect();
    shown.order_by_key(|i| (project.lookups().get(*i).map(|l| rank(project, l.func)), *i));
    shown.dedup();
    for lookup in shown.iter().take(SHOWN).filter_map(|i| project.lookups().get(*i)) {
        steps.push(project.step(lookup.func, lookup.op, query_words(project, lookup)));
    }
    let more = shown.len().saturating_sub(SHOWN);
    let mut evidence = vec![format!("indexes of `{}`: {}", table.name, listed(table))];
    if more > 0 {
        evidence.push(format!("{more} more queries like these"));
    }
    let named: Vec<String> = gaps.iter().map(|gap| format!("`{}`", gap.columns.join("`, `"))).collect();
    Draft {
        place,
        severity,
        confidence: if table.class.is_some() { Confidence::High } else { Confidence::Medium },
        message: message(project, table, gaps),
        recommendation: format!(
            "Add an index that begins with {} to `{}`, in the model and in a migration (`CREATE INDEX CONCURRENTLY` on a \
             large PostgreSQL table)",
            joined(&named),
            table.name
        ),
        effort: Effort::S,
        steps,
        evidence,
        facts: ContextFacts { tables: vec![table.name.clone()], table_used_context: true, ..ContextFacts::default() },
    }
}

fn rank(project: &Project, f: FuncId) -> u8 {
    match project.context(f) {
        RunContext::Stream | RunContext::Request => 0,
        RunContext::Job => 1,
        RunContext::Library => 2,
        _ => 3,
    }
}

fn joined(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [many @ .., last] => format!("{}, and one that begins with {last}", many.join(", one with ")),
    }
}

fn message(project: &Project, table: &Table, gaps: &[&Gap]) -> String {
    let Some(gap) = gaps.first() else { return String::new() };
    let column = gap.columns.join("`, `");
    let parent = gap.parent.as_deref().unwrap_or("its parent");
    let name = &table.name;
    let who = gap.lookups.first().and_then(|i| project.lookups().get(*i)).map(|l| project.func_name(l.func).to_owned());
    let by = who.map_or_else(String::new, |who| format!(" by `{who}`"));
    let mut text = match gap.need {
        Need::Cascade => {
            format!("`{name}.{column}` has no index: deleting from `{parent}` cascades through a scan of `{name}`")
        }
        Need::Key if by.is_empty() => {
            format!("`{name}.{column}` has no index: the rows of one `{parent}` are found by a scan")
        }
        Need::Key | Need::Search => format!("`{name}.{column}` has no index: every look-up{by} scans the table"),
        Need::Sort => format!("`{name}.{column}` has no index: a page{by} sorts the whole table"),
        Need::Window => {
            format!(
                "`{name}` has no index on `{column}`: a page{by} reads and sorts the whole history of one `{parent}`"
            )
        }
        Need::Generic => {
            format!("`{name}` has no index on `{column}`: the rows of one object are found among all rows of its type")
        }
        Need::Named => format!("`{name}.{column}` has no index: by its name rows are looked up by it"),
    };
    let others: Vec<String> = gaps.iter().skip(1).map(|gap| format!("`{}`", gap.columns.join("`, `"))).collect();
    if !others.is_empty() {
        let word = if others.len() == 1 { "lacks" } else { "lack" };
        text.push_str(&format!("; {} {word} one as well", others.join(", ")));
    }
    text
}

fn definition_steps(table: &Table, gap: &Gap) -> Vec<Step> {
    let mut out = Vec::new();
    if let Some(column) = gap.columns.last() {
        if let Some(key) = table.foreign_keys.iter().find(|k| k.def.columns.first() == Some(column)) {
            let parent = if key.def.to.table.is_empty() { "another table" } else { key.def.to.table.as_str() };
            let message = format!("`{column}` is a foreign key to `{parent}`");
            out.push(Step { path: key.at.path.clone(), line: key.at.line, message });
        } else if let Some(known) = table.column(column) {
            let message = format!("`{column}` is defined without an index");
            out.push(Step { path: known.at.path.clone(), line: known.at.line, message });
        }
        if let Some(index) = table.has_behind(column) {
            let columns: Vec<&str> = index.def.columns().collect();
            let message =
                format!("this index begins with `{}`, so it does not serve `{column}`", columns.first().unwrap_or(&""));
            out.push(Step { path: index.at.path.clone(), line: index.at.line, message });
        }
    }
    out
}

fn query_words(project: &Project, lookup: &Lookup) -> String {
    let column = |wanted: &[ColumnUse]| {
        let found = lookup.uses.iter().find(|(_, how, _)| wanted.contains(how));
        found.map(|(c, ..)| c.clone())
    };
    let name = project.func_name(lookup.func);
    match (column(&[ColumnUse::Equal, ColumnUse::Join]), column(&[ColumnUse::Order])) {
        (Some(by), Some(sort)) => format!("`{name}` looks rows up by `{by}` and sorts them by `{sort}`"),
        (Some(by), None) => format!("`{name}` looks rows up by `{by}`"),
        (None, Some(sort)) => format!("`{name}` sorts rows by `{sort}`"),
        (None, None) => format!("`{name}` queries the table"),
    }
}

fn listed(table: &Table) -> String {
    let mut all: Vec<String> = table.indexes.iter().map(|i| i.def.columns().collect::<Vec<_>>().join(", ")).collect();
    all.retain(|columns| !columns.is_empty());
    all.order();
    all.dedup();
    if all.is_empty() {
        "none".to_owned()
    } else {
        all.into_iter().map(|c| format!("({c})")).collect::<Vec<_>>().join(" ")
    }
}
