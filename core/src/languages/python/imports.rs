//! Imports.

use super::lower::Lowerer;
use super::names::{Binding, NameId};
use super::scopes::top_package;
use crate::model::{Import, ImportKind, OpKind};
use ruff_python_ast::{StmtImport, StmtImportFrom};
use ruff_text_size::TextRange;

impl Lowerer<'_, '_> {
    /// `import a.b as c, d`
    pub fn import(&mut self, s: &StmtImport) {
        for alias in &s.names {
            let module = self.names.interner.intern(alias.name.as_str());
            let (name, binds_top) = match &alias.asname {
                Some(name) => (self.names.id(name.range, name.as_str()), false),
                None => (top_package(&mut self.names, &alias.name), alias.name.as_str().contains('.')),
            };
            self.imported(ImportKind::Module { module, binds_top }, name, alias.range);
        }
    }

    /// `from a.b import c as d`
    pub fn import_from(&mut self, s: &StmtImportFrom) {
        let module = self.names.interner.intern(s.module.as_ref().map_or("", |m| m.as_str()));
        let level = u8::try_from(s.level).unwrap_or(u8::MAX);
        for alias in &s.names {
            let local = alias.asname.as_ref().unwrap_or(&alias.name);
            let local = self.names.id(local.range, local.as_str());
            if alias.name.as_str() == "*" {
                let local = self.names.sym(local);
                self.push_import(ImportKind::Star { module, level }, local, alias.range);
            } else {
                let name = self.names.sym_at(alias.name.range, alias.name.as_str());
                self.imported(ImportKind::Member { module, level, name }, local, alias.range);
            }
        }
    }

    fn imported(&mut self, kind: ImportKind, local: NameId, range: TextRange) {
        let sym = self.names.sym(local);
        self.push_import(kind, sym, range);
        // A name that is also assigned is a variable like any other: here it becomes the import.
        let is_variable = self.f.classes.last().is_some_and(|c| c.slots.contains_key(&local))
            || matches!(self.names.binding(local), Binding::Local { owner, .. } if owner == self.f.index);
        if is_variable {
            let value = self.emit(OpKind::Global(sym), range);
            self.bind(local, value, range);
        }
    }

    fn push_import(&mut self, kind: ImportKind, local: crate::model::Sym, range: TextRange) {
        let span = self.span(range);
        self.imports.push(Import { kind, local, scope: self.f.index, typing_only: self.typing_only > 0, span });
    }
}
