//! Sessions across calls: what a callee's session is to its caller.

use super::Transactions;
use super::handles::{Handle, Root, handle_of, key_of};
use crate::analysis::calls::Site;
use crate::analysis::code::FuncId;
use crate::analysis::project::Project;
use crate::analysis::touches::argument;
use crate::analysis::types::Type;
use crate::model::{ArgKind, OpKind, Sym, ValueId};

/// The handle of a callee `g` that is called at `op`, as the caller `f` knows it.
pub(super) fn translate(project: &Project, f: FuncId, handle: &Handle, op: ValueId, g: FuncId) -> Option<Handle> {
    let code = project.code();
    let mut here = match &handle.root {
        Root::Param(i) => {
            let arg = argument(project, f, op, g, *i)?;
            match handle_of(project, f, arg) {
                Some((found, _)) if handle.path.is_empty() => found,
                // A decorator may shift arguments: only what may be a session is one.
                None if handle.path.is_empty() => untyped_session(project, f, arg, g, *i)?,
                _ => key_of(project, f, arg),
            }
        }
        Root::Captured(owner, name) => {
            if code.func_id(code.module_of(g), *owner) == f {
                let bound = code
                    .body(f)
                    .ops
                    .iter()
                    .rposition(|o| matches!(o.kind, OpKind::Bind { name: n, .. } if n == *name))?;
                key_of(project, f, ValueId(u32::try_from(bound).ok()?))
            } else {
                Handle { root: handle.root.clone(), path: Vec::new() }
            }
        }
        Root::Value(_) => return None,
        _ => Handle { root: handle.root.clone(), path: Vec::new() },
    };
    let mut path = handle.path.as_slice();
    if let Some((kept, rest)) = path.split_first()
        && let Some(given) = given_to_constructor(project, f, &here, *kept)
    {
        (here, path) = (given, rest);
    }
    here.path.extend(path.iter().copied());
    Some(here)
}

/// `run(Secrets(session=session))`: what the object keeps under a name is what its constructor was given by it.
fn given_to_constructor(project: &Project, f: FuncId, object: &Handle, kept: Sym) -> Option<Handle> {
    let (Root::Value(made), true) = (&object.root, object.path.is_empty()) else { return None };
    let OpKind::Call { callee, args } = &project.code().op(f, *made)?.kind else { return None };
    if !matches!(project.ty(f, *callee), Type::ClassObj(_)) {
        return None;
    }
    let given = args.iter().find(|arg| arg.kind == ArgKind::Named(kept))?;
    handle_of(project, f, given.value).map(|(handle, _)| handle)
}

/// A parameter without a known type that has the callee's name for the session.
fn untyped_session(project: &Project, f: FuncId, arg: ValueId, g: FuncId, param: u16) -> Option<Handle> {
    let code = project.code();
    let theirs = code.func(g).params.get(usize::from(param))?.name;
    let handle = key_of(project, f, arg);
    let ours = match &handle.root {
        Root::Param(i) if handle.path.is_empty() => code.func(f).params.get(usize::from(*i))?.name,
        Root::Captured(_, name) if handle.path.is_empty() => *name,
        _ => *handle.path.last()?,
    };
    (ours == theirs && matches!(project.ty(f, arg), Type::Unknown)).then_some(handle)
}

/// The sessions and connections that a site works with: its receiver's, and those that callees get.
pub(super) fn sessions_of(project: &Project, known: &Transactions, f: FuncId, site: &Site) -> Vec<Handle> {
    let mut out = Vec::new();
    if !site.effects.is_empty() {
        out.extend(handle_of(project, f, receiver_of(project, f, site.op)).map(|(handle, _)| handle));
    }
    for target in &site.targets {
        for handle in known.of(target.func).exit.keys() {
            out.extend(translate(project, f, handle, site.op, target.func));
        }
    }
    out
}

/// What a method is called on; the op itself for anything else.
pub(super) fn receiver_of(project: &Project, f: FuncId, op: ValueId) -> ValueId {
    let body = project.code().body(f);
    match body.op(op).map(|op| &op.kind) {
        Some(OpKind::Call { callee, .. }) => match body.op(*callee).map(|op| &op.kind) {
            Some(OpKind::Attr { base, .. }) => *base,
            _ => op,
        },
        _ => op,
    }
}
