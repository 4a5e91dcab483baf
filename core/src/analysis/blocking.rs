//! What holds the calling thread: for every synchronous function the shortest way to a call that
//! blocks, over calls that run in the same thread. Asynchronous functions answer for themselves:
//! nothing travels through them, nor through what is handed to another thread.

use super::calls::{Site, SiteKind};
use super::code::FuncId;
use super::flow::{Flow, source_of};
use super::project::Project;
use super::types::Type;
use crate::libraries::{Effects, Place};
use crate::model::{ArgKind, BinaryOp, Body, Const, FunctionKind, OpKind, Region, RegionKind, Sym, ValueId, Wide};
use crate::report::model::Step;
use rustc_hash::FxHashSet;
use std::collections::VecDeque;

/// A way of holding the thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// File, network, database, subprocess, cache, broker.
    Io,
    /// A sleep.
    Sleep,
    /// Work for the processor that waits for nothing.
    Cpu,
}

/// All holds.
pub const HOLDS: [Hold; 3] = [Hold::Io, Hold::Sleep, Hold::Cpu];

/// One step towards the blocking call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Next {
    /// Index of the site in its function.
    site: u32,
    /// Called function; `None` when the site itself blocks.
    callee: Option<FuncId>,
    /// Found by name only, here or further on.
    by_name: bool,
}

/// The way from a site into a blocking call.
#[derive(Clone, Debug)]
pub struct BlockPath {
    /// A step per call; the last says what happens.
    pub steps: Vec<Step>,
    /// A callee was found by name only.
    pub by_name: bool,
    /// Function that holds the blocking call.
    pub end: FuncId,
    /// The blocking call.
    pub site: Site,
}

/// Per function and hold, in the order of [`HOLDS`].
pub(crate) type Blocking = Vec<[Option<Next>; 3]>;

const IO: Effects = Effects(
    Effects::ANY_QUERY.0 & !Effects::LAZY_LOAD.0
        | Effects::COMMIT.0
        | Effects::ROLLBACK.0
        | Effects::DB_CONNECT.0
        | Effects::NETWORK.0
        | Effects::MAIL.0
        | Effects::STORAGE.0
        | Effects::PUBLISH.0
        | Effects::FILE_IO.0
        | Effects::SUBPROCESS.0
        | Effects::CACHE.0,
);

impl Hold {
    /// The effects that a site of this hold has.
    #[must_use]
    pub const fn effects(self) -> Effects {
        match self {
            Self::Io => IO,
            Self::Sleep => Effects::SLEEP,
            Self::Cpu => Effects::CPU,
        }
    }

    /// Whether effects hold the thread this way. Metadata look-ups (`os.path.exists`) do not count.
    #[must_use]
    pub const fn is_in(self, effects: Effects) -> bool {
        if matches!(self, Self::Cpu) {
            return effects.any(Effects::CPU);
        }
        if !effects.any(Effects::BLOCKS) {
            return false;
        }
        match self {
            Self::Io if effects.any(Effects::METADATA) => effects.without(Effects::FILE_IO).any(IO),
            Self::Io => effects.any(IO) && !effects.any(Effects::SLEEP),
            Self::Sleep => effects.any(Effects::SLEEP),
            Self::Cpu => effects.any(Effects::CPU),
        }
    }

    const fn index(self) -> usize {
        match self {
            Self::Io => 0,
            Self::Sleep => 1,
            Self::Cpu => 2,
        }
    }
}

impl Project {
    /// Whether a site holds the calling thread by itself.
    #[must_use]
    pub fn blocks_here(&self, f: FuncId, site: &Site, hold: Hold) -> bool {
        site.place == Place::Here
            && !site.is_async
            && !site.awaited
            && hold.is_in(site.effects)
            && match hold {
                // What also waits for a file or a query is told as that.
                Hold::Cpu => !Hold::Io.is_in(site.effects) || self.in_memory(f, site),
                _ => !self.in_memory(f, site) && !self.only_asks(f, site),
            }
    }

