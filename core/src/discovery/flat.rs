//! Tolerant flattening of YAML and INI-like files into `dotted.key = value` with lines. Enough for
//! compose files and application settings; not a YAML parser.

use super::pattern::numbered;

/// Deepest nesting that keys tell.
const DEPTH: usize = 32;

/// One scalar of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scalar {
    /// Dotted key; list items are `[]`.
    pub(super) key: String,
    /// Value without quotes.
    pub(super) value: String,
    /// Line.
    pub(super) line: u32,
}

/// Scalars of a YAML text by indentation.
pub(super) fn yaml(text: &str) -> Vec<Scalar> {
    let mut out = Vec::new();
    let mut stack: Vec<(usize, String)> = Vec::new();
    for (line, raw) in numbered(text) {
        let content = strip_comment(raw);
        let trimmed = content.trim_start();
        if trimmed.is_empty() || trimmed.starts_with("---") {
            continue;
        }
        let mut indent = content.len() - trimmed.len();
        let mut rest = trimmed;
        while stack.last().is_some_and(|(depth, key)| {
            *depth > indent || (*depth == indent && !(rest.starts_with("- ") && key != "[]"))
        }) {
            stack.pop();
        }
        while let Some(after) = rest.strip_prefix("- ") {
            if stack.len() < DEPTH {
                stack.push((indent, "[]".to_owned()));
            }
            let inner = after.trim_start();
            indent += rest.len() - inner.len();
            rest = inner;
        }
        let (key, value) = match split_key(rest) {
            Some((key, value)) => (Some(key), value),
            None => (None, rest),
        };
        let mut path: Vec<&str> = stack.iter().map(|(_, part)| part.as_str()).collect();
        if let Some(key) = key {
            path.push(key);
        }
        let value = unquote(value.trim());
        if value.is_empty() {
            if let Some(key) = key
                && stack.len() < DEPTH
            {
                stack.push((indent, key.to_owned()));
            }
        } else {
            out.push(Scalar { key: path.join("."), value: value.to_owned(), line });
        }
    }
    out
}

/// `key = value`, `key: value` lines; `[section]` becomes a prefix.
pub(super) fn ini(text: &str) -> Vec<Scalar> {
    let mut section = String::new();
    let mut out = Vec::new();
    for (line, raw) in numbered(text) {
        let trimmed = raw.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';', '!']) {
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = format!("{name}.");
        } else if let Some((key, value)) = trimmed.split_once(['=', ':']) {
            let key = key.trim().trim_start_matches("export ");
            out.push(Scalar { key: format!("{section}{key}"), value: unquote(value.trim()).to_owned(), line });
        }
    }
    out
}

fn split_key(text: &str) -> Option<(&str, &str)> {
    if text.starts_with(['"', '\'']) && !text.contains("\":") && !text.contains("':") {
        return None;
    }
    let position = text.find(": ").or_else(|| text.ends_with(':').then(|| text.len() - 1))?;
    let key = text.get(..position)?;
    Some((unquote(key.trim()), text.get(position + 1..).unwrap_or("")))
}

fn strip_comment(line: &str) -> &str {
    if line.trim_start().starts_with('#') {
        return "";
    }
    line.find(" #").and_then(|position| line.get(..position)).unwrap_or(line).trim_end()
}

/// Without one pair of quotes.
pub(super) fn unquote(text: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inner;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(scalars: &[Scalar]) -> Vec<(&str, &str, u32)> {
        scalars.iter().map(|s| (s.key.as_str(), s.value.as_str(), s.line)).collect()
    }

    #[test]
    fn yaml_flattens_maps_and_lists() {
        let text = "services:\n  db:\n    image: \"postgres:16\" # the store\n    ports:\n      - 5432:5432\n    environment:\n    - A=b\n  web:\n    build: .\nvolumes:\n  data:\n";
        assert_eq!(
            pairs(&yaml(text)),
            [
                ("services.db.image", "postgres:16", 3),
                ("services.db.ports.[]", "5432:5432", 5),
                ("services.db.environment.[]", "A=b", 7),
                ("services.web.build", ".", 9),
            ]
        );
    }

    #[test]
    fn ini_keeps_sections() {
        assert_eq!(pairs(&ini("[alembic]\n# no\nurl = a:b\n")), [("alembic.url", "a:b", 3)]);
        assert_eq!(pairs(&ini("A=\"x\"\n")), [("A", "x", 1)]);
    }
}
