//! Relations that a function reads of its parameters, or of each item that it iterates there: whether
//! that costs a query depends on how the caller loaded the object.

use super::calls::{Site, SiteKind};
use super::code::FuncId;
use super::flow::source_of;
use super::project::Project;
use super::receivers::REFINES;
use super::shown::{shown, validations};
use super::types::Type;
use crate::model::{Arg, ArgKind, Body, FunctionKind, OpKind, Sym, TextPart, ValueId};

/// A relation read of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touch {
    /// Position of the parameter.
    pub param: u16,
    /// Relation path from it.
    pub path: Vec<Sym>,
    /// Read of each item that is iterated so many hops from the parameter.
    pub each: Option<usize>,
    /// The op in this function that reads it (or calls what reads it).
    pub op: ValueId,
    /// The function that this function calls for it.
    pub callee: Option<FuncId>,
}

/// A parameter that is called with (a part of) another one: `[render(row) for row in rows]`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Applied {
    /// Position of the parameter that is called.
    callback: u16,
    /// Position of the argument there.
    position: u16,
    /// Position of the parameter that is passed.
    param: u16,
    /// Relation path from it.
    path: Vec<Sym>,
    /// As of a touch.
    each: Option<usize>,
    /// The call.
    op: ValueId,
}

/// What is known of all functions' parameters.
#[derive(Clone, Debug, Default)]
pub(crate) struct Touches {
    read: Vec<Vec<Touch>>,
    applied: Vec<Vec<Applied>>,
}

impl Touches {
    /// The touches of a function.
    pub fn of(&self, f: FuncId) -> &[Touch] {
        self.read.get(f.0 as usize).map_or(&[], Vec::as_slice)
    }
}

/// A relation that a call reads of a value that it is given.
#[derive(Clone, Debug)]
pub struct Given {
    /// The call that runs the reader: the site's, or the one inside what a function is handed to.
    pub call: Option<(FuncId, ValueId)>,
    /// The value.
    pub value: ValueId,
    /// Relation path from it.
    pub path: Vec<Sym>,
    /// As of a touch.
    pub each: Option<usize>,
    /// The function that reads it (or calls what reads it).
    pub reader: FuncId,
    /// The op there.
    pub op: ValueId,
}

/// Where a value comes from over attributes and iteration.
#[derive(Clone, Debug)]
pub struct Reach {
    /// Where the path starts.
    pub root: ValueId,
    /// Attributes from there.
    pub path: Vec<Sym>,
    /// Number of hops before the outermost iteration.
    pub each: Option<usize>,
}

const MOST: usize = 48;
const ROUNDS: usize = 4;
const LONGEST: usize = 6;

/// Calls that give the rows that they are called on or with, in some order.
const SAME_ROWS: &[&str] = &["list", "sorted", "tuple", "set", "reversed", "iter"];
/// Where a value comes from, with each branch of a merge apart.
#[must_use]
pub fn reaches(project: &Project, f: FuncId, v: ValueId) -> Vec<Reach> {
    let body = project.code().body(f);
    let whole = reach(project, f, v);
    let Some(OpKind::Phi(entries)) = body.op(whole.root).map(|op| &op.kind) else { return vec![whole] };
    let mut out = Vec::new();
    for entry in entries.iter().filter(|entry| **entry < whole.root).take(4) {
        let mut part = reach(project, f, *entry);
        part.each = part.each.or(whole.each.map(|at| at + part.path.len()));
        part.path.extend(whole.path.iter().copied());
        out.push(part);
    }
    out
}

/// Where a value comes from: as [`relation_chain`], through iteration and refinement as well.
#[must_use]
pub fn reach(project: &Project, f: FuncId, v: ValueId) -> Reach {
    let body = project.code().body(f);
    let none = Reach { root: v, path: Vec::new(), each: None };
    let (mut at, mut path) = relation_chain(project, f, v);
    path.reverse();
    let mut each = None;
    let mut refined = None;
    for _ in 0..24 {
        // `narrowed(rows, term)` gives its argument back.
        if let Some(arg) = project.passed_on(f, at) {
            refined = Some(path.len());
            at = source_of(body, arg);
            continue;
        }
        match body.op(at).map(|op| &op.kind) {
            Some(OpKind::Element(iterated)) => {
                each = Some(path.len());
                at = source_of(body, *iterated);
            }
            Some(OpKind::Attr { base, name }) => {
                // `found.paginate(1).items`
                let page = matches!(project.text(*name), "items" | "object_list")
                    && matches!(body.op(source_of(body, *base)).map(|op| &op.kind), Some(OpKind::Call { callee, .. })
                        if matches!(body.op(*callee).map(|op| &op.kind), Some(OpKind::Attr { name, .. })
                            if project.text(*name) == "paginate"));
                if !page {
                    path.push(*name);
                }
                at = source_of(body, *base);
            }
            Some(OpKind::Slice { base, .. }) => at = source_of(body, *base),
            Some(OpKind::Call { callee, args }) => match body.op(*callee).map(|op| &op.kind) {
                Some(OpKind::Attr { base, name }) => {
                    let method = project.text(*name);
                    if method == "filter_queryset"
                        && let [arg] = &**args
                    {
                        refined = Some(path.len());
                        at = source_of(body, arg.value);
                        continue;
                    }
                    if REFINES.contains(&method) {
                        refined = Some(path.len());
                    } else if method != "all" || !args.is_empty() {
                        break;
                    }
                    at = source_of(body, *base);
                }
                Some(OpKind::Global(name)) if SAME_ROWS.contains(&project.text(*name)) => match args.first() {
                    Some(arg) if arg.kind == ArgKind::Positional => at = source_of(body, arg.value),
                    _ => break,
                },
                _ => break,
            },
            _ => break,
        }
    }
    // Refining the rows of a relation runs a query of its own.
    if refined.is_some_and(|at| path.len() > at) {
        return none;
    }
    path.reverse();
    Reach { root: at, each: each.map(|at| path.len().saturating_sub(at)), path }
}

