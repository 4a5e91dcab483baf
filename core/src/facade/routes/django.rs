//! Django: `urlpatterns` from the root down, function and class views, routers and view sets of Django REST framework.

use super::flask::read_request;
use super::handlers::class_methods;
use super::paths::{Template, angles, joined, pattern};
use super::{At, argument, call, endpoint_at, guards, keyword, texts};
use crate::analysis::{ClassId, FuncId, ModuleId, Project, Type, class_value, is_serializer, model_of, source_of};
use crate::evidence::endpoints::{Body, Encoding, Endpoint, Parameter, Shape};
use crate::model::{Const, OpKind};
use crate::order::InOrder as _;
use rustc_hash::{FxHashMap, FxHashSet};

/// Includes inside of includes end here.
const DEEPEST: u32 = 12;

/// Endpoints of all `urlpatterns` that no other includes.
pub(super) fn endpoints(project: &Project, out: &mut Vec<Endpoint>) {
    let Some(name) = project.sym("urlpatterns") else { return };
    let code = project.code();
    let with: Vec<ModuleId> = code.module_ids().filter(|m| project.global_values(*m, name).is_some()).collect();
    let mut walk = Walk { project, urlpatterns: name, included: FxHashSet::default(), out: Vec::new() };
    // What is included is found by walking everything once.
    for m in &with {
        walk.module(*m, &Template::default(), 0);
    }
    let included = std::mem::take(&mut walk.included);
    walk.out.clear();
    for m in with.iter().filter(|m| !included.contains(m)) {
        walk.module(*m, &Template::default(), 0);
    }
    out.append(&mut walk.out);
}

struct Walk<'a> {
    project: &'a Project,
    urlpatterns: crate::model::Sym,
    included: FxHashSet<ModuleId>,
    out: Vec<Endpoint>,
}

