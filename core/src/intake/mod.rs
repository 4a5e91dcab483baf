//! Intake: from a dropped zip, tar.gz or folder to the plan of what is audited.
//!
//! ```text
//! sniff(first bytes, name)                 what was dropped
//! ZipSource::open(reader, name)            -> (source, Listing)   then source.read(&entry)
//! TarGz::read_all(reader, name, …, keep)   -> Listing             contents go to `keep` on the way
//! folder_listing(&files, &limits)          -> Listing
//! prepare(&listing, shards, read)          -> (Settings, Plan)    reads ignore and settings files
//! planned_file.reject(bytes)               after reading: generated, minified, binary, a test
//! source::text::decode(bytes)              bytes to text
//! ```
//!
//! Nothing here knows what is in a file beyond deciding whether to read it. No input makes it panic
//! or run away: every bound is in [`Limits`], every file that is not audited is listed with a
//! [`SkipKind`] and one sentence, and what concerns the whole archive is a notice.

mod classify;
mod error;
mod folder;
mod limits;
mod listing;
mod names;
mod plan;
mod rules;
mod salvage;
pub mod settings;
mod skip;
mod sniff;
mod tables;
mod targz;
mod window;
mod zip;

#[cfg(test)]
mod tests;

pub use classify::{Role, may_matter};
pub use error::{IntakeError, ReadError};
pub use folder::{FolderEntry, folder_listing, never_enter};
pub use limits::{Limits, SOURCE_LIMIT, TEXT_LIMIT};
pub use listing::{ArchiveKind, Entry, Listing, Partial, short_hash};
pub use plan::{Plan, PlannedFile, needed_for_plan, plan, prepare};
pub use rules::PathPatterns;
pub use settings::Settings;
pub use skip::SkipKind;
pub use sniff::{Kind, SNIFF_LEN, sniff};
pub use targz::TarGz;
pub use zip::ZipSource;
