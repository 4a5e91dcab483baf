//! Searches the project for words. The index is made when something is looked up for the first time.

use super::session::Session;
use crate::protocol::InputKind;
use drydock_core::facade::{Lookup, LookupBuilder, corpus};
use drydock_core::intake::PlannedFile;
use drydock_core::lookup::{Corpus, Found};
use drydock_core::source::text;
use std::collections::BTreeMap;

/// Files that an answer holds.
const MOST: usize = 20;

impl Session {
    /// The best files for `query`.
    pub(super) fn look_up(&mut self, query: &str, corpus: Option<Corpus>) -> Result<Found, String> {
        let lookup = match self.lookup.take() {
            Some(lookup) => lookup,
            None => self.index_words()?,
        };
        let found = self.answer(&lookup, query, corpus);
        self.lookup = Some(lookup);
        found
    }

    fn index_words(&mut self) -> Result<Lookup, String> {
        let mut builder = LookupBuilder::default();
        if let Some(given) = self.given.as_ref().filter(|given| given.kind == InputKind::Stream) {
            let (plan, contents) = given.inflate().map_err(|failure| failure.title)?;
            for file in plan.files.iter().filter(|file| corpus(file).is_some()) {
                match contents.get(&file.entry) {
                    Some(bytes) => builder.file(file, bytes),
                    None => builder.unreadable(),
                }
            }
            return Ok(builder.finish());
        }
        let input = self.input().map_err(|_| "Drop the project again to search it.".to_owned())?;
        let files: Vec<PlannedFile> = input.plan.files.iter().filter(|file| corpus(file).is_some()).cloned().collect();
        for file in &files {
            match input.read(file) {
                Ok(bytes) => builder.file(file, &bytes),
                Err(_) => builder.unreadable(),
            }
        }
        Ok(builder.finish())
    }

    fn answer(&mut self, lookup: &Lookup, query: &str, corpus: Option<Corpus>) -> Result<Found, String> {
        let decoded = |bytes: &[u8]| text::decode(bytes).ok().map(|decoded| decoded.text.into_owned());
        if let Some(given) = self.given.as_ref().filter(|given| given.kind == InputKind::Stream) {
            // A stream is inflated once for all the files that were found.
            let found = lookup.search(query, corpus, MOST, &mut |_| None);
            let paths: Vec<&str> = found.hits.iter().map(|hit| hit.path.as_str()).collect();
            let contents: BTreeMap<String, Vec<u8>> = given.find_in_stream(&paths).map_err(|failure| failure.title)?;
            return Ok(lookup.search(query, corpus, MOST, &mut |path| decoded(contents.get(path)?)));
        }
        let input = self.input().map_err(|failure| failure.title)?;
        Ok(lookup.search(query, corpus, MOST, &mut |path| {
            let file = input.plan.files.iter().find(|file| file.path == path).cloned()?;
            decoded(&input.read(&file).ok()?)
        }))
    }
}
