//! Steps whose line was wrapped: by a terminal in the middle of a number, by a mail program between words.

use super::super::frames::Line;
use super::header::header;

/// Pieces of one line.
pub(super) struct Wrapped {
    pub at: u64,
    pub pieces: Vec<String>,
}

/// Pieces that are waited for.
const PIECES: usize = 8;

impl Wrapped {
    /// Whether a line is the start of a longer one: its figures are open, or a step has none yet.
    pub fn starts(text: &str) -> bool {
        open(text) || bare(text)
    }

    /// Whether a line goes on with what was begun.
    pub fn goes_on(&self, text: &str) -> bool {
        if open(&self.raw()) {
            return !text.trim_start().starts_with("->") && !text.trim().is_empty();
        }
        // A step without figures: they may stand in the next line, behind the rest of a name.
        let figures = text.find("(cost=").or_else(|| text.find("(actual "));
        figures.and_then(|at| text.get(..at)).is_some_and(|before| {
            let step = before.starts_with(' ') && header(text).is_some_and(|header| !header.name.is_empty());
            !(step || before.contains([':', '>']))
        })
    }

    /// Whether more is needed.
    pub fn open(&self) -> bool {
        self.pieces.len() < PIECES && open(&self.raw())
    }

    fn raw(&self) -> String {
        self.pieces.iter().fold(String::new(), |text, piece| glue(text, piece))
    }

    /// The whole line.
    pub fn joined(&self) -> Line {
        Line { at: self.at, text: self.raw(), furniture: false }
    }
}

/// Puts two pieces together. Blanks at the cut are lost, so the figures say whether there was one.
fn glue(mut text: String, piece: &str) -> String {
    let last = text.chars().next_back().unwrap_or(' ');
    let next = piece.chars().next().unwrap_or(' ');
    let words = last.is_ascii_digit() && next.is_ascii_alphabetic();
    let actual = text.ends_with("(actual") && (piece.starts_with('t') || piece.starts_with('r'));
    if words || actual || (next == '(' && last != ' ') {
        text.push_str(if next == '(' { "  " } else { " " });
    }
    text.push_str(piece);
    text
}

/// Whether a bracket of figures, or the beginning of one, is not closed.
fn open(text: &str) -> bool {
    let Some(at) = text.rfind('(') else { return false };
    let before = text.get(..at).unwrap_or_default();
    let inner = text.get(at + 1..).unwrap_or_default();
    let figures = ["cost=", "actual time=", "actual rows=", "never executed)"]
        .iter()
        .any(|mark| inner.starts_with(mark) || mark.starts_with(inner));
    let name = before.split("(cost=").next().unwrap_or_default();
    let alone = before.trim().is_empty();
    let step = || {
        !name.contains(": ")
            && before.ends_with(' ')
            && header(&format!("{} (cost=0 rows=0)", name.trim_end())).is_some()
    };
    figures && !inner.contains(')') && (alone || step())
}

/// Whether a step has no figures.
fn bare(text: &str) -> bool {
    text.trim_start().starts_with("->") && header(text).is_some_and(|header| header.numbers.is_empty())
}
