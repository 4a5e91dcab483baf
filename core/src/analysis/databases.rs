//! Which database a session or connection talks to, and whether a value is a handle that this code
//! opens by itself: from sessions back to factories, pools and engines, through globals, attributes
//! and functions of the project.

use super::calls::SiteKind;
use super::code::{ClassId, FuncId};
use super::flow::source_of;
use super::project::Project;
use super::touches::argument;
use super::types::Type;
use crate::libraries::Resource;
use crate::model::{Arg, ArgKind, BinaryOp, Const, FnIdx, OpKind, Sym, TextPart, ValueId};

/// A database, as the engine, pool or connection that reaches it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Database {
    /// What the engine, pool or connection is made from: `DATABASE_URL`.
    Address(String),
    /// The op that makes the engine, when its address cannot be read.
    Made(FuncId, ValueId),
    /// A global that is filled at start-up.
    Global(FuncId, ValueId),
    /// An attribute of objects of a class that is filled from outside.
    Attribute(ClassId, Sym),
    /// What the caller gives as this parameter.
    Param(u16),
    /// A function of the project that opens a handle in a way that is not followed further.
    Provider(FuncId),
}

/// A handle that code opens for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// Its database.
    pub database: Database,
    /// It is opened only when this parameter is not given.
    pub unless: Option<u16>,
    /// The thread's or request's session of a scoped registry.
    pub scoped: bool,
    /// Kept by an object, by class and attribute, or by a module: not opened anew for each use.
    pub kept: Option<(FuncId, ValueId)>,
}

impl Own {
    fn of(database: Database) -> Self {
        Self { database, unless: None, scoped: false, kept: None }
    }
}

const DEPTH: u32 = 14;

/// The handle that a value is, when the code around it opens it by itself; `None` for what is handed
/// in, derived from another handle, or not understood.
#[must_use]
pub fn own_handle(project: &Project, f: FuncId, v: ValueId) -> Option<Own> {
    follow(project, f, v, DEPTH)
}

fn follow(project: &Project, f: FuncId, v: ValueId, depth: u32) -> Option<Own> {
    let depth = depth.checked_sub(1)?;
    let code = project.code();
    let body = code.body(f);
    let at = source_of(body, v);
    match &code.op(f, at)?.kind {
        OpKind::Param(i) => match project.provider(f, usize::from(*i)) {
            Some(super::injection::Provider::Func(g)) => given_by(project, g, depth),
            Some(_) => None,
            None if reaches(project, f, at) => Some(Own::of(Database::Param(*i))),
            None => by_decorator(project, f, *i, depth),
        },
        OpKind::Captured { owner, name } => {
            let outer = code.func_id(code.module_of(f), *owner);
            let bound = code
                .body(outer)
                .ops
                .iter()
                .rposition(|o| matches!(o.kind, OpKind::Bind { name: n, .. } if n == *name))?;
            follow(project, outer, ValueId(u32::try_from(bound).ok()?), depth)
                .filter(|own| !matches!(own.database, Database::Param(_)) && own.unless.is_none())
        }
        OpKind::Phi(entries) => {
            let values = entries.iter().copied().filter(|e| e.0 < at.0);
            alternatives(project, f, values, depth)
        }
        OpKind::Binary { op: BinaryOp::LogicalOr, left, right } => {
            alternatives(project, f, [*left, *right].into_iter(), depth)
        }
        OpKind::Global(_) => global(project, f, at, depth),
        OpKind::Attr { base, name } => {
            if matches!(project.ty(f, *base), Type::Module(_)) {
                return global(project, f, at, depth);
            }
            if let Some(class) = project.lib_class(f, *base) {
                // `db.session`, `db.engine`: of the extension object.
                return class
                    .starts_with("flask_sqlalchemy.")
                    .then(|| follow(project, f, *base, depth))
                    .flatten()
                    .map(|own| Own { scoped: project.text(*name) == "session", ..own });
            }
            attribute(project, f, *base, *name, depth)
        }
        OpKind::Enter { manager, .. } => follow(project, f, *manager, depth),
        OpKind::Element(inner) => follow(project, f, *inner, depth),
        OpKind::Call { callee, args } => call(project, f, at, *callee, args, depth),
        _ => None,
    }
}

