//! Project notes: `tech_stack.md` and the kanban board's Team ID.

use super::facts::{Facts, at};
use super::pattern::{group, numbered, pattern};
use super::read::DiscoveryFile;
use super::technologies::{self, DATABASES, Slot};
use crate::order::InOrder as _;

/// Technologies with versions that a stack note states, in tables, bullets or prose.
pub(super) fn tech_stack(file: DiscoveryFile<'_>, facts: &mut Facts) {
    let mut names: Vec<(&str, &str, Slot)> =
        DATABASES.iter().map(|(spelling, name)| (*spelling, *name, Slot::Db)).collect();
    names.extend(technologies::display_names().map(|(name, slot)| (name, name, slot)));
    names.extend([
        ("Python", "Python", Slot::Language),
        ("Node.js", "Node.js", Slot::Language),
        ("Redis", "Redis", Slot::Other),
    ]);
    names.order();
    names.dedup();
    // A row or bullet about the database names it also without a version: prose may name what was left behind.
    pattern!(LABEL, r"^[\s|*_`-]*(?:primary |main |relational )?(?:database|db|data store|rdbms)[\s*_`]*[|:]");
    for (line, text) in numbered(file.text) {
        let lower = text.to_ascii_lowercase();
        let labelled = LABEL.is_match(&lower);
        for (spelling, name, slot) in &names {
            let spelling = spelling.to_ascii_lowercase();
            match stated(&lower, &spelling) {
                Some(version) => facts.tech(*slot, name, Some(&version), at(file.path, line)),
                None if labelled && *slot == Slot::Db && names_alone(&lower, &spelling) => {
                    facts.tech(*slot, name, None, at(file.path, line));
                }
                None => {}
            }
        }
    }
}

/// Whether the first thing that the row says is the name.
fn names_alone(line: &str, name: &str) -> bool {
    let value = line.split_once(['|', ':']).map_or("", |(before, rest)| {
        if before.trim().is_empty() { rest.split_once('|').map_or("", |(_, value)| value) } else { rest }
    });
    let value = value.trim_start_matches([' ', '*', '_', '`', '|']);
    value.strip_prefix(name).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// Version stated right after the name: `PostgreSQL 16`, `| PostgreSQL | 16.2 |`, `FastAPI v0.115`.
fn stated(line: &str, name: &str) -> Option<String> {
    pattern!(
        VERSION,
        r"^[\s|:*`_()@=-]*(?:version\s*|v)?((?:>=|==|~=|\^|~)?\s*\d+(?:\.\d+)*)(?:\.x|\+)?(?:[\s|),.;*`]|$)"
    );
    let mut from = 0;
    while let Some(position) = line.get(from..).and_then(|rest| rest.find(name)).map(|p| p + from) {
        let end = position + name.len();
        let before = line.get(..position).and_then(|text| text.chars().next_back());
        let after = line.get(end..).unwrap_or("");
        let whole = !before.is_some_and(|c| c.is_alphanumeric() || c == '-' || c == '_' || c == '/')
            && !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        if whole && let Some(found) = VERSION.captures(after) {
            return Some(group(&found, 1).replace(' ', ""));
        }
        from = end;
    }
    None
}

/// `| **Team ID** | value | … |`, or a `Team ID: value` line.
pub(super) fn kanban(file: DiscoveryFile<'_>, facts: &mut Facts) {
    pattern!(ROW, r"(?i)^\s*\|[\s*_`]*team\s+id[\s*_`]*\|([^|]*)\|");
    pattern!(LINE, r"(?i)^[\s>*_`-]*team\s+id[\s*_`]*:[\s*_`]*(.+)$");
    for (line, text) in numbered(file.text) {
        let Some(found) = ROW.captures(text).or_else(|| LINE.captures(text)) else { continue };
        let value = group(&found, 1).trim().trim_matches(['*', '`', '_', ' ']);
        let placeholder = value.is_empty()
            || value.starts_with(['[', '{', '<'])
            || ["-", "n/a", "tbd", "todo", "none"].contains(&value.to_ascii_lowercase().as_str());
        if !placeholder {
            facts.team(value, at(file.path, line));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::discover;

    #[test]
    fn both_forms_of_the_team_id() {
        for (text, line) in [
            ("# Board\n\n| Field | Value | Note |\n|---|---|---|\n| **Team ID** | `ORD` | Linear |\n", 5),
            ("Team ID: [x]\n**Team ID:** ORD\n", 2),
        ] {
            let (store, _) = discover(&[DiscoveryFile { path: "docs/tasks/kanban_board.md", text }], "d");
            assert_eq!(store.team_id.as_deref(), Some("ORD"));
            assert_eq!(store.sources.get("team_id").map(|s| s.line), Some(line));
        }
    }

    #[test]
    fn stack_note_versions_stand_beside_compose() {
        let files = [
            DiscoveryFile {
                path: "docs/project/tech_stack.md",
                text: "| Database | PostgreSQL | 16.2 |\n- **FastAPI** 0.115\n- Django-like things 5\n- PostgreSQLish 9\n",
            },
            DiscoveryFile { path: "compose.yml", text: "services:\n  db:\n    image: postgres:14\n" },
        ];
        let (store, _) = discover(&files, "d");
        assert_eq!(store.tech_stack.db, ["PostgreSQL 14", "PostgreSQL 16.2"]);
        assert_eq!(store.tech_stack.web, ["FastAPI 0.115"]);
        assert_eq!(store.conflicts.len(), 1);
    }

    #[test]
    fn a_row_about_the_database_needs_no_version() {
        for (text, db) in [
            ("| Layer | Choice |\n| **Database** | PostgreSQL | main store |\n", vec!["PostgreSQL"]),
            ("- **Database:** MySQL, after SQLite was given up\n", vec!["MySQL"]),
            ("The database was SQLite once.\n", vec![]),
        ] {
            let (store, _) = discover(&[DiscoveryFile { path: "docs/project/tech_stack.md", text }], "d");
            assert_eq!(store.tech_stack.db, db, "{text}");
        }
    }
}
