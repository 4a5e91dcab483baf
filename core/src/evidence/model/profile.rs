//! What a profiler saw: functions, who calls whom, and, where the tool kept them, stacks in order of time. Processor
//! and heap profiles have the same shape; the unit tells them apart. Knows no tool and no format.

use serde::{Deserialize, Serialize};

/// One profile. Threads and processes of one file are one profile; their samples say where they ran.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Name of the tool for people: `cProfile`, `py-spy 0.4.3`.
    pub tool: String,
    /// What ran the code: tells library paths from project paths.
    pub runtime: Runtime,
    /// What the figures count.
    pub unit: Unit,
    /// How the tool looked.
    pub method: Method,
    /// Time from the first to the last sample, where the tool says so.
    pub duration_seconds: Option<f64>,
    /// Threads or processes, in the order of the file; empty when the tool does not tell them apart.
    pub threads: Vec<Thread>,
    /// All functions. Figures are over the whole profile.
    pub functions: Vec<Function>,
    /// Calls from function to function, ordered by caller and callee; only of tools that count calls.
    pub edges: Vec<Edge>,
    /// The call tree, parents before children; empty of tools that keep no stacks.
    pub nodes: Vec<CallNode>,
    /// Samples in order of time within each thread; empty of tools that keep no order.
    pub samples: Vec<Sample>,
    /// Figures of lines, ordered by function and line.
    pub lines: Vec<LineCost>,
}

/// What ran the profiled code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Runtime {
    /// Python.
    Python,
    /// V8: Node.js or a browser.
    JavaScript,
    /// Anything else, or not told.
    #[default]
    Other,
}

/// What a figure counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Seconds.
    #[default]
    Seconds,
    /// Samples; [`Method::Sampled`] may know how long one is.
    Samples,
    /// Bytes: a heap profile.
    Bytes,
}

/// How the tool looked at the program.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Every call of the profiled thread was counted: what is missing was not called.
    EveryCall,
    /// Now and then; what is missing proves nothing.
    Sampled {
        /// Time between two samples, where it is known.
        interval_seconds: Option<f64>,
    },
}

/// A thread or process of a profile.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Thread {
    /// Its name as the tool printed it.
    pub name: String,
    /// Sum of its samples, in the profile's unit.
    pub total: f64,
}

/// A function of the profiled program, or a frame that stands for what is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Function {
    /// Name as the tool printed it.
    pub name: String,
    /// File, without scheme; empty when there is none.
    pub path: String,
    /// Line of its definition from 1, 0 when unknown.
    pub line: u32,
    /// Column of its definition from 1, 0 when unknown.
    pub column: u32,
    /// Whose code it is.
    pub origin: Origin,
    /// Spent or allocated in itself, in the profile's unit.
    pub self_value: f64,
    /// With everything that it called; once a stack, however often it calls itself.
    pub total: f64,
    /// Calls; of generators and coroutines every resumption. `None` when the tool counts none.
    pub calls: Option<u64>,
    /// Calls that were not made by itself, directly or through others.
    pub outer_calls: Option<u64>,
}

/// Whose code a function is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The profiled project's.
    #[default]
    Project,
    /// An installed package's, the standard library's or the runtime's own.
    Library,
    /// Machine code without a file: builtins, C extensions, the kernel.
    Builtin,
    /// Not running: waiting for events.
    Idle,
    /// The garbage collector.
    Collector,
    /// The runtime itself, outside any function.
    Program,
    /// A frame that only groups others: root, process, thread.
    Label,
}

impl Origin {
    /// Whether time in it belongs to whoever called it.
    #[must_use]
    pub const fn is_foreign(self) -> bool {
        matches!(self, Self::Library | Self::Builtin)
    }
}

/// Calls from one function to another.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edge {
    /// Index of the calling function.
    pub caller: u32,
    /// Index of the called function.
    pub callee: u32,
    /// How often; 0 when the tool does not say.
    pub calls: u64,
    /// Spent in the callee itself for this caller.
    pub self_value: f64,
    /// With everything that the callee called for this caller.
    pub total: f64,
}

/// A place in the call tree.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallNode {
    /// Index of the calling node, smaller than its own.
    pub parent: Option<u32>,
    /// Index of the function.
    pub function: u32,
    /// Line that was being executed in it, 0 when unknown.
    pub line: u32,
    /// Spent or allocated here, without children.
    pub self_value: f64,
    /// Samples that ended here.
    pub hits: u64,
}

/// One sample.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Node at which the stack ended.
    pub node: u32,
    /// Index of the thread; 0 when threads are not told apart.
    pub thread: u32,
    /// Seconds since the start of the profile.
    pub at_seconds: f64,
    /// How much it counts, in the profile's unit.
    pub value: f64,
}

/// What one line of a function cost.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineCost {
    /// Index of the function.
    pub function: u32,
    /// Line from 1.
    pub line: u32,
    /// Spent or allocated on the line itself.
    pub self_value: f64,
    /// With everything that was called from it.
    pub total: f64,
}

impl Profile {
    /// Everything that was measured: the sum over all functions, idle time included.
    #[must_use]
    pub fn whole(&self) -> f64 {
        self.functions.iter().map(|function| function.self_value).sum()
    }

    /// Time of frames of one origin.
    #[must_use]
    pub fn of_origin(&self, origin: Origin) -> f64 {
        let of_it = self.functions.iter().filter(|function| function.origin == origin);
        of_it.map(|function| function.self_value).sum()
    }

    /// What was measured while the program did something.
    #[must_use]
    pub fn busy(&self) -> f64 {
        (self.whole() - self.of_origin(Origin::Idle)).max(0.0)
    }

    /// Seconds that a figure of this profile stands for, when it is a time.
    #[must_use]
    pub fn seconds(&self, value: f64) -> Option<f64> {
        match (self.unit, self.method) {
            (Unit::Seconds, _) => Some(value),
            (Unit::Samples, Method::Sampled { interval_seconds }) => interval_seconds.map(|interval| value * interval),
            _ => None,
        }
    }

    /// A function by its index.
    #[must_use]
    pub fn function(&self, index: u32) -> Option<&Function> {
        self.functions.get(index as usize)
    }

    /// The line to name for a function: of its definition, else the one that cost most.
    #[must_use]
    pub fn line_of(&self, function: u32) -> u32 {
        let defined = self.function(function).map_or(0, |function| function.line);
        if defined > 0 {
            return defined;
        }
        let lines = self.lines.iter().filter(|line| line.function == function);
        lines.max_by(|a, b| a.total.total_cmp(&b.total)).map_or(0, |line| line.line)
    }

    /// A node by its index.
    #[must_use]
    pub fn node(&self, index: u32) -> Option<&CallNode> {
        self.nodes.get(index as usize)
    }

    /// The nodes from one to the root, itself first.
    pub fn stack(&self, node: u32) -> impl Iterator<Item = &CallNode> {
        std::iter::successors(self.node(node), |here| here.parent.and_then(|parent| self.node(parent)))
    }

    /// Value of each node with everything below it.
    #[must_use]
    pub fn subtotals(&self) -> Vec<f64> {
        let mut totals: Vec<f64> = self.nodes.iter().map(|node| node.self_value).collect();
        for (index, node) in self.nodes.iter().enumerate().rev() {
            let value = totals.get(index).copied().unwrap_or_default();
            if let Some(parent) = node.parent.and_then(|parent| totals.get_mut(parent as usize)) {
                *parent += value;
            }
        }
        totals
    }
}
