//! What makes a load redundant: the same load before, the object in hand, the object just written;
//! and what makes it needed after all.

use super::by_value::by_value;
use super::redundant_fetch::{Candidate, First};
use crate::analysis::{
    Entity, FuncId, KeptBy, Key, Load, Project, SiteKind, Type, argument, entity_at, entity_of, inside, key_of,
    session_given_away, source_of,
};
use crate::checks::check::Place;
use crate::checks::support::place_of;
use crate::libraries::{Effects, Place as Where};
use crate::model::{ArgKind, BinaryOp, Body, Const, LoopKind, OpKind, Region, RegionKind, Sym, ValueId};

/// Effects after which a row may differ from what is held.
pub(super) const CHANGES: Effects = Effects(
    Effects::ANY_WRITE.0
        | Effects::DB_ADD.0
        | Effects::DB_MARK_DELETE.0
        | Effects::DB_FLUSH.0
        | Effects::DB_REFRESH.0
        | Effects::COMMIT.0
        | Effects::ROLLBACK.0,
);

/// The value that already is the entity whose key is used.
pub(super) fn held(project: &Project, f: FuncId, load: &Load) -> Option<ValueId> {
    let [(column, Key::Value(root, path))] = load.keys.as_slice() else { return None };
    let [last] = path.as_slice() else { return None };
    let name = project.text(*last);
    if !matches!(name, "id" | "pk") && last != column {
        return None;
    }
    let wanted = project.text(*column);
    if wanted != name && !(matches!(name, "id" | "pk") && matches!(wanted, "id" | "pk")) {
        return None;
    }
    // A closure runs later: what happened in between is not seen here.
    if matches!(project.code().op(f, *root).map(|op| &op.kind), Some(OpKind::Captured { .. } | OpKind::Global(_))) {
        return None;
    }
    if compares_stored(project, f, load, *root) || after_failure(project, f, load.op) {
        return None;
    }
    (entity_at(project, f, *root) == Some(load.entity)).then_some(*root).filter(|root| {
        // A row made here by its constructor is not in the database yet.
        let body = project.code().body(f);
        let made = |v: ValueId| {
            matches!(body.op(source_of(body, v)).map(|op| &op.kind), Some(OpKind::Call { callee, .. })
                if entity_of(project.ty(f, *callee)) == Some(load.entity))
        };
        !made(*root)
            && !matches!(body.op(*root).map(|op| &op.kind), Some(OpKind::Phi(entries))
                if entries.iter().any(|entry| made(*entry)))
    })
}

/// The row that was loaded together with its relation, whose key the load uses:
/// `Customer.objects.get(pk=order.customer_id)` after `select_related("customer")`.
pub(super) fn joined(project: &Project, f: FuncId, load: &Load) -> Option<(ValueId, Sym)> {
    let [(column, Key::Value(root, path))] = load.keys.as_slice() else { return None };
    let (last, before) = path.split_last()?;
    let relation = project.sym(project.text(*last).strip_suffix("_id")?)?;
    if !matches!(project.text(*column), "id" | "pk") || load.many {
        return None;
    }
    let facts = match project.ty(f, *root) {
        Type::Inst(_, query) | Type::Lib(_, _, query) => project.query_facts(*query)?,
        _ => return None,
    };
    // What reads the relation as well has the key for when there is none.
    let code = project.code();
    let reads =
        |g: FuncId| code.body(g).ops.iter().any(|op| matches!(op.kind, OpKind::Attr { name, .. } if name == relation));
    let behind = |g: FuncId| project.sites(g).iter().flat_map(|site| &site.targets).any(|target| reads(target.func));
    if reads(f) || load.callee.is_some_and(|g| reads(g) || behind(g)) {
        return None;
    }
    let whole: Vec<Sym> = before.iter().copied().chain([relation]).collect();
    let target = match (facts.model, load.entity) {
        (Some(model), Entity::Class(entity)) => {
            let owner = before.iter().try_fold(model, |at, hop| project.relation(at, *hop)?.target)?;
            project.relation(owner, relation)?.target == Some(entity)
        }
        // Models that are not seen: the key of the relation is the key of its row.
        (None, Entity::Named(_)) => true,
        _ => false,
    };
    (target && !facts.loads_unknown && facts.loader(&whole).is_some()).then_some((*root, relation))
}

