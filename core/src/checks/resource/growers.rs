//! What grows without a container in the code: cache decorators without a size, queues without a
//! bound, registrations that every call repeats.

use super::keys::{Shape, shape};
use super::unbounded_growth::finish;
use crate::analysis::{Flow, FuncId, Project, Type, inside};
use crate::checks::check::{Cx, Judgement, Place};
use crate::checks::support::place_of;
use crate::libraries::{Resource, RunContext};
use crate::model::{ArgKind, Const, FunctionKind, LoopKind, OpKind, RegionKind, ValueId, Wide};
use crate::report::model::Confidence;

/// One of them.
#[derive(Clone, Copy, Debug)]
pub enum Grower {
    /// `@cache`, `@lru_cache(maxsize=None)`.
    Cached(FuncId),
    /// `@lru_cache` with a size, keyed by a request, a view or a session: function and parameter.
    Keyed(FuncId, usize),
    /// `asyncio.Queue()` between a producer and a client: function, queue, `put`.
    Relay(FuncId, ValueId, ValueId),
    /// `logger.addHandler(…)`, `atexit.register(…)` per call.
    Registered(FuncId, ValueId),
}

/// Finds them.
pub fn find(project: &Project) -> Vec<(Place, Grower)> {
    let code = project.code();
    let mut out = Vec::new();
    for f in code.func_ids() {
        let context = project.context(f);
        if context == RunContext::Test {
            continue;
        }
        let often = matches!(context, RunContext::Request | RunContext::Stream | RunContext::Job);
        let function = code.func(f);
        if often && unbounded_cache(project, f) {
            out.push((Place { func: f, op: None, span: function.name_span }, Grower::Cached(f)));
        }
        if let Some(i) = keyed_by_object(project, f) {
            out.push((Place { func: f, op: None, span: function.name_span }, Grower::Keyed(f, i)));
        }
        if function.is_generator {
            out.extend(
                relays(project, f).map(|(queue, put)| (place_of(project, f, queue), Grower::Relay(f, queue, put))),
            );
        }
        if often {
            out.extend(registrations(project, f).map(|op| (place_of(project, f, op), Grower::Registered(f, op))));
        }
    }
    out
}

/// Judges one.
pub fn judge(cx: Cx<'_>, place: Place, grower: &Grower) -> Judgement {
    match *grower {
        Grower::Cached(f) => cached(cx, place, f),
        Grower::Keyed(f, i) => keyed(cx, place, f, i),
        Grower::Relay(f, queue, put) => relay(cx, f, queue, put),
        Grower::Registered(f, op) => registered(cx, f, op),
    }
}

/// The decorator keeps every result.
fn unbounded_cache(project: &Project, f: FuncId) -> bool {
    let code = project.code();
    let parent = code.parent(f);
    code.func(f).decorators.iter().any(|decorator| {
        let op = code.op(parent, decorator.value).map(|op| &op.kind);
        let (callee, args) = match op {
            Some(OpKind::Call { callee, args }) => (*callee, args.as_slice()),
            _ => (decorator.value, &[][..]),
        };
        let Type::LibRef(name) = project.ty(parent, callee) else { return false };
        match project.text(*name) {
            "functools.cache" => true,
            "functools.lru_cache" => args.iter().any(|arg| {
                let size = match arg.kind {
                    ArgKind::Positional => true,
                    ArgKind::Named(name) => project.text(name) == "maxsize",
                    _ => false,
                };
                size && matches!(code.op(parent, arg.value).map(|op| &op.kind), Some(OpKind::Const(Const::None)))
            }),
            _ => false,
        }
    })
}

fn cached(cx: Cx<'_>, place: Place, f: FuncId) -> Judgement {
    let project = cx.project;
    let code = project.code();
    let function = code.func(f);
    let is_static = project.decorators(f).iter().any(|name| name == "builtins.staticmethod");
    let is_class = project.decorators(f).iter().any(|name| name == "builtins.classmethod");
    let own = function.kind == FunctionKind::Method && !is_static;
    if own && !is_class && built_often(project, f) {
        let message =
            format!("the cache of method `{}` keeps every instance that ever called it", project.func_name(f));
        let step = project.step_at(f, function.name_span, "cached by `self` and the arguments, without a size");
        let mut draft = finish(cx, f, ValueId(0), message, METHOD, vec![step], Confidence::High);
        draft.place = place;
        return Judgement::Confirmed(Box::new(draft));
    }
    if function.params.len() <= usize::from(own) {
        return Judgement::Rejected("it takes no argument: one result is kept".into());
    }
    let mut unknown = false;
    for i in usize::from(own)..function.params.len() {
        let Some(value) = project.param_value(f, i) else { continue };
        match shape(project, f, value) {
            Shape::Open(by) => {
                let message =
                    format!("the cache of `{}` keeps a result per `{by}` and forgets none", project.func_name(f));
                let step = project.step_at(f, function.name_span, "every result is kept: the cache has no size");
                let mut draft = finish(cx, f, ValueId(0), message, CACHE, vec![step], Confidence::High);
                draft.place = place;
                return Judgement::Confirmed(Box::new(draft));
            }
            Shape::Unknown => unknown = true,
            Shape::Closed | Shape::Few => {}
        }
    }
    let reason =
        if unknown { "nothing says that its arguments come from requests" } else { "keys come from a closed set" };
    Judgement::Rejected(reason.into())
}

