//! While an audit runs: one bar with the phases, four lanes, what was found so far.

use crate::platform::boot::EngineState;
use crate::protocol::{DotState, LaneProgress, LaneState, Overall, Phase as Step};
use crate::state::files::size;
use crate::state::lanes::percent;
use crate::state::store::{Host, Phase, Store};
use crate::state::verdict::{count, grouped};
use crate::widgets::button::button;
use crate::widgets::severity::{shape, tally};
use crate::words;
use drydock_core::checks;
use drydock_core::report::model::Category;
use leptos::prelude::*;

const PREVIEWS: usize = 50;

/// The screen.
pub fn progress(store: Store) -> AnyView {
    let done = Memo::new(move |_| store.overall.with(percent));
    let step = move || match store.phase.get() {
        Phase::Running(step) => step,
        _ => Step::Unpack,
    };
    let lanes = Category::ALL
        .into_iter()
        .zip(store.lanes)
        .map(|(category, signal)| lane(store, category, signal))
        .collect_view();
    view! {
        <div class="progress-page">
            <div class="progress-head">
                <h1>{move || format!("{} {}", words::AUDITING, store.project.get())}</h1>
                {button("button", "cancel", words::CANCEL, move || store.ask(Host::cancel))}
            </div>
            <div
                class="progress-track"
                role="progressbar"
                aria-label=words::AUDITING
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=move || done.get().to_string()
                aria-valuetext=move || format!("{}%, {}", done.get(), step().title())
            >
                <div class="progress-fill" style:transform=move || left_out(done.get())></div>
            </div>
            <div class="progress-line">
                <ol class="phases">
                    {Step::ALL
                        .into_iter()
                        .map(|one| {
                            let state = move || match step().cmp(&one) {
                                std::cmp::Ordering::Greater => "done",
                                std::cmp::Ordering::Equal => "now",
                                std::cmp::Ordering::Less => "later",
                            };
                            view! {
                                <li data-state=state aria-current=move || (state() == "now").then_some("step")>
                                    {one.title()}
                                </li>
                            }
                        })
                        .collect_view()}
                </ol>
                <p class="num dim">{move || store.overall.with(figures)}</p>
            </div>
            <p class="progress-plan dim">{move || engine_wait(store).or_else(|| store.plan.with(|plan| plan.as_ref().map(|plan| {
                let languages: Vec<String> = plan
                    .languages
                    .iter()
                    .take(4)
                    .map(|(name, number)| format!("{name} {}", grouped((*number).into())))
                    .collect();
                format!(
                    "{} to read, {} skipped. {}",
                    count(plan.files as usize, "file", "files"),
                    grouped(plan.skipped.into()),
                    languages.join(", ")
                )
            })))}</p>
            <h2 class="sr-only">{words::LANES}</h2>
            <div class="lanes">{lanes}</div>
            {previews(store)}
        </div>
    }
    .into_any()
}

/// Moves the fill of a bar out by what is left to do.
fn left_out(percent: u32) -> String {
    format!("translateX(-{}%)", 100 - percent.min(100))
}

/// What the audit waits for when it was asked for before the engine had arrived.
fn engine_wait(store: Store) -> Option<String> {
    store.boot.with(|boot| match &boot.engine {
        EngineState::Loading { percent } => Some(format!("Engine loading {percent}%")),
        EngineState::Ready | EngineState::Failed { .. } => None,
    })
}

/// `43% – 57 MB/s – about 3 s left`.
fn figures(overall: &Overall) -> String {
    let mut parts = vec![format!("{}%", percent(overall))];
    if overall.files_total > 0 {
        parts.push(format!(
            "{} of {}",
            grouped(overall.files_done.into()),
            count(overall.files_total as usize, "file", "files")
        ));
    }
    if overall.elapsed_ms > 300 && overall.bytes_done > 0 && overall.files_done < overall.files_total {
        parts.push(format!("{}/s", size(overall.bytes_done * 1000 / u64::from(overall.elapsed_ms))));
    }
    parts.push(seconds(overall.elapsed_ms));
    if let Some(eta) = overall.eta_ms {
        parts.push(format!("about {} s left", eta.div_ceil(1000)));
    }
    parts.join(" \u{00b7} ")
}

fn seconds(ms: u32) -> String {
    if ms < 60_000 {
        format!("{}.{} s", ms / 1000, ms % 1000 / 100)
    } else {
        format!("{}:{:02}", ms / 60_000, ms / 1000 % 60)
    }
}

/// How long the lane has been at it; one that waits is at nothing.
fn lane_time(lane: &LaneProgress) -> Option<String> {
    let waits = matches!(lane.state, LaneState::Starting | LaneState::WaitingForIndex);
    (!waits).then(|| seconds(lane.elapsed_ms))
}

fn state_word(lane: &LaneProgress) -> &'static str {
    match lane.state {
        LaneState::Starting => "Starting",
        LaneState::Indexing => "Reading",
        LaneState::WaitingForIndex => "Waiting for the others",
        LaneState::Auditing => "Checking",
        LaneState::Done => "Done",
        LaneState::Failed(_) => "Failed",
        LaneState::Cancelled => "Cancelled",
    }
}

const fn state_slug(state: &LaneState) -> &'static str {
    match state {
        LaneState::Starting | LaneState::WaitingForIndex => "wait",
        LaneState::Indexing | LaneState::Auditing => "run",
        LaneState::Done => "done",
        LaneState::Failed(_) => "failed",
        LaneState::Cancelled => "cancelled",
    }
}