/// A method of the row itself loads its own row: `old = Order.objects.get(pk=self.pk)` in `save()` wants what is
/// stored, to compare it with what is in memory.
fn compares_stored(project: &Project, f: FuncId, load: &Load, root: ValueId) -> bool {
    let code = project.code();
    let (inner, _) = load.place;
    // A receiver of `pre_save` and alike is given the row before it is stored.
    let named = |i: u16| code.func(f).params.get(usize::from(i)).map(|param| project.text(param.name));
    let received = code.func(f).params.iter().any(|param| project.text(param.name) == "sender");
    if received
        && matches!(code.op(f, root).map(|op| &op.kind), Some(OpKind::Param(i)) if named(*i) == Some("instance"))
    {
        return true;
    }
    let own = |class| load.entity == Entity::Class(class) && project.orm().is_model(class);
    let plain =
        |g| project.decorators(g).iter().all(|name| !name.ends_with("classmethod") && !name.ends_with("staticmethod"));
    if inner != f && load.callee != Some(inner) && code.class_of(inner).is_some_and(own) && plain(inner) {
        return true;
    }
    let g = load.callee.unwrap_or(f);
    let Some(class) = code.class_of(g) else { return false };
    if !own(class) {
        return false;
    }
    match load.callee {
        None => matches!(code.op(f, root).map(|op| &op.kind), Some(OpKind::Param(0))),
        Some(_) => match code.op(f, load.op).map(|op| &op.kind) {
            Some(OpKind::Call { callee, .. }) => {
                matches!(code.op(f, *callee).map(|op| &op.kind), Some(OpKind::Attr { base, .. })
                    if source_of(code.body(f), *base) == root)
            }
            _ => false,
        },
    }
}

/// The same project function called twice with the same arguments, reading and not writing.
pub(super) fn repeated_calls(project: &Project, f: FuncId, found: &mut Vec<(Place, Candidate)>) {
    let reads = Effects::DB_READ;
    let sites: Vec<_> = project
        .sites(f)
        .iter()
        .filter(|site| {
            matches!(site.kind, SiteKind::Project)
                && site.place == Where::Here
                && site.targets.len() == 1
                && project.effects_of(site).any(reads)
                && !project.effects_of(site).any(CHANGES)
        })
        .collect();
    for (i, second) in sites.iter().enumerate() {
        let Some(target) = second.targets.first() else { continue };
        let params = project.code().func(target.func).params.len();
        let Some(keys) = arguments(project, f, second.op, target.func, params) else { continue };
        if let Some(holder) = given_by_key(project, f, second.op, target.func) {
            if !found.iter().any(|(place, _)| place.func == f && place.op == Some(second.op)) {
                let load = call_load(project, second.op, target.func);
                let load = Load { entity: entity_at(project, f, holder).unwrap_or(load.entity), ..load };
                let candidate = Candidate { first: First::Held(holder), second: load, more: Vec::new() };
                found.push((place_of(project, f, second.op), candidate));
            }
            continue;
        }
        let first = sites.iter().take(i).find(|first| {
            first.targets == second.targets
                && first.op < second.op
                && arguments(project, f, first.op, target.func, params).as_ref() == Some(&keys)
                && !exclusive(project, f, first.op, second.op)
        });
        let Some(first) = first else { continue };
        if asked_again(project, f, first.op, second.op) || seldom_reads(project, f, second.op, target.func) {
            continue;
        }
        if found.iter().any(|(place, _)| place.func == f && place.op == Some(second.op)) {
            continue;
        }
        let load = Load { callee: None, ..call_load(project, second.op, target.func) };
        let same = found
            .iter_mut()
            .find(|(place, known)| place.func == f && known.first == First::Call(first.op, target.func));
        if let Some((_, known)) = same {
            known.more.push(second.op);
            continue;
        }
        let candidate = Candidate { first: First::Call(first.op, target.func), second: load, more: Vec::new() };
        found.push((place_of(project, f, second.op), candidate));
    }
}

