//! Acquisitions: the places that get something that must be released, and what becomes of it.
//! Calls of project functions that return a fresh resource count like the library call inside.

use super::calls::SiteKind;
use super::closables::{Owners, closed_by_hand, taken_out};
use super::code::FuncId;
use super::fates::Tracer;
use super::injection::Provider;
use super::project::Project;
use super::traces::{Trace, inside};
use super::types::Type;
use crate::libraries::{Resource, Row};
use crate::model::{ArgKind, FunctionKind, OpKind, RegionKind, Sym, ValueId};
use crate::order::InOrder as _;
use rustc_hash::FxHashMap;

/// A place that acquires a resource.
#[derive(Clone, Debug)]
pub struct Acquisition {
    /// Function.
    pub func: FuncId,
    /// The call (or property read).
    pub op: ValueId,
    /// What is acquired.
    pub resource: Resource,
    /// The library row that acquires, at the end of the chain of factories; none for a project
    /// class that is itself a resource.
    pub row: Option<&'static Row>,
    /// The project function that returns it.
    pub factory: Option<FuncId>,
    /// A callee on the way was found by its name only.
    pub by_name: bool,
    /// What becomes of it.
    pub fate: Fate,
    /// Every op that releases it, wherever it stands.
    pub releases: Vec<ValueId>,
}

/// What becomes of an acquired resource, the strongest claim first.
#[derive(Clone, Debug)]
pub enum Fate {
    /// A `with` releases it.
    Managed(ValueId),
    /// A library callee takes it over.
    Taken(ValueId, String),
    /// Closed in a `finally`.
    Finally(ValueId),
    /// A helper closes it.
    Helper(ValueId, FuncId),
    /// Stored in an attribute; the flag tells whether the owner closes it.
    Stored {
        /// The assignment.
        op: ValueId,
        /// Attribute.
        name: Sym,
        /// Some code closes that attribute.
        closes: bool,
        /// It is an attribute of `self`.
        own: bool,
    },
    /// Lives as long as the process: a module's or class's top level, a global, a cached function.
    Shared,
    /// Returned to the caller.
    Returned(ValueId),
    /// Yielded by a generator that is no provider.
    Yielded(ValueId),
    /// Put in a container or kept alive by a part that leaves.
    Contained(ValueId),
    /// Put under a constant key of a parameter; the flag tells whether something closes it there.
    Keyed(ValueId, Sym, bool),
    /// A nested function that outlives the call uses it.
    Captured(FuncId),
    /// Passed to something that may own it.
    Passed(ValueId, String),
    /// Closed, but not when an exception comes before.
    Closed(ValueId),
    /// Never released.
    Leaked(Leak),
}

/// How it is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leak {
    /// No close anywhere.
    Never,
    /// Closed only while an exception is handled.
    OnlyOnError(ValueId),
    /// Acquired per pass of a loop, closed once after it.
    AfterLoop(ValueId),
    /// The `with` ends the transaction only.
    TransactionOnly(ValueId),
}

impl Project {
    /// All acquisitions, by function and position.
    #[must_use]
    pub fn acquisitions(&self) -> &[Acquisition] {
        self.lazy().acquisitions.get_or_init(|| find(self))
    }

    /// The session or connection that injection holds open for parameter `i` of `f` while the
    /// handler runs: its class, and whether the provider was seen.
    #[must_use]
    pub fn held_by_injection(&self, f: FuncId, i: usize) -> Option<Held> {
        self.held(f, i, 0)
    }

