//! Tasks whose class decides when they are sent: `@app.task(base=TransactionAwareTask)`, where the
//! class overrides `apply_async` and hands it to `transaction.on_commit`.

use super::code::{ClassId, FuncId};
use super::infer::Engine;
use super::types::Type;
use crate::libraries::Place;
use crate::model::{ArgKind, OpKind, Sym};

impl Engine<'_> {
    /// Whether sending this task by a method (`delay`, `apply_async`) waits for the commit.
    pub(super) fn sent_after_commit(&mut self, task: FuncId, method: Sym) -> bool {
        let Some(class) = self.task_class(task) else { return false };
        // `delay` of Celery's own class calls `apply_async`.
        let all = self.names.intern("apply_async");
        [method, all].into_iter().any(|name| self.method(class, name).is_some_and(|g| self.waits_for_commit(g)))
    }

    /// The class that a decorator names as the base of its task.
    fn task_class(&mut self, task: FuncId) -> Option<ClassId> {
        let code = self.code;
        let parent = code.parent(task);
        code.func(task).decorators.iter().find_map(|decorator| {
            let OpKind::Call { args, .. } = &code.op(parent, decorator.value)?.kind else { return None };
            let base = args.iter().find(|a| matches!(a.kind, ArgKind::Named(n) if self.names.text(n) == "base"))?;
            match *self.types.get(self.value(parent, base.value)) {
                Type::ClassObj(class) => Some(class),
                _ => None,
            }
        })
    }

    fn waits_for_commit(&mut self, f: FuncId) -> bool {
        let code = self.code;
        code.body(f).ops.iter().any(|op| {
            matches!(op.kind, OpKind::Call { callee, .. }
                if self.row_of_callee(f, callee).and_then(|row| row.runs).is_some_and(|r| r.place == Place::AfterCommit))
        })
    }
}
