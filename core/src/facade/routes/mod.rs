//! The route table of a linked project: what its frameworks answer, with the shapes of parameters and bodies. The
//! result is language-neutral plain data ([`Endpoint`]); what is known of frameworks stays in this folder.

mod bodies;
mod django;
mod flask;
mod guards;
mod handlers;
mod mounts;
mod paths;
mod shapes;

use crate::analysis::{FuncId, Project, Type};
use crate::evidence::endpoints::Endpoint;
use crate::libraries::RunContext;
use crate::model::{Arg, ArgKind, OpKind, ValueId};
use crate::order::InOrder as _;

/// A value, with the function whose body it stands in.
type At = (FuncId, ValueId);

/// All endpoints, by path and method; tests left out.
#[must_use]
pub fn endpoints(project: &Project) -> Vec<Endpoint> {
    let mounts = mounts::Mounts::read(project);
    let mut out = Vec::new();
    for f in project.code().func_ids() {
        if project.context(f) == RunContext::Test {
            continue;
        }
        handlers::decorated(project, &mounts, f, &mut out);
        handlers::added(project, &mounts, f, &mut out);
    }
    django::endpoints(project, &mut out);
    out.order_by(|a, b| key(a).cmp(&key(b)));
    out.dedup_by(|a, b| key(a) == key(b));
    out
}

fn key(endpoint: &Endpoint) -> (&str, &str, &str, u32, &str) {
    (&endpoint.path, &endpoint.method, &endpoint.file, endpoint.line, &endpoint.handler)
}

/// An endpoint with its handler's place.
fn endpoint_at(project: &Project, f: FuncId, framework: &str) -> Endpoint {
    let function = project.code().func(f);
    let decorated = function.decorators.iter().map(|decorator| decorator.span.line).min();
    Endpoint {
        handler: project.text(function.qualified).to_owned(),
        file: project.code().path(f).to_owned(),
        line: decorated.unwrap_or(function.span.line).min(function.span.line),
        end_line: function.span.end_line,
        framework: framework.to_owned(),
        ..Endpoint::default()
    }
}

/// Callee and arguments of a call.
fn call(project: &Project, (f, v): At) -> Option<(ValueId, &[Arg])> {
    match &project.code().op(f, v)?.kind {
        OpKind::Call { callee, args } => Some((*callee, args)),
        _ => None,
    }
}

/// A keyword argument.
fn keyword(project: &Project, args: &[Arg], name: &str) -> Option<ValueId> {
    project.schema_keyword(args, name)
}

/// The n-th positional argument, or the keyword.
fn argument(project: &Project, args: &[Arg], at: usize, name: &str) -> Option<ValueId> {
    let positional = args.get(at).filter(|arg| arg.kind == ArgKind::Positional).map(|arg| arg.value);
    positional.or_else(|| keyword(project, args, name))
}

/// The last part of the name of a value: as it is written, or of the function or class that it is.
fn name_of(project: &Project, (f, v): At) -> Option<String> {
    if let Some(name) = project.short_name((f, v)) {
        return Some(name.to_owned());
    }
    let code = project.code();
    let name = match project.ty(f, v) {
        Type::Func(g) | Type::Bound(g, _) => code.func(*g).name,
        Type::ClassObj(class) => code.class(*class).name,
        _ => return None,
    };
    Some(project.text(name).to_owned())
}

/// Texts of a literal list, set or tuple.
fn texts(project: &Project, at: At) -> Vec<String> {
    project.schema_items(at).into_iter().filter_map(|item| project.schema_text(item)).collect()
}

#[cfg(test)]
mod tests;
