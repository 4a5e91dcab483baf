//! The coordinator driven by threads. A worker is a thread; a panic of the engine is a lost worker.

use crate::input::Input;
use crate::terminal::Terminal;
use drydock_core::analysis::Project;
use drydock_core::audit::AuditSettings;
use drydock_core::audit::coordinator::{Command, Config, Coordinator, Event, Outcome, Task, WorkDone, WorkerId};
use drydock_core::discovery::ContextStore;
use drydock_core::facade::code_index::code_index;
use drydock_core::facade::performance::Gathered;
use drydock_core::facade::{self, FinishInput, Indexed, Indexer, Reading};
use drydock_core::intake::{Plan, ReadError, Role, SkipKind};
use drydock_core::model::Problem;
use drydock_core::report::model::{Category, CategoryResult, Report};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;

/// Lowering and inference recurse over nested code; the main thread's stack would be too small.
const STACK: usize = 64 << 20;
/// Files between two progress messages.
const TELL_EVERY: usize = 32;

/// What is audited, and how.
#[derive(Debug)]
pub(crate) struct Job<'a> {
    pub(crate) input: &'a Input,
    pub(crate) plan: &'a Plan,
    pub(crate) settings: AuditSettings,
    pub(crate) only: &'a [String],
    pub(crate) date: &'a str,
    pub(crate) jobs: u32,
    /// What was measured.
    pub(crate) evidence: Option<&'a Gathered>,
}

/// What came out.
#[derive(Debug)]
pub(crate) struct Audited {
    pub(crate) report: Report,
    /// A category or a part of the files is missing.
    pub(crate) partial: bool,
}

/// Runs the audit on `job.jobs` threads.
pub(crate) fn run(job: &Job<'_>) -> Result<Audited, String> {
    quiet_panics();
    // Never freed: the program is about to end, and the system takes its memory back at once.
    let shared = ManuallyDrop::new(Shared::new(job));
    let mut terminal = Terminal::new();
    let outcome = thread::scope(|scope| {
        let (tell, events) = channel();
        let config = Config::threads(job.jobs);
        let (mut audit, mut commands) = Coordinator::new(config);
        let mut workers: BTreeMap<WorkerId, Sender<Task>> = BTreeMap::new();
        loop {
            for command in commands {
                match command {
                    Command::Start(id) => {
                        let (ask, tasks) = channel();
                        workers.insert(id, ask);
                        let worker = Worker { id, tell: tell.clone(), shared: &shared, show: terminal.is_on() };
                        let started =
                            thread::Builder::new().stack_size(STACK).spawn_scoped(scope, move || worker.work(&tasks));
                        if let Err(error) = started {
                            // The channel is ours: it cannot be closed.
                            let _ = tell.send(Event::Lost(id, format!("no thread could be started: {error}"), None));
                        }
                    }
                    Command::Ask(id, task) => {
                        if let Some(worker) = workers.get(&id) {
                            // A worker that is gone has said so.
                            let _ = worker.send(task);
                        }
                    }
                    // Without its sender a worker ends after the task in hand.
                    Command::Stop(id) => drop(workers.remove(&id)),
                    Command::Finish(outcome) => {
                        workers.clear();
                        return outcome;
                    }
                }
            }
            if terminal.is_due() {
                terminal.show(&audit.progress());
            }
            let Ok(event) = events.recv() else { return Outcome::Failed("all workers are gone".to_owned()) };
            commands = audit.on(event);
        }
    });
    terminal.clear();
    match outcome {
        Outcome::Report { partial } => {
            let report = lock(&shared.report).take().ok_or("the report is missing")?;
            Ok(Audited { report, partial })
        }
        Outcome::Cancelled => Err("cancelled".to_owned()),
        Outcome::Failed(reason) => Err(reason),
    }
}

/// What the workers hold together.
struct Shared<'a> {
    job: &'a Job<'a>,
    shares: Vec<Mutex<Option<Indexed>>>,
    found: Mutex<Option<(ContextStore, Vec<Problem>)>>,
    linked: OnceLock<Result<Linked, String>>,
    results: Mutex<BTreeMap<Category, CategoryResult>>,
    report: Mutex<Option<Report>>,
}

struct Linked {
    project: Project,
    context: ContextStore,
    reading: Reading,
}

impl<'a> Shared<'a> {
    fn new(job: &'a Job<'a>) -> Self {
        Self {
            job,
            shares: (0..job.jobs).map(|_| Mutex::new(None)).collect(),
            found: Mutex::new(None),
            linked: OnceLock::new(),
            results: Mutex::new(BTreeMap::new()),
            report: Mutex::new(None),
        }
    }

    fn index(&self, shard: u32, skip: &[String], tell: &dyn Fn(WorkDone)) -> Result<(), String> {
        let mut reader = self.job.input.reader()?;
        let files: Vec<_> = self.job.plan.shard(shard as usize).collect();
        let mut work = WorkDone {
            files_total: u32::try_from(files.len()).unwrap_or(u32::MAX),
            bytes_total: files.iter().map(|file| file.size).sum(),
            ..WorkDone::default()
        };
        let mut indexer = Indexer::default();
        for (number, file) in files.into_iter().enumerate() {
            if number % TELL_EVERY == 0 {
                tell(work.clone());
            }
            in_hand(Some(&file.path));
            if skip.contains(&file.path) {
                indexer.unreadable(file, "The engine stopped while reading it");
            } else if let Some(entry) = self.job.input.entry(file.entry) {
                match reader.read(entry) {
                    Ok(bytes) => indexer.file(file, &bytes),
                    Err(ReadError::Stop(error)) => return Err(error.to_string()),
                    Err(error) => indexer.unreadable(file, &error.to_string()),
                }
            } else {
                indexer.unreadable(file, "Not an entry of this archive");
            }
            work.files_done += 1;
            work.bytes_done += file.size;
        }
        in_hand(None);
        if let Some(share) = self.shares.get(shard as usize) {
            *lock(share) = Some(indexer.finish());
        }
        Ok(())
    }