    fn held(&self, f: FuncId, i: usize, depth: u32) -> Option<Held> {
        if depth > 5 {
            return None;
        }
        let provided = self.provided(f, i)?;
        let at = self.param_value(f, i);
        let class = at.and_then(|at| self.lib_class(f, at));
        let resource = class.and_then(|class| self.library().resource(class));
        let is_session = matches!(resource, Some(Resource::Session | Resource::Connection));
        let word = if resource == Some(Resource::Session) { "session" } else { "connection" };
        let function_scope = provided.ends_before_response;
        match provided.by {
            Provider::Func(g) => {
                let function = self.code().func(g);
                if is_session && function.is_generator {
                    return Some(Held { provider: Some(g), word, param: i, seen: true, direct: true, function_scope });
                }
                (0..function.params.len()).find_map(|j| self.held(g, j, depth + 1)).map(|held| Held {
                    param: i,
                    direct: false,
                    ..held
                })
            }
            Provider::Class(class) => {
                let init = self.method(class, "__init__")?;
                let params = self.code().func(init).params.len();
                (1..params).find_map(|j| self.held(init, j, depth + 1)).map(|held| Held {
                    param: i,
                    direct: false,
                    ..held
                })
            }
            Provider::Unknown => {
                is_session.then_some(Held { provider: None, word, param: i, seen: false, direct: true, function_scope })
            }
        }
    }

    /// The value of a parameter.
    #[must_use]
    pub fn param_value(&self, f: FuncId, i: usize) -> Option<ValueId> {
        let i = u16::try_from(i).ok()?;
        let at = self.code().body(f).ops.iter().position(|op| op.kind == OpKind::Param(i))?;
        Some(ValueId(u32::try_from(at).ok()?))
    }
}

/// A session or connection that injection holds for a handler.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    /// The generator that opens and closes it.
    pub provider: Option<FuncId>,
    /// `session` or `connection`.
    pub word: &'static str,
    /// The handler's parameter.
    pub param: usize,
    /// Whether the provider was seen.
    pub seen: bool,
    /// The parameter is the session itself, not something that was provided with it.
    pub direct: bool,
    /// It is closed when the handler returns, before the response is sent.
    pub function_scope: bool,
}

/// Rounds of factories that return what factories return.
const ROUNDS: usize = 6;

