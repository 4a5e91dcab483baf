//! Loops over tables: each pass asks or changes a table of its own, so no one statement does for all of them.

use crate::analysis::{FuncId, LoopFacts, Project, Site, Type, argument, source_of};
use crate::libraries::Effects;
use crate::model::{Arg, ArgKind, OpKind, TextPart, ValueId};

/// `for model in models: model.objects.filter(…)`, also of what the item leads to by `apps.get_model(app, item)`,
/// `item.model_class()` or in a helper that is given the item's rows.
pub(super) fn asks_item(project: &Project, looped: &LoopFacts, site: &Site) -> bool {
    let body = project.code().body(looped.func);
    let Some(element) = looped.element else { return false };
    let mut work = vec![site.op];
    let mut seen: Vec<ValueId> = Vec::new();
    while let Some(v) = work.pop() {
        let at = source_of(body, v);
        if seen.contains(&at) || seen.len() > 48 || at.0 < looped.start {
            continue;
        }
        seen.push(at);
        let Some(op) = body.op(at) else { continue };
        if let OpKind::Attr { base, name } = op.kind
            && matches!(project.text(name), "objects" | "_default_manager" | "_base_manager")
            && is_class_of(project, looped, source_of(body, base), element)
        {
            return true;
        }
        // `session.query(model)`, `select(model)`
        if let OpKind::Call { callee, args } = &op.kind
            && let Some(OpKind::Attr { name, .. } | OpKind::Global(name)) = body.op(*callee).map(|op| &op.kind)
            && matches!(project.text(*name), "query" | "select" | "delete" | "update" | "insert")
            && args.first().is_some_and(|arg| source_of(body, arg.value) == element)
            && matches!(project.ty(looped.func, element), Type::ClassObj(_) | Type::Union(_))
        {
            return true;
        }
        // The receiver of a call and what it is given, not what the item's own attributes hold.
        match &op.kind {
            OpKind::Call { callee, args } => {
                work.push(*callee);
                work.extend(args.iter().take(1).map(|arg| arg.value));
            }
            OpKind::Attr { base, .. } | OpKind::Element(base) | OpKind::Slice { base, .. } => work.push(*base),
            _ => {}
        }
    }
    false
}

/// Whether a value is the loop's item, a part of it, or the class that it names.
fn is_class_of(project: &Project, looped: &LoopFacts, v: ValueId, element: ValueId) -> bool {
    let body = project.code().body(looped.func);
    let of_item = |v: ValueId| {
        let at = source_of(body, v);
        at == element
            || matches!(body.op(at).map(|op| &op.kind), Some(OpKind::Unpack { base, .. } | OpKind::Item { base, .. })
                if source_of(body, *base) == element)
    };
    match body.op(v).map(|op| &op.kind) {
        Some(OpKind::Call { callee, args }) => match body.op(*callee).map(|op| &op.kind) {
            Some(OpKind::Attr { base, name }) => match project.text(*name) {
                // `apps.get_model(*label.split("."))`
                "get_model" => args.iter().any(|arg| made_of(project, looped, arg.value, 0)),
                "model_class" => of_item(*base),
                _ => false,
            },
            _ => false,
        },
        // `sender._meta.get_field(item).related_model`
        Some(OpKind::Attr { base, name }) if project.text(*name) == "related_model" => {
            made_of(project, looped, *base, 0)
        }
        _ => of_item(v),
    }
}

/// `for statement in script: cursor.execute(statement)`
pub(super) fn is_given_statement(project: &Project, looped: &LoopFacts, site: &Site) -> bool {
    let body = project.code().body(looped.func);
    let Some(OpKind::Call { args, .. }) = body.op(site.op).map(|op| &op.kind) else { return false };
    let (Some(first), Some(element)) = (args.first(), looped.element) else { return false };
    let mut at = source_of(body, first.value);
    let named = |v: ValueId| {
        let name = project.describe(looped.func, v);
        name.rsplit('.').next().unwrap_or("").to_owned()
    };
    // `table.select()`, `delete(table)`: a statement for each table.
    if let Some(OpKind::Call { callee, args }) = body.op(at).map(|op| &op.kind) {
        let verb = matches!(named(*callee).as_str(), "select" | "delete" | "insert" | "update" | "count");
        let on_table = matches!(body.op(*callee).map(|op| &op.kind), Some(OpKind::Attr { base, .. })
            if source_of(body, *base) == element);
        if verb && (on_table || args.iter().any(|arg| source_of(body, arg.value) == element)) {
            return true;
        }
    }
    // `text(statement)`, `statement.strip()`; what builds a statement for an item is another matter.
    for _ in 0..3 {
        at = match body.op(at).map(|op| &op.kind) {
            Some(OpKind::Call { args, callee }) => match (named(*callee).as_str(), args.first()) {
                ("text" | "DDL" | "SQL", Some(arg)) => arg.value,
                ("strip" | "rstrip", _) => *callee,
                _ => break,
            },
            Some(OpKind::Attr { base, .. } | OpKind::Unpack { base, .. }) => *base,
            _ => break,
        };
        at = source_of(body, at);
    }
    at == element && site.effects.any(Effects::DB_EXECUTE)
}

