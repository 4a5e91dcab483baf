//! Reads of repositories that are not among the files, in loops: their names say what they do.

use super::in_loop::{Likely, inner_covers, likely, no_items};
use crate::analysis::{LoopFacts, Type, relation_chain};
use crate::checks::check::{Cx, Judgement, Place};
use crate::checks::support::place_of;
use crate::model::{OpKind, Sym, ValueId};

/// A call in a loop.
#[derive(Clone, Debug)]
pub struct ByName {
    looped: LoopFacts,
    call: ValueId,
}

/// Calls with the loop's item, the first of each method.
pub(super) fn candidates(cx: Cx<'_>) -> Vec<(Place, ByName)> {
    let project = cx.project;
    let mut out = Vec::new();
    for looped in project.loops() {
        let f = looped.func;
        if looped.element.is_none() || project.is_template(f) {
            continue;
        }
        let body = project.code().body(f);
        let mut known: Vec<Sym> = Vec::new();
        for call in (looped.start..looped.end).map(ValueId) {
            let Some(OpKind::Call { callee, args }) = body.op(call).map(|op| &op.kind) else { continue };
            let Some(OpKind::Attr { base, name }) = body.op(*callee).map(|op| &op.kind) else { continue };
            if !reads(project.text(*name)) || known.contains(name) || !is_store(&project.describe(f, *base)) {
                continue;
            }
            let told = project
                .sites_at(f, call)
                .any(|site| !project.effects_of(site).is_empty() || site.targets.iter().any(|target| !target.by_name))
                || matches!(project.ty(f, *callee), Type::Func(_) | Type::Bound(..));
            let with_item = args.iter().any(|arg| looped.holds(relation_chain(project, f, arg.value).0));
            if told || !with_item || inner_covers(project, looped, call) {
                continue;
            }
            known.push(*name);
            out.push((place_of(project, f, call), ByName { looped: looped.clone(), call }));
        }
    }
    out
}

/// `get_by_id`, `find_open`: a word that says that it reads, and what.
fn reads(method: &str) -> bool {
    ["get_", "find_", "list_", "fetch_", "load_", "read_", "count_", "search_", "select_"]
        .iter()
        .any(|verb| method.starts_with(verb))
}

/// `self.order_repository`, `app.DATABASE.scripts`
fn is_store(receiver: &str) -> bool {
    receiver.to_ascii_lowercase().split('.').any(|part| {
        let last = part.rsplit('_').next().unwrap_or(part).trim_end_matches("(…)");
        matches!(last, "repository" | "repositories" | "dao" | "database" | "crud") || part.ends_with("_repo")
    })
}

/// Listed for a reader to decide: what the call does is not seen.
pub(super) fn judge(cx: Cx<'_>, place: Place, found: &ByName) -> Judgement {
    let project = cx.project;
    let ByName { looped, call } = found;
    if no_items(looped).is_none() && project.only_on_failure(looped.func, *call, looped.start) {
        return Judgement::Rejected("it runs only for items that fail".into());
    }
    let what = project.describe(looped.func, *call);
    let found = Likely {
        message: format!("`{what}` reads rows"),
        recommendation: "Collect the keys, read all of them at once before the loop, and look rows up in a dict".into(),
        step: project.step(looped.func, *call, format!("`{what}` reads, by its name and that of its receiver")),
        sign: None,
        missing: "what the call does is not among the files",
    };
    likely(cx, place, looped, found)
}
