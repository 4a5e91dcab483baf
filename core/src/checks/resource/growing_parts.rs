//! What grows as a part of a long-lived object: lists of started tasks that keep the finished ones, and
//! queues without a bound between who fills them and who empties them.

use super::unbounded_growth::finish;
use crate::analysis::{ClassId, FuncId, MethodCall, Project, Type, source_of};
use crate::checks::check::{Cx, Judgement, Place};
use crate::checks::support::place_of;
use crate::libraries::RunContext;
use crate::model::{ArgKind, BinaryOp, Body, Const, OpKind, Sym, ValueId, Wide};
use crate::report::model::{Confidence, Severity};

/// A part that grows.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// Function, the append, the attribute.
    Tasks(FuncId, ValueId, Sym),
    /// Constructor, the queue, where it is filled, the attribute.
    Queue(FuncId, ValueId, (FuncId, ValueId), Sym),
}

const QUEUES: &[&str] = &["asyncio.Queue", "asyncio.queues.Queue"];
/// Methods that take entries out of a list or set.
const TAKES: &[&str] = &["remove", "discard", "pop", "clear", "popleft", "difference_update"];

/// Finds them in every class.
pub fn find(project: &Project) -> Vec<(Place, Part)> {
    let code = project.code();
    let mut out = Vec::new();
    let method = |f: FuncId| project.context(f) != RunContext::Test && code.class_of(f).is_some();
    for name in ["append", "add"].into_iter().filter_map(|name| project.sym(name)) {
        for MethodCall { func: f, op, base, args, .. } in code.method_calls(name) {
            if let [arg] = args
                && method(f)
                && let Some(list) = own_part(code.body(f), base)
                && starts_task(project, f, arg.value)
                && called_for_events(project, f)
            {
                out.push((place_of(project, f, op), Part::Tasks(f, op, list)));
            }
        }
    }
    let init = project.sym("__init__");
    for f in code.func_ids().filter(|f| Some(code.func(*f).name) == init && method(*f)) {
        let body = code.body(f);
        for op in &body.ops {
            let OpKind::StoreAttr { base, name, value } = op.kind else { continue };
            let made = source_of(body, value);
            if own(body, base)
                && endless_queue(project, f, body, made)
                && let Some(put) = code.class_of(f).and_then(|class| relayed(project, class, name))
            {
                out.push((place_of(project, f, made), Part::Queue(f, made, put, name)));
            }
        }
    }
    out
}

/// Judges one.
pub fn judge(cx: Cx<'_>, part: &Part) -> Judgement {
    let project = cx.project;
    match *part {
        Part::Tasks(f, op, list) => {
            let Some(class) = project.code().class_of(f) else { return Judgement::Rejected("no class".into()) };
            if taken_from(project, class, list) {
                return Judgement::Rejected("finished tasks are taken out again".into());
            }
            let name = project.text(list);
            let message =
                format!("`{name}` gets a task in every call of `{}` and keeps the finished ones", project.func_name(f));
            let steps = vec![project.step(f, op, format!("a task is added to `{name}`, and nothing takes it out"))];
            let advice = "Take a task out when it is done: `task.add_done_callback(self.tasks.discard)` on a set";
            Judgement::Confirmed(Box::new(finish(cx, f, op, message, advice, steps, Confidence::Medium)))
        }
        Part::Queue(f, queue, (g, put), name) => {
            let name = project.text(name);
            let message = format!(
                "the queue `{name}` has no bound: what `{}` puts in piles up while its reader is slower",
                project.func_name(g)
            );
            let steps = vec![
                project.step(f, queue, format!("`{}` has no `maxsize`", project.describe(f, queue))),
                project.step(g, put, "filled here, as fast as callers deliver"),
            ];
            let advice = "Give the queue a `maxsize`, and decide what happens when it is full";
            let mut draft = finish(cx, f, queue, message, advice, steps, Confidence::Medium);
            draft.severity = match project.context(g) {
                RunContext::Request | RunContext::Stream => Severity::Medium,
                _ => Severity::Low,
            };
            Judgement::Confirmed(Box::new(draft))
        }
    }
}

fn own(body: &Body, v: ValueId) -> bool {
    matches!(body.op(source_of(body, v)).map(|op| &op.kind), Some(OpKind::Param(0)))
}

/// `self.tasks` -> `tasks`.
fn own_part(body: &Body, v: ValueId) -> Option<Sym> {
    match body.op(source_of(body, v))?.kind {
        OpKind::Attr { base, name } if own(body, base) => Some(name),
        _ => None,
    }
}

fn starts_task(project: &Project, f: FuncId, v: ValueId) -> bool {
    matches!(project.ty(f, v), Type::Lib(class, ..) if project.text(*class) == "asyncio.Task")
}

