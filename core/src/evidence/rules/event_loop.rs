//! Rules about event loops: how long they are held at a time, and how late they are.

use super::cpu::code;
use super::figures::{asks, duration, named, percent};
use super::pages::Page;
use super::view::{View, views};
use super::{Kind, Observation, Subject};
use crate::evidence::asked::Asked;
use crate::evidence::model::memory::{Measure, MemoryRun, Series};
use crate::evidence::model::profile::{Method, Origin, Profile, Runtime};
use crate::evidence::model::targets::{Metric, Target};
use crate::evidence::model::{Artefact, Evidence};
use crate::order::InOrder;
use crate::report::model::{Effort, Severity};
use crate::words::counted;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Pages of these rules.
pub const PAGES: &[Page] = &[("E2", include_str!("pages/E2.md")), ("E5", include_str!("pages/E5.md"))];

/// E2 and E5.
#[must_use]
pub fn rules(artefacts: &[Artefact], asked: &Asked) -> Vec<Observation> {
    let mut seen = Vec::new();
    let target = asked.of_all(Metric::EventLoopBlock);
    for view in views(artefacts) {
        blocks(&view, target, &mut seen);
    }
    for (index, artefact) in artefacts.iter().enumerate() {
        for evidence in &artefact.evidence {
            if let Evidence::Memory(run) = evidence {
                delays(run, index, target, &mut seen);
            }
        }
    }
    seen
}

/// Medians at which a block warns and is severe, in seconds, unless a target says what it may take.
const BLOCK: f64 = 0.010;
const BLOCK_SEVERE: f64 = 0.050;
/// How many times a target is severe.
const TIMES_SEVERE: f64 = 5.0;

/// Whether a block of the loop is too long.
pub fn is_long(target: Option<&Target>, seconds: f64) -> bool {
    target.map_or(seconds >= BLOCK, |target| !target.met(seconds * 1e3))
}

/// Whether it is severe.
pub fn is_severe(target: Option<&Target>, seconds: f64) -> bool {
    target.map_or(seconds >= BLOCK_SEVERE, |target| !target.met(seconds * 1e3 / TIMES_SEVERE))
}

/// Runs that a median needs.
const RUNS: usize = 5;

/// E2: how long callbacks hold the loop. A run is a row of samples under one outermost project function; it is named
/// after the innermost one that holds half of its time.
fn blocks(view: &View, target: Option<&Target>, seen: &mut Vec<Observation>) {
    let Method::Sampled { interval_seconds: Some(interval) } = view.profile.method else { return };
    let Some(blocks) = blocks_of(view) else { return };
    let mut found: Vec<(u32, Vec<f64>)> = blocks.into_iter().filter(|(_, runs)| runs.len() >= RUNS).collect();
    for (_, runs) in &mut found {
        runs.order_by(f64::total_cmp);
    }
    found.retain(|(_, runs)| is_long(target, median(runs)));
    found.order_by(|a, b| median(&b.1).total_cmp(&median(&a.1)));
    let thread = if view.is_node() { "event loop" } else { "main thread" };
    for (function, runs) in found {
        let Some(named_function) = view.profile.function(function) else { continue };
        let (middle, longest, sum) =
            (median(&runs), runs.last().copied().unwrap_or_default(), runs.iter().sum::<f64>());
        let value = if view.profile.seconds(1.0) == Some(1.0) { sum } else { sum / interval };
        seen.push(Observation {
            rule: "E2".to_owned(),
            kind: Kind::Blocking,
            title: format!(
                "{} holds the {thread} for {} at a time",
                named(named_function, view.profile.line_of(function)),
                duration(middle)
            ),
            subject: code(view, function),
            severity: if is_severe(target, middle) { Severity::High } else { Severity::Medium },
            measured: format!(
                "median of {}, longest {}, {} of busy time; an upper bound: calls that follow each other directly count \
                 as one ({}){}",
                counted(runs.len() as u64, "block", "blocks"),
                duration(longest),
                percent(view.share(value)),
                view.tool(),
                asks(target)
            ),
            share: Some(view.share(value)),
            removable: None,
            fix: "Move the work to a worker thread or an asynchronous interface, or cut it into pieces that let the loop go \
                  on between them"
                .to_owned(),
            guard: Some("Work that is spread over threads still needs processors: on one core only the waiting is shared".to_owned()),
            effort: Effort::M,
            artefact: view.artefact,
        });
    }
}

/// Seconds of every run by its function; `None` where samples are too rare or too few, or nothing says that there is a
/// loop.
pub fn blocks_of(view: &View) -> Option<BTreeMap<u32, Vec<f64>>> {
    let Method::Sampled { interval_seconds: Some(interval) } = view.profile.method else { return None };
    if view.profile.runtime != Runtime::JavaScript || interval * 3.0 > BLOCK || !view.is_enough() {
        return None;
    }
    let mut blocks: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    let mut run = Run::default();
    for sample in &view.profile.samples {
        let seconds = view.profile.seconds(sample.value).unwrap_or_default();
        let origin =
            view.profile.node(sample.node).and_then(|node| view.profile.function(node.function)).map(|f| f.origin);
        let loading = view.under_loader.get(sample.node as usize).copied().unwrap_or(false);
        let outermost = if loading { None } else { outermost_project(view.profile, sample.node) };
        match (outermost, origin) {
            (Some(outermost), _) => {
                if run.outermost != Some(outermost) {
                    run.end(&mut blocks);
                    run.outermost = Some(outermost);
                }
                run.add(view.profile, sample.node, seconds);
            }
            // The collector and the engine interrupt a callback; whether they did, the next sample tells.
            (None, Some(Origin::Collector | Origin::Program)) => run.pending += seconds,
            _ => run.end(&mut blocks),
        }
    }
    run.end(&mut blocks);
    Some(blocks)
}

