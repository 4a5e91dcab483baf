//! Notes on technologies as HTML that is safe to show: no markup of its own, links to https only.

use pulldown_cmark::{Event, Parser, Tag, TagEnd, html};

/// `markdown` without its title, as HTML.
#[must_use]
pub fn safe_html(markdown: &str) -> String {
    let (mut in_title, mut open_links) = (false, Vec::new());
    let events = Parser::new(markdown).filter_map(|event| {
        match &event {
            Event::Start(Tag::Heading { level: pulldown_cmark::HeadingLevel::H1, .. }) => in_title = true,
            Event::End(TagEnd::Heading(pulldown_cmark::HeadingLevel::H1)) => {
                in_title = false;
                return None;
            }
            _ => {}
        }
        if in_title {
            return None;
        }
        match event {
            Event::Html(text) | Event::InlineHtml(text) => {
                (!text.trim_start().starts_with("<!--")).then_some(Event::Text(text))
            }
            Event::Start(Tag::HtmlBlock | Tag::Image { .. }) | Event::End(TagEnd::HtmlBlock | TagEnd::Image) => None,
            Event::Start(Tag::Link { ref dest_url, .. }) => {
                open_links.push(dest_url.starts_with("https://"));
                open_links.last().copied().unwrap_or(false).then_some(event)
            }
            Event::End(TagEnd::Link) => open_links.pop().unwrap_or(false).then_some(event),
            event => Some(event),
        }
    });
    let mut out = String::new();
    html::push_html(&mut out, events);
    out
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
    fn every_note_becomes_a_list_of_linked_statements() {
        for note in drydock_core::knowledge::notes() {
            let html = safe_html(drydock_core::knowledge::text(&note.technology).unwrap_or_default());
            assert!(html.matches("<li>").count() == note.statements.len(), "{}", note.technology);
            assert!(html.matches("<a href=\"https://").count() >= note.statements.len(), "{}", note.technology);
            assert!(!html.contains("<!--") && html.contains(&note.reviewed), "{}", note.technology);
        }
    }
}