/// A handler of something that happens again and again: by where it runs, by its name, or because it is
/// handed to something that calls it.
fn called_for_events(project: &Project, f: FuncId) -> bool {
    let code = project.code();
    let name = project.text(code.func(f).name).trim_start_matches('_');
    let started = ["start", "init", "run", "setup", "connect", "open", "enter", "aenter", "begin", "launch", "main"]
        .iter()
        .any(|word| name.starts_with(word));
    let by_name =
        || ["on_", "handle", "receive", "dispatch", "process", "callback"].iter().any(|word| name.starts_with(word));
    let often = || {
        let entry = project.context_path(f).is_some_and(|path| path.via.is_none());
        entry && matches!(project.context(f), RunContext::Request | RunContext::Stream | RunContext::Job)
    };
    !started && (often() || by_name())
}

/// Some method of the class or of a relative takes entries out, or makes the list anew.
fn taken_from(project: &Project, class: ClassId, list: Sym) -> bool {
    let code = project.code();
    let related = |f: FuncId| match code.class_of(f) {
        Some(c) => c == class || project.descends(c, class) || project.descends(class, c),
        // A function inside a method: the callback of a task.
        None => code.module_of(f) == code.module_of_class(class),
    };
    code.func_ids().filter(|f| related(*f)).any(|f| {
        let body = code.body(f);
        let init = project.text(code.func(f).name) == "__init__";
        let is_list = |v: ValueId| {
            matches!(body.op(source_of(body, v)).map(|op| &op.kind), Some(OpKind::Attr { name, .. }) if *name == list)
        };
        body.ops.iter().any(|op| match &op.kind {
            OpKind::Attr { base, name } => TAKES.contains(&project.text(*name)) && is_list(*base),
            OpKind::StoreAttr { base, name, .. } => !init && *name == list && own(body, *base),
            OpKind::Delete(v) => match body.op(*v).map(|op| &op.kind) {
                Some(OpKind::Item { base, .. } | OpKind::Slice { base, .. }) => own_part(body, *base) == Some(list),
                _ => false,
            },
            _ => false,
        })
    })
}

/// A queue of the standard library without a size.
fn endless_queue(project: &Project, f: FuncId, body: &Body, made: ValueId) -> bool {
    let Some(OpKind::Call { callee, args }) = body.op(made).map(|op| &op.kind) else { return false };
    let Type::LibRef(name) = project.ty(f, *callee) else { return false };
    QUEUES.contains(&project.text(*name))
        && !args.iter().any(|arg| {
            let size = match arg.kind {
                ArgKind::Positional => true,
                ArgKind::Named(name) => project.text(name) == "maxsize",
                _ => true,
            };
            size && !matches!(body.op(arg.value).map(|op| &op.kind), Some(OpKind::Const(Const::Int(Wide(0)))))
        })
}

/// One method puts in what it is given, another takes out, and nothing asks for the length.
fn relayed(project: &Project, class: ClassId, queue: Sym) -> Option<(FuncId, ValueId)> {
    let code = project.code();
    let mut put = None;
    let mut drained = false;
    for f in code.func_ids().filter(|f| code.class_of(*f) == Some(class)) {
        let body = code.body(f);
        for (i, op) in body.ops.iter().enumerate() {
            let at = ValueId(u32::try_from(i).unwrap_or(u32::MAX));
            let OpKind::Call { callee, args } = &op.kind else { continue };
            let Some(OpKind::Attr { base, name }) = body.op(*callee).map(|op| &op.kind) else { continue };
            if own_part(body, *base) != Some(queue) {
                continue;
            }
            match project.text(*name) {
                "full" => return None,
                "qsize" => {
                    let compared = body.ops.iter().any(|op| {
                        matches!(op.kind, OpKind::Binary { op: BinaryOp::Order | BinaryOp::Eq | BinaryOp::NotEq, left, right }
                            if left == at || right == at)
                    });
                    if compared {
                        return None;
                    }
                }
                "put" | "put_nowait" => {
                    let given = args.first().is_some_and(|arg| {
                        matches!(body.op(source_of(body, arg.value)).map(|op| &op.kind), Some(OpKind::Param(i)) if *i > 0)
                    });
                    // Who awaits expects to be held back: without a bound nobody ever is.
                    let awaited = body.ops.iter().any(|op| matches!(op.kind, OpKind::Await(v) if v == at));
                    if given && awaited && put.is_none() {
                        put = Some((f, at));
                    }
                }
                "get" | "get_nowait" => drained = true,
                _ => {}
            }
        }
    }
    put.filter(|_| drained)
}
