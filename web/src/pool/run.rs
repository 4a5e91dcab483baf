//! One audit: drives the core's coordinator over the workers, keeps what they return, and hands it
//! out with the tasks that need it. Which task follows which is the coordinator's business.

use super::Link;
use super::handing::ShardBlobs;
use super::input::{Handed, Project};
use super::inside::{Inside, LOOKER};
use super::measured::{Aggregated, Dropped, EVIDENCE, Joining, MEASURER, no_evidence};
use super::slots::Slots;
use super::tell::Teller;
use crate::platform::boot::{self, Engine, Program, auditors};
use crate::platform::inputs::DroppedFile;
use crate::platform::message::bytes_of;
use crate::platform::time::{after, now_ms, today};
use crate::platform::workers::Incoming;
use crate::protocol::{Answer, Command, Dismissal, Event, Failure, InputKind, PlanSummary, Reply};
use drydock_core::audit::coordinator::{
    Command as Order, Config, Coordinator, Event as Happening, Outcome, Task, WorkerId,
};
use drydock_core::report::model::{Category, CategoryState, Report};
use js_sys::ArrayBuffer;
use std::rc::Rc;
use wasm_bindgen::JsValue;

/// The worker that stays after the audit for exports and source views. It is none of the
/// coordinator's: those end, and their memory is given back.
pub(super) const RESIDENT: WorkerId = WorkerId { slot: u32::MAX, epoch: 1 };

/// Saved reports above this size are not read.
const LARGEST_REPORT: u64 = 256 << 20;

/// The report is drawn before it starts.
const RESIDENT_AFTER_MS: u32 = 100;
/// Before that the reader may want the processors for something else.
const LOOK_AFTER_MS: u32 = 600;

/// State of one audit.
pub struct Run {
    link: Link,
    emit: Rc<dyn Fn(Event)>,
    /// What is to be told.
    pub teller: Teller,
    engine: Option<Engine>,
    pub(super) project: Option<Project>,
    /// The saved report that is opened instead of a project.
    pub(super) saved: Option<DroppedFile>,
    pub(super) coordinator: Option<Coordinator>,
    pub(super) slots: Slots,
    /// Task in hand by slot.
    tasks: Vec<Option<Task>>,
    pub(super) date: String,
    /// Directory and bytes of each shard of a stream; the bytes go once the shard is read.
    pub(super) packs: Vec<(ArrayBuffer, Option<ArrayBuffer>)>,
    /// Blobs with code and rest: the page passes them on and never reads them.
    pub(super) shards: Vec<Option<ShardBlobs>>,
    pub(super) context: Option<ArrayBuffer>,
    pub(super) results: Vec<Option<ArrayBuffer>>,
    pub(super) report: Option<ArrayBuffer>,
    /// What it has of what was measured, instead of what stands in it.
    pub(super) performance: Option<ArrayBuffer>,
    /// A report that this is made for.
    pub(super) completing: Option<ArrayBuffer>,
    partial: bool,
    /// What the reader dismissed.
    pub(super) dismissed: Vec<Dismissal>,
    /// What the report is compared with.
    pub(super) earlier: Option<ArrayBuffer>,
    /// What was measured, and what of it the report on screen knows while more is read.
    pub(super) evidence: Dropped,
    pub(super) before_evidence: Dropped,
    /// Evidence that lies in the project.
    pub(super) inside: Inside,
    /// A report in the making with it.
    pub(super) joining: Option<Joining>,
    /// What the code looks like to evidence.
    pub(super) described: Option<ArrayBuffer>,
    pub(super) evidence_listens: bool,
    /// Asked before the evidence worker listened.
    pub(super) for_evidence: Vec<(Command, ArrayBuffer)>,
    pub(super) wants_load_tests: bool,
    /// What the report was made of.
    pub(super) aggregated: Aggregated,
    /// The report without evidence, where it came from a file.
    pub(super) audited: Option<ArrayBuffer>,
    /// Why the input was refused, in full.
    pub(super) refusal: Option<Failure>,
    /// Asked before the resident listened.
    pub(super) waiting: Vec<Command>,
    pub(super) resident_listens: bool,
    test_crash: Option<String>,
}

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run").field("coordinator", &self.coordinator).finish_non_exhaustive()
    }
}

