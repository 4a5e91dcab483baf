//! Blocking that neither a table nor a body tells of: a synchronous session that is handed to a function
//! out of view, calls of a client whose other calls this project hands to threads, methods that only paths have.

use super::on_loop::OnLoop;
use crate::analysis::{ClassId, FuncId, Project, Type, source_of};
use crate::checks::check::Place;
use crate::checks::support::place_of;
use crate::libraries::{Place as Where, RunContext};
use crate::model::{Body, FunctionKind, OpKind, Sym, ValueId};
use rustc_hash::{FxHashMap, FxHashSet};

/// Why a call is taken to block.
#[derive(Clone, Debug)]
pub struct Guess {
    /// The sentence about it.
    pub message: String,
    /// The step that shows it.
    pub step: (FuncId, ValueId, String),
    /// Only names tell, and a reader decides.
    pub by_name: bool,
    /// The cure, where it is another than a thread.
    pub advice: Option<&'static str>,
}

/// What a client is kept as: the class for `self.client`, and the words of it.
type Key = (Option<ClassId>, String);

/// Calls of one client that are handed to threads.
#[derive(Debug, Default)]
struct Peers {
    methods: FxHashSet<Sym>,
    first: Option<(FuncId, ValueId)>,
}

/// Candidates of both kinds in asynchronous functions.
pub(super) fn candidates(project: &Project) -> Vec<(Place, OnLoop)> {
    let code = project.code();
    let peers = peers(project);
    let mut out = Vec::new();
    for f in code.func_ids() {
        if !code.func(f).is_async || project.context(f) == RunContext::Test {
            continue;
        }
        let body = code.body(f);
        let mut told: FxHashSet<String> = FxHashSet::default();
        let mut kept: Option<FxHashSet<ValueId>> = None;
        for &at in code.calls_in(f) {
            let Some(OpKind::Call { callee, args }) = body.op(at).map(|op| &op.kind) else { continue };
            if project.sites_at(f, at).next().is_some() {
                continue;
            }
            let session = || args.iter().find(|arg| is_sync_session(project, f, arg.value));
            let guess = if let Some((key, method)) = client_call(project, f, body, *callee)
                && let Some(known) = peers.get(&key)
                && (known.methods.contains(&method)
                    || known.methods.len() > 1 && foreign(project, f, *callee) && telling(project.text(method)))
                && let Some((g, handed)) = known.first
            {
                let message = format!(
                    "`{}` holds the event loop: the project hands calls of `{}` to threads elsewhere",
                    project.describe(f, at),
                    key.1
                );
                let step = (g, handed, format!("a call of `{}` is handed to a thread here", key.1));
                Some((key.1, Guess { message, step, by_name: false, advice: None }))
            } else if let Some(arg) = session()
                && out_of_view(project, f, body, *callee)
            {
                let message = format!(
                    "`{}` is given a synchronous session and holds the event loop while it queries",
                    project.describe(f, at)
                );
                let step = (f, arg.value, "the session is a synchronous one".to_owned());
                Some((project.describe(f, *callee), Guess { message, step, by_name: false, advice: None }))
            } else if let Some(base) = of_path(project, f, body, *callee) {
                let message = format!(
                    "`{}` reads or writes a file and holds the event loop in `{}`: only a path has such a method",
                    project.describe(f, at),
                    project.func_name(f)
                );
                let words = "nothing here says that it is a path of an asynchronous library".to_owned();
                Some((
                    project.describe(f, *callee),
                    Guess { message, step: (f, base, words), by_name: false, advice: None },
                ))
            } else if let Some((base, class)) = of_storage(project, f, body, *callee) {
                let message = format!(
                    "`{}` talks to a storage and holds the event loop in `{}`: it is not awaited",
                    project.describe(f, at),
                    project.func_name(f)
                );
                let words = format!("an object of `{class}`, which is not among the files");
                Some((
                    project.describe(f, *callee),
                    Guess { message, step: (f, base, words), by_name: true, advice: None },
                ))
            } else {
                None
            };
            let Some((name, guess)) = guess else { continue };
            if !kept.get_or_insert_with(|| given_away(project, f, body)).contains(&at) && told.insert(name) {
                out.push((place_of(project, f, at), OnLoop::Guessed(guess)));
            }
        }
    }
    out
}

