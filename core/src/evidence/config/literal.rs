//! Literals of JavaScript: objects, lists, texts, numbers, with comments and trailing commas. Anything that would have
//! to be run becomes unknown, and reading goes on behind it.

use super::{Node, Value};

/// Levels of nesting that are read.
const DEPTH: usize = 64;

/// Reads the literal that begins at a byte of a text (blanks and comments before it are passed).
#[must_use]
pub fn read(text: &str, at: usize) -> Node {
    let mut reader = Reader { text, at, line: 1 + lines(text.get(..at).unwrap_or_default()) };
    reader.value(0)
}

/// Bytes at which `name:` or `name =` of an object or a declaration has its value; outside of comments and texts.
#[must_use]
pub fn find(text: &str, name: &str) -> Option<usize> {
    let mut reader = Reader { text, at: 0, line: 1 };
    while reader.at < text.len() {
        reader.blanks();
        let start = reader.at;
        let word = reader.word();
        if !word.is_empty() {
            let found = word == name;
            reader.blanks();
            if found {
                // TypeScript: `const options: Options = {`.
                if reader.rest().starts_with(':') && !text.get(..start).is_some_and(declares) {
                    return Some(reader.at + 1);
                }
                let end = reader.rest().find(['{', ';', '\n']).unwrap_or(0);
                let between = reader.rest().get(..end).unwrap_or_default();
                if let Some(equal) = between.find('=') {
                    return Some(reader.at + equal + 1);
                }
            }
            continue;
        }
        if let Some(quote) = reader.rest().chars().next().filter(|c| matches!(c, '"' | '\'' | '`')) {
            let quoted = reader.quoted(quote);
            reader.blanks();
            if quoted.as_deref() == Some(name) && reader.rest().starts_with(':') {
                return Some(reader.at + 1);
            }
            continue;
        }
        reader.pass();
    }
    None
}

/// Whether a declaration ends a text: `export const `.
fn declares(before: &str) -> bool {
    let word = before.trim_end().rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    matches!(word, "const" | "let" | "var")
}

