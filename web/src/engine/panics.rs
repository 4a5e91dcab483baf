//! A panic's last words: on wasm it aborts the worker, so the page is told from the hook.

use crate::platform::scope;
use crate::protocol::Reply;

/// From now on a panic posts [`Reply::Crashed`] before the worker stops.
pub fn report_to_page() {
    std::panic::set_hook(Box::new(|info| {
        scope::say(Reply::Crashed { message: info.to_string(), path: scope::file_in_hand() });
    }));
}
