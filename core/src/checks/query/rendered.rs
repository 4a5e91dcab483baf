//! Template loops over rows whose relations the view's query does not load.

use super::query_in_loop::{touch_steps, touched, words};
use crate::analysis::{FuncId, LoopFacts, Project, Site, SiteKind, Type, first_query, relation_chain, source_of};
use crate::checks::check::{Cx, Draft, Judgement, Place};
use crate::checks::support::{confidence, context_evidence, context_facts, grade, loop_step, over, place_of_loading};
use crate::libraries::RunContext;
use crate::model::{OpKind, Sym, ValueId};
use crate::order::InOrder as _;
use crate::report::model::{Effort, Severity, Step};

/// A template's loop and what it reads of each row.
#[derive(Clone, Debug)]
pub struct Rendered {
    looped: LoopFacts,
    /// The function that renders the template and the query's value there; the template itself when
    /// the view is not seen.
    at: (FuncId, ValueId),
    reads: Vec<(Vec<Sym>, Vec<Step>)>,
}

impl Rendered {
    /// Where the finding stands: at the query that could load the relation.
    pub(super) fn place(&self, project: &Project) -> Place {
        place_of_loading(project, self.at.0, self.at.1, self.reads.first().map_or(&[], |(path, _)| path))
    }
}

/// Whether the site reads a relation of the template loop's row; then it is noted.
pub(super) fn reads(cx: Cx<'_>, looped: &LoopFacts, site: &Site, out: &mut Vec<Rendered>) -> bool {
    let project = cx.project;
    let f = looped.func;
    let (path, steps) = if let SiteKind::Relation(_) = site.kind {
        let (root, path) = relation_chain(project, f, site.op);
        if !looped.holds(root) || path.is_empty() {
            return false;
        }
        let step = project.step(f, site.op, format!("{} loads the relation", project.site_name(f, site)));
        (path, vec![step])
    } else if let Some((touch, target)) = touched(cx, looped, site) {
        (touch.path.clone(), touch_steps(cx, f, site, &touch, target))
    } else {
        return false;
    };
    let at = origin(project, looped);
    match out.iter_mut().find(|known| known.at == at) {
        Some(known) => {
            if !known.reads.iter().any(|(read, _)| *read == path) {
                known.reads.push((path, steps));
            }
        }
        None => out.push(Rendered { looped: looped.clone(), at, reads: vec![(path, steps)] }),
    }
    true
}

/// The view's query behind what the loop iterates.
fn origin(project: &Project, looped: &LoopFacts) -> (FuncId, ValueId) {
    let f = looped.func;
    let here = (f, looped.element.or(looped.iter).unwrap_or(ValueId(looped.start)));
    let body = project.code().body(f);
    let Some(iter) = looped.iter else { return here };
    let mut at = source_of(body, iter);
    for _ in 0..8 {
        at = match body.op(at).map(|op| &op.kind) {
            Some(OpKind::Attr { base, .. } | OpKind::Slice { base, .. }) => source_of(body, *base),
            Some(OpKind::Param(i)) => {
                let Some(param) = project.code().func(f).params.get(usize::from(*i)) else { return here };
                return match project.template_origin(f, param.name) {
                    Some((view, value)) => (view, first_query(project, view, value)),
                    None => here,
                };
            }
            _ => return here,
        };
    }
    here
}

/// Confirmed when a relation is not loaded.
pub(super) fn judge(cx: Cx<'_>, place: Place, rendered: &Rendered) -> Judgement {
    let project = cx.project;
    let Rendered { looped, at, reads } = rendered;
    let f = looped.func;
    let row = looped.element.map(|element| project.ty(f, element));
    let query = match row {
        Some(Type::Inst(_, query)) => project.query_facts(*query),
        _ => None,
    };
    let Some(query) = query else {
        return Judgement::Rejected("how the rows were loaded is not seen here".into());
    };
    if query.loads_unknown {
        return Judgement::Rejected("the query loads relations that cannot be read from the code".into());
    }
    let mut missing: Vec<&(Vec<Sym>, Vec<Step>)> = Vec::new();
    for read in reads {
        let behind = missing.iter().any(|(path, _)| read.0.starts_with(path));
        if query.loader(&read.0).is_none() && !project.maybe_loaded_with_owner(query, &read.0) && !behind {
            missing.push(read);
        }
    }
    missing.order_by_key(|(path, _)| path.len());
    let template = project.func_name(f);
    if missing.is_empty() {
        return Judgement::Rejected(format!("every relation that `{template}` reads is loaded with the rows"));
    }
    let names: Vec<String> = missing.iter().map(|(path, _)| format!("`{}`", words(cx, path))).collect();
    let quoted: Vec<String> =
        missing.iter().map(|(path, _)| format!("\"{}\"", words(cx, path).replace('.', "__"))).collect();
    let mut steps = Vec::new();
    if at.0 != f {
        steps.push(project.step(at.0, at.1, format!("`{template}` lists the rows of this query")));
    }
    steps.push(loop_step(project, looped));
    steps.extend(missing.iter().flat_map(|(_, own)| own.iter().cloned()).take(8));
    let mut facts = context_facts(cx, at.0);
    facts.hot |= matches!(project.context(at.0), RunContext::Request | RunContext::Stream);
    facts.table_used_context = true;
    // The names of a class-based view stand in its class: what runs is the template.
    let runs = if project.context(at.0) == RunContext::Startup { f } else { at.0 };
    let over = over(project, looped);
    Judgement::Confirmed(Box::new(Draft {
        place,
        severity: grade(project, runs, Severity::High, Severity::Medium, Severity::Low),
        confidence: confidence(project, runs, false),
        message: format!("`{template}` loads {} for each item of {over} (N+1)", names.join(", ")),
        recommendation: format!(
            "Load them with the rows: `select_related({0})` for to-one, `prefetch_related({0})` for to-many relations",
            quoted.join(", ")
        ),
        effort: Effort::M,
        steps,
        evidence: vec![context_evidence(project, runs)],
        facts,
    }))
}
