//! `wrong_caching_scope`: look-up data that is kept by an object of one request, and loaders that
//! read the same data from disk on every request.

use crate::analysis::{ClassId, FuncId, Project, Provider, Site, Type, inside, source_of};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{context_evidence, context_facts, place_of};
use crate::libraries::{Effects, RunContext};
use crate::model::{Body, Const, FunctionKind, Op, OpKind, RegionKind, Sym, ValueId};
use crate::order::InOrder as _;
use crate::report::model::{Confidence, Effort, Severity, Step};
use std::collections::BTreeMap;

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct WrongCachingScope;

/// What is filled again on every request.
#[derive(Clone, Copy, Debug)]
pub enum Candidate {
    /// An attribute of an object that is made per request: the class, where it is made, the
    /// attribute, the query that fills it.
    Attribute {
        /// Class.
        class: ClassId,
        /// A function that makes it, or is given it.
        made: FuncId,
        /// Attribute.
        name: Sym,
        /// Method that fills it.
        func: FuncId,
        /// The query, or the call that leads to it.
        query: ValueId,
    },
    /// A constructor that reads its data from disk.
    Loader(FuncId, ValueId),
}

/// Constructors and functions that load a database or model from disk.
const LOADERS: &[&str] = &[
    "magic.Magic",
    "geoip2.database.Reader",
    "maxminddb.open_database",
    "spacy.load",
    "fasttext.load_model",
    "whisper.load_model",
    "joblib.load",
    "torch.load",
    "onnxruntime.InferenceSession",
    "transformers.pipeline",
    "transformers.AutoModel.from_pretrained",
    "transformers.AutoTokenizer.from_pretrained",
    "transformers.AutoModelForSequenceClassification.from_pretrained",
    "transformers.AutoModelForCausalLM.from_pretrained",
    "sentence_transformers.SentenceTransformer",
    "sentence_transformers.CrossEncoder",
    "easyocr.Reader",
];

/// Words of data that is the same for everybody and seldom changes.
const LOOK_UP: &[&str] = &[
    "language",
    "lang",
    "flag",
    "setting",
    "permission",
    "role",
    "config",
    "currency",
    "currencies",
    "country",
    "countries",
    "category",
    "categories",
    "type",
    "option",
    "feature",
    "locale",
    "timezone",
    "status",
    "template",
    "mapping",
    "lookup",
    "translation",
    "unit",
    "rate",
    "tax",
    "region",
    "state",
    "choice",
    "rule",
    "plan",
];
/// Words of data that belongs to one user or request.
const OWN: &[&str] =
    &["user", "request", "account", "customer", "member", "session", "owner", "tenant", "current", "token"];
/// Words of those who share an application and not their data.
const TENANT: &[&str] =
    &["group", "household", "workspace", "organization", "organisation", "org", "team", "company", "shop"];

impl Check for WrongCachingScope {
    const ID: &'static str = "wrong_caching_scope";
    type Candidate = Candidate;

    fn candidates(cx: Cx<'_>) -> Candidates<Candidate> {
        let project = cx.project;
        let mut found: Vec<(Place, Candidate)> = Vec::new();
        for (class, made) in per_request(project) {
            found.extend(filled(project, class, made));
        }
        for f in project.code().func_ids() {
            if serves_requests(project, f) {
                found.extend(loaders(project, f).map(|op| (place_of(project, f, op), Candidate::Loader(f, op))));
            }
        }
        found.order_by_key(|(place, _)| *place);
        found.dedup_by_key(|(place, _)| *place);
        if found.is_empty() {
            return Candidates::Nothing("no object of a request keeps what it looks up");
        }
        let count = found.len();
        Candidates::Found(found, format!("{count} caches and loaders of requests"))
    }

    fn judge(cx: Cx<'_>, place: Place, candidate: &Candidate) -> Judgement {
        match *candidate {
            Candidate::Attribute { class, made, name, func, query } => {
                attribute(cx, place, class, made, name, func, query)
            }
            Candidate::Loader(f, op) => loader(cx, place, f, op),
        }
    }
}

