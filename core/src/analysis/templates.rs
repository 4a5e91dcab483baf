//! Templates joined to the calls that render them: what a context holds becomes the types of a
//! template's names, includes hand them on, and rendering counts as a call.

use super::calls::{Site, SiteKind, Sites, Target};
use super::code::FuncId;
use super::flow::source_of;
use super::infer::Engine;
use super::types::{Type, TypeId};
use crate::model::{
    ArgKind, CollectionKind, Const, FnIdx, FunctionKind, Language, OpKind, Sym, TEMPLATE_EXTENDS, TEMPLATE_INCLUDE,
    ValueId,
};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// Where a template's name comes from: the function that renders it and the value there.
pub(crate) type Origin = (FuncId, ValueId);

/// An entry of a context: name, and the value in the function that makes it.
pub(super) type Entry = (Sym, FuncId, ValueId);
/// A call that renders a template by name.
type Rendering = (ValueId, Sym, Vec<Entry>);
/// An include: the call, the name, what it hands on.
type Include = (ValueId, Sym, Vec<(Sym, ValueId)>);

/// What is known of templates.
#[derive(Debug, Default)]
pub(crate) struct Templates {
    /// Calls that render a template, includes among them.
    renders: Vec<(FuncId, ValueId, FuncId)>,
    /// Origins of names.
    origins: FxHashMap<(FuncId, Sym), Origin>,
    /// Tags and filters of the project.
    tags: FxHashMap<Sym, FuncId>,
    /// Templates that class-based views render.
    pub(super) of_views: Vec<FuncId>,
}

impl Templates {
    /// Where a template's name comes from.
    pub fn origin(&self, template: FuncId, name: Sym) -> Option<Origin> {
        self.origins.get(&(template, name)).copied()
    }
}

/// The template of a name: `orders.html`, `shop:templates/orders.jinja2`.
fn named(by_name: &FxHashMap<String, FuncId>, name: &str) -> Option<FuncId> {
    let short = name.rsplit_once("templates/").map_or(name, |(_, short)| short);
    by_name.get(short).copied()
}

/// Most templates that joining visits.
const MOST: usize = 4000;

