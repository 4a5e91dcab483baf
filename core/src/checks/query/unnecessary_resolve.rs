//! `unnecessary_resolve`: a row is loaded for a value that the code already has.

use super::refetch::exclusive;
use crate::analysis::{
    ClassId, Entity, Flow, FuncId, Key, OrmKind, Project, RelationKind, SiteKind, Type, argument, chain_of, entity_at,
    key_of, loads_of, source_of,
};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{context_evidence, context_facts, place_of};
use crate::libraries::{Effects, RunContext};
use crate::model::{ArgKind, BinaryOp, Const, OpKind, RegionKind, Sym, ValueId};
use crate::report::model::{Confidence, Effort, Severity};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct UnnecessaryResolve;

/// Something resolved that need not be.
#[derive(Clone, Debug)]
pub enum Candidate {
    /// A related row is read for its key, or tested for existence.
    Related {
        /// The foreign key.
        name: Sym,
        /// What is done with the row, in order.
        uses: Vec<Use>,
        /// All reads of the row in the function.
        reads: Vec<ValueId>,
    },
    /// A query joins to find rows of an entity that was loaded by the same key.
    Joined {
        /// What loaded it.
        load: ValueId,
        /// Its model.
        entity: ClassId,
        /// Relation of the query's model.
        relation: Sym,
    },
}

/// What is done with a related row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Its primary key is read.
    Key,
    /// It is compared with nothing, or used as a truth value.
    Test,
    /// Anything else: the row is needed.
    Row,
}

const HOW_DEEP: u32 = 2;

impl Check for UnnecessaryResolve {
    const ID: &'static str = "unnecessary_resolve";
    type Candidate = Candidate;

    fn candidates(cx: Cx<'_>) -> Candidates<Candidate> {
        let project = cx.project;
        if project.orm().models().is_empty() {
            return Candidates::Nothing("no model was found");
        }
        let mut found = Vec::new();
        for f in project.code().func_ids() {
            // `__repr__` is for people who debug.
            if !project.is_template(f) && project.text(project.code().func(f).name) != "__repr__" {
                related(project, f, &mut found);
                joined(project, f, &mut found);
            }
        }
        let looked_at = format!("{} rows resolved", found.len());
        Candidates::Found(found, looked_at)
    }

    fn judge(cx: Cx<'_>, place: Place, candidate: &Candidate) -> Judgement {
        match candidate {
            Candidate::Related { name, uses, reads } => judge_related(cx, place, *name, uses, reads),
            Candidate::Joined { load, entity, relation } => judge_joined(cx, place, *load, *entity, *relation),
        }
    }
}

/// Reads of a forward foreign key that may run a query and of which only the key or the presence is used.
fn related(project: &Project, f: FuncId, found: &mut Vec<(Place, Candidate)>) {
    let body = project.code().body(f);
    let mut flow = None;
    let mut seen: Vec<(ValueId, Vec<Sym>)> = Vec::new();
    for site in project.sites(f) {
        let SiteKind::Relation(name) = site.kind else { continue };
        let Some(OpKind::Attr { base, .. }) = body.op(site.op).map(|op| &op.kind) else { continue };
        let lazy = site.effects.any(Effects::LAZY_LOAD) || in_memory(project, f, *base, name).is_some();
        if !lazy || key_column(project, f, *base, name).is_none() {
            continue;
        }
        let flow = flow.get_or_insert_with(|| Flow::new(project.code(), f));
        let chain = chain_of(body, site.op);
        if seen.contains(&chain) || !light(project, f, flow, site.op) {
            continue;
        }
        seen.push(chain.clone());
        let reads: Vec<ValueId> = body
            .ops
            .iter()
            .enumerate()
            .filter(|(_, op)| matches!(op.kind, OpKind::Attr { name: other, .. } if other == name))
            .filter_map(|(i, _)| u32::try_from(i).ok().map(ValueId))
            .filter(|v| chain_of(body, *v) == chain || project.describe(f, *v) == project.describe(f, site.op))
            .collect();
        if read_elsewhere(project, f, flow, *base, &chain, name) {
            continue;
        }
        let uses = reads.iter().flat_map(|v| uses_of(project, f, flow, *v)).collect();
        found.push((place_of(project, f, site.op), Candidate::Related { name, uses, reads }));
    }
}

