//! `large_payload`: a list endpoint that sends every row.

use super::batched::{self, Batched};
use super::narrow::{Bounded, bounded, of_parent, of_requester};
use super::pages::{self, Pages};
use super::uncapped::{Uncapped, uncapped};
use crate::analysis::{
    ClassId, FuncId, Project, SentRows, Type, class_value, list_queries, lists, sent_rows, unlisted,
};
use crate::checks::check::{Candidates, Check, Cx, Draft, Judgement, Place};
use crate::checks::support::{context_evidence, context_facts, grade, place_of};
use crate::model::{Const, OpKind, ValueId};
use crate::order::InOrder as _;
use crate::report::model::{Confidence, Effort, Severity, Step};

/// The check.
#[derive(Clone, Copy, Debug)]
pub struct LargePayload;

/// A list that may be long.
#[derive(Clone, Debug)]
pub enum Candidate {
    /// A handler sends rows of a query.
    Sent(Box<SentRows>, u32),
    /// A view class of Django or Django REST framework lists rows.
    View(ClassId, Paging),
    /// All rows are loaded and then cut into batches.
    Batched(Box<Batched>),
    /// Pages whose size the caller names.
    Pages(Pages),
}

/// What a view class says about pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paging {
    /// Nothing, and the settings name no default.
    Nothing,
    /// `pagination_class = None`.
    Off,
    /// A pagination class of its own.
    On,
    /// The settings name a default.
    Default,
}

impl Check for LargePayload {
    const ID: &'static str = "large_payload";
    type Candidate = Candidate;

    fn candidates(cx: Cx<'_>) -> Candidates<Candidate> {
        let project = cx.project;
        let mut found: Vec<(Place, Candidate)> = Vec::new();
        for rows in sent_rows(project) {
            let place = place_of(project, rows.func, rows.op);
            // One finding for each table in a function: `q = q.filter(…)` refines the same query.
            let same = |known: &Place, candidate: &Candidate| {
                *known == place
                    || known.func == place.func
                        && matches!(candidate, Candidate::Sent(first, _) if first.model.is_some() && first.model == rows.model)
            };
            match found.iter_mut().find(|(known, candidate)| same(known, candidate)) {
                Some((_, Candidate::Sent(first, others))) => {
                    *others += u32::from(first.handler != rows.handler);
                }
                _ => found.push((place, Candidate::Sent(Box::new(rows), 0))),
            }
        }
        for class in project.code().class_ids() {
            if let Some((place, paging)) = view(project, class) {
                found.push((place, Candidate::View(class, paging)));
            }
        }
        let batched = batched::candidates(project).into_iter();
        found.extend(batched.map(|(place, rows)| (place, Candidate::Batched(Box::new(rows)))));
        found.extend(pages::candidates(project).into_iter().map(|(place, pages)| (place, Candidate::Pages(pages))));
        if found.is_empty() && project.orm().models().is_empty() {
            return Candidates::Nothing("no model was found");
        }
        found.order_by_key(|(place, _)| *place);
        found.dedup_by_key(|(place, _)| *place);
        let looked_at = format!("{} lists", found.len());
        Candidates::Found(found, looked_at)
    }

    fn judge(cx: Cx<'_>, place: Place, candidate: &Candidate) -> Judgement {
        match candidate {
            Candidate::Sent(rows, others) => sends(cx, place, rows, *others),
            Candidate::View(class, paging) => listed(cx, place, *class, *paging),
            Candidate::Batched(rows) => batched::judge(cx, place, rows),
            Candidate::Pages(pages) => pages::judge(cx, place, *pages),
        }
    }
}

