//! `missing_cleanup`: a resource that is acquired and never released.

use super::descriptors;
use super::leftovers;
use super::orphans::{self, Orphan};
use crate::analysis::{
    Acquisition, Fate, Flow, FuncId, Leak, Project, Type, argument, inside, on_given_connection, source_of,
};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_evidence, context_facts, place_of};
use crate::libraries::{Effects, Resource, RunContext};
use crate::model::{ArgKind, Const, LoopKind, OpKind, RegionKind, ValueId};
use crate::report::model::{Confidence, Effort, Severity, Step};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct MissingCleanup;

/// What must be released.
#[derive(Clone, Debug)]
pub enum Candidate {
    /// An object that a library or the project opens.
    Acquired(Box<Acquired>),
    /// A descriptor that nothing takes.
    Descriptor(ValueId),
    /// A temporary folder or file that nothing removes.
    Leftover(ValueId),
    /// A child process that outlives the wait for it.
    Orphan(Orphan),
}

/// An acquisition.
#[derive(Clone, Debug)]
pub struct Acquired {
    acquisition: Acquisition,
    /// Line of the acquisition in another branch that gives the same variable its value.
    twin: Option<u32>,
}

impl Check for MissingCleanup {
    const ID: &'static str = "missing_cleanup";
    type Candidate = Candidate;

    fn candidates(cx: Cx<'_>) -> Candidates<Candidate> {
        let project = cx.project;
        let found: Vec<(Place, Acquisition)> = project
            .acquisitions()
            .iter()
            .filter(|a| looked_at(a) && project.context(a.func) != RunContext::Test)
            .map(|a| (place_of(project, a.func, a.op), a.clone()))
            .collect();
        let found: Vec<(Place, Candidate)> = found
            .iter()
            .map(|(place, a)| {
                let twin = found.iter().find(|(_, other)| other.op < a.op && alternatives(project, other, a));
                let acquired = Acquired { acquisition: a.clone(), twin: twin.map(|(place, _)| place.span.line) };
                (*place, Candidate::Acquired(Box::new(acquired)))
            })
            .chain(descriptors::candidates(project).into_iter().map(|(place, op)| (place, Candidate::Descriptor(op))))
            .chain(leftovers::candidates(project).into_iter().map(|(place, op)| (place, Candidate::Leftover(op))))
            .chain(orphans::candidates(project).into_iter().map(|(place, found)| (place, Candidate::Orphan(found))))
            .collect();
        if found.is_empty() {
            return Candidates::Nothing("nothing is acquired that must be released");
        }
        let count = found.len();
        Candidates::Found(found, format!("{count} acquisitions"))
    }

