//! What opens over the page: keys, the network lock, leaving, replacing a report.

use crate::platform::boot::LockState;
use crate::platform::dom;
use crate::state::store::{Dialog, Host, Store};
use crate::widgets::dialog::Modal;
use crate::widgets::icon::{Icon, icon};
use crate::words;
use leptos::prelude::*;

const LETTERS_KEY: &str = "drydock.letters";

/// The modal for `dialog`.
pub fn dialog(store: Store, dialog: Dialog) -> AnyView {
    let on_close = Callback::new(move |()| store.dialog.set(None));
    match dialog {
        Dialog::Keys => view! {
            <Modal id="dialog-keys" title=words::KEYS_TITLE on_close=on_close>{keys(store)}</Modal>
        }
        .into_any(),
        Dialog::Lock => view! {
            <Modal id="dialog-lock" title=words::LOCK_TITLE on_close=on_close>{lock(store)}</Modal>
        }
        .into_any(),
        Dialog::Leave(url) => view! {
            <Modal id="dialog-leave" title=words::LEAVE_TITLE on_close=on_close>{leave(url)}</Modal>
        }
        .into_any(),
        Dialog::Replace(name) => view! {
            <Modal id="dialog-replace" title=words::REPLACE_TITLE on_close=on_close>{replace(store, name)}</Modal>
        }
        .into_any(),
    }
}

/// Reads the stored choice about single-letter keys.
pub fn load_letters(store: Store) {
    store.letters.set(dom::stored(LETTERS_KEY).as_deref() != Some("off"));
}

fn keys(store: Store) -> AnyView {
    let rows = words::KEYS
        .into_iter()
        .map(|(keys, what)| {
            let caps = keys
                .iter()
                .map(|key| if *key == "\u{2013}" { (*key).into_any() } else { view! { <kbd>{*key}</kbd> }.into_any() })
                .collect_view();
            view! { <dt>{caps}</dt><dd>{what}</dd> }
        })
        .collect_view();
    view! {
        <dl class="keys">{rows}</dl>
        <label class="check-label">
            <input
                type="checkbox"
                prop:checked=move || store.letters.get()
                on:change=move |event| {
                    let on = event_target_checked(&event);
                    store.letters.set(on);
                    dom::store(LETTERS_KEY, (!on).then_some("off"));
                }
            />
            {words::KEYS_SWITCH}
        </label>
    }
    .into_any()
}

fn lock(store: Store) -> AnyView {
    let body = move || {
        store.boot.with(|boot| match &boot.lock {
            LockState::Pending => view! { <p>{words::LOCK_PENDING}</p> }.into_any(),
            LockState::Testing => view! { <p>{words::LOCK_TESTING}</p> }.into_any(),
            LockState::Tested { channels, policy, .. } => {
                let rows = channels
                    .iter()
                    .map(|channel| {
                        let (sev, word, glyph) = if channel.blocked {
                            ("pass", words::BLOCKED, Icon::Check)
                        } else {
                            ("critical", words::NOT_BLOCKED, Icon::Warning)
                        };
                        view! {
                            <li title=channel.detail.clone()>
                                <span class="mono">{channel.name.clone()}</span>
                                <span class="sev" data-sev=sev>{icon(glyph)}{word}</span>
                            </li>
                        }
                    })
                    .collect_view();
                view! {
                    <ul class="channels">{rows}</ul>
                    <details>
                        <summary>{words::LOCK_POLICY}</summary>
                        <pre class="policy" tabindex="0">{policy.clone()}</pre>
                    </details>
                }
                .into_any()
            }
        })
    };
    view! {
        <p>{words::LOCK_HOW}</p>
        {body}
        <p>{words::LOCK_PROVE}</p>
        <p class="dim">{words::LOCK_LIMITS}</p>
    }
    .into_any()
}

fn leave(url: String) -> AnyView {
    let target = url.clone();
    view! {
        <p class="mono break">{url}</p>
        <p class="dim">{words::LEAVE_NOTE}</p>
        <div class="dialog-actions">
            <button type="button" class="button" on:click=move |_| dom::close_dialog("dialog-leave")>
                {words::CANCEL}
            </button>
            <button type="button" class="button button-primary" on:click=move |_| {
                dom::open_tab(&target);
                dom::close_dialog("dialog-leave");
            }>{words::OPEN_PAGE}</button>
        </div>
    }
    .into_any()
}

fn replace(store: Store, name: String) -> AnyView {
    view! {
        <p><strong>{name}</strong></p>
        <p class="dim">{words::REPLACE_NOTE}</p>
        <div class="dialog-actions">
            <button type="button" class="button" on:click=move |_| dom::close_dialog("dialog-replace")>
                {words::KEEP_REPORT}
            </button>
            <button type="button" class="button button-primary" on:click=move |_| {
                store.dialog.set(None);
                store.ask(Host::accept_pending);
            }>{words::START_NEW}</button>
        </div>
    }
    .into_any()
}