/// The receiver of a method that moves data, and its class, which is not among the files and is a storage by its name:
/// `S3Service(bucket).upload(data)`.
fn of_storage<'p>(project: &'p Project, f: FuncId, body: &Body, callee: ValueId) -> Option<(ValueId, &'p str)> {
    const CLASSES: &[&str] =
        &["S3", "Storage", "Bucket", "Blob", "Minio", "Smtp", "SMTP", "Sftp", "SFTP", "Ftp", "FTP"];
    const METHODS: &[&str] =
        &["upload", "download", "put_object", "get_object", "delete_object", "list_objects", "send_mail"];
    let OpKind::Attr { base, name } = body.op(callee)?.kind else { return None };
    let method = project.text(name);
    if !METHODS.iter().any(|word| method.starts_with(word)) || method.contains("async") {
        return None;
    }
    let class = project.lib_class(f, base).filter(|_| untold(project, f, callee))?;
    let short = class.rsplit('.').next().unwrap_or(class);
    let named = CLASSES.iter().any(|word| short.contains(word)) && !short.contains("Async");
    named.then_some((base, short))
}

/// The receiver of a method that only paths have, when nothing is known of it.
fn of_path(project: &Project, f: FuncId, body: &Body, callee: ValueId) -> Option<ValueId> {
    const OF_PATHS: &[&str] = &["read_text", "read_bytes", "write_text", "write_bytes", "rglob", "rmdir", "iterdir"];
    let OpKind::Attr { base, name } = body.op(callee)?.kind else { return None };
    let known = || ["anyio", "aiopath", "trio"].iter().any(|library| project.sym(library).is_some());
    let only = OF_PATHS.contains(&project.text(name)) && *project.ty(f, callee) == Type::Unknown;
    (only && !known()).then_some(base)
}

/// Methods that hardly do more than look at the client.
fn telling(method: &str) -> bool {
    !["is_", "has_", "set_", "on_", "add_", "remove_", "register", "close", "configure"]
        .iter()
        .any(|prefix| method.starts_with(prefix))
}

/// Values that are awaited, or handed to something that awaits them: no synchronous call gives those.
fn given_away(project: &Project, f: FuncId, body: &Body) -> FxHashSet<ValueId> {
    let mut out = FxHashSet::default();
    for op in &body.ops {
        match &op.kind {
            // `with client.get(path) as found:` is entered here and now.
            OpKind::Await(v) | OpKind::Enter { manager: v, is_async: true } => {
                out.insert(*v);
                out.insert(source_of(body, *v));
            }
            OpKind::Call { callee, args } => {
                let builtin = matches!(project.ty(f, *callee), Type::LibRef(name) if project.text(*name).starts_with("builtins."));
                if !builtin {
                    out.extend(args.iter().map(|arg| arg.value));
                }
            }
            // `async for row in rows(session)`
            OpKind::Element(v) => {
                out.insert(*v);
                out.insert(source_of(body, *v));
            }
            _ => {}
        }
    }
    out
}

/// A call of a client that has no type: what the client is kept as, and the method.
fn client_call(project: &Project, f: FuncId, body: &Body, callee: ValueId) -> Option<(Key, Sym)> {
    let OpKind::Attr { base, name } = body.op(callee)?.kind else { return None };
    if !untold(project, f, callee) {
        return None;
    }
    Some((key_of(project, f, body, base)?, name))
}

/// A method of which no table tells: of a receiver without a type, or of a library without a table.
fn untold(project: &Project, f: FuncId, method: ValueId) -> bool {
    match project.ty(f, method) {
        Type::Unknown => true,
        Type::LibBound(receiver, _) => {
            let class = project.lib_class_of(project.type_of(*receiver));
            class.is_some_and(|class| project.library().library_of(class).is_none())
        }
        _ => false,
    }
}

/// A method of a library's class: all that it does, it does outside of this project.
fn foreign(project: &Project, f: FuncId, method: ValueId) -> bool {
    matches!(project.ty(f, method), Type::LibBound(..))
}

