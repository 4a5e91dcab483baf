//! Loads of one entity by key: which model, by which columns, with which values; also what a called
//! function loads by its parameters.

use super::calls::{Site, SiteKind};
use super::code::{ClassId, FuncId};
use super::flow::{chain_of, source_of};
use super::project::Project;
use super::touches::argument;
use super::types::Type;
use crate::libraries::Effects;
use crate::model::{Arg, ArgKind, BinaryOp, Body, Const, OpKind, Sym, ValueId};
use crate::order::InOrder as _;

/// A model, resolved or by its dotted name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Entity {
    /// A class of the project.
    Class(ClassId),
    /// A class of a file that is not here.
    Named(Sym),
}

/// The value of a key: where it was made and the attributes from there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// A value of the function and an attribute path.
    Value(ValueId, Vec<Sym>),
    /// A literal.
    Text(Sym),
    /// A number.
    Int(i64),
}

/// A load by key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    /// The op that runs it (a call of the function that loads, for indirect ones).
    pub op: ValueId,
    /// What is loaded.
    pub entity: Entity,
    /// Column -> value, sorted.
    pub keys: Vec<(Sym, Key)>,
    /// The called function that loads.
    pub callee: Option<FuncId>,
    /// It takes a row lock.
    pub locks: bool,
    /// It gives rows, not one row.
    pub many: bool,
    /// An identity map may answer (`Session.get`); the session it uses.
    pub session_get: Option<KeptBy>,
    /// It only asks whether there is such a row.
    pub asks: bool,
    /// The relation of an owner among whose rows it asks for this one.
    pub among: Option<Sym>,
    /// It loads relations with the row (`options(…)`, `prefetch_related(…)`).
    pub loads_more: bool,
    /// Where the query stands: in a callee for indirect ones.
    pub place: (FuncId, ValueId),
}

/// The session whose identity map may answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptBy {
    /// A value of the function.
    Value(ValueId),
    /// One that all functions share, as Flask-SQLAlchemy's `db.session`.
    Shared,
}

const WRITES: Effects = Effects(Effects::ANY_WRITE.0 | Effects::DB_FLUSH.0 | Effects::COMMIT.0 | Effects::ROLLBACK.0);

fn is_equality(body: &Body, v: ValueId) -> bool {
    matches!(body.op(source_of(body, v)).map(|op| &op.kind), Some(OpKind::Binary { op: BinaryOp::Eq, .. }))
}

/// Between two ops a call that cannot be followed is given a session: it may write.
#[must_use]
pub fn session_given_away(project: &Project, f: FuncId, from: ValueId, to: ValueId) -> bool {
    let body = project.code().body(f);
    (from.0.saturating_add(1)..to.0).any(|i| {
        let op = ValueId(i);
        let Some(OpKind::Call { args, callee }) = body.op(op).map(|op| &op.kind) else { return false };
        if !matches!(project.ty(f, *callee), Type::Unknown) || project.sites_at(f, op).next().is_some() {
            return false;
        }
        args.iter().any(|arg| {
            let named = matches!(arg.kind, ArgKind::Named(name)
                if matches!(project.text(name), "session" | "db" | "db_session"));
            named || project.lib_class(f, arg.value).is_some_and(|class| class.ends_with("Session"))
        })
    })
}

/// The entity that an instance belongs to.
#[must_use]
pub fn entity_of(ty: &Type) -> Option<Entity> {
    match ty {
        Type::Inst(class, _) | Type::ClassObj(class) => Some(Entity::Class(*class)),
        Type::Lib(name, ..) | Type::LibRef(name) => Some(Entity::Named(*name)),
        _ => None,
    }
}

/// The entity that a value is, once awaited and found.
#[must_use]
pub fn entity_at(project: &Project, f: FuncId, v: ValueId) -> Option<Entity> {
    let ty = match project.ty(f, v) {
        Type::Coroutine(inner) => project.type_of(*inner),
        ty => ty,
    };
    match ty {
        Type::Union(members) => {
            let mut entities = members.iter().filter_map(|member| entity_of(project.type_of(*member)));
            entities.next().filter(|_| entities.next().is_none())
        }
        _ => entity_of(ty),
    }
}

/// A key value of `f`.
#[must_use]
pub fn key_of(project: &Project, f: FuncId, v: ValueId) -> Key {
    let body = project.code().body(f);
    let (root, path) = chain_of(body, v);
    match body.op(root).map(|op| &op.kind) {
        Some(OpKind::Const(Const::Str(s))) if path.is_empty() => Key::Text(*s),
        Some(OpKind::Const(Const::Int(i))) if path.is_empty() => Key::Int(i.get()),
        _ => Key::Value(root, path),
    }
}

