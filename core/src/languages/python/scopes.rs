//! Which names a function (or class, or the module) binds, and what each loop in it assigns.
//! One walk over the statements of a scope, without those of nested functions and classes.

use super::names::{NameId, Names};
use super::walrus::walrus_targets;
use ruff_python_ast::{ExceptHandler, Expr, Identifier, Pattern, Stmt};
use ruff_text_size::Ranged;

/// How a scope binds a name. Later kinds win over earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Decl {
    /// Only imported.
    Import,
    /// Assigned.
    Local,
    /// `nonlocal`
    Nonlocal,
    /// `global`
    Global,
}

/// What [`collect`] found.
#[derive(Debug, Default)]
pub(super) struct ScopeNames {
    /// Names that the scope binds or declares, in source order.
    pub names: Vec<(NameId, Decl)>,
    /// Every assignment, in source order.
    pub writes: Vec<NameId>,
    /// Each loop: byte at which it starts, and the part of `writes` inside it.
    pub loops: Vec<(u32, u32, u32)>,
}

struct Collector<'c, 's, 'n> {
    names: &'c mut Names<'s, 'n>,
    scope: u32,
    walruses: Option<&'c [u32]>,
    out: ScopeNames,
}

/// Collects the names of a scope: its parameters, then its statements. `walrus` holds the
/// places of assignment expressions when there are any.
pub(super) fn collect<'p>(
    names: &mut Names<'_, '_>,
    params: impl Iterator<Item = &'p Identifier>,
    body: &[Stmt],
    walrus: Option<&[u32]>,
) -> ScopeNames {
    let scope = names.next_scope();
    let mut collector = Collector { names, scope, walruses: walrus, out: ScopeNames::default() };
    for param in params {
        collector.identifier(param, Decl::Local);
    }
    collector.out.writes.clear();
    collector.block(body);
    collector.out
}

/// Collects the names that an expression alone binds (a lambda's body).
pub(super) fn collect_expr<'p>(
    names: &mut Names<'_, '_>,
    params: impl Iterator<Item = &'p Identifier>,
    body: &Expr,
    walrus: Option<&[u32]>,
) -> ScopeNames {
    let scope = names.next_scope();
    let mut collector = Collector { names, scope, walruses: walrus, out: ScopeNames::default() };
    for param in params {
        collector.identifier(param, Decl::Local);
    }
    if walrus.is_some() {
        collector.walrus(std::iter::once(body));
    }
    collector.out
}

