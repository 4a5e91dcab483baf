//! What the event-loop checks share: the places in asynchronous functions that hold the thread,
//! one per cause, and the places that look so but do not.

use super::callbacks;
use super::handed::{self, Guess};
use super::waits;
use crate::analysis::{BlockPath, FuncId, Hold, Project, Site, SiteKind, Type, source_of};
use crate::checks::check::{Candidates, Cx, Place};
use crate::checks::support::place_of;
use crate::libraries::{Place as Where, Resource, RunContext};
use crate::model::{Const, FunctionKind, OpKind, ValueId};
use crate::order::InOrder as _;
use std::collections::BTreeMap;

/// A place to judge.
#[derive(Clone, Debug)]
pub enum OnLoop {
    /// Calls of one cause that hold the thread, in order.
    Blocks(Vec<Site>),
    /// Would block, but runs in a worker thread or process: what hands it over.
    Thread(String),
    /// Would block, but is handed over by reference.
    Reference(String),
    /// A synchronous endpoint of a framework that runs such endpoints in a thread pool.
    Endpoint,
    /// Would block, but only on the first use: what is kept.
    Once,
    /// Reaches a distant blocking line that is reported at its nearest caller: which line.
    Elsewhere(String),
    /// Neither a table nor a body says that it blocks: why it is taken to.
    Guessed(Guess),
    /// One blocking line in a synchronous function that many asynchronous functions reach.
    Shared(Vec<(FuncId, Site)>),
}

/// The candidates of one hold.
pub(super) fn candidates(cx: Cx<'_>, hold: Hold) -> Candidates<OnLoop> {
    let project = cx.project;
    let code = project.code();
    let mut found = Vec::new();
    let mut coroutines = 0;
    let called_back = callbacks::of_loops(project);
    for f in code.func_ids() {
        let function = code.func(f);
        if function.kind == FunctionKind::TopLevel || project.context(f) == RunContext::Test {
            continue;
        }
        if function.is_async || called_back.contains(&f) {
            coroutines += 1;
            on_async_side(project, f, hold, &mut found);
        } else if is_pooled_endpoint(project, f) {
            let sites = causes(project, f, hold).into_values().filter_map(|sites| sites.into_iter().next());
            found.extend(sites.map(|site| (place_of(project, f, site.op), OnLoop::Endpoint)));
        }
    }
    if coroutines == 0 && found.is_empty() {
        return Candidates::Nothing("no asynchronous function was found");
    }
    if hold != Hold::Io {
        share(project, hold, &mut found);
    } else {
        nearest_only(project, hold, &mut found);
        found.extend(handed::candidates(project));
        found.extend(waits::candidates(project));
    }
    found.order_by_key(|(place, _)| *place);
    found.dedup_by_key(|(place, _)| *place);
    Candidates::Found(found, format!("{coroutines} asynchronous functions"))
}

/// A call that is further away may lie behind a condition that never holds here.
pub(super) const FAR: usize = 6;
/// From this many asynchronous functions on, the blocking line itself is the place to change.
const MANY: usize = 3;

/// Candidates that end in one line become one candidate there.
fn share(project: &Project, hold: Hold, found: &mut Vec<(Place, OnLoop)>) {
    let mut ends: BTreeMap<(FuncId, ValueId), Vec<(FuncId, Site)>> = BTreeMap::new();
    let end_of = |place: &Place, candidate: &OnLoop| {
        let OnLoop::Blocks(sites) = candidate else { return None };
        let site = sites.first()?;
        let path = project.block_path(place.func, site, hold)?;
        let on_loop = !matches!(project.context(place.func), RunContext::Script | RunContext::Migration);
        (path.end != place.func && on_loop).then(|| ((path.end, path.site.op), site.clone()))
    };
    for (place, candidate) in found.iter() {
        if let Some((end, site)) = end_of(place, candidate) {
            ends.entry(end).or_default().push((place.func, site));
        }
    }
    ends.retain(|_, callers| callers.len() >= MANY);
    found.retain(|(place, candidate)| end_of(place, candidate).is_none_or(|(end, _)| !ends.contains_key(&end)));
    found.extend(ends.into_iter().map(|((f, op), callers)| (place_of(project, f, op), OnLoop::Shared(callers))));
}