impl Walk<'_> {
    fn module(&mut self, m: ModuleId, above: &Template, depth: u32) {
        if depth > DEEPEST {
            return;
        }
        let Some((top, values)) = self.project.global_values(m, self.urlpatterns) else { return };
        for value in values {
            self.list((top, value), above, depth);
        }
        // `urlpatterns += router.urls`
        let body = self.project.code().body(top);
        for op in &body.ops {
            if let OpKind::Augment { value, .. } = op.kind {
                self.list((top, value), above, depth);
            }
        }
    }

    /// The entries of a list of routes.
    fn list(&mut self, at: At, above: &Template, depth: u32) {
        if depth > DEEPEST {
            return;
        }
        let (f, v) = self.project.origin(at.0, at.1);
        if let Some(OpKind::Attr { base, name }) = self.project.code().op(f, v).map(|op| &op.kind) {
            if self.project.text(*name) == "urls" {
                self.router((f, *base), above);
            }
            return;
        }
        if let Some(OpKind::Binary { left, right, .. }) = self.project.code().op(f, v).map(|op| &op.kind) {
            let (left, right) = (*left, *right);
            self.list((f, left), above, depth + 1);
            self.list((f, right), above, depth + 1);
            return;
        }
        // `format_suffix_patterns([…])`, `i18n_patterns(…)`
        if let Some((_, args)) = call(self.project, (f, v)) {
            for arg in args {
                self.entry((f, arg.value), above, depth + 1);
                self.list((f, arg.value), above, depth + 1);
            }
            return;
        }
        for item in self.project.schema_items((f, v)) {
            self.entry(item, above, depth + 1);
        }
    }

    /// `path("orders/", views.orders)` or one that includes more.
    fn entry(&mut self, at: At, above: &Template, depth: u32) {
        let project = self.project;
        let (f, v) = project.origin(at.0, at.1);
        let Some((callee, args)) = call(project, (f, v)) else { return };
        let Some(name @ ("path" | "re_path" | "url")) = project.short_name((f, callee)) else { return };
        let Some(route) = argument(project, args, 0, "route").map(|v| super::mounts::text(project, (f, v))) else {
            return;
        };
        let own = if name == "path" {
            angles(&route)
        } else {
            pattern(&route).unwrap_or_else(|| Template {
                path: "{?}".to_owned(),
                computed: true,
                ..Template::default()
            })
        };
        let template = below(above, &own);
        let Some(view) = argument(project, args, 1, "view") else { return };
        let (g, view) = project.origin(f, view);
        if let Some((callee, args)) = call(project, (g, view)) {
            match project.short_name((g, callee)) {
                Some("include") => {
                    if let Some(first) = args.first() {
                        self.include((g, first.value), &template, depth);
                    }
                }
                // `View.as_view()`, also inside of a decorator.
                Some("as_view") => self.as_view((g, callee), args.first().map(|arg| (g, arg.value)), &template),
                Some(wrapper) => {
                    let auth = guards::is_guard(wrapper).then(|| wrapper.to_owned());
                    let before = self.out.len();
                    if let Some(inner) = args.first() {
                        let (h, inner) = project.origin(g, inner.value);
                        match call(project, (h, inner)) {
                            Some((callee, _)) if project.short_name((h, callee)) == Some("as_view") => {
                                self.as_view((h, callee), None, &template);
                            }
                            _ => self.function((h, inner), &template),
                        }
                    }
                    for endpoint in self.out.iter_mut().skip(before) {
                        endpoint.auth = endpoint.auth.take().or_else(|| auth.clone());
                    }
                }
                None => {}
            }
            return;
        }
        self.function((g, view), &template);
    }

    /// `include("orders.urls")`, `include(router.urls)`, `include((patterns, "app"))`, `include([…])`
    fn include(&mut self, at: At, above: &Template, depth: u32) {
        let project = self.project;
        let (f, v) = project.origin(at.0, at.1);
        if let Some(OpKind::Collection { kind: crate::model::CollectionKind::Tuple, items }) =
            project.code().op(f, v).map(|op| &op.kind)
        {
            if let Some(first) = items.first() {
                self.include((f, *first), above, depth + 1);
            }
            return;
        }
        if depth > DEEPEST {
            return;
        }
        if let Type::Module(m) = project.ty(f, v) {
            self.included.insert(*m);
            self.module(*m, above, depth + 1);
            return;
        }
        match project.schema_text((f, v)) {
            Some(dotted) => {
                if let Some(m) = self.module_named(&dotted) {
                    self.included.insert(m);
                    self.module(m, above, depth + 1);
                }
            }
            None => self.list((f, v), above, depth + 1),
        }
    }

    /// The module of a dotted name, also below a folder of sources.
    fn module_named(&self, dotted: &str) -> Option<ModuleId> {
        let file = format!("{}.py", dotted.replace('.', "/"));
        let package = format!("{}/__init__.py", dotted.replace('.', "/"));
        let code = self.project.code();
        let path = |m: ModuleId| code.module(m).map_or("", |module| module.path.as_str());
        let ends = |m: &ModuleId| {
            [&file, &package].into_iter().any(|end| path(*m) == end || path(*m).ends_with(&format!("/{end}")))
        };
        code.module_ids().filter(ends).min_by_key(|m| path(*m).len())
    }

    fn push(&mut self, f: FuncId, method: &str, template: &Template, auth: Option<String>) {
        let mut endpoint = endpoint_at(self.project, f, "Django");
        endpoint.method = method.to_owned();
        fill(&mut endpoint, template);
        endpoint.auth = auth;
        read_request(self.project, f, &mut endpoint);
        self.out.push(endpoint);
    }

    /// A function view.
    fn function(&mut self, (f, v): At, template: &Template) {
        let project = self.project;
        let (Type::Func(g) | Type::Bound(g, _)) = *project.ty(f, v) else { return };
        let auth = guards::decorators(project, g);
        let (methods, sure) = function_methods(project, g);
        for method in methods {
            self.push(g, &method, template, auth.clone());
            if !sure && let Some(last) = self.out.last_mut() {
                last.doubts.push("Which methods it answers could not be read".to_owned());
            }
        }
    }

    /// `OrderView.as_view()`; of a view set, `as_view({"get": "list"})`.
    fn as_view(&mut self, (f, callee): At, actions: Option<At>, template: &Template) {
        let project = self.project;
        let Some(OpKind::Attr { base, .. }) = project.code().op(f, callee).map(|op| &op.kind) else { return };
        let Some(class) = project.schema_class((f, *base)) else { return };
        let auth = guards::class(project, class);
        if let Some((g, v)) = actions
            && let Some(OpKind::Collection { kind: crate::model::CollectionKind::Dict, items }) =
                project.code().op(g, v).map(|op| &op.kind)
        {
            let items = items.to_vec();
            for pair in items.chunks(2) {
                let [method, action] = pair else { continue };
                let (Some(method), Some(action)) =
                    (project.schema_text((g, *method)), project.schema_text((g, *action)))
                else {
                    continue;
                };
                self.action(class, &action, &method.to_uppercase(), template, auth.as_ref());
            }
            return;
        }
        let own = class_methods(project, class);
        let mut seen: Vec<String> = Vec::new();
        for (method, f) in own {
            seen.push(method.clone());
            self.push(f, &method, template, auth.clone());
            self.serialized(class, f);
        }
        for method in generic_methods(project, class).into_iter().filter(|method| !seen.iter().any(|m| m == method)) {
            self.of_class(class, method, template, auth.as_ref());
        }
    }

    /// A method that a library's class answers for a class of the project.
    fn of_class(&mut self, class: ClassId, method: &str, template: &Template, auth: Option<&String>) {
        let project = self.project;
        let code = project.code();
        let owned = code.class(class);
        let mut endpoint = Endpoint {
            method: method.to_owned(),
            handler: project.text(owned.name).to_owned(),
            file: code.module(code.module_of_class(class)).map_or_else(String::new, |module| module.path.clone()),
            line: owned.span.line,
            end_line: owned.span.end_line,
            framework: "Django".to_owned(),
            auth: auth.cloned(),
            ..Endpoint::default()
        };
        fill(&mut endpoint, template);
        endpoint.body = (endpoint.writes() && method != "DELETE").then(|| serializer_body(project, class)).flatten();
        self.out.push(endpoint);
    }

    /// Gives a handler without a read body that of its class's serializer.
    fn serialized(&mut self, class: ClassId, _: FuncId) {
        let project = self.project;
        if let Some(last) = self.out.last_mut()
            && last.body.is_none()
            && last.writes()
            && last.method != "DELETE"
        {
            last.body = serializer_body(project, class);
        }
    }

    /// One action of a view set.
    fn action(&mut self, class: ClassId, action: &str, method: &str, template: &Template, auth: Option<&String>) {
        match self.project.method(class, action) {
            Some(f) => {
                let own = guards::decorators(self.project, f);
                self.push(f, method, template, own.or_else(|| auth.cloned()));
                self.serialized(class, f);
            }
            None => self.of_class(class, method, template, auth),
        }
    }

    /// `router.register("orders", OrderViewSet)`, everywhere in the router's module.
    fn router(&mut self, router: At, above: &Template) {
        let project = self.project;
        let router = project.origin(router.0, router.1);
        let body = project.code().body(router.0);
        let mut sets: Vec<(String, ClassId)> = Vec::new();
        for op in &body.ops {
            let OpKind::Call { callee, args } = &op.kind else { continue };
            let Some(OpKind::Attr { base, name }) = body.op(*callee).map(|op| &op.kind) else { continue };
            if project.text(*name) != "register" || project.origin(router.0, *base) != router {
                continue;
            }
            let prefix = argument(project, args, 0, "prefix").map(|v| super::mounts::text(project, (router.0, v)));
            let class = argument(project, args, 1, "viewset").and_then(|v| project.schema_class((router.0, v)));
            if let (Some(prefix), Some(class)) = (prefix, class) {
                sets.push((prefix, class));
            }
        }
        for (prefix, class) in sets {
            self.view_set(&prefix, class, above);
        }
    }

    fn view_set(&mut self, prefix: &str, class: ClassId, above: &Template) {
        let project = self.project;
        let auth = guards::class(project, class);
        let own = pattern(prefix).unwrap_or_else(|| angles(prefix));
        let list = below(above, &Template { path: format!("{}/", own.path.trim_end_matches('/')), ..own });
        let lookup = class_value(project, class, "lookup_url_kwarg")
            .or_else(|| class_value(project, class, "lookup_field"))
            .and_then(|at| project.schema_text(at))
            .unwrap_or_else(|| "pk".to_owned());
        let shape = if matches!(lookup.as_str(), "pk" | "id") { Shape::INTEGER } else { Shape::Unknown };
        let key = Template {
            path: format!("{{{lookup}}}/"),
            params: vec![Parameter { name: lookup, shape, required: true }],
            computed: false,
        };
        let detail = below(&list, &key);
        let has = |action: &str, mixins: &[&str]| {
            project.method(class, action).is_some()
                || project
                    .library_ancestors(class)
                    .any(|name| mixins.iter().any(|mixin| name.rsplit('.').next() == Some(mixin)))
        };
        for (action, mixins, method, template) in [
            ("list", &["ModelViewSet", "ReadOnlyModelViewSet", "ListModelMixin"][..], "GET", &list),
            ("create", &["ModelViewSet", "CreateModelMixin"][..], "POST", &list),
            ("retrieve", &["ModelViewSet", "ReadOnlyModelViewSet", "RetrieveModelMixin"][..], "GET", &detail),
            ("update", &["ModelViewSet", "UpdateModelMixin"][..], "PUT", &detail),
            ("partial_update", &["ModelViewSet", "UpdateModelMixin"][..], "PATCH", &detail),
            ("destroy", &["ModelViewSet", "DestroyModelMixin"][..], "DELETE", &detail),
        ] {
            if has(action, mixins) {
                self.action(class, action, method, template, auth.as_ref());
            }
        }
        self.extra_actions(class, &list, &detail, auth.as_ref());
    }

    /// `@action(detail=True, methods=["post"])`
    fn extra_actions(&mut self, class: ClassId, list: &Template, detail: &Template, auth: Option<&String>) {
        let project = self.project;
        let code = project.code();
        let m = code.module_of_class(class);
        let methods = code.class(class).methods.clone();
        for f in methods.into_iter().map(|f| code.func_id(m, f)) {
            let parent = code.parent(f);
            for decorator in &code.func(f).decorators {
                let Some((callee, args)) = call(project, (parent, decorator.value)) else { continue };
                if project.short_name((parent, callee)) != Some("action") {
                    continue;
                }
                let on_row = project.schema_flag(parent, args, "detail") == Some(true);
                let word = keyword(project, args, "url_path")
                    .and_then(|v| project.schema_text((parent, v)))
                    .unwrap_or_else(|| project.text(code.func(f).name).to_owned());
                let own = pattern(&format!("{word}/")).unwrap_or_else(|| angles(&format!("{word}/")));
                let template = below(if on_row { detail } else { list }, &own);
                let mut methods =
                    keyword(project, args, "methods").map(|v| texts(project, (parent, v))).unwrap_or_default();
                if methods.is_empty() {
                    methods.push("get".to_owned());
                }
                let own_guard = guards::decorators(project, f);
                for method in methods {
                    self.push(f, &method.to_uppercase(), &template, own_guard.clone().or_else(|| auth.cloned()));
                }
            }
        }
    }
}

