//! The left column: search and facets. Every count says what a click would show.

use crate::platform::dom;
use crate::state::filter::{Facet, Filter, Sort};
use crate::state::index::Filtered;
use crate::state::store::{Loaded, Store};
use crate::state::verdict::grouped;
use crate::widgets::button::{button, button_unless};
use crate::widgets::icon::{Icon, icon};
use crate::widgets::severity::shape;
use crate::words;
use drydock_core::order::InOrder as _;
use drydock_core::report::model::Severity;
use leptos::prelude::*;
use std::cmp::Reverse;
use std::sync::Arc;

/// Values of a facet that are shown at first, where they depend on the report.
const FIRST: usize = 6;
/// And when asked for more.
const MOST: usize = 60;

/// Width below which the facets fold into a line over the list, as findings.css has it.
const FOLD_BELOW: u32 = 1081;

/// Whether the facets are a fold that opens, not a column.
#[must_use]
pub fn folded() -> bool {
    dom::narrower_than(FOLD_BELOW)
}

/// The column.
pub fn facets(store: Store, loaded: &Arc<Loaded>) -> AnyView {
    let all = loaded.index.run(&Filter::default(), Sort::Priority);
    let facets = Facet::ALL.into_iter().map(|one| facet(store, loaded, &all, one)).collect_view();
    view! {
        <aside class="facets" aria-label=words::FILTERS>
            <details class="facets-fold" open=!folded()>
                <summary id="facets">{icon(Icon::Filter)}{words::FILTERS}</summary>
                <div class="facets-body">
                    {facets}
                    {button_unless(move || store.filter.with(Filter::is_empty), "button clear", "", words::CLEAR_FILTERS, move || store.filter.set(Filter::default()))}
                </div>
            </details>
        </aside>
    }
    .into_any()
}

/// A facet, unless it tells nothing apart.
fn facet(store: Store, loaded: &Arc<Loaded>, all: &Filtered, facet: Facet) -> AnyView {
    let mut order: Vec<usize> = (0..loaded.index.values(facet).len()).collect();
    if facet.fixed().is_empty() {
        order.retain(|at| all.count(facet, *at) > 0);
        order.order_by_key(|at| Reverse(all.count(facet, *at)));
        if order.len() < 2 {
            return ().into_any();
        }
    } else if facet == Facet::Baseline && loaded.report.comparison.is_none() {
        return ().into_any();
    }
    let length = order.len();
    let first = if facet.fixed().is_empty() && length > FIRST + 1 { FIRST } else { length };
    let rest = order.split_off(first);
    let more = RwSignal::new(false);
    let shown = Arc::clone(loaded);
    let others = move || {
        if !more.get() {
            let of = format!(": {}", words::facet(facet));
            return view! {
                {button("text-button facet-more", "", view! { {format!("{} more", rest.len())}<span class="sr-only">{of}</span> }, move || more.set(true))}
            }
            .into_any();
        }
        let beyond = rest.len().saturating_sub(MOST);
        let note = (beyond > 0)
            .then(|| view! { <p class="dim facet-more">{format!("{beyond} more: search for their name")}</p> });
        let rows = rest.iter().take(MOST).map(|at| choice(store, &shown, facet, *at)).collect_view();
        view! { {rows}{note} }.into_any()
    };
    let rows = order.into_iter().map(|at| choice(store, loaded, facet, at)).collect_view();
    view! {
        <fieldset class="facet">
            <legend>{words::facet(facet)}</legend>
            {rows}
            {(first < length).then_some(others)}
        </fieldset>
    }
    .into_any()
}

fn choice(store: Store, loaded: &Loaded, facet: Facet, at: usize) -> AnyView {
    let value = loaded.index.values(facet).get(at).cloned().unwrap_or_default();
    let name = words::facet_value(facet, &value);
    let sign = (facet == Facet::Severity).then(|| Severity::ALL.get(at).copied().map(shape));
    let id = (facet == Facet::Severity && at == 0).then_some("facet-first");
    let toggled = value.clone();
    let chosen = Signal::derive(move || store.filter.with(|filter| filter.has(facet, &value)));
    let number = Memo::new(move |_| store.filtered.with(|filtered| filtered.count(facet, at)));
    view! {
        <label class="choice" class:choice-empty=move || number.get() == 0 && !chosen.get()>
            <input
                type="checkbox"
                id=id
                prop:checked=move || chosen.get()
                on:change=move |_| store.filter.update(|filter| filter.toggle(facet, &toggled))
            />
            {sign}
            <span class="choice-name" title=name.clone()>{name.clone()}</span>
            <span class="num dim">{move || grouped(number.get().into())}</span>
        </label>
    }
    .into_any()
}