/// Where many asynchronous functions reach one distant blocking line, the nearest of them stands for
/// all: mending it there, or at the line, mends them all.
fn nearest_only(project: &Project, hold: Hold, found: &mut [(Place, OnLoop)]) {
    const DISTANT: usize = 4;
    let distant = |place: &Place, candidate: &OnLoop| {
        let OnLoop::Blocks(sites) = candidate else { return None };
        let path = project.block_path(place.func, sites.first()?, hold)?;
        (path.steps.len() >= DISTANT).then_some((path.end, path.site.op, path.steps.len()))
    };
    let mut ends: BTreeMap<(FuncId, ValueId), Vec<(usize, Place)>> = BTreeMap::new();
    for (place, candidate) in found.iter() {
        if let Some((end, op, length)) = distant(place, candidate) {
            ends.entry((end, op)).or_default().push((length, *place));
        }
    }
    ends.retain(|_, callers| callers.len() >= MANY);
    for (place, candidate) in found {
        let Some((end, op, _)) = distant(place, candidate) else { continue };
        let Some(callers) = ends.get(&(end, op)) else { continue };
        if callers.iter().min().is_some_and(|(_, nearest)| nearest != place) {
            *candidate = OnLoop::Elsewhere(project.describe(end, op));
        }
    }
}

/// Why nothing is held up in a command.
pub(super) const ALONE: &str = "a script: nobody else runs on its loop";

/// Whether the project makes tasks: what `__main__` runs is a daemon then, and others wait for its loop.
pub(super) fn shares_loop(project: &Project) -> bool {
    const MAKE: &[&str] =
        &["create_task", "ensure_future", "gather", "run_forever", "serve_forever", "start_server", "start_soon"];
    let code = project.code();
    let made = MAKE.iter().filter_map(|name| project.sym(name)).flat_map(|name| code.method_calls(name));
    made.into_iter().any(|call| !matches!(project.context(call.func), RunContext::Test | RunContext::Migration))
}

fn on_async_side(project: &Project, f: FuncId, hold: Hold, found: &mut Vec<(Place, OnLoop)>) {
    for sites in causes(project, f, hold).into_values() {
        let Some(first) = sites.first() else { continue };
        let place = place_of(project, f, first.op);
        let remembered = |site: &Site| site.targets.iter().any(|target| project.remembers(f, site, target.func));
        // Reading again what is too old is rare work for the processor, but the loop waits for each read.
        let anew = |site: &Site| matches!(hold, Hold::Io) && project.expires(f, site.op);
        let kept = |site: &Site| project.runs_once(f, site.op) && !anew(site);
        let once = sites.iter().all(|site| kept(site) || remembered(site));
        found.push((place, if once { OnLoop::Once } else { OnLoop::Blocks(sites) }));
    }
    for site in project.sites(f) {
        if let Some(wrapper) = off_loaded(project, f, site, hold) {
            found.push((place_of(project, f, site.op), OnLoop::Thread(wrapper)));
        }
    }
    for (i, op) in project.code().body(f).ops.iter().enumerate() {
        let OpKind::Call { args, callee } = &op.kind else { continue };
        let at = ValueId(u32::try_from(i).unwrap_or(u32::MAX));
        let runs_it = |g: FuncId| project.sites_at(f, at).any(|s| s.targets.iter().any(|t| t.func == g));
        let handed = args.iter().find_map(|arg| match *project.ty(f, arg.value) {
            Type::Func(g) | Type::Bound(g, _) if project.blocks(g, hold) && !runs_it(g) => Some(g),
            _ => None,
        });
        if handed.is_some() && !project.sites_at(f, at).any(runs_in_thread) {
            found.push((place_of(project, f, at), OnLoop::Reference(project.describe(f, *callee))));
        }
    }
}

