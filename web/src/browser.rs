//! The program behind the page: what the user hands over goes to the pool or, for a saved report, is
//! read here; what the pool tells goes to the store.

use crate::platform::inputs::{self, Dropped, DroppedFile};
use crate::platform::{boot, save};
use crate::pool::Pool;
use crate::protocol::{Diagnostics, Event, ExportFormat, ExportedFile, Failure};
use crate::state::store::{Dialog, Host, Loaded, Phase, Store};
use crate::words;
use drydock_core::report::model::{Category, Report};
use drydock_core::report::read::{NotRead, read_json};
use leptos::prelude::*;
use std::cell::RefCell;
use std::rc::Rc;

/// Reports above this size are not read: no report of ours comes near it.
const LARGEST_REPORT: u64 = 256 << 20;

/// The program.
#[derive(Clone)]
pub struct Browser {
    store: Store,
    pool: Rc<RefCell<Option<Pool>>>,
    pending: Rc<RefCell<Option<Dropped>>>,
}

/// Connects `store` with boot, inputs and pool.
pub fn connect(store: Store) {
    let browser = Browser { store, pool: Rc::default(), pending: Rc::default() };
    store.connect(browser.clone());
    boot::watch(move |status| store.boot.set(status));
    inputs::subscribe(move |dropped| browser.receive(dropped));
}

impl Browser {
    /// A drop or choice: at once, or after asking when a report or an audit would be lost.
    fn receive(&self, dropped: Dropped) {
        match self.store.phase.get_untracked() {
            Phase::Done | Phase::Running(_) => {
                let name = dropped.name.clone();
                *self.pending.borrow_mut() = Some(dropped);
                self.store.dialog.set(Some(Dialog::Replace(name)));
            }
            Phase::Empty | Phase::Failed(_) => self.start(dropped),
        }
    }

    fn start(&self, dropped: Dropped) {
        if let [file] = dropped.files.as_slice()
            && !dropped.is_folder
            && file.path.to_ascii_lowercase().ends_with(".json")
        {
            self.open_report(file.clone());
            return;
        }
        let store = self.store;
        store.begin(project_name(&dropped.name));
        *self.pool.borrow_mut() = None;
        let pool = Pool::start(dropped, move |event| on_event(store, event));
        *self.pool.borrow_mut() = Some(pool);
    }

    fn open_report(&self, file: DroppedFile) {
        let store = self.store;
        self.close();
        leptos::task::spawn_local(async move {
            let bytes = if file.size > LARGEST_REPORT {
                Vec::new()
            } else {
                file.head(u32::try_from(file.size).unwrap_or(u32::MAX)).await
            };
            match read_report(&file.path, &bytes) {
                Ok((report, text)) => {
                    let partial = report
                        .categories
                        .iter()
                        .any(|score| matches!(score.status, drydock_core::report::model::CategoryState::Error(_)));
                    store.begin(&report.project.clone());
                    store.show(report, partial, Some(text.into()), Diagnostics::default());
                }
                Err(failure) => store.apply(Event::Failed(failure)),
            }
        });
    }
}

/// `orders-main` of `orders-main.zip`.
fn project_name(name: &str) -> &str {
    [".zip", ".tar.gz", ".tgz", ".whl"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)
}

/// Reads a saved report. The text is the data itself, also when a page held it.
fn read_report(name: &str, bytes: &[u8]) -> Result<(Report, String), Failure> {
    let report = read_json(bytes).map_err(|problem| match problem {
        NotRead::Newer { made_by } => Failure {
            title: words::REPORT_NEWER_TITLE.to_owned(),
            why: format!("Made by {made_by}, this is {}.", env!("CARGO_PKG_VERSION")),
            action: "Open the current app and drop the report there.".to_owned(),
            details: name.to_owned(),
        },
        NotRead::NotAReport(details) | NotRead::Damaged(details) => Failure {
            title: words::REPORT_BROKEN_TITLE.to_owned(),
            why: words::REPORT_BROKEN_WHY.to_owned(),
            action: words::REPORT_BROKEN_ACTION.to_owned(),
            details: format!("{name}: {details}"),
        },
    })?;
    Ok((report, String::from_utf8_lossy(bytes).into_owned()))
}

fn on_event(store: Store, event: Event) {
    match event {
        Event::Exported(file) => exported(store, file),
        event => store.apply(event),
    }
}

/// Saves or copies a written report.
fn exported(store: Store, file: ExportedFile) {
    match file.contents {
        Ok(contents) if store.copy_next.get_untracked() == Some(file.format) => {
            store.copy_next.set(None);
            store.copy(contents);
        }
        Ok(contents) => match save::save_file(file.format.file_name(), file.format.media_type(), &contents) {
            Ok(()) => store.toast(format!("Saved {}", file.format.file_name())),
            Err(reason) => store.interrupt(format!("{} was not saved: {reason}", file.format.file_name())),
        },
        Err(reason) => {
            let words = format!("{} could not be written: {reason}", file.format.file_name());
            store.toast(words);
        }
    }
}

impl Host for Browser {
    fn choose_files(&self) {
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

    fn source(&self, path: &str) {
        if let Some(pool) = self.pool.borrow().clone() {
            pool.request_source(path);
        }
    }

    fn export(&self, format: ExportFormat, loaded: &Loaded) {
        match self.pool.borrow().clone() {
            Some(pool) => pool.export(format),
            // A saved report has no engine behind it; the file that was opened is all that it is.
            None => {
                let contents = loaded.saved.as_deref().map(str::to_owned).ok_or_else(|| "no engine".to_owned());
                exported(self.store, ExportedFile { format, contents });
            }
        }
    }

    fn close(&self) {
        *self.pool.borrow_mut() = None;
        *self.pending.borrow_mut() = None;
    }

    fn accept_pending(&self) {
        let dropped = self.pending.borrow_mut().take();
        if let Some(dropped) = dropped {
            self.start(dropped);
        }
    }
}
