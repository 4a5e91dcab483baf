//! Records of CSV with quotes, as k6 and Locust write it. A quoted field may span lines.

use crate::evidence::input::{Input, Refused};
use std::borrow::Cow;

/// Fields of one record.
pub fn fields(line: &str) -> Vec<Cow<'_, str>> {
    let mut out = Vec::new();
    let mut rest = line;
    loop {
        if let Some(quoted) = rest.strip_prefix('"') {
            let (field, after) = unquote(quoted);
            out.push(field);
            match after.split_once(',') {
                Some((_, next)) => rest = next,
                None => return out,
            }
        } else {
            match rest.split_once(',') {
                Some((field, next)) => {
                    out.push(Cow::Borrowed(field));
                    rest = next;
                }
                None => {
                    out.push(Cow::Borrowed(rest));
                    return out;
                }
            }
        }
    }
}

/// What stands up to the closing quote, and what follows it.
fn unquote(text: &str) -> (Cow<'_, str>, &str) {
    let mut from = 0;
    while let Some(ahead) = text.get(from..).and_then(|rest| rest.find('"')) {
        let quote = from + ahead;
        if text.get(quote + 1..).is_some_and(|rest| rest.starts_with('"')) {
            from = quote + 2;
            continue;
        }
        let field = text.get(..quote).unwrap_or_default();
        let field = if field.contains("\"\"") { Cow::Owned(field.replace("\"\"", "\"")) } else { Cow::Borrowed(field) };
        return (field, text.get(quote + 1..).unwrap_or_default());
    }
    (Cow::Borrowed(text), "")
}

/// Lines that a record may span.
const LINES: usize = 200;

/// The next record as one text, lines joined while a quote is open; `None` at the end.
///
/// # Errors
/// When the stream breaks off.
pub fn record(input: &mut Input, buffer: &mut Vec<u8>, line: &mut u64) -> Result<Option<String>, Refused> {
    let Some(mut record) = input.line(buffer)? else { return Ok(None) };
    *line += 1;
    for _ in 0..LINES {
        if record.bytes().filter(|byte| *byte == b'"').count() % 2 == 0 {
            break;
        }
        let Some(more) = input.line(buffer)? else { break };
        *line += 1;
        record.push('\n');
        record.push_str(&more);
    }
    Ok(Some(record))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

    use super::*;

    #[test]
    fn quotes_commas_and_empty_fields() {
        assert_eq!(fields("a,b,,c"), ["a", "b", "", "c"]);
        assert_eq!(fields(r#""a,b","say ""hi""",x"#), ["a,b", "say \"hi\"", "x"]);
        assert_eq!(fields("\"two\nlines\",1"), ["two\nlines", "1"]);
        assert_eq!(fields(""), [""]);
        assert_eq!(fields("\"open"), ["open"]);
        assert_eq!(fields("a,"), ["a", ""]);
    }
}
