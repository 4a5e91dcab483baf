//! List views whose serializer reads relations that the view's query does not load.

use crate::analysis::{ListView, Rendered, first_unloaded, rendering, shown_views};
use crate::checks::check::{Cx, Draft, Judgement, Place};
use crate::checks::support::{context_evidence, context_facts, grade, place_of_loading};
use crate::model::{ArgKind, Const, OpKind, Sym};
use crate::report::model::{Confidence, Effort, Severity};

/// A list view with the relations that its serializer reads.
#[derive(Clone, Debug)]
pub struct Listed {
    view: ListView,
    reads: Vec<Rendered>,
}

/// All list views with a serializer that reads relations.
pub(super) fn candidates(cx: Cx<'_>) -> Vec<(Place, Listed)> {
    let project = cx.project;
    let mut out: Vec<(Place, Listed)> = Vec::new();
    for view in shown_views(project) {
        let reads = rendering(project, view.serializer, view.query.model).reads;
        if reads.is_empty() {
            continue;
        }
        let read = reads.iter().find(|read| view.query.loader(&read.path).is_none());
        let place = place_of_loading(project, view.func, view.query_op, read.map_or(&[], |read| read.path.as_slice()));
        if !out.iter().any(|(known, listed)| *known == place && listed.view.serializer == view.serializer) {
            out.push((place, Listed { view, reads }));
        }
    }
    out
}

/// Confirmed when a relation is not loaded.
pub(super) fn judge(cx: Cx<'_>, place: Place, listed: &Listed) -> Judgement {
    let project = cx.project;
    let Listed { view, reads } = listed;
    let view_name = &view.name;
    let serializer = project.text(project.code().class(view.serializer).name);
    if view.query.plain_rows {
        return Judgement::Rejected("the query gives plain values, not rows".into());
    }
    if view.query.loads_unknown {
        return Judgement::Rejected("the query loads relations that cannot be read from the code".into());
    }
    let mut missing: Vec<&Rendered> = Vec::new();
    let mut empty = None;
    for read in reads {
        if let Some(first) = read.path.first()
            && filtered_empty(cx, view, *first)
        {
            empty = Some(*first);
            continue;
        }
        let by_model = |path: &[Sym]| {
            // The model itself may load the relation: `relationship(lazy="selectin")`.
            let model = view.query.model.filter(|_| !is_django(cx));
            model.is_some_and(|model| first_unloaded(project, model, &view.query, path, 0).is_none())
        };
        let eager = |path: &[Sym]| {
            view.query.loader(path).is_some() || by_model(path) || project.maybe_loaded_with_owner(&view.query, path)
        };
        // The nearest hop that is not loaded stands for what lies behind it.
        let behind = missing.iter().any(|m| read.path.starts_with(&m.path));
        if !eager(&read.path) && !behind {
            missing.push(read);
        }
    }
    let words = |read: &Rendered| read.path.iter().map(|s| project.text(*s)).collect::<Vec<_>>().join("__");
    if let (Some(name), true) = (empty, missing.is_empty()) {
        let name = project.text(name);
        return Judgement::Rejected(format!(
            "the rows listed without parameters have no `{name}`: the query asks for none"
        ));
    }
    if missing.is_empty() {
        let loader = reads.first().and_then(|read| view.query.loader(&read.path)).map_or("", |s| project.text(s));
        return Judgement::Rejected(format!("every relation that `{serializer}` reads is loaded by {loader}"));
    }
    let names: Vec<String> = missing.iter().map(|read| format!("`{}`", words(read))).collect();
    let mut steps = vec![project.step(view.func, view.query_op, format!("`{view_name}` lists rows of this query"))];
    steps.extend(missing.iter().take(6).map(|read| read.step.clone()));
    let quoted: Vec<String> = missing.iter().map(|read| format!("\"{}\"", words(read))).collect();
    let mut facts = context_facts(cx, view.func);
    facts.hot |= view.class.is_some();
    facts.table_used_context = true;
    let unseen = view.class.is_some_and(|class| project.has_unseen_base(class));
    let draft = Box::new(Draft {
        place,
        severity: match view.class {
            _ if view.admin => Severity::Medium,
            Some(_) => Severity::High,
            None => grade(project, view.func, Severity::High, Severity::Medium, Severity::Low),
        },
        confidence: if view.one_of_several { Confidence::Medium } else { Confidence::High },
        message: format!("`{serializer}` loads {} for each row that `{view_name}` lists (N+1)", names.join(", ")),
        recommendation: if is_django(cx) {
            format!(
                "Load them with the rows: `select_related({0})` for to-one, `prefetch_related({0})` for to-many relations",
                quoted.join(", ")
            )
        } else {
            let options: Vec<String> = missing
                .iter()
                .map(|read| format!("`options(selectinload(…{}))`", words(read).replace("__", ".")))
                .collect();
            format!("Load them with the rows: {}", options.join(", "))
        },
        effort: Effort::M,
        steps,
        evidence: vec![match view.class {
            Some(_) => format!("runs in: request (list of `{view_name}`)"),
            None => context_evidence(project, view.func),
        }],
        facts,
    });
    if unseen {
        return Judgement::NeedsContext(
            draft,
            "a base class of the view is not among the files: it may load them".into(),
        );
    }
    Judgement::Confirmed(draft)
}

fn is_django(cx: Cx<'_>) -> bool {
    cx.project.sym("django.db.models.Model").is_some()
}

/// The view's query keeps rows without that relation only: `filter(identity=None)`, at least where no
/// parameter asks for others.
fn filtered_empty(cx: Cx<'_>, view: &ListView, relation: Sym) -> bool {
    let project = cx.project;
    let body = project.code().body(view.func);
    let name = project.text(relation);
    body.ops.iter().any(|op| {
        let OpKind::Call { callee, args } = &op.kind else { return false };
        let filters = matches!(body.op(*callee).map(|op| &op.kind), Some(OpKind::Attr { name, .. })
            if project.text(*name) == "filter");
        filters
            && args.iter().any(|arg| {
                let ArgKind::Named(key) = arg.kind else { return false };
                let key = project.text(key);
                match body.op(arg.value).map(|op| &op.kind) {
                    Some(OpKind::Const(Const::None)) => key == name,
                    Some(OpKind::Const(Const::Bool(true))) => key.strip_suffix("__isnull") == Some(name),
                    _ => false,
                }
            })
    })
}