/// The root of a value reached over attributes and `.all()`: `order.items.all()` -> (order, [items]).
#[must_use]
pub fn relation_chain(project: &Project, f: FuncId, v: ValueId) -> (ValueId, Vec<Sym>) {
    let body = project.code().body(f);
    let mut path = Vec::new();
    let mut at = source_of(body, v);
    // The site of an evaluation is the op that goes through the rows: a loop's element, `list(…)`, `key in …`.
    if let Some(site) = project.sites_at(f, v).find(|site| matches!(site.kind, SiteKind::Relation(_))) {
        let evaluated = source_of(body, project.evaluated(f, site));
        if !matches!(body.op(evaluated).map(|op| &op.kind), Some(OpKind::Element(_))) {
            at = evaluated;
        }
    }
    for _ in 0..16 {
        match body.op(at).map(|op| &op.kind) {
            Some(OpKind::Attr { base, name })
                if project.text(*name) == "awaitable_attrs"
                    || project.is_template(f) && project.text(*name) == "all" =>
            {
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
                    // `str(order)`
                    Some(OpKind::Global(_)) if writes(project, target) => args.first().map(|arg| arg.value),
                    _ => None,
                };
            }
            let position = usize::from(param) - usize::from(method);
            positional(args, position).or_else(|| {
                let name = function.params.get(usize::from(param))?.name;
                args.iter().find(|a| a.kind == ArgKind::Named(name)).map(|a| a.value)
            })
        }
        // `f"{order} of {customer}"`: the hole whose class says so.
        OpKind::Text(parts) if param == 0 && writes(project, target) => parts.iter().find_map(|part| match part {
            TextPart::Hole(value) => match project.ty(f, *value) {
                Type::Inst(class, _) => (project.method(*class, "__str__") == Some(target)).then_some(*value),
                _ => None,
            },
            TextPart::Literal(_) => None,
        }),
        // A property: the receiver is the attribute's base.
        OpKind::Attr { base, .. } if param == 0 => Some(*base),
        _ => None,
    }
}

/// Whether a function is what writes an object as text.
fn writes(project: &Project, target: FuncId) -> bool {
    project.text(project.code().func(target).name) == "__str__"
}

fn positional(args: &[Arg], position: usize) -> Option<ValueId> {
    let arg = args.get(position)?;
    (arg.kind == ArgKind::Positional && !args.iter().take(position).any(|a| a.kind == ArgKind::Spread))
        .then_some(arg.value)
}

/// The branch that holds the op ends by leaving: of all items at most one gets there.
fn leaves(body: &Body, v: ValueId) -> bool {
    let innermost = body.regions.iter().rev().find(|region| region.start <= v.0 && v.0 < region.end);
    let last = innermost.and_then(|region| body.last_in(region));
    last.is_some_and(|op| matches!(op.kind, OpKind::Return(_) | OpKind::Break | OpKind::Raise(_)))
}

fn param_of(body: &Body, v: ValueId) -> Option<u16> {
    match body.op(v).map(|op| &op.kind) {
        Some(OpKind::Param(i)) => Some(*i),
        _ => None,
    }
}

impl Given {
    /// Whether the arguments of the call leave the read out.
    #[must_use]
    pub fn switched_off(&self, project: &Project) -> bool {
        self.call.is_some_and(|call| project.switched_off(self.reader, self.op, call))
    }
}

/// What the site reads of values that it is given: through parameters of its targets and through
/// functions that are handed to them.
#[must_use]
pub fn given(project: &Project, f: FuncId, site: &Site) -> Vec<Given> {
    given_by(project, project.all_touches(), f, site)
}

