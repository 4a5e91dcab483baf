//! Colours for the source viewer: comments, strings, numbers, keywords, decorators and the names
//! that are defined. Looks at characters only; what it does not know stays plain.

use crate::protocol::{Token, TokenKind};

const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "case", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "match",
    "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// Tokens of `text`, for files whose language is known by `path`.
#[must_use]
pub fn tokens(path: &str, text: &str) -> Vec<Token> {
    let python = [".py", ".pyi", ".pyw"].iter().any(|end| path.ends_with(end));
    if python { Lexer { text, at: 0, tokens: Vec::new() }.run() } else { Vec::new() }
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn run(mut self) -> Vec<Token> {
        let mut line_start = true;
        let mut defines = false;
        while let Some(c) = self.peek() {
            let start = self.at;
            match c {
                '#' => {
                    self.skip_while(|c| c != '\n');
                    self.push(start, TokenKind::Comment);
                }
                '"' | '\'' => {
                    self.string(false);
                    self.push(start, TokenKind::String);
                }
                '@' if line_start => {
                    self.bump();
                    self.skip_while(|c| c.is_alphanumeric() || c == '_' || c == '.');
                    self.push(start, TokenKind::Decorator);
                }
                '0'..='9' => {
                    self.skip_while(|c| c.is_alphanumeric() || c == '_' || c == '.');
                    self.push(start, TokenKind::Number);
                }
                c if c.is_alphabetic() || c == '_' => {
                    self.skip_while(|c| c.is_alphanumeric() || c == '_');
                    let word = self.text.get(start..self.at).unwrap_or_default();
                    if self.peek().is_some_and(|c| c == '"' || c == '\'') && is_prefix(word) {
                        let raw = word.contains(['r', 'R']);
                        self.string(raw);
                        self.push(start, TokenKind::String);
                    } else if defines {
                        self.push(start, TokenKind::Definition);
                        defines = false;
                    } else if KEYWORDS.contains(&word) && !self.after_dot(start) {
                        defines = matches!(word, "def" | "class");
                        self.push(start, TokenKind::Keyword);
                    }
                }
                _ => {
                    self.bump();
                    line_start = c == '\n' || (line_start && c.is_whitespace());
                    continue;
                }
            }
            line_start = false;
        }
        self.tokens
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn bump(&mut self) {
        self.at += self.peek().map_or(0, char::len_utf8);
    }

    fn skip_while(&mut self, keep: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&keep) {
            self.bump();
        }
    }

    /// From an opening quote to just past the closing one, or to the line's end when it is missing.
    fn string(&mut self, raw: bool) {
        let Some(quote) = self.peek() else { return };
        let rest = |at: usize| self.text.get(at..).unwrap_or_default();
        let triple = if quote == '"' { "\"\"\"" } else { "'''" };
        let long = rest(self.at).starts_with(triple);
        self.at += if long { 3 } else { 1 };
        while let Some(c) = self.peek() {
            if long && self.text.get(self.at..).is_some_and(|text| text.starts_with(triple)) {
                self.at += 3;
                return;
            }
            if !long && (c == quote || c == '\n') {
                self.at += usize::from(c == quote);
                return;
            }
            self.bump();
            // A raw string cannot end in a backslash and quote either: both skip what follows.
            if c == '\\' && (self.peek() != Some('\n') || long || !raw) {
                self.bump();
            }
        }
    }

    fn after_dot(&self, start: usize) -> bool {
        self.text.get(..start).is_some_and(|before| before.ends_with('.'))
    }

    fn push(&mut self, start: usize, kind: TokenKind) {
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.tokens.push(Token { start: number(start), end: number(self.at), kind });
    }
}

fn is_prefix(word: &str) -> bool {
    word.len() <= 2 && word.chars().all(|c| matches!(c.to_ascii_lowercase(), 'r' | 'b' | 'u' | 'f' | 't'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::*;

    fn seen(text: &str) -> Vec<(&str, TokenKind)> {
        tokens("a.py", text).iter().map(|token| (&text[token.start as usize..token.end as usize], token.kind)).collect()
    }

    #[test]
    fn python_is_coloured() {
        use TokenKind::{Comment, Decorator, Definition, Keyword, Number, String};
        assert_eq!(
            seen("@app.get('/x')\nasync def f(n=1_0):  # why\n    return rb'\\'' + x.match\n"),
            [
                ("@app.get", Decorator),
                ("'/x'", String),
                ("async", Keyword),
                ("def", Keyword),
                ("f", Definition),
                ("1_0", Number),
                ("# why", Comment),
                ("return", Keyword),
                ("rb'\\''", String),
            ]
        );
    }

    #[test]
    fn long_strings_and_broken_ones_end() {
        use TokenKind::{Keyword, String};
        assert_eq!(seen("'''a\n'b'''\nif"), [("'''a\n'b'''", String), ("if", Keyword)]);
        assert_eq!(seen("'open\nif"), [("'open\n"[..5].trim_end(), String), ("if", Keyword)]);
        assert_eq!(seen("f\"é\" 'x"), [("f\"é\"", String), ("'x", String)]);
    }

    #[test]
    fn other_languages_stay_plain() {
        assert_eq!(tokens("a.sql", "select 1"), []);
    }
}
