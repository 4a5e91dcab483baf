//! What the app is told and when: changes only, progress at the pool's tick, stalled files once.

use crate::platform::time::mark;
use crate::protocol::{Diagnostics, Event, Failure, LaneProgress, LaneState, Overall, Phase, PlanSummary, millis};
use drydock_core::audit::coordinator::{Lane, Phase as Stage, Progress};
use drydock_core::report::model::{Category, Report};

/// A file in hand for longer is offered to be skipped.
const STALL_MS: f64 = 10_000.0;

/// Collects events for the app.
#[derive(Debug)]
pub struct Teller {
    outbox: Vec<Event>,
    started: f64,
    phase: Option<(Phase, f64)>,
    lanes: Vec<Told>,
    planned: bool,
    over: bool,
    diagnostics: Diagnostics,
}

/// What the app knows of a lane.
#[derive(Debug)]
struct Told {
    lane: Option<Lane>,
    since: f64,
    file: Option<String>,
    file_since: f64,
    stall_told: bool,
}

impl Teller {
    pub fn new(now: f64) -> Self {
        let told = || Told { lane: None, since: now, file: None, file_since: now, stall_told: false };
        Self {
            outbox: Vec::new(),
            started: now,
            phase: None,
            lanes: Category::ALL.iter().map(|_| told()).collect(),
            planned: false,
            over: false,
            diagnostics: Diagnostics { worker_memory: vec![0; Category::ALL.len()], ..Diagnostics::default() },
        }
    }

    pub fn take(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.outbox)
    }

    pub fn tell(&mut self, event: Event) {
        self.outbox.push(event);
    }

    /// Whether the audit ended.
    pub const fn is_over(&self) -> bool {
        self.over
    }

    /// A retry begins.
    pub fn again(&mut self) {
        self.over = false;
    }

    pub fn plan(&mut self, plan: PlanSummary) {
        if !std::mem::replace(&mut self.planned, true) {
            self.tell(Event::Planned(plan));
        }
    }

    pub fn memory(&mut self, slot: u32, bytes: u64) {
        if let Some(known) = self.diagnostics.worker_memory.get_mut(slot as usize) {
            *known = bytes.max(*known);
        }
    }

    pub fn shard_bytes(&mut self, bytes: u64) {
        self.diagnostics.shard_bytes += bytes;
    }

    /// A worker named the file it works on.
    pub fn file_in_hand(&mut self, slot: u32, file: Option<&str>, now: f64) {
        if let Some(told) = self.lanes.get_mut(slot as usize)
            && told.file.as_deref() != file
        {
            told.file = file.map(str::to_owned);
            told.file_since = now;
            told.stall_told = false;
        }
    }

    /// Everything there is to show; called at the pool's tick.
    pub fn progress(&mut self, progress: Progress, now: f64) {
        self.tell_lanes(&progress, now, true);
        for (lane, told) in progress.lanes.iter().zip(&mut self.lanes) {
            let stalls = lane.state == LaneState::Indexing && now - told.file_since > STALL_MS && !told.stall_told;
            if stalls && let Some(path) = lane.work.current_file.clone() {
                told.stall_told = true;
                self.outbox.push(Event::Stalled { category: lane.category, path });
            }
        }
        let fraction = f64::from(progress.per_mille) / 1000.0;
        let elapsed = now - self.started;
        let eta = (elapsed > 2_000.0 && fraction > 0.05).then(|| millis(elapsed / fraction * (1.0 - fraction)));
        self.tell(Event::Progress(Overall {
            fraction,
            files_done: progress.work.files_done,
            files_total: progress.work.files_total,
            bytes_done: progress.work.bytes_done,
            bytes_total: progress.work.bytes_total,
            elapsed_ms: millis(elapsed),
            eta_ms: eta,
        }));
    }

    /// Phase and lanes, as far as they changed.
    pub fn lanes(&mut self, progress: &Progress, now: f64) {
        self.tell_lanes(progress, now, false);
    }

    /// With `times` also the running lanes that did not change: their time did.
    fn tell_lanes(&mut self, progress: &Progress, now: f64, times: bool) {
        if progress.phase != Stage::Finished {
            self.enter(progress.phase.into(), now);
        }
        for (lane, told) in progress.lanes.iter().zip(&mut self.lanes) {
            let runs = matches!(lane.state, LaneState::Indexing | LaneState::Auditing);
            if told.lane.as_ref() == Some(lane) && !(times && runs) {
                continue;
            }
            if told.lane.as_ref().is_none_or(|known| known.state != lane.state) {
                told.since = now;
                told.file_since = now;
            }
            told.lane = Some(lane.clone());
            self.outbox.push(Event::Lane(LaneProgress {
                category: lane.category,
                state: lane.state.clone(),
                files_done: lane.work.files_done,
                files_total: lane.work.files_total,
                bytes_done: lane.work.bytes_done,
                bytes_total: lane.work.bytes_total,
                current_file: lane.work.current_file.clone(),
                findings: lane.work.findings,
                checks: lane.checks.clone(),
                elapsed_ms: millis(now - told.since),
            }));
        }
    }

    fn enter(&mut self, phase: Phase, now: f64) {
        match self.phase {
            Some((present, _)) if present == phase => return,
            Some((left, since)) => self.diagnostics.phases.push((left.title().to_owned(), millis(now - since))),
            None => {}
        }
        self.phase = Some((phase, now));
        mark(&format!("drydock: {}", phase.title()));
        self.tell(Event::Phase(phase));
    }

    pub fn done(&mut self, report: Report, partial: bool, saved: bool, now: f64) {
        if !std::mem::replace(&mut self.over, true) {
            self.diagnostics.total_ms = millis(now - self.started);
        }
        if let Some((left, since)) = self.phase.take() {
            self.diagnostics.phases.push((left.title().to_owned(), millis(now - since)));
        }
        mark("drydock: report");
        let diagnostics = self.diagnostics.clone();
        self.tell(Event::Done { report: Box::new(report), partial, saved, diagnostics });
    }

    pub fn fail(&mut self, failure: Failure) {
        if !std::mem::replace(&mut self.over, true) {
            self.tell(Event::Failed(failure));
        }
    }

    pub fn cancelled(&mut self) {
        if !std::mem::replace(&mut self.over, true) {
            self.tell(Event::Cancelled);
        }
    }
}
