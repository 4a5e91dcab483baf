//! Builds a profile: gives functions and places of the call tree their numbers, keeps to the limits, and adds up what
//! follows from the tree. Readers say what they read; nobody else counts.

use super::origin;
use crate::evidence::input::{Input, Limits, Notes, Refused};
use crate::evidence::model::profile::{
    CallNode, Edge, Function, LineCost, Method, Origin, Profile, Runtime, Sample, Thread, Unit,
};
use crate::order::InOrder;
use rustc_hash::FxHashMap;

/// A function as a tool names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Frame {
    /// Name.
    pub name: String,
    /// File, empty when there is none.
    pub path: String,
    /// Line of the definition, or 0.
    pub line: u32,
    /// Column of the definition, or 0.
    pub column: u32,
}

impl Frame {
    /// A frame without a place.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}

/// A profile that grows.
pub struct Builder {
    /// What is known so far. Readers set what a file says of the whole, and figures that its tool counted itself.
    pub profile: Profile,
    /// Whether the tool prints paths below `sys.path` instead of whole ones.
    pub short_paths: bool,
    limits: Limits,
    functions: FxHashMap<Frame, u32>,
    children: FxHashMap<(u32, u32, u32), u32>,
    depths: Vec<u32>,
    cut: u64,
    dropped: u64,
    clamped: u64,
}

/// Key of nodes without parent.
const NO_PARENT: u32 = u32::MAX;

/// Functions and call nodes that a profile may have; far above what tools write.
const MOST: usize = 2_000_000;

impl Builder {
    /// An empty profile.
    pub fn new(tool: impl Into<String>, runtime: Runtime, unit: Unit, limits: Limits) -> Self {
        let profile = Profile {
            tool: tool.into(),
            runtime,
            unit,
            method: Method::Sampled { interval_seconds: None },
            duration_seconds: None,
            threads: Vec::new(),
            functions: Vec::new(),
            edges: Vec::new(),
            nodes: Vec::new(),
            samples: Vec::new(),
            lines: Vec::new(),
        };
        let (functions, children) = (FxHashMap::default(), FxHashMap::default());
        let (depths, cut, dropped, clamped) = (Vec::new(), 0, 0, 0);
        Self { profile, short_paths: false, limits, functions, children, depths, cut, dropped, clamped }
    }

    /// The number of a function; its origin follows from its name and path.
    ///
    /// # Errors
    /// When there are more than a profile may have.
    pub fn function(&mut self, frame: Frame) -> Result<u32, Refused> {
        let origin = origin::of(self.profile.runtime, &frame, self.short_paths);
        self.function_of(frame, origin)
    }

    /// Likewise, of a known origin.
    ///
    /// # Errors
    /// As [`Builder::function`].
    pub fn function_of(&mut self, frame: Frame, origin: Origin) -> Result<u32, Refused> {
        if let Some(known) = self.functions.get(&frame) {
            return Ok(*known);
        }
        Input::at_most(self.profile.functions.len() + 1, MOST, "function", "functions")?;
        let index = self.profile.functions.len() as u32;
        self.functions.insert(frame.clone(), index);
        let Frame { name, path, line, column } = frame;
        let (self_value, total, calls, outer_calls) = (0.0, 0.0, None, None);
        self.profile.functions.push(Function {
            name,
            path,
            line,
            column,
            origin,
            self_value,
            total,
            calls,
            outer_calls,
        });
        Ok(index)
    }

    /// The number of a place in the call tree. Below the deepest level that is kept, calls are dropped but the innermost
    /// is not: a place there stands beside the last one kept.
    ///
    /// # Errors
    /// When there are more than a profile may have.
    pub fn node(&mut self, parent: Option<u32>, function: u32, line: u32) -> Result<u32, Refused> {
        let mut parent = parent;
        let mut depth = parent.and_then(|parent| self.depths.get(parent as usize)).map_or(1, |depth| depth + 1);
        if depth as usize > self.limits.depth {
            parent = parent.and_then(|parent| self.profile.node(parent)).and_then(|node| node.parent);
            depth -= 1;
            self.cut += 1;
        }
        let key = (parent.unwrap_or(NO_PARENT), function, line);
        if let Some(known) = self.children.get(&key) {
            return Ok(*known);
        }
        Input::at_most(self.profile.nodes.len() + 1, MOST, "place in the call tree", "places in the call tree")?;
        let index = self.profile.nodes.len() as u32;
        self.children.insert(key, index);
        self.depths.push(depth);
        self.profile.nodes.push(CallNode { parent, function, line, self_value: 0.0, hits: 0 });
        Ok(index)
    }

