//! How rows come together: P4, P5, P9.

use super::names::count;
use super::plans::{Cx, Seen, by_time};
use super::scans::index_fix;
use crate::evidence::model::{Access, Dialect, PlanNode, Role};
use crate::evidence::rules::Kind;
use crate::evidence::rules::figures::percent;
use crate::report::model::{Effort, Severity};

/// Index look-ups of a nested loop that are many.
const LOOKUPS: f64 = 1000.0;
/// Executions of a sub-query that are many.
const RUNS: f64 = 100.0;
/// Milliseconds below which a loop does no harm.
const HARMLESS: f64 = 10.0;

pub(super) fn judge(cx: &Cx, at: usize, node: &PlanNode, out: &mut Vec<Seen>) {
    if node.operation == "Nested Loop" {
        for (side, _) in cx.inputs(at).skip(1).collect::<Vec<_>>() {
            lookups(cx, side, out);
        }
    }
    if node.role == Role::SubPlan {
        correlated(cx, at, node, out);
    }
}

/// P5
fn lookups(cx: &Cx, side: usize, out: &mut Vec<Seen>) {
    let Some((_, read)) = cx.first_read(side) else { return };
    let Some(top) = cx.plan.nodes.get(side) else { return };
    if !matches!(read.access, Access::Index | Access::IndexOnly | Access::Bitmap) || cx.runs(read) < LOOKUPS {
        return;
    }
    let Some(ms) = top.inclusive_ms.filter(|ms| *ms >= HARMLESS) else { return };
    if !cx.at_least(Some(ms), 0.3) {
        return;
    }
    let table = Cx::table(read);
    let cached = if top.cache_hits + top.cache_misses > 0.0 {
        format!(", {} of the asked answered by Memoize", percent(top.cache_hits / (top.cache_hits + top.cache_misses)))
    } else {
        String::new()
    };
    out.push(Seen {
        rule: "P5",
        kind: Kind::NPlusOne,
        title: format!("`{table}` is looked up {} times within one query", count(cx.runs(read))),
        figures: format!("{} look-ups through `{}`{cached}", count(cx.runs(read)), read.index.as_deref().unwrap_or("an index")),
        ms: Some(ms),
        removable: None,
        severity: by_time(Some(ms), true).max(Severity::Medium),
        fix: if cx.plan.dialect == Dialect::Postgres {
            "Make the outer side smaller (filter or limit before the join), or let the planner hash: check its row estimate and `work_mem`."
        } else {
            "Make the outer side smaller: filter or limit it before the join, with an index for its own condition."
        }
        .to_owned(),
        guard: Some("For few rows of a large table the look-ups are the fastest way: compare with another join before you change anything.".to_owned()),
        effort: Effort::M,
    });
}

/// P9
fn correlated(cx: &Cx, at: usize, node: &PlanNode, out: &mut Vec<Seen>) {
    let runs = cx.runs(node);
    if runs < RUNS || !cx.at_least(node.inclusive_ms, 0.1) {
        return;
    }
    let (read, table) = match cx.first_read(at) {
        Some((read, node)) => (read, Cx::table(node).to_owned()),
        None => (at, "a sub-query".to_owned()),
    };
    let whole = cx.plan.nodes.get(read).is_some_and(|node| node.access == Access::Full);
    let index =
        if whole { format!(" Until then: {}", index_fix(cx, read, "index what it compares")) } else { String::new() };
    out.push(Seen {
        rule: "P9",
        kind: Kind::NPlusOne,
        title: format!("A sub-query on `{table}` runs {} times, once for each row", count(runs)),
        figures: format!("{} executions of {}", count(runs), node.subplan.as_deref().unwrap_or("the sub-query")),
        ms: node.inclusive_ms,
        removable: Some((runs - 1.0) / runs),
        severity: by_time(node.inclusive_ms, cx.plan.timed).max(if whole { Severity::Critical } else { Severity::Medium }),
        fix: format!("Join or group `{table}` once instead of asking for each row (`LEFT JOIN ... GROUP BY`, or `LATERAL` for the first rows).{index}"),
        guard: Some("With `LIMIT` and an index on the compared column the sub-query may be the cheaper form.".to_owned()),
        effort: Effort::M,
    });
}

