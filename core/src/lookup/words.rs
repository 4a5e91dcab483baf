//! Words of code and prose: an identifier as a whole and its parts (`loadTotals`, `load_totals` -> `load`, `total`),
//! in lower case and singular, numbers without leading zeros (`ADR-012` is found by `adr 12`).

/// Longer words are hashes and encoded data.
const LONGEST: usize = 64;

/// Calls `found` with each word and the byte range it stands at. A composed identifier comes before its parts.
pub(super) fn words(text: &str, found: &mut dyn FnMut(&str, usize, usize)) {
    let bytes = text.as_bytes();
    let mut buffer = String::new();
    let mut at = 0;
    while at < bytes.len() {
        let length = bytes.get(at..).unwrap_or_default().iter().take_while(|b| in_word(**b)).count();
        if length == 0 {
            at += 1;
            continue;
        }
        if let Some(run) = text.get(at..at + length) {
            if run.is_ascii() {
                identifier(run, at, &mut buffer, found);
            } else {
                // Dashes and quotation marks of prose are no letters.
                let mut start = 0;
                for part in run.split(|c: char| !c.is_alphanumeric() && c != '_') {
                    identifier(part, at + start, &mut buffer, found);
                    let after = run.get(start + part.len()..).unwrap_or_default();
                    start += part.len() + after.chars().next().map_or(0, char::len_utf8);
                }
            }
        }
        at += length;
    }
}

fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn identifier(text: &str, at: usize, buffer: &mut String, found: &mut dyn FnMut(&str, usize, usize)) {
    let trimmed = text.trim_matches('_');
    if trimmed.is_empty() || trimmed.len() > LONGEST {
        return;
    }
    let start = at + text.len() - text.trim_start_matches('_').len();
    let whole = part_length(trimmed) < trimmed.len();
    if whole {
        buffer.clear();
        trimmed.chars().filter(|c| *c != '_').for_each(|c| buffer.extend(c.to_lowercase()));
        found(buffer, start, start + trimmed.len());
    }
    let mut from = 0;
    while let Some(rest) = trimmed.get(from..).filter(|rest| !rest.is_empty()) {
        let length = part_length(rest);
        let part = rest.get(..length).unwrap_or(rest);
        if normalise(part, buffer) {
            found(buffer, start + from, start + from + part.len());
        }
        let gap = rest.get(length..).unwrap_or_default();
        from += length + gap.len() - gap.trim_start_matches('_').len();
    }
}

/// Length of the first part: up to `_`, a capital after a small letter, or the last of several capitals.
fn part_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let at = |index: usize| bytes.get(index).copied().unwrap_or(b'_');
    for index in 1..bytes.len() {
        let (before, here, after) = (at(index - 1), at(index), at(index + 1));
        let word_starts = here.is_ascii_uppercase()
            && (before.is_ascii_lowercase() || before.is_ascii_digit() || before >= 0x80)
            || before.is_ascii_uppercase() && here.is_ascii_uppercase() && after.is_ascii_lowercase();
        if here == b'_' || word_starts {
            return index;
        }
    }
    bytes.len()
}

/// Writes the part as the index spells it; `false` for what is too short to mean anything.
fn normalise(part: &str, out: &mut String) -> bool {
    out.clear();
    if part.bytes().all(|b| b.is_ascii_digit()) {
        out.push_str(part.trim_start_matches('0'));
        return !out.is_empty();
    }
    if part.is_ascii() {
        out.push_str(part);
        out.make_ascii_lowercase();
    } else {
        part.chars().for_each(|c| out.extend(c.to_lowercase()));
    }
    if out.len() > 4 && out.ends_with("ies") {
        out.truncate(out.len() - 3);
        out.push('y');
    } else if out.len() > 3 && out.ends_with('s') && !["ss", "us", "is"].iter().any(|end| out.ends_with(end)) {
        out.pop();
    }
    out.len() > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        let mut out = Vec::new();
        words(text, &mut |word, from, to| {
            assert!(text.get(from..to).is_some_and(|part| !part.is_empty()), "{text} {from} {to}");
            out.push(word.to_owned());
        });
        out
    }

    #[test]
    fn identifiers_are_words_and_so_are_their_parts() {
        for (text, expected) in [
            ("load_totals(order)", "loadtotals load total order"),
            ("HTTPServerError", "httpservererror http server error"),
            ("loadOrderByID2", "loadorderbyid2 load order by id2"),
            ("__init__ _x self.queries", "init self query"),
            ("ADR-0012: p95 < 200 ms", "adr 12 p95 200 ms"),
            ("status class bus", "status class bus"),
            ("Größe—“Straße” naïveTest", "größe straße naïvetest naïve test"),
            ("a b c __ _ -", ""),
        ] {
            assert_eq!(all(text).join(" "), expected, "{text}");
        }
        assert!(all(&"x".repeat(70)).is_empty());
        assert_eq!(all("\u{0}\u{fffd}\u{200b}").len(), 0);
    }
}