    /// Counts samples at a place. Order and thread are kept when `at_seconds` is given.
    pub fn sample(&mut self, node: u32, thread: u32, at_seconds: Option<f64>, value: f64, hits: u64) {
        let value = if value.is_finite() && value >= 0.0 {
            value
        } else {
            self.clamped += 1;
            0.0
        };
        if let Some(place) = self.profile.nodes.get_mut(node as usize) {
            place.self_value += value;
            place.hits = place.hits.saturating_add(hits);
        }
        if let Some(thread) = self.profile.threads.get_mut(thread as usize) {
            thread.total += value;
        }
        let Some(at_seconds) = at_seconds.filter(|at| at.is_finite()) else { return };
        if self.profile.samples.len() < self.limits.samples {
            self.profile.samples.push(Sample { node, thread, at_seconds, value });
        } else {
            self.dropped += 1;
        }
    }

    /// The number of a thread by its name.
    pub fn thread(&mut self, name: &str) -> u32 {
        let threads = &mut self.profile.threads;
        if let Some(known) = threads.iter().position(|thread| thread.name == name) {
            return known as u32;
        }
        threads.push(Thread { name: name.to_owned(), total: 0.0 });
        (threads.len() - 1) as u32
    }

    /// Adds to a line of a function.
    pub fn line(&mut self, function: u32, line: u32, self_value: f64, total: f64) {
        if line > 0 && self.profile.lines.len() < MOST {
            self.profile.lines.push(LineCost { function, line, self_value, total });
        }
    }

    /// The finished profile of a tool that writes stacks: figures of functions and lines follow from the tree.
    pub fn tree(mut self, notes: &mut Notes) -> Profile {
        self.add_up();
        self.done(notes)
    }

    /// The finished profile of a tool that writes figures of functions and edges itself.
    pub fn graph(mut self, edges: Vec<Edge>, notes: &mut Notes) -> Profile {
        self.profile.edges = edges;
        self.profile.edges.order_by_key(|edge| (edge.caller, edge.callee));
        self.done(notes)
    }

    fn done(mut self, notes: &mut Notes) -> Profile {
        if self.cut > 0 {
            let text =
                format!("Stacks deeper than {} calls were shortened; the innermost call is kept", self.limits.depth);
            notes.add(0, text);
        }
        if self.dropped > 0 {
            notes.add(0, "Only the first samples keep their order in time; all are counted");
        }
        if self.clamped > 0 {
            notes.add(0, "Negative or impossible times were counted as zero");
        }
        self.merge_lines();
        self.profile
    }

    fn merge_lines(&mut self) {
        let mut lines = std::mem::take(&mut self.profile.lines);
        lines.order_by_key(|line| (line.function, line.line));
        lines.dedup_by(|later, kept| {
            let same = (later.function, later.line) == (kept.function, kept.line);
            if same {
                kept.self_value += later.self_value;
                kept.total += later.total;
            }
            same
        });
        self.profile.lines = lines;
    }

