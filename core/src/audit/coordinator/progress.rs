//! What a driver can show while an audit runs.

use crate::report::model::{Category, Counts};
use serde::{Deserialize, Serialize};

/// Phases of an audit, in order. A retry goes back to [`Phase::Audit`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Phase {
    /// Workers start and read the archive's directory.
    Unpack,
    /// Files are inflated and parsed.
    Parse,
    /// Manifests, settings and migrations are read.
    DetectStack,
    /// The checks run.
    Audit,
    /// Validation and scores.
    Score,
    /// Over.
    Finished,
}

impl Phase {
    /// Word for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Unpack => "Unpack",
            Self::Parse => "Parse",
            Self::DetectStack => "Detect stack",
            Self::Audit => "Audit",
            Self::Score => "Score",
            Self::Finished => "Finished",
        }
    }
}

/// How far a worker is with the task in hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkDone {
    /// Files of the shard done.
    pub files_done: u32,
    /// Files of the shard.
    pub files_total: u32,
    /// Bytes done.
    pub bytes_done: u64,
    /// Bytes to do.
    pub bytes_total: u64,
    /// File in hand.
    pub current_file: Option<String>,
    /// Findings so far, before validation.
    pub findings: Counts,
}

/// One check in a lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckDot {
    /// Check id.
    pub check: String,
    /// What it does.
    pub state: DotState,
}

/// State of one check in a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DotState {
    /// Not begun.
    Waiting,
    /// Runs.
    Running,
    /// Ran; found nothing above LOW.
    Passed,
    /// Ran; found something.
    Found,
    /// Nothing to look at.
    Skipped,
    /// Its lane stopped.
    Failed,
}

/// What a lane does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LaneState {
    /// Nothing is known of its files yet.
    Starting,
    /// Its part of the files is read and parsed.
    Indexing,
    /// Its part is done; the index as a whole is not.
    WaitingForIndex,
    /// Its checks run.
    Auditing,
    /// Its checks ran.
    Done,
    /// Its worker stopped, with the reason. Can be retried.
    Failed(String),
    /// Stopped by the user. Can be retried.
    Cancelled,
}

/// A category, shown with the part of the index that has its number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lane {
    /// Which.
    pub category: Category,
    /// What it does.
    pub state: LaneState,
    /// How far its part of the index is, and its findings.
    pub work: WorkDone,
    /// The category's checks, in catalogue order.
    pub checks: Vec<CheckDot>,
}

/// The whole audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Phase.
    pub phase: Phase,
    /// 0 to 1000, never falling within a run.
    pub per_mille: u32,
    /// Files, bytes and findings over all shards and categories.
    pub work: WorkDone,
    /// The four lanes.
    pub lanes: Vec<Lane>,
}

impl WorkDone {
    /// Adds what another shard or category did.
    pub(super) fn add(&mut self, other: &Self) {
        self.files_done += other.files_done;
        self.files_total += other.files_total;
        self.bytes_done += other.bytes_done;
        self.bytes_total += other.bytes_total;
        if self.current_file.is_none() {
            self.current_file.clone_from(&other.current_file);
        }
        self.findings.critical += other.findings.critical;
        self.findings.high += other.findings.high;
        self.findings.medium += other.findings.medium;
        self.findings.low += other.findings.low;
    }
}

/// Shares of the phases, as parsing is most of the work.
pub(super) fn per_mille(phase: Phase, work: &WorkDone, lanes_over: u32) -> u32 {
    let parsed = (work.bytes_done.min(work.bytes_total) * 600).checked_div(work.bytes_total).unwrap_or(0);
    match phase {
        Phase::Unpack => 0,
        Phase::Parse => 20 + u32::try_from(parsed).unwrap_or(0),
        Phase::DetectStack => 640,
        Phase::Audit => 660 + 80 * lanes_over.min(4),
        Phase::Score => 985,
        Phase::Finished => 1000,
    }
}