    fn judge(cx: Cx<'_>, place: Place, candidate: &Candidate) -> Judgement {
        let project = cx.project;
        let candidate = match candidate {
            Candidate::Acquired(acquired) => acquired,
            Candidate::Descriptor(op) => return descriptors::judge(cx, place, *op),
            Candidate::Leftover(op) => return leftovers::judge(cx, place, *op),
            Candidate::Orphan(orphan) => return orphans::judge(cx, place, *orphan),
        };
        let a = &candidate.acquisition;
        let noun = noun(a.resource);
        let named = |v: ValueId| project.describe(a.func, v);
        let (loss, step) = match &a.fate {
            Fate::Managed(_) => return rejected("a `with` block releases it"),
            Fate::Taken(_, by) => return Judgement::Rejected(format!("{by} takes it over and releases it")),
            Fate::Finally(_) => return rejected("closed in a `finally`"),
            Fate::Helper(_, g) => return Judgement::Rejected(format!("`{}` closes it", project.func_name(*g))),
            Fate::Shared => return rejected("shared for the life of the process"),
            Fate::Contained(_) => return rejected("handed on in a container or as part of another object"),
            Fate::Captured(g) => return Judgement::Rejected(format!("kept for `{}`", project.func_name(*g))),
            Fate::Yielded(_) => return rejected("yielded to the caller"),
            Fate::Passed(_, to) => return Judgement::Rejected(format!("handed to `{to}`, which may own it")),
            Fate::Closed(_) => {
                return rejected("closed on the normal path; what an exception skips is `error_path_leak`");
            }
            Fate::Returned(op) => {
                let injected = project.providers().contains(&a.func) && lasting(a.resource);
                if !injected {
                    return rejected("returned to the caller");
                }
                (
                    "is returned to the dependency injection, which never closes it".to_owned(),
                    Some((*op, "returned as a dependency".to_owned())),
                )
            }
            Fate::Stored { closes: true, .. } => return rejected("stored in an owner that closes it"),
            Fate::Stored { op, name, own, .. } => {
                let per_request = !own && request_scoped(project, a.func, *op);
                let per_owner = *own && built_per_call(project, a);
                if !per_request && !per_owner && !taken_from_generator(project, a) {
                    return rejected("stored in an owner, for as long as the owner lives");
                }
                let attribute = project.text(*name);
                (
                    format!("is stored in `{attribute}` and never closed"),
                    Some((*op, format!("stored in `{attribute}`"))),
                )
            }
            Fate::Keyed(op, key, closed) => {
                if *closed || !middleware(project, a.func) {
                    return rejected("handed on in a container or as part of another object");
                }
                let key = project.text(*key);
                (format!("is stored under `{key}` and never closed"), Some((*op, format!("stored under `{key}`"))))
            }
            Fate::Leaked(Leak::Never) if matches!(project.ty(a.func, a.op), Type::Manager(..)) => {
                ("is a context manager that is never entered with `with`".to_owned(), None)
            }
            Fate::Leaked(Leak::Never) => ("is never closed".to_owned(), None),
            Fate::Leaked(Leak::OnlyOnError(op)) => (
                "is closed only when an exception is caught".to_owned(),
                Some((*op, format!("`{}` runs only after an exception", named(*op)))),
            ),
            Fate::Leaked(Leak::AfterLoop(op)) => (
                "is opened in each pass of a loop and closed once after it".to_owned(),
                Some((*op, format!("`{}` closes the last one only", named(*op)))),
            ),
            Fate::Leaked(Leak::TransactionOnly(op)) => (
                "is never closed: this `with` only ends the transaction".to_owned(),
                Some((*op, "the block ends the transaction and leaves the connection open".to_owned())),
            ),
        };
        if let Some(reason) = harmless(project, a) {
            return Judgement::Rejected(reason);
        }
        if a.resource == Resource::Session
            && (on_given_connection(project, a.func, a.op) || is_bound_before(project, a))
        {
            return rejected("works on a connection that somebody else owns");
        }
        if let Some(line) = candidate.twin {
            return Judgement::Rejected(format!("the other branch of line {line}, one finding for both"));
        }
        let severity = severity(project, a);
        let mut steps = vec![project.step(a.func, a.op, format!("{noun} acquired"))];
        if let Some(g) = a.factory {
            steps.extend(factory_step(project, g));
        }
        if let Some((op, message)) = step {
            steps.push(project.step(a.func, op, message));
        }
        let mut facts = context_facts(cx, a.func);
        facts.table_used_context = true;
        facts.hot |= looped(project, a) && project.context(a.func) == RunContext::Request;
        let mut confidence = confidence(project, a.func, a.by_name);
        if matches!(a.fate, Fate::Stored { .. } | Fate::Keyed(..)) || a.resource == Resource::Other {
            confidence = confidence.min(Confidence::Medium);
        }
        let draft = Draft {
            place,
            severity,
            confidence,
            message: format!("{noun} `{}` {loss}", project.describe(a.func, a.op)),
            recommendation: advice(project, a),
            effort: Effort::S,
            steps,
            evidence: vec![context_evidence(project, a.func)],
            facts,
        };
        if a.by_name {
            return Judgement::NeedsContext(Box::new(draft), "the factory was found by its name only".into());
        }
        if a.resource == Resource::Cursor && is_of_django(project, a) {
            let missing = "the cursor is closed when it is collected, at the end of its function: whether that is too \
                           late is not seen";
            return Judgement::NeedsContext(Box::new(draft), missing.into());
        }
        if project.context(a.func) == RunContext::Startup && !looped(project, a) && !lasting(a.resource) {
            let missing = "it is opened once, and closed when it is collected: whether that is too late is not seen";
            return Judgement::NeedsContext(Box::new(draft), missing.into());
        }
        Judgement::Confirmed(Box::new(draft))
    }
}