impl Run {
    pub fn new(link: Link, emit: Rc<dyn Fn(Event)>) -> Self {
        let lanes = Category::ALL.len();
        Self {
            link,
            emit,
            teller: Teller::new(now_ms()),
            engine: None,
            project: None,
            saved: None,
            coordinator: None,
            slots: Slots::default(),
            tasks: vec![None; lanes],
            date: today(),
            packs: Vec::new(),
            shards: vec![None; lanes],
            context: None,
            results: vec![None; lanes],
            report: None,
            performance: None,
            completing: None,
            partial: false,
            dismissed: Vec::new(),
            earlier: None,
            evidence: Dropped::default(),
            before_evidence: Dropped::default(),
            inside: Inside::default(),
            joining: None,
            described: None,
            evidence_listens: false,
            for_evidence: Vec::new(),
            wants_load_tests: false,
            aggregated: Aggregated::default(),
            audited: None,
            refusal: None,
            waiting: Vec::new(),
            resident_listens: false,
            test_crash: boot::test_crash(),
        }
    }

    /// What is to be told, and to whom.
    pub fn take_events(&mut self) -> (Vec<Event>, Rc<dyn Fn(Event)>) {
        (self.teller.take(), Rc::clone(&self.emit))
    }

    /// Starts the workers.
    pub fn begin(&mut self, handed: Result<Handed, Failure>, engine: Result<Engine, String>) {
        if self.teller.is_over() {
            return;
        }
        match (handed, engine) {
            (Err(failure), _) => self.teller.fail(failure),
            (_, Err(details)) => self.teller.fail(no_engine(details)),
            (Ok(Handed::Evidence(files)), Ok(engine)) => {
                self.engine = Some(engine);
                self.measure(files);
            }
            (Ok(Handed::Project(mut project)), Ok(engine)) => {
                self.evidence = Dropped::of(std::mem::take(&mut project.evidence));
                let deal = project.kind == InputKind::Stream;
                self.engine = Some(engine);
                self.project = Some(project);
                let (coordinator, orders) = Coordinator::new(Config { deal, auditors: auditors(), ..Config::FOUR });
                self.coordinator = Some(coordinator);
                self.obey(orders);
                // Read while the code is audited; joined in the last step, which needs the linked project.
                self.read_evidence();
            }
        }
    }

    /// Opens a saved report.
    pub fn open(&mut self, file: DroppedFile, engine: Result<Engine, String>) {
        if self.teller.is_over() {
            return;
        }
        match engine {
            Ok(engine) if file.size > LARGEST_REPORT => {
                self.engine = Some(engine);
                let failure = Failure {
                    title: "This file is not a Drydock report".to_owned(),
                    why: format!(
                        "It is larger than {} MB, and no report of ours comes near that.",
                        LARGEST_REPORT >> 20
                    ),
                    action: "Drop the report.json or report.html that Drydock saved, or the project itself.".to_owned(),
                    details: file.path.clone(),
                };
                self.saved = Some(file);
                self.no_report(failure);
            }
            Ok(engine) => {
                self.engine = Some(engine);
                self.saved = Some(file);
                self.start(RESIDENT);
            }
            Err(details) => self.teller.fail(no_engine(details)),
        }
    }

    pub fn report(&self) -> Option<ArrayBuffer> {
        self.report.clone()
    }

    pub fn compare(&mut self, earlier: Option<ArrayBuffer>) {
        self.earlier = earlier;
        self.revise();
    }

    pub fn dismiss(&mut self, dismissed: Vec<Dismissal>) {
        self.dismissed = dismissed;
        self.revise();
    }

    pub(super) fn revise(&mut self) {
        self.ask_resident(Command::Revise { dismissed: self.dismissed.clone() });
    }

    pub fn cancel(&mut self) {
        if self.coordinator.is_none() {
            self.teller.cancelled();
        }
        self.happen(Happening::Cancel);
    }

    pub fn retry(&mut self, category: Category) {
        self.teller.again();
        self.happen(Happening::Retry(category));
    }

