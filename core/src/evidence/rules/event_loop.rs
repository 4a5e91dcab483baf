//! Rules about event loops: how long they are held at a time, how late they are, and blocking calls in asyncio code.

use super::charge::{self, weight};
use super::cpu::code;
use super::figures::{builtin, duration, named, percent};
use super::pages::Page;
use super::view::{View, views};
use super::{Kind, Observation, Subject};
use crate::evidence::model::memory::{Measure, MemoryRun, Series};
use crate::evidence::model::profile::{Function, Method, Origin, Profile, Runtime};
use crate::evidence::model::{Artefact, Evidence};
use crate::order::InOrder;
use crate::report::model::{Effort, Severity};
use crate::words::counted;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Pages of these rules.
pub const PAGES: &[Page] =
    &[("E2", include_str!("pages/E2.md")), ("E5", include_str!("pages/E5.md")), ("E6", include_str!("pages/E6.md"))];

/// E2, E5, E6.
#[must_use]
pub fn rules(artefacts: &[Artefact]) -> Vec<Observation> {
    let mut seen = Vec::new();
    for view in views(artefacts) {
        blocks(&view, &mut seen);
        if view.profile.nodes.is_empty() {
            blocking_calls(&view, &mut seen);
        } else if view.is_enough() {
            blocking_stacks(&view, &mut seen);
        }
    }
    for (index, artefact) in artefacts.iter().enumerate() {
        for evidence in &artefact.evidence {
            if let Evidence::Memory(run) = evidence {
                delays(run, index, &mut seen);
            }
        }
    }
    seen
}

/// Medians at which a block warns and is severe, in seconds.
const BLOCK: f64 = 0.010;
const BLOCK_SEVERE: f64 = 0.050;

/// Runs that a median needs.
const RUNS: usize = 5;

