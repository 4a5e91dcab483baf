//! What opens over the page: keys, the network lock, leaving, replacing a report.

use crate::platform::boot::LockState;
use crate::platform::dom;
use crate::protocol::{Dismissal, Failure};
use crate::state::html::Html;
use crate::state::store::{Dialog, Host, Role, Store};
use crate::views::editor;
use crate::views::palette::palette;
use crate::views::report::trend::of_log;
use crate::widgets::button::button;
use crate::widgets::dialog::Modal;
use crate::widgets::icon::{Icon, icon};
use crate::widgets::inline::inline;
use crate::words;
use leptos::prelude::*;

const LETTERS_KEY: &str = "drydock.letters";

/// The modal for `dialog`.
pub fn dialog(store: Store, dialog: Dialog) -> AnyView {
    let (id, title, body) = match dialog {
        Dialog::Keys => ("dialog-keys", words::KEYS_TITLE, keys(store)),
        Dialog::Lock => ("dialog-lock", words::LOCK_TITLE, lock(store)),
        Dialog::Leave(url) => ("dialog-leave", words::LEAVE_TITLE, leave(url)),
        Dialog::Replace(name, comparable) => ("dialog-replace", words::REPLACE_TITLE, replace(store, name, comparable)),
        Dialog::Pair(first, second) => ("dialog-pair", words::PAIR_TITLE, pair(store, [first, second])),
        Dialog::Versions => ("dialog-versions", words::PAIR_TITLE, versions(store)),
        Dialog::Preview(format, text, cut) => ("dialog-preview", format.file_name(), preview(&text, cut)),
        Dialog::Dismiss(position) => ("dialog-dismiss", words::DISMISS_TITLE, dismiss(store, position)),
        Dialog::Editor(spot) => ("dialog-editor", words::EDITOR_TITLE, editor::dialog(store, spot)),
        Dialog::Palette => ("dialog-palette", words::PALETTE_TITLE, palette(store)),
        Dialog::Log(text) => ("dialog-log", words::TREND, of_log(&text)),
        Dialog::Refused(failure) => ("dialog-refused", words::REFUSED_TITLE, refused(failure)),
    };
    let on_close = Callback::new(move |()| store.dialog.set(None));
    view! { <Modal id=id title=title on_close=on_close>{body}</Modal> }.into_any()
}

fn refused(failure: Failure) -> AnyView {
    let details =
        (!failure.details.is_empty()).then(|| view! { <pre class="policy" tabindex="0">{failure.details}</pre> });
    view! { <p><strong>{failure.title}</strong></p><p>{failure.why}" "{failure.action}</p>{details} }.into_any()
}

/// The two versions, each with a picker of its own; one picker may give both.
fn versions(store: Store) -> AnyView {
    let row = |side: usize, name: &'static str| {
        let chosen = move || store.versions.with(|names| names.get(side).cloned().flatten());
        view! {
            <div class="version">
                {button("button", format!("version-{side}"), name, move || {
                    store.ask(|host| host.choose_files(Some(Role::Version(side))));
                })}
                <span class="dim break">{move || chosen().unwrap_or_else(|| words::NOT_CHOSEN.to_owned())}</span>
            </div>
        }
        .into_any()
    };
    let missing = move || store.versions.with(|names| names.iter().any(Option::is_none));
    view! {
        <p class="dim">{words::VERSIONS_NOTE}</p>
        {row(0, words::VERSION_EARLIER)}
        {row(1, words::VERSION_LATER)}
        <div class="dialog-actions">
            <button type="button" class="button button-primary" id="compare-versions" disabled=missing on:click=move |_| {
                store.dialog.set(None);
                store.ask(Host::compare_versions);
            }>{words::COMPARE_DO}</button>
        </div>
    }
    .into_any()
}

/// Reads the stored choice about single-letter keys.
pub fn load_letters(store: Store) {
    store.letters.set(dom::stored(LETTERS_KEY).as_deref() != Some("off"));
}

fn keys(store: Store) -> AnyView {
    let mut rows = Html::default();
    for (keys, what) in words::KEYS {
        rows.raw("<dt>");
        for key in keys {
            let cap = *key != "\u{2013}";
            rows.raw(if cap { "<kbd>" } else { "" }).text(key).raw(if cap { "</kbd>" } else { "" });
        }
        rows.raw("</dt><dd>").text(what).raw("</dd>");
    }
    view! {
        <dl class="keys" inner_html=rows.done()></dl>
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
            {button("button", "", words::CANCEL, move || dom::close_dialog("dialog-leave"))}
            {button("button button-primary", "", words::OPEN_PAGE, move || {
                dom::open_tab(&target);
                dom::close_dialog("dialog-leave");
            })}
        </div>
    }
    .into_any()
}

