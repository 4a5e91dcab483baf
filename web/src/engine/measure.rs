//! Files of evidence as a worker reads them: one after the other, as streams; the entries of a dropped zip count as files.

use super::progress::Progress;
use crate::platform::blob::BlobReader;
use crate::protocol::Evidence;
use drydock_core::analysis::Project;
use drydock_core::evidence::code::CodeIndex;
use drydock_core::evidence::model::Artefact;
use drydock_core::facade::performance::{Gathered, gather};
use drydock_core::facade::report_of_nothing;
use drydock_core::report::model::Report;
use drydock_core::report::model::performance::Measured;
use wasm_bindgen::JsValue;

/// What was measured; `None` inside when nothing was dropped.
#[derive(Debug, Default)]
pub struct Measurements(Option<Gathered>);

impl Measurements {
    /// Reads the files.
    pub fn read(evidence: &Evidence, handles: &[JsValue]) -> Self {
        let Evidence { names, typed, swapped } = evidence;
        if names.is_empty() {
            return Self(None);
        }
        let mut artefacts = Vec::new();
        let mut progress = Progress::begin(names.len(), 0);
        for (name, handle) in names.iter().zip(handles) {
            match BlobReader::new(handle) {
                Ok(reader) => {
                    progress.start(name, reader.len());
                    gather(name, reader.len(), reader, &mut artefacts);
                }
                Err(error) => artefacts.push(Artefact {
                    path: name.clone(),
                    refused: Some(error.to_string()),
                    ..Artefact::default()
                }),
            }
        }
        Self(Some(Gathered::with(artefacts, typed, *swapped)))
    }

    /// Joins it to the code.
    pub fn join(&self, project: &Project) -> Option<(CodeIndex, Measured)> {
        self.0.as_ref().map(|gathered| gathered.join(project))
    }

    /// Puts it into the report of the joined audit.
    pub fn complete(&self, report: &mut Report, index: Option<&CodeIndex>) {
        if let Some((gathered, index)) = self.0.as_ref().zip(index) {
            gathered.complete(report, index);
        }
    }

    /// The report, or one of nothing, with what was measured.
    pub fn alone(&self, report: Option<Report>, date: &str) -> Report {
        let mut report = report.unwrap_or_else(|| report_of_nothing("Evidence", date));
        report.performance = self.0.as_ref().map(|gathered| Box::new(gathered.beside(&report.findings)));
        report
    }
}
