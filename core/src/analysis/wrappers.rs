//! What calling a decorated function runs besides the function: the wrapper that a decorator of the
//! project puts around it.

use super::calls::Target;
use super::code::FuncId;
use super::flow::source_of;
use super::infer::Engine;
use super::types::Type;
use crate::libraries::Place;
use crate::model::{Arg, Body, OpKind, ValueId};
use crate::order::InOrder as _;

impl Engine<'_> {
    /// Adds the wrappers of a decorated function to the targets of its calls. The answer is where the
    /// function itself runs when a wrapper moves it: an asynchronous wrapper around a synchronous
    /// function, or one that hands it to a thread.
    pub(super) fn add_wrappers(&mut self, g: FuncId, targets: &mut Vec<Target>) -> Option<Place> {
        let code = self.code;
        let function = code.func(g);
        let parent = code.parent(g);
        let mut place = None;
        for decorator in &function.decorators {
            let (value, called) = match code.op(parent, decorator.value).map(|op| &op.kind) {
                Some(OpKind::Call { callee, .. }) => (*callee, true),
                _ => (decorator.value, false),
            };
            // `@dispatch(aload)`: the asynchronous twin runs in asynchronous callers.
            if !function.is_async
                && let Some(OpKind::Call { args, .. }) = code.op(parent, decorator.value).map(|op| &op.kind)
                && args.iter().any(|arg| self.is_async_function(parent, arg.value))
            {
                place = Some(Place::Thread);
            }
            let ty = self.value(parent, value);
            let (Type::Func(d) | Type::Bound(d, _)) = *self.types.get(ty) else { continue };
            let mut wrappers = self.returned_functions(d);
            if called {
                let inner: Vec<FuncId> = wrappers.iter().flat_map(|w| self.returned_functions(*w)).collect();
                wrappers = if inner.is_empty() { wrappers } else { inner };
            }
            // `return async_wrapper if iscoroutinefunction(function) else wrapper`
            let alike = wrappers.iter().find(|w| code.func(**w).is_async == function.is_async);
            let Some(&wrapper) = alike.or(wrappers.first()) else { continue };
            if wrapper == g {
                continue;
            }
            if !function.is_async && (code.func(wrapper).is_async || self.hands_to_thread(wrapper)) {
                place = Some(Place::Thread);
            }
            targets.push(Target { func: wrapper, by_name: false });
        }
        place
    }

    fn is_async_function(&self, f: FuncId, v: ValueId) -> bool {
        let known = match *self.types.get(self.value(f, v)) {
            Type::Func(g) | Type::Bound(g, _) => Some(g),
            _ => match self.code.op(f, source_of(self.code.body(f), v)).map(|op| &op.kind) {
                Some(OpKind::Closure(inner)) => Some(self.code.func_id(self.code.module_of(f), *inner)),
                _ => None,
            },
        };
        known.is_some_and(|g| self.code.func(g).is_async)
    }

    /// The nested functions that a function returns, in order.
    pub(super) fn returned_functions(&self, f: FuncId) -> Vec<FuncId> {
        let code = self.code;
        let body = code.body(f);
        let mut work: Vec<(ValueId, u32)> = Vec::new();
        let mut out = Vec::new();
        for op in &body.ops {
            if let OpKind::Return(Some(v)) = op.kind {
                work.push((v, 0));
            }
        }
        while let Some((v, depth)) = work.pop() {
            match body.op(source_of(body, v)).map(|op| &op.kind) {
                Some(OpKind::Closure(inner)) => out.push(code.func_id(code.module_of(f), *inner)),
                Some(OpKind::Phi(entries)) if depth < 3 => work.extend(entries.iter().map(|e| (*e, depth + 1))),
                Some(OpKind::Call { callee, args }) if depth < 3 => {
                    let same = self.same_callable(body, *callee, args);
                    work.extend(same.map(|v| (v, depth + 1)));
                }
                _ => {}
            }
        }
        out.order();
        out.dedup();
        out
    }

    /// The argument that a call gives back as it is: `cast(F, wrapper)`, `update_wrapper(wrapper, f)`,
    /// `wraps(f)(wrapper)`.
    fn same_callable(&self, body: &Body, callee: ValueId, args: &[Arg]) -> Option<ValueId> {
        let at = match body.op(source_of(body, callee)).map(|op| &op.kind) {
            Some(OpKind::Global(name) | OpKind::Attr { name, .. }) => match self.names.text(*name) {
                "cast" => 1,
                "update_wrapper" => 0,
                _ => return None,
            },
            Some(OpKind::Call { .. }) if args.len() == 1 => 0,
            _ => return None,
        };
        args.get(at).map(|arg| arg.value)
    }

    fn hands_to_thread(&mut self, f: FuncId) -> bool {
        let code = self.code;
        let callees: Vec<ValueId> = code
            .body(f)
            .ops
            .iter()
            .filter_map(|op| match op.kind {
                OpKind::Call { callee, .. } => Some(callee),
                _ => None,
            })
            .collect();
        callees.into_iter().any(|callee| {
            self.row_of_callee(f, callee)
                .and_then(|row| row.runs)
                .is_some_and(|runs| matches!(runs.place, Place::Thread | Place::Process))
        })
    }
}
