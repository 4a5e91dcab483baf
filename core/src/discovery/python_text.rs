//! Python source as text: comments and string contents masked at equal length, calls with their
//! arguments, string constants. A tolerant scan, so that discovery needs no syntax tree.

use super::pattern::{group, pattern};
use super::read::DiscoveryFile;
use memchr::{memchr, memchr2, memchr3};
use std::collections::BTreeMap;

/// Calls `found` with where each comment and the contents of each string lie, and whether it is a string.
fn scan(bytes: &[u8], mut found: impl FnMut(usize, usize, bool)) {
    let at = |index: usize| bytes.get(index).copied().unwrap_or(0);
    let rest = |from: usize| bytes.get(from..).unwrap_or_default();
    let mut index = 0;
    while let Some(next) = memchr3(b'#', b'"', b'\'', rest(index)) {
        index += next;
        let quote = at(index);
        if quote == b'#' {
            let end = memchr(b'\n', rest(index)).map_or(bytes.len(), |n| index + n);
            found(index, end, false);
            index = end;
            continue;
        }
        let triple = at(index + 1) == quote && at(index + 2) == quote;
        let width = if triple { 3 } else { 1 };
        let mut end = index + width;
        loop {
            let next = if triple { memchr2(quote, b'\\', rest(end)) } else { memchr3(quote, b'\\', b'\n', rest(end)) };
            let Some(next) = next else {
                end = end.max(bytes.len());
                break;
            };
            end += next;
            match at(end) {
                b'\\' => end += 2,
                byte if triple && byte == quote && !(at(end + 1) == quote && at(end + 2) == quote) => end += 1,
                _ => break,
            }
        }
        found(index + width, end, true);
        index = end + width;
    }
}

fn blank(bytes: &mut [u8], from: usize, to: usize) {
    let to = to.min(bytes.len());
    for byte in bytes.get_mut(from..to).into_iter().flatten() {
        if *byte != b'\n' {
            *byte = b' ';
        }
    }
}

fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Longest call that is looked at, in bytes.
const WINDOW: usize = 20_000;

/// A Python file as discovery's readers look at it, made once for all of them.
pub(super) struct Masked {
    /// Without comments.
    pub bare: String,
    /// Without the contents of strings too.
    pub code: String,
}

impl Masked {
    pub fn of(text: &str) -> Self {
        let (mut bare, mut code) = (text.as_bytes().to_vec(), text.as_bytes().to_vec());
        scan(text.as_bytes(), |from, to, string| {
            if !string {
                blank(&mut bare, from, to);
            }
            blank(&mut code, from, to);
        });
        Self { bare: text_of(bare), code: text_of(code) }
    }
}

/// Hits of one kind that are looked at per file; more come only from generated or hostile text.
pub(super) const HITS: usize = 500;

/// The byte after the bracket that closes the one at `open`, in masked text.
fn closing(masked: &str, open: usize) -> usize {
    let limit = masked.len().min(open.saturating_add(WINDOW));
    let mut depth = 0_usize;
    for (offset, byte) in masked.as_bytes().get(open..limit).unwrap_or_default().iter().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return open + offset + 1;
                }
            }
            _ => {}
        }
    }
    limit
}

/// Ranges of the arguments of the call whose bracket opens at `open`, in masked text.
pub(super) fn arguments(masked: &str, open: usize) -> Vec<std::ops::Range<usize>> {
    let end = closing(masked, open).saturating_sub(1).max(open + 1);
    let mut out = Vec::new();
    let (mut depth, mut start) = (0_usize, open + 1);
    for (offset, byte) in masked.as_bytes().get(open + 1..end).unwrap_or_default().iter().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                out.push(start..open + 1 + offset);
                start = open + 2 + offset;
            }
            _ => {}
        }
    }
    out.push(start..end);
    out
}

/// Keyword arguments of the call whose bracket opens at `open`: name, value as written, offset of
/// the name.
pub(super) fn keywords<'t>(text: &'t str, masked: &str, open: usize) -> Vec<(&'t str, &'t str, usize)> {
    pattern!(KEYWORD, r"^\s*([A-Za-z_]\w*)\s*=[^=]");
    let mut out = Vec::new();
    for range in arguments(masked, open) {
        if let (Some(part), Some(code)) = (text.get(range.clone()), masked.get(range.clone()))
            && let Some(name) = KEYWORD.captures(code).and_then(|found| found.get(1))
            && let (Some(key), Some((_, value))) = (part.get(name.range()), part.split_once('='))
        {
            out.push((key, value.trim(), range.start + name.start()));
        }
    }
    out
}

