//! V8's profiles of processor time: `node --cpu-prof`, the inspector and Chrome's developer tools. Nodes with their
//! children's numbers, numbers of nodes as samples, and microseconds between them; before 2017 a nested tree with
//! timestamps. Times and columns count from 0 in the file, from 1 here.

use super::build::{Builder, Frame};
use super::v8;
use crate::evidence::input::{Input, Limits, Notes, Refused};
use crate::evidence::model::profile::{Method, Origin, Runtime, Unit};
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::readers::Format;
use crate::evidence::readers::json::{Json, Visit};
use crate::evidence::recognize::Head;
use rustc_hash::FxHashMap;

/// The format.
pub const FORMAT: Format = Format { name: "V8 CPU profile", matches, read };

fn matches(head: &Head) -> bool {
    let has = |part: &str| head.text.contains(part);
    let flat = has("\"callFrame\"") && (head.key("nodes") || head.key("samples") || head.key("timeDeltas"));
    let legacy = head.key("head") && has("\"functionName\"") && (has("\"hitCount\"") || has("\"callUID\""));
    !head.array && !has("\"selfSize\"") && (flat || legacy)
}

fn read(input: &mut Input, artefact: &mut Artefact, notes: &mut Notes) -> Result<(), Refused> {
    let mut file = File::new(input.limits);
    let mut json = Json::new(&mut *input.content);
    let read = json.object(|json, key| {
        match key {
            "nodes" => json.array(|json| file.node(json)).map(drop)?,
            "head" => file.nested(json, notes)?,
            "samples" => json.array(|json| file.sample(json)).map(drop)?,
            "timeDeltas" => json.array(|json| file.delta(json)).map(drop)?,
            "timestamps" => json.array(|json| file.timestamp(json)).map(drop)?,
            "startTime" => file.start = json.number()?,
            "endTime" => file.end = json.number()?,
            _ => json.skip()?,
        }
        Ok(())
    });
    if let Err(error) = read {
        if !json.was_cut() || file.nodes.is_empty() || file.deltas.is_empty() {
            return Err(error);
        }
        notes.add(0, format!("{}: the samples before it were read", error.0));
    }
    if file.nodes.is_empty() {
        return Err(Refused("A V8 profile without call nodes".to_owned()));
    }
    let profile = file.finish(notes)?;
    artefact.evidence.push(Evidence::Profile(Box::new(profile)));
    Ok(())
}

/// A profile as far as it was read.
pub struct File {
    builder: Builder,
    most: usize,
    depth: usize,
    nodes: Vec<Node>,
    ids: FxHashMap<u64, u32>,
    /// Index of a node, and the number of one of its children.
    children: Vec<(u32, u64)>,
    ticks: Vec<(u32, u32, u64)>,
    samples: Vec<u32>,
    deltas: Vec<f64>,
    dropped: usize,
    last_timestamp: Option<f64>,
    start: Option<f64>,
    end: Option<f64>,
    legacy: bool,
}

#[derive(Clone, Copy)]
struct Node {
    id: u64,
    parent: Option<u32>,
    function: u32,
    hits: u64,
}

/// Numbers that no node has.
const NO_ID: u64 = u64::MAX;
const NO_NODE: u32 = u32::MAX;