/// Sites of `f` that hold the thread, by cause: the resource they work on, else what they call.
fn causes(project: &Project, f: FuncId, hold: Hold) -> BTreeMap<String, Vec<Site>> {
    let mut out: BTreeMap<String, Vec<Site>> = BTreeMap::new();
    for site in project.sites(f) {
        let blocks = project.blocks_here(f, site, hold)
            || site.targets.iter().any(|target| project.blocks(target.func, hold))
                && project.block_path(f, site, hold).is_some();
        if blocks {
            out.entry(cause(project, f, site)).or_default().push(site.clone());
        }
    }
    out
}

/// Calls on one file, connection or session are one cause; so are all calls of one function.
fn cause(project: &Project, f: FuncId, site: &Site) -> String {
    if let Some(target) = site.targets.first() {
        return format!("fn {}", target.func.0);
    }
    match (receiver(project, f, site.op), site.kind) {
        (Some(receiver), _) => receiver,
        (None, SiteKind::Library(row)) => format!("call {}", row.callee),
        (None, _) => format!("op {}", site.op.0),
    }
}

/// What the op works on: the call that made it, or the variable with its attributes.
fn receiver(project: &Project, f: FuncId, op: ValueId) -> Option<String> {
    let body = project.code().body(f);
    let base = match &body.op(op)?.kind {
        OpKind::Call { callee, args } => {
            let file = args.iter().take(3).find(|arg| is_file(project, f, arg.value));
            match (&body.op(*callee)?.kind, file) {
                // `json.load(file)`
                (_, Some(arg)) => arg.value,
                (OpKind::Attr { base, .. }, None) => *base,
                _ => return None,
            }
        }
        OpKind::Element(v) | OpKind::Enter { manager: v, .. } => *v,
        _ => return None,
    };
    let mut attrs = Vec::new();
    let mut at = base;
    for _ in 0..32 {
        at = source_of(body, at);
        match &body.op(at)?.kind {
            OpKind::Attr { base, name } => {
                attrs.push(project.text(*name));
                at = *base;
            }
            OpKind::Enter { manager, .. } => at = *manager,
            OpKind::Call { callee, .. } => {
                attrs.clear();
                let row = project.sites_at(f, at).find_map(|site| match site.kind {
                    SiteKind::Library(row) => Some(row),
                    _ => None,
                });
                match &body.op(*callee)?.kind {
                    // `open(…)`, `connect(…)`, `Path(…)`: what it made is the cause.
                    OpKind::Global(_) => {
                        return Some(row.map_or_else(|| format!("op {}", at.0), |r| made(r.callee, at)));
                    }
                    OpKind::Attr { base, .. } => {
                        if let Some(row) = row
                            && matches!(project.ty(f, *base), Type::LibRef(_))
                        {
                            return Some(made(row.callee, at));
                        }
                        at = *base;
                    }
                    _ => return Some(format!("op {}", at.0)),
                }
            }
            OpKind::Global(name) | OpKind::Captured { name, .. } => {
                if matches!(project.ty(f, at), Type::LibRef(_) | Type::Module(_)) {
                    return None;
                }
                return Some(format!("{} {}", project.text(*name), attrs.join(".")));
            }
            OpKind::Param(i) => return Some(format!("param {i} {}", attrs.join("."))),
            _ => return Some(format!("op {} {}", at.0, attrs.join("."))),
        }
    }
    None
}

fn is_file(project: &Project, f: FuncId, v: ValueId) -> bool {
    project.lib_class(f, v).and_then(|class| project.library().resource(class)) == Some(Resource::File)
}

/// Calls like `open(…)` are one cause each function, however many files it opens.
fn made(callee: &str, at: ValueId) -> String {
    match callee {
        "pathlib.Path" => format!("op {}", at.0),
        _ => format!("call {callee}"),
    }
}

fn runs_in_thread(site: &Site) -> bool {
    matches!(site.kind, SiteKind::Library(row) if row.runs.is_some_and(|r| matches!(r.place, Where::Thread | Where::Process)))
}

/// The wrapper that runs what would block elsewhere.
fn off_loaded(project: &Project, f: FuncId, site: &Site, hold: Hold) -> Option<String> {
    let OpKind::Call { callee, args } = &project.code().op(f, site.op)?.kind else { return None };
    if matches!(site.place, Where::Thread | Where::Process) {
        let blocks = hold.is_in(site.effects) || site.targets.iter().any(|target| project.blocks(target.func, hold));
        return blocks.then(|| project.describe(f, *callee));
    }
    if !runs_in_thread(site) {
        return None;
    }
    let handed = args.iter().any(|arg| would_block(project, f, arg.value, hold, 0));
    handed.then(|| project.describe(f, *callee))
}