/// `factory.configure(bind=connection)`, `session = factory()`
fn is_bound_before(project: &Project, a: &Acquisition) -> bool {
    let body = project.code().body(a.func);
    let Some(OpKind::Call { callee: factory, .. }) = body.op(a.op).map(|op| &op.kind) else { return false };
    let factory = project.describe(a.func, *factory);
    let calls = project.code().calls_in(a.func).iter().take_while(|call| **call < a.op);
    calls.filter_map(|call| body.method(*call)).any(|(base, name, args)| {
        let configures = project.text(name) == "configure" && project.describe(a.func, base) == factory;
        configures && args.iter().any(|arg| matches!(arg.kind, ArgKind::Named(name) if project.text(name) == "bind"))
    })
}

/// `connection.cursor()` of `django.db`.
fn is_of_django(project: &Project, a: &Acquisition) -> bool {
    let receiver = project.code().body(a.func).method(a.op).and_then(|(base, ..)| project.lib_class(a.func, base));
    receiver.is_some_and(|class| class.starts_with("django.db."))
}

/// Two branches that acquire the same thing for one variable, and lose it the same way.
pub(super) fn alternatives(project: &Project, a: &Acquisition, b: &Acquisition) -> bool {
    if a.func != b.func
        || a.resource != b.resource
        || std::mem::discriminant(&a.fate) != std::mem::discriminant(&b.fate)
    {
        return false;
    }
    let body = project.code().body(a.func);
    let flow = Flow::new(project.code(), a.func);
    let merges = |op: ValueId| {
        let aliases = flow.uses(op).aliases;
        aliases
            .into_iter()
            .filter(|v| matches!(body.op(*v).map(|op| &op.kind), Some(OpKind::Phi(_))))
            .collect::<Vec<_>>()
    };
    let first = merges(a.op);
    !first.is_empty() && merges(b.op).iter().any(|v| first.contains(v))
}

fn rejected(reason: &str) -> Judgement {
    Judgement::Rejected(reason.to_owned())
}

/// Kinds that this check judges. Processes end by themselves, temporary files are removed with
/// their object.
pub(super) fn looked_at(a: &Acquisition) -> bool {
    let context_object = a.row.is_some_and(|row| {
        matches!(row.returns, crate::libraries::Ret::Inst(class) | crate::libraries::Ret::InstKeep(class) if class.ends_with(":context"))
    });
    !matches!(a.resource, Resource::Process | Resource::Temporary)
        && (!context_object || matches!(a.fate, Fate::Managed(_)))
}

/// Sessions, connections, pools and clients.
fn lasting(resource: Resource) -> bool {
    matches!(
        resource,
        Resource::Session | Resource::Connection | Resource::Pool | Resource::HttpClient | Resource::CacheClient
    )
}

pub(super) fn noun(resource: Resource) -> &'static str {
    match resource {
        Resource::Session => "session",
        Resource::Connection => "connection",
        Resource::Pool => "connection pool",
        Resource::Cursor => "cursor",
        Resource::HttpClient => "client",
        Resource::HttpResponse => "response",
        Resource::CacheClient => "cache client",
        Resource::File => "file",
        Resource::Document => "document",
        Resource::Lock => "lock",
        Resource::Socket => "network connection",
        Resource::Executor => "executor",
        Resource::Process => "process",
        Resource::Temporary => "temporary file",
        Resource::Other => "object",
    }
}

/// Libraries whose clients hold sockets that nothing but `close` returns in time.
fn plain_client(a: &Acquisition) -> bool {
    a.row.is_none_or(|row| {
        ["httpx.", "requests.", "aiohttp.", "urllib3.", "http.client.", "tornado.", "google.auth.", "selenium."]
            .iter()
            .any(|library| row.callee.starts_with(library))
            || LOUD_CLIENTS.contains(&row.callee)
    })
}

fn severity(project: &Project, a: &Acquisition) -> Severity {
    let context = project.context(a.func);
    let request = matches!(context, RunContext::Request | RunContext::Stream);
    let base = match a.resource {
        resource if lasting(resource) => Severity::High,
        _ if context == RunContext::Stream || request && looped(project, a) => Severity::High,
        _ => Severity::Medium,
    };
    match context {
        RunContext::Startup | RunContext::Script | RunContext::Migration => base.lowered(),
        _ => base,
    }
}

fn looped(project: &Project, a: &Acquisition) -> bool {
    inside(project.code().body(a.func), a.op, |kind| matches!(kind, RegionKind::Loop { .. }))
}