    /// Calls told not to wait: `os.waitpid(pid, os.WNOHANG)`, `fcntl.flock(fd, LOCK_EX | LOCK_NB)`.
    fn only_asks(&self, f: FuncId, site: &Site) -> bool {
        let body = self.code().body(f);
        let Some(OpKind::Call { args, .. }) = body.op(site.op).map(|op| &op.kind) else { return false };
        // `psutil.cpu_percent()` compares with the call before; only with an interval does it sleep.
        if matches!(site.kind, SiteKind::Library(row) if row.callee.starts_with("psutil.") && row.effects.any(Effects::SLEEP))
        {
            let interval = args.iter().find(|arg| match arg.kind {
                ArgKind::Positional => true,
                ArgKind::Named(name) => self.text(name) == "interval",
                _ => false,
            });
            return interval.is_none_or(|arg| {
                matches!(
                    body.op(arg.value).map(|op| &op.kind),
                    Some(OpKind::Const(Const::None | Const::Int(Wide(0)) | Const::Bool(false)))
                )
            });
        }
        let mut work: Vec<ValueId> = args.iter().map(|arg| arg.value).collect();
        for _ in 0..16 {
            let Some(v) = work.pop() else { break };
            match body.op(source_of(body, v)).map(|op| &op.kind) {
                Some(OpKind::Attr { name, .. } | OpKind::Global(name))
                    if matches!(self.text(*name), "WNOHANG" | "LOCK_NB" | "O_NONBLOCK") =>
                {
                    return true;
                }
                Some(OpKind::Binary { left, right, .. }) => work.extend([*left, *right]),
                _ => {}
            }
        }
        false
    }

    /// File calls on a buffer: `zipfile.ZipFile(io.BytesIO(data))`.
    #[must_use]
    pub fn in_memory(&self, f: FuncId, site: &Site) -> bool {
        if !site.effects.any(Effects::FILE_IO) {
            return false;
        }
        let body = self.code().body(f);
        let is_buffer = |v: ValueId| {
            matches!(
                self.lib_class(f, v),
                Some(
                    "io.BytesIO"
                        | "io.StringIO"
                        | "tempfile.SpooledTemporaryFile"
                        | "starlette.datastructures.UploadFile"
                        | "django.core.files.uploadedfile.UploadedFile"
                )
            )
        };
        let on_buffer = |call: ValueId| match body.op(source_of(body, call)).map(|op| &op.kind) {
            Some(OpKind::Call { args, .. }) => args.iter().enumerate().any(|(i, arg)| {
                // `gzip.GzipFile(mode="wb", fileobj=buffer)`
                let file = matches!(arg.kind, ArgKind::Named(name) if matches!(self.text(name), "fileobj" | "file"));
                (i == 0 || file) && is_buffer(arg.value)
            }),
            _ => false,
        };
        let Some(OpKind::Call { callee, .. }) = body.op(site.op).map(|op| &op.kind) else { return false };
        let receiver = match body.op(*callee).map(|op| &op.kind) {
            Some(OpKind::Attr { base, .. }) => match body.op(source_of(body, *base)).map(|op| &op.kind) {
                Some(OpKind::Enter { manager, .. }) => Some(*manager),
                _ => Some(*base),
            },
            _ => None,
        };
        on_buffer(site.op) || receiver.is_some_and(|v| is_buffer(v) || on_buffer(v))
    }

    /// Whether the site runs the body of `g` in this thread. Awaiting what a synchronous function gives
    /// says that its type is not the one at run time (a union of a synchronous and an asynchronous
    /// client), unless it is known to give an awaitable.
    fn runs_body(&self, f: FuncId, site: &Site, g: FuncId) -> bool {
        let body = self.code().body(f);
        // The `await` follows the call at once; `async with make():` calls `make` all the same.
        let is_await =
            |i: u32| matches!(body.op(ValueId(i)).map(|op| &op.kind), Some(OpKind::Await(v)) if *v == site.op);
        // `work = make(); await work`
        let later = || {
            let count = u32::try_from(body.ops.len()).unwrap_or(u32::MAX);
            let bound = (site.op.0 + 1..count.min(site.op.0 + 3))
                .any(|i| matches!(body.op(ValueId(i)).map(|op| &op.kind), Some(OpKind::Bind { value, .. }) if *value == site.op));
            bound
                && (site.op.0 + 1..count).any(|i| {
                    matches!(body.op(ValueId(i)).map(|op| &op.kind), Some(OpKind::Await(v)) if source_of(body, *v) == site.op)
                })
        };
        let awaited = site.awaited && (site.op.0 + 1..site.op.0 + 4).any(is_await) || later();
        let other = awaited && !matches!(self.returns(g), Type::Coroutine(_));
        site.place == Place::Here && !other && self.runs_generator(f, site, g) && !self.renders_later(f, site, g)
    }

