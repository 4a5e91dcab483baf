//! Warms the engine up: audits a small project again and again for a moment. Browsers translate
//! WebAssembly quickly first, and well only those functions that turn out to be busy; all workers
//! share what was translated.

use super::session::Session;
use crate::platform::scope;
use crate::protocol::{Command, Failure, InputKind, ShardPart};
use crate::worker::Session as _;
use drydock_core::report::model::Category;
use js_sys::ArrayBuffer;
use wasm_bindgen::JsValue;

/// Long enough for the functions that every audit keeps busy.
const FOR_MS: f64 = 1500.0;

/// Audits the archive behind `file` until the time is over; what it finds is forgotten.
pub fn warm_up(file: &JsValue) -> Result<(), Failure> {
    let started = scope::now_ms();
    while scope::now_ms() - started < FOR_MS {
        round(file)?;
    }
    Ok(())
}

/// Every step of an audit once, in the order of a worker that does them all.
fn round(file: &JsValue) -> Result<(), Failure> {
    let mut session = Session::default();
    let mut step = |command: Command, handles: Vec<JsValue>, buffers: &[ArrayBuffer]| {
        let answer = session.run(command, handles, buffers)?;
        Ok(answer.map(|answer| (answer.handles, answer.buffers)).unwrap_or_default())
    };
    let input = Command::GiveInput { project: String::new(), input: InputKind::File, shards: 1 };
    step(input, vec![file.clone()], &[])?;
    let (blobs, _) = step(Command::Index { shard: 0, skip: Vec::new() }, Vec::new(), &[])?;
    for (part, blob) in [ShardPart::Code, ShardPart::Rest].into_iter().zip(blobs) {
        step(Command::GiveShards { numbers: vec![0], part }, vec![blob], &[])?;
    }
    step(Command::Discover { date: String::new() }, Vec::new(), &[])?;
    let mut results = Vec::new();
    for category in Category::ALL {
        results.extend(step(Command::Audit { category }, Vec::new(), &[])?.1);
    }
    let report = Command::Aggregate {
        failed: Vec::new(),
        unread: Vec::new(),
        date: String::new(),
        notices: Vec::new(),
        measured: false,
    };
    step(report, Vec::new(), &results)?;
    Ok(())
}
