//! The program behind the page: what the user hands over goes to the pool, what the pool tells goes to
//! the store.

use crate::archive::{HEAD, Kind, is_version, kind_of};
use crate::platform::inputs::{self, Dropped, DroppedFile};
use crate::platform::{boot, save};
use crate::pool::Pool;
use crate::protocol::{Command, Event, ExportFormat, ExportedFile, Purpose};
use crate::state::marks::Marks;
use crate::state::place::Tab;
use crate::state::store::{Dialog, Host, Phase, Role, Store};
use crate::views::report::trend;
use crate::words;
use drydock_core::report::model::{Category, RESULTS_LOG};
use js_sys::ArrayBuffer;
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Bytes of a results log that are read.
const LARGEST_LOG: u32 = 1 << 20;
/// Characters of a file that a preview shows.
const PREVIEW: usize = 20_000;

/// The program.
#[derive(Clone)]
pub struct Browser {
    store: Store,
    pool: Rc<RefCell<Option<Pool>>>,
    pending: Rc<RefCell<Option<Dropped>>>,
    /// What the next thing handed over is, when the user was asked for it.
    awaited: Rc<Cell<Option<Role>>>,
    /// The two versions to be compared, as far as they are chosen.
    versions: Rc<RefCell<[Option<DroppedFile>; 2]>>,
}

/// What a report in the making will be compared with.
enum Against {
    /// An earlier report.
    Earlier(ArrayBuffer),
    /// The report of this pool, which is the later one and stays.
    Later(Pool),
}

/// Connects `store` with boot, inputs and pool.
pub fn connect(store: Store) {
    let browser =
        Browser { store, pool: Rc::default(), pending: Rc::default(), awaited: Rc::default(), versions: Rc::default() };
    store.connect(browser.clone());
    boot::watch(move |status| store.boot.set(status));
    inputs::subscribe(move |dropped| browser.receive(dropped));
}

impl Browser {
    /// A drop or choice: at once, or after asking what it is meant to be.
    fn receive(&self, dropped: Dropped) {
        let phase = self.store.phase.get_untracked();
        let done = phase == Phase::Done;
        let role = self.awaited.take();
        if let [file] = dropped.files.as_slice() {
            match role {
                Some(Role::Version(side)) if self.store.dialog.get_untracked() == Some(Dialog::Versions) => {
                    return self.take_version(side, file);
                }
                _ if file.path.ends_with("results_log.md") && !matches!(phase, Phase::Running(_)) => {
                    return self.open_log(file.clone(), done);
                }
                _ => {}
            }
        }
        if let Some(role) = role.filter(|role| *role == Role::Alone || done && !matches!(role, Role::Version(_))) {
            return self.start(dropped, role);
        }
        if matches!(phase, Phase::Done | Phase::Running(_)) {
            let dialog = Dialog::Replace(dropped.name.clone(), done);
            return self.ask_about(dropped, dialog);
        }
        if dropped.is_folder || dropped.files.len() != 2 {
            return self.start(dropped, Role::Alone);
        }
        // Two files: two versions, or a project with what was measured of it.
        let browser = self.clone();
        leptos::task::spawn_local(async move {
            match pair(&dropped).await {
                Some((first, second)) => browser.ask_about(dropped, Dialog::Pair(first, second)),
                None => browser.start(dropped, Role::Alone),
            }
        });
    }

    /// Keeps what was handed over until the user said what it is.
    fn ask_about(&self, dropped: Dropped, dialog: Dialog) {
        *self.pending.borrow_mut() = Some(dropped);
        self.store.dialog.set(Some(dialog));
    }

    fn take_version(&self, side: usize, file: &DroppedFile) {
        if let Some(slot) = self.versions.borrow_mut().get_mut(side) {
            *slot = Some(file.clone());
        }
        self.store.versions.update(|names| {
            if let Some(name) = names.get_mut(side) {
                *name = Some(file.path.clone());
            }
        });
    }

    /// A results log: beside the report on screen, or alone.
    fn open_log(&self, file: DroppedFile, done: bool) {
        let store = self.store;
        leptos::task::spawn_local(async move {
            let text = String::from_utf8_lossy(&file.head(LARGEST_LOG).await).into_owned();
            if done {
                store.log.set(Some(text));
                store.tab.set(Tab::Summary);
                crate::platform::dom::focus_soon("trend");
            } else {
                store.dialog.set(Some(Dialog::Log(text)));
            }
        });
    }

