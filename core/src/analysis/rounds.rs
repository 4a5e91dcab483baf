//! The order of inference: every function once, then in waves what call sites explain. A wave is what
//! learned something; the next one is what reads it: callers, readers of attributes and of globals,
//! functions inside.

#![expect(clippy::disallowed_methods, reason = "busy in every audit")]

use super::code::{ClassId, FuncId, ModuleId};
use super::contents::Holds;
use super::infer::{Engine, State};
use super::observe::Calls;
use super::queries::QueryId;
use super::types::{Type, TypeId};
use crate::model::{FnIdx, Grouped, OpKind, Sym, ValueId};
use rustc_hash::{FxHashMap, FxHashSet};

/// How often arguments are looked at again.
const ROUNDS: usize = 3;

/// How many waves follow one look.
const WAVES: usize = 4;

/// Who reads what and where, by name.
#[derive(Debug, Default)]
struct Readers {
    attributes: FxHashMap<Sym, Vec<(FuncId, ValueId)>>,
    globals: FxHashMap<Sym, Vec<(FuncId, ValueId)>>,
    inside: FxHashMap<FuncId, Vec<FuncId>>,
    /// What each function stores in attributes of its class.
    stores: FxHashMap<FuncId, Vec<Stored>>,
}

/// What is stored under an attribute of a class.
type Stored = ((ClassId, Sym), ValueId);

/// What a wave may change for others.
#[derive(Debug, Default)]
struct Before {
    returns: Vec<Option<TypeId>>,
    attributes: Vec<((ClassId, Sym), TypeId)>,
    globals: Vec<((ModuleId, Sym), TypeId)>,
}

impl Engine<'_> {
    /// Infers every function, then again whatever learns something from that.
    pub fn run(&mut self) {
        for f in self.code.func_ids() {
            self.infer(f);
        }
        let mut readers = None;
        let mut calls = Calls::new(self.code);
        for _ in 0..ROUNDS {
            let (mut wave, callers) = self.observe_arguments(&mut calls);
            if wave.is_empty() {
                break;
            }
            let readers = readers.get_or_insert_with(|| self.readers());
            for _ in 0..WAVES {
                let inside: Vec<FuncId> = wave.iter().flat_map(|f| readers.inside.get(f)).flatten().copied().collect();
                wave.extend(inside);
                wave.sort_unstable();
                wave.dedup();
                if wave.is_empty() {
                    break;
                }
                let before = self.before(&wave, readers);
                self.infer_again(&wave);
                calls.forget(&wave);
                wave = self.affected(&wave, &before, &callers, readers);
            }
        }
        self.join_templates();
    }

    pub(super) fn infer_again(&mut self, functions: &[FuncId]) {
        for f in functions {
            self.set_state(*f, State::New);
            if let Some(values) = self.values.get_mut(f.0 as usize) {
                values.clear();
            }
            if let Some(slot) = self.returns.get_mut(f.0 as usize) {
                *slot = None;
            }
        }
        self.attrs.clear();
        for f in functions {
            self.infer(*f);
        }
    }

    fn readers(&self) -> Readers {
        let code = self.code;
        let stored: FxHashSet<Sym> = self.stores.keys().map(|(_, name)| *name).collect();
        let mut out = Readers::default();
        for (key, places) in &self.stores {
            for (f, v) in places {
                out.stores.entry(*f).or_default().push((*key, *v));
            }
        }
        for f in code.func_ids() {
            let body = code.body(f);
            // What is known already learns nothing from a name.
            for &v in code.attributes_in(f) {
                if let Some(OpKind::Attr { name, .. }) = body.op(v).map(|op| &op.kind)
                    && stored.contains(name)
                    && self.value(f, v).is_unknown()
                {
                    out.attributes.entry(*name).or_default().push((f, v));
                }
            }
            for &v in code.globals_in(f) {
                if self.value(f, v).is_unknown()
                    && let Some(OpKind::Global(name)) = body.op(v).map(|op| &op.kind)
                {
                    out.globals.entry(*name).or_default().push((f, v));
                }
            }
            let parent = code.parent(f);
            if code.holds(f, Holds::CAPTURED) && parent != f {
                out.inside.entry(parent).or_default().push(f);
            }
        }
        out
    }

    /// What the functions of a wave give to others, as it stands.
    fn before(&mut self, wave: &[FuncId], readers: &Readers) -> Before {
        let code = self.code;
        let mut out = Before {
            returns: wave.iter().map(|f| self.returns.get(f.0 as usize).copied().flatten()).collect(),
            ..Before::default()
        };
        let again: FxHashSet<FuncId> = wave.iter().copied().collect();
        let mut keys: Vec<(ClassId, Sym)> = wave
            .iter()
            .flat_map(|f| readers.stores.get(f).into_iter().flatten().map(|(key, v)| (*f, key, *v)))
            .filter(|(f, _, v)| self.value(*f, *v).is_unknown())
            .map(|(_, key, _)| *key)
            .collect();
        keys.sort_unstable();
        keys.dedup();
        for (class, name) in keys {
            let ty = self.stored_attribute(class, name);
            if ty.is_unknown() {
                out.attributes.push(((class, name), ty));
            }
        }
        for m in code.module_ids().filter(|m| again.contains(&code.func_id(*m, FnIdx(0)))) {
            // Asked for again, from the top level as it will be.
            let Some(names) = self.globals.get_mut(m.0 as usize).map(std::mem::take) else { continue };
            let mut names: Vec<(Sym, TypeId)> = names.into_iter().collect();
            names.sort_unstable();
            out.globals.extend(names.into_iter().map(|(name, ty)| ((m, name), ty)));
        }
        out
    }

    fn stored_attribute(&mut self, class: ClassId, name: Sym) -> TypeId {
        let owner = self.types.add(Type::Inst(class, QueryId::NONE));
        self.attr_type(owner, name)
    }

    fn affected(
        &mut self,
        wave: &[FuncId],
        before: &Before,
        callers: &Grouped<FuncId>,
        readers: &Readers,
    ) -> Vec<FuncId> {
        let mut out: Vec<FuncId> = Vec::new();
        for (f, before) in wave.iter().zip(&before.returns) {
            if before.is_none_or(TypeId::is_unknown) || Some(self.return_type(*f)) != *before {
                out.extend(callers.get(f.0));
            }
        }
        for ((class, name), before) in &before.attributes {
            if before.is_unknown() && !self.stored_attribute(*class, *name).is_unknown() {
                let open = readers.attributes.get(name).into_iter().flatten();
                out.extend(open.filter(|(f, v)| self.value(*f, *v).is_unknown()).map(|(f, _)| *f));
            }
        }
        for ((m, name), before) in &before.globals {
            if before.is_unknown() && !self.global_type(*m, *name).is_unknown() {
                let open = readers.globals.get(name).into_iter().flatten();
                out.extend(open.filter(|(f, v)| self.value(*f, *v).is_unknown()).map(|(f, _)| *f));
            }
        }
        out.sort_unstable();
        out.dedup();
        out
    }
}
