//! Argument types seen at call sites, for parameters without annotation.

#![expect(clippy::disallowed_methods, reason = "busy in every audit")]

use super::code::{Code, FuncId};
use super::infer::Engine;
use super::types::{Type, TypeId};
use crate::model::{Arg, ArgKind, Grouped, OpKind, ValueId};
use rustc_hash::FxHashMap;

/// Calls of project functions, function by function: a look after the first one reads no other op.
#[derive(Debug, Default)]
pub(super) struct Calls {
    of: Vec<Vec<Call>>,
    /// Functions whose calls are not known, or were inferred again since.
    stale: Vec<FuncId>,
}

/// A call of a project function.
#[derive(Clone, Copy, Debug)]
struct Call {
    op: ValueId,
    callee: FuncId,
    /// Parameters that no argument is for: `self`.
    skip: u8,
}

impl Calls {
    /// Nothing is known yet.
    pub fn new(code: &Code) -> Self {
        Self { of: vec![Vec::new(); code.func_count()], stale: code.func_ids().collect() }
    }

    /// What these functions call may be another function now.
    pub fn forget(&mut self, functions: &[FuncId]) {
        self.stale.extend_from_slice(functions);
    }
}

impl Engine<'_> {
    /// Joins argument types over all call sites into parameters without annotation; the functions
    /// that learn something are returned, with the callers of all functions.
    pub(super) fn observe_arguments(&mut self, calls: &mut Calls) -> (Vec<FuncId>, Grouped<FuncId>) {
        let code = self.code;
        calls.stale.sort_unstable();
        calls.stale.dedup();
        for f in std::mem::take(&mut calls.stale) {
            let known = self.project_calls(f);
            if let Some(slot) = calls.of.get_mut(f.0 as usize) {
                *slot = known;
            }
        }
        let mut seen: FxHashMap<(FuncId, u16), Option<TypeId>> = FxHashMap::default();
        let callers = Grouped::of(code.func_count(), FuncId(0), |put| {
            for (f, calls) in code.func_ids().zip(&calls.of) {
                calls.iter().for_each(|call| put(call.callee.0, f));
            }
        });
        for (f, calls) in code.func_ids().zip(&calls.of) {
            for Call { op, callee, skip } in calls {
                if let Some(OpKind::Call { args, .. }) = code.op(f, *op).map(|op| &op.kind) {
                    self.observe_call(f, *callee, usize::from(*skip), args, &mut seen);
                }
            }
        }
        let mut changed: Vec<FuncId> = Vec::new();
        for ((g, i), ty) in seen {
            let Some(ty) = ty else { continue };
            if self.param_type(g, i).is_unknown() {
                self.learn(g, i, ty);
                changed.push(g);
            }
        }
        changed.sort_unstable();
        changed.dedup();
        (changed, callers)
    }

    /// Notes what a parameter is given.
    pub(super) fn learn(&mut self, g: FuncId, i: u16, ty: TypeId) {
        self.observed.insert((g, i), ty);
        self.params.remove(&(g, i));
    }

    fn project_calls(&mut self, f: FuncId) -> Vec<Call> {
        let code = self.code;
        let mut out = Vec::new();
        for &op in code.calls_in(f) {
            let Some(OpKind::Call { callee, .. }) = code.op(f, op).map(|op| &op.kind) else { continue };
            let callee_ty = self.value(f, *callee);
            for member in self.types.members(callee_ty) {
                let (g, skip) = match *self.types.get(member) {
                    Type::Func(g) => (g, 0),
                    Type::Bound(g, _) => (g, u8::from(!self.has_decorator(g, "builtins.staticmethod"))),
                    Type::ClassObj(class) => {
                        let init = self.names.intern("__init__");
                        match self.method(class, init) {
                            Some(g) => (g, 1),
                            None => continue,
                        }
                    }
                    _ => continue,
                };
                out.push(Call { op, callee: g, skip });
            }
        }
        out
    }

    fn observe_call(
        &mut self,
        f: FuncId,
        g: FuncId,
        skip: usize,
        args: &[Arg],
        seen: &mut FxHashMap<(FuncId, u16), Option<TypeId>>,
    ) {
        let params = &self.code.func(g).params;
        for (i, arg) in args.iter().enumerate() {
            let slot = match arg.kind {
                ArgKind::Positional => i + skip,
                ArgKind::Named(name) => match params.iter().position(|p| p.name == name) {
                    Some(slot) => slot,
                    None => continue,
                },
                _ => break,
            };
            let Some(param) = params.get(slot) else { continue };
            if param.annotation.is_some() {
                continue;
            }
            let ty = self.value(f, arg.value);
            if ty.is_unknown() || ty == TypeId::NONE {
                continue;
            }
            let key = (g, u16::try_from(slot).unwrap_or(u16::MAX));
            match seen.get(&key) {
                None => {
                    seen.insert(key, Some(ty));
                }
                Some(None) => {}
                Some(Some(known)) => {
                    let known = *known;
                    let joined = self.types.join(known, ty);
                    seen.insert(key, (!joined.is_unknown()).then_some(joined));
                }
            }
        }
    }
}