    fn start(&self, dropped: Dropped, role: Role) {
        let pool = self.pool.borrow().clone();
        if role == Role::Evidence {
            if let Some(pool) = pool {
                self.measure(&pool, dropped);
            }
            return;
        }
        if role != Role::Earlier {
            self.store.marks.update(Marks::claim);
        }
        let against = match role {
            Role::Alone | Role::Version(_) | Role::Evidence => None,
            Role::Earlier => pool.map(Against::Later),
            Role::Later => pool.and_then(|pool| pool.report()).map(Against::Earlier),
        };
        self.run(dropped, against);
    }

    /// Adds what was measured; the report comes again.
    fn measure(&self, pool: &Pool, dropped: Dropped) {
        self.store.read_next();
        pool.measure(dropped.files);
    }

    fn run(&self, dropped: Dropped, against: Option<Against>) {
        *self.pool.borrow_mut() = None;
        let browser = self.clone();
        let first = Cell::new(true);
        let against = RefCell::new(against);
        let on_event = move |event| browser.on_event(event, &first, &against);
        let saved = match dropped.files.as_slice() {
            [file] if !dropped.is_folder && kind_of(&file.path, &[]) == Kind::Report => Some(file.clone()),
            _ => None,
        };
        let pool = match saved {
            Some(file) => {
                self.store.toast(format!("{} {}", words::OPENING, file.path));
                Pool::open(file, on_event)
            }
            None => {
                self.store.begin(project_name(&dropped.name));
                Pool::start(dropped, on_event)
            }
        };
        *self.pool.borrow_mut() = Some(pool);
    }

    fn on_event(&self, event: Event, first: &Cell<bool>, against: &RefCell<Option<Against>>) {
        let store = self.store;
        match event {
            Event::Exported(file, contents) => exported(store, file, contents),
            Event::Done { report, .. } if first.get() && against.borrow().is_some() => {
                first.set(false);
                store.begin(&report.project);
                match against.take() {
                    Some(Against::Earlier(earlier)) => {
                        if let Some(pool) = self.pool.borrow().clone() {
                            pool.compare(Some(earlier));
                        }
                    }
                    Some(Against::Later(later)) => {
                        let earlier = self.pool.borrow().as_ref().and_then(Pool::report);
                        *self.pool.borrow_mut() = Some(later.clone());
                        later.compare(earlier);
                    }
                    None => {}
                }
            }
            Event::Failed(failure) if against.borrow().is_some() => {
                if let Some(Against::Later(later)) = against.take() {
                    *self.pool.borrow_mut() = Some(later.clone());
                    later.compare(None);
                    store.dialog.set(Some(Dialog::Refused(failure)));
                } else {
                    store.apply(Event::Failed(failure));
                }
            }
            Event::Cancelled if against.borrow().is_some() => match against.take() {
                Some(Against::Later(later)) => {
                    *self.pool.borrow_mut() = Some(later.clone());
                    later.compare(None);
                }
                _ => store.apply(Event::Cancelled),
            },
            Event::Done { report, partial, saved, diagnostics } => {
                let fresh = first.replace(false);
                if fresh && saved {
                    store.begin(&report.project);
                } else if fresh && !partial {
                    trend::remember(&report);
                }
                store.apply(Event::Done { report, partial, saved, diagnostics });
            }
            Event::Refused(failure) => store.dialog.set(Some(Dialog::Refused(failure))),
            event => store.apply(event),
        }
    }
}

/// Two files that can each be a version of a project: their names.
async fn pair(dropped: &Dropped) -> Option<(String, String)> {
    let [first, second] = dropped.files.as_slice() else { return None };
    for file in [first, second] {
        if !is_version(&file.path, &file.head(HEAD).await) {
            return None;
        }
    }
    Some((first.path.clone(), second.path.clone()))
}

/// `orders-main` of `orders-main.zip`.
fn project_name(name: &str) -> &str {
    [".zip", ".tar.gz", ".tgz", ".whl"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)
}

