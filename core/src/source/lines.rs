//! From byte offsets to lines and columns.

use super::Span;
use memchr::{memchr, memchr_iter};
use std::cell::Cell;

/// How many bytes one entry of the character table covers.
const BLOCK: usize = 256;

/// Line starts of a text, and a character count per block where the text is not ASCII, so that a
/// column costs a constant amount even on a line of megabytes.
#[derive(Debug)]
pub struct LineIndex<'a> {
    text: &'a str,
    starts: Vec<u32>,
    /// Characters before each block; empty when the text is ASCII.
    chars: Vec<u32>,
    /// For each line whether it is ASCII; empty when the text is.
    plain: Vec<bool>,
    /// The line found last: most look-ups are near it.
    last: Cell<usize>,
    /// Where each line stands in the file, when the text was taken out of one.
    origins: Vec<Origin>,
}

/// Where a line of text that was taken out of a file stands in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Line of the file.
    pub line: u32,
    /// Characters before it on that line.
    pub col: u16,
}

impl<'a> LineIndex<'a> {
    /// Indexes `text`. Lines end with `\n`, `\r\n` or `\r`.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = Vec::with_capacity(text.len() / 32 + 1);
        starts.push(0);
        if memchr(b'\r', bytes).is_some() {
            for (i, &byte) in bytes.iter().enumerate() {
                if byte == b'\n' || (byte == b'\r' && bytes.get(i + 1) != Some(&b'\n')) {
                    starts.push(number(i + 1));
                }
            }
        } else {
            starts.extend(memchr_iter(b'\n', bytes).map(|i| number(i + 1)));
        }
        let (mut chars, mut plain) = (Vec::new(), Vec::new());
        if !text.is_ascii() {
            let mut total = 0;
            for block in bytes.chunks(BLOCK) {
                chars.push(total);
                total += count(block);
            }
            chars.push(total);
            let ends = starts.iter().skip(1).map(|&end| end as usize).chain([bytes.len()]);
            let lines = starts.iter().zip(ends).map(|(&start, end)| bytes.get(start as usize..end));
            plain.extend(lines.map(|line| line.is_none_or(<[u8]>::is_ascii)));
        }
        Self { text, starts, chars, plain, last: Cell::new(0), origins: Vec::new() }
    }

    /// Likewise for text whose lines were taken out of a file: positions are those in the file.
    #[must_use]
    pub fn with_origins(text: &'a str, origins: Vec<Origin>) -> Self {
        Self { origins, ..Self::new(text) }
    }

    /// Number of lines; a final line end does not open another.
    #[must_use]
    pub fn lines(&self) -> u32 {
        let open = usize::from(self.starts.last().is_some_and(|&s| s as usize == self.text.len()));
        number(self.starts.len() - open)
    }

    /// Line and column of byte `offset`, both from 1.
    #[must_use]
    pub fn position(&self, offset: u32) -> (u32, u16) {
        let line = self.line_at(offset);
        (self.line_number(line), self.column(line, offset))
    }

    #[inline]
    fn line_number(&self, line: usize) -> u32 {
        self.origin(line).map_or(number(line + 1), |origin| origin.line)
    }

    #[inline]
    fn origin(&self, line: usize) -> Option<&Origin> {
        if self.origins.is_empty() { None } else { self.origins.get(line).or(self.origins.last()) }
    }

    /// Whether every byte of a line is a column.
    #[inline]
    fn is_plain(&self, line: usize) -> bool {
        self.chars.is_empty() || self.plain.get(line).is_some_and(|plain| *plain)
    }

    #[inline]
    fn column(&self, line: usize, offset: u32) -> u16 {
        let start = self.starts.get(line).copied().unwrap_or(0);
        let column = if self.is_plain(line) {
            offset.saturating_sub(start)
        } else if let Some(before) = self.text.as_bytes().get(start as usize..offset as usize)
            && before.len() < BLOCK
        {
            count(before)
        } else {
            self.chars_before(offset).saturating_sub(self.chars_before(start))
        };
        let before = self.origin(line).map_or(0, |origin| u32::from(origin.col));
        column_of(column.saturating_add(before))
    }

    /// The span of bytes `start..end`.
    #[must_use]
    pub fn span(&self, start: u32, end: u32) -> Span {
        let last = self.last.get();
        // Nearly every look-up: on the line of the one before it, where a byte is a column.
        if let Some(&[from, to]) = self.starts.get(last..last + 2)
            && from <= start
            && end < to
            && start <= end
            && self.origins.is_empty()
            && self.is_plain(last)
        {
            let line = number(last + 1);
            return Span { line, col: column_of(start - from), end_line: line, end_col: column_of(end - from) };
        }
        self.other_span(start, end)
    }

    fn other_span(&self, start: u32, end: u32) -> Span {
        let first = self.line_at(start);
        let last = if self.starts.get(first + 1).is_none_or(|&next| end < next) { first } else { self.line_at(end) };
        // The next place is likely near this one's start.
        self.last.set(first);
        Span {
            line: self.line_number(first),
            col: self.column(first, start),
            end_line: self.line_number(last),
            end_col: self.column(last, end),
        }
    }

    /// The byte at which the line of `offset` starts.
    #[must_use]
    pub fn line_start(&self, offset: u32) -> u32 {
        self.starts.get(self.line_at(offset)).copied().unwrap_or(0)
    }

    #[inline]
    fn line_at(&self, offset: u32) -> usize {
        let last = self.last.get();
        let holds = |line: usize| {
            self.starts.get(line).is_some_and(|&s| s <= offset) && self.starts.get(line + 1).is_none_or(|&s| s > offset)
        };
        if holds(last) {
            return last;
        }
        let line = if holds(last + 1) { last + 1 } else { self.starts.partition_point(|&s| s <= offset) - 1 };
        self.last.set(line);
        line
    }

    fn chars_before(&self, offset: u32) -> u32 {
        let offset = offset as usize;
        let block = offset / BLOCK;
        let part = self.text.as_bytes().get(block * BLOCK..offset).map_or(0, count);
        self.chars.get(block).copied().unwrap_or(0) + part
    }
}

/// The column after `before` others.
fn column_of(before: u32) -> u16 {
    u16::try_from(before.saturating_add(1)).unwrap_or(u16::MAX)
}

/// Characters that start in `bytes`.
fn count(bytes: &[u8]) -> u32 {
    number(bytes.iter().filter(|&&b| b & 0xC0 != 0x80).count())
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::LineIndex;

    #[test]
    fn columns_count_characters() {
        let text = "a\nbä€c\r\nx\ry\n";
        let lines = LineIndex::new(text);
        let at = |needle: &str| lines.position(u32::try_from(text.find(needle).unwrap_or(0)).unwrap_or(0));
        assert_eq!((at("b"), at("c"), at("x"), at("y")), ((2, 1), (2, 4), (3, 1), (4, 1)));
        assert_eq!(lines.lines(), 4);
        assert_eq!(LineIndex::new("").lines(), 0);
    }

    #[test]
    fn a_long_line_is_counted_by_blocks() {
        let text = "ä".repeat(1000) + "b";
        assert_eq!(LineIndex::new(&text).position(2000), (1, 1001));
        let wide = "ä".repeat(200_000);
        assert_eq!(LineIndex::new(&wide).position(400_000), (1, u16::MAX));
    }
}
