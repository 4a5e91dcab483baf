//! `blocking_io_in_async`: synchronous I/O that holds the event loop.

use super::handed::Guess;
use super::on_loop::{self, ALONE, FAR, OnLoop};
use crate::analysis::{BlockPath, FuncId, Hold, Project, SiteKind, makes_temporary, names_only};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_evidence, context_facts, grade};
use crate::libraries::{Effects, RunContext};
use crate::model::{Const, OpKind, ValueId};
use crate::report::model::{Confidence, Effort, Severity};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct BlockingIoInAsync;

const DATABASE: Effects =
    Effects(Effects::ANY_QUERY.0 | Effects::COMMIT.0 | Effects::ROLLBACK.0 | Effects::DB_CONNECT.0);

impl Check for BlockingIoInAsync {
    const ID: &'static str = "blocking_io_in_async";
    type Candidate = OnLoop;

    fn candidates(cx: Cx<'_>) -> Candidates<OnLoop> {
        on_loop::candidates(cx, Hold::Io)
    }

    fn judge(cx: Cx<'_>, place: Place, candidate: &OnLoop) -> Judgement {
        if let Some(reason) = on_loop::dismissal(candidate) {
            return Judgement::Rejected(reason);
        }
        if let OnLoop::Guessed(guess) = candidate {
            return guessed(cx, place, guess);
        }
        let OnLoop::Blocks(sites) = candidate else { return Judgement::Rejected("nothing blocks".into()) };
        let project = cx.project;
        let f = place.func;
        let paths = on_loop::paths(project, f, sites, Hold::Io);
        let files = paths.iter().all(|path| !path.site.effects.any(Hold::Io.effects().without(Effects::FILE_IO)));
        let alone =
            matches!(project.context(f), RunContext::Script | RunContext::Migration) && !on_loop::shares_loop(project);
        if alone && files {
            return Judgement::Rejected(ALONE.into());
        }
        let (Some(first), Some(site)) = (paths.first(), sites.first()) else {
            return Judgement::Rejected("the blocking call is not reached".into());
        };
        let hot = matches!(project.context(f), RunContext::Request | RunContext::Stream);
        let constant = paths.iter().all(|path| reads_constant_file(project, path));
        if constant && !hot {
            return Judgement::Rejected("a small constant file, read off the hot path".into());
        }
        let flask = hot && on_loop::in_flask_view(project, f);
        // `mkdir`, `unlink`: the loop waits for one entry of a directory, not for data.
        let entries = paths.iter().all(|path| names_only(&path.site) || makes_temporary(&path.site));
        // Read again when it is too old: seldom, of all requests.
        let seldom = sites.iter().all(|site| project.runs_once(f, site.op));
        let severity = if flask || entries || seldom {
            Severity::Low
        } else {
            grade(project, f, Severity::High, Severity::Medium, Severity::Low)
        };
        let mut facts = context_facts(cx, f);
        facts.table_used_context = true;
        facts.guarded_by_timeout = paths.iter().all(|path| on_loop::has_timeout(project, path));
        facts.small_data = constant || entries;
        let by_name = paths.iter().all(|path| path.by_name);
        let far = first.steps.len() > FAR;
        let mut sure = confidence(project, f, by_name);
        if far && sure == Confidence::High {
            sure = Confidence::Medium;
        }
        let mut evidence = vec![context_evidence(project, f)];
        if flask {
            evidence.push("Flask runs an own event loop for this request: nobody else waits".into());
        }
        let does = project.verb(&first.site, Hold::Io.effects());
        let end = project.site_name(first.end, &first.site);
        let message = if first.steps.len() == 1 {
            format!("{end} {does} and holds the event loop in `{}`", project.func_name(f))
        } else {
            format!("{} leads to {end}, which {does} and holds the event loop", project.site_name(f, site))
        };
        let mut steps = first.steps.clone();
        steps.extend(paths.iter().skip(1).take(4).flat_map(|path| path.steps.first().cloned()));
        steps.dedup();
        let draft = Draft {
            place,
            severity,
            confidence: sure,
            message,
            recommendation: advice(project, f, sites.first().and_then(|s| s.targets.first()).map(|t| t.func), first),
            effort: Effort::S,
            steps,
            evidence,
            facts,
        };
        let sets_up = project.context(f) == RunContext::Library && draft.facts.is_setup_function && files;
        if sets_up || project.context(f) == RunContext::Startup {
            let missing = "nobody is served yet: how long the start may take is not seen";
            return Judgement::NeedsContext(Box::new(draft), missing.into());
        }
        if alone {
            let missing = "whether anything else runs on the loop of this command is not seen";
            return Judgement::NeedsContext(Box::new(draft), missing.into());
        }
        if far {
            let missing = "a call that far away may lie behind a condition that never holds here";
            return Judgement::NeedsContext(Box::new(draft), missing.into());
        }
        if by_name && draft.confidence == Confidence::Low {
            return Judgement::NeedsContext(Box::new(draft), "the callee was found by its name only".into());
        }
        Judgement::Confirmed(Box::new(draft))
    }
}

