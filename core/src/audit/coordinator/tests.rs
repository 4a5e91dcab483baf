//! The coordinator driven by a simulated pool: every worker does what it is told, unless a test
//! makes it fail.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use super::{Command, Config, Coordinator, Event, LaneState, Outcome, Phase, Task, WorkDone, WorkerId};
use crate::report::model::Category;
use std::collections::{BTreeMap, VecDeque};

/// Commands not yet obeyed, workers alive, and what was asked in order.
struct Pool {
    audit: Coordinator,
    queue: VecDeque<Command>,
    alive: BTreeMap<WorkerId, Option<Task>>,
    asked: Vec<(WorkerId, Task)>,
    outcome: Option<Outcome>,
}

impl Pool {
    fn new(config: Config) -> Self {
        let (audit, commands) = Coordinator::new(config);
        Self { audit, queue: commands.into(), alive: BTreeMap::new(), asked: Vec::new(), outcome: None }
    }

    fn tell(&mut self, event: Event) {
        let before = self.audit.progress();
        self.queue.extend(self.audit.on(event));
        let after = self.audit.progress();
        assert!(after.per_mille >= before.per_mille, "progress fell");
    }

    /// Obeys start, stop and finish; asked tasks stay in hand.
    fn settle(&mut self) {
        while let Some(command) = self.queue.pop_front() {
            match command {
                Command::Start(id) => {
                    assert!(self.alive.keys().all(|other| other.slot != id.slot), "two workers in a slot");
                    self.alive.insert(id, None);
                    self.tell(Event::Ready(id));
                }
                Command::Stop(id) => {
                    assert!(self.alive.remove(&id).is_some(), "stops a worker that is not there");
                }
                Command::Ask(id, task) => {
                    let hand = self.alive.get_mut(&id).unwrap();
                    assert_eq!(*hand, None, "asked while busy");
                    *hand = Some(task.clone());
                    self.asked.push((id, task));
                }
                Command::Finish(outcome) => self.outcome = Some(outcome),
            }
        }
    }

    fn busy(&self) -> Option<WorkerId> {
        let linking = self.with(|task| *task == Task::Prepare);
        linking.or_else(|| self.any_busy())
    }

    fn any_busy(&self) -> Option<WorkerId> {
        self.alive.iter().find_map(|(id, task)| task.as_ref().map(|_| *id))
    }

    fn with(&self, wanted: impl Fn(&Task) -> bool) -> Option<WorkerId> {
        self.alive.iter().find_map(|(id, task)| task.as_ref().filter(|task| wanted(task)).map(|_| *id))
    }

    fn finish_task(&mut self, id: WorkerId) {
        *self.alive.get_mut(&id).unwrap() = None;
        self.tell(Event::Done(id));
        self.settle();
    }

    fn lose(&mut self, id: WorkerId, file: Option<&str>) {
        self.alive.remove(&id);
        self.tell(Event::Lost(id, "out of memory".into(), file.map(str::to_owned)));
        self.settle();
    }

    /// Finishes tasks until nothing is in hand or `stop` says so.
    fn run_until(&mut self, stop: impl Fn(&Self) -> bool) {
        self.settle();
        while !stop(self) {
            let Some(id) = self.busy() else { return };
            self.finish_task(id);
        }
    }

    fn run(&mut self) -> Outcome {
        self.run_until(|_| false);
        self.outcome.clone().unwrap()
    }

    fn reach(&mut self, phase: Phase) {
        self.run_until(|pool| pool.audit.clone().phase_now() == phase && pool.busy().is_some());
        assert_eq!(self.audit.phase_now(), phase);
    }

    fn count(&self, wanted: impl Fn(&Task) -> bool) -> usize {
        self.asked.iter().filter(|(_, task)| wanted(task)).count()
    }
}

impl Coordinator {
    fn phase_now(&mut self) -> Phase {
        self.progress().phase
    }
}

fn is_index(task: &Task) -> bool {
    matches!(task, Task::Index { .. })
}

fn is_audit(task: &Task) -> bool {
    matches!(task, Task::Audit { .. })
}

const fn whole() -> Outcome {
    Outcome::Report { partial: false }
}

const fn part() -> Outcome {
    Outcome::Report { partial: true }
}

#[test]
fn happy_path_with_four_workers() {
    let mut pool = Pool::new(Config::FOUR);
    assert_eq!(pool.run(), whole());
    assert_eq!((pool.count(is_index), pool.count(is_audit)), (4, 4));
    assert_eq!(pool.count(|task| *task == Task::Discover), 1);
    for (id, task) in &pool.asked {
        match task {
            Task::Index { shard, skip } => assert_eq!((*shard, skip.len()), (id.slot, 0)),
            Task::Audit { category } => assert_eq!(Category::ALL[id.slot as usize], *category),
            Task::Aggregate { failed, unread, notices } => {
                assert!(failed.is_empty() && unread.is_empty() && notices.is_empty());
            }
            Task::Deal | Task::Discover | Task::Prepare => {}
        }
    }
    assert_eq!(pool.alive.len(), 1, "one resident stays");
    let progress = pool.audit.progress();
    assert_eq!((progress.phase, progress.per_mille), (Phase::Finished, 1000));
    assert!(progress.lanes.iter().all(|lane| lane.state == LaneState::Done));
}