/// The loads of `f`, in order, those of callees included.
#[must_use]
pub fn loads_of(project: &Project, f: FuncId, depth: u32) -> Vec<Load> {
    let mut out: Vec<Load> = Vec::new();
    for site in project.sites(f) {
        if !project.effects_of(site).any(Effects::DB_READ.with(Effects::DB_EXECUTE)) {
            continue;
        }
        if let Some(load) = direct(project, f, site) {
            if !out.iter().any(|known| known.op == load.op) {
                out.push(load);
            }
            continue;
        }
        // Several possible targets: none of them is what runs for certain.
        if depth == 0 || site.targets.len() > 1 {
            continue;
        }
        for target in &site.targets {
            if target.by_name {
                continue;
            }
            for inner in loads_of(project, target.func, depth - 1) {
                // What the callee wrote before makes its load necessary.
                let wrote = project
                    .sites(target.func)
                    .iter()
                    .any(|before| before.op < inner.op && project.effects_of(before).any(WRITES))
                    || session_given_away(project, target.func, ValueId(0), inner.op);
                if wrote {
                    continue;
                }
                if project.switched_off(target.func, inner.op, (f, site.op)) {
                    continue;
                }
                if let Some(load) = through_call(project, f, site, target.func, inner) {
                    out.push(load);
                }
            }
        }
    }
    out
}

/// A load inside a callee, seen by its caller: every key must be a parameter (or part of one).
fn through_call(project: &Project, f: FuncId, site: &Site, target: FuncId, inner: Load) -> Option<Load> {
    let body = project.code().body(target);
    let mut keys = Vec::new();
    for (column, key) in inner.keys {
        let Key::Value(root, path) = key else { return None };
        let OpKind::Param(i) = body.op(root)?.kind else { return None };
        let passed = argument(project, f, site.op, target, i)?;
        let Key::Value(root, mut outer) = key_of(project, f, passed) else { return None };
        outer.extend(path);
        keys.push((column, Key::Value(root, outer)));
    }
    let session_get = inner.session_get.and_then(|kept| {
        let KeptBy::Value(session) = kept else { return Some(kept) };
        // The object that keeps the session (`self.db`) stands for it.
        let owner = match body.op(session)?.kind {
            OpKind::Attr { base, .. } => source_of(body, base),
            _ => session,
        };
        match body.op(owner)?.kind {
            OpKind::Param(i) => {
                let passed = argument(project, f, site.op, target, i)?;
                Some(KeptBy::Value(source_of(project.code().body(f), passed)))
            }
            OpKind::Global(_) => Some(KeptBy::Shared),
            _ => None,
        }
    });
    let entity = of_receiver(project, f, site.op, target, inner.entity);
    Some(Load { op: site.op, entity, keys, callee: Some(target), session_get, ..inner })
}

/// `Person.get(id)`, where `get` is a class method of a base of all models: a person is loaded.
fn of_receiver(project: &Project, f: FuncId, call: ValueId, target: FuncId, entity: Entity) -> Entity {
    let Entity::Class(base) = entity else { return entity };
    let body = project.code().body(f);
    let class = match body.op(call).map(|op| &op.kind) {
        Some(OpKind::Call { callee, .. }) => match body.op(*callee).map(|op| &op.kind) {
            Some(OpKind::Attr { base, .. }) => project.ty(f, *base),
            _ => return entity,
        },
        _ => return entity,
    };
    match class {
        Type::ClassObj(class) if project.code().class_of(target) == Some(base) && project.descends(*class, base) => {
            Entity::Class(*class)
        }
        _ => entity,
    }
}

/// Whether the query gives rows: it is iterated, or a method that takes all of them ends it.
fn many(project: &Project, f: FuncId, site: &Site) -> bool {
    const ONE: &[&str] = &[
        "get",
        "aget",
        "first",
        "afirst",
        "one",
        "one_or_none",
        "scalar",
        "scalar_one",
        "scalar_one_or_none",
        "exists",
        "aexists",
        "get_or_none",
        "get_or_404",
        "first_or_404",
        "last",
        "fetchone",
        "get_object_or_404",
        "get_one",
    ];
    const ALL: &[&str] = &["all", "fetchall", "list", "in_bulk", "scalars"];
    let body = project.code().body(f);
    let SiteKind::Library(row) = site.kind else { return true };
    let own = row.callee.rsplit('.').next().unwrap_or("");
    if ONE.contains(&own) {
        return false;
    }
    // `session.execute(…).scalar_one()`: what is called on the result.
    let mut at = site.op;
    let mut last = own;
    for _ in 0..4 {
        let next = body.ops.iter().enumerate().skip(at.0 as usize + 1).take(12).find_map(|(i, op)| match &op.kind {
            OpKind::Attr { base, name } if source_of(body, *base) == at => Some((i, project.text(*name))),
            _ => None,
        });
        let Some((i, name)) = next else { break };
        if ONE.contains(&name) {
            return false;
        }
        last = name;
        let attr = ValueId(u32::try_from(i).unwrap_or(u32::MAX));
        let call = body.ops.iter().enumerate().skip(i + 1).take(12).find_map(|(j, op)| match op.kind {
            OpKind::Call { callee, .. } if callee == attr => u32::try_from(j).ok(),
            _ => None,
        });
        match call {
            Some(j) => at = ValueId(j),
            None => break,
        }
    }
    ALL.contains(&last) || matches!(project.ty(f, site.op), Type::List(_))
}

