//! Entry points that neither a decorator nor a base class names: functions in settings and lists
//! (`MIDDLEWARE`, `on_startup`, arq's `WorkerSettings`), WebSocket handlers of aiohttp; and which entry
//! points only administrators reach.

use super::code::{ClassId, FuncId};
use super::infer::Engine;
use super::types::{Type, TypeId};
use crate::libraries::RunContext;
use crate::model::{ArgKind, Const, FunctionKind, OpKind, Sym, ValueId};

/// Names that [`listed_context`] knows.
const LISTS: &[&str] = &[
    "on_startup",
    "on_shutdown",
    "on_cleanup",
    "cleanup_ctx",
    "on_app_init",
    "on_job_start",
    "on_job_end",
    "after_job_end",
];

/// What a keyword or attribute of this name lists.
fn listed_context(name: &str) -> Option<RunContext> {
    Some(match name {
        "on_startup" | "on_shutdown" | "on_cleanup" | "cleanup_ctx" | "on_app_init" => RunContext::Startup,
        "on_job_start" | "on_job_end" | "after_job_end" => RunContext::Job,
        _ => return None,
    })
}

/// Folder, decorator, dependency or permission names that say: administrators only.
pub(super) fn says_admin(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let named = name.contains("admin") || name.contains("superuser") || name.contains("staff_member");
    let others = ["or_admin", "oradmin", "admin_or", "adminor", "non_admin", "nonadmin", "not_admin", "admin_panel"];
    named && !others.iter().any(|word| name.contains(word))
}

