//! The one store of the page: a phase, what the engine says, and where the reader is.
//! Views read its signals; what they want done goes to the [`Host`].

use crate::platform::boot::{BootStatus, EngineState, LockState, OfflineState};
use crate::protocol::{
    Command, Diagnostics, Dismissal, Event, Failure, FindingPreview, InsideFile, LaneProgress, LaneState, LoadTests,
    LoadTool, LookedUp, Overall, Phase as Step, PlanSummary,
};
use crate::state::code::Code;
use crate::state::editor::Home;
use crate::state::filter::{Filter, Sort};
pub use crate::state::host::{Dialog, FilesPart, Host, Role, Spoken};
use crate::state::index::{Filtered, Group, Index};
use crate::state::lanes::{idle_lane, percent};
use crate::state::lines::{Grouping, Part};
use crate::state::marks::Marks;
use crate::state::place::{Place, Tab};
use crate::state::verdict;
use crate::words;
use drydock_core::lookup::Corpus;
use drydock_core::report::model::{Category, Finding, Report};
use leptos::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the page is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Waits for a project.
    Empty,
    /// Audits.
    Running(Step),
    /// Shows a report.
    Done,
    /// Could not audit.
    Failed(Failure),
}

/// A report with its columns.
pub struct Loaded {
    /// The report.
    pub report: Report,
    /// Its columns.
    pub index: Index,
    /// Cancelled, or with a failed category.
    pub partial: bool,
    /// Read from a file that was saved earlier: no source at hand.
    pub saved: bool,
    /// Figures of the run.
    pub diagnostics: Diagnostics,
}

impl Loaded {
    /// The finding at `position`.
    #[must_use]
    pub fn finding(&self, position: usize) -> Option<&Finding> {
        self.report.findings.get(position)
    }
}

/// A source file, or why it is not there.
#[derive(Clone, Debug)]
pub enum SourceState {
    /// Asked for.
    Loading,
    /// Ready.
    Ready(Arc<Code>),
    /// Not at hand, with the reason.
    Missing(Option<String>),
}

/// The store. Copies share everything.
#[derive(Clone, Copy)]
pub struct Store {
    /// What the page is doing.
    pub phase: RwSignal<Phase>,
    /// Engine, lock, offline copy.
    pub boot: RwSignal<BootStatus>,
    /// Name of the project in hand.
    pub project: RwSignal<String>,
    /// What was read.
    pub plan: RwSignal<Option<PlanSummary>>,
    /// Progress over all lanes.
    pub overall: RwSignal<Overall>,
    /// The lanes, in category order.
    pub lanes: [RwSignal<LaneProgress>; 4],
    /// Findings so far.
    pub previews: RwSignal<Vec<FindingPreview>>,
    /// Lanes that sit on one file.
    pub stalled: RwSignal<Option<(Category, String)>>,
    /// The report.
    pub report: RwSignal<Option<Arc<Loaded>>>,
    /// Tab.
    pub tab: RwSignal<Tab>,
    /// What the list shows.
    pub filter: RwSignal<Filter>,
    /// In which order.
    pub sort: RwSignal<Sort>,
    /// What the list is divided by.
    pub grouping: RwSignal<Grouping>,
    /// Parts of the list that the reader folded.
    pub folded: RwSignal<Vec<Part>>,
    /// What the reader marked as fixed.
    pub marks: RwSignal<Marks>,
    /// Where the project lies on this computer, once the reader said so.
    pub home: RwSignal<Option<Home>>,
    /// Position of the finding in hand.
    pub selected: RwSignal<Option<usize>>,
    /// Step shown in the source viewer.
    pub step: RwSignal<Option<usize>>,
    /// On narrow screens: the detail covers the list.
    pub opened: RwSignal<bool>,
    /// Groups of the list that the reader opened.
    pub groups: RwSignal<Vec<Group>>,
    /// What passes the filter.
    pub filtered: Memo<Arc<Filtered>>,
    /// Files by path.
    pub sources: RwSignal<BTreeMap<String, SourceState>>,
    /// What is looked up in the project.
    pub look: RwSignal<String>,
    /// In which part of it.
    pub corpus: RwSignal<Option<Corpus>>,
    /// The last answer.
    pub found: RwSignal<Option<Arc<LookedUp>>>,
    /// File and line shown instead of the answer.
    pub open: RwSignal<Option<(String, u32)>>,
    /// Tab and element that opened it.
    pub opener: StoredValue<(Tab, String)>,
    /// Notes by technology, as safe HTML.
    pub notes: RwSignal<BTreeMap<String, String>>,
    /// Evidence that lies in the project.
    pub inside: RwSignal<Arc<Vec<InsideFile>>>,
    /// Load tests for the project's routes, and whether the reader asked for them.
    pub load_tests: RwSignal<Option<Arc<LoadTests>>>,
    /// See there.
    pub load_tests_wanted: RwSignal<bool>,
    /// Which of them is shown.
    pub load_tool: RwSignal<LoadTool>,
    /// While the report is drawn for the printer: whether with all findings.
    pub printing: RwSignal<Option<bool>>,
    /// A results log that was opened beside the report.
    pub log: RwSignal<Option<String>>,
    /// Names of the two versions to be compared, as far as they are chosen: earlier, later.
    pub versions: RwSignal<[Option<String>; 2]>,
    /// Part of the files tab.
    pub files_part: RwSignal<FilesPart>,
    /// The modal.
    pub dialog: RwSignal<Option<Dialog>>,
    /// `None` follows the system.
    pub theme: RwSignal<Option<&'static str>>,
    /// Whether single-letter keys work.
    pub letters: RwSignal<bool>,
    /// Live regions.
    pub spoken: RwSignal<Spoken>,
    /// What the reader dismissed.
    pub dismissed: RwSignal<Vec<Dismissal>>,
    /// Findings that the reader ticked: what if they were fixed?
    pub ticked: RwSignal<BTreeSet<usize>>,
    /// What follows once the report in the making is there.
    pub then: StoredValue<Option<Box<dyn Fn()>>, LocalStorage>,
    host: StoredValue<Option<Box<dyn Host>>, LocalStorage>,
}

