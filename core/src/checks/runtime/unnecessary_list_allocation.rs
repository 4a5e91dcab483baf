//! `unnecessary_list_allocation`: a list comprehension that only feeds a function which takes any iterable.

use crate::analysis::{Bound, FuncId, Holds, Project, SiteKind, Type};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{context_evidence, context_facts, place_of};
use crate::libraries::{Effects, RunContext};
use crate::model::{ArgKind, CollectionKind, FunctionKind, LoopKind, OpKind, RegionId, RegionKind, ValueId};
use crate::report::model::{Confidence, Effort, Severity};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct UnnecessaryListAllocation;

/// Lists of one function, or one list that is needed.
#[derive(Clone, Debug)]
pub enum Candidate {
    /// Lists that nothing needs, in order.
    Lists(Vec<Wrapped>),
    /// Why the list is needed.
    Needed(String),
}

/// `any([…])`
#[derive(Clone, Copy, Debug)]
pub struct Wrapped {
    call: ValueId,
    wrapper: Wrapper,
    looped: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrapper {
    Any,
    All,
    Set,
    Dict,
    Len,
    Sum,
    Min,
    Max,
    Tuple,
    Join,
}

impl Check for UnnecessaryListAllocation {
    const ID: &'static str = "unnecessary_list_allocation";
    type Candidate = Candidate;

    fn candidates(cx: Cx<'_>) -> Candidates<Candidate> {
        let project = cx.project;
        let code = project.code();
        let mut found = Vec::new();
        let mut comprehensions = 0;
        for f in code.holding(Holds::COMPREHENSION) {
            if project.context(f) == RunContext::Test {
                continue;
            }
            let mut lists = Vec::new();
            for (i, op) in code.body(f).ops.iter().enumerate() {
                let list = Some(CollectionKind::List);
                comprehensions += u32::from(matches!(op.kind, OpKind::Comprehension { kind, .. } if kind == list));
                let call = ValueId(u32::try_from(i).unwrap_or(u32::MAX));
                let Some((wrapper, region, kept)) = wrapped(project, f, call) else { continue };
                match needed(project, f, wrapper, region, kept) {
                    Some(reason) => found.push((place_of(project, f, call), Candidate::Needed(reason))),
                    None => lists.push(Wrapped { call, wrapper, looped: in_loop(project, f, call) }),
                }
            }
            let gains = |list: &&Wrapped| list.wrapper.matters_when_hot();
            let worst = lists
                .iter()
                .find(|list| severity(project, f, list) == Severity::Medium)
                .or(lists.iter().find(gains))
                .or(lists.first());
            if let Some(worst) = worst.copied() {
                lists.retain(|list| list.call != worst.call);
                lists.insert(0, worst);
                found.push((place_of(project, f, worst.call), Candidate::Lists(lists)));
            }
        }
        if comprehensions == 0 {
            return Candidates::Nothing("no list comprehension was found");
        }
        Candidates::Found(found, format!("{comprehensions} list comprehensions"))
    }

