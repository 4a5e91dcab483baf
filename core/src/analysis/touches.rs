//! Relations that a function reads of its parameters: whether that costs a query depends on how
//! the caller loaded the object.

use super::calls::SiteKind;
use super::code::FuncId;
use super::flow::source_of;
use super::project::Project;
use crate::model::{Arg, ArgKind, Body, FunctionKind, OpKind, Sym, ValueId};

/// A relation read of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touch {
    /// Position of the parameter.
    pub param: u16,
    /// Relation path from it.
    pub path: Vec<Sym>,
    /// The op in this function that reads it (or calls what reads it).
    pub op: ValueId,
    /// The function that this function calls for it.
    pub callee: Option<FuncId>,
}

const MOST: usize = 24;
const ROUNDS: usize = 3;

/// The root of a value reached over attributes and `.all()`: `order.items.all()` -> (order, [items]).
#[must_use]
pub fn relation_chain(project: &Project, f: FuncId, v: ValueId) -> (ValueId, Vec<Sym>) {
    let body = project.code().body(f);
    let mut path = Vec::new();
    let mut at = source_of(body, v);
    // The site of a loop's evaluation is the op that takes its elements.
    if let Some(OpKind::Element(iterated)) = body.op(v).map(|op| &op.kind) {
        let evaluated = source_of(body, *iterated);
        let relation = !matches!(body.op(evaluated).map(|op| &op.kind), Some(OpKind::Element(_)))
            && project.sites_at(f, v).any(|site| matches!(site.kind, SiteKind::Relation(_)));
        if relation {
            at = evaluated;
        }
    }
    for _ in 0..16 {
        match body.op(at).map(|op| &op.kind) {
            Some(OpKind::Attr { base, name }) if project.is_template(f) && project.text(*name) == "all" => {
                at = source_of(body, *base);
            }
            Some(OpKind::Attr { base, name }) => {
                path.push(*name);
                at = source_of(body, *base);
            }
            Some(OpKind::Call { callee, args }) if args.is_empty() => match body.op(*callee).map(|op| &op.kind) {
                Some(OpKind::Attr { base, name }) if project.text(*name) == "all" => at = source_of(body, *base),
                _ => break,
            },
            _ => break,
        }
    }
    path.reverse();
    (at, path)
}

/// The value that a call passes for parameter `param` of its target, `self` included.
#[must_use]
pub fn argument(project: &Project, f: FuncId, op: ValueId, target: FuncId, param: u16) -> Option<ValueId> {
    let body = project.code().body(f);
    let function = project.code().func(target);
    match &body.op(op)?.kind {
        OpKind::Call { callee, args } => {
            // A template gets its names, nothing by position.
            if project.is_template(target) {
                let name = function.params.get(usize::from(param))?.name;
                return args.iter().find(|a| a.kind == ArgKind::Named(name)).map(|a| a.value);
            }
            let method = function.kind == FunctionKind::Method
                && !project.decorators(target).iter().any(|d| d == "builtins.staticmethod");
            if method && param == 0 {
                return match body.op(*callee).map(|op| &op.kind) {
                    Some(OpKind::Attr { base, .. }) => Some(*base),
                    _ => None,
                };
            }
            let position = usize::from(param) - usize::from(method);
            positional(args, position).or_else(|| {
                let name = function.params.get(usize::from(param))?.name;
                args.iter().find(|a| a.kind == ArgKind::Named(name)).map(|a| a.value)
            })
        }
        // A property: the receiver is the attribute's base.
        OpKind::Attr { base, .. } if param == 0 => Some(*base),
        _ => None,
    }
}

fn positional(args: &[Arg], position: usize) -> Option<ValueId> {
    let arg = args.get(position)?;
    (arg.kind == ArgKind::Positional && !args.iter().take(position).any(|a| a.kind == ArgKind::Spread))
        .then_some(arg.value)
}

fn param_of(body: &Body, v: ValueId) -> Option<u16> {
    match body.op(v).map(|op| &op.kind) {
        Some(OpKind::Param(i)) => Some(*i),
        _ => None,
    }
}

pub(crate) fn find_touches(project: &Project) -> Vec<Vec<Touch>> {
    let code = project.code();
    let mut touches: Vec<Vec<Touch>> = vec![Vec::new(); code.func_count()];
    for f in code.func_ids() {
        let body = code.body(f);
        for site in project.sites(f) {
            if !matches!(site.kind, SiteKind::Relation(_)) {
                continue;
            }
            let (root, path) = relation_chain(project, f, site.op);
            if let (Some(param), Some(list)) = (param_of(body, root), touches.get_mut(f.0 as usize)) {
                push(list, Touch { param, path, op: site.op, callee: None });
            }
        }
    }
    for _ in 0..ROUNDS {
        let before = touches.clone();
        for f in code.func_ids() {
            let body = code.body(f);
            for site in project.sites(f) {
                for target in &site.targets {
                    for touch in before.get(target.func.0 as usize).into_iter().flatten() {
                        let Some(arg) = argument(project, f, site.op, target.func, touch.param) else { continue };
                        let (root, mut path) = relation_chain(project, f, arg);
                        let Some(param) = param_of(body, root) else { continue };
                        path.extend(touch.path.iter().copied());
                        if path.len() <= 4
                            && let Some(list) = touches.get_mut(f.0 as usize)
                        {
                            push(list, Touch { param, path, op: site.op, callee: Some(target.func) });
                        }
                    }
                }
            }
        }
        if touches == before {
            break;
        }
    }
    touches
}

fn push(list: &mut Vec<Touch>, touch: Touch) {
    if list.len() < MOST && !list.iter().any(|t| t.param == touch.param && t.path == touch.path) {
        list.push(touch);
    }
}
