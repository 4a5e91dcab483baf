//! How much of a text is kept: all of what looks like SQL (within reason), else a beginning.

/// Most characters kept of text that begins like SQL, as prose may.
const MAX_SQL: usize = 4000;
/// Most characters kept of what is SQL beyond doubt.
const MAX_SURE_SQL: usize = 64 << 10;
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
        cut_to(text, most(text))
    } else {
        cut(text)
    }
}

/// The part of a piece of `text` that is kept, when the whole is known to be SQL or not.
pub(super) fn keep_as(text: &str, is_sql: bool) -> &str {
    if is_sql { cut_to(text, most(text)) } else { cut(text) }
}

/// How much is kept of what looks like SQL: a long prompt that begins with "Create" is none.
fn most(text: &str) -> usize {
    if text.len() <= MAX_SQL {
        return MAX_SQL;
    }
    let head = text.get(..text.floor_char_boundary(MAX_SQL)).unwrap_or(text).to_ascii_lowercase();
    let mut words = head.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    let pair = |first: &str, second: &str| {
        matches!(
            (first, second),
            ("insert" | "replace" | "merge", "into")
                | ("delete" | "where" | "order", "from" | "by")
                | ("group", "by")
                | (
                    "create" | "alter" | "drop",
                    "table" | "index" | "view" | "function" | "trigger" | "schema" | "type"
                )
                | ("not" | "is", "null")
                | ("primary" | "foreign", "key")
        )
    };
    let mut pairs = 0;
    let mut last = words.next().unwrap_or("");
    for word in words {
        pairs += usize::from(pair(last, word));
        last = word;
    }
    let clauses = ["select", "from", "where", "values", "join"].iter().filter(|word| head.contains(**word)).count();
    // Lists, brackets and comparisons are dense in SQL; prose has a comma in a hundred characters.
    let marks = head.bytes().filter(|b| matches!(b, b'(' | b')' | b',' | b';' | b'=')).count();
    let dense = |characters: usize| marks * characters >= head.len();
    if (pairs >= 1 || clauses >= 2) && dense(50) || dense(20) { MAX_SURE_SQL } else { MAX_SQL }
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
        let prompt =
            "Create a summary of the order table. Select what matters, from the first to the last. ".repeat(100);
        assert_eq!(keep(&prompt).len(), 4000);
        let columns: String = (0..2000).map(|n| format!("c{n}, ")).collect();
        let sql = format!("SELECT {columns}id FROM orders WHERE id = 1");
        assert_eq!(keep(&sql), sql);
        let rows = format!("INSERT INTO t (a, b) VALUES {}", "(1, 2), ".repeat(20_000));
        assert_eq!(keep(&rows).len(), 64 << 10);
    }
}
