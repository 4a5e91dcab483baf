//! Temporary folders and files that stay when their work is done: `mkdtemp()`, `NamedTemporaryFile(delete=False)`.

use crate::analysis::{Flow, FuncId, Project, SiteKind, Type};
use crate::checks::check::{Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_evidence, context_facts, place_of};
use crate::libraries::RunContext;
use crate::model::{ArgKind, Const, FnIdx, OpKind, Sym, ValueId};
use crate::report::model::{Effort, Severity};

/// Names of what removes files and folders, or gives them another place.
const REMOVERS: &[&str] = &["rmtree", "unlink", "rmdir", "removedirs", "cleanup", "move", "rename", "renames"];
/// Calls that give another path to the same file, or to one inside of the folder.
const PATHS: &[&str] = &["join", "Path", "PurePath", "str", "fspath", "abspath", "realpath", "joinpath", "resolve"];

/// Calls that make something which nobody removes.
pub(super) fn candidates(project: &Project) -> Vec<(Place, ValueId)> {
    let mut out = Vec::new();
    if project.sym("mkdtemp").is_none() && project.sym("NamedTemporaryFile").is_none() {
        return out;
    }
    for f in project.code().func_ids() {
        let runs_on = !matches!(
            project.context(f),
            RunContext::Test | RunContext::Script | RunContext::Startup | RunContext::Migration
        );
        if !runs_on {
            continue;
        }
        for site in project.sites(f) {
            if made(project, f, site.op, &site.kind) && !removes(project, f) && stays(project, f, site.op) {
                out.push((place_of(project, f, site.op), site.op));
            }
        }
    }
    out
}

/// `mkdtemp()`, `NamedTemporaryFile(delete=False)`. Where `dir=` says in which folder, that is somebody's to clear.
fn made(project: &Project, f: FuncId, op: ValueId, kind: &SiteKind) -> bool {
    let SiteKind::Library(row) = kind else { return false };
    let code = project.code();
    let Some(OpKind::Call { args, .. }) = code.op(f, op).map(|op| &op.kind) else { return false };
    let named =
        |wanted: &str| args.iter().find(|arg| matches!(arg.kind, ArgKind::Named(name) if project.text(name) == wanted));
    let kept = || {
        named("delete").is_some_and(|arg| {
            matches!(code.op(f, arg.value).map(|op| &op.kind), Some(OpKind::Const(Const::Bool(false))))
        })
    };
    named("dir").is_none()
        && match row.callee {
            "tempfile.mkdtemp" => args.len() < 3,
            "tempfile.NamedTemporaryFile" => kept(),
            _ => false,
        }
}

/// Whether a function names something that removes files.
fn removes(project: &Project, f: FuncId) -> bool {
    project.code().body(f).ops.iter().any(|op| match op.kind {
        OpKind::Attr { base, name } => {
            let of_system = || {
                matches!(project.ty(f, base), Type::LibRef(module) if project.text(*module) == "os")
                    || project.lib_class(f, base).is_some_and(|class| class.starts_with("pathlib."))
            };
            let name = project.text(name);
            REMOVERS.contains(&name) || matches!(name, "remove" | "replace") && of_system()
        }
        OpKind::Global(name) => REMOVERS.contains(&project.text(name)),
        _ => false,
    })
}

/// Nothing outside of the function learns the path, and no function that is given it removes anything.
fn stays(project: &Project, f: FuncId, op: ValueId) -> bool {
    let code = project.code();
    let body = code.body(f);
    let flow = Flow::new(code, f);
    let mut work = vec![op];
    let mut paths: Vec<ValueId> = Vec::new();
    let mut names: Vec<Sym> = Vec::new();
    while let Some(path) = work.pop() {
        if paths.contains(&path) || paths.len() > 200 {
            continue;
        }
        paths.push(path);
        for user in flow.users(path) {
            match body.op(user).map(|op| &op.kind) {
                Some(OpKind::Return(_) | OpKind::Yield(_) | OpKind::YieldFrom(_) | OpKind::BindOuter { .. }) => {
                    return false;
                }
                Some(OpKind::StoreAttr { value, .. } | OpKind::StoreItem { value, .. }) if *value == path => {
                    return false;
                }
                Some(OpKind::Bind { name, .. }) => {
                    names.push(*name);
                    work.push(user);
                }
                Some(OpKind::Call { callee, .. }) => {
                    if *callee != path && kept_by(project, f, user, *callee) {
                        return false;
                    }
                    if gives_path(project, f, user, *callee, *callee != path) {
                        work.push(user);
                    }
                }
                Some(OpKind::Truth(_) | OpKind::Not(_) | OpKind::Delete(_)) | None => {}
                _ => work.push(user),
            }
        }
    }
    !captured(project, f, &names)
}

