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
        Role::Evidence => None,
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