/// Classes whose objects are made for a request and for nothing else.
fn per_request(project: &Project) -> BTreeMap<ClassId, FuncId> {
    let code = project.code();
    let mut out = BTreeMap::new();
    for f in code.func_ids() {
        for i in 0..code.func(f).params.len() {
            match project.provider(f, i) {
                Some(Provider::Class(class)) => {
                    out.entry(class).or_insert(f);
                }
                Some(Provider::Func(g)) if !cached(project, g) => {
                    let makes = code.body(g).ops.iter().any(|op| matches!(op.kind, OpKind::Call { .. }));
                    if let Type::Inst(class, _) = project.returns(g)
                        && makes
                        && made_in(project, g, *class)
                    {
                        out.entry(*class).or_insert(g);
                    }
                }
                _ => {}
            }
        }
    }
    for class in code.class_ids() {
        let Some(init) = project.method(class, "__init__") else { continue };
        if code.class_of(init) != Some(class) {
            continue;
        }
        let made = project.callers(init).iter().find(|(f, i)| {
            let remembered = project.sites(*f).get(*i as usize).is_none_or(|site| site.remembered);
            matches!(project.context(*f), RunContext::Request | RunContext::Stream)
                && !remembered
                && !cached(project, *f)
        });
        if let Some((f, _)) = made {
            out.entry(class).or_insert(*f);
        }
    }
    // One that a module keeps outlives the request.
    out.retain(|class, _| {
        let Some(init) = project.method(*class, "__init__") else { return false };
        let kept = project.callers(init).iter().any(|(f, i)| {
            let constructs = project.sites(*f).get(*i as usize).is_some_and(|site| {
                matches!(code.op(*f, site.op).map(|op| &op.kind), Some(OpKind::Call { callee, .. })
                    if matches!(project.ty(*f, *callee), Type::ClassObj(_)))
            });
            code.func(*f).kind == FunctionKind::TopLevel && constructs
        });
        !kept && project.orm().model(*class).is_none()
    });
    out
}

fn cached(project: &Project, f: FuncId) -> bool {
    project.decorators(f).iter().any(|name| name.contains("cache") || name.contains("singleton"))
}

/// `g` itself constructs the class, outside of a guard.
fn made_in(project: &Project, g: FuncId, class: ClassId) -> bool {
    project.sites(g).iter().any(|site| {
        !site.remembered
            && matches!(project.code().op(g, site.op).map(|op| &op.kind), Some(OpKind::Call { callee, .. })
                if matches!(project.ty(g, *callee), Type::ClassObj(made) if *made == class))
    })
}

/// Attributes of the class that a query fills behind a guard, and cached properties.
fn filled(project: &Project, class: ClassId, made: FuncId) -> Vec<(Place, Candidate)> {
    let code = project.code();
    let mut out = Vec::new();
    for method in &code.class(class).methods {
        let f = code.func_id(code.module_of_class(class), *method);
        let body = code.body(f);
        if project.decorators(f).iter().any(|name| name.ends_with("cached_property")) {
            if let Some(query) = first_read(project, f, 0, u32::MAX) {
                let name = code.func(f).name;
                out.push((place_of(project, f, query), Candidate::Attribute { class, made, name, func: f, query }));
            }
            continue;
        }
        for (i, op) in body.ops.iter().enumerate() {
            let at = ValueId(u32::try_from(i).unwrap_or(u32::MAX));
            let name = match op.kind {
                OpKind::StoreAttr { base, name, .. } if own(body, base) => name,
                OpKind::StoreItem { base, .. } => match body.op(source_of(body, base)).map(|op| &op.kind) {
                    Some(OpKind::Attr { base, name }) if own(body, *base) => *name,
                    _ => continue,
                },
                _ => continue,
            };
            let arm = body.regions.iter().rev().find(|region| {
                region.start <= at.0
                    && at.0 < region.end
                    && matches!(region.kind, RegionKind::Arm { cond: Some(cond), .. } if reads(project, f, cond, name, 0))
            });
            let Some(arm) = arm else { continue };
            if let Some(query) = first_read(project, f, arm.start, arm.end) {
                out.push((place_of(project, f, query), Candidate::Attribute { class, made, name, func: f, query }));
            }
        }
    }
    out
}

