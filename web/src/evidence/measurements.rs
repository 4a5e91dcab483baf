//! Files of evidence as a worker reads them: one after the other, as streams; the entries of a dropped zip count as files,
//! and so do those of the project itself.

use crate::platform::blob::{BlobReader, size_of};
use crate::protocol::{Evidence, Failure, InsideFile, ProjectFiles};
use crate::worker::failure;
use crate::worker::progress::Progress;
use drydock_core::evidence::code::CodeIndex;
use drydock_core::evidence::loadtest::Target;
use drydock_core::evidence::model::Artefact;
use drydock_core::evidence::recognize::HEAD_BYTES;
use drydock_core::facade::performance::{Gathered, ReadSeek, asked_by, candidates, evidence_limits, gather};
use drydock_core::intake::{Entry, IntakeError, Limits, Listing, ZipSource};
use drydock_core::report::model::Finding;
use drydock_core::report::model::performance::{Measured, Performance};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use wasm_bindgen::JsValue;

/// What has to be known of a report: the rest of it is passed over unread.
#[derive(Debug, Default, Deserialize)]
pub struct Known {
    #[serde(default)]
    findings: Vec<Finding>,
    #[serde(default)]
    performance: Option<Performance>,
}

/// What was measured: as it was read, and once it is first asked for, with what rules and targets say of it.
#[derive(Debug, Default)]
pub struct Measurements {
    artefacts: Vec<Artefact>,
    typed: String,
    swapped: bool,
    gathered: Option<Gathered>,
}

impl Measurements {
    /// Reads the files.
    pub fn read(evidence: &Evidence, handles: &[JsValue]) -> Self {
        let Evidence { names, zipped, typed, swapped } = evidence;
        let mut artefacts = Vec::new();
        let mut progress = Progress::begin(names.len() + zipped.len(), 0);
        if let Some(archive) = handles.get(names.len()) {
            read_zipped(zipped, archive, &mut progress, &mut artefacts);
        }
        for (name, handle) in names.iter().zip(handles) {
            match BlobReader::new(handle) {
                Ok(mut reader) => {
                    progress.start(name, reader.len());
                    gather(name, reader.len(), &mut reader, &mut artefacts);
                }
                Err(error) => artefacts.push(refused(name, error.to_string())),
            }
        }
        Self { artefacts, typed: typed.clone(), swapped: *swapped, gathered: None }
    }

    /// Applies rules and targets, those of the project's settings among them; `None` when nothing was read.
    fn gathered(&mut self, asked: &BTreeMap<String, String>) -> Option<&Gathered> {
        if !self.artefacts.is_empty() {
            let mut artefacts = std::mem::take(&mut self.artefacts);
            artefacts.extend(asked_by(asked));
            self.gathered = Some(Gathered::with(artefacts, &self.typed, self.swapped));
        }
        self.gathered.as_ref()
    }

    /// Joins it to the code: what the audit is to change by.
    pub fn join(&mut self, code: &CodeIndex) -> Measured {
        self.gathered(&code.targets).map(|gathered| gathered.join(code)).unwrap_or_default()
    }

    /// What a load test can check of the targets that are stated; those of the settings hold without any evidence.
    pub fn thresholds(&mut self, code: &CodeIndex) -> Vec<Target> {
        match self.gathered(&code.targets) {
            Some(gathered) => gathered.thresholds(),
            None => Gathered::new(asked_by(&code.targets).into_iter().collect()).thresholds(),
        }
    }

    /// What the report says of it: of the joined audit, or of one whose code is not at hand. Without any code something
    /// must have been read.
    pub fn section(
        &mut self,
        known: Known,
        code: Option<&CodeIndex>,
        no_code: bool,
    ) -> Result<Option<Performance>, Failure> {
        let nothing = BTreeMap::new();
        let Some(gathered) = self.gathered(code.map_or(&nothing, |code| &code.targets)) else { return Ok(None) };
        if no_code && gathered.artefacts.iter().all(|one| one.refused.is_some()) {
            return Err(unread(&gathered.artefacts));
        }
        Ok(Some(match code {
            Some(code) => gathered.joined(code, &known.findings, known.performance),
            None => gathered.beside(&known.findings),
        }))
    }
}

fn refused(path: &str, reason: String) -> Artefact {
    Artefact { path: path.to_owned(), refused: Some(reason), ..Artefact::default() }
}

/// Entries of a zip by their positions.
fn by_position(entries: Vec<Entry>) -> BTreeMap<usize, Entry> {
    entries.into_iter().map(|entry| (entry.index, entry)).collect()
}

/// A zip as everything here reads one: the code for it is built once.
fn opened(
    archive: &mut std::io::Result<BlobReader>,
    limits: Limits,
) -> Result<(ZipSource<&mut dyn ReadSeek>, Listing), String> {
    let reader: &mut dyn ReadSeek = archive.as_mut().map_err(|error| error.to_string())?;
    ZipSource::open_with(reader, "the project", limits).map_err(|error| error.to_string())
}

/// Reads files of a project that is a zip.
fn read_zipped(files: &[InsideFile], archive: &JsValue, progress: &mut Progress, out: &mut Vec<Artefact>) {
    let mut reader = BlobReader::new(archive);
    let (mut source, listing) = match opened(&mut reader, evidence_limits()) {
        Ok(opened) => opened,
        Err(reason) => return out.extend(files.iter().map(|file| refused(&file.path, reason.clone()))),
    };
    let entries = by_position(listing.entries);
    for InsideFile { path, entry, .. } in files {
        let Some(entry) = entries.get(&(*entry as usize)) else { continue };
        progress.start(path, entry.size);
        match source.read(entry) {
            Ok(bytes) => gather(path, entry.size, &mut Cursor::new(bytes), out),
            Err(error) => out.push(refused(path, error.to_string())),
        }
    }
}

/// What of a project is evidence, by path and content.
pub fn look_inside(files: &ProjectFiles, handles: &[JsValue]) -> Vec<InsideFile> {
    let root = files.root.as_deref();
    let found = match &files.paths {
        Some(paths) => {
            let sized = paths.iter().zip(handles).enumerate();
            let sized = sized.map(|(at, (path, handle))| (path.as_str(), at, size_of(handle)));
            candidates(sized, root, |at| {
                let mut head = Vec::new();
                BlobReader::new(handles.get(at)?).ok()?.take(HEAD_BYTES).read_to_end(&mut head).ok()?;
                Some(head)
            })
        }
        None => {
            let mut archive = BlobReader::new(handles.first().unwrap_or(&JsValue::NULL));
            let Ok((mut source, listing)) = opened(&mut archive, Limits::default()) else { return Vec::new() };
            let sized: Vec<(String, usize, u64)> =
                listing.entries.iter().map(|entry| (entry.path.clone(), entry.index, entry.size)).collect();
            let entries = by_position(listing.entries);
            let sized = sized.iter().map(|(path, at, size)| (path.as_str(), *at, *size));
            candidates(sized, root, |at| source.start(entries.get(&at)?, HEAD_BYTES).ok())
        }
    };
    let inside = found.into_iter().map(|one| InsideFile {
        path: one.path,
        entry: u32::try_from(one.entry).unwrap_or(u32::MAX),
        format: one.format.to_owned(),
    });
    inside.collect()
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