fn replace(store: Store, name: String, comparable: bool) -> AnyView {
    let as_role = move |role: Role, name: &'static str, class: &'static str| {
        view! {
            <button type="button" class=class on:click=move |_| {
                store.dialog.set(None);
                store.ask(|host| host.accept_pending(role));
            }>{name}</button>
        }
    };
    view! {
        <p><strong>{name}</strong></p>
        <p class="dim">{words::REPLACE_NOTE}</p>
        <div class="dialog-actions">
            {button("button", "", words::KEEP_REPORT, move || dom::close_dialog("dialog-replace"))}
            {comparable.then(|| [
                as_role(Role::Earlier, words::AS_EARLIER, "button"),
                as_role(Role::Later, words::AS_LATER, "button"),
                as_role(Role::Evidence, words::performance::AS_EVIDENCE, "button"),
            ].collect_view())}
            {as_role(Role::Alone, words::START_NEW, "button button-primary")}
        </div>
    }
    .into_any()
}

fn pair(store: Store, names: [String; 2]) -> AnyView {
    let choices = names
        .into_iter()
        .enumerate()
        .map(|(at, name)| {
            view! {
                {button("button break", "", name, move || {
                    store.dialog.set(None);
                    store.ask(|host| host.accept_pair(at));
                })}
            }
        })
        .collect_view();
    view! {
        <p>{words::PAIR_NOTE}</p>
        <div class="dialog-choices">{choices}</div>
    }
    .into_any()
}

fn preview(text: &str, cut: usize) -> AnyView {
    let more = (cut > 0).then(|| {
        view! { <p class="dim">{format!("{} more bytes follow.", crate::state::verdict::grouped(cut as u64))}</p> }
    });
    view! {
        <p class="dim">{words::PREVIEW_NOTE}</p>
        <pre class="policy preview" tabindex="0">{text.to_owned()}</pre>
        {more}
    }
    .into_any()
}

fn dismiss(store: Store, position: usize) -> AnyView {
    let Some(finding) = store.report.with_untracked(|report| report.as_ref()?.finding(position).cloned()) else {
        return ().into_any();
    };
    let kind = RwSignal::new(0_usize);
    let why = RwSignal::new(String::new());
    let until = RwSignal::new(String::new());
    let empty = move || why.with(|why| why.trim().is_empty());
    let kinds = words::DISMISS_KINDS
        .into_iter()
        .enumerate()
        .map(|(at, name)| {
            view! {
                <label class="check-label">
                    <input type="radio" name="dismiss-kind" prop:checked=move || kind.get() == at on:change=move |_| kind.set(at) />
                    {name}
                </label>
            }
        })
        .collect_view();
    let message = inline(&finding.message);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if empty() {
            return;
        }
        let name = words::DISMISS_KINDS.get(kind.get_untracked()).copied().unwrap_or_default().to_lowercase();
        let dismissal = Dismissal {
            path: finding.path.clone(),
            check: finding.check.clone(),
            fingerprint: finding.fingerprint.clone(),
            reason: format!("{name}: {}", why.get_untracked().trim()),
            expires: Some(until.get_untracked()).filter(|until| !until.is_empty()),
        };
        store.dismissed.update(|all| all.push(dismissal));
        dom::close_dialog("dialog-dismiss");
        store.ask(Host::dismiss);
        store.toast(words::DISMISSED_DONE.to_owned());
        dom::focus_soon("detail-title");
    };
    view! {
        <form class="dismiss" on:submit=submit>
            <p><strong>{message}</strong></p>
            <p class="dim">{words::DISMISS_WHAT}</p>
            <fieldset class="facet"><legend>{words::DISMISS_KIND}</legend>{kinds}</fieldset>
            <label for="dismiss-why">{words::DISMISS_WHY}</label>
            <input
                class="input"
                id="dismiss-why"
                autocomplete="off"
                required
                prop:value=move || why.get()
                on:input=move |event| why.set(event_target_value(&event))
            />
            <label for="dismiss-until">{words::DISMISS_UNTIL}</label>
            <input class="input" id="dismiss-until" type="date" on:input=move |event| until.set(event_target_value(&event)) />
            <div class="dialog-actions">
                {button("button", "", words::CANCEL, move || dom::close_dialog("dialog-dismiss"))}
                <button type="submit" class="button button-primary" id="dismiss-do" disabled=empty>{words::DISMISS_DO}</button>
            </div>
        </form>
    }
    .into_any()
}