/// A template below another.
fn below(above: &Template, own: &Template) -> Template {
    Template {
        path: joined(&above.path, &own.path),
        params: above.params.iter().chain(&own.params).cloned().collect(),
        computed: above.computed || own.computed,
    }
}

fn fill(endpoint: &mut Endpoint, template: &Template) {
    endpoint.path = joined("", &template.path);
    endpoint.path_params.clone_from(&template.params);
    if template.computed {
        endpoint.doubts.push("A part of the path is computed at run time: it stands as `{?}`".to_owned());
        endpoint.path_params.push(Parameter { name: "?".to_owned(), shape: Shape::Unknown, required: true });
    }
}

/// Methods of a function view, and whether they are stated.
fn function_methods(project: &Project, f: FuncId) -> (Vec<String>, bool) {
    let parent = project.code().parent(f);
    for decorator in &project.code().func(f).decorators {
        let (name, list) = match call(project, (parent, decorator.value)) {
            Some((callee, args)) => (project.short_name((parent, callee)), args.first().map(|arg| (parent, arg.value))),
            None => (project.short_name((parent, decorator.value)), None),
        };
        let stated = match (name, list) {
            (Some("require_GET" | "require_safe"), _) => vec!["GET".to_owned()],
            (Some("require_POST"), _) => vec!["POST".to_owned()],
            (Some("api_view" | "require_http_methods"), Some(at)) => texts(project, at),
            (Some("api_view"), None) => vec!["GET".to_owned()],
            _ => continue,
        };
        let stated: Vec<String> = stated
            .iter()
            .map(|method| method.to_uppercase())
            .filter(|method| !matches!(method.as_str(), "HEAD" | "OPTIONS"))
            .collect();
        if !stated.is_empty() {
            return (stated, true);
        }
    }
    // `if request.method == "POST":`
    let body = project.code().body(f);
    let mut compared: FxHashMap<String, ()> = FxHashMap::default();
    for op in &body.ops {
        let OpKind::Binary { left, right, .. } = op.kind else { continue };
        let method = matches!(body.op(source_of(body, left)).map(|op| &op.kind),
            Some(OpKind::Attr { name, .. }) if project.text(*name) == "method");
        if let Some(OpKind::Const(Const::Str(text))) = body.op(right).map(|op| &op.kind).filter(|_| method) {
            compared.insert(project.text(*text).to_owned(), ());
        }
    }
    let mut methods: Vec<String> = compared.into_keys().collect();
    let sure = methods.is_empty();
    if !methods.iter().any(|method| method == "GET") {
        methods.push("GET".to_owned());
    }
    methods.order();
    (methods, sure)
}

