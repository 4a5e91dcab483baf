//! Notes on technologies as HTML that is safe to show: no markup of its own, links to https only. They are written with
//! paragraphs, lists, code and links, and nothing else: a library that knows all of Markdown takes 50 kB of the engine.

/// `markdown` without its title, as HTML.
#[must_use]
pub fn safe_html(markdown: &str) -> String {
    let mut out = String::new();
    let (mut block, mut in_list) = (String::new(), false);
    // A blank line at the end ends what is open.
    for line in markdown.lines().chain([""]).filter(|line| !line.starts_with("# ")) {
        let item = line.strip_prefix("- ");
        if item.is_some() || line.trim().is_empty() {
            let tag = if in_list { "li" } else { "p" };
            if !block.is_empty() {
                out.push_str(&format!("<{tag}>{}</{tag}>\n", inline(&block)));
                block.clear();
            }
        }
        if in_list != item.is_some() && (item.is_some() || line.trim().is_empty()) {
            in_list = item.is_some();
            out.push_str(if in_list { "<ul>\n" } else { "</ul>\n" });
        }
        let text = item.unwrap_or(line).trim();
        if !block.is_empty() && !text.is_empty() {
            block.push('\n');
        }
        block.push_str(text);
    }
    out
}

/// Code and links; everything else is text.
fn inline(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['`', '[', '<', '!']) {
        let (before, marked) = rest.split_at(at);
        escape(before, &mut out);
        if let Some((code, after)) = marked.strip_prefix('`').and_then(|code| code.split_once('`')) {
            out.push_str("<code>");
            escape(code, &mut out);
            out.push_str("</code>");
            rest = after;
        } else if let Some((_, after)) = marked.strip_prefix("<!--").and_then(|comment| comment.split_once("-->")) {
            rest = after;
        } else if let Some((name, address, after)) = link(marked.strip_prefix('!').unwrap_or(marked)) {
            let safe = address.starts_with("https://") && !marked.starts_with('!');
            if safe {
                out.push_str("<a href=\"");
                escape(&address.replace('"', "%22"), &mut out);
                out.push_str("\">");
            }
            out.push_str(&inline(name));
            out.push_str(if safe { "</a>" } else { "" });
            rest = after;
        } else {
            let (one, after) = marked.split_at(1);
            escape(one, &mut out);
            rest = after;
        }
    }
    escape(rest, &mut out);
    out
}

/// `[name](address)` at the start, and what follows. An address may hold brackets in pairs.
fn link(text: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = text.strip_prefix('[')?.split_once("](")?;
    let mut open = 1_u32;
    let end = rest.find(|c| {
        open = match c {
            '(' => open + 1,
            ')' => open - 1,
            _ => open,
        };
        open == 0
    })?;
    let (address, after) = rest.split_at(end);
    Some((name, address, after.get(1..)?))
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_and_foreign_links_are_text() {
        let html = safe_html(
            "# Title\n\nReviewed: 2026-01-01\n\n- Do `x` ([Page](https://x.org/?a=1&b=\"2\")) <!-- a_check -->\n\
             - <img src=x onerror=alert(1)> [bad](javascript:alert(1)) ![i](https://x.org/i.png)\n\n<script>alert(1)</script>\n",
        );
        assert!(
            html.contains("<li>Do <code>x</code> (<a href=\"https://x.org/?a=1&amp;b=%222%22\">Page</a>)"),
            "{html}"
        );
        for gone in ["Title", "a_check", "<img", "<script", "javascript:", "i.png"] {
            assert!(!html.contains(gone), "{gone} is in\n{html}");
        }
        assert!(html.contains("&lt;img src=x") && html.contains("bad"), "{html}");
    }

    #[test]
    fn paragraphs_lists_and_halves_of_marks() {
        assert_eq!(
            safe_html(
                "# T\n\nOne\ntwo\n\n- a `b<c` d\n  goes on\n- [e](https://x.org/f_(g)) [h] `i\n\nend ! < & [j](k"
            ),
            "<p>One\ntwo</p>\n<ul>\n<li>a <code>b&lt;c</code> d\ngoes on</li>\n\
             <li><a href=\"https://x.org/f_(g)\">e</a> [h] `i</li>\n</ul>\n<p>end ! &lt; &amp; [j](k</p>\n"
        );
        assert_eq!(safe_html("a\n- b"), "<p>a</p>\n<ul>\n<li>b</li>\n</ul>\n");
    }

    #[test]
    fn every_note_becomes_a_list_of_linked_statements() {
        for note in drydock_core::knowledge::notes() {
            let html = safe_html(drydock_core::knowledge::text(&note.technology).unwrap_or_default());
            assert!(html.matches("<li>").count() == note.statements.len(), "{}", note.technology);
            assert!(html.matches("<a href=\"https://").count() >= note.statements.len(), "{}", note.technology);
            assert!(!html.contains("<!--") && html.contains(&note.reviewed), "{}", note.technology);
        }
    }
}
