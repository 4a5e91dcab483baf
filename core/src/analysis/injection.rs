//! Dependency injection and names across files, as checks need them after linking: what provides a
//! parameter, and where an imported constant is bound.

use super::code::{ClassId, FuncId, ModuleId, Symbol};
use super::flow::source_of;
use super::infer::Engine;
use super::project::Project;
use super::types::Type;
use crate::model::{ArgKind, CollectionKind, Const, FnIdx, ImportKind, OpKind, ParamKind, Sym, ValueId};
use rustc_hash::{FxHashMap, FxHashSet};

/// What `Depends(…)` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// A function of the project.
    Func(FuncId),
    /// A class of the project.
    Class(ClassId),
    /// Something that did not resolve.
    Unknown,
}

/// What provides a parameter, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Provided {
    /// What is called.
    pub by: Provider,
    /// `Depends(…, scope="function")`: its exit code runs before the response is sent.
    pub ends_before_response: bool,
}

/// Imported names that are bound by another module of the project.
pub(crate) type Links = FxHashMap<(ModuleId, Sym), (ModuleId, Sym)>;

impl Engine<'_> {
    /// Where imported names are bound.
    pub(crate) fn links(&mut self) -> Links {
        let code = self.code;
        let mut links = Links::default();
        for m in code.module_ids() {
            for import in code.module(m).map_or(&[][..], |module| module.imports.as_slice()) {
                let ImportKind::Member { module, level, name } = &import.kind else { continue };
                if let Some(target) = self.find_module(m, *level, *module)
                    && code.symbols.get(target.0 as usize).is_some_and(|table| table.contains_key(name))
                    && (target, *name) != (m, import.local)
                {
                    links.insert((m, import.local), (target, *name));
                }
            }
        }
        links
    }
}

/// Depth of nested providers and of re-exports that is followed.
const DEPTH: u32 = 6;

impl Project {
    /// Values of a global name as seen from `f`, in the module (its top level) that binds it.
    #[must_use]
    pub fn global_source(&self, f: FuncId, name: Sym) -> Option<(FuncId, Vec<ValueId>)> {
        self.bound_in(self.code().module_of(f), name)
    }

    pub(super) fn bound_in(&self, m: ModuleId, name: Sym) -> Option<(FuncId, Vec<ValueId>)> {
        let (mut m, mut name) = (m, name);
        for _ in 0..DEPTH {
            if let Some(Symbol::Values(values)) = self.code().symbols.get(m.0 as usize)?.get(&name) {
                return Some((self.code().func_id(m, FnIdx(0)), values.clone()));
            }
            (m, name) = *self.links().get(&(m, name))?;
        }
        None
    }

    /// The values of a global that is read by its name or as attribute of its module.
    pub(super) fn bindings(&self, f: FuncId, v: ValueId) -> Option<(FuncId, Vec<ValueId>)> {
        match self.code().op(f, v).map(|op| &op.kind)? {
            OpKind::Global(name) => self.global_source(f, *name),
            OpKind::Attr { base, name } => match self.ty(f, *base) {
                Type::Module(m) => self.bound_in(*m, *name),
                _ => None,
            },
            _ => None,
        }
    }

    /// Follows a value to where it is made, through globals of other files: the function and value.
    #[must_use]
    pub fn origin(&self, f: FuncId, v: ValueId) -> (FuncId, ValueId) {
        let (mut f, mut v) = (f, source_of(self.code().body(f), v));
        for _ in 0..DEPTH {
            match self.bindings(f, v) {
                Some((top, values)) if values.len() == 1 => {
                    f = top;
                    v = values.first().map_or(v, |first| source_of(self.code().body(top), *first));
                }
                _ => break,
            }
        }
        (f, v)
    }

    /// What provides parameter `i` of `f` by injection, if anything does.
    #[must_use]
    pub fn provider(&self, f: FuncId, i: usize) -> Option<Provider> {
        self.provided(f, i).map(|provided| provided.by)
    }

    /// Likewise, with how long what it gives lives.
    #[must_use]
    pub fn provided(&self, f: FuncId, i: usize) -> Option<Provided> {
        let param = self.code().func(f).params.get(i)?;
        if !matches!(param.kind, ParamKind::Normal | ParamKind::NamedOnly | ParamKind::PositionalOnly) {
            return None;
        }
        let parent = self.code().parent(f);
        let stated = param.default.and_then(|v| self.named_provider(parent, v));
        stated.or_else(|| param.annotation.and_then(|v| self.annotated_provider(parent, v, 0)))
    }

    fn annotated_provider(&self, f: FuncId, v: ValueId, depth: u32) -> Option<Provided> {
        if depth > DEPTH {
            return None;
        }
        let (f, v) = self.origin(f, v);
        match &self.code().op(f, v)?.kind {
            OpKind::Item { index, .. } => {
                let OpKind::Collection { kind: CollectionKind::Tuple, items } = &self.code().op(f, *index)?.kind else {
                    return None;
                };
                let extra = items.iter().skip(1).find_map(|item| self.named_provider(f, *item));
                extra.or_else(|| self.annotated_provider(f, *items.first()?, depth + 1))
            }
            _ => None,
        }
    }

    /// The provider that `Depends(provider)` names.
    fn named_provider(&self, f: FuncId, v: ValueId) -> Option<Provided> {
        let (f, v) = self.origin(f, v);
        let OpKind::Call { callee, args } = &self.code().op(f, v)?.kind else { return None };
        let Type::LibRef(name) = self.ty(f, *callee) else { return None };
        let short = self.text(*name).rsplit('.').next()?;
        if !matches!(short, "Depends" | "Security" | "Provide" | "FromDishka" | "Inject") {
            return None;
        }
        let arg = args.iter().find(|arg| match arg.kind {
            ArgKind::Positional => true,
            ArgKind::Named(name) => self.text(name) == "dependency",
            _ => false,
        });
        let by = match arg.map(|arg| self.ty(f, arg.value)) {
            Some(Type::Func(g) | Type::Bound(g, _)) => Provider::Func(*g),
            Some(Type::ClassObj(class)) => Provider::Class(*class),
            _ => Provider::Unknown,
        };
        let ends_before_response = args.iter().any(|arg| match arg.kind {
            ArgKind::Named(name) if self.text(name) == "scope" => {
                matches!(self.code().op(f, arg.value).map(|op| &op.kind),
                    Some(OpKind::Const(Const::Str(scope))) if self.text(*scope) == "function")
            }
            _ => false,
        });
        Some(Provided { by, ends_before_response })
    }

    /// Functions that injection calls.
    #[must_use]
    pub fn providers(&self) -> &FxHashSet<FuncId> {
        self.lazy().providers.get_or_init(|| {
            let mut found = FxHashSet::default();
            for f in self.code().func_ids() {
                for i in 0..self.code().func(f).params.len() {
                    if let Some(Provider::Func(g)) = self.provider(f, i) {
                        found.insert(g);
                    }
                }
            }
            found
        })
    }
}
