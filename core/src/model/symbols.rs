//! Interned strings of a shard. Linking merges the tables of all shards and renumbers.

use super::numbered::Numbered;
use rustc_hash::FxHasher;
use serde::de::{Deserializer, Error};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use std::hash::{Hash, Hasher};

/// An interned string: an index into the owning [`Interner`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Sym(pub u32);

/// The string table of one shard (or, after linking, of the project).
#[derive(Clone, Debug, Default)]
pub struct Interner {
    /// All strings, one after another.
    text: String,
    /// Where each ends.
    ends: Vec<u32>,
    index: Numbered,
    /// Short strings that were asked for lately, by a hash of theirs: the same names stand in every file, and the
    /// table of all strings lies too far away to be asked for each.
    recent: Vec<(u128, Sym)>,
}

/// How many of the recent ones are kept.
const RECENT: usize = 1024;

impl Interner {
    /// The symbol of `text`, added when it is new.
    pub fn intern(&mut self, text: &str) -> Sym {
        let hash = hash(text);
        if let Some(sym) = self.find(hash, text) {
            return sym;
        }
        self.text.push_str(text);
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        let number = u32::try_from(self.ends.len() - 1).unwrap_or(u32::MAX);
        self.index.add(hash, number);
        Sym(number)
    }

    /// Likewise; `packed` stands for the text and for no other, and is zero for the empty one.
    pub fn intern_short(&mut self, packed: u128, text: &str) -> Sym {
        let mixed = (packed as u64 ^ (packed >> 64) as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let at = (mixed >> 32) as usize % RECENT;
        match self.recent.get(at) {
            Some((known, sym)) if *known == packed && packed != 0 => return *sym,
            None => self.recent.resize(RECENT, (0, Sym(0))),
            Some(_) => {}
        }
        let sym = self.intern(text);
        if let Some(slot) = self.recent.get_mut(at) {
            *slot = (packed, sym);
        }
        sym
    }

    fn find(&self, hash: u32, text: &str) -> Option<Sym> {
        self.index.find(hash, |number| self.text(Sym(number)) == text).map(Sym)
    }

    /// The symbol of `text` when it is present. After deserialising call [`Self::rebuild`] first.
    #[must_use]
    pub fn get(&self, text: &str) -> Option<Sym> {
        self.find(hash(text), text)
    }

    /// The text of `sym`; empty for a symbol of another table.
    #[must_use]
    pub fn text(&self, sym: Sym) -> &str {
        let index = sym.0 as usize;
        let start = index.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied());
        let range = start.zip(self.ends.get(index).copied());
        range.and_then(|(start, end)| self.text.get(start as usize..end as usize)).unwrap_or("")
    }

    /// All strings, in order.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        (0..u32::try_from(self.len()).unwrap_or(u32::MAX)).map(|number| self.text(Sym(number)))
    }

    /// How many strings the table holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether the table holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Restores the look-up index, which is not serialised.
    pub fn rebuild(&mut self) {
        if self.index.count() == self.len() {
            return;
        }
        self.index = Numbered::with_capacity(self.len());
        for number in 0..u32::try_from(self.len()).unwrap_or(u32::MAX) {
            self.index.add(hash(self.text(Sym(number))), number);
        }
    }

    /// Adds all strings of `other`; the result maps its symbols to ours.
    pub fn absorb(&mut self, other: &Self) -> SymbolMap {
        SymbolMap(other.texts().map(|text| self.intern(text)).collect())
    }
}

fn hash(text: &str) -> u32 {
    let mut hasher = FxHasher::default();
    text.hash(&mut hasher);
    folded(hasher.finish())
}

/// Both halves of a hash in one: an index takes half the memory, and values that share it are rare. Not one
/// half alone: in WebAssembly the hasher has 32 bits, and the upper half is zero for everything.
#[must_use]
pub const fn folded(hash: u64) -> u32 {
    (hash ^ (hash >> 32)) as u32
}

/// Serialised: the text, and the length of each string.
impl Serialize for Interner {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut start = 0;
        let lengths = self.ends.iter().map(|&end| end - std::mem::replace(&mut start, end));
        (&self.text, lengths.collect::<Vec<u32>>()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Interner {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (text, mut ends) = <(String, Vec<u32>)>::deserialize(deserializer)?;
        let mut end = 0_u32;
        for length in &mut ends {
            end = end
                .checked_add(*length)
                .filter(|&end| text.is_char_boundary(end as usize))
                .ok_or_else(|| D::Error::custom("a string table whose lengths do not fit its text"))?;
            *length = end;
        }
        Ok(Self { text, ends, index: Numbered::default(), recent: Vec::new() })
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

#[cfg(all(test, feature = "engine"))]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Interner, Sym, folded};

    #[test]
    fn hashes_of_32_bits_stay_apart() {
        assert_eq!((folded(1), folded(u64::from(u32::MAX)), folded(1 << 32)), (1, u32::MAX, 1));
    }

    #[test]
    fn tables_round_trip_and_merge() {
        let mut one = Interner::default();
        let (a, empty, b) = (one.intern("a"), one.intern(""), one.intern("bä"));
        assert_eq!((one.intern("a"), one.intern(""), one.len()), (a, empty, 3));
        let bytes = postcard::to_allocvec(&one).unwrap();
        let mut back: Interner = postcard::from_bytes(&bytes).unwrap();
        back.rebuild();
        assert_eq!((back.get("bä"), back.get("c"), back.text(b)), (Some(b), None, "bä"));
        let mut other = Interner::default();
        other.intern("x");
        let map = other.absorb(&back);
        let mut moved = b;
        map.apply(&mut moved);
        assert_eq!((moved, other.text(moved), other.text(Sym(99))), (Sym(3), "bä", ""));
    }

    #[test]
    fn damaged_tables_are_refused() {
        let bytes = postcard::to_allocvec(&("ab", vec![1_u32, 5])).unwrap();
        assert!(postcard::from_bytes::<Interner>(&bytes).is_err());
    }
}
