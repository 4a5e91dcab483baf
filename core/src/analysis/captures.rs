//! Nested functions that use a value which must be released: whether they keep it.

use super::code::FuncId;
use super::fates::{DEPTH, Tracer, parameter};
use super::flow::Flow;
use super::project::Project;
use super::traces::{Trace, set};
use crate::libraries::Resource;
use crate::model::{Arg, Body, OpKind, Sym, ValueId};

impl Tracer<'_> {
    /// Nested functions that use the value under its name.
    pub(super) fn captures(
        &mut self,
        f: FuncId,
        body: &Body,
        aliases: &[ValueId],
        resource: Option<Resource>,
        depth: u32,
        trace: &mut Trace,
    ) {
        let project = self.project;
        let code = project.code();
        let mut names: Vec<Sym> = Vec::new();
        for alias in aliases {
            match body.op(*alias).map(|op| &op.kind) {
                Some(OpKind::Bind { name, .. }) => names.push(*name),
                Some(OpKind::Param(i)) => names.extend(code.func(f).params.get(usize::from(*i)).map(|p| p.name)),
                _ => {}
            }
        }
        if names.is_empty() || depth > DEPTH {
            return;
        }
        let closures: Vec<(ValueId, FuncId)> = body
            .ops
            .iter()
            .enumerate()
            .filter_map(|(i, op)| match op.kind {
                OpKind::Closure(inner) => {
                    Some((ValueId(u32::try_from(i).ok()?), code.func_id(code.module_of(f), inner)))
                }
                _ => None,
            })
            .collect();
        for (made, inner) in closures {
            let inner_body = code.body(inner);
            for (i, op) in inner_body.ops.iter().enumerate() {
                let OpKind::Captured { owner, name } = op.kind else { continue };
                if code.func_id(code.module_of(f), owner) != f || !names.contains(&name) {
                    continue;
                }
                let at = ValueId(u32::try_from(i).unwrap_or(u32::MAX));
                let used = self.follow(inner, at, resource, depth + 1);
                if used.closed_finally.is_some() || used.managed.is_some() || !used.closed.is_empty() {
                    set(&mut trace.closed_by, (made, inner));
                }
                let by_reference = !code.func(inner).decorators.is_empty()
                    || code.func(inner).is_generator
                    || handed(project, f, made);
                if by_reference || used.leaves() {
                    set(&mut trace.captured, inner);
                }
            }
        }
    }
}

/// A closure that is more than called: returned, stored, passed to what may keep it.
fn handed(project: &Project, f: FuncId, closure: ValueId) -> bool {
    let body = project.code().body(f);
    let uses = Flow::new(project.code(), f).uses(closure);
    uses.ops.iter().any(|used| match body.op(*used).map(|op| &op.kind) {
        Some(OpKind::Call { callee, args }) if !uses.aliases.contains(callee) => args
            .iter()
            .enumerate()
            .filter(|(_, arg)| uses.aliases.contains(&arg.value))
            .any(|(position, arg)| !only_calls(project, f, *used, position, arg)),
        Some(OpKind::Call { .. }) => false,
        _ => true,
    })
}

/// `attempt(lambda: load(session))` of a function that calls what it is given and keeps nothing of it.
fn only_calls(project: &Project, f: FuncId, call: ValueId, position: usize, arg: &Arg) -> bool {
    let mut targets = project.sites_at(f, call).flat_map(|site| &site.targets).map(|target| target.func).peekable();
    targets.peek().is_some()
        && targets.all(|g| {
            let given = parameter(project, g, position, arg).and_then(|i| project.param_value(g, usize::from(i)));
            let body = project.code().body(g);
            given.filter(|_| !project.code().func(g).is_generator).is_some_and(|given| {
                let uses = Flow::new(project.code(), g).uses(given);
                uses.ops.iter().all(|used| match body.op(*used).map(|op| &op.kind) {
                    Some(OpKind::Call { callee, args }) => {
                        uses.aliases.contains(callee) && !args.iter().any(|arg| uses.aliases.contains(&arg.value))
                    }
                    // `action.__name__`
                    Some(OpKind::Attr { name, .. }) => project.text(*name).starts_with("__"),
                    _ => false,
                })
            })
        })
}
