//! `redundant_fetch`: the same entity is loaded again although the code holds it.

use crate::analysis::{FuncId, Key, Load, Project, SiteKind, argument, entity_at, entity_of, key_of, loads_of};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_evidence, context_facts, grade, place_of};
use crate::libraries::{Effects, Place as Where};
use crate::model::{OpKind, RegionKind, ValueId};
use crate::report::model::{Effort, Severity};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct RedundantFetch;

/// A second load.
#[derive(Clone, Debug)]
pub struct Candidate {
    first: First,
    second: Load,
}

#[derive(Clone, Debug)]
enum First {
    /// The same load before.
    Load(ValueId),
    /// A value that is the entity.
    Held(ValueId),
    /// The same call of the same function before.
    Call(ValueId, FuncId),
}

const CHANGES: Effects = Effects(
    Effects::ANY_WRITE.0
        | Effects::DB_ADD.0
        | Effects::DB_MARK_DELETE.0
        | Effects::DB_FLUSH.0
        | Effects::DB_REFRESH.0
        | Effects::COMMIT.0
        | Effects::ROLLBACK.0,
);
const HOW_DEEP: u32 = 2;

impl Check for RedundantFetch {
    const ID: &'static str = "redundant_fetch";
    type Candidate = Candidate;

    fn candidates(cx: Cx<'_>) -> Candidates<Candidate> {
        let project = cx.project;
        let mut found = Vec::new();
        let mut loads_seen = 0;
        for f in project.code().func_ids() {
            if !project.summary(f).effects.any(Effects::DB_READ.with(Effects::DB_EXECUTE)) {
                continue;
            }
            let loads = loads_of(project, f, HOW_DEEP);
            loads_seen += loads.len();
            for (i, second) in loads.iter().enumerate() {
                let before = loads.iter().take(i).find(|first| {
                    first.op < second.op
                        && first.entity == second.entity
                        && first.keys == second.keys
                        && !exclusive(project, f, first.op, second.op)
                });
                let first = match before {
                    Some(first) => Some(First::Load(first.op)),
                    None => held(project, f, second).map(First::Held),
                };
                if let Some(first) = first
                    && !found
                        .iter()
                        .any(|(place, _): &(Place, Candidate)| place.func == f && place.op == Some(second.op))
                {
                    found.push((place_of(project, f, second.op), Candidate { first, second: second.clone() }));
                }
            }
            repeated_calls(project, f, &mut found);
        }
        if loads_seen == 0 && found.is_empty() {
            return Candidates::Nothing("no row is loaded by key");
        }
        Candidates::Found(found, format!("{loads_seen} loads by key"))
    }

    fn judge(cx: Cx<'_>, place: Place, candidate: &Candidate) -> Judgement {
        let project = cx.project;
        let f = place.func;
        let second = &candidate.second;
        let (from, what) = match candidate.first {
            First::Load(op) => (op, "is loaded here first"),
            First::Held(op) => (op, "is held here already"),
            First::Call(op, _) => (op, "is loaded here first"),
        };
        if second.locks {
            return Judgement::Rejected("the second load takes a row lock".into());
        }
        if let Some(reason) = changed_between(project, f, from, second.op) {
            return Judgement::Rejected(reason);
        }
        if second.session_get.is_some() && same_session(project, f, from, second) {
            return Judgement::Rejected("an identity map answers: the same session loaded the row before".into());
        }
        let entity = match second.entity {
            crate::analysis::Entity::Class(class) => project.text(project.code().class(class).name).to_owned(),
            crate::analysis::Entity::Named(name) => project.text(name).rsplit('.').next().unwrap_or("row").to_owned(),
        };
        let (entity, site) = match candidate.first {
            First::Call(_, g) => (format!("the result of `{}`", project.func_name(g)), project.describe(f, second.op)),
            _ => (format!("`{entity}`"), project.describe(f, second.op)),
        };
        let mut steps = vec![project.step(f, from, format!("{entity} {what}"))];
        let reads = Effects::DB_READ.with(Effects::DB_EXECUTE);
        let mut by_name = false;
        if let Some((path, named)) = project.sites_at(f, second.op).find_map(|site| project.path_to(f, site, reads)) {
            by_name = named;
            steps.extend(path);
        }
        let message = match candidate.first {
            First::Held(v) => {
                format!("`{site}` loads {entity} again although `{}` holds it", project.describe(f, v))
            }
            _ => format!("`{site}` loads {entity} a second time by the same key"),
        };
        let mut facts = context_facts(cx, f);
        facts.table_used_context = true;
        Judgement::Confirmed(Box::new(Draft {
            place,
            severity: grade(project, f, Severity::High, Severity::Medium, Severity::Low),
            confidence: confidence(project, f, by_name),
            message,
            recommendation: match second.callee {
                Some(g) => format!("Pass the loaded object to `{}` instead of its key", project.func_name(g)),
                None => "Reuse the object that was loaded before".to_owned(),
            },
            effort: Effort::S,
            steps,
            evidence: vec![context_evidence(project, f)],
            facts,
        }))
    }
}

