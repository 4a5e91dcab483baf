//! Names that are not local: module globals, imports, star imports, builtins, captured variables.

use super::code::{FuncId, ModuleId, Symbol};
use super::infer::{Engine, State};
use super::types::{Type, TypeId};
use crate::model::{ImportKind, OpKind, Sym, ValueId};

const COMMON_BUILTINS: &[&str] = &[
    "all", "any", "dict", "filter", "float", "format", "id", "input", "int", "iter", "len", "list", "map", "max",
    "min", "next", "open", "print", "range", "set", "sorted", "str", "sum", "super", "tuple", "type", "zip",
];

/// Whether a dotted name lies in a module that the gRPC compiler writes.
fn is_grpc(dotted: &str) -> bool {
    dotted.split('.').any(|part| part.ends_with("_pb2_grpc"))
}

impl Engine<'_> {
    /// The type of a name that is not local: a global of `m`, an import, a builtin.
    pub fn global_type(&mut self, m: ModuleId, name: Sym) -> TypeId {
        if let Some(&known) = self.globals.get(m.0 as usize).and_then(|names| names.get(&name)) {
            return known;
        }
        if !self.globals_busy.insert((m, name)) || self.globals_busy.len() > 200 {
            return TypeId::UNKNOWN;
        }
        let (ty, settled) = self.find_global(m, name);
        self.globals_busy.remove(&(m, name));
        if settled && let Some(names) = self.globals.get_mut(m.0 as usize) {
            names.insert(name, ty);
        }
        ty
    }

    pub(super) fn find_global(&mut self, m: ModuleId, name: Sym) -> (TypeId, bool) {
        let code = self.code;
        let symbol = code.symbols.get(m.0 as usize).and_then(|table| table.get(&name));
        match symbol {
            Some(Symbol::Func(f)) => (self.types.add(Type::Func(*f)), true),
            Some(Symbol::Class(c)) => (self.types.add(Type::ClassObj(*c)), true),
            Some(Symbol::Import(i)) => {
                let Some(import) = code.module(m).and_then(|module| module.imports.get(*i as usize)) else {
                    return (TypeId::UNKNOWN, true);
                };
                (self.import_type(m, &import.kind), true)
            }
            Some(Symbol::Values(values)) => {
                let top = code.func_id(m, crate::model::FnIdx(0));
                self.infer(top);
                let mut joined = TypeId::UNKNOWN;
                for v in values {
                    let ty = self.value(top, *v);
                    if ty != TypeId::NONE {
                        joined = self.types.join(joined, ty);
                    }
                }
                if joined.is_unknown() {
                    joined = self.stub_global(m, name);
                }
                (joined, self.state.get(top.0 as usize) == Some(&State::Done))
            }
            None => match self.stub_global(m, name) {
                TypeId::UNKNOWN => (self.star_or_builtin(m, name), true),
                stated => (stated, true),
            },
        }
    }

    pub(super) fn star_or_builtin(&mut self, m: ModuleId, name: Sym) -> TypeId {
        let code = self.code;
        // A star import that replaces a builtin would surprise its author as much as us.
        let builtin = COMMON_BUILTINS.contains(&self.names.text(name));
        if let Some(module) = code.module(m).filter(|_| !builtin) {
            for import in &module.imports {
                let ImportKind::Star { module: dotted, level } = &import.kind else { continue };
                let Some(target) = self.find_module(m, *level, *dotted) else { continue };
                let exports = code.module(target).and_then(|module| module.exports.as_ref());
                let hidden = || self.names.text(name).starts_with('_');
                if exports.map_or_else(hidden, |names| !names.contains(&name)) {
                    continue;
                }
                if code.symbols.get(target.0 as usize).is_some_and(|table| table.contains_key(&name)) {
                    return self.global_type(target, name);
                }
                // `from .models import *` of a package that itself collects with `*`.
                let ty = self.global_type(target, name);
                if !ty.is_unknown() && !matches!(self.types.get(ty), Type::LibRef(_)) {
                    return ty;
                }
            }
        }
        let text = self.names.text(name);
        if text.is_empty() {
            return TypeId::UNKNOWN;
        }
        let dotted = format!("builtins.{text}");
        self.lib_ref(&dotted)
    }

    /// A library object by dotted name, canonical.
    pub fn lib_ref(&mut self, dotted: &str) -> TypeId {
        let canonical = self.library.canonical(dotted).into_owned();
        if let Some(ret) = self.library.value(&canonical) {
            return self.ret_type(ret, TypeId::UNKNOWN, &[], &[]);
        }
        let sym = self.names.intern(&canonical);
        self.types.add(Type::LibRef(sym))
    }

    pub(super) fn find_module(&mut self, m: ModuleId, level: u8, dotted: Sym) -> Option<ModuleId> {
        let dotted = self.names.text(dotted);
        if level > 0 { self.index.relative(m, level, dotted) } else { self.index.absolute(m, dotted, &self.library) }
    }

    pub(super) fn import_type(&mut self, m: ModuleId, kind: &ImportKind) -> TypeId {
        match kind {
            ImportKind::Module { module, binds_top } => {
                let dotted = self.names.text(*module);
                let name = if *binds_top { dotted.split('.').next().unwrap_or("") } else { dotted };
                match self.index.absolute(m, name, &self.library) {
                    Some(target) => self.types.add(Type::Module(target)),
                    None => {
                        let name = name.to_owned();
                        self.lib_ref(&name)
                    }
                }
            }
            ImportKind::Member { module, level, name } => {
                if let Some(target) = self.find_module(m, *level, *module)
                    && !(target == m && self.names.text(*module).is_empty() && *level == 0)
                {
                    // `from . import part` in a package's own file: the name stands for this very import.
                    if target == m
                        && let Some(part) = self.index.relative(m, 1, self.names.text(*name))
                        && part != m
                    {
                        return self.types.add(Type::Module(part));
                    }
                    return self.member_of(target, *name);
                }
                // `from package import module` of a namespace package (a folder without __init__).
                let (dotted, member) = (self.names.text(*module), self.names.text(*name));
                let joined = if dotted.is_empty() { member.to_owned() } else { format!("{dotted}.{member}") };
                let found = if *level > 0 {
                    self.index.relative(m, *level, &joined)
                } else {
                    self.index.absolute(m, &joined, &self.library)
                };
                match found {
                    Some(target) => self.types.add(Type::Module(target)),
                    None if *level == 0 || is_grpc(&joined) => self.lib_ref(&joined),
                    // A file that is not in view: `from ..orders.models import Order` is what the absolute form is, and
                    // what it means is told by its names (`guesses`).
                    None => self.lib_ref(&format!(".{joined}")),
                }
            }
            ImportKind::Star { .. } => TypeId::UNKNOWN,
        }
    }

    /// `module.name`: a symbol of the module or a submodule of the package.
    pub fn member_of(&mut self, target: ModuleId, name: Sym) -> TypeId {
        let known = self.code.symbols.get(target.0 as usize).is_some_and(|table| table.contains_key(&name));
        if !known {
            let member = self.names.text(name).to_owned();
            if let Some(sub) = self.index.relative(target, 1, &member)
                && sub != target
            {
                return self.types.add(Type::Module(sub));
            }
            // Generated, so not read.
            if is_grpc(&member) {
                return self.lib_ref(&member);
            }
            let ty = self.star_or_builtin(target, name);
            if matches!(self.types.get(ty), Type::LibRef(s) if self.names.text(*s).starts_with("builtins.")) {
                return TypeId::UNKNOWN;
            }
            return ty;
        }
        self.global_type(target, name)
    }

    pub(super) fn captured_type(&mut self, owner: FuncId, name: Sym) -> TypeId {
        let code = self.code;
        self.infer(owner);
        let function = code.func(owner);
        let mut joined = TypeId::UNKNOWN;
        if let Some(i) = function.params.iter().position(|p| p.name == name) {
            joined = self.param_type(owner, u16::try_from(i).unwrap_or(u16::MAX));
        }
        for (i, op) in function.body.ops.iter().enumerate() {
            if let OpKind::Bind { name: bound, .. } = op.kind
                && bound == name
            {
                let ty = self.value(owner, ValueId(u32::try_from(i).unwrap_or(u32::MAX)));
                joined = self.join(joined, ty);
            }
        }
        joined
    }
}
