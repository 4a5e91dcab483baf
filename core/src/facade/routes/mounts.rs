//! Under which prefixes routers answer: `include_router`, `register_blueprint`, `mount`, followed up to the
//! application, through lists that loops run over.

use super::{At, argument, call, guards, keyword, paths::joined};
use crate::analysis::{ModuleId, Project, Type};
use crate::languages::sql::HOLE;
use crate::model::{OpKind, ValueId};
use rustc_hash::FxHashMap;

/// Where routers hang.
#[derive(Debug, Default)]
pub(super) struct Mounts {
    by_child: FxHashMap<At, Vec<Mount>>,
}

/// One place of a router.
#[derive(Clone, Debug)]
struct Mount {
    parent: At,
    /// `None` when it is not stated.
    prefix: Option<String>,
    auth: Option<String>,
    /// The stated prefix stands instead of the router's own (Flask).
    instead: bool,
}

/// A prefix under which a router answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Prefix {
    pub(super) path: String,
    pub(super) auth: Option<String>,
    /// It is not seen to be part of an application.
    pub(super) loose: bool,
}

/// Routers inside of routers end here.
const DEEPEST: u32 = 8;
/// Most prefixes of one router.
const MOST: usize = 12;

impl Mounts {
    /// Reads all calls that hang a router into another.
    pub(super) fn read(project: &Project) -> Self {
        let mut out = Self::default();
        let wanted: Vec<_> = ["include_router", "register_blueprint", "mount", "add_namespace", "include_router_group"]
            .into_iter()
            .filter_map(|name| project.sym(name))
            .collect();
        if wanted.is_empty() {
            return out;
        }
        for f in project.code().func_ids() {
            let body = project.code().body(f);
            for (i, op) in body.ops.iter().enumerate() {
                let OpKind::Call { callee, args } = &op.kind else { continue };
                let Some(OpKind::Attr { base, name }) = body.op(*callee).map(|op| &op.kind) else { continue };
                if !wanted.contains(name) {
                    continue;
                }
                let flask = project.text(*name) == "register_blueprint";
                let (child, prefix) = match project.text(*name) {
                    "mount" => (argument(project, args, 1, "app"), argument(project, args, 0, "path")),
                    "register_blueprint" => {
                        (argument(project, args, 0, "blueprint"), keyword(project, args, "url_prefix"))
                    }
                    "add_namespace" => (argument(project, args, 0, "ns"), argument(project, args, 1, "path")),
                    _ => (argument(project, args, 0, "router"), keyword(project, args, "prefix")),
                };
                let Some(child) = child else { continue };
                let prefix = prefix.map(|v| text(project, (f, v)));
                let auth = guards::listed(project, f, args);
                let _ = i;
                for child in routers(project, (f, child), 0) {
                    let mount = Mount {
                        parent: project.origin(f, *base),
                        prefix: prefix.clone(),
                        auth: auth.clone(),
                        instead: flask,
                    };
                    out.by_child.entry(child).or_default().push(mount);
                }
            }
        }
        out
    }

    /// All prefixes of a router or application.
    pub(super) fn prefixes(&self, project: &Project, router: At) -> Vec<Prefix> {
        let mut out = self.climb(project, router, 0);
        out.dedup();
        out.truncate(MOST);
        out
    }

    fn climb(&self, project: &Project, router: At, depth: u32) -> Vec<Prefix> {
        let own = own(project, router);
        let mounts = self.by_child.get(&router).map_or(&[][..], Vec::as_slice);
        if mounts.is_empty() || depth > DEEPEST {
            let loose = !own.application;
            return vec![Prefix { path: own.prefix.unwrap_or_default(), auth: own.auth, loose }];
        }
        let mut out = Vec::new();
        for mount in mounts {
            for above in self.climb(project, mount.parent, depth + 1) {
                let mut path = above.path.clone();
                if let Some(prefix) = &mount.prefix {
                    path = glued(&path, prefix);
                }
                if let Some(prefix) = own.prefix.as_ref().filter(|_| !mount.instead || mount.prefix.is_none()) {
                    path = glued(&path, prefix);
                }
                let auth = above.auth.clone().or_else(|| mount.auth.clone()).or_else(|| own.auth.clone());
                out.push(Prefix { path, auth, loose: above.loose });
                if out.len() > MOST {
                    return out;
                }
            }
        }
        out
    }
}

