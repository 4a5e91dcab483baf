//! `pool_configuration`: how a server process creates its SQLAlchemy engine.

use super::engine_options::{Options, Setting, asks_for_sqlite, of_extension, read};
use crate::analysis::{Fate, FuncId, Project, SiteKind, Type};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_evidence, context_facts, place_of};
use crate::libraries::RunContext;
use crate::model::{Const, FunctionKind, ImportKind, OpKind, RegionKind, ValueId};
use crate::report::model::{Effort, Severity};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct PoolConfiguration;

/// A call that creates an engine.
#[derive(Clone, Debug)]
pub struct Engine {
    func: FuncId,
    op: ValueId,
    options: Options,
    from_config: bool,
}

const FACTORIES: &[&str] = &[
    "sqlalchemy.create_engine",
    "sqlalchemy.engine_from_config",
    "sqlalchemy.ext.asyncio.create_async_engine",
    "sqlalchemy.ext.asyncio.async_engine_from_config",
];

impl Check for PoolConfiguration {
    const ID: &'static str = "pool_configuration";
    type Candidate = Engine;

    fn candidates(cx: Cx<'_>) -> Candidates<Engine> {
        let project = cx.project;
        let mut found = Vec::new();
        for func in project.code().func_ids() {
            for site in project.sites(func) {
                let SiteKind::Library(row) = site.kind else { continue };
                let options = match row.callee {
                    "flask_sqlalchemy.SQLAlchemy" => of_extension(project, func, site.op),
                    callee => FACTORIES.contains(&callee).then(|| read(project, func, site.op)),
                };
                if let Some(options) = options.filter(|_| !is_test(project, func)) {
                    let from_config = row.callee.ends_with("from_config");
                    let engine = Engine { func, op: site.op, options, from_config };
                    found.push((place_of(project, func, site.op), engine));
                }
            }
        }
        if found.is_empty() {
            return Candidates::Nothing("no SQLAlchemy engine is created");
        }
        let count = found.len();
        Candidates::Found(found, format!("{count} engines"))
    }

    fn judge(cx: Cx<'_>, place: Place, engine: &Engine) -> Judgement {
        let project = cx.project;
        if let Some(reason) = dismissed(cx, engine) {
            return Judgement::Rejected(reason);
        }
        let options = &engine.options;
        let name = project.describe(engine.func, engine.op);
        let (severity, problem, advice) = if per_request(project, engine) {
            (
                Severity::High,
                format!("`{name}` makes a new engine, and with it a new pool, for every request"),
                "Create the engine once at start-up and share it".to_owned(),
            )
        } else if let Some(unlimited) = unlimited(options) {
            (
                Severity::High,
                format!("`{name}` lets the pool grow without limit (`{unlimited}`)"),
                "Set `pool_size` and `max_overflow` to what the database allows for one process".to_owned(),
            )
        } else if options.set.get("poolclass") == Some(&Setting::Pool("NullPool".to_owned())) {
            (
                Severity::Medium,
                format!("`{name}` opens a new connection for every check-out (`NullPool`) in a web service"),
                "Drop `poolclass=NullPool`, set `pool_size`, `max_overflow` and `pool_pre_ping=True`".to_owned(),
            )
        } else if !options.on("pool_pre_ping") && !options.on("pool_recycle") {
            (
                Severity::High,
                format!("`{name}` sets neither `pool_pre_ping` nor `pool_recycle`: stale connections reach requests"),
                "Set `pool_pre_ping=True`, and `pool_recycle` below the idle timeout of database and network"
                    .to_owned(),
            )
        } else if !options.set.contains_key("pool_size") && !options.set.contains_key("poolclass") {
            (
                Severity::Low,
                format!("`{name}` keeps the default pool of 5 connections and 10 more"),
                "Set `pool_size` and `max_overflow` for the number of workers and the limit of the database".to_owned(),
            )
        } else if !monitored(project) {
            (
                Severity::Low,
                format!("`{name}` is not monitored: no pool event is listened to"),
                "Listen to `checkout` and `checkin` of the engine, or instrument it, and export the pool's state"
                    .to_owned(),
            )
        } else {
            return Judgement::Rejected("liveness, limits and monitoring are set".into());
        };
        let mut facts = context_facts(cx, engine.func);
        facts.table_used_context = true;
        // An engine is made at start-up by nature; where it is made says nothing against it.
        facts.is_setup_function = false;
        let set: Vec<&str> = options.set.keys().map(String::as_str).collect();
        let set = if set.is_empty() { "none".to_owned() } else { set.join(", ") };
        let draft = Draft {
            place,
            severity,
            confidence: confidence(project, engine.func, false),
            message: problem,
            recommendation: advice,
            effort: Effort::S,
            steps: vec![project.step(engine.func, engine.op, "the engine is created")],
            evidence: vec![format!("options: {set}"), context_evidence(project, engine.func)],
            facts,
        };
        if severity == Severity::Low {
            let missing = "whether the workers need other limits, or anybody watches them, is not seen".to_owned();
            return Judgement::NeedsContext(Box::new(draft), missing);
        }
        if !is_server(cx) {
            let missing = "nothing shows that a server process uses this engine".to_owned();
            return Judgement::NeedsContext(Box::new(draft), missing);
        }
        Judgement::Confirmed(Box::new(draft))
    }
}