fn sends(cx: Cx<'_>, place: Place, rows: &SentRows, others: u32) -> Judgement {
    let project = cx.project;
    let (f, handler) = (rows.func, rows.handler);
    let rows_named = match rows.model {
        Some(model) => format!("every row of `{}` that", project.text(project.code().class(model).name)),
        None => "every row that".to_owned(),
    };
    if let Some(reason) = few(project, rows) {
        return Judgement::Rejected(reason);
    }
    let open = rows.facts.limited.then(|| uncapped(project, rows)).flatten();
    if rows.facts.limited && open.is_none() {
        return Judgement::Rejected("the query has a limit".into());
    }
    // A user's own rows are few; only whole documents make them large.
    let documents = rows.model.is_none_or(|model| holds_documents(project, model));
    let own = rows.facts.filtered && !documents && of_requester(project, rows.func, rows.op);
    // What belongs to one row is seldom more than a page, of short rows.
    let json =
        |model| project.columns_of(model).into_iter().any(|column| column.large && column.type_name.contains("JSON"));
    let short = !documents && !rows.model.is_some_and(json);
    let parts = rows.facts.filtered && short && of_parent(project, rows.func, rows.op, rows.model);
    let exports = [f, handler].iter().any(|g| is_export(project, *g));
    let severity =
        if exports { Severity::Low } else { grade(project, handler, Severity::Medium, Severity::Low, Severity::Low) };
    let name = project.func_name(handler);
    let more = if others > 0 { format!(" and {others} more") } else { String::new() };
    let mut facts = context_facts(cx, handler);
    facts.table_used_context = true;
    let mut evidence = vec![context_evidence(project, handler)];
    if rows.facts.filtered {
        evidence.push("the query is filtered, not limited".into());
    }
    let scoped = rows.facts.filtered || rows.owned;
    let mut steps = rows.steps.clone();
    let (place, message, effort) = match open {
        Some(Uncapped { func, op, span, name: limit }) => {
            let said = format!("`{limit}` is taken from the request as it is");
            steps.insert(0, project.step_at(func, span, said));
            let message = format!(
                "`{name}`{more} sends as many rows as its caller asks for: nothing caps `{limit}` before `{}`",
                project.describe(f, rows.op)
            );
            (Place { func, op, span }, message, Effort::S)
        }
        None => {
            let message = format!("`{name}`{more} sends {rows_named} `{}` finds", project.describe(f, rows.op));
            (place, message, Effort::M)
        }
    };
    let draft = Box::new(Draft {
        place,
        severity,
        confidence: if rows.facts.filtered { Confidence::Medium } else { Confidence::High },
        message,
        recommendation: "Take a page size with an upper bound and an offset or a cursor, and apply them to the query"
            .to_owned(),
        effort,
        steps,
        evidence,
        facts,
    });
    if rows.owned || own || parts || scoped && !rows.model.is_some_and(|model| is_wide(project, model)) {
        return Judgement::NeedsContext(draft, SCOPED.to_owned());
    }
    if let Some(missing) = rows.model.and_then(|model| stays_small(project, model)) {
        return Judgement::NeedsContext(draft, missing.to_owned());
    }
    if written_out(project, rows) {
        let missing = "the statement is written out: what it leaves is not seen";
        return Judgement::NeedsContext(draft, missing.to_owned());
    }
    if exports {
        return Judgement::NeedsContext(
            draft,
            "an export is there to hold every row: how many they are is not seen".into(),
        );
    }
    Judgement::Confirmed(draft)
}

/// `session.scalars(select(Order).from_statement(text(sql)))`: its conditions stand in the text.
fn written_out(project: &Project, rows: &SentRows) -> bool {
    let body = project.code().body(rows.func);
    let Some(statement) = project.sym("from_statement") else { return false };
    (0..=rows.op.0).rev().take(64).any(
        |i| matches!(body.op(ValueId(i)).map(|op| &op.kind), Some(OpKind::Attr { name, .. }) if *name == statement),
    )
}

/// What is missing where rows of one owner are listed.
const SCOPED: &str = "how many rows the filter leaves depends on the data";

/// What the project itself shows of a table that holds few rows.
fn stays_small(project: &Project, model: ClassId) -> Option<&'static str> {
    if project.is_set_up_only(model) {
        return Some("only administrators, commands and migrations add rows: how many they are is not seen");
    }
    // Users are offered as choices, too.
    let person = named(project, model, &["user", "person", "profile", "account", "member", "customer"]);
    (project.is_offered(model) && !person)
        .then_some("a form of the project offers the rows as choices: how many they are is not seen")
}

/// Rows with text, documents or blobs: a few hundred of them are large already.
fn is_wide(project: &Project, model: ClassId) -> bool {
    project
        .project_ancestors(model)
        .any(|class| project.orm().model(class).is_some_and(|model| model.columns.iter().any(|column| column.large)))
}

/// A large column that by its name or type is a whole document, no description or note.
fn holds_documents(project: &Project, model: ClassId) -> bool {
    const WHOLE: &[&str] =
        &["text", "content", "body", "data", "document", "html", "markdown", "payload", "source", "transcript"];
    project.columns_of(model).into_iter().filter(|column| column.large).any(|column| {
        let binary = ["Binary", "Blob", "Bytes"].iter().any(|word| column.type_name.contains(word));
        binary || project.text(column.name).split('_').any(|part| WHOLE.contains(&part))
    })
}