/// The value that already is the entity whose key is used.
fn held(project: &Project, f: FuncId, load: &Load) -> Option<ValueId> {
    let [(column, Key::Value(root, path))] = load.keys.as_slice() else { return None };
    let [last] = path.as_slice() else { return None };
    let name = project.text(*last);
    if !matches!(name, "id" | "pk") && last != column {
        return None;
    }
    if name != "id" && name != "pk" && project.text(*column) != name {
        return None;
    }
    (entity_at(project, f, *root) == Some(load.entity)).then_some(*root).filter(|root| {
        // A row made here by its constructor is not in the database yet.
        let body = project.code().body(f);
        !matches!(body.op(*root).map(|op| &op.kind), Some(OpKind::Call { callee, .. })
            if entity_of(project.ty(f, *callee)) == Some(load.entity))
    })
}

/// The same project function called twice with the same arguments, reading and not writing.
fn repeated_calls(project: &Project, f: FuncId, found: &mut Vec<(Place, Candidate)>) {
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
        let first = sites.iter().take(i).find(|first| {
            first.targets == second.targets
                && first.op < second.op
                && arguments(project, f, first.op, target.func, params).as_ref() == Some(&keys)
                && !exclusive(project, f, first.op, second.op)
        });
        let Some(first) = first else { continue };
        if found.iter().any(|(place, _)| place.func == f && place.op == Some(second.op)) {
            continue;
        }
        let load = Load {
            op: second.op,
            entity: crate::analysis::Entity::Named(project.code().func(target.func).name),
            keys: Vec::new(),
            callee: None,
            locks: false,
            session_get: None,
        };
        let candidate = Candidate { first: First::Call(first.op, target.func), second: load };
        found.push((place_of(project, f, second.op), candidate));
    }
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
    telling.then_some(keys)
}

/// The two ops stand in different arms of one branch, or the first in a handler.
fn exclusive(project: &Project, f: FuncId, first: ValueId, second: ValueId) -> bool {
    let body = project.code().body(f);
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
fn changed_between(project: &Project, f: FuncId, first: ValueId, second: ValueId) -> Option<String> {
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
        } else {
            continue;
        };
        return Some(words.to_owned());
    }
    None
}

/// Whether the held row was loaded by the session that the second load asks.
fn same_session(project: &Project, f: FuncId, from: ValueId, second: &Load) -> bool {
    let body = project.code().body(f);
    let Some(session) = second.session_get else { return false };
    // Some statement before used that very session.
    let session = crate::analysis::source_of(body, session);
    let used = project.sites(f).iter().any(|site| {
        let Some(OpKind::Call { callee, args }) = body.op(site.op).map(|op| &op.kind) else { return false };
        let receiver = match body.op(*callee).map(|op| &op.kind) {
            Some(OpKind::Attr { base, .. }) => Some(crate::analysis::source_of(body, *base)),
            _ => None,
        };
        site.op < second.op
            && (receiver == Some(session)
                || args.iter().any(|arg| crate::analysis::source_of(body, arg.value) == session))
    });
    let _ = from;
    used
}
