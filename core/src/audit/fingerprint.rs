//! Identity of a finding that survives reformatting, comments and moved lines.
//! Two 64-bit FNV-1a halves: check and path; check, enclosing symbol, normalised statement and ordinal.
//! Never the line. The second half alone finds a finding again whose file was renamed.

use crate::model::Language;

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// The fingerprint: 32 hexadecimal digits. `ordinal` counts findings that agree in everything else,
/// in source order from 0. Pass `statement` through [`normalise_statement`] first.
#[must_use]
pub fn fingerprint(check: &str, path: &str, symbol: &str, statement: &str, ordinal: u32) -> String {
    let place = parts(&[check, path]);
    let content = absorb(parts(&[check, symbol, statement]), &ordinal.to_le_bytes());
    format!("{place:016x}{content:016x}")
}

fn parts(parts: &[&str]) -> u64 {
    parts.iter().fold(OFFSET, |hash, part| absorb(absorb(hash, part.as_bytes()), &[0x1f]))
}

fn absorb(mut hash: u64, bytes: &[u8]) -> u64 {
    for byte in bytes {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(PRIME);
    }
    hash
}

/// The statement's text without what formatters change: white space, line breaks, comments, kind
/// of quotes, trailing commas before a closing bracket.
#[must_use]
pub fn normalise_statement(language: Language, text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut gap = false;
    while let Some(c) = rest.chars().next() {
        if let Some(after) = skip_comment(language, rest) {
            rest = after;
            gap = true;
            continue;
        }
        if c.is_whitespace() || c == '\\' {
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
            gap = true;
            continue;
        }
        if gap && is_word(c) && out.chars().next_back().is_some_and(is_word) {
            out.push(' ');
        }
        gap = false;
        if matches!(c, ')' | ']' | '}') && out.ends_with(',') {
            out.pop();
        }
        rest =
            if matches!(c, '"' | '\'' | '`') { copy_string(rest, c, &mut out) } else { copy_char(rest, c, &mut out) };
    }
    out
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn copy_char<'a>(rest: &'a str, c: char, out: &mut String) -> &'a str {
    out.push(c);
    rest.get(c.len_utf8()..).unwrap_or_default()
}

/// Text after the comment that `rest` starts with.
fn skip_comment(language: Language, rest: &str) -> Option<&str> {
    let line = match language {
        Language::Python => "#",
        Language::Sql => "--",
        Language::JavaScript | Language::Go | Language::Java => "//",
        Language::Template => "{#",
    };
    if rest.starts_with(line) {
        return Some(rest.find('\n').and_then(|end| rest.get(end..)).unwrap_or_default());
    }
    if language != Language::Python && rest.starts_with("/*") {
        return Some(rest.find("*/").and_then(|end| rest.get(end + 2..)).unwrap_or_default());
    }
    None
}

/// Copies a string literal with its inner text untouched and one kind of quote.
fn copy_string<'a>(rest: &'a str, quote: char, out: &mut String) -> &'a str {
    let triple: String = [quote; 3].iter().collect();
    let fence = if rest.starts_with(&triple) { triple.as_str() } else { &triple[..1] };
    out.push('"');
    let mut inner = rest.get(fence.len()..).unwrap_or_default();
    while let Some(c) = inner.chars().next() {
        if let Some(after) = inner.strip_prefix(fence) {
            out.push('"');
            return after;
        }
        inner = copy_char(inner, c, out);
        if c == '\\'
            && let Some(escaped) = inner.chars().next()
        {
            inner = copy_char(inner, escaped, out);
        }
    }
    inner
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::*;

    fn python(text: &str) -> String {
        normalise_statement(Language::Python, text)
    }

    #[test]
    fn formatting_and_comments_do_not_matter() {
        let wide = "total = session.execute(select(Order).where(Order.id == 'a b'))";
        let black =
            "total = session.execute(  # one row\n    select(Order).where(\n        Order.id == \"a b\",\n    ),\n)";
        assert_eq!(python(wide), python(black));
        let go = normalise_statement(Language::Go, "rows, err := db.Query( /* all */ `select 1`) // now\n");
        assert_eq!(go, "rows,err:=db.Query(\"select 1\")");
    }

    #[test]
    fn meaning_does_matter() {
        assert_ne!(python("f('a b')"), python("f('ab')"));
        assert_ne!(python("a not in b"), python("a notin b"));
        assert_ne!(python("a // b"), python("a"));
        assert_ne!(python("f('#x')"), python("f('"));
        assert_eq!(python("x = 'it\\'s' # no"), python("x='it\\'s'"));
        assert_eq!(python("s = 'open"), "s=\"open");
    }

    #[test]
    fn parts_do_not_run_into_each_other_and_the_value_is_stable() {
        assert_ne!(fingerprint("a", "bc", "", "", 0), fingerprint("ab", "c", "", "", 0));
        assert_ne!(fingerprint("a", "b", "c", "d", 0), fingerprint("a", "b", "c", "d", 1));
        assert_eq!(
            fingerprint("query_in_loop", "a.py", "f", "x=1", 0),
            fingerprint("query_in_loop", "a.py", "f", &python("x  =  1"), 0)
        );
        assert_eq!(absorb(OFFSET, b""), OFFSET);
        // Published FNV-1a 64 test vector.
        assert_eq!(absorb(OFFSET, b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fingerprint("", "", "", "", 0).len(), 32);
    }

    #[test]
    fn the_second_half_does_not_know_the_path() {
        let here = fingerprint("query_in_loop", "a.py", "f", "x=1", 0);
        let there = fingerprint("query_in_loop", "lib/b.py", "f", "x=1", 0);
        assert_ne!(here, there);
        assert_eq!(here[16..], there[16..]);
        assert_ne!(here[16..], fingerprint("query_in_loop", "a.py", "f", "x=1", 1)[16..]);
    }
}
