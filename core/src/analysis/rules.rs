//! What the project's settings say of its own code: where jobs, scripts and admin-only code are, and what its wrappers
//! do where their code does not show it. Names are dotted and may leave out leading folders (`app.threads.run` is
//! `src/app/threads.py`); a class stands for its methods.

use super::code::{Code, FuncId};
use super::infer::Engine;
use super::types::Type;
use crate::libraries::{Effects, Place, RunContext};
use crate::model::Interner;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

/// Rules as they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Files that a rule names: where their code runs, and whether only administrators reach it.
    pub files: BTreeMap<String, (Option<RunContext>, bool)>,
    /// Decorators, with what functions under them run as; `None` for administrators only.
    pub decorators: Vec<(String, Option<RunContext>)>,
    /// Functions that run a callable in a thread or process.
    pub executor: Vec<String>,
    /// Functions that batch look-ups.
    pub data_loader: Vec<String>,
    /// Functions that write many rows in one statement.
    pub bulk: Vec<String>,
    /// Functions that close what they are given.
    pub closer: Vec<String>,
}

/// Functions that the rules name.
#[derive(Debug, Default)]
pub(crate) struct Named {
    pub executors: FxHashSet<FuncId>,
    pub loaders: FxHashSet<FuncId>,
    pub bulk: FxHashSet<FuncId>,
    pub closers: FxHashSet<FuncId>,
}

impl Rules {
    fn names_nothing(&self) -> bool {
        self.executor.is_empty() && self.data_loader.is_empty() && self.bulk.is_empty() && self.closer.is_empty()
    }

    /// The functions that the rules name.
    pub(super) fn resolve(&self, code: &Code, names: &Interner) -> Named {
        let mut out = Named::default();
        if self.names_nothing() {
            return out;
        }
        for f in code.func_ids() {
            let dotted = dotted(code, names, f);
            for (wanted, found) in [
                (&self.executor, &mut out.executors),
                (&self.data_loader, &mut out.loaders),
                (&self.bulk, &mut out.bulk),
                (&self.closer, &mut out.closers),
            ] {
                if wanted.iter().any(|name| is_or_owns(name, &dotted)) {
                    found.insert(f);
                }
            }
        }
        out
    }
}

impl Named {
    /// Effects of a function that its callers do not have: it does them for many callers, or many rows, at once.
    pub fn batched(&self, f: FuncId) -> Effects {
        let writes = Effects::ANY_WRITE.with(Effects::DB_ADD).with(Effects::DB_FLUSH).with(Effects::DB_EXECUTE);
        match (self.loaders.contains(&f), self.bulk.contains(&f)) {
            (true, _) => Effects::ANY_QUERY,
            (_, true) => writes,
            _ => Effects::NONE,
        }
    }

    /// Where what is handed to the function runs.
    pub fn place(&self, f: FuncId) -> Option<Place> {
        self.executors.contains(&f).then_some(Place::Thread)
    }
}

impl Engine<'_> {
    /// What the rules say of a function's decorators: its context, and whether only administrators reach it.
    pub(super) fn ruled_by_decorator(&mut self, f: FuncId, rules: &Rules) -> (Option<RunContext>, bool) {
        let code = self.code;
        let (mut context, mut admin) = (None, false);
        if rules.decorators.is_empty() {
            return (context, admin);
        }
        let parent = code.parent(f);
        for decorator in &code.func(f).decorators {
            let value = code.called(parent, decorator.value);
            let ty = self.value(parent, value);
            let name = match *self.types.get(ty) {
                Type::Func(g) | Type::Bound(g, _) => Some(dotted(code, &self.names, g)),
                _ => self.lib_name(parent, value),
            };
            let Some(name) = name else { continue };
            for (_, runs) in rules.decorators.iter().filter(|(wanted, _)| is_or_owns(wanted, &name)) {
                context = context.or(*runs);
                admin |= runs.is_none();
            }
        }
        (context, admin)
    }
}

/// `app.threads.Pool.run` for the method in `app/threads.py`.
fn dotted(code: &Code, names: &Interner, f: FuncId) -> String {
    let path = code.path(f);
    let module = path.strip_suffix(".py").unwrap_or(path);
    let module = module.strip_suffix("/__init__").unwrap_or(module);
    format!("{}.{}", module.replace('/', "."), names.text(code.func(f).qualified))
}

/// Whether `name` is the dotted name or a part of its end, or the class that owns it.
fn is_or_owns(name: &str, dotted: &str) -> bool {
    if name.is_empty() {
        return false;
    }
    dotted.match_indices(name).any(|(at, _)| {
        let before = dotted.get(..at).unwrap_or_default();
        let after = dotted.get(at + name.len()..).unwrap_or_default();
        (before.is_empty() || before.ends_with('.'))
            && (after.is_empty() || after.starts_with('.') && name.contains('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::is_or_owns;

    #[test]
    fn names_match_at_their_dots() {
        for (name, dotted) in [
            ("app.threads.run", "app.threads.run"),
            ("app.threads.run", "src.app.threads.run"),
            ("app.loaders.Loader", "app.loaders.Loader.load"),
            ("run", "app.threads.run"),
        ] {
            assert!(is_or_owns(name, dotted), "{name} {dotted}");
        }
        for (name, dotted) in [
            ("app.threads.run", "myapp.threads.run"),
            ("app.threads.run", "app.threads.runner"),
            ("threads", "app.threads.run"),
            ("", "app.threads.run"),
        ] {
            assert!(!is_or_owns(name, dotted), "{name} {dotted}");
        }
    }
}
