//! Which words are in which files, and the files' rank for a query (Okapi BM25 in whole numbers, with a share for how
//! many of the query's words a file has).

use super::found::Corpus;
use super::words::words;
use crate::order::InOrder as _;
use rustc_hash::FxHashMap;

/// Words that are read of one file.
const WORDS_OF_A_FILE: u32 = 400_000;
/// Bytes of postings; further files are left out.
const MOST_POSTINGS: usize = 96 << 20;
/// Words of a query.
const WORDS_OF_A_QUERY: usize = 16;
/// Words that begin as the query's do, when none is spelled so.
const COMPLETIONS: usize = 40;
/// How much a word in a path weighs, in occurrences.
const IN_PATH: u32 = 4;
/// How much the name of a definition weighs.
const AS_NAME: u32 = 3;
/// Parts of one, for weights.
const ONE: u64 = 256;

/// Collects files.
#[derive(Debug, Default)]
pub struct IndexBuilder {
    files: Vec<File>,
    postings: FxHashMap<Box<str>, Postings>,
    bytes: usize,
    left_out: u32,
}

#[derive(Debug)]
struct File {
    path: String,
    corpus: Corpus,
    words: u32,
}

/// Files with a word: for each the distance to the file before and how often, seven bits a byte.
#[derive(Debug, Default)]
struct Postings {
    last: u32,
    files: u32,
    bytes: Vec<u8>,
}

/// An index that can be searched.
#[derive(Debug)]
pub struct Index {
    files: Vec<File>,
    /// By word.
    postings: Vec<(Box<str>, Postings)>,
    average: u64,
    left_out: u32,
}

/// The words of a query as they are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Each word with its weight; a word that the index has not stands for those that begin with it.
    pub(super) words: Vec<(String, u64, bool)>,
}

/// A file with at least one word of the query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match<'i> {
    /// Path.
    pub path: &'i str,
    /// What it belongs to.
    pub corpus: Corpus,
    /// Rank.
    pub score: u64,
}

impl Query {
    /// The words, as the index spells them.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        self.words.iter().map(|(word, ..)| word.clone()).collect()
    }
}

impl IndexBuilder {
    /// Adds a file.
    pub fn file(&mut self, path: &str, corpus: Corpus, text: &str) {
        if self.bytes > MOST_POSTINGS {
            self.left_out += 1;
            return;
        }
        let number = u32::try_from(self.files.len()).unwrap_or(u32::MAX);
        let mut counts: FxHashMap<Box<str>, u32> = FxHashMap::default();
        let mut total = 0;
        let mut add = |word: &str, times: u32| {
            if total < WORDS_OF_A_FILE {
                total += 1;
                match counts.get_mut(word) {
                    Some(count) => *count += times,
                    None => {
                        counts.insert(word.into(), times);
                    }
                }
            }
        };
        words(path, &mut |word, _, _| add(word, IN_PATH));
        // Where a name is defined counts more than where it is used: a name follows its keyword after one space.
        let (mut name, mut end) = (usize::MAX, 0);
        words(text, &mut |word, from, to| {
            if from == name {
                end = to;
            }
            add(word, if from >= name && from < end { AS_NAME } else { 1 });
            if matches!(word, "def" | "class" | "function" | "func" | "table" | "view") {
                (name, end) = (to + 1, 0);
            }
        });
        for (word, count) in counts {
            let posting = self.postings.entry(word).or_default();
            let before = posting.bytes.len();
            write(&mut posting.bytes, number - posting.last);
            write(&mut posting.bytes, count);
            self.bytes += posting.bytes.len() - before;
            posting.last = number;
            posting.files += 1;
        }
        self.files.push(File { path: path.to_owned(), corpus, words: total });
    }

    /// Counts a file that has no text to search.
    pub const fn left_out(&mut self) {
        self.left_out += 1;
    }

    /// The index.
    #[must_use]
    pub fn finish(self) -> Index {
        let mut postings: Vec<(Box<str>, Postings)> = self.postings.into_iter().collect();
        postings.order_by(|a, b| a.0.cmp(&b.0));
        let words: u64 = self.files.iter().map(|file| u64::from(file.words)).sum();
        let average = (words / (self.files.len() as u64).max(1)).max(1);
        Index { files: self.files, postings, average, left_out: self.left_out }
    }
}

