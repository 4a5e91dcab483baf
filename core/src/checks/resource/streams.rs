//! How functions stream, and what streams open for themselves.

use super::streaming_resource_holding::{in_loop, is_socket, managed_word};
use crate::analysis::{Bound, Fate, FuncId, Project, SiteKind};
use crate::libraries::{Effects, Resource, RunContext};
use crate::model::{ArgKind, Const, LoopKind, OpKind, RegionKind, ValueId};

/// How a handler keeps its client waiting.
#[derive(Clone, Copy, Debug)]
pub enum Streams {
    /// It returns a streaming response.
    Response {
        /// The call.
        op: ValueId,
        /// What is streamed.
        content: Option<ValueId>,
    },
    /// It serves a WebSocket in a loop.
    Socket {
        /// First op of the loop.
        op: ValueId,
    },
    /// It waits in a loop.
    LongPoll {
        /// The wait.
        op: ValueId,
        /// How long in all; unknown without a limit.
        seconds: Option<i64>,
    },
}

/// A session, connection or transaction that a stream opens.
#[derive(Clone, Copy, Debug)]
pub struct Opened {
    /// The manager or the acquisition.
    pub op: ValueId,
    /// What it is.
    pub word: &'static str,
    /// A chunk is sent while it is open.
    pub yields: bool,
    /// The first such chunk.
    pub sends: Option<ValueId>,
    /// It is opened inside a loop.
    pub in_loop: bool,
    /// It stays open over a wait.
    pub waits: bool,
}

const LONG_POLL: i64 = 30;

/// How `f` streams, if it does.
pub fn streams_of(project: &Project, f: FuncId) -> Option<Streams> {
    let code = project.code();
    if code.func(f).is_generator || !matches!(project.context(f), RunContext::Request | RunContext::Stream) {
        return None;
    }
    if is_socket(project, f) {
        return first_loop(project, f, |kind| matches!(kind, LoopKind::Endless | LoopKind::While | LoopKind::AsyncFor))
            .map(|op| Streams::Socket { op });
    }
    for site in project.sites(f) {
        let SiteKind::Library(row) = site.kind else { continue };
        if !site.effects.any(Effects::STREAMS) {
            continue;
        }
        let short = row.callee.rsplit('.').next().unwrap_or("");
        let Some(OpKind::Call { args, .. }) = code.op(f, site.op).map(|op| &op.kind) else { continue };
        let content = args.iter().find(|arg| match arg.kind {
            ArgKind::Positional => true,
            ArgKind::Named(name) => matches!(project.text(name), "content" | "streaming_content" | "response"),
            _ => false,
        });
        let content = content.map(|arg| arg.value);
        let streaming =
            matches!(short, "StreamingResponse" | "EventSourceResponse" | "StreamingHttpResponse" | "Stream");
        let generator = content.is_some_and(|content| is_generator(project, f, content));
        if streaming || generator && short == "Response" {
            return Some(Streams::Response { op: site.op, content });
        }
    }
    long_poll(project, f)
}

/// The value is made by a generator function or expression.
fn is_generator(project: &Project, f: FuncId, v: ValueId) -> bool {
    match project.code().op(f, crate::analysis::source_of(project.code().body(f), v)).map(|op| &op.kind) {
        Some(OpKind::Comprehension { kind: None, .. }) => true,
        Some(OpKind::Call { args, .. }) => {
            project.sites_at(f, v).any(|site| site.targets.iter().any(|t| project.code().func(t.func).is_generator))
                || project.sites_at(f, v).any(|site| site.effects.any(Effects::STREAMS))
                    && args.first().is_some_and(|arg| is_generator(project, f, arg.value))
        }
        _ => false,
    }
}

fn first_loop(project: &Project, f: FuncId, wanted: impl Fn(LoopKind) -> bool) -> Option<ValueId> {
    let found = project.loops_of(f).iter().find(|l| wanted(l.kind))?;
    Some(ValueId(found.start))
}

