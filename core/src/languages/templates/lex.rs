//! A template in pieces: `{{ expressions }}` and `{% tags %}`. Markup between them and comments are
//! dropped.

/// One piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    /// What it is.
    pub kind: PieceKind,
    /// The text between the brackets.
    pub text: &'a str,
    /// Offset of the opening bracket.
    pub start: u32,
    /// Offset just past the closing bracket.
    pub end: u32,
}

/// Kinds of piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PieceKind {
    /// `{{ … }}`
    Value,
    /// `{% … %}`
    Tag,
}

/// Splits a template. Contents of `{% comment %}`, `{% verbatim %}` and `{% raw %}` are dropped.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut at = 0;
    let mut until: Option<&str> = None;
    while let Some(open) = text.get(at..).and_then(|rest| rest.find('{')).map(|i| i + at) {
        let rest = text.get(open..).unwrap_or("");
        let (kind, close) = match rest.as_bytes().get(1) {
            Some(b'{') => (Some(PieceKind::Value), "}}"),
            Some(b'%') => (Some(PieceKind::Tag), "%}"),
            Some(b'#') => (None, "#}"),
            _ => {
                at = open + 1;
                continue;
            }
        };
        let Some(length) = rest.get(2..).and_then(|inner| inner.find(close)) else {
            at = open + 2;
            continue;
        };
        let end = open + 2 + length + 2;
        at = end;
        let Some(kind) = kind else { continue };
        let inner = rest.get(2..2 + length).unwrap_or("").trim_matches(['-', '+']).trim();
        let word = inner.split_whitespace().next().unwrap_or("");
        if let Some(wanted) = until {
            if kind == PieceKind::Tag && word == wanted {
                until = None;
            }
            continue;
        }
        if kind == PieceKind::Tag {
            until = match word {
                "comment" => Some("endcomment"),
                "verbatim" => Some("endverbatim"),
                "raw" => Some("endraw"),
                _ => None,
            };
            if until.is_some() {
                continue;
            }
        }
        out.push(Piece {
            kind,
            text: inner,
            start: u32::try_from(open).unwrap_or(u32::MAX),
            end: u32::try_from(end).unwrap_or(u32::MAX),
        });
    }
    out
}

/// A token of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A name or keyword.
    Name(&'a str),
    /// A quoted text.
    Text(&'a str),
    /// A number.
    Number(&'a str),
    /// Punctuation, one or two characters.
    Sign(&'a str),
}

/// Tokens of an expression or of a tag's arguments.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut out = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        if c.is_whitespace() {
            continue;
        }
        let mut end = start + c.len_utf8();
        let take = |end: usize| text.get(start..end).unwrap_or("");
        if c == '"' || c == '\'' {
            let mut inner = end;
            for (i, d) in chars.by_ref() {
                inner = i;
                if d == c {
                    break;
                }
            }
            out.push(Token::Text(text.get(start + 1..inner).unwrap_or("")));
        } else if c.is_alphabetic() || c == '_' {
            while let Some((i, d)) = chars.peek().copied() {
                if !(d.is_alphanumeric() || d == '_') {
                    break;
                }
                end = i + d.len_utf8();
                chars.next();
            }
            out.push(Token::Name(take(end)));
        } else if c.is_ascii_digit() {
            while let Some((i, d)) = chars.peek().copied() {
                if !d.is_ascii_digit() {
                    break;
                }
                end = i + 1;
                chars.next();
            }
            out.push(Token::Number(take(end)));
        } else {
            if let Some((i, d)) = chars.peek().copied()
                && matches!((c, d), ('=' | '!' | '<' | '>', '=') | ('*', '*') | ('/', '/'))
            {
                end = i + 1;
                chars.next();
            }
            out.push(Token::Sign(take(end)));
        }
    }
    out
}