impl Index {
    /// Files that can be found.
    #[must_use]
    pub fn len(&self) -> u32 {
        u32::try_from(self.files.len()).unwrap_or(u32::MAX)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Files that cannot be found.
    #[must_use]
    pub const fn files_left_out(&self) -> u32 {
        self.left_out
    }

    /// Reads a query's words.
    #[must_use]
    pub fn query(&self, text: &str) -> Query {
        let mut found: Vec<(String, u64, bool)> = Vec::new();
        words(text, &mut |word, _, _| {
            if found.len() < WORDS_OF_A_QUERY && !found.iter().any(|(known, ..)| known == word) {
                let exact = self.exact(word);
                let files = exact.map_or(1, |posting| posting.files);
                found.push((word.to_owned(), self.weight(files), exact.is_none()));
            }
        });
        Query { words: found }
    }

    /// All files with a word of the query, best first; equals by path.
    #[must_use]
    pub fn search(&self, query: &Query, corpus: Option<Corpus>) -> Vec<Match<'_>> {
        let mut scores: Vec<(u64, u32)> = vec![(0, 0); self.files.len()];
        for (number, (word, weight, completed)) in query.words.iter().enumerate() {
            let bit = 1 << (number % WORDS_OF_A_QUERY);
            let found: Vec<&Postings> =
                if *completed { self.completions(word) } else { self.exact(word).into_iter().collect() };
            for posting in found {
                // A guess weighs half of what is spelled so.
                let weight = if *completed { self.weight(posting.files) / 2 } else { *weight };
                posting.each(|file, count| {
                    if let (Some(score), Some(file)) = (scores.get_mut(file as usize), self.files.get(file as usize)) {
                        score.0 += weight * self.saturated(count, file.words);
                        score.1 |= bit;
                    }
                });
            }
        }
        let all = (query.words.len() as u64).max(1);
        let mut out: Vec<Match<'_>> = Vec::new();
        for (file, (score, bits)) in self.files.iter().zip(scores) {
            if bits != 0 && corpus.is_none_or(|corpus| corpus == file.corpus) {
                let score = score * u64::from(bits.count_ones()) / all;
                out.push(Match { path: &file.path, corpus: file.corpus, score: score / ONE });
            }
        }
        out.order_by(|a, b| (b.score, a.path).cmp(&(a.score, b.path)));
        out
    }

    fn exact(&self, word: &str) -> Option<&Postings> {
        let at = self.postings.binary_search_by(|(known, _)| (**known).cmp(word)).ok()?;
        self.postings.get(at).map(|(_, posting)| posting)
    }

    fn completions(&self, word: &str) -> Vec<&Postings> {
        if word.len() < 2 {
            return Vec::new();
        }
        let from = self.postings.partition_point(|(known, _)| **known < *word);
        let rest = self.postings.get(from..).unwrap_or_default().iter();
        rest.take_while(|(known, _)| known.starts_with(word)).take(COMPLETIONS).map(|(_, posting)| posting).collect()
    }

    /// How telling a word is that `files` have: the binary logarithm of the rarity.
    fn weight(&self, files: u32) -> u64 {
        logarithm((2 * (self.files.len() as u64 + 1) * ONE) / (2 * u64::from(files) + 1))
    }

    /// BM25's share of a count in a file of so many words, with k1 = 1.25 and b = 0.75.
    fn saturated(&self, count: u32, words: u32) -> u64 {
        let count = u64::from(count) * ONE;
        let length = ONE / 4 + ONE * 3 / 4 * u64::from(words) / self.average;
        count * ONE * 9 / 4 / (count + length * 5 / 4)
    }
}

impl Postings {
    fn each(&self, mut found: impl FnMut(u32, u32)) {
        let mut bytes = self.bytes.iter();
        let mut file = 0;
        while let (Some(step), Some(count)) = (read(&mut bytes), read(&mut bytes)) {
            file += step;
            found(file, count);
        }
    }
}

