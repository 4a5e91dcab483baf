//! Runtime evidence beside an audit: read the files, join them to what the code looks like, complete the report.

use crate::evidence::asked::Asked;
use crate::evidence::candidates::{by_head, by_path};
use crate::evidence::code::CodeIndex;
use crate::evidence::joins::measure;
use crate::evidence::loadtest::{self, ALWAYS, stated};
use crate::evidence::model::targets::{Source, SourceKind, Target};
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::readers::targets::settings;
use crate::evidence::recognize::HEAD_BYTES;
use crate::evidence::report::{Figures, Inputs, missed, performance};
use crate::evidence::rules::{Observation, RULES};
use crate::evidence::{Limits, read};
use crate::intake::{self, ZipSource};
use crate::order::InOrder as _;
use crate::report::model::performance::{Measured, Performance};
use crate::report::model::{Finding, Report};
use std::collections::BTreeMap;
use std::io::{Cursor, Read, Seek};

/// Entries that are read of one zip.
pub const MOST_ENTRIES: usize = 2_000;

/// A file of a project that is evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its path, as reports name files: without the folder that holds them all.
    pub path: String,
    /// Its entry.
    pub entry: usize,
    /// Its size.
    pub bytes: u64,
    /// The format that its first bytes are of.
    pub format: &'static str,
}

/// Evidence among the files of a project (path, entry, size), by path and then by content, in order of paths. `root` is the
/// folder that holds them all; `head` gives the first 64 KiB of an entry or more. Targets in `slo.toml`, load-test scripts
/// and the like are among them. At most [`MOST_ENTRIES`] files are looked into.
pub fn candidates<'a>(
    files: impl Iterator<Item = (&'a str, usize, u64)>,
    root: Option<&str>,
    mut head: impl FnMut(usize) -> Option<Vec<u8>>,
) -> Vec<Candidate> {
    let likely = files.filter(|(path, _, bytes)| by_path(path, *bytes)).take(MOST_ENTRIES);
    let found = likely.filter_map(|(path, entry, bytes)| {
        let head = head(entry)?;
        let format = by_head(head.get(..HEAD_BYTES as usize).unwrap_or(&head))?;
        let inner = path.strip_prefix(root.unwrap_or_default()).map_or(path, |path| path.trim_start_matches('/'));
        Some(Candidate { path: inner.to_owned(), entry, bytes, format })
    });
    let mut found: Vec<Candidate> = found.collect();
    found.order_by(|a, b| a.path.cmp(&b.path));
    found
}

/// How large an entry of a zip of evidence may be, and all of them: they are unpacked one after the other in memory.
#[must_use]
pub fn evidence_limits() -> intake::Limits {
    intake::Limits { entry: 128 << 20, ..intake::Limits::default() }
}

/// A file of any kind: what reads it is built once.
pub trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

/// Reads a dropped file of evidence, of a zip each of its entries as `archive.zip!entry`.
pub fn gather(path: &str, bytes: u64, content: &mut dyn ReadSeek, out: &mut Vec<Artefact>) {
    let refused = |path: String, reason: String| Artefact { path, refused: Some(reason), ..Artefact::default() };
    let mut magic = [0; 4];
    let is_zip = content.read_exact(&mut magic).is_ok() && magic == *b"PK\x03\x04";
    if let Err(error) = content.rewind() {
        return out.push(refused(path.to_owned(), error.to_string()));
    }
    if !is_zip {
        return out.push(read(path, bytes, content, Limits::default()));
    }
    let (mut source, listing) = match ZipSource::open_with(content, path, evidence_limits()) {
        Ok(opened) => opened,
        Err(error) => return out.push(refused(path.to_owned(), error.to_string())),
    };
    let entries = listing.entries.iter().filter(|entry| !entry.path.ends_with('/'));
    for entry in entries.clone().take(MOST_ENTRIES) {
        let path = format!("{path}!{}", entry.path);
        match source.read(entry) {
            Ok(bytes) => out.push(read(&path, bytes.len() as u64, &mut Cursor::new(bytes), Limits::default())),
            Err(error) => out.push(refused(path, error.to_string())),
        }
    }
    let more = entries.count().saturating_sub(MOST_ENTRIES);
    if more > 0 {
        let reason = format!("It has {more} entries more than the {MOST_ENTRIES} that are read");
        out.push(refused(path.to_owned(), reason));
    }
}

