//! speedscope's JSON: py-spy, memray, austin, rbspy and others write it. Stacks of frames with weights, one list a
//! thread, or events of frames that open and close. Frames may stand behind the stacks that name them by number, so
//! stacks become a tree of numbers first.

use super::build::{Builder, Frame};
use super::origin;
use crate::evidence::input::{Input, Limits, Notes, Refused};
use crate::evidence::model::profile::{Method, Origin, Runtime, Unit};
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::readers::Format;
use crate::evidence::readers::json::Json;
use crate::evidence::recognize::Head;
use crate::order::InOrder;
use rustc_hash::FxHashMap;

/// The format.
pub const FORMAT: Format = Format { name: "speedscope", matches, read };

fn matches(head: &Head) -> bool {
    head.text.contains("speedscope.app/file-format-schema.json") && (head.key("$schema") || head.key("shared"))
}

fn read(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let limits = input.limits;
    let mut file = File { tree: Tree { limits, ..Tree::default() }, ..File::default() };
    let mut json = Json::new(&mut *input.content);
    let read = json.object(|json, key| {
        match key {
            "shared" => json.object(|json, key| match key {
                "frames" => file.frames(json),
                _ => json.skip(),
            })?,
            "profiles" => json.array(|json| file.profile(json, notes))?,
            "exporter" => {
                file.exporter = json.string()?.unwrap_or_default();
                true
            }
            _ => json.skip().map(|()| true)?,
        };
        Ok(())
    });
    if let Err(error) = read {
        if file.frames.is_empty() || file.profiles.is_empty() {
            return Err(error);
        }
        notes.add(0, format!("{}: what stands before it was read", error.0));
    }
    if file.profiles.is_empty() {
        return Err(Refused("A speedscope file without profiles".to_owned()));
    }
    file.finish(limits, artefact, notes)
}

#[derive(Default)]
struct File {
    exporter: String,
    frames: Vec<Frame>,
    profiles: Vec<OneThread>,
    tree: Tree,
}

#[derive(Default)]
struct OneThread {
    name: String,
    unit: String,
    start: f64,
    /// Where the stack ended and how much it counts.
    stacks: Vec<(u32, f64)>,
    /// Between events: also when it began. Empty for sampled profiles.
    times: Vec<f64>,
}

/// Stacks of frame numbers.
#[derive(Default)]
struct Tree {
    places: Vec<(u32, u32)>,
    children: FxHashMap<(u32, u32), u32>,
    limits: Limits,
}

const ROOT: u32 = u32::MAX;

impl Tree {
    fn below(&mut self, parent: u32, frame: u32) -> Result<u32, Refused> {
        if let Some(known) = self.children.get(&(parent, frame)) {
            return Ok(*known);
        }
        Input::at_most(
            self.places.len() + 1,
            self.limits.samples,
            "place in the call tree",
            "places in the call tree",
        )?;
        let index = self.places.len() as u32;
        self.places.push((parent, frame));
        self.children.insert((parent, frame), index);
        Ok(index)
    }
}

impl File {
    fn frames(&mut self, json: &mut Json) -> Result<(), Refused> {
        json.array(|json| {
            let mut frame = Frame::default();
            json.object(|json, key| {
                match key {
                    "name" => frame.name = json.string()?.unwrap_or_default(),
                    "file" => frame.path = json.string()?.unwrap_or_default(),
                    "line" => frame.line = json.count()?.unwrap_or_default().min(u64::from(u32::MAX)) as u32,
                    "col" => frame.column = json.count()?.unwrap_or_default().min(u64::from(u32::MAX)) as u32,
                    _ => json.skip()?,
                }
                Ok(())
            })?;
            if let Some(rest) = frame.path.strip_prefix("file://") {
                frame.path = rest.to_owned();
            }
            self.frames.push(frame);
            Input::at_most(self.frames.len(), self.tree.limits.samples, "frame", "frames")
        })?;
        Ok(())
    }

