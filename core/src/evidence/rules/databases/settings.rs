//! What concerns the plan as a whole: P12, P13, P14, P15, P17.

use super::names::{capital, count, size, time};
use super::plans::{Cx, Seen, by_time};
use crate::evidence::rules::Kind;
use crate::evidence::rules::figures::percent;
use crate::report::model::{Effort, Severity};

pub(super) fn judge(cx: &Cx, out: &mut Vec<Seen>) {
    compile(cx, out);
    planning(cx, out);
    reads(cx, out);
    workers(cx, out);
    triggers(cx, out);
    wide(cx, out);
}

fn what(cx: &Cx) -> String {
    super::names::about(&cx.query)
}

fn execution(cx: &Cx) -> Option<f64> {
    cx.plan.execution_ms.or_else(|| cx.plan.total_ms())
}

/// P12, first half
fn compile(cx: &Cx, out: &mut Vec<Seen>) {
    let (Some(jit), Some(all)) = (cx.plan.jit_ms, execution(cx)) else { return };
    if jit < 50.0 || jit < all * 0.2 {
        return;
    }
    out.push(Seen {
        rule: "P12",
        kind: Kind::Configuration,
        title: format!("Compiling {} takes {} of {}", what(cx), time(jit), time(all)),
        figures: format!(
            "{} functions compiled, {} of the execution",
            count(cx.plan.jit_functions.unwrap_or(0.0)),
            percent(jit / all)
        ),
        ms: Some(jit),
        removable: Some(1.0),
        severity: by_time(Some(jit), true).max(Severity::Medium),
        fix: "Turn `jit` off for short queries, or raise `jit_above_cost`.".to_owned(),
        guard: Some("Reports of many seconds gain from it: set it for the role of the application.".to_owned()),
        effort: Effort::S,
    });
}

/// P12, second half
fn planning(cx: &Cx, out: &mut Vec<Seen>) {
    let (Some(planning), Some(all)) = (cx.plan.planning_ms, execution(cx).filter(|_| cx.plan.analyzed)) else { return };
    if planning < 10.0 || planning < all {
        return;
    }
    out.push(Seen {
        rule: "P12",
        kind: Kind::Configuration,
        title: format!("Planning {} takes {}, running it {}", what(cx), time(planning), time(all)),
        figures: format!("{} planning, {} execution", time(planning), time(all)),
        ms: None,
        removable: None,
        severity: by_time(Some(planning), true),
        fix: "Prepare the statement and run it often, join fewer tables, and let the condition name the partition key."
            .to_owned(),
        guard: Some("The first query of a connection also loads the catalogue: look at the second.".to_owned()),
        effort: Effort::M,
    });
}

/// P13
fn reads(cx: &Cx, out: &mut Vec<Seen>) {
    let Some(root) = cx.plan.root() else { return };
    let blocks = root.buffers;
    let all = blocks.hit + blocks.read;
    let cold = blocks.read >= 1000.0 && blocks.read >= all * 0.5;
    let waits = execution(cx).is_some_and(|ms| blocks.read_ms >= ms * 0.5) && blocks.read_ms >= 10.0;
    if !cold && !waits {
        return;
    }
    let ms = (blocks.read_ms > 0.0).then_some(blocks.read_ms);
    out.push(Seen {
        rule: "P13",
        kind: Kind::SlowQuery,
        title: capital(&format!(
            "{} reads {} of its {} blocks from disk ({})",
            what(cx),
            count(blocks.read),
            count(all),
            size(blocks.read * 8.0)
        )),
        figures: format!("{} blocks read, {} found in the cache", count(blocks.read), count(blocks.hit)),
        ms,
        removable: None,
        severity: by_time(ms.or_else(|| execution(cx)), true).max(Severity::Medium),
        fix: "Read less (index, fewer columns), or give `shared_buffers` room for what is asked often.".to_owned(),
        guard: Some("The first run after a start is always cold: run it twice and look at the second.".to_owned()),
        effort: Effort::M,
    });
}

/// P14
fn workers(cx: &Cx, out: &mut Vec<Seen>) {
    for node in &cx.plan.nodes {
        let (Some(planned), Some(launched)) = (node.workers_planned, node.workers_launched) else { continue };
        if launched < planned && node.loops.is_some_and(|loops| loops > 0.0) {
            out.push(Seen {
                rule: "P14",
                kind: Kind::Configuration,
                title: capital(&format!("{} wanted {} workers and got {}", what(cx), count(planned), count(launched))),
                figures: format!("{} of {} workers", count(launched), count(planned)),
                ms: None,
                removable: None,
                severity: Severity::Low,
                fix: "Raise `max_parallel_workers` (and `max_worker_processes`), or lower `max_parallel_workers_per_gather` so that queries share them.".to_owned(),
                guard: Some("More workers help only while processors are idle.".to_owned()),
                effort: Effort::S,
            });
            return;
        }
    }
}

/// P15
fn triggers(cx: &Cx, out: &mut Vec<Seen>) {
    let Some(all) = execution(cx) else { return };
    for trigger in &cx.plan.triggers {
        if trigger.ms < all * 0.2 || trigger.ms < 1.0 {
            continue;
        }
        let key = trigger.name.ends_with("_fkey");
        out.push(Seen {
            rule: "P15",
            kind: if key { Kind::MissingIndex } else { Kind::SlowQuery },
            title: format!("Trigger `{}` takes {} of {}", trigger.name, percent(trigger.ms / all), what(cx)),
            figures: format!("{} calls, {} each", count(trigger.calls), time(trigger.ms / trigger.calls.max(1.0))),
            ms: Some(trigger.ms),
            removable: None,
            severity: by_time(Some(trigger.ms), true),
            fix: if key {
                "Index the column that refers to this table: each deleted or changed row searches the whole referring table.".to_owned()
            } else {
                "Do less in the trigger, or once for the statement (`FOR EACH STATEMENT` with transition tables).".to_owned()
            },
            guard: Some("Where the referring table is small the search costs nothing.".to_owned()),
            effort: Effort::S,
        });
    }
}

/// P17
fn wide(cx: &Cx, out: &mut Vec<Seen>) {
    let Some(root) = cx.plan.root() else { return };
    let (Some(rows), Some(width)) = (root.all_rows(), root.width) else { return };
    if cx.plan.headless || rows * width < 10.0 * 1024.0 * 1024.0 || rows <= 1.0 {
        return;
    }
    out.push(Seen {
        rule: "P17",
        kind: Kind::LargePayload,
        title: capital(&format!(
            "{} returns {} rows of {} bytes, {} in all",
            what(cx),
            count(rows),
            count(width),
            size(rows * width / 1024.0)
        )),
        figures: format!("{} rows, estimated width {}", count(rows), count(width)),
        ms: None,
        removable: None,
        severity: Severity::Medium,
        fix: "Name the columns that are used, page, or add up in the database.".to_owned(),
        guard: Some("An export needs all rows: read them through a cursor.".to_owned()),
        effort: Effort::M,
    });
}
