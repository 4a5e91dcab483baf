//! Rules about memory that only grows: of the process, of lines and functions, of the heap's owners, of handles.

use super::charge;
use super::figures::{asks, bytes, duration, named, percent, place};
use super::pages::Page;
use super::{Kind, Observation, Subject};
use crate::evidence::asked::Asked;
use crate::evidence::model::memory::{Measure, MemoryRun, Point, Series};
use crate::evidence::model::profile::{Origin, Profile, Unit};
use crate::evidence::model::targets::{Metric, Target};
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::rules::slope::{self, Trend};
use crate::order::InOrder;
use crate::report::model::{Effort, Severity};
use crate::words::{counted, grouped};
use std::collections::BTreeMap;

/// Pages of these rules.
pub const PAGES: &[Page] = &[
    ("M1", include_str!("pages/M1.md")),
    ("M2", include_str!("pages/M2.md")),
    ("M3", include_str!("pages/M3.md")),
    ("M4", include_str!("pages/M4.md")),
];

/// M1 to M4.
#[must_use]
pub fn rules(artefacts: &[Artefact], asked: &Asked) -> Vec<Observation> {
    let mut seen = Vec::new();
    let target = asked.of_all(Metric::MemoryGrowth);
    for (index, artefact) in artefacts.iter().enumerate() {
        for evidence in &artefact.evidence {
            match evidence {
                Evidence::Memory(run) => {
                    grows(run, index, target, &mut seen);
                    kept_by_calls(run, index, &mut seen);
                    kept_by_lines(run, index, &mut seen);
                    handles(run, index, &mut seen);
                }
                Evidence::Profile(profile) if profile.unit == Unit::Bytes => owners(profile, index, &mut seen),

                _ => {}
            }
        }
    }
    seen
}

const MIB: f64 = 1_048_576.0;

/// Seconds of an hour: targets of growth are by the hour.
pub const HOUR: f64 = 3_600.0;

/// Without a target: growth over the window as part of the median that is a leak, and that is severe.
const GROWTH: f64 = 0.1;
const GROWTH_SEVERE: f64 = 0.5;

/// Least growth that is worth a word.
const GROWTH_BYTES: f64 = 2.0 * MIB;

/// Points that a series needs, and floors that are made of them.
const POINTS: usize = 30;

/// The floors of a series after its first fifth, and their trend; `None` when it is too short.
pub fn trend(series: &Series) -> Option<(Trend, f64)> {
    let (first, last) = (series.points.first()?, series.points.last()?);
    let from = first.at_seconds + (last.at_seconds - first.at_seconds) / 5.0;
    let late: Vec<Point> = series.points.iter().copied().filter(|point| point.at_seconds >= from).collect();
    if series.points.len() < POINTS {
        return None;
    }
    let trend = slope::of_floors(&late)?;
    Some((trend, last.at_seconds - from))
}

/// M1: memory of the process rises and never comes down. Of what a process is made of, the measure that grew most is
/// named; the process as a whole only where no part did.
fn grows(run: &MemoryRun, artefact: usize, target: Option<&Target>, seen: &mut Vec<Observation>) {
    let parts = [Measure::HeapUsed, Measure::Buffers, Measure::External];
    let mut found: Vec<Growth> = run
        .series
        .iter()
        .filter(|series| parts.contains(&series.what))
        .filter_map(|series| growth(series, target))
        .collect();
    found.order_by(|a, b| b.grown.total_cmp(&a.grown));
    found.truncate(1);
    if found.is_empty() {
        let whole = run.series.iter().filter(|series| series.what == Measure::Resident);
        found = whole.filter_map(|series| growth(series, target)).collect();
    }
    for growth in found {
        let (words, fix) = match growth.series.what {
            Measure::HeapUsed => ("heap", "Take two heap snapshots under load and compare what was kept between them"),
            Measure::Buffers => ("buffers", "Look for buffers that are kept in lists, maps or closures"),
            Measure::External => ("memory outside the heap", "Look for buffers and native objects that are kept"),
            _ => ("resident memory", "Find the owner: memory_profiler or memray in Python, heap snapshots in Node.js"),
        };
        let process = &growth.series.process;
        let of = if process.is_empty() { String::new() } else { format!(" of {process}") };
        seen.push(Observation {
            rule: "M1".to_owned(),
            kind: Kind::MemoryGrowth,
            title: format!("The {words}{of} grew by {} in {} and did not come down", bytes(growth.grown), duration(growth.window)),
            subject: Subject::Process,
            severity: if growth.grown >= GROWTH_SEVERE * growth.trend.median { Severity::High } else { Severity::Medium },
            measured: format!(
                "{} a minute (at least {} with 97.5 % confidence), {} of the median of {} ({}, {}){}",
                bytes(growth.trend.slope * 60.0),
                bytes(growth.trend.low * 60.0),
                percent(growth.grown / growth.trend.median),
                bytes(growth.trend.median),
                run.tool,
                counted(growth.series.points.len() as u64, "point", "points"),
                asks(target)
            ),
            share: None,
            removable: None,
            fix: format!("{fix}; give caches and queues a bound"),
            guard: Some(
                "A program that builds one large result grows as well, and a cache grows until it is full: record a longer \
                 run before you act"
                    .to_owned(),
            ),
            effort: Effort::M,
            artefact,
        });
    }
}

