//! Statements that must name their transaction and do not: operations of MongoDB without `session=`,
//! managers of Django without `using(…)` in a transaction of another database.

use crate::analysis::{
    Database, FuncId, Handle, How, Opened, OutsideUse, Own, Project, Root, SiteKind, Type, handle_key, source_of,
};
use crate::checks::check::Place;
use crate::checks::support::place_of;
use crate::libraries::{Effects, RunContext};
use crate::model::{ArgKind, Const, OpKind, RegionKind, ValueId};

/// A transaction and the statements that leave it out.
pub(super) struct Unbound {
    pub place: Place,
    pub owner: FuncId,
    pub handle: Handle,
    pub opened: Opened,
    pub uses: Vec<OutsideUse>,
    /// The argument that names the transaction.
    pub argument: &'static str,
}

const STATEMENTS: Effects = Effects::DB_READ.with(Effects::ANY_WRITE);

/// All of them.
pub(super) fn find(project: &Project) -> Vec<Unbound> {
    let code = project.code();
    let mut out = Vec::new();
    // With routers, models choose their database themselves.
    let routed = project.sym("DATABASE_ROUTERS").is_some();
    for f in code.func_ids() {
        if matches!(project.context(f), RunContext::Test | RunContext::Migration) {
            continue;
        }
        for region in &code.body(f).regions {
            let RegionKind::With { manager, .. } = region.kind else { continue };
            let source = source_of(code.body(f), manager);
            if project.lib_class(f, manager) == Some("pymongo.client_session:transaction") {
                let session = receiver(project, f, source).unwrap_or(source);
                let handle = handle_key(project, f, session);
                out.extend(mongo(project, f, (region.start, region.end), handle, Some(source)));
            } else if !routed && other_alias(project, f, source) {
                out.extend(django(project, f, (region.start, region.end), source));
            }
        }
        // `session.with_transaction(callback)`: the callback gets the session.
        for site in project.sites(f) {
            let SiteKind::Library(row) = site.kind else { continue };
            if !row.callee.starts_with("pymongo.client_session") || !row.callee.ends_with(".with_transaction") {
                continue;
            }
            for target in &site.targets {
                let end = u32::try_from(code.body(target.func).ops.len()).unwrap_or(u32::MAX);
                let handle = Handle { root: Root::Param(0), path: Vec::new() };
                out.extend(mongo(project, target.func, (0, end), handle, None));
            }
        }
    }
    out
}

fn receiver(project: &Project, f: FuncId, call: ValueId) -> Option<ValueId> {
    let body = project.code().body(f);
    let OpKind::Call { callee, .. } = body.op(call)?.kind else { return None };
    match body.op(callee)?.kind {
        OpKind::Attr { base, .. } => Some(base),
        _ => None,
    }
}

fn mongo(
    project: &Project,
    f: FuncId,
    (start, end): (u32, u32),
    handle: Handle,
    opened: Option<ValueId>,
) -> Option<Unbound> {
    let uses = statements(project, f, (start, end), |callee, args| {
        let collection =
            callee.contains("ollection.") && (callee.starts_with("pymongo") || callee.starts_with("motor"));
        let named = args.iter().any(|arg| match arg.kind {
            ArgKind::Named(name) => project.text(name) == "session",
            ArgKind::SpreadNamed => true,
            _ => false,
        });
        collection && !named
    });
    let first = project.sites(f).get(uses.first()?.site)?.op;
    let opened = Opened { op: opened, how: How::Begin, writes: true };
    Some(Unbound { place: place_of(project, f, first), owner: f, handle, opened, uses, argument: "session" })
}

/// `transaction.atomic(using="reports")`
fn other_alias(project: &Project, f: FuncId, v: ValueId) -> bool {
    let Some(OpKind::Call { callee, args }) = project.code().op(f, v).map(|op| &op.kind) else { return false };
    let atomic =
        matches!(project.ty(f, *callee), Type::LibRef(name) if project.text(*name) == "django.db.transaction.atomic");
    let alias = args.iter().find(|arg| match arg.kind {
        ArgKind::Positional => true,
        ArgKind::Named(name) => project.text(name) == "using",
        _ => false,
    });
    let alias = alias.map(|arg| project.origin(f, arg.value));
    atomic
        && alias.is_some_and(|(g, v)| {
            matches!(project.code().op(g, v).map(|op| &op.kind), Some(OpKind::Const(Const::Str(s))) if project.text(*s) != "default")
        })
}

fn django(project: &Project, f: FuncId, (start, end): (u32, u32), opened: ValueId) -> Option<Unbound> {
    let mut uses = statements(project, f, (start, end), |callee, args| {
        callee.starts_with("django.db.models.")
            && !args.iter().any(|arg| matches!(arg.kind, ArgKind::Named(name) if project.text(name) == "using"))
    });
    uses.retain(|used| {
        let op = project.sites(f).get(used.site).map(|site| site.op);
        op.is_some_and(|op| from_manager(project, f, op))
    });
    let first = project.sites(f).get(uses.first()?.site)?.op;
    let opened = Opened { op: Some(opened), how: How::Begin, writes: true };
    let handle = Handle { root: Root::Ambient, path: Vec::new() };
    Some(Unbound { place: place_of(project, f, first), owner: f, handle, opened, uses, argument: "using" })
}

/// Whether a chain starts at a class's manager and names no database: `Order.objects.filter(…).delete()`.
fn from_manager(project: &Project, f: FuncId, call: ValueId) -> bool {
    let body = project.code().body(f);
    let mut at = source_of(body, call);
    for _ in 0..16 {
        at = match body.op(at).map(|op| &op.kind) {
            Some(OpKind::Call { callee, .. }) => source_of(body, *callee),
            Some(OpKind::Attr { base, name }) => {
                if matches!(project.text(*name), "using" | "db_manager") {
                    return false;
                }
                if matches!(project.ty(f, *base), Type::ClassObj(_)) {
                    return true;
                }
                source_of(body, *base)
            }
            _ => return false,
        };
    }
    false
}

fn statements(
    project: &Project,
    f: FuncId,
    (start, end): (u32, u32),
    wanted: impl Fn(&str, &[crate::model::Arg]) -> bool,
) -> Vec<OutsideUse> {
    let mut out = Vec::new();
    for (index, site) in project.sites(f).iter().enumerate() {
        let SiteKind::Library(row) = site.kind else { continue };
        let Some(OpKind::Call { args, .. }) = project.code().op(f, site.op).map(|op| &op.kind) else { continue };
        let effects = Effects(site.effects.0 & STATEMENTS.0);
        if site.op.0 < start || site.op.0 >= end || effects.is_empty() || !wanted(row.callee, args) {
            continue;
        }
        let database = Database::Made(f, site.op);
        out.push(OutsideUse {
            site: index,
            own: Own { database, unless: None, scoped: false, kept: None },
            effects,
            handle: None,
            callee: None,
            left_out: None,
            end: (f, site.op),
            distance: 0,
            by_name: site.guessed,
        });
    }
    out
}