/// A property that reads under a condition only, or keeps what it has read, and else gives what is in memory.
fn seldom_reads(project: &Project, f: FuncId, op: ValueId, g: FuncId) -> bool {
    let property = matches!(project.code().op(f, op).map(|op| &op.kind), Some(OpKind::Attr { .. }));
    let body = project.code().body(g);
    // `if self._rows is not None: return self._rows` `self._rows = load()`
    let stored =
        |name: Sym| body.ops.iter().any(|op| matches!(op.kind, OpKind::StoreAttr { name: n, .. } if n == name));
    let kept = body.taken_arms().any(|(arm, _)| match body.last_in(arm).map(|op| &op.kind) {
        Some(OpKind::Return(Some(v))) => {
            matches!(body.op(source_of(body, *v)).map(|op| &op.kind), Some(OpKind::Attr { name, .. }) if stored(*name))
        }
        _ => false,
    });
    let seldom = || {
        let mut reads = project.sites(g).iter().filter(|site| project.effects_of(site).any(Effects::DB_READ));
        reads.all(|site| inside(body, site.op, |kind| matches!(kind, RegionKind::Arm { .. })))
    };
    property && (kept || seldom())
}

/// The second call stands where the first gave nothing (`if not plugin: …; plugin = get(id)`), or asks
/// again in a waiting loop.
pub(super) fn asked_again(project: &Project, f: FuncId, first: ValueId, second: ValueId) -> bool {
    let polls = project.loops_of(f).iter().any(|looped| {
        matches!(looped.kind, LoopKind::While | LoopKind::Endless) && looped.holds(second) && !looped.holds(first)
    });
    if polls {
        return true;
    }
    let body = project.code().body(f);
    if found_leaves(project, f, first, second) {
        return true;
    }
    body.regions.iter().any(|region| {
        let RegionKind::Arm { cond: Some(cond), negated } = region.kind else { return false };
        if !(region.start <= second.0 && second.0 < region.end && first.0 < region.start) {
            return false;
        }
        let mut at = cond;
        // `if user:`, `if user is not None:`: the arm runs with what the first call gave.
        let mut gave = !negated;
        for _ in 0..4 {
            at = match body.op(at).map(|op| &op.kind) {
                Some(OpKind::Truth(v)) => *v,
                Some(OpKind::Not(v)) => {
                    gave = !gave;
                    *v
                }
                Some(OpKind::Binary { op: BinaryOp::Is, left, .. }) => {
                    gave = !gave;
                    *left
                }
                Some(OpKind::Binary { op: BinaryOp::IsNot, left, .. }) => *left,
                _ => break,
            };
        }
        // A name bound to the result keeps it; without one, the call that asks has thrown it away.
        let thrown_away = at == first;
        if gave && thrown_away {
            return false;
        }
        source_of(body, at) == first
    })
}

/// `if existing: raise …` between the two: what is loaded then was not there before.
fn found_leaves(project: &Project, f: FuncId, first: ValueId, second: ValueId) -> bool {
    let body = project.code().body(f);
    body.regions.iter().any(|region| {
        let RegionKind::Arm { cond: Some(cond), negated: false } = region.kind else { return false };
        let is_none = |v: ValueId| matches!(body.op(v).map(|op| &op.kind), Some(OpKind::Const(Const::None)));
        let found = match body.op(cond).map(|op| &op.kind) {
            Some(OpKind::Truth(v)) => *v,
            Some(OpKind::Binary { op: BinaryOp::IsNot, left, right }) if is_none(*right) => *left,
            Some(OpKind::Binary { .. } | OpKind::Not(_)) => return false,
            _ => cond,
        };
        body.leaves(region) && first.0 < region.start && region.end <= second.0 && of_awaited(body, found) == first
    })
}

/// Behind names and `await`.
fn of_awaited(body: &Body, v: ValueId) -> ValueId {
    let at = source_of(body, v);
    match body.op(at).map(|op| &op.kind) {
        Some(OpKind::Await(inner)) => source_of(body, *inner),
        _ => at,
    }
}

fn call_load(project: &Project, op: ValueId, g: FuncId) -> Load {
    Load { callee: Some(g), ..named_load(project.code().func(g).name, op, (g, ValueId(0))) }
}

/// A load that is known by the name of what is called.
pub(super) fn named_load(name: Sym, op: ValueId, place: (FuncId, ValueId)) -> Load {
    Load {
        op,
        entity: Entity::Named(name),
        keys: Vec::new(),
        callee: None,
        locks: false,
        many: false,
        session_get: None,
        asks: false,
        among: None,
        loads_more: false,
        place,
    }
}

