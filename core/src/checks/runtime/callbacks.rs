//! Plain functions that the event loop itself calls: what is given to `call_later`, `add_done_callback` or
//! `add_callback`.

use crate::analysis::{FuncId, MethodCall, Project, SiteKind, Type};
use crate::libraries::Place as Where;
use crate::model::ValueId;
use rustc_hash::FxHashSet;

/// Methods that hand a callback to the loop, with its position where the spelling tells as well:
/// `self.loop.call_later(5, self.poll)`. What a signal calls ends the process as a rule.
const TAKERS: &[(&str, Option<usize>)] = &[
    ("add_callback", Some(0)),
    ("add_done_callback", None),
    ("add_reader", None),
    ("add_timeout", None),
    ("add_writer", None),
    ("call_at", Some(1)),
    ("call_later", Some(1)),
    ("call_soon", Some(0)),
    ("call_soon_threadsafe", Some(0)),
    ("spawn_callback", None),
];

/// All of them.
pub(super) fn of_loops(project: &Project) -> FxHashSet<FuncId> {
    let code = project.code();
    let mut out = FxHashSet::default();
    for (taker, position) in TAKERS {
        let Some(name) = project.sym(taker) else { continue };
        for MethodCall { func: f, op, base, args, .. } in code.method_calls(name) {
            for site in project.sites_at(f, op).filter(|site| site.place == Where::Task) {
                if matches!(site.kind, SiteKind::Library(row) if row.callee.rsplit('.').next() == Some(taker)) {
                    out.extend(site.targets.iter().filter(|target| !target.by_name).map(|target| target.func));
                }
            }
            let given = position.and_then(|at| args.get(at)).filter(|_| is_loop(project, f, base));
            if let Some(Type::Func(g) | Type::Bound(g, _)) = given.map(|arg| project.ty(f, arg.value)) {
                out.insert(*g);
            }
        }
    }
    out.retain(|g| !code.func(*g).is_async);
    out
}

/// Whether a receiver is an event loop by its name, and no object of the project.
fn is_loop(project: &Project, f: FuncId, receiver: ValueId) -> bool {
    let words = project.describe(f, receiver);
    words.rsplit('.').next().is_some_and(|last| last.trim_start_matches('_').ends_with("loop"))
        && !matches!(project.ty(f, receiver), Type::Inst(..))
}