const IN_A_THREAD: &str =
    "Hand the call to a thread (`asyncio.to_thread`, `run_in_threadpool`), or make the function a `def` endpoint";

/// A call that blocks as far as the code around it tells.
fn guessed(cx: Cx<'_>, place: Place, guess: &Guess) -> Judgement {
    let project = cx.project;
    let f = place.func;
    if matches!(project.context(f), RunContext::Script | RunContext::Migration) {
        return Judgement::Rejected(ALONE.into());
    }
    let mut facts = context_facts(cx, f);
    facts.table_used_context = true;
    let (g, op, words) = &guess.step;
    let mut steps = vec![project.step(*g, *op, words.clone())];
    steps.extend(
        place.op.map(|op| project.step(f, op, format!("`{}` runs on the event loop", project.describe(f, op)))),
    );
    let draft = Draft {
        place,
        severity: grade(project, f, Severity::High, Severity::Medium, Severity::Low),
        confidence: if guess.by_name { Confidence::Low } else { Confidence::Medium },
        message: guess.message.clone(),
        recommendation: guess.advice.unwrap_or(IN_A_THREAD).to_owned(),
        effort: Effort::S,
        steps,
        evidence: vec![context_evidence(project, f)],
        facts,
    };
    if guess.by_name {
        return Judgement::NeedsContext(Box::new(draft), "what the call does is not among the files".into());
    }
    Judgement::Confirmed(Box::new(draft))
}

/// The cure, for what blocks.
fn advice(project: &Project, _f: FuncId, called: Option<FuncId>, path: &BlockPath) -> String {
    if let Some(twin) = called.and_then(|g| async_twin(project, g)) {
        return format!("Await `{twin}`, the asynchronous twin");
    }
    let effects = path.site.effects;
    let callee = match path.site.kind {
        SiteKind::Library(row) => row.callee,
        _ => "",
    };
    let text = if callee.starts_with("django.") {
        "Use the asynchronous query methods (`aget`, `acreate`, `async for`), or wrap the function with `sync_to_async`"
    } else if effects.any(DATABASE) {
        "Use an asynchronous session or driver for this work, or run the whole unit of work in `asyncio.to_thread`"
    } else if effects.any(Effects::SUBPROCESS) {
        "Await `asyncio.create_subprocess_exec`, or hand the call to `asyncio.to_thread`"
    } else if effects.any(Effects::CACHE) {
        "Use the asynchronous client (`redis.asyncio`) and await the call"
    } else if effects.any(Effects::FILE_IO) {
        "Hand the file access to `asyncio.to_thread`, or use `aiofiles` or `anyio.Path`"
    } else if callee.starts_with("requests.") || callee.starts_with("urllib") || callee.starts_with("httpx.") {
        "Await one shared asynchronous client (`httpx.AsyncClient`), or hand the call to `asyncio.to_thread`"
    } else {
        "Await the asynchronous client of the library, or hand the call to `asyncio.to_thread`"
    };
    text.to_owned()
}