fn own(body: &Body, base: ValueId) -> bool {
    matches!(body.op(source_of(body, base)).map(|op| &op.kind), Some(OpKind::Param(0)))
}

/// The first op in a range that reads the database.
fn first_read(project: &Project, f: FuncId, start: u32, end: u32) -> Option<ValueId> {
    let reads = Effects::DB_READ.with(Effects::DB_EXECUTE);
    let in_range = |op: ValueId| start <= op.0 && op.0 < end;
    project.sites(f).iter().find(|site| in_range(site.op) && everything(project, site).any(reads)).map(|site| site.op)
}

/// What a site does, also when a guard makes it run once.
fn everything(project: &Project, site: &Site) -> Effects {
    site.targets.iter().fold(site.effects, |all, target| all.with(project.summary(target.func).effects))
}

/// The condition reads the attribute: `if self._x is None`, `if key not in self._x`.
fn reads(project: &Project, f: FuncId, v: ValueId, name: Sym, depth: u32) -> bool {
    let Some(op) = project.code().op(f, v) else { return false };
    if matches!(op.kind, OpKind::Attr { name: n, .. } if n == name) {
        return true;
    }
    let mut found = false;
    if depth < 4 && !matches!(op.kind, OpKind::Phi(_)) {
        op.kind.operands(|operand| found |= reads(project, f, operand, name, depth + 1));
    }
    found
}

fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split('_').filter(|part| !part.is_empty())
}

fn says(name: &str, list: &[&str]) -> bool {
    let lower = name.to_ascii_lowercase();
    words(&lower).any(|part| list.contains(&part) || part.strip_suffix('s').is_some_and(|one| list.contains(&one)))
}

fn attribute(
    cx: Cx<'_>,
    place: Place,
    class: ClassId,
    made: FuncId,
    name: Sym,
    f: FuncId,
    query: ValueId,
) -> Judgement {
    let project = cx.project;
    let code = project.code();
    let attribute = project.text(name);
    let class_name = project.text(code.class(class).name);
    if !matches!(project.context(made), RunContext::Request | RunContext::Stream | RunContext::Library) {
        return Judgement::Rejected("not made for a request".into());
    }
    if !says(attribute, LOOK_UP) {
        return Judgement::Rejected(format!("nothing says that `{attribute}` is the same for every request"));
    }
    if says(attribute, OWN) || of_one_user(project, f) {
        return Judgement::Rejected("what it keeps belongs to one user or request".into());
    }
    if of_one_tenant(project, f, query) {
        return Judgement::Rejected("what it works with was made for one tenant".into());
    }
    if filled_by_several(project, f, query, 0) {
        return Judgement::Rejected("several classes fill it, each with data of its own".into());
    }
    if project.context(f) == RunContext::Job {
        return Judgement::Rejected("a job fills it, once for all that it does".into());
    }
    let given = |op: &Op| match op.kind {
        OpKind::Return(Some(v)) => of_the_object(project, f, v, name, 0),
        _ => false,
    };
    if of_the_object(project, f, query, name, 0) || code.body(f).ops.iter().any(given) {
        return Judgement::Rejected("the query asks for data of this one object".into());
    }
    let joins = project.query(f, query).is_some_and(|facts| !facts.loaded.is_empty()) || heavy(project, f, query);
    let severity = if joins { Severity::High } else { Severity::Medium };
    let steps: Vec<Step> = vec![
        project.step_at(made, code.func(made).name_span, format!("`{class_name}` is made for each request")),
        project.step(f, query, format!("fills `{attribute}`, which ends with the request")),
    ];
    let message =
        format!("`{class_name}.{attribute}` keeps look-up data for one request only and is filled by a query in each");
    let advice = "Keep it in a cache that lives with the process (with a time to live), or in one object that all requests share";
    Judgement::Confirmed(Box::new(draft(cx, place, f, severity, message, advice, steps, Confidence::Medium)))
}