fn given_by(project: &Project, known: &Touches, f: FuncId, site: &Site) -> Vec<Given> {
    let mut out = Vec::new();
    for target in &site.targets {
        if maps(site) {
            // `map(render, rows)`
            let Some(OpKind::Call { args, .. }) = project.code().op(f, site.op).map(|op| &op.kind) else { continue };
            let Some(rows) = args.get(1) else { continue };
            for touch in known.of(target.func).iter().filter(|touch| touch.param == 0) {
                out.push(Given {
                    call: None,
                    value: rows.value,
                    path: touch.path.clone(),
                    each: Some(0),
                    reader: target.func,
                    op: touch.op,
                });
            }
            continue;
        }
        for touch in known.of(target.func) {
            if let Some(value) = argument(project, f, site.op, target.func, touch.param) {
                let (path, each) = (touch.path.clone(), touch.each);
                out.push(Given { call: Some((f, site.op)), value, path, each, reader: target.func, op: touch.op });
            }
        }
        for applied in known.applied.get(target.func.0 as usize).into_iter().flatten() {
            let Some(value) = argument(project, f, site.op, target.func, applied.param) else { continue };
            let Some(callback) = argument(project, f, site.op, target.func, applied.callback) else { continue };
            let (g, bound) = match project.ty(f, callback) {
                Type::Func(g) => (*g, 0),
                Type::Bound(g, _) => (*g, 1),
                _ => continue,
            };
            for touch in known.of(g).iter().filter(|touch| touch.param == applied.position + bound) {
                let mut path = applied.path.clone();
                path.extend(touch.path.iter().copied());
                let each = applied.each.or(touch.each.map(|at| at + applied.path.len()));
                out.push(Given { call: Some((target.func, applied.op)), value, path, each, reader: g, op: touch.op });
            }
        }
    }
    out
}

/// `map(f, rows)` and `filter(f, rows)` call a function with each row.
fn maps(site: &Site) -> bool {
    matches!(site.kind, SiteKind::Library(row) if matches!(row.callee, "builtins.map" | "builtins.filter"))
}

pub(crate) fn find_touches(project: &Project) -> Touches {
    let code = project.code();
    let mut touches =
        Touches { read: vec![Vec::new(); code.func_count()], applied: vec![Vec::new(); code.func_count()] };
    for f in code.func_ids() {
        let body = code.body(f);
        for site in project.sites(f) {
            if !matches!(site.kind, SiteKind::Relation(_)) {
                continue;
            }
            let Reach { root, path, each } = reach(project, f, site.op);
            if each.is_some() && leaves(body, site.op) {
                continue;
            }
            if let (Some(param), Some(list), false) =
                (param_of(body, root), touches.read.get_mut(f.0 as usize), path.is_empty())
            {
                push(list, Touch { param, path, each, op: site.op, callee: None });
            }
        }
        for &op_id in code.calls_in(f) {
            let Some(OpKind::Call { callee, args }) = body.op(op_id).map(|op| &op.kind) else { continue };
            let Some(callback) = param_of(body, source_of(body, *callee)) else { continue };
            for (i, arg) in args.iter().enumerate().filter(|(_, arg)| arg.kind == ArgKind::Positional) {
                let Reach { root, path, each } = reach(project, f, arg.value);
                if let (Some(param), Some(list)) = (param_of(body, root), touches.applied.get_mut(f.0 as usize))
                    && list.len() < MOST
                {
                    let position = u16::try_from(i).unwrap_or(u16::MAX);
                    list.push(Applied { callback, position, param, path, each, op: op_id });
                }
            }
        }
    }
    for (f, op, schema, row) in validations(project) {
        let Type::Inst(model, _) = *project.ty(f, row) else { continue };
        let Reach { root, path, each } = reach(project, f, row);
        let (Some(param), true) = (param_of(code.body(f), root), project.orm().is_model(model)) else { continue };
        let Some(list) = touches.read.get_mut(f.0 as usize) else { continue };
        for read in shown(project, schema, model).reads {
            let path = path.iter().chain(&read.path).copied().collect();
            push(list, Touch { param, path, each, op, callee: None });
        }
    }
    for _ in 0..ROUNDS {
        let before = touches.clone();
        let mut changed = false;
        for f in code.func_ids() {
            let body = code.body(f);
            for site in project.sites(f).iter().filter(|site| !site.targets.is_empty()) {
                for given in given_by(project, &before, f, site) {
                    // Recursion is followed once: how deep the data nests is not known.
                    let again = given.reader == f
                        && before.of(f).iter().any(|t| t.op == given.op && t.callee == Some(f) && t.path == given.path);
                    if again || given.switched_off(project) {
                        continue;
                    }
                    let Reach { root, mut path, each } = reach(project, f, given.value);
                    let Some(param) = param_of(body, root) else { continue };
                    let each = each.or(given.each.map(|at| at + path.len()));
                    path.extend(given.path);
                    if path.len() <= LONGEST
                        && let Some(list) = touches.read.get_mut(f.0 as usize)
                    {
                        changed |= push(list, Touch { param, path, each, op: site.op, callee: Some(given.reader) });
                    }
                }
            }
        }
        if !changed {
            break;
        }
    }
    touches
}

fn push(list: &mut Vec<Touch>, touch: Touch) -> bool {
    let known = list.iter().any(|t| t.param == touch.param && t.path == touch.path && t.each == touch.each);
    if known || list.len() >= MOST {
        return false;
    }
    list.push(touch);
    true
}