/// Leaks that cost nothing, or that another finding covers.
pub(super) fn harmless(project: &Project, a: &Acquisition) -> Option<String> {
    let callee = a.row.map_or("", |row| row.callee);
    let context = project.context(a.func);
    if context == RunContext::Migration {
        return Some("a migration runs once, in a process of its own".to_owned());
    }
    if project.text(project.code().func(a.func).name).starts_with("test_") {
        return Some("a test".to_owned());
    }
    let request = matches!(context, RunContext::Request | RunContext::Stream);
    match a.resource {
        Resource::Other if matches!(context, RunContext::Startup | RunContext::Script) => {
            Some("the process ends with what makes it".to_owned())
        }
        Resource::HttpClient if !plain_client(a) && !request => {
            Some("the SDK closes its sockets when the client is collected, and it is not made per request".to_owned())
        }
        Resource::Session | Resource::Connection
            if context == RunContext::Script && project.entry_of(a.func) == a.func && !runs_long(project, a) =>
        {
            Some("the process ends with the command that opened it".to_owned())
        }
        Resource::Pool if callee.contains("engine") => match context {
            RunContext::Request | RunContext::Stream if a.factory.is_none() => {
                Some("`pool_configuration` reports an engine that is made per request".to_owned())
            }
            RunContext::Startup | RunContext::Script | RunContext::Migration => {
                Some("the process that makes the engine ends with it".to_owned())
            }
            _ => None,
        },
        Resource::Pool | Resource::CacheClient | Resource::HttpClient | Resource::Executor
            if context == RunContext::Script =>
        {
            Some("the process that makes the client ends with it".to_owned())
        }
        Resource::Cursor => {
            let body = project.code().body(a.func);
            let OpKind::Call { callee, .. } = body.op(a.op).map(|op| &op.kind)? else { return None };
            let OpKind::Attr { base, .. } = body.op(*callee).map(|op| &op.kind)? else { return None };
            if project.lib_class(a.func, *base) == Some("sqlite3.Connection") {
                return Some("a sqlite3 cursor holds nothing once it was read".to_owned());
            }
            let made = source_of(body, *base);
            project.acquisitions().iter().find(|other| other.func == a.func && other.op == made)?;
            Some("the cursor ends with its connection, which is judged itself".to_owned())
        }
        Resource::Document if callee == "PIL.Image.open" && reads_picture(project, a) => {
            Some("Pillow closes the file once it has read the picture".to_owned())
        }
        Resource::Document | Resource::File if !opens_path(project, a) => {
            Some("it reads an object that was opened elsewhere, not a path".to_owned())
        }
        Resource::File if callee == "zipfile.ZipFile.open" || callee == "tarfile.TarFile.extractfile" => {
            Some("a member reads through its archive: closing that ends it".to_owned())
        }
        Resource::Lock if asks_once(project, a) => {
            Some("taken once for good: who comes later does not wait".to_owned())
        }
        Resource::Lock if receiver_leaves(project, a) => Some("the lock itself is handed on".to_owned()),
        Resource::Lock => releases(project, a.func).then(|| "the lock is released in this file".to_owned()),
        _ => None,
    }
}

/// A command that waits or serves: its end is far away.
fn runs_long(project: &Project, a: &Acquisition) -> bool {
    let waits = Effects::SLEEP.with(Effects::ASYNC_SLEEP).with(Effects::WAITS).with(Effects::SUBSCRIBE);
    looped(project, a)
        || project.summary(a.func).effects.any(waits)
        || project.loops_of(a.func).iter().any(|l| matches!(l.kind, LoopKind::Endless | LoopKind::While))
}

/// `open(path)`; not `Image.open(upload)`, `ZipFile(BytesIO(data))`.
fn opens_path(project: &Project, a: &Acquisition) -> bool {
    let readers = ["zipfile.ZipFile", "tarfile.open", "gzip.GzipFile", "gzip.open", "PIL.Image.open"];
    if !a.row.is_some_and(|row| readers.contains(&row.callee)) {
        return true;
    }
    // `def open_archive(self, file): return ZipFile(file)`
    if let Some(g) = a.factory {
        let made =
            project.acquisitions().iter().find(|other| other.func == g && matches!(other.fate, Fate::Returned(_)));
        return made.is_none_or(|made| opens_path(project, made));
    }
    let Some(OpKind::Call { args, .. }) = project.code().op(a.func, a.op).map(|op| &op.kind) else { return true };
    let is_path = |v: ValueId| {
        project.members(a.func, v).iter().any(|ty| matches!(ty, Type::Str))
            || project.lib_class(a.func, v).is_some_and(|class| class.starts_with("pathlib."))
            || *project.ty(a.func, v) == Type::Unknown && says_path(&project.describe(a.func, v))
    };
    args.first().is_some_and(|arg| is_path(arg.value))
}