/// A cache with a size whose key is an object of one request: it never answers twice, and keeps what the
/// object holds.
fn keyed_by_object(project: &Project, f: FuncId) -> Option<usize> {
    let caches = |name: &String| name == "functools.lru_cache";
    if !project.decorators(f).iter().any(caches) || unbounded_cache(project, f) {
        return None;
    }
    let per_request = |class: &str| {
        matches!(class, "django.http.HttpRequest" | "starlette.requests.Request" | "flask.Request")
            || matches!(project.library().resource(class), Some(Resource::Session | Resource::Connection))
    };
    let params = &project.code().func(f).params;
    // `@lru_cache` on a method of a model: each row that was asked, and what it was asked with.
    let bare = |name: &String| matches!(name.as_str(), "builtins.staticmethod" | "builtins.classmethod");
    let of_row = project.code().func(f).kind == FunctionKind::Method
        && !project.decorators(f).iter().any(bare)
        && project.code().class_of(f).is_some_and(|class| project.orm().is_model(class));
    (0..params.len()).find(|i| {
        if of_row && *i == 0 {
            return true;
        }
        let named = params
            .get(*i)
            .is_some_and(|p| matches!(project.text(p.name), "request" | "view" | "session" | "db_session"));
        let value = project.param_value(f, *i);
        named || value.and_then(|v| project.lib_class(f, v)).is_some_and(per_request)
    })
}

fn keyed(cx: Cx<'_>, place: Place, f: FuncId, i: usize) -> Judgement {
    let project = cx.project;
    let function = project.code().func(f);
    if matches!(project.context(f), RunContext::Script | RunContext::Migration) {
        return Judgement::Rejected("a script: the process ends soon".into());
    }
    let name = function.params.get(i).map_or("", |p| project.text(p.name));
    let message = format!(
        "the cache of `{}` is keyed by `{name}`: it keeps objects of past requests alive",
        project.func_name(f)
    );
    let step = project.step_at(f, function.name_span, format!("`{name}` is part of the key, and is kept with it"));
    let mut draft = finish(cx, f, ValueId(0), message, OBJECT, vec![step], Confidence::Medium);
    draft.place = place;
    Judgement::Confirmed(Box::new(draft))
}

const OBJECT: &str = "Cache by plain values (an id, a name), or keep the result on the object itself";
const CACHE: &str = "Give the cache a size (`lru_cache(maxsize=…)`) or a time to live";
const METHOD: &str =
    "Cache on the instance (`cached_property`, a dictionary in `__init__`), or on a function that does not get `self`";

/// Objects of the class are made on requests or jobs.
fn built_often(project: &Project, f: FuncId) -> bool {
    let Some(class) = project.code().class_of(f) else { return false };
    let Some(init) = project.method(class, "__init__") else { return false };
    project.callers(init).iter().any(|(g, _)| {
        matches!(project.context(*g), RunContext::Request | RunContext::Stream | RunContext::Job)
            && project.code().func(*g).kind != FunctionKind::TopLevel
            && !project.decorators(*g).iter().any(|name| name.contains("cache"))
    })
}

/// A handler itself, or called by one outside of a guard that runs once.
fn called_often(project: &Project, f: FuncId) -> bool {
    let code = project.code();
    let often = |g: FuncId| matches!(project.context(g), RunContext::Request | RunContext::Stream);
    let entry = project.context_path(f).is_some_and(|path| path.via.is_none());
    if entry && often(f) {
        return true;
    }
    project.callers(f).iter().any(|(caller, i)| {
        let once = project.sites(*caller).get(*i as usize).is_none_or(|site| {
            site.remembered
                || inside(code.body(*caller), site.op, |kind| matches!(kind, RegionKind::Arm { cond: Some(_), .. }))
        });
        let cached = project.decorators(*caller).iter().any(|name| name.contains("cache"));
        !once
            && !cached
            && often(*caller)
            && code.func(*caller).kind != FunctionKind::TopLevel
            && project.text(code.func(*caller).name) != "__init__"
    })
}

