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

/// Compiles a constant pattern.
#[expect(clippy::expect_used, reason = "patterns are constants; the tests of each scanner compile them")]
pub(super) fn compile(text: &str) -> Regex {
    Regex::new(text).expect("a valid constant pattern")
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
