//! Rules about where processor time goes: synchronous interfaces on an event loop, garbage collection, what bounds the
//! run, start-up.

use super::charge;
use super::figures::{duration, named, percent};
use super::pages::Page;
use super::view::{View, views};
use super::{Kind, Observation, Subject};
use crate::evidence::model::memory::{Collection, MemoryRun};
use crate::evidence::model::profile::{Function, Origin, Runtime};
use crate::evidence::model::{Artefact, Evidence};
use crate::order::InOrder;
use crate::report::model::{Effort, Severity};
use crate::words::counted;
use std::collections::BTreeMap;

/// Pages of these rules.
pub const PAGES: &[Page] = &[
    ("E1", include_str!("pages/E1.md")),
    ("E3", include_str!("pages/E3.md")),
    ("E4", include_str!("pages/E4.md")),
    ("E8", include_str!("pages/E8.md")),
];

/// E1, E3, E4, E8.
#[must_use]
pub fn rules(artefacts: &[Artefact]) -> Vec<Observation> {
    let mut seen = Vec::new();
    for view in views(artefacts) {
        if view.is_enough() {
            synchronous(&view, &mut seen);
            collecting(&view, &mut seen);
            bound(&view, &mut seen);
            startup(&view, &mut seen);
        }
    }
    for (index, artefact) in artefacts.iter().enumerate() {
        for evidence in &artefact.evidence {
            if let Evidence::Memory(run) = evidence {
                pauses(run, index, &mut seen);
            }
        }
    }
    seen
}

/// Share of busy time from which a synchronous call is named, and from which it is severe.
const SYNC: f64 = 0.01;
const SYNC_SEVERE: f64 = 0.1;

fn synchronous(view: &View, seen: &mut Vec<Observation>) {
    // In a browser there is no thread pool to move to, and names such as `flushSync` mean something else.
    if !view.is_node() {
        return;
    }
    let subtotals = view.profile.subtotals();
    // Caller and called function -> value, where no such call stands above.
    let mut sums: BTreeMap<(u32, u32), f64> = BTreeMap::new();
    let mut inside: Vec<bool> = Vec::with_capacity(subtotals.len());
    for (index, node) in view.profile.nodes.iter().enumerate() {
        let above = node.parent.and_then(|parent| inside.get(parent as usize)).copied().unwrap_or(false);
        let function = view.profile.function(node.function);
        let is_sync = function.is_some_and(|function| synchronous_kind(function).is_some());
        inside.push(above || is_sync);
        let loading = view.under_loader.get(index).copied().unwrap_or(false);
        let owner = view.nearest.get(index).copied().flatten().and_then(|owner| view.profile.node(owner));
        if let (true, false, false, Some(owner)) = (is_sync, above, loading, owner) {
            *sums.entry((owner.function, node.function)).or_default() +=
                subtotals.get(index).copied().unwrap_or_default();
        }
    }
    let mut sums: Vec<((u32, u32), f64)> = sums.into_iter().filter(|(_, value)| view.share(*value) >= SYNC).collect();
    sums.order_by(|a, b| b.1.total_cmp(&a.1));
    for ((owner, called), value) in sums {
        let (Some(caller), Some(callee)) = (view.profile.function(owner), view.profile.function(called)) else {
            continue;
        };
        let Some(kind) = synchronous_kind(callee) else { continue };
        let share = view.share(value);
        let (who, what) = (named(caller, view.profile.line_of(owner)), kind.what(&callee.name));
        seen.push(Observation {
            rule: "E1".to_owned(),
            kind: Kind::Blocking,
            title: format!("{who} runs {what} on the event loop: {} of busy time", percent(share)),
            subject: code(view, owner),
            severity: if share >= SYNC_SEVERE { Severity::High } else { Severity::Medium },
            measured: view.measured(value),
            share: Some(share),
            removable: kind.removable(),
            fix: kind.fix(&callee.name),
            guard: Some(kind.guard().to_owned()),
            effort: kind.effort(),
            artefact: view.artefact,
        });
    }
}

/// Ways to hold the event loop that a frame's name tells.
#[derive(Clone, Copy)]
enum Synchronous {
    Call,
    Json,
    Pattern,
}

fn synchronous_kind(function: &Function) -> Option<Synchronous> {
    if !function.origin.is_foreign() {
        return None;
    }
    let name = function.name.as_str();
    let method = name.rsplit('.').next().unwrap_or(name);
    if name.starts_with("RegExp: ") {
        Some(Synchronous::Pattern)
    } else if method.len() > 4 && method.ends_with("Sync") {
        Some(Synchronous::Call)
    } else if matches!(name, "JSON.parse" | "JSON.stringify" | "JsonParse" | "JsonStringify") {
        Some(Synchronous::Json)
    } else {
        None
    }
}

