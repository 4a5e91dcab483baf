//! Reads saved reports: `report.json`, or `report.html`, which holds the same data. Reports of older schemas are
//! upgraded; what a newer program wrote is refused, never half understood.

use super::model::{DATA_CLOSE, DATA_OPEN, Report, SCHEMA_VERSION};
use serde::Deserialize;
use std::fmt;

/// Why a file is not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotRead {
    /// It is neither JSON nor a page of ours.
    NotAReport(String),
    /// A newer program wrote it.
    Newer {
        /// Version of that program.
        made_by: String,
    },
    /// A report with something missing or damaged.
    Damaged(String),
}

impl fmt::Display for NotRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let this = env!("CARGO_PKG_VERSION");
        match self {
            Self::NotAReport(why) => write!(f, "this is no report of Drydock ({why})"),
            Self::Newer { made_by } => {
                write!(f, "made by Drydock {made_by}, this is {this}: open it with a current version")
            }
            Self::Damaged(why) => write!(f, "this report is damaged ({why})"),
        }
    }
}

impl std::error::Error for NotRead {}

/// What tells a report from other JSON.
#[derive(Deserialize)]
struct Head {
    schema: u32,
    version: String,
}

/// Largest report that a page may hold once it is unpacked, in bytes.
#[cfg(feature = "engine")]
const LARGEST: u64 = 512 << 20;

/// Reads a report from the bytes of a saved file, JSON or page.
///
/// # Errors
/// [`NotRead`] says what the file is instead.
#[cfg(feature = "engine")]
pub fn read(bytes: &[u8]) -> Result<Report, NotRead> {
    use base64::Engine as _;
    use std::io::Read as _;
    let Some(packed) = packed_data(bytes) else { return read_json(bytes) };
    let damaged = |why: String| NotRead::Damaged(why);
    let gzip = base64::engine::general_purpose::STANDARD.decode(packed).map_err(|error| damaged(error.to_string()))?;
    let mut json = Vec::new();
    let mut unpacking = flate2::read::GzDecoder::new(gzip.as_slice()).take(LARGEST);
    unpacking.read_to_end(&mut json).map_err(|error| damaged(error.to_string()))?;
    read_json(&json)
}

/// Reads a report from JSON.
///
/// # Errors
/// [`NotRead`] says what the file is instead.
pub fn read_json(bytes: &[u8]) -> Result<Report, NotRead> {
    // From a slice, as the page reads its workers' results: another kind of input would bring every reader twice.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let head: Head = serde_json::from_slice(bytes).map_err(|error| NotRead::NotAReport(error.to_string()))?;
    if head.schema > SCHEMA_VERSION {
        return Err(NotRead::Newer { made_by: head.version });
    }
    if head.schema == 0 {
        return Err(NotRead::Damaged("schema 0 was never written".to_owned()));
    }
    let mut report: Report = serde_json::from_slice(bytes).map_err(|error| NotRead::Damaged(error.to_string()))?;
    if report.schema == 1 {
        from_1(&mut report);
    }
    report.schema = SCHEMA_VERSION;
    Ok(report)
}

/// The packed data inside a page: gzipped JSON in base64. Nothing when the bytes are no page of ours.
#[must_use]
pub fn packed_data(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (_, rest) = text.split_once(DATA_OPEN)?;
    Some(rest.split_once(DATA_CLOSE).map_or(rest, |(packed, _)| packed).trim())
}

/// Fingerprints of schema 1 hashed the path and all else as one: they name nothing today.
fn from_1(report: &mut Report) {
    for finding in &mut report.findings {
        finding.fingerprint.clear();
    }
    report.notices.push(
        "This report was made by an earlier version: its findings can be read, but not matched with new ones"
            .to_owned(),
    );
}

#[cfg(all(test, feature = "engine"))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::audit::{aggregate, sample};
    use crate::report::share::Shareable;
    use crate::report::writers::{html, json};

    fn sample_text() -> String {
        json(&Shareable::new(&aggregate(sample::input())))
    }

    #[test]
    fn what_was_written_is_read_again() {
        let text = sample_text();
        let report = read(text.as_bytes()).unwrap();
        assert_eq!(json(&Shareable::new(&report)), text);
        assert_eq!(read(html(&Shareable::new(&report)).as_bytes()).unwrap(), report);
        assert_eq!(read(format!("\u{feff}{text}").as_bytes()).unwrap(), report);
    }

    #[test]
    fn older_reports_are_upgraded() {
        let report = read(include_bytes!("../../../tests/data/reports/schema-1.json")).unwrap();
        assert_eq!(report.schema, SCHEMA_VERSION);
        assert_eq!(report.findings.len(), 2);
        assert!(report.findings.iter().all(|found| found.fingerprint.is_empty()));
        assert!(report.notices.iter().any(|notice| notice.starts_with("This report was made by an earlier version")));
    }

    #[test]
    fn what_is_none_is_said() {
        let said = |text: &str| read(text.as_bytes()).unwrap_err().to_string();
        assert!(said("%PDF-1.7").starts_with("this is no report of Drydock (expected value"));
        assert!(said("").starts_with("this is no report of Drydock (EOF"));
        assert!(said("{\"name\": \"left-pad\"}").starts_with("this is no report of Drydock (missing field `schema`"));
        let text = sample_text();
        let newer = text.replacen(&format!("\"schema\": {SCHEMA_VERSION}"), "\"schema\": 99", 1);
        let newer = newer.replacen("\"version\": \"", "\"version\": \"7.", 1);
        let this = env!("CARGO_PKG_VERSION");
        assert_eq!(said(&newer), format!("made by Drydock 7.{this}, this is {this}: open it with a current version"));
        let damaged = text.replacen("\"severity\": \"CRITICAL\"", "\"severity\": \"AWFUL\"", 1);
        assert!(said(&damaged).starts_with("this report is damaged (unknown variant `AWFUL`"));
        for cut in (0..text.len()).step_by(997) {
            assert!(read(text.as_bytes().get(..cut).unwrap_or_default()).is_err(), "{cut}");
        }
        let page = html(&Shareable::new(&aggregate(sample::input())));
        let data = page.find(DATA_OPEN).unwrap();
        for cut in (data..page.rfind(DATA_CLOSE).unwrap()).step_by(997) {
            assert!(read(page.as_bytes().get(..cut).unwrap_or_default()).is_err(), "{cut}");
        }
    }
}
