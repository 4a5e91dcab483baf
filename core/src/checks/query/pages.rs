//! Pages of Django REST framework whose size the caller names and nothing caps.

use crate::analysis::{ClassId, FuncId, Holds, Project, Type, class_value};
use crate::checks::check::{Cx, Draft, Judgement, Place};
use crate::checks::support::{context_facts, place_of};
use crate::model::{CollectionKind, Const, OpKind, ValueId};
use crate::report::model::{Confidence, Effort, Severity, Step};

/// Where such pages are defined or chosen.
#[derive(Clone, Copy, Debug)]
pub enum Pages {
    /// A pagination class of the project, and the setting that would cap it.
    Class(ClassId, &'static str),
    /// The library's class as it is: named by a view, or by the settings.
    Named,
}

/// <https://www.django-rest-framework.org/api-guide/pagination/#limitoffsetpagination>: `max_limit` is `None` unless set.
const LIMIT: &str = "rest_framework.pagination.LimitOffsetPagination";

pub(super) fn candidates(project: &Project) -> Vec<(Place, Pages)> {
    let mut out = Vec::new();
    let code = project.code();
    for class in code.class_ids() {
        let Some((cap, size)) = project.library_ancestors(class).find_map(kind_of) else { continue };
        let scope = code.class_scope(class);
        let whole = Place { func: scope, op: None, span: code.class(class).name_span };
        match size {
            // Without the parameter the caller names nothing.
            Some(size) => {
                let Some((f, v)) = class_value(project, class, size) else { continue };
                if f == scope && !is_none(project, f, v) {
                    let place = Place { op: Some(v), ..place_of(project, f, v) };
                    out.push((place, Pages::Class(class, cap)));
                }
            }
            None => out.push((whole, Pages::Class(class, cap))),
        }
    }
    if project.sym("LimitOffsetPagination").is_some() || project.sym(LIMIT).is_some() {
        named(project, &mut out);
    }
    out
}

/// The cap of a kind of pages, and the class value that lets the caller name their size, where one must.
fn kind_of(name: &str) -> Option<(&'static str, Option<&'static str>)> {
    match name.strip_prefix("rest_framework.pagination.")? {
        "PageNumberPagination" | "CursorPagination" => Some(("max_page_size", Some("page_size_query_param"))),
        "LimitOffsetPagination" => Some(("max_limit", None)),
        _ => None,
    }
}

/// `pagination_class = LimitOffsetPagination`, `"DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination"`
fn named(project: &Project, out: &mut Vec<(Place, Pages)>) {
    let code = project.code();
    for class in code.class_ids() {
        let scope = code.class_scope(class);
        let Some((f, v)) = class_value(project, class, "pagination_class") else { continue };
        if f == scope && matches!(project.ty(f, v), Type::LibRef(name) if project.text(*name) == LIMIT) {
            out.push((Place { op: Some(v), ..place_of(project, f, v) }, Pages::Named));
        }
    }
    let (Some(key), Some(class)) = (project.sym("DEFAULT_PAGINATION_CLASS"), project.sym(LIMIT)) else { return };
    let says = |f: FuncId, v: ValueId, wanted| matches!(code.op(f, v).map(|op| &op.kind), Some(OpKind::Const(Const::Str(text))) if *text == wanted);
    for f in code.holding(Holds::COLLECTION) {
        for op in &code.body(f).ops {
            let OpKind::Collection { kind: CollectionKind::Dict, items } = &op.kind else { continue };
            let chosen = items.chunks(2).find_map(|pair| match pair {
                [k, v] if says(f, *k, key) && says(f, *v, class) => Some(*v),
                _ => None,
            });
            if let Some(v) = chosen {
                out.push((Place { op: Some(v), ..place_of(project, f, v) }, Pages::Named));
            }
        }
    }
}

fn is_none(project: &Project, f: FuncId, v: ValueId) -> bool {
    matches!(project.code().op(f, v).map(|op| &op.kind), Some(OpKind::Const(Const::None)))
}

fn capped(project: &Project, class: ClassId, cap: &str) -> bool {
    class_value(project, class, cap).is_some_and(|(f, v)| !is_none(project, f, v))
}

pub(super) fn judge(cx: Cx<'_>, place: Place, pages: Pages) -> Judgement {
    let project = cx.project;
    let code = project.code();
    let (message, cure) = match pages {
        Pages::Class(class, cap) => {
            let name = project.text(code.class(class).name);
            if capped(project, class, cap) {
                return Judgement::Rejected(format!("`{cap}` caps the pages of `{name}`"));
            }
            let sizes = if cap == "max_limit" { "get_limit" } else { "get_page_size" };
            if project.method(class, sizes).is_some() || project.method(class, "paginate_queryset").is_some() {
                return Judgement::Rejected(format!("`{name}` decides the size of a page by a method of its own"));
            }
            let mut below = code.class_ids().filter(|c| *c != class && project.descends(*c, class)).peekable();
            if below.peek().is_some() && below.all(|c| capped(project, c, cap)) {
                return Judgement::Rejected(format!("every class that extends `{name}` sets `{cap}`"));
            }
            let said = if cap == "max_limit" { "limit" } else { "page size" };
            (
                format!("`{name}` gives pages as large as the caller asks for: no `{cap}` caps the {said}"),
                format!("Set `{cap}`"),
            )
        }
        Pages::Named => (
            "`LimitOffsetPagination` gives as many rows as the caller asks for: its `max_limit` is not set".to_owned(),
            "Use a class of your own with `max_limit`".to_owned(),
        ),
    };
    let mut facts = context_facts(cx, place.func);
    facts.is_setup_function = false;
    facts.table_used_context = true;
    let path = code.path(place.func).to_owned();
    let step = Step { path, line: place.span.line, message: "the pages are defined or chosen here".to_owned() };
    Judgement::Confirmed(Box::new(Draft {
        place,
        severity: Severity::Medium,
        confidence: Confidence::High,
        message,
        recommendation: cure,
        effort: Effort::S,
        steps: vec![step],
        evidence: vec!["runs in: request".to_owned()],
        facts,
    }))
}