/// Why the rows cannot be many.
fn few(project: &Project, rows: &SentRows) -> Option<String> {
    if rows.facts.prefetched {
        return Some("the rows were loaded with their owner".into());
    }
    if rows.facts.plain_rows {
        return Some("the query gives a few columns as plain values".into());
    }
    if let Some(model) = rows.model.filter(|model| is_tiny(project, *model) || is_set_up(project, *model)) {
        return Some(format!("`{}` is a table of few rows", project.text(project.code().class(model).name)));
    }
    if rows.model.is_none() {
        let text = project.describe(rows.func, rows.op).to_ascii_lowercase();
        if ["permission", "setting", "config", "preference", "role", "socialapp"].iter().any(|word| text.contains(word))
        {
            return Some("a table of few rows, by its name".into());
        }
    }
    // What names a limit works with pages; whether the caller names any number is asked there.
    let unlimited = if rows.facts.limited { [].as_slice() } else { &[rows.func, rows.handler] };
    for g in unlimited.iter().copied() {
        if let Some(word) = pages(project, g) {
            return Some(format!("`{}` works with pages (`{word}`)", project.func_name(g)));
        }
    }
    match bounded(project, rows.func, rows.op, rows.model)? {
        Bounded::Keys => Some("the rows are named by their keys".into()),
        Bounded::Window => Some("a range bounds the rows".into()),
        Bounded::Grouped => Some("one row for each group".into()),
    }
}

/// Settings, enumerations and alike.
pub(super) fn is_tiny(project: &Project, model: ClassId) -> bool {
    named(project, model, TINY) || {
        let whole = project.text(project.code().class(model).name).to_ascii_lowercase();
        ["permission", "setting", "config", "preference"].iter().any(|word| whole.contains(word))
    }
}

/// What an administrator sets up one by one.
fn is_set_up(project: &Project, model: ClassId) -> bool {
    named(project, model, &["bot", "webhook", "credential", "integration", "connector"])
}

const TINY: &[&str] = &[
    "setting",
    "settings",
    "config",
    "configuration",
    "preference",
    "preferences",
    "role",
    "permission",
    "language",
    "country",
    "currency",
    "timezone",
    "plan",
    "tier",
    "site",
    "domain",
    "status",
    "type",
    "kind",
    "priority",
    "severity",
    "theme",
    "announcement",
    "plugin",
    "provider",
    "model",
    "version",
    "field",
    "fields",
];

/// Whether the last word of a model's name is one of these.
fn named(project: &Project, model: ClassId, words: &[&str]) -> bool {
    let name = project.text(project.code().class(model).name);
    let start = name.char_indices().filter(|(_, c)| c.is_uppercase()).map(|(i, _)| i).next_back().unwrap_or(0);
    words.contains(&name.get(start..).unwrap_or(name).to_ascii_lowercase().as_str())
}

/// A parameter or an attribute that says pages: the limit may be set on a way that was not followed.
fn pages(project: &Project, f: FuncId) -> Option<&str> {
    const WORDS: &[&str] = &[
        "limit",
        "offset",
        "page",
        "page_size",
        "per_page",
        "cursor",
        "paginate",
        "skip",
        "slice",
        "max_results",
        "top",
    ];
    let function = project.code().func(f);
    let param = function.params.iter().map(|p| project.text(p.name)).find(|name| WORDS.contains(name));
    param.or_else(|| {
        function.body.ops.iter().find_map(|op| match &op.kind {
            OpKind::Attr { name, .. } | OpKind::Global(name) | OpKind::Bind { name, .. } => {
                let name = project.text(*name);
                (WORDS.contains(&name) || name.to_ascii_lowercase().contains("aginat")).then_some(name)
            }
            _ => None,
        })
    })
}

/// The function, or the view that it belongs to, gives a file.
fn is_export(project: &Project, f: FuncId) -> bool {
    const WORDS: &[&str] = &["export", "download", "csv", "dump", "backup", "archive", "report_file"];
    let code = project.code();
    let class = code.class_of(f).map(|class| code.class(class).name);
    [Some(code.func(f).name), class].into_iter().flatten().any(|name| {
        let name = project.text(name).to_ascii_lowercase();
        WORDS.iter().any(|word| name.contains(word))
    })
}

