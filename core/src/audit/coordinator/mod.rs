//! Who does what when: a pure state machine, events in, commands out. Threads drive it on the command
//! line, web workers in the page. It owns no bytes and knows no clock: the driver keeps what tasks
//! return (shards, context, results) and hands it out with the tasks that need it.
//!
//! Phases: index every shard, discover once, audit every category, aggregate once. A worker that is
//! lost while indexing is replaced and its shard indexed again, at the second loss without the file
//! in hand; one lost while auditing makes its category an error that can be retried. Workers are
//! named with an epoch, so that what a replaced one still says is ignored.

mod machine;
mod progress;
#[cfg(test)]
mod tests;

pub use machine::Coordinator;
pub use progress::{CheckDot, DotState, Lane, LaneState, Phase, Progress, WorkDone};

use crate::report::model::Category;
use serde::{Deserialize, Serialize};

/// A worker: its slot, and which in a row it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct WorkerId {
    /// Slot, from 0.
    pub slot: u32,
    /// Raised with every fresh worker of the slot.
    pub epoch: u32,
}

/// How an audit is spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Workers at work at once, at least 1. Work of shard k goes to slot k modulo this.
    pub workers: u32,
    /// Parts of the index, at least 1. The report does not depend on it.
    pub shards: u32,
    /// How many of the workers link and audit, at least 1: every one of them links the whole project, so
    /// more than there are processors only repeat work. With less than four, whoever is free takes the
    /// next category.
    pub auditors: u32,
    /// Workers share no memory: each links for itself, and may begin before the context is there.
    pub prepare: bool,
    /// The input cannot be seeked: one worker inflates it and deals the files out first.
    pub deal: bool,
}

impl Config {
    /// One worker and one shard a category, as in the page.
    pub const FOUR: Self = Self { workers: 4, shards: 4, auditors: 4, prepare: true, deal: false };

    /// `count` threads that share their memory.
    #[must_use]
    pub const fn threads(count: u32) -> Self {
        Self { workers: count, shards: count, auditors: count, prepare: false, deal: false }
    }
}

/// Work for one worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Task {
    /// Inflate the input and deal its files out to the shards.
    Deal,
    /// Read and parse one shard.
    Index {
        /// Which.
        shard: u32,
        /// Paths to leave out.
        skip: Vec<String>,
    },
    /// Build the context from all shards that exist.
    Discover,
    /// Link all shards that exist, for the audits to come. An audit whose worker was not asked links by itself.
    Prepare,
    /// Link all shards that exist and run the checks of one category.
    Audit {
        /// Which.
        category: Category,
    },
    /// Make the report of the results that exist.
    Aggregate {
        /// Categories without a result, with the reason.
        failed: Vec<(Category, String)>,
        /// Shards without a result, with the reason: their files were not read.
        unread: Vec<(u32, String)>,
        /// Remarks on the run: files left out, cancelled.
        notices: Vec<String>,
    },
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// A started worker listens.
    Ready(WorkerId),
    /// Work in hand.
    Progress(WorkerId, WorkDone),
    /// A check of the category in hand changed its state.
    Check(WorkerId, CheckDot),
    /// The task in hand is done; the driver keeps what it returned.
    Done(WorkerId),
    /// The task in hand cannot be done because of the input, not of the worker, which lives on.
    Refused(WorkerId, String),
    /// The worker is gone: reason, and the file in hand where it is known.
    Lost(WorkerId, String, Option<String>),
    /// The user stops the audit. What is finished still becomes a partial report.
    Cancel,
    /// The user wants a failed category audited again.
    Retry(Category),
    /// The user gives up the file on which the lane of this category sits.
    SkipFile(Category),
}

/// What the driver has to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Make a fresh worker.
    Start(WorkerId),
    /// Hand it a task.
    Ask(WorkerId, Task),
    /// End it, whatever it does.
    Stop(WorkerId),
    /// Nothing more will happen by itself. Comes again after a retry.
    Finish(Outcome),
}

/// How an audit ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// There is a report; partial when a category or shard is missing.
    Report {
        /// Something is missing in it.
        partial: bool,
    },
    /// Cancelled before anything worth a report was done.
    Cancelled,
    /// There can be no report.
    Failed(String),
}
