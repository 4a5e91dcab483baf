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
//! Without the feature `engine` archives are only unpacked: evidence comes in them too.
//!
//! Nothing here knows what is in a file beyond deciding whether to read it. No input makes it panic
//! or run away: every bound is in [`Limits`], every file that is not audited is listed with a
//! [`SkipKind`] and one sentence, and what concerns the whole archive is a notice.

#[cfg(feature = "engine")]
mod classify;
mod error;
#[cfg(feature = "engine")]
mod folder;
mod limits;
mod listing;
mod names;
#[cfg(feature = "engine")]
mod plan;
#[cfg(feature = "engine")]
mod rules;
mod salvage;
#[cfg(feature = "engine")]
pub mod settings;
mod skip;
mod sniff;
#[cfg(feature = "engine")]
mod tables;
mod tar_header;
mod targz;
mod window;
mod zip;

#[cfg(all(test, feature = "engine"))]
mod tests;

#[cfg(feature = "engine")]
pub use classify::{Role, may_matter};
pub use error::{IntakeError, ReadError};
#[cfg(feature = "engine")]
pub use folder::{FolderEntry, folder_listing, never_enter};
#[cfg(feature = "evidence")]
pub(crate) use limits::size_text;
pub use limits::{Limits, SOURCE_LIMIT, TEXT_LIMIT};
pub use listing::{ArchiveKind, Entry, Listing, Partial, short_hash};
#[cfg(feature = "engine")]
pub use plan::{Plan, PlannedFile, needed_for_plan, plan, prepare};
#[cfg(feature = "engine")]
pub use rules::PathPatterns;
#[cfg(feature = "engine")]
pub use settings::Settings;
pub use skip::SkipKind;
pub use sniff::{Kind, SNIFF_LEN, sniff};
pub use targz::TarGz;
pub use zip::ZipSource;
