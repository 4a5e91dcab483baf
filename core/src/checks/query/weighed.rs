//! What a reader has to weigh before writes of one item each become one statement for all: facts of the pass, of what it
//! calls and of where it runs. The writes are as they are told; whether one statement can stand for them is not seen.

use crate::analysis::{Chain, FuncId, LoopFacts, Project, Site, SiteKind, Type, is_admin, source_of};
use crate::libraries::{Effects, RunContext};
use crate::model::{ArgKind, FunctionKind, OpKind, RegionKind, ValueId};

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
    if of_form(project, looped) {
        return Some("the items come from a form: how many it takes is not seen");
    }
    if !inserts && sets_by_condition(project, looped, site) {
        return Some("each item's value goes to the rows of another condition: no one statement does for all");
    }
    if !inserts && sets_position(project, looped) {
        return Some("the places of rows that somebody puts in order: how many they are is not seen");
    }
    if runs_others(project, looped, site) {
        return Some("each pass runs other statements for the item too: whether they all can wait is not seen");
    }
    if is_unit_of_work(project, looped, site) {
        return Some("each item is a transaction of several statements: whether they may be one is not seen");
    }
    None
}

/// What is missing where [`fails_alone`].
const FAILS_ALONE: &str = "the failure of one item is caught: whether all may fail together is not seen";

/// `try: row.save()` `except IntegrityError: refused.append(row)` within the pass: the other items are written all the
/// same, which one statement for all of them would not do.
/// A refused key of an insert is what `ON CONFLICT` is for.
fn fails_alone(project: &Project, looped: &LoopFacts, op: ValueId, inserts: bool) -> bool {
    const FAILURES: &[&str] =
        &["Exception", "IntegrityError", "DatabaseError", "OperationalError", "SQLAlchemyError", "DBAPIError"];
    let body = project.code().body(looped.func);
    // `session.add(row)` `try: session.commit()`
    let sends = |op: ValueId| {
        let sent = Effects::COMMIT.with(Effects::DB_FLUSH);
        project.sites_at(looped.func, op).any(|site| project.effects_of(site).any(sent))
    };
    body.regions.iter().any(|handler| {
        let RegionKind::Handler { types } = &handler.kind else { return false };
        let around = handler.start > op.0 && handler.end <= looped.end;
        let inside = around
            && body.tried(handler).next().is_some_and(|first| first.0 >= looped.start)
            && body.tried(handler).any(|tried| tried == op || tried > op && sends(tried));
        let leaves = body
            .last_in(handler)
            .is_some_and(|op| matches!(op.kind, OpKind::Raise(_) | OpKind::Return(_) | OpKind::Break));
        // What rolls back begins the next item anew.
        let rolls_back = (handler.start..handler.end)
            .map(ValueId)
            .any(|v| project.sites_at(looped.func, v).any(|site| site.effects.any(Effects::ROLLBACK)));
        // With a savepoint around the one item its refusal was thought of.
        let savepoint = body.regions.iter().any(|region| {
            let RegionKind::With { manager, .. } = region.kind else { return false };
            let held = region.start <= op.0 && op.0 < region.end && region.end <= handler.start;
            held && region.start >= looped.start && project.describe(looped.func, manager).contains("begin_nested")
        });
        let named = |v: &ValueId| {
            let mut all = vec![*v];
            if let Some(OpKind::Collection { items, .. }) = body.op(*v).map(|op| &op.kind) {
                all.extend(items.iter().copied());
            }
            all.iter().any(|v| {
                let caught = project.describe(looped.func, *v);
                let refused = inserts && !savepoint && caught.ends_with("IntegrityError");
                !refused && FAILURES.iter().any(|name| caught.ends_with(name))
            })
        };
        inside && !leaves && (types.is_empty() || rolls_back && !inserts || types.iter().any(named))
    })
}

/// `def close(self, request, queryset)` of a class of Django's admin, or `@admin.action`.
fn is_admin_action(project: &Project, f: FuncId) -> bool {
    let code = project.code();
    if project.decorators(f).iter().any(|name| name.starts_with("django.contrib.admin.") && name.ends_with("action")) {
        return true;
    }
    // `self, request, queryset`, by whatever names.
    let given = matches!(code.func(f).params.as_slice(), [_, request, rows]
        if project.text(request.name) == "request" || matches!(project.text(rows.name), "queryset" | "qs"));
    given && code.class_of(f).is_some_and(|class| is_admin(project, class))
}