    /// Walks the tree once: a function's total counts where no frame of it stands above.
    fn add_up(&mut self) {
        let subtotals = self.profile.subtotals();
        let mut lines: FxHashMap<(u32, u32), LineCost> = FxHashMap::default();
        let mut open: FxHashMap<(u32, u32), u32> = FxHashMap::default();
        let mut functions_open = vec![0u32; self.profile.functions.len()];
        walk(&self.profile.nodes, |index, node, enters| {
            let below = subtotals.get(index).copied().unwrap_or_default();
            let Some(count) = functions_open.get_mut(node.function as usize) else { return };
            if !enters {
                *count = count.saturating_sub(1);
                if node.line > 0
                    && let Some(count) = open.get_mut(&(node.function, node.line))
                {
                    *count = count.saturating_sub(1);
                }
                return;
            }
            *count += 1;
            if let Some(function) = self.profile.functions.get_mut(node.function as usize) {
                function.self_value += node.self_value;
                if *count == 1 {
                    function.total += below;
                }
            }
            if node.line > 0 {
                let key = (node.function, node.line);
                let count = open.entry(key).or_default();
                *count += 1;
                let empty = LineCost { function: key.0, line: key.1, self_value: 0.0, total: 0.0 };
                let cost = lines.entry(key).or_insert(empty);
                cost.self_value += node.self_value;
                if *count == 1 {
                    cost.total += below;
                }
            }
        });
        self.profile.lines.extend(lines.into_values());
    }
}

/// Depth first over a tree whose parents come before their children: `true` on entering a node, `false` on leaving.
fn walk(nodes: &[CallNode], mut visit: impl FnMut(usize, &CallNode, bool)) {
    const NONE: u32 = u32::MAX;
    let mut first = vec![NONE; nodes.len()];
    let mut next = vec![NONE; nodes.len()];
    let mut roots = NONE;
    for (index, node) in nodes.iter().enumerate().rev() {
        let head = match node.parent {
            Some(parent) => first.get_mut(parent as usize),
            None => Some(&mut roots),
        };
        if let (Some(head), Some(next)) = (head, next.get_mut(index)) {
            *next = std::mem::replace(head, index as u32);
        }
    }
    let mut todo = Vec::new();
    let mut here = roots;
    loop {
        while let Some(node) = nodes.get(here as usize) {
            visit(here as usize, node, true);
            todo.push(here);
            here = first.get(here as usize).copied().unwrap_or(NONE);
        }
        let Some(done) = todo.pop() else { return };
        if let Some(node) = nodes.get(done as usize) {
            visit(done as usize, node, false);
        }
        here = next.get(done as usize).copied().unwrap_or(NONE);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn builder(depth: usize) -> Builder {
        Builder::new("t", Runtime::Other, Unit::Seconds, Limits { depth, samples: 2, ..Limits::default() })
    }

    fn stack(builder: &mut Builder, names: &str, value: f64) {
        let mut node = None;
        for name in names.chars() {
            let function = builder.function(Frame::named(name)).unwrap();
            node = Some(builder.node(node, function, 3).unwrap());
        }
        builder.sample(node.unwrap(), 0, Some(0.0), value, 1);
    }

    fn figures(profile: &Profile) -> Vec<(&str, f64, f64)> {
        profile.functions.iter().map(|f| (f.name.as_str(), f.self_value, f.total)).collect()
    }

    #[test]
    fn a_function_counts_once_a_stack() {
        let mut b = builder(256);
        stack(&mut b, "abab", 1.0);
        stack(&mut b, "ab", 2.0);
        stack(&mut b, "b", 4.0);
        let mut notes = Notes::default();
        let profile = b.tree(&mut notes);
        assert_eq!(figures(&profile), [("a", 0.0, 3.0), ("b", 7.0, 7.0)]);
        assert_eq!(profile.whole(), 7.0);
        assert_eq!(profile.samples.len(), 2, "order is kept for as many as the limit allows");
        let lines: Vec<_> = profile.lines.iter().map(|l| (l.function, l.self_value, l.total)).collect();
        assert_eq!(lines, [(0, 0.0, 3.0), (1, 7.0, 7.0)]);
    }

    #[test]
    fn deep_stacks_keep_their_ends() {
        let mut b = builder(3);
        stack(&mut b, "abcdef", 1.0);
        let profile = b.tree(&mut Notes::default());
        assert_eq!(figures(&profile).iter().map(|f| f.1).collect::<Vec<_>>(), [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
        let kept: Vec<u32> = profile.stack(profile.samples[0].node).map(|node| node.function).collect();
        assert_eq!(kept, [5, 1, 0]);
    }

    #[test]
    fn impossible_values_are_zero() {
        let mut b = builder(9);
        stack(&mut b, "a", f64::NAN);
        stack(&mut b, "a", -5.0);
        stack(&mut b, "a", 1.0);
        assert_eq!(figures(&b.tree(&mut Notes::default())), [("a", 1.0, 1.0)]);
    }
}
