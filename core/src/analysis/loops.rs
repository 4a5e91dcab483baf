//! Loops: what they iterate, how often they can run, what lies inside.

use super::code::{ClassId, Code, FuncId, ModuleId};
use super::flow::source_of;
use super::project::Project;
use super::serializers::class_value;
use super::touches::argument;
use super::types::Type;
use crate::libraries::RunContext;
use crate::model::{
    ArgKind, ClassIdx, CollectionKind, Const, LoopKind, Op, OpKind, Region, RegionId, RegionKind, Sym, ValueId,
};
use crate::source::Span;

/// How often a loop can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// A constant number of times.
    Constant(u32),
    /// Over chunks, pages or batches of items.
    Chunks,
    /// It leaves in its first pass.
    Once,
    /// Over data.
    Data,
}

/// A loop.
#[derive(Clone, Debug)]
pub struct LoopFacts {
    /// Function that holds it.
    pub func: FuncId,
    /// Its region.
    pub region: RegionId,
    /// Form.
    pub kind: LoopKind,
    /// What it iterates.
    pub iter: Option<ValueId>,
    /// The value of one element.
    pub element: Option<ValueId>,
    /// Ops inside: `start..end`.
    pub start: u32,
    /// One past the last op.
    pub end: u32,
    /// How often it can run.
    pub bound: Bound,
    /// The statement.
    pub span: Span,
}

impl LoopFacts {
    /// Whether a site runs in every pass; evaluating what the loop iterates happens once.
    #[must_use]
    pub fn runs(&self, site: &super::calls::Site) -> bool {
        self.holds(site.op) && Some(site.op) != self.element
    }

    /// Whether `v` is computed inside.
    #[must_use]
    pub fn holds(&self, v: ValueId) -> bool {
        self.start <= v.0 && v.0 < self.end
    }
}

/// Names that say that a loop handles many items per pass.
const CHUNK_WORDS: &[&str] = &["chunk", "batch", "page", "bucket", "partition", "window", "shard"];

pub(crate) fn find_loops(project: &Project) -> Vec<LoopFacts> {
    let code = project.code();
    let mut out = Vec::new();
    for f in code.func_ids() {
        let body = code.body(f);
        for (i, region) in body.regions.iter().enumerate() {
            let RegionKind::Loop { kind, iter } = &region.kind else { continue };
            let element = (region.start..region.end)
                .map(ValueId)
                .take(64)
                .find(|v| matches!(body.op(*v).map(|op| &op.kind), Some(OpKind::Element(it)) if Some(*it) == *iter));
            out.push(LoopFacts {
                func: f,
                region: RegionId(u32::try_from(i).unwrap_or(u32::MAX)),
                kind: *kind,
                iter: *iter,
                element,
                start: region.start,
                end: region.end,
                bound: bound(project, f, *kind, *iter, element, region, i),
                span: region.span,
            });
        }
    }
    out
}

fn bound(
    project: &Project,
    f: FuncId,
    kind: LoopKind,
    iter: Option<ValueId>,
    element: Option<ValueId>,
    region: &Region,
    index: usize,
) -> Bound {
    let code = project.code();
    if leaves_at_once(code, f, region, index) {
        return Bound::Once;
    }
    let Some(iter) = iter else {
        return if matches!(kind, LoopKind::While | LoopKind::Endless) && pages(project, f, region) {
            Bound::Chunks
        } else {
            Bound::Data
        };
    };
    if let Some(n) = constant_length(project, f, iter, 0) {
        return Bound::Constant(n);
    }
    if yields_once(project, f, iter) {
        return Bound::Once;
    }
    let named_chunk = |v: ValueId| {
        let text = project.describe(f, v).to_lowercase();
        let text = text.split('(').next().unwrap_or("").to_owned();
        let last = text.rsplit('.').next().unwrap_or("").to_owned();
        CHUNK_WORDS.iter().any(|word| last.contains(word)) && !last.contains("pages_of")
    };
    let element_named = element.is_some_and(|e| {
        code.body(f).ops.iter().skip(e.0 as usize).take(3).any(|op| match op.kind {
            OpKind::Bind { name, value } if value == e => {
                let text = project.text(name).to_lowercase();
                CHUNK_WORDS.iter().any(|word| text.contains(word)) && project.element_is_container(f, e)
            }
            _ => false,
        })
    });
    let steps = match code.op(f, iter).map(|op| &op.kind) {
        // range(0, n, size)
        Some(OpKind::Call { callee, args }) => {
            matches!(project.ty(f, *callee), Type::LibRef(name) if project.text(*name) == "builtins.range")
                && args.len() == 3
        }
        _ => false,
    };
    if steps
        || element_named
        || element.is_some_and(|element| numbers_pages(project, f, element, region))
        || matches!(code.op(f, iter).map(|op| &op.kind), Some(OpKind::Call { .. })) && named_chunk(iter)
    {
        return Bound::Chunks;
    }
    Bound::Data
}