/// The query stands in a method that several classes have, also behind another property of the object.
fn filled_by_several(project: &Project, f: FuncId, query: ValueId, depth: u32) -> bool {
    project.sites_at(f, query).any(|site| {
        site.targets.len() > 1
            || depth < 2
                && site.targets.iter().any(|target| {
                    first_read(project, target.func, 0, u32::MAX)
                        .is_some_and(|inner| filled_by_several(project, target.func, inner, depth + 1))
                })
    })
}

/// What the object works with was made for one tenant: `self.repos = Repositories(session, group_id)`.
fn of_one_tenant(project: &Project, f: FuncId, query: ValueId) -> bool {
    let body = project.code().body(f);
    let made_for = |class: ClassId| {
        let init = project.method(class, "__init__");
        init.is_some_and(|init| {
            let params = project.code().func(init).params.iter().skip(1);
            params.map(|param| project.text(param.name)).any(|name| says(name, TENANT) || says(name, OWN))
        })
    };
    (0..query.0).any(|i| match body.op(ValueId(i)).map(|op| &op.kind) {
        Some(OpKind::Attr { base, .. }) if own(body, *base) => {
            matches!(project.ty(f, ValueId(i)), Type::Inst(class, _) if project.orm().model(*class).is_none() && made_for(*class))
        }
        _ => false,
    })
}

/// The method, or its arguments, name a user.
fn of_one_user(project: &Project, f: FuncId) -> bool {
    let code = project.code();
    let params = code.func(f).params.iter().skip(1).any(|param| says(project.text(param.name), OWN));
    let attributes = code.body(f).ops.iter().any(|op| match op.kind {
        OpKind::Attr { name, .. } => says(project.text(name), OWN) && !project.text(name).ends_with("session"),
        _ => false,
    });
    params || attributes
}

/// The query is made of what the object was made for: `self.project.members`, `filter(team=self.team)`.
/// What only runs it, as a session, is not.
fn of_the_object(project: &Project, f: FuncId, query: ValueId, cache: Sym, depth: u32) -> bool {
    let body = project.code().body(f);
    let mut work = vec![(query, false)];
    let mut seen = Vec::new();
    while let Some((v, argument)) = work.pop() {
        let v = source_of(body, v);
        if seen.contains(&v) || seen.len() > 120 {
            continue;
        }
        seen.push(v);
        match body.op(v).map(|op| &op.kind) {
            Some(OpKind::Call { callee, args }) => {
                let helper =
                    matches!(body.op(*callee).map(|op| &op.kind), Some(OpKind::Attr { base, .. }) if own(body, *base));
                let asks = |g: FuncId| {
                    depth < 2
                        && first_read(project, g, 0, u32::MAX)
                            .is_some_and(|q| of_the_object(project, g, q, cache, depth + 1))
                };
                if helper && project.sites_at(f, v).flat_map(|site| &site.targets).any(|target| asks(target.func)) {
                    return true;
                }
                if !helper {
                    work.push((*callee, argument));
                }
                work.extend(args.iter().map(|arg| (arg.value, true)));
            }
            Some(OpKind::Attr { base, name }) if own(body, *base) => {
                let model = matches!(project.ty(f, v), Type::Inst(class, _) if project.orm().is_model(*class));
                let derived = || {
                    project.sites_at(f, v).flat_map(|site| &site.targets).any(|target| {
                        depth < 2 && {
                            let inner = project.code().body(target.func);
                            inner.ops.iter().any(|op| match op.kind {
                                OpKind::Return(Some(v)) => of_the_object(project, target.func, v, cache, depth + 1),
                                _ => false,
                            })
                        }
                    })
                };
                if *name != cache && (model || argument && !is_handle(project, f, v) || derived()) {
                    return true;
                }
            }
            Some(op) => op.operands(|operand| work.push((operand, argument))),
            None => {}
        }
    }
    false
}

/// A session, connection or client: it runs queries and decides nothing about them.
fn is_handle(project: &Project, f: FuncId, v: ValueId) -> bool {
    project.lib_class(f, v).is_some_and(|class| project.library().resource(class).is_some())
        || matches!(project.code().op(f, v).map(|op| &op.kind), Some(OpKind::Attr { name, .. })
            if says(project.text(*name), &["session", "db", "database", "conn", "connection", "engine", "client", "pool"]))
}

