//! Rows that a called function goes through and reads relations of, which their query does not load:
//! mappers, presenters, `paginate(rows, serialize)`.

use super::query_in_loop::{reading_steps, words};
use crate::analysis::{FuncId, Project, QueryFacts, Reach, Type, first_unloaded, given, query_origin, reaches};
use crate::checks::check::{Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_evidence, context_facts, grade, place_of_loading, unless_done};
use crate::libraries::RunContext;
use crate::model::{OpKind, Sym, ValueId};
use crate::order::InOrder as _;
use crate::report::model::{Effort, Severity, Step};
use std::collections::BTreeSet;

/// A query and the relations that are read of each of its rows elsewhere.
#[derive(Clone, Debug)]
pub struct Consumed {
    /// The function that hands the rows on, and the call.
    at: (FuncId, ValueId),
    /// Where the query stands.
    origin: (FuncId, ValueId),
    reads: Vec<Read>,
}

#[derive(Clone, Debug)]
struct Read {
    path: Vec<Sym>,
    /// Loaded with the rows by this.
    loader: Option<Sym>,
    steps: Vec<Step>,
}

impl Consumed {
    /// Where the finding stands: at the query that could load the relation.
    pub(super) fn place(&self, project: &Project) -> Place {
        let read = self.reads.iter().find(|read| read.loader.is_none());
        place_of_loading(project, self.origin.0, self.origin.1, read.map_or(&[], |read| &read.path))
    }
}

/// All of them, and the functions that read.
#[derive(Debug, Default)]
pub(super) struct All {
    pub(super) found: Vec<Consumed>,
    /// The ops that read, on the way from the rows to the relation.
    pub(super) readers: BTreeSet<(FuncId, ValueId)>,
}

impl All {
    /// Notes a relation that is read of each row of the query at `origin`.
    pub(super) fn note(
        &mut self,
        at: (FuncId, ValueId),
        origin: (FuncId, ValueId),
        path: Vec<Sym>,
        loader: Option<Sym>,
        steps: Vec<Step>,
    ) {
        let read = Read { path, loader, steps };
        match self.found.iter_mut().find(|known| known.origin == origin) {
            Some(known) if known.reads.iter().any(|r| r.path == read.path) => {}
            Some(known) => known.reads.push(read),
            None => self.found.push(Consumed { at, origin, reads: vec![read] }),
        }
    }
}

/// All queries whose rows are handed to a function that goes through them.
pub(super) fn candidates(cx: Cx<'_>) -> All {
    let project = cx.project;
    let mut out = All::default();
    for f in project.code().func_ids() {
        if project.is_template(f) {
            continue;
        }
        for site in project.sites(f).iter().filter(|site| !site.targets.is_empty()) {
            if site.targets.iter().any(|target| target.by_name || project.is_template(target.func)) {
                continue;
            }
            for given in given(project, f, site) {
                let Some(behind) = given.each else { continue };
                for part in reaches(project, f, given.value) {
                    let Reach { root, mut path, each: here } = part;
                    // A loop of this function is judged as such; a parameter by the callers.
                    if here.is_some() || is_param(project, f, root) || is_display(project, f, root) {
                        continue;
                    }
                    let each = behind + path.len();
                    path.extend(given.path.iter().copied());
                    let Some((model, query)) = rows(project, f, root, each) else { continue };
                    // Rows of a relation that its owner's query does not load have a query of their own.
                    let own = each > 0 && path.get(..each).is_none_or(|rows| query.loader(rows).is_none());
                    if own {
                        continue;
                    }
                    let loader = query.loader(&path);
                    let missing = first_unloaded(project, model, query, &path, each);
                    if missing.is_none() && loader.is_none() || given.switched_off(project) {
                        continue;
                    }
                    let (path, loader) = missing.map_or((path, loader), |path| (path, None));
                    out.readers.extend(readers(project, &path, given.reader));
                    let through = format!("`{}` goes through them", project.describe(f, site.op));
                    let mut steps = vec![project.step(f, site.op, through)];
                    steps.extend(reading_steps(cx, &path, given.reader));
                    out.note((f, site.op), query_origin(project, f, root), path, loader, steps);
                }
            }
        }
    }
    out
}

