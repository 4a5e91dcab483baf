//! What the user hands over: dropped or picked files and folders, or the bundled example.
//! `boot.js` collects them (a drop must be read within its event, and may come before this program
//! runs); this is the typed view of its list. Only handles pass: no contents are read here.

use wasm_bindgen::prelude::*;

/// One file handle.
#[derive(Clone, Debug)]
pub struct DroppedFile {
    /// Path within the dropped folder, with `/`; the bare name for a loose file.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    handle: JsValue,
}

/// One drop or choice.
#[derive(Clone, Debug, Default)]
pub struct Dropped {
    /// Name of the folder, of the only file, or `N files`.
    pub name: String,
    /// Came as a folder.
    pub is_folder: bool,
    /// All files, in path order.
    pub files: Vec<DroppedFile>,
    /// What was measured of them: the bundled example brings its own.
    pub evidence: Vec<DroppedFile>,
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = drydock, js_name = takeInputs)]
    fn js_take_inputs(callback: &js_sys::Function);
    #[wasm_bindgen(js_namespace = drydock, js_name = chooseFiles)]
    fn js_choose_files();
    #[wasm_bindgen(js_namespace = drydock, js_name = chooseFolder)]
    fn js_choose_folder();
    #[wasm_bindgen(js_namespace = drydock, js_name = tryExample)]
    fn js_try_example();
}

/// Calls `on_input` for what was dropped before the app ran and for every later drop or choice.
pub fn subscribe(on_input: impl Fn(Dropped) + 'static) {
    let callback = Closure::<dyn Fn(JsValue)>::new(move |value: JsValue| on_input(read(&value)));
    js_take_inputs(callback.as_ref().unchecked_ref());
    callback.forget();
}

/// Opens the picker for archives and files. The choice arrives through [`subscribe`].
pub fn choose_files() {
    js_choose_files();
}

/// Opens the picker for a folder. The choice arrives through [`subscribe`].
pub fn choose_folder() {
    js_choose_folder();
}

/// Hands over the bundled example, as if it had been dropped.
pub fn try_example() {
    js_try_example();
}

fn read(value: &JsValue) -> Dropped {
    let field = |of: &JsValue, name: &str| js_sys::Reflect::get(of, &JsValue::from_str(name)).unwrap_or(JsValue::NULL);
    let files = |name: &str| {
        let list = field(value, name);
        let list = if list.is_truthy() { js_sys::Array::from(&list) } else { js_sys::Array::new() };
        list.iter()
            .map(|item| DroppedFile::new(field(&item, "path").as_string().unwrap_or_default(), field(&item, "file")))
            .collect()
    };
    Dropped {
        name: field(value, "name").as_string().unwrap_or_default(),
        is_folder: field(value, "folder").is_truthy(),
        files: files("files"),
        evidence: files("evidence"),
    }
}

impl DroppedFile {
    /// A file by its handle.
    #[must_use]
    pub fn new(path: String, handle: JsValue) -> Self {
        let size = js_sys::Reflect::get(&handle, &JsValue::from_str("size")).ok().and_then(|size| size.as_f64());
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a file size is a whole number")]
        Self { path, size: size.unwrap_or(0.0) as u64, handle }
    }

    /// The first `count` bytes: enough to tell an archive from a source file.
    pub async fn head(&self, count: u32) -> Vec<u8> {
        let Some(blob) = self.handle.dyn_ref::<web_sys::Blob>() else { return Vec::new() };
        let Ok(slice) = blob.slice_with_f64_and_f64(0.0, f64::from(count)) else { return Vec::new() };
        let bytes = wasm_bindgen_futures::JsFuture::from(slice.array_buffer()).await;
        bytes.map(|buffer| js_sys::Uint8Array::new(&buffer).to_vec()).unwrap_or_default()
    }

    /// The handle, to send to a worker.
    #[must_use]
    pub fn handle(&self) -> JsValue {
        self.handle.clone()
    }
}
