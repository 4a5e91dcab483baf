//! A modal over the native `<dialog>`: the browser keeps the focus inside and gives it back.

use crate::platform::dom;
use crate::widgets::icon::{Icon, icon};
use crate::words;
use leptos::prelude::*;

/// A modal. `on_close` runs for Escape, the cross and the backdrop.
#[component]
pub fn Modal(
    /// Id; the heading is `{id}-title`.
    id: &'static str,
    /// Heading.
    #[prop(into)]
    title: String,
    /// What to do when it is closed.
    on_close: Callback<()>,
    /// Contents.
    children: Children,
) -> impl IntoView {
    let before = dom::focused_id();
    let shown = StoredValue::new(false);
    request_animation_frame(move || {
        dom::show_dialog(id);
        shown.try_update_value(|shown| *shown = true);
    });
    // The browser tells of a closed dialog in a task of its own, and the next modal has the same element by then: what is
    // told of the one before it must not close it.
    let closed = move || shown.try_get_value() == Some(true) && !dom::dialog_open();
    on_cleanup(move || {
        if !before.is_empty() {
            dom::focus_soon(before);
        }
    });
    view! {
        <dialog id=id aria-labelledby=format!("{id}-title") on:close=move |_| {
            if closed() {
                on_close.run(());
            }
        }>
            <div class="dialog-head">
                <h2 id=format!("{id}-title")>{title}</h2>
                <button
                    type="button"
                    class="icon-button"
                    aria-label=words::CLOSE
                    on:click=move |_| dom::close_dialog(id)
                >
                    {icon(Icon::Close)}
                </button>
            </div>
            <div class="dialog-body">{children()}</div>
        </dialog>
    }
}
