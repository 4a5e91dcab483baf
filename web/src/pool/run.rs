//! One audit from start to report: which request follows which answer, what a lost worker means,
//! and how far everything is. Index everywhere, discover once, audit everywhere, aggregate once.

use super::Link;
use super::input::Reading;
use super::lane::Lane;
use crate::platform::boot::Engine;
use crate::platform::inputs::{Dropped, DroppedFile};
use crate::platform::message::{Envelope, bytes_of};
use crate::platform::time::{now_ms, today};
use crate::platform::workers::{EngineWorker, Incoming};
use crate::protocol::{
    Answer, Command, Diagnostics, Event, Failure, InputKind, LaneState, Overall, Phase, Reply, Request, RequestId,
};
use drydock_core::report::model::{Category, Report};
use js_sys::ArrayBuffer;
use std::rc::Rc;

/// A lane gets a fresh worker this often while it indexes, each time without the file in hand.
const MAX_LOSSES: u32 = 3;
/// A file in hand for longer is offered to be skipped.
const STALL_MS: f64 = 10_000.0;
/// Position of the lane whose worker discovers, aggregates and stays.
const RESIDENT: usize = 0;

/// State of one audit.
pub struct Run {
    link: Link,
    emit: Rc<dyn Fn(Event)>,
    outbox: Vec<Event>,
    input: Dropped,
    reading: Reading,
    engine: Option<Engine>,
    lanes: Vec<Lane>,
    phase: Option<Phase>,
    phase_since: f64,
    started: f64,
    told_fraction: f64,
    next_id: u32,
    packs: Vec<ArrayBuffer>,
    shards: Vec<Option<ArrayBuffer>>,
    context: Option<ArrayBuffer>,
    results: Vec<Option<ArrayBuffer>>,
    notices: Vec<String>,
    planned: bool,
    over: bool,
    diagnostics: Diagnostics,
}

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run").field("phase", &self.phase).field("over", &self.over).finish_non_exhaustive()
    }
}

impl Run {
    pub fn new(link: Link, input: Dropped, emit: Rc<dyn Fn(Event)>) -> Self {
        let now = now_ms();
        Self {
            link,
            emit,
            outbox: Vec::new(),
            input,
            reading: Reading::Direct(InputKind::Zip),
            engine: None,
            lanes: Category::ALL.into_iter().map(|category| Lane::new(category, now)).collect(),
            phase: None,
            phase_since: now,
            started: now,
            told_fraction: 0.0,
            next_id: 0,
            packs: Vec::new(),
            shards: vec![None; Category::ALL.len()],
            context: None,
            results: vec![None; Category::ALL.len()],
            notices: Vec::new(),
            planned: false,
            over: false,
            diagnostics: Diagnostics::default(),
        }
    }

    /// What is to be told, and to whom.
    pub fn take_events(&mut self) -> (Vec<Event>, Rc<dyn Fn(Event)>) {
        (std::mem::take(&mut self.outbox), Rc::clone(&self.emit))
    }

    /// Starts the workers.
    pub fn begin(&mut self, reading: Result<Reading, Failure>, engine: Result<Engine, String>) {
        if self.over {
            return;
        }
        match (reading, engine) {
            (Err(failure), _) => self.fail(failure),
            (_, Err(details)) => self.fail(Failure {
                title: "The audit engine could not be loaded.".to_owned(),
                why: "A part of the app did not arrive or this browser cannot run it.".to_owned(),
                action: "Reload the page. Browsers that work: Chromium 95, Firefox 102, Safari 16.4 and newer."
                    .to_owned(),
                details,
            }),
            (Ok(reading), Ok(engine)) => {
                self.reading = reading;
                self.engine = Some(engine);
                self.enter(Phase::Unpack);
                if self.reading == Reading::Stream {
                    let of = self.lane_count();
                    let deal = Command::Deal { project: self.input.name.clone(), of };
                    self.start_worker(RESIDENT, Some(deal));
                } else {
                    (0..self.lanes.len()).for_each(|lane| self.start_index(lane));
                }
            }
        }
    }

    pub fn cancel(&mut self) {
        if self.over {
            return;
        }
        let now = now_ms();
        for lane in &mut self.lanes {
            lane.worker = None;
            if !lane.is_over() {
                lane.enter(LaneState::Cancelled, now);
            }
        }
        if self.results.iter().any(Option::is_some) {
            self.notices.push("The audit was cancelled before it was complete.".to_owned());
            self.aggregate();
        } else {
            self.over = true;
            self.tell_lanes(true);
            self.outbox.push(Event::Cancelled);
        }
    }

