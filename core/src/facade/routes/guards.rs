//! What asks for authentication: dependencies, decorators, mixins and permission classes, told by their names.

use super::{At, call, keyword};
use crate::analysis::{FuncId, Project, class_value};
use crate::model::{Arg, OpKind};

/// Words of names that guard.
const GUARDS: &[&str] = &[
    "api_key",
    "apikey",
    "auth",
    "credential",
    "currentuser",
    "current_user",
    "get_user",
    "jwt",
    "login",
    "loggedin",
    "logged_in",
    "oauth",
    "permission",
    "require_role",
    "roles",
    "superuser",
    "token",
    "verified_user",
    "active_user",
];

/// Whether a name is that of something that asks who calls.
pub(super) fn is_guard(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let open = ["allowany", "exempt", "optional", "csrf", "anonymous", "author", "tokenize", "login_page"];
    GUARDS.iter().any(|word| lower.contains(word)) && !open.iter().any(|word| lower.contains(word))
}

/// `Depends(get_current_user)`, when it guards; the dependency's own dependencies count.
pub(super) fn guarding(project: &Project, at: At, depth: u32) -> Option<String> {
    let (f, v) = project.origin(at.0, at.1);
    let (callee, args) = call(project, (f, v))?;
    let name = project.short_name((f, callee))?;
    if !matches!(name, "Depends" | "Security") {
        return is_guard(name).then(|| format!("{name}()"));
    }
    let given = args.first().map(|arg| arg.value).or_else(|| keyword(project, args, "dependency"))?;
    let inner = words(project, (f, given));
    if is_guard(&inner) || name == "Security" {
        return Some(format!("{name}({inner})"));
    }
    let provider = provider(project, (f, given))?;
    let behind = dependencies(project, provider, depth + 1)?;
    Some(format!("{name}({inner}), which needs {behind}"))
}

/// The function that a dependency names.
pub(super) fn provider(project: &Project, (f, v): At) -> Option<FuncId> {
    use crate::analysis::Type;
    match project.ty(f, v) {
        Type::Func(g) | Type::Bound(g, _) => Some(*g),
        Type::ClassObj(class) => project.method(*class, "__init__"),
        Type::Inst(class, _) => project.method(*class, "__call__"),
        _ => None,
    }
}

/// What guards a function among its parameters.
pub(super) fn dependencies(project: &Project, f: FuncId, depth: u32) -> Option<String> {
    if depth > 4 {
        return None;
    }
    let parent = project.code().parent(f);
    project.code().func(f).params.iter().find_map(|param| {
        let default = param.default.and_then(|v| guarding(project, (parent, v), depth));
        default.or_else(|| {
            let (f, v) = project.origin(parent, param.annotation?);
            let OpKind::Item { index, .. } = project.code().op(f, v)?.kind else { return None };
            let OpKind::Collection { items, .. } = &project.code().op(f, index)?.kind else { return None };
            items.iter().skip(1).find_map(|item| guarding(project, (f, *item), depth))
        })
    })
}

/// What guards among `dependencies=[…]` of a router, an include or a route.
pub(super) fn listed(project: &Project, f: FuncId, args: &[Arg]) -> Option<String> {
    let list = keyword(project, args, "dependencies")?;
    project.schema_items((f, list)).into_iter().find_map(|item| guarding(project, item, 0))
}

/// What guards among the decorators of a function.
pub(super) fn decorators(project: &Project, f: FuncId) -> Option<String> {
    let parent = project.code().parent(f);
    project.code().func(f).decorators.iter().find_map(|decorator| {
        let (at, args) = match call(project, (parent, decorator.value)) {
            Some((callee, args)) => (callee, args),
            None => (decorator.value, &[][..]),
        };
        let name = super::name_of(project, (parent, at))?;
        // `@auth.login_required`, `@method_decorator(login_required)`, `@permission_classes([IsAuthenticated])`
        if matches!(name.as_str(), "method_decorator" | "permission_classes" | "decorator_from_middleware") {
            let given = args.first()?.value;
            let mut all = project.schema_items((parent, given));
            all.push((parent, given));
            return all.into_iter().map(|at| words(project, at)).find(|name| guards_as_class(name));
        }
        (is_guard(&name) && !has_route_path(project, parent, args)).then_some(name)
    })
}

/// `@auth_router.get("/login")` routes; it does not guard.
fn has_route_path(project: &Project, f: FuncId, args: &[Arg]) -> bool {
    args.first().and_then(|arg| project.schema_text((f, arg.value))).is_some_and(|text| text.starts_with('/'))
}

/// What guards a view class: a mixin, a permission class, a list of decorators.
pub(super) fn class(project: &Project, class: crate::analysis::ClassId) -> Option<String> {
    let library = project.library_ancestors(class).map(|name| name.rsplit('.').next().unwrap_or(name).to_owned());
    let own = project.project_ancestors(class).map(|c| project.text(project.code().class(c).name).to_owned());
    if let Some(mixin) = library.chain(own.skip(1)).find(|name| name.ends_with("Mixin") && guards_as_class(name)) {
        return Some(mixin);
    }
    ["permission_classes", "decorators", "method_decorators"].into_iter().find_map(|field| {
        let at = class_value(project, class, field)?;
        project.schema_items(at).into_iter().map(|item| words(project, item)).find(|name| guards_as_class(name))
    })
}

fn guards_as_class(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    is_guard(name) || ["isadmin", "isstaff", "isowner", "userpasses"].iter().any(|word| lower.contains(word))
}

/// The last name of a value: `get_current_user` of `deps.get_current_user`, of a call what is called.
fn words(project: &Project, (f, v): At) -> String {
    let at = match call(project, (f, v)) {
        Some((callee, _)) => callee,
        None => v,
    };
    super::name_of(project, (f, at)).unwrap_or_default()
}
