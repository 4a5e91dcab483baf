//! Drives an audit over four engine workers and reports to the app through [`Event`]s.
//!
//! `drydock_core::audit::coordinator` decides what happens next; the pool owns workers, timers and
//! buffers and does not look into the buffers. Every audit has fresh workers, and they end with it:
//! wasm memory never shrinks. One small worker stays for exports and source views.

mod handing;
mod input;
mod inside;
mod measured;
mod resident;
mod run;
mod slots;
mod tell;

use crate::platform::boot;
use crate::platform::inputs::{Dropped, DroppedFile};
use crate::platform::time::{Ticker, every};
use crate::protocol::{Command, Dismissal, Event};
use drydock_core::report::model::Category;
use js_sys::ArrayBuffer;
use run::Run;
use std::cell::RefCell;
use std::rc::{Rc, Weak};

/// How often the pool looks at its lanes: progress events, stalled lanes.
const TICK_MS: u32 = 100;

/// A running or finished audit. Clones share it; dropping the last one ends its workers.
#[derive(Clone, Debug)]
pub struct Pool {
    run: Rc<RefCell<Run>>,
    _ticker: Rc<Ticker>,
}

/// How workers and timers reach the run without keeping it alive.
#[derive(Clone, Debug)]
struct Link(Weak<RefCell<Run>>);

impl Link {
    /// Changes the run, then hands its new events to the app outside the borrow, so that the app
    /// may call the pool from its event handler.
    fn with(&self, change: impl FnOnce(&mut Run)) {
        let Some(run) = self.0.upgrade() else { return };
        change(&mut run.borrow_mut());
        let (events, emit) = run.borrow_mut().take_events();
        for event in events {
            emit(event);
        }
    }
}

impl Pool {
    /// Starts an audit of what the user handed over. Returns at once; everything else comes through
    /// `on_event`.
    pub fn start(input: Dropped, on_event: impl Fn(Event) + 'static) -> Self {
        let pool = Self::idle(on_event);
        let link = pool.link();
        wasm_bindgen_futures::spawn_local(async move {
            let handed = input::sort(input).await;
            let engine = boot::engine().await;
            link.with(|run| run.begin(handed, engine));
        });
        pool
    }

    /// Opens a saved report. `Done` comes with it, or `Failed` says what the file is instead.
    pub fn open(file: DroppedFile, on_event: impl Fn(Event) + 'static) -> Self {
        let pool = Self::idle(on_event);
        let link = pool.link();
        wasm_bindgen_futures::spawn_local(async move {
            let engine = boot::engine().await;
            link.with(|run| run.open(file, engine));
        });
        pool
    }

    fn idle(on_event: impl Fn(Event) + 'static) -> Self {
        let run = Rc::new_cyclic(|me| RefCell::new(Run::new(Link(me.clone()), Rc::new(on_event))));
        let ticking = Link(Rc::downgrade(&run));
        let ticker = Rc::new(every(TICK_MS, move || ticking.with(Run::tick)));
        Self { run, _ticker: ticker }
    }

    /// The report as JSON, once there is one: to compare another one with.
    #[must_use]
    pub fn report(&self) -> Option<ArrayBuffer> {
        self.run.borrow().report()
    }

    /// Compares with the earlier report in `earlier`, or no longer. `Done` comes again.
    pub fn compare(&self, earlier: Option<ArrayBuffer>) {
        self.link().with(|run| run.compare(earlier));
    }

    /// Dismisses findings, and none but these. `Done` comes again.
    pub fn dismiss(&self, dismissed: Vec<Dismissal>) {
        self.link().with(|run| run.dismiss(dismissed));
    }

    /// Reads what was measured and makes the report again with it. `Done` comes again.
    pub fn measure(&self, files: Vec<DroppedFile>) {
        self.link().with(|run| run.measure(files));
    }

    /// Takes the earlier of two measured runs for the later one, and back. `Done` comes again.
    pub fn swap_runs(&self) {
        self.link().with(Run::swap_runs);
    }

    /// Holds what was measured against a target that was typed in. `Done` comes again.
    pub fn set_target(&self, scope: &str, metric: &str, target: &str) {
        self.link().with(|run| run.set_target(scope, metric, target));
    }

    /// Makes the report of the code alone again. `Done` comes again.
    pub fn forget_evidence(&self) {
        self.link().with(Run::forget_evidence);
    }

    /// Reads the evidence that lies in the project and makes the report again with it. `Done` comes again.
    pub fn read_inside(&self) {
        self.link().with(Run::read_inside);
    }

    /// Writes load tests for the routes of the project, with the targets of what was measured. The answer is an event.
    pub fn write_load_tests(&self) {
        self.link().with(Run::write_load_tests);
    }

    /// Stops the audit. What is finished becomes a partial report; without any it is `Cancelled`.
    pub fn cancel(&self) {
        self.link().with(Run::cancel);
    }

    /// Runs a failed category again with a fresh worker. `Done` comes again with its result.
    pub fn retry(&self, category: Category) {
        self.link().with(|run| run.retry(category));
    }

    /// Goes on without the file that the lane of `category` sits on.
    pub fn skip_file(&self, category: Category) {
        self.link().with(|run| run.skip_file(category));
    }

    /// Asks the worker that stays after the audit: for a file's text, a search, a note, the report as a file. The
    /// answer is an event.
    pub fn ask(&self, command: Command) {
        self.link().with(|run| run.ask_resident(command));
    }

    fn link(&self) -> Link {
        Link(Rc::downgrade(&self.run))
    }
}
