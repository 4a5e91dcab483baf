//! Which session or connection an expression works with: the same one under all its names, and the
//! one behind cursors, queries and transaction objects.

use crate::analysis::code::FuncId;
use crate::analysis::flow::source_of;
use crate::analysis::project::Project;
use crate::libraries::Resource;
use crate::model::{ArgKind, Const, FnIdx, OpKind, Sym, ValueId};

/// Where a session comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Root {
    /// Made in this function.
    Value(ValueId),
    /// A parameter.
    Param(u16),
    /// A variable of an enclosing function.
    Captured(FnIdx, Sym),
    /// A global.
    Global(Sym),
    /// The connection that an ORM keeps by itself (Django).
    Ambient,
    /// The thread's or request's session of a scoped registry.
    Scoped,
}

/// A session or connection within one function: root and attributes from it (`self.session`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Handle {
    /// Root.
    pub root: Root,
    /// Attributes.
    pub path: Vec<Sym>,
}

/// When a session or connection begins a transaction by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Autobegin {
    /// With its first statement.
    Statement,
    /// With its first write (sqlite3).
    Write,
    /// Never: statements commit one by one.
    Never,
}

impl Handle {
    pub(super) const AMBIENT: Self = Self { root: Root::Ambient, path: Vec::new() };
    const SCOPED: Self = Self { root: Root::Scoped, path: Vec::new() };

    pub(super) fn value(v: ValueId) -> Self {
        Self { root: Root::Value(v), path: Vec::new() }
    }

    /// Whether callers know it too.
    pub(super) fn is_shared(&self) -> bool {
        !matches!(self.root, Root::Value(_))
    }
}

const DEEPEST: u32 = 24;

/// The session or connection behind a value, and how it begins transactions.
#[must_use]
pub fn handle_of(project: &Project, f: FuncId, v: ValueId) -> Option<(Handle, Autobegin)> {
    find(project, f, v, 0)
}

fn find(project: &Project, f: FuncId, v: ValueId, depth: u32) -> Option<(Handle, Autobegin)> {
    if depth > DEEPEST {
        return None;
    }
    let body = project.code().body(f);
    let at = source_of(body, v);
    let op = &body.op(at)?.kind;
    let class = project.lib_class(f, at).or_else(|| project.lib_class(f, v)).unwrap_or("");
    if class == "sqlalchemy.orm.scoped_session" || class == "sqlalchemy.ext.asyncio.async_scoped_session" {
        return Some((Handle::SCOPED, Autobegin::Statement));
    }
    if class.starts_with("django.db.") {
        return Some((Handle::AMBIENT, Autobegin::Never));
    }
    // `await session.connection()`: the connection of the session's own transaction.
    let called = match op {
        OpKind::Await(inner) => &body.op(source_of(body, *inner))?.kind,
        _ => op,
    };
    if let OpKind::Call { callee, .. } = called
        && let Some(OpKind::Attr { base, name }) = body.op(*callee).map(|op| &op.kind)
        && project.text(*name) == "connection"
        && project.lib_class(f, *base).is_some_and(|class| class.ends_with("Session"))
    {
        return find(project, f, *base, depth + 1);
    }
    let is_handle = matches!(project.library().resource(class), Some(Resource::Session | Resource::Connection))
        && !class.starts_with("pymongo")
        && !class.starts_with("motor");
    if is_handle {
        if let OpKind::Call { callee, args } = op {
            if project.lib_class(f, *callee).is_some_and(|c| c.ends_with("scoped_session")) {
                return Some((Handle::SCOPED, Autobegin::Statement));
            }
            let autocommit = args.iter().any(|arg| {
                matches!(arg.kind, ArgKind::Named(name) if project.text(name) == "autocommit")
                    && matches!(body.op(arg.value).map(|op| &op.kind), Some(OpKind::Const(Const::Bool(true))))
            });
            if autocommit {
                return Some((key_of(project, f, at), Autobegin::Never));
            }
            // `connection.execution_options(...)` and alike give the connection itself.
            if let Some(OpKind::Attr { base, .. }) = body.op(*callee).map(|op| &op.kind)
                && project.lib_class(f, *base) == Some(class)
            {
                return find(project, f, *base, depth + 1);
            }
        }
        return Some((key_of(project, f, at), autobegin(class)));
    }
    let base = match op {
        OpKind::Call { callee, .. } => match body.op(*callee).map(|op| &op.kind) {
            Some(OpKind::Attr { base, .. }) => Some(*base),
            _ => None,
        },
        OpKind::Attr { base, .. } | OpKind::Item { base, .. } => Some(*base),
        OpKind::Enter { manager, .. } => Some(*manager),
        OpKind::Unpack { base, .. } => Some(*base),
        _ => None,
    };
    if let Some(found) = base.and_then(|base| find(project, f, base, depth + 1)) {
        return Some(found);
    }
    if class == "flask_sqlalchemy.query.Query" {
        return Some((Handle::SCOPED, Autobegin::Statement));
    }
    // A cursor whose connection is not seen here.
    let is_cursor = project.library().resource(class) == Some(Resource::Cursor) || class.ends_with("Cursor");
    (is_cursor && !class.starts_with("pymongo") && !class.starts_with("motor"))
        .then(|| (key_of(project, f, at), autobegin(class)))
}

