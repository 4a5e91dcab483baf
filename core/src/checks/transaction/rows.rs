//! Rows that a function writes, as values of its body, and what refers to them.

use crate::analysis::{
    ClassId, FuncId, OrmKind, Project, Site, SiteKind, Type, model_words, runs_elsewhere, source_of,
};
use crate::checks::support::is_copy;
use crate::libraries::Effects;
use crate::model::{OpKind, RegionKind, TextPart, ValueId};
use std::collections::BTreeSet;

/// A row that a site writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The op that writes it.
    pub op: ValueId,
    /// The value that stands for the row.
    pub value: ValueId,
    /// It is a new row.
    pub created: bool,
    /// Its model class, by name.
    pub model: String,
    /// It is looked for first: `get_or_create`.
    pub looked_up: bool,
    /// The ORM has a session that holds it back until a flush.
    pub by_session: bool,
    /// The method that saves a row writes it: `super().save()`, `super().create(data)`.
    pub inherited: bool,
}

const INSERTS: Effects = Effects::DB_INSERT.with(Effects::DB_ADD);

/// The rows that a function writes, in order.
pub(super) fn written(project: &Project, f: FuncId) -> Vec<Row> {
    let mut out: Vec<Row> = Vec::new();
    for site in project.sites(f) {
        if runs_elsewhere(site) {
            continue;
        }
        for row in rows_of(project, f, site) {
            if !out.contains(&row) {
                out.push(row);
            }
        }
    }
    out
}

fn rows_of(project: &Project, f: FuncId, site: &Site) -> Vec<Row> {
    let body = project.code().body(f);
    let Some(OpKind::Call { callee, args }) = body.op(site.op).map(|op| &op.kind) else { return Vec::new() };
    let effects = project.effects_of(site);
    let receiver = match body.op(*callee).map(|op| &op.kind) {
        Some(OpKind::Attr { base, name }) => Some((*base, project.text(*name))),
        _ => None,
    };
    let method = receiver.map_or("", |(_, name)| name);
    let row = |value: ValueId, created: bool, model: String| Row {
        op: site.op,
        value: source_of(body, value),
        created,
        model,
        looked_up: matches!(method, "get_or_create" | "update_or_create" | "aget_or_create" | "aupdate_or_create"),
        by_session: site.effects.any(Effects::DB_ADD),
        inherited: false,
    };
    let mut out = Vec::new();
    if let Some(inherited) = receiver.and_then(|(base, name)| inherited(project, f, site, base, name)) {
        out.push(inherited);
        return out;
    }
    if site.effects.any(Effects::DB_ADD) {
        for arg in args {
            for value in items(project, f, arg.value) {
                if let Some(model) = model_of(project, f, value) {
                    out.push(row(value, true, model));
                }
            }
        }
        return out;
    }
    if !effects.any(Effects::ANY_WRITE.with(Effects::DB_ADD)) {
        return out;
    }
    // `order.save()`, also where the project overrides it.
    if let Some((base, name)) = receiver
        && matches!(name, "save" | "asave" | "delete" | "adelete" | "update")
        && let Some(model) = model_of(project, f, base)
    {
        let source = source_of(body, base);
        let made = matches!(body.op(source).map(|op| &op.kind), Some(OpKind::Call { callee, .. })
            if matches!(project.ty(f, *callee), Type::ClassObj(_)))
            || is_copy(project, f, source, site.op);
        out.push(row(base, made && name.ends_with("save"), model));
        return out;
    }
    // `Order.objects.create(...)`, a helper that gives the row it made.
    if effects.any(INSERTS)
        && let Some(model) = model_of(project, f, site.op).or_else(|| pair_of(project, f, site.op))
    {
        out.push(row(site.op, true, model));
    } else if matches!(site.kind, SiteKind::Library(_)) && matches!(method, "bulk_create" | "abulk_create") {
        for arg in args.iter().take(1) {
            out.extend(
                items(project, f, arg.value).into_iter().filter_map(|v| Some(row(v, true, model_of(project, f, v)?))),
            );
        }
    }
    out
}

/// What `super()` writes: the row itself in a model's `save`, the row that a serializer's `create` and `update`
/// give; and the row that `serializer.save()` gives.
fn inherited(project: &Project, f: FuncId, site: &Site, base: ValueId, method: &str) -> Option<Row> {
    let code = project.code();
    let body = code.body(f);
    let ours = project.text(code.func(f).name) == method;
    let (value, model) = match project.ty(f, base) {
        Type::Super(class) if ours && matches!(method, "save" | "asave") && by_django(project, *class) => {
            (project.param_value(f, 0)?, project.text(code.class(*class).name).to_owned())
        }
        Type::Super(class) if ours && matches!(method, "create" | "update") && is_model_serializer(project, *class) => {
            (site.op, serialized(project, *class)?)
        }
        Type::Inst(class, _) if method == "save" && is_model_serializer(project, *class) => {
            (site.op, serialized(project, *class)?)
        }
        _ => return None,
    };
    let value = source_of(body, value);
    Some(Row { op: site.op, value, created: true, model, looked_up: false, by_session: false, inherited: true })
}