impl Engine<'_> {
    /// Whether a function is a template.
    pub fn is_template(&self, f: FuncId) -> bool {
        self.code.module(self.code.module_of(f)).is_some_and(|module| module.language == Language::Template)
    }

    /// A tag or filter of the project, by its name in templates.
    pub fn template_tag(&self, name: Sym) -> Option<FuncId> {
        self.templates.tags.get(&name).copied()
    }

    /// What a template's attribute gives: callables are called.
    pub fn template_value(&mut self, f: FuncId, base: TypeId, ty: TypeId) -> TypeId {
        match *self.types.get(ty) {
            Type::Bound(..) | Type::Func(_) => {
                let result = self.called(f, ty, &[], &[]);
                self.awaited(result)
            }
            Type::LibBound(receiver, name) => match *self.types.get(base) {
                Type::Dict(_, value) if !matches!(self.names.text(name), "items" | "keys" | "values") => value,
                _ => {
                    let row = self.bound_row(receiver, name);
                    if row.is_none() && !matches!(self.types.get(receiver), Type::Dict(..)) {
                        return TypeId::UNKNOWN;
                    }
                    self.called(f, ty, &[], &[])
                }
            },
            _ => ty,
        }
    }

    /// Joins all templates; types are inferred by then.
    pub fn join_templates(&mut self) {
        let code = self.code;
        let mut by_name: FxHashMap<String, FuncId> = FxHashMap::default();
        let mut any = false;
        for m in code.module_ids() {
            let Some(module) = code.module(m) else { continue };
            if module.language == Language::Template {
                any = true;
                let name = ["templates/", "jinja2/"]
                    .iter()
                    .find_map(|folder| module.path.rsplit_once(folder).map(|(_, name)| name))
                    .unwrap_or(&module.path);
                by_name.entry(name.to_owned()).or_insert_with(|| code.func_id(m, FnIdx(1)));
            } else if module.path.contains("templatetags/") {
                for (i, function) in module.functions.iter().enumerate() {
                    if function.kind == FunctionKind::Function && function.parent == FnIdx(0) {
                        let f = code.func_id(m, FnIdx(u32::try_from(i).unwrap_or(u32::MAX)));
                        self.templates.tags.entry(function.name).or_insert(f);
                    }
                }
            }
        }
        if !any {
            return;
        }
        let mut contexts: FxHashMap<FuncId, FxHashMap<Sym, TypeId>> = FxHashMap::default();
        let mut queue: VecDeque<FuncId> = VecDeque::new();
        for f in code.func_ids() {
            if self.is_template(f) {
                continue;
            }
            let mut renderings = self.rendered_by(f);
            renderings.extend(self.decorated_with(f, &by_name));
            for (op, name, entries) in renderings {
                let Some(template) = named(&by_name, self.names.text(name)) else { continue };
                self.templates.renders.push((f, op, template));
                for (key, g, v) in entries {
                    let ty = self.value(g, v);
                    self.hand(&mut contexts, template, key, ty, Some((g, v)));
                }
                queue.push_back(template);
            }
        }
        for (template, given) in self.view_templates(&by_name) {
            for (name, ty, origin) in given {
                self.hand(&mut contexts, template, name, ty, origin);
            }
            self.templates.of_views.push(template);
            queue.push_back(template);
        }
        let mut visits = 0;
        let mut joined: Vec<FuncId> = Vec::new();
        while let Some(template) = queue.pop_front() {
            visits += 1;
            if visits > MOST {
                break;
            }
            let context = contexts.get(&template).cloned().unwrap_or_default();
            for (i, param) in (0_u16..).zip(&code.func(template).params) {
                if let Some(ty) = context.get(&param.name) {
                    self.learn(template, i, *ty);
                }
            }
            self.infer_again(&[template]);
            self.hand_to_tags(template);
            let first = !joined.contains(&template);
            if first {
                joined.push(template);
            }
            for (op, name, args) in self.includes_of(template) {
                let Some(inner) = by_name.get(self.names.text(name)).copied() else { continue };
                if inner == template {
                    continue;
                }
                if first {
                    self.templates.renders.push((template, op, inner));
                }
                let mut changed = !joined.contains(&inner) && !queue.contains(&inner);
                for (key, ty) in &context {
                    let origin = self.templates.origin(template, *key);
                    if !args.iter().any(|(name, _)| name == key) {
                        changed |= self.hand(&mut contexts, inner, *key, *ty, origin);
                    }
                }
                for (key, v) in args {
                    let body = code.body(template);
                    let origin = match body.op(source_of(body, v)).map(|op| &op.kind) {
                        Some(OpKind::Param(i)) => code
                            .func(template)
                            .params
                            .get(usize::from(*i))
                            .and_then(|param| self.templates.origin(template, param.name)),
                        _ => None,
                    };
                    let ty = self.value(template, v);
                    changed |= self.hand(&mut contexts, inner, key, ty, origin);
                }
                if changed {
                    queue.push_back(inner);
                }
            }
        }
    }

    /// What a template gives to the project's tags and filters: their parameters have no other callers.
    fn hand_to_tags(&mut self, template: FuncId) {
        let code = self.code;
        let mut told: Vec<FuncId> = Vec::new();
        for &at in code.calls_in(template) {
            let Some(OpKind::Call { callee, args }) = code.op(template, at).map(|op| &op.kind) else { continue };
            let Type::Func(tag) = *self.types.get(self.value(template, *callee)) else { continue };
            // `takes_context=True`: the first parameter is no argument's.
            if code.func(tag).params.first().is_none_or(|param| self.names.text(param.name) == "context") {
                continue;
            }
            for (i, arg) in (0_u16..).zip(args).filter(|(_, arg)| arg.kind == ArgKind::Positional) {
                let ty = self.value(template, arg.value);
                if !ty.is_unknown() && ty != TypeId::NONE && self.param_type(tag, i).is_unknown() {
                    self.learn(tag, i, ty);
                    told.push(tag);
                }
            }
        }
        told.dedup();
        self.infer_again(&told);
    }

    /// Gives a template one more name; whether that says something new.
    fn hand(
        &mut self,
        contexts: &mut FxHashMap<FuncId, FxHashMap<Sym, TypeId>>,
        template: FuncId,
        name: Sym,
        ty: TypeId,
        origin: Option<Origin>,
    ) -> bool {
        if ty.is_unknown() || ty == TypeId::NONE {
            return false;
        }
        if let Some(origin) = origin {
            self.templates.origins.entry((template, name)).or_insert(origin);
        }
        let context = contexts.entry(template).or_default();
        // The first caller's type stands: a mixture says nothing.
        if context.contains_key(&name) {
            return false;
        }
        context.insert(name, ty);
        true
    }

    /// Calls of `f` that render a template: its name and the context's entries.
    fn rendered_by(&mut self, f: FuncId) -> Vec<Rendering> {
        let code = self.code;
        let body = code.body(f);
        let mut out = Vec::new();
        for (i, op) in body.ops.iter().enumerate() {
            let OpKind::Call { callee, args } = &op.kind else { continue };
            let ty = self.value(f, *callee);
            let (name_at, context_at) = match *self.types.get(ty) {
                Type::LibRef(name) => match self.names.text(name) {
                    "django.shortcuts.render" | "django.template.response.TemplateResponse" => (1, Some(2)),
                    "django.template.loader.render_to_string" => (0, Some(1)),
                    "flask.render_template" | "quart.render_template" => (0, None),
                    // https://docs.litestar.dev/2/usage/templating.html
                    "litestar.response.Template" | "litestar.response.template.Template" => {
                        (usize::MAX, Some(usize::MAX))
                    }
                    _ => continue,
                },
                Type::LibBound(_, name) if self.names.text(name) == "TemplateResponse" => {
                    let first = args.first().and_then(|arg| code.op(f, arg.value)).map(|op| &op.kind);
                    if matches!(first, Some(OpKind::Const(Const::Str(_)))) { (0, Some(1)) } else { (1, Some(2)) }
                }
                _ => continue,
            };
            let named = |wanted: &str| {
                args.iter()
                    .find(|arg| matches!(arg.kind, ArgKind::Named(n) if self.names.text(n) == wanted))
                    .map(|arg| arg.value)
            };
            let at = |n: usize| args.get(n).filter(|arg| arg.kind == ArgKind::Positional).map(|arg| arg.value);
            let Some(name) = at(name_at).or_else(|| named("template_name")).or_else(|| named("name")) else { continue };
            let Some(OpKind::Const(Const::Str(name))) = body.op(source_of(body, name)).map(|op| &op.kind) else {
                continue;
            };
            let mut entries = Vec::new();
            match context_at {
                Some(n) => {
                    if let Some(context) = at(n).or_else(|| named("context")) {
                        self.entries(f, context, 0, &mut entries);
                    }
                }
                None => {
                    for arg in args {
                        match arg.kind {
                            ArgKind::Named(key) => entries.push((key, f, arg.value)),
                            ArgKind::SpreadNamed => self.entries(f, arg.value, 0, &mut entries),
                            _ => {}
                        }
                    }
                }
            }
            out.push((ValueId(u32::try_from(i).unwrap_or(u32::MAX)), *name, entries));
        }
        out
    }

    /// `@view_config(renderer="orders.jinja2")`, `@template("orders.html")`: the returned dict is the context.
    fn decorated_with(&mut self, f: FuncId, by_name: &FxHashMap<String, FuncId>) -> Vec<Rendering> {
        let code = self.code;
        let parent = code.parent(f);
        let texts = code.func(f).decorators.iter().flat_map(|decorator| match code.op(parent, decorator.value) {
            Some(op) => match &op.kind {
                OpKind::Call { args, .. } => args.iter().map(|arg| arg.value).collect(),
                _ => Vec::new(),
            },
            None => Vec::new(),
        });
        let mut texts = texts.filter_map(|v| match code.op(parent, v)?.kind {
            OpKind::Const(Const::Str(text)) => Some(text),
            _ => None,
        });
        let Some(name) = texts.find(|text| named(by_name, self.names.text(*text)).is_some()) else { return Vec::new() };
        let body = code.body(f);
        let Some(returned) = body.ops.iter().position(|op| matches!(op.kind, OpKind::Return(Some(_)))) else {
            return Vec::new();
        };
        vec![(ValueId(u32::try_from(returned).unwrap_or(u32::MAX)), name, self.returned_context(f))]
    }

    /// What the dict that a function returns as its context holds.
    pub(super) fn returned_context(&mut self, f: FuncId) -> Vec<Entry> {
        let mut out = Vec::new();
        for op in &self.code.body(f).ops {
            if let OpKind::Return(Some(returned)) = op.kind {
                self.entries(f, returned, 0, &mut out);
            }
        }
        out
    }

    /// The entries of a context dict: displays, spreads, later stores, and dicts that functions return.
    fn entries(&mut self, f: FuncId, v: ValueId, depth: u32, out: &mut Vec<Entry>) {
        if depth > 4 || out.len() > 200 {
            return;
        }
        let code = self.code;
        let body = code.body(f);
        let at = source_of(body, v);
        match body.op(at).map(|op| &op.kind) {
            Some(OpKind::Collection { kind: CollectionKind::Dict, items }) => {
                for pair in items.chunks(2) {
                    let [key, value] = pair else { continue };
                    match body.op(*key).map(|op| &op.kind) {
                        Some(OpKind::Const(Const::Str(name))) => out.push((*name, f, *value)),
                        // `{**other}`
                        _ => self.entries(f, *value, depth + 1, out),
                    }
                }
            }
            Some(OpKind::Other(parts)) => {
                for part in parts.clone() {
                    self.entries(f, part, depth + 1, out);
                }
            }
            Some(OpKind::Binary { left, right, .. }) => {
                self.entries(f, *left, depth + 1, out);
                self.entries(f, *right, depth + 1, out);
            }
            Some(OpKind::Phi(values)) => {
                for value in values.iter().filter(|value| **value < at) {
                    self.entries(f, *value, depth + 1, out);
                }
            }
            Some(OpKind::Call { callee, args }) => {
                let ty = self.value(f, *callee);
                match *self.types.get(ty) {
                    Type::LibRef(name) if self.names.text(name) == "builtins.dict" => {
                        for arg in args {
                            match arg.kind {
                                ArgKind::Named(key) => out.push((key, f, arg.value)),
                                _ => self.entries(f, arg.value, depth + 1, out),
                            }
                        }
                    }
                    Type::Func(g) | Type::Bound(g, _) => {
                        for op in &code.body(g).ops {
                            if let OpKind::Return(Some(returned)) = op.kind {
                                self.entries(g, returned, depth + 2, out);
                            }
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        // `context["orders"] = …`, `context.update(…)`
        for op in &body.ops {
            match &op.kind {
                OpKind::StoreItem { base, index, value } if source_of(body, *base) == at => {
                    if let Some(OpKind::Const(Const::Str(name))) = body.op(*index).map(|op| &op.kind) {
                        out.push((*name, f, *value));
                    }
                }
                OpKind::Call { callee, args } => {
                    if let Some(OpKind::Attr { base, name }) = body.op(*callee).map(|op| &op.kind)
                        && source_of(body, *base) == at
                        && self.names.text(*name) == "update"
                        && let Some(arg) = args.first()
                    {
                        self.entries(f, arg.value, depth + 1, out);
                    }
                }
                _ => {}
            }
        }
    }

    /// Includes of a template: the call, the name, what it hands on.
    fn includes_of(&self, template: FuncId) -> Vec<Include> {
        let body = self.code.body(template);
        let mut out = Vec::new();
        for (i, op) in body.ops.iter().enumerate() {
            let OpKind::Call { callee, args } = &op.kind else { continue };
            let includes = matches!(body.op(*callee).map(|op| &op.kind), Some(OpKind::Global(name))
                if matches!(self.names.text(*name), TEMPLATE_INCLUDE | TEMPLATE_EXTENDS));
            if !includes {
                continue;
            }
            let Some(OpKind::Const(Const::Str(name))) =
                args.first().and_then(|arg| body.op(arg.value)).map(|op| &op.kind)
            else {
                continue;
            };
            let named = args.iter().filter_map(|arg| match arg.kind {
                ArgKind::Named(name) => Some((name, arg.value)),
                _ => None,
            });
            out.push((ValueId(u32::try_from(i).unwrap_or(u32::MAX)), *name, named.collect()));
        }
        out
    }

    /// Rendering runs the template.
    pub fn template_sites(&self, sites: &mut Sites) {
        for (f, op, template) in &self.templates.renders {
            let Some(list) = sites.by_func.get_mut(f.0 as usize) else { continue };
            let at = list.partition_point(|site| site.op <= *op);
            let site =
                Site { targets: vec![Target { func: *template, by_name: false }], ..Site::new(*op, SiteKind::Project) };
            list.insert(at, site);
        }
    }
}