/// `get_tool_by_id(tool.id)` although `tool` came from a query too: the call gives what is held.
fn given_by_key(project: &Project, f: FuncId, op: ValueId, g: FuncId) -> Option<ValueId> {
    const OTHERS: &[&str] =
        &["parent", "child", "next", "previous", "latest", "copy", "clone", "related", "root", "update", "refresh"];
    let body = project.code().body(f);
    let OpKind::Call { args, .. } = &body.op(op)?.kind else { return None };
    let name = project.text(project.code().func(g).name).to_lowercase();
    if !name.contains("by_id") || OTHERS.iter().any(|word| name.contains(word)) {
        return None;
    }
    let given = match entity_at(project, f, op)? {
        Entity::Class(class) => class,
        Entity::Named(_) => return None,
    };
    args.iter().find_map(|arg| {
        let Key::Value(root, path) = key_of(project, f, arg.value) else { return None };
        let [last] = path.as_slice() else { return None };
        let own =
            matches!(project.text(*last), "id" | "pk") && entity_at(project, f, root) == Some(Entity::Class(given));
        let loaded = matches!(body.op(root).map(|op| &op.kind), Some(OpKind::Call { .. }))
            && project.sites_at(f, root).any(|site| {
                let effects = project.effects_of(site);
                effects.any(Effects::DB_READ) && !effects.any(CHANGES)
            });
        (own && loaded).then_some(root)
    })
}

/// The object made here, added and committed, whose own key the load uses.
pub(super) fn just_written(project: &Project, f: FuncId, load: &Load) -> Option<ValueId> {
    let [(_, Key::Value(root, path))] = load.keys.as_slice() else { return None };
    let [last] = path.as_slice() else { return None };
    if !matches!(project.text(*last), "id" | "pk") || load.callee.is_some() {
        return None;
    }
    let body = project.code().body(f);
    let OpKind::Call { callee, .. } = &body.op(*root)?.kind else { return None };
    if entity_of(project.ty(f, *callee)) != Some(load.entity) {
        return None;
    }
    let between = || project.sites(f).iter().filter(|site| *root < site.op && site.op < load.op);
    let added = between().any(|site| {
        matches!(body.op(site.op).map(|op| &op.kind), Some(OpKind::Call { args, .. })
            if site.effects.any(Effects::DB_ADD) && args.iter().any(|arg| source_of(body, arg.value) == *root))
    });
    let sends = between().filter(|site| site.effects.any(Effects::COMMIT.with(Effects::DB_FLUSH))).count();
    let in_handler = body.regions.iter().any(|region| {
        matches!(region.kind, RegionKind::Handler { .. }) && region.start <= load.op.0 && load.op.0 < region.end
    });
    (added && sends == 1 && !in_handler && load.session_get.is_none() && !exclusive(project, f, *root, load.op))
        .then_some(*root)
}

/// Whether the load stands in the handler of a failed write: another row took the place of the held one.
fn after_failure(project: &Project, f: FuncId, load: ValueId) -> bool {
    let body = project.code().body(f);
    body.regions
        .iter()
        .filter(|region| matches!(region.kind, RegionKind::Handler { .. }))
        .any(|handler| handler.start <= load.0 && load.0 < handler.end && wrote_before(project, f, handler))
}

/// Whether the block that a handler guards writes.
fn wrote_before(project: &Project, f: FuncId, handler: &Region) -> bool {
    let body = project.code().body(f);
    // `row.save()` of a model whose base is not among the files.
    let saves = |op| {
        let Some(OpKind::Call { callee, .. }) = body.op(op).map(|op| &op.kind) else { return false };
        matches!(body.op(*callee).map(|op| &op.kind), Some(OpKind::Attr { name, .. })
            if matches!(project.text(*name), "save" | "asave"))
    };
    let writes = |op| project.sites_at(f, op).any(|site| project.effects_of(site).any(CHANGES)) || saves(op);
    body.tried(handler).any(writes)
}