/// `list_sync` -> `list`, `send` -> `asend`, `send_async`, `async_send` of the same class.
fn async_twin(project: &Project, g: FuncId) -> Option<String> {
    let code = project.code();
    let class = code.class_of(g)?;
    let name = project.text(code.func(g).name);
    let mut names = vec![format!("a{name}"), format!("{name}_async"), format!("async_{name}")];
    names.extend(name.strip_suffix("_sync").map(str::to_owned));
    let found = names.iter().find_map(|n| project.method(class, n).filter(|f| code.func(*f).is_async))?;
    Some(project.func_name(found).to_owned())
}

/// `open("VERSION")` and the like: the path is a constant and the file is only read.
fn reads_constant_file(project: &Project, path: &BlockPath) -> bool {
    let (f, op) = (path.end, path.site.op);
    let SiteKind::Library(row) = path.site.kind else { return false };
    let body = project.code().body(f);
    let Some(OpKind::Call { callee, args }) = body.op(op).map(|op| &op.kind) else { return false };
    match row.callee {
        "builtins.open" | "io.open" => {
            let reads = match args.get(1).map(|mode| body.op(mode.value).map(|op| &op.kind)) {
                None => true,
                Some(Some(OpKind::Const(Const::Str(mode)))) => !project.text(*mode).contains(['w', 'a', 'x', '+']),
                Some(_) => args.get(1).is_some_and(|a| matches!(a.kind, crate::model::ArgKind::Named(_))),
            };
            reads && args.first().is_some_and(|arg| is_constant(project, f, arg.value, 0))
        }
        "pathlib.Path.read_text" | "pathlib.Path.read_bytes" | "pathlib.Path.open" => {
            let Some(OpKind::Attr { base, .. }) = body.op(*callee).map(|op| &op.kind) else { return false };
            args.iter().all(|arg| !matches!(arg.kind, crate::model::ArgKind::Positional))
                && is_constant(project, f, *base, 0)
        }
        "io.TextIOWrapper.read" | "io.IOBase.readline" | "io.TextIOWrapper.readline" | "io.IOBase.readlines" => {
            let Some(OpKind::Attr { base, .. }) = body.op(*callee).map(|op| &op.kind) else { return false };
            let origin = made_by(project, f, *base);
            origin.is_some_and(|arg| is_constant(project, f, arg, 0))
        }
        _ => false,
    }
}

/// The first argument of the call that opened a file.
fn made_by(project: &Project, f: FuncId, v: ValueId) -> Option<ValueId> {
    let body = project.code().body(f);
    let mut at = crate::analysis::source_of(body, v);
    if let OpKind::Enter { manager, .. } = body.op(at)?.kind {
        at = manager;
    }
    match &body.op(at)?.kind {
        OpKind::Call { args, .. } => args.first().map(|arg| arg.value),
        _ => None,
    }
}

/// Literals, module constants, `__file__`, and paths joined from them.
fn is_constant(project: &Project, f: FuncId, v: ValueId, depth: u32) -> bool {
    let code = project.code();
    let body = code.body(f);
    let v = crate::analysis::source_of(body, v);
    let deeper = |v: ValueId| depth < 6 && is_constant(project, f, v, depth + 1);
    match body.op(v).map(|op| &op.kind) {
        Some(OpKind::Const(_)) => true,
        Some(OpKind::Global(name)) => {
            let text = project.text(*name);
            text == "__file__" || text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase)
        }
        Some(OpKind::Attr { base, .. }) => deeper(*base),
        Some(OpKind::Item { base, index }) => deeper(*base) && deeper(*index),
        Some(OpKind::Binary { left, right, .. }) => deeper(*left) && deeper(*right),
        Some(OpKind::Call { callee, args }) => {
            let receiver = match body.op(*callee).map(|op| &op.kind) {
                Some(OpKind::Attr { base, .. }) => {
                    matches!(project.ty(f, *base), crate::analysis::Type::LibRef(_)) || deeper(*base)
                }
                Some(OpKind::Global(_)) => true,
                _ => false,
            };
            receiver && args.iter().all(|arg| deeper(arg.value))
        }
        _ => false,
    }
}
