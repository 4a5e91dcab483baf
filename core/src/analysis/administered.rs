//! Django's admin: which model an admin class is registered for, so what its column functions are given.

use super::code::{ClassId, FuncId, MethodCall};
use super::infer::Engine;
use super::types::{Type, TypeId};
use crate::model::{FunctionKind, OpKind, Sym};
use rustc_hash::FxHashMap;

impl Engine<'_> {
    /// The models of `admin.site.register(Order, OrderAdmin)`, by admin class.
    fn registrations(&mut self) -> FxHashMap<ClassId, TypeId> {
        let code = self.code;
        let mut out = FxHashMap::default();
        let Some(register) = self.names.get("register") else { return out };
        for MethodCall { func: f, args, .. } in code.method_calls(register) {
            let [model, shows, ..] = args else { continue };
            if code.func(f).kind != FunctionKind::TopLevel {
                continue;
            }
            let shows = self.ref_type(f, shows.value);
            if let Type::ClassObj(class) = *self.types.get(shows) {
                let model = self.ref_type(f, model.value);
                out.insert(class, model);
            }
        }
        out
    }

    /// The row that a method of `@admin.register(Order)` is given to show a column of it.
    pub(super) fn administered_row(&mut self, f: FuncId) -> TypeId {
        let code = self.code;
        let Some(class) = code.class_of(f) else { return TypeId::UNKNOWN };
        let shows = |engine: &Self| {
            code.func(f).params.len() == 2
                && matches!(
                    engine.names.text(code.func(f).params.get(1).map_or(Sym(0), |p| p.name)),
                    "obj" | "instance"
                )
        };
        let owned = code.class(class);
        let top = code.func_id(code.module_of_class(class), crate::model::FnIdx(0));
        for decorator in &owned.decorators {
            let Some(OpKind::Call { args, callee }) = code.op(top, decorator.value).map(|op| &op.kind) else {
                continue;
            };
            let registers = matches!(code.op(top, *callee).map(|op| &op.kind), Some(OpKind::Attr { name, .. } | OpKind::Global(name))
                if self.names.text(*name) == "register");
            if registers
                && shows(self)
                && let Some(model) = args.first()
            {
                let ty = self.ref_type(top, model.value);
                return self.instance_of(ty);
            }
        }
        if !shows(self) || self.names.get("list_display").is_none() {
            return TypeId::UNKNOWN;
        }
        if self.registered.is_none() {
            self.registered = Some(self.registrations());
        }
        match self.registered.as_ref().and_then(|models| models.get(&class).copied()) {
            Some(model) => self.instance_of(model),
            None => TypeId::UNKNOWN,
        }
    }
}
