//! Identity of a finding that survives reformatting, comments and moved lines.
//! 128-bit FNV-1a over check, path, enclosing symbol, normalised statement and ordinal; never the line.

use crate::model::Language;

const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

/// The fingerprint: 32 hexadecimal digits. `ordinal` counts findings that agree in everything else,
/// in source order from 0. Pass `statement` through [`normalise_statement`] first.
#[must_use]
pub fn fingerprint(check: &str, path: &str, symbol: &str, statement: &str, ordinal: u32) -> String {
    let mut hash = OFFSET;
    for part in [check, path, symbol, statement] {
        hash = absorb(hash, part.as_bytes());
        hash = absorb(hash, &[0x1f]);
    }
    hash = absorb(hash, &ordinal.to_le_bytes());
    format!("{hash:032x}")
}

fn absorb(mut hash: u128, bytes: &[u8]) -> u128 {
    for byte in bytes {
        hash = (hash ^ u128::from(*byte)).wrapping_mul(PRIME);
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
        // Published FNV-1a 128 test vector.
        assert_eq!(format!("{:032x}", absorb(OFFSET, b"a")), "d228cb696f1a8caf78912b704e4a8964");
        assert_eq!(fingerprint("", "", "", "", 0).len(), 32);
    }
}
