//! What the kept events of a trace mean: which page, when it was painted, what moved, what blocked. The rules are those
//! of Lighthouse's trace processor and of web.dev, so that figures agree.

use crate::evidence::input::Notes;
use crate::evidence::model::targets::WebMetric;
use crate::evidence::model::web::{
    Basis, Collections, Culprit, CulpritKind, Interaction, LongTask, LongTasks, Series, WebMode, WebRun,
};
use crate::order::InOrder as _;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A process and a thread of it.
pub type Thread = (i64, i64);

/// Kept events. Times are microseconds.
#[derive(Debug, Default)]
pub struct Kept {
    /// Frames at the begin of the trace.
    pub frames: Vec<Frame>,
    /// Frames that got a document later.
    pub committed: Vec<Frame>,
    /// Navigations.
    pub navigations: Vec<Mark>,
    /// First contentful paints.
    pub first_paints: Vec<Mark>,
    /// Candidates for the largest paint (with a size) and their withdrawals (without).
    pub largest: Vec<Mark>,
    /// Layout shifts.
    pub shifts: Vec<Shift>,
    /// Tasks of all threads.
    pub tasks: Vec<Task>,
    /// Main threads of renderers.
    pub main_threads: Vec<Thread>,
    /// Garbage collections.
    pub collections: Vec<Task>,
    /// Scripts and calls, with their addresses.
    pub scripts: Vec<(Task, String)>,
    /// Counters by process.
    pub counters: Vec<(i64, Series)>,
    /// First change of the viewport.
    pub viewport: Option<f64>,
    /// Input events: the longest of each interaction.
    inputs: BTreeMap<(i64, u64), Interaction>,
}

/// A frame of a page.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// Identifier.
    pub id: String,
    /// That of the frame around it.
    pub parent: String,
    /// Address.
    pub url: String,
}

/// A point in time of a frame.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Where it was seen.
    pub thread: Thread,
    /// When.
    pub ts: f64,
    /// Frame.
    pub frame: String,
    /// Address, of navigations.
    pub url: String,
    /// Size, of candidates.
    pub size: Option<f64>,
    /// Whether the frame is the outermost one, of navigations.
    pub main: Option<bool>,
}

/// A layout shift.
#[derive(Clone, Debug)]
pub struct Shift {
    /// When.
    pub ts: f64,
    /// How much, weighted by the frame's part of the page.
    pub score: f64,
    /// Whether the user had just done something.
    pub after_input: bool,
    /// Frame.
    pub frame: String,
}

/// Work of a thread.
#[derive(Clone, Copy, Debug)]
pub struct Task {
    /// Thread.
    pub thread: Thread,
    /// Begin.
    pub ts: f64,
    /// Length.
    pub dur: f64,
}

impl Kept {
    /// Takes an event timing: the begin carries the figures.
    pub fn input(&mut self, phase: &str, thread: Thread, data: &Value) {
        let number = |key: &str| data.get(key).and_then(Value::as_f64);
        let Some(interaction) = data.get("interactionId").and_then(Value::as_u64).filter(|id| *id > 0) else { return };
        let Some(ms) = number("duration").filter(|ms| *ms >= 0.0) else { return };
        if phase != "b" || self.inputs.len() > 100_000 {
            return;
        }
        let between = |from: &str, to: &str| Some(number(to)? - number(from)?).filter(|ms| *ms >= 0.0);
        let found = Interaction {
            event: data.get("type").and_then(Value::as_str).unwrap_or_default().to_owned(),
            ms,
            delay_ms: between("timeStamp", "processingStart"),
            handlers_ms: between("processingStart", "processingEnd"),
        };
        let slot = self.inputs.entry((thread.0, interaction)).or_insert_with(|| found.clone());
        if found.ms > slot.ms {
            *slot = found;
        }
    }
}

/// Points of a series that are kept.
const POINTS: usize = 1_000;