fn find(project: &Project) -> Vec<Acquisition> {
    let mut tracer = Tracer::new(project);
    let mut owners = Owners::default();
    let mut found: FxHashMap<(FuncId, ValueId), Acquisition> = FxHashMap::default();
    let mut fresh: Vec<(FuncId, Resource, Option<&'static Row>, bool)> = Vec::new();
    for f in project.code().func_ids() {
        for (op, resource, row) in direct(project, &mut owners, f) {
            let (fate, releases) = fate_of(project, &mut tracer, f, op, resource);
            // That one way closes it (`response.close()` before the next redirect) says nothing of what the
            // others hand on.
            let by_hand = resource == Resource::Other && row.is_none() && !releases.is_empty();
            if let Fate::Returned(_) = fate
                && !by_hand
                && always_fresh(project, f)
            {
                fresh.push((f, resource, row, false));
            }
            let by_name = row.is_none()
                && (session_by_name(project, f, op) || taken_out(project, f, op).is_some_and(|(_, by_name)| by_name));
            let acquisition = Acquisition { func: f, op, resource, row, factory: None, by_name, fate, releases };
            found.insert((f, op), acquisition);
        }
    }
    for _ in 0..ROUNDS {
        let mut next = Vec::new();
        for (g, resource, row, named) in std::mem::take(&mut fresh) {
            let function = project.code().func(g);
            if function.is_generator || function.kind == FunctionKind::TopLevel {
                continue;
            }
            for (f, i) in project.callers(g) {
                let Some(site) = project.sites(*f).get(*i as usize) else { continue };
                let target = site.targets.iter().find(|target| target.func == g);
                let by_name = named || target.is_none_or(|target| target.by_name);
                let runs_it = matches!(site.kind, SiteKind::Project);
                if !runs_it || found.contains_key(&(*f, site.op)) || site.targets.len() > 1 {
                    continue;
                }
                let (fate, releases) = fate_of(project, &mut tracer, *f, site.op, resource);
                if let Fate::Returned(_) = fate
                    && always_fresh(project, *f)
                {
                    next.push((*f, resource, row, by_name));
                }
                let factory = Some(g);
                let acquisition =
                    Acquisition { func: *f, op: site.op, resource, row, factory, by_name, fate, releases };
                found.insert((*f, site.op), acquisition);
            }
        }
        if next.is_empty() {
            break;
        }
        next.order_by_key(|(f, ..)| *f);
        fresh = next;
    }
    let mut all: Vec<Acquisition> = found.into_values().collect();
    all.order_by_key(|a| (a.func, a.op));
    all
}

/// Everything that `f` returns is made by a call: no parameter, attribute or cached value, which
/// would belong to somebody else.
fn always_fresh(project: &Project, f: FuncId) -> bool {
    let body = project.code().body(f);
    let made = |start: ValueId| {
        let mut work = vec![start];
        let mut seen: Vec<ValueId> = Vec::new();
        while let Some(v) = work.pop() {
            if seen.contains(&v) {
                continue;
            }
            seen.push(v);
            let Some(op) = body.op(v) else { return false };
            match &op.kind {
                OpKind::Bind { value, .. } | OpKind::Await(value) | OpKind::Enter { manager: value, .. } => {
                    work.push(*value)
                }
                OpKind::Annotated { value: Some(value), .. } => work.push(*value),
                OpKind::Phi(values) => work.extend(values.iter().copied()),
                OpKind::Const(crate::model::Const::None) => {}
                OpKind::Call { callee, args } => {
                    // `cache.get(key)`, `dict.pop(…)`: found, not made.
                    let name = project.describe(f, *callee);
                    let short = name.rsplit('.').next().unwrap_or("");
                    let resource =
                        project.lib_class(f, v).and_then(|class| project.library().resource(class)).is_some();
                    let kept = matches!(short, "get" | "pop" | "setdefault" | "cast")
                        && !project
                            .sites_at(f, v)
                            .any(|site| matches!(site.kind, SiteKind::Library(row) if row.acquires.is_some()));
                    if kept || !resource && args.is_empty() {
                        return false;
                    }
                }
                OpKind::Other(_) => {}
                _ => return false,
            }
        }
        true
    };
    body.ops.iter().all(|op| match op.kind {
        OpKind::Return(Some(v)) => made(v),
        _ => true,
    })
}

/// Library calls of `f` that acquire, and constructors of project classes that are resources.
fn direct(project: &Project, owners: &mut Owners, f: FuncId) -> Vec<(ValueId, Resource, Option<&'static Row>)> {
    let body = project.code().body(f);
    let mut out: Vec<(ValueId, Resource, Option<&'static Row>)> = Vec::new();
    for site in project.sites(f) {
        if out.last().is_some_and(|(op, ..)| *op == site.op) || on_given_pool(project, f, site.op) {
            continue;
        }
        if let SiteKind::Library(row) = site.kind
            && let Some(resource) = row.acquires.filter(|_| !read_whole(project, f, site.op, row))
        {
            out.push((site.op, resource, Some(row)));
        } else if let Some(OpKind::Call { callee, .. }) = body.op(site.op).map(|op| &op.kind)
            && let Type::ClassObj(class) = project.ty(f, *callee)
            && let Some(resource) = project.library_ancestors(*class).find_map(|base| project.library().resource(base))
        {
            out.push((site.op, resource, None));
        } else if let Some(resource) = manager(project, f, site.op) {
            out.push((site.op, resource, None));
        } else if let Some((resource, _)) = taken_out(project, f, site.op) {
            out.push((site.op, resource, None));
        } else if let Some(OpKind::Call { callee, .. }) = body.op(site.op).map(|op| &op.kind)
            && let Type::ClassObj(class) = project.ty(f, *callee)
            && owners.owns(project, *class)
        {
            out.push((site.op, Resource::Other, None));
        }
    }
    out.extend(closed_by_hand(project, f).into_iter().map(|op| (op, Resource::Other, None)));
    let named = project.code().calls_in(f).iter().filter(|at| session_by_name(project, f, **at));
    out.extend(named.map(|at| (*at, Resource::Session, None)));
    out
}

/// `load_workbook(path)` reads the whole file and closes it; with `read_only=True` it stays open.
fn read_whole(project: &Project, f: FuncId, op: ValueId, row: &Row) -> bool {
    let Some(OpKind::Call { args, .. }) = project.code().op(f, op).map(|op| &op.kind) else { return false };
    let partly = |kind| {
        matches!(kind, ArgKind::SpreadNamed)
            || matches!(kind, ArgKind::Named(name) if project.text(name) == "read_only")
    };
    row.callee == "openpyxl.load_workbook" && !args.iter().any(|arg| partly(arg.kind))
}

/// `Redis(connection_pool=pool)`, `OpenAI(http_client=client)`: what it works on is made and closed elsewhere.
fn on_given_pool(project: &Project, f: FuncId, op: ValueId) -> bool {
    let Some(OpKind::Call { args, .. }) = project.code().op(f, op).map(|op| &op.kind) else { return false };
    args.iter().any(|arg| {
        let ArgKind::Named(name) = arg.kind else { return false };
        let given =
            !matches!(project.code().op(f, arg.value).map(|op| &op.kind), Some(OpKind::Const(_) | OpKind::Call { .. }));
        given && matches!(project.text(name), "connection_pool" | "http_client")
    })
}

/// `SessionLocal()` or `sessionmaker(…)()` of a module that is not part of the project's files.
fn session_by_name(project: &Project, f: FuncId, call: ValueId) -> bool {
    let body = project.code().body(f);
    let unseen = |v: ValueId| *project.ty(f, v) == Type::Unknown || project.is_out_of_view(f, v);
    // What is called tells most calls apart, before any type is asked for.
    let tells = |v: ValueId| matches!(body.op(v).map(|op| &op.kind), Some(OpKind::Global(_) | OpKind::Call { .. }));
    let callee = |v: ValueId| match body.op(v).map(|op| &op.kind) {
        Some(OpKind::Call { callee, .. }) if tells(*callee) && unseen(*callee) => Some(*callee),
        _ => None,
    };
    let named = |v: ValueId, names: &[&str]| matches!(body.op(v).map(|op| &op.kind), Some(OpKind::Global(name)) if names.contains(&project.text(*name)));
    let Some(made_by) = callee(call) else { return false };
    named(made_by, &["SessionLocal", "AsyncSessionLocal"])
        || callee(made_by).is_some_and(|maker| named(maker, &["sessionmaker", "async_sessionmaker"]))
}

/// A call of a `@contextmanager` function of the project that gives a session or connection.
fn manager(project: &Project, f: FuncId, op: ValueId) -> Option<Resource> {
    let Type::Manager(_, inner) = project.ty(f, op) else { return None };
    let resource = project.library().resource(project.lib_class_of(project.type_of(*inner))?)?;
    matches!(resource, Resource::Session | Resource::Connection).then_some(resource)
}

fn fate_of(
    project: &Project,
    tracer: &mut Tracer<'_>,
    f: FuncId,
    op: ValueId,
    resource: Resource,
) -> (Fate, Vec<ValueId>) {
    let body = project.code().body(f);
    let function = project.code().func(f);
    let trace = tracer.trace(f, op, Some(resource));
    let cached = project.decorators(f).iter().any(|name| {
        let last = name.rsplit('.').next().unwrap_or("").to_ascii_lowercase();
        last.contains("cache") || last.contains("singleton") || last == "once"
    });
    let fate = claimed(tracer, &trace, function.is_generator, resource);
    let fate = match fate {
        Fate::Returned(_) | Fate::Yielded(_) if cached => Fate::Shared,
        Fate::Leaked(_) | Fate::Closed(_) | Fate::Passed(..) | Fate::Contained(_) | Fate::Captured(_)
            if bound_at_top(project, f, op, resource) =>
        {
            Fate::Shared
        }
        Fate::Leaked(Leak::Never) if cached => Fate::Shared,
        Fate::Closed(close) => {
            let looped = body.regions.iter().rev().find(|region| {
                matches!(region.kind, RegionKind::Loop { .. }) && region.start <= op.0 && op.0 < region.end
            });
            match looped {
                Some(region)
                    if trace.closed.iter().all(|c| c.0 < region.start || c.0 >= region.end)
                        && trace.closed_in_handler.is_none()
                        && !exits(body, op, region.end) =>
                {
                    Fate::Leaked(Leak::AfterLoop(close))
                }
                _ => Fate::Closed(close),
            }
        }
        other => other,
    };
    (fate, trace.releases)
}

/// The pass that acquires leaves the loop.
fn exits(body: &crate::model::Body, op: ValueId, end: u32) -> bool {
    let after = body.ops.get(op.0 as usize..end as usize).unwrap_or(&[]);
    after.iter().any(|op| matches!(op.kind, OpKind::Break | OpKind::Return(_)))
}

/// A module's or class's top level keeps what it binds.
fn bound_at_top(project: &Project, f: FuncId, op: ValueId, resource: Resource) -> bool {
    let body = project.code().body(f);
    let top = project.code().func(f).kind == FunctionKind::TopLevel
        || inside(body, op, |kind| matches!(kind, RegionKind::ClassBody(_)));
    let looped = inside(body, op, |kind| matches!(kind, RegionKind::Loop { .. }));
    // A handle that is only used in passing is not kept.
    let handle = matches!(resource, Resource::File | Resource::Cursor | Resource::HttpResponse);
    let bound = || {
        let flow = super::flow::Flow::new(project.code(), f);
        flow.uses(op)
            .aliases
            .iter()
            .any(|alias| matches!(body.op(*alias).map(|op| &op.kind), Some(OpKind::Bind { .. })))
    };
    top && !looped && (!handle || bound())
}

fn claimed(tracer: &Tracer<'_>, trace: &Trace, generator: bool, resource: Resource) -> Fate {
    let lasting = matches!(
        resource,
        Resource::Session | Resource::Connection | Resource::HttpClient | Resource::CacheClient | Resource::Pool
    );
    if let Some(op) = trace.managed {
        return Fate::Managed(op);
    }
    if let Some((op, name)) = &trace.taken {
        return Fate::Taken(*op, name.clone());
    }
    if let Some(op) = trace.closed_finally {
        return Fate::Finally(op);
    }
    if let Some((op, g)) = trace.closed_by {
        return Fate::Helper(op, g);
    }
    if let Some((op, name, own)) = trace.stored {
        return Fate::Stored { op, name, closes: trace.owner_closes, own };
    }
    if trace.global.is_some() {
        return Fate::Shared;
    }
    if let Some(op) = trace.returned {
        return Fate::Returned(op);
    }
    // Who closes it by hand owns it, whatever it is lent to before.
    if let (Resource::Other, Some(op)) = (resource, trace.closed.first()) {
        return Fate::Closed(*op);
    }
    if let Some(op) = trace.contained {
        return Fate::Contained(op);
    }
    if let Some(g) = trace.captured {
        return Fate::Captured(g);
    }
    if let Some((op, name)) = &trace.passed {
        return Fate::Passed(*op, name.clone());
    }
    if let Some(op) = trace.closed.first() {
        return Fate::Closed(*op);
    }
    if let Some(op) = trace.yielded
        && !(generator && lasting)
    {
        return Fate::Yielded(op);
    }
    if let Some((op, key, container)) = &trace.keyed {
        return Fate::Keyed(*op, *key, tracer.closes_key(container, *key));
    }
    if let Some(op) = trace.closed_in_handler {
        return Fate::Leaked(Leak::OnlyOnError(op));
    }
    if let Some(op) = trace.half_managed {
        return Fate::Leaked(Leak::TransactionOnly(op));
    }
    Fate::Leaked(Leak::Never)
}
