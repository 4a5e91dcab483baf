//! Text to tokens: words, quoted names, literals, dollar-quoted bodies, parameters, holes.

/// Stands for a hole in a text that was put together at run time.
pub const HOLE: char = '\u{FFFC}';

/// Kinds of token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword or bare name.
    Word,
    /// A quoted name.
    Name,
    /// A text literal or dollar-quoted body.
    Text,
    /// A number.
    Number,
    /// A parameter or hole.
    Parameter,
    /// Anything else, one character.
    Sign,
}

/// A token with its text, quotes left out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub kind: Kind,
    pub text: &'a str,
    pub line: u32,
}

impl Token<'_> {
    /// Whether it is that keyword.
    pub fn is(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// Whether it is that sign.
    pub fn sign(&self, sign: char) -> bool {
        self.kind == Kind::Sign && self.text.starts_with(sign)
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    out: Vec<Token<'a>>,
}

/// The tokens of a text; comments, psql commands and rows of `COPY` left out.
pub(super) fn tokens(text: &str, first_line: u32) -> Vec<Token<'_>> {
    let mut reader = Reader { text, at: 0, line: first_line, out: Vec::new() };
    while let Some(c) = reader.peek() {
        reader.token(c);
    }
    reader.out
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Moves on by `n` bytes and counts lines.
    fn skip(&mut self, n: usize) -> &'a str {
        let end = (self.at + n).min(self.text.len());
        let taken = self.text.get(self.at..end).unwrap_or("");
        self.line += u32::try_from(taken.bytes().filter(|b| *b == b'\n').count()).unwrap_or(0);
        self.at = end;
        taken
    }

    fn push(&mut self, kind: Kind, text: &'a str, line: u32) {
        self.out.push(Token { kind, text, line });
    }

    fn line_end(&self) -> usize {
        self.rest().find('\n').unwrap_or(self.rest().len())
    }

    fn token(&mut self, c: char) {
        let line = self.line;
        let rest = self.rest();
        let second = rest.chars().nth(1).unwrap_or(' ');
        match c {
            _ if c.is_whitespace() => {
                self.skip(c.len_utf8());
            }
            '-' if second == '-' => {
                self.skip(self.line_end());
            }
            '#' if second == ' ' || second == '\n' => {
                self.skip(self.line_end());
            }
            '\\' if self.at == 0 || self.text.as_bytes().get(self.at - 1) == Some(&b'\n') => {
                self.skip(self.line_end());
            }
            '/' if second == '*' => self.comment(),
            '\'' => self.quoted('\'', Kind::Text, line),
            '"' => self.quoted('"', Kind::Name, line),
            '`' => self.quoted('`', Kind::Name, line),
            '$' => self.dollar(line),
            ':' if second == ':' => {
                let sign = self.skip(2);
                self.push(Kind::Sign, sign, line);
            }
            ':' | '@' if second.is_alphabetic() || second == '_' => {
                let taken = self.skip(1 + word_length(rest.get(1..).unwrap_or("")));
                self.push(Kind::Parameter, taken, line);
            }
            '%' if second == 's' => {
                let taken = self.skip(2);
                self.push(Kind::Parameter, taken, line);
            }
            '%' if second == '(' => {
                let end = rest.find(")s").map_or(1, |i| i + 2);
                let taken = self.skip(end);
                self.push(Kind::Parameter, taken, line);
            }
            '?' => {
                let taken = self.skip(1);
                self.push(Kind::Parameter, taken, line);
            }
            HOLE if !second.is_alphanumeric() && second != '_' && second != HOLE => {
                let taken = self.skip(HOLE.len_utf8());
                self.push(Kind::Parameter, taken, line);
            }
            _ if c.is_ascii_digit() => {
                let n = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'.').count();
                let taken = self.skip(n);
                self.push(Kind::Number, taken, line);
            }
            _ if c.is_alphabetic() || c == '_' || c == HOLE => {
                let word = self.skip(word_length(rest));
                self.word(word, line);
            }
            _ => {
                let taken = self.skip(c.len_utf8());
                self.push(Kind::Sign, taken, line);
            }
        }
    }

    fn word(&mut self, word: &'a str, line: u32) {
        let prefixed = matches!(word, "E" | "e" | "N" | "n" | "B" | "b" | "X" | "x" | "U") && self.peek() == Some('\'');
        if prefixed {
            // A prefix of a literal, with backslash escapes.
            self.skip(1);
            let body = self.rest();
            let mut escaped = false;
            let end = body.find(|c: char| {
                let ends = c == '\'' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            let text = self.skip(end.unwrap_or(body.len()));
            self.skip(1);
            self.push(Kind::Text, text, line);
            return;
        }
        self.push(Kind::Word, word, line);
        if word.eq_ignore_ascii_case("stdin") && self.out.iter().rev().take(60).any(|t| t.is("copy")) {
            // Rows of `COPY … FROM stdin;` end with `\.`.
            let rest = self.rest();
            let end = rest.find("\n\\.").map_or(rest.find(';').map_or(0, |_| 0), |i| i + 3);
            if end > 0 {
                self.skip(end);
                self.push(Kind::Sign, ";", line);
            }
        }
    }

    fn comment(&mut self) {
        let rest = self.rest();
        // `/*!50003 CREATE … */` of MySQL dumps is code.
        if rest.starts_with("/*!") {
            let digits = rest.bytes().skip(3).take_while(u8::is_ascii_digit).count();
            self.skip(3 + digits);
            return;
        }
        let end = rest.find("*/").map_or(rest.len(), |i| i + 2);
        self.skip(end);
    }

    fn quoted(&mut self, quote: char, kind: Kind, line: u32) {
        self.skip(1);
        let body = self.rest();
        let mut end = 0;
        loop {
            match body.get(end..).and_then(|r| r.find(quote)) {
                // A doubled quote stands for itself.
                Some(i) if body.get(end + i + 1..).is_some_and(|r| r.starts_with(quote)) => end += i + 2,
                // MySQL escapes by backslash.
                Some(i)
                    if quote == '\''
                        && body.get(..end + i).is_some_and(|b| b.ends_with('\\') && !b.ends_with("\\\\")) =>
                {
                    end += i + 1;
                }
                Some(i) => {
                    end += i;
                    break;
                }
                None => {
                    end = body.len();
                    break;
                }
            }
        }
        let text = self.skip(end);
        self.skip(1);
        self.push(kind, text, line);
    }

    fn dollar(&mut self, line: u32) {
        let rest = self.rest();
        let tag =
            1 + rest.get(1..).map_or(0, |r| r.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count());
        if rest.as_bytes().get(tag) == Some(&b'$') && !rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit) {
            let tag = self.skip(tag + 1);
            let body = self.rest();
            let end = body.find(tag).unwrap_or(body.len());
            let text = self.skip(end);
            self.skip(tag.len());
            self.push(Kind::Text, text, line);
        } else {
            let taken = self.skip(tag);
            self.push(Kind::Parameter, taken, line);
        }
    }
}

fn word_length(text: &str) -> usize {
    text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$' || c == HOLE)).unwrap_or(text.len())
}
