//! Plain buttons. One function draws them all: every place that spells a button out costs some kilobytes.

use leptos::prelude::*;

/// A button with an id (or an empty one) and a class.
pub fn button(
    class: &'static str,
    id: impl Into<String>,
    inside: impl IntoAny,
    act: impl Fn() + Send + Sync + 'static,
) -> AnyView {
    draw(class, id.into(), None, inside.into_any(), Callback::new(move |()| act()))
}

/// The same, switched off while `off` says so.
pub fn button_unless(
    off: impl Fn() -> bool + Send + Sync + 'static,
    class: &'static str,
    id: impl Into<String>,
    inside: impl IntoAny,
    act: impl Fn() + Send + Sync + 'static,
) -> AnyView {
    draw(class, id.into(), Some(Signal::derive(off)), inside.into_any(), Callback::new(move |()| act()))
}

fn draw(class: &'static str, id: String, off: Option<Signal<bool>>, inside: AnyView, act: Callback<()>) -> AnyView {
    view! {
        <button
            type="button"
            class=class
            id=(!id.is_empty()).then_some(id)
            disabled=move || off.is_some_and(|off| off.get())
            on:click=move |_| act.run(())
        >
            {inside}
        </button>
    }
    .into_any()
}