    fn judge(cx: Cx<'_>, place: Place, candidate: &Candidate) -> Judgement {
        let project = cx.project;
        let lists = match candidate {
            Candidate::Needed(reason) => return Judgement::Rejected(reason.clone()),
            Candidate::Lists(lists) => lists,
        };
        let Some(first) = lists.first() else { return Judgement::Rejected("no list is left".into()) };
        let f = place.func;
        let (purpose, advice) = first.wrapper.words();
        let name = first.wrapper.name();
        let mut evidence = vec![context_evidence(project, f)];
        if first.wrapper.same_speed() {
            evidence.push("CPython runs the generator in about the same time: the gain is memory".into());
        }
        let steps = lists
            .iter()
            .take(5)
            .map(|list| project.step(f, list.call, format!("`{}` takes a whole list", list.wrapper.name())))
            .collect();
        let draft = Box::new(Draft {
            place,
            severity: severity(project, f, first),
            confidence: Confidence::High,
            message: format!("`{name}` builds a list only to {purpose} it"),
            recommendation: advice.to_owned(),
            effort: Effort::S,
            steps,
            evidence,
            facts: context_facts(cx, f),
        });
        // As fast with the list: only its memory could matter, and that is a matter of the data.
        if !first.wrapper.matters_when_hot() {
            return Judgement::NeedsContext(draft, "how long the list gets is not seen".into());
        }
        Judgement::Confirmed(draft)
    }
}

impl Wrapper {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "builtins.any" => Self::Any,
            "builtins.all" => Self::All,
            "builtins.set" | "builtins.frozenset" => Self::Set,
            "builtins.dict" => Self::Dict,
            "builtins.len" => Self::Len,
            "builtins.sum" => Self::Sum,
            "builtins.min" => Self::Min,
            "builtins.max" => Self::Max,
            "builtins.tuple" => Self::Tuple,
            _ => return None,
        })
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Any => "any([…])",
            Self::All => "all([…])",
            Self::Set => "set([…])",
            Self::Dict => "dict([…])",
            Self::Len => "len([…])",
            Self::Sum => "sum([…])",
            Self::Min => "min([…])",
            Self::Max => "max([…])",
            Self::Tuple => "tuple([…])",
            Self::Join => "join([…])",
        }
    }

    /// What the list is for, and the cure.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Any => ("test", "Pass a generator, `any(… for …)`: it stops at the first hit"),
            Self::All => ("test", "Pass a generator, `all(… for …)`: it stops at the first miss"),
            Self::Set => ("convert", "Write a set comprehension, `{… for …}`"),
            Self::Dict => ("convert", "Write a dict comprehension, `{key: value for …}`"),
            Self::Len => ("count", "Count without the list, `sum(1 for … if …)`"),
            Self::Sum => ("sum", "Pass a generator, `sum(… for …)`: it saves the memory of the list, not time"),
            Self::Min | Self::Max => ("compare", "Pass a generator: it saves the memory of the list, not time"),
            Self::Tuple => ("convert", "Pass a generator, `tuple(… for …)`: it saves the memory of the list, not time"),
            Self::Join => ("join", "Leave it unless the list is large: a generator saves its memory, not time"),
        }
    }

    const fn same_speed(self) -> bool {
        matches!(self, Self::Sum | Self::Min | Self::Max | Self::Tuple | Self::Join)
    }

    const fn matters_when_hot(self) -> bool {
        matches!(self, Self::Any | Self::All | Self::Set | Self::Dict)
    }
}

fn severity(project: &Project, f: FuncId, list: &Wrapped) -> Severity {
    let hot = list.looped || project.context(f) == RunContext::Stream;
    if hot && list.wrapper.matters_when_hot() { Severity::Medium } else { Severity::Low }
}

/// The wrapper, the comprehension's region, and whether the list is also bound to a name.
fn wrapped(project: &Project, f: FuncId, call: ValueId) -> Option<(Wrapper, RegionId, bool)> {
    let body = project.code().body(f);
    let OpKind::Call { callee, args } = &body.op(call)?.kind else { return None };
    let first = args.first().filter(|arg| arg.kind == ArgKind::Positional)?;
    let (value, kept) = match body.op(first.value)?.kind {
        OpKind::Bind { value, .. } => (value, true),
        _ => (first.value, false),
    };
    let OpKind::Comprehension { kind: Some(CollectionKind::List), region, .. } = body.op(value)?.kind else {
        return None;
    };
    let wrapper = match project.ty(f, *callee) {
        Type::LibRef(name) => Wrapper::of(project.text(*name))?,
        Type::LibBound(receiver, name) => {
            let joins = *project.type_of(*receiver) == Type::Str && project.text(*name) == "join";
            joins.then_some(Wrapper::Join)?
        }
        _ => return None,
    };
    // A name bound before the call is no part of it: `values = […]; len(values)`.
    let alone = args.iter().filter(|arg| arg.kind == ArgKind::Positional).count() == 1 || wrapper == Wrapper::Sum;
    let inline = !kept || written_inside(project, f, call, first.value);
    (alone && inline).then_some((wrapper, region, kept))
}

