//! What can stop an intake, and what can stop one entry: a sentence, an action, and details.

use super::limits::{LIMITS_TEXT, size_text};
use super::listing::ArchiveKind;
use super::skip::SkipKind;
use crate::words::grouped;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Evidence formats that this version reads; named when a dropped file is nothing we know.
const EVIDENCE_READ: &[&str] = &["profiles", "query plans", "database logs", "load tests", "Lighthouse reports"];

/// Why nothing can be audited. `Display` is the sentence for people, [`IntakeError::action`] says
/// what to do now, [`IntakeError::details`] is the technical part behind "Details".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum IntakeError {
    /// The dropped file is nothing that we read.
    NotAnArchive {
        /// File name.
        name: String,
    },
    /// No file in it.
    Empty {
        /// What it is.
        kind: ArchiveKind,
    },
    /// Every file is password-protected.
    Encrypted,
    /// An entry expands too much.
    Bomb {
        /// Its name.
        path: String,
        /// By how much.
        ratio: u64,
    },
    /// Too many entries.
    TooMany {
        /// How many.
        files: u64,
    },
    /// Too much to expand.
    TooLarge {
        /// How much, as far as it is known.
        bytes: u64,
    },
    /// Damaged so early that no file could be read.
    Damaged {
        /// What it is.
        kind: ArchiveKind,
        /// Entry at which reading ended, from 1.
        entry: u64,
        /// Its name, when readable.
        path: Option<String>,
        /// What went wrong.
        detail: String,
    },
    /// The system refused to read the file.
    Unreadable {
        /// File name.
        name: String,
        /// What it said.
        detail: String,
    },
}

impl fmt::Display for IntakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnArchive { name } => {
                write!(f, "{name} is not a zip, folder or report. We read .zip, .tar.gz, folders")?;
                write!(f, ", our reports, and evidence files ({}).", EVIDENCE_READ.join(", "))
            }
            Self::Empty { kind } => write!(f, "This {} has no files.", kind.word()),
            Self::Encrypted => f.write_str(
                "This zip is password-protected; we do not ask for passwords. Unzip it and drop the folder.",
            ),
            Self::Bomb { path, ratio } => {
                write!(f, "Stopped: {path} expands {} times. {LIMITS_TEXT}", grouped(*ratio))
            }
            Self::TooMany { files } => write!(f, "Stopped: it has {} files. {LIMITS_TEXT}", grouped(*files)),
            Self::TooLarge { bytes } => {
                write!(f, "Stopped: its files expand to {} or more. {LIMITS_TEXT}", size_text(*bytes))
            }
            Self::Damaged { kind, entry, path, .. } => {
                write!(f, "The {} is cut short or damaged at entry {}", kind.word(), grouped(*entry))?;
                if let Some(path) = path {
                    write!(f, " ({path})")?;
                }
                f.write_str(". No file could be read.")
            }
            Self::Unreadable { name, .. } => write!(f, "{name} could not be read: the system refused it."),
        }
    }
}

impl std::error::Error for IntakeError {}

impl IntakeError {
    /// What to do now, imperative, one sentence.
    #[must_use]
    pub const fn action(&self) -> &'static str {
        match self {
            Self::NotAnArchive { .. } => "Choose a zip or a folder with the project's source",
            Self::Empty { .. } => "Choose another zip or folder",
            Self::Encrypted => "Unzip it and drop the folder",
            Self::Bomb { .. } => "Zip the source without that file, or unzip it and drop the folder",
            Self::TooMany { .. } | Self::TooLarge { .. } => {
                "Choose the folders that hold the source, or run the command line: `drydock audit .`"
            }
            Self::Damaged { .. } => "Download or zip it again",
            Self::Unreadable { .. } => "Check that the file still exists and drop it again",
        }
    }

    /// The technical part, for the "Details" disclosure.
    #[must_use]
    pub fn details(&self) -> String {
        match self {
            Self::NotAnArchive { name } => {
                format!("{name}: no zip, gzip or tar signature, and no report of ours")
            }
            Self::Empty { kind } => format!("{}: 0 file entries", kind.word()),
            Self::Encrypted => "zip: the encryption flag is set on every file entry".to_owned(),
            Self::Bomb { path, ratio } => format!("{path}: expanded size / packed size = {ratio}, allowed 200"),
            Self::TooMany { files } => format!("{files} entries, allowed 100000"),
            Self::TooLarge { bytes } => format!("{bytes} bytes expanded, allowed {}", 1u64 << 30),
            Self::Damaged { entry, detail, .. } => format!("entry {entry}: {detail}"),
            Self::Unreadable { detail, .. } => detail.clone(),
        }
    }
}

/// Why one entry could not be read. The audit goes on without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// Its bytes are not what the directory says.
    Damaged {
        /// What is wrong.
        detail: &'static str,
    },
    /// Larger than is read of one entry.
    TooLarge {
        /// Its size.
        size: u64,
    },
    /// The listing does not know it.
    Unknown,
    /// The whole archive exceeded the limit of inflated bytes: stop.
    Stop(IntakeError),
    /// The system refused.
    Io(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged { detail } => write!(f, "Damaged in the archive: {detail}"),
            Self::TooLarge { size } => write!(f, "Larger than 4 MiB ({})", size_text(*size)),
            Self::Unknown => f.write_str("Not an entry of this archive"),
            Self::Stop(error) => error.fmt(f),
            Self::Io(detail) => write!(f, "The system refused to read it: {detail}"),
        }
    }
}

impl std::error::Error for ReadError {}

impl ReadError {
    /// The kind under which the entry is listed as skipped.
    #[must_use]
    pub const fn kind(&self) -> SkipKind {
        match self {
            Self::TooLarge { .. } | Self::Stop(_) => SkipKind::TooLarge,
            Self::Damaged { .. } | Self::Unknown | Self::Io(_) => SkipKind::Damaged,
        }
    }
}
