//! The state machine itself.

use super::progress::{CheckDot, DotState, Lane, LaneState, Phase, Progress, WorkDone, per_mille};
use super::{Command, Config, Event, Outcome, Task, WorkerId};
use crate::checks::CATALOGUE;
use crate::report::model::{Category, Counts};

/// Workers lost over one shard before it is given up.
const MAX_SHARD_LOSSES: u32 = 6;
/// Workers lost over a task that has no file to blame before it is given up.
const MAX_LOSSES: u32 = 2;

/// One audit.
#[derive(Clone, Debug)]
pub struct Coordinator {
    phase: Phase,
    slots: Vec<Slot>,
    dealt: bool,
    shards: Vec<Shard>,
    /// Slots below link and audit.
    auditors: usize,
    prepare: bool,
    discovered: bool,
    lanes: Vec<CategoryWork>,
    /// Workers lost over the deal, the discovery or the report.
    losses: u32,
    notices: Vec<String>,
    shown: u32,
}

#[derive(Clone, Debug)]
struct Slot {
    epoch: u32,
    state: SlotState,
    /// A worker of it was asked to link ahead: not again when that one was lost.
    prepared: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum SlotState {
    Gone,
    Starting,
    Idle,
    Busy(Task),
}

#[derive(Clone, Debug, Default)]
struct Shard {
    state: ShardState,
    work: WorkDone,
    skip: Vec<String>,
    losses: u32,
    /// In hand when a worker was lost: left out when it happens again.
    suspect: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
enum ShardState {
    #[default]
    Waiting,
    Running,
    Done,
    GivenUp(String),
}

#[derive(Clone, Debug)]
struct CategoryWork {
    category: Category,
    state: CategoryWorkState,
    findings: Counts,
    checks: Vec<CheckDot>,
}

#[derive(Clone, Debug, PartialEq)]
enum CategoryWorkState {
    Waiting,
    Running,
    Done,
    Failed(String),
    Cancelled,
}

impl Coordinator {
    /// An audit and its first commands.
    #[must_use]
    pub fn new(config: Config) -> (Self, Vec<Command>) {
        let slots = config.workers.max(1);
        let mut audit = Self {
            phase: Phase::Unpack,
            slots: (0..slots).map(|_| Slot { epoch: 0, state: SlotState::Gone, prepared: false }).collect(),
            dealt: !config.deal,
            shards: (0..config.shards.max(1)).map(|_| Shard::default()).collect(),
            auditors: config.auditors.clamp(1, slots) as usize,
            prepare: config.prepare,
            discovered: false,
            lanes: Category::ALL.into_iter().map(CategoryWork::new).collect(),
            losses: 0,
            notices: Vec::new(),
            shown: 0,
        };
        let mut commands = Vec::new();
        // All at once, also those that wait for the deal: starting takes its time.
        for slot in 0..audit.slots.len() {
            commands.extend(audit.start(slot));
        }
        (audit, commands)
    }

    /// Takes an event and says what to do. Events of replaced workers are ignored.
    pub fn on(&mut self, event: Event) -> Vec<Command> {
        let mut commands = Vec::new();
        match event {
            Event::Cancel => self.cancel(&mut commands),
            Event::Retry(category) => self.retry(category),
            Event::SkipFile(category) => self.skip_file(category, &mut commands),
            Event::Ready(worker) => {
                if let Some(slot) = self.known(worker)
                    && let Some(slot) = self.slots.get_mut(slot)
                    && slot.state == SlotState::Starting
                {
                    slot.state = SlotState::Idle;
                }
            }
            Event::Progress(worker, work) => self.note_progress(worker, work),
            Event::Check(worker, dot) => self.note_check(worker, dot),
            Event::Done(worker) => self.done(worker, &mut commands),
            Event::Refused(worker, reason) => self.refused(worker, reason, &mut commands),
            Event::Lost(worker, reason, file) => self.lost(worker, &reason, file, &mut commands),
        }
        self.advance(&mut commands);
        commands
    }

    /// What can be shown now.
    pub fn progress(&mut self) -> Progress {
        let mut work = WorkDone::default();
        self.shards.iter().for_each(|shard| work.add(&shard.work));
        for lane in &self.lanes {
            work.add(&WorkDone { findings: lane.findings, ..WorkDone::default() });
        }
        let over = self.lanes.iter().filter(|lane| lane.is_over()).count();
        self.shown = self.shown.max(per_mille(self.phase, &work, u32::try_from(over).unwrap_or(4)));
        let lanes = (0..self.lanes.len()).filter_map(|index| self.lane(index)).collect();
        Progress { phase: self.phase, per_mille: self.shown, work, lanes }
    }