/// E2: how long callbacks hold the loop. A run is a row of samples under one outermost project function; it is named
/// after the innermost one that holds half of its time.
fn blocks(view: &View, seen: &mut Vec<Observation>) {
    let Method::Sampled { interval_seconds: Some(interval) } = view.profile.method else { return };
    if view.profile.runtime != Runtime::JavaScript || interval * 3.0 > BLOCK || !view.is_enough() {
        return;
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
    let mut found: Vec<(u32, Vec<f64>)> = blocks.into_iter().filter(|(_, runs)| runs.len() >= RUNS).collect();
    for (_, runs) in &mut found {
        runs.order_by(f64::total_cmp);
    }
    found.retain(|(_, runs)| median(runs) >= BLOCK);
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
            severity: if middle >= BLOCK_SEVERE { Severity::High } else { Severity::Medium },
            measured: format!(
                "median of {}, longest {}, {} of busy time; an upper bound: calls that follow each other directly count \
                 as one ({})",
                counted(runs.len() as u64, "block", "blocks"),
                duration(longest),
                percent(view.share(value)),
                view.tool()
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
fn delays(run: &MemoryRun, artefact: usize, seen: &mut Vec<Observation>) {
    let of = |what: Measure| run.series.iter().find(|series| series.what == what).map(after_startup);
    let delay = of(Measure::LoopDelay).filter(|values| values.len() >= RUNS).unwrap_or_default();
    let busy = of(Measure::LoopUse).filter(|values| values.len() >= RUNS).unwrap_or_default();
    let (middle, most, used) = (median(&delay), delay.last().copied().unwrap_or_default(), median(&busy));
    if middle < DELAY_MEDIAN && most < DELAY_MOST && used < USE {
        return;
    }
    let used_words = if busy.is_empty() { String::new() } else { format!(", loop busy {} of the time", percent(used)) };
    let title = if middle >= DELAY_MEDIAN {
        format!("The event loop is late by {} most of the time", duration(middle / 1e3))
    } else if most >= DELAY_MOST {
        format!("The event loop stood still for {}", duration(most / 1e3))
    } else {
        format!("The event loop is busy {} of the time: there is no room for more requests", percent(used))
    };
    seen.push(Observation {
        rule: "E5".to_owned(),
        kind: Kind::Blocking,
        title,
        subject: Subject::Process,
        severity: if middle >= DELAY_MEDIAN { Severity::High } else { Severity::Medium },
        measured: format!(
            "delay median {}, most {}{used_words} ({}, {})",
            duration(middle / 1e3),
            duration(most / 1e3),
            run.tool,
            counted(delay.len() as u64, "point", "points")
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

/// Builtins of Python in which a thread waits.
const WAITS: [&str; 18] = [
    "time.sleep",
    "_socket.socket.recv",
    "_socket.socket.recv_into",
    "_socket.socket.connect",
    "_socket.socket.sendall",
    "_socket.getaddrinfo",
    "_ssl._SSLSocket.read",
    "_ssl._SSLSocket.do_handshake",
    "select.poll.poll",
    "select.select",
    "posix.waitpid",
    "posix.system",
    "_thread.lock.acquire",
    "sqlite3.Cursor.execute",
    "sqlite3.Connection.execute",
    "psycopg2.extensions.cursor.execute",
    "_mysql.connection.query",
    "MySQLdb._mysql.connection.query",
];

/// Whether a builtin waits; the class may come with more of its module in front.
fn waits(function: &Function) -> Option<String> {
    let name = builtin(&function.name).filter(|_| function.path.is_empty() && function.origin != Origin::Idle)?;
    WAITS.iter().any(|wait| name == *wait || name.ends_with(&format!(".{wait}"))).then_some(name)
}

/// Shares and times of a call that are too much.
const BLOCKING: f64 = 0.01;
const BLOCKING_CALL: f64 = 0.001;

/// E6 of a call graph: waiting builtins whose project callers run on the loop.
fn blocking_calls(view: &View, seen: &mut Vec<Observation>) {
    let profile = view.profile;
    let on_loop = on_loop(profile);
    if on_loop.iter().all(|part| *part <= 0.0) {
        return;
    }
    let mut found = Vec::new();
    for (index, function) in profile.functions.iter().enumerate() {
        let Some(what) = waits(function) else { continue };
        let mut values = vec![0.0; profile.functions.len()];
        // Only what is called from the loop: each caller has its part of the time.
        let mut calls: BTreeMap<u32, u64> = BTreeMap::new();
        for edge in profile.edges.iter().filter(|edge| edge.callee as usize == index) {
            let part = on_loop.get(edge.caller as usize).copied().unwrap_or_default();
            let of_loop = profile.function(edge.caller).is_some_and(is_asyncio);
            if part < 0.5 || of_loop {
                continue;
            }
            if let Some(value) = values.get_mut(edge.caller as usize) {
                *value += edge.self_value;
            }
            *calls.entry(edge.caller).or_default() += edge.calls;
        }
        for (caller, value) in charge::push_up(profile, values).into_iter().enumerate() {
            let project = profile.functions.get(caller).is_some_and(|caller| caller.origin == Origin::Project);
            if project && value > 0.0 {
                found.push((caller as u32, what.clone(), value, calls.get(&(caller as u32)).copied()));
            }
        }
    }
    found.order_by(|a, b| b.2.total_cmp(&a.2));
    for (caller, what, value, calls) in found {
        let Some(function) = profile.function(caller) else { continue };
        // Behind a library the calls are the caller's own.
        let count = calls.or(function.calls).unwrap_or_default();
        let each = if count > 0 { value / count as f64 } else { value };
        if view.share(value) >= BLOCKING && each >= BLOCKING_CALL {
            let who = named(function, view.profile.line_of(caller));
            let title = format!("{who} waits in `{what}` on the event loop, {} a call on average", duration(each));
            let measured = format!("{}, in {} of {who}", view.measured(value), counted(count, "call", "calls"));
            seen.push(blocking(view, caller, title, measured, value, each >= BLOCK_SEVERE, &what));
        }
    }
}

fn blocking(view: &View, who: u32, title: String, measured: String, value: f64, long: bool, what: &str) -> Observation {
    let share = view.share(value);
    let fix = match what {
        "time.sleep" => "Use `await asyncio.sleep(…)`: the loop serves other requests meanwhile".to_owned(),
        _ if what.contains("sqlite3") || what.contains("psycopg") || what.contains("sql") => {
            "Use the asynchronous driver, or run the call with `await asyncio.to_thread(…)`".to_owned()
        }
        _ => "Use an asynchronous client, or run the call with `await asyncio.to_thread(…)`".to_owned(),
    };
    Observation {
        rule: "E6".to_owned(),
        kind: Kind::Blocking,
        title,
        subject: code(view, who),
        severity: if share >= 0.1 || long { Severity::High } else { Severity::Medium },
        measured,
        share: Some(share),
        removable: Some(1.0),
        fix,
        guard: Some(
            "What runs in a thread must not touch objects of the loop, and the pool of threads is bounded: a lock or a pool \
             may become the next limit"
                .to_owned(),
        ),
        effort: Effort::S,
        artefact: view.artefact,
    }
}

fn is_asyncio(function: &Function) -> bool {
    function.path.contains("/asyncio/")
        || function.path.contains("\\asyncio\\")
        || function.path.starts_with("asyncio/")
}

/// Whether a function runs the callbacks of a loop.
fn runs_callbacks(function: &Function) -> bool {
    let name = function.name.rsplit('.').next().unwrap_or_default();
    (name == "_run" && is_asyncio(function) && function.path.ends_with("events.py"))
        || builtin(&function.name).is_some_and(|name| name.starts_with("uvloop.loop."))
        || function.path.ends_with("uvloop/loop.pyx")
}

/// Rounds in which parts are carried down the graph; deeper chains of callers are rare.
const ROUNDS: usize = 100;

/// For each function the part of its time that it spent below the callbacks of a loop.
fn on_loop(profile: &Profile) -> Vec<f64> {
    let seeds: Vec<bool> = profile.functions.iter().map(runs_callbacks).collect();
    let mut parts: Vec<f64> = seeds.iter().map(|seed| f64::from(u8::from(*seed))).collect();
    if !seeds.contains(&true) {
        return parts;
    }
    for _ in 0..ROUNDS {
        let (mut sums, mut weights) = (vec![0.0; parts.len()], vec![0.0; parts.len()]);
        for edge in profile.edges.iter().filter(|edge| edge.caller != edge.callee) {
            let part = parts.get(edge.caller as usize).copied().unwrap_or_default();
            if let (Some(sum), Some(all)) = (sums.get_mut(edge.callee as usize), weights.get_mut(edge.callee as usize))
            {
                *sum += part * weight(edge);
                *all += weight(edge);
            }
        }
        let mut changed = 0.0f64;
        for (index, part) in parts.iter_mut().enumerate() {
            let (Some(sum), Some(all)) = (sums.get(index), weights.get(index)) else { continue };
            if seeds.get(index) == Some(&false) && *all > 0.0 {
                changed = changed.max((sum / all - *part).abs());
                *part = sum / all;
            }
        }
        if changed < 1e-6 {
            break;
        }
    }
    parts
}

/// Files of libraries that wait for a server or a child, wherever they lie.
const CLIENTS: [&str; 16] = [
    "socket.py",
    "ssl.py",
    "subprocess.py",
    "http/client.py",
    "urllib/request.py",
    "urllib3/",
    "requests/",
    "pymysql/",
    "psycopg2/",
    "MySQLdb/",
    "redis/connection.py",
    "pymongo/network.py",
    "botocore/",
    "smtplib.py",
    "ftplib.py",
    "sqlite3/",
];

/// E6 of stacks: a project function below the loop's callbacks whose innermost frames are a synchronous client.
fn blocking_stacks(view: &View, seen: &mut Vec<Observation>) {
    let profile = view.profile;
    if profile.runtime != Runtime::Python {
        return;
    }
    let mut sums: BTreeMap<(u32, u32), (f64, u64)> = BTreeMap::new();
    let mut below: Vec<bool> = Vec::with_capacity(profile.nodes.len());
    for (index, node) in profile.nodes.iter().enumerate() {
        let Some(function) = profile.function(node.function) else {
            below.push(false);
            continue;
        };
        let above = node.parent.and_then(|parent| below.get(parent as usize)).copied().unwrap_or(false);
        // SQLAlchemy's greenlets make synchronous code asynchronous: what runs below them does not wait.
        let greenlet = function.name.contains("greenlet_spawn") || function.path.contains("_concurrency_py3k");
        below.push((above || runs_callbacks(function)) && !greenlet);
        let owner = view.nearest.get(index).copied().flatten().filter(|owner| *owner as usize != index);
        if !above || node.self_value <= 0.0 || !function.origin.is_foreign() {
            continue;
        }
        let Some(owner) = owner.filter(|owner| below.get(*owner as usize) == Some(&true)) else { continue };
        // The library function that the project called, of those that lead here.
        let entry = profile.stack(index as u32).take_while(|node| node.parent != Some(owner)).count();
        let between: Vec<_> = profile.stack(index as u32).take(entry + 1).collect();
        let waits = between.iter().any(|node| profile.function(node.function).is_some_and(is_client));
        let (Some(called), Some(owner)) = (between.last().filter(|_| waits), profile.node(owner)) else { continue };
        let sum = sums.entry((owner.function, called.function)).or_default();
        sum.0 += node.self_value;
        sum.1 += node.hits;
    }
    let mut sums: Vec<_> = sums.into_iter().filter(|(_, (value, _))| view.share(*value) >= BLOCKING).collect();
    sums.order_by(|a, b| b.1.0.total_cmp(&a.1.0));
    for ((owner, called), (value, hits)) in sums {
        let (Some(function), Some(callee)) = (profile.function(owner), profile.function(called)) else { continue };
        let title = format!(
            "{} calls the synchronous `{}` on the event loop: {} of busy time",
            named(function, view.profile.line_of(owner)),
            callee.name,
            percent(view.share(value))
        );
        let measured = format!("{}, {} in it", view.measured(value), counted(hits, "sample", "samples"));
        seen.push(blocking(view, owner, title, measured, value, false, &callee.path));
    }
}

/// What pyinstrument calls the builtins in which a thread waits.
const NAMES: [&str; 5] = ["sleep", "lock.acquire", "socket.connect", "socket.recv", "socket.recv_into"];

fn is_client(function: &Function) -> bool {
    if function.path.is_empty() {
        return NAMES.contains(&function.name.as_str());
    }
    let path = function.path.replace('\\', "/");
    !path.contains("/asyncio/")
        && CLIENTS.iter().any(|client| path.starts_with(client) || path.contains(&format!("/{client}")))
}
