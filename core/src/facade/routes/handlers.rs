//! Handlers that decorators or `add_…` calls register: FastAPI, Starlette, Flask, Quart and what looks like them.

use super::mounts::{Mounts, Prefix, text};
use super::paths::{Template, angles, braces, joined};
use super::{At, argument, bodies, call, endpoint_at, flask, guards, keyword, texts};
use crate::analysis::{ClassId, FuncId, Project, Type};
use crate::evidence::endpoints::{Endpoint, Parameter, Shape};
use crate::libraries::RunContext;
use crate::model::{Arg, Const, FunctionKind, OpKind};

/// A route as its decorator or call states it.
struct Stated {
    router: At,
    template: Template,
    methods: Vec<String>,
    auth: Option<String>,
    framework: &'static str,
    doubts: Vec<String>,
}

const METHODS: &[&str] = &["get", "post", "put", "patch", "delete", "head", "options", "trace"];

/// Endpoints of a function's decorators.
pub(super) fn decorated(project: &Project, mounts: &Mounts, f: FuncId, out: &mut Vec<Endpoint>) {
    let parent = project.code().parent(f);
    for decorator in &project.code().func(f).decorators {
        let Some((callee, args)) = call(project, (parent, decorator.value)) else { continue };
        let Some(OpKind::Attr { base, name }) = project.code().op(parent, callee).map(|op| &op.kind) else { continue };
        let name = project.text(*name);
        let routes = METHODS.contains(&name) || matches!(name, "route" | "api_route" | "websocket");
        let Some(path) = argument(project, args, 0, "path").or_else(|| keyword(project, args, "rule")) else {
            continue;
        };
        if !routes {
            continue;
        }
        let framework = match framework_of(project, (parent, *base)) {
            Some(framework) => framework,
            // A router that did not resolve: the shape is unmistakable when the path is one.
            None if project.context(f) == RunContext::Request
                && project.schema_text((parent, path)).is_some_and(|text| text.starts_with('/')) =>
            {
                "Python"
            }
            None => continue,
        };
        let stated = Stated {
            router: project.origin(parent, *base),
            template: template(framework, &text(project, (parent, path))),
            methods: methods(project, parent, args, name, framework),
            auth: guards::listed(project, parent, args),
            framework,
            doubts: Vec::new(),
        };
        handler(project, mounts, &stated, f, out);
    }
}

/// Endpoints of `add_api_route`, `add_url_rule`, `add_resource` in a function's body.
pub(super) fn added(project: &Project, mounts: &Mounts, f: FuncId, out: &mut Vec<Endpoint>) {
    let body = project.code().body(f);
    for op in &body.ops {
        let OpKind::Call { callee, args } = &op.kind else { continue };
        let Some(OpKind::Attr { base, name }) = body.op(*callee).map(|op| &op.kind) else { continue };
        let name = project.text(*name);
        let (path, given) = match name {
            "add_api_route" | "add_route" => {
                (argument(project, args, 0, "path"), argument(project, args, 1, "endpoint"))
            }
            "add_url_rule" => (argument(project, args, 0, "rule"), argument(project, args, 2, "view_func")),
            "add_resource" => {
                let Some(first) = args.first() else { continue };
                let router = project.origin(f, *base);
                for path in args.iter().skip(1).filter(|arg| arg.kind == crate::model::ArgKind::Positional) {
                    let Some(class) = project.schema_class((f, first.value)) else { continue };
                    let template = angles(&text(project, (f, path.value)));
                    flask::view_class(project, mounts, router, &template, class, out);
                }
                continue;
            }
            _ => continue,
        };
        let (Some(path), Some(given)) = (path, given) else { continue };
        let framework = match framework_of(project, (f, *base)) {
            Some(framework) => framework,
            None if name == "add_url_rule" => "Flask",
            None if name == "add_api_route" => "FastAPI",
            None => continue,
        };
        let template = template(framework, &text(project, (f, path)));
        let router = project.origin(f, *base);
        // `View.as_view("name")`
        if let Some((callee, _)) = call(project, project.origin(f, given))
            && let Some(OpKind::Attr { base, name }) = project.code().op(f, callee).map(|op| &op.kind)
            && project.text(*name) == "as_view"
            && let Some(class) = project.schema_class((f, *base))
        {
            flask::view_class(project, mounts, router, &template, class, out);
            continue;
        }
        let (Type::Func(g) | Type::Bound(g, _)) = *project.ty(f, given) else { continue };
        let stated = Stated {
            router,
            template,
            methods: methods(project, f, args, "route", framework),
            auth: guards::listed(project, f, args),
            framework,
            doubts: Vec::new(),
        };
        handler(project, mounts, &stated, g, out);
    }
}

