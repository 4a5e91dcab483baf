//! Text of the audited project made safe inside Markdown and terminals.

/// One line without control and direction characters, which could hide or rewrite what is shown.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => out.push(' '),
            c if c.is_control() || is_direction(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

const fn is_direction(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Prose for a Markdown table cell or list item: code spans in backticks stay, all else that
/// Markdown or HTML would interpret is escaped.
pub(super) fn cell(text: &str) -> String {
    let text = plain(text);
    let text = text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let parts: Vec<&str> = text.split('`').collect();
    let spans_close = parts.len() % 2 == 1;
    let mut out = String::with_capacity(text.len() + 8);
    for (index, part) in parts.iter().enumerate() {
        if spans_close && index % 2 == 1 {
            out.push_str(&code(part));
        } else {
            if !spans_close && index > 0 {
                out.push_str("\\`");
            }
            escape_prose(part, &mut out);
        }
    }
    escape_start(&mut out);
    out
}

/// At the start of a list item some characters would open a heading, a list or a rule.
fn escape_start(out: &mut String) {
    let digits = out.bytes().take_while(u8::is_ascii_digit).count();
    let rest = out.get(digits..).unwrap_or_default();
    let marker = rest.trim_start_matches(['#', '+', '-', '=', '.', ')']);
    if marker.len() < rest.len() && (marker.is_empty() || marker.starts_with(' ')) {
        out.insert(digits, '\\');
    }
}

fn escape_prose(text: &str, out: &mut String) {
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '_' if before.is_alphanumeric() && chars.peek().is_some_and(|next| next.is_alphanumeric()) => out.push('_'),
            // Brackets are a link only with what follows them.
            ']' if !matches!(chars.peek(), Some('(' | '[' | ':')) => out.push(']'),
            '\\' | '|' | '*' | '_' | ']' | '~' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
        before = c;
    }
}

/// A code span that holds `text` exactly, also in a table cell.
pub(super) fn code(text: &str) -> String {
    let text = plain(text);
    if text.trim().is_empty() {
        return text;
    }
    // A table reads `\\|` as an escaped backslash before a cell's end, and code cannot escape it: such text is prose.
    if text.contains("\\|") {
        let mut out = String::new();
        escape_prose(&text.replace('`', "\u{2bb}"), &mut out);
        escape_start(&mut out);
        return out;
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{}{pad}{fence}", text.replace('|', "\\|"))
}

/// `path:line` as a code span.
pub(super) fn place(path: &str, line: u32) -> String {
    code(&format!("{path}:{line}"))
}

/// A URL that ends where it ends.
pub(super) fn url(text: &str) -> String {
    plain(text).replace(' ', "%20").replace('<', "%3C").replace('>', "%3E").replace('|', "%7C").replace('`', "%60")
}

/// Text inside an HTML comment.
pub(super) fn comment(text: &str) -> String {
    plain(text).replace("--", "- -").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_survive_what_projects_contain() {
        for (text, expected) in [
            ("a | b", "a \\| b"),
            ("`a | b` runs", "`a \\| b` runs"),
            ("two\nlines\r\n and  spaces", "two lines and spaces"),
            ("<script>alert(1)</script> & co", "&lt;script&gt;alert(1)&lt;/script&gt; &amp; co"),
            ("`<b>` stays in code", "`<b>` stays in code"),
            ("one ` alone", "one \\` alone"),
            ("snake_case and __init__", "snake_case and \\_\\_init\\_\\_"),
            ("*bold* [link](http://x)", "\\*bold\\* [link\\](http://x)"),
            ("# title", "\\# title"),
            ("- item", "\\- item"),
            ("12. item", "12\\. item"),
            ("esc \u{1b}[31m bidi \u{202e}x", "esc \u{fffd}[31m bidi \u{fffd}x"),
        ] {
            assert_eq!(cell(text), expected);
        }
    }

    #[test]
    fn code_spans_hold_backticks() {
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`x"), "`` `x ``");
        assert_eq!(place("a|b.py", 3), "`a\\|b.py:3`");
        assert_eq!(comment("a --> b"), "a - -&gt; b");
    }
}