/// Binary logarithm of `value / ONE` in parts of [`ONE`]; 0 below one.
fn logarithm(value: u64) -> u64 {
    if value <= ONE {
        return 0;
    }
    let whole = u64::from(value.ilog2() - ONE.ilog2());
    let mut rest = value >> whole;
    let mut fraction = 0;
    for _ in 0..8 {
        rest = rest * rest / ONE;
        fraction *= 2;
        if rest >= 2 * ONE {
            rest /= 2;
            fraction += 1;
        }
    }
    whole * ONE + fraction
}

fn write(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

fn read(bytes: &mut std::slice::Iter<'_, u8>) -> Option<u32> {
    let (mut value, mut shift) = (0_u32, 0);
    loop {
        let byte = *bytes.next()?;
        value |= u32::from(byte & 0x7f).checked_shl(shift)?;
        if byte < 0x80 {
            return Some(value);
        }
        shift += 7;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(files: &[(&str, &str)]) -> Index {
        let mut builder = IndexBuilder::default();
        for (path, text) in files {
            let corpus = if path.ends_with(".md") { Corpus::Governance } else { Corpus::Code };
            builder.file(path, corpus, text);
        }
        builder.finish()
    }

    fn found<'i>(index: &'i Index, query: &str, corpus: Option<Corpus>) -> Vec<&'i str> {
        index.search(&index.query(query), corpus).into_iter().map(|hit| hit.path).collect()
    }

    const FILES: &[(&str, &str)] = &[
        ("app/orders.py", "def load_totals(order_ids):\n    return [total(order) for order in order_ids]\n"),
        ("app/users.py", "class UserService:\n    def load(self):\n        return self.session.get(User, 1)\n"),
        ("app/invoices.py", "from app.orders import load_totals\ndef invoice(order):\n    pass\n"),
        ("docs/adr/0012-totals.md", "# ADR-0012: Order totals\n\nTotals are loaded one by one.\n"),
        ("docs/sla.md", "# Service levels\n\nGET /orders answers within 200 ms (p95).\n"),
    ];

    #[test]
    fn the_best_file_comes_first_in_each_corpus() {
        let index = index(FILES);
        assert_eq!(
            found(&index, "load_totals", Some(Corpus::Code)),
            ["app/orders.py", "app/invoices.py", "app/users.py"]
        );
        assert_eq!(found(&index, "loadTotals", None)[0], "app/orders.py");
        assert_eq!(found(&index, "ADR 12", None), ["docs/adr/0012-totals.md"]);
        assert_eq!(found(&index, "order p95", Some(Corpus::Governance))[0], "docs/sla.md");
        assert_eq!(found(&index, "user service", None)[0], "app/users.py");
    }

    #[test]
    fn unfinished_words_are_completed_and_unknown_ones_find_nothing() {
        let index = index(FILES);
        assert_eq!(found(&index, "invoi", None), ["app/invoices.py"]);
        assert!(found(&index, "zebra", None).is_empty());
        assert!(found(&index, "", None).is_empty() && found(&index, "- ? _", None).is_empty());
        let long = "order ".repeat(10_000) + &"x".repeat(100_000);
        assert_eq!(found(&index, &long, None).len(), 4);
    }

    #[test]
    fn the_order_of_equals_is_that_of_their_paths_whatever_came_first() {
        let files: Vec<(String, &str)> =
            (0..500).map(|n| (format!("docs/adr/{n:04}.md"), "# Same decision\n")).collect();
        let mut pairs: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        let forward = index(&pairs);
        pairs.reverse();
        let backward = index(&pairs);
        let hits = found(&forward, "decision", None);
        assert_eq!(hits, found(&backward, "decision", None));
        assert!(hits.is_sorted() && hits.len() == 500);
    }

    #[test]
    fn numbers_survive_their_coding_and_logarithms_grow() {
        let mut bytes = Vec::new();
        let values = [0, 1, 127, 128, 16_383, 16_384, u32::MAX];
        values.iter().for_each(|value| write(&mut bytes, *value));
        let mut reader = bytes.iter();
        assert!(values.iter().all(|value| read(&mut reader) == Some(*value)));
        assert_eq!(read(&mut reader), None);
        assert_eq!((logarithm(ONE), logarithm(2 * ONE), logarithm(1024 * ONE)), (0, ONE, 10 * ONE));
        assert!((1..4_000).is_sorted_by_key(logarithm));
    }
}