    /// Django renders a `TemplateResponse` after the view has answered, in a thread where the view is asynchronous:
    /// <https://docs.djangoproject.com/en/stable/ref/template-response/>.
    fn renders_later(&self, f: FuncId, site: &Site, g: FuncId) -> bool {
        let Some(OpKind::Call { callee, .. }) = self.code().op(f, site.op).map(|op| &op.kind) else { return false };
        self.is_template(g)
            && matches!(self.ty(f, *callee), Type::LibRef(name)
                if self.text(*name) == "django.template.response.TemplateResponse")
    }

    /// A cache that keeps results by their arguments answers: those of this call do not change from call to call.
    #[must_use]
    pub fn remembers(&self, f: FuncId, site: &Site, g: FuncId) -> bool {
        let keeps = |name: &String| matches!(name.as_str(), "functools.cache" | "functools.lru_cache");
        let Some(OpKind::Call { args, .. }) = self.code().op(f, site.op).map(|op| &op.kind) else { return false };
        self.decorators(g).iter().any(keeps) && args.iter().all(|arg| self.settled(f, arg.value, 0))
    }

    /// A constant, an attribute of the object, a module's name, or made of such.
    fn settled(&self, f: FuncId, v: ValueId, depth: u32) -> bool {
        let method = self.code().func(f).kind == FunctionKind::Method;
        let Some(op) = self.code().op(f, v).filter(|_| depth < 8) else { return false };
        match &op.kind {
            OpKind::Const(_) | OpKind::Global(_) => true,
            OpKind::Param(0) => method,
            OpKind::Bind { .. } | OpKind::Attr { .. } | OpKind::Collection { .. } | OpKind::Call { .. } => {
                let mut all = true;
                op.kind.operands(|inner| all &= self.settled(f, inner, depth + 1));
                all
            }
            _ => false,
        }
    }

    /// Whether calling `f` holds the calling thread: never for an asynchronous function.
    #[must_use]
    pub fn blocks(&self, f: FuncId, hold: Hold) -> bool {
        self.next(f, hold).is_some()
    }

    fn next(&self, f: FuncId, hold: Hold) -> Option<Next> {
        self.blocking().get(f.0 as usize)?.get(hold.index()).copied().flatten()
    }

    /// The way from a site of `f` into a blocking call; `None` when the site does not hold the thread.
    #[must_use]
    pub fn block_path(&self, f: FuncId, site: &Site, hold: Hold) -> Option<BlockPath> {
        if self.blocks_here(f, site, hold) {
            let message = format!("{} {}", self.site_name(f, site), self.verb(site, hold.effects()));
            let steps = vec![self.step(f, site.op, message)];
            return Some(BlockPath { steps, by_name: site.guessed, end: f, site: site.clone() });
        }
        let target = site.targets.iter().find(|target| self.blocks(target.func, hold))?;
        if !self.runs_body(f, site, target.func) {
            return None;
        }
        let mut by_name = target.by_name;
        let mut steps = vec![self.step(f, site.op, format!("calls `{}`", self.func_name(target.func)))];
        let mut at = target.func;
        for _ in 0..24 {
            let next = self.next(at, hold)?;
            let inner = self.sites(at).get(next.site as usize)?;
            by_name |= next.by_name;
            match next.callee {
                Some(g) => {
                    steps.push(self.step(at, inner.op, format!("calls `{}`", self.func_name(g))));
                    at = g;
                }
                None => {
                    let message = format!("{} {}", self.site_name(at, inner), self.verb(inner, hold.effects()));
                    steps.push(self.step(at, inner.op, message));
                    return Some(BlockPath { steps, by_name, end: at, site: inner.clone() });
                }
            }
        }
        None
    }