    /// Whether shard `index` was read: its bytes are at hand.
    #[must_use]
    pub fn shard_is_read(&self, index: u32) -> bool {
        self.shards.get(index as usize).is_some_and(|shard| shard.state == ShardState::Done)
    }

    // -- what comes next ---------------------------------------------------------------------

    /// Enters the phase that follows from what is done and hands out its tasks.
    fn advance(&mut self, commands: &mut Vec<Command>) {
        if self.phase == Phase::Finished {
            return;
        }
        self.enter_next_phase(commands);
        if self.phase == Phase::Finished {
            return;
        }
        for index in 0..self.slots.len() {
            let Some(task) = self.task_for(index) else { continue };
            match self.slots.get(index).map(|slot| &slot.state) {
                Some(SlotState::Gone) => commands.extend(self.start(index)),
                Some(SlotState::Idle) => self.ask(index, task, commands),
                _ => {}
            }
        }
    }

    fn enter_next_phase(&mut self, commands: &mut Vec<Command>) {
        let settled = |shard: &Shard| matches!(shard.state, ShardState::Done | ShardState::GivenUp(_));
        if matches!(self.phase, Phase::Unpack | Phase::Parse) && self.dealt && self.shards.iter().all(settled) {
            let reason = self.shards.iter().find_map(|shard| match &shard.state {
                ShardState::GivenUp(reason) => Some(reason.clone()),
                _ => None,
            });
            if let Some(reason) = reason.filter(|_| self.shards.iter().all(|shard| shard.state != ShardState::Done)) {
                self.finish(Outcome::Failed(format!("no part of the project could be read: {reason}")), commands);
                return;
            }
            self.phase = Phase::DetectStack;
            self.losses = 0;
        }
        if self.phase == Phase::DetectStack && self.discovered {
            self.phase = Phase::Audit;
            self.losses = 0;
        }
        if self.phase == Phase::Audit && self.lanes.iter().all(CategoryWork::is_over) {
            self.phase = Phase::Score;
            self.losses = 0;
        }
    }

    /// What slot `index` should do now, if anything.
    fn task_for(&self, index: usize) -> Option<Task> {
        let count = self.slots.len();
        let own = |number: usize| number % count == index;
        match self.phase {
            Phase::Unpack if !self.dealt => (index == 0).then_some(Task::Deal),
            Phase::Unpack | Phase::Parse => {
                let (number, shard) = self
                    .shards
                    .iter()
                    .enumerate()
                    .find(|(number, shard)| own(*number) && shard.state == ShardState::Waiting)?;
                Some(Task::Index { shard: u32::try_from(number).ok()?, skip: shard.skip.clone() })
            }
            Phase::DetectStack if index == self.discoverer() => Some(Task::Discover),
            Phase::DetectStack => {
                let fresh = self.slots.get(index).is_some_and(|slot| !slot.prepared);
                (self.prepare && index < self.auditors && fresh).then_some(Task::Prepare)
            }
            Phase::Audit => self.audit_task(index),
            Phase::Score => (index == self.resident()).then(|| self.aggregate_task()),
            Phase::Finished => None,
        }
    }

    /// The slot that discovers, aggregates and stays: the first with a worker, else the first.
    fn resident(&self) -> usize {
        self.slots.iter().position(|slot| slot.state != SlotState::Gone).unwrap_or(0)
    }

    /// The slot that discovers: one that does not link, where there is one.
    fn discoverer(&self) -> usize {
        let spare = (self.auditors..self.slots.len())
            .find(|&index| self.slots.get(index).is_some_and(|slot| slot.state != SlotState::Gone));
        spare.unwrap_or_else(|| self.resident())
    }

    /// The category that slot `index` audits next: its own; with less auditors than categories any.
    fn audit_task(&self, index: usize) -> Option<Task> {
        if index >= self.auditors {
            return None;
        }
        let waiting = || self.lanes.iter().enumerate().filter(|(_, lane)| lane.state == CategoryWorkState::Waiting);
        let own = waiting().find(|(number, _)| number % self.auditors == index);
        let any = || waiting().next().filter(|_| self.auditors < self.lanes.len());
        own.or_else(any).map(|(_, lane)| Task::Audit { category: lane.category })
    }

