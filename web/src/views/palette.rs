//! The command palette: one field that leads anywhere.

use super::report::print;
use crate::platform::dom;
use crate::protocol::Purpose;
use crate::state::palette::{Action, Choice, choices};
use crate::state::place::Tab;
use crate::state::store::{Dialog, Store};
use crate::views::topbar;
use crate::widgets::inline::inline;
use crate::words;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use std::sync::Arc;

/// Inside of the dialog.
pub fn palette(store: Store) -> AnyView {
    let text = RwSignal::new(String::new());
    let at = RwSignal::new(0_usize);
    let shown: Memo<Arc<Vec<Choice>>> = Memo::new(move |_| {
        let loaded = store.report.get();
        let found = loaded.map(|loaded| choices(&loaded.report, &loaded.index, &text.get()));
        Arc::new(found.unwrap_or_default())
    });
    let on_key = move |event: KeyboardEvent| {
        let last = shown.with_untracked(|shown| shown.len()).saturating_sub(1);
        let now = at.get_untracked();
        match event.key().as_str() {
            "ArrowDown" => at.set(if now >= last { 0 } else { now + 1 }),
            "ArrowUp" => at.set(if now == 0 { last } else { now - 1 }),
            "Enter" => {
                if let Some(choice) = shown.with_untracked(|shown| shown.get(now).cloned()) {
                    run(store, choice.action);
                }
            }
            _ => return,
        }
        event.prevent_default();
        dom::reveal(&format!("choice-{}", at.get_untracked()));
    };
    let options = move || {
        let shown = shown.get();
        shown.iter().cloned().enumerate().map(|(number, choice)| option(store, at, number, choice)).collect_view()
    };
    view! {
        <input
            class="input"
            id="palette"
            type="text"
            role="combobox"
            autofocus
            autocomplete="off"
            spellcheck="false"
            aria-label=words::PALETTE_FIELD
            placeholder=words::PALETTE_FIELD
            aria-expanded="true"
            aria-controls="palette-list"
            aria-activedescendant=move || format!("choice-{}", at.get())
            // The element may be that of a palette which was closed a moment ago.
            prop:value=move || text.get()
            on:keydown=on_key
            on:input=move |event| {
                at.set(0);
                text.set(event_target_value(&event));
            }
        />
        <ul class="palette" id="palette-list" role="listbox" tabindex="-1" aria-label=words::PALETTE_TITLE>{options}</ul>
        <p class="dim" role="status">{move || shown.with(|shown| shown.is_empty()).then_some(words::PALETTE_NONE)}</p>
    }
    .into_any()
}

fn option(store: Store, at: RwSignal<usize>, number: usize, choice: Choice) -> AnyView {
    let action = choice.action;
    view! {
        <li
            role="option"
            id=format!("choice-{number}")
            aria-selected=move || (at.get() == number).to_string()
            on:click=move |_| run(store, action.clone())
        >
            <span class="dim">{choice.kind}</span>
            <span class="break">{inline(&choice.name)}</span>
        </li>
    }
    .into_any()
}

/// Closes the palette, then does what was chosen: the focus that it gives back comes first.
fn run(store: Store, action: Action) {
    store.dialog.set(None);
    request_animation_frame(move || match action {
        Action::Tab(tab) => {
            store.tab.set(tab);
            dom::focus_soon(format!("tab-{}", tab.slug()));
        }
        Action::Save(format) => store.ask(|host| host.export(format, Purpose::Save)),
        Action::Filter(filter) => store.follow(crate::state::verdict::Target::Findings(filter)),
        Action::Group(grouping) => {
            store.group_by(grouping);
            store.tab.set(Tab::Findings);
            dom::focus_soon("group-by");
        }
        Action::Finding(position) => {
            store.open_finding(position);
            dom::focus_soon("detail-title");
        }
        Action::File(path) => store.open_file(&path, 1),
        Action::Print(all) => print::print(store, all),
        Action::Keys => store.dialog.set(Some(Dialog::Keys)),
        Action::Theme => drop(topbar::next_theme(store, 1)),
        Action::New => store.close(),
    });
}
