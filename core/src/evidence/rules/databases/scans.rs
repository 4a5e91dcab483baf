//! Reading more of a table than is wanted: P1, P2, P3, P10, P11, P16.

use super::indexes;
use super::names::{count, list};
use super::plans::{Cx, Seen, by_time};
use crate::evidence::model::{Access, Dialect, PlanNode, Role};
use crate::evidence::rules::Kind;
use crate::evidence::rules::figures::percent;
use crate::evidence::sql::{self, Compare};
use crate::report::model::{Effort, Severity};

/// Rows below which a table is small: reading it whole is right.
pub(super) const SMALL: f64 = 1000.0;
/// Rows thrown away that make a scan worth an index.
pub(super) const THROWN: f64 = 10_000.0;
/// Largest part kept of a selective scan.
pub(super) const KEPT: f64 = 0.05;
/// The same where only an estimate is known: an unindexed comparison is guessed at a tenth.
const KEPT_ESTIMATE: f64 = 0.15;
/// Smallest part of the time.
const SHARE: f64 = 0.1;
/// Executions of a whole scan that make it one in a loop.
pub(super) const LOOPS: f64 = 10.0;

/// Rows read, kept, and thrown away by all loops.
pub(super) struct Flow {
    pub read: f64,
    pub kept: f64,
    pub thrown: f64,
    /// Rows read by one loop, in all processes.
    pub each: f64,
}

pub(super) fn flow(cx: &Cx, node: &PlanNode) -> Option<Flow> {
    let loops = node.loops.filter(|loops| *loops > 0.0)?;
    let (kept, thrown) = (node.rows? * loops, node.removed * loops);
    Some(Flow { read: kept + thrown, kept, thrown, each: (kept + thrown) / cx.runs(node).max(1.0) })
}

pub(super) fn judge(cx: &Cx, at: usize, node: &PlanNode, out: &mut Vec<Seen>) {
    match node.access {
        Access::Full => {
            if !in_loop(cx, at, node, out) {
                selective(cx, at, node, out);
            }
            hidden(cx, node, out);
        }
        Access::Index | Access::IndexOnly | Access::Bitmap => discarded(cx, at, node, out),
        _ => {}
    }
    fetches(node, cx, out);
    lossy(node, cx, out);
}

/// P2
fn in_loop(cx: &Cx, at: usize, node: &PlanNode, out: &mut Vec<Seen>) -> bool {
    let Some(flow) = flow(cx, node) else { return false };
    let runs = cx.runs(node);
    if runs < LOOPS || flow.each < SMALL || !cx.at_least(node.exclusive_ms, SHARE) {
        return false;
    }
    let table = Cx::table(node);
    let severity = by_time(node.exclusive_ms, cx.plan.timed);
    out.push(Seen {
        rule: "P2",
        kind: Kind::MissingIndex,
        title: format!(
            "`{table}` is read as a whole {} times, once for each row {}",
            count(runs),
            if of_subplan(cx, at) { "that a sub-query belongs to" } else { "of the other side" }
        ),
        figures: format!("{} rows read to keep {}", count(flow.read), count(flow.kept)),
        ms: node.exclusive_ms,
        removable: Some((flow.thrown / flow.read.max(1.0)).max(1.0 - 1.0 / runs)),
        severity: if severity == Severity::Low { Severity::Medium } else { severity },
        fix: index_fix(cx, at, &format!("Index the columns that join `{table}`")),
        guard: Some(
            "Each index costs every write of the table; on a table of a few rows the scan is right.".to_owned(),
        ),
        effort: Effort::S,
    });
    true
}

fn of_subplan(cx: &Cx, at: usize) -> bool {
    let own = cx.plan.nodes.get(at).is_some_and(|node| node.role == Role::SubPlan);
    own || cx
        .above(at)
        .take_while(|(_, above)| above.operation != "Nested Loop" || cx.plan.dialect == Dialect::MariaDb)
        .any(|(_, above)| above.role == Role::SubPlan)
}

