//! The tab row: one tab stop, arrow keys move and choose.

use crate::platform::dom;
use crate::state::place::Tab;
use crate::words;
use leptos::prelude::*;

/// The row. `extra` gives the small count beside a tab's name.
#[component]
pub fn TabRow(
    /// The chosen tab.
    tab: RwSignal<Tab>,
    /// Count beside a tab's name.
    extra: Callback<Tab, Option<String>>,
) -> impl IntoView {
    let step = move |from: Tab, by: isize| {
        let at = Tab::ALL.iter().position(|known| *known == from).unwrap_or(0);
        let number = isize::try_from(Tab::ALL.len()).unwrap_or(1);
        let next = (isize::try_from(at).unwrap_or(0) + by).rem_euclid(number);
        let to = usize::try_from(next).ok().and_then(|next| Tab::ALL.get(next)).copied().unwrap_or_default();
        tab.set(to);
        dom::focus_soon(format!("tab-{}", to.slug()));
    };
    // On narrow screens the row scrolls: the chosen tab stays in it.
    Effect::new(move |_| {
        let id = format!("tab-{}", tab.get().slug());
        request_animation_frame(move || dom::reveal(&id));
    });
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        let now = tab.get_untracked();
        match event.key().as_str() {
            "ArrowRight" => step(now, 1),
            "ArrowLeft" => step(now, -1),
            "Home" => step(Tab::Summary, 0),
            "End" => step(Tab::Export, 0),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let tabs = Tab::ALL
        .into_iter()
        .map(|one| {
            let chosen = move || tab.get() == one;
            view! {
                <button
                    type="button"
                    role="tab"
                    class="tab"
                    id=format!("tab-{}", one.slug())
                    aria-selected=move || chosen().to_string()
                    aria-controls="panel"
                    tabindex=move || if chosen() { "0" } else { "-1" }
                    on:click=move |_| tab.set(one)
                >
                    {words::tab(one)}
                    {extra.run(one).map(|count| view! { <span class="tab-count num">{count}</span> })}
                </button>
            }
        })
        .collect_view();
    view! { <div class="tabs" role="tablist" aria-label=words::REPORT_LABEL on:keydown=on_key>{tabs}</div> }
}
