//! Gets text out of the page without a server: a saved file or the clipboard.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// Saves `contents` as a download named `name`. Works under the network lock: the address is a
/// blob of this page.
pub fn save_file(name: &str, media_type: &str, contents: &str) -> Result<(), String> {
    save(name, media_type, contents).map_err(|error| super::message::error_text(&error))
}

fn save(name: &str, media_type: &str, contents: &str) -> Result<(), JsValue> {
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(media_type);
    let parts = js_sys::Array::of1(&JsValue::from_str(contents));
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options)?;
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

/// Puts `text` on the clipboard.
pub async fn copy_text(text: &str) -> Result<(), String> {
    let window = web_sys::window().ok_or("no window")?;
    let copied = JsFuture::from(window.navigator().clipboard().write_text(text)).await;
    copied.map(drop).map_err(|error| super::message::error_text(&error))
}
