//! The lines of a file that answer a query best.

use super::found::Snippet;
use super::index::Query;
use super::words::words;
use crate::order::InOrder as _;

/// Lines shown of a file.
const LINES: usize = 3;
/// Characters shown of a line.
const WIDTH: usize = 160;
/// Bytes that are searched of a line; longer ones are data.
const SEARCHED: usize = 8_192;

/// The best lines of `text` for the query, in file order.
#[must_use]
pub fn snippets(text: &str, query: &Query) -> Vec<Snippet> {
    let mut best: Vec<(u64, u32, &str)> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = start_of(line, SEARCHED);
        let score = score(line, query);
        if score == 0 || best.len() == LINES && best.last().is_some_and(|(least, ..)| score <= *least) {
            continue;
        }
        best.truncate(LINES - 1);
        best.push((score, u32::try_from(number + 1).unwrap_or(u32::MAX), line));
        best.order_by(|a, b| (b.0, a.1).cmp(&(a.0, b.1)));
    }
    best.order_by_key(|(_, line, _)| *line);
    best.into_iter().map(|(_, line, text)| snippet(line, text, query)).collect()
}

/// Weight of the query's words in the line, each once; more where something is defined or titled.
fn score(line: &str, query: &Query) -> u64 {
    let mut seen = 0_u64;
    let mut sum = 0;
    words(line, &mut |word, _, _| {
        if let Some(at) = matching(word, query)
            && seen & (1 << at) == 0
            && let Some((_, weight, _)) = query.words.get(at)
        {
            seen |= 1 << at;
            sum += weight.max(&1) * 4;
        }
    });
    let start = line.trim_start();
    let titled = ["def ", "async def ", "class ", "#", "CREATE ", "create "].iter().any(|word| start.starts_with(word));
    if titled { sum + sum / 2 } else { sum }
}

/// Number of the query's word that stands there.
fn matching(word: &str, query: &Query) -> Option<usize> {
    query
        .words
        .iter()
        .position(|(wanted, _, completed)| if *completed { word.starts_with(wanted.as_str()) } else { word == wanted })
}

fn snippet(line: u32, text: &str, query: &Query) -> Snippet {
    let text = text.trim();
    let mut marks: Vec<(usize, usize)> = Vec::new();
    words(text, &mut |word, from, to| {
        if matching(word, query).is_some() {
            match marks.last_mut() {
                // The parts of an identifier that matches as a whole.
                Some(last) if from < last.1 => last.1 = last.1.max(to),
                _ => marks.push((from, to)),
            }
        }
    });
    let first = marks.first().map_or(0, |mark| mark.0);
    let (mut from, mut cut) = (0, "");
    if text.len() > WIDTH && first > WIDTH / 2 {
        from = boundary(text, first - WIDTH / 4);
        cut = "…";
    }
    let shown = start_of(text.get(from..).unwrap_or_default(), WIDTH);
    let more = if from + shown.len() < text.len() { "…" } else { "" };
    let shift = |at: usize| u32::try_from(at - from + cut.len()).unwrap_or(u32::MAX);
    let inside = marks.iter().filter(|(start, end)| *start >= from && *end <= from + shown.len());
    let marks = inside.map(|(start, end)| (shift(*start), shift(*end))).collect();
    Snippet { line, text: format!("{cut}{shown}{more}"), marks }
}

/// The first bytes of `text`, up to the end of a character.
fn start_of(text: &str, bytes: usize) -> &str {
    text.get(..boundary(text, bytes)).unwrap_or(text)
}

fn boundary(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::*;
    use crate::lookup::{Corpus, IndexBuilder};

    fn of(text: &str, query: &str) -> Vec<(u32, String, Vec<String>)> {
        let mut builder = IndexBuilder::default();
        builder.file("a.py", Corpus::Code, text);
        builder.file("b.py", Corpus::Code, "nothing here");
        let index = builder.finish();
        let query = index.query(query);
        let marked = |snippet: &Snippet| {
            snippet.marks.iter().map(|(from, to)| snippet.text[*from as usize..*to as usize].to_owned()).collect()
        };
        snippets(text, &query).iter().map(|s| (s.line, s.text.clone(), marked(s))).collect()
    }

    #[test]
    fn definitions_and_lines_with_more_words_win() {
        let text = "x = total\n# nothing\ntotal\ndef load_totals(order):\n    total = 1\n    return order.total\n";
        let found = of(text, "load totals order");
        assert_eq!(found.iter().map(|(line, ..)| *line).collect::<Vec<_>>(), [1, 4, 6]);
        assert_eq!(found[1].2, ["load", "totals", "order"]);
        let whole: Vec<_> = of(text, "load_totals").into_iter().filter(|(line, ..)| *line == 4).collect();
        assert_eq!(whole[0].2, ["load_totals"]);
    }

    #[test]
    fn long_lines_are_cut_to_the_words() {
        let text = format!("{} needle {}", "hay ".repeat(500), "hay ".repeat(5_000));
        let found = of(&text, "needle");
        assert!(found[0].1.starts_with('…') && found[0].1.ends_with('…') && found[0].1.len() < 200, "{}", found[0].1);
        assert_eq!(found[0].2, ["needle"]);
        let wide = format!("{}needle", "ü".repeat(200));
        assert!(of(&format!("{wide} ünëedle"), "ünëedle").len() == 1);
        assert!(of(&format!("{} needle", "x,".repeat(10_000)), "needle").is_empty());
    }
}
