//! Best practices per technology: dated Markdown notes with sources, included at build time.
//! Knows no project; `discovery` asks for the notes of what it found.

mod notes;
mod parse;

pub use parse::{Note, Statement};

/// Statements of the technologies among `names` (`SQLAlchemy 2.0.30`, `PostgreSQL 16`), by technology.
#[must_use]
pub fn practices(names: &[String]) -> Vec<(String, Vec<Statement>)> {
    notes::NOTES
        .iter()
        .map(|(_, text)| parse::note(text))
        .filter(|note| note.applies_to(names))
        .map(|note| (note.technology, note.statements))
        .collect()
}

/// All notes.
#[must_use]
pub fn notes() -> Vec<Note> {
    notes::NOTES.iter().map(|(_, text)| parse::note(text)).collect()
}
