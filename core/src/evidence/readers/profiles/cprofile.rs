//! Statistics of Python's `cProfile` and `profile`, as `python -m cProfile -o` and `dump_stats` write them: a marshal
//! dictionary from (file, line, function) to calls, times and callers. One thread; times in seconds.

use super::build::{Builder, Frame};
use super::marshal::{self, Value};
use crate::evidence::input::{Input, Notes, Refused};
use crate::evidence::model::profile::{Edge, Method, Origin, Profile, Runtime, Unit};
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::readers::Format;
use crate::evidence::recognize::Head;

/// The format.
pub const FORMAT: Format = Format { name: "cProfile statistics", matches, read };

/// Largest file: 100 bytes a function and caller.
const MOST_BYTES: u64 = 128 << 20;

fn matches(head: &Head) -> bool {
    match head.bytes.as_slice() {
        [b'{' | 0xfb, b'0'] => true,
        [b'{' | 0xfb, second, ..] => matches!(second & 0x7f, b'(' | b')'),
        _ => false,
    }
}

fn read(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let bytes = input.whole(MOST_BYTES)?;
    let Value::Dict(entries) = marshal::read(&bytes, input.limits.depth)? else {
        return Err(Refused("Marshal data, but not statistics of a profiler".to_owned()));
    };
    let mut stats =
        Stats { builder: Builder::new("cProfile", Runtime::Python, Unit::Seconds, input.limits), calls: false };
    stats.builder.profile.method = Method::EveryCall;
    let mut edges = Vec::new();
    for (index, (key, value)) in entries.iter().enumerate() {
        let at = index as u64 + 1;
        let read = stats.entry(key, value, &mut edges)?;
        Input::at_most(edges.len(), input.limits.samples, "caller", "callers")?;
        if !read {
            notes.add(at, "An entry without function and figures was skipped");
        }
    }
    if !entries.is_empty() && stats.builder.profile.functions.is_empty() {
        return Err(Refused("Marshal data, but not statistics of a profiler".to_owned()));
    }
    if stats.calls {
        notes.add(0, "Written by a sampling tool: it counts no calls");
        stats.builder.profile.method = Method::Sampled { interval_seconds: None };
    }
    let mut profile = stats.builder.graph(edges, notes);
    mark_waiting(&mut profile);
    artefact.evidence.push(Evidence::Profile(Box::new(profile)));
    Ok(())
}

struct Stats {
    builder: Builder,
    /// Whether calls are not counted (pyinstrument writes -1).
    calls: bool,
}

impl Stats {
    fn entry(&mut self, key: &Value, value: &Value, edges: &mut Vec<Edge>) -> Result<bool, Refused> {
        let (Some(frame), Value::List(figures)) = (frame(key), value) else { return Ok(false) };
        let [outer, calls, own, total, Value::Dict(callers)] = &**figures else { return Ok(false) };
        let callee = self.builder.function(frame)?;
        let counted = count(calls);
        self.calls |= counted.is_none();
        if let Some(function) = self.builder.profile.functions.get_mut(callee as usize) {
            function.calls = counted;
            function.outer_calls = count(outer);
            function.self_value = seconds(own);
            function.total = seconds(total);
        }
        for (key, value) in callers.iter() {
            let Some(frame) = self::frame(key) else { continue };
            let caller = self.builder.function(frame)?;
            // Against the order of a function itself: all calls stand first, those not from itself second.
            let (calls, self_value, total) = match value {
                Value::List(figures) => match &**figures {
                    [calls, _, own, total] => (count(calls), seconds(own), seconds(total)),
                    _ => continue,
                },
                counted @ Value::Int(_) => (count(counted), 0.0, 0.0),
                _ => continue,
            };
            edges.push(Edge { caller, callee, calls: calls.unwrap_or_default(), self_value, total });
        }
        Ok(true)
    }
}

fn frame(key: &Value) -> Option<Frame> {
    let Value::List(parts) = key else { return None };
    let [Value::Text(path), Value::Int(line), name] = &**parts else { return None };
    let name = match name {
        Value::Text(name) => name.to_string(),
        // `profile` names the program it ran by its code.
        _ => "<program>".to_owned(),
    };
    let builtin = &**path == "~" || path.is_empty();
    let path = if builtin { String::new() } else { path.to_string() };
    Some(Frame { name, path, line: u32::try_from(*line).unwrap_or_default(), column: 0 })
}

fn count(value: &Value) -> Option<u64> {
    match value {
        Value::Int(count) => u64::try_from(*count).ok(),
        _ => None,
    }
}

fn seconds(value: &Value) -> f64 {
    let seconds = match value {
        Value::Float(seconds) => *seconds,
        Value::Int(seconds) => *seconds as f64,
        _ => 0.0,
    };
    if seconds.is_finite() { seconds.max(0.0) } else { 0.0 }
}

/// Builtins in which an event loop waits for events; called by anything else they block.
const WAITS: [&str; 4] = ["'select.epoll'", "'select.kqueue'", "select.select", "'select.poll'"];

/// Marks the call in which an event loop waits: nothing else in these figures says that nothing ran.
fn mark_waiting(profile: &mut Profile) {
    let waiting: Vec<usize> = (0..profile.functions.len())
        .filter(|index| profile.functions.get(*index).is_some_and(|f| f.path.is_empty() && is_wait(&f.name)))
        .filter(|index| {
            let mut callers = profile.edges.iter().filter(|edge| edge.callee as usize == *index).peekable();
            callers.peek().is_some() && callers.all(|edge| is_selector(profile, edge.caller))
        })
        .collect();
    for index in waiting {
        if let Some(function) = profile.functions.get_mut(index) {
            function.origin = Origin::Idle;
        }
    }
}

fn is_wait(name: &str) -> bool {
    (name.starts_with("<method 'poll' of")
        || name.starts_with("<method 'control' of")
        || name.contains("select.select"))
        && WAITS.iter().any(|wait| name.contains(wait))
}

/// `select` of selectors, called by nothing but an event loop.
fn is_selector(profile: &Profile, index: u32) -> bool {
    let named = |index: u32, names: &[&str], file: &str| {
        profile.function(index).is_some_and(|f| names.contains(&f.name.as_str()) && f.path.ends_with(file))
    };
    named(index, &["select", "_select"], "selectors.py")
        && profile.edges.iter().filter(|edge| edge.callee == index).all(|edge| {
            named(edge.caller, &["_run_once"], "base_events.py")
                || named(edge.caller, &["serve_forever"], "socketserver.py")
                || named(edge.caller, &["select"], "selectors.py")
        })
}
