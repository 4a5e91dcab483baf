//! One lane: a category, the worker it has at the moment, and what is known of its work.

use crate::platform::workers::EngineWorker;
use crate::protocol::{CheckDot, Command, DotState, LaneProgress, LaneState, Progress};
use drydock_core::checks::CATALOGUE;
use drydock_core::report::model::{Category, Counts};

/// A lane.
#[derive(Debug)]
pub struct Lane {
    pub category: Category,
    pub state: LaneState,
    pub worker: Option<EngineWorker>,
    /// Number of the worker: messages of an earlier one are ignored.
    pub epoch: u32,
    /// Asked as soon as the worker is ready.
    pub first: Option<Command>,
    pub progress: Progress,
    pub checks: Vec<CheckDot>,
    /// Paths to leave out: skipped by the user, or in hand when a worker was lost.
    pub skip: Vec<String>,
    /// Workers lost in a row.
    pub losses: u32,
    /// When the present state began.
    pub since_ms: f64,
    /// When the file in hand changed last.
    pub file_since_ms: f64,
    /// Whether the app was told that the lane stalls on this file.
    pub stall_told: bool,
    /// Whether the app does not know the newest progress yet.
    pub dirty: bool,
    /// Bytes of wasm memory that the worker named last.
    pub memory: u64,
}

impl Lane {
    pub fn new(category: Category, now: f64) -> Self {
        Self {
            category,
            state: LaneState::Starting,
            worker: None,
            epoch: 0,
            first: None,
            progress: Progress::default(),
            checks: waiting_dots(category),
            skip: Vec::new(),
            losses: 0,
            since_ms: now,
            file_since_ms: now,
            stall_told: false,
            dirty: true,
            memory: 0,
        }
    }

    /// Whether the lane will produce nothing more by itself.
    pub const fn is_over(&self) -> bool {
        matches!(self.state, LaneState::Done | LaneState::Failed(_) | LaneState::Cancelled)
    }

    pub fn enter(&mut self, state: LaneState, now: f64) {
        if matches!(state, LaneState::Failed(_) | LaneState::Cancelled) {
            for dot in &mut self.checks {
                if matches!(dot.state, DotState::Waiting | DotState::Running) {
                    dot.state = DotState::Failed;
                }
            }
        }
        self.state = state;
        self.since_ms = now;
        self.file_since_ms = now;
        self.dirty = true;
    }

    pub fn reset_checks(&mut self) {
        self.checks = waiting_dots(self.category);
        self.progress.findings = Counts::default();
    }

    pub fn take_progress(&mut self, progress: Progress, now: f64) {
        if progress.current_file != self.progress.current_file {
            self.file_since_ms = now;
            self.stall_told = false;
        }
        self.progress = progress;
        self.dirty = true;
    }

    pub fn take_check(&mut self, dot: CheckDot) {
        if let Some(known) = self.checks.iter_mut().find(|known| known.check == dot.check) {
            known.state = dot.state;
            self.dirty = true;
        }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an audit lasts less than 49 days")]
    pub fn report(&self, now: f64) -> LaneProgress {
        LaneProgress {
            category: self.category,
            state: self.state.clone(),
            files_done: self.progress.files_done,
            files_total: self.progress.files_total,
            bytes_done: self.progress.bytes_done,
            bytes_total: self.progress.bytes_total,
            current_file: self.progress.current_file.clone(),
            findings: self.progress.findings,
            checks: self.checks.clone(),
            elapsed_ms: (now - self.since_ms).max(0.0) as u32,
        }
    }
}

fn waiting_dots(category: Category) -> Vec<CheckDot> {
    let of_category = CATALOGUE.iter().filter(|check| check.category == category && check.available);
    of_category.map(|check| CheckDot { check: check.id.to_owned(), state: DotState::Waiting }).collect()
}
