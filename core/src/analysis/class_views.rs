//! Class-based views of Django and the templates that they render: the rows of a list, the object of a detail page,
//! what `get_context_data` adds.

use super::code::{ClassId, FuncId};
use super::infer::Engine;
use super::queries::QueryId;
use super::templates::Origin;
use super::types::{Type, TypeId};
use crate::model::{Const, OpKind, Sym, ValueId};
use rustc_hash::FxHashMap;

/// A name that a view gives its template.
pub(super) type Named = (Sym, TypeId, Option<Origin>);

impl Engine<'_> {
    /// Templates of class-based views with what they are given.
    pub(super) fn view_templates(&mut self, by_name: &FxHashMap<String, FuncId>) -> Vec<(FuncId, Vec<Named>)> {
        let code = self.code;
        let mut out = Vec::new();
        for class in code.class_ids() {
            let ancestors = self.library_ancestors(class);
            let mut kinds =
                ancestors.iter().filter_map(|name| self.names.text(*name).strip_prefix("django.views.generic."));
            let Some(kind) = kinds.next() else { continue };
            let (lists, shows) = (kind == "ListView", matches!(kind, "DetailView" | "UpdateView" | "DeleteView"));
            let rows = if lists || shows { self.view_query(class) } else { (TypeId::UNKNOWN, None) };
            let (elem, _) = self.arg_of(rows.0);
            let model = match *self.types.get(elem) {
                Type::Inst(model, _) => Some(self.names.text(code.class(model).name).to_lowercase()),
                _ => None,
            };
            let named =
                self.class_text(class, "template_name").and_then(|name| by_name.get(self.names.text(name)).copied());
            let suffix = if lists { "_list.html" } else { "_detail.html" };
            let template = named.or_else(|| {
                let wanted = format!("/{}{suffix}", model.as_ref().filter(|_| lists || shows)?);
                let mut found = by_name.iter().filter(|(name, _)| name.ends_with(&wanted)).map(|(_, f)| *f);
                found.next().filter(|_| found.next().is_none())
            });
            let Some(template) = template else { continue };
            let mut given: Vec<Named> = Vec::new();
            let get_context = self.names.intern("get_context_data");
            if let Some(method) = self.method(class, get_context) {
                for (name, f, v) in self.returned_context(method) {
                    given.push((name, self.value(f, v), Some((f, v))));
                }
            }
            if let Some(model) = model.filter(|_| lists || shows) {
                let own = self.class_text(class, "context_object_name");
                let ty = if lists { rows.0 } else { self.row_of(rows.0) };
                let usual = if lists { format!("{model}_list") } else { model };
                let names =
                    [self.names.intern(if lists { "object_list" } else { "object" }), self.names.intern(&usual)];
                for name in names.into_iter().chain(own) {
                    given.push((name, ty, rows.1));
                }
                if lists {
                    let (elem, query) = self.arg_of(rows.0);
                    let page = self.lib_inst("django.core.paginator.Page", elem, query);
                    let name = self.names.intern("page_obj");
                    given.push((name, page, rows.1));
                }
            }
            out.push((template, given));
        }
        out
    }

    /// The rows of a generic view and where their query stands.
    pub(super) fn view_query(&mut self, class: ClassId) -> (TypeId, Option<Origin>) {
        let code = self.code;
        let get = self.names.intern("get_queryset");
        if let Some(method) = self.method(class, get) {
            let me = self.types.add(Type::Inst(class, QueryId::NONE));
            let bound = self.types.add(Type::Bound(method, me));
            let rows = self.called(method, bound, &[], &[]);
            let mut returned = code.body(method).ops.iter().filter_map(|op| match op.kind {
                OpKind::Return(Some(v)) => Some(v),
                _ => None,
            });
            return (rows, returned.next_back().map(|v| (method, v)));
        }
        let rows = self.view_rows(class);
        let origin = ["queryset", "model"].iter().find_map(|name| self.class_field(class, name));
        (rows, origin)
    }

    /// `self.object` of a view of one row, `self.object_list` of a list.
    pub(super) fn shown_by_view(&mut self, class: ClassId, name: Sym) -> TypeId {
        let one = match self.names.text(name) {
            "object" => true,
            "object_list" => false,
            _ => return TypeId::UNKNOWN,
        };
        const ONE: &[&str] = &["DetailView", "UpdateView", "DeleteView", "SingleObjectMixin"];
        const MANY: &[&str] = &["ListView", "MultipleObjectMixin"];
        let shows = self.library_ancestors(class).into_iter().any(|ancestor| {
            let kind = self.names.text(ancestor).strip_prefix("django.views.generic.");
            kind.is_some_and(|kind| if one { ONE } else { MANY }.contains(&kind))
        });
        if !shows {
            return TypeId::UNKNOWN;
        }
        let (rows, _) = self.view_query(class);
        if one { self.row_of(rows) } else { rows }
    }

    /// What a feed's `item_title(self, item)` and a site map's `location(self, item)` are given: a row of `items`.
    pub(super) fn listed_item(&mut self, f: FuncId) -> TypeId {
        let code = self.code;
        let name = self.names.text(code.func(f).name);
        let of_feed = name.starts_with("item_");
        if !of_feed && !matches!(name, "location" | "lastmod" | "changefreq" | "priority") {
            return TypeId::UNKNOWN;
        }
        let base = if of_feed { "django.contrib.syndication.views.Feed" } else { "django.contrib.sitemaps.Sitemap" };
        let (Some(class), Some(items)) = (code.class_of(f), self.names.get("items")) else { return TypeId::UNKNOWN };
        if !self.library_ancestors(class).iter().any(|ancestor| self.names.text(*ancestor) == base) {
            return TypeId::UNKNOWN;
        }
        let Some(items) = self.method(class, items) else { return TypeId::UNKNOWN };
        let rows = self.return_type(items);
        self.element_of(rows)
    }

    fn class_field(&mut self, class: ClassId, name: &str) -> Option<(FuncId, ValueId)> {
        let name = self.names.get(name)?;
        let code = self.code;
        let mro = self.class_info(class).mro.clone();
        mro.iter().find_map(|base| {
            let super::classes::Base::Project(owner) = *base else { return None };
            let owned = code.class(owner);
            let field = owned.fields.iter().rev().find(|field| field.name == name)?;
            Some((code.class_scope(owner), field.value?))
        })
    }

    fn class_text(&mut self, class: ClassId, name: &str) -> Option<Sym> {
        let (f, v) = self.class_field(class, name)?;
        match self.code.op(f, v)?.kind {
            OpKind::Const(Const::Str(text)) => Some(text),
            _ => None,
        }
    }
}
