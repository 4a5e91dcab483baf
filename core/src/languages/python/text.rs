//! How much of a text is kept: all of what looks like SQL (within reason), else a beginning.

/// Most bytes kept of text that looks like SQL.
const MAX_SQL: usize = 4000;
/// Most characters kept of other text.
const MAX_TEXT: usize = 200;

/// The first words of SQL statements.
const STATEMENTS: &[&str] = &[
    "alter",
    "begin",
    "call",
    "commit",
    "copy",
    "create",
    "delete",
    "drop",
    "insert",
    "listen",
    "lock",
    "merge",
    "notify",
    "pragma",
    "release",
    "replace",
    "rollback",
    "savepoint",
    "select",
    "set",
    "start",
    "truncate",
    "update",
    "vacuum",
    "with",
];

/// Whether `text` begins like an SQL statement, after white space and comments.
pub(super) fn looks_like_sql(text: &str) -> bool {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '(' || c == ';');
        if let Some(comment) = rest.strip_prefix("--") {
            rest = comment.split_once('\n').map_or("", |(_, after)| after);
        } else if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/").map_or("", |(_, after)| after);
        } else {
            break;
        }
    }
    let end = rest.bytes().position(|b| !b.is_ascii_alphabetic()).unwrap_or(rest.len());
    rest.get(..end)
        .is_some_and(|word| (3..=9).contains(&word.len()) && STATEMENTS.iter().any(|s| s.eq_ignore_ascii_case(word)))
}

/// The part of `text` that is kept.
pub(super) fn keep(text: &str) -> &str {
    if text.len() <= MAX_TEXT {
        text
    } else if looks_like_sql(text) {
        cut_to(text, MAX_SQL)
    } else {
        cut(text)
    }
}

/// The part of a piece of `text` that is kept, when the whole is known to be SQL or not.
pub(super) fn keep_as(text: &str, is_sql: bool) -> &str {
    if is_sql { cut_to(text, MAX_SQL) } else { cut(text) }
}

/// The first 200 characters.
pub(super) fn cut(text: &str) -> &str {
    cut_to(text, MAX_TEXT)
}

fn cut_to(text: &str, chars: usize) -> &str {
    if text.len() <= chars {
        return text;
    }
    match text.char_indices().nth(chars) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::{keep, looks_like_sql};

    #[test]
    fn sql_is_known_by_its_first_word() {
        assert!(looks_like_sql("  -- all\n/* x */ SELECT 1"));
        assert!(looks_like_sql("with x as (select 1) select * from x"));
        assert!(looks_like_sql("(SELECT 1) UNION"));
        assert!(!looks_like_sql("selected"));
        assert!(!looks_like_sql(""));
    }

    #[test]
    fn long_text_is_cut_unless_it_is_sql() {
        let long = "ä".repeat(500);
        assert_eq!(keep(&long).chars().count(), 200);
        let sql = format!("SELECT {long}");
        assert_eq!(keep(&sql), sql);
        assert_eq!(keep(&format!("SELECT {}", "x".repeat(9000))).len(), 4000);
    }
}
