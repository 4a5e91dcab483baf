//! `query_in_loop`: a read that runs once per item of a loop.

use super::admin_columns::{self, Column};
use super::by_name::{self, ByName};
use super::consumed::{self, Consumed};
use super::in_loop::{inner_covers, looks_first, named_write, not_per_item, runs_elsewhere};
use super::kept_rows::{evaluated, given_loaded, keeps_rows, made_in_each_pass};
use super::listed::{self, Listed};
use super::loading::{Loaded, already, from_identity_map, is_told_elsewhere, loaded, of_param};
use super::narrowed::{self, Narrowed};
use super::nested::{self, Nested};
use super::per_row::{self, PerRow};
use super::rendered::{self, Rendered};
use super::resolvers::{self, Resolved};
use super::unseen::{self, Unseen};
use crate::analysis::{
    Chain, ClassId, FuncId, LoopFacts, Project, QueryFacts, Reach, Site, SiteKind, Touch, Type, argument,
    first_unloaded, given, query_origin, reach, relation_chain,
};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{
    confidence, context_evidence, context_facts, grade, loop_step, over, place_of, unless_done,
};
use crate::libraries::{Effects, RunContext};
use crate::model::{OpKind, Sym, ValueId};
use crate::report::model::{Confidence, Effort, Severity, Step};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct QueryInLoop;

/// What may be an N+1.
#[derive(Clone, Debug)]
pub enum Candidate {
    /// A site inside a loop.
    Looped(Box<Looped>),
    /// A list view and its serializer.
    Listed(Box<Listed>),
    /// Rows that a template loops over.
    Rendered(Box<Rendered>),
    /// Rows that a called function goes through.
    Consumed(Box<Consumed>),
    /// A query that rendering a listed row runs.
    PerRow(Box<PerRow>),
    /// A query that a resolver runs for each object of a list.
    Resolved(Box<Resolved>),
    /// A column that the query leaves out is read of each row.
    Narrowed(Box<Narrowed>),
    /// A relation of rows whose model is not among the files.
    Unseen(Box<Unseen>),
    /// A read of a repository that is not among the files.
    ByName(Box<ByName>),
    /// A loop through a relation of rows whose model is not among the files.
    Nested(Box<Nested>),
    /// A column of an admin list whose model is not among the files.
    Column(Box<Column>),
}

/// A site inside a loop.
#[derive(Clone, Debug)]
pub struct Looped {
    looped: LoopFacts,
    site: Site,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    /// The site runs a query.
    Query,
    /// The site reads a relation of the item.
    Relation(Vec<Sym>),
    /// The site asks anew, in each pass, for a relation of an object that stays the same.
    Again(Vec<Sym>),
    /// The site calls a function that reads a relation of the item.
    Touches(Touch, FuncId),
}

const READS: Effects = Effects(Effects::DB_READ.0 | Effects::DB_EXECUTE.0 | Effects::DB_REFRESH.0);
const WRITES: Effects =
    Effects(Effects::DB_INSERT.0 | Effects::DB_UPDATE.0 | Effects::DB_DELETE.0 | Effects::DB_MARK_DELETE.0);
/// A query that is further away is hardly about the item.
pub(super) const FARTHEST: usize = 6;

impl Check for QueryInLoop {
    const ID: &'static str = "query_in_loop";
    type Candidate = Candidate;