/// P1
fn selective(cx: &Cx, at: usize, node: &PlanNode, out: &mut Vec<Seen>) {
    let table = Cx::table(node);
    let guard =
        "Each index costs every write of the table. If most calls ask for values that many rows have, the scan stays.";
    let (figures, title, removable, severity) = match flow(cx, node) {
        Some(flow) => {
            let selective = flow.thrown >= THROWN && flow.kept <= flow.read * KEPT && flow.each >= SMALL;
            if !selective || !cx.at_least(node.exclusive_ms, SHARE) {
                return;
            }
            (
                format!("{} of {} rows thrown away", count(flow.thrown), count(flow.read)),
                format!(
                    "All of `{table}` is read to keep {} of {} rows{}",
                    count(flow.kept),
                    count(flow.read),
                    compared(cx, node)
                ),
                flow.thrown / flow.read.max(1.0),
                by_time(node.exclusive_ms, cx.plan.timed),
            )
        }
        None => {
            let (Some(read), Some(kept)) = (node.estimated_examined, node.estimated_rows) else { return };
            if read < THROWN || kept > read * KEPT_ESTIMATE || node.detail("Filter").is_none() {
                return;
            }
            (
                format!("about {} rows read to keep about {}, by estimate", count(read), count(kept)),
                format!("All of `{table}` is read{}, about {} rows", compared(cx, node), count(read)),
                1.0 - kept / read,
                Severity::Medium,
            )
        }
    };
    let fix = index_fix(cx, at, &format!("Index the compared columns of `{table}`"));
    out.push(Seen {
        rule: "P1",
        kind: Kind::MissingIndex,
        title,
        figures,
        ms: node.exclusive_ms,
        removable: Some(removable),
        severity,
        fix,
        guard: Some(guard.to_owned()),
        effort: Effort::S,
    });
}

/// ` by `a`, `b``: columns that the node's filter compares.
fn compared(cx: &Cx, node: &PlanNode) -> String {
    let predicates = node.detail("Filter").map(|text| sql::conditions(text, Some(cx.plan.dialect))).unwrap_or_default();
    let mut names: Vec<&str> = Vec::new();
    for predicate in predicates.iter().filter(|predicate| indexes::is_of(node, &predicate.column)) {
        if names.len() < 3 && !names.contains(&predicate.column.name.as_str()) {
            names.push(&predicate.column.name);
        }
    }
    if names.is_empty() { String::new() } else { format!(" by {}", list(&names)) }
}

/// The statement that makes the index, or words when the columns cannot be told.
pub(super) fn index_fix(cx: &Cx, at: usize, words: &str) -> String {
    indexes::candidate(cx.plan, at)
        .map_or_else(|| format!("{words}."), |proposal| format!("{words}: `{}`.", proposal.ddl()))
}

/// P3
fn discarded(cx: &Cx, at: usize, node: &PlanNode, out: &mut Vec<Seen>) {
    let Some(flow) = flow(cx, node) else { return };
    if flow.thrown < SMALL
        || flow.thrown < flow.kept * 10.0
        || flow.each < 10.0
        || !cx.at_least(node.exclusive_ms, SHARE)
    {
        return;
    }
    let index = node.index.clone().or_else(|| cx.inputs(at).find_map(|(_, input)| input.index.clone()));
    let table = Cx::table(node);
    let through = index.map_or_else(|| "An index".to_owned(), |index| format!("Index `{index}`"));
    out.push(Seen {
        rule: "P3",
        kind: Kind::MissingIndex,
        title: format!(
            "{through} of `{table}` finds {} rows of which {} are kept{}",
            count(flow.read),
            count(flow.kept),
            compared(cx, node)
        ),
        figures: format!("{} rows thrown away behind the index", count(flow.thrown)),
        ms: node.exclusive_ms,
        removable: Some(flow.thrown / flow.read.max(1.0)),
        severity: by_time(node.exclusive_ms, cx.plan.timed),
        fix: index_fix(
            cx,
            at,
            "Put the columns of the filter into the index too, or make it partial on a constant condition",
        ),
        guard: Some("A wider index is larger and slower to write; drop the one that it replaces.".to_owned()),
        effort: Effort::S,
    });
}

