//! Ways out of a function that skip the release of a resource: exceptions, early returns.

use crate::analysis::{Acquisition, Flow, FuncId, Project, Type};
use crate::libraries::Effects;
use crate::model::{Body, OpKind, Region, RegionId, RegionKind, ValueId};

/// How a function is left with the resource still open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escape {
    /// A call may raise.
    Fails(ValueId),
    /// The function raises.
    Raises(ValueId),
    /// It returns before the release.
    Returns(ValueId),
    /// What consumes the generator raises or stops there.
    Thrown(ValueId),
}

impl Escape {
    /// The op.
    pub const fn op(self) -> ValueId {
        match self {
            Self::Fails(op) | Self::Raises(op) | Self::Returns(op) | Self::Thrown(op) => op,
        }
    }
}

/// The paths of one acquisition.
#[derive(Debug)]
pub struct Paths<'p> {
    project: &'p Project,
    f: FuncId,
    body: &'p Body,
    regions: Vec<RegionId>,
    acquired: ValueId,
    releases: &'p [ValueId],
    aliases: Vec<ValueId>,
}

/// Calls that do not fail in practice.
const HARMLESS: &[&str] = &[
    "print",
    "len",
    "isinstance",
    "str",
    "repr",
    "bool",
    "id",
    "type",
    "list",
    "dict",
    "set",
    "tuple",
    "perf_counter",
    "monotonic",
    "time",
    "now",
    "utcnow",
    "debug",
    "info",
    "warning",
    "error",
    "exception",
    "append",
    "getLogger",
    "uuid4",
    "sorted",
    "range",
    "enumerate",
    "zip",
    "format",
    "join",
    "strip",
    "lower",
    "upper",
    "copy",
    "keys",
    "values",
    "items",
    "add_argument",
    "hasattr",
    "getattr",
    "setdefault",
    "get",
    "startswith",
    "endswith",
];

impl<'p> Paths<'p> {
    /// Looks at the function of an acquisition that is released by `releases`.
    pub fn new(project: &'p Project, a: &Acquisition, releases: &'p [ValueId]) -> Self {
        let body = project.code().body(a.func);
        let aliases = Flow::new(project.code(), a.func).uses(a.op).aliases;
        Self { project, f: a.func, body, regions: body.region_of_ops(), acquired: a.op, releases, aliases }
    }

    /// The last release on the normal path; none when a release is guaranteed.
    pub fn last(&self) -> Option<ValueId> {
        if self.releases.iter().any(|op| self.chain(*op).any(|(_, r)| matches!(r.kind, RegionKind::Finally))) {
            return None;
        }
        let normal = |op: &&ValueId| {
            **op > self.acquired && !self.chain(**op).any(|(_, r)| matches!(r.kind, RegionKind::Handler { .. }))
        };
        self.releases.iter().filter(normal).max().copied()
    }

    /// The first way out before that release; one that does something outside the process before
    /// one that only computes.
    pub fn first(&self, last: ValueId) -> Option<Escape> {
        let mut all = (self.acquired.0 + 1..last.0).map(ValueId).filter_map(|op| self.escape(op));
        let first = all.next()?;
        let telling = |escape: &Escape| match escape {
            Escape::Fails(op) => self.does_something(*op),
            _ => true,
        };
        Some(if telling(&first) { first } else { all.find(telling).unwrap_or(first) })
    }

    /// The first call on the resource itself that may fail before it is handed on: `sock.connect(…)`.
    pub fn first_on_it(&self, last: ValueId) -> Option<Escape> {
        (self.acquired.0 + 1..last.0).map(ValueId).filter_map(|op| self.escape(op)).find(|escape| match escape {
            Escape::Fails(op) => self.on_it(*op) && self.does_something(*op),
            _ => false,
        })
    }

    /// A call that reaches for the other side: such calls fail often.
    fn on_it(&self, call: ValueId) -> bool {
        let Some(OpKind::Call { callee, .. }) = self.body.op(call).map(|op| &op.kind) else { return false };
        match self.body.op(*callee).map(|op| &op.kind) {
            Some(OpKind::Attr { base, name }) => {
                let reaches = matches!(
                    self.project.text(*name),
                    "connect" | "login" | "starttls" | "authenticate" | "do_handshake"
                );
                reaches && self.aliases.contains(base)
            }
            _ => false,
        }
    }

    fn escape(&self, op: ValueId) -> Option<Escape> {
        let found = match &self.body.op(op)?.kind {
            OpKind::Call { callee, .. } if self.may_fail(op, *callee) => Escape::Fails(op),
            OpKind::Raise(_) => Escape::Raises(op),
            OpKind::Return(_) => Escape::Returns(op),
            OpKind::Yield(_) | OpKind::YieldFrom(_) => Escape::Thrown(op),
            _ => return None,
        };
        let skipped = self.elsewhere(op) || self.released_before(op) || self.tested(op);
        (!skipped && self.leaks(op, matches!(found, Escape::Returns(_)))).then_some(found)
    }

    fn may_fail(&self, op: ValueId, callee: ValueId) -> bool {
        if self.releases.contains(&op) || self.releases.contains(&callee) {
            return false;
        }
        let name = self.project.describe(self.f, callee);
        let short = name.rsplit('.').next().unwrap_or("").trim_end_matches("(…)").trim_end_matches("()");
        if matches!(short, "connect_ex" | "settimeout" | "setsockopt" | "getsockname") {
            return false;
        }
        if self.does_something(op) {
            return true;
        }
        !HARMLESS.contains(&short) && !name.starts_with("log") && !name.contains("logger.")
    }