/// One of several: the handle that is given, or one that is opened when none is.
fn alternatives(project: &Project, f: FuncId, values: impl Iterator<Item = ValueId>, depth: u32) -> Option<Own> {
    let body = project.code().body(f);
    let mut unless = None;
    let mut found: Option<Own> = None;
    for v in values {
        match body.op(source_of(body, v)).map(|op| &op.kind) {
            Some(OpKind::Param(i)) if !reaches(project, f, source_of(body, v)) => unless = Some(*i),
            Some(OpKind::Const(Const::None)) => {}
            _ => {
                let own = follow(project, f, v, depth)?;
                if found.as_ref().is_some_and(|other| other.database != own.database) {
                    return None;
                }
                found = Some(own);
            }
        }
    }
    let found = found?;
    Some(Own { unless: unless.or(found.unless), ..found })
}

fn global(project: &Project, f: FuncId, v: ValueId, depth: u32) -> Option<Own> {
    let (top, values) = project.bindings(f, v)?;
    let first = *values.first()?;
    let handle = is_handle(project, f, v);
    if let [one] = values.as_slice()
        && let Some(own) = follow(project, top, *one, depth)
    {
        return Some(if handle { Own { kept: Some((top, first)), ..own } } else { own });
    }
    // Filled at start-up, or bound more than once.
    let kept = handle.then_some((top, first));
    (handle || reaches(project, f, v)).then(|| Own { kept, ..Own::of(Database::Global(top, first)) })
}

/// The attribute of an object: what its class stores there.
fn attribute(project: &Project, f: FuncId, base: ValueId, name: Sym, depth: u32) -> Option<Own> {
    let code = project.code();
    let class = match project.ty(f, base) {
        Type::Inst(class, _) => *class,
        _ => match code.op(f, source_of(code.body(f), base)).map(|op| &op.kind) {
            Some(OpKind::Param(0)) => code.class_of(f)?,
            _ => return None,
        },
    };
    for ancestor in project.project_ancestors(class) {
        let module = code.module_of_class(ancestor);
        let mut stored = Vec::new();
        for method in &code.class(ancestor).methods {
            let g = code.func_id(module, *method);
            for op in &code.body(g).ops {
                let OpKind::StoreAttr { base, name: n, value } = op.kind else { continue };
                let own =
                    matches!(code.op(g, source_of(code.body(g), base)).map(|op| &op.kind), Some(OpKind::Param(0)));
                let source = source_of(code.body(g), value);
                let none = matches!(code.op(g, source).map(|op| &op.kind), Some(OpKind::Const(Const::None)));
                if own && n == name && !none {
                    stored.push((g, value));
                }
            }
        }
        // A property that gives it.
        if stored.is_empty()
            && let Some(g) = project.method(ancestor, project.text(name))
        {
            return given_by(project, g, depth);
        }
        let [(g, value)] = stored.as_slice() else {
            if stored.is_empty() {
                continue;
            }
            return None;
        };
        if let Some(own) = follow(project, *g, *value, depth) {
            let handle = is_handle(project, *g, *value);
            return Some(if handle { Own { kept: Some((*g, *value)), ..own } } else { own });
        }
        return reaches(project, *g, *value).then(|| Own::of(Database::Attribute(ancestor, name)));
    }
    None
}

/// A decorator opens a handle and gives it as a parameter that the caller left out.
fn by_decorator(project: &Project, f: FuncId, i: u16, depth: u32) -> Option<Own> {
    let code = project.code();
    let function = code.func(f);
    let param = function.params.get(usize::from(i))?;
    let parent = code.parent(f);
    function.decorators.iter().find_map(|decorator| {
        let Type::Func(outer) = project.ty(parent, decorator.value) else { return None };
        let module = code.module(code.module_of(*outer))?;
        (0..module.functions.len()).find_map(|index| {
            let inner = code.func_id(code.module_of(*outer), FnIdx(u32::try_from(index).ok()?));
            if code.parent(inner) != *outer || inner == *outer {
                return None;
            }
            code.body(inner).ops.iter().find_map(|op| {
                let OpKind::Call { args, .. } = &op.kind else { return None };
                let given = args.iter().find(|arg| arg.kind == ArgKind::Named(param.name))?;
                let own = follow(project, inner, given.value, depth)?;
                own.unless.is_none().then_some(Own { unless: Some(i), ..own })
            })
        })
    })
}