/// `queue = [row]` `current = queue.pop()` `current.unit.name`: under another name that may stand for the same row,
/// the related row itself is read.
fn read_elsewhere(
    project: &Project,
    f: FuncId,
    flow: &Flow<'_>,
    owner: ValueId,
    chain: &(ValueId, Vec<Sym>),
    name: Sym,
) -> bool {
    let body = project.code().body(f);
    let holds_owner = |v: &ValueId| {
        matches!(body.op(source_of(body, *v)).map(|op| &op.kind), Some(OpKind::Collection { items, .. })
            if items.iter().any(|item| source_of(body, *item) == source_of(body, owner)))
    };
    let taken_out = |v: ValueId| {
        let Some(OpKind::Call { callee, .. }) = body.op(source_of(body, v)).map(|op| &op.kind) else { return false };
        let Some(OpKind::Attr { base, name }) = body.op(*callee).map(|op| &op.kind) else { return false };
        let held = match body.op(source_of(body, *base)).map(|op| &op.kind) {
            Some(OpKind::Phi(entries)) => entries.iter().any(holds_owner),
            _ => holds_owner(base),
        };
        held && matches!(project.text(*name), "pop" | "popleft")
    };
    let alike = |base: ValueId| match (project.ty(f, owner), project.ty(f, base)) {
        (_, Type::Unknown) => true,
        (Type::Inst(a, _), Type::Inst(b, _)) => a == b,
        _ => false,
    };
    (0_u32..).zip(&body.ops).any(|(at, op)| {
        matches!(op.kind, OpKind::Attr { base, name: other } if other == name && taken_out(base) && alike(base))
            && chain_of(body, ValueId(at)) != *chain
            && uses_of(project, f, flow, ValueId(at)).contains(&Use::Row)
    })
}

fn light(project: &Project, f: FuncId, flow: &Flow<'_>, v: ValueId) -> bool {
    let uses = uses_of(project, f, flow, v);
    !uses.is_empty() && !uses.contains(&Use::Row)
}

fn uses_of(project: &Project, f: FuncId, flow: &Flow<'_>, v: ValueId) -> Vec<Use> {
    let body = project.code().body(f);
    let is_none = |v: ValueId| matches!(body.op(v).map(|op| &op.kind), Some(OpKind::Const(Const::None)));
    let uses = flow.uses(v);
    let mut out: Vec<Use> = uses
        .ops
        .iter()
        .map(|user| match body.op(*user).map(|op| &op.kind) {
            Some(OpKind::Attr { name, .. }) if matches!(project.text(*name), "id" | "pk") => Use::Key,
            Some(OpKind::Binary { op: BinaryOp::Is | BinaryOp::IsNot, left, right })
                if is_none(*left) || is_none(*right) =>
            {
                Use::Test
            }
            Some(OpKind::Truth(_) | OpKind::Not(_)) => Use::Test,
            _ => Use::Row,
        })
        .collect();
    // `a.b and a.b.id` as a value, a name that is bound and never read: nothing to be sure of.
    if uses.aliases.len() > 1 && uses.ops.is_empty() {
        out.push(Use::Row);
    }
    out
}

/// The column that holds the key of a forward foreign key of a Django model: `customer` -> `customer_id`.
fn key_column(project: &Project, f: FuncId, base: ValueId, name: Sym) -> Option<String> {
    let Type::Inst(class, _) = *project.ty(f, base) else { return None };
    let relation = project.relation(class, name)?;
    let owner = project.project_ancestors(class).find(|owner| {
        project.orm().model(*owner).is_some_and(|m| m.kind == OrmKind::Django && m.relations.contains_key(&name))
    })?;
    if relation.kind != RelationKind::ToOne || relation.reverse || !project.orm().column(owner, name)?.foreign_key {
        return None;
    }
    if field_option(project, owner, Some(name), "to_field").is_some() {
        return None;
    }
    // The key of the related row has another name.
    let target = relation.target?;
    let keyed = project.project_ancestors(target).find_map(|c| field_option(project, c, None, "primary_key"));
    if keyed.is_some_and(|key| project.text(key) != "id") {
        return None;
    }
    Some(format!("{}_id", project.text(name)))
}

/// The field of a model (`name`, or any) whose definition gives `option`.
fn field_option(project: &Project, class: ClassId, name: Option<Sym>, option: &str) -> Option<Sym> {
    let code = project.code();
    let owned = code.class(class);
    let scope = code.class_scope(class);
    owned.fields.iter().filter(|field| name.is_none_or(|name| field.name == name)).find_map(|field| {
        let OpKind::Call { args, .. } = &code.op(scope, field.value?)?.kind else { return None };
        args.iter().any(|arg| matches!(arg.kind, ArgKind::Named(n) if project.text(n) == option)).then_some(field.name)
    })
}