/// `for session in get_session():` of a generator that gives one thing and cleans up after it.
fn yields_once(project: &Project, f: FuncId, iter: ValueId) -> bool {
    let code = project.code();
    let call = source_of(code.body(f), iter);
    let Some(OpKind::Call { callee, .. }) = code.op(f, call).map(|op| &op.kind) else { return false };
    let (Type::Func(g) | Type::Bound(g, _)) = project.ty(f, *callee) else { return false };
    let body = code.body(*g);
    let mut yields =
        (0_u32..).zip(&body.ops).filter(|(_, op)| matches!(op.kind, OpKind::Yield(_) | OpKind::YieldFrom(_)));
    let Some((at, Op { kind: OpKind::Yield(_) })) = yields.next() else { return false };
    let looped = body.regions.iter().any(|r| matches!(r.kind, RegionKind::Loop { .. }) && r.start <= at && at < r.end);
    code.func(*g).is_generator && yields.next().is_none() && !looped
}

/// The last statement at the loop's own level leaves it, whatever happened before.
fn leaves_at_once(code: &Code, f: FuncId, region: &Region, index: usize) -> bool {
    let body = code.body(f);
    let Some(last) = body.last_in(region) else { return false };
    if !matches!(last.kind, OpKind::Return(_) | OpKind::Break | OpKind::Raise(_)) {
        return false;
    }
    let at = region.end - 1;
    // Not inside a nested region, and no `continue` that starts another pass.
    let nested = body.regions.iter().skip(index + 1).any(|r| {
        r.start <= at
            && at < r.end
            && r.start >= region.start
            && r.end <= region.end
            && !matches!(r.kind, RegionKind::With { .. })
    });
    let goes_on = (region.start..region.end)
        .any(|i| matches!(body.ops.get(i as usize).map(|op| &op.kind), Some(OpKind::Continue)));
    !nested && !goes_on
}

/// `for number in range(1, 5): page = paginator.get_page(number)`
fn numbers_pages(project: &Project, f: FuncId, element: ValueId, region: &Region) -> bool {
    if project.sym("Paginator").is_none() {
        return false;
    }
    let body = project.code().body(f);
    body.ops.get(region.start as usize..region.end as usize).unwrap_or_default().iter().any(|op| {
        let OpKind::Call { callee, args } = &op.kind else { return false };
        matches!(body.op(*callee).map(|op| &op.kind), Some(OpKind::Attr { base, name })
            if matches!(project.text(*name), "page" | "get_page")
                && project.lib_class(f, *base) == Some("django.core.paginator.Paginator"))
            && args.first().is_some_and(|arg| source_of(body, arg.value) == element)
    })
}