/// `self.client`, `settings.store`: something that lives longer than the call.
fn key_of(project: &Project, f: FuncId, body: &Body, v: ValueId) -> Option<Key> {
    let at = source_of(body, v);
    let OpKind::Attr { base, .. } = body.op(at)?.kind else { return None };
    let mut root = source_of(body, base);
    for _ in 0..4 {
        match body.op(root)?.kind {
            OpKind::Attr { base, .. } => root = source_of(body, base),
            _ => break,
        }
    }
    let class = match body.op(root)?.kind {
        OpKind::Param(0) if project.code().func(f).kind == FunctionKind::Method => Some(project.code().class_of(f)?),
        OpKind::Captured { .. } => project.code().class_of(project.code().parent(f)),
        OpKind::Global(_) if !matches!(project.ty(f, root), Type::LibRef(_)) || project.is_out_of_view(f, root) => None,
        _ => return None,
    };
    Some((class, project.describe(f, at)))
}

/// Clients whose calls are handed to threads by reference: `await to_thread(self.client.search, query)`.
fn peers(project: &Project) -> FxHashMap<Key, Peers> {
    let code = project.code();
    let mut out: FxHashMap<Key, Peers> = FxHashMap::default();
    for f in code.func_ids() {
        if project.context(f) == RunContext::Test {
            continue;
        }
        let body = code.body(f);
        for &at in code.calls_in(f) {
            let Some(OpKind::Call { callee, args }) = body.op(at).map(|op| &op.kind) else { continue };
            let method = |v: ValueId| matches!(body.op(v).map(|op| &op.kind), Some(OpKind::Attr { .. }));
            if !args.iter().take(2).any(|arg| method(arg.value)) || !to_thread(project, f, body, at, *callee) {
                continue;
            }
            let handed = args.iter().take(2).find_map(|arg| match body.op(arg.value)?.kind {
                OpKind::Attr { base, name } if untold(project, f, arg.value) => {
                    Some((key_of(project, f, body, base)?, name))
                }
                _ => None,
            });
            let Some((key, method)) = handed else { continue };
            let awaited = || body.ops.iter().any(|op| matches!(op.kind, OpKind::Await(v) if v == at));
            if awaited() {
                let peers = out.entry(key).or_default();
                peers.methods.insert(method);
                peers.first.get_or_insert((f, at));
            }
        }
    }
    out
}

/// The call hands a function to a thread: the table says so, or the name of a wrapper.
fn to_thread(project: &Project, f: FuncId, body: &Body, at: ValueId, callee: ValueId) -> bool {
    let by_table = project.sites_at(f, at).any(|site| {
        matches!(site.kind, crate::analysis::SiteKind::Library(row)
            if row.runs.is_some_and(|runs| matches!(runs.place, Where::Thread | Where::Process)))
    });
    let spelled = || {
        let Some(OpKind::Attr { name, .. } | OpKind::Global(name)) = body.op(callee).map(|op| &op.kind) else {
            return false;
        };
        let short = project.text(*name);
        ["thread", "executor", "run_async", "run_sync", "sync_to_async", "run_blocking"]
            .iter()
            .any(|word| short.contains(word))
    };
    by_table || spelled()
}

/// A function that was imported from a file that is not in view, by its plain name or that of its module.
fn out_of_view(project: &Project, f: FuncId, body: &Body, callee: ValueId) -> bool {
    let text = project.describe(f, callee);
    let short = text.rsplit('.').next().unwrap_or("");
    let plain =
        short.starts_with(|c: char| c.is_ascii_lowercase()) && !short.contains("async") && !short.contains("thread");
    let root = match body.op(callee).map(|op| &op.kind) {
        Some(OpKind::Global(_)) => Some(callee),
        Some(OpKind::Attr { base, .. }) => {
            matches!(body.op(*base).map(|op| &op.kind), Some(OpKind::Global(_))).then_some(*base)
        }
        _ => None,
    };
    plain && root.is_some_and(|root| project.is_out_of_view(f, root))
}

fn is_sync_session(project: &Project, f: FuncId, v: ValueId) -> bool {
    matches!(
        project.lib_class(f, v),
        Some("sqlalchemy.orm.Session" | "sqlmodel.Session" | "sqlalchemy.orm.scoped_session")
    )
}
