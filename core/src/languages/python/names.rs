//! The names of one file: small numbers for names, so that what a name is bound to is an array
//! look-up, and the shard's string table is asked once per name and file.

use crate::model::{FnIdx, Interner, Sym};
use ruff_text_size::TextRange;
use rustc_hash::FxHashMap;

/// A name of this file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct NameId(pub u32);

/// What a name stands for at the place that is being lowered (class scopes aside).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binding {
    /// A builtin, a module global that no statement of the file assigns, an import, or declared `global`.
    Global,
    /// A variable of the function `owner`.
    Local {
        /// Function.
        owner: FnIdx,
        /// Its number there.
        slot: u32,
    },
    /// A variable of a comprehension in the body of `owner`.
    Element {
        /// Function.
        owner: FnIdx,
        /// Its number there.
        slot: u32,
    },
    /// Declared `nonlocal`.
    Outer {
        /// Function that has the variable.
        owner: FnIdx,
    },
}

/// All names of a file.
#[derive(Debug)]
pub(super) struct Names<'s, 'n> {
    source: &'s str,
    /// The shard's string table.
    pub interner: &'n mut Interner,
    ids: FxHashMap<&'s str, NameId>,
    /// The short ones among them, which are nearly all: compared as numbers.
    short: FxHashMap<u128, NameId>,
    /// Names whose spelling in the source differs from their text (normalised Unicode, `a . b`).
    odd: FxHashMap<Sym, NameId>,
    syms: Vec<Sym>,
    bindings: Vec<Binding>,
    /// For [`Names::first_seen`].
    seen: Vec<(u32, u32)>,
    scopes: u32,
}

impl<'s, 'n> Names<'s, 'n> {
    pub fn new(source: &'s str, interner: &'n mut Interner) -> Self {
        Self {
            source,
            interner,
            ids: FxHashMap::default(),
            short: FxHashMap::with_capacity_and_hasher(source.len() / 256, rustc_hash::FxBuildHasher),
            odd: FxHashMap::default(),
            syms: Vec::new(),
            bindings: Vec::new(),
            seen: Vec::new(),
            scopes: 0,
        }
    }

    /// The number of the name `text`, which stands at `range`.
    pub fn id(&mut self, range: TextRange, text: &str) -> NameId {
        let key = self.source.get(range.start().to_usize()..range.end().to_usize());
        let packed = packed(text);
        let known = match packed {
            Some(packed) => self.short.get(&packed),
            None => self.ids.get(text),
        };
        if let Some(&id) = known {
            return id;
        }
        if let Some(key) = key.filter(|key| *key == text) {
            let sym = match packed {
                Some(packed) => self.interner.intern_short(packed, key),
                None => self.interner.intern(key),
            };
            let id = match self.odd.get(&sym) {
                Some(&id) => id,
                None => self.add(sym),
            };
            match packed {
                Some(packed) => self.short.insert(packed, id),
                None => self.ids.insert(key, id),
            };
            return id;
        }
        let sym = self.interner.intern(text);
        if let Some(&id) = self.odd.get(&sym) {
            return id;
        }
        let id = self.add(sym);
        self.odd.insert(sym, id);
        id
    }

    fn add(&mut self, sym: Sym) -> NameId {
        let id = NameId(u32::try_from(self.syms.len()).unwrap_or(u32::MAX));
        self.syms.push(sym);
        self.bindings.push(Binding::Global);
        self.seen.push((0, 0));
        id
    }

    /// The symbol of the name `text`, which stands at `range`.
    pub fn sym_at(&mut self, range: TextRange, text: &str) -> Sym {
        let id = self.id(range, text);
        self.sym(id)
    }

    pub fn sym(&self, id: NameId) -> Sym {
        self.syms.get(id.0 as usize).copied().unwrap_or_default()
    }

    pub fn binding(&self, id: NameId) -> Binding {
        self.bindings.get(id.0 as usize).copied().unwrap_or(Binding::Global)
    }

    /// Binds `id`; the result is what it was bound to before.
    pub fn rebind(&mut self, id: NameId, binding: Binding) -> Binding {
        match self.bindings.get_mut(id.0 as usize) {
            Some(slot) => std::mem::replace(slot, binding),
            None => Binding::Global,
        }
    }

    /// Opens a scope for [`Names::first_seen`].
    pub fn next_scope(&mut self) -> u32 {
        self.scopes += 1;
        self.scopes
    }

    /// Notes `id` in `scope` with `value`, unless it was noted there before: then what was noted.
    pub fn first_seen(&mut self, scope: u32, id: NameId, value: u32) -> Option<u32> {
        let entry = self.seen.get_mut(id.0 as usize)?;
        if entry.0 == scope {
            return Some(entry.1);
        }
        *entry = (scope, value);
        None
    }
}

/// A name of at most 16 bytes as a number. No name holds the zero byte that fills it up.
fn packed(name: &str) -> Option<u128> {
    let mut bytes = [0; 16];
    bytes.get_mut(..name.len())?.copy_from_slice(name.as_bytes());
    Some(u128::from_le_bytes(bytes))
}