fn call(project: &Project, f: FuncId, at: ValueId, callee: ValueId, args: &[Arg], depth: u32) -> Option<Own> {
    called(project, f, at, callee, args, depth).or_else(|| factory(project, f, callee, args))
}

/// `self.new_session()`: an attribute that holds a function which gives sessions.
fn factory(project: &Project, f: FuncId, callee: ValueId, args: &[Arg]) -> Option<Own> {
    let code = project.code();
    let OpKind::Attr { base, name } = code.op(f, source_of(code.body(f), callee))?.kind else { return None };
    let Type::Inst(class, _) = *project.ty(f, base) else { return None };
    if project.method(class, project.text(name)).is_some() || !constants(project, f, args) {
        return None;
    }
    let owner = project.project_ancestors(class).find(|ancestor| {
        let module = code.module_of_class(*ancestor);
        code.class(*ancestor).methods.iter().any(|method| {
            let g = code.func_id(module, *method);
            code.body(g).ops.iter().any(|op| {
                matches!(op.kind, OpKind::StoreAttr { name: n, value, .. }
                if n == name && matches!(project.ty(g, value), Type::Func(_) | Type::Bound(..) | Type::Gives(_)))
            })
        })
    })?;
    Some(Own::of(Database::Attribute(owner, name)))
}

/// Arguments that choose no database.
fn constants(project: &Project, f: FuncId, args: &[Arg]) -> bool {
    args.iter().all(|arg| {
        matches!(
            project.code().op(f, arg.value).map(|op| &op.kind),
            Some(OpKind::Const(Const::Bool(_) | Const::None | Const::Int(_)))
        )
    })
}

/// Whether a function opens a new handle whenever it is called, as far as can be seen.
fn opens(project: &Project, g: FuncId) -> bool {
    let body = project.code().body(g);
    let is_generator = project.code().func(g).is_generator;
    let mut any = false;
    for op in &body.ops {
        let v = match op.kind {
            OpKind::Yield(Some(v)) => v,
            OpKind::Return(Some(v)) if !is_generator => v,
            _ => continue,
        };
        let mut at = source_of(body, v);
        if let Some(OpKind::Enter { manager, .. }) = body.op(at).map(|op| &op.kind) {
            at = source_of(body, *manager);
        }
        let Some(OpKind::Call { callee, args }) = body.op(at).map(|op| &op.kind) else { return false };
        let derived = matches!(body.op(source_of(body, *callee)).map(|op| &op.kind),
            Some(OpKind::Attr { base, .. }) if is_handle(project, g, *base));
        if derived || args.iter().any(|arg| is_handle(project, g, arg.value)) {
            return false;
        }
        any = true;
    }
    any
}

