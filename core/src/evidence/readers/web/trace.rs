//! Traces of Chromium (DevTools, `--save-assets` of Lighthouse, Puppeteer): events one by one, of which a few names are
//! kept. What they mean is in `trace_metrics`.

use super::trace_metrics::{self, Frame, Kept, Mark, Shift, Task};
use crate::evidence::input::{Input, Notes, Refused};
use crate::evidence::json;
use crate::evidence::model::web::Series;
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::moment;
use crate::evidence::readers::profiles::chunks::{Chunks, is_of_profile};
use crate::evidence::recognize::Head;
use serde::Deserialize;
use serde_json::Value;

/// An object with `traceEvents`, or the bare array.
pub fn is_trace(head: &Head) -> bool {
    if !head.array {
        return head.key("traceEvents");
    }
    head.key("ph") && head.key("ts") && head.key("pid")
}

/// Names that are kept.
const NAMES: [&str; 22] = [
    "Profile",
    "ProfileChunk",
    "TracingStartedInBrowser",
    "TracingStartedInPage",
    "FrameCommittedInBrowser",
    "navigationStart",
    "firstContentfulPaint",
    "largestContentfulPaint::Candidate",
    "largestContentfulPaint::Invalidate",
    "LayoutShift",
    "EventTiming",
    "RunTask",
    "ThreadControllerImpl::RunTask",
    "ThreadControllerImpl::DoWork",
    "TaskQueueManager::ProcessTaskFromWorkQueue",
    "thread_name",
    "UpdateCounters",
    "MinorGC",
    "MajorGC",
    "EvaluateScript",
    "FunctionCall",
    "viewport",
];

#[derive(Deserialize)]
struct Event {
    name: String,
    #[serde(default)]
    ph: String,
    #[serde(default)]
    ts: f64,
    #[serde(default)]
    dur: Option<f64>,
    #[serde(default)]
    pid: i64,
    #[serde(default)]
    tid: i64,
    #[serde(default)]
    args: Value,
}

/// The same without arguments, for what comes by the hundred thousand.
#[derive(Deserialize)]
struct Span {
    name: String,
    #[serde(default)]
    ph: String,
    #[serde(default)]
    ts: f64,
    #[serde(default)]
    dur: Option<f64>,
    #[serde(default)]
    pid: i64,
    #[serde(default)]
    tid: i64,
}

/// Reads it.
pub fn read(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let limit = input.limits.samples;
    let mut kept = Kept::default();
    let mut chunks = Chunks::new(input.limits);
    let mut number = 0_u64;
    let mut read = 0_usize;
    let rest = json::elements(input, "traceEvents", &["metadata"], &mut |bytes| {
        number += 1;
        let Some(name) = wanted(bytes) else { return Ok(()) };
        read += 1;
        Input::at_most(read, limit, "event", "events of the kinds that are read")?;
        if is_of_profile(name) {
            return chunks.event(bytes, notes, number);
        }
        if is_task(name) {
            match serde_json::from_slice::<Span>(bytes) {
                Ok(span) => task(&span, &mut kept, notes, number),
                Err(_) => notes.add(number, "Not an event of a trace, skipped"),
            }
            return Ok(());
        }
        match serde_json::from_slice::<Event>(bytes) {
            Ok(event) => take(&event, &mut kept, notes, number),
            Err(_) => notes.add(number, "Not an event of a trace, skipped"),
        }
        Ok(())
    })?;
    if rest.elements == 0 {
        return Err(Refused("A trace without events".to_owned()));
    }
    if rest.cut {
        notes.add(0, "The trace ends in the middle: events up to there are read");
    }
    let metadata = rest.kept.iter().find(|(name, _)| name == "metadata");
    let metadata: Option<Value> = metadata.and_then(|(_, bytes)| serde_json::from_slice(bytes).ok());
    let text = |key: &str| metadata.as_ref().and_then(|map| map.get(key)?.as_str().map(str::to_owned));
    artefact.started = text("startTime").as_deref().and_then(moment::parse).map(moment::show);
    let profiles = chunks.finish(&kept.main_threads, artefact, notes);
    let Some(mut run) = trace_metrics::run(kept, notes) else {
        if profiles > 0 {
            return Ok(());
        }
        return Err(Refused("A trace without a page: no navigation, task or counter of a renderer in it".to_owned()));
    };
    run.tool_version = text("product-version");
    artefact.evidence.push(Evidence::WebRun(Box::new(run)));
    Ok(())
}

/// The name of an event that is kept, found without parsing it.
fn wanted(event: &[u8]) -> Option<&'static str> {
    memchr::memmem::find_iter(event, b"\"name\":").find_map(|at| {
        let rest = event.get(at + 7..)?.trim_ascii_start().strip_prefix(b"\"")?;
        let end = memchr::memchr(b'"', rest)?;
        let name = rest.get(..end)?;
        NAMES.iter().find(|known| known.as_bytes() == name).copied()
    })
}

