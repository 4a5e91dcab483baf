//! What a look-up found, as markup: each line is a button whose id says which. Pure.

use super::html::Html;
use crate::words;
use drydock_core::lookup::{Corpus, Found};

/// The hits as items of a list.
#[must_use]
pub fn markup(found: &Found) -> String {
    let mut out = Html::default();
    for (at, hit) in found.hits.iter().enumerate() {
        let at = at.to_string();
        out.raw("<li class=\"hit\"><h2 class=\"hit-path\"><button type=\"button\" class=\"text-button mono break\" id=\"hit-");
        out.text(&at).raw("-1f\">").text(&hit.path).raw("</button>");
        if hit.corpus == Corpus::Governance {
            out.raw(" <span class=\"dim\">").text(words::LOOK_DOCUMENT).raw("</span>");
        }
        out.raw("</h2>");
        for line in &hit.snippets {
            let number = line.line.to_string();
            out.raw("<button type=\"button\" class=\"hit-line\" id=\"hit-").text(&at).raw("-").text(&number);
            out.raw("\"><span class=\"num dim\"><span class=\"sr-only\">Line </span>").text(&number);
            out.raw("</span><code>").marked(&line.text, &line.marks).raw("</code></button>");
        }
        out.raw("</li>");
    }
    out.done()
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_core::lookup::{Hit, Snippet};

    #[test]
    fn hits_name_their_lines_and_are_never_markup() {
        let snippet = Snippet { line: 7, text: "<b>total</b>".to_owned(), marks: vec![(3, 8)] };
        let hit = Hit { path: "a<i>.py".to_owned(), corpus: Corpus::Governance, score: 1, snippets: vec![snippet] };
        let html = markup(&Found { hits: vec![hit], ..Found::default() });
        assert!(html.contains("id=\"hit-0-7\""), "{html}");
        assert!(html.contains("<code>&lt;b&gt;<mark>total</mark>&lt;/b&gt;</code>"), "{html}");
        assert!(html.contains("a&lt;i&gt;.py</button> <span class=\"dim\">Document</span>"), "{html}");
    }
}