/// A class that lists rows, where it is to be changed, and what it says about pages.
fn view(project: &Project, class: ClassId) -> Option<(Place, Paging)> {
    let code = project.code();
    let generic = project
        .library_ancestors(class)
        .any(|name| matches!(name, "django.views.generic.ListView" | "django.views.generic.list.ListView"));
    if !generic && !lists(project, class) {
        return None;
    }
    // What other classes build on is judged there.
    let used_as_base = code.class_ids().any(|other| other != class && project.descends(other, class));
    let routed = class_value(project, class, "queryset").is_some() || project.method(class, "get_queryset").is_some();
    let modelled = class_value(project, class, "model").is_some();
    if used_as_base || !(routed || generic && modelled) {
        return None;
    }
    let owned = code.class(class);
    let scope = code.class_scope(class);
    let mut place = Place { func: scope, op: None, span: owned.name_span };
    let key = if generic { "paginate_by" } else { "pagination_class" };
    let paging = match class_value(project, class, key) {
        Some((f, v)) if matches!(code.op(f, v).map(|op| &op.kind), Some(OpKind::Const(Const::None))) => {
            if f == scope {
                place = place_of(project, f, v);
                place.op = Some(v);
            }
            Paging::Off
        }
        Some(_) => Paging::On,
        None if !generic && project.sym("DEFAULT_PAGINATION_CLASS").is_some() => Paging::Default,
        None => Paging::Nothing,
    };
    Some((place, paging))
}

fn listed(cx: Cx<'_>, place: Place, class: ClassId, paging: Paging) -> Judgement {
    let project = cx.project;
    let code = project.code();
    let name = project.text(code.class(class).name).to_owned();
    match paging {
        Paging::On => return Judgement::Rejected(format!("`{name}` has a pagination class")),
        Paging::Default => return Judgement::Rejected("the settings name a default pagination class".into()),
        Paging::Off | Paging::Nothing => {}
    }
    if unlisted(project, class) {
        return Judgement::Rejected(format!("no route leads to the list of `{name}`"));
    }
    if let Some(list) = project.method(class, "list")
        && !calls_super(project, list)
    {
        return Judgement::Rejected(format!("`{name}` answers the list with a method of its own"));
    }
    if project.method(class, "get_paginate_by").is_some() || project.method(class, "paginate_queryset").is_some() {
        return Judgement::Rejected(format!("`{name}` pages with a method of its own"));
    }
    if !answers_get(project, class) {
        return Judgement::Rejected(format!("`{name}` does not answer GET"));
    }
    let queries = list_queries(project, class);
    let model = queries.iter().find_map(|(_, _, facts)| facts.model).or_else(|| model_of(project, class));
    let few = ["Permission", "Setting", "Config", "Preference", "Role", "GroupViewSet"];
    if model.is_some_and(|model| is_tiny(project, model) || is_set_up(project, model))
        || few.iter().any(|word| name.contains(word))
    {
        return Judgement::Rejected("a table of few rows".into());
    }
    if !queries.is_empty() && queries.iter().all(|(_, _, facts)| facts.limited) {
        return Judgement::Rejected("the query has a limit".into());
    }
    let narrow = |(f, v, facts): &(FuncId, ValueId, crate::analysis::QueryFacts)| {
        bounded(project, *f, *v, facts.model).is_some()
    };
    if !queries.is_empty() && queries.iter().all(narrow) {
        return Judgement::Rejected("the rows are named by their keys".into());
    }
    let rows =
        model.map_or_else(|| "every row".to_owned(), |m| format!("every `{}`", project.text(code.class(m).name)));
    let message = match paging {
        Paging::Off => format!("`{name}` lists {rows}: its pagination is switched off"),
        _ => format!("`{name}` lists {rows}: it names no pagination, and nothing else does"),
    };
    let mut steps: Vec<Step> = queries
        .iter()
        .take(3)
        .map(|(f, v, _)| project.step(*f, *v, format!("`{}` is not limited", project.describe(*f, *v))))
        .collect();
    let path = code.path(place.func).to_owned();
    let message_here = format!("`{name}` answers a list");
    steps.insert(0, Step { path, line: place.span.line, message: message_here });
    let admin = project.context_path(place.func).is_some_and(|p| p.admin) || admin_class(project, class);
    // `self.request.shop.layouts.all()`: what one owner has set up.
    let of_one = |(f, v, _): &(FuncId, ValueId, crate::analysis::QueryFacts)| {
        let text = project.describe(*f, *v);
        text.contains("request.") && !text.contains(".objects")
    };
    let parts = !queries.is_empty() && queries.iter().all(of_one);
    let severity = if admin || parts { Severity::Low } else { Severity::Medium };
    let mut facts = context_facts(cx, place.func);
    facts.is_setup_function = false;
    facts.table_used_context = true;
    let cure = if project.library_ancestors(class).any(|name| name.starts_with("rest_framework.")) {
        "Set `pagination_class` to one with a `max_page_size`, or name a default in `REST_FRAMEWORK`"
    } else {
        "Set `paginate_by`"
    };
    let draft = Box::new(Draft {
        place,
        severity,
        confidence: if model.is_some() || paging == Paging::Off { Confidence::High } else { Confidence::Medium },
        message,
        recommendation: cure.to_owned(),
        effort: Effort::S,
        steps,
        evidence: vec!["runs in: request".to_owned()],
        facts,
    });
    if says_no_pages(project, class) {
        return Judgement::Rejected("a comment says that the list is not to be paged".into());
    }
    if paging == Paging::Nothing && project.has_unseen_base(class) {
        let missing = "a base class of the view is not among the files: it may name a pagination class";
        return Judgement::NeedsContext(draft, missing.to_owned());
    }
    // Whole trees resolve their models; in part of one, a view of its own is evidence enough.
    let filtered = project.method(class, "get_queryset").is_some();
    // Where pages are switched off, somebody has thought of them: a description in each row is enough.
    let short = |model| match paging {
        Paging::Off => !is_wide(project, model),
        _ => !holds_documents(project, model),
    };
    if let Some(missing) = model.and_then(|model| stays_small(project, model)) {
        return Judgement::NeedsContext(draft, missing.to_owned());
    }
    let thought_of = filtered || paging == Paging::Off;
    if parts || thought_of && model.map_or_else(|| of_user(project, class), short) {
        return Judgement::NeedsContext(draft, SCOPED.to_owned());
    }
    Judgement::Confirmed(draft)
}

