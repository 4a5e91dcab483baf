//! What could not be done: what, why, what now; the technical part behind "Details".

use crate::state::store::{Phase, Store};
use crate::widgets::button::button;
use crate::widgets::icon::{Icon, icon};
use crate::words;
use leptos::prelude::*;

/// The screen.
pub fn failure(store: Store) -> AnyView {
    let Phase::Failed(failure) = store.phase.get_untracked() else { return ().into_any() };
    let details = failure.details.clone();
    view! {
        <div class="failure">
            <span class="failure-sign" data-sev="high">{icon(Icon::Warning)}</span>
            <h1>{failure.title}</h1>
            <p class="measure">{failure.why}</p>
            <p class="measure failure-action">{failure.action}</p>
            <div class="drop-actions">
                {button("button button-primary", "", words::TRY_AGAIN, move || {
                    store.close();
                    store.ask(|host| host.choose_files(None));
                })}
                {button("button", "", words::TO_START, move || store.close())}
            </div>
            {(!details.is_empty()).then(|| {
                let copied = details.clone();
                view! {
                    <details class="failure-details">
                        <summary>{words::DETAILS}</summary>
                        <pre class="policy" tabindex="0">{details}</pre>
                        {button("button", "", view! { {icon(Icon::Copy)}{words::COPY} }, move || store.copy(copied.clone()))}
                    </details>
                }
            })}
        </div>
    }
    .into_any()
}