    fn candidates(cx: Cx<'_>) -> Candidates<Candidate> {
        let project = cx.project;
        let mut found = Vec::new();
        let mut loops = 0;
        let mut rendered = Vec::new();
        let mut any_query = false;
        for looped in project.loops() {
            loops += 1;
            for site in project.sites(looped.func) {
                if !looped.runs(site) || inner_covers(project, looped, site.op) || runs_elsewhere(site) {
                    continue;
                }
                if project.is_template(looped.func) && rendered::reads(cx, looped, site, &mut rendered) {
                    continue;
                }
                let effects = project.effects_of(site);
                any_query |= effects.any(Effects::ANY_QUERY);
                let looks = effects.any(WRITES) && looks_first(project, looped.func, site);
                if effects.any(WRITES) && !looks {
                    continue;
                }
                if effects.any(READS) {
                    found.push((looped, site, What::Query));
                } else if let SiteKind::Relation(_) = site.kind {
                    let (root, path) = relation_chain(project, looped.func, site.op);
                    if path.is_empty() {
                        continue;
                    }
                    if looped.holds(root) {
                        found.push((looped, site, What::Relation(path)));
                    } else if made_in_each_pass(project, looped, site) {
                        found.push((looped, site, What::Again(path)));
                    }
                } else if let Some((touch, target)) = touched(cx, looped, site) {
                    found.push((looped, site, What::Touches(touch, target)));
                }
            }
        }
        let listed = listed::candidates(cx);
        let per_row = per_row::candidates(cx);
        let resolved = resolvers::candidates(cx);
        let narrowed = narrowed::candidates(cx);
        let unseen = unseen::candidates(cx);
        let by_name = by_name::candidates(cx);
        let nested = nested::candidates(cx);
        let columns = admin_columns::candidates(cx);
        let mut consumed = consumed::candidates(cx);
        found.retain(|(looped, site, what)| !told_elsewhere(cx, looped, site, what, &mut consumed));
        // The loop of a reader may stand before the one that calls it.
        found.retain(|(looped, site, what)| {
            !matches!(what, What::Relation(_))
                || !consumed.readers.contains(&(looped.func, site.op))
                || !of_param(project, looped)
        });
        if !any_query
            && found.is_empty()
            && listed.is_empty()
            && rendered.is_empty()
            && consumed.found.is_empty()
            && per_row.is_empty()
            && resolved.is_empty()
            && narrowed.is_empty()
            && unseen.is_empty()
            && by_name.is_empty()
            && nested.is_empty()
            && columns.is_empty()
        {
            return Candidates::Nothing("no query was found inside or outside of loops");
        }
        // Read once, a relation stays with its object.
        let mut known: Vec<(FuncId, u32, &[Sym])> = Vec::new();
        let mut first = Vec::new();
        for (looped, _, what) in &found {
            let path = match what {
                What::Relation(path) => path,
                What::Touches(touch, _) => &touch.path,
                What::Query | What::Again(_) => {
                    first.push(true);
                    continue;
                }
            };
            let key = (looped.func, looped.region.0, path.as_slice());
            let again = known.iter().rev().take(40).any(|other| *other == key);
            first.push(!again);
            known.push(key);
        }
        let mut first = first.into_iter();
        found.retain(|_| first.next().unwrap_or(true));
        found.dedup_by(|a, b| a.0.region == b.0.region && a.0.func == b.0.func && a.1.op == b.1.op);
        let found = found
            .into_iter()
            .map(|(looped, site, what)| {
                let place = place_of(project, looped.func, site.op);
                let looped = Looped { looped: looped.clone(), site: site.clone(), what };
                (place, Candidate::Looped(Box::new(looped)))
            })
            .chain(
                rendered.into_iter().map(|rendered| (rendered.place(project), Candidate::Rendered(Box::new(rendered)))),
            )
            .chain(
                consumed
                    .found
                    .into_iter()
                    .map(|consumed| (consumed.place(project), Candidate::Consumed(Box::new(consumed)))),
            )
            .chain(per_row.into_iter().map(|found| (found.place(project), Candidate::PerRow(Box::new(found)))))
            .chain(resolved.into_iter().map(|found| (found.place(project), Candidate::Resolved(Box::new(found)))))
            .chain(narrowed.into_iter().map(|(place, found)| (place, Candidate::Narrowed(Box::new(found)))))
            .chain(unseen.into_iter().map(|(place, found)| (place, Candidate::Unseen(Box::new(found)))))
            .chain(columns.into_iter().map(|(place, found)| (place, Candidate::Column(Box::new(found)))))
            .chain(nested.into_iter().map(|(place, found)| (place, Candidate::Nested(Box::new(found)))))
            .chain(by_name.into_iter().map(|(place, found)| (place, Candidate::ByName(Box::new(found)))))
            .chain(listed.into_iter().map(|(place, listed)| (place, Candidate::Listed(Box::new(listed)))))
            .collect();
        Candidates::Found(found, format!("{loops} loops"))
    }

