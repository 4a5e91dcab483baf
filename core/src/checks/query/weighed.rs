//! What a reader has to weigh before writes of one item each become one statement for all: facts of the pass, of what it
//! calls and of where it runs. The writes are as they are told; whether one statement can stand for them is not seen.

use super::in_loop::{FAILS_ALONE, fails_alone};
use crate::analysis::{Chain, FuncId, LoopFacts, Project, Site, SiteKind, Type, is_admin, source_of};
use crate::libraries::{Effects, RunContext};
use crate::model::{FunctionKind, OpKind, RegionKind, ValueId};

const WRITES: Effects = Effects(Effects::ANY_WRITE.0 | Effects::DB_ADD.0 | Effects::DB_MARK_DELETE.0);
const STATEMENTS: Effects = Effects(WRITES.0 | Effects::DB_READ.0);

/// What is not seen of the writes in a loop; `None` where nothing speaks against one statement.
pub(super) fn weighed(
    project: &Project,
    looped: &LoopFacts,
    site: &Site,
    chain: &Chain,
    inserts: bool,
) -> Option<&'static str> {
    let f = looped.func;
    if fails_alone(project, looped, site.op, inserts) {
        return Some(FAILS_ALONE);
    }
    // Imports of many rows are what commands are for.
    if !inserts && project.context(f) == RunContext::Script {
        return Some("how often the command runs, and for how many rows, is not seen");
    }
    if project.context(f) == RunContext::Script && is_sqlite(project, f, site) {
        return Some("SQLite runs in the command itself: how many rows there are is not seen");
    }
    if is_admin_action(project, f) {
        return Some("an administrator picks the rows: how many they are is not seen");
    }
    if waits(project, looped, site) {
        return Some(
            "each pass waits for another service, and stores what came of it: whether that can wait is not seen",
        );
    }
    if goes_through_kinds(project, looped, site) {
        return Some("the items are objects of several classes, each with a statement of its own");
    }
    if has_hooks(project, chain) {
        return Some("the model's own method does more than write: whether that is wanted for each row is not seen");
    }
    if does_more(project, chain) {
        return Some("the called function runs other statements for each item too");
    }
    if runs_others(project, looped, site) {
        return Some("each pass runs other statements for the item too: whether they all can wait is not seen");
    }
    if is_unit_of_work(project, looped, site) {
        return Some("each item is a transaction of several statements: whether they may be one is not seen");
    }
    None
}

/// `def close(self, request, queryset)` of a class of Django's admin.
fn is_admin_action(project: &Project, f: FuncId) -> bool {
    let code = project.code();
    // `self, request, queryset`, by whatever names.
    let given = matches!(code.func(f).params.as_slice(), [_, request, rows]
        if project.text(request.name) == "request" || matches!(project.text(rows.name), "queryset" | "qs"));
    given && code.class_of(f).is_some_and(|class| is_admin(project, class))
}

/// `cursor.execute(…)` of the standard library's `sqlite3`.
fn is_sqlite(project: &Project, f: FuncId, site: &Site) -> bool {
    let body = project.code().body(f);
    let Some(OpKind::Call { callee, .. }) = body.op(site.op).map(|op| &op.kind) else { return false };
    matches!(body.op(*callee).map(|op| &op.kind), Some(OpKind::Attr { base, .. })
        if project.lib_class(f, *base).is_some_and(|class| class.starts_with("sqlite3.")))
}

/// Whether the pass calls another service, here or in what it calls.
fn waits(project: &Project, looped: &LoopFacts, site: &Site) -> bool {
    let foreign = |other: &Site| project.effects_of(other).any(Effects::ANY_FOREIGN);
    foreign(site) || project.sites(looped.func).iter().any(|other| looped.runs(other) && foreign(other))
}

/// `for listener in listeners: listener.on_deletion(user)`: handlers, plugins, indexers; no rows.
fn goes_through_kinds(project: &Project, looped: &LoopFacts, site: &Site) -> bool {
    let f = looped.func;
    let body = project.code().body(f);
    let Some(OpKind::Call { callee, .. }) = body.op(site.op).map(|op| &op.kind) else { return false };
    let Some(OpKind::Attr { base, .. }) = body.op(*callee).map(|op| &op.kind) else { return false };
    let of_item = Some(source_of(body, *base)) == looped.element;
    let row = matches!(project.ty(f, *base), Type::Inst(class, _) if project.orm().is_model(*class));
    of_item && !row && matches!(site.kind, SiteKind::Project) && site.targets.len() > 1
}

/// `save()` that the model defines itself runs on the way to the write.
fn has_hooks(project: &Project, chain: &Chain) -> bool {
    let code = project.code();
    chain.calls.iter().skip(1).any(|(g, _)| {
        code.func(*g).kind == FunctionKind::Method
            && matches!(project.text(code.func(*g).name), "save" | "asave" | "delete" | "adelete")
            && code.class_of(*g).is_some_and(|class| project.orm().is_model(class))
    })
}

/// A function on the way reads or writes something else as well.
fn does_more(project: &Project, chain: &Chain) -> bool {
    chain.calls.iter().skip(1).any(|(g, op)| {
        project.sites(*g).iter().any(|other| other.op != *op && project.effects_of(other).any(STATEMENTS))
    })
}

/// Another query or write of the same pass, here or in what it calls.
fn runs_others(project: &Project, looped: &LoopFacts, site: &Site) -> bool {
    const OTHERS: Effects = Effects(STATEMENTS.0 & !Effects::DB_ADD.0 & !Effects::LAZY_LOAD.0);
    project.sites(looped.func).iter().any(|other| {
        other.op != site.op
            && Some(other.op) != looped.element
            && looped.runs(other)
            && project.effects_of(other).any(OTHERS)
    })
}

/// `with transaction.atomic():` in the pass, around several writes.
fn is_unit_of_work(project: &Project, looped: &LoopFacts, site: &Site) -> bool {
    let f = looped.func;
    let begins = |manager: ValueId| {
        let name = project.describe(f, manager);
        let called = name.split('(').next().unwrap_or("").rsplit('.').next().unwrap_or("").trim_matches('`');
        matches!(called, "atomic" | "begin" | "begin_nested" | "transaction" | "in_transaction")
    };
    project.code().body(f).regions.iter().any(|region| {
        let RegionKind::With { manager, .. } = region.kind else { return false };
        let holds = |op: ValueId| region.start <= op.0 && op.0 < region.end;
        let writes = |other: &&Site| holds(other.op) && project.effects_of(other).any(WRITES);
        region.start >= looped.start
            && holds(site.op)
            && begins(manager)
            && project.sites(f).iter().filter(writes).count() > 1
    })
}