    pub fn skip_file(&mut self, category: Category) {
        self.happen(Happening::SkipFile(category));
    }

    /// Called ten times a second.
    pub fn tick(&mut self) {
        if let Some(coordinator) = self.coordinator.as_mut().filter(|_| !self.teller.is_over()) {
            self.teller.progress(coordinator.progress(), now_ms());
        }
    }

    // -- the coordinator ---------------------------------------------------------------------

    fn happen(&mut self, event: Happening) {
        let Some(coordinator) = self.coordinator.as_mut() else { return };
        let orders = coordinator.on(event);
        self.obey(orders);
    }

    fn obey(&mut self, orders: Vec<Order>) {
        for order in orders {
            match order {
                Order::Start(id) => self.start(id),
                Order::Ask(id, task) => self.ask(id, task),
                Order::Stop(id) => self.slots.stop(id),
                Order::Finish(outcome) => self.finish(outcome),
            }
        }
        if let Some(coordinator) = self.coordinator.as_mut() {
            self.teller.lanes(&coordinator.progress(), now_ms());
        }
    }

    pub(super) fn start(&mut self, id: WorkerId) {
        let Some(engine) = self.engine else { return };
        let program = if id == EVIDENCE || id == LOOKER { Program::Evidence } else { Program::Engine };
        let link = self.link.clone();
        let started =
            self.slots.start(id, engine, program, move |incoming| link.with(|run| run.incoming(id, incoming)));
        if let Err(reason) = started {
            self.lose(id, reason, None);
        }
    }

    fn ask(&mut self, id: WorkerId, task: Task) {
        if let Some(slot) = self.tasks.get_mut(id.slot as usize) {
            *slot = Some(task.clone());
        }
        if let Err(reason) = self.give(id, &task).and_then(|()| self.send_task(id, task)) {
            self.lose(id, reason, None);
        }
    }

    /// Whether a test wants to lose the worker `name` now.
    pub(super) fn take_test_crash(&mut self, name: &str) -> bool {
        self.test_crash.take_if(|wanted| wanted == name).is_some()
    }

    /// Whether a coordinator waits for the report.
    pub(super) const fn coordinates(&self) -> bool {
        self.coordinator.is_some()
    }

    fn finish(&mut self, outcome: Outcome) {
        for id in self.slots.stop_all() {
            // The coordinator may have kept one; it makes a fresh one when it needs it.
            if let Some(coordinator) = self.coordinator.as_mut() {
                let _ = coordinator.on(Happening::Lost(id, String::new(), None));
            }
        }
        self.resident_listens = false;
        match outcome {
            // Read and drawn in tasks of their own: together they would hold the page up.
            Outcome::Report { partial } => {
                let link = self.link.clone();
                self.partial = partial;
                after(0, move || link.with(Self::read));
            }
            Outcome::Cancelled => self.teller.cancelled(),
            Outcome::Failed(_) if self.look_instead() => {}
            Outcome::Failed(reason) => {
                let failure = self.refusal.take().unwrap_or_else(|| Failure {
                    title: "The audit stopped before there was a report.".to_owned(),
                    why: "The engine was lost more than once, most likely because memory ran out.".to_owned(),
                    action: "Drop fewer folders, or run the command line: `drydock audit .`".to_owned(),
                    details: reason,
                });
                self.teller.fail(failure);
            }
        }
    }

    fn read(&mut self) {
        if self.teller.is_over() {
            return;
        }
        let bytes = self.report.as_ref().map(bytes_of).unwrap_or_default();
        self.parse(&bytes, true);
    }

    /// Reads what the engine made, `plain` without what the other worker added. Drawn in a task of its own.
    pub(super) fn parse(&mut self, bytes: &[u8], plain: bool) {
        let link = self.link.clone();
        let read = serde_json::from_slice::<Report>(bytes).and_then(|mut report| {
            if let Some(performance) = self.performance.as_ref().filter(|_| plain) {
                report.performance = serde_json::from_slice(&bytes_of(performance))?;
            }
            Ok(report)
        });
        match read {
            Ok(report) => after(0, move || link.with(|run| run.show(report))),
            Err(error) => self.teller.fail(Failure {
                title: "The report could not be read.".to_owned(),
                why: "The engine and the app do not understand each other.".to_owned(),
                action: "Reload the page and audit again".to_owned(),
                details: error.to_string(),
            }),
        }
    }