/// A called helper takes a row lock: `orders_locked().get(pk=…)`.
fn locks_inside(project: &Project, f: FuncId, call: ValueId) -> bool {
    project.sites_at(f, call).flat_map(|site| &site.targets).any(|target| {
        project.code().body(target.func).ops.iter().any(|op| {
            matches!(op.kind, OpKind::Attr { name, .. }
                if matches!(project.text(name), "select_for_update" | "with_for_update"))
        })
    })
}

/// The entity that a query value gives.
fn element_entity(project: &Project, f: FuncId, v: ValueId) -> Option<Entity> {
    match project.ty(f, v) {
        Type::Lib(_, elem, _) => entity_of(project.type_of(*elem)).filter(|entity| match entity {
            Entity::Class(class) => project.orm().is_model(*class),
            Entity::Named(name) => project.library().class(project.text(*name)).is_none(),
        }),
        _ => None,
    }
}

/// `Order.objects` of a model that is not seen: its dotted name.
fn unseen_entity(project: &Project, f: FuncId, class: ValueId, attribute: Sym) -> Option<Entity> {
    match project.ty(f, class) {
        Type::LibRef(name) if project.text(attribute) == "objects" => Some(Entity::Named(*name)),
        _ => None,
    }
}

/// The last name of what is called.
fn callee_name(project: &Project, f: FuncId, callee: ValueId) -> &str {
    match project.code().op(f, callee).map(|op| &op.kind) {
        Some(OpKind::Attr { name, .. } | OpKind::Global(name)) => project.text(*name),
        _ => "",
    }
}

/// What is selected says only whether there is a row: a number, `exists()`.
fn asks_presence(project: &Project, f: FuncId, v: ValueId) -> bool {
    let body = project.code().body(f);
    let mut at = source_of(body, v);
    for _ in 0..4 {
        at = match body.op(at).map(|op| &op.kind) {
            Some(OpKind::Const(Const::Int(_) | Const::Bool(_))) => return true,
            Some(OpKind::Call { callee, .. }) => {
                let name = callee_name(project, f, *callee);
                if matches!(name, "exists" | "literal") {
                    return true;
                }
                match body.op(*callee).map(|op| &op.kind) {
                    Some(OpKind::Attr { base, .. }) => source_of(body, *base),
                    _ => return false,
                }
            }
            _ => return false,
        };
    }
    false
}

/// A value that is one row of a model.
fn is_row(project: &Project, f: FuncId, v: ValueId) -> bool {
    matches!(project.ty(f, v), Type::Inst(class, _) if project.orm().is_model(*class))
}