    /// Calling a generator function runs nothing yet: whether `f` also consumes it.
    fn runs_generator(&self, f: FuncId, site: &Site, g: FuncId) -> bool {
        let function = self.code().func(g);
        if !function.is_generator || matches!(self.returns(g), Type::Manager(..)) {
            return true;
        }
        let body = self.code().body(f);
        if !matches!(body.op(site.op).map(|op| &op.kind), Some(OpKind::Call { .. })) {
            return true;
        }
        let flow = Flow::new(self.code(), f);
        let uses = flow.uses(site.op);
        uses.ops.iter().any(|v| match body.op(*v).map(|op| &op.kind) {
            Some(OpKind::Element(_) | OpKind::YieldFrom(_) | OpKind::Enter { .. } | OpKind::Unpack { .. }) => true,
            Some(OpKind::Call { .. }) => self
                .sites_at(f, *v)
                .any(|s| matches!(s.kind, SiteKind::Library(row) if row.consumes.is_some() && !s.effects.any(Effects::STREAMS))),
            _ => false,
        })
    }

    /// Whether the op runs on the first use only: its result is kept in a variable that is tested
    /// before (`if self._client is None: self._client = connect()`), or the function is cached.
    #[must_use]
    pub fn runs_once(&self, f: FuncId, op: ValueId) -> bool {
        let function = self.code().func(f);
        let own = usize::from(function.kind == FunctionKind::Method);
        let cached = self.decorators(f).iter().any(|name| {
            let short = name.rsplit('.').next().unwrap_or("");
            short == "cached_property"
                || matches!(short, "cache" | "lru_cache" | "cached") && function.params.len() <= own
        });
        let asked = |base: ValueId| self.is_of_request(f, base);
        cached || kept(&function.body, op, asked)
    }

    /// Whether a value is an object of one request: `g`, `request`, `request.state`.
    fn is_of_request(&self, f: FuncId, v: ValueId) -> bool {
        let named = |name: Sym| matches!(self.text(name), "g" | "request");
        let body = self.code().body(f);
        match body.op(source_of(body, v)).map(|op| &op.kind) {
            Some(OpKind::Global(name) | OpKind::Captured { name, .. }) => named(*name),
            Some(OpKind::Param(i)) => self.code().func(f).params.get(usize::from(*i)).is_some_and(|p| named(p.name)),
            Some(OpKind::Attr { base, name }) => {
                named(*name) || self.text(*name) == "state" && self.is_of_request(f, *base)
            }
            _ => false,
        }
    }

    /// Whether what the op gives is kept for a while only: the condition that spares it asks for its age as well
    /// (`if self._rows and time() - self._read_at < TTL: return self._rows`).
    #[must_use]
    pub fn expires(&self, f: FuncId, op: ValueId) -> bool {
        let body = self.code().body(f);
        let ages = |v: ValueId| asks_age(self, body, v, false, 0);
        body.regions.iter().any(|region| match region.kind {
            RegionKind::Arm { cond: Some(cond), .. } => {
                let around = region.start <= op.0 && op.0 < region.end;
                (around || region.end <= op.0 && leaves(body, region)) && ages(cond)
            }
            _ => false,
        })
    }
}

/// A comparison of an age or of a moment below a condition.
fn asks_age(project: &Project, body: &Body, v: ValueId, compared: bool, depth: u32) -> bool {
    const WORDS: &[&str] = &["age", "expires", "expiry", "fresh", "monotonic", "now", "stale", "time", "ttl", "utcnow"];
    let Some(op) = body.op(source_of(body, v)).filter(|_| depth < 8) else { return false };
    let compared = compared || matches!(op.kind, OpKind::Binary { op: BinaryOp::Order, .. });
    let name = match &op.kind {
        OpKind::Attr { name, .. } | OpKind::Global(name) | OpKind::Captured { name, .. } => Some(*name),
        _ => None,
    };
    let says = |name: Sym| {
        let mut parts = project.text(name).split('_');
        parts.any(|part| WORDS.iter().any(|word| part.eq_ignore_ascii_case(word)))
    };
    if compared && name.is_some_and(says) {
        return true;
    }
    let mut found = false;
    if !matches!(op.kind, OpKind::Phi(_)) {
        op.kind.operands(|operand| found |= asks_age(project, body, operand, compared, depth + 1));
    }
    found
}

