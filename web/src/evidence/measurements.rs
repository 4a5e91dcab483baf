//! Files of evidence as a worker reads them: one after the other, as streams; the entries of a dropped zip count as files.

use crate::platform::blob::BlobReader;
use crate::protocol::{Evidence, Failure};
use crate::worker::failure;
use crate::worker::progress::Progress;
use drydock_core::evidence::code::CodeIndex;
use drydock_core::evidence::loadtest::Target;
use drydock_core::evidence::model::Artefact;
use drydock_core::facade::performance::{Gathered, gather};
use drydock_core::intake::IntakeError;
use drydock_core::report::model::Finding;
use drydock_core::report::model::performance::{Measured, Performance};
use serde::Deserialize;
use wasm_bindgen::JsValue;

/// What has to be known of a report: the rest of it is passed over unread.
#[derive(Debug, Default, Deserialize)]
pub struct Known {
    #[serde(default)]
    findings: Vec<Finding>,
    #[serde(default)]
    performance: Option<Performance>,
}

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

    /// Joins it to the code: what the audit is to change by.
    pub fn join(&self, code: &CodeIndex) -> Measured {
        self.0.as_ref().map(|gathered| gathered.join(code)).unwrap_or_default()
    }

    /// What a load test can check of the targets that are stated.
    pub fn thresholds(&self) -> Vec<Target> {
        self.0.as_ref().map(Gathered::thresholds).unwrap_or_default()
    }

    /// What the report says of it: of the joined audit, or of one whose code is not at hand. Without any code something
    /// must have been read.
    pub fn section(
        &self,
        known: Known,
        code: Option<&CodeIndex>,
        no_code: bool,
    ) -> Result<Option<Performance>, Failure> {
        let Some(gathered) = &self.0 else { return Ok(None) };
        if no_code && gathered.artefacts.iter().all(|one| one.refused.is_some()) {
            return Err(unread(&gathered.artefacts));
        }
        Ok(Some(match code {
            Some(code) => gathered.joined(code, &known.findings, known.performance),
            None => gathered.beside(&known.findings),
        }))
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
