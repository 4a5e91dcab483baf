//! What a look-up finds: plain data.

use serde::{Deserialize, Serialize};

/// What is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Corpus {
    /// Source, templates, SQL, manifests and settings.
    Code,
    /// Documents: decisions, plans, service levels, earlier reports.
    Governance,
}

/// The answer to a query.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The words that were looked for, as the index spells them.
    pub words: Vec<String>,
    /// Files with at least one of them.
    pub total: u32,
    /// The best files, best first.
    pub hits: Vec<Hit>,
    /// Files that were searched.
    pub searched: u32,
    /// Files that were not: no text, generated, or beyond the index's limit.
    pub left_out: u32,
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// Path relative to the project.
    pub path: String,
    /// What it belongs to.
    pub corpus: Corpus,
    /// Rank: higher is better; comparable within one answer.
    pub score: u32,
    /// Its best lines, in file order. Empty when the file can no longer be read.
    pub snippets: Vec<Snippet>,
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snippet {
    /// Number from 1.
    pub line: u32,
    /// Its text without indentation; long lines are cut to where the words are.
    pub text: String,
    /// Byte ranges of `text` that match, in order, apart from each other.
    pub marks: Vec<(u32, u32)>,
}