    fn judge(cx: Cx<'_>, place: Place, candidate: &Candidate) -> Judgement {
        let project = cx.project;
        let looped = match candidate {
            Candidate::Looped(looped) => looped,
            Candidate::Listed(found) => return listed::judge(cx, place, found),
            Candidate::Rendered(found) => return rendered::judge(cx, place, found),
            Candidate::Consumed(found) => return consumed::judge(cx, place, found),
            Candidate::PerRow(found) => return per_row::judge(cx, place, found),
            Candidate::Resolved(found) => return resolvers::judge(cx, place, found),
            Candidate::Narrowed(found) => return narrowed::judge(cx, place, found),
            Candidate::Unseen(found) => return unseen::judge(cx, place, found),
            Candidate::ByName(found) => return by_name::judge(cx, place, found),
            Candidate::Nested(found) => return nested::judge(cx, place, found),
            Candidate::Column(found) => return admin_columns::judge(cx, place, found),
        };
        let Looped { looped, site, what } = &**looped;
        if let Some(reason) = not_per_item(cx, looped, site, false) {
            return Judgement::Rejected(reason);
        }
        let f = looped.func;
        let mut steps = vec![loop_step(project, looped)];
        let mut by_name = false;
        // The rows' own query is not among the files: it may have loaded the relation.
        let mut untold = false;
        let (what_runs, advice) = match what {
            What::Query => {
                if project.only_on_failure(f, site.op, looped.start) {
                    return Judgement::Rejected("it runs only for items that fail".into());
                }
                let Some(chain) = project.usual_path(f, site, READS) else {
                    return Judgement::Rejected("the query runs only on failure or with other arguments".into());
                };
                let (g, end) = &chain.end;
                if keeps_rows(project, looped, site, &chain) {
                    return Judgement::Rejected("the queryset keeps its rows after the first pass".into());
                }
                if per_row::counts_loaded(project, *g, end) {
                    return Judgement::Rejected("the rows that are counted were loaded with their owner".into());
                }
                if let Some((relation, rows)) = per_row::maybe_loaded(project, *g, end) {
                    if *g != f || is_told_elsewhere(project, f, rows, &[relation]) {
                        let reason = "how the object that owns the rows was loaded is not seen here";
                        return Judgement::Rejected(reason.into());
                    }
                    untold = true;
                }
                if per_row::loaded_by_name(project, *g, end) {
                    let reason = "a query of the project loads such a relation: how this row was loaded is not seen";
                    return Judgement::Rejected(reason.into());
                }
                if let Some(reason) = by_its_relation(cx, looped, site, &chain) {
                    return reason;
                }
                if named_write(project, f, &chain) {
                    return Judgement::Rejected(
                        "the statement cannot be read; by its function's name it writes".into(),
                    );
                }
                let Chain { steps: path, by_name: named, .. } = chain;
                if from_identity_map(cx, looped, site) {
                    let reason = "the rows were loaded into the same session before: the identity map answers";
                    return Judgement::Rejected(reason.into());
                }
                if path.len() > FARTHEST {
                    return Judgement::Rejected(format!("the query is {} calls away", path.len() - 1));
                }
                by_name = named;
                steps.extend(path);
                (
                    format!("{} runs a query for each item", project.site_name(f, site)),
                    "Collect the keys, run one query for all of them before the loop, and look rows up in a dict"
                        .to_owned(),
                )
            }
            What::Relation(path) => {
                match loaded(cx, f, site.op, path) {
                    Loaded::No => {}
                    Loaded::Unseen if !is_told_elsewhere(project, f, site.op, path) => untold = true,
                    Loaded::Unseen => {
                        return Judgement::Rejected("how the rows were loaded is not seen here".into());
                    }
                    Loaded::Yes(reason) => return reason,
                }
                let relation = words(cx, path);
                steps.push(project.step(f, site.op, format!("{} loads the relation", project.site_name(f, site))));
                (
                    format!("{} loads relation `{relation}` for each item", project.site_name(f, site)),
                    format!("Load `{relation}` with the rows: {}", loading(cx, f, site.op, &relation)),
                )
            }
            What::Again(path) => {
                match loaded(cx, f, site.op, path) {
                    Loaded::No if !given_loaded(project, f, site.op, path) => {}
                    Loaded::No | Loaded::Unseen => {
                        return Judgement::Rejected("how the object was loaded is not seen here".into());
                    }
                    Loaded::Yes(reason) => return reason,
                }
                steps.push(project.step(f, site.op, format!("{} asks again", project.site_name(f, site))));
                (
                    format!("evaluating {} runs the same query for each item", project.site_name(f, site)),
                    "Evaluate it once before the loop and keep the rows: `rows = set(…)`".to_owned(),
                )
            }
            What::Touches(touch, target) => {
                if let Some(reason) = loaded_for(cx, f, site, touch) {
                    return reason;
                }
                let relation = words(cx, &touch.path);
                steps.extend(touch_steps(cx, f, site, touch, *target));
                (
                    format!("{} loads relation `{relation}` for each item", project.site_name(f, site)),
                    format!("Load `{relation}` with the rows: {}", loading(cx, f, site.op, &relation)),
                )
            }
        };
        let severity = grade(project, f, Severity::High, Severity::Medium, Severity::Low);
        let mut facts = context_facts(cx, f);
        facts.hot |= matches!(project.context(f), RunContext::Request | RunContext::Stream);
        facts.table_used_context = true;
        let over = over(project, looped);
        let draft = Draft {
            place,
            severity,
            confidence: confidence(project, f, by_name),
            message: format!("{what_runs} of {over} (N+1)"),
            recommendation: advice,
            effort: Effort::M,
            steps,
            evidence: vec![context_evidence(project, f)],
            facts,
        };
        if untold {
            let draft = Draft { confidence: Confidence::Low, ..draft };
            let missing = "how the rows were loaded is not among the files: the relation may come with them";
            return Judgement::NeedsContext(Box::new(draft), missing.into());
        }
        if draft.confidence == Confidence::Low {
            return Judgement::NeedsContext(Box::new(draft), "the callee was found by its name only".into());
        }
        unless_done(project, draft)
    }
}