    fn profile(&mut self, json: &mut Json, notes: &mut Notes) -> Result<(), Refused> {
        let mut thread = OneThread::default();
        let (mut ends, mut weights) = (Vec::new(), Vec::new());
        let mut events = Vec::new();
        let most = self.tree.limits.samples;
        let tree = &mut self.tree;
        let read = json.object(|json, key| {
            match key {
                "name" => thread.name = json.string()?.unwrap_or_default(),
                "unit" => thread.unit = json.string()?.unwrap_or_default(),
                "startValue" => thread.start = json.number()?.unwrap_or_default(),
                "samples" => {
                    json.array(|json| {
                        let mut at = ROOT;
                        json.array(|json| {
                            let frame = json.count()?.and_then(|frame| u32::try_from(frame).ok());
                            at = tree.below(at, frame.unwrap_or(u32::MAX))?;
                            Ok(())
                        })?;
                        ends.push(at);
                        Input::at_most(ends.len(), most, "sample", "samples")
                    })?;
                }
                "weights" => {
                    json.array(|json| {
                        weights.push(json.number()?.unwrap_or_default());
                        Input::at_most(weights.len(), most, "sample", "samples")
                    })?;
                }
                "events" => {
                    json.array(|json| {
                        events.push(event(json)?);
                        Input::at_most(events.len(), most, "event", "events")
                    })?;
                }
                _ => json.skip()?,
            }
            Ok(())
        });
        if weights.len() < ends.len() && !weights.is_empty() {
            notes.add(0, "Samples without weight were left out");
        } else if weights.is_empty() {
            weights.resize(ends.len(), 1.0);
        }
        thread.stacks = ends.into_iter().zip(weights).collect();
        if !events.is_empty() {
            replay(&events, &mut thread, tree, notes)?;
        }
        if !thread.stacks.is_empty() {
            self.profiles.push(thread);
        }
        read.map(|_| ())
    }

    fn finish(self, limits: Limits, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
        let runtime = runtime(&self.exporter, &self.frames);
        let bytes = self.profiles.iter().any(|thread| thread.unit == "bytes");
        let timed = self.profiles.iter().any(|thread| scale(&thread.unit).is_some());
        let unit = if bytes {
            Unit::Bytes
        } else if timed {
            Unit::Seconds
        } else {
            Unit::Samples
        };
        let fits = |thread: &OneThread| match unit {
            Unit::Bytes => thread.unit == "bytes",
            Unit::Seconds => scale(&thread.unit).is_some(),
            Unit::Samples => true,
        };
        let tool = match self.exporter.split_once('@') {
            Some((name, version)) => format!("{name} {version}"),
            None if self.exporter.is_empty() => "speedscope".to_owned(),
            None => self.exporter.clone(),
        };
        let mut builder = Builder::new(tool, runtime, unit, limits);
        let lines_execute = self.exporter.starts_with("py-spy") || runtime == Runtime::Python;
        let places = place(&mut builder, &self.tree.places, &self.frames, lines_execute, notes)?;
        let mut intervals = Vec::new();
        let mut longest = 0.0f64;
        for thread in &self.profiles {
            // memray writes bytes and numbers of allocations into one file.
            if !fits(thread) {
                notes.add(0, format!("`{}` counts something else than the rest and was left out", thread.name));
                continue;
            }
            let number = builder.thread(&thread.name);
            let factor = scale(&thread.unit).unwrap_or(1.0);
            let mut at = 0.0;
            for (index, (end, weight)) in thread.stacks.iter().enumerate() {
                let value = weight * factor;
                let began = thread.times.get(index).map_or(at, |time| (time - thread.start) * factor);
                if let Some(node) = places.get(*end as usize) {
                    builder.sample(*node, number, (unit != Unit::Bytes).then_some(began), value, 1);
                    if value > 0.0 && thread.times.is_empty() && intervals.len() < 10_000 {
                        intervals.push(value);
                    }
                }
                at = began + value.max(0.0);
            }
            longest = longest.max(at);
        }
        intervals.order_by(f64::total_cmp);
        let middle = intervals.get(intervals.len() / 2).copied().filter(|_| unit == Unit::Seconds);
        builder.profile.method = Method::Sampled { interval_seconds: middle };
        builder.profile.duration_seconds = (unit == Unit::Seconds).then_some(longest);
        artefact.evidence.push(Evidence::Profile(Box::new(builder.tree(notes))));
        Ok(())
    }
}

/// Opening or closing of a frame.
struct Event {
    opens: bool,
    frame: u32,
    at: f64,
}

fn event(json: &mut Json) -> Result<Event, Refused> {
    let mut event = Event { opens: false, frame: u32::MAX, at: 0.0 };
    json.object(|json, key| {
        match key {
            "type" => event.opens = json.string()?.as_deref() == Some("O"),
            "frame" => event.frame = json.count()?.and_then(|frame| u32::try_from(frame).ok()).unwrap_or(u32::MAX),
            "at" => event.at = json.number()?.unwrap_or_default(),
            _ => json.skip()?,
        }
        Ok(())
    })?;
    Ok(event)
}

