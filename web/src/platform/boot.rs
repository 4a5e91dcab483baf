//! What `boot.js` did before this program ran: the engine it loaded, the network lock with its
//! self-test, and whether the app works offline. Nothing here loads anything.

use super::message::error_text;
use serde::Deserialize;
use wasm_bindgen::prelude::*;

/// State of everything that `boot.js` prepares.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct BootStatus {
    /// The engine.
    pub engine: EngineState,
    /// The network lock.
    pub lock: LockState,
    /// Whether a copy for offline use is stored.
    pub offline: OfflineState,
}

/// The engine.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase", tag = "state")]
pub enum EngineState {
    /// Being loaded.
    Loading {
        /// 0 to 100.
        percent: u8,
    },
    /// Compiled; audits can start. Always after the lock.
    Ready,
    /// Could not be loaded.
    Failed {
        /// Why.
        reason: String,
    },
}

/// The network lock.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase", tag = "state")]
pub enum LockState {
    /// The app still loads its own parts.
    Pending,
    /// The policy is in force; the self-test runs.
    Testing,
    /// The self-test is over.
    Tested {
        /// Time of the test, `14:02`.
        at: String,
        /// Every channel that was tried.
        channels: Vec<Channel>,
        /// The policy, verbatim.
        policy: String,
    },
}

/// A way to send something out, tried by the self-test.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Channel {
    /// Name: `fetch`, `image`, …, `fetch (worker)`.
    pub name: String,
    /// Whether the browser blocked it.
    pub blocked: bool,
    /// Violated directive, or what happened instead.
    pub detail: String,
}

impl LockState {
    /// Names of the channels that were not blocked; empty while untested.
    #[must_use]
    pub fn open_channels(&self) -> Vec<&str> {
        match self {
            Self::Tested { channels, .. } => {
                channels.iter().filter(|channel| !channel.blocked).map(|channel| channel.name.as_str()).collect()
            }
            Self::Pending | Self::Testing => Vec::new(),
        }
    }
}

/// Whether a copy for offline use is stored.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase", tag = "state")]
pub enum OfflineState {
    /// Being stored.
    Preparing,
    /// Every file of the app is stored: "Ready offline".
    Ready,
    /// This browser or address cannot.
    Unavailable {
        /// Why.
        reason: String,
    },
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = drydock, js_name = watch)]
    fn js_watch(callback: &js_sys::Function);
    #[wasm_bindgen(js_namespace = drydock, js_name = appStarted)]
    fn js_app_started();
    #[wasm_bindgen(js_namespace = drydock, js_name = engine, catch)]
    async fn js_engine() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = drydock, js_name = worker, catch)]
    fn js_worker() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = drydock, js_name = evidenceWorker, catch)]
    fn js_evidence_worker() -> Result<JsValue, JsValue>;
}

/// Calls `on_change` now and whenever the status changes, until the page closes.
pub fn watch(on_change: impl Fn(BootStatus) + 'static) {
    let callback = Closure::<dyn Fn(JsValue)>::new(move |value: JsValue| {
        if let Ok(status) = serde_wasm_bindgen::from_value(value) {
            on_change(status);
        }
    });
    js_watch(callback.as_ref().unchecked_ref());
    callback.forget();
}

/// Takes over from the static page: gives the emptied element to mount the app in.
#[must_use]
pub fn take_root() -> Option<web_sys::HtmlElement> {
    js_app_started();
    web_sys::window()?.document()?.get_element_by_id("app")?.dyn_into().ok()
}

/// The category whose worker an end-to-end test wants to lose, from `?test-crash=` with the
/// category's slug. Only a page served from this machine obeys it.
#[must_use]
pub fn test_crash() -> Option<String> {
    let location = web_sys::window()?.location();
    if !matches!(location.hostname().ok()?.as_str(), "127.0.0.1" | "localhost") {
        return None;
    }
    let search = location.search().ok()?;
    search.trim_start_matches('?').split('&').find_map(|pair| pair.strip_prefix("test-crash=")).map(str::to_owned)
}

/// How many of the four workers audit at once: one for two processors. Each links the whole project, and on the
/// processors that are left the browser translates the engine's busy functions meanwhile.
#[must_use]
pub fn auditors() -> u32 {
    let processors = web_sys::window().map_or(4.0, |window| window.navigator().hardware_concurrency());
    (1..=4).rev().find(|&count| f64::from(2 * count) <= processors).unwrap_or(1)
}

/// What a worker runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// Parsers and checks.
    Engine,
    /// Readers and rules of what was measured.
    Evidence,
}

/// The engine is there and the network is locked: workers can be made.
#[derive(Clone, Copy, Debug)]
pub struct Engine(());

/// Waits for the engine.
pub async fn engine() -> Result<Engine, String> {
    js_engine().await.map(|_| Engine(())).map_err(|error| error_text(&error))
}

impl Engine {
    /// A worker in which the program runs or is about to: `boot.js` keeps some of the engine started ahead. It inherits
    /// the locked policy.
    pub fn worker(self, program: Program) -> Result<web_sys::Worker, String> {
        let worker = match program {
            Program::Engine => js_worker(),
            Program::Evidence => js_evidence_worker(),
        };
        worker.map(JsCast::unchecked_into).map_err(|error| error_text(&error))
    }
}