/// Share of a lane's work, 0 to 100: reading and checking count half each.
fn share(lane: &LaneProgress) -> u32 {
    let read = lane.files_done * 50 / lane.files_total.max(1);
    let ended = lane.checks.iter().filter(|dot| !matches!(dot.state, DotState::Waiting | DotState::Running)).count();
    let checked = u32::try_from(ended * 50 / lane.checks.len().max(1)).unwrap_or(0);
    match lane.state {
        LaneState::Starting => 0,
        LaneState::Indexing => read,
        LaneState::WaitingForIndex => 50,
        LaneState::Auditing => 50 + checked,
        LaneState::Done | LaneState::Failed(_) | LaneState::Cancelled => 100,
    }
}

fn lane(store: Store, category: Category, signal: RwSignal<LaneProgress>) -> AnyView {
    let text = move || {
        signal.with(|lane| {
            let found = lane.findings.total();
            format!("{}, {}", state_word(lane), count(found as usize, "finding", "findings"))
        })
    };
    let stalled = move || {
        store
            .stalled
            .with(|stalled| stalled.as_ref().filter(|(which, _)| *which == category).map(|(_, path)| path.clone()))
    };
    let failure = Memo::new(move |_| {
        signal.with(|lane| match &lane.state {
            LaneState::Failed(reason) => Some(reason.clone()),
            _ => None,
        })
    });
    view! {
        <section class="lane" data-state=move || signal.with(|lane| state_slug(&lane.state)) aria-labelledby=format!("lane-{}", category.slug())>
            <div class="lane-head">
                <h3 id=format!("lane-{}", category.slug())>{category.title()}</h3>
                <span class="lane-state">{move || signal.with(state_word)}</span>
                <span class="num dim lane-time">{move || signal.with(lane_time)}</span>
            </div>
            <div
                class="lane-track"
                role="progressbar"
                aria-label=category.title()
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=move || signal.with(share).to_string()
                aria-valuetext=text
            >
                <div class="progress-fill" style:transform=move || left_out(signal.with(share))></div>
            </div>
            <div class="lane-row">
                <ul class="dots" aria-label="Checks">{move || signal.with(dots)}</ul>
                <span class="num dim">{move || signal.with(|lane| (lane.files_total > 0).then(|| format!(
                    "{} / {} files", grouped(lane.files_done.into()), grouped(lane.files_total.into())
                )))}</span>
                <span class="lane-found">{move || signal.with(|lane| if lane.findings.total() == 0 {
                    view! { <span class="dim">{words::NO_FINDINGS_YET}</span> }.into_any()
                } else {
                    tally(lane.findings)
                })}</span>
            </div>
            <p class="lane-file mono dim">{move || signal.with(|lane| lane.current_file.as_deref().map(middle))}</p>
            {move || failure.get().map(|reason| view! {
                <div class="lane-problem" data-sev="critical">
                    <p>{reason}</p>
                    {button("button", "", words::RETRY, move || store.ask(|host| host.retry(category)))}
                </div>
            })}
            {move || stalled().map(|path| view! {
                <div class="lane-problem" data-sev="medium">
                    <p>"On one file for more than 10 seconds: "<span class="mono">{path}</span></p>
                    {button("button", "", words::SKIP_FILE, move || store.ask(|host| host.skip_file(category)))}
                </div>
            })}
        </section>
    }
    .into_any()
}

fn dots(lane: &LaneProgress) -> AnyView {
    lane.checks
        .iter()
        .map(|dot| {
            let (slug, word) = match dot.state {
                DotState::Waiting => ("waiting", "waiting"),
                DotState::Running => ("running", "running"),
                DotState::Passed => ("passed", "passed"),
                DotState::Found => ("found", "found something"),
                DotState::Skipped => ("skipped", "nothing to look at"),
                DotState::Failed => ("failed", "failed"),
            };
            let title = checks::find(&dot.check).map_or("", |check| check.title);
            let label = format!("{title}: {word}");
            let tip = label.clone();
            view! { <li class="dot" data-state=slug title=tip><span class="sr-only">{label}</span></li> }
        })
        .collect_view()
        .into_any()
}

/// A path with its middle left out, so that folder and name both stay.
fn middle(path: &str) -> String {
    const KEEP: usize = 56;
    let letters: Vec<char> = path.chars().collect();
    if letters.len() <= KEEP {
        return path.to_owned();
    }
    let head: String = letters.iter().take(16).collect();
    let tail: String = letters.iter().skip(letters.len() - (KEEP - 17)).collect();
    format!("{head}\u{2026}{tail}")
}

fn previews(store: Store) -> AnyView {
    view! {
        <section class="previews" aria-labelledby="previews-title">
            <h2 id="previews-title">
                {words::FOUND_SO_FAR}
                <span class="tab-count num">{move || grouped(store.previews.with(Vec::len) as u64)}</span>
            </h2>
            <p class="dim">{words::FOUND_NOTE}</p>
            <ul class="preview-list">
                {move || store.previews.with(|all| {
                    if all.is_empty() {
                        return view! { <li class="dim">{words::NOTHING_YET}</li> }.into_any();
                    }
                    all.iter()
                        .take(PREVIEWS)
                        .map(|finding| view! {
                            <li class="preview">
                                {shape(finding.severity)}
                                <span>{finding.title.clone()}</span>
                                <span class="mono dim preview-place">{format!("{}:{}", finding.path, finding.line)}</span>
                            </li>
                        })
                        .collect_view()
                        .into_any()
                })}
            </ul>
        </section>
    }
    .into_any()
}
