//! Words and marks of SQL in any dialect, cut at any byte. Knows no grammar.

use crate::evidence::model::Dialect;

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// Unquoted word, as written.
    Word(String),
    /// Quoted identifier, without its quotes.
    Quoted(String),
    /// Literal or number, with its text where that is short.
    Literal(String),
    /// Placeholder: `$1`, `?`, `%s`, `:name`, `@p`.
    Parameter,
    /// `::type`.
    Cast(String),
    /// Operator or punctuation.
    Mark(String),
    /// Comment, without its marks.
    Comment(String),
}

impl Token {
    /// The identifier this is, as written.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Word(name) | Self::Quoted(name) => Some(name),
            _ => None,
        }
    }

    /// Whether this is the word, in any case.
    #[must_use]
    pub fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(name) if name.eq_ignore_ascii_case(word))
    }

    /// Whether this is the mark.
    #[must_use]
    pub fn mark(&self, mark: &str) -> bool {
        matches!(self, Self::Mark(text) if text == mark)
    }

    /// Whether a value stands here.
    #[must_use]
    pub const fn value(&self) -> bool {
        matches!(self, Self::Literal(_) | Self::Parameter)
    }
}

/// Longest literal whose text is kept.
const LITERAL: usize = 200;

/// Cuts a text into tokens. The flag says that it ends inside a string or comment.
#[must_use]
pub fn tokens(sql: &str, dialect: Option<Dialect>) -> (Vec<Token>, bool) {
    let mut reader = Reader { text: sql, at: 0, dialect, cut: false, out: Vec::new() };
    while reader.step() {}
    (reader.out, reader.cut)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    dialect: Option<Dialect>,
    cut: bool,
    out: Vec<Token>,
}

const fn word_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