    fn show(&mut self, report: Report) {
        let saved = self.saved.is_some();
        let partial = self.partial
            || saved && report.categories.iter().any(|score| matches!(score.status, CategoryState::Error(_)));
        self.teller.done(report, partial, saved, now_ms());
        if !saved {
            let link = self.link.clone();
            after(RESIDENT_AFTER_MS, move || link.with(Self::start_resident));
            let link = self.link.clone();
            after(LOOK_AFTER_MS, move || link.with(Self::look_inside));
        }
    }

    // -- the workers -------------------------------------------------------------------------

    fn incoming(&mut self, id: WorkerId, incoming: Incoming) {
        if self.slots.get(id).is_none() {
            return;
        }
        let envelope = match incoming {
            Incoming::Lost(reason) => return self.lose(id, reason, None),
            Incoming::Message(envelope) => envelope,
        };
        match envelope.value {
            Reply::Ready { .. } if id == RESIDENT => self.resident_ready(),
            Reply::Ready { .. } if id == MEASURER => self.measurer_ready(),
            Reply::Ready { .. } if id == EVIDENCE => self.evidence_ready(),
            Reply::Ready { .. } if id == LOOKER => self.looker_ready(),
            Reply::Progress(_) if id == MEASURER || id == EVIDENCE || id == LOOKER => {}
            Reply::Answer { answer: Ok(Answer::Inside(found)), .. } => self.found_inside(found),
            Reply::Answer { answer: Ok(Answer::Unpacked(paths)), .. } => self.unpacked(paths, envelope.handles),
            Reply::Answer { answer: Err(_), .. } if id == LOOKER => self.found_inside(Vec::new()),
            Reply::Answer { answer: Err(failure), .. } if id == MEASURER || id == EVIDENCE => {
                self.not_measured(failure)
            }
            Reply::Answer { answer: Ok(answer), .. } if self.join(id, &answer, envelope.buffers.first()) => {}
            Reply::Answer { answer: Ok(_), .. } if id == MEASURER => self.measured(envelope.buffers.into_iter().next()),
            Reply::Ready { .. } => self.happen(Happening::Ready(id)),
            Reply::Progress(work) => {
                self.teller.file_in_hand(id.slot, work.current_file.as_deref(), now_ms());
                // Shown at the next tick.
                if let Some(coordinator) = self.coordinator.as_mut() {
                    let orders = coordinator.on(Happening::Progress(id, work));
                    debug_assert!(orders.is_empty(), "progress orders nothing");
                }
            }
            Reply::Check(dot) => {
                if let Some(coordinator) = self.coordinator.as_mut() {
                    let _ = coordinator.on(Happening::Check(id, dot));
                }
            }
            Reply::Crashed { message, path } => self.lose(id, message, path),
            Reply::Answer { answer: Err(failure), .. } if id == RESIDENT => {
                if self.report.is_none() {
                    self.no_report(failure);
                } else {
                    self.teller.tell(Event::Refused(failure));
                }
            }
            Reply::Answer { answer: Err(failure), .. } => {
                let title = failure.title.clone();
                self.refusal = Some(failure);
                self.happen(Happening::Refused(id, title));
            }
            Reply::Answer { answer: Ok(answer), .. } => self.answer(id, answer, envelope.handles, envelope.buffers),
        }
    }

