//! Look-up of library facts by canonical name. Built once per project from the tables; every answer
//! borrows from them. Knows nothing of values or scopes.

use super::{ClassRow, Effects, Exit, Library, Resource, Ret, Row, RunContext};
use rustc_hash::{FxBuildHasher, FxHashMap};
use std::borrow::Cow;

/// Alias steps before a name counts as canonical; the tables need one.
const MAX_ALIAS_STEPS: usize = 4;
/// Bases walked per look-up; the deepest table class has six.
const MAX_BASES: usize = 32;

/// The tables of one language, indexed.
#[derive(Debug)]
pub struct LibraryIndex {
    /// (owner, last part) -> row.
    rows: FxHashMap<(&'static str, &'static str), &'static Row>,
    classes: FxHashMap<&'static str, &'static ClassRow>,
    /// Each class and its bases.
    lineages: FxHashMap<&'static str, Vec<&'static ClassRow>>,
    aliases: FxHashMap<&'static str, &'static str>,
    values: FxHashMap<&'static str, Ret>,
    roots: FxHashMap<&'static str, &'static Library>,
    /// First parts of the roots: names that start otherwise are refused at once.
    heads: FxHashMap<&'static str, ()>,
}

impl LibraryIndex {
    /// Indexes the tables of a language, for example `python::LIBRARIES`.
    #[must_use]
    pub fn new(libraries: &'static [&'static Library]) -> Self {
        let count = |of: fn(&Library) -> usize| libraries.iter().map(|library| of(library)).sum::<usize>();
        let mut index = Self {
            rows: with_capacity(count(|library| library.rows.len())),
            classes: with_capacity(count(|library| library.classes.len())),
            lineages: FxHashMap::default(),
            aliases: with_capacity(count(|library| library.aliases.len())),
            values: with_capacity(count(|library| library.values.len())),
            roots: with_capacity(count(|library| library.roots.len())),
            heads: with_capacity(libraries.len()),
        };
        for library in libraries {
            for row in library.rows {
                index.rows.insert(split(row.callee), row);
            }
            index.classes.extend(library.classes.iter().map(|class| (class.name, class)));
            index.aliases.extend(library.aliases.iter().copied());
            index.values.extend(library.values.iter().copied());
            for root in library.roots {
                index.roots.insert(root, library);
                index.heads.insert(head(root), ());
            }
        }
        index.lineages = index.classes.iter().map(|(name, class)| (*name, index.find_lineage(class))).collect();
        index
    }

    /// The canonical form of a dotted name: aliases of the name itself or of its longest aliased
    /// prefix applied, a few steps at most. A name without an alias is its own canonical form.
    #[must_use]
    pub fn canonical<'a>(&self, dotted: &'a str) -> Cow<'a, str> {
        let mut name = Cow::Borrowed(dotted);
        if !self.heads.contains_key(head(dotted)) {
            return name;
        }
        for _ in 0..MAX_ALIAS_STEPS {
            let Some((prefix, target)) = self.alias_of(&name) else { break };
            let rest = name.get(prefix..).unwrap_or_default();
            name = Cow::Owned(format!("{target}{rest}"));
        }
        name
    }

    /// The row of a function, constructor or method, by canonical name; bases are not walked.
    #[must_use]
    pub fn row(&self, canonical: &str) -> Option<&'static Row> {
        self.rows.get(&split(canonical)).copied()
    }

    /// The class row with this canonical name.
    #[must_use]
    pub fn class(&self, canonical: &str) -> Option<&'static ClassRow> {
        self.classes.get(canonical).copied()
    }

    /// The type of a module-level value, by canonical name.
    #[must_use]
    pub fn value(&self, canonical: &str) -> Option<Ret> {
        self.values.get(canonical).copied()
    }

    /// The row of a method and whether it comes from a base. `class` may be absent from the class
    /// rows: methods of its own are still found.
    #[must_use]
    pub fn method(&self, class: &str, name: &str) -> Option<(&'static Row, bool)> {
        if let Some(row) = self.rows.get(&(class, name)) {
            return Some((row, false));
        }
        self.lineage(class).iter().skip(1).find_map(|base| Some((*self.rows.get(&(base.name, name))?, true)))
    }

    /// The type of an attribute of a class or its bases; `[]` is what subscripting gives. The
    /// wildcard of a class answers for attributes that neither it nor a base lists.
    #[must_use]
    pub fn attr(&self, class: &str, name: &str) -> Option<Ret> {
        let lineage = self.lineage(class);
        let find = |wanted: &str| {
            let attr = lineage.iter().flat_map(|row| row.attrs).find(|(attr, _)| *attr == wanted);
            attr.map(|(_, ret)| *ret)
        };
        find(name).or_else(|| find("*").filter(|_| name != "[]"))
    }

    /// Effects of methods that no row names and whether they are asynchronous, if the class or a
    /// base declares any.
    #[must_use]
    pub fn other_methods(&self, class: &str) -> Option<(Effects, bool)> {
        self.lineage(class)
            .iter()
            .find(|row| !row.other_methods.is_empty() || row.other_methods_async)
            .map(|row| (row.other_methods, row.other_methods_async))
    }

    /// What iterating an instance gives and does.
    #[must_use]
    pub fn iteration(&self, class: &str) -> Option<(Ret, Effects)> {
        self.lineage(class).iter().find(|row| row.is_iterable).map(|row| (row.element, row.iterates))
    }

    /// What `with` binds, does on entering and does on leaving.
    #[must_use]
    pub fn manager(&self, class: &str) -> Option<(Ret, Effects, Exit)> {
        self.lineage(class).iter().find(|row| row.is_manager).map(|row| (row.enter, row.enters, row.exit))
    }

    /// What awaiting an instance gives and does.
    #[must_use]
    pub fn awaited(&self, class: &str) -> Option<(Ret, Effects)> {
        self.lineage(class).iter().find_map(|row| row.awaited)
    }

    /// The resource that an instance is.
    #[must_use]
    pub fn resource(&self, class: &str) -> Option<Resource> {
        self.lineage(class).iter().find_map(|row| row.resource)
    }

    /// The context in which public methods of project subclasses run.
    #[must_use]
    pub fn handlers(&self, class: &str) -> Option<RunContext> {
        self.lineage(class).iter().find_map(|row| row.handlers)
    }

    /// What a `DB_EXECUTE` call does when given an instance; empty when the class is no statement.
    #[must_use]
    pub fn executes(&self, class: &str) -> Effects {
        let found = self.lineage(class).iter().map(|row| row.executes).find(|effects| !effects.is_empty());
        found.unwrap_or_default()
    }

    /// Whether `class` is `base` or one of its descendants.
    #[must_use]
    pub fn extends(&self, class: &str, base: &str) -> bool {
        class == base || self.lineage(class).iter().any(|row| row.name == base)
    }

    /// The library that a dotted name (alias or canonical) belongs to, by its longest import root.
    #[must_use]
    pub fn library_of(&self, dotted: &str) -> Option<&'static Library> {
        if !self.heads.contains_key(head(dotted)) {
            return None;
        }
        prefixes(dotted).find_map(|prefix| self.roots.get(prefix).copied())
    }

    /// The class and its bases, nearest first (breadth first, each once).
    #[must_use]
    pub fn lineage(&self, class: &str) -> &[&'static ClassRow] {
        self.lineages.get(class).map_or(&[], Vec::as_slice)
    }

    fn find_lineage(&self, class: &'static ClassRow) -> Vec<&'static ClassRow> {
        let mut found = vec![class];
        let mut next = 0;
        while let Some(row) = found.get(next).copied() {
            next += 1;
            for base in row.bases.iter().filter_map(|base| self.class(base)) {
                if found.len() < MAX_BASES && !found.iter().any(|seen| seen.name == base.name) {
                    found.push(base);
                }
            }
        }
        found
    }

    /// Length of the longest aliased prefix and what replaces it.
    fn alias_of(&self, name: &str) -> Option<(usize, &'static str)> {
        prefixes(name).find_map(|prefix| Some((prefix.len(), *self.aliases.get(prefix)?)))
    }
}

fn with_capacity<K, V>(capacity: usize) -> FxHashMap<K, V> {
    FxHashMap::with_capacity_and_hasher(capacity, FxBuildHasher)
}

/// Owner and last part of a dotted name.
fn split(dotted: &str) -> (&str, &str) {
    dotted.rsplit_once('.').unwrap_or(("", dotted))
}

/// First part of a dotted name.
fn head(dotted: &str) -> &str {
    dotted.split_once('.').map_or(dotted, |(head, _)| head)
}

/// The name and its dotted prefixes, longest first.
fn prefixes(dotted: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(dotted), |name| name.rsplit_once('.').map(|(prefix, _)| prefix))
}