#[test]
fn any_number_of_workers_and_shards() {
    for workers in [1, 2, 3, 5, 8, 16] {
        for shards in [1, 4, 7] {
            let mut pool = Pool::new(Config { shards, ..Config::threads(workers) });
            assert_eq!(pool.run(), whole(), "{workers} {shards}");
            assert_eq!((pool.count(is_index), pool.count(is_audit)), (shards as usize, 4));
        }
    }
}

#[test]
fn two_auditors_share_four_categories_while_a_third_worker_discovers() {
    let mut pool = Pool::new(Config { auditors: 2, ..Config::FOUR });
    assert_eq!(pool.run(), whole());
    assert_eq!((pool.count(is_index), pool.count(is_audit)), (4, 4));
    let slots = |wanted: &dyn Fn(&Task) -> bool| -> Vec<u32> {
        pool.asked.iter().filter(|(_, task)| wanted(task)).map(|(id, _)| id.slot).collect()
    };
    assert_eq!(slots(&|task| *task == Task::Prepare), [0, 1]);
    assert_eq!(slots(&|task| *task == Task::Discover), [2]);
    assert!(slots(&is_audit).iter().all(|&slot| slot < 2));

    // One of them is lost: its category fails, what waits goes to whoever is free.
    let mut pool = Pool::new(Config { auditors: 2, ..Config::FOUR });
    pool.reach(Phase::Audit);
    pool.lose(WorkerId { slot: 0, epoch: 1 }, None);
    assert_eq!(pool.run(), part());
    assert_eq!(pool.count(is_audit), 4);
    let Some((_, Task::Aggregate { failed, .. })) = pool.asked.last() else { panic!() };
    assert_eq!(failed.len(), 1);
}

#[test]
fn a_worker_lost_while_linking_ahead_is_not_asked_again() {
    let mut pool = Pool::new(Config::FOUR);
    pool.reach(Phase::DetectStack);
    let id = pool.with(|task| *task == Task::Prepare).unwrap();
    pool.lose(id, None);
    assert_eq!(pool.run(), whole());
    assert_eq!((pool.count(|task| *task == Task::Prepare), pool.count(is_audit)), (3, 4));
}

#[test]
fn a_stream_is_dealt_out_before_anything_is_indexed() {
    let mut pool = Pool::new(Config { deal: true, ..Config::FOUR });
    pool.settle();
    assert_eq!(pool.asked.iter().map(|(_, task)| task).collect::<Vec<_>>(), [&Task::Deal]);
    let id = pool.busy().unwrap();
    pool.lose(id, None);
    assert_eq!(pool.count(|task| *task == Task::Deal), 2);
    assert_eq!(pool.run(), whole());
}

#[test]
fn a_worker_lost_while_indexing_is_replaced_and_its_shard_redone() {
    let mut pool = Pool::new(Config::FOUR);
    pool.settle();
    let id = WorkerId { slot: 2, epoch: 1 };
    pool.lose(id, Some("app/odd.py"));
    let redone = (WorkerId { slot: 2, epoch: 2 }, Task::Index { shard: 2, skip: vec![] });
    assert!(pool.asked.contains(&redone));
    assert_eq!(pool.run(), whole());
}

#[test]
fn a_file_that_loses_two_workers_is_left_out_and_said() {
    let mut pool = Pool::new(Config::FOUR);
    pool.settle();
    for epoch in 1..=2 {
        let id = WorkerId { slot: 1, epoch };
        let work = WorkDone { current_file: Some("app/poison.py".into()), ..WorkDone::default() };
        pool.tell(Event::Progress(id, work));
        pool.lose(id, None);
    }
    let redone = (WorkerId { slot: 1, epoch: 3 }, Task::Index { shard: 1, skip: vec!["app/poison.py".into()] });
    assert!(pool.asked.contains(&redone));
    assert_eq!(pool.run(), whole());
    let Some((_, Task::Aggregate { notices, .. })) = pool.asked.last() else { panic!() };
    assert_eq!(
        notices.as_slice(),
        ["app/poison.py was left out: the engine stopped twice while reading it (out of memory)"]
    );
}

