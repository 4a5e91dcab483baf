//! Files of evidence as a worker reads them: one after the other, as streams; the entries of a dropped zip count as files.

use drydock_core::report::model::Report;
use wasm_bindgen::JsValue;

/// What was measured.
#[derive(Debug, Default)]
pub struct Measurements {}

impl Measurements {
    /// Reads the files.
    pub fn read(_names: &[String], _handles: &[JsValue], _swapped: bool) -> Self {
        Self {}
    }

    /// The report, or an empty one, with what was measured.
    pub fn alone(self, report: Option<Report>, _date: &str) -> Report {
        report.unwrap_or_else(|| todo!())
    }
}