    fn aggregate_task(&self) -> Task {
        let failed = self.lanes.iter().filter_map(|lane| match &lane.state {
            CategoryWorkState::Failed(reason) => Some((lane.category, reason.clone())),
            CategoryWorkState::Cancelled => Some((lane.category, "cancelled".to_owned())),
            _ => None,
        });
        let unread = (0..).zip(&self.shards).filter_map(|(number, shard)| match &shard.state {
            ShardState::GivenUp(reason) => Some((number, reason.clone())),
            _ => None,
        });
        Task::Aggregate { failed: failed.collect(), unread: unread.collect(), notices: self.notices.clone() }
    }

    fn start(&mut self, index: usize) -> Option<Command> {
        let slot = self.slots.get_mut(index)?;
        slot.epoch += 1;
        slot.state = SlotState::Starting;
        Some(Command::Start(WorkerId { slot: u32::try_from(index).ok()?, epoch: slot.epoch }))
    }

    fn ask(&mut self, index: usize, task: Task, commands: &mut Vec<Command>) {
        match &task {
            Task::Index { shard, .. } => {
                if let Some(shard) = self.shards.get_mut(*shard as usize) {
                    shard.state = ShardState::Running;
                    shard.work = WorkDone::default();
                }
            }
            Task::Audit { category } => {
                if let Some(lane) = self.lanes.iter_mut().find(|lane| lane.category == *category) {
                    lane.state = CategoryWorkState::Running;
                }
            }
            Task::Prepare => {
                if let Some(slot) = self.slots.get_mut(index) {
                    slot.prepared = true;
                }
            }
            Task::Deal | Task::Discover | Task::Aggregate { .. } => {}
        }
        if let Some(id) = self.id(index)
            && let Some(slot) = self.slots.get_mut(index)
        {
            slot.state = SlotState::Busy(task.clone());
            commands.push(Command::Ask(id, task));
        }
    }

    // -- what workers say --------------------------------------------------------------------

    fn id(&self, index: usize) -> Option<WorkerId> {
        let slot = self.slots.get(index)?;
        Some(WorkerId { slot: u32::try_from(index).ok()?, epoch: slot.epoch })
    }

    /// The slot of a worker that is still the slot's own.
    fn known(&self, worker: WorkerId) -> Option<usize> {
        let index = worker.slot as usize;
        let slot = self.slots.get(index)?;
        (slot.epoch == worker.epoch && slot.state != SlotState::Gone).then_some(index)
    }

    fn task_of(&self, worker: WorkerId) -> Option<Task> {
        match &self.slots.get(self.known(worker)?)?.state {
            SlotState::Busy(task) => Some(task.clone()),
            _ => None,
        }
    }

    fn release(&mut self, worker: WorkerId) {
        if let Some(slot) = self.slots.get_mut(worker.slot as usize) {
            slot.state = SlotState::Idle;
        }
    }

    fn note_progress(&mut self, worker: WorkerId, work: WorkDone) {
        match self.task_of(worker) {
            Some(Task::Index { shard, .. }) => {
                if self.phase == Phase::Unpack {
                    self.phase = Phase::Parse;
                }
                if let Some(shard) = self.shards.get_mut(shard as usize) {
                    shard.work = work;
                }
            }
            Some(Task::Audit { category }) => {
                if let Some(lane) = self.lanes.iter_mut().find(|lane| lane.category == category) {
                    lane.findings = work.findings;
                }
            }
            _ => {}
        }
    }

    fn note_check(&mut self, worker: WorkerId, dot: CheckDot) {
        if let Some(Task::Audit { category }) = self.task_of(worker)
            && let Some(lane) = self.lanes.iter_mut().find(|lane| lane.category == category)
            && let Some(known) = lane.checks.iter_mut().find(|known| known.check == dot.check)
        {
            known.state = dot.state;
        }
    }