fn outermost_project(profile: &Profile, node: u32) -> Option<u32> {
    let is_project = |function: u32| profile.function(function).is_some_and(|f| f.origin == Origin::Project);
    profile.stack(node).map(|node| node.function).filter(|function| is_project(*function)).last()
}

/// A row of samples.
#[derive(Default)]
struct Run {
    outermost: Option<u32>,
    seconds: f64,
    pending: f64,
    /// Time and depth of the project functions that were on the stack.
    functions: FxHashMap<u32, (f64, usize)>,
}

impl Run {
    fn add(&mut self, profile: &Profile, node: u32, seconds: f64) {
        let seconds = seconds + std::mem::take(&mut self.pending);
        self.seconds += seconds;
        let stack: Vec<u32> = profile.stack(node).map(|node| node.function).collect();
        for (above, function) in stack.iter().enumerate() {
            let again = stack.get(above + 1..).is_some_and(|rest| rest.contains(function));
            if again || profile.function(*function).is_none_or(|f| f.origin != Origin::Project) {
                continue;
            }
            let entry = self.functions.entry(*function).or_default();
            entry.0 += seconds;
            entry.1 = entry.1.max(stack.len() - above);
        }
    }

    fn end(&mut self, blocks: &mut BTreeMap<u32, Vec<f64>>) {
        let half = self.seconds / 2.0;
        let holds = self.functions.iter().filter(|(_, (seconds, _))| *seconds >= half);
        if let Some((function, _)) = holds.max_by_key(|(function, (_, depth))| (*depth, **function))
            && self.seconds > 0.0
        {
            blocks.entry(*function).or_default().push(self.seconds);
        }
        *self = Self::default();
    }
}

/// Of sorted values.
fn median(sorted: &[f64]) -> f64 {
    let upper = sorted.get(sorted.len() / 2).copied().unwrap_or_default();
    let lower = sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or_default();
    (upper + lower) / 2.0
}

/// Milliseconds of delay, and use of the loop, that are too much.
const DELAY_MEDIAN: f64 = 10.0;
const DELAY_MOST: f64 = 100.0;
const USE: f64 = 0.95;

/// E5: the loop came late. The first fifth of a recording is start-up.
fn delays(run: &MemoryRun, artefact: usize, target: Option<&Target>, seen: &mut Vec<Observation>) {
    let delay = delays_of(run).unwrap_or_default();
    let busy = settled(run, Measure::LoopUse).unwrap_or_default();
    let (middle, most, used) = (median(&delay), delay.last().copied().unwrap_or_default(), median(&busy));
    let (usual, once) = match target.filter(|_| !delay.is_empty()) {
        Some(target) => (!target.met(middle), !target.met(most)),
        None => (middle >= DELAY_MEDIAN, most >= DELAY_MOST),
    };
    if !usual && !once && used < USE {
        return;
    }
    let used_words = if busy.is_empty() { String::new() } else { format!(", loop busy {} of the time", percent(used)) };
    let title = if usual {
        format!("The event loop is late by {} most of the time", duration(middle / 1e3))
    } else if once {
        format!("The event loop stood still for {}", duration(most / 1e3))
    } else {
        format!("The event loop is busy {} of the time: there is no room for more requests", percent(used))
    };
    seen.push(Observation {
        rule: "E5".to_owned(),
        kind: Kind::Blocking,
        title,
        subject: Subject::Process,
        severity: if usual { Severity::High } else { Severity::Medium },
        measured: format!(
            "delay median {}, most {}{used_words} ({}, {}){}",
            duration(middle / 1e3),
            duration(most / 1e3),
            run.tool,
            counted(delay.len() as u64, "point", "points"),
            asks(target)
        ),
        share: None,
        removable: None,
        fix: "Record a processor profile of the same load (`node --cpu-prof`) and mend what holds the loop longest"
            .to_owned(),
        guard: Some("On a machine with too few processors the loop is late whatever the code does".to_owned()),
        effort: Effort::M,
        artefact,
    });
}

/// Delays of the loop in milliseconds, sorted, without start-up.
pub fn delays_of(run: &MemoryRun) -> Option<Vec<f64>> {
    settled(run, Measure::LoopDelay)
}

/// Enough values of a series, sorted, without start-up.
fn settled(run: &MemoryRun, what: Measure) -> Option<Vec<f64>> {
    let series = run.series.iter().find(|series| series.what == what)?;
    Some(after_startup(series)).filter(|values| values.len() >= RUNS)
}

/// Sorted values without the first fifth of the time.
fn after_startup(series: &Series) -> Vec<f64> {
    let (first, last) = (series.points.first(), series.points.last());
    let from =
        first.zip(last).map_or(0.0, |(first, last)| first.at_seconds + (last.at_seconds - first.at_seconds) / 5.0);
    let mut values: Vec<f64> =
        series.points.iter().filter(|point| point.at_seconds >= from).map(|point| point.value).collect();
    values.order_by(f64::total_cmp);
    values
}