/// The statement joins or aggregates.
fn heavy(project: &Project, f: FuncId, query: ValueId) -> bool {
    let body = project.code().body(f);
    body.ops.iter().take(query.0 as usize + 1).any(|op| {
        matches!(op.kind, OpKind::Attr { name, .. }
            if matches!(project.text(name), "join" | "outerjoin" | "group_by" | "annotate" | "aggregate" | "select_related"))
    })
}

/// A handler, or a function that is given an upload or a request.
fn serves_requests(project: &Project, f: FuncId) -> bool {
    if matches!(project.context(f), RunContext::Request | RunContext::Stream) {
        return true;
    }
    project.context_path(f).is_none()
        && (0..project.code().func(f).params.len()).any(|i| {
            project
                .param_value(f, i)
                .and_then(|value| project.lib_class(f, value))
                .is_some_and(|class| class.ends_with(".UploadFile") || class.ends_with(".Request"))
        })
}

/// Loaders whose arguments are the same in every call.
fn loaders(project: &Project, f: FuncId) -> impl Iterator<Item = ValueId> + '_ {
    let code = project.code();
    let body = code.body(f);
    body.ops.iter().enumerate().filter_map(move |(i, op)| {
        let OpKind::Call { callee, args } = &op.kind else { return None };
        let Type::LibRef(name) = project.ty(f, *callee) else { return None };
        let fixed = |v: ValueId| match body.op(source_of(body, v)).map(|op| &op.kind) {
            Some(OpKind::Const(_) | OpKind::Global(_)) => true,
            Some(OpKind::Attr { base, .. }) => {
                matches!(body.op(source_of(body, *base)).map(|op| &op.kind), Some(OpKind::Global(_)))
            }
            _ => false,
        };
        (LOADERS.contains(&project.text(*name)) && args.iter().all(|arg| fixed(arg.value)))
            .then(|| ValueId(u32::try_from(i).unwrap_or(u32::MAX)))
    })
}

fn loader(cx: Cx<'_>, place: Place, f: FuncId, op: ValueId) -> Judgement {
    let project = cx.project;
    let code = project.code();
    let body = code.body(f);
    if cached(project, f) {
        return Judgement::Rejected("a cache decorator keeps it".into());
    }
    let guarded = inside(body, op, |kind| match kind {
        RegionKind::Arm { cond: Some(cond), .. } => {
            let none = |v: &ValueId| matches!(body.op(*v).map(|op| &op.kind), Some(OpKind::Const(Const::None)));
            matches!(body.op(*cond).map(|op| &op.kind),
                Some(OpKind::Binary { left, right, .. }) if none(left) || none(right))
                || matches!(body.op(*cond).map(|op| &op.kind), Some(OpKind::Not(_)))
        }
        _ => false,
    });
    let kept = body.ops.iter().any(|other| match other.kind {
        OpKind::BindOuter { value, .. } | OpKind::StoreAttr { value, .. } | OpKind::StoreItem { value, .. } => {
            source_of(body, value) == op
        }
        _ => false,
    });
    if guarded || kept {
        return Judgement::Rejected("loaded once and kept".into());
    }
    let name = project.describe(f, op);
    let message = format!("`{name}` loads its data from disk again in every call of `{}`", project.func_name(f));
    let steps = vec![project.step(f, op, "loaded with the same arguments in every call, and dropped at its end")];
    let advice = "Load it once: at module level, in the lifespan, or behind `functools.cache`";
    Judgement::Confirmed(Box::new(draft(cx, place, f, Severity::Medium, message, advice, steps, Confidence::High)))
}

#[allow(clippy::too_many_arguments, reason = "the parts of a finding")]
fn draft(
    cx: Cx<'_>,
    place: Place,
    f: FuncId,
    severity: Severity,
    message: String,
    advice: &str,
    steps: Vec<Step>,
    confidence: Confidence,
) -> Draft {
    let mut facts = context_facts(cx, f);
    facts.table_used_context = true;
    Draft {
        place,
        severity,
        confidence,
        message,
        recommendation: advice.to_owned(),
        effort: Effort::M,
        steps,
        evidence: vec![context_evidence(cx.project, f)],
        facts,
    }
}