/// The model of a serializer: what its `Meta` says, else what it is named after (`OrderSerializer`).
fn serialized(project: &Project, class: ClassId) -> Option<String> {
    model_words(project, class).or_else(|| {
        let name = project.text(project.code().class(class).name).strip_suffix("Serializer")?;
        (!name.is_empty()).then(|| name.to_owned())
    })
}

/// Whether `save()` writes rows of a model. A serializer whose base is not among the files writes something: one
/// without a model has no `save` that works.
fn is_model_serializer(project: &Project, class: ClassId) -> bool {
    let unseen = project.has_unseen_base(class);
    project.library_ancestors(class).any(|name| {
        matches!(
            name,
            "rest_framework.serializers.ModelSerializer" | "rest_framework.serializers.HyperlinkedModelSerializer"
        ) || unseen && name == "rest_framework.serializers.Serializer"
    })
}

fn by_django(project: &Project, class: ClassId) -> bool {
    project.inherits(class, "django.db.models.Model")
}

/// Whether statements of Django write the row: each commits by itself.
pub(super) fn commits_alone(project: &Project, f: FuncId, row: &Row) -> bool {
    row.inherited || project.members(f, row.value).into_iter().any(|ty| commits_by_itself(project, ty))
}

/// Whether each statement that writes a row of this type is a commit of its own, outside of a transaction block:
/// Django's, Tortoise's, Peewee's.
pub(super) fn commits_by_itself(project: &Project, ty: &Type) -> bool {
    match ty {
        Type::Inst(class, _) | Type::ClassObj(class) => {
            by_django(project, *class) || project.orm().model(*class).is_some_and(|model| model.kind == OrmKind::Active)
        }
        // `await Order.create(…)`
        Type::Coroutine(inner) => commits_by_itself(project, project.type_of(*inner)),
        ty => project.is_unseen_row(ty),
    }
}

/// The elements of a list that is written there, else the value itself.
fn items(project: &Project, f: FuncId, v: ValueId) -> Vec<ValueId> {
    let body = project.code().body(f);
    match body.op(source_of(body, v)).map(|op| &op.kind) {
        Some(OpKind::Collection { items, .. }) => items.to_vec(),
        Some(OpKind::Comprehension { element, .. }) => vec![*element],
        _ => vec![v],
    }
}

/// The model class that a value is an instance of.
pub(super) fn model_of(project: &Project, f: FuncId, v: ValueId) -> Option<String> {
    let name = project.members(f, v).into_iter().find_map(|ty| model_name(project, ty))?;
    Some(if name == UNSEEN { unseen_name(project, f, v).unwrap_or(name) } else { name })
}

/// The model of a row's type; where only a chain of calls names it, by that: `Order.objects.filter(…)`.
pub(super) fn model_name_at(project: &Project, f: FuncId, v: ValueId, row: &Type) -> Option<String> {
    let name = model_name(project, row)?;
    if name == UNSEEN { unseen_name(project, f, v) } else { Some(name) }
}

/// A model whose file is not in view.
const UNSEEN: &str = "Model";

/// The name of such a model: `Order(…)`, `Order.objects.create(…)`.
fn unseen_name(project: &Project, f: FuncId, v: ValueId) -> Option<String> {
    let body = project.code().body(f);
    let OpKind::Call { callee, .. } = &body.op(source_of(body, v))?.kind else { return None };
    let mut at = source_of(body, *callee);
    for _ in 0..4 {
        if let Type::LibRef(name) = project.ty(f, at)
            && let Some(class) = project.text(*name).rsplit('.').next()
            && class.starts_with(char::is_uppercase)
        {
            return Some(class.to_owned());
        }
        at = match &body.op(at)?.kind {
            OpKind::Attr { base, .. } => source_of(body, *base),
            OpKind::Call { callee, .. } => source_of(body, *callee),
            _ => return None,
        };
    }
    None
}

fn model_name(project: &Project, ty: &Type) -> Option<String> {
    match ty {
        Type::Inst(class, _) => {
            project.orm().model(*class)?;
            Some(project.text(project.code().class(*class).name).to_owned())
        }
        // `Order.objects.create(...)` of a model whose file is not in view.
        ty if project.is_unseen_row(ty) => Some(UNSEEN.to_owned()),
        Type::Coroutine(inner) => model_name(project, project.type_of(*inner)),
        _ => None,
    }
}

