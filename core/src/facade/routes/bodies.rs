//! What a FastAPI handler takes: parameters of path, query, headers and body, its dependencies' included.

use super::handlers::is_true;
use super::shapes::{Stated, bounds, has_default, stated};
use super::{At, call, guards, keyword};
use crate::analysis::{FuncId, Project};
use crate::evidence::endpoints::{Body, Encoding, Endpoint, Parameter, Shape};
use crate::model::{Arg, Const, OpKind, Param, ParamKind};

/// Dependencies of dependencies end here.
const DEEPEST: u32 = 4;

/// What goes into the body.
#[derive(Default)]
struct Carried {
    /// Parameters whose value is a part of a JSON body, and whether it must stand under its name.
    json: Vec<(Parameter, bool)>,
    form: Vec<Parameter>,
    files: Vec<Parameter>,
}

/// Fills in what the handler and its dependencies take.
pub(super) fn read_parameters(project: &Project, f: FuncId, endpoint: &mut Endpoint) {
    let mut carried = Carried::default();
    read(project, f, endpoint, &mut carried, 0);
    if endpoint.method == "WEBSOCKET" {
        return;
    }
    let Carried { mut json, form, files } = carried;
    endpoint.body = if !files.is_empty() {
        let fields = files.into_iter().chain(form).collect();
        Some(Body { encoding: Encoding::Multipart, shape: Shape::Object { name: "form".to_owned(), fields } })
    } else if !form.is_empty() {
        Some(Body { encoding: Encoding::Form, shape: Shape::Object { name: "form".to_owned(), fields: form } })
    } else if json.len() == 1 && json.first().is_some_and(|(_, embed)| !embed) {
        json.pop().map(|(parameter, _)| Body { encoding: Encoding::Json, shape: parameter.shape })
    } else if !json.is_empty() {
        let fields = json.into_iter().map(|(parameter, _)| parameter).collect();
        Some(Body { encoding: Encoding::Json, shape: Shape::Object { name: "body".to_owned(), fields } })
    } else {
        None
    };
}

fn read(project: &Project, f: FuncId, endpoint: &mut Endpoint, carried: &mut Carried, depth: u32) {
    if depth > DEEPEST {
        return;
    }
    let function = project.code().func(f);
    let parent = project.code().parent(f);
    for (i, param) in function.params.iter().enumerate() {
        let name = project.text(param.name);
        if (i == 0 && matches!(name, "self" | "cls")) || matches!(param.kind, ParamKind::Rest | ParamKind::NamedRest) {
            continue;
        }
        let annotated = param.annotation.map(|v| stated(project, (parent, v))).unwrap_or_default();
        one(project, (parent, param), name, annotated, endpoint, carried, depth);
    }
}

fn one(
    project: &Project,
    (parent, param): (FuncId, &Param),
    name: &str,
    mut annotated: Stated,
    endpoint: &mut Endpoint,
    carried: &mut Carried,
    depth: u32,
) {
    // `Query(…)` as default or in `Annotated[…]`.
    let default = param.default.map(|v| (parent, v));
    let marks: Vec<At> = default.into_iter().chain(annotated.extras.iter().copied()).collect();
    let mut marked: Option<(At, &str, &[Arg])> = None;
    for at in marks {
        let (callee, args) = match call(project, at) {
            Some(found) => found,
            None => continue,
        };
        if let Some(word) = project.short_name((at.0, callee)) {
            marked.get_or_insert((at, word, args));
        }
    }
    if let Some((at, "Depends" | "Security", args)) = marked {
        let given = args.first().map(|arg| (at.0, arg.value));
        let provider = match given {
            Some(given) => guards::provider(project, given),
            // `params: Paging = Depends()`
            None => annotated.class.and_then(|class| project.method(class, "__init__")),
        };
        if let Some(provider) = provider {
            read(project, provider, endpoint, carried, depth + 1);
        }
        return;
    }
    let mut sent = name.to_owned();
    let mut optional = annotated.nullable && default.is_some_and(|at| is_none(project, at));
    optional |= default.is_some_and(|at| call(project, at).is_none() && !is_ellipsis(project, at));
    if let Some((at, _, args)) = marked {
        bounds(project, at.0, args, &mut annotated.shape);
        let by_mark = Some(at) == default;
        optional |= by_mark && has_default(project, at.0, args);
        optional |= !by_mark && default.is_some();
        if let Some(alias) = keyword(project, args, "alias").and_then(|v| project.schema_text((at.0, v))) {
            sent = alias;
        }
    }
    let parameter = |shape: Shape, sent: String| Parameter { name: sent, shape, required: !optional };
    if let Some(known) = endpoint.path_params.iter_mut().find(|known| known.name == name || known.name == sent) {
        if annotated.shape != Shape::Unknown && known.shape != Shape::Url {
            known.shape = annotated.shape;
        }
        return;
    }
    match marked.map(|(_, word, _)| word) {
        Some("Query") => endpoint.query.push(parameter(annotated.shape, sent)),
        Some("Header") => {
            let sent = sent.replace('_', "-");
            // What authenticates goes through the hole for it.
            if !sent.eq_ignore_ascii_case("authorization") {
                endpoint.headers.push(parameter(annotated.shape, sent));
            }
        }
        Some("Form") => carried.form.push(parameter(annotated.shape, sent)),
        Some("File") => carried.files.push(parameter(Shape::File, sent)),
        Some("Body") => {
            let embed = marked.and_then(|(at, _, args)| Some((at.0, keyword(project, args, "embed")?)));
            let embed = embed.is_some_and(|at| is_true(project, at));
            carried.json.push((parameter(annotated.shape, sent), embed));
        }
        Some("Path" | "Cookie") => {}
        _ => plain(annotated, parameter, sent, endpoint, carried),
    }
}

/// A parameter without a mark: FastAPI tells by its type.
fn plain(
    annotated: Stated,
    parameter: impl Fn(Shape, String) -> Parameter,
    sent: String,
    endpoint: &mut Endpoint,
    carried: &mut Carried,
) {
    if annotated.shape == Shape::File || annotated.shape == Shape::List(Box::new(Shape::File)) {
        carried.files.push(parameter(Shape::File, sent));
        return;
    }
    // What the framework hands in.
    let library = annotated.library.as_deref().unwrap_or("");
    let handed = ["starlette.", "fastapi."].iter().any(|root| library.starts_with(root))
        || matches!(
            library,
            "Request" | "Response" | "BackgroundTasks" | "WebSocket" | "HTTPConnection" | "SecurityScopes"
        );
    if handed && annotated.shape == Shape::Unknown {
        return;
    }
    match annotated.shape {
        Shape::Object { .. } | Shape::List(_) | Shape::Map(_) => {
            carried.json.push((parameter(annotated.shape, sent), false));
        }
        // The socket itself, without a type.
        Shape::Unknown if endpoint.method == "WEBSOCKET" => {}
        // A class that is not read: most are models.
        Shape::Unknown if annotated.class.is_some() => {
            endpoint.doubts.push(format!("The type of `{sent}` could not be read"));
            carried.json.push((parameter(Shape::Map(Box::new(Shape::Unknown)), sent), false));
        }
        shape => endpoint.query.push(parameter(shape, sent)),
    }
}

fn is_none(project: &Project, (f, v): At) -> bool {
    matches!(project.code().op(f, v).map(|op| &op.kind), Some(OpKind::Const(Const::None)))
}

fn is_ellipsis(project: &Project, (f, v): At) -> bool {
    matches!(project.code().op(f, v).map(|op| &op.kind), Some(OpKind::Const(Const::Ellipsis)))
}