/// `archive_path`, `args.filename`: a value without a type whose name says what it is.
fn says_path(spelled: &str) -> bool {
    let last = spelled.rsplit('.').next().unwrap_or(spelled).to_ascii_lowercase();
    let plain = last.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    plain && ["path", "filename", "file_name", "fname"].iter().any(|word| last.ends_with(word))
}

/// `image = Image.open(path)` `image.convert("RGB")`: what reads the pixels ends the lazy reading of the file.
fn reads_picture(project: &Project, a: &Acquisition) -> bool {
    const READING: &[&str] = &[
        "convert",
        "copy",
        "crop",
        "filter",
        "getdata",
        "load",
        "quantize",
        "resize",
        "rotate",
        "save",
        "thumbnail",
        "tobytes",
        "transform",
        "transpose",
    ];
    let code = project.code();
    let reads = |f: FuncId, v: ValueId| {
        Flow::new(code, f).uses(v).ops.into_iter().find(|used| {
            matches!(code.op(f, *used).map(|op| &op.kind), Some(OpKind::Attr { name, .. }) if READING.contains(&project.text(*name)))
        })
    };
    // Here, or in a helper that is given the picture.
    let in_helper = |call: ValueId| {
        project.sites_at(a.func, call).flat_map(|site| &site.targets).any(|target| {
            (0_u32..).zip(&code.body(target.func).ops).any(|(at, op)| match op.kind {
                OpKind::Param(i) => {
                    let given = argument(project, a.func, call, target.func, i);
                    given.is_some_and(|v| source_of(code.body(a.func), v) == a.op)
                        && reads(target.func, ValueId(at)).is_some()
                }
                _ => false,
            })
        })
    };
    reads(a.func, a.op).is_some() || Flow::new(code, a.func).uses(a.op).ops.into_iter().any(in_helper)
}

/// `if self.started.acquire(blocking=False):`, a flag that nothing ever gives back.
fn asks_once(project: &Project, a: &Acquisition) -> bool {
    let body = project.code().body(a.func);
    let Some(OpKind::Call { args, .. }) = body.op(a.op).map(|op| &op.kind) else { return false };
    let at_once = args.iter().any(|arg| {
        let blocking = match arg.kind {
            ArgKind::Positional => true,
            ArgKind::Named(name) => project.text(name) == "blocking",
            _ => false,
        };
        blocking && matches!(body.op(arg.value).map(|op| &op.kind), Some(OpKind::Const(Const::Bool(false))))
    });
    at_once && !releases(project, a.func)
}

/// `if lock.acquire(): return lock`
fn receiver_leaves(project: &Project, a: &Acquisition) -> bool {
    let body = project.code().body(a.func);
    let Some(OpKind::Call { callee, .. }) = body.op(a.op).map(|op| &op.kind) else { return false };
    let Some(OpKind::Attr { base, .. }) = body.op(*callee).map(|op| &op.kind) else { return false };
    let uses = Flow::new(project.code(), a.func).uses(source_of(body, *base));
    uses.ops.iter().any(|op| {
        matches!(
            body.op(*op).map(|op| &op.kind),
            Some(OpKind::Return(_) | OpKind::Yield(_) | OpKind::StoreAttr { .. } | OpKind::StoreItem { .. })
        )
    })
}

/// Some lock is released in the file: which one is not told apart.
fn releases(project: &Project, near: FuncId) -> bool {
    let code = project.code();
    code.func_ids().filter(|f| code.module_of(*f) == code.module_of(near)).any(|f| {
        code.body(f)
            .ops
            .iter()
            .any(|op| matches!(op.kind, OpKind::Attr { name, .. } if matches!(project.text(name), "release" | "notify" | "notify_all")))
    })
}

/// Stored on the request or on Flask's `g`.
fn request_scoped(project: &Project, f: FuncId, op: ValueId) -> bool {
    let body = project.code().body(f);
    let Some(OpKind::StoreAttr { base, .. }) = body.op(op).map(|op| &op.kind) else { return false };
    let base = project.describe(f, *base);
    base == "g" || base == "flask.g" || base == "request" || base.starts_with("request.")
}