/// `recount(model, key)` of a helper that asks `model.objects`, where the model is what the item names.
pub(super) fn helper_asks_item(project: &Project, looped: &LoopFacts, site: &Site) -> bool {
    let Some(element) = looped.element else { return false };
    let body = project.code().body(looped.func);
    // `for model in models: model.clean_up()`, a class method.
    if let Some((base, ..)) = body.method(site.op)
        && source_of(body, base) == element
        && matches!(project.ty(looped.func, element), Type::ClassObj(_))
        && site.targets.iter().any(|target| asked_params(project, target.func).any(|i| i == 0))
    {
        return true;
    }
    site.targets.iter().any(|target| {
        // What a method is called on is a row, or the class that it belongs to.
        let method = project.code().class_of(target.func).is_some();
        asked_params(project, target.func).filter(|i| !method || *i > 0).any(|i| {
            argument(project, looped.func, site.op, target.func, i)
                .is_some_and(|v| is_class_of(project, looped, source_of(body, v), element))
        })
    })
}

/// The parameters of a function whose managers it asks, and those that name the column it sets:
/// `model.objects.update(**{column: value})`.
fn asked_params(project: &Project, f: FuncId) -> impl Iterator<Item = u16> + '_ {
    let body = project.code().body(f);
    let column = move |args: &[Arg]| {
        let spread = args.iter().find(|arg| arg.kind == ArgKind::SpreadNamed)?;
        let Some(OpKind::Collection { items, .. }) = body.op(source_of(body, spread.value)).map(|op| &op.kind) else {
            return None;
        };
        match body.op(source_of(body, *items.first()?))?.kind {
            OpKind::Param(i) => Some(i),
            _ => None,
        }
    };
    body.ops.iter().filter_map(move |op| match &op.kind {
        OpKind::Call { callee, args }
            if matches!(body.op(*callee).map(|op| &op.kind), Some(OpKind::Attr { name, .. }) if project.text(*name) == "update") =>
        {
            column(args)
        }
        OpKind::Attr { base, name }
            if matches!(project.text(*name), "objects" | "_default_manager" | "_base_manager") =>
        {
            match body.op(source_of(body, *base))?.kind {
                OpKind::Param(i) => Some(i),
                _ => None,
            }
        }
        _ => None,
    })
}

/// `for name in names: table = get_table(name); connection.execute(table.update()…)`, and SQL that is written around
/// the item: `f"DELETE FROM {table}"`.
pub(super) fn names_table(project: &Project, looped: &LoopFacts, site: &Site) -> bool {
    let f = looped.func;
    let body = project.code().body(f);
    if !site.effects.any(Effects::ANY_QUERY.with(Effects::DB_EXECUTE)) {
        return false;
    }
    let Some(OpKind::Call { args, .. }) = body.op(site.op).map(|op| &op.kind) else { return false };
    let Some(mut at) = args.first().map(|arg| source_of(body, arg.value)) else { return false };
    for _ in 0..8 {
        match body.op(at).map(|op| &op.kind) {
            Some(OpKind::Text(parts)) => return sql_names(project, looped, parts),
            Some(OpKind::Call { callee, args }) => match body.op(source_of(body, *callee)).map(|op| &op.kind) {
                Some(OpKind::Attr { base, name }) => {
                    let writes = matches!(project.text(*name), "update" | "delete" | "insert");
                    if writes && made_of(project, looped, *base, 0) {
                        return true;
                    }
                    // `sa.update(table)`, `sa.text(sql)`; else the next call of the chain.
                    let library = matches!(body.op(source_of(body, *base)).map(|op| &op.kind), Some(OpKind::Global(_)));
                    match args.first() {
                        Some(arg) if library && writes => return made_of(project, looped, arg.value, 0),
                        Some(arg) if library => at = source_of(body, arg.value),
                        _ => at = source_of(body, *base),
                    }
                }
                Some(OpKind::Global(name)) => {
                    let Some(arg) = args.first() else { return false };
                    match project.text(*name) {
                        "update" | "delete" | "insert" => return made_of(project, looped, arg.value, 0),
                        "text" | "SQL" => at = source_of(body, arg.value),
                        _ => return false,
                    }
                }
                _ => return false,
            },
            _ => return false,
        }
    }
    false
}

/// Whether the item stands where SQL has the name of a table.
fn sql_names(project: &Project, looped: &LoopFacts, parts: &[TextPart]) -> bool {
    let before = |text: &str| {
        let last =
            text.trim_end_matches(['"', '`', '[', '.']).trim_end().rsplit(char::is_whitespace).next().unwrap_or("");
        ["from", "update", "into", "join", "table"].iter().any(|word| last.eq_ignore_ascii_case(word))
    };
    parts.windows(2).any(|pair| match pair {
        [TextPart::Literal(text), TextPart::Hole(v)] => before(project.text(*text)) && made_of(project, looped, *v, 0),
        _ => false,
    })
}

/// Whether a value of a pass is made of the loop's item.
fn made_of(project: &Project, looped: &LoopFacts, v: ValueId, depth: u32) -> bool {
    let body = project.code().body(looped.func);
    let at = source_of(body, v);
    if Some(at) == looped.element {
        return true;
    }
    if depth > 5 || at.0 < looped.start {
        return false;
    }
    let deeper = |v: ValueId| made_of(project, looped, v, depth + 1);
    match body.op(at).map(|op| &op.kind) {
        Some(OpKind::Call { callee, args }) => args.iter().any(|arg| deeper(arg.value)) || deeper(*callee),
        Some(OpKind::Attr { base, .. } | OpKind::Unpack { base, .. }) => deeper(*base),
        Some(OpKind::Item { base, index }) => deeper(*index) || deeper(*base),
        Some(OpKind::Phi(entries)) => entries.iter().any(|entry| deeper(*entry)),
        _ => false,
    }
}