    fn done(&mut self, worker: WorkerId, commands: &mut Vec<Command>) {
        let Some(task) = self.task_of(worker) else { return };
        self.release(worker);
        match task {
            Task::Deal => {
                self.dealt = true;
                self.phase = Phase::Parse;
            }
            Task::Index { shard, .. } => {
                self.phase = self.phase.max(Phase::Parse);
                if let Some(shard) = self.shards.get_mut(shard as usize) {
                    shard.state = ShardState::Done;
                    shard.work.files_done = shard.work.files_total;
                    shard.work.bytes_done = shard.work.bytes_total;
                    shard.work.current_file = None;
                }
            }
            Task::Discover => self.discovered = true,
            Task::Prepare => {}
            Task::Audit { category } => {
                if let Some(lane) = self.lanes.iter_mut().find(|lane| lane.category == category) {
                    lane.state = CategoryWorkState::Done;
                }
            }
            Task::Aggregate { .. } => {
                let missing = self.lanes.iter().any(|lane| lane.state != CategoryWorkState::Done)
                    || self.shards.iter().any(|shard| shard.state != ShardState::Done);
                self.finish(Outcome::Report { partial: missing }, commands);
            }
        }
    }

    fn refused(&mut self, worker: WorkerId, reason: String, commands: &mut Vec<Command>) {
        let Some(task) = self.task_of(worker) else { return };
        self.release(worker);
        match task {
            // The input is the same for every worker: none can read it.
            Task::Deal | Task::Index { .. } | Task::Aggregate { .. } => {
                self.finish(Outcome::Failed(reason), commands);
            }
            Task::Discover => self.go_on_without_context(&reason),
            // The audit tries again and says it.
            Task::Prepare => {}
            Task::Audit { category } => self.fail_category(category, reason),
        }
    }

    fn lost(&mut self, worker: WorkerId, reason: &str, file: Option<String>, commands: &mut Vec<Command>) {
        let Some(index) = self.known(worker) else { return };
        let task = self.task_of(worker);
        if let Some(slot) = self.slots.get_mut(index) {
            slot.state = SlotState::Gone;
        }
        match task {
            Some(Task::Index { shard, .. }) => self.lost_while_indexing(shard as usize, reason, file),
            Some(Task::Audit { category }) => {
                let place = file.map(|file| format!(" at {file}")).unwrap_or_default();
                self.fail_category(category, format!("{reason}{place}"));
            }
            Some(Task::Discover) => {
                self.losses += 1;
                if self.losses >= MAX_LOSSES {
                    self.go_on_without_context(reason);
                }
            }
            // The audit links again.
            Some(Task::Prepare) => {}
            // It was about to start, idle, or did what every other worker can do as well.
            Some(Task::Deal | Task::Aggregate { .. }) | None => {
                self.losses += 1;
                let limit = if task.is_none() { MAX_LOSSES * 4 } else { MAX_LOSSES };
                if self.phase != Phase::Finished && self.losses >= limit {
                    self.finish(Outcome::Failed(format!("workers were lost again and again: {reason}")), commands);
                }
            }
        }
    }

    fn lost_while_indexing(&mut self, index: usize, reason: &str, file: Option<String>) {
        let Some(shard) = self.shards.get_mut(index) else { return };
        shard.losses += 1;
        let file = file.or_else(|| shard.work.current_file.clone());
        shard.work = WorkDone::default();
        shard.state = ShardState::Waiting;
        if shard.losses >= MAX_SHARD_LOSSES || (file.is_none() && shard.losses >= MAX_LOSSES) {
            shard.state = ShardState::GivenUp(reason.to_owned());
            return;
        }
        match file {
            Some(file) if shard.suspect.as_ref() == Some(&file) => {
                self.notices.push(format!("{file} was left out: the engine stopped twice while reading it ({reason})"));
                shard.skip.push(file);
                shard.suspect = None;
            }
            other => shard.suspect = other,
        }
    }

    fn go_on_without_context(&mut self, reason: &str) {
        self.notices.push(format!("The stack could not be detected: {reason}"));
        self.discovered = true;
    }

    fn fail_category(&mut self, category: Category, reason: String) {
        if let Some(lane) = self.lanes.iter_mut().find(|lane| lane.category == category) {
            lane.stop(CategoryWorkState::Failed(reason));
        }
    }

    // -- what the user says ------------------------------------------------------------------

    fn cancel(&mut self, commands: &mut Vec<Command>) {
        // Scoring takes a moment only, and everything is done.
        if matches!(self.phase, Phase::Score | Phase::Finished) {
            return;
        }
        for index in 0..self.slots.len() {
            if self.slots.get(index).is_some_and(|slot| matches!(slot.state, SlotState::Starting | SlotState::Busy(_)))
            {
                self.stop(index, commands);
            }
        }
        for lane in self.lanes.iter_mut().filter(|lane| !lane.is_over()) {
            lane.stop(CategoryWorkState::Cancelled);
        }
        if self.lanes.iter().any(|lane| lane.state == CategoryWorkState::Done) {
            self.notices.push("Cancelled: what was not finished is missing".to_owned());
            self.phase = Phase::Score;
            self.losses = 0;
        } else {
            self.finish(Outcome::Cancelled, commands);
        }
    }

