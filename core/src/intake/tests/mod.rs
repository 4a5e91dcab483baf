//! Intake as a whole: hostile and odd archives, made here byte by byte, with their exact texts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod make;
mod plans;
mod tars;
mod zips;

use super::*;
use std::io::Cursor;

type Source = ZipSource<Cursor<Vec<u8>>>;

fn open(bytes: &[u8]) -> Result<(Source, Listing), IntakeError> {
    ZipSource::open(Cursor::new(bytes.to_vec()), "project.zip")
}

fn paths(listing: &Listing) -> Vec<&str> {
    listing.entries.iter().map(|entry| entry.path.as_str()).collect()
}

/// `kind path: reason` of every skipped file.
fn skipped(files: &[crate::report::model::SkippedFile]) -> Vec<String> {
    files.iter().map(|file| format!("{} {}: {}", file.kind, file.path, file.reason)).collect()
}