/// `self.session = next(get_db())`: the generator is gone, and its clean-up with it.
fn taken_from_generator(project: &Project, a: &Acquisition) -> bool {
    let Some(OpKind::Call { callee, .. }) = project.code().op(a.func, a.op).map(|op| &op.kind) else { return false };
    let next = |name: &str| matches!(name, "builtins.next" | "builtins.anext");
    a.row.is_none() && matches!(project.ty(a.func, *callee), Type::LibRef(name) if next(project.text(*name)))
}

/// A constructor stores the session in an object that is built per call and has no way to close it.
fn built_per_call(project: &Project, a: &Acquisition) -> bool {
    let code = project.code();
    let client = a.row.is_some_and(|row| LOUD_CLIENTS.contains(&row.callee));
    if !(client || matches!(a.resource, Resource::Session | Resource::Connection))
        || project.text(code.func(a.func).name) != "__init__"
    {
        return false;
    }
    let Some(class) = code.class_of(a.func) else { return false };
    if !project.library_ancestors(class).all(|base| matches!(base, "builtins.object" | "abc.ABC"))
        || ["close", "aclose", "__exit__", "__aexit__", "__del__", "shutdown", "stop"]
            .iter()
            .any(|name| project.method(class, name).is_some())
    {
        return false;
    }
    project.callers(a.func).iter().any(|(f, i)| {
        let often = matches!(project.context(*f), RunContext::Request | RunContext::Stream | RunContext::Job);
        let runs_on = often || project.context(*f) == RunContext::Library;
        let made = || project.sites(*f).get(*i as usize).is_some_and(|site| dropped(project, *f, site.op));
        project.text(code.func(*f).name) != "__init__" && if client { runs_on && made() } else { often }
    })
}

/// Clients of asyncio that complain when they are collected open: nothing but `close` ends their connections.
const LOUD_CLIENTS: &[&str] = &["aiohttp.ClientSession", "elasticsearch.AsyncElasticsearch", "httpx.AsyncClient"];

/// `Extractor(host).extract(text)`: all that is done with an object is to call it.
fn dropped(project: &Project, f: FuncId, made: ValueId) -> bool {
    let uses = Flow::new(project.code(), f).uses(made).ops;
    let body = project.code().body(f);
    !uses.is_empty() && uses.iter().all(|used| matches!(body.op(*used).map(|op| &op.kind), Some(OpKind::Attr { .. })))
}

/// A function between request and handler: it calls what it was given as `next`.
fn middleware(project: &Project, f: FuncId) -> bool {
    project
        .code()
        .func(f)
        .params
        .iter()
        .any(|param| matches!(project.text(param.name), "next" | "call_next" | "get_response" | "handler"))
}

fn factory_step(project: &Project, g: FuncId) -> Option<Step> {
    let made =
        project.acquisitions().iter().find(|other| other.func == g && matches!(other.fate, Fate::Returned(_)))?;
    let message = format!("`{}` returns a new {}", project.func_name(g), noun(made.resource));
    Some(project.step(g, made.op, message))
}

fn advice(project: &Project, a: &Acquisition) -> String {
    if taken_from_generator(project, a) {
        return "Open it with a context manager: `with contextmanager(get_db)() as session`".to_owned();
    }
    let transaction_only = matches!(a.fate, Fate::Leaked(Leak::TransactionOnly(_)));
    if matches!(a.fate, Fate::Returned(_)) {
        return "Make the provider a generator: open with `with`, `yield` inside the block".to_owned();
    }
    match a.resource {
        Resource::Other => "Close it in a `finally`, or make it once for the process and share it",
        _ if transaction_only => "Wrap it in `contextlib.closing(…)`, and keep the inner `with` for the transaction",
        Resource::Session | Resource::Connection => "Open it with `with`, or close it in a `finally`, on every path",
        Resource::HttpClient | Resource::CacheClient | Resource::Pool => {
            "Create it once for the process and close it at shutdown, or open it with `with` for this call"
        }
        Resource::Lock => "Hold it with `with`, or release it in a `finally`",
        Resource::File => "Open it with `with`, or use `Path.read_text`, which closes",
        _ => "Open it with `with`, or close it in a `finally`",
    }
    .to_owned()
}