    pub fn retry(&mut self, category: Category) {
        let Some(index) = self.lanes.iter().position(|lane| lane.category == category) else { return };
        let Some(lane) = self.lanes.get_mut(index) else { return };
        if !matches!(lane.state, LaneState::Failed(_) | LaneState::Cancelled) {
            return;
        }
        lane.losses = 0;
        lane.reset_checks();
        self.over = false;
        if self.shards.iter().all(Option::is_some) {
            self.start_worker(index, Some(Command::Audit { category }));
            self.enter_lane(index, LaneState::Auditing);
        } else {
            // A shard is missing: all results were made without it.
            self.context = None;
            self.results.fill(None);
            for index in 0..self.lanes.len() {
                if self.shards.get(index).is_some_and(Option::is_none) {
                    self.start_index(index);
                } else {
                    self.enter_lane(index, LaneState::WaitingForIndex);
                }
            }
        }
        self.tell_lanes(true);
    }

    pub fn skip_file(&mut self, category: Category) {
        let Some(index) = self.lanes.iter().position(|lane| lane.category == category) else { return };
        let Some(lane) = self.lanes.get_mut(index) else { return };
        let Some(path) = lane.progress.current_file.clone().filter(|_| lane.state == LaneState::Indexing) else {
            return;
        };
        self.notices.push(format!("`{path}` was skipped by hand."));
        lane.skip.push(path);
        self.start_index(index);
    }

    /// Sends a request to the worker that stays after the audit.
    pub fn ask_resident(&mut self, command: Command) {
        let failure = "The audit engine is not running: audit the project again.";
        if !self.send(RESIDENT, command.clone(), Vec::new(), Vec::new()) {
            self.answer_without_engine(command, failure);
        }
    }

    fn answer_without_engine(&mut self, command: Command, why: &str) {
        match command {
            Command::Source { path } => self.outbox.push(Event::Source(crate::protocol::SourceFile {
                path,
                problem: Some(why.to_owned()),
                ..Default::default()
            })),
            Command::Export { format } => self
                .outbox
                .push(Event::Exported(crate::protocol::ExportedFile { format, contents: Err(why.to_owned()) })),
            _ => {}
        }
    }

    /// Called ten times a second.
    pub fn tick(&mut self) {
        if self.over || self.engine.is_none() {
            return;
        }
        let now = now_ms();
        for lane in &mut self.lanes {
            let stalls = lane.state == LaneState::Indexing && now - lane.file_since_ms > STALL_MS && !lane.stall_told;
            if let (true, Some(path)) = (stalls, lane.progress.current_file.clone()) {
                lane.stall_told = true;
                self.outbox.push(Event::Stalled { category: lane.category, path });
            }
        }
        self.tell_lanes(false);
        self.tell_progress();
    }

    // -----------------------------------------------------------------------------------------
    // Steps

    fn enter(&mut self, phase: Phase) {
        if self.phase.is_some_and(|present| present >= phase) {
            return;
        }
        let now = now_ms();
        if let Some(last) = self.phase {
            let spent = millis(now - self.phase_since);
            self.diagnostics.phases.push((last.title().to_owned(), spent));
        }
        self.phase = Some(phase);
        self.phase_since = now;
        self.outbox.push(Event::Phase(phase));
    }

    fn enter_lane(&mut self, index: usize, state: LaneState) {
        if let Some(lane) = self.lanes.get_mut(index) {
            lane.enter(state, now_ms());
            let progress = lane.report(now_ms());
            lane.dirty = false;
            self.outbox.push(Event::Lane(progress));
        }
    }

    fn start_index(&mut self, index: usize) {
        let of = self.lane_count();
        let input = match &self.reading {
            Reading::Direct(kind) => kind.clone(),
            Reading::Stream => InputKind::Pack,
        };
        let Some(lane) = self.lanes.get_mut(index) else { return };
        let skip = lane.skip.clone();
        let shard = u32::try_from(index).unwrap_or(0);
        self.start_worker(index, Some(Command::Index { project: self.input.name.clone(), input, shard, of, skip }));
    }

    /// Gives the lane a fresh worker that is asked `first` as soon as it listens.
    fn start_worker(&mut self, index: usize, first: Option<Command>) {
        let Some(engine) = self.engine.clone() else { return };
        let Some(lane) = self.lanes.get_mut(index) else { return };
        lane.epoch += 1;
        lane.first = first;
        lane.worker = None;
        lane.progress.current_file = None;
        let (link, epoch) = (self.link.clone(), lane.epoch);
        let started = EngineWorker::start(&engine, move |incoming| {
            link.with(|run| run.incoming(index, epoch, incoming));
        });
        match started {
            Ok(worker) => {
                lane.worker = Some(worker);
                self.enter_lane(index, LaneState::Starting);
            }
            Err(reason) => self.lose(index, reason, None),
        }
    }

