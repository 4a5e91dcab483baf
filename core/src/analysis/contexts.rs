//! Run contexts: which functions are entry points, and what they reach.

use super::calls::{Site, SiteKind, Sites};
use super::code::{Code, FuncId, ModuleId};
use super::contents::Holds;
use super::infer::Engine;
use super::rules::Rules;
use super::types::Type;
use crate::libraries::{Effects, Place, RunContext};
use crate::model::{ArgKind, BinaryOp, Const, FunctionKind, OpKind, RegionKind, ValueId};
use crate::order::InOrder as _;
use crate::source::holds_tests;
use rustc_hash::FxHashSet;
use std::collections::VecDeque;

/// How a function comes to run in a context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContextPath {
    /// The context.
    pub context: RunContext,
    /// The function that calls it there and the op that does; `None` for an entry point.
    pub via: Option<(FuncId, ValueId)>,
    /// Only administrators reach it.
    pub admin: bool,
}

/// What the path of a file says of the functions in it.
#[derive(Clone, Copy, Debug, Default)]
struct PathFacts {
    test: bool,
    admin: bool,
    context: Option<RunContext>,
}

impl PathFacts {
    fn of(path: &str, rules: &Rules) -> Self {
        let (context, admin) = rules.files.get(path).copied().unwrap_or_default();
        Self {
            test: is_test(path) && context.is_none(),
            admin: admin || is_admin(path),
            context: context.or_else(|| context_of_path(path)),
        }
    }
}

/// Folders whose code runs as jobs, scripts or migrations.
fn context_of_path(path: &str) -> Option<RunContext> {
    let mut parts = path.split('/').rev();
    let file = parts.next().unwrap_or("");
    if file == "manage.py" || file == "setup.py" || file == "noxfile.py" || file == "fabfile.py" {
        return Some(RunContext::Script);
    }
    if file.ends_with(".ipynb") {
        return Some(RunContext::Script);
    }
    for folder in parts {
        match folder {
            "migrations" | "alembic" | "migration" => return Some(RunContext::Migration),
            "commands" | "scripts" | "script" | "bin" | "tools" | "cli" | "examples" | "benchmarks" => {
                return Some(RunContext::Script);
            }
            _ => {}
        }
    }
    match file {
        "migrations.py" => Some(RunContext::Migration),
        "cli.py" | "__main__.py" => Some(RunContext::Script),
        "tasks.py" | "jobs.py" | "cron.py" | "worker.py" | "workers.py" => Some(RunContext::Job),
        _ => None,
    }
}