/// `# Pagination is disabled, as it is very unlikely to be necessary here`
fn says_no_pages(project: &Project, class: ClassId) -> bool {
    let code = project.code();
    let span = code.class(class).span;
    let Some(module) = code.module(code.module_of_class(class)) else { return false };
    module.comments.iter().any(|comment| {
        if comment.line < span.line || span.end_line < comment.line {
            return false;
        }
        let text = project.text(comment.text).to_lowercase();
        let off = ["disabled", "unlikely", "not necessary", "on purpose", "unnecessary", "not needed"];
        text.contains("paginat") && off.iter().any(|word| text.contains(word))
    })
}

/// The view's queryset belongs to who asks: `filter(owner=self.request.user)`.
fn of_user(project: &Project, class: ClassId) -> bool {
    project.method(class, "get_queryset").is_some_and(|f| {
        project.code().body(f).ops.iter().any(|op| {
            matches!(op.kind, OpKind::Attr { base, name } if project.text(name) == "user"
                && matches!(project.code().op(f, base).map(|op| &op.kind), Some(OpKind::Attr { name, .. })
                    if project.text(*name) == "request"))
        })
    })
}

fn admin_class(project: &Project, class: ClassId) -> bool {
    let code = project.code();
    code.class(class).methods.iter().any(|m| {
        let f = code.func_id(code.module_of_class(class), *m);
        project.context_path(f).is_some_and(|path| path.admin)
    })
}

/// Without `get` in `http_method_names` nothing is listed.
fn answers_get(project: &Project, class: ClassId) -> bool {
    let Some((f, v)) = class_value(project, class, "http_method_names") else { return true };
    let mut found = false;
    let mut known = false;
    if let Some(OpKind::Collection { items, .. }) = project.code().op(f, v).map(|op| &op.kind) {
        for item in items {
            if let Some(OpKind::Const(Const::Str(text))) = project.code().op(f, *item).map(|op| &op.kind) {
                known = true;
                found |= project.text(*text).eq_ignore_ascii_case("get");
            }
        }
    }
    found || !known
}

fn calls_super(project: &Project, f: FuncId) -> bool {
    project.code().body(f).ops.iter().any(|op| {
        matches!(&op.kind, OpKind::Attr { base, name } if project.text(*name) == "list"
            && matches!(project.ty(f, *base), Type::Super(_)))
    })
}

fn model_of(project: &Project, class: ClassId) -> Option<ClassId> {
    let serializer = class_value(project, class, "serializer_class");
    if let Some((f, v)) = serializer
        && let Type::ClassObj(serializer) = project.ty(f, v)
        && let Some(model) = crate::analysis::model_of(project, *serializer)
    {
        return Some(model);
    }
    for key in ["model", "model_class", "queryset"] {
        if let Some((f, v)) = class_value(project, class, key) {
            match project.ty(f, v) {
                Type::ClassObj(model) if project.orm().is_model(*model) => return Some(*model),
                Type::Lib(_, elem, _) => {
                    if let Type::Inst(model, _) = project.type_of(*elem) {
                        return Some(*model);
                    }
                }
                _ => {}
            }
        }
    }
    None
}
