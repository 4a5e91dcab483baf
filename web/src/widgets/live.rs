//! One polite and one assertive live region, at most one message a second each, and the toast.

use crate::platform::time;
use crate::state::store::Store;
use leptos::prelude::*;

const PAUSE_MS: f64 = 1000.0;
const TOAST_MS: u32 = 2500;

/// The regions.
#[component]
pub fn Live(
    /// The page's store.
    store: Store,
) -> impl IntoView {
    let polite = paced(Signal::derive(move || store.spoken.with(|spoken| spoken.polite.clone())));
    let assertive = paced(Signal::derive(move || store.spoken.with(|spoken| spoken.assertive.clone())));
    let toast = move || store.spoken.with(|spoken| spoken.toast.clone());
    Effect::new(move |shown: Option<u32>| {
        let number = shown.unwrap_or(0) + 1;
        if toast().is_some() {
            time::after(TOAST_MS, move || {
                if let Some(mut spoken) = store.spoken.try_write() {
                    spoken.toast = None;
                }
            });
        }
        number
    });
    view! {
        <div class="sr-only" role="status" aria-live="polite" id="live-polite">{polite}</div>
        <div class="sr-only" role="alert" aria-live="assertive" id="live-assertive">{assertive}</div>
        <div class="toasts" aria-hidden="true">
            {move || toast().map(|words| view! { <p class="toast">{words}</p> })}
        </div>
    }
}

/// Follows `source`, but changes at most once a second; the newest message wins.
fn paced(source: Signal<String>) -> ReadSignal<String> {
    let (shown, set_shown) = signal(String::new());
    let last = StoredValue::new(-PAUSE_MS);
    let waiting = StoredValue::new(false);
    Effect::new(move |_| {
        let words = source.get();
        let now = time::now_ms();
        let since = now - last.get_value();
        if since >= PAUSE_MS {
            last.set_value(now);
            set_shown.set(words);
        } else if !waiting.get_value() {
            waiting.set_value(true);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1000")]
            let rest = (PAUSE_MS - since).ceil() as u32;
            time::after(rest, move || {
                waiting.set_value(false);
                last.set_value(time::now_ms());
                set_shown.set(source.get_untracked());
            });
        }
    });
    shown
}
