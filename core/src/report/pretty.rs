//! JSON with line breaks, byte for byte as `serde_json` indents it: made from JSON without any, as every type would
//! otherwise bring two writers.

use serde::Serialize;

/// The value as indented JSON with a final line break. Plain data with string keys: writing it cannot fail.
#[must_use]
pub fn pretty(value: &impl Serialize) -> String {
    let mut text = indented(&serde_json::to_string(value).unwrap_or_default());
    text.push('\n');
    text
}

/// JSON without any space, indented by two spaces a level.
fn indented(compact: &str) -> String {
    let mut out = String::with_capacity(compact.len() * 3 / 2);
    let mut depth = 0_usize;
    let mut rest = compact;
    let new_line = |out: &mut String, depth: usize| {
        out.push('\n');
        (0..depth).for_each(|_| out.push_str("  "));
    };
    while let Some(first) = rest.chars().next() {
        // A text goes over as it is, and so does what stands between marks.
        let length = match first {
            '"' => text_length(rest),
            '{' | '}' | '[' | ']' | ',' | ':' => 1,
            _ => rest.find(['"', '{', '}', '[', ']', ',', ':']).unwrap_or(rest.len()),
        };
        let (piece, after) = rest.split_at(length);
        rest = after;
        match first {
            '{' | '[' if after.starts_with(['}', ']']) => {
                let (end, after) = after.split_at(1);
                out.push(first);
                out.push_str(end);
                rest = after;
            }
            '{' | '[' => {
                out.push(first);
                depth += 1;
                new_line(&mut out, depth);
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut out, depth);
                out.push(first);
            }
            ',' => {
                out.push(',');
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            _ => out.push_str(piece),
        }
    }
    out
}

/// Bytes of the text in quotes at the start, both quotes included.
fn text_length(text: &str) -> usize {
    let mut escaped = false;
    let end = text.bytes().skip(1).position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    end.map_or(text.len(), |end| end + 2)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn it_is_what_serde_json_writes() {
        let sample: Value = serde_json::from_str(include_str!("../../../tests/data/sample-report.json")).unwrap();
        let odd = json!({
            "": [], "a\"b\\": {}, "c": [{}, [], [[1]], {"x": {"y": null}}], "{[,:]}": "\\", "é😀": "\n\u{1}\u{2028} \\\" : , ]",
            "n": [0.1, -1e300, 18_446_744_073_709_551_615_u64, true],
        });
        for value in [sample, odd, json!([]), json!({}), json!("a"), json!(1)] {
            assert_eq!(pretty(&value), serde_json::to_string_pretty(&value).unwrap() + "\n");
        }
    }
}
