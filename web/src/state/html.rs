//! Markup of what has no signals: a string costs far less of the page's program than a view. Whatever comes from a
//! report is escaped.

/// Markup in the making.
#[derive(Debug, Default)]
pub struct Html(String);

impl Html {
    /// Adds markup of ours.
    pub fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Adds text.
    pub fn text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                c => self.0.push(c),
            }
        }
        self
    }

    /// Adds text with its backticked parts as code.
    pub fn inline(&mut self, text: &str) -> &mut Self {
        for (at, part) in text.split('`').enumerate() {
            if at % 2 == 1 && !part.is_empty() {
                self.raw("<code class=\"inline-code\">").text(part).raw("</code>");
            } else {
                self.text(part);
            }
        }
        self
    }

    /// Adds text with byte ranges marked: in order, apart from each other.
    pub fn marked(&mut self, text: &str, ranges: &[(u32, u32)]) -> &mut Self {
        let mut from = 0;
        for (start, end) in ranges.iter().map(|(start, end)| (*start as usize, *end as usize)) {
            if let (Some(before), Some(hit)) = (text.get(from..start), text.get(start..end)) {
                self.text(before).raw("<mark>").text(hit).raw("</mark>");
                from = end;
            }
        }
        self.text(text.get(from..).unwrap_or_default())
    }

    /// The markup.
    #[must_use]
    pub fn done(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_never_markup() {
        let mut html = Html::default();
        html.raw("<p title=\"").text("\"a' <b>&").raw("\">").inline("`<i>` x `y").raw("</p>");
        assert_eq!(
            html.done(),
            "<p title=\"&quot;a&#39; &lt;b&gt;&amp;\"><code class=\"inline-code\">&lt;i&gt;</code> x <code class=\"inline-code\">y</code></p>"
        );
        let mut html = Html::default();
        html.marked("<a>bc", &[(0, 3), (4, 5), (4, 99)]);
        assert_eq!(html.done(), "<mark>&lt;a&gt;</mark>b<mark>c</mark>");
    }
}
