//! Whether the keys of a container come from a closed set or from requests and data.

use crate::analysis::{FuncId, Project, Type, source_of};
use crate::libraries::RunContext;
use crate::model::{OpKind, TextPart, ValueId};

/// Where keys come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Constants, enum members, types.
    Closed,
    /// Requests or rows: as many as there are; the text names the part that tells.
    Open(String),
    /// The name says that there are few: providers, models, servers.
    Few,
    /// The code does not tell.
    Unknown,
}

const DEPTH: u32 = 6;

/// Parts of a name that stand for things of which there are few.
const FEW: &[&str] = &[
    "model",
    "provider",
    "plugin",
    "tenant",
    "org",
    "organization",
    "type",
    "kind",
    "class",
    "locale",
    "language",
    "lang",
    "backend",
    "engine",
    "table",
    "queue",
    "pool",
    "worker",
    "region",
    "device",
    "node",
    "shard",
    "schema",
    "component",
    "env",
    "app",
    "role",
    "status",
    "level",
    "format",
    "loop",
    "pid",
    "database",
    "db",
    "connector",
    "integration",
    "template",
    "setting",
    "config",
    "feature",
    "module",
    "service",
    "method",
    "host",
    "cluster",
    "bucket",
    "topic",
    "dialect",
    "base",
    "broker",
    "store",
    "server",
    "api",
    "redis",
    "tracking",
    "registry",
    "artifact",
    "endpoint",
];
/// Parts of a name that stand for things of which there are as many as users and calls.
const MANY: &[&str] = &[
    "id",
    "ids",
    "uuid",
    "guid",
    "token",
    "email",
    "ip",
    "url",
    "uri",
    "sid",
    "hash",
    "digest",
    "fingerprint",
    "username",
    "user",
    "query",
    "prompt",
    "phone",
    "nonce",
    "session",
    "request",
    "message",
    "address",
    "ticket",
    "signature",
    "cookie",
    "otp",
    "code",
];

/// What a name says about how many there are.
fn by_name(name: &str) -> Shape {
    let lower = name.trim_start_matches('_').to_ascii_lowercase();
    let parts: Vec<&str> = lower.split('_').filter(|part| !part.is_empty()).collect();
    if parts.iter().any(|part| FEW.contains(part)) {
        return Shape::Few;
    }
    match parts.last() {
        Some(last) if MANY.contains(last) => Shape::Open(name.to_owned()),
        _ => Shape::Unknown,
    }
}

/// The keys that a value takes.
pub fn shape(project: &Project, f: FuncId, v: ValueId) -> Shape {
    shape_of(project, f, v, 0)
}