    /// Sends `command` when the lane has a worker; says whether it had.
    fn send(
        &mut self,
        index: usize,
        command: Command,
        handles: Vec<wasm_bindgen::JsValue>,
        buffers: Vec<ArrayBuffer>,
    ) -> bool {
        self.next_id += 1;
        let value = Request { id: RequestId(self.next_id), command };
        let worker = self.lanes.get(index).and_then(|lane| lane.worker.as_ref());
        worker.is_some_and(|worker| worker.send(&Envelope { value, handles, buffers }).is_ok())
    }

    /// Sends `command` with what it needs beside it.
    fn order(&mut self, index: usize, command: Command) {
        let all_handles = || self.input.files.iter().map(DroppedFile::handle).collect();
        let (handles, buffers, state) = match &command {
            Command::Index { input: InputKind::Pack, .. } => {
                (Vec::new(), self.packs.get(index).cloned().into_iter().collect(), LaneState::Indexing)
            }
            Command::Index { .. } | Command::Deal { .. } => (all_handles(), Vec::new(), LaneState::Indexing),
            Command::Discover => (Vec::new(), self.all_shards(), LaneState::WaitingForIndex),
            Command::Audit { .. } => {
                let context = self.context.clone().into_iter();
                (Vec::new(), context.chain(self.all_shards()).collect(), LaneState::Auditing)
            }
            Command::Aggregate { .. } => {
                (Vec::new(), self.results.iter().flatten().cloned().collect(), LaneState::Done)
            }
            Command::Source { .. } | Command::Export { .. } | Command::Crash => {
                (Vec::new(), Vec::new(), LaneState::Done)
            }
        };
        if self.lanes.get(index).is_some_and(|lane| lane.state != state && !lane.is_over()) {
            self.enter_lane(index, state);
        }
        if !self.send(index, command, handles, buffers) {
            self.lose(index, "the worker does not listen".to_owned(), None);
        }
    }

    fn incoming(&mut self, index: usize, epoch: u32, incoming: Incoming) {
        if self.lanes.get(index).is_none_or(|lane| lane.epoch != epoch || lane.worker.is_none()) {
            return;
        }
        match incoming {
            Incoming::Lost(reason) => self.lose(index, reason, None),
            Incoming::Message(envelope) => match envelope.value {
                Reply::Ready { .. } => {
                    if let Some(command) = self.lanes.get_mut(index).and_then(|lane| lane.first.take()) {
                        self.order(index, command);
                    }
                }
                Reply::Progress(progress) => {
                    if progress.files_done > 0 || progress.current_file.is_some() {
                        self.enter(Phase::Parse);
                    }
                    if let Some(lane) = self.lanes.get_mut(index) {
                        lane.take_progress(progress, now_ms());
                    }
                }
                Reply::Check(dot) => {
                    if let Some(lane) = self.lanes.get_mut(index) {
                        lane.take_check(dot);
                    }
                }
                Reply::Crashed { message, path } => self.lose(index, message, path),
                Reply::Answer { answer: Err(failure), .. } => self.fail(failure),
                Reply::Answer { answer: Ok(answer), .. } => self.answer(index, answer, envelope.buffers),
            },
        }
    }

    fn answer(&mut self, index: usize, answer: Answer, mut buffers: Vec<ArrayBuffer>) {
        match answer {
            Answer::Dealt { plan } => {
                self.tell_plan(plan);
                self.packs = buffers;
                (0..self.lanes.len()).for_each(|lane| self.start_index(lane));
            }
            Answer::Indexed { plan, memory } => {
                self.tell_plan(plan);
                if let (Some(slot), Some(shard)) = (self.shards.get_mut(index), buffers.pop()) {
                    self.diagnostics.shard_bytes += u64::from(shard.byte_length());
                    *slot = Some(shard);
                }
                self.note_memory(index, memory);
                self.enter_lane(index, LaneState::WaitingForIndex);
                self.after_index();
            }
            Answer::Discovered => {
                self.context = buffers.pop();
                self.audit_all();
            }
            Answer::Audited { findings, memory } => {
                if let Some(slot) = self.results.get_mut(index) {
                    *slot = buffers.pop();
                }
                self.note_memory(index, memory);
                self.enter_lane(index, LaneState::Done);
                self.outbox.push(Event::Findings(findings));
                if index != RESIDENT
                    && let Some(lane) = self.lanes.get_mut(index)
                {
                    lane.worker = None;
                }
                self.after_audit();
            }
            Answer::Reported => self.reported(buffers.pop()),
            Answer::Source(source) => self.outbox.push(Event::Source(source)),
            Answer::Exported(file) => self.outbox.push(Event::Exported(file)),
        }
    }