/// Turns events into the stacks between them.
fn replay(events: &[Event], thread: &mut OneThread, tree: &mut Tree, notes: &mut Notes) -> Result<(), Refused> {
    let mut open = vec![ROOT];
    let mut last = thread.start;
    for event in events {
        let here = open.last().copied().unwrap_or(ROOT);
        if event.at > last && here != ROOT {
            thread.stacks.push((here, event.at - last));
            thread.times.push(last);
        } else if event.at < last {
            notes.add(0, "Events are out of order: the time between them was left out");
        }
        last = last.max(event.at);
        if event.opens {
            open.push(tree.below(here, event.frame)?);
        } else if open.len() > 1 {
            open.pop();
        } else {
            notes.add(0, "A frame is closed that was not open");
        }
    }
    Ok(())
}

fn scale(unit: &str) -> Option<f64> {
    match unit {
        "seconds" => Some(1.0),
        "milliseconds" => Some(1e-3),
        "microseconds" => Some(1e-6),
        "nanoseconds" => Some(1e-9),
        _ => None,
    }
}

fn runtime(exporter: &str, frames: &[Frame]) -> Runtime {
    let ends = |ends: &[&str]| frames.iter().filter(|f| ends.iter().any(|end| f.path.ends_with(end))).count() * 2;
    if ["py-spy", "austin", "memray", "pyinstrument"].iter().any(|tool| exporter.starts_with(tool))
        || ends(&[".py"]) > frames.len()
    {
        Runtime::Python
    } else if ends(&[".js", ".mjs", ".cjs", ".ts"]) > frames.len() || frames.iter().any(|f| f.path.starts_with("node:"))
    {
        Runtime::JavaScript
    } else {
        Runtime::Other
    }
}

/// Numbers of nodes for the stacks. A Python profiler's frame is a line that ran: frames of one function are joined, and
/// the line stays with the node.
fn place(
    builder: &mut Builder,
    places: &[(u32, u32)],
    frames: &[Frame],
    lines_execute: bool,
    notes: &mut Notes,
) -> Result<Vec<u32>, Refused> {
    let mut functions = Vec::with_capacity(frames.len());
    for frame in frames {
        let (line, definition) = if lines_execute { (frame.line, 0) } else { (0, frame.line) };
        let thread =
            frame.path.is_empty() && (frame.name.starts_with("process ") || frame.name.starts_with("thread ("));
        let of_function = Frame { line: definition, ..frame.clone() };
        let function =
            if thread { builder.function_of(of_function, Origin::Label)? } else { builder.function(of_function)? };
        functions.push((function, line));
    }
    let mut unknown = None;
    let mut nodes: Vec<u32> = Vec::with_capacity(places.len());
    let ends: Vec<bool> = {
        let mut ends = vec![true; places.len()];
        for (parent, _) in places {
            if let Some(end) = ends.get_mut(*parent as usize) {
                *end = false;
            }
        }
        ends
    };
    for (index, (parent, frame)) in places.iter().enumerate() {
        let (mut function, line) = match functions.get(*frame as usize) {
            Some(known) => *known,
            None => {
                notes.add(0, "A stack names a frame that does not exist");
                let number = match unknown {
                    Some(number) => number,
                    None => *unknown.insert(builder.function(Frame::named("(unknown)"))?),
                };
                (number, 0)
            }
        };
        if lines_execute && ends.get(index).copied().unwrap_or_default() && waits(places, frames, index) {
            let idle = frames.get(*frame as usize).map(|frame| Frame {
                line: 0,
                name: format!("{} (waiting)", frame.name),
                ..frame.clone()
            });
            function = builder.function_of(idle.unwrap_or_default(), Origin::Idle)?;
        }
        let parent = nodes.get(*parent as usize).copied();
        nodes.push(builder.node(parent, function, line)?);
    }
    Ok(nodes)
}

/// Whether the stack that ends here waits for events.
fn waits(places: &[(u32, u32)], frames: &[Frame], end: usize) -> bool {
    let up = |index: &usize| places.get(*index).map(|(parent, _)| *parent as usize);
    let stack = std::iter::successors(Some(end), up).take(4).filter_map(|index| places.get(index));
    let mut stack: Vec<&Frame> = stack.filter_map(|(_, frame)| frames.get(*frame as usize)).collect();
    stack.reverse();
    origin::waits(&stack)
}
