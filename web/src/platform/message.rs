//! The envelope of a worker message: a small value, file handles, and byte buffers that are moved, not copied. On the wire
//! it is the array `[value as JSON, handles, buffers]`: a second way to write and read values would cost every program 10 kB.

use crate::json;
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
        let value = serde_json::to_string(&self.value).map_err(|error| JsError::new(&error.to_string()))?;
        let buffers: js_sys::Array = self.buffers.iter().collect();
        let handles: js_sys::Array = self.handles.iter().collect();
        Ok((js_sys::Array::of3(&JsValue::from_str(&value), &handles, &buffers).into(), buffers))
    }
}

impl<T: DeserializeOwned> Envelope<T> {
    /// Reads what [`Self::encode`] made.
    pub fn decode(data: &JsValue) -> Result<Self, String> {
        let parts: &js_sys::Array = data.dyn_ref().ok_or("a message is no array")?;
        let value = parts.get(0).as_string().ok_or("a message is no text")?;
        let value = json::from_slice(value.as_bytes()).map_err(|error| error.to_string())?;
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