/// `while` loops that fetch page after page.
fn pages(project: &Project, f: FuncId, region: &Region) -> bool {
    let body = project.code().body(f);
    (region.start..region.end).filter_map(|i| body.ops.get(i as usize)).any(|op| match &op.kind {
        OpKind::Call { args, callee } => {
            let named = args.iter().any(|a| match a.kind {
                ArgKind::Named(n) => {
                    matches!(
                        project.text(n),
                        "offset" | "cursor" | "page" | "after" | "page_token" | "limit" | "batch_size"
                    )
                }
                _ => false,
            });
            let method = match body.op(*callee).map(|op| &op.kind) {
                Some(OpKind::Attr { name, .. }) => project.text(*name),
                _ => "",
            };
            named || matches!(method, "limit" | "offset" | "fetchmany" | "paginate" | "next_page")
        }
        OpKind::Slice { bounded: true, .. } => true,
        OpKind::Text(parts) => parts.iter().any(|part| match part {
            crate::model::TextPart::Literal(s) => {
                let text = project.text(*s).to_ascii_lowercase();
                text.split_whitespace().any(|word| word == "offset")
            }
            crate::model::TextPart::Hole(_) => false,
        }),
        _ => false,
    })
}

/// Whether something is added to a container after its display.
fn is_filled(project: &Project, f: FuncId, display: ValueId) -> bool {
    const ONE: &[&str] = &["add", "append", "appendleft", "insert", "setdefault"];
    let body = project.code().body(f);
    let looped = |at: usize| {
        let holds = |r: &Region| r.start as usize <= at && at < r.end as usize;
        body.regions.iter().any(|r| matches!(r.kind, RegionKind::Loop { .. }) && holds(r))
    };
    body.ops.iter().enumerate().any(|(at, op)| match &op.kind {
        OpKind::Call { callee, .. } => match body.op(*callee).map(|op| &op.kind) {
            Some(OpKind::Attr { base, name }) if source_of(body, *base) == display => match project.text(*name) {
                // One more, if no loop adds it.
                name if ONE.contains(&name) => looped(at),
                name => matches!(name, "extend" | "update"),
            },
            _ => false,
        },
        OpKind::StoreItem { base, .. } => looped(at) && source_of(body, *base) == display,
        OpKind::Augment { old: base, .. } => source_of(body, *base) == display,
        _ => false,
    })
}

/// Length of the displays that all callers give for a parameter: `render([order])`.
fn given_length(project: &Project, f: FuncId, param: u16, depth: u32) -> Option<u32> {
    let code = project.code();
    let mut longest = None;
    for &(caller, site) in project.callers(f) {
        if project.context(caller) == RunContext::Test {
            continue;
        }
        let site = project.sites(caller).get(site as usize)?;
        let given = argument(project, caller, site.op, f, param)?;
        let display = source_of(code.body(caller), given);
        if !matches!(code.op(caller, display)?.kind, OpKind::Collection { .. }) {
            return None;
        }
        longest = longest.max(Some(constant_length(project, caller, display, depth)?));
    }
    longest
}

/// Length of `settings.SIZES`, `Order.STATES`, `self.states`, `constants.SIZES` where the name has a literal value.
fn named_length(project: &Project, f: FuncId, base: ValueId, name: Sym, depth: u32) -> Option<u32> {
    let code = project.code();
    let found: Vec<(FuncId, ValueId)> = match project.ty(f, base) {
        Type::Module(m) => {
            let (top, values) = project.bound_in(*m, name)?;
            values.into_iter().map(|v| (top, v)).collect()
        }
        Type::ClassObj(class) | Type::Inst(class, _) => vec![class_value(project, *class, project.text(name))?],
        // What the settings of another machine say is not seen, yet they are of the same kind.
        Type::LibRef(settings) if project.text(*settings) == "django.conf.settings" => code
            .module_ids()
            .filter(|m| is_settings(code, *m))
            .filter_map(|m| project.global_values(m, name))
            .flat_map(|(top, values)| values.into_iter().map(move |v| (top, v)))
            .collect(),
        _ => return None,
    };
    if found.is_empty() || found.len() > 8 {
        return None;
    }
    let lengths: Option<Vec<u32>> = found.into_iter().map(|(g, v)| constant_length(project, g, v, depth)).collect();
    lengths?.into_iter().max()
}

