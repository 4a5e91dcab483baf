//! Best practices per technology: dated Markdown notes with sources, included at build time.
//! Knows no project; `discovery` asks for the notes of what it found.

mod notes;
mod parse;

pub use parse::{Note, Statement};

/// The notes on the technologies among `names` (`SQLAlchemy 2.0.30`, `PostgreSQL 16`).
#[must_use]
pub fn practices(names: &[String]) -> Vec<Note> {
    let mut notes = notes();
    notes.retain(|note| note.applies_to(names));
    notes
}

/// The text of the note on a technology, as [`Note::technology`] spells it: Markdown, with its date and sources.
#[must_use]
pub fn text(technology: &str) -> Option<&'static str> {
    notes::NOTES.iter().map(|(_, text)| *text).find(|text| parse::note(text).technology == technology)
}

/// All notes.
#[must_use]
pub fn notes() -> Vec<Note> {
    notes::NOTES.iter().map(|(_, text)| parse::note(text)).collect()
}
