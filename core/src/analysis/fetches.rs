//! Where queries for rows of a model begin: the expression that names the model, before it is refined.

use super::code::{ClassId, FuncId};
use super::flow::source_of;
use super::project::Project;
use super::types::Type;
use crate::model::{OpKind, ValueId};

/// A query's first expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// Function.
    pub func: FuncId,
    /// `Order.objects.filter(…)`, `session.query(Order)`, `select(Order)`
    pub op: ValueId,
    /// Model of the rows.
    pub model: ClassId,
}

/// The queries of a function that give whole rows of a model.
#[must_use]
pub fn fetches(project: &Project, f: FuncId) -> Vec<Fetch> {
    let body = project.code().body(f);
    let mut out = Vec::new();
    for (i, op) in body.ops.iter().enumerate() {
        let OpKind::Call { callee, .. } = &op.kind else { continue };
        let at = ValueId(u32::try_from(i).unwrap_or(u32::MAX));
        let Some(model) = query_of(project, f, at) else { continue };
        // A function of the project gives it: the query begins there.
        if matches!(project.ty(f, *callee), Type::Func(_) | Type::Bound(..) | Type::ClassObj(_)) {
            continue;
        }
        if let Some(OpKind::Attr { base, name }) = body.op(*callee).map(|op| &op.kind)
            && (refines(project, f, *base) || project.text(*name) == "none")
        {
            continue;
        }
        let known = project.query(f, at);
        let whole = known.is_none_or(|facts| !facts.plain_rows && facts.only.is_none() && facts.deferred.is_empty());
        if whole {
            out.push(Fetch { func: f, op: at, model });
        }
    }
    out
}

/// The model behind a lazy query.
fn query_of(project: &Project, f: FuncId, v: ValueId) -> Option<ClassId> {
    let Type::Lib(name, elem, _) = *project.ty(f, v) else { return None };
    let lazy = matches!(
        project.text(name),
        "django.db.models.QuerySet" | "sqlalchemy.orm.Query" | "sqlalchemy.Select" | "flask_sqlalchemy.query.Query"
    );
    match *project.type_of(elem) {
        Type::Inst(model, _) if lazy && project.orm().is_model(model) => Some(model),
        _ => None,
    }
}

/// What is called on the value refines a query: a query itself, or a name that may hold one.
fn refines(project: &Project, f: FuncId, base: ValueId) -> bool {
    let body = project.code().body(f);
    if query_of(project, f, base).is_some() {
        return true;
    }
    // A parameter or a merge whose type is not known to be a manager.
    !matches!(project.ty(f, base), Type::Lib(..) | Type::Inst(..) | Type::ClassObj(_) | Type::LibRef(_))
        && !matches!(body.op(source_of(body, base)).map(|op| &op.kind), Some(OpKind::Attr { .. }))
}
