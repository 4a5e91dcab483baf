//! `redundant_fetch`: the same entity is loaded again although the code holds it.

use super::refetch::{
    CHANGES, asked_again, asked_alike, changed_between, exclusive, existence_on_failure, held, joined, just_written,
    on_purpose, repeated_calls, same_session,
};
use super::view_object;
use crate::analysis::{FuncId, Load, loads_of};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_evidence, context_facts, grade, place_of, unless_done};
use crate::libraries::{Effects, RunContext};
use crate::model::{OpKind, Sym, ValueId};
use crate::report::model::{Confidence, Effort, Severity};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct RedundantFetch;

/// A second load.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub(super) first: First,
    pub(super) second: Load,
    /// Further loads of the same.
    pub(super) more: Vec<ValueId>,
}

/// What makes the second load redundant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum First {
    /// The same load before.
    Load(ValueId),
    /// A value that is the entity.
    Held(ValueId),
    /// A row that was loaded together with this relation.
    Joined(ValueId, Sym),
    /// The same call of the same function before.
    Call(ValueId, FuncId),
    /// The object that was just written from here.
    Written(ValueId),
    /// The object whose write failed: the load only picks an exception.
    Failed(ValueId),
    /// The object of the view: the same call before, or none where the view holds it.
    Object(Option<ValueId>),
}

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
                        && first.many == second.many
                        && first.among == second.among
                        && asked_alike(project, f, first, second)
                        && !exclusive(project, f, first.op, second.op)
                });
                let first = match before {
                    Some(first) => Some(First::Load(first.op)),
                    None => held(project, f, second)
                        .map(First::Held)
                        .or_else(|| joined(project, f, second).map(|(row, relation)| First::Joined(row, relation)))
                        .or_else(|| just_written(project, f, second).map(First::Written)),
                };
                let first = existence_on_failure(project, f, second).map(First::Failed).or(first);
                let Some(first) = first else { continue };
                if matches!(first, First::Load(op) if asked_again(project, f, op, second.op)) {
                    continue;
                }
                if found.iter().any(|(place, _): &(Place, Candidate)| place.func == f && place.op == Some(second.op)) {
                    continue;
                }
                // Several loads of one row are one finding.
                let same = found.iter_mut().find(|(place, known): &&mut (Place, Candidate)| {
                    place.func == f
                        && known.first == first
                        && known.second.keys == second.keys
                        && known.second.entity == second.entity
                });
                match same {
                    Some((_, known)) if changed_between(project, f, known.second.op, second.op).is_none() => {
                        known.more.push(second.op);
                    }
                    _ => {
                        let candidate = Candidate { first, second: second.clone(), more: Vec::new() };
                        found.push((place_of(project, f, second.op), candidate));
                    }
                }
            }
            repeated_calls(project, f, &mut found);
        }
        view_object::candidates(project, &mut found);
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
            First::Load(op) | First::Call(op, _) => (op, "is loaded here first"),
            First::Held(op) => (op, "is held here already"),
            First::Joined(op, _) => (op, "is loaded here with the row that refers to it"),
            First::Written(op) => (op, "is made here and written"),
            First::Failed(op) => (op, "is held here, and its write failed"),
            First::Object(Some(op)) => (op, "is loaded here first"),
            First::Object(None) => (second.op, "is in `self.object` already"),
        };
        if second.locks {
            return Judgement::Rejected("the second load takes a row lock".into());
        }
        let (inner, at) = second.place;
        if let Some(reason) = on_purpose(project, f, second.op).or_else(|| on_purpose(project, inner, at)) {
            return Judgement::Rejected(reason);
        }
        if let First::Held(_) = candidate.first {
            if second.asks {
                return Judgement::Rejected("it asks whether there is such a row and loads none".into());
            }
            if second.loads_more {
                return Judgement::Rejected("it loads relations that the held row may lack".into());
            }
        }
        if !matches!(candidate.first, First::Written(_) | First::Failed(_)) {
            let loads = matches!(candidate.first, First::Load(_) | First::Call(..));
            if let Some(reason) = changed_between(project, f, from, second.op) {
                return Judgement::Rejected(reason);
            }
            if loads && project.sites_at(f, from).any(|site| project.effects_of(site).any(CHANGES)) {
                return Judgement::Rejected("the first call also writes".into());
            }
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
            First::Object(_) => ("the object of the view".to_owned(), project.describe(f, second.op)),
            _ => (format!("`{entity}`"), project.describe(f, second.op)),
        };
        let mut steps = vec![project.step(f, from, format!("{entity} {what}"))];
        let reads = Effects::DB_READ.with(Effects::DB_EXECUTE);
        let mut by_name = false;
        if let Some((path, named)) = project.sites_at(f, second.op).find_map(|site| project.path_to(f, site, reads)) {
            by_name = named;
            steps.extend(path);
        }
        for op in &candidate.more {
            steps.push(project.step(f, *op, format!("`{}` loads it once more", project.describe(f, *op))));
        }
        let message = match candidate.first {
            First::Held(v) => {
                format!("`{site}` loads {entity} again although {} holds it", holder(cx, f, v))
            }
            First::Joined(v, relation) => {
                let holder = format!("{}.{}`", holder(cx, f, v).trim_end_matches('`'), project.text(relation));
                format!("`{site}` loads {entity} again although {holder} was loaded with its row")
            }
            First::Written(v) => {
                format!("`{site}` selects {entity} again right after {} was written", holder(cx, f, v))
            }
            First::Object(Some(_)) => format!("`{site}` loads {entity} a second time"),
            First::Object(None) => format!("`{site}` loads {entity} again although `self.object` holds it"),
            First::Failed(_) => {
                format!("`{site}` loads {entity} after its write failed, only to choose the exception")
            }
            _ => format!("`{site}` loads {entity} a second time by the same key"),
        };
        let mut facts = context_facts(cx, f);
        facts.table_used_context = true;
        let draft = Draft {
            place,
            severity: grade(project, f, Severity::High, Severity::Medium, Severity::Low),
            confidence: confidence(project, f, by_name),
            message,
            recommendation: match second.callee {
                _ if matches!(candidate.first, First::Written(_)) => {
                    "Keep the object that was written; call `session.refresh(object)` where defaults of the database are needed"
                        .to_owned()
                }
                _ if matches!(candidate.first, First::Failed(_)) => {
                    "Raise one exception for both cases, or tell them apart by what the failed write reports".to_owned()
                }
                _ if matches!(candidate.first, First::Object(Some(_))) => {
                    "Keep the object in a variable; a generic view of Django has it in `self.object`".to_owned()
                }
                _ if matches!(candidate.first, First::Object(None)) => "Read `self.object`".to_owned(),
                _ if matches!(candidate.first, First::Joined(..)) => {
                    "Read the relation of the row, which is in memory".to_owned()
                }
                Some(_) if matches!(candidate.first, First::Held(_)) && second.keys.is_empty() => {
                    "Return the object that is held instead of loading it by its key".to_owned()
                }
                Some(g) => format!("Pass the loaded object to `{}` instead of its key", project.func_name(g)),
                None => "Reuse the object that was loaded before".to_owned(),
            },
            effort: Effort::S,
            steps,
            evidence: vec![context_evidence(project, f)],
            facts,
        };
        if draft.confidence == Confidence::Low {
            return Judgement::NeedsContext(Box::new(draft), "the callee was found by its name only".into());
        }
        if draft.severity == Severity::Low && project.context(f) == RunContext::Script {
            let missing = "how often the command runs is not seen";
            return Judgement::NeedsContext(Box::new(draft), missing.into());
        }
        unless_done(project, draft)
    }
}

/// The name of what holds the entity: a variable, or what an unpacked call gives.
fn holder(cx: Cx<'_>, f: FuncId, v: ValueId) -> String {
    let body = cx.project.code().body(f);
    let named = body.ops.iter().find_map(|op| match op.kind {
        OpKind::Bind { name, value } if value == v => Some(cx.project.text(name).to_owned()),
        _ => None,
    });
    format!("`{}`", named.unwrap_or_else(|| cx.project.describe(f, v)))
}