/// The run that the events tell of; nothing when no page is in them.
pub fn run(mut kept: Kept, notes: &mut Notes) -> Option<WebRun> {
    let frame = main_frame(&kept);
    let navigation = navigation(&kept, frame.as_ref());
    let thread = navigation.as_ref().map(|mark| mark.thread).or_else(|| busiest(&kept))?;
    let origin = match &navigation {
        Some(mark) => mark.ts,
        None => kept.tasks.iter().map(|task| task.ts).fold(f64::INFINITY, f64::min),
    };
    let mut run = WebRun {
        tool: "Chromium trace".to_owned(),
        mode: if navigation.is_some() { WebMode::Navigation } else { WebMode::Timespan },
        page: page(&kept, frame.as_ref(), navigation.as_ref()),
        throttling: None,
        ..WebRun::default()
    };
    let mut first_paint = None;
    if let Some(navigation) = &navigation {
        let in_frame = |mark: &&Mark| mark.frame == navigation.frame && mark.ts > navigation.ts;
        first_paint = kept.first_paints.iter().find(in_frame).map(|mark| mark.ts);
        run.add(WebMetric::Fcp, first_paint.map(|ts| (ts - origin) / 1e3), Basis::Observed);
        let largest = kept.largest.iter().rfind(in_frame).filter(|mark| mark.size.is_some());
        run.add(WebMetric::Lcp, largest.map(|mark| (mark.ts - origin) / 1e3), Basis::Observed);
    } else {
        notes.add(0, "No page load in the trace: tasks, shifts and interactions are those of all of it");
    }
    let frames = frame_tree(&kept, frame.as_ref());
    let viewport = kept.viewport.unwrap_or(origin);
    // Shifts of pages before this one are not its own.
    let from = if navigation.is_some() { origin } else { f64::NEG_INFINITY };
    kept.shifts.retain(|shift| shift.ts >= from && (frames.is_empty() || frames.contains(&shift.frame)));
    kept.shifts.order_by(|a, b| a.ts.total_cmp(&b.ts));
    if !kept.shifts.is_empty() || navigation.is_some() {
        run.add(WebMetric::Cls, Some(layout_shift(&kept.shifts, viewport)), Basis::Observed);
    }
    kept.tasks.retain(|task| task.thread == thread);
    kept.tasks.order_by(|a, b| a.ts.total_cmp(&b.ts));
    cut_overlaps(&mut kept.tasks);
    let blocked_from = first_paint.unwrap_or(origin);
    if first_paint.is_some() || navigation.is_none() {
        let blocking = kept.tasks.iter().fold(0.0, |sum, task| sum + blocking(task, blocked_from));
        run.add(WebMetric::Tbt, Some(blocking), Basis::Observed);
    }
    kept.scripts.retain(|(task, _)| task.thread == thread && task.ts >= origin);
    long_tasks(&mut run, &kept, origin);
    scripts(&mut run, &mut kept);
    interactions(&mut run, &kept, thread.0);
    collections(&mut run, &kept, thread, origin);
    series(&mut run, kept, thread.0, origin);
    Some(run)
}

/// The outermost frame at the begin of the trace.
fn main_frame(kept: &Kept) -> Option<Frame> {
    kept.frames.iter().find(|frame| frame.parent.is_empty() && !frame.id.is_empty()).cloned()
}

/// The last navigation of the main frame to a real address; of any outermost frame when the main one is unknown.
fn navigation(kept: &Kept, frame: Option<&Frame>) -> Option<Mark> {
    let real = |mark: &&Mark| ["http:", "https:", "chrome:", "file:"].iter().any(|scheme| mark.url.starts_with(scheme));
    let last = |wanted: &dyn Fn(&Mark) -> bool| kept.navigations.iter().filter(real).rfind(|mark| wanted(mark));
    let of_frame = frame.and_then(|frame| last(&|mark| mark.frame == frame.id));
    let painted = |mark: &Mark| kept.first_paints.iter().any(|paint| paint.frame == mark.frame && paint.ts > mark.ts);
    of_frame
        .or_else(|| last(&|mark| mark.main == Some(true) && painted(mark)))
        .or_else(|| last(&|mark| mark.main == Some(true)))
        .or_else(|| last(&painted))
        .cloned()
}