/// Joins prefixes; none stays none.
fn glued(above: &str, prefix: &str) -> String {
    if prefix.is_empty() || prefix == "/" { above.to_owned() } else { joined(above, prefix) }
}

#[derive(Default)]
struct Own {
    prefix: Option<String>,
    auth: Option<String>,
    application: bool,
}

/// What the constructor of a router says.
fn own(project: &Project, (f, v): At) -> Own {
    let Some((callee, args)) = call(project, (f, v)) else { return Own::default() };
    let class = project.lib_class(f, v).unwrap_or("").to_owned();
    let name = class.rsplit('.').next().unwrap_or("");
    let _ = callee;
    let prefix = keyword(project, args, "prefix").or_else(|| keyword(project, args, "url_prefix")).or_else(|| {
        // Namespaces of Flask-RESTX answer under their name.
        (name == "Namespace").then(|| keyword(project, args, "path")).flatten()
    });
    let named = (name == "Namespace" && prefix.is_none())
        .then(|| args.first().map(|arg| format!("/{}", text(project, (f, arg.value)))))
        .flatten();
    Own {
        prefix: prefix.map(|v| text(project, (f, v))).or(named),
        auth: guards::listed(project, f, args),
        application: matches!(name, "FastAPI" | "Flask" | "Starlette" | "Quart" | "Litestar" | "Sanic"),
    }
}

/// A text; what is computed is a hole. `settings.API_V1_STR` is what its class gives it.
pub(super) fn text(project: &Project, at: At) -> String {
    project.schema_text(at).or_else(|| attribute_text(project, at)).unwrap_or_else(|| HOLE.to_string())
}

/// `settings.API_V1_STR`, the field of an object of a class of settings.
fn attribute_text(project: &Project, (f, v): At) -> Option<String> {
    let (f, v) = project.origin(f, v);
    let OpKind::Attr { base, name } = project.code().op(f, v)?.kind else { return None };
    let class = project.members(f, base).into_iter().find_map(|ty| match ty {
        Type::Inst(class, _) | Type::ClassObj(class) => Some(*class),
        _ => None,
    })?;
    let at = crate::analysis::class_value(project, class, project.text(name))?;
    project.schema_text(at)
}

/// The routers that a value may be: itself, or what a loop's list holds.
fn routers(project: &Project, (f, v): At, depth: u32) -> Vec<At> {
    let (g, w) = project.origin(f, v);
    if depth > 4 {
        return Vec::new();
    }
    match project.code().op(g, w).map(|op| &op.kind) {
        Some(OpKind::Element(list)) => {
            let items = project.schema_items((g, *list));
            items.into_iter().flat_map(|item| routers(project, item, depth + 1)).collect()
        }
        // `module.router` for each module of a list.
        Some(OpKind::Attr { base, name }) => {
            let from = crate::analysis::source_of(project.code().body(g), *base);
            let Some(OpKind::Element(list)) = project.code().op(g, from).map(|op| &op.kind) else {
                return vec![(g, w)];
            };
            let modules: Vec<ModuleId> = project
                .schema_items((g, *list))
                .into_iter()
                .filter_map(|(f, v)| match project.ty(f, v) {
                    Type::Module(m) => Some(*m),
                    _ => None,
                })
                .collect();
            modules.into_iter().filter_map(|m| global(project, m, *name)).collect()
        }
        _ => vec![(g, w)],
    }
}

/// The value of a module's global, followed to where it is made.
fn global(project: &Project, m: ModuleId, name: crate::model::Sym) -> Option<At> {
    let (top, values) = project.global_values(m, name)?;
    let value: ValueId = *values.first()?;
    Some(project.origin(top, value))
}
