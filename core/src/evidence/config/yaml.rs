//! The part of YAML that configuration files use: maps and lists by indent, quoted and plain texts, flow lists and
//! maps, block texts, comments, several documents. Anchors, tags and merges stay unknown.

use super::{Node, Value, literal};

/// Levels of nesting that are read.
const DEPTH: usize = 64;

struct Line<'a> {
    number: u32,
    indent: usize,
    text: &'a str,
}

/// The documents of a file.
#[must_use]
pub fn read(text: &str) -> Vec<Node> {
    let mut documents = Vec::new();
    let mut lines = Vec::new();
    for (at, raw) in text.lines().enumerate() {
        let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
        let raw = raw.trim_end();
        if raw == "---" || raw.starts_with("--- ") || raw == "..." {
            documents.push(std::mem::take(&mut lines));
            continue;
        }
        let text = raw.trim_start_matches(' ');
        lines.push(Line { number, indent: raw.len() - text.len(), text });
    }
    documents.push(lines);
    let mut out = Vec::new();
    for lines in documents {
        let mut reader = Reader { lines: &lines, at: 0 };
        if reader.peek().is_some() {
            out.push(reader.block(0, 0));
        }
    }
    out
}

struct Reader<'l, 'a> {
    lines: &'l [Line<'a>],
    at: usize,
}

impl<'l, 'a> Reader<'l, 'a> {
    /// The next line that says something.
    fn peek(&mut self) -> Option<&'l Line<'a>> {
        loop {
            let line = self.lines.get(self.at)?;
            if !line.text.is_empty() && !line.text.starts_with('#') && !line.text.starts_with('%') {
                return Some(line);
            }
            self.at += 1;
        }
    }

    /// A map, list or text whose lines are indented by `indent` or more.
    fn block(&mut self, indent: usize, depth: usize) -> Node {
        let Some(line) = self.peek().filter(|line| line.indent >= indent) else {
            return Node { line: self.lines.get(self.at).map_or(0, |line| line.number), value: Value::Unknown };
        };
        let (number, indent) = (line.number, line.indent);
        if depth > DEPTH {
            self.at = self.lines.len();
            return Node { line: number, value: Value::Unknown };
        }
        let value = if is_item(line.text) {
            self.list(indent, depth)
        } else if split(line.text).is_some() {
            self.map(indent, depth)
        } else {
            self.at += 1;
            scalar(line.text)
        };
        Node { line: number, value }
    }

    fn list(&mut self, indent: usize, depth: usize) -> Value {
        let mut items = Vec::new();
        while let Some(line) = self.peek().filter(|line| line.indent == indent && is_item(line.text)) {
            let rest = line.text.get(1..).unwrap_or_default();
            let inner = rest.trim_start();
            if inner.is_empty() || inner.starts_with('#') {
                self.at += 1;
                items.push(self.block(indent + 1, depth + 1));
            } else if split(inner).is_some() || is_item(inner) {
                // `- name: x`: a block that begins on the line itself.
                let column = indent + line.text.len() - inner.len();
                items.push(self.inline(line.number, column, inner, depth));
            } else {
                self.at += 1;
                items.push(Node { line: line.number, value: self.text(inner, indent) });
            }
        }
        Value::List(items)
    }

    /// A block whose first line stands behind a dash.
    fn inline(&mut self, number: u32, column: usize, first: &'a str, depth: usize) -> Node {
        let mut lines = vec![Line { number, indent: column, text: first }];
        self.at += 1;
        while let Some(line) = self.lines.get(self.at) {
            if !line.text.is_empty() && line.indent < column {
                break;
            }
            lines.push(Line { number: line.number, indent: line.indent, text: line.text });
            self.at += 1;
        }
        Reader { lines: &lines, at: 0 }.block(column, depth + 1)
    }

    fn map(&mut self, indent: usize, depth: usize) -> Value {
        let mut entries = Vec::new();
        while let Some(line) = self.peek().filter(|line| line.indent == indent) {
            let Some((key, rest)) = split(line.text) else {
                self.at += 1;
                continue;
            };
            self.at += 1;
            let rest = rest.trim();
            let value = if rest.is_empty() || rest.starts_with('#') {
                // A list may stand at the indent of its name.
                let same = self.peek().is_some_and(|next| next.indent == indent && is_item(next.text));
                if same {
                    let number = self.peek().map_or(line.number, |next| next.number);
                    Node { line: number, value: self.list(indent, depth + 1) }
                } else {
                    self.block(indent + 1, depth + 1)
                }
            } else {
                Node { line: line.number, value: self.text(rest, indent) }
            };
            entries.push((key, value));
        }
        Value::Map(entries)
    }

    /// What stands behind a colon or a dash: a text, a block text, a flow.
    fn text(&mut self, rest: &str, indent: usize) -> Value {
        if !rest.starts_with(['|', '>']) {
            return scalar(rest);
        }
        let folded = rest.starts_with('>');
        let mut out = String::new();
        while let Some(line) = self.lines.get(self.at).filter(|line| line.text.is_empty() || line.indent > indent) {
            if !out.is_empty() {
                out.push(if folded { ' ' } else { '\n' });
            }
            out.push_str(line.text);
            self.at += 1;
        }
        Value::Text(out.trim_end().to_owned())
    }
}