/// The renderer's main thread that worked most.
fn busiest(kept: &Kept) -> Option<Thread> {
    let mut busy: BTreeMap<Thread, f64> = BTreeMap::new();
    for task in kept.tasks.iter().filter(|task| kept.main_threads.contains(&task.thread)) {
        *busy.entry(task.thread).or_default() += task.dur;
    }
    let busiest = busy.into_iter().reduce(|best, other| if other.1 > best.1 { other } else { best });
    busiest.map(|(thread, _)| thread).or_else(|| kept.main_threads.first().copied())
}

fn page(kept: &Kept, frame: Option<&Frame>, navigation: Option<&Mark>) -> String {
    let url = navigation.map(|mark| mark.url.clone()).filter(|url| !url.is_empty());
    let committed = || {
        let frame = frame?;
        let last = kept.committed.iter().rfind(|other| other.id == frame.id);
        last.map(|other| other.url.clone()).filter(|url| !url.is_empty())
    };
    url.or_else(committed).or_else(|| frame.map(|frame| frame.url.clone())).unwrap_or_default()
}

/// The main frame and all frames within it; empty when unknown.
fn frame_tree(kept: &Kept, frame: Option<&Frame>) -> BTreeSet<String> {
    let mut tree = BTreeSet::new();
    let Some(frame) = frame else { return tree };
    tree.insert(frame.id.clone());
    // Frames inside frames are few levels deep.
    for _ in 0..16 {
        let before = tree.len();
        for other in kept.frames.iter().chain(&kept.committed) {
            if tree.contains(&other.parent) {
                tree.insert(other.id.clone());
            }
        }
        if tree.len() == before {
            break;
        }
    }
    tree
}

/// Cumulative layout shift: the largest session of shifts without recent input, a gap of at most 1 s, 5 s long at most.
fn layout_shift(shifts: &[Shift], viewport: f64) -> f64 {
    let (mut most, mut session) = (0.0_f64, 0.0);
    let (mut first, mut last) = (f64::NEG_INFINITY, f64::NEG_INFINITY);
    let mut respects_input = false;
    for shift in shifts {
        // The change of the viewport when a page is emulated counts as input for half a second, falsely.
        if shift.after_input {
            if respects_input || (shift.ts - viewport) / 1e3 > 500.0 {
                continue;
            }
        } else {
            respects_input = true;
        }
        if shift.ts - first > 5e6 || shift.ts - last > 1e6 {
            first = shift.ts;
            session = 0.0;
        }
        last = shift.ts;
        session += shift.score;
        most = most.max(session);
    }
    most
}

/// Chromium lets tasks of one thread overlap by a hair: each ends before the next.
fn cut_overlaps(tasks: &mut [Task]) {
    let mut next = f64::INFINITY;
    for task in tasks.iter_mut().rev() {
        // Tasks within tasks begin at the same time or later and stay whole.
        if task.ts + task.dur > next {
            task.dur = (next - task.ts - 1.0).max(0.0);
        }
        next = task.ts;
    }
}

/// What of a task above 50 ms falls behind `from`, less 50 ms.
fn blocking(task: &Task, from: f64) -> f64 {
    let clipped = (task.ts + task.dur - task.ts.max(from)) / 1e3;
    if task.dur / 1e3 < 50.0 || clipped < 50.0 { 0.0 } else { clipped - 50.0 }
}

