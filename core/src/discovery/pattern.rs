//! Regular expressions of the scanners: compiled once, each from a constant.

use memchr::memchr_iter;
use regex::Regex;

/// Declares a lazily compiled pattern.
macro_rules! pattern {
    ($name:ident, $text:expr) => {
        static $name: std::sync::LazyLock<regex::Regex> =
            std::sync::LazyLock::new(|| $crate::discovery::pattern::compile($text));
    };
}
pub(super) use pattern;

/// Compiles a constant pattern. Its `\w`, `\s`, `\d` and `\b` mean ASCII: what is looked for is
/// spelled in it, and the classes of Unicode cost most of the compilation and much of the search.
#[expect(clippy::expect_used, reason = "patterns are constants; the tests of each scanner compile them")]
pub(super) fn compile(text: &str) -> Regex {
    Regex::new(&in_ascii(text)).expect("a valid constant pattern")
}

/// A pattern with the classes of ASCII in place of Unicode's.
fn in_ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('w') => out.push_str("[0-9A-Za-z_]"),
            Some('s') => out.push_str(r"[\t-\r ]"),
            Some('S') => out.push_str(r"[^\t-\r ]"),
            Some('d') => out.push_str("[0-9]"),
            Some('b') => out.push_str(r"(?-u:\b)"),
            other => {
                out.push(c);
                out.extend(other);
            }
        }
    }
    out
}

/// The text of group `index`, empty when it took no part.
pub(super) fn group<'t>(captures: &regex::Captures<'t>, index: usize) -> &'t str {
    captures.get(index).map_or("", |found| found.as_str())
}

/// Line (from 1) of a byte offset.
pub(super) fn line_at(text: &str, offset: usize) -> u32 {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    u32::try_from(memchr_iter(b'\n', before).count() + 1).unwrap_or(u32::MAX)
}

/// Lines with their numbers from 1.
pub(super) fn numbered(text: &str) -> impl Iterator<Item = (u32, &str)> {
    text.lines().enumerate().map(|(index, line)| (u32::try_from(index + 1).unwrap_or(u32::MAX), line))
}

#[cfg(test)]
mod tests {
    use super::{compile, in_ascii};

    #[test]
    fn classes_mean_ascii_inside_and_outside_of_brackets() {
        assert_eq!(in_ascii(r"\b[\w.]+\\s\(\S"), r"(?-u:\b)[[0-9A-Za-z_].]+\\s\([^\t-\r ]");
        let pattern = compile(r"(?i)\b([^\s=]+)\s*=\s*[\w.-]+\d");
        assert!(pattern.is_match("Größe = a.b-7"));
        assert!(!pattern.is_match("a = é"));
    }
}
