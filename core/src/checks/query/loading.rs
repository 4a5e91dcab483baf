//! What tells how a loop's rows were loaded: reasons against an N+1, and who else may know.

use super::query_in_loop::{is_known_path, row_query, words};
use crate::analysis::{FuncId, LoopFacts, Project, Site, SiteKind, Type, first_unloaded, reach, relation_chain};
use crate::checks::check::{Cx, Judgement};
use crate::model::{OpKind, Sym, ValueId};

/// Whether the loop goes through what the function is given.
pub(super) fn of_param(project: &Project, looped: &LoopFacts) -> bool {
    let f = looped.func;
    let root = looped.iter.map(|iter| reach(project, f, iter).root);
    root.is_some_and(|root| matches!(project.code().op(f, root).map(|op| &op.kind), Some(OpKind::Param(_))))
}

/// Whether somebody else tells how the rows behind a read were loaded: callers that hand them in, what lists the rows
/// of a serializer, another query of the project that loads the relation.
pub(super) fn is_told_elsewhere(project: &Project, f: FuncId, op: ValueId, path: &[Sym]) -> bool {
    if path.first().is_none_or(|relation| project.is_loaded_somewhere(*relation)) {
        return true;
    }
    let root = reach(project, f, op).root;
    match project.code().op(f, root).map(|op| &op.kind) {
        Some(OpKind::Param(_)) => !project.callers(f).is_empty() || project.code().class_of(f).is_some(),
        // What gave the rows is not among the files, or nothing is known of what it gives.
        Some(OpKind::Call { .. }) => {
            let class = project.lib_class(f, root);
            *project.ty(f, root) != Type::Unknown
                && class.is_none_or(|class| project.library().library_of(class).is_some())
        }
        _ => true,
    }
}

/// Whether a relation comes with its rows.
pub(super) enum Loaded {
    No,
    /// Nothing is known of the rows.
    Unseen,
    /// For this reason.
    Yes(Judgement),
}

/// Whether a relation read is answered from memory.
pub(super) fn loaded(cx: Cx<'_>, f: FuncId, op: ValueId, path: &[Sym]) -> Loaded {
    let project = cx.project;
    let (root, _) = relation_chain(project, f, op);
    let Some((model, query)) = row_query(project, f, root) else { return Loaded::Unseen };
    if query.loads_unknown {
        let reason = "the query loads relations that cannot be read from the code";
        return Loaded::Yes(Judgement::Rejected(reason.into()));
    }
    if project.maybe_loaded_with_owner(query, path) {
        let reason = "how the object that owns the rows was loaded is not seen here";
        return Loaded::Yes(Judgement::Rejected(reason.into()));
    }
    if let Some(loader) = query.loader(path) {
        return Loaded::Yes(already(cx, path, loader));
    }
    // A path that the model graph does not know is judged by its name alone.
    if is_known_path(project, model, path) && first_unloaded(project, model, query, path, 0).is_none() {
        let words = words(cx, path);
        let reason = format!("`{words}` is loaded with the rows by the model's own settings");
        return Loaded::Yes(Judgement::Rejected(reason));
    }
    Loaded::No
}

pub(super) fn already(cx: Cx<'_>, path: &[Sym], loader: Sym) -> Judgement {
    Judgement::Rejected(format!("`{}` is loaded with the rows by {}", words(cx, path), cx.project.text(loader)))
}

/// `Session.get` of rows that the same function loaded before: the identity map answers.
pub(super) fn from_identity_map(cx: Cx<'_>, looped: &LoopFacts, site: &Site) -> bool {
    let project = cx.project;
    let SiteKind::Library(row) = site.kind else { return false };
    if !matches!(row.callee, "sqlalchemy.orm.Session.get" | "sqlalchemy.ext.asyncio.AsyncSession.get") {
        return false;
    }
    let body = project.code().body(looped.func);
    let Some(OpKind::Call { args, .. }) = body.op(site.op).map(|op| &op.kind) else { return false };
    let Some(wanted) = args.first().map(|arg| project.ty(looped.func, arg.value)) else { return false };
    (0..looped.start).map(ValueId).any(|v| match project.ty(looped.func, v) {
        Type::List(row) => match (project.type_of(*row), wanted) {
            (Type::Inst(class, query), Type::ClassObj(model)) => class == model && query.is_known(),
            (Type::Lib(class, ..), Type::LibRef(model)) => class == model,
            _ => false,
        },
        _ => false,
    })
}
