//! The envelope of a worker message: a small serialised value, file handles, and byte buffers that
//! are moved, not copied. On the wire it is the array `[value, handles, buffers]`.

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;

/// A message with what travels beside it.
#[derive(Clone, Debug)]
pub struct Envelope<T> {
    /// The message.
    pub value: T,
    /// File handles; cloned by reference.
    pub handles: Vec<JsValue>,
    /// Bulk bytes.
    pub buffers: Vec<js_sys::ArrayBuffer>,
}

impl<T> Envelope<T> {
    /// A message with nothing beside it.
    pub const fn bare(value: T) -> Self {
        Self { value, handles: Vec::new(), buffers: Vec::new() }
    }
}

/// Copies `bytes` out of wasm memory.
#[must_use]
pub fn buffer_of(bytes: &[u8]) -> js_sys::ArrayBuffer {
    js_sys::Uint8Array::from(bytes).buffer()
}

/// Copies `buffer` into wasm memory.
#[must_use]
pub fn bytes_of(buffer: &js_sys::ArrayBuffer) -> Vec<u8> {
    js_sys::Uint8Array::new(buffer).to_vec()
}

impl<T: Serialize> Envelope<T> {
    /// The value to post and its buffers, for the transfer list.
    pub fn encode(&self) -> Result<(JsValue, js_sys::Array), JsValue> {
        let value = self.value.serialize(&serde_wasm_bindgen::Serializer::json_compatible())?;
        let buffers: js_sys::Array = self.buffers.iter().collect();
        let handles: js_sys::Array = self.handles.iter().collect();
        Ok((js_sys::Array::of3(&value, &handles, &buffers).into(), buffers))
    }
}

impl<T: DeserializeOwned> Envelope<T> {
    /// Reads what [`Self::encode`] made.
    pub fn decode(data: &JsValue) -> Result<Self, String> {
        let parts: &js_sys::Array = data.dyn_ref().ok_or("a message is no array")?;
        let value = serde_wasm_bindgen::from_value(parts.get(0)).map_err(|error| error.to_string())?;
        let list = |index| parts.get(index).dyn_into::<js_sys::Array>().unwrap_or_default();
        let buffers = list(2).iter().filter_map(|buffer| buffer.dyn_into().ok()).collect();
        Ok(Self { value, handles: list(1).iter().collect(), buffers })
    }
}

/// What a thrown value says.
#[must_use]
pub fn error_text(error: &JsValue) -> String {
    error.dyn_ref::<js_sys::Error>().map_or_else(
        || error.as_string().unwrap_or_else(|| format!("{error:?}")),
        |error| format!("{}: {}", String::from(error.name()), String::from(error.message())),
    )
}