    fn answer(&mut self, id: WorkerId, answer: Answer, mut handles: Vec<JsValue>, mut buffers: Vec<ArrayBuffer>) {
        let task = self.tasks.get_mut(id.slot as usize).and_then(Option::take);
        match (answer, task) {
            (Answer::Source(source), _) => return self.teller.tell(Event::Source(source)),
            (Answer::Found(found), _) => return self.teller.tell(Event::Found(found)),
            (Answer::Note(technology, html), _) => return self.teller.tell(Event::Note(technology, html)),
            (Answer::Exported(file), _) => {
                return self.teller.tell(Event::Exported(file, buffers.iter().map(bytes_of).collect()));
            }
            (Answer::Reported, _) if id == RESIDENT => {
                let report = buffers.pop();
                let bytes = report.as_ref().map(bytes_of).unwrap_or_default();
                if self.report.is_none() {
                    self.audited.clone_from(&report);
                    self.report = report;
                }
                return self.parse(&bytes, false);
            }
            (Answer::Dealt { plan }, _) => {
                self.tell_plan(plan);
                let mut buffers = buffers.into_iter();
                while let (Some(directory), Some(bytes)) = (buffers.next(), buffers.next()) {
                    self.packs.push((directory, Some(bytes)));
                }
            }
            (Answer::Indexed { plan, bytes, memory }, Some(Task::Index { shard, .. })) => {
                self.tell_plan(plan);
                self.teller.memory(id.slot, memory);
                self.teller.shard_bytes(bytes);
                if let Some(kept) = self.shards.get_mut(shard as usize) {
                    let rest = handles.pop();
                    *kept = handles.pop().zip(rest).map(|(code, rest)| ShardBlobs { code, rest });
                }
                if let Some((_, bytes)) = self.packs.get_mut(shard as usize) {
                    *bytes = None;
                }
                if let Some(slot) = self.slots.get(id) {
                    slot.own_shard = Some(shard);
                    slot.input = true;
                }
            }
            (Answer::Discovered, _) => self.context = buffers.pop(),
            (Answer::Prepared, _) => {}
            (Answer::Audited { findings, memory }, Some(Task::Audit { category })) => {
                self.teller.memory(id.slot, memory);
                let number = Category::ALL.iter().position(|other| *other == category);
                if let Some(kept) = number.and_then(|number| self.results.get_mut(number)) {
                    *kept = buffers.pop();
                }
                self.teller.tell(Event::Findings(findings));
            }
            (Answer::Reported, _) => self.report = buffers.pop(),
            (Answer::Indexed { .. } | Answer::Audited { .. }, _) => {}
            (Answer::Described | Answer::Joined | Answer::Completed | Answer::LoadTests(_), _) => {}
            (Answer::Inside(_) | Answer::Unpacked(_), _) => {}
        }
        self.happen(Happening::Done(id));
    }

    /// The report of an audit is there, with what was measured.
    pub(super) fn aggregated_by(&mut self, id: WorkerId, report: Option<ArrayBuffer>) {
        if let Some(task) = self.tasks.get_mut(id.slot as usize) {
            *task = None;
        }
        self.report = report;
        self.happen(Happening::Done(id));
    }

    pub(super) fn lose(&mut self, id: WorkerId, reason: String, path: Option<String>) {
        self.slots.stop(id);
        if id == MEASURER || id == EVIDENCE {
            self.not_measured(no_evidence(reason));
        } else if id == LOOKER {
            self.found_inside(Vec::new());
        } else if id == RESIDENT {
            self.resident_listens = false;
            if self.report.is_none() {
                self.teller.fail(Failure {
                    title: "The saved report could not be opened.".to_owned(),
                    why: "The engine stopped while reading it, most likely because memory ran out.".to_owned(),
                    action: "Close other tabs and try again.".to_owned(),
                    details: reason.clone(),
                });
            }
            for command in std::mem::take(&mut self.waiting) {
                self.refuse(command, &format!("The audit engine stopped: {reason}"));
            }
        } else {
            self.joining.take_if(|joining| joining.is_of(id));
            self.happen(Happening::Lost(id, reason, path));
        }
    }

    fn tell_plan(&mut self, plan: PlanSummary) {
        self.inside.plan(&plan);
        self.teller.plan(plan);
    }
}

fn no_engine(details: String) -> Failure {
    Failure {
        title: "The audit engine could not be loaded.".to_owned(),
        why: "A part of the app did not arrive, or this browser cannot run it.".to_owned(),
        action: "Reload the page. Chromium, Firefox and Safari of the last two years can run it".to_owned(),
        details,
    }
}
