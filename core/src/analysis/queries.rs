//! What is known of a query value: its model, what it loads, how it is bounded. Interned; types of
//! querysets, statements and of the rows they give carry the id.

use super::code::ClassId;
use crate::model::Sym;
use rustc_hash::FxHashMap;

/// An interned [`QueryFacts`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueryId(pub u32);

impl QueryId {
    /// No query is known.
    pub const NONE: Self = Self(0);
    /// Several queries meet here.
    pub const MIXED: Self = Self(1);

    /// Whether one known query stands behind the value.
    #[must_use]
    pub fn is_known(self) -> bool {
        self.0 > 1
    }
}

/// Facts of a query.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct QueryFacts {
    /// Model that it selects.
    pub model: Option<ClassId>,
    /// Relations that it loads eagerly: paths from the model, hop by hop.
    pub loaded: Vec<Vec<Sym>>,
    /// An eager loading option was given that could not be read: assume anything is loaded.
    pub loads_unknown: bool,
    /// Columns asked for (`only`, `load_only`, `values`), when restricted.
    pub only: Option<Vec<Sym>>,
    /// Columns left out (`defer`).
    pub deferred: Vec<Sym>,
    /// Rows are dicts, tuples or scalars, not model objects.
    pub plain_rows: bool,
    /// A LIMIT or slice with an upper bound.
    pub limited: bool,
    /// Any filter.
    pub filtered: bool,
}

/// The table of query facts.
#[derive(Debug)]
pub(crate) struct Queries {
    list: Vec<QueryFacts>,
    index: FxHashMap<QueryFacts, QueryId>,
}

impl Default for Queries {
    fn default() -> Self {
        // Entries 0 and 1 stand for "none" and "mixed"; neither is ever looked up.
        Self { list: vec![QueryFacts::default(), QueryFacts::default()], index: FxHashMap::default() }
    }
}

impl Queries {
    pub fn add(&mut self, facts: QueryFacts) -> QueryId {
        if let Some(&id) = self.index.get(&facts) {
            return id;
        }
        let id = QueryId(u32::try_from(self.list.len()).unwrap_or(1));
        self.list.push(facts.clone());
        self.index.insert(facts, id);
        id
    }

    pub fn get(&self, id: QueryId) -> Option<&QueryFacts> {
        if id.is_known() { self.list.get(id.0 as usize) } else { None }
    }
}
