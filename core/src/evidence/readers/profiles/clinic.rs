//! The three files of `clinic doctor`: process statistics (length-prefixed protocol buffers), trace events of V8
//! (collections, and the processor profile where one was recorded), and what machine it was.

use super::chunks::Chunks;
use crate::evidence::input::{Input, Notes, Refused};
use crate::evidence::json;
use crate::evidence::model::memory::{Collection, Measure, MemoryRun, Point, Series};
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::moment;
use crate::evidence::readers::Format;
use crate::evidence::readers::json::Json;
use crate::evidence::recognize::Head;
use serde::Deserialize;
use std::io::Read as _;

/// Process statistics.
pub const STATISTICS: Format = Format { name: "clinic process statistics", matches: is_statistics, read: statistics };
/// Trace events.
pub const TRACE: Format = Format { name: "Node.js trace events", matches: is_trace, read: trace };
/// The machine.
pub const SYSTEM: Format = Format { name: "clinic system information", matches: is_system, read: system };

/// The first records have their lengths, and begin with the time as a double.
fn is_statistics(head: &Head) -> bool {
    let mut rest = head.bytes.as_slice();
    for _ in 0..3 {
        let Some((record, after)) = record(rest) else { return false };
        if fields(record)
            .next()
            .is_none_or(|(number, value)| number != 1 || !matches!(value, Value::Double(at) if at > 1e11))
        {
            return false;
        }
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    true
}

/// Records of 40 to 120 bytes behind two bytes of length.
fn record(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    let length = usize::from(u16::from_be_bytes(*length));
    Some((rest.get(..length)?, rest.get(length..)?))
}

enum Value<'a> {
    Double(f64),
    Whole(u64),
    Message(&'a [u8]),
}

/// Fields of a message; ends where the bytes make no sense.
fn fields(mut bytes: &[u8]) -> impl Iterator<Item = (u64, Value<'_>)> {
    std::iter::from_fn(move || {
        let key = varint(&mut bytes)?;
        let value = match key & 7 {
            0 => Value::Whole(varint(&mut bytes)?),
            1 => {
                let (double, rest) = bytes.split_first_chunk::<8>()?;
                bytes = rest;
                Value::Double(f64::from_le_bytes(*double))
            }
            2 => {
                let length = usize::try_from(varint(&mut bytes)?).ok()?;
                let message = bytes.get(..length)?;
                bytes = bytes.get(length..)?;
                Value::Message(message)
            }
            5 => {
                bytes = bytes.get(4..)?;
                Value::Whole(0)
            }
            _ => return None,
        };
        Some((key >> 3, value))
    })
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

const MEASURES: [Measure; 9] = [
    Measure::LoopDelay,
    Measure::Processors,
    Measure::Handles,
    Measure::LoopUse,
    Measure::Resident,
    Measure::HeapTotal,
    Measure::HeapUsed,
    Measure::External,
    Measure::Buffers,
];

fn statistics(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let most = (input.limits.samples / MEASURES.len()) as u64;
    let mut series: Vec<Series> =
        MEASURES.iter().map(|what| Series { what: *what, process: String::new(), points: Vec::new() }).collect();
    let (mut start, mut count, mut message) = (None, 0, Vec::new());
    loop {
        match next(input, &mut message)? {
            Next::End => break,
            Next::Cut => {
                notes.add(count + 1, "The last record is cut short");
                break;
            }
            Next::Record => {}
        }
        count += 1;
        if count > most {
            let records = crate::words::counted(most, "record", "records");
            notes.add(count, format!("Only the first {records} were read"));
            break;
        }
        let mut at = None;
        for (number, value) in fields(&message) {
            match (number, value) {
                (1, Value::Double(time)) if time.is_finite() => at = Some((time - *start.get_or_insert(time)) / 1000.0),
                (4, Value::Message(memory)) => {
                    for (number, value) in fields(memory) {
                        if let (Value::Double(bytes), Some(measure)) = (value, memory_measure(number)) {
                            push(&mut series, measure, at, bytes);
                        }
                    }
                }
                (2, Value::Double(delay)) => push(&mut series, Measure::LoopDelay, at, delay),
                (3, Value::Double(cores)) => push(&mut series, Measure::Processors, at, cores),
                (5, Value::Whole(handles)) => push(&mut series, Measure::Handles, at, handles as f64),
                (6, Value::Whole(percent)) => push(&mut series, Measure::LoopUse, at, percent as f64 / 100.0),
                _ => {}
            }
        }
    }
    series.retain(|series| !series.points.is_empty());
    if series.is_empty() {
        return Err(Refused("Process statistics without a record".to_owned()));
    }
    artefact.started = start.and_then(|start| moment::show_seconds(start / 1000.0));
    let run = MemoryRun { tool: "clinic doctor".to_owned(), series, ..MemoryRun::default() };
    artefact.evidence.push(Evidence::Memory(Box::new(run)));
    Ok(())
}

enum Next {
    Record,
    End,
    Cut,
}

/// Reads the next record: two bytes of length, and as many bytes.
fn next(input: &mut Input, message: &mut Vec<u8>) -> Result<Next, Refused> {
    let mut length = Vec::with_capacity(2);
    (&mut *input.content).take(2).read_to_end(&mut length)?;
    message.clear();
    let Some(wanted) = length.first_chunk::<2>().map(|length| u16::from_be_bytes(*length)) else {
        return Ok(if length.is_empty() { Next::End } else { Next::Cut });
    };
    let got = (&mut *input.content).take(u64::from(wanted)).read_to_end(message)?;
    Ok(if got == usize::from(wanted) { Next::Record } else { Next::Cut })
}

const fn memory_measure(number: u64) -> Option<Measure> {
    Some(match number {
        1 => Measure::Resident,
        2 => Measure::HeapTotal,
        3 => Measure::HeapUsed,
        4 => Measure::External,
        5 => Measure::Buffers,
        _ => return None,
    })
}

fn push(series: &mut [Series], what: Measure, at: Option<f64>, value: f64) {
    // A delay is measured against a timer and can come out a little below zero.
    let value = value.max(0.0);
    let found = series.iter_mut().find(|series| series.what == what);
    if let (Some(series), Some(at_seconds), true) = (found, at, value.is_finite()) {
        series.points.push(Point { at_seconds, value });
    }
}

/// Trace events of Node.js; those of a browser have its processes among them.
fn is_trace(head: &Head) -> bool {
    let has = |part: &str| head.text.contains(part);
    let browser = ["CrRendererMain", "CrBrowserMain", "TracingStartedIn", "navigationStart"].into_iter().any(has);
    head.key("traceEvents") && !browser && (has("\"V8.") || has("\"cat\":\"node"))
}

#[derive(Deserialize)]
struct Event {
    name: String,
    #[serde(default)]
    ph: String,
    #[serde(default)]
    ts: f64,
    #[serde(default)]
    dur: f64,
    #[serde(default)]
    args: Heap,
}

#[derive(Default, Deserialize)]
struct Heap {
    #[serde(default, rename = "usedHeapSizeAfter")]
    after: Option<f64>,
}

/// Collections, and the processor profile where it was recorded.
fn trace(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let mut run = MemoryRun { tool: "Node.js trace events".to_owned(), ..MemoryRun::default() };
    let most = input.limits.samples;
    let (mut open, mut start): (Option<Event>, Option<f64>) = (None, None);
    let mut chunks = Chunks::new(input.limits);
    let mut number = 0_u64;
    let rest = json::elements(input, "traceEvents", &[], &mut |bytes| {
        number += 1;
        let holds = |name: &str| memchr::memmem::find(bytes, name.as_bytes()).is_some();
        if holds("\"Profile\"") || holds("\"ProfileChunk\"") {
            return chunks.event(bytes, notes, number);
        }
        let Ok(event) = serde_json::from_slice::<Event>(bytes) else {
            notes.add(number, "Not an event of a trace, skipped");
            return Ok(());
        };
        if event.ts > 0.0 {
            start = Some(start.map_or(event.ts, |start: f64| start.min(event.ts)));
        }
        if event.name != "MinorGC" && event.name != "MajorGC" {
            return Ok(());
        }
        let (full, left) = (event.name == "MajorGC", event.args.after);
        let ended = match event.ph.as_str() {
            "B" => {
                open = Some(event);
                return Ok(());
            }
            "E" => open.take().map(|begun| (begun.ts, event.ts - begun.ts)),
            "X" => Some((event.ts, event.dur)),
            _ => None,
        };
        if let Some((at, duration)) = ended {
            let pause_ms = (duration / 1000.0).max(0.0);
            run.collections.push(Collection { at_seconds: at * 1e-6, pause_ms, full, left_bytes: left });
            Input::at_most(run.collections.len(), most, "collection", "collections")?;
        }
        Ok(())
    })?;
    let profiles = chunks.finish(&[], artefact, notes);
    if rest.cut {
        if run.collections.is_empty() && profiles == 0 {
            return Err(Refused("The trace ends in the middle, before anything that is read".to_owned()));
        }
        // Node.js leaves the file open when it is killed.
        notes.add(0, "The trace ends in the middle: the events before it were read");
    }
    for collection in &mut run.collections {
        collection.at_seconds = (collection.at_seconds - start.unwrap_or_default() * 1e-6).max(0.0);
    }
    if profiles == 0 || !run.collections.is_empty() {
        artefact.evidence.push(Evidence::Memory(Box::new(run)));
    }
    Ok(())
}

fn is_system(head: &Head) -> bool {
    head.key("clock") && head.key("nodeVersions") && head.key("toolVersion")
}

fn system(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let (mut node, mut tool, mut started) = (None, None, None);
    let mut json = Json::new(&mut *input.content);
    json.object(|json, key| {
        match key {
            "clock" => {
                json.object(|json, key| {
                    if key == "unixtime" {
                        started = json.number()?;
                        return Ok(());
                    }
                    json.skip()
                })?;
            }
            "nodeVersions" => {
                json.object(|json, key| {
                    if key == "node" {
                        node = json.string()?;
                        return Ok(());
                    }
                    json.skip()
                })?;
            }
            "toolVersion" => tool = json.string()?,
            _ => json.skip()?,
        }
        Ok(())
    })?;
    artefact.started = started.and_then(|started| moment::show_seconds(started / 1000.0));
    let node = node.unwrap_or_else(|| "of an unknown version".to_owned());
    let tool = tool.unwrap_or_else(|| "of an unknown version".to_owned());
    notes.add(0, format!("Recorded with Node.js {node} by clinic doctor {tool}; it holds no figures itself"));
    Ok(())
}
