//! Records of CSV, one at a time, with line ends inside quotes.

use crate::evidence::input::{Input, Refused};

/// Longest record.
const RECORD_BYTES: usize = 16 << 20;

/// Reads records and counts lines.
#[derive(Default)]
pub(super) struct Records {
    buffer: Vec<u8>,
    /// Line at which the last record began.
    pub at: u64,
    lines: u64,
}

impl Records {
    /// The next record; `None` at the end. Empty lines are passed over.
    ///
    /// # Errors
    /// When the stream breaks off.
    pub fn next(&mut self, input: &mut Input) -> Result<Option<Vec<String>>, Refused> {
        let mut record = String::new();
        loop {
            let Some(line) = input.line(&mut self.buffer)? else {
                return Ok((!record.is_empty()).then(|| fields(&record)));
            };
            self.lines += 1;
            if record.is_empty() {
                if line.is_empty() {
                    continue;
                }
                self.at = self.lines;
            } else {
                record.push('\n');
            }
            record.push_str(&line);
            if record.matches('"').count().is_multiple_of(2) || record.len() > RECORD_BYTES {
                return Ok(Some(fields(&record)));
            }
        }
    }
}

/// The fields of a record.
pub(super) fn fields(record: &str) -> Vec<String> {
    let separator =
        [',', ';', '\t'].into_iter().max_by_key(|mark| (record.matches(*mark).count(), *mark == ',')).unwrap_or(',');
    split(record, if record.contains(',') { ',' } else { separator })
}

fn split(record: &str, separator: char) -> Vec<String> {
    let mut out = Vec::new();
    let mut field = String::new();
    let mut quoted = false;
    let mut chars = record.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            c if c == separator && !quoted => out.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    out.push(field);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_commas_and_line_ends() {
        assert_eq!(fields("a,\"b, \"\"c\"\"\nd\",,e"), ["a", "b, \"c\"\nd", "", "e"]);
        assert_eq!(fields("a\tb"), ["a", "b"]);
        assert_eq!(fields("a,\"cut"), ["a", "cut"]);
    }
}
