//! Files of evidence as a worker reads them: one after the other, as streams; the entries of a dropped zip count as files.

use super::input::{failure, internal};
use super::progress::Progress;
use crate::platform::blob::BlobReader;
use crate::protocol::{Evidence, Failure};
use drydock_core::analysis::Project;
use drydock_core::evidence::code::CodeIndex;
use drydock_core::evidence::model::Artefact;
use drydock_core::facade::performance::{Gathered, gather};
use drydock_core::facade::report_of_nothing;
use drydock_core::intake::IntakeError;
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

    /// The report, or one of nothing, with what was measured. Without a report something must have been read.
    pub fn alone(&self, report: Option<Report>, date: &str) -> Result<Report, Failure> {
        let mut report = match (report, &self.0) {
            (Some(report), _) => report,
            (None, Some(gathered)) => {
                if gathered.artefacts.iter().all(|artefact| artefact.refused.is_some()) {
                    return Err(unread(&gathered.artefacts));
                }
                report_of_nothing("Evidence", date)
            }
            (None, None) => return Err(internal("there is neither a report nor evidence")),
        };
        report.performance = self.0.as_ref().map(|gathered| Box::new(gathered.beside(&report.findings)));
        Ok(report)
    }
}

/// None of the files is anything that we read.
fn unread(artefacts: &[Artefact]) -> Failure {
    let reasons = artefacts.iter().map(|one| format!("{}: {}", one.path, one.refused.as_deref().unwrap_or_default()));
    let details = reasons.collect::<Vec<_>>().join("\n");
    match artefacts {
        [one] => Failure { details, ..failure(&IntakeError::NotAnArchive { name: one.path.clone() }) },
        _ => Failure {
            title: format!("None of these {} files could be read.", artefacts.len()),
            why: "They are neither code nor anything that a profiler, database or load test writes.".to_owned(),
            action: "Drop a project as a zip, a tar.gz or a folder, and evidence beside it".to_owned(),
            details,
        },
    }
}