impl Synchronous {
    fn what(self, name: &str) -> String {
        match self {
            Self::Pattern => {
                let pattern: String = name.trim_start_matches("RegExp: ").chars().take(60).collect();
                format!("the pattern `{pattern}`")
            }
            Self::Call => format!("`{name}`"),
            Self::Json => format!("`{}`", if name.contains("arse") { "JSON.parse" } else { "JSON.stringify" }),
        }
    }

    fn fix(self, name: &str) -> String {
        let later = name.strip_suffix("Sync").unwrap_or(name);
        match self {
            Self::Call => {
                format!("Await the asynchronous form, `{later}`: the work leaves the thread that serves all requests")
            }
            Self::Json => "Send and parse less (pages, fewer fields), or move it to a worker thread".to_owned(),
            Self::Pattern => "Bound the length of the input and remove nested repetition from the pattern".to_owned(),
        }
    }

    const fn guard(self) -> &'static str {
        match self {
            Self::Call => {
                "The thread pool has four threads unless UV_THREADPOOL_SIZE says otherwise: under load the work queues \
                 there. In a command line tool nothing else waits, and the call may stay"
            }
            Self::Json => "A worker thread copies the text: below some 100 kB that costs more than it saves",
            Self::Pattern => "A short pattern over much text is honest work: look at how often it runs first",
        }
    }

    const fn removable(self) -> Option<f64> {
        match self {
            Self::Call => Some(1.0),
            Self::Json | Self::Pattern => None,
        }
    }

    const fn effort(self) -> Effort {
        match self {
            Self::Call => Effort::S,
            Self::Json | Self::Pattern => Effort::M,
        }
    }
}

/// Where a function stands, as a subject.
pub fn code(view: &View, function: u32) -> Subject {
    let Some(f) = view.profile.function(function) else { return Subject::Process };
    Subject::Code { path: f.path.clone(), line: view.profile.line_of(function), function: f.name.clone() }
}

/// Share of collection that warns and that is severe.
const COLLECTING: f64 = 0.1;
const COLLECTING_SEVERE: f64 = 0.2;

fn collecting(view: &View, seen: &mut Vec<Observation>) {
    let value = view.profile.of_origin(Origin::Collector);
    let share = if view.busy > 0.0 { value / view.busy } else { 0.0 };
    if share < COLLECTING {
        return;
    }
    let time = view.profile.seconds(value).map(|seconds| format!(", {}", duration(seconds))).unwrap_or_default();
    seen.push(collection(
        format!("The garbage collector took {} of the time in which the program did anything", percent(share)),
        format!("{}{time} of non-idle time ({})", percent(share), view.tool()),
        if share >= COLLECTING_SEVERE { Severity::High } else { Severity::Medium },
        Some(share),
        view.artefact,
    ));
}

fn collection(title: String, measured: String, severity: Severity, share: Option<f64>, artefact: usize) -> Observation {
    Observation {
        rule: "E3".to_owned(),
        kind: Kind::GarbageCollection,
        title,
        subject: Subject::Process,
        severity,
        measured,
        share,
        removable: None,
        fix: "Take a heap profile and allocate less per request: no copies of whole bodies, streams instead of buffers, \
              caches with a bound"
            .to_owned(),
        guard: Some(
            "A larger young generation (`--max-semi-space-size`) helps where objects live just longer than a request, and \
             costs memory in every process"
                .to_owned(),
        ),
        effort: Effort::M,
        artefact,
    }
}

/// Milliseconds of standing still within one second.
const PAUSES_MS: f64 = 100.0;

/// E3 of a trace: collections that together stop the program for a tenth of a second within a second.
fn pauses(run: &MemoryRun, artefact: usize, seen: &mut Vec<Observation>) {
    let mut worst: Option<(f64, f64)> = None;
    let mut window: std::collections::VecDeque<&Collection> = std::collections::VecDeque::new();
    let mut sum = 0.0;
    for collection in &run.collections {
        window.push_back(collection);
        sum += collection.pause_ms;
        while let Some(first) = window.front().filter(|first| collection.at_seconds - first.at_seconds > 1.0) {
            sum -= first.pause_ms;
            window.pop_front();
        }
        if worst.is_none_or(|(most, _)| sum > most) {
            worst = Some((sum, window.front().map_or(0.0, |first| first.at_seconds)));
        }
    }
    let Some((most, at)) = worst.filter(|(most, _)| *most >= PAUSES_MS) else { return };
    let count = run.collections.len() as u64;
    let all: f64 = run.collections.iter().map(|collection| collection.pause_ms).sum();
    seen.push(collection(
        format!("Garbage collection stopped the program for {} within one second", duration(most / 1000.0)),
        format!(
            "{} within a second, {at:.1} s after the start; {} took {} in all ({})",
            duration(most / 1000.0),
            counted(count, "collection", "collections"),
            duration(all / 1000.0),
            run.tool
        ),
        if most >= PAUSES_MS * 2.0 { Severity::High } else { Severity::Medium },
        None,
        artefact,
    ));
}

