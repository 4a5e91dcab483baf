//! Columns of Django's admin whose model is not among the files: the admin class itself says which attributes of a row
//! are relations (`raw_id_fields`, `search_fields = ["project__name"]`), and whether the list loads them.

use crate::analysis::{ClassId, FuncId, Project, Type, admin_columns, class_texts, is_admin, says_joins, source_of};
use crate::checks::check::{Cx, Draft, Judgement, Place};
use crate::checks::support::{context_facts, place_of};
use crate::model::{OpKind, Sym, ValueId};
use crate::report::model::{Confidence, Effort, Severity};

/// Class-level names whose texts are relations, or begin with one before `__`.
const RELATIONS: &[&str] = &["raw_id_fields", "autocomplete_fields"];
const PATHS: &[&str] =
    &["search_fields", "list_filter", "ordering", "readonly_fields", "date_hierarchy", "list_display"];

/// What is asked of a relation to many.
const OF_MANAGERS: &[&str] = &["all", "count", "exists", "filter", "first", "last", "order_by", "values_list"];

/// A column's function that reads a relation of its row.
#[derive(Clone, Debug)]
pub struct Column {
    func: FuncId,
    /// The read of what lies behind the relation.
    read: ValueId,
    relation: Sym,
    admin: ClassId,
}

/// All of them, each relation of a class once.
pub(super) fn candidates(cx: Cx<'_>) -> Vec<(Place, Column)> {
    let project = cx.project;
    let mut out = Vec::new();
    if project.sym("list_display").is_none() {
        return out;
    }
    for admin in project.code().class_ids().filter(|class| is_admin(project, *class)) {
        let columns: Vec<FuncId> = admin_columns(project, admin)
            .iter()
            .filter_map(|name| project.method(admin, project.text(*name)))
            .collect();
        if columns.is_empty() || loads_anything(project, admin) {
            continue;
        }
        let relations = relations_said(project, admin);
        let mut known: Vec<Sym> = Vec::new();
        for func in columns {
            for (read, relation) in reads(project, func) {
                if !known.contains(&relation) && relations.contains(&project.text(relation)) {
                    known.push(relation);
                    out.push((place_of(project, func, read), Column { func, read, relation, admin }));
                }
            }
        }
    }
    out
}

/// `row.relation.attribute` of the row that a column's function is given, where its model is not seen.
fn reads(project: &Project, f: FuncId) -> Vec<(ValueId, Sym)> {
    let Some(row) = project.param_value(f, 1) else { return Vec::new() };
    if matches!(project.ty(f, row), Type::Inst(..)) {
        return Vec::new();
    }
    let body = project.code().body(f);
    let attr = |v: ValueId| match body.op(source_of(body, v)).map(|op| &op.kind) {
        Some(OpKind::Attr { base, name }) => Some((*base, *name)),
        _ => None,
    };
    let reads = body.ops.iter().enumerate().filter_map(|(i, op)| {
        let OpKind::Attr { base, name } = op.kind else { return None };
        let (owner, relation) = attr(base)?;
        // The key is a column of the row itself; what a manager has is judged by its query.
        let key = matches!(project.text(name), "id" | "pk") || OF_MANAGERS.contains(&project.text(name));
        let of_row = source_of(body, owner) == row;
        (of_row && !key).then_some((ValueId(u32::try_from(i).ok()?), relation))
    });
    reads.collect()
}

/// Names that the admin class uses as relations.
fn relations_said(project: &Project, admin: ClassId) -> Vec<&str> {
    let texts = |names: &'static [&str]| {
        names.iter().flat_map(|name| class_texts(project, admin, name)).map(|text| project.text(text))
    };
    texts(RELATIONS).chain(texts(PATHS).filter_map(first_hop)).collect()
}

/// The relation before `__` in a path of Django's: `-project__name`.
fn first_hop(path: &str) -> Option<&str> {
    path.trim_start_matches(['-', '^', '=', '@']).split_once("__").map(|(first, _)| first)
}

/// Whether the list may load relations: by its settings, or in a method that asks for some. `list_display` with a
/// foreign key makes the admin join all of them, and which columns are foreign keys the model would say.
fn loads_anything(project: &Project, admin: ClassId) -> bool {
    let code = project.code();
    let said = relations_said(project, admin);
    let lists_key = admin_columns(project, admin).iter().any(|name| said.contains(&project.text(*name)));
    let asks = project.project_ancestors(admin).any(|owner| {
        let module = code.module_of_class(owner);
        code.class(owner).methods.iter().any(|method| {
            code.body(code.func_id(module, *method)).ops.iter().any(|op| {
                matches!(op.kind, OpKind::Attr { name, .. }
                    if matches!(project.text(name), "select_related" | "prefetch_related"))
            })
        })
    });
    says_joins(project, admin) || lists_key || asks
}

pub(super) fn judge(cx: Cx<'_>, place: Place, found: &Column) -> Judgement {
    let project = cx.project;
    let Column { func, read, relation, admin } = *found;
    let (name, relation) = (project.text(project.code().class(admin).name), project.text(relation));
    let mut facts = context_facts(cx, func);
    facts.hot = true;
    facts.table_used_context = true;
    let draft = Box::new(Draft {
        place,
        severity: Severity::Medium,
        confidence: Confidence::Medium,
        message: format!("`{name}` loads `{relation}` for each row that it lists (N+1)"),
        recommendation: format!("Load it with the rows: `list_select_related = (\"{relation}\",)`"),
        effort: Effort::S,
        steps: vec![project.step(func, read, format!("the column reads `{}`", project.describe(func, read)))],
        evidence: vec![format!("the admin class uses `{relation}` as a relation; its list loads none")],
        facts,
    });
    if project.has_unseen_base(admin) {
        return Judgement::NeedsContext(
            draft,
            "a base class of the admin is not among the files: it may load them".into(),
        );
    }
    Judgement::Confirmed(draft)
}
