//! The findings tab: facets, list and detail side by side, or the source viewer in their place.

mod detail;
mod facets;
mod list;
pub mod source;

use crate::platform::dom;
use crate::state::place::Tab;
use crate::state::store::{Loaded, Store};
use leptos::prelude::*;
use std::sync::Arc;

pub use facets::folded as facets_folded;
pub use list::step_row;

/// The tab.
pub fn findings(store: Store, loaded: &Arc<Loaded>) -> AnyView {
    let in_source = Memo::new(move |_| store.step.get().is_some() && store.selected.get().is_some());
    let loaded = Arc::clone(loaded);
    (move || {
        if in_source.get() {
            source::source(store, &loaded)
        } else {
            view! {
                <div class="findings" class:findings-open=move || store.opened.get()>
                    <h1 class="sr-only">{crate::words::tab(Tab::Findings)}</h1>
                    {facets::facets(store, &loaded)}
                    {list::list(store, &loaded)}
                    {detail::pane(store, &loaded)}
                </div>
            }
            .into_any()
        }
    })
    .into_any()
}

/// Opens the source of the finding in hand at `step`.
pub fn open_source(store: Store, step: usize) {
    store.step.set(Some(step));
    dom::focus_soon(format!("step-{step}"));
}

/// One level back: source to finding, finding to list.
pub fn back(store: Store) {
    if let Some(step) = store.step.get_untracked() {
        store.step.set(None);
        store.opened.set(true);
        dom::focus_soon(format!("path-{step}"));
    } else {
        store.opened.set(false);
        if let Some(selected) = store.selected.get_untracked() {
            dom::focus_soon(format!("row-{selected}"));
        }
    }
}

/// Next or previous step of the path; opens the source viewer when it is not open yet.
pub fn step_path(store: Store, by: isize) {
    if store.tab.get_untracked() != Tab::Findings {
        return;
    }
    let steps = store
        .report
        .with_untracked(|report| {
            let finding = report.as_ref()?.finding(store.selected.get_untracked()?)?;
            Some(source::stops(finding).len())
        })
        .unwrap_or(0);
    if steps == 0 {
        return;
    }
    let next = match store.step.get_untracked() {
        None => 0,
        Some(now) => (isize::try_from(now).unwrap_or(0) + by).clamp(0, isize::try_from(steps).unwrap_or(1) - 1),
    };
    open_source(store, usize::try_from(next).unwrap_or(0));
}