/// What a router belongs to, by the class of its value.
fn framework_of(project: &Project, (f, v): At) -> Option<&'static str> {
    let class = project.lib_class(f, v)?;
    let root = class.split('.').next().unwrap_or(class);
    Some(match root {
        "fastapi" | "fastapi_utils" => "FastAPI",
        "starlette" => "Starlette",
        "flask" | "flask_restful" | "flask_restx" | "flask_smorest" => "Flask",
        "quart" => "Quart",
        "sanic" => "Sanic",
        "aiohttp" => "aiohttp",
        _ => return None,
    })
}

fn template(framework: &str, text: &str) -> Template {
    match framework {
        "Flask" | "Quart" | "Sanic" => angles(text),
        _ if text.contains('<') => angles(text),
        _ => braces(text),
    }
}

fn methods(project: &Project, f: FuncId, args: &[Arg], name: &str, framework: &str) -> Vec<String> {
    if name == "websocket" {
        return vec!["WEBSOCKET".to_owned()];
    }
    if METHODS.contains(&name) {
        return vec![name.to_uppercase()];
    }
    let stated: Vec<String> = keyword(project, args, "methods")
        .map(|list| texts(project, (f, list)))
        .unwrap_or_default()
        .iter()
        .map(|method| method.to_uppercase())
        .collect();
    let stated: Vec<String> = if framework == "Flask" {
        stated.into_iter().filter(|method| !matches!(method.as_str(), "HEAD" | "OPTIONS")).collect()
    } else {
        stated
    };
    if stated.is_empty() { vec!["GET".to_owned()] } else { stated }
}

/// One endpoint for each prefix and method of a handler.
fn handler(project: &Project, mounts: &Mounts, stated: &Stated, f: FuncId, out: &mut Vec<Endpoint>) {
    let own = guards::decorators(project, f).or_else(|| guards::dependencies(project, f, 0));
    for prefix in mounts.prefixes(project, stated.router) {
        for method in &stated.methods {
            let mut endpoint = endpoint_at(project, f, stated.framework);
            endpoint.method.clone_from(method);
            place(&mut endpoint, &prefix, &stated.template, stated.framework);
            endpoint.auth = stated.auth.clone().or_else(|| own.clone()).or_else(|| prefix.auth.clone());
            endpoint.doubts.extend(stated.doubts.iter().cloned());
            match stated.framework {
                "FastAPI" | "Starlette" | "Python" => bodies::read_parameters(project, f, &mut endpoint),
                _ => flask::read_request(project, f, &mut endpoint),
            }
            out.push(endpoint);
        }
    }
}

/// Puts an endpoint under its prefix.
pub(super) fn place(endpoint: &mut Endpoint, prefix: &Prefix, template: &Template, framework: &str) {
    let above = self::template(framework, &prefix.path);
    // `prefix + path` to FastAPI: an empty path adds no slash.
    endpoint.path = joined(&above.path, &template.path);
    if template.path.is_empty() && !above.path.is_empty() {
        endpoint.path = joined("", &above.path);
    }
    endpoint.path_params = above.params.into_iter().chain(template.params.iter().cloned()).collect();
    if template.computed || above.computed {
        endpoint.doubts.push("A part of the path is computed at run time: it stands as `{?}`".to_owned());
        let hole = || Parameter { name: "?".to_owned(), shape: Shape::Unknown, required: true };
        endpoint.path_params.push(hole());
    }
    if prefix.loose && !endpoint.file.is_empty() {
        endpoint.doubts.push("Its router is not seen to be part of an application: a prefix may be missing".to_owned());
    }
}

/// Methods of a view class that answer requests, by HTTP method.
pub(super) fn class_methods(project: &Project, class: ClassId) -> Vec<(String, FuncId)> {
    METHODS
        .iter()
        .filter_map(|name| {
            let f = project.method(class, name)?;
            (project.code().func(f).kind == FunctionKind::Method).then(|| (name.to_uppercase(), f))
        })
        .filter(|(method, _)| !matches!(method.as_str(), "HEAD" | "OPTIONS" | "TRACE"))
        .collect()
}

/// Whether a literal is `True`.
pub(super) fn is_true(project: &Project, (f, v): At) -> bool {
    matches!(project.code().op(f, v).map(|op| &op.kind), Some(OpKind::Const(Const::Bool(true))))
}