/// Whether calling the value would hold the thread.
fn would_block(project: &Project, f: FuncId, v: ValueId, hold: Hold, depth: u32) -> bool {
    let library = project.library();
    let known = match project.ty(f, v) {
        Type::Func(g) | Type::Bound(g, _) => project.blocks(*g, hold),
        Type::LibRef(name) => library.row(project.text(*name)).is_some_and(|row| hold.is_in(row.effects)),
        Type::LibBound(receiver, name) => project
            .lib_class_of(project.type_of(*receiver))
            .and_then(|class| library.method(class, project.text(*name)))
            .is_some_and(|(row, _)| hold.is_in(row.effects)),
        _ => false,
    };
    if known || depth > 2 {
        return known;
    }
    // `partial(requests.get, url)`
    let body = project.code().body(f);
    match body.op(source_of(body, v)).map(|op| &op.kind) {
        Some(OpKind::Call { args, .. }) => {
            args.first().is_some_and(|arg| would_block(project, f, arg.value, hold, depth + 1))
        }
        _ => false,
    }
}

/// FastAPI and Starlette run synchronous endpoints in a thread pool.
fn is_pooled_endpoint(project: &Project, f: FuncId) -> bool {
    const ROUTES: &[&str] = &["get", "post", "put", "patch", "delete", "head", "options", "api_route", "route"];
    routes(project, f).any(|(owner, method)| {
        (owner.starts_with("fastapi.") || owner.starts_with("starlette.")) && ROUTES.contains(&method)
    })
}

/// Decorators of the form `@owner.method(…)`: the owner's library class and the method.
fn routes(project: &Project, f: FuncId) -> impl Iterator<Item = (&str, &str)> {
    let code = project.code();
    let parent = code.parent(f);
    code.func(f).decorators.iter().filter_map(move |decorator| {
        let OpKind::Attr { base, name } = code.op(parent, code.called(parent, decorator.value))?.kind else {
            return None;
        };
        Some((project.lib_class(parent, base)?, project.text(name)))
    })
}

/// Why a candidate that does not block is dismissed.
pub(super) fn dismissal(candidate: &OnLoop) -> Option<String> {
    Some(match candidate {
        OnLoop::Blocks(_) | OnLoop::Shared(_) | OnLoop::Guessed(_) => return None,
        OnLoop::Thread(wrapper) => format!("`{wrapper}` runs it in a worker thread"),
        OnLoop::Reference(callee) => format!("handed to `{callee}` by reference: it does not run here"),
        OnLoop::Endpoint => "a `def` endpoint runs in the thread pool of the framework".into(),
        OnLoop::Elsewhere(line) => format!("`{line}` is reported at the nearest of the functions that reach it"),
        OnLoop::Once => "runs on the first use only: the result is kept".into(),
    })
}

/// The paths of all sites of a cause.
pub(super) fn paths(project: &Project, f: FuncId, sites: &[Site], hold: Hold) -> Vec<BlockPath> {
    sites.iter().filter_map(|site| project.block_path(f, site, hold)).collect()
}

/// Flask runs an own loop for each request of an `async def` view.
pub(super) fn in_flask_view(project: &Project, f: FuncId) -> bool {
    let entry = project.entry_of(f);
    routes(project, entry).any(|(owner, _)| owner.starts_with("flask."))
}

/// Whether a keyword of the call limits its time.
pub(super) fn has_timeout(project: &Project, path: &BlockPath) -> bool {
    let body = project.code().body(path.end);
    let Some(OpKind::Call { args, .. }) = body.op(path.site.op).map(|op| &op.kind) else { return false };
    args.iter().any(|arg| match arg.kind {
        crate::model::ArgKind::Named(name) => {
            project.text(name).contains("timeout")
                && !matches!(body.op(arg.value).map(|op| &op.kind), Some(OpKind::Const(Const::None)))
        }
        _ => false,
    })
}