/// A load in the handler of a failed write of `self` or another held row, tested for `None` only, with
/// every way out an exception.
pub(super) fn existence_on_failure(project: &Project, f: FuncId, load: &Load) -> Option<ValueId> {
    let [(_, Key::Value(root, path))] = load.keys.as_slice() else { return None };
    if load.callee.is_some() || path.len() > 1 || entity_at(project, f, *root) != Some(load.entity) {
        return None;
    }
    let body = project.code().body(f);
    let handler = body.regions.iter().enumerate().find(|(_, region)| {
        matches!(region.kind, RegionKind::Handler { .. }) && region.start <= load.op.0 && load.op.0 < region.end
    });
    let (_, handler) = handler?;
    let leaves = body.last_in(handler)?;
    let returns = (handler.start..handler.end)
        .any(|i| matches!(body.ops.get(i as usize).map(|op| &op.kind), Some(OpKind::Return(_))));
    if !matches!(leaves.kind, OpKind::Raise(_)) || returns {
        return None;
    }
    // The row itself is never used: only whether it is there.
    let tested = (load.op.0..handler.end).filter_map(|i| body.ops.get(i as usize)).any(|op| match op.kind {
        OpKind::Binary { op: BinaryOp::Is | BinaryOp::IsNot, right, .. } => {
            matches!(body.op(right).map(|op| &op.kind), Some(OpKind::Const(Const::None)))
        }
        _ => false,
    });
    (tested && wrote_before(project, f, handler)).then_some(*root)
}

/// The code says that the row is loaded again for its newest state.
pub(super) fn on_purpose(project: &Project, f: FuncId, op: ValueId) -> Option<String> {
    const NAMES: &[&str] = &["fresh", "latest", "reloaded", "current", "newest", "cleared", "updated"];
    const WORDS: &[&str] = &[
        "re-fetch",
        "refetch",
        "reload",
        "re-load",
        "fresh",
        "stale",
        "latest",
        "re-read",
        "up to date",
        "up-to-date",
        "lazily",
    ];
    let code = project.code();
    let body = code.body(f);
    let line = body.span(op)?.line;
    let bound = body.ops.iter().skip(op.0 as usize).take(40).any(|o| match o.kind {
        OpKind::Bind { name, value } => {
            source_of(body, value) == op && NAMES.iter().any(|word| project.text(name).contains(word))
        }
        _ => false,
    });
    let said = code.module(code.module_of(f))?.comments.iter().any(|comment| {
        comment.line <= line && comment.line + 3 >= line && {
            let text = project.text(comment.text).to_lowercase();
            WORDS.iter().any(|word| text.contains(word))
        }
    });
    (bound || said).then(|| "the code says that it wants the newest state of the row".to_owned())
}

/// Two calls of one function ask the same only when all that it is given is the same: `get(id, editable=False)` and
/// `get(id, editable=True)` are two questions.
pub(super) fn asked_alike(project: &Project, f: FuncId, first: &Load, second: &Load) -> bool {
    let (Some(g), true) = (second.callee, first.callee == second.callee) else { return true };
    let code = project.code();
    (0..code.func(g).params.len()).filter_map(|i| u16::try_from(i).ok()).all(|i| {
        let passed = |op: ValueId| argument(project, f, op, g, i);
        let constant = |v: Option<ValueId>| match code.op(f, source_of(code.body(f), v?)).map(|op| &op.kind) {
            Some(OpKind::Const(value)) => Some(value.clone()),
            _ => None,
        };
        let (a, b) = (passed(first.op), passed(second.op));
        match (constant(a), constant(b)) {
            (None, None) => true,
            (a, b) => a == b || !asked_before(project, g, i, second.place),
        }
    })
}

/// Whether a function uses a parameter before it loads: what it is used for afterwards does not change the load.
fn asked_before(project: &Project, g: FuncId, param: u16, (inner, load): (FuncId, ValueId)) -> bool {
    let body = project.code().body(g);
    let end = if inner == g { load.0 } else { u32::MAX };
    (0_u32..).zip(&body.ops).take_while(|(at, _)| *at <= end).any(|(_, op)| {
        let mut used = false;
        op.kind.operands(|v| used |= matches!(body.op(v).map(|op| &op.kind), Some(OpKind::Param(i)) if *i == param));
        used
    })
}

