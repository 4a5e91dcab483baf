//! What becomes of a value that must be released: closed, managed, handed on, or nothing.

use super::calls::{Site, SiteKind};
use super::code::{ClassId, FuncId};
use super::flow::{Flow, source_of};
use super::project::Project;
use super::traces::{Trace, closes, set, set_closed_by};
use super::types::Type;
use crate::libraries::{Effects, Exit, Resource, Ret};
use crate::model::{Arg, ArgKind, BinaryOp, Body, Const, FunctionKind, OpKind, RegionKind, Sym, ValueId};
use rustc_hash::{FxHashMap, FxHashSet};

const CLOSERS: &[&str] = &[
    "close",
    "aclose",
    "close_all",
    "disconnect",
    "dispose",
    "shutdown",
    "quit",
    "release",
    "terminate",
    "remove",
    "stop",
    "cleanup",
    "ensure_closed",
    "__exit__",
    "__aexit__",
    "detach",
    "logout",
    "unlink",
];
/// Unknown callees with such names may keep what they are given.
const KEEPERS: &[&str] = &[
    "add", "append", "attach", "register", "enter", "push", "put", "insert", "submit", "own", "set", "close",
    "release", "dispose", "return", "finish", "cleanup", "callback", "wrap", "manage", "track", "save", "store",
    "init", "bind", "use", "install", "send", "response", "stream", "shutdown", "teardown", "give", "make", "create",
    "build", "get", "new", "from", "partial", "start", "spawn", "extend", "next", "with",
];
pub(super) const DEPTH: u32 = 4;

/// Follows values; remembers what functions do with their parameters.
#[derive(Debug)]
pub struct Tracer<'p> {
    pub(super) project: &'p Project,
    params: FxHashMap<(FuncId, u16), Trace>,
    /// Attributes that some code closes: (class, attribute) for `self.attribute`.
    own_closed: FxHashSet<(ClassId, Sym)>,
    /// Likewise on any object.
    any_closed: FxHashSet<Sym>,
    /// Containers and constant keys under which something is closed: `state["db"].close()`.
    keys_closed: FxHashSet<(String, Sym)>,
}

impl<'p> Tracer<'p> {
    /// Looks at the whole project for attributes that are closed somewhere.
    #[must_use]
    pub fn new(project: &'p Project) -> Self {
        let mut tracer = Self {
            project,
            params: FxHashMap::default(),
            own_closed: FxHashSet::default(),
            any_closed: FxHashSet::default(),
            keys_closed: FxHashSet::default(),
        };
        let closers: FxHashSet<Sym> = CLOSERS.iter().filter_map(|name| project.sym(name)).collect();
        for f in project.code().func_ids() {
            let body = project.code().body(f);
            for &at in project.code().attributes_in(f) {
                if let Some(OpKind::Attr { base, name }) = body.op(at).map(|op| &op.kind)
                    && closers.contains(name)
                {
                    tracer.note_closed(f, body, *base);
                }
            }
            // What is entered opens a region.
            for region in &body.regions {
                if let RegionKind::With { manager, .. } = region.kind {
                    tracer.note_closed(f, body, manager);
                }
            }
            for site in project.sites(f) {
                if let SiteKind::Library(row) = site.kind
                    && let Some(n) = row.takes
                    && let Some(OpKind::Call { args, .. }) = body.op(site.op).map(|op| &op.kind)
                    && let Some(arg) = args.get(usize::from(n))
                {
                    tracer.note_closed(f, body, arg.value);
                }
            }
        }
        tracer
    }

    fn note_closed(&mut self, f: FuncId, body: &Body, v: ValueId) {
        match body.op(source_of(body, v)).map(|op| &op.kind) {
            Some(OpKind::Attr { name, .. }) => {
                self.any_closed.insert(*name);
                if let Some(class) = self.project.code().class_of(f) {
                    self.own_closed.insert((class, *name));
                }
            }
            Some(OpKind::Item { base, index }) => {
                if let Some(OpKind::Const(Const::Str(key))) = body.op(*index).map(|op| &op.kind) {
                    self.keys_closed.insert((self.project.describe(f, *base), *key));
                }
            }
            _ => {}
        }
    }

