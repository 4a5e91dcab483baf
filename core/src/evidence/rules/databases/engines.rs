//! What only MySQL, MariaDB and SQLite tell: P18, P19, P20, P21, P22.

use super::names::{count, list};
use super::plans::{Cx, Seen, by_time};
use super::scans::{SMALL, index_fix};
use crate::evidence::model::{Access, Dialect, PlanNode, Role};
use crate::evidence::rules::Kind;
use crate::evidence::sql;
use crate::report::model::{Effort, Severity};

/// Rows from which a temporary table counts when nothing was measured.
const MANY: f64 = 10_000.0;

pub(super) fn judge(cx: &Cx, at: usize, node: &PlanNode, out: &mut Vec<Seen>) {
    if node.join_buffer {
        buffered(cx, at, node, out);
    }
    if node.dependent && !cx.plan.analyzed {
        dependent(cx, at, node, out);
    }
    if node.access == Access::Automatic {
        automatic(cx, at, node, out);
    }
    if cx.plan.dialect == Dialect::Sqlite && node.filesort {
        sorted(cx, at, out);
    }
}

/// P19
fn buffered(cx: &Cx, at: usize, node: &PlanNode, out: &mut Vec<Seen>) {
    let Some((read_at, read)) =
        cx.first_read(at).filter(|(_, read)| matches!(read.access, Access::Full | Access::FullIndex))
    else {
        return;
    };
    let rows = read.rows.map(|rows| rows + read.removed).or(read.estimated_examined).unwrap_or(0.0);
    let ms = node.inclusive_ms.filter(|_| cx.plan.timed);
    if rows < SMALL || !cx.at_least(ms, 0.1) {
        return;
    }
    let table = Cx::table(read);
    let fix = index_fix(cx, read_at, &format!("Index the columns of `{table}` that the join compares"));
    out.push(Seen {
        rule: "P19",
        kind: Kind::MissingIndex,
        title: format!("`{table}` is joined without an index, through a join buffer"),
        figures: format!("{} rows compared with each buffer", count(rows)),
        ms,
        removable: None,
        severity: by_time(ms, ms.is_some()),
        fix,
        guard: Some("Where most rows of both tables match, a hash join is the right way.".to_owned()),
        effort: Effort::S,
    });
}

/// P20
fn dependent(cx: &Cx, at: usize, node: &PlanNode, out: &mut Vec<Seen>) {
    let Some((read_at, read)) = cx.first_read(at) else { return };
    let outer = node.parent.and_then(|parent| cx.first_read(parent)).and_then(|(_, outer)| outer.estimated_examined);
    let few = outer.is_some_and(|rows| rows < 100.0);
    if few || (cx.plan.dialect == Dialect::Sqlite && read.access != Access::Full) || node.role == Role::Common {
        return;
    }
    // The wrapper of a sub-query and the sub-query itself are one.
    if cx.above(at).any(|(_, above)| above.dependent) {
        return;
    }
    let table = Cx::table(read);
    let whole = read.access == Access::Full;
    let index = if whole {
        format!(" Until then: {}", index_fix(cx, read_at, "index what it compares"))
    } else {
        String::new()
    };
    out.push(Seen {
        rule: "P20",
        kind: Kind::NPlusOne,
        title: format!("A sub-query on `{table}` depends on its outer row and runs for each of them"),
        figures: if whole {
            "it reads the whole table each time".to_owned()
        } else {
            "it looks up an index each time".to_owned()
        },
        ms: None,
        removable: None,
        severity: if whole { Severity::High } else { Severity::Low },
        fix: format!("Join or group `{table}` once instead of asking for each row.{index}"),
        guard: Some("For a handful of outer rows it does no harm.".to_owned()),
        effort: Effort::M,
    });
}

/// P18
pub(super) fn whole(cx: &Cx, out: &mut Vec<Seen>) {
    if !matches!(cx.plan.dialect, Dialect::MySql | Dialect::MariaDb) {
        return;
    }
    let mine = || cx.plan.nodes.iter().filter(|node| node.temporary || node.filesort);
    if !mine().any(|node| node.temporary) || !mine().any(|node| node.filesort) {
        return;
    }
    let rows = cx
        .plan
        .nodes
        .iter()
        .filter(|node| node.access != Access::None)
        .filter_map(|node| node.all_rows().or(node.estimated_rows))
        .fold(0.0, f64::max);
    let ms: f64 = mine().filter_map(|node| node.exclusive_ms).sum();
    let costs = if cx.plan.timed { ms >= 1.0 && cx.at_least(Some(ms), 0.1) } else { rows >= MANY };
    if !costs || rows < SMALL {
        return;
    }
    let table = cx.first_read(0).map_or("rows", |(_, read)| Cx::table(read));
    out.push(Seen {
        rule: "P18",
        kind: Kind::SlowQuery,
        title: format!("Rows of `{table}` go through a temporary table and are then sorted"),
        figures: format!("{} rows into the temporary table", count(rows)),
        ms: cx.plan.timed.then_some(ms),
        removable: None,
        severity: by_time(cx.plan.timed.then_some(ms), true),
        fix: "Group and order by the same columns of one table, in the order of an index; or group in a derived table before joining.".to_owned(),
        guard: Some("For some hundred rows it costs nothing.".to_owned()),
        effort: Effort::M,
    });
}

/// P21
fn automatic(cx: &Cx, at: usize, node: &PlanNode, out: &mut Vec<Seen>) {
    let table = Cx::table(node);
    let columns =
        node.detail("Index Cond").map(|text| sql::conditions(text, Some(cx.plan.dialect))).unwrap_or_default();
    let names: Vec<&str> = columns.iter().map(|predicate| predicate.column.name.as_str()).collect();
    let by = if names.is_empty() { String::new() } else { format!(" by {}", list(&names)) };
    out.push(Seen {
        rule: "P21",
        kind: Kind::MissingIndex,
        title: format!("SQLite builds an index of `{table}`{by} for this one query"),
        figures: "USING AUTOMATIC INDEX".to_owned(),
        ms: None,
        removable: None,
        severity: Severity::High,
        fix: index_fix(cx, at, "Create the index that it builds each time"),
        guard: Some("For a query that runs once a day the work of keeping an index may be more.".to_owned()),
        effort: Effort::S,
    });
}

/// P22
fn sorted(cx: &Cx, at: usize, out: &mut Vec<Seen>) {
    let siblings = cx.plan.nodes.get(at).and_then(|node| node.parent).unwrap_or(0);
    let Some((_, read)) = cx.inputs(siblings).find_map(|(input, _)| cx.first_read(input)) else { return };
    let grouped = cx
        .plan
        .nodes
        .iter()
        .any(|node| node.operation.contains("FOR GROUP BY") || node.operation.contains("FOR DISTINCT"));
    if grouped || read.access != Access::Full {
        return;
    }
    let table = Cx::table(read);
    out.push(Seen {
        rule: "P22",
        kind: Kind::MissingIndex,
        title: format!("Rows of `{table}` are sorted in a temporary tree at each call"),
        figures: "USE TEMP B-TREE FOR ORDER BY".to_owned(),
        ms: None,
        removable: None,
        severity: Severity::Low,
        fix: format!("Index `{table}` by the compared columns and then those of ORDER BY, if it has more than some thousand rows."),
        guard: Some("The plan has no row counts: for a small table or a small result the sort costs nothing.".to_owned()),
        effort: Effort::S,
    });
}