/// A loop of a request that sleeps for 30 seconds or more in all.
fn long_poll(project: &Project, f: FuncId) -> Option<Streams> {
    if project.context(f) != RunContext::Request {
        return None;
    }
    for looped in project.loops_of(f) {
        for site in project.sites(f) {
            if !looped.holds(site.op) || !site.effects.any(Effects::ASYNC_SLEEP.with(Effects::SLEEP)) {
                continue;
            }
            let Some(OpKind::Call { args, .. }) = project.code().op(f, site.op).map(|op| &op.kind) else { continue };
            let pause = args.first().map(|arg| project.origin(f, arg.value));
            let pause = match pause.and_then(|(g, v)| project.code().op(g, v)).map(|op| &op.kind) {
                Some(OpKind::Const(Const::Int(i))) => Some(i.get()),
                _ => None,
            };
            match (looped.bound, looped.kind) {
                (Bound::Constant(n), _) => {
                    let seconds = i64::from(n) * pause.unwrap_or(0);
                    if seconds >= LONG_POLL {
                        return Some(Streams::LongPoll { op: site.op, seconds: Some(seconds) });
                    }
                }
                (_, LoopKind::Endless | LoopKind::While) => {
                    // A retry leaves after an exception; a poll leaves when the row says so.
                    return Some(Streams::LongPoll { op: site.op, seconds: None });
                }
                _ => {
                    if let Some(n) = range_of(project, f, looped.iter)
                        && n * pause.unwrap_or(0) >= LONG_POLL
                    {
                        return Some(Streams::LongPoll { op: site.op, seconds: Some(n * pause.unwrap_or(0)) });
                    }
                }
            }
        }
    }
    None
}

/// `range(60)`
fn range_of(project: &Project, f: FuncId, iter: Option<ValueId>) -> Option<i64> {
    let (g, v) = project.origin(f, iter?);
    let OpKind::Call { callee, args } = &project.code().op(g, v)?.kind else { return None };
    let [only] = args.as_slice() else { return None };
    let (h, at) = project.origin(g, only.value);
    match (project.describe(g, *callee).as_str(), &project.code().op(h, at)?.kind) {
        ("range", OpKind::Const(Const::Int(n))) => Some(n.get()),
        _ => None,
    }
}

/// What a stream's own code opens: in its generator, or around the loop that serves a WebSocket.
pub fn opened_in(project: &Project, f: FuncId, how: Option<Streams>) -> Vec<Opened> {
    let code = project.code();
    let body = code.body(f);
    let socket = matches!(how, Some(Streams::Socket { .. }));
    let provider = project.providers().contains(&f)
        || project.decorators(f).iter().any(|name| name.ends_with("contextmanager") || name.ends_with("fixture"));
    if project.context(f) != RunContext::Stream || provider || !socket && !code.func(f).is_generator {
        return Vec::new();
    }
    let chunk = |start: u32, end: u32| {
        let range = start as usize..(end as usize).min(body.ops.len());
        let ops = body.ops.get(range).unwrap_or(&[]);
        let at = if socket {
            let serves = body.regions.iter().find(|region| {
                start <= region.start
                    && region.end <= end
                    && matches!(
                        region.kind,
                        RegionKind::Loop { kind: LoopKind::Endless | LoopKind::While | LoopKind::AsyncFor, .. }
                    )
            });
            serves.and_then(|region| region.start.checked_sub(start))
        } else {
            let at = ops.iter().position(|op| matches!(op.kind, OpKind::Yield(_) | OpKind::YieldFrom(_)));
            at.and_then(|at| u32::try_from(at).ok())
        };
        at.map(|at| ValueId(start + at))
    };
    let waits = |start: u32, end: u32| {
        project.sites(f).iter().any(|site| {
            start <= site.op.0
                && site.op.0 < end
                && project.effects_of(site).any(Effects::ASYNC_SLEEP.with(Effects::SLEEP).with(Effects::WAITS))
        })
    };
    let mut out: Vec<Opened> = Vec::new();
    let mut covered = 0;
    for region in &body.regions {
        let RegionKind::With { manager, .. } = region.kind else { continue };
        let Some(word) = managed_word(project, f, manager) else { continue };
        // An inner transaction of a held connection is the same matter.
        if region.start < covered {
            continue;
        }
        covered = region.end;
        let sends = chunk(region.start, region.end);
        let in_loop = in_loop(project, f, manager);
        let waits = waits(region.start, region.end);
        out.push(Opened { op: manager, word, yields: sends.is_some(), sends, in_loop, waits });
    }
    for a in project.acquisitions().iter().filter(|a| a.func == f) {
        let word = match a.resource {
            Resource::Session => "session",
            Resource::Connection => "connection",
            _ => continue,
        };
        let end = match a.fate {
            Fate::Finally(close) | Fate::Closed(close) | Fate::Helper(close, _) => close.0,
            Fate::Leaked(_) => u32::try_from(body.ops.len()).unwrap_or(u32::MAX),
            _ => continue,
        };
        let sends = chunk(a.op.0, end);
        let in_loop = in_loop(project, f, a.op);
        out.push(Opened { op: a.op, word, yields: sends.is_some(), sends, in_loop, waits: waits(a.op.0, end) });
    }
    out
}