    /// Whether some code closes what is stored under this attribute.
    #[must_use]
    pub fn closes_attribute(&self, name: Sym) -> bool {
        self.any_closed.contains(&name)
    }

    /// Whether some code closes what is stored under this key.
    #[must_use]
    pub fn closes_key(&self, container: &str, key: Sym) -> bool {
        self.keys_closed.contains(&(container.to_owned(), key)) || self.any_closed.contains(&key)
    }

    /// Whether the class (or a relative of it) closes its attribute.
    fn owner_closes(&self, class: ClassId, name: Sym) -> bool {
        self.own_closed.contains(&(class, name))
            || self.own_closed.iter().any(|(other, attr)| *attr == name && self.related(*other, class))
    }

    fn related(&self, a: ClassId, b: ClassId) -> bool {
        self.project.descends(a, b) || self.project.descends(b, a)
    }

    /// Follows `v` in `f`.
    #[must_use]
    pub fn trace(&mut self, f: FuncId, v: ValueId, resource: Option<Resource>) -> Trace {
        self.follow(f, v, resource, 0)
    }

    fn param(&mut self, g: FuncId, i: u16, resource: Option<Resource>, depth: u32) -> Trace {
        if depth > DEPTH {
            return Trace::default();
        }
        if let Some(known) = self.params.get(&(g, i)) {
            return known.clone();
        }
        // A recursive function finds nothing on the second look.
        self.params.insert((g, i), Trace::default());
        let body = self.project.code().body(g);
        let at = body.ops.iter().position(|op| op.kind == OpKind::Param(i));
        let trace = match at.and_then(|at| u32::try_from(at).ok()) {
            Some(at) => self.follow(g, ValueId(at), resource, depth + 1),
            None => Trace::default(),
        };
        self.params.insert((g, i), trace.clone());
        trace
    }