/// How far an estimate is off, if it can be told.
fn error(node: &PlanNode) -> Option<f64> {
    let (rows, estimated) = (node.rows?, node.estimated_rows?);
    if node.loops.is_none_or(|loops| loops <= 0.0) || rows.max(estimated) < 100.0 {
        return None;
    }
    let (low, high) = (rows.min(estimated).max(1.0), rows.max(estimated).max(1.0));
    Some(high / low)
}

/// Whether nothing was joined: MariaDB puts a single table into a nested loop too.
fn alone(cx: &Cx, at: usize) -> bool {
    cx.above(at).all(|(above, node)| {
        node.operation == "Nested Loop" && cx.inputs(above).count() < 2
            || !node.operation.ends_with("Join") && !node.operation.ends_with("Sort") && node.operation != "Nested Loop"
    })
}

/// P4: the worst error of a plan that a join or sort was chosen by.
pub(super) fn misestimate(cx: &Cx, out: &mut Vec<Seen>) {
    let mut worst: Option<(f64, &PlanNode)> = None;
    for (at, node) in cx.plan.nodes.iter().enumerate() {
        let Some(factor) = error(node).filter(|factor| *factor >= 10.0) else { continue };
        let feeds =
            cx.above(at).take_while(|(_, above)| !matches!(above.operation.as_str(), "Limit")).any(|(_, above)| {
                above.operation.ends_with("Join")
                    || above.operation == "Nested Loop"
                    || above.operation.ends_with("Sort")
            }) && !alone(cx, at);
        let skipped = matches!(
            node.operation.as_str(),
            "Bitmap Index Scan"
                | "BitmapAnd"
                | "BitmapOr"
                | "Hash"
                | "Materialize"
                | "Memoize"
                | "Aggregate"
                | "Function Scan"
                | "CTE Scan"
                | "WorkTable Scan"
                | "Values Scan"
        );
        // Where an input is as wrong, the error began there.
        let began = cx.inputs(at).all(|(_, input)| error(input).is_none_or(|below| below < 10.0));
        if feeds && !skipped && began && !cx.stops_early(at) && worst.is_none_or(|(most, _)| factor > most) {
            worst = Some((factor, node));
        }
    }
    let Some((factor, node)) = worst else { return };
    let (rows, estimated) = (node.rows.unwrap_or(0.0), node.estimated_rows.unwrap_or(0.0));
    let what = match (&node.relation, node.operation.as_str()) {
        (Some(table), _) => format!("rows of `{table}`"),
        (None, operation) => format!("rows of the {}", operation.to_lowercase()),
    };
    let slow = cx.total().is_none_or(|ms| ms >= HARMLESS);
    let severity = match (slow, factor >= 100.0) {
        (true, true) => Severity::High,
        (true, false) => Severity::Medium,
        (false, _) => Severity::Low,
    };
    out.push(Seen {
        rule: "P4",
        kind: Kind::PlannerEstimate,
        title: format!("The planner expected {} {what} and got {}", count(estimated), count(rows)),
        figures: format!("off by {} times; joins or sorts above were chosen by it", count(factor)),
        ms: None,
        removable: None,
        severity,
        fix: if cx.plan.dialect != Dialect::Postgres {
            node.relation.as_ref().map_or_else(|| "Run `ANALYZE TABLE` on the joined tables.".to_owned(), |table| format!("Run `ANALYZE TABLE {table}`, with a histogram of the compared columns."))
        } else {
            node.relation.as_ref().map_or_else(
            || "Run `ANALYZE` on the joined tables; for columns that depend on each other `CREATE STATISTICS`.".to_owned(),
            |table| format!("Run `ANALYZE {table}`; if two compared columns depend on each other, `CREATE STATISTICS` on them."),
            )
        },
        guard: Some("An error matters only if another plan would be faster: look whether the join above it is slow.".to_owned()),
        effort: Effort::S,
    });
}