fn shape_of(project: &Project, f: FuncId, v: ValueId, depth: u32) -> Shape {
    let body = project.code().body(f);
    if depth > DEPTH {
        return Shape::Unknown;
    }
    let named = match body.op(v).map(|op| &op.kind) {
        Some(OpKind::Bind { name, .. }) => by_name(project.text(*name)),
        _ => Shape::Unknown,
    };
    let v = source_of(body, v);
    if matches!(project.ty(f, v), Type::ClassObj(_) | Type::Func(_) | Type::Module(_) | Type::Bool) {
        return Shape::Closed;
    }
    let found = match body.op(v).map(|op| &op.kind) {
        Some(OpKind::Const(_)) => Shape::Closed,
        Some(OpKind::Text(parts)) => together(parts.iter().filter_map(|part| match part {
            TextPart::Hole(hole) => Some(shape_of(project, f, *hole, depth + 1)),
            TextPart::Literal(_) => None,
        })),
        Some(OpKind::Collection { items, .. }) => {
            together(items.iter().map(|item| shape_of(project, f, *item, depth + 1)))
        }
        Some(OpKind::Binary { left, right, .. }) => {
            together([*left, *right].into_iter().map(|side| shape_of(project, f, side, depth + 1)))
        }
        Some(OpKind::Attr { name, .. }) => match project.text(*name) {
            "__name__" | "__class__" | "__qualname__" => Shape::Closed,
            // `project.id` is a project's.
            "id" | "uuid" | "pk" => match project.describe(f, v) {
                name if name.contains('(') => Shape::Open(name),
                name => match by_name(&name.replace('.', "_")) {
                    Shape::Open(_) => Shape::Open(name),
                    other => other,
                },
            },
            name => by_name(name),
        },
        Some(OpKind::Item { index, .. }) => match body.op(*index).map(|op| &op.kind) {
            Some(OpKind::Const(crate::model::Const::Str(key))) => by_name(project.text(*key)),
            _ => Shape::Unknown,
        },
        Some(OpKind::Captured { name, .. } | OpKind::Global(name)) => by_name(project.text(*name)),
        Some(OpKind::Param(i)) => param(project, f, usize::from(*i), depth),
        Some(OpKind::Call { callee, args }) => {
            let name = project.describe(f, *callee);
            match name.rsplit('.').next().unwrap_or("") {
                "uuid4" | "uuid1" | "uuid7" | "token_hex" | "token_urlsafe" | "hexdigest" | "digest" | "md5"
                | "sha256" | "time" | "time_ns" => Shape::Open(format!("{name}(…)")),
                "type" | "id" | "current_thread" | "get_ident" | "getpid" | "get_running_loop" | "get_event_loop" => {
                    Shape::Closed
                }
                "str" | "int" | "hash" | "quote" | "normalize" => match args.first() {
                    Some(arg) => shape_of(project, f, arg.value, depth + 1),
                    None => Shape::Unknown,
                },
                "lower" | "upper" | "strip" | "encode" | "decode" | "hex" => {
                    match body.op(*callee).map(|op| &op.kind) {
                        Some(OpKind::Attr { base, .. }) => shape_of(project, f, *base, depth + 1),
                        _ => Shape::Unknown,
                    }
                }
                _ => Shape::Unknown,
            }
        }
        _ => Shape::Unknown,
    };
    if found == Shape::Unknown { named } else { found }
}

/// One open part opens the whole key; it is closed when all parts are.
fn together(parts: impl Iterator<Item = Shape>) -> Shape {
    let mut all = Shape::Closed;
    for part in parts {
        match part {
            Shape::Open(_) => return part,
            Shape::Unknown => all = Shape::Unknown,
            Shape::Few if all == Shape::Closed => all = Shape::Few,
            Shape::Few | Shape::Closed => {}
        }
    }
    all
}

fn param(project: &Project, f: FuncId, i: usize, depth: u32) -> Shape {
    let code = project.code();
    let Some(param) = code.func(f).params.get(i) else { return Shape::Unknown };
    let named = by_name(project.text(param.name));
    let entry = project
        .context_path(f)
        .is_some_and(|path| path.via.is_none() && matches!(path.context, RunContext::Request | RunContext::Stream));
    if entry {
        return named;
    }
    let mut closed = 0;
    let callers = project.callers(f);
    for (caller, site) in callers.iter().take(8) {
        let Some(site) = project.sites(*caller).get(*site as usize) else { continue };
        let Some(OpKind::Call { args, .. }) = code.op(*caller, site.op).map(|op| &op.kind) else { continue };
        let method = code.func(f).kind == crate::model::FunctionKind::Method;
        let given = args.iter().enumerate().find(|(position, arg)| match arg.kind {
            crate::model::ArgKind::Positional => *position + usize::from(method) == i,
            crate::model::ArgKind::Named(name) => name == param.name,
            _ => false,
        });
        let Some((_, arg)) = given else { continue };
        match shape_of(project, *caller, arg.value, depth + 2) {
            Shape::Open(name) => return Shape::Open(name),
            Shape::Closed => closed += 1,
            Shape::Few | Shape::Unknown => {}
        }
    }
    match closed {
        0 => named,
        n if n == callers.len() => Shape::Closed,
        _ => Shape::Unknown,
    }
}