fn is_task(name: &str) -> bool {
    matches!(
        name,
        "RunTask"
            | "ThreadControllerImpl::RunTask"
            | "ThreadControllerImpl::DoWork"
            | "TaskQueueManager::ProcessTaskFromWorkQueue"
    )
}

/// Whether a time or length is none: negative, or beyond a century.
fn is_odd(ts: f64, dur: Option<f64>) -> bool {
    const MOST: f64 = 4e15;
    !(-MOST..MOST).contains(&ts) || dur.is_some_and(|dur| !(0.0..MOST).contains(&dur))
}

fn task(span: &Span, kept: &mut Kept, notes: &mut Notes, number: u64) {
    // An event may carry a known name in its arguments only.
    if !is_task(&span.name) || span.ph != "X" {
        return;
    }
    match span.dur {
        Some(dur) if is_odd(span.ts, Some(dur)) => {
            notes.add(number, "An event with an impossible time or length, skipped")
        }
        Some(dur) => kept.tasks.push(Task { thread: (span.pid, span.tid), ts: span.ts, dur }),
        None => {}
    }
}

fn take(event: &Event, kept: &mut Kept, notes: &mut Notes, number: u64) {
    if is_odd(event.ts, event.dur) {
        notes.add(number, "An event with an impossible time or length, skipped");
        return;
    }
    let args = &event.args;
    let data = args.get("data").unwrap_or(&Value::Null);
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let number = |value: &Value, key: &str| value.get(key).and_then(Value::as_f64);
    let flag = |value: &Value, key: &str| value.get(key).and_then(Value::as_bool);
    let thread = (event.pid, event.tid);
    match event.name.as_str() {
        "thread_name" if text(args, "name") == "CrRendererMain" => kept.main_threads.push(thread),
        "TracingStartedInBrowser" => {
            for frame in data.get("frames").and_then(Value::as_array).into_iter().flatten().take(10_000) {
                kept.frames.push(Frame {
                    id: text(frame, "frame"),
                    parent: text(frame, "parent"),
                    url: text(frame, "url"),
                });
            }
        }
        "TracingStartedInPage" => {
            kept.frames.push(Frame { id: text(data, "page"), parent: String::new(), url: String::new() })
        }
        "FrameCommittedInBrowser" => {
            kept.committed.push(Frame { id: text(data, "frame"), parent: text(data, "parent"), url: text(data, "url") })
        }
        "navigationStart" => kept.navigations.push(Mark {
            thread,
            ts: event.ts,
            frame: text(args, "frame"),
            url: text(data, "documentLoaderURL"),
            size: None,
            main: flag(data, "isOutermostMainFrame").or(flag(data, "isLoadingMainFrame")),
        }),
        "firstContentfulPaint" | "largestContentfulPaint::Candidate" | "largestContentfulPaint::Invalidate" => {
            let mark = Mark {
                thread,
                ts: event.ts,
                frame: text(args, "frame"),
                url: String::new(),
                size: (!event.name.ends_with("Invalidate")).then(|| number(data, "size").unwrap_or(0.0)),
                main: None,
            };
            if event.name == "firstContentfulPaint" { kept.first_paints.push(mark) } else { kept.largest.push(mark) }
        }
        "viewport" => kept.viewport = Some(kept.viewport.map_or(event.ts, |first: f64| first.min(event.ts))),
        "LayoutShift" => {
            let score = number(data, "weighted_score_delta").or_else(|| number(data, "score"));
            if let (Some(score), Some(_)) = (score, flag(data, "is_main_frame")) {
                kept.shifts.push(Shift {
                    ts: event.ts,
                    score,
                    after_input: flag(data, "had_recent_input").unwrap_or(false),
                    frame: text(args, "frame"),
                });
            }
        }
        "EventTiming" => {
            kept.input(&event.ph, thread, data);
        }
        "UpdateCounters" => {
            for (name, key) in [
                ("heap_bytes", "jsHeapSizeUsed"),
                ("nodes", "nodes"),
                ("listeners", "jsEventListeners"),
                ("documents", "documents"),
            ] {
                let Some(value) = number(data, key) else { continue };
                let place = kept.counters.iter().position(|(pid, series)| *pid == event.pid && series.name == name);
                if place.is_none() && kept.counters.len() < 400 {
                    kept.counters.push((event.pid, Series { name: name.to_owned(), points: Vec::new() }));
                }
                let last = kept.counters.len().saturating_sub(1);
                if let Some((pid, series)) = kept.counters.get_mut(place.unwrap_or(last))
                    && *pid == event.pid
                    && series.name == name
                {
                    series.points.push((event.ts, value));
                }
            }
        }
        "MinorGC" | "MajorGC" => {
            if let Some(dur) = event.dur {
                kept.collections.push(Task { thread, ts: event.ts, dur });
            }
        }
        "EvaluateScript" | "FunctionCall" => {
            if let Some(dur) = event.dur {
                kept.scripts.push((Task { thread, ts: event.ts, dur }, text(data, "url")));
            }
        }
        _ => {}
    }
}