    fn retry(&mut self, category: Category) {
        // Only what was indexed and discovered can be audited again.
        if !self.discovered || !matches!(self.phase, Phase::Audit | Phase::Finished) {
            return;
        }
        let Some(lane) = self.lanes.iter_mut().find(|lane| lane.category == category) else { return };
        if matches!(lane.state, CategoryWorkState::Failed(_) | CategoryWorkState::Cancelled) {
            *lane = CategoryWork::new(category);
            self.phase = Phase::Audit;
            self.losses = 0;
        }
    }

    fn skip_file(&mut self, category: Category, commands: &mut Vec<Command>) {
        let Some(number) = Category::ALL.iter().position(|other| *other == category) else { return };
        let Some(shard) = self.shards.get_mut(number).filter(|shard| shard.state == ShardState::Running) else {
            return;
        };
        let Some(file) = shard.work.current_file.take() else { return };
        self.notices.push(format!("{file} was left out on request"));
        shard.skip.push(file);
        shard.state = ShardState::Waiting;
        shard.work = WorkDone::default();
        let count = self.slots.len();
        self.stop(number % count, commands);
    }

    // -- the end -----------------------------------------------------------------------------

    fn stop(&mut self, index: usize, commands: &mut Vec<Command>) {
        let id = self.id(index);
        if let Some(slot) = self.slots.get_mut(index).filter(|slot| slot.state != SlotState::Gone) {
            slot.state = SlotState::Gone;
            commands.extend(id.map(Command::Stop));
        }
    }

    /// Ends the audit; with a report one idle worker stays for exports and source views.
    fn finish(&mut self, outcome: Outcome, commands: &mut Vec<Command>) {
        self.phase = Phase::Finished;
        let keep = matches!(outcome, Outcome::Report { .. })
            .then(|| self.slots.iter().position(|slot| slot.state == SlotState::Idle))
            .flatten();
        for index in (0..self.slots.len()).filter(|index| Some(*index) != keep) {
            self.stop(index, commands);
        }
        commands.push(Command::Finish(outcome));
    }

    fn lane(&self, index: usize) -> Option<Lane> {
        let lane = self.lanes.get(index)?;
        let shard = self.shards.get(index);
        let mut work = shard.map(|shard| shard.work.clone()).unwrap_or_default();
        work.findings = lane.findings;
        let indexing = matches!(self.phase, Phase::Unpack | Phase::Parse);
        let state = match (&lane.state, shard.map(|shard| &shard.state)) {
            (CategoryWorkState::Waiting, Some(ShardState::Waiting)) if indexing => LaneState::Starting,
            (CategoryWorkState::Waiting, Some(ShardState::Running)) => LaneState::Indexing,
            (CategoryWorkState::Waiting, _) => LaneState::WaitingForIndex,
            (CategoryWorkState::Running, _) => LaneState::Auditing,
            (CategoryWorkState::Done, _) => LaneState::Done,
            (CategoryWorkState::Failed(reason), _) => LaneState::Failed(reason.clone()),
            (CategoryWorkState::Cancelled, _) => LaneState::Cancelled,
        };
        Some(Lane { category: lane.category, state, work, checks: lane.checks.clone() })
    }
}

impl CategoryWork {
    fn new(category: Category) -> Self {
        let own = CATALOGUE.iter().filter(|check| check.category == category && check.available);
        let checks = own.map(|check| CheckDot { check: check.id.to_owned(), state: DotState::Waiting }).collect();
        Self { category, state: CategoryWorkState::Waiting, findings: Counts::default(), checks }
    }

    const fn is_over(&self) -> bool {
        matches!(self.state, CategoryWorkState::Done | CategoryWorkState::Failed(_) | CategoryWorkState::Cancelled)
    }

    fn stop(&mut self, state: CategoryWorkState) {
        self.state = state;
        for dot in &mut self.checks {
            if matches!(dot.state, DotState::Waiting | DotState::Running) {
                dot.state = DotState::Failed;
            }
        }
    }
}