fn dismissed(cx: Cx<'_>, engine: &Engine) -> Option<String> {
    let project = cx.project;
    let options = &engine.options;
    if options.sqlite {
        return Some("SQLite is a file: its pool needs no tuning".to_owned());
    }
    if is_fallback(project, engine) {
        return Some("made only where the driver refuses the options that stand before it".to_owned());
    }
    if disposed(project, engine) {
        return Some("made for one piece of work and disposed after it".to_owned());
    }
    if thrown_away(project, engine) && !per_request(project, engine) {
        return Some("used in this function only; `missing_cleanup` judges its release".to_owned());
    }
    if project.context_path(engine.func).is_some_and(|path| path.admin) {
        return Some("only administrators reach it: one engine for one piece of work".to_owned());
    }
    match project.context(engine.func) {
        RunContext::Script => return Some("a script, not a server process".to_owned()),
        RunContext::Migration => return Some("a migration, not a server process".to_owned()),
        _ => {}
    }
    let remark = remark(project, engine);
    let only_sqlite = (remark.contains("sqlite does not") || remark.contains("for sqlite"))
        && !asks_for_sqlite(project, engine.func, engine.op);
    if only_sqlite {
        return Some("SQLite is a file: its pool needs no tuning".to_owned());
    }
    if let Some(pooler) = cx.context.db_config.settings.get("pooler") {
        return Some(format!("the configuration names `{pooler}`, which pools in front of the database"));
    }
    if options.url.contains("pgbouncer") || remark.contains("pgbouncer") {
        return Some("pgbouncer pools in front of the database".to_owned());
    }
    if is_serverless(project) {
        return Some("serverless: the platform starts and freezes the process".to_owned());
    }
    match options.set.get("poolclass") {
        Some(Setting::Pool(class)) if class == "StaticPool" || class == "SingletonThreadPool" => {
            return Some(format!("`{class}` is a pool for tests and SQLite"));
        }
        Some(Setting::Pool(class)) if class == "NullPool" && (remark.contains("pool") || remark.contains("lambda")) => {
            return Some("a comment says why there is no pool".to_owned());
        }
        _ => {}
    }
    if engine.from_config || options.open {
        return Some("the settings come from configuration".to_owned());
    }
    if options.from_caller {
        return Some("the caller gives the settings".to_owned());
    }
    if options.set.contains_key("pool") {
        return Some("the pool is made elsewhere and handed over".to_owned());
    }
    None
}

/// Comments on the call or just above that speak of the pool.
fn remark(project: &Project, engine: &Engine) -> String {
    let Some(module) = project.code().module(project.code().module_of(engine.func)) else { return String::new() };
    let line = project.code().span(engine.func, engine.op).map_or(0, |span| span.line);
    let near = module.comments.iter().filter(|c| c.line + 4 >= line && c.line <= line + 12);
    let texts: Vec<String> = near.map(|c| project.text(c.text).to_ascii_lowercase()).collect();
    let speaks =
        |text: &&String| ["pool", "lambda", "serverless", "bouncer", "sqlite"].iter().any(|word| text.contains(word));
    texts.iter().filter(speaks).cloned().collect::<Vec<_>>().join(" ")
}

/// `try: create_engine(url, pool_recycle=…)` `except TypeError: create_engine(url)`
fn is_fallback(project: &Project, engine: &Engine) -> bool {
    let (f, body) = (engine.func, project.code().body(engine.func));
    let callee = |v: ValueId| match body.op(v).map(|op| &op.kind) {
        Some(OpKind::Call { callee, .. }) => Some(project.ty(f, *callee)),
        _ => None,
    };
    let own = callee(engine.op).filter(|ty| **ty != Type::Unknown);
    body.regions.iter().any(|region| {
        matches!(region.kind, RegionKind::Handler { .. })
            && region.start <= engine.op.0
            && engine.op.0 < region.end
            && body.tried(region).any(|tried| own.is_some() && callee(tried) == own)
    })
}