/// Libraries whose statements commit at once unless a transaction is begun (or that have none).
const AUTOCOMMIT: &[&str] = &["asyncpg", "clickhouse", "databases.", "duckdb", "neo4j", "peewee", "snowflake"];

fn autobegin(class: &str) -> Autobegin {
    if AUTOCOMMIT.iter().any(|library| class.starts_with(library)) {
        Autobegin::Never
    } else if class.starts_with("sqlite3") || class.starts_with("aiosqlite") {
        Autobegin::Write
    } else {
        Autobegin::Statement
    }
}

/// The name under which a value is known: the same for all aliases.
#[must_use]
pub fn key_of(project: &Project, f: FuncId, v: ValueId) -> Handle {
    key(project, f, v, 0)
}

fn key(project: &Project, f: FuncId, v: ValueId, depth: u32) -> Handle {
    let body = project.code().body(f);
    let at = source_of(body, v);
    let root = match body.op(at).map(|op| &op.kind) {
        Some(OpKind::Param(i)) => Root::Param(*i),
        Some(OpKind::Global(name)) => Root::Global(*name),
        Some(OpKind::Captured { owner, name }) => Root::Captured(*owner, *name),
        Some(OpKind::Attr { base, name }) if depth < DEEPEST => {
            let mut inner = key(project, f, *base, depth + 1);
            inner.path.push(*name);
            return inner;
        }
        Some(OpKind::Enter { manager, .. }) if depth < DEEPEST => {
            return match find(project, f, *manager, depth + 1) {
                Some((handle, _)) => handle,
                None => Handle::value(source_of(body, *manager)),
            };
        }
        _ => Root::Value(at),
    };
    Handle { root, path: Vec::new() }
}

/// `Session(bind=connection)`, `Session(session.connection())`: who owns the connection ends its transaction and gives it
/// back.
#[must_use]
pub fn on_given_connection(project: &Project, f: FuncId, made: ValueId) -> bool {
    let body = project.code().body(f);
    let Some(OpKind::Call { args, .. }) = body.op(made).map(|op| &op.kind) else { return false };
    args.iter().any(|arg| {
        let bind = match arg.kind {
            ArgKind::Positional => true,
            ArgKind::Named(name) => project.text(name) == "bind",
            _ => false,
        };
        let called = match body.op(source_of(body, arg.value)).map(|op| &op.kind) {
            Some(OpKind::Call { callee, .. }) => {
                matches!(body.op(*callee).map(|op| &op.kind), Some(OpKind::Attr { name, .. })
                    if matches!(project.text(*name), "connection" | "get_bind"))
            }
            // `async with engine.begin() as connection: Session(connection)`
            Some(OpKind::Param(_) | OpKind::Enter { .. }) => project
                .lib_class(f, arg.value)
                .is_some_and(|class| class.ends_with(".Connection") || class.ends_with(".AsyncConnection")),
            _ => false,
        };
        bind && called
    })
}