/// A settings module of Django, by its path: `app/settings.py`, `config/settings/base.py`.
fn is_settings(code: &Code, m: ModuleId) -> bool {
    code.module(m).is_some_and(|module| {
        module.path.as_str().rsplit('/').take(2).any(|part| part.trim_end_matches(".py").starts_with("settings"))
    })
}

/// Length of a value that is a constant.
fn constant_length(project: &Project, f: FuncId, v: ValueId, depth: u32) -> Option<u32> {
    if depth > 5 {
        return None;
    }
    let code = project.code();
    let length = |n: usize| u32::try_from(n).ok();
    match &code.op(f, v)?.kind {
        OpKind::Collection { .. } if is_filled(project, f, v) => None,
        // An empty display is there to be filled.
        OpKind::Collection { items, .. } if items.is_empty() => added_one_by_one(project, f, v),
        OpKind::Collection { kind, items } => match kind {
            CollectionKind::Dict => length(items.len() / 2),
            // `[*xs]` is data; a display of plain elements is constant.
            _ => length(items.len()),
        },
        OpKind::Param(i) => given_length(project, f, *i, depth + 1),
        OpKind::Const(Const::Str(s)) => length(project.text(*s).chars().count()),
        OpKind::Bind { value, .. } | OpKind::Annotated { value: Some(value), .. } => {
            constant_length(project, f, *value, depth + 1)
        }
        // A class iterated is an enumeration.
        OpKind::Global(_) if matches!(project.ty(f, v), Type::ClassObj(_)) => Some(ENUMERATION),
        OpKind::Global(_) => {
            let (top, values) = project.bindings(f, v)?;
            match values.as_slice() {
                [one] => constant_length(project, top, *one, depth + 1),
                _ => None,
            }
        }
        OpKind::Attr { base, name }
            if nested_class(project, f, v).is_some() || is_enumeration(project, f, *base, *name) =>
        {
            Some(ENUMERATION)
        }
        OpKind::Attr { base, name } => named_length(project, f, *base, *name, depth + 1),
        OpKind::Item { base, .. } => longest_value(project, f, *base, depth + 1),
        OpKind::Call { callee, args } => {
            let Type::LibRef(name) = project.ty(f, *callee) else {
                // `CONSTANT.items()`
                if let Some(OpKind::Attr { base, name }) = code.op(f, *callee).map(|op| &op.kind)
                    && matches!(project.text(*name), "items" | "keys" | "values")
                    && args.is_empty()
                {
                    return constant_length(project, f, *base, depth + 1);
                }
                // `RATES.get(level)`
                if let Some(OpKind::Attr { base, name }) = code.op(f, *callee).map(|op| &op.kind)
                    && project.text(*name) == "get"
                {
                    return longest_value(project, f, *base, depth + 1);
                }
                return None;
            };
            match project.text(*name) {
                "builtins.range" => {
                    let ints: Vec<i64> = args
                        .iter()
                        .map(|a| match code.op(f, a.value).map(|op| &op.kind) {
                            Some(OpKind::Const(Const::Int(i))) => Some(i.get()),
                            Some(OpKind::Global(name)) => project.global_int(code.module_of(f), *name),
                            _ => None,
                        })
                        .collect::<Option<_>>()?;
                    match ints.as_slice() {
                        [end] => u32::try_from(*end).ok(),
                        [start, end, ..] => u32::try_from(end - start).ok(),
                        [] => None,
                    }
                }
                "builtins.enumerate" | "builtins.reversed" | "builtins.sorted" | "builtins.list" | "builtins.tuple"
                | "builtins.set" | "builtins.zip" | "builtins.iter" => {
                    args.first().and_then(|a| constant_length(project, f, a.value, depth + 1))
                }
                _ => None,
            }
        }
        // One of several displays, an empty one that nothing fills among them; what a loop makes of it is data.
        OpKind::Phi(entries) if !entries.iter().any(|entry| entry.0 >= v.0) && !is_filled(project, f, v) => {
            let longest = entries.iter().try_fold(0, |longest: u32, entry| {
                let at = source_of(code.body(f), *entry);
                let empty = matches!(code.op(f, at).map(|op| &op.kind), Some(OpKind::Collection { items, .. })
                    if items.is_empty() && !is_filled(project, f, at));
                let length = if empty { 0 } else { constant_length(project, f, at, depth + 1)? };
                Some(length.max(longest))
            })?;
            (longest > 0).then_some(longest)
        }
        // A class iterated is an enumeration.
        _ => match project.ty(f, v) {
            Type::ClassObj(_) => Some(ENUMERATION),
            _ => None,
        },
    }
}