/// Saves, copies, shows or writes what the engine wrote.
fn exported(store: Store, file: ExportedFile, contents: Vec<Vec<u8>>) {
    let ExportedFile { format, purpose, paths, problem } = file;
    let name = format.file_name();
    if let Some(reason) = problem {
        return store.toast(format!("{name} could not be written: {reason}"));
    }
    let bytes = contents.first().map(Vec::as_slice).unwrap_or_default();
    match purpose {
        Purpose::Save => match save::save_file(name, format.media_type(), bytes) {
            Ok(()) => store.toast(format!("Saved {name}")),
            Err(reason) => store.interrupt(format!("{name} was not saved: {reason}")),
        },
        Purpose::Copy => store.copy(String::from_utf8_lossy(bytes).into_owned()),
        Purpose::Preview => {
            let text = String::from_utf8_lossy(bytes);
            let end = text.char_indices().nth(PREVIEW).map_or(text.len(), |(at, _)| at);
            let cut = text.len() - end;
            store.dialog.set(Some(Dialog::Preview(format, text.get(..end).unwrap_or_default().to_owned(), cut)));
        }
        Purpose::Write => leptos::task::spawn_local(async move {
            let number = paths.len();
            match save::write_project(paths.into_iter().zip(contents)).await {
                Ok(folder) => store.toast(format!("Wrote {number} files into {folder}")),
                Err(reason) => store.toast(format!("The folder could not be written: {reason}")),
            }
        }),
    }
}

impl Host for Browser {
    fn choose_files(&self, role: Option<Role>) {
        self.awaited.set(role);
        inputs::choose_files();
    }

    fn choose_folder(&self) {
        inputs::choose_folder();
    }

    fn try_example(&self) {
        inputs::try_example();
    }

    fn cancel(&self) {
        if let Some(pool) = self.pool.borrow().clone() {
            pool.cancel();
        }
    }

    fn retry(&self, category: Category) {
        if let Some(pool) = self.pool.borrow().clone() {
            pool.retry(category);
        }
    }

    fn skip_file(&self, category: Category) {
        if let Some(pool) = self.pool.borrow().clone() {
            pool.skip_file(category);
        }
    }

    fn ask(&self, command: Command) {
        if let Some(pool) = self.pool.borrow().clone() {
            pool.ask(command);
        }
    }

    fn export(&self, format: ExportFormat, purpose: Purpose) {
        if purpose != Purpose::Write {
            return self.ask(Command::Export { format, purpose, log: None });
        }
        let Some(pool) = self.pool.borrow().clone() else { return };
        let store = self.store;
        leptos::task::spawn_local(async move {
            match save::choose_project(RESULTS_LOG).await {
                Ok(Some(log)) => {
                    pool.ask(Command::Export { format, purpose, log: Some(log.unwrap_or_default()) });
                }
                Ok(None) => {}
                Err(reason) => store.toast(reason),
            }
        });
    }

    fn dismiss(&self) {
        if let Some(pool) = self.pool.borrow().clone() {
            pool.dismiss(self.store.dismissed.get_untracked());
        }
    }

    fn stop_comparing(&self) {
        if let Some(pool) = self.pool.borrow().clone() {
            pool.compare(None);
        }
    }

    fn swap_runs(&self) {
        if let Some(pool) = self.pool.borrow().clone() {
            pool.swap_runs();
        }
    }

    fn set_target(&self, scope: &str, metric: &str, target: &str) {
        if let Some(pool) = self.pool.borrow().clone() {
            pool.set_target(scope, metric, target);
        }
    }

    fn forget_evidence(&self) {
        if let Some(pool) = self.pool.borrow().clone() {
            pool.forget_evidence();
        }
    }

    fn read_inside(&self) {
        if let Some(pool) = self.pool.borrow().clone() {
            self.store.read_next();
            pool.read_inside();
        }
    }

    fn write_load_tests(&self) {
        if let Some(pool) = self.pool.borrow().clone() {
            pool.write_load_tests();
        }
    }

    fn close(&self) {
        *self.pool.borrow_mut() = None;
        *self.pending.borrow_mut() = None;
    }

    fn accept_pending(&self, role: Role) {
        let dropped = self.pending.borrow_mut().take();
        if let Some(dropped) = dropped {
            self.start(dropped, role);
        }
    }

    fn compare_versions(&self) {
        let files: Vec<DroppedFile> = self.versions.take().into_iter().flatten().collect();
        self.store.versions.set([None, None]);
        *self.pending.borrow_mut() = Some(Dropped { files, ..Dropped::default() });
        self.accept_pair(0);
    }

    fn accept_pair(&self, earlier: usize) {
        let Some(Dropped { files, .. }) = self.pending.borrow_mut().take() else { return };
        let alone =
            |file: &DroppedFile| Dropped { name: file.path.clone(), files: vec![file.clone()], ..Dropped::default() };
        let (Some(early), Some(late)) = (files.get(earlier), files.get(1 - earlier)) else { return };
        // The later one is read first: it is what is shown, and it says at once what is wrong with it.
        let (browser, early) = (self.clone(), alone(early));
        self.run(alone(late), None);
        self.store.then.set_value(Some(Box::new(move || browser.start(early.clone(), Role::Earlier))));
    }
}
