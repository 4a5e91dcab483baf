//! Text with names in backticks, as findings carry it, and marks on what was searched for.

use drydock_core::order::InOrder as _;
use leptos::prelude::*;

/// `text` with its backticked parts as code.
#[must_use]
pub fn inline(text: &str) -> AnyView {
    marked(text, &[])
}

/// The same, with every occurrence of `words` (lower case) marked.
#[must_use]
pub fn marked(text: &str, words: &[String]) -> AnyView {
    text.split('`')
        .enumerate()
        .filter(|(_, part)| !part.is_empty())
        .map(|(at, part)| {
            let pieces = highlight(part, words);
            if at % 2 == 1 { view! { <code class="inline-code">{pieces}</code> }.into_any() } else { pieces }
        })
        .collect_view()
        .into_any()
}

fn highlight(text: &str, words: &[String]) -> AnyView {
    pieces(text, &hits(text, words))
}

/// `text` with byte ranges marked: in order, apart from each other.
fn pieces(text: &str, ranges: &[(usize, usize)]) -> AnyView {
    if ranges.is_empty() {
        return text.to_owned().into_any();
    }
    let mut out = Vec::new();
    let mut from = 0;
    for (start, end) in ranges.iter().copied() {
        if let (Some(before), Some(hit)) = (text.get(from..start), text.get(start..end)) {
            out.push(before.to_owned().into_any());
            out.push(view! { <mark>{hit.to_owned()}</mark> }.into_any());
            from = end;
        }
    }
    out.push(text.get(from..).unwrap_or_default().to_owned().into_any());
    out.into_any()
}

/// Byte ranges of the hits, in order, not overlapping.
fn hits(text: &str, words: &[String]) -> Vec<(usize, usize)> {
    if words.is_empty() || !text.is_ascii() {
        return Vec::new();
    }
    let lower = text.to_ascii_lowercase();
    let mut ranges: Vec<(usize, usize)> = words
        .iter()
        .filter(|word| !word.is_empty())
        .flat_map(|word| lower.match_indices(word.as_str()).map(|(at, hit)| (at, at + hit.len())))
        .collect();
    ranges.order();
    let mut end = 0;
    ranges.retain(|range| {
        let keep = range.0 >= end;
        if keep {
            end = range.1;
        }
        keep
    });
    ranges
}