fn called(project: &Project, f: FuncId, at: ValueId, callee: ValueId, args: &[Arg], depth: u32) -> Option<Own> {
    let code = project.code();
    let body = code.body(f);
    for site in project.sites_at(f, at) {
        match site.kind {
            SiteKind::Project if !site.targets.is_empty() => {
                return by_function(project, f, at, &site.targets, args, depth);
            }
            SiteKind::Library(row) => {
                // `next(get_session())`
                if row.callee == "builtins.next" {
                    return follow(project, f, args.first()?.value, depth);
                }
                let method = matches!(body.op(source_of(body, callee)).map(|op| &op.kind),
                    Some(OpKind::Attr { base, .. }) if project.lib_class(f, *base).is_some());
                let connects = row.callee.ends_with("connect") && row.acquires.is_some() && !method;
                if row.acquires == Some(Resource::Pool) || connects {
                    return Some(Own::of(address(project, f, args).unwrap_or(Database::Made(f, at))));
                }
            }
            _ => {}
        }
    }
    let class = project.lib_class(f, at).unwrap_or("");
    let made = match project.ty(f, callee) {
        Type::LibRef(name) => Some(project.text(*name)),
        _ => None,
    };
    if let Some(name) = made {
        if name == "flask_sqlalchemy.SQLAlchemy" || name == "builtins.next" {
            return Some(Own::of(Database::Made(f, at)));
        }
        let bound = args.iter().find(|arg| match arg.kind {
            ArgKind::Positional => true,
            ArgKind::Named(name) => matches!(project.text(name), "bind" | "engine"),
            _ => false,
        });
        let factory = class.ends_with("sessionmaker") || class.ends_with("scoped_session");
        if !factory && !is_class(project, class) {
            return None;
        }
        let scoped = class.ends_with("scoped_session");
        return match bound {
            // A session on a connection works within that connection's transaction.
            Some(arg) if is_handle(project, f, arg.value) => None,
            Some(arg) => follow(project, f, arg.value, depth).map(|own| Own { scoped: own.scoped || scoped, ..own }),
            None => Some(Own { scoped, ..Own::of(Database::Made(f, at)) }),
        };
    }
    // `SessionLocal()`, `engine.begin()`, `pool.acquire()`
    match body.op(source_of(body, callee)).map(|op| &op.kind) {
        Some(OpKind::Attr { base, name }) if !matches!(project.ty(f, callee), Type::Factory(_) | Type::Lib(..)) => {
            // Another isolation level is asked for on purpose.
            if is_handle(project, f, *base) || project.text(*name) == "execution_options" {
                return None;
            }
            follow(project, f, *base, depth)
        }
        _ => follow(project, f, callee, depth),
    }
}

/// What a function of the project gives, as its caller sees it.
fn by_function(
    project: &Project,
    f: FuncId,
    at: ValueId,
    targets: &[super::calls::Target],
    args: &[Arg],
    depth: u32,
) -> Option<Own> {
    let target = targets.first()?;
    if target.by_name || targets.len() > 1 {
        return None;
    }
    let Some(given_own) = given_by(project, target.func, depth) else {
        let opens = !in_context(project, target.func) && constants(project, f, args) && opens(project, target.func);
        return opens.then(|| Own::of(Database::Provider(target.func)));
    };
    let own = as_caller(project, f, at, target.func, given_own)?;
    match own.unless {
        None => Some(own),
        Some(i) => match given(project, f, at, target.func, i) {
            Given::Nothing => Some(Own { unless: None, ..own }),
            Given::Maybe(j) => Some(Own { unless: Some(j), ..own }),
            Given::Something => None,
        },
    }
}

/// A handle of `g` whose database is what `g` is given, as the caller knows it.
pub(super) fn as_caller(project: &Project, f: FuncId, op: ValueId, g: FuncId, own: Own) -> Option<Own> {
    let Database::Param(i) = own.database else { return Some(own) };
    let given = own_handle(project, f, argument(project, f, op, g, i)?)?;
    Some(Own { database: given.database, ..own })
}

/// Whether a call gives a parameter that may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// Left out, or `None`.
    Nothing,
    /// What the caller itself was given, if anything.
    Maybe(u16),
    /// Given.
    Something,
}

pub(super) fn given(project: &Project, f: FuncId, op: ValueId, g: FuncId, param: u16) -> Given {
    let code = project.code();
    let Some(arg) = argument(project, f, op, g, param) else {
        let spread = match code.op(f, op).map(|op| &op.kind) {
            Some(OpKind::Call { args, .. }) => {
                args.iter().any(|arg| matches!(arg.kind, ArgKind::Spread | ArgKind::SpreadNamed))
            }
            _ => true,
        };
        return if spread { Given::Something } else { Given::Nothing };
    };
    match code.op(f, source_of(code.body(f), arg)).map(|op| &op.kind) {
        Some(OpKind::Const(Const::None)) => Given::Nothing,
        Some(OpKind::Param(i)) => {
            let default = code.func(f).params.get(usize::from(*i)).and_then(|p| p.default);
            let parent = code.parent(f);
            let none = default
                .is_some_and(|v| matches!(code.op(parent, v).map(|op| &op.kind), Some(OpKind::Const(Const::None))));
            if none { Given::Maybe(*i) } else { Given::Something }
        }
        _ => Given::Something,
    }
}