impl Engine<'_> {
    /// The context of every function, where one is known.
    pub fn contexts(&mut self, sites: &Sites, rules: &Rules) -> Vec<Option<ContextPath>> {
        let code = self.code;
        let mut out: Vec<Option<ContextPath>> = vec![None; code.func_count()];
        let mut queue: VecDeque<FuncId> = VecDeque::new();
        let paths: Vec<PathFacts> =
            code.module_ids().map(|m| PathFacts::of(code.module(m).map_or("", |module| &module.path), rules)).collect();
        let paths: Vec<PathFacts> = code
            .module_ids()
            .zip(paths)
            .map(|(m, facts)| match self.is_revision(m) {
                true => PathFacts { context: Some(RunContext::Migration), ..facts },
                false => facts,
            })
            .collect();
        let mut called = None;
        for f in code.func_ids() {
            let path = paths.get(code.module_of(f).0 as usize).copied().unwrap_or_default();
            let (ruled, admins_only) = self.ruled_by_decorator(f, rules);
            let named = ruled.or_else(|| self.entry_context(f, path));
            let context = named.or_else(|| {
                let view = self.looks_like_view(f) && !is_helper(code, sites, &paths, &mut called, f);
                view.then_some(RunContext::Request)
            });
            if let Some(context) = context {
                let admin = path.admin || admins_only || self.guarded_for_admins(f);
                offer(&mut out, &mut queue, f, ContextPath { context, via: None, admin });
            }
        }
        for f in code.func_ids() {
            self.registered(f, sites, &mut out, &mut queue);
        }
        for (f, context) in self.named_entries() {
            if !is_test(code.path(f)) {
                let admin = is_admin(code.path(f));
                offer(&mut out, &mut queue, f, ContextPath { context, via: None, admin });
            }
        }
        while let Some(f) = queue.pop_front() {
            let Some(Some(from)) = out.get(f.0 as usize).copied() else { continue };
            if from.context == RunContext::Test {
                continue;
            }
            for site in sites.by_func.get(f.0 as usize).into_iter().flatten() {
                let context = match site.place {
                    Place::Here | Place::Thread | Place::Process => inherited(code, f, site, from.context),
                    Place::Task | Place::AfterResponse | Place::AfterCommit => match from.context {
                        RunContext::Request | RunContext::Stream => RunContext::Job,
                        other => other,
                    },
                };
                // `Depends(provider)` names what runs per request, wherever it is written.
                let injected = matches!(site.kind, SiteKind::Library(row) if row.callee == "fastapi.Depends" || row.callee == "fastapi.Security");
                if injected {
                    for g in self.made_providers(f, site, sites) {
                        let admin = is_admin(code.path(g));
                        let path = ContextPath { context: RunContext::Request, via: None, admin };
                        offer(&mut out, &mut queue, g, path);
                    }
                }
                for target in &site.targets {
                    let path = if injected {
                        ContextPath { context: RunContext::Request, via: None, admin: is_admin(code.path(target.func)) }
                    } else {
                        ContextPath { context, via: Some((f, site.op)), admin: from.admin }
                    };
                    offer(&mut out, &mut queue, target.func, path);
                }
            }
            // A nested function that nobody is seen to call runs where it is made, at the latest.
            let nested = if code.holds(f, Holds::CLOSURE) { code.body(f).ops.as_slice() } else { &[] };
            for op in nested {
                if let OpKind::Closure(inner) = op.kind {
                    let g = code.func_id(code.module_of(f), inner);
                    if out.get(g.0 as usize).is_some_and(Option::is_none) && code.func(f).kind != FunctionKind::TopLevel
                    {
                        let path = ContextPath { context: from.context, via: Some((f, ValueId(0))), admin: from.admin };
                        offer(&mut out, &mut queue, g, path);
                    }
                }
            }
        }
        mark_factories(code, sites, &mut out);
        out
    }

    /// Whether a module in a folder `versions` is Alembic's: it names its revision, or Alembic's `env.py`
    /// stands beside the folder. Versions of an API lie in folders of that name too.
    fn is_revision(&mut self, m: ModuleId) -> bool {
        let Some(module) = self.code.module(m) else { return false };
        let Some((above, _)) = module.path.rsplit_once("versions/") else { return false };
        let names = |name: &str| {
            let table = self.code.symbols.get(m.0 as usize);
            self.names.get(name).is_some_and(|sym| table.is_some_and(|table| table.contains_key(&sym)))
        };
        (above.is_empty() || above.ends_with('/'))
            && (names("revision") && names("down_revision") || self.code.has_file(&format!("{above}env.py")))
    }

    /// `Depends(requires("read"))`: the nested functions that the called function returns.
    fn made_providers(&self, f: FuncId, site: &Site, sites: &Sites) -> Vec<FuncId> {
        let Some(OpKind::Call { args, .. }) = self.code.op(f, site.op).map(|op| &op.kind) else { return Vec::new() };
        let own = sites.by_func.get(f.0 as usize).map_or(&[][..], Vec::as_slice);
        let made = own.iter().filter(|s| args.iter().any(|arg| arg.value == s.op) && s.op != site.op);
        made.flat_map(|s| &s.targets).flat_map(|target| self.returned_functions(target.func)).collect()
    }

    /// The context of a function that something outside the project calls.
    fn entry_context(&mut self, f: FuncId, place: PathFacts) -> Option<RunContext> {
        let code = self.code;
        let function = code.func(f);
        if place.test {
            return Some(RunContext::Test);
        }
        if let Some(context) = place.context
            && (context == RunContext::Migration || function.kind == FunctionKind::TopLevel)
        {
            return Some(context);
        }
        if function.kind == FunctionKind::TopLevel {
            return Some(if has_main_guard(code, f, &self.names) { RunContext::Script } else { RunContext::Startup });
        }
        if let Some(context) = self.decorator_context(f) {
            return Some(context);
        }
        if let Some(class) = code.class_of(f) {
            let name = self.names.text(function.name).to_owned();
            let public = !name.starts_with('_');
            for ancestor in self.library_ancestors(class) {
                let owner = self.names.text(ancestor).to_owned();
                if let Some(context) = self.library.handlers(&owner)
                    && public
                {
                    return Some(context);
                }
                if public && owner.ends_with("Servicer") && owner.contains("_pb2_grpc.") {
                    return Some(RunContext::Request);
                }
                if is_verb(&name) && self.library.library_of(&owner).is_none() && self.is_named_handler(&owner) {
                    return Some(RunContext::Request);
                }
                if public && (owner.ends_with("Serializer") || owner.contains("rest_framework.serializers")) {
                    return Some(RunContext::Request);
                }
            }
        }
        match place.context {
            Some(RunContext::Job | RunContext::Script) if function.parent.0 == 0 => place.context,
            _ => None,
        }
    }

    /// A base class that is not among the files and says by its name that it answers requests: `APIHandler` of
    /// Tornado, `BaseResource` of Flask's extensions, `BaseView`.
    fn is_named_handler(&self, owner: &str) -> bool {
        let uses = |library: &str| self.names.get(library).is_some();
        owner.ends_with("Handler") && uses("tornado")
            || owner.ends_with("Resource") && (uses("flask_restful") || uses("flask_restx") || uses("falcon"))
            || ["View", "APIView", "ViewSet"].iter().any(|word| owner.ends_with(word))
                && (uses("django") || uses("flask") || uses("rest_framework"))
    }

    /// Django and Flask function views that the urls name by text.
    fn looks_like_view(&self, f: FuncId) -> bool {
        let (function, path) = (self.code.func(f), self.code.path(f));
        function.params.first().is_some_and(|p| self.names.text(p.name) == "request")
            && function.parent.0 == 0
            && (is_view_file(path) && function.kind == FunctionKind::Function
                || function.class.is_none() && path.contains("view"))
    }

    fn decorator_context(&mut self, f: FuncId) -> Option<RunContext> {
        let code = self.code;
        let decorators = &code.func(f).decorators;
        if decorators.is_empty() {
            return None;
        }
        let parent = code.parent(f);
        for decorator in decorators {
            let callee = code.called(parent, decorator.value);
            let ty = self.ref_type(parent, callee);
            let row = match *self.types.get(ty) {
                Type::LibRef(name) => self.library_row(name),
                Type::LibBound(receiver, name) => self.bound_row(receiver, name),
                _ => None,
            };
            if let Some(register) = row.and_then(|row| row.registers) {
                return Some(register.context);
            }
            // `@protected_route(router.get, "/x")`: the project's own decorator around the router's.
            if let Some(OpKind::Call { args, .. }) = code.op(parent, decorator.value).map(|op| &op.kind)
                && let Some(context) = args.iter().take(3).find_map(|arg| {
                    let ty = self.value(parent, arg.value);
                    let Type::LibBound(receiver, name) = *self.types.get(ty) else { return None };
                    Some(self.bound_row(receiver, name)?.registers?.context)
                })
            {
                return Some(context);
            }
            // `@router.get("/x")` of a router that did not resolve: the shape is unmistakable.
            if ty.is_unknown()
                && let Some(OpKind::Attr { base, name }) = code.op(parent, callee).map(|op| &op.kind)
                && let Some(OpKind::Call { args, .. }) = code.op(parent, decorator.value).map(|op| &op.kind)
            {
                let method = self.names.text(*name);
                let path_arg = args.first().and_then(|a| code.op(parent, a.value)).is_some_and(
                    |op| matches!(op.kind, OpKind::Const(Const::Str(s)) if self.names.text(s).starts_with('/')),
                );
                let routed =
                    matches!(method, "get" | "post" | "put" | "patch" | "delete" | "route" | "api_route" | "websocket");
                let _ = base;
                if routed && path_arg {
                    return Some(if method == "websocket" { RunContext::Stream } else { RunContext::Request });
                }
            }
        }
        None
    }

    /// Handlers given as arguments: `path("x/", view)`, `add_route`, `StreamingResponse(gen())`.
    fn registered(&mut self, f: FuncId, sites: &Sites, out: &mut [Option<ContextPath>], queue: &mut VecDeque<FuncId>) {
        let code = self.code;
        for site in sites.by_func.get(f.0 as usize).into_iter().flatten() {
            let SiteKind::Library(row) = site.kind else { continue };
            if row.registers.is_none() && !site.effects.any(Effects::STREAMS) {
                continue;
            }
            let Some(OpKind::Call { args, .. }) = code.op(f, site.op).map(|op| &op.kind) else { continue };
            if let Some(register) = row.registers {
                for (i, arg) in args.iter().enumerate() {
                    let given = match arg.kind {
                        ArgKind::Positional => register.arg.map(usize::from) == Some(i),
                        ArgKind::Named(name) => register.keyword == Some(self.names.text(name)),
                        _ => false,
                    };
                    if given {
                        let ty = self.value(f, arg.value);
                        self.offer_callable(f, arg.value, ty, register.context, out, queue);
                    }
                }
            }
            if site.effects.any(Effects::STREAMS) {
                for arg in args.iter().take(2) {
                    // The generator was called: `StreamingResponse(generate())`.
                    if let Some(OpKind::Call { callee, .. }) = code.op(f, arg.value).map(|op| &op.kind) {
                        let ty = self.value(f, *callee);
                        self.offer_callable(f, *callee, ty, RunContext::Stream, out, queue);
                    }
                    let ty = self.value(f, arg.value);
                    self.offer_callable(f, arg.value, ty, RunContext::Stream, out, queue);
                }
            }
        }
    }

    fn offer_callable(
        &mut self,
        f: FuncId,
        v: ValueId,
        ty: super::types::TypeId,
        context: RunContext,
        out: &mut [Option<ContextPath>],
        queue: &mut VecDeque<FuncId>,
    ) {
        let code = self.code;
        let mut targets = Vec::new();
        match *self.types.get(ty) {
            Type::Func(g) | Type::Bound(g, _) => targets.push(g),
            Type::ClassObj(class) => {
                let info = self.class_info(class);
                targets.extend(info.methods.values().copied());
            }
            Type::LibBound(receiver, _) => {
                // `View.as_view()` of a project view.
                if let Type::ClassObj(class) | Type::Inst(class, _) = *self.types.get(receiver) {
                    let info = self.class_info(class);
                    targets.extend(info.methods.values().copied());
                }
            }
            _ => {
                // A wrapped view: `login_required(view)`, `csrf_exempt(View.as_view())`.
                if let Some(OpKind::Call { args, callee }) = code.op(f, v).map(|op| &op.kind) {
                    let callee_ty = self.value(f, *callee);
                    if matches!(self.types.get(callee_ty), Type::LibBound(..)) {
                        self.offer_callable(f, *callee, callee_ty, context, out, queue);
                    }
                    for arg in args.iter().take(1) {
                        let ty = self.value(f, arg.value);
                        self.offer_callable(f, arg.value, ty, context, out, queue);
                    }
                }
            }
        }
        targets.order();
        for g in targets {
            let name = self.names.text(code.func(g).name);
            if name.starts_with("__") && name != "__call__" {
                continue;
            }
            let admin = is_admin(code.path(g));
            offer(out, queue, g, ContextPath { context, via: None, admin });
        }
    }
}

