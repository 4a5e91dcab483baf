//! The inside of an engine worker: its messages, its clock, its memory.

use super::message::{Envelope, error_text};
use crate::protocol::{Reply, Request};
use wasm_bindgen::prelude::*;

fn scope() -> web_sys::DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Posts `reply`; its buffers are moved to the page.
pub fn post(reply: &Envelope<Reply>) -> Result<(), String> {
    let posted = reply.encode().and_then(|(value, buffers)| scope().post_message_with_transfer(&value, &buffers));
    posted.map_err(|error| error_text(&error))
}

/// Posts a reply with nothing beside it; a reply that cannot be posted is lost with its worker.
pub fn say(reply: Reply) {
    let _ = post(&Envelope::bare(reply));
}

/// Calls `on_request` for every request from now on.
pub fn listen(mut on_request: impl FnMut(Result<Envelope<Request>, String>) + 'static) {
    let callback = Closure::<dyn FnMut(_)>::new(move |event: web_sys::MessageEvent| {
        on_request(Envelope::decode(&event.data()));
    });
    scope().set_onmessage(Some(callback.as_ref().unchecked_ref()));
    callback.forget();
}

/// Milliseconds since the worker started.
#[must_use]
pub fn now_ms() -> f64 {
    scope().performance().map_or(0.0, |performance| performance.now())
}

/// Bytes of wasm memory in use.
#[must_use]
pub fn memory_bytes() -> u64 {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    let buffer: js_sys::ArrayBuffer = memory.buffer().unchecked_into();
    u64::from(buffer.byte_length())
}

/// Name under which the file in hand stands in the worker's scope, where `boot.js` finds it when
/// the engine traps without a panic (memory, stack).
const FILE_IN_HAND: &str = "drydockFile";

/// Remembers which file is in hand.
pub fn take_file_in_hand(path: Option<&str>) {
    let value = path.map_or(JsValue::NULL, JsValue::from_str);
    let _ = js_sys::Reflect::set(&js_sys::global(), &JsValue::from_str(FILE_IN_HAND), &value);
}

/// The file in hand.
#[must_use]
pub fn file_in_hand() -> Option<String> {
    js_sys::Reflect::get(&js_sys::global(), &JsValue::from_str(FILE_IN_HAND)).ok()?.as_string()
}
