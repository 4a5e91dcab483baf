//! What must be released although no library table says so: what the function itself closes further
//! down, objects of project classes that own what their `close` gives back, and what `next(…)` takes
//! out of a generator that would have closed it.

use super::calls::SiteKind;
use super::code::{ClassId, FuncId};
use super::flow::source_of;
use super::project::Project;
use super::types::Type;
use crate::libraries::Resource;
use crate::model::{Body, OpKind, RegionKind, Sym, ValueId};
use rustc_hash::FxHashMap;

/// Methods by which code says that a thing holds something outside the process.
const BY_HAND: &[&str] = &["close", "aclose", "quit", "disconnect"];
/// Methods that give what was made elsewhere; and cursors, which hold nothing once they are collected.
const FOUND: &[&str] = &["get", "pop", "popitem", "popleft", "setdefault", "cursor"];
/// Methods of a project class that give back what it owns.
const OWNER: &[&str] = &["close", "aclose", "shutdown", "disconnect"];
/// What such a method calls on the parts of the object.
const PARTS: &[&str] = &["close", "aclose", "shutdown", "disconnect", "quit", "dispose", "terminate", "join"];
/// Names of the generators that frameworks enter for each request, where the generator itself is not in view.
const PROVIDERS: &[&str] = &["get_db", "get_session", "get_db_session", "get_async_session", "get_async_db"];

/// Project classes whose objects must be closed, looked at once each.
#[derive(Debug, Default)]
pub(super) struct Owners {
    known: FxHashMap<ClassId, bool>,
}

impl Owners {
    /// Whether an object of the class makes what only its own `close` gives back.
    pub fn owns(&mut self, project: &Project, class: ClassId) -> bool {
        if let Some(known) = self.known.get(&class) {
            return *known;
        }
        let owns = owns(project, class);
        self.known.insert(class, owns);
        owns
    }
}

fn owns(project: &Project, class: ClassId) -> bool {
    let plain = project.library_ancestors(class).all(|base| matches!(base, "builtins.object" | "abc.ABC"));
    let Some(init) = project.method(class, "__init__").filter(|_| plain) else { return false };
    if project.method(class, "__del__").is_some() {
        return false;
    }
    let made = parts_made(project, init);
    !made.is_empty()
        && OWNER.iter().filter_map(|name| project.method(class, name)).any(|closer| {
            let body = project.code().body(closer);
            body.ops.iter().any(|op| match op.kind {
                OpKind::Call { callee, .. } => {
                    part_closed(project, body, callee).is_some_and(|part| made.contains(&part))
                }
                _ => false,
            })
        })
}

/// Attributes of `self` that a constructor fills with something it makes.
fn parts_made(project: &Project, init: FuncId) -> Vec<Sym> {
    let body = project.code().body(init);
    let own = |v: ValueId| matches!(body.op(source_of(body, v)).map(|op| &op.kind), Some(OpKind::Param(0)));
    body.ops
        .iter()
        .filter_map(|op| match op.kind {
            OpKind::StoreAttr { base, name, value } if own(base) => {
                matches!(body.op(source_of(body, value)).map(|op| &op.kind), Some(OpKind::Call { .. })).then_some(name)
            }
            _ => None,
        })
        .collect()
}

/// `self.client.close` -> `client`.
fn part_closed(project: &Project, body: &Body, callee: ValueId) -> Option<Sym> {
    let OpKind::Attr { base, name } = body.op(callee)?.kind else { return None };
    let OpKind::Attr { base: owner, name: part } = body.op(source_of(body, base))?.kind else { return None };
    let own = matches!(body.op(source_of(body, owner)).map(|op| &op.kind), Some(OpKind::Param(0)));
    (own && PARTS.contains(&project.text(name))).then_some(part)
}

/// Calls whose result the function itself closes further down, of which nothing else is known.
pub(super) fn closed_by_hand(project: &Project, f: FuncId) -> Vec<ValueId> {
    let body = project.code().body(f);
    let mut out = Vec::new();
    for &at in project.code().calls_in(f) {
        let Some(OpKind::Call { callee, args }) = body.op(at).map(|op| &op.kind) else { continue };
        let Some(OpKind::Attr { base, name }) = body.op(*callee).map(|op| &op.kind) else { continue };
        if !args.is_empty() || !BY_HAND.contains(&project.text(*name)) {
            continue;
        }
        let made = source_of(body, *base);
        let unknown = match body.op(made).map(|op| &op.kind) {
            Some(OpKind::Call { callee, .. }) => {
                let found = matches!(body.op(*callee).map(|op| &op.kind), Some(OpKind::Attr { name, .. })
                    if FOUND.contains(&project.text(*name)));
                !found && *project.ty(f, made) == Type::Unknown
            }
            _ => false,
        };
        // A row without `acquires` says that there is nothing to release.
        if unknown
            && made != *base
            && !out.contains(&made)
            && !project.sites_at(f, made).any(|site| matches!(site.kind, SiteKind::Library(_)))
        {
            out.push(made);
        }
    }
    out
}

/// `next(get_db())`: what the generator yields, without the clean-up that follows the `yield`. The flag
/// tells whether only the name of the generator says so.
pub(super) fn taken_out(project: &Project, f: FuncId, call: ValueId) -> Option<(Resource, bool)> {
    let body = project.code().body(f);
    let OpKind::Call { callee, args } = &body.op(call)?.kind else { return None };
    let Type::LibRef(name) = project.ty(f, *callee) else { return None };
    if !matches!(project.text(*name), "builtins.next" | "builtins.anext") || args.len() != 1 {
        return None;
    }
    // One that stays in a variable can be closed, or driven to its end.
    let generator = args.first()?.value;
    let OpKind::Call { callee: maker, .. } = &body.op(generator)?.kind else { return None };
    match project.ty(f, *maker) {
        Type::Func(g) | Type::Bound(g, _) => {
            let body = project.code().body(*g);
            let cleans = |kind: &RegionKind| matches!(kind, RegionKind::Finally | RegionKind::With { .. });
            let provider = project.code().func(*g).is_generator && body.regions.iter().any(|r| cleans(&r.kind));
            let class = body.ops.iter().find_map(|op| match op.kind {
                OpKind::Yield(Some(v)) => project.lib_class(*g, v),
                _ => None,
            });
            let resource = class.and_then(|class| project.library().resource(class)).unwrap_or(Resource::Other);
            provider.then_some((resource, false))
        }
        Type::Unknown | Type::LibRef(_) => {
            let spelled = project.describe(f, *maker);
            let short = spelled.rsplit('.').next().unwrap_or("");
            PROVIDERS.contains(&short).then_some((Resource::Session, true))
        }
        _ => None,
    }
}
