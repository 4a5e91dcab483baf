//! Sorting, hashing, paging and returning too much: P6, P7, P8.

use super::indexes;
use super::names::{count, list, size};
use super::plans::{Cx, Seen, by_time};
use super::scans::THROWN;
use crate::evidence::model::PlanNode;
use crate::evidence::rules::Kind;
use crate::evidence::sql;
use crate::report::model::Effort;

/// Rows skipped that make paging slow.
const SKIPPED: f64 = 1000.0;

pub(super) fn judge(cx: &Cx, at: usize, node: &PlanNode, out: &mut Vec<Seen>) {
    spill(cx, at, node, out);
    if node.operation == "Limit" {
        sorted(cx, at, node, out);
        offset(cx, at, node, out);
    }
}

/// P6
fn spill(cx: &Cx, at: usize, node: &PlanNode, out: &mut Vec<Seen>) {
    let table = || cx.first_read(at).map_or_else(|| "rows".to_owned(), |(_, read)| format!("`{}`", Cx::table(read)));
    let (title, figures, kb) = if node.operation.ends_with("Sort") && node.disk_kb > 0.0 {
        let key = node.detail("Sort Key").map_or_else(String::new, |key| format!(" by {}", sql::line(key, 60)));
        (
            format!("Sorting {}{key} spills {} to disk", table(), size(node.disk_kb)),
            format!("{}, {}", node.sort_method.as_deref().unwrap_or("sort"), size(node.disk_kb)),
            node.disk_kb * 2.0,
        )
    } else if node.operation == "Hash" && node.batches > 1.0 {
        let whole = node.memory_kb * node.batches;
        (
            format!("The hash of {} does not fit into memory and runs in {} batches", table(), count(node.batches)),
            format!("{} batches of {}", count(node.batches), size(node.memory_kb)),
            whole,
        )
    } else if node.operation == "Aggregate" && (node.disk_kb > 0.0 || node.batches > 1.0) {
        (
            format!("Grouping {} spills {} to disk", table(), size(node.disk_kb)),
            format!("{} batches", count(node.batches)),
            node.disk_kb + node.memory_kb,
        )
    } else {
        return;
    };
    let ms = node.exclusive_ms.map(|own| {
        // A hash is filled by its own step and probed by the join above.
        let above = cx.above(at).next().filter(|_| node.operation == "Hash").and_then(|(_, join)| join.exclusive_ms);
        own + above.unwrap_or(0.0)
    });
    out.push(Seen {
        rule: "P6",
        kind: Kind::Configuration,
        title,
        figures,
        ms,
        removable: None,
        severity: by_time(ms, cx.plan.timed),
        fix: format!("Give this query about {} of `work_mem` (`SET LOCAL work_mem`), read fewer or narrower columns, or read in the order of an index.", size(kb.max(4096.0))),
        guard: Some("`work_mem` counts for each step of each connection: raise it for the query, not for the server.".to_owned()),
        effort: Effort::S,
    });
}

