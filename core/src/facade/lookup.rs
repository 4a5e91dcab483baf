//! Look-up as steps over planned files, for the command line and a worker of the page: hand every planned file to
//! [`LookupBuilder::file`] once, keep the [`Lookup`], search as often as wanted.

use crate::intake::{PlannedFile, Role};
use crate::lookup::{Corpus, Found, Hit, Index, IndexBuilder, snippets};
use crate::report::mask::Masker;
use crate::source::text;

/// Collects the files that can be searched.
#[derive(Debug, Default)]
pub struct LookupBuilder {
    index: IndexBuilder,
}

/// A searchable project.
#[derive(Debug)]
pub struct Lookup {
    index: Index,
    masker: Masker,
}

impl LookupBuilder {
    /// Takes one planned file's bytes. What has no text, or only text that a program wrote, is counted as left out.
    pub fn file(&mut self, file: &PlannedFile, bytes: &[u8]) {
        let Some(corpus) = corpus(file) else { return };
        match text::decode(bytes) {
            Ok(decoded) if file.reject(bytes).is_none() => self.index.file(&file.path, corpus, &decoded.text),
            _ => self.index.left_out(),
        }
    }

    /// Counts a file that could not be read.
    pub const fn unreadable(&mut self) {
        self.index.left_out();
    }

    /// The searchable project.
    #[must_use]
    pub fn finish(self) -> Lookup {
        Lookup { index: self.index.finish(), masker: Masker::new() }
    }
}

/// What a planned file belongs to; nothing for lock files and evidence.
#[must_use]
pub fn corpus(file: &PlannedFile) -> Option<Corpus> {
    let name = file.path.rsplit('/').next().unwrap_or_default();
    match file.role {
        Role::Source | Role::Stub | Role::Template | Role::Sql | Role::Settings => Some(Corpus::Code),
        Role::Manifest => {
            let locked = name.ends_with(".lock") || name.contains("-lock.") || name == "go.sum";
            (!locked).then_some(Corpus::Code)
        }
        Role::Doc | Role::Report => Some(Corpus::Governance),
    }
}

impl Lookup {
    /// The best `limit` files for `query`. `read` gives the text of a file that was found; credentials in it are masked.
    #[must_use]
    pub fn search(
        &self,
        query: &str,
        corpus: Option<Corpus>,
        limit: usize,
        read: &mut dyn FnMut(&str) -> Option<String>,
    ) -> Found {
        let query = self.index.query(query);
        let matches = self.index.search(&query, corpus);
        let total = u32::try_from(matches.len()).unwrap_or(u32::MAX);
        let hits = matches.iter().take(limit).map(|found| {
            let mut lines = read(found.path).map(|text| snippets(&text, &query)).unwrap_or_default();
            for line in &mut lines {
                let masked = self.masker.mask(&line.text).into_owned();
                if masked != line.text {
                    // Places in the text as it was.
                    line.marks.clear();
                    line.text = masked;
                }
            }
            Hit {
                path: found.path.to_owned(),
                corpus: found.corpus,
                score: u32::try_from(found.score).unwrap_or(u32::MAX),
                snippets: lines,
            }
        });
        let hits = hits.collect();
        let words = query.words();
        Found { words, total, hits, searched: self.index.len(), left_out: self.index.files_left_out() }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::intake::{FolderEntry, Limits, Settings, folder_listing, plan};

    fn lookup(files: &[(String, Vec<u8>)]) -> Lookup {
        let entries: Vec<FolderEntry> =
            files.iter().map(|(path, bytes)| FolderEntry { path: path.clone(), size: bytes.len() as u64 }).collect();
        let listing = folder_listing(&entries, &Limits::default()).unwrap();
        let plan = plan(&listing, &[], &Settings::default(), 1);
        let mut builder = LookupBuilder::default();
        for file in &plan.files {
            builder.file(file, &files[file.entry].1);
        }
        builder.finish()
    }

    fn found(files: &[(String, Vec<u8>)], query: &str, corpus: Option<Corpus>) -> Found {
        lookup(files).search(query, corpus, 5, &mut |path| {
            let bytes = &files.iter().find(|(known, _)| known == path)?.1;
            String::from_utf8(bytes.clone()).ok()
        })
    }

    fn file(path: &str, text: impl Into<Vec<u8>>) -> (String, Vec<u8>) {
        (path.to_owned(), text.into())
    }

    #[test]
    fn each_corpus_has_its_files_and_damaged_ones_are_counted() {
        let files = [
            file("app/orders.py", "def load_totals(orders):\n    return orders\n"),
            file("app/blob.py", vec![0, 159, 146, 150, 0, 1, 2, 3, 0, 0, 0]),
            file("uv.lock", "name = \"orders\"\n"),
            file("pyproject.toml", "[project]\nname = \"orders\"\n"),
            file("docs/adr/0001-totals.md", "# Totals of orders\n\nStatus: Accepted\n"),
            file("docs/sla.md", format!("# Service levels\n\n{} orders p95\n", "x".repeat(300_000))),
        ];
        let all = found(&files, "orders", None);
        assert_eq!((all.total, all.searched, all.left_out), (4, 4, 1));
        assert_eq!(all.words, ["order"]);
        let documents = found(&files, "orders", Some(Corpus::Governance));
        assert!(documents.hits.iter().all(|hit| hit.corpus == Corpus::Governance) && documents.total == 2);
        // The line is too long to be looked at for a snippet; the file is found.
        assert_eq!(found(&files, "p95", None).hits[0].snippets, []);
        assert_eq!(found(&files, "load_totals", None).hits[0].snippets[0].line, 1);
        assert_eq!(found(&files, "", None).total, 0);
    }

    #[test]
    fn credentials_are_masked_and_files_that_are_gone_keep_their_place() {
        let files = [file("app/db.py", "ENGINE = create('postgresql://shop:s3cr3t-word@db/shop')\n")];
        let hit = &found(&files, "engine", None).hits[0];
        assert!(!hit.snippets[0].text.contains("s3cr3t") && hit.snippets[0].marks.is_empty(), "{hit:?}");
        let gone = lookup(&files).search("engine", None, 5, &mut |_| None);
        assert_eq!((gone.total, gone.hits[0].path.as_str(), gone.hits[0].snippets.len()), (1, "app/db.py", 0));
    }

    #[test]
    fn thousands_of_decisions_are_searched_in_any_order_of_files() {
        let mut files: Vec<_> = (0..4_000)
            .map(|n| file(&format!("docs/adr/{n:04}.md"), format!("# ADR-{n:04}\n\nStatus: Accepted\n\nRates {n}.\n")))
            .collect();
        files.push(file("app/rates.py", "def rates():\n    return []\n"));
        let first = found(&files, "ADR-0123 accepted", Some(Corpus::Governance));
        assert_eq!((first.total, first.hits[0].path.as_str()), (4_000, "docs/adr/0123.md"));
        files.reverse();
        assert_eq!(found(&files, "ADR-0123 accepted", Some(Corpus::Governance)), first);
    }
}
