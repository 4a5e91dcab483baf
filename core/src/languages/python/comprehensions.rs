//! Comprehensions and generator expressions: nested loop regions with a scope of their own.

use super::lower::Lowerer;
use super::names::{Binding, NameId};
use crate::model::{CollectionKind, LoopKind, OpKind, RegionKind, ValueId};
use ruff_python_ast::{Comprehension, Expr};
use ruff_text_size::{Ranged, TextRange};
use thin_vec::thin_vec;

impl Lowerer<'_, '_> {
    /// Lowers a comprehension; `kind` is `None` for a generator expression.
    pub fn comprehension(
        &mut self,
        kind: Option<CollectionKind>,
        key: Option<&Expr>,
        element: &Expr,
        generators: &[Comprehension],
        range: TextRange,
    ) -> ValueId {
        let span = self.span(range);
        // The first iterable belongs to the enclosing scope.
        let mut iter = generators.first().map(|g| self.expr(&g.iter));
        let mut fork = self.f.fork();
        let mut hidden = Vec::new();
        for generator in generators {
            self.declare_elements(&generator.target, &mut hidden);
        }
        let mut region = None;
        for generator in generators {
            let over = match iter.take() {
                Some(first) => first,
                None => self.expr(&generator.iter),
            };
            let loop_kind = match (kind, generator.is_async) {
                (_, true) => LoopKind::AsyncFor,
                (Some(_), _) => LoopKind::Comprehension,
                (None, _) => LoopKind::Generator,
            };
            let opened = self.f.open(RegionKind::Loop { kind: loop_kind, iter: Some(over) }, span);
            region.get_or_insert(opened);
            let next = self.emit(OpKind::Element(over), generator.target.range());
            self.assign(&generator.target, next);
            for test in &generator.ifs {
                self.condition(test);
            }
        }
        let key = key.map(|k| self.expr(k));
        let element = self.expr(element);
        for _ in generators {
            self.f.close();
        }
        while let Some((name, binding)) = hidden.pop() {
            self.names.rebind(name, binding);
        }
        // The loop may run zero times: what `:=` bound inside may keep its value from before.
        self.f.end_arm(&mut fork);
        self.f.skip_arms(&mut fork);
        if self.walrus.is_some() {
            self.f.join(fork, span);
        } else {
            self.f.abandon(fork);
        }
        match region {
            Some(region) => self.emit(OpKind::Comprehension { kind, region, element, key: key.into() }, range),
            None => self.emit(OpKind::Other(thin_vec![element]), range),
        }
    }

    fn declare_elements(&mut self, target: &Expr, hidden: &mut Vec<(NameId, Binding)>) {
        match target {
            Expr::Name(name) => {
                let id = self.names.id(name.range, name.id.as_str());
                let owner = self.f.index;
                if hidden.iter().any(|(h, _)| *h == id) {
                    return;
                }
                let slot = self.f.new_slot();
                hidden.push((id, self.names.rebind(id, Binding::Element { owner, slot })));
            }
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|t| self.declare_elements(t, hidden)),
            Expr::List(list) => list.elts.iter().for_each(|t| self.declare_elements(t, hidden)),
            Expr::Starred(starred) => self.declare_elements(&starred.value, hidden),
            _ => {}
        }
    }
}
