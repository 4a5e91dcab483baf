//! Where values go within a body: aliases, uses, origins; and what functions do with parameters.

#![expect(clippy::disallowed_methods, reason = "busy in every audit")]

use super::code::{Code, FuncId};
use crate::model::{Body, Grouped, LoopKind, OpKind, RegionKind, Sym, ValueId};

/// Uses of one value and its aliases.
#[derive(Clone, Debug, Default)]
pub struct Uses {
    /// The value, what it is bound to, and what merges with it.
    pub aliases: Vec<ValueId>,
    /// Ops that use any alias, in order, alias-making ops left out.
    pub ops: Vec<ValueId>,
}

/// No op.
const NOBODY: ValueId = ValueId(u32::MAX);

/// Value flow of one body.
#[derive(Debug)]
pub struct Flow<'a> {
    body: &'a Body,
    users: Grouped<ValueId>,
}

impl<'a> Flow<'a> {
    /// Indexes the uses of all values of `f`.
    #[must_use]
    pub fn new(code: &'a Code, f: FuncId) -> Self {
        let body = code.body(f);
        let users = Grouped::of(body.ops.len(), NOBODY, |put| {
            for (user, op) in (0..).map(ValueId).zip(&body.ops) {
                op.kind.operands(|v| put(v.0, user));
            }
        });
        Self { body, users }
    }

    /// Ops that use `v` directly.
    pub fn users(&self, v: ValueId) -> impl Iterator<Item = ValueId> + '_ {
        // Who uses it twice stands there twice in a row.
        let mut last = NOBODY;
        self.users.get(v.0).iter().copied().filter(move |user| std::mem::replace(&mut last, *user) != *user)
    }

    /// Likewise, without the elements that a builtin applies its function to: `sorted(v, key=lambda x: …)` is one use.
    pub fn users_but_applied(&self, v: ValueId) -> impl Iterator<Item = ValueId> + '_ {
        self.users(v).filter(|user| !is_applied(self.body, *user))
    }

    /// Follows `v` through bindings, merges, awaits and `with` targets.
    #[must_use]
    pub fn uses(&self, v: ValueId) -> Uses {
        let mut aliases = vec![v];
        let mut ops = Vec::new();
        let mut next = 0;
        while let Some(alias) = aliases.get(next).copied() {
            next += 1;
            for user in self.users(alias) {
                let Some(op) = self.body.op(user) else { continue };
                let passes = match &op.kind {
                    OpKind::Bind { .. } | OpKind::Phi(_) | OpKind::Await(_) | OpKind::Enter { .. } => true,
                    OpKind::Annotated { value, .. } => *value == Some(alias),
                    OpKind::Binary { op, .. } => {
                        matches!(op, crate::model::BinaryOp::LogicalOr | crate::model::BinaryOp::LogicalAnd)
                    }
                    _ => false,
                };
                if passes {
                    if !aliases.contains(&user) && aliases.len() < 256 {
                        aliases.push(user);
                    }
                    // Entering is a use as well.
                    if matches!(op.kind, OpKind::Enter { .. }) {
                        ops.push(user);
                    }
                } else {
                    ops.push(user);
                }
            }
        }
        ops.sort_unstable();
        ops.dedup();
        Uses { aliases, ops }
    }
}

/// Whether an element is one that a builtin applies its function to, whatever the call gives.
fn is_applied(body: &Body, element: ValueId) -> bool {
    body.regions.iter().any(|region| {
        let eager = matches!(region.kind, RegionKind::Loop { kind: LoopKind::Comprehension, .. });
        let result = || body.op(ValueId(region.end)).map(|op| &op.kind);
        eager && region.start == element.0 && matches!(result(), Some(OpKind::Comprehension { kind: None, .. }))
    })
}

/// Follows a value back through bindings to where it was made.
#[must_use]
pub fn source_of(body: &Body, v: ValueId) -> ValueId {
    let mut at = v;
    for _ in 0..32 {
        at = match body.op(at).map(|op| &op.kind) {
            Some(OpKind::Bind { value, .. } | OpKind::BindOuter { value, .. } | OpKind::Await(value)) => *value,
            Some(OpKind::Annotated { value: Some(value), .. }) => *value,
            Some(OpKind::Phi(entries)) => {
                let mut sources = entries.iter().filter(|e| {
                    !matches!(
                        body.op(**e).map(|op| &op.kind),
                        Some(OpKind::Const(crate::model::Const::None) | OpKind::Other(_))
                    ) && e.0 < at.0
                });
                match (sources.next(), sources.next()) {
                    (Some(one), None) => *one,
                    _ => return at,
                }
            }
            _ => return at,
        };
    }
    at
}

/// The root of an attribute chain and the attributes from it: `order.customer.name` ->
/// (`order`, [customer, name]).
#[must_use]
pub fn chain_of(body: &Body, v: ValueId) -> (ValueId, Vec<Sym>) {
    let mut path = Vec::new();
    let mut at = source_of(body, v);
    for _ in 0..16 {
        let Some(OpKind::Attr { base, name }) = body.op(at).map(|op| &op.kind) else { break };
        path.push(*name);
        at = source_of(body, *base);
    }
    path.reverse();
    (at, path)
}