    pub(super) fn follow(&mut self, f: FuncId, v: ValueId, resource: Option<Resource>, depth: u32) -> Trace {
        let project = self.project;
        let body = project.code().body(f);
        let flow = Flow::new(project.code(), f);
        let mut trace = Trace::default();
        let mut work = vec![v];
        let mut seen: Vec<ValueId> = Vec::new();
        while let Some(next) = work.pop() {
            let uses = flow.uses(next);
            for alias in &uses.aliases {
                if !seen.contains(alias) {
                    seen.push(*alias);
                }
            }
            for used in uses.ops {
                let Some(op) = body.op(used) else { continue };
                let is = |v: &ValueId| uses.aliases.contains(v);
                match &op.kind {
                    OpKind::Enter { manager, .. } => self.entered(f, *manager, used, &mut trace),
                    OpKind::Attr { name, .. } => {
                        self.attribute(f, body, &flow, used, *name, resource, &mut trace, &mut work, &seen);
                    }
                    OpKind::Call { callee, args } if !is(callee) => {
                        let found = self.argument(f, body, used, *callee, args, &is, resource, depth, &mut trace);
                        if let Some(result) = found
                            && !seen.contains(&result)
                        {
                            work.push(result);
                        }
                    }
                    OpKind::Return(_) => set(&mut trace.returned, used),
                    OpKind::Yield(_) => set(&mut trace.yielded, used),
                    // An exception that carries it owns nothing.
                    OpKind::StoreAttr { base, value, .. }
                        if is(value)
                            && matches!(
                                body.op(source_of(body, *base)).map(|op| &op.kind),
                                Some(OpKind::Caught(_))
                            ) => {}
                    OpKind::StoreAttr { base, name, value } if is(value) => {
                        let own = matches!(body.op(source_of(body, *base)).map(|op| &op.kind), Some(OpKind::Param(0)))
                            && project.code().func(f).kind == FunctionKind::Method;
                        let class = project.code().class_of(f);
                        trace.owner_closes |= class.is_some_and(|class| own && self.owner_closes(class, *name))
                            || !own && self.closes_attribute(*name);
                        set(&mut trace.stored, (used, *name, own));
                    }
                    OpKind::StoreItem { base, index, value } if is(value) => {
                        let param =
                            matches!(body.op(source_of(body, *base)).map(|op| &op.kind), Some(OpKind::Param(_)));
                        match body.op(*index).map(|op| &op.kind) {
                            Some(OpKind::Const(Const::Str(key))) if param => {
                                set(&mut trace.keyed, (used, *key, project.describe(f, *base)));
                            }
                            _ => set(&mut trace.contained, used),
                        }
                    }
                    // `waiting[connection] = address`
                    OpKind::StoreItem { index, .. } if is(index) => set(&mut trace.contained, used),
                    OpKind::BindOuter { .. } => set(&mut trace.global, used),
                    // `return client["database"]`: the part keeps its client.
                    OpKind::Item { base, .. } if is(base) && resource != Some(Resource::Cursor) => {
                        if let Some(made) = flow.uses(used).ops.into_iter().find(|op| leaves(body, *op)) {
                            set(&mut trace.contained, made);
                        }
                    }
                    OpKind::Collection { .. } if !self.lent(f, body, &flow, used) => set(&mut trace.contained, used),
                    OpKind::Comprehension { element, kind, .. } if is(element) => {
                        let lost = resource == Some(Resource::File)
                            && kind.is_some()
                            && self.gone_through(f, body, &flow, used, depth);
                        if !lost {
                            set(&mut trace.contained, used);
                        }
                    }
                    OpKind::Binary { op: BinaryOp::Add, .. } => set(&mut trace.contained, used),
                    _ => {}
                }
            }
        }
        self.captures(f, body, &seen, resource, depth, &mut trace);
        trace
    }

    /// `[file.read() for file in files]`: all that is done with a list of files is to read them.
    fn gone_through(&mut self, f: FuncId, body: &Body, flow: &Flow<'_>, list: ValueId, depth: u32) -> bool {
        let uses = flow.uses(list).ops;
        depth < DEPTH
            && !uses.is_empty()
            && uses.iter().all(|used| match body.op(*used).map(|op| &op.kind) {
                Some(OpKind::Element(_)) => {
                    let file = self.follow(f, *used, Some(Resource::File), depth + 1);
                    !file.leaves() && file.releases.is_empty() && file.closed_by.is_none()
                }
                _ => false,
            })
    }

    fn entered(&self, f: FuncId, manager: ValueId, used: ValueId, trace: &mut Trace) {
        let project = self.project;
        // `nullcontext(db) if db else session_scope()`: one that is not known to leave it open closes.
        let open = project.members(f, manager).into_iter().all(|ty| {
            let class = project.lib_class_of(ty).filter(|_| !matches!(ty, Type::Manager(..)));
            let exit = class.and_then(|class| project.library().manager(class)).map(|(_, _, exit)| exit);
            matches!(exit, Some(Exit::EndsTransaction | Exit::EndsSavepoint | Exit::Nothing))
        });
        set(if open { &mut trace.half_managed } else { &mut trace.managed }, used);
    }