impl Collector<'_, '_, '_> {
    fn note(&mut self, id: NameId, decl: Decl) {
        let next = u32::try_from(self.out.names.len()).unwrap_or(u32::MAX);
        match self.names.first_seen(self.scope, id, next) {
            None => self.out.names.push((id, decl)),
            Some(index) => {
                if let Some((_, known)) = self.out.names.get_mut(index as usize) {
                    *known = (*known).max(decl);
                }
            }
        }
        if decl <= Decl::Local {
            self.out.writes.push(id);
        }
    }

    fn identifier(&mut self, name: &Identifier, decl: Decl) {
        let id = self.names.id(name.range, name.as_str());
        self.note(id, decl);
    }

    fn block(&mut self, body: &[Stmt]) {
        for stmt in body {
            if let Some(places) = self.walruses {
                self.walrus_in(stmt, places);
            }
            self.stmt(stmt);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::FunctionDef(def) => self.identifier(&def.name, Decl::Local),
            Stmt::ClassDef(def) => self.identifier(&def.name, Decl::Local),
            Stmt::Assign(assign) => assign.targets.iter().for_each(|t| self.target(t)),
            Stmt::AugAssign(assign) => self.target(&assign.target),
            Stmt::AnnAssign(assign) => self.target(&assign.target),
            Stmt::TypeAlias(alias) => self.target(&alias.name),
            Stmt::Delete(delete) => delete.targets.iter().for_each(|t| self.target(t)),
            Stmt::For(each) => {
                let entry = self.open_loop(stmt);
                self.target(&each.target);
                self.block(&each.body);
                self.close_loop(entry);
                self.block(&each.orelse);
            }
            Stmt::While(each) => {
                let entry = self.open_loop(stmt);
                self.block(&each.body);
                if self.walruses.is_some() {
                    self.walrus(std::iter::once(&*each.test));
                }
                self.close_loop(entry);
                self.block(&each.orelse);
            }
            Stmt::If(branch) => {
                self.block(&branch.body);
                branch.elif_else_clauses.iter().for_each(|clause| self.block(&clause.body));
            }
            Stmt::With(with) => {
                with.items.iter().filter_map(|i| i.optional_vars.as_deref()).for_each(|t| self.target(t));
                self.block(&with.body);
            }
            Stmt::Match(matching) => {
                for case in &matching.cases {
                    self.pattern(&case.pattern);
                    self.block(&case.body);
                }
            }
            Stmt::Try(guarded) => {
                self.block(&guarded.body);
                for ExceptHandler::ExceptHandler(handler) in &guarded.handlers {
                    if let Some(name) = &handler.name {
                        self.identifier(name, Decl::Local);
                    }
                    self.block(&handler.body);
                }
                self.block(&guarded.orelse);
                self.block(&guarded.finalbody);
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    match &alias.asname {
                        Some(name) => self.identifier(name, Decl::Import),
                        None => {
                            let id = top_package(self.names, &alias.name);
                            self.note(id, Decl::Import);
                        }
                    }
                }
            }
            Stmt::ImportFrom(import) => {
                for alias in import.names.iter().filter(|a| a.name.as_str() != "*") {
                    self.identifier(alias.asname.as_ref().unwrap_or(&alias.name), Decl::Import);
                }
            }
            Stmt::Global(global) => global.names.iter().for_each(|n| self.identifier(n, Decl::Global)),
            Stmt::Nonlocal(nonlocal) => nonlocal.names.iter().for_each(|n| self.identifier(n, Decl::Nonlocal)),
            _ => {}
        }
    }

    fn open_loop(&mut self, stmt: &Stmt) -> usize {
        self.out.loops.push((stmt.start().to_u32(), self.written(), 0));
        self.out.loops.len() - 1
    }

    fn close_loop(&mut self, entry: usize) {
        let end = self.written();
        if let Some(entry) = self.out.loops.get_mut(entry) {
            entry.2 = end;
        }
    }

    fn written(&self) -> u32 {
        u32::try_from(self.out.writes.len()).unwrap_or(u32::MAX)
    }

    fn target(&mut self, target: &Expr) {
        match target {
            Expr::Name(name) => {
                let id = self.names.id(name.range, name.id.as_str());
                self.note(id, Decl::Local);
            }
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|t| self.target(t)),
            Expr::List(list) => list.elts.iter().for_each(|t| self.target(t)),
            Expr::Starred(starred) => self.target(&starred.value),
            _ => {}
        }
    }

    fn pattern(&mut self, pattern: &Pattern) {
        match pattern {
            Pattern::MatchValue(_) | Pattern::MatchSingleton(_) => {}
            Pattern::MatchSequence(sequence) => sequence.patterns.iter().for_each(|p| self.pattern(p)),
            Pattern::MatchMapping(mapping) => {
                mapping.patterns.iter().for_each(|p| self.pattern(p));
                mapping.rest.iter().for_each(|n| self.identifier(n, Decl::Local));
            }
            Pattern::MatchClass(class) => {
                class.arguments.patterns.iter().for_each(|p| self.pattern(p));
                class.arguments.keywords.iter().for_each(|k| self.pattern(&k.pattern));
            }
            Pattern::MatchStar(star) => star.name.iter().for_each(|n| self.identifier(n, Decl::Local)),
            Pattern::MatchAs(binding) => {
                binding.pattern.iter().for_each(|p| self.pattern(p));
                binding.name.iter().for_each(|n| self.identifier(n, Decl::Local));
            }
            Pattern::MatchOr(either) => either.patterns.iter().for_each(|p| self.pattern(p)),
        }
    }

    /// Assignment expressions in the expressions of `stmt` itself (those of nested statements are
    /// met when these are visited; functions and classes are scopes of their own).
    fn walrus_in(&mut self, stmt: &Stmt, places: &[u32]) {
        let range = stmt.range();
        let next = places.partition_point(|&place| place < range.start().to_u32());
        if places.get(next).is_none_or(|&place| place >= range.end().to_u32()) {
            return;
        }
        match stmt {
            Stmt::Assign(s) => self.walrus(s.targets.iter().chain(std::iter::once(&*s.value))),
            Stmt::AugAssign(s) => self.walrus([&*s.target, &*s.value].into_iter()),
            Stmt::AnnAssign(s) => self.walrus(s.value.as_deref().into_iter()),
            Stmt::Expr(s) => self.walrus(std::iter::once(&*s.value)),
            Stmt::Return(s) => self.walrus(s.value.as_deref().into_iter()),
            Stmt::If(s) => {
                let tests = s.elif_else_clauses.iter().filter_map(|c| c.test.as_ref());
                self.walrus(std::iter::once(&*s.test).chain(tests));
            }
            // A while's test runs in the loop: see above.
            Stmt::For(s) => self.walrus(std::iter::once(&*s.iter)),
            Stmt::With(s) => self.walrus(s.items.iter().map(|i| &i.context_expr)),
            Stmt::Match(s) => {
                let guards = s.cases.iter().filter_map(|c| c.guard.as_deref());
                self.walrus(std::iter::once(&*s.subject).chain(guards));
            }
            Stmt::Raise(s) => self.walrus(s.exc.as_deref().into_iter()),
            Stmt::Assert(s) => self.walrus(std::iter::once(&*s.test).chain(s.msg.as_deref())),
            _ => {}
        }
    }

    fn walrus<'e>(&mut self, exprs: impl Iterator<Item = &'e Expr>) {
        for name in walrus_targets(exprs) {
            let id = self.names.id(name.range, name.id.as_str());
            self.note(id, Decl::Local);
        }
    }
}

/// The name that `import a.b` binds: `a`.
pub(super) fn top_package(names: &mut Names<'_, '_>, module: &Identifier) -> NameId {
    let text = module.as_str();
    let top = text.split('.').next().unwrap_or(text);
    let length = u32::try_from(top.len()).unwrap_or(0).into();
    let range = ruff_text_size::TextRange::at(module.range.start(), length);
    names.id(range, top)
}