fn direct(project: &Project, f: FuncId, site: &Site) -> Option<Load> {
    let SiteKind::Library(row) = site.kind else { return None };
    let body = project.code().body(f);
    let OpKind::Call { callee, args } = &body.op(site.op)?.kind else { return None };
    let receiver = match body.op(*callee).map(|op| &op.kind) {
        Some(OpKind::Attr { base, .. }) => Some(*base),
        _ => None,
    };
    let mut load = Load {
        op: site.op,
        entity: Entity::Named(Sym(0)),
        keys: Vec::new(),
        callee: None,
        locks: false,
        many: false,
        session_get: None,
        asks: matches!(row.callee.rsplit('.').next(), Some("exists" | "aexists")),
        among: None,
        loads_more: false,
        place: (f, site.op),
    };
    // A page of rows is asked for by its number.
    if row.callee.starts_with("django.core.paginator.") {
        return None;
    }
    // These read to write.
    if ["merge", "refresh", "delete", "expunge", "add", "count", "acount", "earliest", "latest"]
        .iter()
        .any(|name| row.callee.rsplit('.').next() == Some(name))
    {
        return None;
    }
    load.many = many(project, f, site);
    if row.callee.ends_with("Session.get") || row.callee.ends_with("Session.get_one") {
        load.entity = entity_of(project.ty(f, args.first()?.value))?;
        let key = args.get(1)?;
        load.keys.push((project.sym("id").unwrap_or(Sym(0)), key_of(project, f, key.value)));
        load.session_get = receiver.map(|r| KeptBy::Value(source_of(body, r)));
        load.loads_more = args.iter().any(|a| matches!(a.kind, ArgKind::Named(n) if project.text(n) == "options"));
        load.locks = args.iter().any(|a| matches!(a.kind, ArgKind::Named(n) if project.text(n).contains("for_update")));
        return Some(load);
    }
    // Collect what the whole expression says: model, conditions, lock.
    let mut entity: Option<Entity> = None;
    let mut owner: Option<(Sym, Key)> = None;
    let mut several = false;
    let mut work: Vec<ValueId> = vec![site.op];
    let mut seen = Vec::new();
    while let Some(v) = work.pop() {
        if seen.contains(&v) || seen.len() > 120 {
            continue;
        }
        seen.push(v);
        let Some(op) = body.op(v) else { continue };
        match &op.kind {
            OpKind::Call { callee, args } => {
                let method = match body.op(*callee).map(|op| &op.kind) {
                    Some(OpKind::Attr { base, name }) => {
                        work.push(*base);
                        project.text(*name)
                    }
                    _ => "",
                };
                let says = |arg: &Arg| matches!(arg.kind, ArgKind::Named(n) if project.text(n).contains("for_update"));
                load.locks |= matches!(method, "select_for_update" | "with_for_update")
                    || args.iter().any(says)
                    || locks_inside(project, f, v);
                load.loads_more |= method == "options" || method == "select_related" || method.starts_with("prefetch");
                several |= matches!(
                    method,
                    "exclude" | "join" | "annotate" | "values" | "values_list" | "aggregate" | "order_by" | "offset"
                );
                // Any other condition than equality makes it another question.
                let conditions = matches!(method, "filter" | "where" | "having");
                several |= conditions
                    && args.iter().any(|arg| arg.kind == ArgKind::Positional && !is_equality(body, arg.value));
                // `select(1)`, `select(exists().where(…))`
                load.asks |= callee_name(project, f, *callee) == "select"
                    && args.iter().any(|arg| asks_presence(project, f, arg.value));
                for arg in args {
                    match arg.kind {
                        ArgKind::Named(name)
                            if matches!(method, "get" | "filter" | "filter_by" | "aget" | "get_or_none")
                                || row.callee.contains("get_object_or_404") =>
                        {
                            load.keys.push((name, key_of(project, f, arg.value)));
                        }
                        ArgKind::Positional => work.push(arg.value),
                        _ => {}
                    }
                }
                if entity.is_none() {
                    entity = element_entity(project, f, v);
                }
            }
            OpKind::Binary { op: BinaryOp::Eq, left, right } => {
                if let Some(OpKind::Attr { base, name }) = body.op(source_of(body, *left)).map(|op| &op.kind)
                    && let Some(model) = entity_of(project.ty(f, *base))
                {
                    entity.get_or_insert(model);
                    load.keys.push((*name, key_of(project, f, *right)));
                }
            }
            OpKind::Binary { .. } | OpKind::Not(_) => several = true,
            OpKind::Await(v) | OpKind::Bind { value: v, .. } | OpKind::Annotated { value: Some(v), .. } => {
                work.push(*v)
            }
            // `order.lines.get(…)`: the owner is part of the key, and the query that loaded it is another one.
            OpKind::Attr { base, name } if is_row(project, f, *base) => {
                entity = entity.or_else(|| element_entity(project, f, v));
                owner = Some((*name, key_of(project, f, *base)));
            }
            // What hangs on a row of a model that is not seen is loaded by a query of its own.
            OpKind::Attr { base, .. } if project.is_unseen_row(project.ty(f, *base)) => return None,
            OpKind::Attr { base, name } => {
                // `Order.objects`
                if entity.is_none() {
                    entity = element_entity(project, f, v).or_else(|| unseen_entity(project, f, *base, *name));
                }
                work.push(*base);
            }
            OpKind::Global(_) => {
                if let Type::ClassObj(_) | Type::LibRef(_) = project.ty(f, v)
                    && let Some(model) = entity_of(project.ty(f, v))
                    && matches!(model, Entity::Class(c) if project.orm().is_model(c))
                {
                    entity.get_or_insert(model);
                }
            }
            _ => {}
        }
    }
    if several || load.keys.is_empty() || load.keys.len() > 3 {
        return None;
    }
    load.entity = entity?;
    // By its own key a row is the same whoever is asked for it; whether it belongs to somebody is not.
    let by_id = |column: &Sym| matches!(project.text(*column), "id" | "pk");
    if load.keys.iter().any(|(column, _)| by_id(column)) {
        load.among = owner.map(|(relation, _)| relation).filter(|_| load.asks);
    } else {
        load.keys.extend(owner);
    }
    // `pk` is the id.
    let (pk, id) = (project.sym("pk"), project.sym("id"));
    for (column, _) in &mut load.keys {
        if Some(*column) == pk
            && let Some(id) = id
        {
            *column = id;
        }
    }
    load.keys.order();
    Some(load)
}