/// `if kept is None: kept = make()` around the op, or `if kept: return kept` before it.
/// What is kept in an object of one request is made anew for the next.
fn kept(body: &Body, op: ValueId, of_request: impl Fn(ValueId) -> bool) -> bool {
    let lasts = |kind: &OpKind| match kind {
        OpKind::StoreAttr { base, .. } => !of_request(*base),
        _ => true,
    };
    let ops = body.ops.iter().enumerate().filter(|(_, o)| lasts(&o.kind));
    let stores: Vec<(u32, Sym)> = ops.filter_map(|(i, o)| stored(body, i, &o.kind)).collect();
    if stores.is_empty() {
        return false;
    }
    // `if event.plus_id: return` … `event.plus_id = upload()`: every row that was loaded asks anew.
    let of_row = |at: u32| match body.op(ValueId(at)).map(|op| &op.kind) {
        Some(OpKind::StoreAttr { base, .. }) => matches!(
            body.op(source_of(body, *base)).map(|op| &op.kind),
            Some(OpKind::Call { .. } | OpKind::Element(_) | OpKind::Unpack { .. })
        ),
        _ => false,
    };
    let arms = body.regions.iter().filter_map(|region| match region.kind {
        RegionKind::Arm { cond: Some(cond), .. } => Some((region, tested(body, cond))),
        _ => None,
    });
    arms.into_iter().any(|(region, names)| {
        let inside = |at: u32| region.start <= at && at < region.end;
        let around = inside(op.0) && stores.iter().any(|(at, n)| inside(*at) && names.contains(n));
        let before = region.end <= op.0
            && leaves(body, region)
            && stores.iter().any(|(at, n)| *at > op.0 && names.contains(n) && !of_row(*at));
        around || before
    })
}

/// A store that outlives the call, of something worth keeping.
fn stored(body: &Body, at: usize, kind: &OpKind) -> Option<(u32, Sym)> {
    let (name, value) = match kind {
        OpKind::BindOuter { name, value, .. } | OpKind::StoreAttr { name, value, .. } => (name, value),
        // A container that is tested as a whole and filled here.
        OpKind::StoreItem { base, value, .. } => match &body.op(*base)?.kind {
            OpKind::Global(name) | OpKind::Attr { name, .. } => (name, value),
            _ => return None,
        },
        _ => return None,
    };
    let forgets = matches!(
        body.op(source_of(body, *value)).map(|op| &op.kind),
        Some(OpKind::Const(Const::None | Const::Bool(false) | Const::Int(_) | Const::Float(_)))
    );
    (!forgets).then_some((u32::try_from(at).ok()?, *name))
}

/// The variables and attributes that a condition tests for being there, or for having a key.
fn tested(body: &Body, cond: ValueId) -> Vec<Sym> {
    let mut names = Vec::new();
    let mut work = vec![cond];
    for _ in 0..16 {
        let Some(at) = work.pop() else { break };
        match body.op(at).map(|op| &op.kind) {
            Some(OpKind::Truth(v) | OpKind::Not(v) | OpKind::Bind { value: v, .. }) => work.push(*v),
            Some(OpKind::Binary { op: BinaryOp::LogicalAnd | BinaryOp::LogicalOr, left, right }) => {
                work.extend([*left, *right]);
            }
            Some(OpKind::Binary {
                op: BinaryOp::Is | BinaryOp::IsNot | BinaryOp::Eq | BinaryOp::NotEq,
                left,
                right,
            }) if matches!(body.op(*right).map(|op| &op.kind), Some(OpKind::Const(Const::None))) => work.push(*left),
            Some(OpKind::Binary { op: BinaryOp::In | BinaryOp::NotIn, right, .. }) => {
                // Only a container of its own: `key in self._cache`, not a test of a loaded value.
                if let Some(OpKind::Global(name) | OpKind::Captured { name, .. } | OpKind::Attr { name, .. }) =
                    body.op(*right).map(|op| &op.kind)
                {
                    names.push(*name);
                }
            }
            Some(OpKind::Global(name) | OpKind::Captured { name, .. } | OpKind::Attr { name, .. }) => names.push(*name),
            _ => {}
        }
    }
    names
}