/// A callee that may keep the path or remove what it names.
fn kept_by(project: &Project, f: FuncId, call: ValueId, callee: ValueId) -> bool {
    const KEEPING: &[&str] = &["append", "add", "put", "push", "register", "callback", "defer", "enter", "extend"];
    let code = project.code();
    let short = match code.op(f, callee).map(|op| &op.kind) {
        Some(OpKind::Attr { name, .. } | OpKind::Global(name) | OpKind::Captured { name, .. }) => project.text(*name),
        _ => return true,
    };
    let mut known = false;
    for site in project.sites_at(f, call) {
        known |= matches!(site.kind, SiteKind::Library(_) | SiteKind::LibraryOther(_));
        for target in &site.targets {
            known = true;
            let constructs = project.text(code.func(target.func).name) == "__init__";
            let called = || project.sites(target.func).iter().flat_map(|site| &site.targets);
            if constructs || removes(project, target.func) || called().any(|inner| removes(project, inner.func)) {
                return true;
            }
        }
    }
    let lower = short.to_ascii_lowercase();
    KEEPING.iter().any(|word| lower.contains(word))
        || !known
            && (short.trim_start_matches('_').starts_with(char::is_uppercase)
                || ["clean", "remove", "delete", "rm"].iter().any(|word| lower.contains(word)))
}

/// What is called gives a path that tells of the one it is called on or with; what is not known may keep it.
fn gives_path(project: &Project, f: FuncId, call: ValueId, callee: ValueId, given: bool) -> bool {
    let names_path = match project.code().op(f, callee).map(|op| &op.kind) {
        Some(OpKind::Attr { name, .. } | OpKind::Global(name)) => PATHS.contains(&project.text(*name)),
        _ => false,
    };
    let known =
        || project.sites_at(f, call).any(|site| matches!(site.kind, SiteKind::Library(_) | SiteKind::LibraryOther(_)));
    names_path || given && !known()
}

/// A function inside uses one of the names: when it runs is not known.
fn captured(project: &Project, f: FuncId, names: &[Sym]) -> bool {
    let code = project.code();
    let module = code.module_of(f);
    let count = code.module(module).map_or(0, |module| module.functions.len());
    (0..count).filter_map(|i| u32::try_from(i).ok()).map(|i| code.func_id(module, FnIdx(i))).any(|g| {
        code.body(g).ops.iter().any(|op| {
            matches!(op.kind, OpKind::Captured { owner, name } if code.func_id(module, owner) == f && names.contains(&name))
        })
    })
}

/// The finding.
pub(super) fn judge(cx: Cx<'_>, place: Place, op: ValueId) -> Judgement {
    let project = cx.project;
    let f = place.func;
    let mut facts = context_facts(cx, f);
    facts.table_used_context = true;
    Judgement::Confirmed(Box::new(Draft {
        place,
        severity: Severity::Medium,
        confidence: confidence(project, f, false),
        message: format!("what `{}` makes stays on the disk: nothing removes it", project.describe(f, op)),
        recommendation:
            "Use `with tempfile.TemporaryDirectory() as folder` (or a file that deletes itself), or remove \
                         it in a `finally`"
                .to_owned(),
        effort: Effort::S,
        steps: vec![project.step(f, op, "is made, and stays until something removes it")],
        evidence: vec![context_evidence(project, f)],
        facts,
    }))
}