/// The handle that a function returns, or yields as a context manager or dependency.
fn given_by(project: &Project, g: FuncId, depth: u32) -> Option<Own> {
    let body = project.code().body(g);
    let is_generator = project.code().func(g).is_generator;
    if in_context(project, g) {
        return None;
    }
    let given: Vec<ValueId> = body
        .ops
        .iter()
        .filter_map(|op| match op.kind {
            OpKind::Yield(Some(v)) => Some(v),
            OpKind::YieldFrom(v) => Some(v),
            OpKind::Return(Some(v)) if !is_generator => Some(v),
            _ => None,
        })
        .collect();
    alternatives(project, g, given.into_iter(), depth)
}

/// The session of the current context may be handed out again.
fn in_context(project: &Project, g: FuncId) -> bool {
    let ops = &project.code().body(g).ops;
    ops.iter().any(|op| matches!(op.kind, OpKind::Call { callee, .. } if reads_context(project, g, callee)))
}

/// `current_session.get()` of a context variable.
fn reads_context(project: &Project, g: FuncId, callee: ValueId) -> bool {
    let code = project.code();
    let body = code.body(g);
    let Some(OpKind::Attr { base, name }) = body.op(source_of(body, callee)).map(|op| &op.kind) else { return false };
    if project.text(*name) != "get" {
        return false;
    }
    let (top, source) = project.origin(g, *base);
    match code.op(top, source).map(|op| &op.kind) {
        Some(OpKind::Call { callee, .. }) => project.describe(top, *callee).ends_with("ContextVar"),
        _ => false,
    }
}

fn is_class(project: &Project, class: &str) -> bool {
    matches!(project.library().resource(class), Some(Resource::Session | Resource::Connection))
}

/// Whether a value is a session or connection itself.
fn is_handle(project: &Project, f: FuncId, v: ValueId) -> bool {
    project.lib_class(f, v).is_some_and(|class| is_class(project, class) && !class.ends_with("scoped_session"))
}

/// Whether a value is something that hands out connections or sessions.
fn reaches(project: &Project, f: FuncId, v: ValueId) -> bool {
    project.members(f, v).into_iter().any(|ty| match ty {
        Type::Factory(_) => true,
        ty => project.lib_class_of(ty).is_some_and(|class| {
            project.library().resource(class) == Some(Resource::Pool)
                || class.ends_with("sessionmaker")
                || class.ends_with("scoped_session")
        }),
    })
}

/// What an engine or connection is made from, when it is the same text wherever it stands.
fn address(project: &Project, f: FuncId, args: &[Arg]) -> Option<Database> {
    let arg = args.iter().find(|arg| match arg.kind {
        ArgKind::Positional => true,
        ArgKind::Named(name) => matches!(project.text(name), "dsn" | "url" | "conninfo" | "database" | "name_or_url"),
        _ => false,
    })?;
    let (g, at) = project.origin(f, arg.value);
    let code = project.code();
    match &code.op(g, at)?.kind {
        // Each connection to `:memory:` is a database of its own.
        OpKind::Const(Const::Str(text)) if !project.text(*text).contains(":memory:") => {
            Some(Database::Address(project.text(*text).to_owned()))
        }
        OpKind::Attr { base, name } => {
            let (h, root) = project.origin(g, *base);
            match code.op(h, root).map(|op| &op.kind) {
                Some(OpKind::Param(0)) => {
                    let class = code.class_of(g)?;
                    Some(Database::Attribute(class, *name))
                }
                Some(OpKind::Param(_)) | None => None,
                _ => Some(Database::Address(project.describe(g, at))),
            }
        }
        OpKind::Text(parts) if parts.iter().all(|part| matches!(part, TextPart::Literal(_))) => None,
        OpKind::Param(_) => None,
        _ => Some(Database::Made(g, at)),
    }
}