/// The relation is read of rows whose query is seen: that query, which could load it, tells of it.
fn told_elsewhere(cx: Cx<'_>, looped: &LoopFacts, site: &Site, what: &What, told: &mut consumed::All) -> bool {
    let project = cx.project;
    let f = looped.func;
    let (path, reader) = match what {
        What::Query | What::Again(_) => return false,
        What::Relation(path) => (path, None),
        What::Touches(touch, reader) => (&touch.path, Some((touch, *reader))),
    };
    let Some(iter) = looped.iter else { return false };
    if project.is_template(f) || not_per_item(cx, looped, site, false).is_some() {
        return false;
    }
    let Reach { root, path: rows, .. } = reach(project, f, iter);
    if matches!(project.code().op(f, root).map(|op| &op.kind), Some(OpKind::Param(_))) {
        return told.readers.contains(&(f, site.op));
    }
    let Some(row) = looped.element else { return false };
    let Some((model, query)) = row_query(project, f, row) else { return false };
    // Rows of a relation that its owner's query does not load have a query of their own.
    let owned = row_query(project, f, root).is_some_and(|(_, owner)| owner.loader(&rows).is_some());
    if !rows.is_empty() && !owned {
        return false;
    }
    let origin = query_origin(project, f, root);
    let unsure = query.loads_unknown || project.maybe_loaded_with_owner(query, path);
    if unsure || first_unloaded(project, model, query, path, 0).is_none() {
        return false;
    }
    let mut steps = vec![loop_step(project, looped)];
    match reader {
        Some((touch, reader)) => {
            told.readers.extend(consumed::readers(project, path, reader));
            steps.extend(touch_steps(cx, f, site, touch, reader));
        }
        None => steps.push(project.step(f, site.op, format!("{} loads the relation", project.site_name(f, site)))),
    }
    told.note((f, site.op), origin, path.clone(), None, steps);
    true
}

/// A relation that a called function reads of this loop's item: one that the item's query does not load,
/// else any.
pub(super) fn touched(cx: Cx<'_>, looped: &LoopFacts, site: &Site) -> Option<(Touch, FuncId)> {
    let project = cx.project;
    let f = looped.func;
    let mut in_memory = None;
    for given in given(project, f, site) {
        let (root, mut path) = relation_chain(project, f, given.value);
        if !looped.holds(root) {
            continue;
        }
        path.extend(given.path.iter().copied());
        let Some((model, query)) = row_query(project, f, root) else { continue };
        if query.loads_unknown || project.maybe_loaded_with_owner(query, &path) {
            continue;
        }
        let touch = |path| Touch { param: 0, path, each: None, op: given.op, callee: None };
        match first_unloaded(project, model, query, &path, 0) {
            Some(path) if !given.switched_off(project) => {
                return Some((touch(path), given.reader));
            }
            None if query.loader(&path).is_none() && !is_known_path(project, model, &path) => {
                return Some((touch(path), given.reader));
            }
            _ if query.loader(&path).is_some() => {
                in_memory = in_memory.or_else(|| Some((touch(path), given.reader)));
            }
            _ => {}
        }
    }
    in_memory
}

/// Whether the model graph knows every hop.
pub(super) fn is_known_path(project: &Project, model: ClassId, path: &[Sym]) -> bool {
    let mut at = Some(model);
    path.iter().all(|name| {
        let relation = at.and_then(|class| project.relation(class, *name));
        at = relation.and_then(|relation| relation.target);
        relation.is_some()
    })
}

/// The model and the query of a row.
pub(super) fn row_query(project: &Project, f: FuncId, row: ValueId) -> Option<(ClassId, &QueryFacts)> {
    match project.ty(f, row) {
        Type::Inst(model, query) => Some((*model, project.query_facts(*query)?)),
        _ => None,
    }
}