/// Methods that answer a request of that name.
fn is_verb(name: &str) -> bool {
    matches!(name, "get" | "post" | "put" | "patch" | "delete" | "head" | "options")
}

/// Whether code of the project calls the function itself, as nobody calls a view.
fn is_helper(
    code: &Code,
    sites: &Sites,
    paths: &[PathFacts],
    called: &mut Option<FxHashSet<FuncId>>,
    f: FuncId,
) -> bool {
    let called = called.get_or_insert_with(|| {
        let tests = |g: FuncId| paths.get(code.module_of(g).0 as usize).is_some_and(|path| path.test);
        let of = |g: FuncId| sites.by_func.get(g.0 as usize).map_or(&[][..], Vec::as_slice);
        let sites = code.func_ids().filter(|g| !tests(*g)).flat_map(of);
        let direct = sites.filter(|site| matches!(site.kind, SiteKind::Project));
        direct.flat_map(|site| &site.targets).filter(|target| !target.by_name).map(|target| target.func).collect()
    });
    called.contains(&f)
}

/// Streams stay streams only in generators and what they call; a constructor is not "in the stream".
fn inherited(_code: &Code, _f: FuncId, _site: &Site, context: RunContext) -> RunContext {
    context
}

fn rank(context: RunContext) -> u8 {
    match context {
        RunContext::Stream => 0,
        RunContext::Request => 1,
        RunContext::Job => 2,
        RunContext::Library => 3,
        RunContext::Script => 4,
        RunContext::Startup => 5,
        RunContext::Migration => 6,
        RunContext::Test => 7,
    }
}

