//! `relationship(...)` of SQLAlchemy: target, kind, loading, the other side.

use super::code::{ClassId, FuncId};
use super::infer::Engine;
use super::orm::{Relation, RelationKind};
use super::types::Type;
use crate::model::{Arg, ArgKind, Const, Field, OpKind};

impl Engine<'_> {
    pub(super) fn read_relationship(&mut self, class: ClassId, scope: FuncId, field: &Field, args: &[Arg]) {
        let stated = field.annotation.map(|a| self.annotation_type(scope, a));
        let mut many = None;
        let mut target = None;
        if let Some(stated) = stated {
            let inner = match *self.types.get(stated) {
                Type::List(inner) | Type::Set(inner) | Type::Dict(_, inner) => {
                    many = Some(true);
                    inner
                }
                Type::Union(_) => {
                    many = Some(false);
                    self.types.without_none(stated)
                }
                _ => stated,
            };
            if let Type::Inst(class, _) = *self.types.get(inner) {
                target = Some(class);
                many = many.or(Some(false));
            }
        }
        let positional = args.iter().find(|a| a.kind == ArgKind::Positional).map(|a| a.value);
        if target.is_none()
            && let Some(v) = positional
        {
            target = self.related_model(class, scope, v);
        }
        let lazy = self.named(args, "lazy").map(|a| a.value).and_then(|v| self.text_of(scope, v)).map(str::to_owned);
        let uselist = match self.named(args, "uselist").and_then(|a| self.code.op(scope, a.value)).map(|op| &op.kind) {
            Some(OpKind::Const(Const::Bool(b))) => Some(*b),
            _ => None,
        };
        let many = uselist.or(many).unwrap_or_else(|| {
            // Without an annotation: a foreign key to the target on this side means one.
            let name = self.names.text(field.name);
            name.ends_with('s') && !name.ends_with("ss") && !name.ends_with("us")
        });
        let eager = matches!(lazy.as_deref(), Some("joined" | "selectin" | "subquery" | "immediate"));
        let never_lazy =
            matches!(lazy.as_deref(), Some("raise" | "raise_on_sql" | "noload" | "dynamic" | "write_only"));
        let kind = match lazy.as_deref() {
            Some("dynamic") => RelationKind::ToManyQuery,
            _ if many => RelationKind::ToManyList,
            _ => RelationKind::ToOne,
        };
        let backref = self.named(args, "backref").map(|a| a.value);
        let inverse =
            match self.named(args, "back_populates").and_then(|a| self.code.op(scope, a.value)).map(|op| &op.kind) {
                Some(OpKind::Const(Const::Str(name))) if many => Some(*name),
                _ => None,
            };
        self.add_relation(class, field.name, Relation { target, kind, eager, reverse: false, never_lazy, inverse });
        if let (Some(target), Some(backref)) = (target, backref) {
            let (name, lazy) = match self.code.op(scope, backref).map(|op| &op.kind) {
                Some(OpKind::Call { args, .. }) => {
                    let lazy = self.named(args, "lazy").and_then(|a| self.text_of(scope, a.value));
                    (args.first().and_then(|a| self.text_of(scope, a.value)), lazy)
                }
                _ => (self.text_of(scope, backref), None),
            };
            let dynamic = lazy == Some("dynamic");
            if let Some(name) = name.map(str::to_owned) {
                let sym = self.names.intern(&name);
                let kind = match many {
                    _ if dynamic => RelationKind::ToManyQuery,
                    true => RelationKind::ToOne,
                    false => RelationKind::ToManyList,
                };
                let inverse = (!many || dynamic).then_some(field.name);
                self.add_relation(
                    target,
                    sym,
                    Relation { target: Some(class), kind, eager: false, reverse: true, never_lazy: false, inverse },
                );
            }
        }
    }
}
