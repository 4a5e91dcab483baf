//! A shard: what one worker lowered of its share of the files, as compact bytes for the others.

use crate::model::{Interner, Module, Problem};
use crate::source::{FileId, SETTINGS_FILE};
use serde::{Deserialize, Serialize};
use std::mem::take;

/// A file whose text later steps read: manifest, settings, document, template, SQL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// Id in the plan.
    pub file: FileId,
    /// Path relative to the project.
    pub path: String,
    /// Decoded text.
    pub text: String,
}

impl Text {
    /// Whether it is an SQL file, `.sql.postgres` and alike included.
    #[must_use]
    pub fn is_sql(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or("").to_ascii_lowercase();
        name.ends_with(".sql") || name.contains(".sql.")
    }
}

/// The lowered share of one worker.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Shard {
    pub(crate) names: Interner,
    pub(crate) modules: Vec<Module>,
    /// Texts for discovery, SQL and templates.
    pub texts: Vec<Text>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// Collects files into a [`Shard`].
#[derive(Debug, Default)]
pub struct ShardBuilder {
    shard: Shard,
}

impl ShardBuilder {
    /// Adds a file: `lower` is given the shard's string table and returns the module, unless
    /// nothing of the file could be read, and what could not.
    pub fn lowered(&mut self, lower: impl FnOnce(&mut Interner) -> (Option<Module>, Vec<Problem>)) {
        let (module, problems) = lower(&mut self.shard.names);
        self.shard.modules.extend(module);
        self.shard.problems.extend(problems);
    }

    /// Keeps a text for later steps.
    pub fn text(&mut self, text: Text) {
        self.shard.texts.push(text);
    }

    /// Adds a problem met while reading.
    pub fn problem(&mut self, problem: Problem) {
        self.shard.problems.push(problem);
    }

    /// The shard.
    #[must_use]
    pub fn finish(self) -> Shard {
        self.shard
    }
}

impl Shard {
    /// Takes the code: lowered modules, SQL files, and the settings that say what the code does. Other texts and
    /// problems stay.
    #[must_use]
    pub fn take_code(&mut self) -> Self {
        let code = |text: &Text| text.is_sql() || text.path == SETTINGS_FILE;
        let (texts, others) = take(&mut self.texts).into_iter().partition(code);
        self.texts = others;
        Self { names: take(&mut self.names), modules: take(&mut self.modules), texts, ..Self::default() }
    }

    /// The text of the project's settings, when it is in this shard.
    #[must_use]
    pub fn settings(&self) -> Option<&str> {
        self.texts.iter().find(|text| text.path == SETTINGS_FILE).map(|text| text.text.as_str())
    }

    /// Paths of the lowered files.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.modules.iter().map(|module| module.path.as_str())
    }

    /// Compact bytes.
    ///
    /// # Errors
    /// When serialisation fails, which only memory exhaustion can cause.
    pub fn encode(&self) -> Result<Vec<u8>, postcard::Error> {
        postcard::to_allocvec(self)
    }

    /// Reads [`Shard::encode`]'s bytes.
    ///
    /// # Errors
    /// When the bytes are not those of a shard of this version.
    pub fn decode(bytes: &[u8]) -> Result<Self, postcard::Error> {
        postcard::from_bytes(bytes)
    }
}