#[test]
fn a_shard_that_cannot_be_read_is_given_up_and_the_rest_reports() {
    let mut pool = Pool::new(Config::FOUR);
    pool.settle();
    pool.lose(WorkerId { slot: 3, epoch: 1 }, None);
    pool.lose(WorkerId { slot: 3, epoch: 2 }, None);
    assert_eq!(pool.run(), part());
    let Some((_, Task::Aggregate { unread, failed, .. })) = pool.asked.last() else { panic!() };
    assert_eq!((unread.as_slice(), failed.len()), ([(3, "out of memory".to_owned())].as_slice(), 0));
    assert_eq!(pool.count(is_audit), 4);

    let mut pool = Pool::new(Config::threads(1));
    pool.settle();
    pool.lose(WorkerId { slot: 0, epoch: 1 }, None);
    pool.lose(WorkerId { slot: 0, epoch: 2 }, None);
    assert_eq!(pool.run(), Outcome::Failed("no part of the project could be read: out of memory".into()));
    assert!(pool.alive.is_empty());
}

#[test]
fn ever_new_files_that_lose_workers_end_too() {
    let mut pool = Pool::new(Config::threads(1));
    pool.settle();
    for number in 0.. {
        let Some(id) = pool.with(is_index) else { break };
        assert!(number < 20);
        pool.lose(id, Some(&format!("file{number}.py")));
    }
    assert!(matches!(pool.outcome, Some(Outcome::Failed(_))));
}

#[test]
fn a_worker_lost_while_auditing_is_a_category_error_that_can_be_retried() {
    let mut pool = Pool::new(Config::FOUR);
    pool.reach(Phase::Audit);
    let runtime = Category::RuntimePerformance;
    let id = pool.with(|task| *task == Task::Audit { category: runtime }).unwrap();
    pool.lose(id, Some("data/big.py"));
    assert_eq!(pool.run(), part());
    let Some((_, Task::Aggregate { failed, .. })) = pool.asked.last() else { panic!() };
    assert_eq!(failed.as_slice(), [(runtime, "out of memory at data/big.py".to_owned())]);
    let lane = pool.audit.progress().lanes[2].clone();
    assert_eq!(lane.state, LaneState::Failed("out of memory at data/big.py".into()));

    pool.tell(Event::Retry(Category::QueryEfficiency));
    assert!(pool.queue.is_empty(), "what is done is not retried");
    pool.outcome = None;
    pool.tell(Event::Retry(runtime));
    assert_eq!(pool.run(), whole());
    assert_eq!((pool.count(is_index), pool.count(is_audit)), (4, 5));
    assert_eq!(pool.audit.progress().lanes[2].state, LaneState::Done);
}

#[test]
fn a_category_can_be_retried_while_others_still_run() {
    let mut pool = Pool::new(Config::FOUR);
    pool.reach(Phase::Audit);
    let id = pool.with(|task| *task == Task::Audit { category: Category::QueryEfficiency }).unwrap();
    pool.lose(id, None);
    pool.tell(Event::Retry(Category::QueryEfficiency));
    assert_eq!(pool.run(), whole());
    assert_eq!(pool.count(is_audit), 5);
}

#[test]
fn all_categories_lost_is_still_a_report_of_errors() {
    let mut pool = Pool::new(Config::threads(2));
    pool.reach(Phase::Audit);
    while let Some(id) = pool.with(is_audit) {
        pool.lose(id, None);
    }
    assert_eq!(pool.run(), part());
    let Some((_, Task::Aggregate { failed, .. })) = pool.asked.last() else { panic!() };
    assert_eq!(failed.len(), 4);
}

#[test]
fn losses_while_discovering_and_scoring() {
    let mut pool = Pool::new(Config::FOUR);
    pool.reach(Phase::DetectStack);
    for _ in 0..2 {
        pool.run_until(|pool| pool.with(|task| *task == Task::Discover).is_some());
        let id = pool.with(|task| *task == Task::Discover).unwrap();
        pool.lose(id, None);
    }
    pool.reach(Phase::Score);
    let id = pool.busy().unwrap();
    pool.lose(id, None);
    assert_eq!(pool.run(), whole());
    let Some((_, Task::Aggregate { notices, .. })) = pool.asked.last() else { panic!() };
    assert_eq!(notices.as_slice(), ["The stack could not be detected: out of memory"]);

    let mut pool = Pool::new(Config::FOUR);
    pool.reach(Phase::Score);
    for _ in 0..2 {
        let id = pool.busy().unwrap();
        pool.lose(id, None);
    }
    assert!(matches!(pool.outcome, Some(Outcome::Failed(_))));
    assert!(pool.alive.is_empty());
}

