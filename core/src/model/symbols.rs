//! Interned strings of a shard. Linking merges the tables of all shards and renumbers.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// An interned string: an index into the owning [`Interner`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Sym(pub u32);

/// The string table of one shard (or, after linking, of the project).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Interner {
    strings: Vec<Box<str>>,
    #[serde(skip)]
    index: FxHashMap<Box<str>, Sym>,
}

impl Interner {
    /// The symbol of `text`, added when it is new.
    pub fn intern(&mut self, text: &str) -> Sym {
        if let Some(&sym) = self.index.get(text) {
            return sym;
        }
        let sym = Sym(u32::try_from(self.strings.len()).unwrap_or(u32::MAX));
        self.strings.push(text.into());
        self.index.insert(text.into(), sym);
        sym
    }

    /// The symbol of `text` when it is present. After deserialising call [`Self::rebuild`] first.
    #[must_use]
    pub fn get(&self, text: &str) -> Option<Sym> {
        self.index.get(text).copied()
    }

    /// The text of `sym`; empty for a symbol of another table.
    #[must_use]
    pub fn text(&self, sym: Sym) -> &str {
        self.strings.get(sym.0 as usize).map_or("", |s| s)
    }

    /// How many strings the table holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.strings.len()
    }

    /// Whether the table holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.strings.is_empty()
    }

    /// Restores the look-up index, which is not serialised.
    pub fn rebuild(&mut self) {
        self.index = self
            .strings
            .iter()
            .enumerate()
            .map(|(i, s)| (s.clone(), Sym(u32::try_from(i).unwrap_or(u32::MAX))))
            .collect();
    }

    /// Adds all strings of `other`; the result maps its symbols to ours.
    pub fn absorb(&mut self, other: &Self) -> SymbolMap {
        SymbolMap(other.strings.iter().map(|s| self.intern(s)).collect())
    }
}

/// Maps the symbols of a shard to those of the project.
#[derive(Clone, Debug, Default)]
pub struct SymbolMap(Vec<Sym>);

impl SymbolMap {
    /// Renumbers `sym` in place.
    pub fn apply(&self, sym: &mut Sym) {
        if let Some(&new) = self.0.get(sym.0 as usize) {
            *sym = new;
        }
    }
}