/// Methods that the library's generic views answer.
fn generic_methods(project: &Project, class: ClassId) -> Vec<&'static str> {
    let mut out = Vec::new();
    for name in project.library_ancestors(class) {
        let name = name.rsplit('.').next().unwrap_or(name);
        let methods: &[&str] = match name {
            "ListAPIView" | "RetrieveAPIView" | "ListView" | "DetailView" | "TemplateView" | "RedirectView" => &["GET"],
            "CreateAPIView" => &["POST"],
            "ListCreateAPIView" | "FormView" | "CreateView" | "UpdateView" | "DeleteView" => &["GET", "POST"],
            "UpdateAPIView" => &["PUT", "PATCH"],
            "DestroyAPIView" => &["DELETE"],
            "RetrieveUpdateAPIView" => &["GET", "PUT", "PATCH"],
            "RetrieveDestroyAPIView" => &["GET", "DELETE"],
            "RetrieveUpdateDestroyAPIView" => &["GET", "PUT", "PATCH", "DELETE"],
            _ => &[],
        };
        for method in methods {
            if !out.contains(method) {
                out.push(*method);
            }
        }
    }
    out
}

/// The body that a view's serializer reads.
fn serializer_body(project: &Project, view: ClassId) -> Option<Body> {
    let (f, v) = class_value(project, view, "serializer_class")?;
    let serializer = project.schema_class((f, v))?;
    if !is_serializer(project, serializer) {
        return None;
    }
    let code = project.code();
    let mut fields: Vec<Parameter> = Vec::new();
    for owner in project.project_ancestors(serializer) {
        let owned = code.class(owner);
        let scope = code.class_scope(owner);
        for field in &owned.fields {
            let Some((callee, args)) = field.value.and_then(|value| call(project, (scope, value))) else { continue };
            let Some(type_name) = project.short_name((scope, callee)) else { continue };
            let read_only = project.schema_flag(scope, args, "read_only") == Some(true);
            if read_only || !type_name.ends_with("Field") || type_name == "SerializerMethodField" {
                continue;
            }
            let required = project.schema_flag(scope, args, "required") != Some(false)
                && keyword(project, args, "default").is_none();
            let name = project.text(field.name).to_owned();
            if !fields.iter().any(|known| known.name == name) {
                fields.push(Parameter { name, shape: field_shape(type_name), required });
            }
        }
    }
    if let Some(model) = model_of(project, serializer) {
        let wanted = meta_fields(project, serializer);
        for column in project.columns_of(model) {
            let name = project.text(column.name);
            let listed = wanted.as_ref().is_none_or(|names| names.iter().any(|wanted| wanted == name));
            let automatic = column.key || matches!(column.type_name.as_str(), "AutoField" | "BigAutoField");
            if listed && !automatic && !fields.iter().any(|known| known.name == name) {
                let shape = if column.foreign_key { Shape::INTEGER } else { field_shape(&column.type_name) };
                fields.push(Parameter { name: name.to_owned(), shape, required: true });
            }
        }
    }
    let name = project.text(code.class(serializer).name).to_owned();
    (!fields.is_empty()).then_some(Body { encoding: Encoding::Json, shape: Shape::Object { name, fields } })
}

