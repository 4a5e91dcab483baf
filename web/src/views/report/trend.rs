//! Scores over time: a chart with its words and its table, and whether this browser keeps them.

use crate::platform::dom;
use crate::state::store::{SourceState, Store};
use crate::state::trend::{chart, keep, runs};
use crate::words;
use drydock_core::report::model::{RESULTS_LOG, Report};
use leptos::prelude::*;

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
            view! { <div class="trend" inner_html=chart(&runs)></div> }.into_any()
        } else {
            view! { <p class="dim measure">{words::TREND_FIRST}</p> }.into_any()
        })
    };
    view! {
        <section class="block" aria-labelledby="trend">
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
    view! { <div class="trend" inner_html=chart(&runs)></div> }.into_any()
}