impl Default for Store {
    fn default() -> Self {
        Self::new()
    }
}

impl Store {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        let report: RwSignal<Option<Arc<Loaded>>> = RwSignal::new(None);
        let filter = RwSignal::new(Filter::default());
        let sort = RwSignal::new(Sort::default());
        let filtered = Memo::new(move |_| {
            report.with(|report| {
                report.as_ref().map_or_else(Arc::default, |loaded| {
                    Arc::new(filter.with(|filter| loaded.index.run(filter, sort.get())))
                })
            })
        });
        Self {
            phase: RwSignal::new(Phase::Empty),
            boot: RwSignal::new(BootStatus {
                engine: EngineState::Loading { percent: 0 },
                lock: LockState::Pending,
                offline: OfflineState::Preparing,
            }),
            project: RwSignal::new(String::new()),
            plan: RwSignal::new(None),
            overall: RwSignal::new(Overall::default()),
            lanes: Category::ALL.map(|category| RwSignal::new(idle_lane(category))),
            previews: RwSignal::new(Vec::new()),
            stalled: RwSignal::new(None),
            report,
            tab: RwSignal::new(Tab::Summary),
            filter,
            sort,
            grouping: RwSignal::new(Grouping::default()),
            folded: RwSignal::new(Vec::new()),
            marks: RwSignal::new(Marks::default()),
            home: RwSignal::new(None),
            selected: RwSignal::new(None),
            step: RwSignal::new(None),
            opened: RwSignal::new(false),
            groups: RwSignal::new(vec![Group::Main]),
            filtered,
            sources: RwSignal::new(BTreeMap::new()),
            look: RwSignal::new(String::new()),
            corpus: RwSignal::new(None),
            found: RwSignal::new(None),
            open: RwSignal::new(None),
            opener: StoredValue::new((Tab::Search, String::new())),
            notes: RwSignal::new(BTreeMap::new()),
            inside: RwSignal::new(Arc::default()),
            load_tests: RwSignal::new(None),
            load_tests_wanted: RwSignal::new(false),
            load_tool: RwSignal::new(LoadTool::default()),
            printing: RwSignal::new(None),
            log: RwSignal::new(None),
            versions: RwSignal::new([None, None]),
            files_part: RwSignal::new(FilesPart::default()),
            dialog: RwSignal::new(None),
            theme: RwSignal::new(None),
            letters: RwSignal::new(true),
            spoken: RwSignal::new(Spoken::default()),
            dismissed: RwSignal::new(Vec::new()),
            ticked: RwSignal::new(BTreeSet::new()),
            then: StoredValue::new_local(None),
            host: StoredValue::new_local(None),
        }
    }

    /// The store that the page runs on.
    #[must_use]
    pub fn of_page() -> Self {
        use_context::<Self>().unwrap_or_default()
    }

    /// Connects the program that does the work.
    pub fn connect(&self, host: impl Host + 'static) {
        self.host.set_value(Some(Box::new(host)));
    }

    /// Asks the host for something.
    pub fn ask(&self, what: impl FnOnce(&(dyn Host + 'static))) {
        self.host.with_value(|host| {
            if let Some(host) = host {
                what(host.as_ref());
            }
        });
    }

    /// What was measured is read now, and shown as soon as that is done.
    pub fn read_next(&self) {
        let store = *self;
        self.toast(words::performance::READING.to_owned());
        self.then.set_value(Some(Box::new(move || store.tab.set(Tab::Performance))));
    }

    /// An audit of `project` begins.
    pub fn begin(&self, project: &str) {
        self.forget();
        self.project.set(project.to_owned());
        self.phase.set(Phase::Running(Step::Unpack));
        self.say(format!("Audit of {project} started."));
    }

    /// Back to the start page.
    pub fn close(&self) {
        self.ask(Host::close);
        self.forget();
        self.phase.set(Phase::Empty);
    }

    fn forget(&self) {
        self.plan.set(None);
        self.overall.set(Overall::default());
        for (lane, category) in self.lanes.iter().zip(Category::ALL) {
            lane.set(idle_lane(category));
        }
        self.previews.set(Vec::new());
        self.stalled.set(None);
        self.selected.set(None);
        self.step.set(None);
        self.opened.set(false);
        self.sources.set(BTreeMap::new());
        self.groups.set(vec![Group::Main]);
        self.filter.set(Filter::default());
        self.sort.set(Sort::default());
        self.grouping.set(Grouping::default());
        self.folded.set(Vec::new());
        self.tab.set(Tab::Summary);
        self.look.set(String::new());
        self.corpus.set(None);
        self.found.set(None);
        self.open.set(None);
        self.log.set(None);
        self.inside.set(Arc::default());
        self.load_tests.set(None);
        self.load_tests_wanted.set(false);
        self.dismissed.set(Vec::new());
        self.report.set(None);
    }

    /// What the pool tells.
    pub fn apply(&self, event: Event) {
        match event {
            Event::Phase(step) => self.phase.set(Phase::Running(step)),
            Event::Progress(overall) => self.progress(overall),
            Event::Lane(lane) => self.lane(lane),
            Event::Planned(plan) => self.plan.set(Some(plan)),
            Event::Findings(list) => self.previews.update(|all| all.extend(list)),
            Event::Stalled { category, path } => self.stalled.set(Some((category, path))),
            Event::Done { report, partial, saved, diagnostics } => {
                self.show(*report, partial, saved, diagnostics);
                if let Some(then) = self.then.try_update_value(Option::take).flatten() {
                    then();
                }
            }
            Event::Failed(failure) => {
                self.then.set_value(None);
                self.interrupt(failure.title.clone());
                self.phase.set(Phase::Failed(failure));
            }
            Event::Cancelled => {
                self.forget();
                self.phase.set(Phase::Empty);
                self.say("Audit cancelled.".to_owned());
            }
            Event::Source(file) => {
                let path = file.path.clone();
                let problem = file.problem.clone();
                let state =
                    Code::new(file).map_or(SourceState::Missing(problem), |code| SourceState::Ready(Arc::new(code)));
                self.sources.update(|sources| {
                    sources.insert(path, state);
                });
            }
            Event::Found(found) => self.found.set(Some(Arc::new(found))),
            Event::Inside(files) => {
                self.say(words::performance::inside(&files));
                self.inside.set(Arc::new(files));
            }
            Event::LoadTests(tests) => {
                self.say(tests.problem.clone().unwrap_or_else(|| words::performance::LOAD_TEST_READY.to_owned()));
                self.load_tests.set(Some(Arc::new(tests)));
            }
            Event::Note(technology, html) => self.notes.update(|notes| {
                notes.insert(technology, html);
            }),
            Event::Exported(..) | Event::Refused(_) => {}
        }
    }

    fn progress(&self, overall: Overall) {
        let quarter = percent(&overall) / 25;
        if quarter > self.overall.with_untracked(percent) / 25 && quarter < 4 {
            self.say(format!("{}% done.", quarter * 25));
        }
        self.overall.set(overall);
    }

    fn lane(&self, lane: LaneProgress) {
        let Some(signal) = self.lanes.iter().zip(Category::ALL).find(|(_, category)| *category == lane.category) else {
            return;
        };
        let changed = signal.0.with_untracked(|before| before.state != lane.state);
        if changed {
            match &lane.state {
                LaneState::Done => {
                    let number = lane.findings.total() as usize;
                    let found = verdict::count(number, "finding", "findings");
                    self.say(format!("{} finished, {found}.", lane.category.title()));
                }
                LaneState::Failed(reason) => self.interrupt(format!("{} failed: {reason}", lane.category.title())),
                _ => {}
            }
        }
        if self.stalled.with_untracked(|stalled| {
            stalled.as_ref().is_some_and(|(category, path)| {
                *category == lane.category && lane.current_file.as_deref() != Some(path.as_str())
            })
        }) {
            self.stalled.set(None);
        }
        signal.0.set(lane);
    }

    /// Shows `report`. The place in the address is kept when it fits.
    pub fn show(&self, report: Report, partial: bool, saved: bool, diagnostics: Diagnostics) {
        // A report that was changed: the reader stays at the same finding.
        let selected = self.selected.get_untracked();
        let selected = self.report.with_untracked(|before| {
            let finding = before.as_ref()?.finding(selected?)?;
            report.findings.iter().position(|now| now.fingerprint == finding.fingerprint && now.check == finding.check)
        });
        // What is shown of a load test has the targets of before.
        let targets_changed = self.load_tests.with_untracked(Option::is_some)
            && self.report.with_untracked(|before| {
                before.as_ref().is_some_and(|before| before.report.performance != report.performance)
            });
        let index = Index::new(&report);
        self.say(verdict::spoken(&report));
        if report.coverage.files.is_empty() && report.performance.is_some() {
            self.tab.set(Tab::Performance);
        }
        self.project.set(report.project.clone());
        self.report.set(Some(Arc::new(Loaded { report, index, partial, saved, diagnostics })));
        self.selected.set(selected);
        self.ticked.set(BTreeSet::new());
        self.phase.set(Phase::Done);
        if targets_changed {
            self.ask(Host::write_load_tests);
        }
    }

    /// Where the reader is.
    #[must_use]
    pub fn place(&self) -> Place {
        let finding = self.selected.get().and_then(|position| {
            self.report.with(|report| {
                let finding = report.as_ref()?.finding(position)?;
                Some(finding.fingerprint.clone()).filter(|fingerprint| !fingerprint.is_empty())
            })
        });
        let in_findings = self.tab.get() == Tab::Findings;
        let in_search = self.tab.get() == Tab::Search;
        Place {
            tab: self.tab.get(),
            filter: self.filter.get(),
            sort: self.sort.get(),
            grouping: self.grouping.get(),
            finding: finding.filter(|_| in_findings),
            step: self.step.get().filter(|_| in_findings),
            look: if in_search { self.look.get() } else { String::new() },
            corpus: self.corpus.get().filter(|_| in_search),
            open: self.open.get().filter(|_| in_search),
        }
    }

    /// Goes to `place`.
    pub fn go(&self, place: Place) {
        let position = place.finding.as_ref().and_then(|fingerprint| {
            self.report.with_untracked(|report| {
                report.as_ref()?.report.findings.iter().position(|finding| finding.fingerprint == *fingerprint)
            })
        });
        self.tab.set(place.tab);
        if self.filter.with_untracked(|filter| *filter != place.filter) {
            self.filter.set(place.filter);
        }
        self.sort.set(place.sort);
        self.grouping.set(place.grouping);
        if position.is_some() {
            self.selected.set(position);
        }
        self.step.set(place.step.filter(|_| position.is_some()));
        if place.tab == Tab::Search {
            self.look.set(place.look);
            self.corpus.set(place.corpus);
        }
        self.open.set(place.open);
    }

    /// Shows a file at a line.
    pub fn open_file(&self, path: &str, line: u32) {
        self.opener.set_value((self.tab.get_untracked(), crate::platform::dom::focused_id()));
        self.open.set(Some((path.to_owned(), line)));
        self.tab.set(Tab::Search);
        crate::platform::dom::focus_soon("file-back");
    }

    /// Back to what opened the file.
    pub fn close_file(&self) {
        let (tab, id) = self.opener.get_value();
        self.open.set(None);
        self.tab.set(tab);
        crate::platform::dom::focus_soon(if id.is_empty() { format!("tab-{}", tab.slug()) } else { id });
    }

    /// Follows a link of the verdict.
    pub fn follow(&self, target: verdict::Target) {
        match target {
            verdict::Target::Findings(filter) => self.open_findings(filter),
            verdict::Target::Finding(position) => self.open_finding(position),
            verdict::Target::Files => {
                self.files_part.set(FilesPart::Audited);
                self.tab.set(Tab::Files);
            }
            verdict::Target::Skipped => {
                self.files_part.set(FilesPart::Skipped);
                self.tab.set(Tab::Files);
            }
            verdict::Target::Checks => self.tab.set(Tab::Checks),
            verdict::Target::WhatIf(findings) => {
                self.ticked.set(findings.into_iter().collect());
                self.tab.set(Tab::Summary);
                return crate::platform::dom::focus_soon("what-if");
            }
        }
        crate::platform::dom::focus_soon(format!("tab-{}", self.tab.get_untracked().slug()));
    }

    /// Shows the findings that pass `filter`.
    pub fn open_findings(&self, filter: Filter) {
        self.filter.set(filter);
        self.selected.set(None);
        self.step.set(None);
        self.opened.set(false);
        self.tab.set(Tab::Findings);
    }

    /// Shows one finding.
    pub fn open_finding(&self, position: usize) {
        self.filter.set(Filter::default());
        self.folded.set(Vec::new());
        self.selected.set(Some(position));
        self.step.set(None);
        self.opened.set(true);
        self.tab.set(Tab::Findings);
    }

    /// Divides the list by something else.
    pub fn group_by(&self, grouping: Grouping) {
        self.folded.set(Vec::new());
        self.grouping.set(grouping);
    }

    /// Ticks a finding for "What if?", or no longer.
    pub fn tick(&self, position: usize) {
        self.ticked.update(|ticked| {
            if !ticked.remove(&position) {
                ticked.insert(position);
            }
        });
    }

    /// Asks for a file's text unless it is there or on its way.
    pub fn want_source(&self, path: &str) {
        if self.sources.with_untracked(|sources| sources.contains_key(path)) {
            return;
        }
        let saved = self.report.with_untracked(|report| report.as_ref().is_none_or(|loaded| loaded.saved));
        let state = if saved { SourceState::Missing(None) } else { SourceState::Loading };
        self.sources.update(|sources| {
            sources.insert(path.to_owned(), state);
        });
        if !saved {
            self.ask(|host| host.ask(Command::Source { path: path.to_owned() }));
        }
    }

    /// Says something when the screen reader pauses.
    pub fn say(&self, words: String) {
        self.spoken.update(|spoken| spoken.polite = words);
    }

    /// Says something at once.
    pub fn interrupt(&self, words: String) {
        self.spoken.update(|spoken| spoken.assertive = words);
    }

    /// Says and shows something for a moment.
    pub fn toast(&self, words: String) {
        self.spoken.update(|spoken| {
            spoken.polite.clone_from(&words);
            spoken.toast = Some(words);
        });
    }

    /// Copies `text` and says so.
    pub fn copy(&self, text: String) {
        let store = *self;
        leptos::task::spawn_local(async move {
            match crate::platform::save::copy_text(&text).await {
                Ok(()) => store.toast(words::COPIED.to_owned()),
                Err(_) => store.toast(words::COPY_FAILED.to_owned()),
            }
        });
    }
}
