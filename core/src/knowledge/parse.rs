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
}

impl Note {
    /// Whether one of the stack's names, with or without a version, calls for it.
    pub(super) fn applies_to(&self, names: &[String]) -> bool {
        self.applies.iter().any(|wanted| {
            names.iter().any(|name| {
                name.strip_prefix(wanted.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(' ') && !rest.starts_with(" ORM"))
            })
        })
    }
}

/// Parses a note. Bullets read `- statement ([source](url))`; a bullet may run over lines.
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
    if let Some((statement, rest)) = bullet.rsplit_once(" ([")
        && let Some((_, url)) = rest.split_once("](")
    {
        let url = url.trim_end_matches(')').to_owned();
        note.statements.push(Statement { statement: statement.trim().to_owned(), url });
    }
    bullet.clear();
}