fn lines(text: &str) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', text.as_bytes()).count()).unwrap_or(u32::MAX - 1)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    line: u32,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Passes one character.
    fn pass(&mut self) {
        if let Some(c) = self.rest().chars().next() {
            self.line += u32::from(c == '\n');
            self.at += c.len_utf8();
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.line += lines(self.rest().get(..bytes).unwrap_or_default());
        self.at = (self.at + bytes).min(self.text.len());
    }

    /// Passes blanks and comments.
    fn blanks(&mut self) {
        loop {
            let rest = self.rest();
            if rest.starts_with(char::is_whitespace) {
                self.pass();
            } else if rest.starts_with("//") {
                self.skip(rest.find('\n').unwrap_or(rest.len()));
            } else if rest.starts_with("/*") {
                self.skip(rest.find("*/").map_or(rest.len(), |end| end + 2));
            } else {
                return;
            }
        }
    }

    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    /// A quoted text; nothing when it holds an expression or has no end.
    fn quoted(&mut self, quote: char) -> Option<String> {
        self.pass();
        let mut out = String::new();
        let mut computed = false;
        while let Some(c) = self.rest().chars().next() {
            let rest = self.rest();
            if c == quote {
                self.pass();
                return (!computed).then_some(out);
            }
            if c == '\n' && quote != '`' {
                return None;
            }
            computed |= quote == '`' && rest.starts_with("${");
            self.pass();
            if c == '\\' {
                match self.rest().chars().next() {
                    Some('n') => out.push('\n'),
                    Some('t') => out.push('\t'),
                    Some('\n') | None => {}
                    Some(other) => out.push(other),
                }
                self.pass();
            } else {
                out.push(c);
            }
        }
        None
    }

    fn value(&mut self, depth: usize) -> Node {
        self.blanks();
        let line = self.line;
        let node = |value| Node { line, value };
        if depth > DEPTH {
            self.skip(self.rest().len());
            return node(Value::Unknown);
        }
        match self.rest().chars().next() {
            Some('{') => node(self.map(depth)),
            Some('[') => node(self.list(depth)),
            Some(quote @ ('"' | '\'' | '`')) => {
                let text = self.quoted(quote);
                let whole = self.ends_here();
                node(text.filter(|_| whole).map_or(Value::Unknown, Value::Text))
            }
            _ => {
                let rest = self.rest();
                let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '+');
                let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                let word = rest.get(..end).unwrap_or_default().replace('_', "");
                self.skip(end);
                let whole = self.ends_here();
                let plain = word.parse::<f64>().is_ok() || matches!(word.as_str(), "true" | "false" | "null");
                node(if whole && plain { Value::Text(word) } else { Value::Unknown })
            }
        }
    }

    /// Whether the value ends here; passes the rest of an expression if not.
    fn ends_here(&mut self) -> bool {
        self.blanks();
        let whole = matches!(self.rest().chars().next(), None | Some(',' | '}' | ']' | ')' | ';'));
        let mut depth = 0_usize;
        while let Some(c) = self.rest().chars().next() {
            match c {
                '"' | '\'' | '`' => {
                    self.quoted(c);
                    continue;
                }
                '/' if self.rest().starts_with("//") || self.rest().starts_with("/*") => {
                    self.blanks();
                    continue;
                }
                '{' | '[' | '(' => depth += 1,
                '}' | ']' | ')' if depth == 0 => break,
                '}' | ']' | ')' => depth -= 1,
                ',' | ';' if depth == 0 => break,
                _ => {}
            }
            self.pass();
        }
        whole
    }

    fn list(&mut self, depth: usize) -> Value {
        self.pass();
        let mut items = Vec::new();
        loop {
            self.blanks();
            match self.rest().chars().next() {
                None => return Value::List(items),
                Some(']') => {
                    self.pass();
                    return Value::List(items);
                }
                Some(',') => self.pass(),
                Some('}' | ')' | ';') => return Value::List(items),
                Some(_) => items.push(self.value(depth + 1)),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Value {
        self.pass();
        let mut entries = Vec::new();
        loop {
            self.blanks();
            let key = match self.rest().chars().next() {
                None => return Value::Map(entries),
                Some('}') => {
                    self.pass();
                    return Value::Map(entries);
                }
                Some(',') => {
                    self.pass();
                    continue;
                }
                Some(']' | ')' | ';') => return Value::Map(entries),
                Some(quote @ ('"' | '\'' | '`')) => self.quoted(quote),
                Some('[') => {
                    // A computed name.
                    self.list(depth + 1);
                    None
                }
                Some(_) => Some(self.word().to_owned()).filter(|word| !word.is_empty()),
            };
            self.blanks();
            if self.rest().starts_with(':') {
                self.pass();
                let value = self.value(depth + 1);
                if let Some(key) = key {
                    entries.push((key, value));
                }
            } else {
                // Shorthand, a method, something spread: passed.
                let before = self.at;
                self.ends_here();
                if self.at == before && !matches!(self.rest().chars().next(), Some(',' | '}')) {
                    self.pass();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

    use super::*;

    #[test]
    fn literals_of_scripts() {
        let text = "// options: { no: 1 }\nexport const options: Options = {\n  ...base, vus: 1_0, /* { */\n  thresholds: {\n    \
                    'http_req_duration{name:x}': ['p(95)<200', `p(99)<${limit}`],\n    plain: \"rate<0.01\",\n    \
                    [computed]: ['a'],\n    method() { return { a: 1 } },\n    sum: 1 + 2,\n  },\n};\n";
        let options = read(text, find(text, "options").unwrap());
        assert_eq!(options.line, 2);
        assert_eq!(options.get("vus").and_then(Node::number), Some(10.0));
        let thresholds = options.get("thresholds").unwrap();
        let names: Vec<&str> = thresholds.entries().iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["http_req_duration{name:x}", "plain", "sum"]);
        let first = &thresholds.entries()[0].1;
        assert_eq!(first.items()[0], Node { line: 5, value: Value::Text("p(95)<200".to_owned()) });
        assert_eq!(first.items()[1].value, Value::Unknown);
        assert_eq!(thresholds.get("sum").unwrap().value, Value::Unknown);
    }

    #[test]
    fn json_is_a_literal_too() {
        let node = read("{\"a\": [1, -2.5e3, true, null],\n \"b\\\"c\": {\"d\": \"e\"}}", 0);
        assert_eq!(node.get("a").unwrap().items()[1].number(), Some(-2500.0));
        assert_eq!(node.at("b\"c.d").unwrap().text(), Some("e"));
        assert_eq!(node.at("b\"c").unwrap().line, 2);
    }

    #[test]
    fn what_is_broken_ends() {
        for text in
            ["{", "{a", "{a:", "[[[", "{a: 'x", "{a: `${", "{...", "{a: (1, 2), b: 3", "{]", "[}", "{a() {", "é: {"]
        {
            let _ = read(text, 0);
            let _ = find(text, "a");
        }
        let _ = read(&"[".repeat(100_000), 0);
        let _ = read(&"{a:".repeat(100_000), 0);
    }
}
