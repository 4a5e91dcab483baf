//! The notes, by file name. One row per file.

pub(super) const NOTES: &[(&str, &str)] = &[];