fn per_request(project: &Project, engine: &Engine) -> bool {
    matches!(project.context(engine.func), RunContext::Request | RunContext::Stream) && thrown_away(project, engine)
}

/// The engine never leaves the function that makes it, and is not disposed.
fn thrown_away(project: &Project, engine: &Engine) -> bool {
    let mut here = project.acquisitions().iter().filter(|a| a.func == engine.func && a.op == engine.op);
    here.any(|a| matches!(a.fate, Fate::Leaked(_)))
}

/// `engine.dispose()` in the function that makes it.
fn disposed(project: &Project, engine: &Engine) -> bool {
    project.acquisitions().iter().any(|a| {
        a.func == engine.func
            && a.op == engine.op
            && matches!(
                a.fate,
                Fate::Closed(_) | Fate::Finally(_) | Fate::Managed(_) | Fate::Taken(..) | Fate::Helper(..)
            )
    })
}

fn unlimited(options: &Options) -> Option<&'static str> {
    match (options.set.get("max_overflow"), options.set.get("pool_size")) {
        (Some(Setting::Int(-1)), _) => Some("max_overflow=-1"),
        (_, Some(Setting::Int(0))) => Some("pool_size=0"),
        _ => None,
    }
}

/// Whether some code watches the pool.
fn monitored(project: &Project) -> bool {
    const EVENTS: &[&str] = &["checkout", "checkin", "invalidate", "soft_invalidate", "reset", "close"];
    let code = project.code();
    let text_of = |f: FuncId, v: ValueId| match code.op(f, v).map(|op| &op.kind) {
        Some(OpKind::Const(Const::Str(s))) => project.text(*s),
        _ => "",
    };
    let instrumented = project.sym("SQLAlchemyInstrumentor").is_some();
    let pool = project.sym("pool");
    let counts = |f: FuncId, at: &ValueId| match code.op(f, *at).map(|op| &op.kind) {
        Some(OpKind::Attr { base, name }) => {
            matches!(code.op(f, *base).map(|op| &op.kind), Some(OpKind::Attr { name, .. }) if Some(*name) == pool)
                && matches!(project.text(*name), "checkedout" | "status" | "checkedin")
        }
        _ => false,
    };
    let listens = |f: FuncId, at: &ValueId| match code.op(f, *at).map(|op| &op.kind) {
        Some(OpKind::Call { callee, args }) => {
            let event = args.get(1).is_some_and(|arg| EVENTS.contains(&text_of(f, arg.value)));
            let name = || project.describe(f, *callee);
            event && (name().ends_with("listens_for") || name().ends_with("listen"))
                || instrumented && name().contains("SQLAlchemyInstrumentor")
        }
        _ => false,
    };
    code.func_ids().any(|f| {
        pool.is_some() && code.attributes_in(f).iter().any(|at| counts(f, at))
            || code.calls_in(f).iter().any(|at| listens(f, at))
    })
}

fn is_server(cx: Cx<'_>) -> bool {
    let project = cx.project;
    !cx.context.tech_stack.web.is_empty()
        || project
            .code()
            .func_ids()
            .any(|f| matches!(project.context(f), RunContext::Request | RunContext::Stream | RunContext::Job))
}

fn is_serverless(project: &Project) -> bool {
    let code = project.code();
    let handler = code.func_ids().any(|f| {
        let function = code.func(f);
        let name = project.text(function.name);
        function.kind == FunctionKind::Function
            && (name == "lambda_handler" || name == "handler")
            && matches!(function.params.as_slice(), [event, context] if
                matches!(project.text(event.name), "event" | "_event")
                    && matches!(project.text(context.name), "context" | "_context" | "_"))
    });
    handler
        || code.module_ids().filter_map(|m| code.module(m)).any(|module| {
            module.imports.iter().any(|import| {
                let (ImportKind::Module { module, .. }
                | ImportKind::Member { module, .. }
                | ImportKind::Star { module, .. }) = &import.kind;
                let root = project.text(*module).split('.').next().unwrap_or("");
                matches!(root, "mangum" | "zappa" | "functions_framework" | "aws_lambda_powertools")
            })
        })
}

/// Tests that are audited because the project holds nothing else.
fn is_test(project: &Project, f: FuncId) -> bool {
    let path = project.code().path(f);
    project.context(f) == RunContext::Test
        || path.ends_with("conftest.py")
        || path.split('/').any(|part| part == "tests" || part == "test")
}
