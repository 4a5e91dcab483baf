//! The left column: search and facets. Every count says what a click would show.

use crate::platform::dom;
use crate::state::filter::{CONFIDENCES, Choices, EFFORTS, Filter, VERDICTS};
use crate::state::index::FacetCounts;
use crate::state::markdown::severity_title;
use crate::state::store::{Loaded, Store};
use crate::state::verdict::grouped;
use crate::widgets::icon::{Icon, icon};
use crate::widgets::severity::shape;
use crate::words;
use drydock_core::checks;
use drydock_core::report::model::{Category, Severity};
use leptos::prelude::*;
use std::sync::Arc;

type Pick = fn(&mut Filter) -> &mut Choices;
type Counts = fn(&FacetCounts) -> &[u32];

/// Width below which the facets fold into a line over the list, as findings.css has it.
const FOLD_BELOW: u32 = 1081;

/// Whether the facets are a fold that opens, not a column.
#[must_use]
pub fn folded() -> bool {
    dom::narrower_than(FOLD_BELOW)
}

/// The column.
pub fn facets(store: Store, loaded: &Arc<Loaded>) -> AnyView {
    let severities: Vec<(AnyView, &'static str)> =
        Severity::ALL.into_iter().map(|one| (shape(one), severity_title(one))).collect();
    let plain = |names: Vec<&'static str>| names.into_iter().map(|name| (().into_any(), name)).collect::<Vec<_>>();
    let categories = plain(Category::ALL.into_iter().map(Category::title).collect());
    let confidences = plain(CONFIDENCES.into_iter().map(|one| words::confidence(one).0).collect());
    let efforts = plain(EFFORTS.into_iter().map(|one| words::effort(one).1).collect());
    let verdicts = plain(VERDICTS.into_iter().map(words::verdict).collect());
    let active = move || store.filter.with(|filter| !filter.is_empty());
    view! {
        <aside class="facets" aria-label=words::FILTERS>
            <details class="facets-fold" open=!folded()>
                <summary id="facets">{icon(Icon::Filter)}{words::FILTERS}</summary>
                <div class="facets-body">
                    {facet(store, words::FACET_SEVERITY, severities, |filter| &mut filter.severity, |counts| &counts.severity)}
                    {facet(store, words::FACET_CATEGORY, categories, |filter| &mut filter.category, |counts| &counts.category)}
                    {check_facet(store, loaded)}
                    {facet(store, words::FACET_VERDICT, verdicts, |filter| &mut filter.verdict, |counts| &counts.verdict)}
                    {loaded.report.comparison.is_some().then(|| {
                        let states = plain(vec![words::NEW, words::STILL_THERE, words::MOVED]);
                        facet(store, words::FACET_BASELINE, states, |filter| &mut filter.baseline, |counts| &counts.baseline)
                    })}
                    {facet(store, words::FACET_CONFIDENCE, confidences, |filter| &mut filter.confidence, |counts| &counts.confidence)}
                    {facet(store, words::FACET_EFFORT, efforts, |filter| &mut filter.effort, |counts| &counts.effort)}
                    <button
                        type="button"
                        class="button clear"
                        disabled=move || !active()
                        on:click=move |_| store.filter.set(Filter::default())
                    >
                        {words::CLEAR_FILTERS}
                    </button>
                </div>
            </details>
        </aside>
    }
    .into_any()
}

fn facet(
    store: Store,
    title: &'static str,
    items: Vec<(AnyView, &'static str)>,
    pick: Pick,
    counts: Counts,
) -> AnyView {
    let rows = items
        .into_iter()
        .enumerate()
        .map(|(at, (sign, name))| {
            let chosen = move || store.filter.with(|filter| pick(&mut filter.clone()).has(at));
            let number = Memo::new(move |_| {
                store.filtered.with(|filtered| counts(&filtered.counts).get(at).copied().unwrap_or(0))
            });
            choice(
                (title == words::FACET_SEVERITY && at == 0).then_some("facet-first"),
                sign,
                name.to_owned(),
                Signal::derive(chosen),
                number,
                Callback::new(move |()| {
                    store.filter.update(|filter| pick(filter).toggle(at));
                }),
            )
        })
        .collect_view();
    view! { <fieldset class="facet"><legend>{title}</legend>{rows}</fieldset> }.into_any()
}

fn check_facet(store: Store, loaded: &Arc<Loaded>) -> AnyView {
    let rows = loaded
        .index
        .checks()
        .iter()
        .enumerate()
        .filter(|(_, id)| loaded.report.findings.iter().any(|finding| finding.check == **id))
        .map(|(at, id)| {
            let name = checks::find(id).map_or_else(|| id.clone(), |check| check.title.to_owned());
            let (asked, toggled) = (id.clone(), id.clone());
            let chosen = move || store.filter.with(|filter| filter.checks.contains(&asked));
            let number = Memo::new(move |_| {
                store.filtered.with(|filtered| filtered.counts.checks.get(at).copied().unwrap_or(0))
            });
            choice(
                None,
                ().into_any(),
                name,
                Signal::derive(chosen),
                number,
                Callback::new(move |()| {
                    store.filter.update(|filter| {
                        if !filter.checks.remove(&toggled) {
                            filter.checks.insert(toggled.clone());
                        }
                    });
                }),
            )
        })
        .collect_view();
    view! { <fieldset class="facet"><legend>{words::FACET_CHECK}</legend>{rows}</fieldset> }.into_any()
}

fn choice(
    id: Option<&'static str>,
    sign: AnyView,
    name: String,
    chosen: Signal<bool>,
    number: Memo<u32>,
    toggle: Callback<()>,
) -> AnyView {
    view! {
        <label class="choice" class:choice-empty=move || number.get() == 0 && !chosen.get()>
            <input type="checkbox" id=id prop:checked=move || chosen.get() on:change=move |_| toggle.run(()) />
            {sign}
            <span class="choice-name">{name}</span>
            <span class="num dim">{move || grouped(number.get().into())}</span>
        </label>
    }
    .into_any()
}