/// `Meta.fields` of a serializer; nothing when it is `"__all__"` or missing.
fn meta_fields(project: &Project, serializer: ClassId) -> Option<Vec<String>> {
    let code = project.code();
    let m = code.module_of_class(serializer);
    let classes = &code.module(m)?.classes;
    let meta = classes.iter().position(|inner| {
        inner.outer.is_some_and(|outer| code.class_id(m, outer) == serializer) && project.text(inner.name) == "Meta"
    })?;
    let meta = code.class_id(m, crate::model::ClassIdx(u32::try_from(meta).ok()?));
    let at = class_value(project, meta, "fields")?;
    let names = texts(project, at);
    (!names.is_empty()).then_some(names)
}

fn field_shape(type_name: &str) -> Shape {
    match type_name {
        "IntegerField"
        | "PositiveIntegerField"
        | "BigIntegerField"
        | "SmallIntegerField"
        | "PositiveSmallIntegerField"
        | "PrimaryKeyRelatedField" => Shape::INTEGER,
        "FloatField" | "DecimalField" => Shape::Number,
        "BooleanField" | "NullBooleanField" => Shape::Boolean,
        "UUIDField" => Shape::Uuid,
        "DateField" => Shape::Date,
        "DateTimeField" => Shape::DateTime,
        "TimeField" => Shape::Time,
        "EmailField" => Shape::Email,
        "URLField" => Shape::Url,
        "CharField" | "TextField" | "SlugField" | "RegexField" => Shape::TEXT,
        "ListField" => Shape::List(Box::new(Shape::Unknown)),
        "DictField" | "JSONField" => Shape::Map(Box::new(Shape::Unknown)),
        "FileField" | "ImageField" => Shape::File,
        _ => Shape::Unknown,
    }
}
