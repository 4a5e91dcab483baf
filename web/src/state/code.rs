//! A source file cut into lines and coloured pieces for the viewer. Knows no browser type.

use crate::protocol::{SourceFile, Token, TokenKind};

/// A file ready to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    text: String,
    /// Start of each line; the end of the text last.
    starts: Vec<usize>,
    tokens: Vec<Token>,
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its text.
    pub text: String,
    /// Its colour.
    pub kind: Option<TokenKind>,
    /// Whether it is part of the flagged range.
    pub flagged: bool,
}

impl Code {
    /// Cuts `file`; `None` when its text is not at hand.
    #[must_use]
    pub fn new(file: SourceFile) -> Option<Self> {
        let text = file.text?;
        let mut starts = vec![0];
        starts.extend(text.match_indices('\n').map(|(at, _)| at + 1));
        if starts.last() != Some(&text.len()) {
            starts.push(text.len());
        }
        if starts.len() == 1 {
            starts.push(0);
        }
        Some(Self { text, starts, tokens: file.tokens })
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Number of lines.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.starts.len() - 1
    }

    /// Length of the longest line in characters, for the width of the page.
    #[must_use]
    pub fn longest(&self) -> usize {
        (1..=self.lines()).map(|line| self.line(line).chars().count()).max().unwrap_or(0)
    }

    fn bounds(&self, line: usize) -> (usize, usize) {
        let start = line.checked_sub(1).and_then(|at| self.starts.get(at)).copied().unwrap_or(self.text.len());
        let end = self.starts.get(line).copied().unwrap_or(self.text.len());
        (start, end)
    }

    /// Line `line`, from 1, without its end.
    #[must_use]
    pub fn line(&self, line: usize) -> &str {
        let (start, end) = self.bounds(line);
        self.text.get(start..end).unwrap_or_default().trim_end_matches(['\n', '\r'])
    }

    /// Line `line` in pieces; `flag` is the flagged range of columns, from 1, end excluded.
    #[must_use]
    pub fn pieces(&self, line: usize, flag: Option<(u32, u32)>) -> Vec<Piece> {
        let (start, _) = self.bounds(line);
        let text = self.line(line);
        let end = start + text.len();
        let byte_of = |column: u32| {
            let skip = column.saturating_sub(1) as usize;
            text.char_indices().nth(skip).map_or(end, |(at, _)| start + at)
        };
        let (flag_start, flag_end) = flag.map_or((end, end), |(from, to)| (byte_of(from), byte_of(to)));
        let mut cuts = vec![start, flag_start, flag_end, end];
        let first = self.tokens.partition_point(|token| (token.end as usize) <= start);
        let tokens: Vec<Token> =
            self.tokens.iter().skip(first).take_while(|token| (token.start as usize) < end).copied().collect();
        for token in &tokens {
            cuts.push((token.start as usize).clamp(start, end));
            cuts.push((token.end as usize).clamp(start, end));
        }
        cuts.sort_unstable();
        cuts.dedup();
        let mut pieces = Vec::with_capacity(cuts.len());
        for pair in cuts.windows(2) {
            let &[from, to] = pair else { continue };
            let Some(text) = self.text.get(from..to) else { continue };
            let kind = tokens
                .iter()
                .find(|token| (token.start as usize) <= from && to <= (token.end as usize))
                .map(|token| token.kind);
            pieces.push(Piece { text: text.to_owned(), kind, flagged: flag_start <= from && to <= flag_end });
        }
        pieces
    }

    /// Columns of the code on `line` from 1, without indentation and trailing blanks; end excluded.
    #[must_use]
    pub fn inked(&self, line: usize) -> (u32, u32) {
        let text = self.line(line);
        let indent = text.chars().take_while(|letter| letter.is_whitespace()).count();
        let length = text.trim_end().chars().count().max(indent);
        let column = |at: usize| u32::try_from(at + 1).unwrap_or(u32::MAX);
        (column(indent), column(length))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn code(text: &str, tokens: Vec<Token>) -> Code {
        Code::new(SourceFile { path: "a.py".into(), text: Some(text.into()), tokens, problem: None }).unwrap()
    }

    #[test]
    fn lines_come_without_their_ends() {
        let code = code("a\r\n\u{e4}b\n\nlast", Vec::new());
        assert_eq!(code.lines(), 4);
        assert_eq!((1..=5).map(|line| code.line(line)).collect::<Vec<_>>(), ["a", "\u{e4}b", "", "last", ""]);
        assert_eq!(code.longest(), 4);
    }

    #[test]
    fn an_empty_file_has_one_empty_line() {
        let code = code("", Vec::new());
        assert_eq!((code.lines(), code.line(1)), (1, ""));
    }

    #[test]
    fn tokens_and_flag_cut_a_line() {
        let tokens = vec![
            Token { start: 0, end: 3, kind: TokenKind::Keyword },
            Token { start: 8, end: 22, kind: TokenKind::String },
        ];
        let code = code("for \u{e4} i\"\"\"two\nlines\"\"\"\n", tokens);
        let line: Vec<(String, Option<TokenKind>, bool)> =
            code.pieces(1, Some((5, 6))).into_iter().map(|piece| (piece.text, piece.kind, piece.flagged)).collect();
        assert_eq!(
            line,
            [
                ("for".into(), Some(TokenKind::Keyword), false),
                (" ".into(), None, false),
                ("\u{e4}".into(), None, true),
                (" i".into(), None, false),
                ("\"\"\"two".into(), Some(TokenKind::String), false),
            ]
        );
        let second = code.pieces(2, None);
        assert_eq!(second.first().unwrap().kind, Some(TokenKind::String));
    }

    #[test]
    fn ink_leaves_out_indentation() {
        assert_eq!(code("    x = 1  ", Vec::new()).inked(1), (5, 10));
        assert_eq!(code("   ", Vec::new()).inked(1), (4, 4));
    }
}