#[test]
fn cancel_at_each_phase() {
    for phase in [Phase::Unpack, Phase::Parse, Phase::DetectStack] {
        let mut pool = Pool::new(Config::FOUR);
        if phase == Phase::Unpack {
            // Before any worker answered.
            pool.alive.extend((0..4).map(|slot| (WorkerId { slot, epoch: 1 }, None)));
            pool.queue.clear();
        } else {
            pool.reach(phase);
        }
        pool.tell(Event::Cancel);
        pool.settle();
        assert_eq!(pool.outcome, Some(Outcome::Cancelled), "{phase:?}");
        assert!(pool.alive.is_empty());
        assert!(pool.audit.progress().lanes.iter().all(|lane| lane.state == LaneState::Cancelled));
    }
    // In the audit: nothing is done yet, or something is.
    let mut pool = Pool::new(Config::FOUR);
    pool.reach(Phase::Audit);
    pool.tell(Event::Cancel);
    pool.settle();
    assert_eq!(pool.outcome, Some(Outcome::Cancelled));

    let mut pool = Pool::new(Config::FOUR);
    pool.reach(Phase::Audit);
    let id = pool.with(|task| *task == Task::Audit { category: Category::TransactionCorrectness }).unwrap();
    pool.finish_task(id);
    pool.tell(Event::Cancel);
    assert_eq!(pool.run(), part());
    let Some((_, Task::Aggregate { failed, notices, .. })) = pool.asked.last() else { panic!() };
    assert_eq!((failed.len(), notices.len()), (3, 1));
    assert!(failed.iter().all(|(_, reason)| reason == "cancelled"));
    // What was cancelled can be taken up again.
    pool.tell(Event::Retry(Category::QueryEfficiency));
    pool.run();
    assert_eq!(pool.audit.progress().lanes[0].state, LaneState::Done);

    // While it scores, the report comes anyway; afterwards nothing happens.
    let mut pool = Pool::new(Config::FOUR);
    pool.reach(Phase::Score);
    pool.tell(Event::Cancel);
    assert_eq!(pool.run(), whole());
    pool.tell(Event::Cancel);
    assert!(pool.queue.is_empty());
}

#[test]
fn the_user_skips_a_file() {
    let mut pool = Pool::new(Config::FOUR);
    pool.settle();
    pool.tell(Event::SkipFile(Category::QueryEfficiency));
    assert!(pool.queue.is_empty(), "no file is in hand");
    let id = WorkerId { slot: 0, epoch: 1 };
    let work = WorkDone { current_file: Some("data/huge.py".into()), ..WorkDone::default() };
    pool.tell(Event::Progress(id, work));
    pool.tell(Event::SkipFile(Category::QueryEfficiency));
    assert_eq!(pool.run(), whole());
    let skip = vec!["data/huge.py".to_owned()];
    assert!(pool.asked.contains(&(WorkerId { slot: 0, epoch: 2 }, Task::Index { shard: 0, skip })));
}

#[test]
fn an_input_that_nobody_can_read_ends_the_audit() {
    let mut pool = Pool::new(Config::FOUR);
    pool.settle();
    let id = pool.busy().unwrap();
    pool.tell(Event::Refused(id, "not a zip archive".into()));
    pool.settle();
    assert_eq!(pool.outcome, Some(Outcome::Failed("not a zip archive".into())));
    assert!(pool.alive.is_empty());
}

#[test]
fn what_replaced_workers_say_is_ignored() {
    let mut pool = Pool::new(Config::FOUR);
    pool.settle();
    let old = WorkerId { slot: 0, epoch: 1 };
    pool.lose(old, None);
    for event in [
        Event::Ready(old),
        Event::Done(old),
        Event::Lost(old, "again".into(), None),
        Event::Refused(old, "no".into()),
        Event::Progress(old, WorkDone { files_total: 9, ..WorkDone::default() }),
        Event::Done(WorkerId { slot: 9, epoch: 1 }),
    ] {
        pool.tell(event);
        assert!(pool.queue.is_empty());
    }
    assert_eq!(pool.audit.progress().work.files_total, 0);
    assert_eq!(pool.run(), whole());
    // A finished audit takes nothing in either.
    let resident = *pool.alive.keys().next().unwrap();
    pool.tell(Event::Done(resident));
    assert!(pool.queue.is_empty());
}

#[test]
fn workers_that_never_start_end_the_audit() {
    let (mut audit, commands) = Coordinator::new(Config { shards: 4, ..Config::threads(2) });
    let mut queue: VecDeque<Command> = commands.into();
    let mut started = 0;
    let mut outcome = None;
    while let Some(command) = queue.pop_front() {
        match command {
            Command::Start(id) => {
                started += 1;
                assert!(started < 50);
                queue.extend(audit.on(Event::Lost(id, "no memory for a worker".into(), None)));
            }
            Command::Finish(end) => outcome = Some(end),
            Command::Ask(..) | Command::Stop(..) => {}
        }
    }
    assert!(matches!(outcome, Some(Outcome::Failed(_))));
}