fn judge_related(cx: Cx<'_>, place: Place, name: Sym, uses: &[Use], reads: &[ValueId]) -> Judgement {
    let project = cx.project;
    let f = place.func;
    let body = project.code().body(f);
    let Some(op) = place.op else { return Judgement::Rejected("the read is not seen".into()) };
    let Some(OpKind::Attr { base, .. }) = body.op(op).map(|op| &op.kind) else {
        return Judgement::Rejected("the read is not seen".into());
    };
    if uses.contains(&Use::Row) {
        return Judgement::Rejected("the related row is used as well".into());
    }
    if project.context(f) == RunContext::Migration {
        return Judgement::Rejected("a migration runs once".into());
    }
    if reads.iter().all(|read| only_to_raise(project, f, *read)) {
        return Judgement::Rejected("read only for the words of an exception".into());
    }
    if let Some(reason) = in_memory(project, f, *base, name) {
        return Judgement::Rejected(reason);
    }
    let Some(column) = key_column(project, f, *base, name) else {
        return Judgement::Rejected("the key stands in another column".into());
    };
    let (read, owner, relation) = (project.describe(f, op), project.describe(f, *base), project.text(name));
    let for_what = if uses.contains(&Use::Key) { "only for its key" } else { "only to test whether there is one" };
    let mut steps = vec![project.step(f, op, format!("`{read}` runs a query"))];
    for again in reads.iter().filter(|v| **v != op).take(3) {
        steps.push(project.step(f, *again, "nothing but its key is read here either".to_owned()));
    }
    let known = loaded_here(project, f, *base);
    let mut evidence = vec![context_evidence(project, f)];
    if !known {
        evidence.push("the query that loaded the owner is not in this function".to_owned());
    }
    let mut facts = context_facts(cx, f);
    facts.table_used_context = true;
    let draft = Box::new(Draft {
        place,
        severity: Severity::Medium,
        confidence: if known { Confidence::High } else { Confidence::Medium },
        message: format!("`{read}` loads the row of `{relation}` {for_what}, which `{owner}` holds as `{column}`"),
        recommendation: format!("Read `{owner}.{column}`"),
        effort: Effort::S,
        steps,
        evidence,
        facts,
    });
    // A signal or hook often gets an object that was made a moment ago from the related one.
    let hook = project.decorators(f).iter().any(|d| d.ends_with(".receiver") || d.ends_with("hook"));
    if known || uses.contains(&Use::Key) && !hook && given(project, f, *base) {
        Judgement::Confirmed(draft)
    } else {
        Judgement::NeedsContext(draft, "the callers may hold the related row with its owner".to_owned())
    }
}

/// The branch that reads it ends by raising.
fn only_to_raise(project: &Project, f: FuncId, op: ValueId) -> bool {
    let body = project.code().body(f);
    let around = body.regions.iter().rev().find(|region| {
        matches!(region.kind, RegionKind::Arm { .. } | RegionKind::Handler { .. })
            && region.start <= op.0
            && op.0 < region.end
    });
    around.and_then(|region| body.last_in(region)).is_some_and(|last| matches!(last.kind, OpKind::Raise(_)))
}

/// Whether the owner is a row of a query that this function runs.
fn loaded_here(project: &Project, f: FuncId, base: ValueId) -> bool {
    let at = source_of(project.code().body(f), base);
    project.query(f, base).is_some() || project.sites_at(f, at).any(|site| matches!(site.kind, SiteKind::Library(_)))
}

/// Whether the owner is a parameter, or reached from one over rows only: plain objects may be filled in memory.
fn given(project: &Project, f: FuncId, base: ValueId) -> bool {
    let body = project.code().body(f);
    let mut at = source_of(body, base);
    // What hangs on the row of a row is more likely loaded with them than not.
    for _ in 0..2 {
        if !matches!(project.ty(f, at), Type::Inst(class, _) if project.orm().is_model(*class)) {
            return false;
        }
        at = match body.op(at).map(|op| &op.kind) {
            Some(OpKind::Param(_)) => return true,
            Some(OpKind::Attr { base, .. }) => source_of(body, *base),
            _ => return false,
        };
    }
    false
}

/// Why the related row is at hand or needed anyway.
fn in_memory(project: &Project, f: FuncId, base: ValueId, name: Sym) -> Option<String> {
    let body = project.code().body(f);
    let owner = chain_of(body, base);
    let assigned = body.ops.iter().any(|op| {
        matches!(&op.kind, OpKind::StoreAttr { base, name: stored, .. }
            if *stored == name && chain_of(body, *base) == owner)
    });
    if assigned {
        return Some("the related object is assigned here".into());
    }
    // `order.lines.all()` remembers `order` in each line; `Line(order=order)` holds what it was given.
    let mut at = source_of(body, base);
    for _ in 0..24 {
        at = match body.op(at).map(|op| &op.kind) {
            Some(OpKind::Call { callee, args }) => {
                if args.iter().any(|arg| matches!(arg.kind, ArgKind::Named(n) if n == name)) {
                    return Some("the object was made or found with the related object".into());
                }
                source_of(body, *callee)
            }
            Some(OpKind::Attr { base: from, .. }) => {
                let model = |v: ValueId| matches!(project.ty(f, v), Type::Inst(c, _) if project.orm().is_model(*c));
                let manager = !model(at) && model(*from);
                if manager {
                    return Some("rows of a relation know their owner".into());
                }
                source_of(body, *from)
            }
            Some(OpKind::Element(from) | OpKind::Item { base: from, .. } | OpKind::Unpack { base: from, .. }) => {
                source_of(body, *from)
            }
            Some(OpKind::Slice { base: from, .. }) => source_of(body, *from),
            _ => break,
        };
    }
    // A called function reads the row of the same object.
    let needed = project.sites(f).iter().any(|site| {
        site.targets.iter().any(|target| {
            project.touches(target.func).iter().any(|touch| {
                touch.path.first() == Some(&name)
                    && argument(project, f, site.op, target.func, touch.param)
                        .is_some_and(|passed| chain_of(body, passed) == owner)
            })
        })
    });
    needed.then(|| "a called function reads the related row".into())
}

