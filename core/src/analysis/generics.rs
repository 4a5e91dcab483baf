//! Classes that a subclass names for a type variable: `class OrderCrud(Crud[Order])` says what `self.model` is where
//! the constructor of `Crud` keeps a parameter annotated `type[ModelT]`.

use super::classes::Base;
use super::code::{ClassId, FuncId};
use super::infer::Engine;
use super::types::{Type, TypeId};
use crate::model::{CollectionKind, OpKind, Sym, ValueId};

impl Engine<'_> {
    /// What a class kept under `name` is for `class`, when a base keeps there what a type variable stands for.
    pub(super) fn named_for_variable(&mut self, class: ClassId, name: Sym) -> Option<TypeId> {
        let mro = self.class_info(class).mro.clone();
        let owner = mro.iter().skip(1).find_map(|base| match *base {
            Base::Project(ancestor) => {
                let (f, value) = *self.stores.get(&(ancestor, name))?.first()?;
                Some((ancestor, self.kept_variable(f, value)?))
            }
            _ => None,
        });
        let (owner, variable) = owner?;
        let position = self.position_of(owner, variable);
        mro.iter().find_map(|base| match *base {
            Base::Project(heir) => self.argument_of(heir, owner, position),
            _ => None,
        })
    }

    /// The variable of `model: type[ModelT]` when the value is that parameter.
    fn kept_variable(&self, f: FuncId, value: ValueId) -> Option<Sym> {
        let OpKind::Param(i) = self.code.op(f, value)?.kind else { return None };
        let annotation = self.code.func(f).params.get(usize::from(i))?.annotation?;
        let parent = self.code.parent(f);
        let OpKind::Item { base, index } = self.code.op(parent, annotation)?.kind else { return None };
        let of = self.spelled(parent, base)?;
        matches!(self.names.text(of), "type" | "Type").then(|| self.spelled(parent, index)).flatten()
    }

    /// The place of a variable among those of a class: `Generic[ModelT, CreateT]`.
    fn position_of(&self, class: ClassId, variable: Sym) -> usize {
        let (scope, bases) = self.bases_of(class);
        bases
            .iter()
            .filter_map(|base| self.arguments_in(scope, *base))
            .find_map(|(_, arguments)| arguments.iter().position(|v| self.spelled(scope, *v) == Some(variable)))
            .unwrap_or(0)
    }

    /// The class that `heir` names for a variable of `owner` among its bases.
    fn argument_of(&mut self, heir: ClassId, owner: ClassId, position: usize) -> Option<TypeId> {
        let (scope, bases) = self.bases_of(heir);
        let named: Vec<(ValueId, Vec<ValueId>)> =
            bases.iter().filter_map(|base| self.arguments_in(scope, *base)).collect();
        for (base, arguments) in named {
            let of = self.ref_type(scope, base);
            if *self.types.get(of) != Type::ClassObj(owner) {
                continue;
            }
            let ty = self.ref_type(scope, *arguments.get(position)?);
            return matches!(self.types.get(ty), Type::ClassObj(_)).then_some(ty);
        }
        None
    }

    fn bases_of(&self, class: ClassId) -> (FuncId, Vec<ValueId>) {
        let stated = self.code.class(class);
        (self.code.class_scope(class), stated.bases.clone())
    }

    /// `Base[A, B]`: the base and what stands in the brackets.
    fn arguments_in(&self, scope: FuncId, base: ValueId) -> Option<(ValueId, Vec<ValueId>)> {
        let OpKind::Item { base, index } = self.code.op(scope, base)?.kind else { return None };
        let arguments = match self.kind(scope, index) {
            Some(OpKind::Collection { kind: CollectionKind::Tuple, items }) => items.to_vec(),
            _ => vec![index],
        };
        Some((base, arguments))
    }

    /// The name that a value was read from; at a module's top level that is what was bound to it.
    fn spelled(&self, f: FuncId, v: ValueId) -> Option<Sym> {
        match self.kind(f, v)? {
            OpKind::Global(name) | OpKind::Bind { name, .. } | OpKind::Captured { name, .. } => Some(*name),
            _ => None,
        }
    }

    fn kind(&self, f: FuncId, v: ValueId) -> Option<&OpKind> {
        self.code.op(f, v).map(|op| &op.kind)
    }
}