fn long_tasks(run: &mut WebRun, kept: &Kept, origin: f64) {
    let mut found: Vec<LongTask> = Vec::new();
    for task in kept.tasks.iter().filter(|task| task.dur >= 50_000.0 && task.ts + task.dur > origin) {
        let within = |other: &Task| other.ts >= task.ts && other.ts <= task.ts + task.dur;
        let longest = kept.scripts.iter().filter(|(other, url)| within(other) && !url.is_empty());
        let longest = longest.reduce(|best, other| if other.0.dur > best.0.dur { other } else { best });
        found.push(LongTask {
            at_ms: (task.ts - origin) / 1e3,
            ms: task.dur / 1e3,
            url: longest.map(|(_, url)| url.clone()),
        });
    }
    found.order_by(|a, b| b.ms.total_cmp(&a.ms));
    run.long_tasks = LongTasks {
        count: found.len() as u64,
        total_ms: found.iter().fold(0.0, |sum, task| sum + task.ms),
        longest_ms: found.first().map_or(0.0, |task| task.ms),
        items: found.into_iter().take(20).collect(),
    };
}

/// Time of scripts by address; a call within a call counts once.
fn scripts(run: &mut WebRun, kept: &mut Kept) {
    kept.scripts.order_by(|a, b| a.0.ts.total_cmp(&b.0.ts));
    let mut by_url: BTreeMap<&str, f64> = BTreeMap::new();
    let mut end = f64::NEG_INFINITY;
    for (task, url) in &kept.scripts {
        if task.ts < end || url.is_empty() {
            continue;
        }
        end = task.ts + task.dur;
        *by_url.entry(url).or_default() += task.dur / 1e3;
    }
    let mut found: Vec<Culprit> = by_url
        .into_iter()
        .map(|(url, ms)| Culprit {
            kind: CulpritKind::Script,
            audit: String::new(),
            what: url.to_owned(),
            ms: Some(ms),
            bytes: None,
            saving_ms: None,
            saving_bytes: None,
            cache_s: None,
        })
        .collect();
    found.order_by(|a, b| b.ms.unwrap_or(0.0).total_cmp(&a.ms.unwrap_or(0.0)));
    found.truncate(10);
    run.culprits = found;
}

/// Interactions of the page's process: the slowest, or the 98th percentile from 50 on.
fn interactions(run: &mut WebRun, kept: &Kept, pid: i64) {
    let mut found: Vec<Interaction> =
        kept.inputs.iter().filter(|((process, _), _)| *process == pid).map(|(_, input)| input.clone()).collect();
    found.order_by(|a, b| b.ms.total_cmp(&a.ms));
    let slow = found.get(found.len() / 50).map(|input| input.ms);
    run.add(WebMetric::Inp, slow, Basis::Observed);
    found.truncate(50);
    run.interactions = found;
}

fn collections(run: &mut WebRun, kept: &Kept, thread: Thread, origin: f64) {
    let mut found: Vec<&Task> =
        kept.collections.iter().filter(|task| task.thread == thread && task.ts >= origin).collect();
    found.order_by(|a, b| a.ts.total_cmp(&b.ts));
    let mut worst = 0.0_f64;
    let mut sum = 0.0;
    let mut oldest = 0;
    for task in &found {
        sum += task.dur;
        while let Some(first) = found.get(oldest).filter(|first| task.ts + task.dur - first.ts > 1e6) {
            if oldest + 1 >= found.len() || std::ptr::eq(*first, *task) {
                break;
            }
            sum -= first.dur;
            oldest += 1;
        }
        worst = worst.max(sum);
    }
    run.collections = Collections {
        count: found.len() as u64,
        total_ms: found.iter().fold(0.0, |sum, task| sum + task.dur) / 1e3,
        worst_second_ms: worst / 1e3,
    };
}

fn series(run: &mut WebRun, kept: Kept, pid: i64, origin: f64) {
    for (_, mut series) in kept.counters.into_iter().filter(|(process, _)| *process == pid) {
        series.points.order_by(|a, b| a.0.total_cmp(&b.0));
        let step = series.points.len().div_ceil(POINTS).max(1);
        let points = series.points.iter().step_by(step).map(|(ts, value)| ((ts - origin) / 1e3, *value));
        run.series.push(Series { name: series.name, points: points.collect() });
    }
}
