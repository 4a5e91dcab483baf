//! Reads one note: title, date, the names that call for it, one statement per bullet.

/// A note.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// Technology it is about.
    pub technology: String,
    /// Date of its last review, `YYYY-MM-DD`.
    pub reviewed: String,
    /// Names in the stack that call for it.
    pub applies: Vec<String>,
    /// Statements.
    pub statements: Vec<Statement>,
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What to do, one sentence.
    pub statement: String,
    /// Official page.
    pub url: String,
    /// Checks whose findings it concerns.
    pub checks: Vec<String>,
}

impl Note {
    /// Whether one of the stack's names, with or without a version, calls for it.
    pub(super) fn applies_to(&self, names: &[String]) -> bool {
        self.applies.iter().any(|wanted| {
            // `PostgreSQL 16` is PostgreSQL, `PostgreSQL JDBC` is a driver.
            let version = |rest: &str| {
                rest.strip_prefix(' ').is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphabetic() && c != 'v'))
            };
            names
                .iter()
                .any(|name| name.strip_prefix(wanted.as_str()).is_some_and(|rest| rest.is_empty() || version(rest)))
        })
    }
}

/// Parses a note. Bullets read `- statement ([source](url)) <!-- checks that it concerns -->`; a bullet may run over
/// lines.
pub(super) fn note(text: &str) -> Note {
    let mut note = Note::default();
    let mut bullet = String::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("# ") {
            title.trim().clone_into(&mut note.technology);
        } else if let Some(date) = line.strip_prefix("Reviewed: ") {
            date.trim().clone_into(&mut note.reviewed);
        } else if let Some(names) = line.strip_prefix("Applies to: ") {
            note.applies = names.split(',').map(|name| name.trim().to_owned()).collect();
        } else if let Some(start) = line.strip_prefix("- ") {
            finish(&mut note, &mut bullet);
            start.trim().clone_into(&mut bullet);
        } else if !bullet.is_empty() && line.starts_with("  ") {
            bullet.push(' ');
            bullet.push_str(line.trim());
        } else {
            finish(&mut note, &mut bullet);
        }
    }
    finish(&mut note, &mut bullet);
    note
}

fn finish(note: &mut Note, bullet: &mut String) {
    if let Some((statement, sources)) = bullet.split_once(" ([")
        && let Some((_, rest)) = sources.split_once("](")
        && let Some((url, _)) = rest.split_once(')')
    {
        let checks =
            sources.split_once("<!--").and_then(|(_, rest)| rest.split_once("-->")).map_or("", |(list, _)| list);
        let checks = checks.split(',').map(str::trim).filter(|check| !check.is_empty()).map(str::to_owned).collect();
        note.statements.push(Statement { statement: statement.trim().to_owned(), url: url.to_owned(), checks });
    }
    bullet.clear();
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::disallowed_methods
    )]
    use super::*;
    use crate::knowledge::{notes, practices};

    #[test]
    fn bullets_may_run_over_lines() {
        let parsed = note(
            "# X\n\nReviewed: 2026-01-01\nApplies to: A, B C\n\n- Do\n  this ([Page](https://x.org/a#b)) <!-- a, b -->\n- No source\n",
        );
        assert_eq!(parsed.applies, ["A", "B C"]);
        assert_eq!(
            parsed.statements,
            [Statement {
                statement: "Do this".into(),
                url: "https://x.org/a#b".into(),
                checks: vec!["a".into(), "b".into()]
            }]
        );
        assert!(parsed.applies_to(&["A 1.2".to_owned()]) && !parsed.applies_to(&["Axe".to_owned()]));
    }

    #[test]
    fn every_note_is_dated_and_every_statement_has_an_official_page() {
        let mut names = std::collections::BTreeSet::new();
        for note in notes() {
            let date: Vec<&str> = note.reviewed.split('-').collect();
            let digits = |text: &str, length: usize| text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
            assert!(date.len() == 3 && digits(date[0], 4) && digits(date[1], 2) && digits(date[2], 2), "{note:?}");
            assert!(!note.applies.is_empty() && note.statements.len() >= 2, "{note:?}");
            assert!(names.insert(note.technology.clone()), "two notes about {}", note.technology);
            for statement in note.statements {
                assert!(statement.url.starts_with("https://"), "{}", statement.url);
                assert!(!statement.statement.ends_with('.') && statement.statement.len() < 220, "{statement:?}");
            }
        }
    }

    #[test]
    fn every_file_of_the_folder_is_a_note() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/knowledge/practices");
        let mut files: Vec<String> =
            std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
        files.sort();
        assert_eq!(files, notes::NOTES.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>());
    }

    #[test]
    fn bullets_of_the_files_are_all_read() {
        for (name, text) in notes::NOTES {
            let bullets = text.lines().filter(|line| line.starts_with("- ")).count();
            assert_eq!(note(text).statements.len(), bullets, "{name}");
        }
    }

    #[test]
    fn only_detected_technologies_apply() {
        let names = ["SQLAlchemy 2.0.30", "PostgreSQL 16", "Flask 3.0"].map(str::to_owned);
        let found: Vec<_> = practices(&names).into_iter().map(|note| note.technology).collect();
        assert_eq!(found, ["Flask", "PostgreSQL", "SQLAlchemy"]);
    }
}