/// The length of the longest list among the values of a constant dictionary, where all of them are written out.
fn longest_value(project: &Project, f: FuncId, v: ValueId, depth: u32) -> Option<u32> {
    let code = project.code();
    let at = source_of(code.body(f), v);
    let (top, dict) = match &code.op(f, at)?.kind {
        OpKind::Global(_) => match project.bindings(f, at)? {
            (top, values) if values.len() == 1 => (top, *values.first()?),
            _ => return None,
        },
        _ => (f, at),
    };
    let dict = source_of(code.body(top), dict);
    let OpKind::Collection { kind: CollectionKind::Dict, items } = &code.op(top, dict)?.kind else { return None };
    if items.is_empty() || is_filled(project, top, dict) {
        return None;
    }
    let values = items.iter().skip(1).step_by(2);
    values.map(|value| constant_length(project, top, *value, depth)).try_fold(0, |longest, n| Some(n?.max(longest)))
}

/// What an enumeration has members.
const ENUMERATION: u32 = 8;

/// `Order.Status`: a class within another.
fn nested_class(project: &Project, f: FuncId, v: ValueId) -> Option<ClassId> {
    let code = project.code();
    let OpKind::Attr { base, name } = code.op(f, source_of(code.body(f), v))?.kind else { return None };
    let Type::ClassObj(outer) = *project.ty(f, base) else { return None };
    let m = code.module_of_class(outer);
    let ids = (0..).map(ClassIdx).zip(&code.module(m)?.classes);
    let inner = ids
        .into_iter()
        .find(|(_, class)| class.name == name && class.outer.map(|at| code.class_id(m, at)) == Some(outer));
    inner.map(|(at, _)| code.class_id(m, at))
}

/// `Status.choices`, `Status.values` of Django's enumerations, `Status.__members__` of any.
fn is_enumeration(project: &Project, f: FuncId, base: ValueId, name: Sym) -> bool {
    let class = match *project.ty(f, base) {
        Type::ClassObj(class) => Some(class),
        _ => nested_class(project, f, base),
    };
    let Some(class) = class else { return false };
    matches!(project.text(name), "choices" | "values" | "names" | "labels" | "__members__")
        && project
            .library_ancestors(class)
            .any(|base| base.starts_with("enum.") || base.starts_with("django.db.models.") && base.ends_with("Choices"))
}

/// How many elements an empty list gets by `append` alone, each written out: `checks.append(Length())`. None where it is
/// handed to what may add more.
fn added_one_by_one(project: &Project, f: FuncId, display: ValueId) -> Option<u32> {
    const LAST: &[&str] = &["append", "add"];
    let body = project.code().body(f);
    let is_it = |v: ValueId| source_of(body, v) == display;
    let mut added = 0;
    for op in &body.ops {
        match &op.kind {
            OpKind::Call { callee, args } => {
                if let Some(OpKind::Attr { base, name }) = body.op(*callee).map(|op| &op.kind)
                    && is_it(*base)
                {
                    added += u32::from(LAST.contains(&project.text(*name)));
                }
                if args.iter().any(|arg| arg.kind == ArgKind::Positional && is_it(arg.value)) {
                    return None;
                }
            }
            OpKind::StoreAttr { value, .. } | OpKind::StoreItem { value, .. } if is_it(*value) => return None,
            _ => {}
        }
    }
    (added > 0).then_some(added)
}
