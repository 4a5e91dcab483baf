//! Stub files (`.pyi`): what they state beside a module stands for annotations that the module does
//! not have. Where both define a class or function, the module's is meant; a stub without a module
//! stands for one.

use super::code::{ClassId, Code, FuncId, ModuleId, Symbol, id};
use super::infer::Engine;
use super::types::TypeId;
use crate::model::{ClassIdx, FnIdx, FunctionKind, Sym};
use rustc_hash::FxHashMap;

/// Which stub belongs to what.
#[derive(Debug, Default)]
pub(crate) struct Stubs {
    /// A module's stub.
    modules: FxHashMap<ModuleId, ModuleId>,
    /// A function's twin in the stub.
    stated: FxHashMap<FuncId, FuncId>,
    /// A class's twin in the stub.
    stated_classes: FxHashMap<ClassId, ClassId>,
    /// What a stub's class or function stands for.
    funcs: FxHashMap<FuncId, FuncId>,
    classes: FxHashMap<ClassId, ClassId>,
}

/// Whether the path is a stub's.
#[must_use]
pub(crate) fn is_stub(path: &str) -> bool {
    path.ends_with(".pyi")
}

/// A path without what marks a package of stubs alone (PEP 561): `shop-stubs/db.pyi`.
pub(super) fn plain_path(path: &str) -> String {
    path.replace("-stubs/", "/")
}

impl Stubs {
    /// The class that a stub's class stands for; any other class itself.
    pub fn class(&self, c: ClassId) -> ClassId {
        self.classes.get(&c).copied().unwrap_or(c)
    }

    /// Likewise for a function.
    pub fn func(&self, f: FuncId) -> FuncId {
        self.funcs.get(&f).copied().unwrap_or(f)
    }

    /// The stub of a module.
    pub fn of_module(&self, m: ModuleId) -> Option<ModuleId> {
        self.modules.get(&m).copied()
    }

    /// The stub's statement of a function.
    pub fn of_func(&self, f: FuncId) -> Option<FuncId> {
        self.stated.get(&f).copied()
    }

    /// The stub's statement of a class.
    pub fn of_class(&self, c: ClassId) -> Option<ClassId> {
        self.stated_classes.get(&c).copied()
    }

    /// Whether a module has a stub.
    pub fn any(&self) -> bool {
        !self.modules.is_empty()
    }

    /// Whether the module is the stub of another.
    pub fn is_second(&self, m: ModuleId) -> bool {
        self.modules.values().any(|stub| *stub == m)
    }
}

impl Code {
    /// Pairs stubs with modules, and makes the names of a stub mean what its module defines.
    pub(super) fn pair_stubs(&mut self) {
        let mut stubs = Stubs::default();
        for stub in self.module_ids() {
            let Some(path) = self.module(stub).map(|m| m.path.as_str()).filter(|path| is_stub(path)) else { continue };
            let source = plain_path(path.strip_suffix('i').unwrap_or(path));
            let Ok(at) = self.modules.binary_search_by(|m| m.path.as_str().cmp(&source)) else { continue };
            let module = ModuleId(id(at));
            stubs.modules.insert(module, stub);
            let own: FxHashMap<Sym, FuncId> = self.functions_of(module).collect();
            let mut seen: FxHashMap<Sym, u32> = FxHashMap::default();
            self.functions_of(stub).for_each(|(name, _)| *seen.entry(name).or_default() += 1);
            for (name, stated) in self.functions_of(stub) {
                let Some(f) = own.get(&name) else { continue };
                stubs.funcs.insert(stated, *f);
                // Overloads: which one a call means depends on its arguments.
                if seen.get(&name) == Some(&1) {
                    stubs.stated.insert(*f, stated);
                }
            }
            let own: FxHashMap<Sym, ClassId> = self.classes_of(module).collect();
            for (name, stated) in self.classes_of(stub) {
                let Some(c) = own.get(&name) else { continue };
                stubs.classes.insert(stated, *c);
                stubs.stated_classes.insert(*c, stated);
            }
        }
        for stub in stubs.modules.values() {
            for symbol in self.symbols.get_mut(stub.0 as usize).into_iter().flat_map(|table| table.values_mut()) {
                match symbol {
                    Symbol::Func(f) => *f = stubs.func(*f),
                    Symbol::Class(c) => *c = stubs.class(*c),
                    Symbol::Import(_) | Symbol::Values(_) => {}
                }
            }
        }
        self.stubs = stubs;
    }

    fn functions_of(&self, m: ModuleId) -> impl Iterator<Item = (Sym, FuncId)> {
        let functions = self.module(m).map_or(&[][..], |module| module.functions.as_slice());
        let named = |f: &crate::model::Function| matches!(f.kind, FunctionKind::Function | FunctionKind::Method);
        functions
            .iter()
            .enumerate()
            .filter(move |(_, f)| named(f))
            .map(move |(i, f)| (f.qualified, self.func_id(m, FnIdx(id(i)))))
    }

    fn classes_of(&self, m: ModuleId) -> impl Iterator<Item = (Sym, ClassId)> {
        let classes = self.module(m).map_or(&[][..], |module| module.classes.as_slice());
        let top = |c: &crate::model::Class| c.scope.0 == 0 && c.outer.is_none();
        classes
            .iter()
            .enumerate()
            .filter(move |(_, c)| top(c))
            .map(move |(i, c)| (c.name, self.class_id(m, ClassIdx(id(i)))))
    }
}

impl Engine<'_> {
    /// What a stub states that a function returns.
    pub(super) fn stub_return(&mut self, g: FuncId) -> TypeId {
        let code = self.code;
        let stated = code.stubs.of_func(g).and_then(|twin| Some((code.parent(twin), code.func(twin).returns?)));
        stated.map_or(TypeId::UNKNOWN, |(scope, annotation)| self.annotation_type(scope, annotation))
    }

    /// What a stub states of a parameter.
    pub(super) fn stub_param(&mut self, f: FuncId, name: Sym) -> TypeId {
        let code = self.code;
        let stated = code.stubs.of_func(f).and_then(|twin| {
            let param = code.func(twin).params.iter().find(|param| param.name == name)?;
            Some((code.parent(twin), param.annotation?))
        });
        stated.map_or(TypeId::UNKNOWN, |(scope, annotation)| self.annotation_type(scope, annotation))
    }

    /// What a stub states of a name of a module.
    pub(super) fn stub_global(&mut self, m: ModuleId, name: Sym) -> TypeId {
        match self.code.stubs.of_module(m) {
            Some(stub) if self.code.symbols.get(stub.0 as usize).is_some_and(|table| table.contains_key(&name)) => {
                self.global_type(stub, name)
            }
            _ => TypeId::UNKNOWN,
        }
    }

    /// What a stub states of an attribute of a class.
    pub(super) fn stub_field(&mut self, class: ClassId, name: Sym) -> TypeId {
        let code = self.code;
        let stated = code.stubs.of_class(class).and_then(|twin| {
            let class = code.class(twin);
            let field = class.fields.iter().find(|field| field.name == name)?;
            Some((code.class_scope(twin), field.annotation?))
        });
        stated.map_or(TypeId::UNKNOWN, |(scope, annotation)| self.annotation_type(scope, annotation))
    }
}
