//! Look-up: full-text search over a project's files. An index holds which words are in which file, never the text;
//! snippets are cut from the few best files, which the caller reads again. Knows no project, no archive, no report.
//! Equal files and query give equal results on every target: scores are integers.

mod found;
#[cfg(feature = "engine")]
mod index;
#[cfg(feature = "engine")]
mod snippets;
#[cfg(feature = "engine")]
mod words;

pub use found::{Corpus, Found, Hit, Snippet};

#[cfg(feature = "engine")]
pub use index::{Index, IndexBuilder, Match, Query};
#[cfg(feature = "engine")]
pub use snippets::snippets;