/// `cursor.execute(…)` of the standard library's `sqlite3`.
fn is_sqlite(project: &Project, f: FuncId, site: &Site) -> bool {
    let receiver = project.code().body(f).method(site.op).and_then(|(base, ..)| project.lib_class(f, base));
    receiver.is_some_and(|class| class.starts_with("sqlite3."))
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

/// `for form in self.forms`, `for name in form.cleaned_data["names"]`, also what is left of such sets.
fn of_form(project: &Project, looped: &LoopFacts) -> bool {
    let body = project.code().body(looped.func);
    let mut work: Vec<(ValueId, u32)> = looped.iter.map(|iter| (iter, 0)).into_iter().collect();
    while let Some((v, depth)) = work.pop() {
        let at = source_of(body, v);
        let Some(op) = body.op(at).filter(|_| depth < 8) else { continue };
        match &op.kind {
            OpKind::Attr { base, name } => {
                let name = project.text(*name);
                let of_form = || project.describe(looped.func, source_of(body, *base)).starts_with("form");
                if matches!(name, "cleaned_data" | "forms" | "formset") || name == "data" && of_form() {
                    return true;
                }
                work.push((*base, depth + 1));
            }
            OpKind::Call { callee, args } => {
                work.push((*callee, depth + 1));
                work.extend(args.iter().map(|arg| (arg.value, depth + 1)));
            }
            OpKind::Item { base, .. } | OpKind::Slice { base, .. } => work.push((*base, depth + 1)),
            OpKind::Binary { left, right, .. } => work.extend([(*left, depth + 1), (*right, depth + 1)]),
            _ => {}
        }
    }
    false
}

/// The item, or a part of it.
fn is_of_item(project: &Project, looped: &LoopFacts, v: ValueId) -> bool {
    let body = project.code().body(looped.func);
    let mut at = source_of(body, v);
    for _ in 0..6 {
        if Some(at) == looped.element {
            return true;
        }
        at = match body.op(at).map(|op| &op.kind) {
            Some(OpKind::Attr { base, .. } | OpKind::Unpack { base, .. } | OpKind::Item { base, .. }) => {
                source_of(body, *base)
            }
            _ => return false,
        };
    }
    false
}

/// `Unit.objects.filter(source=variant.key).update(variant=variant)`: rows that are not loaded, by no key of theirs.
fn sets_by_condition(project: &Project, looped: &LoopFacts, site: &Site) -> bool {
    let body = project.code().body(looped.func);
    let method = |v: ValueId| {
        let (base, name, args) = body.method(source_of(body, v))?;
        Some((project.text(name), base, args))
    };
    let Some(("update" | "aupdate", mut rows, values)) = method(site.op) else { return false };
    if !values.iter().any(|arg| is_of_item(project, looped, arg.value)) {
        return false;
    }
    let (mut conditions, mut keys) = (0, 0);
    while let Some((name, base, args)) = method(rows) {
        if matches!(name, "filter" | "exclude") {
            conditions += args.len();
            let key = |kind: ArgKind| matches!(kind, ArgKind::Named(name) if matches!(project.text(name), "pk" | "id"));
            keys += args.iter().filter(|arg| key(arg.kind)).count();
        }
        rows = base;
    }
    conditions > 0 && keys == 0
}

/// `for place, image in enumerate(images): image.place = place`
fn sets_position(project: &Project, looped: &LoopFacts) -> bool {
    let body = project.code().body(looped.func);
    let counted = looped.iter.and_then(|iter| body.op(source_of(body, iter))).is_some_and(|op| {
        matches!(&op.kind, OpKind::Call { callee, .. }
            if matches!(project.ty(looped.func, *callee), Type::LibRef(name) if project.text(*name) == "builtins.enumerate"))
    });
    let is_place = |v: ValueId| {
        matches!(body.op(source_of(body, v)).map(|op| &op.kind), Some(OpKind::Unpack { base, index: Some(0) })
            if Some(source_of(body, *base)) == looped.element)
    };
    counted
        && (looped.start..looped.end).any(|i| {
            matches!(body.op(ValueId(i)).map(|op| &op.kind), Some(OpKind::StoreAttr { value, .. }) if is_place(*value))
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