    #[allow(clippy::too_many_arguments, reason = "one op of a value, many facts")]
    fn attribute(
        &self,
        f: FuncId,
        body: &Body,
        flow: &Flow<'_>,
        attr: ValueId,
        name: Sym,
        resource: Option<Resource>,
        trace: &mut Trace,
        work: &mut Vec<ValueId>,
        seen: &[ValueId],
    ) {
        let text = self.project.text(name);
        let closer = CLOSERS.contains(&text);
        let mut called = false;
        for user in flow.users(attr) {
            match body.op(user).map(|op| &op.kind) {
                Some(OpKind::Call { callee, .. }) if *callee == attr => {
                    called = true;
                    let site = self.project.sites_at(f, user).next();
                    if closer || site.is_some_and(|site| site.effects.any(Effects::CLOSES)) {
                        closes(body, user, trace);
                    } else if let Some(Site { kind: SiteKind::Library(row), .. }) = site
                        && row.returns == Ret::Receiver
                        && !seen.contains(&user)
                    {
                        work.push(user);
                    } else if let Some(Site { kind: SiteKind::Library(row), .. }) = site
                        && row.acquires == Some(Resource::File)
                        && flow.uses(user).ops.iter().any(|op| {
                            leaves(body, *op) || matches!(body.op(*op).map(|op| &op.kind), Some(OpKind::Call { .. }))
                        })
                    {
                        // `TextIOWrapper(ZipFile(path).open(name))`: the member keeps its archive.
                        set(&mut trace.contained, user);
                    } else if text == "__enter__" || text == "__aenter__" {
                        work.push(user);
                    } else if matches!(resource, Some(Resource::Pool | Resource::CacheClient | Resource::HttpClient)) {
                        // A part of the client that leaves keeps the client alive: `client.get_database()`.
                        let part = flow.uses(user);
                        let made = part.ops.iter().find(|op| leaves(body, **op));
                        if let Some(made) = made
                            && matches!(self.project.ty(f, user), Type::Lib(..))
                        {
                            set(&mut trace.contained, *made);
                        }
                    }
                }
                // `atexit.register(client.close)`, `stack.callback(conn.close)`
                Some(OpKind::Call { .. }) if closer => {
                    set(&mut trace.taken, (user, format!("`{}`", self.project.describe(f, user))));
                }
                _ => {}
            }
        }
        if closer && !called && trace.taken.is_none() {
            set(&mut trace.taken, (attr, format!("`{}`", self.project.describe(f, attr))));
        }
        let plain = matches!(self.project.ty(f, attr), Type::Str | Type::Bytes | Type::Number | Type::Bool);
        if !called && !closer && !plain {
            // `return MongoClient(url).db`
            let part = flow.uses(attr);
            if let Some(made) = part.ops.iter().find(|op| leaves(body, **op)) {
                set(&mut trace.contained, *made);
            }
        }
    }

    /// A collection that is only handed to library callees that do not keep it: `files={"f": file}`.
    fn lent(&self, f: FuncId, body: &Body, flow: &Flow<'_>, collection: ValueId) -> bool {
        let uses = flow.uses(collection);
        !uses.ops.is_empty()
            && uses.ops.iter().all(|used| match body.op(*used).map(|op| &op.kind) {
                Some(OpKind::Collection { .. }) => self.lent(f, body, flow, *used),
                Some(OpKind::Call { args, .. }) => {
                    let sends = |site: &Site| match site.kind {
                        SiteKind::Library(row) => row.takes.is_none() && row.effects.any(Effects::NETWORK),
                        SiteKind::LibraryOther(_) => site.effects.any(Effects::NETWORK),
                        _ => false,
                    };
                    // `client.transcribe(file=("a.wav", file))`: no upload closes what it is given.
                    let uploaded =
                        args.iter().any(|arg| uses.aliases.contains(&arg.value) && uploads(self.project, arg));
                    let project = || self.project.sites_at(f, *used).any(|site| !site.targets.is_empty());
                    self.project.sites_at(f, *used).any(sends) || uploaded && !project()
                }
                _ => false,
            })
    }