impl File {
    /// Nothing yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            builder: Builder::new("V8 profiler", Runtime::JavaScript, Unit::Seconds, limits),
            most: limits.samples,
            depth: limits.depth,
            nodes: Vec::new(),
            ids: FxHashMap::default(),
            children: Vec::new(),
            ticks: Vec::new(),
            samples: Vec::new(),
            deltas: Vec::new(),
            dropped: 0,
            last_timestamp: None,
            start: None,
            end: None,
            legacy: false,
        }
    }

    /// Takes a piece of it out of an event of a trace.
    ///
    /// # Errors
    /// When there is more of it than the limits allow, or the text is broken.
    pub fn chunk(&mut self, json: &mut Json) -> Result<(), Refused> {
        let before = self.samples.len();
        let mut lines: Vec<u32> = Vec::new();
        json.object(|json, key| match key {
            "args" => inner(json, "data", &mut |json, key| match key {
                "cpuProfile" => json
                    .object(|json, key| match key {
                        "nodes" => json.array(|json| self.node(json)).map(drop),
                        "samples" => json.array(|json| self.sample(json)).map(drop),
                        "endTime" => {
                            self.end = json.number()?;
                            Ok(())
                        }
                        _ => json.skip(),
                    })
                    .map(drop),
                "timeDeltas" => json.array(|json| self.delta(json)).map(drop),
                "lines" => json
                    .array(|json| {
                        lines.push(json.count()?.and_then(|line| u32::try_from(line).ok()).unwrap_or(0));
                        Ok(())
                    })
                    .map(drop),
                "startTime" => {
                    self.start = json.number()?;
                    Ok(())
                }
                "endTime" => {
                    self.end = json.number()?;
                    Ok(())
                }
                _ => json.skip(),
            }),
            _ => json.skip(),
        })?;
        // The line that each sample was in.
        for (node, line) in self.samples.get(before..).unwrap_or_default().iter().zip(lines) {
            if line > 0 && self.ticks.len() < self.most {
                self.ticks.push((*node, line, 1));
            }
        }
        Ok(())
    }

    /// How many samples there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.samples.len()
    }

    /// Whether there is anything to make a profile of.
    #[must_use]
    pub const fn has_samples(&self) -> bool {
        !self.samples.is_empty() && !self.nodes.is_empty()
    }

    fn node(&mut self, json: &mut Json) -> Result<(), Refused> {
        let index = self.enter()?;
        let mut frame = CallFrame::default();
        let mut parent = None;
        json.object(|json, key| match key {
            "callFrame" => json.object(|json, key| frame.member(json, key)).map(drop),
            "parent" => {
                parent = json.count()?;
                Ok(())
            }
            "children" => json
                .array(|json| {
                    let child = json.count()?.unwrap_or(NO_ID);
                    self.children.push((index, child));
                    Input::at_most(self.children.len(), self.most, "call node", "call nodes")
                })
                .map(drop),
            key => self.member(json, key, index, &mut frame),
        })?;
        if let (Some(parent), Some(node)) = (parent, self.nodes.get(index as usize)) {
            // Chrome's traces name the parent instead of the children; it stands before.
            if let Some(parent) = self.ids.get(&parent) {
                self.children.push((*parent, node.id));
            }
        }
        self.leave(index, frame)
    }

    fn enter(&mut self) -> Result<u32, Refused> {
        Input::at_most(self.nodes.len() + 1, self.most, "call node", "call nodes")?;
        self.nodes.push(Node { id: NO_ID, parent: None, function: 0, hits: 0 });
        Ok((self.nodes.len() - 1) as u32)
    }

    fn leave(&mut self, index: u32, frame: CallFrame) -> Result<(), Refused> {
        let function = frame.function(&mut self.builder, self.legacy)?;
        if let Some(node) = self.nodes.get_mut(index as usize) {
            node.function = function;
        }
        Ok(())
    }

    /// What a node has besides its function, in both forms.
    fn member(&mut self, json: &mut Json, key: &str, index: u32, frame: &mut CallFrame) -> Result<(), Refused> {
        match key {
            "id" => {
                let id = json.count()?.unwrap_or(NO_ID);
                self.ids.entry(id).or_insert(index);
                if let Some(node) = self.nodes.get_mut(index as usize) {
                    node.id = id;
                }
            }
            "hitCount" => {
                let hits = json.count()?.unwrap_or_default();
                if let Some(node) = self.nodes.get_mut(index as usize) {
                    node.hits = hits;
                }
            }
            "positionTicks" => {
                json.array(|json| {
                    let (mut line, mut ticks) = (0, 0);
                    json.object(|json, key| {
                        match key {
                            "line" => {
                                line = json.count()?.and_then(|line| u32::try_from(line).ok()).unwrap_or_default()
                            }
                            "ticks" => ticks = json.count()?.unwrap_or_default(),
                            _ => json.skip()?,
                        }
                        Ok(())
                    })?;
                    self.ticks.push((index, line, ticks));
                    Input::at_most(self.ticks.len(), self.most, "line", "lines")
                })?;
            }
            _ => frame.member(json, key)?,
        }
        Ok(())
    }

    /// The form before 2017: a tree of nodes that hold their functions.
    fn nested(&mut self, json: &mut Json, notes: &mut Notes) -> Result<(), Refused> {
        self.legacy = true;
        let mut open: Vec<(u32, CallFrame)> = Vec::new();
        let deep = json.tree("children", self.depth, |json, visit| match visit {
            Visit::Enter => {
                let index = self.enter()?;
                let parent = open.last().map(|(parent, _)| *parent);
                if let Some(node) = self.nodes.get_mut(index as usize) {
                    node.parent = parent;
                }
                open.push((index, CallFrame::default()));
                Ok(())
            }
            Visit::Member(key) => match open.last_mut() {
                Some((index, frame)) => self.member(json, key, *index, frame),
                None => json.skip(),
            },
            Visit::Leave => match open.pop() {
                Some((index, frame)) => self.leave(index, frame),
                None => Ok(()),
            },
        })?;
        if deep {
            notes.add(0, format!("Calls nested deeper than {} were left out", self.depth));
        }
        Ok(())
    }

    fn sample(&mut self, json: &mut Json) -> Result<(), Refused> {
        let id = json.count()?.unwrap_or(NO_ID);
        if self.samples.len() < self.most {
            // The nodes stand before the samples in every file that V8 writes.
            self.samples.push(self.ids.get(&id).copied().unwrap_or(NO_NODE));
        } else {
            self.dropped += 1;
        }
        Ok(())
    }

    fn delta(&mut self, json: &mut Json) -> Result<(), Refused> {
        let delta = json.number()?.unwrap_or_default();
        if self.deltas.len() < self.most {
            self.deltas.push(delta);
        }
        Ok(())
    }

    fn timestamp(&mut self, json: &mut Json) -> Result<(), Refused> {
        let at = json.number()?.unwrap_or_default();
        let before = self.last_timestamp.replace(at);
        if self.deltas.len() < self.most {
            self.deltas.push(at - before.unwrap_or(at));
        }
        Ok(())
    }

    /// The profile.
    ///
    /// # Errors
    /// When there is more of it than the limits allow.
    pub fn finish(mut self, notes: &mut Notes) -> Result<crate::evidence::model::profile::Profile, Refused> {
        self.adopt(notes);
        let places = self.places(notes)?;
        if self.dropped > 0 {
            notes.add(
                0,
                format!("Only the first {} were read", crate::words::counted(self.most as u64, "sample", "samples")),
            );
        }
        let wall = match (self.start, self.end) {
            (Some(start), Some(end)) if end > start => Some((end - start) * if self.legacy { 1.0 } else { 1e-6 }),
            _ => None,
        };
        if self.deltas.iter().any(|delta| *delta < 0.0) {
            notes.add(0, "The clock ran backwards between samples: these times count as zero");
        }
        if self.deltas.is_empty() || self.samples.is_empty() {
            self.by_hits(&places, wall);
        } else {
            self.by_time(&places, wall, notes)?;
        }
        self.builder.profile.duration_seconds = wall;
        self.lines(&places);
        Ok(self.builder.tree(notes))
    }

    /// Finds every node's parent; what is named twice stays where it was named first.
    fn adopt(&mut self, notes: &mut Notes) {
        for (parent, child) in std::mem::take(&mut self.children) {
            let Some(index) = self.ids.get(&child).copied() else {
                notes.add(0, "A call node names a child that does not exist");
                continue;
            };
            let Some(node) = self.nodes.get_mut(index as usize) else { continue };
            if index == parent || node.parent.is_some_and(|known| known != parent) {
                notes.add(0, "Call nodes form a circle or have two parents: the later link was left out");
            } else {
                node.parent = Some(parent);
            }
        }
    }

    /// Numbers of the nodes in the call tree, parents first. A circle is opened at its node that the file names first.
    fn places(&mut self, notes: &mut Notes) -> Result<Vec<u32>, Refused> {
        let mut places = vec![NO_NODE; self.nodes.len()];
        let mut open = vec![false; self.nodes.len()];
        for start in 0..self.nodes.len() {
            // Up to the first ancestor that has its place, then down again.
            let mut way: Vec<u32> = Vec::new();
            let mut here = Some(start as u32);
            let mut parent = None;
            while let Some(index) = here {
                let place = places.get(index as usize).copied().unwrap_or(NO_NODE);
                if place != NO_NODE {
                    parent = Some(place);
                    break;
                }
                let Some(seen) = open.get_mut(index as usize) else { break };
                if *seen {
                    notes.add(0, "Call nodes form a circle: the call of its first node was left out");
                    let circle = way.iter().skip_while(|node| **node != index);
                    if let Some(node) = circle.min().and_then(|first| self.nodes.get_mut(*first as usize)) {
                        node.parent = None;
                    }
                    for node in way.drain(..) {
                        if let Some(seen) = open.get_mut(node as usize) {
                            *seen = false;
                        }
                    }
                    here = Some(start as u32);
                    continue;
                }
                *seen = true;
                way.push(index);
                here = self.nodes.get(index as usize).and_then(|node| node.parent);
            }
            while let Some(index) = way.pop() {
                let function = self.nodes.get(index as usize).map_or(0, |node| node.function);
                let place = self.builder.node(parent, function, 0)?;
                if let Some(known) = places.get_mut(index as usize) {
                    *known = place;
                }
                parent = Some(place);
            }
        }
        Ok(places)
    }

    /// The time after a sample is that of its stack.
    fn by_time(&mut self, places: &[u32], wall: Option<f64>, notes: &mut Notes) -> Result<(), Refused> {
        let counted = self.samples.len().min(self.deltas.len());
        if counted < self.samples.len() {
            notes.add(0, "There are more samples than times between them: the last samples were left out");
        }
        let first = self.deltas.first().copied().unwrap_or_default().max(0.0) * 1e-6;
        let mut at = first;
        let mut sum = 0.0;
        let mut unknown = None;
        for index in 0..counted {
            let value = match self.deltas.get(index + 1) {
                Some(delta) => delta.max(0.0) * 1e-6,
                None if self.legacy || self.dropped > 0 => 0.0,
                None => wall.map_or(0.0, |wall| (wall - at).max(0.0)),
            };
            let sample = self.samples.get(index).copied().unwrap_or(NO_NODE);
            let place = match places.get(sample as usize) {
                Some(place) => *place,
                None => {
                    notes.add(index as u64 + 1, "A sample names a call node that does not exist");
                    match unknown {
                        Some(place) => place,
                        None => {
                            let function = self.builder.function_of(Frame::named("(unknown)"), Origin::Program)?;
                            *unknown.insert(self.builder.node(None, function, 0)?)
                        }
                    }
                }
            };
            self.builder.sample(place, 0, Some(at), value, 1);
            at += value;
            sum += value;
        }
        let interval = (counted > 0).then_some(sum / counted as f64);
        self.builder.profile.method = Method::Sampled { interval_seconds: interval };
        Ok(())
    }

    fn by_hits(&mut self, places: &[u32], wall: Option<f64>) {
        let hits: f64 = self.nodes.iter().map(|node| node.hits as f64).sum();
        let interval = wall.filter(|_| hits > 0.0).map(|wall| wall / hits);
        if interval.is_none() {
            self.builder.profile.unit = Unit::Samples;
        }
        self.builder.profile.method = Method::Sampled { interval_seconds: interval };
        for (node, place) in self.nodes.iter().zip(places) {
            self.builder.sample(*place, 0, None, node.hits as f64 * interval.unwrap_or(1.0), node.hits);
        }
    }

    /// Time of lines: a node's own time, shared by the ticks of its lines.
    fn lines(&mut self, places: &[u32]) {
        let mut sums: FxHashMap<u32, u64> = FxHashMap::default();
        let ticks: Vec<(u32, u32, u64)> = std::mem::take(&mut self.ticks)
            .into_iter()
            .filter_map(|(node, line, ticks)| Some((*places.get(node as usize)?, line, ticks)))
            .collect();
        for (place, _, ticks) in &ticks {
            let sum = sums.entry(*place).or_default();
            *sum = sum.saturating_add(*ticks);
        }
        for (place, line, ticks) in ticks {
            let sum = sums.get(&place).copied().unwrap_or_default();
            let Some(node) = self.builder.profile.node(place).copied().filter(|_| sum > 0) else { continue };
            let value = node.self_value * ticks as f64 / sum as f64;
            self.builder.line(node.function, line, value, value);
        }
    }
}