    /// Goes on once no lane indexes any more.
    fn after_index(&mut self) {
        let settled = |(shard, lane): (&Option<ArrayBuffer>, &Lane)| shard.is_some() || lane.is_over();
        if !self.shards.iter().zip(&self.lanes).all(settled) {
            return;
        }
        if self.shards.iter().all(Option::is_none) {
            let reason = self.lanes.iter().find_map(|lane| match &lane.state {
                LaneState::Failed(reason) => Some(reason.clone()),
                _ => None,
            });
            self.fail(Failure {
                title: "The audit stopped: no worker could read the project.".to_owned(),
                why: "Every worker was lost, most likely because memory ran out.".to_owned(),
                action: "Drop fewer folders, or run the command line: `drydock audit .`".to_owned(),
                details: reason.unwrap_or_default(),
            });
            return;
        }
        self.packs.clear();
        self.enter(Phase::DetectStack);
        match self.lanes.iter().position(|lane| lane.worker.is_some()) {
            Some(lane) => self.order(lane, Command::Discover),
            None => self.start_worker(RESIDENT, Some(Command::Discover)),
        }
    }

    fn audit_all(&mut self) {
        self.enter(Phase::Audit);
        for index in 0..self.lanes.len() {
            let Some(lane) = self.lanes.get(index).filter(|lane| !lane.is_over()) else { continue };
            let command = Command::Audit { category: lane.category };
            if lane.worker.is_some() {
                self.order(index, command);
            } else {
                self.start_worker(index, Some(command));
            }
        }
        self.after_audit();
    }

    fn after_audit(&mut self) {
        if self.context.is_some() && self.lanes.iter().all(Lane::is_over) {
            self.aggregate();
        }
    }

    fn aggregate(&mut self) {
        self.enter(Phase::Score);
        let failed = self.lanes.iter().filter_map(|lane| match &lane.state {
            LaneState::Failed(reason) => Some((lane.category, reason.clone())),
            LaneState::Cancelled => Some((lane.category, "cancelled".to_owned())),
            _ => None,
        });
        let command = Command::Aggregate { failed: failed.collect(), date: today(), notices: self.notices.clone() };
        if self.lanes.get(RESIDENT).is_some_and(|lane| lane.worker.is_some()) {
            self.order(RESIDENT, command);
        } else {
            self.start_resident(command);
        }
    }

    /// A fresh worker for a lane that is over: its state stays.
    fn start_resident(&mut self, command: Command) {
        let state = self.lanes.get(RESIDENT).map(|lane| lane.state.clone());
        self.start_worker(RESIDENT, Some(command));
        if let Some(state) = state {
            self.enter_lane(RESIDENT, state);
        }
    }

    fn reported(&mut self, bytes: Option<ArrayBuffer>) {
        let bytes = bytes.map(|buffer| bytes_of(&buffer)).unwrap_or_default();
        match serde_json::from_slice::<Report>(&bytes) {
            Ok(report) => {
                self.over = true;
                let now = now_ms();
                self.diagnostics.phases.push((Phase::Score.title().to_owned(), millis(now - self.phase_since)));
                self.diagnostics.total_ms = millis(now - self.started);
                self.diagnostics.worker_memory = self.lanes.iter().map(|lane| lane.memory).collect();
                for (index, lane) in self.lanes.iter_mut().enumerate() {
                    if index != RESIDENT {
                        lane.worker = None;
                    }
                }
                self.tell_lanes(true);
                self.outbox.push(Event::Done {
                    report: Box::new(report),
                    partial: self.lanes.iter().any(|lane| lane.state != LaneState::Done),
                    diagnostics: self.diagnostics.clone(),
                });
            }
            Err(error) => self.fail(Failure {
                title: "The report could not be read.".to_owned(),
                why: "The engine and the app do not understand each other.".to_owned(),
                action: "Reload the page and audit again.".to_owned(),
                details: error.to_string(),
            }),
        }
    }

