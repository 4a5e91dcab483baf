//! The bar on top: brand, project, lock and offline badges, theme, keys.

use crate::platform::boot::{LockState, OfflineState};
use crate::platform::dom;
use crate::state::store::{Dialog, Phase, Store};
use crate::widgets::button::button;
use crate::widgets::icon::{Icon, icon, mark};
use crate::words;
use leptos::prelude::*;

const THEMES: [(Option<&str>, Icon); 3] =
    [(None, Icon::System), (Some("light"), Icon::Light), (Some("dark"), Icon::Dark)];
const THEME_KEY: &str = "drydock.theme";

/// The bar.
pub fn topbar(store: Store) -> AnyView {
    let kept = dom::stored(THEME_KEY);
    store.theme.set(THEMES.iter().filter_map(|(theme, _)| *theme).find(|theme| Some(*theme) == kept.as_deref()));
    Effect::new(move |_| dom::set_theme(store.theme.get()));
    let done = move || store.phase.get() == Phase::Done;
    view! {
        <header class="topbar">
            <a class="brand" href="#" on:click=move |event| {
                event.prevent_default();
                if store.phase.get_untracked() == Phase::Done {
                    store.tab.set(crate::state::place::Tab::Summary);
                } else if matches!(store.phase.get_untracked(), Phase::Failed(_)) {
                    store.close();
                }
            }>
                {mark()}
                {words::PRODUCT}
            </a>
            {move || done().then(|| {
                let date = store.report.with_untracked(|report| {
                    report.as_ref().map(|loaded| loaded.report.date.clone()).unwrap_or_default()
                });
                view! {
                    <p class="topbar-title">
                        <strong>{store.project.get()}</strong>
                        <span class="dim num">{date}</span>
                    </p>
                }
            })}
            <div class="topbar-end">
                {move || done().then(|| view! {
                    {button("button new-audit", "", words::NEW_AUDIT, move || store.close())}
                })}
                {offline(store)}
                {lock_badge(store)}
                {theme_switch(store)}
                <button
                    type="button"
                    class="icon-button keys-button"
                    id="keys-button"
                    aria-label=words::KEYBOARD_HELP
                    title=words::KEYBOARD_HELP
                    on:click=move |_| store.dialog.set(Some(Dialog::Keys))
                >
                    {icon(Icon::Keys)}
                </button>
            </div>
        </header>
    }
    .into_any()
}

fn offline(store: Store) -> AnyView {
    (move || {
        store.boot.with(|boot| boot.offline == OfflineState::Ready).then(|| {
            view! {
                <span class="badge badge-offline" data-state="good">
                    {icon(Icon::Check)}
                    <span class="badge-text">{words::OFFLINE_READY}</span>
                </span>
            }
        })
    })
    .into_any()
}

/// The badge of the network lock; opens its panel.
pub fn lock_badge(store: Store) -> AnyView {
    let state = move || {
        store.boot.with(|boot| match &boot.lock {
            LockState::Pending => (words::LOCK_PENDING.to_owned(), "wait", Icon::Unlock),
            LockState::Testing => (words::LOCK_TESTING.to_owned(), "wait", Icon::Lock),
            lock @ LockState::Tested { at, .. } if lock.open_channels().is_empty() => {
                (format!("Network locked \u{2013} tested {at}"), "good", Icon::Lock)
            }
            LockState::Tested { .. } => (words::LOCK_OPEN.to_owned(), "bad", Icon::Unlock),
        })
    };
    view! {
        <button
            type="button"
            class="badge"
            id="lock-badge"
            data-state=move || state().1
            on:click=move |_| store.dialog.set(Some(Dialog::Lock))
        >
            {move || icon(state().2)}
            <span class="badge-text">{move || state().0}</span>
        </button>
    }
    .into_any()
}

fn theme_switch(store: Store) -> AnyView {
    let buttons = THEMES
        .into_iter()
        .zip(words::THEMES)
        .enumerate()
        .map(|(at, ((theme, glyph), name))| {
            let chosen = move || store.theme.get() == theme;
            view! {
                <button
                    type="button"
                    role="radio"
                    id=format!("theme-{at}")
                    aria-label=name
                    title=name
                    aria-checked=move || chosen().to_string()
                    tabindex=move || if chosen() { "0" } else { "-1" }
                    on:click=move |_| choose(store, theme)
                >
                    {icon(glyph)}
                </button>
            }
        })
        .collect_view();
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        let by = match event.key().as_str() {
            "ArrowRight" | "ArrowDown" => 1,
            "ArrowLeft" | "ArrowUp" => 2,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        dom::focus_soon(format!("theme-{}", next_theme(store, by)));
    };
    view! { <div class="segments theme" role="radiogroup" aria-label=words::THEME on:keydown=on_key>{buttons}</div> }
        .into_any()
}

fn choose(store: Store, theme: Option<&'static str>) {
    store.theme.set(theme);
    dom::store(THEME_KEY, theme);
}

/// Chooses the theme `by` further on; returns its position.
pub fn next_theme(store: Store, by: usize) -> usize {
    let now = store.theme.get_untracked();
    let at = THEMES.iter().position(|(theme, _)| *theme == now).unwrap_or(0);
    let next = (at + by) % THEMES.len();
    if let Some((theme, _)) = THEMES.get(next) {
        choose(store, *theme);
    }
    if let Some(name) = words::THEMES.get(next) {
        store.say((*name).to_owned());
    }
    next
}