/// `len(x := […])`: the binding stands within the call.
fn written_inside(project: &Project, f: FuncId, call: ValueId, bind: ValueId) -> bool {
    let body = project.code().body(f);
    match (body.span(call), body.span(bind)) {
        (Some(c), Some(b)) => (b.line, b.col) > (c.line, c.col) && (b.end_line, b.end_col) <= (c.end_line, c.end_col),
        _ => false,
    }
}

/// Why the list must be built.
fn needed(project: &Project, f: FuncId, wrapper: Wrapper, region: RegionId, kept: bool) -> Option<String> {
    let body = project.code().body(f);
    if kept {
        return Some("the list is kept under a name and used again".into());
    }
    let span = body.regions.get(region.0 as usize)?;
    let inside = || (span.start..span.end).map(ValueId);
    let is_async = body.regions.iter().skip(region.0 as usize).any(|r| {
        r.start >= span.start
            && r.end <= span.end
            && matches!(r.kind, RegionKind::Loop { kind: LoopKind::AsyncFor, .. })
    });
    if is_async || inside().any(|v| matches!(body.op(v).map(|op| &op.kind), Some(OpKind::Await(_)))) {
        return Some("the elements are awaited: a generator would be asynchronous".into());
    }
    if project.code().func(f).kind == FunctionKind::TopLevel {
        return Some("runs once, when the module is imported".into());
    }
    let bound = project.loops_of(f).iter().find(|l| l.region == region).map(|l| l.bound);
    if let Some(Bound::Constant(n)) = bound
        && n <= 10
    {
        return Some(format!("the list has {n} items"));
    }
    if matches!(wrapper, Wrapper::Any | Wrapper::All) && inside().any(|v| has_effect(project, f, v)) {
        return Some("every element must be evaluated for its effect".into());
    }
    None
}

/// Whether evaluating the op changes something: short circuit would change behaviour.
fn has_effect(project: &Project, f: FuncId, op: ValueId) -> bool {
    const VERBS: &[&str] = &[
        "add",
        "apply",
        "append",
        "clean",
        "delete",
        "execute",
        "full_clean",
        "is_valid",
        "pop",
        "process",
        "register",
        "remove",
        "run",
        "save",
        "send",
        "setdefault",
        "update",
        "validate",
        "write",
    ];
    let harmless =
        Effects::BLOCKS.with(Effects::CPU).with(Effects::METADATA).with(Effects::DB_READ).with(Effects::LAZY_LOAD);
    let metadata =
        |effects: Effects| if effects.any(Effects::METADATA) { effects.without(Effects::FILE_IO) } else { effects };
    if project.sites_at(f, op).any(|site| !metadata(project.effects_of(site)).without(harmless).is_empty()) {
        return true;
    }
    let changes = |g: FuncId| {
        let stores = |op: &crate::model::Op| matches!(op.kind, OpKind::StoreAttr { .. } | OpKind::BindOuter { .. });
        project.code().body(g).ops.iter().any(stores)
    };
    if project
        .sites_at(f, op)
        .any(|site| matches!(site.kind, SiteKind::Project) && site.targets.iter().any(|t| changes(t.func)))
    {
        return true;
    }
    let body = project.code().body(f);
    let Some(OpKind::Call { callee, .. }) = body.op(op).map(|op| &op.kind) else { return false };
    match body.op(*callee).map(|op| &op.kind) {
        Some(OpKind::Attr { name, base }) => {
            !matches!(project.ty(f, *base), Type::Str) && VERBS.contains(&project.text(*name))
        }
        _ => false,
    }
}

/// Whether the call itself runs in a loop over data.
fn in_loop(project: &Project, f: FuncId, call: ValueId) -> bool {
    project
        .loops_of(f)
        .iter()
        .any(|l| l.holds(call) && Some(call) != l.element && matches!(l.bound, Bound::Data | Bound::Chunks))
}