/// Module-level string constants of all given Python files.
#[derive(Debug, Default)]
pub(super) struct Constants {
    values: BTreeMap<String, Option<String>>,
    /// What a name is when the environment says nothing: `POOL_SIZE = int(os.getenv("POOL_SIZE", "5"))`.
    defaults: BTreeMap<String, Option<String>>,
}

/// Keeps a value by name; a name with two values is unknown.
fn note(map: &mut BTreeMap<String, Option<String>>, name: &str, value: &str) {
    map.entry(name.to_owned())
        .and_modify(|known| {
            if known.as_deref() != Some(value) {
                *known = None;
            }
        })
        .or_insert_with(|| Some(value.to_owned()));
}

impl Constants {
    /// Collects them; a name with two values is unknown.
    pub(super) fn collect(files: &[DiscoveryFile<'_>]) -> Self {
        pattern!(CONSTANT, r#"(?m)^\s*([A-Za-z_]\w*)\s*(?::[^=\n]+)?=\s*["']([^"'\n]*)["']\s*(?:#.*)?$"#);
        pattern!(
            DEFAULT,
            r#"(?m)^\s*([A-Za-z_]\w*)\s*(?::[^=\n]+)?=\s*(?:int\(|float\(|bool\()?[\w.]+\(\s*["'][^"'\n]*["']\s*,\s*(?:[^()\n]*?\bdefault\s*=\s*)?["']?(\d+|True|False|true|false)\b"#
        );
        let mut out = Self::default();
        for file in files.iter().filter(|file| file.path.ends_with(".py")) {
            for found in CONSTANT.captures_iter(file.text) {
                note(&mut out.values, group(&found, 1), group(&found, 2));
            }
            for found in DEFAULT.captures_iter(file.text).take(HITS) {
                note(&mut out.defaults, group(&found, 1), group(&found, 2));
            }
        }
        out
    }

    /// A setting's value as written, with the default of the name that it is.
    pub(super) fn with_default(&self, value: &str) -> String {
        let last = value.rsplit('.').next().unwrap_or(value);
        match self.defaults.get(last).and_then(|default| default.as_deref()) {
            Some(default) => format!("{value} (default {default})"),
            None => value.to_owned(),
        }
    }

    /// Value of `name` (its last dotted part).
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let last = name.rsplit('.').next().unwrap_or(name);
        self.values.get(last).and_then(|value| value.as_deref())
    }

    /// A string argument: a literal, a constant, or `?` when it is computed. `{NAME}` holes are filled.
    pub(super) fn text(&self, argument: &str) -> String {
        pattern!(LITERAL, r#"^[fFrRbBuU]{0,2}["']+([^"']*)["']+$"#);
        let argument = argument.trim();
        match LITERAL.captures(argument) {
            Some(found) => self.fill(group(&found, 1)),
            None => self.get(argument).map_or_else(|| "?".to_owned(), str::to_owned),
        }
    }

    /// Fills `{NAME}` holes; unknown ones become `?`.
    pub(super) fn fill(&self, text: &str) -> String {
        pattern!(HOLE, r"\{([\w.]*)[^{}]*\}");
        HOLE.replace_all(text, |found: &regex::Captures<'_>| self.get(group(found, 1)).unwrap_or("?").to_owned())
            .into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masking_keeps_length_and_lines() {
        let text = "a = 'x # y' # z\nb = \"\"\"q\n'w\"\"\"\nc = é'\n";
        let Masked { bare, code } = Masked::of(text);
        assert_eq!(code.len(), text.len());
        assert!(code.starts_with("a = '     '    \nb = \"\"\" \n  \"\"\"\nc"));
        assert!(bare.starts_with("a = 'x # y'    \n"));
    }

    #[test]
    fn keywords_of_a_call() {
        let text = "f(url, pool_size=5, json=dumps({'a': 1}, k=2), flag=True)";
        let found: Vec<_> = keywords(text, &Masked::of(text).code, 1).into_iter().map(|(k, v, _)| (k, v)).collect();
        assert_eq!(found, [("pool_size", "5"), ("json", "dumps({'a': 1}, k=2)"), ("flag", "True")]);
    }

    #[test]
    fn constants_fill_holes() {
        let constants =
            Constants::collect(&[DiscoveryFile { path: "a.py", text: "CHANNEL = \"orders\"\nx = 'a'\nx = 'b'\n" }]);
        assert_eq!(constants.text("settings.CHANNEL"), "orders");
        assert_eq!(constants.text("f\"{CHANNEL}_v2\""), "orders_v2");
        assert_eq!(constants.text("x"), "?");
    }
}
