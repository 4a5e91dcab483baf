//! A limit that is none: the caller names the number of rows, and nothing caps it.

use super::narrow::limit_of;
use crate::analysis::{FuncId, Project, SentRows, argument, source_of};
use crate::model::{ArgKind, BinaryOp, Body, Const, OpKind, ValueId};
use crate::source::Span;

/// Where the number of rows comes in.
#[derive(Clone, Debug)]
pub(super) struct Uncapped {
    /// The function whose request names it.
    pub func: FuncId,
    /// The expression that reads it from the request, unless it is a parameter.
    pub op: Option<ValueId>,
    /// Where that is written.
    pub span: Span,
    /// Its name, for sentences.
    pub name: String,
}

/// Calls between the limit and the request are followed this far.
const DEEPEST: u32 = 3;
/// Methods of what a request carries besides its body.
const SOURCES: &[&str] = &["args", "query_params", "GET", "query", "values", "rel_url"];

/// The request's own word on how many rows the query gives.
pub(super) fn uncapped(project: &Project, rows: &SentRows) -> Option<Uncapped> {
    let value = limit_of(project, rows.func, rows.op)?;
    named_by_request(project, rows.func, value, rows.handler, 0)
}

fn named_by_request(project: &Project, f: FuncId, v: ValueId, handler: FuncId, depth: u32) -> Option<Uncapped> {
    let code = project.code();
    let body = code.body(f);
    let at = source_of(body, v);
    if depth > DEEPEST || compared(body, at) {
        return None;
    }
    match &body.op(at)?.kind {
        OpKind::Param(i) if f == handler => {
            let param = code.func(f).params.get(usize::from(*i))?;
            let plain = is_open(project, code.parent(f), param.annotation, param.default);
            let name = project.text(param.name).to_owned();
            plain.then_some(Uncapped { func: f, op: None, span: param.span, name })
        }
        OpKind::Param(i) => project.callers(f).iter().find_map(|(caller, site)| {
            let op = project.sites(*caller).get(*site as usize)?.op;
            let passed = argument(project, *caller, op, f, *i)?;
            named_by_request(project, *caller, passed, handler, depth + 1)
        }),
        // `int(request.args.get("limit", 10))`
        OpKind::Call { callee, args } => {
            let callee_at = body.op(*callee).map(|op| &op.kind);
            match callee_at {
                Some(OpKind::Global(name)) if project.text(*name) == "int" => {
                    named_by_request(project, f, args.first()?.value, handler, depth)
                }
                Some(OpKind::Attr { base, name })
                    if project.text(*name) == "get" && is_source(project, body, *base)
                        || matches!(project.text(*name), "get_argument" | "get_query_argument") =>
                {
                    let key = match body.op(args.first()?.value).map(|op| &op.kind) {
                        Some(OpKind::Const(Const::Str(text))) => project.text(*text).to_owned(),
                        _ => return None,
                    };
                    let span = body.span(at)?;
                    Some(Uncapped { func: f, op: Some(at), span, name: key })
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// `request.args`, `args = request.args`, `self.request.query_params`
fn is_source(project: &Project, body: &Body, base: ValueId) -> bool {
    matches!(body.op(source_of(body, base)).map(|op| &op.kind), Some(OpKind::Attr { name, .. })
        if SOURCES.contains(&project.text(*name)))
}

/// A condition or an arithmetic of the function looks at the number: it may bound it.
fn compared(body: &Body, at: ValueId) -> bool {
    let is = |v: ValueId| source_of(body, v) == at;
    body.ops.iter().any(|op| match op.kind {
        OpKind::Binary { op: BinaryOp::Order, left, right } => is(left) || is(right),
        _ => false,
    })
}

/// An annotation and a default that leave the number open: `int`, `Optional[int]`, `Query(50)`.
fn is_open(project: &Project, f: FuncId, annotation: Option<ValueId>, default: Option<ValueId>) -> bool {
    const CAPS: &[&str] = &["le", "lt", "max_value", "maximum"];
    let body = project.code().body(f);
    let mut open = false;
    let mut work: Vec<ValueId> = annotation.into_iter().chain(default).collect();
    // `Annotated[int, Query(le=100)]`; an alias or a class of the project may bound it.
    for _ in 0..24 {
        let Some(v) = work.pop() else { return open };
        match body.op(source_of(body, v)).map(|op| &op.kind) {
            Some(OpKind::Global(name)) => match project.text(*name) {
                "int" => open = true,
                "Optional" | "Annotated" | "Union" => {}
                _ => return false,
            },
            Some(OpKind::Call { callee, args }) => {
                let query = matches!(body.op(*callee).map(|op| &op.kind), Some(OpKind::Global(name))
                    if project.text(*name) == "Query");
                let caps = args.iter().any(|arg| match arg.kind {
                    ArgKind::Named(name) => CAPS.contains(&project.text(name)),
                    ArgKind::Positional => false,
                    _ => true,
                });
                if !query || caps {
                    return false;
                }
            }
            Some(OpKind::Item { base, index }) => work.extend([*base, *index]),
            Some(OpKind::Collection { items, .. }) => work.extend(items.iter().copied()),
            Some(OpKind::Binary { op: BinaryOp::Or, left, right }) => work.extend([*left, *right]),
            Some(OpKind::Attr { name, .. }) if matches!(project.text(*name), "Optional" | "Annotated") => {}
            Some(OpKind::Const(_)) => {}
            _ => return false,
        }
    }
    false
}
