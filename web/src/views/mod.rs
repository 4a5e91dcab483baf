//! The screens. [`App`] chooses one by the store's phase and keeps what surrounds them: top bar,
//! dialogs, keys, live regions, the address.

pub mod dialogs;
pub mod editor;
pub mod failure;
pub mod findings;
pub mod keys;
pub mod landing;
pub mod palette;
pub mod performance;
pub mod progress;
pub mod report;
pub mod topbar;

use crate::platform::dom;
use crate::state::hash;
use crate::state::lanes::percent;
use crate::state::store::{Dialog, Phase, Store};
use crate::widgets::live::Live;
use crate::words;
use leptos::prelude::*;

/// The whole page, mounted into `#app`.
#[component]
pub fn App(
    /// The page's store.
    store: Store,
) -> impl IntoView {
    provide_context(store);
    keys::listen(store);
    report::print::listen(store);
    follow_address(store);
    editor::follow_project(store);
    keep_title(store);
    let screen = Memo::new(move |_| match store.phase.get() {
        Phase::Empty => 0_u8,
        Phase::Running(_) => 1,
        Phase::Done => 2,
        Phase::Failed(_) => 3,
    });
    Effect::new(move |before: Option<u8>| {
        let now = screen.get();
        if before.is_some_and(|before| before != now) {
            dom::page_top();
            dom::focus_soon("main");
        }
        now
    });
    view! {
        <div class="shell" class:shell-fixed=move || screen.get() == 2>
            <a class="skip-link" href="#main" on:click=move |event| {
                event.prevent_default();
                dom::focus("main");
            }>{words::SKIP_TO_CONTENT}</a>
            {topbar::topbar(store)}
            <main class="main" id="main" tabindex="-1">
                {move || match screen.get() {
                    1 => progress::progress(store),
                    2 => report::report(store),
                    3 => failure::failure(store),
                    _ => landing::landing(store),
                }}
            </main>
            {move || store.dialog.get().map(|dialog| dialogs::dialog(store, dialog))}
            <Live store=store />
        </div>
        {move || store.printing.get().and(store.report.get()).map(|loaded| report::print::pages(store, &loaded))}
    }
}

/// Keeps the address and the reader's place the same.
fn follow_address(store: Store) {
    Effect::new(move |before: Option<Option<crate::state::place::Tab>>| {
        if store.phase.get() != Phase::Done {
            if before.flatten().is_some() {
                dom::set_hash("", false);
            }
            return None;
        }
        if before.flatten().is_none() {
            // A report has just been opened: the address may already name a place in it.
            let address = dom::hash();
            if !address.is_empty() {
                untrack(|| store.go(hash::read(&address)));
            }
        }
        let place = store.place();
        let push = before.flatten().is_some_and(|tab| tab != place.tab);
        dom::set_hash(&hash::write(&place), push);
        Some(place.tab)
    });
    let moved = window_event_listener(leptos::ev::popstate, move |_| {
        if store.phase.get_untracked() == Phase::Done {
            store.go(hash::read(&dom::hash()));
        }
    });
    on_cleanup(move || moved.remove());
}

fn keep_title(store: Store) {
    Effect::new(move |_| {
        let project = store.project.get();
        let title = match store.phase.get() {
            Phase::Empty | Phase::Failed(_) => words::PRODUCT.to_owned(),
            Phase::Running(_) => {
                format!("{}% \u{2013} {}", store.overall.with(percent), words::PRODUCT)
            }
            Phase::Done => format!("{project} \u{2013} {}", words::PRODUCT),
        };
        dom::set_title(&title);
    });
}

/// A link that leaves the page: it asks first.
pub fn external(store: Store, url: &str, text: String) -> AnyView {
    let address = url.to_owned();
    let target = address.clone();
    view! {
        <a
            href=address
            target="_blank"
            rel="noopener noreferrer"
            class="external"
            on:click=move |event| {
                event.prevent_default();
                store.dialog.set(Some(Dialog::Leave(target.clone())));
            }
        >
            {crate::widgets::inline::inline(&text)}
            {crate::widgets::icon::icon(crate::widgets::icon::Icon::Leave)}
        </a>
    }
    .into_any()
}
