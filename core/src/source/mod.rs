//! Places in source text: file ids, spans, and decoding of bytes to text.
//! Depends on nothing else in the crate and knows no language.

mod lines;
mod paths;
pub mod text;

pub use lines::{LineIndex, Origin};
pub use paths::holds_tests;

use serde::{Deserialize, Serialize};

/// Name of a project's settings file: what lists files and what links code both know it.
pub const SETTINGS_FILE: &str = ".drydock.toml";

/// A file of the audited project: its index in the plan's ordered file list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FileId(pub u32);

/// A range of source text. Lines and columns start at 1; columns count Unicode scalar values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "Place", into = "Place")]
pub struct Span {
    /// First line.
    pub line: u32,
    /// Column of the first character.
    pub col: u16,
    /// Last line.
    pub end_line: u32,
    /// Column just past the last character.
    pub end_col: u16,
}

/// How a span is serialised: most lie on one line, and `lines` then takes one byte.
#[derive(Serialize, Deserialize)]
struct Place {
    line: u32,
    col: u16,
    lines: u32,
    end_col: u16,
}

impl From<Span> for Place {
    fn from(span: Span) -> Self {
        Self { line: span.line, col: span.col, lines: span.end_line.wrapping_sub(span.line), end_col: span.end_col }
    }
}

impl From<Place> for Span {
    fn from(place: Place) -> Self {
        let Place { line, col, lines, end_col } = place;
        Self { line, col, end_line: line.wrapping_add(lines), end_col }
    }
}

impl Span {
    /// Whether `other` lies within the lines of `self`.
    #[must_use]
    pub fn contains_lines(&self, other: &Self) -> bool {
        self.line <= other.line && other.end_line <= self.end_line
    }
}