/// Queues without a bound that a nested reader fills and the generator empties.
fn relays(project: &Project, f: FuncId) -> impl Iterator<Item = (ValueId, ValueId)> + '_ {
    let code = project.code();
    let body = code.body(f);
    let yields = body.ops.iter().enumerate().any(|(i, op)| {
        let at = ValueId(u32::try_from(i).unwrap_or(u32::MAX));
        matches!(op.kind, OpKind::Yield(_)) && inside(body, at, |kind| matches!(kind, RegionKind::Loop { .. }))
    });
    body.ops.iter().enumerate().filter(move |_| yields).filter_map(move |(i, op)| {
        let OpKind::Call { callee, args } = &op.kind else { return None };
        let Type::LibRef(name) = project.ty(f, *callee) else { return None };
        if !matches!(
            project.text(*name),
            "asyncio.Queue" | "queue.Queue" | "queue.SimpleQueue" | "asyncio.queues.Queue"
        ) {
            return None;
        }
        let sized = args
            .iter()
            .any(|arg| !matches!(code.op(f, arg.value).map(|op| &op.kind), Some(OpKind::Const(Const::Int(Wide(0))))));
        if sized {
            return None;
        }
        let queue = ValueId(u32::try_from(i).ok()?);
        let flow = Flow::new(code, f);
        let name = flow.uses(queue).aliases.into_iter().find_map(|alias| match body.op(alias)?.kind {
            OpKind::Bind { name, .. } => Some(name),
            _ => None,
        })?;
        // A nested function reads another stream and puts what it reads.
        let put = body.ops.iter().enumerate().find_map(|(j, op)| {
            let OpKind::Closure(inner) = op.kind else { return None };
            let inner = code.func_id(code.module_of(f), inner);
            fills(project, inner, name).then(|| ValueId(u32::try_from(j).unwrap_or(u32::MAX)))
        })?;
        Some((queue, put))
    })
}

fn fills(project: &Project, inner: FuncId, queue: crate::model::Sym) -> bool {
    let body = project.code().body(inner);
    body.ops.iter().enumerate().any(|(i, op)| {
        let OpKind::Call { callee, .. } = op.kind else { return false };
        let Some(OpKind::Attr { base, name }) = body.op(callee).map(|op| &op.kind) else { return false };
        let at = ValueId(u32::try_from(i).unwrap_or(u32::MAX));
        matches!(project.text(*name), "put" | "put_nowait")
            && matches!(body.op(*base).map(|op| &op.kind), Some(OpKind::Captured { name, .. }) if *name == queue)
            && inside(body, at, |kind| {
                matches!(kind, RegionKind::Loop { kind: LoopKind::AsyncFor | LoopKind::For, .. })
            })
    })
}

fn relay(cx: Cx<'_>, f: FuncId, queue: ValueId, put: ValueId) -> Judgement {
    let project = cx.project;
    let message = format!(
        "the queue of `{}` has no bound: a client that reads slowly makes it hold the whole stream",
        project.func_name(f)
    );
    let steps = vec![
        project.step(f, queue, format!("`{}` has no `maxsize`", project.describe(f, queue))),
        project.step(f, put, "filled as fast as the source delivers"),
    ];
    let advice = "Give the queue a `maxsize`, so that the reader waits for the client";
    Judgement::Confirmed(Box::new(finish(cx, f, queue, message, advice, steps, Confidence::Medium)))
}

/// `logger.addHandler(handler)` and `atexit.register(f)`.
fn registrations(project: &Project, f: FuncId) -> impl Iterator<Item = ValueId> + '_ {
    let code = project.code();
    let body = code.body(f);
    body.ops.iter().enumerate().filter_map(move |(i, op)| {
        let OpKind::Call { callee, .. } = op.kind else { return None };
        let at = ValueId(u32::try_from(i).ok()?);
        let handler = matches!(body.op(callee).map(|op| &op.kind), Some(OpKind::Attr { name, .. }) if project.text(*name) == "addHandler");
        let at_exit = matches!(project.ty(f, callee), Type::LibRef(name) if project.text(*name) == "atexit.register");
        (handler || at_exit).then_some(at)
    })
}

fn registered(cx: Cx<'_>, f: FuncId, op: ValueId) -> Judgement {
    let project = cx.project;
    let code = project.code();
    let body = code.body(f);
    let name = project.describe(f, op);
    let guarded = inside(body, op, |kind| matches!(kind, RegionKind::Arm { cond: Some(_), .. }));
    if guarded {
        return Judgement::Rejected("only under a condition".into());
    }
    let undoes = |name: &str| matches!(name, "removeHandler" | "unregister" | "handlers");
    let undone = code.func_ids().filter(|g| code.module_of(*g) == code.module_of(f)).any(|g| {
        code.body(g).ops.iter().any(|op| match op.kind {
            OpKind::Attr { name, .. } | OpKind::StoreAttr { name, .. } => undoes(project.text(name)),
            _ => false,
        })
    });
    if undone {
        return Judgement::Rejected("it is taken out again".into());
    }
    if !called_often(project, f) {
        return Judgement::Rejected("registered at start-up, or once for an object that is made once".into());
    }
    let message =
        format!("`{name}` registers one more in every call of `{}` and none is taken out", project.func_name(f));
    let steps = vec![project.step(f, op, format!("`{name}` keeps what it is given for the life of the process"))];
    let advice = "Register once at start-up, or take it out again when the call ends";
    Judgement::Confirmed(Box::new(finish(cx, f, op, message, advice, steps, Confidence::Medium)))
}