/// The keys passed to a call; `None` when nothing but `self` and sessions is passed, or when an
/// argument is computed by a call of its own.
fn arguments(project: &Project, f: FuncId, op: ValueId, target: FuncId, params: usize) -> Option<Vec<Option<Key>>> {
    let body = project.code().body(f);
    let mut keys = Vec::new();
    let mut telling = false;
    for i in 0..params {
        let passed = argument(project, f, op, target, u16::try_from(i).ok()?);
        let key = passed.map(|v| key_of(project, f, v));
        if let Some(Key::Value(root, _)) = &key {
            let handle =
                matches!(project.lib_class(f, *root), Some(c) if c.contains("ession") || c.contains("onnection"));
            let own = i == 0 && matches!(body.op(*root).map(|op| &op.kind), Some(OpKind::Param(0)));
            telling |= !handle && !own;
        }
        keys.push(key);
    }
    // What `**kwargs` of the target takes up, and what is spread, tells calls apart as well.
    if let Some(OpKind::Call { args, .. }) = body.op(op).map(|op| &op.kind) {
        let declared = |name: Sym| project.code().func(target).params.iter().any(|param| param.name == name);
        for arg in args {
            match arg.kind {
                ArgKind::Named(name) if !declared(name) => {
                    keys.push(Some(Key::Text(name)));
                    keys.push(Some(key_of(project, f, arg.value)));
                }
                ArgKind::Spread | ArgKind::SpreadNamed => keys.push(Some(key_of(project, f, arg.value))),
                _ => {}
            }
        }
    }
    telling.then_some(keys)
}

/// The two ops stand in different arms of one branch, or the first in a handler.
pub(super) fn exclusive(project: &Project, f: FuncId, first: ValueId, second: ValueId) -> bool {
    let body = project.code().body(f);
    if project.is_template(f) && by_value(project, f, first, second) {
        return true;
    }
    body.regions.iter().any(|region| {
        let holds = |v: ValueId| region.start <= v.0 && v.0 < region.end;
        match region.kind {
            RegionKind::Arm { .. } | RegionKind::Handler { .. } | RegionKind::Loop { .. } => {
                holds(first) && !holds(second)
            }
            RegionKind::TryBody => {
                // Retried in a handler of the same try.
                let parent = body.regions.get(region.parent.0 as usize);
                holds(first) && !holds(second) && parent.is_some_and(|t| t.start <= second.0 && second.0 < t.end)
            }
            _ => false,
        }
    })
}

/// What between the two loads makes the second one necessary.
pub(super) fn changed_between(project: &Project, f: FuncId, first: ValueId, second: ValueId) -> Option<String> {
    if session_given_away(project, f, first, second) {
        return Some("a call that cannot be followed is given the session between the loads".to_owned());
    }
    for site in project.sites(f) {
        if site.op <= first || site.op >= second {
            continue;
        }
        let effects = project.effects_of(site);
        let words = if effects.any(Effects::COMMIT) {
            "a commit between the loads expires the row"
        } else if effects.any(Effects::ROLLBACK) {
            "a rollback between the loads expires the row"
        } else if effects.any(CHANGES) {
            "a write or refresh stands between the loads"
        } else if effects.any(Effects::PUBLISH) || site.targets.iter().any(|target| starts_later(project, target.func))
        {
            "a task is started between the loads, which may have changed the row"
        } else {
            continue;
        };
        return Some(words.to_owned());
    }
    None
}

/// A task that waits for the commit starts at once where no transaction is open.
fn starts_later(project: &Project, f: FuncId) -> bool {
    project.sites(f).iter().any(|site| site.place == Where::AfterCommit)
}

/// Whether the held row was loaded by the session that the second load asks.
pub(super) fn same_session(project: &Project, f: FuncId, from: ValueId, second: &Load) -> bool {
    let body = project.code().body(f);
    let session = match second.session_get {
        None => return false,
        Some(KeptBy::Shared) => return true,
        Some(KeptBy::Value(session)) => session,
    };
    // Some statement before used that very session.
    let session = source_of(body, session);
    let used = project.sites(f).iter().any(|site| {
        let Some(OpKind::Call { callee, args }) = body.op(site.op).map(|op| &op.kind) else { return false };
        let receiver = match body.op(*callee).map(|op| &op.kind) {
            Some(OpKind::Attr { base, .. }) => Some(source_of(body, *base)),
            _ => None,
        };
        site.op < second.op
            && (receiver == Some(session) || args.iter().any(|arg| source_of(body, arg.value) == session))
    });
    let _ = from;
    used
}