    /// The value is an argument. Gives the call's result when that stands for the value from here on.
    #[allow(clippy::too_many_arguments, reason = "one op of a value, many facts")]
    fn argument(
        &mut self,
        f: FuncId,
        body: &Body,
        call: ValueId,
        callee: ValueId,
        args: &[Arg],
        is: &dyn Fn(&ValueId) -> bool,
        resource: Option<Resource>,
        depth: u32,
        trace: &mut Trace,
    ) -> Option<ValueId> {
        let project = self.project;
        let position = args.iter().position(|arg| is(&arg.value))?;
        let arg = args.get(position)?;
        let name = project.describe(f, callee);
        let mut known = false;
        let mut result = None;
        let sites: Vec<Site> = project.sites_at(f, call).cloned().collect();
        for site in &sites {
            if let SiteKind::Library(row) = site.kind {
                known = true;
                let taken = row.takes.is_some_and(|n| usize::from(n) == position);
                if taken {
                    trace.releases.push(call);
                    set(&mut trace.taken, (call, format!("`{name}`")));
                } else if resource == Some(Resource::Pool)
                    && matches!(row.acquires, Some(Resource::Session | Resource::Connection))
                    && !(depth < DEPTH && self.follow(f, call, None, depth + 1).outlives())
                {
                    // `with Session(create_engine(url))`: closing the session leaves the engine's pool open.
                } else if row.effects.any(Effects::STREAMS) || row.runs.is_some() || resource == Some(Resource::Socket)
                {
                    set(&mut trace.passed, (call, name.clone()));
                } else {
                    // `zipfile.ZipFile(file)`, `AsyncSession(bind=connection)`: the result owns it.
                    let class = project.lib_class(f, call);
                    let owns = class.is_some_and(|class| project.library().resource(class).is_some());
                    let keeps = class.is_some() && !matches!(resource, Some(Resource::File | Resource::Document));
                    let kept = keeps && matches!(project.ty(f, call), Type::Lib(..)) && row.returns != Ret::Unknown;
                    if (owns || kept) && !row.effects.any(Effects::ANY_QUERY) {
                        set(&mut trace.passed, (call, name.clone()));
                    }
                }
            }
            // A method of an SDK client sends the file and leaves it open.
            known |= matches!(site.kind, SiteKind::LibraryOther(_)) && resource == Some(Resource::File);
            for target in &site.targets {
                known = true;
                if project.is_closer(target.func) {
                    set_closed_by(body, call, target.func, trace);
                    continue;
                }
                let Some(i) = parameter(project, target.func, position, arg) else {
                    set(&mut trace.passed, (call, name.clone()));
                    continue;
                };
                let inner = self.param(target.func, i, resource, depth);
                if inner.closed_finally.is_some() || inner.managed.is_some() || inner.taken.is_some() {
                    set_closed_by(body, call, target.func, trace);
                } else if inner.closed_by.is_some() || !inner.closed.is_empty() {
                    // The helper closes it, whether or not this call is reached.
                    set_closed_by(body, call, target.func, trace);
                }
                if inner.returned.is_some() || inner.yielded.is_some() {
                    // Entering a context manager that hands its argument through does not close it.
                    result = match project.ty(f, call) {
                        Type::Manager(..) => entry_of(body, call),
                        _ => Some(call),
                    };
                }
                // A generator holds what it was given until it ends.
                // (A context manager is left by its `with`.)
                if project.code().func(target.func).is_generator
                    && !matches!(project.ty(f, call), Type::Manager(..))
                    && depth < DEPTH
                    && self.follow(f, call, None, depth + 1).leaves()
                {
                    set(&mut trace.passed, (call, name.clone()));
                }
                if inner.stored.is_some() {
                    if inner.owner_closes {
                        set(&mut trace.passed, (call, name.clone()));
                    } else if project.text(project.code().func(target.func).name) == "__init__" {
                        // The owner keeps it: what becomes of the owner?
                        let owner =
                            if depth < DEPTH { self.follow(f, call, None, depth + 1) } else { Trace::default() };
                        if owner.only_returned() && held_by_wrapper(resource) {
                            // `return Repository(session)`: whoever gets the owner gets what it keeps.
                            result = Some(call);
                        } else if owner.leaves() || owner.closed_finally.is_some() || !owner.closed.is_empty() {
                            set(&mut trace.passed, (call, name.clone()));
                        }
                    } else {
                        set(&mut trace.passed, (call, name.clone()));
                    }
                }
                if inner.global.is_some()
                    || inner.contained.is_some()
                    || inner.captured.is_some()
                    || inner.passed.is_some()
                {
                    set(&mut trace.passed, (call, name.clone()));
                }
            }
        }
        if known || matches!(project.ty(f, callee), Type::LibRef(n) if project.text(*n).starts_with("builtins.")) {
            return result;
        }
        // `fcntl.flock(file, …)`: the lock lasts as long as the file is open, which is its purpose.
        let dotted = match project.ty(f, callee) {
            Type::LibRef(dotted) => project.text(*dotted),
            _ => "",
        };
        if matches!(dotted, "fcntl.flock" | "fcntl.lockf" | "msvcrt.locking") {
            set(&mut trace.passed, (call, name));
            return None;
        }
        let short = name.trim_end_matches("(…)").trim_end_matches("()").rsplit('.').next().unwrap_or("").to_owned();
        let lower = short.to_ascii_lowercase();
        let constructor = short.trim_start_matches('_').starts_with(char::is_uppercase);
        let first = lower.trim_start_matches('_').split('_').next().unwrap_or("");
        let sent = resource == Some(Resource::File) && uploads(project, arg);
        let keeps = constructor
            || short.is_empty()
            || short == "…"
            || KEEPERS.contains(&first)
                && !sent
                && !(resource == Some(Resource::Session) && by_session_keyword(project, arg))
            || lower.contains("close")
            || lower.contains("release")
            || !matches!(
                resource,
                Some(Resource::Session | Resource::Connection | Resource::File | Resource::Document | Resource::Cursor)
            );
        if keeps {
            set(&mut trace.passed, (call, name));
        }
        None
    }
}

