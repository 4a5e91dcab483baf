//! Series over the life of a process: memory, handles, delay of the event loop; and what single lines or calls of
//! functions left behind in memory. Knows no tool and no format.

use serde::{Deserialize, Serialize};

/// What a memory profiler or a process monitor recorded of one run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MemoryRun {
    /// Name of the tool for people: `mprof`, `clinic doctor`.
    pub tool: String,
    /// Measured values over time.
    pub series: Vec<Series>,
    /// Memory before and after calls of functions, in order of the file.
    pub calls: Vec<MemoryCall>,
    /// Lines of functions with the memory that they added, in order of the file.
    pub lines: Vec<MemoryLine>,
    /// Garbage collections in order of time.
    pub collections: Vec<Collection>,
}

/// One measured value of one process over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// What was measured.
    pub what: Measure,
    /// Which process, when there are several; empty for the main one.
    pub process: String,
    /// Values in order of time.
    pub points: Vec<Point>,
}

/// What a series measures, and in what unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Memory of the process, bytes.
    Resident,
    /// Live and dead objects on the heap, bytes.
    HeapUsed,
    /// Reserved heap, bytes.
    HeapTotal,
    /// Memory outside the heap that objects hold, bytes.
    External,
    /// Buffers, bytes.
    Buffers,
    /// Delay of the event loop, milliseconds.
    LoopDelay,
    /// Time in which the event loop was busy, 0 to 1.
    LoopUse,
    /// Processors in use: 1 is one core.
    Processors,
    /// Open handles of the event loop, a count.
    Handles,
}

/// One point of a series.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Seconds since the start of the run.
    pub at_seconds: f64,
    /// Value in the unit of its [`Measure`].
    pub value: f64,
}

/// Memory that calls of a function left behind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MemoryCall {
    /// Function as the tool printed it, with its module where it is known.
    pub function: String,
    /// File, empty when unknown.
    pub path: String,
    /// Line of the definition from 1, 0 when unknown.
    pub line: u32,
    /// Calls that this entry stands for.
    pub calls: u64,
    /// Seconds since the start of the run, where the tool says so.
    pub at_seconds: Option<f64>,
    /// Bytes of the process when it was entered; the mean of several calls.
    pub before_bytes: f64,
    /// Bytes more when it was left than when it was entered, over all these calls.
    pub kept_bytes: f64,
}

/// What a line added to the memory of the process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MemoryLine {
    /// File.
    pub path: String,
    /// Line from 1.
    pub line: u32,
    /// Function it stands in.
    pub function: String,
    /// The line's text, trimmed.
    pub text: String,
    /// Bytes added over all its executions; negative when memory was given back.
    pub added_bytes: f64,
    /// How often it ran; `None` when the tool does not say.
    pub times: Option<u64>,
}

/// One garbage collection.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Collection {
    /// Seconds since the start of the run.
    pub at_seconds: f64,
    /// How long the program stood still, milliseconds.
    pub pause_ms: f64,
    /// Whether the whole heap was collected.
    pub full: bool,
    /// Bytes in use after it, where the tool says so.
    pub left_bytes: Option<f64>,
}
