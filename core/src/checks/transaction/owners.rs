//! Who owns a session: the function, its caller, a dependency, an object, the process.

use super::error_paths::{guards, holds, undoes};
use crate::analysis::{Care, Fate, FuncId, Handle, Project, Root, Type, care_of, handle_of, source_of};
use crate::libraries::RunContext;
use crate::model::{FunctionKind, OpKind, RegionKind, Sym, ValueId};

/// Who owns a session, as far as it decides about rollbacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// Somebody who takes care of errors: the reason.
    Rejected(String),
    /// An object or the process keeps it; in words.
    Shared(String),
    /// A dependency that does not take care of errors; its name.
    Provided(String),
    /// This function made it.
    Fresh,
    /// Not seen.
    Unknown,
}

/// Who owns a session.
pub(super) fn owner_of(project: &Project, f: FuncId, handle: &Handle) -> Owner {
    match &handle.root {
        Root::Ambient => Owner::Rejected("the framework ends it".into()),
        Root::Scoped => Owner::Rejected("a scoped session, removed at the end of the request or job".into()),
        Root::Captured(..) => Owner::Rejected("the enclosing function, as caller, owns it".into()),
        Root::Param(i) if handle.path.is_empty() => parameter(project, f, *i),
        Root::Param(0) if project.code().func(f).class.is_some() && handle.path.len() == 1 => {
            handle.path.first().map_or(Owner::Unknown, |name| attribute(project, f, *name))
        }
        Root::Param(_) => Owner::Rejected("the caller owns the session".into()),
        Root::Global(_) if !handle.path.is_empty() => Owner::Unknown,
        Root::Global(_) => {
            let top = project.code().func(f).kind == FunctionKind::TopLevel;
            if top || matches!(project.context(f), RunContext::Script | RunContext::Startup) {
                Owner::Rejected("a script or start-up: the process ends with the error".into())
            } else {
                Owner::Shared("the module".into())
            }
        }
        Root::Value(v) => local(project, f, *v),
    }
}

fn parameter(project: &Project, f: FuncId, i: u16) -> Owner {
    use crate::analysis::Provider;
    match project.provider(f, usize::from(i)) {
        None => Owner::Rejected("the caller owns the session".into()),
        Some(Provider::Func(g)) if takes_care(project, g, 0) => {
            Owner::Rejected(format!("the dependency `{}` closes it", project.func_name(g)))
        }
        Some(Provider::Func(g)) => Owner::Provided(project.func_name(g).to_owned()),
        Some(Provider::Class(_) | Provider::Unknown) => Owner::Rejected("a dependency provides it".into()),
    }
}

/// Whether a provider ends the session that it gives, on every path; also through a provider or
/// context manager that it uses.
fn takes_care(project: &Project, g: FuncId, depth: u32) -> bool {
    if depth > 4 {
        return true;
    }
    let function = project.code().func(g);
    let body = project.code().body(g);
    for (i, op) in body.ops.iter().enumerate() {
        let at = ValueId(u32::try_from(i).unwrap_or(u32::MAX));
        let given = match op.kind {
            OpKind::Yield(Some(v)) => v,
            OpKind::Return(Some(v)) if !function.is_generator => v,
            OpKind::YieldFrom(_) => return true,
            _ => continue,
        };
        if let Some(inner) = handed_through(project, g, given) {
            return takes_care(project, inner, depth + 1);
        }
        let handle = handle_of(project, g, given).map(|(handle, _)| handle);
        if let Some(handle) = &handle {
            match &handle.root {
                // Handed on from another provider, or kept by somebody else.
                Root::Param(p) if handle.path.is_empty() => {
                    return match project.provider(g, usize::from(*p)) {
                        Some(crate::analysis::Provider::Func(inner)) => takes_care(project, inner, depth + 1),
                        _ => true,
                    };
                }
                Root::Value(_) => {}
                _ => return true,
            }
        }
        if !function.is_generator {
            // A plain function hands the session out: nobody closes what it made.
            return !matches!(
                project.code().op(g, source_of(body, given)).map(|op| &op.kind),
                Some(OpKind::Call { .. })
            ) || handle.is_none();
        }
        let around = body.regions.iter().filter(|region| holds(region, at));
        for region in around {
            match region.kind {
                RegionKind::With { manager, .. } if !matches!(care_of(project, g, manager), Care::Nothing) => {
                    return true;
                }
                _ => {}
            }
        }
        let Some(handle) = handle else { return true };
        return guards(project, g).iter().filter(|guard| holds(guard.whole, at)).any(|guard| {
            guard.finally.is_some_and(|region| undoes(project, g, region, &handle))
                || guard.handlers.iter().any(|region| undoes(project, g, region, &handle))
        });
    }
    true
}

