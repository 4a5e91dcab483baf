//! Flask and its kin: what a handler reads of its request, view classes.

use super::handlers::{class_methods, place};
use super::mounts::Mounts;
use super::paths::Template;
use super::{At, call, endpoint_at, guards};
use crate::analysis::{ClassId, FuncId, Project, source_of};
use crate::evidence::endpoints::{Body, Encoding, Endpoint, Parameter, Shape};
use crate::model::{Const, OpKind, ValueId};

/// Endpoints of a `MethodView` or `Resource`.
pub(super) fn view_class(
    project: &Project,
    mounts: &Mounts,
    router: At,
    template: &Template,
    class: ClassId,
    out: &mut Vec<Endpoint>,
) {
    let auth = guards::class(project, class);
    for (method, f) in class_methods(project, class) {
        for prefix in mounts.prefixes(project, router) {
            let mut endpoint = endpoint_at(project, f, "Flask");
            endpoint.method.clone_from(&method);
            place(&mut endpoint, &prefix, template, "Flask");
            let own = guards::decorators(project, f);
            endpoint.auth = own.or_else(|| auth.clone()).or_else(|| prefix.auth.clone());
            // `api.add_resource(…)`: the router is a wrapper around the application.
            if endpoint.path_params.is_empty() && prefix.path.is_empty() {
                endpoint.doubts.retain(|doubt| !doubt.starts_with("Its router"));
            }
            read_request(project, f, &mut endpoint);
            out.push(endpoint);
        }
    }
}

/// Where a value of the request comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    Json,
    Form,
    Query,
    Files,
}

/// Fills in the keys that a handler reads of its request: `request.args.get("page")`, `request.json["name"]`.
pub(super) fn read_request(project: &Project, f: FuncId, endpoint: &mut Endpoint) {
    let body = project.code().body(f);
    let (mut json, mut form, mut files) = (Vec::new(), Vec::new(), Vec::new());
    let mut any_json = false;
    for (i, op) in body.ops.iter().enumerate() {
        let v = ValueId(u32::try_from(i).unwrap_or(u32::MAX));
        any_json |= source(project, f, v) == Some(Source::Json);
        let (base, key, required, shape) = match &op.kind {
            OpKind::Item { base, index } => (*base, *index, true, Shape::Unknown),
            OpKind::Call { callee, args } => {
                let Some(OpKind::Attr { base, name }) = body.op(*callee).map(|op| &op.kind) else { continue };
                if !matches!(project.text(*name), "get" | "getlist" | "pop") {
                    continue;
                }
                let Some(first) = args.first() else { continue };
                (*base, first.value, false, typed(project, f, args))
            }
            _ => continue,
        };
        let Some(source) = source(project, f, base) else { continue };
        let Some(OpKind::Const(Const::Str(key))) = body.op(source_of(body, key)).map(|op| &op.kind) else { continue };
        let parameter = Parameter { name: project.text(*key).to_owned(), shape, required };
        let list: &mut Vec<Parameter> = match source {
            Source::Json => &mut json,
            Source::Form => &mut form,
            Source::Files => &mut files,
            Source::Query => &mut endpoint.query,
        };
        match list.iter_mut().find(|known| known.name == parameter.name) {
            Some(known) => known.required |= parameter.required,
            None => list.push(parameter),
        }
    }
    if !endpoint.writes() {
        return;
    }
    let object = |fields| Shape::Object { name: "request".to_owned(), fields };
    endpoint.body = if !files.is_empty() {
        files.iter_mut().for_each(|file| file.shape = Shape::File);
        files.extend(form);
        Some(Body { encoding: Encoding::Multipart, shape: object(files) })
    } else if !json.is_empty() || any_json && form.is_empty() {
        if json.is_empty() {
            endpoint.doubts.push("It reads a JSON body whose keys could not be read".to_owned());
        }
        Some(Body { encoding: Encoding::Json, shape: object(json) })
    } else if !form.is_empty() {
        Some(Body { encoding: Encoding::Form, shape: object(form) })
    } else {
        None
    };
}

/// `request.args.get("page", 1, type=int)`
fn typed(project: &Project, f: FuncId, args: &[crate::model::Arg]) -> Shape {
    let Some(ty) = super::keyword(project, args, "type") else { return Shape::Unknown };
    match project.short_name((f, ty)) {
        Some("int") => Shape::INTEGER,
        Some("float") => Shape::Number,
        Some("bool") => Shape::Boolean,
        Some("str") => Shape::TEXT,
        _ => Shape::Unknown,
    }
}

/// Whether a value is the request's JSON, form, query or files.
fn source(project: &Project, f: FuncId, v: ValueId) -> Option<Source> {
    let body = project.code().body(f);
    let mut at = source_of(body, v);
    // `request.get_json() or {}`
    if let Some(OpKind::Binary { left, .. }) = body.op(at).map(|op| &op.kind) {
        at = source_of(body, *left);
    }
    let (base, name) = match call(project, (f, at)) {
        Some((callee, _)) => match body.op(callee).map(|op| &op.kind) {
            Some(OpKind::Attr { base, name }) => (*base, project.text(*name)),
            _ => return None,
        },
        None => match body.op(at).map(|op| &op.kind) {
            Some(OpKind::Attr { base, name }) => (*base, project.text(*name)),
            _ => return None,
        },
    };
    if !is_request(project, f, base) {
        return None;
    }
    Some(match name {
        "get_json" | "json" | "data" => Source::Json,
        "form" | "POST" => Source::Form,
        "args" | "GET" | "query_params" => Source::Query,
        "files" | "FILES" => Source::Files,
        _ => return None,
    })
}

/// `request`, the framework's or a view's parameter, or `self.request`.
fn is_request(project: &Project, f: FuncId, v: ValueId) -> bool {
    let body = project.code().body(f);
    let at = source_of(body, v);
    match body.op(at).map(|op| &op.kind) {
        Some(OpKind::Global(name)) => project.text(*name) == "request",
        Some(OpKind::Attr { name, .. }) => project.text(*name) == "request",
        Some(OpKind::Param(i)) => {
            let params = &project.code().func(f).params;
            params.get(usize::from(*i)).is_some_and(|param| project.text(param.name) == "request")
        }
        _ => false,
    }
}
