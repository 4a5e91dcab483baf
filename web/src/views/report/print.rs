//! Paper: the report as markup is drawn only while the browser prints, as the list on screen holds few findings.

use crate::platform::{dom, time};
use crate::state::print;
use crate::state::store::{Loaded, Phase, Store};
use leptos::prelude::*;

/// Draws the report while the browser prints, however that was asked for.
pub fn listen(store: Store) {
    let before = window_event_listener(leptos::ev::beforeprint, move |_| {
        if store.phase.get_untracked() == Phase::Done && store.printing.get_untracked().is_none() {
            store.printing.set(Some(true));
        }
    });
    let after = window_event_listener(leptos::ev::afterprint, move |_| store.printing.set(None));
    on_cleanup(move || {
        before.remove();
        after.remove();
    });
}

/// Prints all findings, or the summary.
pub fn print(store: Store, all: bool) {
    store.printing.set(Some(all));
    time::after(0, dom::print);
}

/// The pages.
pub fn pages(store: Store, loaded: &Loaded) -> AnyView {
    let html = print::pages(&loaded.report, store.printing.get_untracked() == Some(true));
    view! { <article class="print prose" inner_html=html></article> }.into_any()
}
