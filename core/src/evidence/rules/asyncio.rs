//! Rule about blocking calls in code of asyncio: builtins that wait, synchronous clients, lines that keep the loop.

use super::charge::{self, weight};
use super::cpu::code;
use super::event_loop::is_severe;
use super::figures::{asks, builtin, duration, named, percent, place};
use super::pages::Page;
use super::view::{View, views};
use super::{Kind, Observation, Subject};
use crate::evidence::asked::Asked;
use crate::evidence::model::Artefact;
use crate::evidence::model::profile::{Function, Origin, Profile, Runtime};
use crate::evidence::model::targets::{Metric, Target};
use crate::order::InOrder;
use crate::report::model::{Effort, Severity};
use crate::words::counted;
use std::collections::BTreeMap;

/// Pages of these rules.
pub const PAGES: &[Page] = &[("E6", include_str!("pages/E6.md"))];

/// E6.
#[must_use]
pub fn rules(artefacts: &[Artefact], asked: &Asked) -> Vec<Observation> {
    let mut seen = Vec::new();
    let target = asked.of_all(Metric::EventLoopBlock);
    for view in views(artefacts) {
        if view.profile.nodes.is_empty() {
            blocking_calls(&view, target, &mut seen);
        } else if view.is_enough() {
            blocking_stacks(&view, &mut seen);
        }
    }
    seen
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
fn blocking_calls(view: &View, target: Option<&Target>, seen: &mut Vec<Observation>) {
    for Wait { caller, what, value, calls } in waits_of(view) {
        let Some(function) = view.profile.function(caller) else { continue };
        let each = if calls > 0 { value / calls as f64 } else { value };
        if view.share(value) >= BLOCKING && each >= BLOCKING_CALL {
            let who = named(function, view.profile.line_of(caller));
            let title = format!("{who} waits in `{what}` on the event loop, {} a call on average", duration(each));
            let times = counted(calls, "call", "calls");
            let measured = format!("{}, in {times} of {who}{}", view.measured(value), asks(target));
            seen.push(blocking(view, caller, title, measured, value, is_severe(target, each), &what));
        }
    }
}

/// A project function that waits on the loop, in what, for how long in all and in how many calls.
pub struct Wait {
    pub caller: u32,
    pub what: String,
    pub value: f64,
    pub calls: u64,
}

/// All of them in a call graph, the longest first.
pub fn waits_of(view: &View) -> Vec<Wait> {
    let profile = view.profile;
    let on_loop = if profile.nodes.is_empty() { on_loop(profile) } else { Vec::new() };
    if on_loop.iter().all(|part| *part <= 0.0) {
        return Vec::new();
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
                *value += edge.self_value * part;
            }
            *calls.entry(edge.caller).or_default() += edge.calls;
        }
        for (caller, value) in charge::push_up(profile, values).into_iter().enumerate() {
            let project = profile.functions.get(caller).is_some_and(|caller| caller.origin == Origin::Project);
            if project && value > 0.0 {
                // Behind a library the calls are the caller's own.
                let own = profile.functions.get(caller).and_then(|function| function.calls);
                let calls = calls.get(&(caller as u32)).copied().or(own).unwrap_or_default();
                found.push(Wait { caller: caller as u32, what: what.clone(), value, calls });
            }
        }
    }
    found.order_by(|a, b| b.value.total_cmp(&a.value));
    found
}

fn blocking(view: &View, who: u32, title: String, measured: String, value: f64, long: bool, what: &str) -> Observation {
    let share = view.share(value);
    let fix = match what {
        "time.sleep" => "Use `await asyncio.sleep(...)`: the loop serves other requests meanwhile".to_owned(),
        _ if what.contains("sqlite3") || what.contains("psycopg") || what.contains("sql") => {
            "Use the asynchronous driver, or run the call with `await asyncio.to_thread(...)`".to_owned()
        }
        _ => "Use an asynchronous client, or run the call with `await asyncio.to_thread(...)`".to_owned(),
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

/// Part of busy time that one line may keep the loop.
const LINE: f64 = 0.1;
const LINE_SEVERE: f64 = 0.2;

/// E6 of stacks: a project function below the loop's callbacks whose innermost frames are a synchronous client.
fn blocking_stacks(view: &View, seen: &mut Vec<Observation>) {
    let profile = view.profile;
    if profile.runtime != Runtime::Python {
        return;
    }
    let mut sums: BTreeMap<(u32, u32), (f64, u64)> = BTreeMap::new();
    let mut lines: BTreeMap<(u32, u32), f64> = BTreeMap::new();
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
        if !above || node.self_value <= 0.0 || view.under_loader.get(index) == Some(&true) {
            continue;
        }
        if function.origin == Origin::Project && function.name != "<module>" && node.line > 0 {
            *lines.entry((node.function, node.line)).or_default() += node.self_value;
        }
        if !function.origin.is_foreign() {
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
    let mut lines: Vec<_> = lines.into_iter().filter(|(_, value)| view.share(*value) >= LINE).collect();
    lines.order_by(|a, b| b.1.total_cmp(&a.1));
    for ((owner, line), value) in lines {
        let Some(function) = profile.function(owner) else { continue };
        let share = view.share(value);
        let who = place(&function.name, &function.path, line);
        let title = format!("{who} keeps the event loop in one line: {} of busy time", percent(share));
        let mut observation = blocking(view, owner, title, view.measured(value), value, false, "");
        // Builtins have no frame of their own here: it may be a sleep, a query or a long computation.
        observation.severity = if share >= LINE_SEVERE { Severity::High } else { Severity::Medium };
        observation.removable = None;
        "If the line waits (a sleep, a query, a file), use its asynchronous form; if it computes, run it with \
         `await asyncio.to_thread(...)` or in a process"
            .clone_into(&mut observation.fix);
        if let Subject::Code { line: at, .. } = &mut observation.subject {
            *at = line;
        }
        seen.push(observation);
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