/// P10
fn fetches(node: &PlanNode, cx: &Cx, out: &mut Vec<Seen>) {
    let Some(rows) = node.all_rows() else { return };
    if node.heap_fetches < 1000.0 || node.heap_fetches < rows * 0.4 {
        return;
    }
    let (table, index) = (Cx::table(node), node.index.as_deref().unwrap_or("the index"));
    out.push(Seen {
        rule: "P10",
        kind: Kind::Configuration,
        title: format!(
            "`{index}` has all columns, but {} rows of `{table}` are fetched all the same",
            count(node.heap_fetches)
        ),
        figures: format!("{} heap fetches for {} rows", count(node.heap_fetches), count(rows)),
        ms: node.exclusive_ms,
        removable: None,
        severity: by_time(node.exclusive_ms, cx.plan.timed).max(Severity::Medium),
        fix: format!(
            "Run `VACUUM {table}` and let autovacuum come more often there: the visibility map is out of date."
        ),
        guard: Some("A table that changes all the time never gets there.".to_owned()),
        effort: Effort::S,
    });
}

/// P11
fn lossy(node: &PlanNode, cx: &Cx, out: &mut Vec<Seen>) {
    let rows = node.rows.unwrap_or(0.0);
    if node.lossy_blocks <= 0.0 || node.removed_by_recheck <= 0.0 || node.removed_by_recheck < rows / 10.0 {
        return;
    }
    let table = Cx::table(node);
    out.push(Seen {
        rule: "P11",
        kind: Kind::Configuration,
        title: format!(
            "The bitmap of `{table}` did not fit into memory: {} rows are checked again in vain",
            count(node.removed_by_recheck)
        ),
        figures: format!("{} lossy blocks beside {} exact ones", count(node.lossy_blocks), count(node.exact_blocks)),
        ms: node.exclusive_ms,
        removable: Some(node.removed_by_recheck / (node.removed_by_recheck + rows).max(1.0)),
        severity: by_time(node.exclusive_ms, cx.plan.timed).max(Severity::Medium),
        fix: "Raise `work_mem` for this query.".to_owned(),
        guard: Some("`work_mem` counts for each step of each connection.".to_owned()),
        effort: Effort::S,
    });
}

/// P16
fn hidden(cx: &Cx, node: &PlanNode, out: &mut Vec<Seen>) {
    let Some(filter) = node.detail("Filter") else { return };
    let Some(flow) = flow(cx, node) else { return };
    if flow.thrown < THROWN
        || flow.kept > flow.read * KEPT
        || flow.each < SMALL
        || node.role == Role::InitPlan && !cx.at_least(node.exclusive_ms, SHARE)
    {
        return;
    }
    let table = Cx::table(node);
    for predicate in sql::conditions(filter, Some(cx.plan.dialect)) {
        if predicate.join || !indexes::is_of(node, &predicate.column) {
            continue;
        }
        let name = &predicate.column.name;
        let (title, fix) = match (&predicate.wrapped, predicate.compare) {
            (Some(cast), Compare::Equal | Compare::Range) if cast.starts_with("::") => (
                format!("`{name}{cast}` hides the column of `{table}` from its index"),
                if matches!(cast.as_str(), "::date") {
                    format!("Compare `{name}` itself with a range (`>= day AND < day + 1`), or index the expression.")
                } else {
                    format!("Send the parameter in the type of `{name}`, so that the column needs no cast.")
                },
            ),
            (Some(function), Compare::Equal | Compare::Range) => (
                format!("`{function}({name})` hides the column of `{table}` from its index"),
                if cx.plan.dialect == Dialect::Postgres {
                    format!("Index the expression: `CREATE INDEX CONCURRENTLY ON {table} ({function}({name}))`.")
                } else {
                    format!("Compare `{name}` itself, or index the expression `{function}({name})`.")
                },
            ),
            (_, Compare::Contains) => (
                format!("A pattern that begins with a wildcard searches all of `{table}` by `{name}`"),
                if cx.plan.dialect == Dialect::Postgres {
                    format!("Create a trigram index (`USING gin ({name} gin_trgm_ops)`) or search full text.")
                } else {
                    "Use a full-text index.".to_owned()
                },
            ),
            _ => continue,
        };
        out.push(Seen {
            rule: "P16",
            kind: Kind::MissingIndex,
            title,
            figures: format!(
                "{} of {} rows thrown away by {}",
                count(flow.thrown),
                count(flow.read),
                sql::line(filter, 80)
            ),
            ms: node.exclusive_ms,
            removable: Some(flow.thrown / flow.read.max(1.0)),
            severity: by_time(node.exclusive_ms, cx.plan.timed),
            fix,
            guard: Some(format!(
                "Only worth it where this condition is selective: here {} are kept.",
                percent(flow.kept / flow.read.max(1.0))
            )),
            effort: Effort::S,
        });
        return;
    }
}
