//! Attributes that queries set on their rows, `Prefetch(…, to_attr="open_lines")` and `annotate(lines=…)`, and what
//! runs only where they have not: `if hasattr(self, "open_lines"): return self.open_lines`.

use super::code::FuncId;
use super::flow::source_of;
use super::project::Project;
use super::types::Type;
use crate::model::{ArgKind, BinaryOp, Const, OpKind, RegionKind, Sym, ValueId};
use rustc_hash::FxHashSet;

impl Project {
    /// Whether an op runs only where no query has set an attribute of the row that holds the answer.
    #[must_use]
    pub fn answered_by_query(&self, f: FuncId, op: ValueId) -> bool {
        let preset = self.preset();
        if preset.is_empty() {
            return false;
        }
        let body = self.code().body(f);
        body.regions.iter().any(|region| {
            let RegionKind::Arm { cond: Some(cond), negated } = region.kind else { return false };
            let inside = region.start <= op.0 && op.0 < region.end;
            let leaves = || matches!(body.last_in(region).map(|op| &op.kind), Some(OpKind::Return(_)));
            if !(inside || region.end <= op.0 && leaves()) {
                return false;
            }
            let Some((name, present)) = asked(self, f, cond, 0) else { return false };
            // Within the arm that runs without it, or behind the one that runs with it and leaves.
            let with_it = present != negated;
            with_it != inside && preset.contains(&name)
        })
    }

    /// The names that queries set.
    fn preset(&self) -> &FxHashSet<Sym> {
        self.lazy().preset.get_or_init(|| {
            let code = self.code();
            let (to_attr, annotates) = (self.sym("to_attr"), ["annotate", "alias"].map(|name| self.sym(name)));
            let mut out = FxHashSet::default();
            if to_attr.is_none() && annotates.iter().all(Option::is_none) {
                return out;
            }
            for f in code.func_ids() {
                let body = code.body(f);
                for call in code.calls_in(f) {
                    let Some(OpKind::Call { callee, args }) = body.op(*call).map(|op| &op.kind) else { continue };
                    let annotated = || {
                        matches!(body.op(*callee).map(|op| &op.kind), Some(OpKind::Attr { name, .. })
                            if annotates.contains(&Some(*name)))
                    };
                    for arg in args {
                        let ArgKind::Named(name) = arg.kind else { continue };
                        match body.op(source_of(body, arg.value)).map(|op| &op.kind) {
                            Some(OpKind::Const(Const::Str(set))) if Some(name) == to_attr => out.extend([*set]),
                            _ if annotated() => out.extend([name]),
                            _ => {}
                        }
                    }
                }
            }
            out
        })
    }
}

/// The attribute that a condition asks for, and whether the condition holds where it is there.
fn asked(project: &Project, f: FuncId, cond: ValueId, depth: u32) -> Option<(Sym, bool)> {
    if depth > 6 {
        return None;
    }
    let body = project.code().body(f);
    match &body.op(source_of(body, cond))?.kind {
        OpKind::Truth(inner) => asked(project, f, *inner, depth + 1),
        OpKind::Not(inner) => asked(project, f, *inner, depth + 1).map(|(name, present)| (name, !present)),
        OpKind::Binary { op: op @ (BinaryOp::Is | BinaryOp::IsNot), left, right } => {
            let none = matches!(body.op(*right).map(|op| &op.kind), Some(OpKind::Const(Const::None)));
            let (name, present) = asked(project, f, *left, depth + 1).filter(|_| none)?;
            Some((name, present == (*op == BinaryOp::IsNot)))
        }
        OpKind::Call { callee, args } => {
            let Some(OpKind::Global(function)) = body.op(*callee).map(|op| &op.kind) else { return None };
            let name = args.get(1).filter(|_| matches!(project.text(*function), "hasattr" | "getattr"))?;
            match body.op(source_of(body, name.value))?.kind {
                OpKind::Const(Const::Str(name)) => Some((name, true)),
                _ => None,
            }
        }
        // `getattr(row, "open_lines", None)` of what the model does not have.
        OpKind::Attr { base, name } if depth > 0 && !has(project, project.ty(f, *base), *name) => Some((*name, true)),
        _ => None,
    }
}

/// Whether rows of a model have an attribute of that name by themselves.
fn has(project: &Project, row: &Type, name: Sym) -> bool {
    let Type::Inst(class, _) = *row else { return false };
    project.column_named(class, name).is_some()
        || project.relation(class, name).is_some()
        || project.method(class, project.text(name)).is_some()
}