/// The members of an object that stands under one key of another.
fn inner(
    json: &mut Json,
    wanted: &str,
    each: &mut dyn FnMut(&mut Json, &str) -> Result<(), Refused>,
) -> Result<(), Refused> {
    json.object(
        |json, key| if key == wanted { json.object(|json, key| each(json, key)).map(drop) } else { json.skip() },
    )
    .map(drop)
}

/// A function as V8 writes it.
#[derive(Default)]
pub struct CallFrame {
    name: String,
    url: String,
    line: f64,
    column: f64,
    in_script: bool,
}

impl CallFrame {
    /// Takes a member of the object, or skips it.
    ///
    /// # Errors
    /// When the text is broken.
    pub fn member(&mut self, json: &mut Json, key: &str) -> Result<(), Refused> {
        match key {
            "functionName" => self.name = json.string()?.unwrap_or_default(),
            "url" => self.url = json.string()?.unwrap_or_default(),
            "scriptId" if json.look()? == b'"' => self.in_script = json.string()?.is_some_and(|id| id != "0"),
            "scriptId" => self.in_script = json.count()?.is_some_and(|id| id != 0),
            "lineNumber" => self.line = json.number()?.unwrap_or(-1.0),
            "columnNumber" => self.column = json.number()?.unwrap_or(-1.0),
            _ => json.skip()?,
        }
        Ok(())
    }

    /// The number of the function. Heap profiles often leave out the file of a script; code without file that still
    /// belongs to a script or stands in a line is the program's.
    ///
    /// # Errors
    /// When there are more functions than a profile may have.
    pub fn function(self, builder: &mut Builder, from_one: bool) -> Result<u32, Refused> {
        let in_code = self.in_script || self.line > 0.0;
        let of_script = in_code && self.url.is_empty() && !self.name.starts_with("RegExp: ");
        let frame = self.frame(from_one);
        if of_script { builder.function_of(frame, Origin::Project) } else { builder.function(frame) }
    }

    /// Lines count from 0 in the newer form.
    fn frame(self, from_one: bool) -> Frame {
        let count = |number: f64| (number + if from_one { 0.0 } else { 1.0 }).clamp(0.0, f64::from(u32::MAX)) as u32;
        let path = v8::path(&self.url);
        let (line, column) = if path.is_empty() { (0, 0) } else { (count(self.line), count(self.column)) };
        Frame { name: v8::named(&self.name), path, line, column }
    }
}
