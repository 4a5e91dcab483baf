//! The page's clock and timers.

use gloo::timers::callback::{Interval, Timeout};

/// Milliseconds since the page was opened.
#[must_use]
pub fn now_ms() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |performance| performance.now())
}

/// Today in the user's time zone, `YYYY-MM-DD`.
#[must_use]
pub fn today() -> String {
    let date = js_sys::Date::new_0();
    format!("{:04}-{:02}-{:02}", date.get_full_year(), date.get_month() + 1, date.get_date())
}

/// Puts a mark on the browser's performance timeline, for its tools and for benches.
pub fn mark(name: &str) {
    if let Some(performance) = web_sys::window().and_then(|window| window.performance()) {
        let _ = performance.mark(name);
    }
}

/// Runs `f` once, after `ms`.
pub fn after(ms: u32, f: impl FnOnce() + 'static) {
    Timeout::new(ms, f).forget();
}

/// A timer that stops when dropped.
#[derive(Debug)]
pub struct Ticker(#[expect(dead_code, reason = "held for its drop")] Interval);

/// Runs `f` every `ms` until the ticker is dropped.
#[must_use]
pub fn every(ms: u32, f: impl FnMut() + 'static) -> Ticker {
    Ticker(Interval::new(ms, f))
}