/// A series that rises.
struct Growth<'a> {
    series: &'a Series,
    trend: Trend,
    window: f64,
    grown: f64,
}

fn growth<'a>(series: &'a Series, target: Option<&Target>) -> Option<Growth<'a>> {
    let (trend, window) = trend(series)?;
    let grown = trend.slope * window;
    let too_much = match target {
        Some(target) => !target.met(trend.low * HOUR),
        None => grown >= GROWTH * trend.median && grown >= GROWTH_BYTES,
    };
    let rises = trend.low > 0.0 && trend.median > 0.0 && too_much;
    rises.then_some(Growth { series, trend, window, grown })
}

/// Calls from which a habit counts.
const CALLS: u64 = 3;

/// M2 of calls: a function leaves memory behind, call after call.
fn kept_by_calls(run: &MemoryRun, artefact: usize, seen: &mut Vec<Observation>) {
    struct Sum {
        path: String,
        line: u32,
        calls: u64,
        kept: f64,
        gained: usize,
        entries: usize,
        first: f64,
        last: f64,
    }
    let mut sums: BTreeMap<(String, String), Sum> = BTreeMap::new();
    for call in &run.calls {
        // Where lines are known, they say it more exactly.
        let named = !call.function.is_empty() && run.lines.is_empty();
        if !named {
            continue;
        }
        let (path, before) = (call.path.clone(), call.before_bytes);
        let empty =
            Sum { path, line: call.line, calls: 0, kept: 0.0, gained: 0, entries: 0, first: before, last: before };
        let sum = sums.entry((call.path.clone(), call.function.clone())).or_insert(empty);
        sum.calls = sum.calls.saturating_add(call.calls);
        sum.kept += call.kept_bytes;
        sum.gained += usize::from(call.kept_bytes > 0.0);
        sum.entries += 1;
        sum.last = before;
    }
    for ((_, function), sum) in sums {
        // Kept for good: it is still there when the function is called again.
        let stays = sum.last - sum.first >= sum.kept / 2.0;
        if sum.calls < CALLS || sum.kept < MIB || sum.gained * 2 < sum.entries || !stays {
            continue;
        }
        let line = if sum.line > 0 { format!(":{}", sum.line) } else { String::new() };
        let name = function.strip_prefix("__main__.").unwrap_or(&function);
        let title = format!("{} keeps {} a call", place(name, &sum.path, sum.line), bytes(sum.kept / sum.calls as f64));
        let measured =
            format!("{} kept over {} ({}{line})", bytes(sum.kept), counted(sum.calls, "call", "calls"), run.tool);
        let subject = Subject::Code { path: sum.path, line: sum.line, function };
        seen.push(keeps(title, measured, subject, sum.kept, artefact));
    }
}

/// M2 of lines: the line of a function that keeps memory over three calls or more.
fn kept_by_lines(run: &MemoryRun, artefact: usize, seen: &mut Vec<Observation>) {
    struct Sum<'a> {
        text: &'a str,
        function: &'a str,
        times: u64,
        added: f64,
    }
    let mut lines: BTreeMap<(&str, u32), Sum> = BTreeMap::new();
    for line in &run.lines {
        let empty = Sum { text: &line.text, function: &line.function, times: 0, added: 0.0 };
        let sum = lines.entry((&line.path, line.line)).or_insert(empty);
        sum.times = sum.times.saturating_add(line.times.unwrap_or(1));
        sum.added += line.added_bytes;
    }
    let mut functions: BTreeMap<(&str, &str), (u64, f64)> = BTreeMap::new();
    for call in &run.calls {
        let sum = functions.entry((&call.path, &call.function)).or_default();
        sum.0 = sum.0.saturating_add(call.calls);
        sum.1 += call.kept_bytes;
    }
    for ((path, function), (calls, kept)) in functions {
        if calls < CALLS || kept < MIB {
            continue;
        }
        let of_it = lines.iter().filter(|((file, _), sum)| *file == path && sum.function == function);
        let Some(((_, line), sum)) = of_it.max_by(|a, b| a.1.added.total_cmp(&b.1.added)) else { continue };
        let text: String = sum.text.chars().take(80).collect();
        let title = format!(
            "{} keeps {} a call, most of it in line {line}: `{text}`",
            place(function, path, *line),
            bytes(kept / calls as f64)
        );
        let measured = format!(
            "{} kept over {}; the line ran {} and added {} ({})",
            bytes(kept),
            counted(calls, "call", "calls"),
            counted(sum.times, "time", "times"),
            bytes(sum.added),
            run.tool
        );
        let subject = Subject::Code { path: path.to_owned(), line: *line, function: function.to_owned() };
        seen.push(keeps(title, measured, subject, kept, artefact));
    }
}

