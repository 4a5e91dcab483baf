//! The options that an engine is created with, as far as the code tells.

use crate::analysis::{Flow, FuncId, Project, Type};
use crate::model::{Arg, ArgKind, CollectionKind, Const, OpKind, Region, RegionKind, TextPart, ValueId};
use std::collections::BTreeMap;

/// The value of an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// A literal number.
    Int(i64),
    /// A literal truth value.
    Bool(bool),
    /// `None`.
    None,
    /// A pool class by its short name.
    Pool(String),
    /// Computed or configured elsewhere.
    Configured,
}

/// All options of one call.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// By name.
    pub set: BTreeMap<String, Setting>,
    /// Options that cannot be read come from configuration.
    pub open: bool,
    /// Options come from the caller (`**kwargs` of a factory).
    pub from_caller: bool,
    /// The database is SQLite.
    pub sqlite: bool,
    /// The URL, when it is a text in the code.
    pub url: String,
}

impl Options {
    /// Whether an option is set to something that is not off.
    pub fn on(&self, name: &str) -> bool {
        !matches!(self.set.get(name), None | Some(Setting::Bool(false) | Setting::None | Setting::Int(-1)))
    }
}

/// Reads the options of the call `op` in `f`.
pub fn read(project: &Project, f: FuncId, op: ValueId) -> Options {
    let mut options = Options::default();
    let Some(OpKind::Call { args, .. }) = project.code().op(f, op).map(|op| &op.kind) else { return options };
    for arg in args {
        option(project, f, arg, &mut options);
    }
    let url = args.iter().find(|arg| match arg.kind {
        ArgKind::Positional => true,
        ArgKind::Named(name) => project.text(name) == "url",
        _ => false,
    });
    options.url = url.and_then(|arg| text(project, f, arg.value, 0)).unwrap_or_default();
    let named = |f: FuncId| project.text(project.code().func(f).qualified).to_ascii_lowercase().contains("sqlite");
    options.sqlite |= options.url.starts_with("sqlite")
        || sqlite_arm(project, f, op)
        || named(f)
        || url.is_some_and(|arg| mentions(project, f, arg.value, "sqlite", 0));
    options
}

/// The options in `SQLAlchemy(engine_options={…})`. Without them the application's configuration says all, and it
/// may say more than them.
pub fn of_extension(project: &Project, f: FuncId, op: ValueId) -> Option<Options> {
    let OpKind::Call { args, .. } = &project.code().op(f, op)?.kind else { return None };
    let given =
        args.iter().find(|arg| matches!(arg.kind, ArgKind::Named(name) if project.text(name) == "engine_options"))?;
    let mut options = Options { open: project.sym("SQLALCHEMY_ENGINE_OPTIONS").is_some(), ..Options::default() };
    spread(project, f, given.value, &mut options);
    options.sqlite |= default_is_sqlite(project);
    Some(options)
}

/// `SQLALCHEMY_DATABASE_URI = "sqlite:///…"`, and no other.
fn default_is_sqlite(project: &Project) -> bool {
    let Some(key) = project.sym("SQLALCHEMY_DATABASE_URI") else { return false };
    let code = project.code();
    let mut urls = code.func_ids().flat_map(|f| {
        code.body(f).ops.iter().filter_map(move |op| match op.kind {
            OpKind::Bind { name, value } | OpKind::BindOuter { name, value, .. } if name == key => Some((f, value)),
            OpKind::StoreItem { index, value, .. } => {
                let named =
                    matches!(code.op(f, index).map(|op| &op.kind), Some(OpKind::Const(Const::Str(s))) if *s == key);
                named.then_some((f, value))
            }
            _ => None,
        })
    });
    let Some(first) = urls.next() else { return false };
    let sqlite = |(f, v): (FuncId, ValueId)| mentions(project, f, v, "sqlite", 0);
    sqlite(first) && urls.all(sqlite)
}

fn option(project: &Project, f: FuncId, arg: &Arg, options: &mut Options) {
    match arg.kind {
        ArgKind::Named(name) => store(project, f, project.text(name), arg.value, options),
        ArgKind::SpreadNamed => spread(project, f, arg.value, options),
        ArgKind::Spread => options.open = true,
        ArgKind::Positional => {}
    }
}

fn store(project: &Project, f: FuncId, name: &str, value: ValueId, options: &mut Options) {
    if name == "connect_args" {
        options.sqlite |= mentions(project, f, value, "check_same_thread", 0);
        return;
    }
    options.set.insert(name.to_owned(), setting(project, f, value));
}

fn setting(project: &Project, f: FuncId, v: ValueId) -> Setting {
    if let Some(pool) = pool_class(project, f, v) {
        return Setting::Pool(pool);
    }
    let (g, at) = project.origin(f, v);
    match project.code().op(g, at).map(|op| &op.kind) {
        Some(OpKind::Const(Const::Int(i))) => Setting::Int(i.get()),
        Some(OpKind::Const(Const::Bool(b))) => Setting::Bool(*b),
        Some(OpKind::Const(Const::None)) => Setting::None,
        // `-1`
        Some(OpKind::Other(of)) => match of.first().and_then(|v| project.code().op(g, *v)).map(|op| &op.kind) {
            Some(OpKind::Const(Const::Int(i))) => Setting::Int(-i.get()),
            _ => Setting::Configured,
        },
        _ => pool_class(project, g, at).map_or(Setting::Configured, Setting::Pool),
    }
}

fn pool_class(project: &Project, f: FuncId, v: ValueId) -> Option<String> {
    let Type::LibRef(name) = project.ty(f, v) else { return None };
    let name = project.text(*name);
    name.ends_with("Pool").then(|| name.rsplit('.').next().unwrap_or(name).to_owned())
}