/// `(row, created)` of `get_or_create`.
fn pair_of(project: &Project, f: FuncId, v: ValueId) -> Option<String> {
    let body = project.code().body(f);
    body.ops.iter().enumerate().find_map(|(i, op)| match op.kind {
        OpKind::Unpack { base, index: Some(0) } if source_of(body, base) == v => {
            model_of(project, f, ValueId(u32::try_from(i).ok()?))
        }
        _ => None,
    })
}

/// Whether `first` runs whenever `second` does: every branch around it is around `second` too.
pub(super) fn always(project: &Project, f: FuncId, first: ValueId, second: ValueId) -> bool {
    project.code().body(f).regions.iter().skip(1).all(|region| {
        let inside = |op: ValueId| region.start <= op.0 && op.0 < region.end;
        let conditional =
            matches!(region.kind, RegionKind::Arm { .. } | RegionKind::Handler { .. } | RegionKind::Loop { .. });
        !conditional || !inside(first) || inside(second)
    })
}

/// Attributes that stand for the row itself.
const NAMES_IT: &[&str] = &[
    "id",
    "pk",
    "uuid",
    "guid",
    "uid",
    "key",
    "code",
    "number",
    "slug",
    "hex",
    "public_id",
    "external_id",
    "__dict__",
];

/// The values that a value is made of, itself included; of a row only what names it.
pub(super) fn made_of(project: &Project, f: FuncId, v: ValueId) -> BTreeSet<ValueId> {
    let body = project.code().body(f);
    let mut seen = BTreeSet::new();
    let mut work = vec![(v, 0u32)];
    while let Some((v, depth)) = work.pop() {
        let at = source_of(body, v);
        if depth > 12 || seen.len() > 200 || !seen.insert(at) {
            continue;
        }
        let Some(op) = body.op(at) else { continue };
        let mut push = |v: ValueId| work.push((v, depth + 1));
        match &op.kind {
            // `order.customer` is another row, and older.
            OpKind::Attr { base, name } if NAMES_IT.contains(&project.text(*name)) => push(*base),
            OpKind::Item { base, .. } | OpKind::Unpack { base, .. } => push(*base),
            OpKind::Call { callee, args } => {
                args.iter().for_each(|arg| push(arg.value));
                // `str(order.id)`, `order.id.hex()`, `order.model_dump()`
                if let Some(OpKind::Attr { base, .. }) = body.op(*callee).map(|op| &op.kind)
                    && project.sites_at(f, at).next().is_none()
                {
                    push(*base);
                }
            }
            OpKind::Collection { items, .. } | OpKind::Phi(items) | OpKind::Other(items) => {
                items.iter().copied().for_each(push);
            }
            OpKind::Comprehension { element, .. } => push(*element),
            OpKind::Text(parts) => parts.iter().for_each(|part| {
                if let TextPart::Hole(v) = part {
                    push(*v);
                }
            }),
            OpKind::Binary { left, right, .. } => {
                push(*left);
                push(*right);
            }
            OpKind::Await(v) | OpKind::Element(v) | OpKind::Enter { manager: v, .. } => push(*v),
            _ => {}
        }
    }
    seen
}

/// The call that makes a row: its constructor, or what writes it at once.
pub(super) fn maker(project: &Project, f: FuncId, row: &Row) -> ValueId {
    match project.code().op(f, row.value).map(|op| &op.kind) {
        Some(OpKind::Call { .. }) => row.value,
        _ => row.op,
    }
}

/// The row among `rows` that the arguments of a call refer to.
pub(super) fn referred<'r>(project: &Project, f: FuncId, op: ValueId, rows: &'r [Row]) -> Option<&'r Row> {
    let Some(OpKind::Call { args, .. }) = project.code().op(f, op).map(|op| &op.kind) else { return None };
    let body = project.code().body(f);
    let mut parts = BTreeSet::new();
    for arg in args {
        parts.extend(made_of(project, f, arg.value));
        // A function that is handed over with what it captured.
        if let Some(OpKind::Closure(inner)) = body.op(source_of(body, arg.value)).map(|op| &op.kind) {
            let g = project.code().func_id(project.code().module_of(f), *inner);
            for op in &project.code().body(g).ops {
                let OpKind::Captured { name, .. } = op.kind else { continue };
                parts.extend(rows.iter().map(|row| row.value).filter(|v| {
                    body.ops.iter().any(|o| {
                        matches!(o.kind, OpKind::Bind { name: n, value } if n == name && source_of(body, value) == *v)
                    })
                }));
            }
        }
    }
    rows.iter().find(|row| parts.contains(&row.value))
}