fn leaves(body: &Body, region: &Region) -> bool {
    let last = body.last_in(region);
    matches!(last.map(|op| &op.kind), Some(OpKind::Return(_)))
}

/// Creates, renames or removes a name in the file system: one short call.
#[must_use]
pub fn names_only(site: &Site) -> bool {
    const CALLS: &[&str] =
        &["mkdir", "makedirs", "remove", "unlink", "rmdir", "rename", "replace", "chmod", "touch", "symlink"];
    let SiteKind::Library(row) = site.kind else { return false };
    let method = row.callee.strip_prefix("os.").or_else(|| row.callee.strip_prefix("pathlib.Path."));
    method.is_some_and(|method| CALLS.contains(&method))
}

/// `tempfile.mkstemp()`: a new entry and no data yet.
#[must_use]
pub fn makes_temporary(site: &Site) -> bool {
    matches!(site.kind, SiteKind::Library(row) if row.callee.starts_with("tempfile."))
}

pub(crate) fn find_blocking(project: &Project) -> Blocking {
    let code = project.code();
    let mut out: Blocking = vec![[None; 3]; code.func_count()];
    // Paths to calls that weigh little are found last.
    for (hold, light) in [(Hold::Io, false), (Hold::Io, true), (Hold::Sleep, false), (Hold::Cpu, false)] {
        let mut queue: VecDeque<FuncId> = VecDeque::new();
        for f in code.func_ids() {
            let function = code.func(f);
            let known = out.get(f.0 as usize).is_some_and(|slots| slots.get(hold.index()).is_some_and(Option::is_some));
            if function.is_async || function.kind == FunctionKind::TopLevel || known {
                continue;
            }
            let first = project.sites(f).iter().position(|site| {
                names_only(site) == light && project.blocks_here(f, site, hold) && !project.runs_once(f, site.op)
            });
            let by_name = first.and_then(|i| project.sites(f).get(i)).is_some_and(|site| site.guessed);
            let next = first.map(|i| Next { site: u32::try_from(i).unwrap_or(0), callee: None, by_name });
            if let (Some(next), Some(slot)) = (next, out.get_mut(f.0 as usize).and_then(|s| s.get_mut(hold.index()))) {
                *slot = Some(next);
                queue.push_back(f);
            }
        }
        let mut checked: FxHashSet<(FuncId, u32)> = FxHashSet::default();
        while let Some(g) = queue.pop_front() {
            let reason = out.get(g.0 as usize).and_then(|s| s.get(hold.index()).copied().flatten());
            for &(f, i) in project.callers(g) {
                let function = code.func(f);
                let known = out.get(f.0 as usize).and_then(|s| s.get(hold.index()).copied().flatten()).is_some();
                if known || function.is_async || function.kind == FunctionKind::TopLevel || !checked.insert((f, i)) {
                    continue;
                }
                let Some(site) = project.sites(f).get(i as usize) else { continue };
                if !project.runs_body(f, site, g) || project.runs_once(f, site.op) || project.remembers(f, site, g) {
                    continue;
                }
                let named = site.targets.iter().any(|t| t.func == g && t.by_name);
                let next = Next { site: i, callee: Some(g), by_name: named || reason.is_some_and(|r| r.by_name) };
                if let Some(slot) = out.get_mut(f.0 as usize).and_then(|s| s.get_mut(hold.index())) {
                    *slot = Some(next);
                    queue.push_back(f);
                }
            }
        }
    }
    out
}
