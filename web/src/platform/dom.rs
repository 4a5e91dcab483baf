//! Focus, scrolling, address, theme and storage: what the views need of the document.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

fn element(id: &str) -> Option<web_sys::HtmlElement> {
    web_sys::window()?.document()?.get_element_by_id(id)?.dyn_into().ok()
}

/// Moves the focus to the element with `id`; the page does not scroll for it.
pub fn focus(id: &str) {
    if let Some(element) = element(id) {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = element.focus_with_options(&options);
    }
}

/// Moves the focus there after the views have been drawn.
pub fn focus_soon(id: impl Into<String>) {
    let id = id.into();
    leptos::prelude::request_animation_frame(move || focus(&id));
}

/// Id of the focused element; empty when it has none.
#[must_use]
pub fn focused_id() -> String {
    web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.active_element())
        .map(|element| element.id())
        .unwrap_or_default()
}

/// Whether typing goes into a field, so that single-letter keys must stay quiet.
#[must_use]
pub fn typing() -> bool {
    web_sys::window().and_then(|window| window.document()).and_then(|document| document.active_element()).is_some_and(
        |element| {
            matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
                && element.get_attribute("type").as_deref() != Some("checkbox")
        },
    )
}

/// Whether a modal dialog is open.
#[must_use]
pub fn dialog_open() -> bool {
    web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.query_selector("dialog[open]").ok().flatten())
        .is_some()
}

/// Scroll position and height of the viewport of the element with `id`.
#[must_use]
pub fn scroll_of(id: &str) -> (u32, u32) {
    element(id).map_or((0, 0), |element| {
        (u32::try_from(element.scroll_top()).unwrap_or(0), u32::try_from(element.client_height()).unwrap_or(0))
    })
}

/// Scrolls the element with `id`.
pub fn scroll_to(id: &str, top: u32) {
    if let Some(element) = element(id) {
        element.set_scroll_top(i32::try_from(top).unwrap_or(i32::MAX));
    }
}

/// Brings the element with `id` into view, moving as little as possible.
pub fn reveal(id: &str) {
    if let Some(element) = element(id) {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// Whether the window is narrower than `width` CSS pixels.
#[must_use]
pub fn narrower_than(width: u32) -> bool {
    let inner = web_sys::window().and_then(|window| window.inner_width().ok()).and_then(|width| width.as_f64());
    inner.is_some_and(|inner| inner < f64::from(width))
}

/// How far the page is scrolled.
#[must_use]
pub fn page_scroll() -> f64 {
    web_sys::window().and_then(|window| window.scroll_y().ok()).unwrap_or(0.0)
}

/// Scrolls the page to its top.
pub fn page_top() {
    if let Some(window) = web_sys::window() {
        window.scroll_to_with_x_and_y(0.0, 0.0);
    }
}

/// The address after `#`.
#[must_use]
pub fn hash() -> String {
    web_sys::window().and_then(|window| window.location().hash().ok()).unwrap_or_default()
}

/// Writes the address after `#`: `push` makes an entry for Back, otherwise the present one changes.
pub fn set_hash(hash: &str, push: bool) {
    let Some(history) = web_sys::window().and_then(|window| window.history().ok()) else { return };
    let url = format!("#{hash}");
    let _ = if push {
        history.push_state_with_url(&JsValue::NULL, "", Some(&url))
    } else {
        history.replace_state_with_url(&JsValue::NULL, "", Some(&url))
    };
}

/// The address without the part after `#`.
#[must_use]
pub fn page_address() -> String {
    let href = web_sys::window().and_then(|window| window.location().href().ok()).unwrap_or_default();
    href.split('#').next().unwrap_or_default().to_owned()
}

/// A value after `?` in the address.
#[must_use]
pub fn query(name: &str) -> Option<String> {
    let search = web_sys::window()?.location().search().ok()?;
    let prefix = format!("{name}=");
    search.trim_start_matches('?').split('&').find_map(|field| field.strip_prefix(&prefix).map(str::to_owned))
}

/// Title of the browser's tab.
pub fn set_title(title: &str) {
    if let Some(document) = web_sys::window().and_then(|window| window.document()) {
        document.set_title(title);
    }
}

/// A value kept in this browser.
#[must_use]
pub fn stored(key: &str) -> Option<String> {
    web_sys::window()?.local_storage().ok()??.get_item(key).ok()?
}

/// Keeps a value in this browser; `None` deletes it. Silent where storage is switched off.
pub fn store(key: &str, value: Option<&str>) {
    let Some(Ok(Some(storage))) = web_sys::window().map(|window| window.local_storage()) else { return };
    let _ = match value {
        Some(value) => storage.set_item(key, value),
        None => storage.remove_item(key),
    };
}

/// Sets `data-theme` on the document; `None` follows the system.
pub fn set_theme(theme: Option<&str>) {
    let root = web_sys::window().and_then(|window| window.document()).and_then(|document| document.document_element());
    if let Some(root) = root {
        let _ = match theme {
            Some(theme) => root.set_attribute("data-theme", theme),
            None => root.remove_attribute("data-theme"),
        };
    }
}

/// Opens the `<dialog>` with `id` over the page.
pub fn show_dialog(id: &str) {
    if let Some(dialog) = element(id).and_then(|element| element.dyn_into::<web_sys::HtmlDialogElement>().ok())
        && !dialog.open()
    {
        let _ = dialog.show_modal();
    }
}

/// Closes the `<dialog>` with `id`.
pub fn close_dialog(id: &str) {
    if let Some(dialog) = element(id).and_then(|element| element.dyn_into::<web_sys::HtmlDialogElement>().ok()) {
        dialog.close();
    }
}

/// An attribute of the element like `selector` that an event happened in.
#[must_use]
pub fn data_under(event: &web_sys::MouseEvent, selector: &str, name: &str) -> Option<String> {
    let target: web_sys::Element = event.target()?.dyn_into().ok()?;
    target.closest(selector).ok()??.get_attribute(name)
}

/// Opens the browser's print dialog.
pub fn print() {
    if let Some(window) = web_sys::window() {
        let _ = window.print();
    }
}

/// Opens an address in a new tab that cannot reach back.
pub fn open_tab(url: &str) {
    if let Some(window) = web_sys::window() {
        let _ = window.open_with_url_and_target_and_features(url, "_blank", "noopener,noreferrer");
    }
}
