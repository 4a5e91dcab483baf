//! Plain functions that the event loop itself calls: what is given to `call_later`, `add_done_callback` or
//! `add_callback`.

use crate::analysis::{FuncId, Project, SiteKind, Type};
use crate::libraries::Place as Where;
use crate::model::OpKind;
use rustc_hash::FxHashSet;

/// Methods that hand a callback to the loop. What a signal calls ends the process as a rule.
const TAKERS: &[&str] = &[
    "add_callback",
    "add_done_callback",
    "add_reader",
    "add_timeout",
    "add_writer",
    "call_at",
    "call_later",
    "call_soon",
    "call_soon_threadsafe",
    "spawn_callback",
];
/// The position of the callback where only the spelling tells: `self.loop.call_later(5, self.poll)`.
const SPELLED: &[(&str, usize)] =
    &[("add_callback", 0), ("call_at", 1), ("call_later", 1), ("call_soon", 0), ("call_soon_threadsafe", 0)];

/// All of them.
pub(super) fn of_loops(project: &Project) -> FxHashSet<FuncId> {
    let code = project.code();
    let mut out = FxHashSet::default();
    if TAKERS.iter().all(|name| project.sym(name).is_none()) {
        return out;
    }
    let spelled = SPELLED.iter().any(|(name, _)| project.sym(name).is_some());
    for f in code.func_ids() {
        for site in project.sites(f).iter().filter(|site| site.place == Where::Task) {
            let SiteKind::Library(row) = site.kind else { continue };
            if row.callee.rsplit('.').next().is_some_and(|name| TAKERS.contains(&name)) {
                out.extend(site.targets.iter().filter(|target| !target.by_name).map(|target| target.func));
            }
        }
        let ops = if spelled { code.body(f).ops.as_slice() } else { &[] };
        for op in ops {
            let OpKind::Call { callee, args } = &op.kind else { continue };
            let Some(OpKind::Attr { base, name }) = code.op(f, *callee).map(|op| &op.kind) else { continue };
            let name = project.text(*name);
            let Some((_, at)) = SPELLED.iter().find(|(taker, _)| *taker == name) else { continue };
            let receiver = project.describe(f, *base);
            let is_loop =
                receiver.rsplit('.').next().is_some_and(|last| last.trim_start_matches('_').ends_with("loop"));
            let own = matches!(project.ty(f, *base), Type::Inst(..));
            if let Some(arg) = args.get(*at).filter(|_| is_loop && !own)
                && let Type::Func(g) | Type::Bound(g, _) = *project.ty(f, arg.value)
            {
                out.insert(g);
            }
        }
    }
    out.retain(|g| !code.func(*g).is_async);
    out
}