impl Engine<'_> {
    /// The entry points, with what they run as.
    pub(super) fn named_entries(&mut self) -> Vec<(FuncId, RunContext)> {
        let code = self.code;
        let mut out = Vec::new();
        // Every named argument of the project is looked at: by number, and by text only what may be meant.
        let lists: Vec<Sym> = LISTS.iter().filter_map(|name| self.names.get(name)).collect();
        for f in code.func_ids() {
            let body = code.body(f);
            for op in &body.ops {
                match &op.kind {
                    OpKind::Call { callee, args } => {
                        for arg in args {
                            if let ArgKind::Named(name) = arg.kind
                                && lists.contains(&name)
                                && let Some(context) = listed_context(self.names.text(name))
                            {
                                self.listed(f, arg.value, context, &mut out);
                            }
                        }
                        self.appended(f, *callee, args.first().map(|arg| arg.value), &mut out);
                        if code.func(f).is_async
                            && matches!(*self.types.get(self.value(f, *callee)), Type::LibRef(name)
                                if self.names.text(name) == "aiohttp.web.WebSocketResponse")
                        {
                            out.push((f, RunContext::Stream));
                        }
                    }
                    OpKind::Bind { name, value }
                        if code.func(f).kind == FunctionKind::TopLevel
                            && matches!(self.names.text(*name), "MIDDLEWARE" | "MIDDLEWARE_CLASSES") =>
                    {
                        self.middleware(f, *value, &mut out);
                    }
                    _ => {}
                }
            }
        }
        for class in code.class_ids() {
            self.worker_settings(class, &mut out);
        }
        out.extend(self.templates.of_views.iter().map(|template| (*template, RunContext::Request)));
        out
    }

    /// `app.on_startup.append(open_pool)`
    fn appended(&mut self, f: FuncId, callee: ValueId, arg: Option<ValueId>, out: &mut Vec<(FuncId, RunContext)>) {
        let code = self.code;
        let Some(OpKind::Attr { base, name }) = code.op(f, callee).map(|op| &op.kind) else { return };
        let Some(OpKind::Attr { name: list, .. }) = code.op(f, *base).map(|op| &op.kind) else { return };
        if self.names.text(*name) == "append"
            && let Some(context) = listed_context(self.names.text(*list))
            && let Some(arg) = arg
        {
            self.listed(f, arg, context, out);
        }
    }

    /// A function, or the functions of a list.
    fn listed(&mut self, f: FuncId, v: ValueId, context: RunContext, out: &mut Vec<(FuncId, RunContext)>) {
        let code = self.code;
        let at = super::flow::source_of(code.body(f), v);
        let items = match code.op(f, at).map(|op| &op.kind) {
            Some(OpKind::Collection { items, .. }) => items.to_vec(),
            _ => vec![v],
        };
        for item in items {
            let ty = self.value(f, item);
            if let Type::Func(g) | Type::Bound(g, _) = *self.types.get(ty) {
                out.push((g, context));
            }
        }
    }

    /// `MIDDLEWARE = ["shop.middleware.Timing"]`
    fn middleware(&mut self, f: FuncId, v: ValueId, out: &mut Vec<(FuncId, RunContext)>) {
        let code = self.code;
        let mut work = vec![v];
        for _ in 0..200 {
            let Some(v) = work.pop() else { break };
            match code.op(f, v).map(|op| &op.kind) {
                Some(OpKind::Const(Const::Str(text))) => {
                    let dotted = self.names.text(*text).to_owned();
                    let found = self.dotted(f, &dotted);
                    self.middleware_runs(found, out);
                }
                Some(OpKind::Collection { items, .. }) => work.extend(items.iter().copied()),
                Some(OpKind::Binary { left, right, .. }) => work.extend([*left, *right]),
                Some(OpKind::Bind { value, .. }) => work.push(*value),
                _ => {}
            }
        }
    }

    /// What a dotted path in a string names in this project.
    fn dotted(&mut self, f: FuncId, dotted: &str) -> TypeId {
        let Some((module, name)) = dotted.rsplit_once('.') else { return TypeId::UNKNOWN };
        let (module, name) = (self.names.intern(module), self.names.intern(name));
        let from = self.code.module_of(f);
        match self.find_module(from, 0, module) {
            Some(m) => self.member_of(m, name),
            None => TypeId::UNKNOWN,
        }
    }

    fn middleware_runs(&mut self, ty: TypeId, out: &mut Vec<(FuncId, RunContext)>) {
        match *self.types.get(ty) {
            Type::ClassObj(class) => {
                let methods: Vec<FuncId> = self.class_info(class).methods.values().copied().collect();
                for g in methods {
                    let name = self.names.text(self.code.func(g).name);
                    if name == "__call__" || !name.starts_with("__") {
                        out.push((g, RunContext::Request));
                    }
                }
            }
            // The function makes the middleware, which runs per request.
            Type::Func(g) => {
                let made = self.returned_functions(g);
                out.extend(made.into_iter().map(|inner| (inner, RunContext::Request)));
            }
            _ => {}
        }
    }

    /// arq reads a class: its functions and cron jobs run as jobs.
    fn worker_settings(&mut self, class: ClassId, out: &mut Vec<(FuncId, RunContext)>) {
        let code = self.code;
        let owned = code.class(class);
        let name = self.names.text(owned.name).to_owned();
        let has = |wanted: &str| owned.fields.iter().any(|field| self.names.text(field.name) == wanted);
        if !(name.ends_with("WorkerSettings") || has("functions") && (has("redis_settings") || has("cron_jobs"))) {
            return;
        }
        let scope = code.class_scope(class);
        for field in &owned.fields {
            let context = match self.names.text(field.name) {
                "functions" | "cron_jobs" => Some(RunContext::Job),
                other => listed_context(other),
            };
            if let (Some(context), Some(value)) = (context, field.value) {
                self.listed(scope, value, context, out);
            }
        }
    }

    /// Whether a decorator, a dependency or a permission class lets only administrators in.
    pub(super) fn guarded_for_admins(&self, f: FuncId) -> bool {
        let code = self.code;
        let function = code.func(f);
        let parent = code.parent(f);
        let values = function.decorators.iter().map(|d| d.value);
        let defaults = function.params.iter().filter_map(|param| param.default);
        if values.chain(defaults).any(|v| self.mentions_admin(parent, v, 0)) {
            return true;
        }
        let Some(class) = code.class_of(f) else { return false };
        let owned = code.class(class);
        let scope = code.class_scope(class);
        let guards = ["permission_classes", "dependencies", "guards", "decorators"];
        owned.decorators.iter().any(|d| self.mentions_admin(scope, d.value, 0))
            || owned
                .fields
                .iter()
                .filter(|field| guards.contains(&self.names.text(field.name)))
                .filter_map(|field| field.value)
                .any(|v| self.mentions_admin(scope, v, 0))
    }

    fn mentions_admin(&self, f: FuncId, v: ValueId, depth: u32) -> bool {
        let Some(op) = self.code.op(f, v).filter(|_| depth < 7) else { return false };
        match &op.kind {
            OpKind::Global(name) | OpKind::Captured { name, .. } if says_admin(self.names.text(*name)) => return true,
            // A definition of the same file.
            OpKind::Bind { name, .. } => return says_admin(self.names.text(*name)),
            OpKind::Attr { name, .. } if says_admin(self.names.text(*name)) => return true,
            OpKind::Const(Const::Str(text)) => return self.names.text(*text).starts_with("/admin"),
            // One of several permissions is enough.
            OpKind::Binary { op: crate::model::BinaryOp::Or | crate::model::BinaryOp::LogicalOr, .. } => return false,
            _ => {}
        }
        let mut found = false;
        op.kind.operands(|operand| found |= self.mentions_admin(f, operand, depth + 1));
        found
    }
}
