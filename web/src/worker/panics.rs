//! A panic's last words: on wasm it aborts the worker, so the page is told from the hook.

use crate::platform::scope;
use crate::protocol::Reply;
use std::panic::PanicHookInfo;

/// From now on a panic posts [`Reply::Crashed`] before the worker stops.
pub fn report_to_page() {
    std::panic::set_hook(Box::new(|info| {
        scope::say(Reply::Crashed { message: words(info), path: scope::file_in_hand() });
    }));
}

/// What happened, then where; of the place only file and line, as its folder is the build machine's.
fn words(info: &PanicHookInfo<'_>) -> String {
    let payload = info.payload();
    let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let text = text.unwrap_or("the engine stopped");
    match info.location() {
        Some(place) => {
            let file = place.file().rsplit(['/', '\\']).next().unwrap_or_default();
            format!("{text} ({file}:{})", place.line())
        }
        None => text.to_owned(),
    }
}
