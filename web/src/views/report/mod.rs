//! The report: tab row with small gauges, and the chosen tab under it.

mod checks;
mod compare;
mod context;
mod export;
mod files;
pub mod print;
mod search;
mod summary;
mod treemap;
pub mod trend;

use crate::platform::dom;
use crate::state::place::Tab;
use crate::state::store::{Loaded, Store};
use crate::state::verdict::{self, grouped};
use crate::views::{findings, performance};
use crate::widgets::button::button;
use crate::widgets::gauge::{self, Reading, Size};
use crate::widgets::icon::{Icon, icon};
use crate::widgets::tabs::TabRow;
use crate::words;
use drydock_core::report::model::{Category, CategoryState};
use leptos::prelude::*;
use std::sync::Arc;

/// Scroll position at which the large gauges have left the screen.
const HERO_END: f64 = 180.0;

/// The screen.
pub fn report(store: Store) -> AnyView {
    (move || store.report.get().map(|loaded| loaded_report(store, loaded))).into_any()
}

fn loaded_report(store: Store, loaded: Arc<Loaded>) -> AnyView {
    let counts = Arc::clone(&loaded);
    let extra = Callback::new(move |tab: Tab| {
        let report = &counts.report;
        match tab {
            Tab::Findings => Some(grouped(report.findings.len() as u64)),
            Tab::Files => Some(grouped(report.coverage.files.len() as u64)),
            Tab::Checks => {
                let known = report.checks.iter().filter(|check| verdict::in_this_version(&check.check)).count();
                Some(grouped(known as u64))
            }
            Tab::Performance => report
                .performance
                .as_ref()
                .map(|measured| grouped(measured.sections.iter().map(|section| section.findings.len() as u64).sum())),
            Tab::Summary | Tab::Search | Tab::Compare | Tab::Context | Tab::Export => None,
        }
    });
    // Another tab begins at its top.
    Effect::new(move |before: Option<Tab>| {
        let now = store.tab.get();
        if before.is_some_and(|before| before != now) {
            dom::page_top();
        }
        now
    });
    let strips = strips(store, &loaded);
    let mini = mini_gauges(store, &loaded);
    view! {
        <div class="report">
            <div class="tabbar">
                <TabRow tab=store.tab extra=extra />
                {mini}
            </div>
            {strips}
            <div
                class="panel"
                id="panel"
                role="tabpanel"
                data-tab=move || store.tab.get().slug()
                aria-labelledby=move || format!("tab-{}", store.tab.get().slug())
            >
                {move || match store.tab.get() {
                    Tab::Summary => summary::summary(store, &loaded),
                    Tab::Findings => findings::findings(store, &loaded),
                    Tab::Files => files::files(store, &loaded),
                    Tab::Search => search::search(store, &loaded),
                    Tab::Compare => compare::compare(store, &loaded),
                    Tab::Performance => performance::performance(store, &loaded),
                    Tab::Checks => checks::checks(store, &loaded),
                    Tab::Context => context::context(store, &loaded),
                    Tab::Export => export::export(store, &loaded),
                }}
            </div>
        </div>
    }
    .into_any()
}

/// Short name of a category for the tab bar.
const fn short(category: Category) -> &'static str {
    match category {
        Category::QueryEfficiency => "Query",
        Category::TransactionCorrectness => "Transaction",
        Category::RuntimePerformance => "Runtime",
        Category::ResourceLifecycle => "Resource",
    }
}

/// Reading of the overall score.
fn overall_reading(loaded: &Loaded) -> Reading {
    let overall = &loaded.report.overall;
    match (overall.score_tenths, overall.band) {
        (Some(score), Some(band)) => Reading::Score(score, band),
        _ if loaded.report.categories.iter().any(|score| matches!(score.status, CategoryState::Error(_))) => {
            Reading::Error
        }
        _ => Reading::NotApplicable,
    }
}

fn mini_gauges(store: Store, loaded: &Loaded) -> AnyView {
    let one = |name: &'static str, reading: &Reading| {
        view! {
            <li class="mini" title=format!("{name}: {}", reading.band())>
                {gauge::ring(reading, Size::Small)}
                <span class="mini-name">{name}</span>
            </li>
        }
    };
    let all: Vec<_> =
        loaded.report.categories.iter().map(|score| one(short(score.category), &Reading::of(score))).collect();
    // On the summary the large gauges show the same until they are scrolled away.
    let scrolled = RwSignal::new(false);
    let handle = window_event_listener(leptos::ev::scroll, move |_| {
        let past = dom::page_scroll() > HERO_END;
        if scrolled.try_get_untracked().is_some_and(|before| before != past) {
            scrolled.set(past);
        }
    });
    on_cleanup(move || handle.remove());
    let away = move || store.tab.get() == Tab::Summary && !scrolled.get();
    view! {
        <ul class="minis" aria-label="Scores" class:minis-away=away>
            {one(words::OVERALL, &overall_reading(loaded))}
            {all}
        </ul>
    }
    .into_any()
}

/// Remarks over every tab: failed categories with a retry, a cut short run, a saved report.
fn strips(store: Store, loaded: &Loaded) -> AnyView {
    let failed: Vec<AnyView> = loaded
        .report
        .categories
        .iter()
        .filter_map(|score| match &score.status {
            CategoryState::Error(reason) => Some((score.category, reason.clone())),
            _ => None,
        })
        .map(|(category, reason)| {
            let text = format!("{}: {} failed ({reason}). The score leaves it out.", words::PARTIAL, category.title());
            let retry = (!loaded.saved).then(|| {
                view! {
                    {button("button", "", words::RETRY, move || store.ask(|host| host.retry(category)))}
                }
            });
            strip("medium", Icon::Warning, text, retry.into_any())
        })
        .collect();
    let cut = (loaded.partial && failed.is_empty())
        .then(|| strip("medium", Icon::Warning, format!("{}.", words::PARTIAL), ().into_any()));
    let notices: Vec<AnyView> = loaded
        .report
        .coverage
        .notices
        .iter()
        .map(|notice| strip("medium", Icon::Warning, notice.clone(), ().into_any()))
        .collect();
    let saved = loaded.saved.then(|| {
        let again = view! {
            {button("text-button", "", words::NO_SOURCE, move || store.ask(|host| host.choose_files(None)))}
        };
        strip("none", Icon::Code, words::SAVED_REPORT.to_owned(), again.into_any())
    });
    if failed.is_empty() && cut.is_none() && notices.is_empty() && saved.is_none() {
        return ().into_any();
    }
    view! { <div class="strips">{failed}{cut}{notices}{saved}</div> }.into_any()
}

/// A remark in a line of its own, with what can be done at its end.
pub fn strip(sev: &'static str, glyph: Icon, text: String, end: AnyView) -> AnyView {
    view! { <div class="strip" data-sev=sev>{icon(glyph)}<p>{text}</p>{end}</div> }.into_any()
}