    /// The worker of a lane is gone.
    fn lose(&mut self, index: usize, reason: String, path: Option<String>) {
        let finished = self.over;
        let Some(lane) = self.lanes.get_mut(index) else { return };
        lane.worker = None;
        lane.losses += 1;
        let path = path.or_else(|| lane.progress.current_file.clone());
        let indexing = matches!(lane.state, LaneState::Starting | LaneState::Indexing);
        if finished || lane.state == LaneState::Done {
            // The resident was lost while it scored or exported: the results are still here.
            if !finished && lane.losses < MAX_LOSSES {
                self.aggregate();
            } else if !finished {
                self.fail(lost_failure(&reason));
            }
            return;
        }
        if let (true, true, Some(path)) = (indexing, lane.losses < MAX_LOSSES, path.clone()) {
            self.notices.push(format!("`{path}` was left out: the engine stopped while reading it ({reason})."));
            lane.skip.push(path);
            self.start_index(index);
            return;
        }
        let text = match path {
            Some(path) if indexing => format!("The worker stopped ({reason}) while reading {path}."),
            _ => format!("The worker stopped ({reason})."),
        };
        self.enter_lane(index, LaneState::Failed(text));
        if self.context.is_some() {
            self.after_audit();
        } else {
            self.after_index();
        }
    }

    fn fail(&mut self, failure: Failure) {
        if self.over {
            return;
        }
        self.over = true;
        self.lanes.iter_mut().for_each(|lane| lane.worker = None);
        self.outbox.push(Event::Failed(failure));
    }

    // -----------------------------------------------------------------------------------------
    // What the app is told

    fn tell_plan(&mut self, plan: crate::protocol::PlanSummary) {
        if !std::mem::replace(&mut self.planned, true) {
            self.outbox.push(Event::Planned(plan));
        }
    }

    fn tell_lanes(&mut self, all: bool) {
        let now = now_ms();
        for lane in &mut self.lanes {
            if all || lane.dirty {
                lane.dirty = false;
                self.outbox.push(Event::Lane(lane.report(now)));
            }
        }
    }

    fn tell_progress(&mut self) {
        let mut overall = Overall::default();
        for progress in self.lanes.iter().map(|lane| &lane.progress) {
            overall.files_done += progress.files_done;
            overall.files_total += progress.files_total;
            overall.bytes_done += progress.bytes_done;
            overall.bytes_total += progress.bytes_total;
        }
        let now = now_ms();
        let fraction = self.fraction(&overall).max(self.told_fraction);
        self.told_fraction = fraction;
        overall.fraction = fraction;
        overall.elapsed_ms = millis(now - self.started);
        let elapsed = now - self.started;
        if elapsed > 2_000.0 && fraction > 0.05 {
            overall.eta_ms = Some(millis(elapsed / fraction * (1.0 - fraction)));
        }
        self.outbox.push(Event::Progress(overall));
    }

    /// Shares of the phases as measured on large wheels: parsing is most of it.
    #[expect(clippy::cast_precision_loss, reason = "a share for a progress bar")]
    fn fraction(&self, overall: &Overall) -> f64 {
        let over_lanes = |done: fn(&Lane) -> bool| self.lanes.iter().filter(|lane| done(lane)).count() as f64 / 4.0;
        match self.phase {
            None => 0.0,
            Some(Phase::Unpack) => 0.02,
            Some(Phase::Parse) if overall.bytes_total == 0 => 0.02,
            Some(Phase::Parse) => 0.02 + 0.6 * (overall.bytes_done as f64 / overall.bytes_total as f64).min(1.0),
            Some(Phase::DetectStack) => 0.64,
            Some(Phase::Audit) => 0.66 + 0.31 * over_lanes(Lane::is_over),
            Some(Phase::Score) => 0.98,
        }
    }

    // -----------------------------------------------------------------------------------------

    fn note_memory(&mut self, index: usize, memory: u64) {
        if let Some(lane) = self.lanes.get_mut(index) {
            lane.memory = lane.memory.max(memory);
        }
    }

    fn all_shards(&self) -> Vec<ArrayBuffer> {
        self.shards.iter().flatten().cloned().collect()
    }

    fn lane_count(&self) -> u32 {
        u32::try_from(self.lanes.len()).unwrap_or(1)
    }
}

fn lost_failure(details: &str) -> Failure {
    Failure {
        title: "The audit stopped while it made the report.".to_owned(),
        why: "The engine was lost more than once, most likely because memory ran out.".to_owned(),
        action: "Drop fewer folders, or run the command line: `drydock audit .`".to_owned(),
        details: details.to_owned(),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an audit lasts less than 49 days")]
const fn millis(ms: f64) -> u32 {
    ms.max(0.0) as u32
}