/// `**options`: a dict literal, what is stored in it later, or something that only configuration knows.
fn spread(project: &Project, f: FuncId, v: ValueId, options: &mut Options) {
    let (g, at) = project.origin(f, v);
    match project.code().op(g, at).map(|op| &op.kind) {
        Some(OpKind::Collection { kind: CollectionKind::Dict, items }) => {
            for pair in items.chunks(2) {
                let [key, value] = pair else { continue };
                match project.code().op(g, *key).map(|op| &op.kind) {
                    Some(OpKind::Const(Const::Str(name))) => store(project, g, project.text(*name), *value, options),
                    _ => options.open = true,
                }
            }
        }
        Some(OpKind::Call { callee, args }) if matches!(project.ty(g, *callee), Type::LibRef(name) if project.text(*name) == "builtins.dict") => {
            for arg in args {
                if arg.kind == ArgKind::Positional {
                    spread(project, g, arg.value, options);
                } else {
                    option(project, g, arg, options);
                }
            }
        }
        Some(OpKind::Param(_)) => options.from_caller = true,
        _ => options.open = true,
    }
    if g == f {
        later(project, f, at, options);
    }
}

/// `options["pool_size"] = 5`, `options.update(pool_size=5)`
fn later(project: &Project, f: FuncId, dict: ValueId, options: &mut Options) {
    let body = project.code().body(f);
    let flow = Flow::new(project.code(), f);
    for used in flow.uses(dict).ops {
        match body.op(used).map(|op| &op.kind) {
            Some(OpKind::StoreItem { index, value, .. }) => match body.op(*index).map(|op| &op.kind) {
                Some(OpKind::Const(Const::Str(name))) => store(project, f, project.text(*name), *value, options),
                _ => options.open = true,
            },
            Some(OpKind::Attr { name, .. }) if project.text(*name) == "update" => {
                for call in flow.users(used) {
                    let Some(OpKind::Call { args, .. }) = body.op(call).map(|op| &op.kind) else { continue };
                    for arg in args {
                        if arg.kind == ArgKind::Positional {
                            spread_once(project, f, arg.value, options);
                        } else {
                            option(project, f, arg, options);
                        }
                    }
                }
            }
            _ => {}
        }
    }
}

/// The argument of `update`, without looking at what is stored in it later.
fn spread_once(project: &Project, f: FuncId, v: ValueId, options: &mut Options) {
    let (g, at) = project.origin(f, v);
    let Some(OpKind::Collection { kind: CollectionKind::Dict, items }) = project.code().op(g, at).map(|op| &op.kind)
    else {
        options.open = true;
        return;
    };
    for pair in items.chunks(2) {
        let [key, value] = pair else { continue };
        match project.code().op(g, *key).map(|op| &op.kind) {
            Some(OpKind::Const(Const::Str(name))) => store(project, g, project.text(*name), *value, options),
            _ => options.open = true,
        }
    }
}

/// The leading text of a URL value.
fn text(project: &Project, f: FuncId, v: ValueId, depth: u32) -> Option<String> {
    if depth > 5 {
        return None;
    }
    let (f, v) = project.origin(f, v);
    match &project.code().op(f, v)?.kind {
        OpKind::Const(Const::Str(s)) => Some(project.text(*s).to_owned()),
        OpKind::Text(parts) => match parts.first()? {
            TextPart::Literal(s) => Some(project.text(*s).to_owned()),
            TextPart::Hole(v) => text(project, f, *v, depth + 1),
        },
        OpKind::Binary { left, .. } => text(project, f, *left, depth + 1),
        // `URL.create("sqlite", …)`, `make_url("…")`, `str(url)`
        OpKind::Call { args, callee } => {
            let name = project.describe(f, *callee);
            let wraps = ["create", "make_url", "str", "URL", "join"].contains(&name.rsplit('.').next().unwrap_or(""));
            let first = args.first().filter(|_| wraps)?;
            text(project, f, first.value, depth + 1)
        }
        _ => None,
    }
}

/// The call stands in a branch that asks for SQLite.
fn sqlite_arm(project: &Project, f: FuncId, op: ValueId) -> bool {
    sqlite_arms(project, f).any(|region| region.start <= op.0 && op.0 < region.end)
}

/// A branch beside the call asks for SQLite: the engine serves other databases as well.
pub fn asks_for_sqlite(project: &Project, f: FuncId, op: ValueId) -> bool {
    let mut arms = sqlite_arms(project, f);
    arms.any(|region| op.0 < region.start || region.end <= op.0)
}

fn sqlite_arms(project: &Project, f: FuncId) -> impl Iterator<Item = &Region> {
    project.code().body(f).regions.iter().filter(move |region| {
        matches!(region.kind, RegionKind::Arm { cond: Some(cond), negated: false } if mentions(project, f, cond, "sqlite", 0))
    })
}

/// Whether a text or a name below a value contains a word.
fn mentions(project: &Project, f: FuncId, v: ValueId, word: &str, depth: u32) -> bool {
    let Some(op) = project.code().op(f, v) else { return false };
    if depth > 8 {
        return false;
    }
    let named = match &op.kind {
        OpKind::Const(Const::Str(s)) => project.text(*s),
        OpKind::Attr { name, .. } | OpKind::Global(name) | OpKind::Bind { name, .. } => project.text(*name),
        _ => "",
    };
    if named.to_ascii_lowercase().contains(word) {
        return true;
    }
    let mut found = false;
    if !matches!(op.kind, OpKind::Phi(_)) {
        op.kind.operands(|operand| found |= mentions(project, f, operand, word, depth + 1));
    }
    found
}