    fn discover(&self) {
        let shares: Vec<MutexGuard<'_, Option<Indexed>>> = self.shares.iter().map(lock).collect();
        let views: Vec<&Indexed> = shares.iter().filter_map(|share| share.as_ref()).collect();
        *lock(&self.found) = Some(facade::discover(&views, self.job.date));
    }

    /// The linked project: the first that asks links, the others wait. A panic is everybody's: the shares
    /// are used up, and copies kept for another try would double the memory.
    fn linked(&self) -> Result<&Linked, String> {
        let linked = self.linked.get_or_init(|| {
            let (context, problems) = lock(&self.found).take().unwrap_or_default();
            let shares: Vec<Indexed> = self.shares.iter().filter_map(|share| lock(share).take()).collect();
            catch_unwind(|| {
                let (project, remains) = facade::link(shares);
                let views: Vec<&Indexed> = remains.iter().collect();
                let reading = facade::reading(self.job.plan, &views, &project, &problems);
                Linked { project, context, reading }
            })
            .map_err(|_| last_words().0)
        });
        linked.as_ref().map_err(Clone::clone)
    }

    fn audit(&self, category: Category) -> Result<(), String> {
        let linked = self.linked()?;
        let result = facade::run_category(&linked.project, &linked.context, category, self.job.only);
        lock(&self.results).insert(category, result);
        Ok(())
    }

    fn aggregate(
        &self,
        failed: Vec<(Category, String)>,
        unread: &[(u32, String)],
        notices: Vec<String>,
    ) -> Result<(), String> {
        let linked = self.linked()?;
        let mut reading = linked.reading.clone();
        let input = self.job.input;
        reading.coverage.notices.extend(notices);
        reading.coverage.skipped.extend(input.skipped.iter().cloned());
        for (shard, reason) in unread {
            let lost = self.job.plan.shard(*shard as usize).filter(|file| file.role == Role::Source);
            reading.coverage.skipped.extend(lost.map(|file| {
                SkipKind::Damaged.file(file.path.clone(), file.size, format!("Its worker was lost: {reason}"))
            }));
        }
        let joined = self.job.evidence.map(|gathered| (gathered, code_index(&linked.project)));
        let measured = joined.as_ref().map(|(gathered, index)| gathered.join(index));
        let mut report = facade::finish(FinishInput {
            project: input.name.clone(),
            date: self.job.date.to_owned(),
            results: lock(&self.results).values().cloned().collect(),
            failed,
            context: linked.context.clone(),
            reading,
            settings: self.job.settings.clone(),
            measured,
        });
        if let Some((gathered, index)) = &joined {
            gathered.complete(&mut report, index);
        }
        *lock(&self.report) = Some(report);
        Ok(())
    }
}

struct Worker<'s, 'a> {
    id: WorkerId,
    tell: Sender<Event>,
    shared: &'s Shared<'a>,
    show: bool,
}

impl Worker<'_, '_> {
    fn work(self, tasks: &Receiver<Task>) {
        // When nobody listens any more the audit is over.
        let _ = self.tell.send(Event::Ready(self.id));
        while let Ok(task) = tasks.recv() {
            let event = match catch_unwind(AssertUnwindSafe(|| self.run(task))) {
                Ok(Ok(())) => Event::Done(self.id),
                Ok(Err(reason)) => Event::Refused(self.id, reason),
                Err(_) => {
                    let (reason, file) = last_words();
                    let _ = self.tell.send(Event::Lost(self.id, reason, file));
                    return;
                }
            };
            if self.tell.send(event).is_err() {
                return;
            }
        }
    }

    fn run(&self, task: Task) -> Result<(), String> {
        match task {
            Task::Index { shard, skip } => self.shared.index(shard, &skip, &|work| {
                if self.show {
                    let _ = self.tell.send(Event::Progress(self.id, work));
                }
            }),
            // A stream was read before the workers started.
            Task::Deal | Task::Prepare => Ok(()),
            Task::Discover => {
                self.shared.discover();
                Ok(())
            }
            Task::Audit { category } => self.shared.audit(category),
            Task::Aggregate { failed, unread, notices } => self.shared.aggregate(failed, &unread, notices),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What a panicking worker left behind is replaced as a whole, never read half-written.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

thread_local! {
    static IN_HAND: RefCell<Option<String>> = const { RefCell::new(None) };
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

fn in_hand(path: Option<&str>) {
    IN_HAND.with(|cell| *cell.borrow_mut() = path.map(str::to_owned));
}

/// What the panic said, and the file in hand.
fn last_words() -> (String, Option<String>) {
    let reason = PANIC.with(RefCell::take).unwrap_or_else(|| "the engine stopped".to_owned());
    (reason, IN_HAND.with(RefCell::take))
}

/// Panics become part of the report; the default hook would write over the progress line.
fn quiet_panics() {
    std::panic::set_hook(Box::new(|info| {
        let text = info.payload_as_str().unwrap_or("the engine stopped");
        let place = info.location().map(|at| format!(" ({}:{})", at.file(), at.line())).unwrap_or_default();
        PANIC.with(|cell| *cell.borrow_mut() = Some(format!("{text}{place}")));
    }));
}