/// What the project's settings ask in `[targets]`, as one more file beside the evidence; nothing without any.
#[must_use]
pub fn asked_by(targets: &BTreeMap<String, String>) -> Option<Artefact> {
    settings(targets)
}

/// Targets from the text of a `slo.toml` that was typed in. What of it is no target is listed with the files.
fn typed_in(text: &str, artefacts: &mut Vec<Artefact>) -> Vec<Target> {
    if text.is_empty() {
        return Vec::new();
    }
    let mut artefact = read("typed in", text.len() as u64, &mut text.as_bytes(), Limits::default());
    let mut typed = Vec::new();
    for evidence in std::mem::take(&mut artefact.evidence) {
        if let Evidence::Targets(targets) = evidence {
            typed.extend(targets.targets);
        }
    }
    if artefact.refused.is_some() || !artefact.notes.is_empty() {
        artefacts.push(artefact);
    }
    for target in &mut typed {
        target.source = Source { kind: SourceKind::Edited, path: String::new(), line: 0 };
    }
    typed
}

/// All files of evidence together, with what the rules see in them.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    /// The files.
    pub artefacts: Vec<Artefact>,
    /// What the rules saw.
    pub observations: Vec<Observation>,
    /// Targets, pairing and comparison.
    pub figures: Figures,
}

impl Gathered {
    /// Applies all rules and targets.
    #[must_use]
    pub fn new(artefacts: Vec<Artefact>) -> Self {
        Self::with(artefacts, "", false)
    }

    /// The same, with targets that were typed in (as `slo.toml`), and with the two runs the other way round.
    #[must_use]
    pub fn with(mut artefacts: Vec<Artefact>, typed: &str, swapped: bool) -> Self {
        let targets = typed_in(typed, &mut artefacts);
        // What our own load tests say to make k6 report each route is no target.
        for evidence in artefacts.iter_mut().flat_map(|artefact| &mut artefact.evidence) {
            match evidence {
                Evidence::LoadRun(run) => run.thresholds.retain(|threshold| threshold.expression != ALWAYS),
                Evidence::Targets(targets) => targets.targets.retain(|target| target.text != ALWAYS),
                _ => {}
            }
        }
        let asked = Asked::new(&artefacts, &targets);
        let observations = RULES.iter().flat_map(|rules| rules(&artefacts, &asked)).collect();
        let figures = Figures::new(&artefacts, &asked, swapped);
        Self { artefacts, observations, figures }
    }

    /// What a load test can check of the targets that are stated.
    #[must_use]
    pub fn thresholds(&self) -> Vec<loadtest::Target> {
        stated(self.figures.sheet.rows.iter().filter_map(|row| row.target.as_ref()))
    }

    /// Joins them to the code: what the audit is to change by.
    #[must_use]
    pub fn join(&self, index: &CodeIndex) -> Measured {
        let read = self.artefacts.iter().filter(|one| one.refused.is_none());
        Measured {
            files: read.map(|one| (one.path.clone(), one.format.clone())).collect(),
            ..measure(index, &self.artefacts, &self.observations, &missed(&self.figures))
        }
    }

    /// The report of the evidence alone.
    #[must_use]
    pub fn alone(&self) -> Performance {
        self.beside(&[])
    }

    /// The report of the evidence, beside findings of an audit whose code is not at hand.
    #[must_use]
    pub fn beside(&self, findings: &[Finding]) -> Performance {
        self.report(None, findings)
    }

    /// The same, of an audit that was joined to it: what it changed stays.
    #[must_use]
    pub fn joined(&self, index: &CodeIndex, findings: &[Finding], audit: Option<Performance>) -> Performance {
        let mut full = self.report(Some(index), findings);
        if let Some(audit) = audit {
            full.changes = audit.changes;
            full.unadjusted = audit.unadjusted;
        }
        full
    }

    /// Puts that into the report of the audit.
    pub fn complete(&self, report: &mut Report, index: &CodeIndex) {
        let audit = report.performance.take().map(|audit| *audit);
        report.performance = Some(Box::new(self.joined(index, &report.findings, audit)));
    }

    fn report(&self, index: Option<&CodeIndex>, findings: &[Finding]) -> Performance {
        performance(&Inputs {
            artefacts: &self.artefacts,
            observations: &self.observations,
            figures: &self.figures,
            index,
            findings,
        })
    }
}
