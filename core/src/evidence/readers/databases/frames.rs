//! Takes text out of what clients put around it: table frames of psql and mysql, CSV quotes, tabs, wrapped ends.

/// A line without its frame, and its number from 1.
pub(super) struct Line {
    pub at: u64,
    pub text: String,
    /// Whether it is a part of the frame only: rule, heading, row count.
    pub furniture: bool,
}

/// Cuts a text into lines without frames.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line> {
    let mut framed = false;
    text.lines().enumerate().map(move |(index, raw)| {
        let at = index as u64 + 1;
        let mut line = raw.trim_end().to_owned();
        if line.contains('\t') {
            line = expanded(&line);
        }
        let trimmed = line.trim();
        let heading = trimmed.trim_matches(|c| matches!(c, '|' | '\u{2502}' | '"' | '\u{2551}' | ' '));
        if heading == "QUERY PLAN" {
            framed = true;
            return Line { at, text: String::new(), furniture: true };
        }
        if rule(trimmed) || row_count(trimmed) {
            framed &= !row_count(trimmed);
            return Line { at, text: String::new(), furniture: true };
        }
        Line { at, text: inner(&line, framed), furniture: false }
    })
}

/// The text of a line within a frame.
fn inner(line: &str, framed: bool) -> String {
    let trimmed = line.trim_start();
    for border in ['|', '\u{2502}', '\u{2551}'] {
        if let Some(rest) = trimmed.strip_prefix(border)
            && !trimmed.starts_with("|--")
            && let Some(rest) = rest.trim_end().strip_suffix(border)
        {
            return inner(rest.trim_end(), true);
        }
    }
    if let Some(rest) = trimmed.strip_prefix('"')
        && let Some(rest) = rest.trim_end_matches([',', ';']).strip_suffix('"')
        && !trimmed.contains("\": ")
    {
        return rest.replace("\"\"", "\"").trim_end().to_owned();
    }
    for mark in ['+', '\u{21b5}'] {
        if let Some(rest) = line.strip_suffix(mark)
            && (framed || rest.ends_with("  "))
        {
            return rest.trim_end().to_owned();
        }
    }
    line.to_owned()
}

/// `-----`, `+-----+`, `├──┤`.
fn rule(line: &str) -> bool {
    line.chars().count() >= 3
        && line.chars().all(|c| matches!(c, '-' | '+' | '=' | '\u{2500}'..='\u{257f}'))
        && line.chars().any(|c| matches!(c, '-' | '\u{2500}' | '\u{2550}'))
}

/// `(12 rows)`, also translated.
fn row_count(line: &str) -> bool {
    let Some(inner) = line.strip_prefix('(').and_then(|line| line.strip_suffix(')')) else { return false };
    let mut words = inner.split_whitespace();
    words.next().is_some_and(|word| word.parse::<u64>().is_ok())
        && words.next().is_some_and(|word| word.chars().all(char::is_alphabetic))
        && words.next().is_none()
}

fn expanded(line: &str) -> String {
    let mut out = String::new();
    let mut column = 0;
    for c in line.chars() {
        if c == '\t' {
            let stop = 8 - column % 8;
            out.extend(std::iter::repeat_n(' ', stop));
            column += stop;
        } else {
            out.push(c);
            column += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Vec<String> {
        lines(text).filter(|line| !line.furniture).map(|line| line.text).collect()
    }

    #[test]
    fn frames_go_and_indentation_stays() {
        let psql = "      QUERY PLAN      \n--------\n Limit  (cost=1)\n   ->  Seq Scan\n(2 rows)\n";
        assert_eq!(plain(psql), [" Limit  (cost=1)", "   ->  Seq Scan"]);
        let unicode = "\u{250c}\u{2500}\u{2500}\u{2510}\n\u{2502} QUERY PLAN \u{2502}\n\u{251c}\u{2500}\u{2500}\u{2524}\n\u{2502} Limit  (cost=1)  \u{2502}\n\u{2502}   ->  Seq Scan   \u{2502}\n";
        assert_eq!(plain(unicode), [" Limit  (cost=1)", "   ->  Seq Scan"]);
        let ascii = "+----+\n| QUERY PLAN |\n+----+\n| [     +|\n|   {}  +|\n| ]      |\n+----+\n";
        assert_eq!(plain(ascii), [" [", "   {}", " ]"]);
        let quoted = "\"QUERY PLAN\"\n\"Limit  (cost=1)\"\n\"  Filter: (\"\"a\"\" = 1)\"\n";
        assert_eq!(plain(quoted), ["Limit  (cost=1)", "  Filter: (\"a\" = 1)"]);
    }

    #[test]
    fn tabs_reach_the_next_stop() {
        assert_eq!(plain("\tA\n  \tB\n"), ["        A", "        B"]);
    }

    #[test]
    fn json_keys_and_sqlite_trees_keep_their_signs() {
        assert_eq!(plain("  \"Plan\": {\n|--SCAN t\n"), ["  \"Plan\": {", "|--SCAN t"]);
        assert_eq!(plain("  \"a\"\n"), ["a"]);
    }
}