    fn does_something(&self, op: ValueId) -> bool {
        self.project.sites_at(self.f, op).any(|site| self.project.effects_of(site) != Effects::NONE)
    }

    /// Regions around an op, innermost first.
    fn chain(&self, op: ValueId) -> impl Iterator<Item = (RegionId, &'p Region)> + '_ {
        let mut at = self.regions.get(op.0 as usize).copied();
        std::iter::from_fn(move || {
            let id = at?;
            let region = self.body.regions.get(id.0 as usize)?;
            at = (id != RegionId::ROOT).then_some(region.parent);
            Some((id, region))
        })
    }

    fn holds(region: &Region, op: ValueId) -> bool {
        region.start <= op.0 && op.0 < region.end
    }

    /// In another branch than the acquisition, or in a handler (which something else led to).
    fn elsewhere(&self, op: ValueId) -> bool {
        self.chain(op).any(|(_, region)| match region.kind {
            RegionKind::Arm { .. } | RegionKind::TryElse | RegionKind::LoopElse => {
                let branch = self.body.regions.get(region.parent.0 as usize);
                !Self::holds(region, self.acquired)
                    && matches!(region.kind, RegionKind::Arm { .. })
                    && branch.is_some_and(|branch| Self::holds(branch, self.acquired))
            }
            RegionKind::Handler { .. } => !Self::holds(region, self.acquired),
            _ => false,
        })
    }

    /// A release on every way to `op`.
    fn released_before(&self, op: ValueId) -> bool {
        self.releases.iter().any(|release| {
            self.acquired < *release
                && *release < op
                && self.regions.get(release.0 as usize).is_some_and(|inner| self.chain(op).any(|(id, _)| id == *inner))
        })
    }

    /// `if connection is None: return`, or the flag that says that it was opened here.
    fn tested(&self, op: ValueId) -> bool {
        self.chain(op).any(|(_, region)| match region.kind {
            RegionKind::Arm { cond: Some(cond), .. } if cond > self.acquired => self.reads(cond, 0),
            _ => false,
        })
    }

    fn reads(&self, v: ValueId, depth: u32) -> bool {
        if self.aliases.contains(&v) {
            return true;
        }
        match self.body.op(v).map(|op| &op.kind) {
            Some(OpKind::Not(inner) | OpKind::Truth(inner)) if depth < 4 => self.reads(*inner, depth + 1),
            Some(OpKind::Binary { left, right, .. }) if depth < 4 => {
                self.reads(*left, depth + 1) || self.reads(*right, depth + 1)
            }
            _ => false,
        }
    }

    /// Whether leaving at `op` skips every release.
    fn leaks(&self, op: ValueId, returns: bool) -> bool {
        for (_, region) in self.chain(op) {
            match region.kind {
                RegionKind::With { manager, .. } if !returns && self.suppresses(manager) => {
                    return !self.released_after(region.end);
                }
                RegionKind::TryBody | RegionKind::TryElse => {
                    let (guarded, parent) = (matches!(region.kind, RegionKind::TryBody), region.parent);
                    let Some(whole) = self.body.regions.get(parent.0 as usize) else { continue };
                    if self.parts(parent).any(|part| matches!(part.kind, RegionKind::Finally) && self.releases_in(part))
                    {
                        return false;
                    }
                    if returns || !guarded {
                        continue;
                    }
                    let handlers: Vec<&Region> =
                        self.parts(parent).filter(|part| matches!(part.kind, RegionKind::Handler { .. })).collect();
                    if handlers.is_empty() {
                        continue;
                    }
                    let lost = |handler: &&Region| !self.releases_in(handler) && self.leaves(handler);
                    match handlers.iter().find(|handler| lost(handler)) {
                        // It goes on to the next `try` around.
                        Some(handler) if self.last_is_raise(handler) => {}
                        Some(_) => return true,
                        None => {
                            let falls_through = handlers.iter().any(|handler| !self.releases_in(handler));
                            return falls_through && !self.released_after(whole.end);
                        }
                    }
                }
                _ => {}
            }
        }
        true
    }

    fn parts(&self, of: RegionId) -> impl Iterator<Item = &'p Region> + '_ {
        self.body.regions.iter().filter(move |region| region.parent == of)
    }

    fn releases_in(&self, region: &Region) -> bool {
        self.releases.iter().any(|op| Self::holds(region, *op))
    }

    fn released_after(&self, end: u32) -> bool {
        self.releases.iter().any(|op| op.0 >= end)
    }

    fn ops(&self, region: &Region) -> &'p [crate::model::Op] {
        self.body.ops.get(region.start as usize..region.end as usize).unwrap_or(&[])
    }

    fn leaves(&self, handler: &Region) -> bool {
        self.ops(handler)
            .iter()
            .any(|op| matches!(op.kind, OpKind::Raise(_) | OpKind::Return(_) | OpKind::Continue | OpKind::Break))
    }

    fn last_is_raise(&self, handler: &Region) -> bool {
        self.ops(handler)
            .iter()
            .rev()
            .find(|op| !matches!(op.kind, OpKind::Phi(_)))
            .is_some_and(|op| matches!(op.kind, OpKind::Raise(_)))
    }

    fn suppresses(&self, manager: ValueId) -> bool {
        matches!(self.project.ty(self.f, manager), Type::Lib(class, ..) if self.project.text(*class) == "contextlib.suppress")
            || self.project.describe(self.f, manager).contains("suppress")
    }
}