/// Resources that a repository or service keeps for those who use it. Clients and pools are kept for long.
const fn held_by_wrapper(resource: Option<Resource>) -> bool {
    matches!(resource, Some(Resource::Session | Resource::Connection | Resource::Cursor))
}

/// `files=…`, `file=…`: the keywords under which clients take what they send.
fn uploads(project: &Project, arg: &Arg) -> bool {
    matches!(arg.kind, ArgKind::Named(name) if matches!(project.text(name), "file" | "files" | "attachment" | "attachments"))
}

/// `service.get_all(db_session=session)`: the convention of functions that use a session and keep nothing.
fn by_session_keyword(project: &Project, arg: &Arg) -> bool {
    matches!(arg.kind, ArgKind::Named(name) if matches!(project.text(name), "session" | "db_session" | "db"))
}

/// What `with call() as x` binds.
fn entry_of(body: &Body, call: ValueId) -> Option<ValueId> {
    let at = body.ops.iter().position(
        |op| matches!(op.kind, OpKind::Enter { manager, .. } if manager == call || source_of(body, manager) == call),
    )?;
    u32::try_from(at).ok().map(ValueId)
}

fn leaves(body: &Body, used: ValueId) -> bool {
    matches!(
        body.op(used).map(|op| &op.kind),
        Some(OpKind::Return(_) | OpKind::Yield(_) | OpKind::StoreAttr { .. } | OpKind::BindOuter { .. })
    )
}

/// The parameter of `g` that receives an argument.
pub(super) fn parameter(project: &Project, g: FuncId, position: usize, arg: &Arg) -> Option<u16> {
    let function = project.code().func(g);
    let i = match arg.kind {
        ArgKind::Positional => {
            let method = function.kind == FunctionKind::Method
                && !project.decorators(g).iter().any(|d| d == "builtins.staticmethod");
            position + usize::from(method)
        }
        ArgKind::Named(name) => function.params.iter().position(|p| p.name == name)?,
        _ => return None,
    };
    (i < function.params.len()).then_some(u16::try_from(i).ok()?)
}