/// Bytes kept that are severe.
const KEPT_SEVERE: f64 = 10.0 * MIB;

fn keeps(title: String, measured: String, subject: Subject, kept: f64, artefact: usize) -> Observation {
    Observation {
        rule: "M2".to_owned(),
        kind: Kind::MemoryGrowth,
        title,
        subject,
        severity: if kept >= KEPT_SEVERE { Severity::High } else { Severity::Medium },
        measured,
        share: None,
        removable: None,
        fix: "Find what still refers to it (a module's list or dictionary, a cache, a closure) and give that a bound".to_owned(),
        guard: Some(
            "The figures are of the whole process: other threads, and memory that the allocator keeps for later, count here \
             as well; growth that stops after some calls is a warm cache"
                .to_owned(),
        ),
        effort: Effort::M,
        artefact,
    }
}

/// Part of the live heap, and bytes, from which an owner is named.
const OWNED: f64 = 0.1;
const OWNED_SEVERE: f64 = 0.3;

/// M3: who allocated what is alive.
fn owners(profile: &Profile, artefact: usize, seen: &mut Vec<Observation>) {
    let whole = profile.whole();
    let charges = charge::charged(profile);
    let mut owners: Vec<(u32, f64)> =
        (0..).zip(charges).filter(|(_, value)| *value >= MIB && *value >= OWNED * whole).collect();
    owners.order_by(|a, b| b.1.total_cmp(&a.1));
    for (index, value) in owners {
        let Some(function) = profile.function(index).filter(|function| function.origin == Origin::Project) else {
            continue;
        };
        let share = value / whole;
        let line = profile.line_of(index);
        let subject = Subject::Code { path: function.path.clone(), line, function: function.name.clone() };
        seen.push(Observation {
            rule: "M3".to_owned(),
            kind: Kind::MemoryGrowth,
            title: format!("{} holds {} of the heap, {}", named(function, line), percent(share), bytes(value)),
            subject,
            severity: if share >= OWNED_SEVERE { Severity::High } else { Severity::Medium },
            measured: format!(
                "{} of {} in the profile, libraries that it called included ({})",
                bytes(value),
                bytes(whole),
                profile.tool
            ),
            share: Some(share),
            removable: None,
            fix: "Keep less of it alive: a bound for the collection that holds it, smaller records, streams".to_owned(),
            guard: Some(
                "What a program needs to hold is no leak: compare with a profile from later in the run".to_owned(),
            ),
            effort: Effort::M,
            artefact,
        });
    }
}

/// Handles that were opened and stay, and their part of the median.
const HANDLES: f64 = 10.0;
const HANDLES_GROWTH: f64 = 0.5;

/// M4: open handles rise without fall.
fn handles(run: &MemoryRun, artefact: usize, seen: &mut Vec<Observation>) {
    let Some(series) = run.series.iter().find(|series| series.what == Measure::Handles) else { return };
    let Some((trend, window)) = trend(series) else { return };
    let grown = trend.slope * window;
    if trend.low <= 0.0 || grown < HANDLES || grown < HANDLES_GROWTH * trend.median {
        return;
    }
    seen.push(Observation {
        rule: "M4".to_owned(),
        kind: Kind::MemoryGrowth,
        title: format!(
            "Open handles of the event loop rose by {} in {} and did not fall",
            grouped(grown.round() as u64),
            duration(window)
        ),
        subject: Subject::Process,
        severity: Severity::Medium,
        measured: format!(
            "{:.0} a minute, median {:.0} ({}, {})",
            trend.slope * 60.0,
            trend.median,
            run.tool,
            counted(series.points.len() as u64, "point", "points")
        ),
        share: None,
        removable: None,
        fix: "Close sockets, timers, watchers and child processes on every way out, errors included".to_owned(),
        guard: Some(
            "Under rising load open connections rise as well: look whether they fall when the load ends".to_owned(),
        ),
        effort: Effort::M,
        artefact,
    });
}