/// The called function goes through a relation of the item that it is given, `sorted(row.tags.all())`: whether
/// that runs a query is decided by how the row was loaded.
fn by_its_relation(cx: Cx<'_>, looped: &LoopFacts, site: &Site, chain: &Chain) -> Option<Judgement> {
    let project = cx.project;
    let (f, (g, end)) = (looped.func, &chain.end);
    let direct = *g != f && site.targets.iter().any(|target| target.func == *g);
    let body = project.code().body(*g);
    let rows = evaluated(project, *g, end).filter(|_| direct)?;
    let OpKind::Call { callee, args } = &body.op(rows)?.kind else { return None };
    let OpKind::Attr { base, name } = body.op(*callee)?.kind else { return None };
    if !args.is_empty() || project.text(name) != "all" {
        return None;
    }
    let (root, path) = relation_chain(project, *g, base);
    let OpKind::Param(param) = body.op(root)?.kind else { return None };
    let given = argument(project, f, site.op, *g, param)?;
    let (item, mut whole) = relation_chain(project, f, given);
    if path.is_empty() || !looped.holds(item) {
        return None;
    }
    whole.extend(path);
    let unseen = || Judgement::Rejected("how the rows were loaded is not seen here".into());
    let Some((_, query)) = row_query(project, f, item) else { return Some(unseen()) };
    if query.loads_unknown || project.maybe_loaded_with_owner(query, &whole) {
        return Some(unseen());
    }
    query.loader(&whole).map(|loader| already(cx, &whole, loader))
}

/// Likewise for a relation that a called function reads of its argument.
fn loaded_for(cx: Cx<'_>, f: FuncId, site: &Site, touch: &Touch) -> Option<Judgement> {
    let project = cx.project;
    let loader = given(project, f, site).into_iter().find_map(|given| {
        let (root, _) = relation_chain(project, f, given.value);
        row_query(project, f, root)?.1.loader(&touch.path)
    });
    Some(already(cx, &touch.path, loader?))
}

pub(super) fn words(cx: Cx<'_>, path: &[Sym]) -> String {
    path.iter().map(|s| cx.project.text(*s)).collect::<Vec<_>>().join(".")
}

/// The API that loads a relation for this project's ORM.
pub(super) fn loading(cx: Cx<'_>, f: FuncId, op: ValueId, relation: &str) -> String {
    let project = cx.project;
    let (root, _) = relation_chain(project, f, op);
    let django = match project.ty(f, root) {
        Type::Inst(class, _) => project.inherits(*class, "django.db.models.Model"),
        _ => project.sym("django.db.models.Model").is_some(),
    };
    if django {
        format!("`select_related(\"{}\")`, or `prefetch_related` for a to-many relation", relation.replace('.', "__"))
    } else {
        format!("`options(selectinload(…{relation}))`")
    }
}

pub(super) fn touch_steps(cx: Cx<'_>, f: FuncId, site: &Site, touch: &Touch, target: FuncId) -> Vec<Step> {
    let project = cx.project;
    let mut steps = vec![project.step(f, site.op, format!("calls `{}`", called_name(cx, f, site, target)))];
    steps.extend(reading_steps(cx, &touch.path, target));
    steps
}

/// What the site calls that has `reader` run: itself, or what is handed the reader.
fn called_name(cx: Cx<'_>, f: FuncId, site: &Site, reader: FuncId) -> String {
    let project = cx.project;
    if site.targets.iter().any(|target| target.func == reader) {
        project.func_name(reader).to_owned()
    } else {
        format!("{}` with `{}", project.site_name(f, site).trim_matches('`'), project.func_name(reader))
    }
}

/// From the function that is given the row to the place that reads its relation.
pub(super) fn reading_steps(cx: Cx<'_>, path: &[Sym], reader: FuncId) -> Vec<Step> {
    let project = cx.project;
    let mut steps = Vec::new();
    let mut at = reader;
    let mut path = path.to_vec();
    for _ in 0..4 {
        let own = project.touches(at).iter().find(|t| path.ends_with(&t.path) || t.path.ends_with(&path));
        let Some(own) = own.cloned() else { break };
        match own.callee {
            Some(next) => {
                steps.push(project.step(at, own.op, format!("calls `{}`", project.func_name(next))));
                at = next;
                path = own.path;
            }
            None => {
                steps.push(project.step(at, own.op, format!("`{}` loads the relation", project.describe(at, own.op))));
                break;
            }
        }
    }
    steps
}
