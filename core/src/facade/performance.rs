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
use crate::intake::{self, IntakeError, Kind, ReadError, SNIFF_LEN, TarGz, ZipSource, size_text, sniff};
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

/// Reads a dropped file of evidence, of a zip or tar.gz each of its entries as `archive.zip!entry`.
pub fn gather(path: &str, bytes: u64, content: &mut dyn ReadSeek, out: &mut Vec<Artefact>) {
    let mut first = Vec::with_capacity(SNIFF_LEN);
    let start = (&mut *content).take(SNIFF_LEN as u64).read_to_end(&mut first).and_then(|_| content.rewind());
    if let Err(error) = start {
        return out.push(refused(path.to_owned(), error.to_string()));
    }
    // Names tell nothing: `runs.json.gz` is one file, whatever it is called.
    let entries = match sniff(&first, "") {
        Kind::Zip => of_zip(path, content, out),
        Kind::TarGz => of_tar(path, content, out),
        _ => return out.push(read(path, bytes, content, Limits::default())),
    };
    match entries {
        Ok(entries) if entries > MOST_ENTRIES => {
            let more = entries - MOST_ENTRIES;
            let reason = format!("It has {more} entries more than the {MOST_ENTRIES} that are read");
            out.push(refused(path.to_owned(), reason));
        }
        Ok(_) => {}
        Err(error) => out.push(refused(path.to_owned(), error.to_string())),
    }
}

fn refused(path: String, reason: String) -> Artefact {
    Artefact { path, refused: Some(reason), ..Artefact::default() }
}

fn of_entry(path: String, bytes: Vec<u8>) -> Artefact {
    read(&path, bytes.len() as u64, &mut Cursor::new(bytes), Limits::default())
}

/// Why an entry that is too large is not read.
fn too_large(size: u64) -> String {
    format!("Larger than the {} that are read of an entry ({})", size_text(evidence_limits().entry), size_text(size))
}

/// Reads the entries of a zip; how many there are.
fn of_zip(path: &str, content: &mut dyn ReadSeek, out: &mut Vec<Artefact>) -> Result<usize, IntakeError> {
    let (mut source, listing) = ZipSource::open_with(content, path, evidence_limits())?;
    let entries = listing.entries.iter().filter(|entry| !entry.path.ends_with('/'));
    for entry in entries.clone().take(MOST_ENTRIES) {
        let path = format!("{path}!{}", entry.path);
        out.push(match source.read(entry) {
            Ok(bytes) => of_entry(path, bytes),
            Err(ReadError::TooLarge { size }) => refused(path, too_large(size)),
            Err(error) => refused(path, error.to_string()),
        });
    }
    Ok(entries.count())
}

/// The same of a tar or tar.gz, each entry as it comes: none is kept.
fn of_tar(path: &str, content: &mut dyn ReadSeek, out: &mut Vec<Artefact>) -> Result<usize, IntakeError> {
    let limits = evidence_limits();
    let mut count = 0;
    let listing = TarGz::read_those(
        content,
        path,
        &limits,
        |_, _| true,
        |entry, bytes| {
            count += 1;
            if count <= MOST_ENTRIES {
                out.push(of_entry(format!("{path}!{}", entry.path), bytes));
            }
        },
    )?;
    let large = listing.entries.iter().filter(|entry| entry.size > limits.entry);
    out.extend(large.map(|entry| refused(format!("{path}!{}", entry.path), too_large(entry.size))));
    // A stream that is cut short: what came before it was read.
    out.extend(listing.notices.into_iter().map(|notice| refused(path.to_owned(), notice)));
    Ok(listing.entries.len())
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

#[cfg(all(test, feature = "engine"))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::report::share::ShareablePerformance;
    use crate::report::writers::{golden, performance_markdown};
    use std::io::Write as _;

    const K6: &[u8] = br#"{"root_group": {}, "metrics": {"http_reqs": {"count": 5, "rate": 5}}}"#;

    fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = tar::Builder::new(Vec::new());
        for (path, bytes) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            header.set_cksum();
            archive.append_data(&mut header, path, *bytes).unwrap();
        }
        archive.into_inner().unwrap()
    }

    fn gzipped(bytes: &[u8]) -> Vec<u8> {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(bytes).unwrap();
        packed.finish().unwrap()
    }

    /// `path: format` or `path! reason` of each file that was read.
    fn read_of(path: &str, bytes: &[u8]) -> Vec<String> {
        let mut out = Vec::new();
        gather(path, bytes.len() as u64, &mut Cursor::new(bytes), &mut out);
        let line = |one: Artefact| match one.refused {
            Some(reason) => format!("{}! {reason}", one.path),
            None => format!("{}: {}", one.path, one.format),
        };
        out.into_iter().map(line).collect()
    }

    #[test]
    fn the_sample_file_is_the_report_of_the_bundled_evidence() {
        let root = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/evidence"));
        let mut paths = vec!["slo.toml".to_owned()];
        for side in ["baseline", "optimized"] {
            let names = std::fs::read_dir(root.join(side)).unwrap();
            paths.extend(names.map(|name| format!("{side}/{}", name.unwrap().file_name().to_string_lossy())));
        }
        paths.order();
        let mut artefacts = Vec::new();
        for path in &paths {
            let bytes = std::fs::read(root.join(path)).unwrap();
            gather(path, bytes.len() as u64, &mut Cursor::new(bytes), &mut artefacts);
        }
        let report = ShareablePerformance::new(&Gathered::new(artefacts).alone());
        golden(
            concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/performance_report.md"),
            &performance_markdown(&report),
        );
    }

    #[test]
    fn archives_of_evidence_are_opened_whatever_they_are_called() {
        let files = [("runs/k6.json", K6), ("runs/k6.json.gz", &gzipped(K6)), ("runs/notes.txt", b"hello\n")];
        let inside =
            ["runs/k6.json: k6 summary", "runs/k6.json.gz: k6 summary", "runs/notes.txt! Not evidence that we read"];
        let plain = tar(&files);
        for (name, bytes) in [("runs.tar.gz", gzipped(&plain)), ("runs", gzipped(&plain)), ("runs.tar", plain)] {
            let wanted: Vec<String> = inside.iter().map(|line| format!("{name}!{line}")).collect();
            assert_eq!(read_of(name, &bytes), wanted);
        }
        // One file that is compressed is no archive, even where its name says so.
        assert_eq!(read_of("k6.tgz", &gzipped(K6)), ["k6.tgz: k6 summary"]);
    }

    #[test]
    fn what_stands_before_the_damage_of_a_tar_is_read() {
        let mut cut = tar(&[("a.json", K6), ("b.json", K6)]);
        cut.truncate(512 * 3 + 20);
        let lines = read_of("runs.tar", &cut);
        assert_eq!(lines.first().map(String::as_str), Some("runs.tar!a.json: k6 summary"));
        assert!(
            lines
                .last()
                .is_some_and(|line| line.starts_with("runs.tar! The tar.gz is cut short or damaged at entry 2")),
            "{lines:?}"
        );
        assert_eq!(read_of("runs.tar", &tar(&[])), ["runs.tar! Not evidence that we read"]);
    }
}