/// P7
fn sorted(cx: &Cx, at: usize, limit: &PlanNode, out: &mut Vec<Seen>) {
    let mut sort = None;
    let mut next = cx.inputs(at).next();
    while let Some((at, node)) = next {
        if node.operation == "Sort" {
            sort = Some((at, node));
            break;
        }
        if !matches!(
            node.operation.as_str(),
            "Gather Merge" | "Result" | "ProjectSet" | "Subquery Scan" | "Stream results" | "LockRows"
        ) {
            break;
        }
        next = cx.inputs(at).next();
    }
    let Some((sort_at, sort)) = sort else { return };
    let Some((input, fed)) = cx.inputs(sort_at).next() else { return };
    let Some(rows) = fed.all_rows().map(|rows| rows / cx.runs(sort).max(1.0)) else { return };
    if rows < THROWN || rows < limit.rows.unwrap_or(0.0) * 10.0 {
        return;
    }
    let Some(key) = sort.detail("Sort Key") else { return };
    let order = sql::order(key, Some(cx.plan.dialect));
    // An index gives the order of columns of one table, read as they are; not of sums or of joined rows.
    let grouped = |at: usize| {
        let mut open = vec![at];
        while let Some(at) = open.pop() {
            if cx.plan.nodes.get(at).is_some_and(|node| {
                matches!(
                    node.operation.as_str(),
                    "Aggregate"
                        | "WindowAgg"
                        | "Unique"
                        | "SetOp"
                        | "Append"
                        | "Merge Append"
                        | "Group"
                        | "Temporary table"
                )
            }) {
                return true;
            }
            open.extend(cx.inputs(at).map(|(child, _)| child));
        }
        false
    };
    if order.len() < key.split(", ").count().min(3) || order.is_empty() || grouped(input) {
        return;
    }
    let columns: Vec<&str> = order.iter().map(|order| order.column.name.as_str()).collect();
    let read = (0..cx.plan.nodes.len()).find(|read| {
        cx.plan.nodes.get(*read).is_some_and(|node| {
            node.access != crate::evidence::model::Access::None
                && order.iter().all(|order| indexes::is_of(node, &order.column))
                && cx.above(*read).any(|(above, _)| above == sort_at)
        })
    });
    let Some(read) = read else { return };
    let table = cx.plan.nodes.get(read).map(|node| Cx::table(node).to_owned()).unwrap_or_default();
    let ddl = indexes::for_order(cx.plan, read, &order)
        .map_or_else(String::new, |proposal| format!(": `{}`", proposal.ddl()));
    let ms = sort.exclusive_ms.map(|own| own + fed.inclusive_ms.unwrap_or(0.0));
    out.push(Seen {
        rule: "P7",
        kind: Kind::MissingIndex,
        title: format!(
            "{} rows of `{table}` are sorted by {} to give {}",
            count(rows),
            list(&columns),
            count(limit.rows.unwrap_or(0.0))
        ),
        figures: format!("{} rows sorted under LIMIT", count(rows)),
        ms,
        removable: Some(1.0 - limit.rows.unwrap_or(0.0) / rows),
        severity: by_time(ms, cx.plan.timed),
        fix: format!("Index `{table}` in the order asked for, behind the columns compared with `=`{ddl}."),
        guard: Some("Where the filter is selective and the order is not, sorting the few rows is cheaper.".to_owned()),
        effort: Effort::S,
    });
}

/// P8
fn offset(cx: &Cx, at: usize, limit: &PlanNode, out: &mut Vec<Seen>) {
    let Some((_, fed)) = cx.inputs(at).next() else { return };
    let (Some(given), Some(read)) = (limit.all_rows(), fed.all_rows()) else { return };
    let runs = cx.runs(limit).max(1.0);
    let skipped = (read - given) / runs;
    let asked = cx.plan.query.is_none() || cx.query.offset.is_some() || limit.detail("Offset").is_some();
    if skipped < SKIPPED || read < given * 10.0 || !asked {
        return;
    }
    let ms = fed.inclusive_ms;
    let table =
        cx.first_read(at).map_or_else(|| "rows".to_owned(), |(_, read)| format!("rows of `{}`", Cx::table(read)));
    out.push(Seen {
        rule: "P8",
        kind: Kind::SlowQuery,
        title: format!("{} {table} are read and skipped before the {} that are wanted", count(skipped), count(given / runs)),
        figures: format!("OFFSET passes {} rows", count(skipped)),
        ms,
        removable: Some(skipped * runs / read.max(1.0)),
        severity: by_time(ms, cx.plan.timed),
        fix: "Page by key: remember the last row and ask for `WHERE (sort columns) > (last values)` with the same order and LIMIT.".to_owned(),
        guard: Some("Pages can then be followed, not jumped to by number.".to_owned()),
        effort: Effort::M,
    });
}