/// Idle shares between which nothing is said.
const BUSY: f64 = 0.05;
const WAITING: f64 = 0.5;

/// E4: what bounds the run. Only V8 tells waiting from working: cProfile's times hold both.
fn bound(view: &View, seen: &mut Vec<Observation>) {
    let whole = view.profile.whole();
    let shows_idle = view.profile.runtime == Runtime::JavaScript;
    let long = view.profile.seconds(whole).is_none_or(|seconds| seconds >= 1.0);
    if !shows_idle || !long || whole <= 0.0 {
        return;
    }
    let idle = view.profile.of_origin(Origin::Idle) / whole;
    let charges = charge::charged(view.profile);
    let hottest = (0..charges.len() as u32)
        .filter(|index| view.profile.function(*index).is_some_and(|function| function.origin == Origin::Project))
        .max_by(|a, b| at(&charges, *a).total_cmp(&at(&charges, *b)));
    let measured = format!("idle {} of {} ({})", percent(idle), length(view, whole), view.tool());
    let (title, subject, fix, guard, share) = if idle < BUSY {
        let hot = hottest.and_then(|index| Some((index, view.profile.function(index)?)));
        let most = hot.map(|(index, function)| {
            let share = view.share(at(&charges, index));
            format!("; most of it goes to {}, {}", named(function, view.profile.line_of(index)), percent(share))
        });
        (
            format!(
                "The processor bounds this run: the program was idle {} of the time{}",
                percent(idle),
                most.unwrap_or_default()
            ),
            hot.map_or(Subject::Process, |(index, _)| code(view, index)),
            "Make the named code cheaper before adding processes: every request waits for it",
            "A program that only computes is always busy, and that is right",
            hot.map(|(index, _)| view.share(at(&charges, index))),
        )
    } else if idle > WAITING {
        (
            format!("The program waited {} of the time: its processor does not bound this run", percent(idle)),
            Subject::Process,
            "If response times miss their target all the same, look at queries, pools and calls to other services first",
            "A server that got few requests is idle as well: compare with the load of the same time",
            None,
        )
    } else {
        return;
    };
    seen.push(Observation {
        rule: "E4".to_owned(),
        kind: if idle < BUSY { Kind::Cpu } else { Kind::Contention },
        title,
        subject,
        severity: Severity::Low,
        measured,
        share,
        removable: None,
        fix: fix.to_owned(),
        guard: Some(guard.to_owned()),
        effort: Effort::M,
        artefact: view.artefact,
    });
}

fn at(charges: &[f64], index: u32) -> f64 {
    charges.get(index as usize).copied().unwrap_or_default()
}

fn length(view: &View, value: f64) -> String {
    view.profile.seconds(value).map_or_else(|| "the run".to_owned(), duration)
}

/// E8: a short profile that mostly shows how the program starts.
fn startup(view: &View, seen: &mut Vec<Observation>) {
    if !view.leaves_out_startup() {
        return;
    }
    let share = view.startup / view.busy;
    let time = view.profile.seconds(view.startup).map(|seconds| format!(", {}", duration(seconds))).unwrap_or_default();
    let word = if view.profile.runtime == Runtime::Python { "imports" } else { "loading of modules" };
    seen.push(Observation {
        rule: "E8".to_owned(),
        kind: Kind::Cpu,
        title: format!("Start-up is {} of this profile: other shares are of the rest", percent(share)),
        subject: Subject::Process,
        severity: Severity::Low,
        measured: format!("{word} {}{time} ({})", percent(share), view.tool()),
        share: Some(share),
        removable: None,
        fix: "Profile a longer run, or attach the profiler once the program serves requests".to_owned(),
        guard: Some(
            "Where the program starts for every call, start-up is the work: load less at the top of files".to_owned(),
        ),
        effort: Effort::S,
        artefact: view.artefact,
    });
}
