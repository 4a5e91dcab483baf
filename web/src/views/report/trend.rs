//! Scores over time: a chart with its words and its table, and whether this browser keeps them.

use crate::platform::dom;
use crate::state::store::{SourceState, Store};
use crate::state::trend::{changes, height, keep, points, runs, sentence};
use crate::state::verdict::tenths;
use crate::widgets::table::table;
use crate::words;
use drydock_core::report::logged::LoggedRun;
use drydock_core::report::model::{RESULTS_LOG, Report};
use leptos::prelude::*;
use std::sync::Arc;

const KEY: &str = "drydock.history";

/// Keeps the score of a finished audit, when the reader wants that.
pub fn remember(report: &Report) {
    if let Some(kept) = dom::stored(KEY) {
        dom::store(KEY, Some(&keep(&kept, report)));
    }
}

/// The section of the summary.
pub fn section(store: Store) -> AnyView {
    store.want_source(RESULTS_LOG);
    let keeps = RwSignal::new(dom::stored(KEY).is_some());
    let shown = move || {
        let log = store.log.get().or_else(|| {
            store.sources.with(|sources| match sources.get(RESULTS_LOG) {
                Some(SourceState::Ready(code)) => Some(code.text().to_owned()),
                _ => None,
            })
        });
        let kept = keeps.get().then(|| dom::stored(KEY)).flatten();
        let loaded = store.report.get()?;
        // The last one kept is this run.
        let runs = runs(log.as_deref(), kept.as_deref(), Some(&loaded.report));
        Some(if runs.len() > 1 {
            chart(&runs)
        } else {
            view! { <p class="dim measure">{words::TREND_FIRST}</p> }.into_any()
        })
    };
    view! {
        <section class="block trend" aria-labelledby="trend">
            <h2 id="trend" tabindex="-1">{words::TREND}</h2>
            {shown}
            <label class="check-label">
                <input
                    type="checkbox"
                    id="keep-history"
                    prop:checked=move || keeps.get()
                    on:change=move |event| {
                        let on = event_target_checked(&event);
                        dom::store(KEY, on.then_some(""));
                        if on && let Some(loaded) = store.report.get_untracked() {
                            remember(&loaded.report);
                        }
                        keeps.set(on);
                    }
                />
                {words::TREND_KEEP}
            </label>
            <p class="dim trend-note">{words::TREND_KEPT}</p>
        </section>
    }
    .into_any()
}

/// The chart of a log that was opened without a project.
pub fn of_log(log: &str) -> AnyView {
    let runs = runs(Some(log), None, None);
    if runs.is_empty() {
        return view! { <p>{words::TREND_NONE}</p> }.into_any();
    }
    chart(&runs)
}

/// Thousandths as percent.
fn percent(value: u32) -> String {
    format!("{}.{}%", value / 10, value % 10)
}

fn chart(runs: &[LoggedRun]) -> AnyView {
    let places: Arc<[(u32, u32)]> = points(runs).into();
    let scale = [100, 80, 60, 40, 0].map(|score| {
        let at = percent(height(score));
        view! {
            <line class="trend-rule" x1="4%" x2="100%" y1=at.clone() y2=at.clone() />
            <text x="0" y=at dy="4">{score / 10}</text>
        }
    });
    let lines = places.iter().zip(places.iter().skip(1)).map(|(from, to)| {
        view! { <line class="trend-line" x1=percent(from.0) y1=percent(from.1) x2=percent(to.0) y2=percent(to.1) /> }
    });
    let dots = places.iter().map(|(x, y)| view! { <circle class="trend-dot" cx=percent(*x) cy=percent(*y) r="4" /> });
    let last = runs.last().zip(places.last()).map(|(run, (x, y))| {
        // Away from the line that comes from the run before.
        let falls = runs.iter().rev().nth(1).is_some_and(|before| before.score_tenths > run.score_tenths);
        let below = run.score_tenths > 92 || falls && run.score_tenths > 15;
        view! {
            <text class="trend-last" x=percent(*x) y=percent(*y) dy=if below { "20" } else { "-10" } text-anchor="end">
                {tenths(run.score_tenths)}
            </text>
        }
    });
    let rows = runs
        .iter()
        .zip(changes(runs))
        .rev()
        .map(|(run, change)| {
            let (change, word) = change.unwrap_or_default();
            view! {
                <tr>
                    <td class="num">{run.date.clone()}</td>
                    <td class="num">{tenths(run.score_tenths)}</td>
                    <td class="num">{change}</td>
                    <td>{word}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    view! {
        <svg class="trend-chart" role="img" aria-label=sentence(runs)>
            {scale.into_iter().collect_view()}
            {lines.collect_view()}
            {dots.collect_view()}
            {last}
        </svg>
        <p class="trend-dates num dim" aria-hidden="true">
            <span>{runs.first().map(|run| run.date.clone())}</span>
            <span>{runs.last().map(|run| run.date.clone())}</span>
        </p>
        <details class="fold">
            <summary><span class="fold-title">{words::TREND_TABLE}</span><span class="num dim">{runs.len()}</span></summary>
            {table(&[words::DATE, words::SCORE, words::CHANGE, words::RESULT], words::TREND, rows)}
        </details>
    }
    .into_any()
}