fn offer(out: &mut [Option<ContextPath>], queue: &mut VecDeque<FuncId>, f: FuncId, path: ContextPath) {
    let Some(slot) = out.get_mut(f.0 as usize) else { return };
    let better = match slot {
        None => true,
        Some(known) => {
            rank(path.context) < rank(known.context) || path.context == known.context && known.admin && !path.admin
        }
    };
    if better {
        *slot = Some(path);
        queue.push_back(f);
    }
}

/// `factories.py` that no other module calls makes rows for tests, which are not among the files, wherever it lies.
fn mark_factories(code: &Code, sites: &Sites, out: &mut [Option<ContextPath>]) {
    let named = |m: &ModuleId| code.module(*m).is_some_and(|m| m.path.rsplit('/').next() == Some("factories.py"));
    let factories: FxHashSet<ModuleId> = code.module_ids().filter(named).collect();
    if factories.is_empty() {
        return;
    }
    let of_factories = |f: FuncId| factories.contains(&code.module_of(f));
    let mut called: FxHashSet<ModuleId> = FxHashSet::default();
    for (f, own) in code.func_ids().zip(&sites.by_func).filter(|(f, _)| !of_factories(*f)) {
        let test = out.get(f.0 as usize).copied().flatten().is_some_and(|path| path.context == RunContext::Test);
        let targets = own.iter().filter(|_| !test).flat_map(|site| &site.targets);
        called.extend(targets.map(|target| target.func).filter(|g| of_factories(*g)).map(|g| code.module_of(g)));
    }
    for f in code.func_ids().filter(|f| of_factories(*f) && !called.contains(&code.module_of(*f))) {
        if let Some(slot) = out.get_mut(f.0 as usize) {
            *slot = Some(ContextPath { context: RunContext::Test, via: None, admin: false });
        }
    }
}

fn is_admin(path: &str) -> bool {
    path.split('/').any(|part| part == "admin" || part == "admin.py" || part.starts_with("admin_"))
}

fn is_test(path: &str) -> bool {
    let (folders, file) = path.rsplit_once('/').unwrap_or(("", path));
    folders.split('/').any(holds_tests)
        || file == "conftest.py"
        || file.starts_with("test_")
        || file.ends_with("_test.py")
}

fn is_view_file(path: &str) -> bool {
    path.ends_with("views.py") || path.contains("/views/")
}

/// `if __name__ == "__main__":`
fn has_main_guard(code: &Code, f: FuncId, names: &crate::model::Interner) -> bool {
    let body = code.body(f);
    body.ops.iter().any(|op| {
        let OpKind::Binary { op: BinaryOp::Eq, left, right } = op.kind else { return false };
        let name = matches!(body.op(left).map(|op| &op.kind), Some(OpKind::Global(n)) if names.text(*n) == "__name__");
        let main = matches!(body.op(right).map(|op| &op.kind), Some(OpKind::Const(Const::Str(s))) if names.text(*s) == "__main__");
        name && main
    }) && body.regions.iter().any(|r| r.kind == RegionKind::Branch)
}
