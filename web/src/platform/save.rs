//! Gets text out of the page without a server: a saved file or the clipboard.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// Saves `contents` as a download named `name`. Works under the network lock: the address is a
/// blob of this page.
pub fn save_file(name: &str, media_type: &str, contents: &[u8]) -> Result<(), String> {
    save(name, media_type, contents).map_err(|error| super::message::error_text(&error))
}

fn save(name: &str, media_type: &str, contents: &[u8]) -> Result<(), JsValue> {
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(media_type);
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(contents));
    let blob = web_sys::Blob::new_with_u8_array_sequence_and_options(&parts, &options)?;
    let url = web_sys::Url::create_object_url_with_blob(&blob)?;
    let document = web_sys::window().and_then(|window| window.document()).ok_or("no document")?;
    let link: web_sys::HtmlAnchorElement = document.create_element("a")?.dyn_into()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // The browser reads the blob after this turn.
    super::time::after(10_000, move || {
        let _ = web_sys::Url::revoke_object_url(&url);
    });
    Ok(())
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = drydock, js_name = canWrite)]
    fn js_can_write() -> bool;
    #[wasm_bindgen(js_namespace = drydock, js_name = chooseProject, catch)]
    async fn js_choose_project(path: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = drydock, js_name = writeProject, catch)]
    async fn js_write_project(files: js_sys::Array) -> Result<JsValue, JsValue>;
}

/// Whether this browser can write into a folder.
#[must_use]
pub fn can_write() -> bool {
    js_can_write()
}

/// Asks for a folder to write into. Gives the text at `path` in it, if there is one; `None` when the user
/// cancelled. Call it from a click.
pub async fn choose_project(path: &str) -> Result<Option<Option<String>>, String> {
    let text = js_choose_project(path).await.map_err(|error| super::message::error_text(&error))?;
    Ok((!text.is_undefined()).then(|| text.as_string()))
}

/// Writes `files` below the folder that was chosen; gives its name.
pub async fn write_project(files: impl Iterator<Item = (String, Vec<u8>)>) -> Result<String, String> {
    let pair = |(path, bytes): (String, Vec<u8>)| {
        js_sys::Array::of2(&JsValue::from_str(&path), &js_sys::Uint8Array::from(bytes.as_slice()))
    };
    let written = js_write_project(files.map(pair).collect()).await;
    written.map(|name| name.as_string().unwrap_or_default()).map_err(|error| super::message::error_text(&error))
}

/// Puts `text` on the clipboard.
pub async fn copy_text(text: &str) -> Result<(), String> {
    let window = web_sys::window().ok_or("no window")?;
    let copied = JsFuture::from(window.navigator().clipboard().write_text(text)).await;
    copied.map(drop).map_err(|error| super::message::error_text(&error))
}
