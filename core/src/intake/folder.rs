//! Folders: a list of files from a picker, a drop or a directory walk.

use super::error::IntakeError;
use super::limits::Limits;
use super::listing::{ArchiveKind, Listing, RawEntry, judge};
use super::tables;
use serde::{Deserialize, Serialize};

/// A file of a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderEntry {
    /// Path from (and with or without) the chosen folder, with `/` or `\`. A path that ends in `/`
    /// is a folder that the caller did not enter because of [`never_enter`].
    pub path: String,
    /// Size in bytes.
    pub size: u64,
}

/// Whether a folder of this name never holds the project's own source, so that a directory walk
/// need not enter it (`.git`, `node_modules`, `.venv`, …). Hand it in as a path ending in `/`.
#[must_use]
pub fn never_enter(folder_name: &str) -> bool {
    tables::built_in_folder(folder_name).is_some()
}

/// The listing of a folder. [`super::Entry::index`] is the position in `files`.
///
/// # Errors
/// When the folder is empty or has too many files.
pub fn folder_listing(files: &[FolderEntry], limits: &Limits) -> Result<Listing, IntakeError> {
    let count = files.len() as u64;
    if count > limits.entries {
        return Err(IntakeError::TooMany { files: count });
    }
    let raw: Vec<RawEntry> = files
        .iter()
        .map(|file| {
            let not_entered = file.path.ends_with('/');
            RawEntry {
                name: file.path.clone().into_bytes(),
                utf8: true,
                size: file.size,
                packed: file.size,
                is_dir: false,
                fault: not_entered.then(|| {
                    let name = file.path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
                    let what = tables::built_in_folder(name).unwrap_or("a folder that was not entered");
                    (super::SkipKind::BuiltIn, format!("`{name}/` is not entered: {what}"))
                }),
                ..RawEntry::default()
            }
        })
        .collect();
    let mut listing = judge(&raw, ArchiveKind::Folder, limits, None)?;
    if listing.entries.is_empty() {
        return Err(IntakeError::Empty { kind: ArchiveKind::Folder });
    }
    listing.notices.retain(|notice| !notice.contains("backslash"));
    Ok(listing)
}