/// `async for session in sessions(): yield session`: the generator whose session is handed through.
fn handed_through(project: &Project, g: FuncId, given: ValueId) -> Option<FuncId> {
    let body = project.code().body(g);
    let OpKind::Element(iter) = body.op(source_of(body, given))?.kind else { return None };
    let OpKind::Call { callee, .. } = &body.op(source_of(body, iter))?.kind else { return None };
    match project.ty(g, *callee) {
        Type::Func(inner) | Type::Bound(inner, _) if project.code().func(*inner).is_generator => Some(*inner),
        _ => None,
    }
}

/// The owner of `self.name`.
fn attribute(project: &Project, f: FuncId, name: Sym) -> Owner {
    let code = project.code();
    let Some(class) = code.class_of(f) else { return Owner::Unknown };
    let module = code.module_of_class(class);
    let methods = &code.class(class).methods;
    let is_manager = ["__exit__", "__aexit__"].iter().any(|exit| project.method(class, exit).is_some());
    if is_manager {
        return Owner::Rejected("the object is a context manager and ends it".into());
    }
    let mut made = false;
    for method in methods {
        let g = code.func_id(module, *method);
        for op in &code.body(g).ops {
            let OpKind::StoreAttr { base, name: stored, value } = op.kind else { continue };
            let own = matches!(code.op(g, source_of(code.body(g), base)).map(|op| &op.kind), Some(OpKind::Param(0)));
            if !own || stored != name {
                continue;
            }
            let source = source_of(code.body(g), value);
            match code.op(g, source).map(|op| &op.kind) {
                Some(OpKind::Const(_)) => {}
                Some(OpKind::Call { .. }) if acquired(project, g, source) => made = true,
                _ => return Owner::Rejected("the caller hands the session to the object and owns it".into()),
            }
        }
    }
    if made { Owner::Shared(format!("`{}`", project.text(code.class(class).name))) } else { Owner::Unknown }
}

/// Whether a call gives a fresh session or connection.
fn acquired(project: &Project, f: FuncId, v: ValueId) -> bool {
    project.acquisitions().iter().any(|a| a.func == f && a.op == v)
}

fn local(project: &Project, f: FuncId, v: ValueId) -> Owner {
    if matches!(project.ty(f, v), Type::Unknown) {
        return Owner::Unknown;
    }
    let Some(found) = project.acquisitions().iter().find(|a| a.func == f && a.op == v) else { return Owner::Unknown };
    match &found.fate {
        Fate::Managed(_) => Owner::Rejected("a context manager ends it".into()),
        Fate::Taken(_, by) => Owner::Rejected(format!("`{by}` takes care of it")),
        Fate::Finally(_) => Owner::Rejected("closed in a `finally`".into()),
        Fate::Helper(_, g) => Owner::Rejected(format!("`{}` closes it", project.func_name(*g))),
        Fate::Returned(_) | Fate::Yielded(_) => Owner::Rejected("handed to the caller, who owns it".into()),
        Fate::Shared => Owner::Shared("the process".into()),
        Fate::Stored { .. } | Fate::Contained(_) | Fate::Keyed(..) | Fate::Captured(_) | Fate::Passed(..) => {
            Owner::Unknown
        }
        Fate::Closed(_) | Fate::Leaked(_) => Owner::Fresh,
    }
}