/// The ops on the way to the read.
pub(super) fn readers(project: &Project, path: &[Sym], reader: FuncId) -> Vec<(FuncId, ValueId)> {
    let mut out = Vec::new();
    let mut at = reader;
    for _ in 0..4 {
        let next = project.touches(at).iter().find(|t| path.ends_with(&t.path) || t.path.ends_with(path));
        let Some(next) = next else { break };
        out.push((at, next.op));
        let Some(callee) = next.callee else { break };
        at = callee;
    }
    out
}

fn is_param(project: &Project, f: FuncId, v: ValueId) -> bool {
    matches!(project.code().op(f, v).map(|op| &op.kind), Some(OpKind::Param(_)))
}

/// `render([order])`: the rows that stand there, not those of a query.
fn is_display(project: &Project, f: FuncId, v: ValueId) -> bool {
    matches!(project.code().op(f, v).map(|op| &op.kind), Some(OpKind::Collection { items, .. }) if !items.is_empty())
}

/// The query of rows, or of the object that the rows hang on.
fn rows(project: &Project, f: FuncId, v: ValueId, each: usize) -> Option<(crate::analysis::ClassId, &QueryFacts)> {
    let of_row = |ty: &Type| match ty {
        Type::Inst(model, query) if query.is_known() => Some((*model, *query)),
        _ => None,
    };
    let (model, query) = match project.ty(f, v) {
        Type::Lib(_, elem, query) if each == 0 => {
            let (model, own) = match project.type_of(*elem) {
                Type::Inst(model, own) => (*model, *own),
                _ => return None,
            };
            (model, if query.is_known() { *query } else { own })
        }
        Type::List(elem) | Type::Set(elem) | Type::Iter(elem) if each == 0 => of_row(project.type_of(*elem))?,
        ty if each > 0 => of_row(ty)?,
        _ => return None,
    };
    project.orm().is_model(model).then_some(())?;
    Some((model, project.query_facts(query)?))
}

/// Confirmed when a relation is not loaded.
pub(super) fn judge(cx: Cx<'_>, place: Place, consumed: &Consumed) -> Judgement {
    let project = cx.project;
    let Consumed { at, origin, reads } = consumed;
    let mut missing: Vec<&Read> = reads.iter().filter(|read| read.loader.is_none()).collect();
    missing.order_by_key(|read| read.path.len());
    let mut shortest: Vec<&Read> = Vec::new();
    for read in missing {
        if !shortest.iter().any(|known| read.path.starts_with(&known.path)) {
            shortest.push(read);
        }
    }
    let Some(first) = shortest.first() else {
        let loader = reads.iter().find_map(|read| read.loader).map_or("", |loader| project.text(loader));
        return Judgement::Rejected(format!("every relation that is read of the rows is loaded with them by {loader}"));
    };
    let names: Vec<String> = shortest.iter().map(|read| format!("`{}`", words(cx, &read.path))).collect();
    let call = project.describe(at.0, at.1);
    let mut steps = vec![project.step(origin.0, origin.1, "the query of the rows")];
    for step in shortest.iter().flat_map(|read| &read.steps) {
        if !steps.contains(step) && steps.len() < 10 {
            steps.push(step.clone());
        }
    }
    let mut facts = context_facts(cx, at.0);
    facts.hot |= matches!(project.context(at.0), RunContext::Request | RunContext::Stream);
    facts.table_used_context = true;
    let django = project.sym("django.db.models.Model").is_some();
    let paths: Vec<String> = shortest.iter().map(|read| words(cx, &read.path)).collect();
    let how = if django {
        let quoted: Vec<String> = paths.iter().map(|path| format!("\"{}\"", path.replace('.', "__"))).collect();
        format!("`select_related({0})` for to-one, `prefetch_related({0})` for to-many relations", quoted.join(", "))
    } else {
        let options: Vec<String> = paths.iter().map(|path| format!("`options(selectinload(…{path}))`")).collect();
        options.join(", ")
    };
    let _ = first;
    let draft = Draft {
        place,
        severity: grade(project, at.0, Severity::High, Severity::Medium, Severity::Low),
        confidence: confidence(project, at.0, false),
        message: format!("`{call}` loads {} for each row of this query (N+1)", names.join(", ")),
        recommendation: format!("Load them with the rows: {how}"),
        effort: Effort::M,
        steps,
        evidence: vec![context_evidence(project, at.0)],
        facts,
    };
    unless_done(project, draft)
}