/// `Check.objects.filter(project__code=code)` where the project of that code was just loaded.
fn joined(project: &Project, f: FuncId, found: &mut Vec<(Place, Candidate)>) {
    let body = project.code().body(f);
    let mut loads = None;
    for (i, op) in body.ops.iter().enumerate() {
        let OpKind::Call { callee, args } = &op.kind else { continue };
        let Some(OpKind::Attr { name, .. }) = body.op(*callee).map(|op| &op.kind) else { continue };
        if !matches!(project.text(*name), "filter" | "get" | "exclude" | "aget") {
            continue;
        }
        let Ok(at) = u32::try_from(i).map(ValueId) else { continue };
        for arg in args {
            let ArgKind::Named(keyword) = arg.kind else { continue };
            let mut parts = project.text(keyword).split("__");
            let (Some(relation), Some(column), None) = (parts.next(), parts.next(), parts.next()) else { continue };
            // Django reads the key of a related row from the foreign key itself.
            if matches!(column, "id" | "pk") {
                continue;
            }
            let (Some(relation), Some(column)) = (project.sym(relation), project.sym(column)) else { continue };
            let model = match project.ty(f, at) {
                Type::Lib(_, elem, _) => project.type_of(*elem),
                ty => ty,
            };
            let Type::Inst(model, _) = *model else { continue };
            let Some(known) = project.relation(model, relation) else { continue };
            let (RelationKind::ToOne, false, Some(target)) = (known.kind, known.reverse, known.target) else {
                continue;
            };
            let key = key_of(project, f, arg.value);
            if !matches!(key, Key::Value(..)) {
                continue;
            }
            let loads = loads.get_or_insert_with(|| loads_of(project, f, HOW_DEEP));
            let load = loads.iter().find(|load| {
                !load.many
                    && load.op < at
                    && load.entity == Entity::Class(target)
                    && matches!(load.keys.as_slice(), [(by, with)] if *by == column && *with == key)
                    && !exclusive(project, f, load.op, at)
            });
            let Some(load) = load else { continue };
            // Only what gives the object can be used in its place.
            let given = gives(project, f, load.op, target);
            if given {
                let candidate = Candidate::Joined { load: load.op, entity: target, relation };
                found.push((place_of(project, f, at), candidate));
            }
        }
    }
}

/// Whether the call gives the object that it loads, alone or as part of a tuple.
fn gives(project: &Project, f: FuncId, op: ValueId, entity: ClassId) -> bool {
    let is = |ty: &Type| matches!(ty, Type::Inst(class, _) if *class == entity);
    if entity_at(project, f, op) == Some(Entity::Class(entity)) {
        return true;
    }
    match project.ty(f, op) {
        Type::Tuple(parts) => parts.iter().any(|part| is(project.type_of(*part))),
        ty => is(ty),
    }
}

fn judge_joined(cx: Cx<'_>, place: Place, load: ValueId, entity: ClassId, relation: Sym) -> Judgement {
    let project = cx.project;
    let f = place.func;
    let Some(op) = place.op else { return Judgement::Rejected("the query is not seen".into()) };
    let (name, relation) = (project.text(project.code().class(entity).name), project.text(relation));
    let mut facts = context_facts(cx, f);
    facts.table_used_context = true;
    Judgement::Confirmed(Box::new(Draft {
        place,
        severity: Severity::Medium,
        confidence: Confidence::High,
        message: format!(
            "`{}` joins `{relation}` to find a `{name}` again that `{}` gave already",
            project.describe(f, op),
            project.describe(f, load)
        ),
        recommendation: format!("Keep the loaded `{name}` and filter by it: `{relation}=…`"),
        effort: Effort::S,
        steps: vec![
            project.step(f, load, format!("`{name}` is loaded here by the same key")),
            project.step(f, op, "the query resolves the key once more by a join".to_owned()),
        ],
        evidence: vec![context_evidence(project, f)],
        facts,
    }))
}
