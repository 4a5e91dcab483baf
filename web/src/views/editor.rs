//! Opening a place of the project in an editor on this computer: the link, and the question where the project lies.

use crate::platform::dom;
use crate::state::editor::{Editor, Home, Spot, folder};
use crate::state::store::{Dialog, Store};
use crate::widgets::button::button;
use crate::widgets::icon::{Icon, icon};
use crate::words;
use leptos::prelude::*;

const EDITOR_KEY: &str = "drydock.editor";

fn folder_key(project: &str) -> String {
    format!("drydock.folder:{project}")
}

/// Keeps the home of the project in hand what the reader said of it.
pub fn follow_project(store: Store) {
    Effect::new(move |_| {
        let folder = dom::stored(&folder_key(&store.project.get()));
        let editor = Editor::named(&dom::stored(EDITOR_KEY).unwrap_or_default());
        store.home.set(folder.map(|folder| Home { editor, folder }));
    });
}

/// The link that opens `spot`, or the button that asks where the project lies.
pub fn open_in_editor(store: Store, spot: impl Fn() -> Spot + Copy + Send + Sync + 'static) -> AnyView {
    let ask = move || store.dialog.set(Some(Dialog::Editor(untrack(spot))));
    let shown = move || match store.home.get() {
        None => button("button button-quiet", "open-editor", view! { {icon(Icon::Leave)}{words::OPEN_EDITOR} }, ask),
        Some(home) => view! {
            <span class="editor-link">
                <a class="button button-quiet" id="open-editor" href=home.link(&spot())>
                    {icon(Icon::Leave)}{format!("{} {}", words::OPEN_IN, home.editor.name())}
                </a>
                <button type="button" class="icon-button small-icon" id="editor-choice" aria-label=words::EDITOR_TITLE
                    title=words::EDITOR_TITLE on:click=move |_| ask()>{icon(Icon::Down)}</button>
            </span>
        }
        .into_any(),
    };
    shown.into_any()
}

/// Inside of the dialog.
pub fn dialog(store: Store, spot: Spot) -> AnyView {
    let home = store.home.get_untracked().unwrap_or_default();
    let editor = RwSignal::new(home.editor);
    let typed = RwSignal::new(home.folder.clone());
    let wanted = move || folder(&typed.get()).map(|folder| Home { editor: editor.get(), folder });
    let keep = move |home: Option<Home>| {
        let project = store.project.get_untracked();
        dom::store(&folder_key(&project), home.as_ref().map(|home| home.folder.as_str()));
        dom::store(EDITOR_KEY, Some(editor.get_untracked().scheme()));
        store.home.set(home);
        dom::close_dialog("dialog-editor");
        dom::focus_soon("open-editor");
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Some(home) = untrack(wanted) {
            keep(Some(home));
        }
    };
    let options = Editor::ALL
        .into_iter()
        .map(|one| view! { <option value=one.scheme() selected=one == home.editor>{one.name()}</option> })
        .collect_view();
    let says = move || match wanted() {
        Some(home) => view! { <p class="mono dim break" id="editor-says">{home.link(&spot)}</p> }.into_any(),
        None => view! { <p class="dim" id="editor-says">{words::EDITOR_ABSOLUTE}</p> }.into_any(),
    };
    let known = !home.folder.is_empty();
    view! {
        <form class="dismiss" on:submit=submit>
            <p class="dim">{words::EDITOR_WHAT}</p>
            <label for="editor-name">{words::EDITOR_NAME}</label>
            <select class="input" id="editor-name" on:change=move |event| editor.set(Editor::named(&event_target_value(&event)))>
                {options}
            </select>
            <label for="editor-folder">{words::EDITOR_FOLDER}</label>
            <input
                class="input"
                id="editor-folder"
                autocomplete="off"
                spellcheck="false"
                placeholder="/home/me/project"
                aria-describedby="editor-says"
                prop:value=move || typed.get()
                on:input=move |event| typed.set(event_target_value(&event))
            />
            {says}
            <div class="dialog-actions">
                {known.then(|| button("button", "editor-forget", words::EDITOR_FORGET, move || keep(None)))}
                {button("button", "", words::CANCEL, move || dom::close_dialog("dialog-editor"))}
                <button type="submit" class="button button-primary" id="editor-keep" disabled=move || wanted().is_none()>
                    {words::EDITOR_KEEP}
                </button>
            </div>
        </form>
    }
    .into_any()
}