const fn word_part(c: char) -> bool {
    word_start(c) || c.is_ascii_digit() || c == '$'
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Takes characters while they fit.
    fn take(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !fits(c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    fn mysql(&self) -> bool {
        matches!(self.dialect, Some(Dialect::MySql | Dialect::MariaDb))
    }

    fn step(&mut self) -> bool {
        self.take(char::is_whitespace);
        let rest = self.rest();
        let Some(c) = rest.chars().next() else { return false };
        let next = rest.chars().nth(1).unwrap_or(' ');
        match c {
            '-' if next == '-' => self.line_comment(2),
            '#' if self.mysql() => self.line_comment(1),
            '/' if next == '*' => self.block_comment(),
            '\'' => self.string(1, self.mysql()),
            '"' => self.double_quoted(),
            '`' => {
                let name = self.until('`');
                self.out.push(Token::Quoted(name));
            }
            '[' if self.bracketed() => {}
            '$' => self.dollar(),
            '%' if matches!(next, 's' | 'd' | 'f' | '(') => self.percent(),
            ':' if next == ':' => self.cast(),
            ':' if word_start(next) || next.is_ascii_digit() => {
                self.at += 1;
                self.take(word_part);
                self.out.push(Token::Parameter);
            }
            '@' if word_start(next) => {
                self.at += 1;
                self.take(word_part);
                self.out.push(Token::Parameter);
            }
            '?' => {
                self.at += 1;
                self.take(|c| c.is_ascii_digit());
                self.out.push(Token::Parameter);
            }
            c if c.is_ascii_digit() || (c == '.' && next.is_ascii_digit() && !self.after_name()) => self.number(),
            c if word_start(c) => self.word(),
            _ => self.operator(c),
        }
        true
    }

    /// Whether a name, and so a part of it after a dot, may go on here.
    fn after_name(&self) -> bool {
        matches!(self.out.last(), Some(Token::Word(_) | Token::Quoted(_)))
    }

    fn line_comment(&mut self, skip: usize) {
        self.at += skip;
        let text = self.take(|c| c != '\n').trim().to_owned();
        self.out.push(Token::Comment(text));
    }

    fn block_comment(&mut self) {
        self.at += 2;
        let rest = self.rest();
        let end = rest.find("*/");
        self.cut |= end.is_none();
        let body = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        self.at = (self.at + body.len() + 2).min(self.text.len());
        // MySQL runs what stands in `/*! … */`; hints and remarks are no part of the query.
        self.out.push(Token::Comment(body.trim().to_owned()));
    }

    /// A string from its opening quote, which stands `skip - 1` bytes further.
    fn string(&mut self, skip: usize, escapes: bool) {
        self.at += skip;
        let body = self.quoted('\'', escapes);
        self.out.push(Token::Literal(body));
    }

    /// The text up to a quote that is not doubled (or escaped); stands behind it afterwards.
    fn quoted(&mut self, quote: char, escapes: bool) -> String {
        let rest = self.rest();
        let mut body = String::new();
        let mut chars = rest.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            if c == '\\' && escapes {
                if let Some((_, c)) = chars.next()
                    && body.len() < LITERAL
                {
                    body.push(c);
                }
                continue;
            }
            if c == quote {
                if chars.peek().is_none_or(|(_, next)| *next != quote) {
                    self.at += at + quote.len_utf8();
                    return body;
                }
                chars.next();
            }
            if body.len() < LITERAL {
                body.push(c);
            }
        }
        self.at = self.text.len();
        self.cut = true;
        body
    }

    fn until(&mut self, quote: char) -> String {
        self.at += quote.len_utf8();
        self.quoted(quote, false)
    }

    fn double_quoted(&mut self) {
        let escapes = self.mysql();
        self.at += 1;
        let body = self.quoted('"', escapes);
        // MySQL takes it for a string, all others for a name; a name hardly has spaces or signs.
        let name =
            !escapes && !body.is_empty() && body.chars().all(|c| word_part(c) || matches!(c, '-' | '.' | '*' | '?'));
        self.out.push(if name { Token::Quoted(body) } else { Token::Literal(body) });
    }

    /// `[name]` of SQL Server and SQLite; an array's index is left alone.
    fn bracketed(&mut self) -> bool {
        if self.after_name() || self.out.last().is_some_and(|last| last.mark("]") || last.mark(")")) {
            return false;
        }
        let rest = self.rest();
        let Some(end) = rest.find(']') else { return false };
        let name = rest.get(1..end).unwrap_or_default();
        if !name.starts_with(word_start) || !name.chars().all(|c| word_part(c) || c == ' ') {
            return false;
        }
        self.at += end + 1;
        self.out.push(Token::Quoted(name.to_owned()));
        true
    }

    /// `$1` or `$tag$ … $tag$`.
    fn dollar(&mut self) {
        self.at += 1;
        if self.rest().starts_with(|c: char| c.is_ascii_digit()) {
            self.take(|c| c.is_ascii_digit());
            self.out.push(Token::Parameter);
            return;
        }
        let start = self.at;
        self.take(|c| word_start(c) || c.is_ascii_digit());
        if !self.rest().starts_with('$') {
            self.at = start;
            self.out.push(Token::Mark("$".to_owned()));
            return;
        }
        self.at += 1;
        let tag = self.text.get(start - 1..self.at).unwrap_or_default();
        let rest = self.rest();
        let end = rest.find(tag);
        self.cut |= end.is_none();
        let body: String = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default().chars().take(LITERAL).collect();
        self.at = end.map_or(self.text.len(), |end| self.at + end + tag.len());
        self.out.push(Token::Literal(body));
    }

    /// `%s`, `%(name)s`, or the remainder operator.
    fn percent(&mut self) {
        let rest = self.rest();
        let length = if rest.starts_with("%(") {
            rest.find(")s").map(|end| end + 2)
        } else {
            (!rest.chars().nth(2).is_some_and(word_part)).then_some(2)
        };
        match length {
            Some(length) => {
                self.at += length;
                self.out.push(Token::Parameter);
            }
            None => self.operator('%'),
        }
    }

    /// `::type`, with words, size and brackets of the type.
    fn cast(&mut self) {
        self.at += 2;
        self.take(char::is_whitespace);
        let start = self.at;
        loop {
            let rest = self.rest();
            if let Some(quoted) = rest.strip_prefix('"') {
                self.at += 1 + quoted.find('"').map_or(quoted.len(), |end| end + 1);
            } else if rest.starts_with(word_start) {
                self.take(word_part);
            } else {
                break;
            }
            if !self.rest().starts_with('.') {
                break;
            }
            self.at += 1;
        }
        let first = self.text.get(start..self.at).unwrap_or_default().to_ascii_lowercase();
        let more: &[&str] = match first.as_str() {
            "double" => &["precision"],
            "character" | "bit" => &["varying"],
            "timestamp" | "time" => &["with", "without", "time", "zone"],
            _ => &[],
        };
        self.size();
        loop {
            let rest = self.rest();
            let next = rest.trim_start_matches(' ');
            let end = next.find(|c| !word_part(c)).unwrap_or(next.len());
            let word = next.get(..end).unwrap_or_default();
            if !more.iter().any(|more| word.eq_ignore_ascii_case(more)) {
                break;
            }
            self.at += rest.len() - next.len() + end;
        }
        self.size();
        while self.rest().starts_with('[') {
            self.take(|c| c != ']');
            self.at = (self.at + 1).min(self.text.len());
        }
        let kind = self.text.get(start..self.at).unwrap_or_default().to_ascii_lowercase();
        self.out.push(Token::Cast(kind));
    }

    /// `(10, 2)` of a type.
    fn size(&mut self) {
        let rest = self.rest();
        if rest.starts_with('(')
            && let Some(end) = rest.find(')')
            && rest.get(1..end).is_some_and(|inner| inner.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | ' ')))
        {
            self.at += end + 1;
        }
    }

    fn number(&mut self) {
        let start = self.at;
        if self.rest().starts_with("0x") || self.rest().starts_with("0X") {
            self.at += 2;
            self.take(|c| c.is_ascii_hexdigit());
        } else {
            self.take(|c| c.is_ascii_digit() || c == '.' || c == '_');
            let rest = self.rest();
            let signed = rest.get(1..).unwrap_or_default().trim_start_matches(['+', '-']);
            if rest.starts_with(['e', 'E']) && signed.starts_with(|c: char| c.is_ascii_digit()) {
                self.at += rest.len() - signed.len();
                self.take(|c| c.is_ascii_digit());
            }
            // `1abc`: an identifier of MySQL may begin with a digit.
            self.take(word_part);
        }
        let text: String = self.text.get(start..self.at).unwrap_or_default().chars().take(LITERAL).collect();
        self.out.push(Token::Literal(text));
    }

    fn word(&mut self) {
        let word = self.take(word_part);
        let prefix = word.len() <= 2 && matches!(word, "E" | "e" | "N" | "n" | "B" | "b" | "X" | "x");
        if prefix && self.rest().starts_with('\'') {
            self.string(1, matches!(word, "E" | "e") || self.mysql());
        } else if matches!(word, "U" | "u") && self.rest().starts_with("&'") {
            self.string(2, false);
        } else {
            self.out.push(Token::Word(word.to_owned()));
        }
    }

    fn operator(&mut self, c: char) {
        const MARKS: &str = "<>=!~|&^#@+-*/%";
        if !MARKS.contains(c) {
            self.at += c.len_utf8();
            self.out.push(Token::Mark(c.to_string()));
            return;
        }
        let rest = self.rest();
        let mut end = rest.find(|c| !MARKS.contains(c)).unwrap_or(rest.len());
        // A sign belongs to what follows: `=-1`; and a comment may stick to an operator.
        let taken = rest.get(..end).unwrap_or_default();
        for mark in ["--", "/*"] {
            if let Some(at) = taken.find(mark).filter(|at| *at > 0) {
                end = end.min(at);
            }
        }
        let taken = rest.get(..end).unwrap_or_default();
        if taken.len() > 1
            && taken.ends_with(['-', '+', '*'])
            && !taken.contains(['~', '!', '@', '#', '%', '^', '&', '|'])
        {
            end -= 1;
        }
        let end = end.max(1);
        self.out.push(Token::Mark(rest.get(..end).unwrap_or_default().to_owned()));
        self.at += end;
    }
}