fn is_item(text: &str) -> bool {
    text == "-" || text.starts_with("- ")
}

/// A name and what stands behind its colon.
fn split(text: &str) -> Option<(String, &str)> {
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let end = text.get(1..)?.find(quote)? + 1;
        let rest = text.get(end + 1..)?.trim_start().strip_prefix(':')?;
        return (rest.is_empty() || rest.starts_with(' '))
            .then(|| (text.get(1..end).unwrap_or_default().to_owned(), rest));
    }
    if text.starts_with(['{', '[', '&', '*', '!', '|', '>']) {
        return None;
    }
    let at = text.match_indices(':').map(|(at, _)| at).find(|at| {
        let rest = text.get(at + 1..).unwrap_or_default();
        rest.is_empty() || rest.starts_with(' ')
    })?;
    let key = text.get(..at)?.trim();
    (!key.contains(" #")).then(|| (key.to_owned(), text.get(at + 1..).unwrap_or_default()))
}

fn scalar(text: &str) -> Value {
    let text = text.trim();
    match text.chars().next() {
        None | Some('&' | '*' | '!') => Value::Unknown,
        Some('{' | '[') => flow(text),
        Some(quote @ ('"' | '\'')) => {
            let inner = text.get(1..).unwrap_or_default();
            let end = inner.find(quote).unwrap_or(inner.len());
            Value::Text(inner.get(..end).unwrap_or_default().to_owned())
        }
        Some(_) => {
            let end = text.find(" #").unwrap_or(text.len());
            Value::Text(text.get(..end).unwrap_or_default().trim_end().to_owned())
        }
    }
}

/// A list or map on one line. Plain texts in it have no quotes: they are given some.
fn flow(text: &str) -> Value {
    let mut quoted = String::new();
    let mut word = String::new();
    let mut chars = text.chars();
    let close = |word: &mut String, quoted: &mut String| {
        let plain = word.trim();
        if !plain.is_empty() {
            quoted.push_str(&format!("'{}'", plain.replace('\'', "\\'")));
        }
        word.clear();
    };
    while let Some(c) = chars.next() {
        match c {
            '"' | '\'' => {
                quoted.push(c);
                for inner in chars.by_ref() {
                    quoted.push(inner);
                    if inner == c {
                        break;
                    }
                }
            }
            '{' | '}' | '[' | ']' | ',' => {
                close(&mut word, &mut quoted);
                quoted.push(c);
            }
            ':' if chars.as_str().starts_with(' ') => {
                close(&mut word, &mut quoted);
                quoted.push(c);
            }
            '#' if word.ends_with(' ') => break,
            _ => word.push(c),
        }
    }
    literal::read(&quoted, 0).value
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

    use super::*;

    #[test]
    fn maps_lists_texts_and_lines() {
        let text = "# head\nconfig:\n  target: \"http://h\" # host\n  ensure:\n    thresholds:\n      - http.response_time.p95: 200\n      \
                    - \"a.b\": 3\n    conditions:\n    - expression: x > 5\n      strict: true\n  list: [1, two, {a: b c}]\nquery: |\n  sum(\n    x)\nlast: 'it''s'\n---\nsecond: 2\n";
        let documents = read(text);
        assert_eq!(documents.len(), 2);
        let first = &documents[0];
        assert_eq!(first.at("config.target").unwrap().text(), Some("http://h"));
        let thresholds = first.at("config.ensure.thresholds").unwrap();
        assert_eq!(thresholds.items().len(), 2);
        let (name, node) = &thresholds.items()[0].entries()[0];
        assert_eq!((name.as_str(), node.number(), node.line), ("http.response_time.p95", Some(200.0), 6));
        assert_eq!(thresholds.items()[1].get("a.b").unwrap().number(), Some(3.0));
        let condition = &first.at("config.ensure.conditions").unwrap().items()[0];
        assert_eq!(condition.get("expression").unwrap().text(), Some("x > 5"));
        assert_eq!(condition.get("strict").unwrap().text(), Some("true"));
        let list = first.at("config.list").unwrap();
        assert_eq!(list.items()[1].text(), Some("two"));
        assert_eq!(list.items()[2].get("a").unwrap().text(), Some("b c"));
        assert_eq!(first.get("query").unwrap().text(), Some("sum(\nx)"));
        assert_eq!(documents[1].get("second").unwrap().number(), Some(2.0));
    }

    #[test]
    fn what_is_broken_ends() {
        for text in [
            "",
            "-",
            "- -",
            "a:\n b\n  c: d\n x",
            ":",
            "- - - a: b",
            "a: |",
            "a: {b",
            "a: &x\n  b: 1",
            "\t- a",
            "é: [ü",
        ] {
            let _ = read(text);
        }
        let deep: String = (0..5_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
        let _ = read(&deep);
        let dashes = "- ".repeat(20_000);
        let _ = read(&dashes);
    }
}
