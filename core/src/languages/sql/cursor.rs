//! A place in a statement's tokens, and the few moves that recognisers need.

use super::tokens::{Kind, Token};

/// A place in tokens.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'t, 'a> {
    pub tokens: &'t [Token<'a>],
}

impl<'t, 'a> Cursor<'t, 'a> {
    pub fn new(tokens: &'t [Token<'a>]) -> Self {
        Self { tokens }
    }

    pub fn peek(&self) -> Option<&'t Token<'a>> {
        self.tokens.first()
    }

    pub fn line(&self) -> u32 {
        self.peek().map_or(0, |t| t.line)
    }

    pub fn next(&mut self) -> Option<&'t Token<'a>> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first)
    }

    /// Takes the keyword when it stands here.
    pub fn eat(&mut self, word: &str) -> bool {
        let found = self.peek().is_some_and(|t| t.is(word));
        if found {
            self.next();
        }
        found
    }

    /// Takes whichever of the keywords stand here, in any number.
    pub fn eat_any(&mut self, words: &[&str]) {
        while words.iter().any(|word| self.eat(word)) {}
    }

    /// Takes all keywords in order, or none.
    pub fn eat_all(&mut self, words: &[&str]) -> bool {
        let all = words.iter().enumerate().all(|(i, word)| self.tokens.get(i).is_some_and(|t| t.is(word)));
        if all {
            self.tokens = self.tokens.get(words.len()..).unwrap_or(&[]);
        }
        all
    }

    pub fn eat_sign(&mut self, sign: char) -> bool {
        let found = self.peek().is_some_and(|t| t.sign(sign));
        if found {
            self.next();
        }
        found
    }

    pub fn if_exists(&mut self) {
        let _ = self.eat_all(&["if", "not", "exists"]) || self.eat_all(&["if", "exists"]);
    }

    /// A bare or quoted word.
    pub fn word(&mut self) -> Option<&'a str> {
        let token = self.peek().filter(|t| matches!(t.kind, Kind::Word | Kind::Name))?;
        self.next();
        Some(token.text)
    }

    /// A name without its schema.
    pub fn name(&mut self) -> Option<String> {
        let mut name = self.word()?;
        while self.peek().is_some_and(|t| t.sign('.')) {
            self.next();
            name = self.word()?;
        }
        Some(name.to_owned())
    }

    /// The tokens between parentheses that open here.
    pub fn group(&mut self) -> Option<Cursor<'t, 'a>> {
        if !self.eat_sign('(') {
            return None;
        }
        let mut depth = 1_usize;
        for (i, token) in self.tokens.iter().enumerate() {
            if token.sign('(') {
                depth += 1;
            } else if token.sign(')') {
                depth -= 1;
                if depth == 0 {
                    let inside = self.tokens.get(..i).unwrap_or(&[]);
                    self.tokens = self.tokens.get(i + 1..).unwrap_or(&[]);
                    return Some(Cursor::new(inside));
                }
            }
        }
        let inside = Cursor::new(self.tokens);
        self.tokens = &[];
        Some(inside)
    }

    /// Parts between commas outside parentheses.
    pub fn parts(self) -> Vec<Cursor<'t, 'a>> {
        self.split(|t| t.sign(','))
    }

    /// Parts between separators outside parentheses.
    pub fn split(self, mut separates: impl FnMut(&Token<'a>) -> bool) -> Vec<Cursor<'t, 'a>> {
        let mut out = Vec::new();
        let (mut depth, mut start) = (0_usize, 0);
        for (i, token) in self.tokens.iter().enumerate() {
            if token.sign('(') {
                depth += 1;
            } else if token.sign(')') {
                depth = depth.saturating_sub(1);
            } else if depth == 0 && separates(token) {
                out.push(Cursor::new(self.tokens.get(start..i).unwrap_or(&[])));
                start = i + 1;
            }
        }
        let last = self.tokens.get(start..).unwrap_or(&[]);
        if !last.is_empty() {
            out.push(Cursor::new(last));
        }
        out
    }

    /// Plain names of a list in parentheses: `(a, b(10), c DESC)`.
    pub fn names(&mut self) -> Option<Vec<String>> {
        Some(self.group()?.parts().into_iter().filter_map(|mut part| part.word().map(str::to_owned)).collect())
    }

    /// Text for people.
    pub fn text(self) -> String {
        let words: Vec<&str> = self.tokens.iter().take(12).map(|t| t.text).collect();
        words.join(" ")
    }

    /// Moves to just behind the keywords, when they stand here or further on outside parentheses.
    pub fn find(&mut self, words: &[&str]) -> bool {
        let mut depth = 0_usize;
        for i in 0..self.tokens.len() {
            let mut here = Cursor::new(self.tokens.get(i..).unwrap_or(&[]));
            match here.peek() {
                Some(t) if t.sign('(') => depth += 1,
                Some(t) if t.sign(')') => depth = depth.saturating_sub(1),
                _ if depth == 0 && here.eat_all(words) => {
                    *self = here;
                    return true;
                }
                _ => {}
            }
        }
        false
    }
}
