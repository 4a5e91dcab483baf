//! Statements that change a schema.

use super::cursor::Cursor;
use super::tokens::Kind;
use super::triggers::{create_function, create_trigger, drop_trigger};
use crate::model::schema::{
    Change, ColumnDef, ForeignKeyDef, IndexDef, IndexKind, IndexPart, OnDelete, Reference, TableDef,
};

/// What a statement changes; `None` when it should be known and cannot be read.
pub(super) fn changes(mut c: Cursor<'_, '_>) -> Option<Vec<Change>> {
    if c.eat("create") {
        return create(c);
    }
    if c.eat("alter") {
        if c.eat("table") {
            return alter_table(c);
        }
        if c.eat("index") {
            c.if_exists();
            let from = c.name()?;
            return Some(if c.eat_all(&["rename", "to"]) {
                vec![Change::RenameIndex(from, c.name()?)]
            } else {
                Vec::new()
            });
        }
        return Some(Vec::new());
    }
    if c.eat("drop") {
        return drop(c);
    }
    if c.eat_all(&["rename", "table"]) {
        let pair = |mut part: Cursor<'_, '_>| {
            let from = part.name()?;
            part.eat("to").then(|| part.name().map(|to| Change::RenameTable { from, to }))?
        };
        return c.parts().into_iter().map(pair).collect();
    }
    Some(Vec::new())
}

fn create(mut c: Cursor<'_, '_>) -> Option<Vec<Change>> {
    let _ = c.eat_all(&["or", "replace"]);
    if c.eat("definer") {
        // MySQL: DEFINER = `user`@`host`
        while c.peek().is_some_and(|t| !["trigger", "function", "procedure", "view", "event"].iter().any(|w| t.is(w))) {
            c.next();
        }
    }
    c.eat_any(&["global", "local", "unlogged", "foreign", "virtual", "constraint", "temp", "temporary", "aggregate"]);
    if c.eat("table") {
        return create_table(c).map(|change| vec![change]);
    }
    if c.eat("trigger") {
        return create_trigger(c).map(|change| vec![change]);
    }
    if c.eat("function") || c.eat("procedure") {
        return create_function(c).map(|change| vec![change]);
    }
    let mut kind = IndexKind::Plain;
    loop {
        if c.eat("unique") {
            kind = IndexKind::Unique;
        } else if !(c.eat("fulltext") || c.eat("spatial") || c.eat("clustered") || c.eat("nonclustered")) {
            break;
        }
    }
    if c.eat("index") {
        return create_index(c, kind).map(|change| vec![change]);
    }
    Some(Vec::new())
}

fn create_index(mut c: Cursor<'_, '_>, kind: IndexKind) -> Option<Change> {
    let line = c.line();
    c.eat("concurrently");
    c.if_exists();
    let name = if c.peek().is_some_and(|t| t.is("on")) { None } else { Some(c.name()?) };
    if c.eat("using") {
        c.word();
    }
    if !c.eat("on") {
        return None;
    }
    c.eat("only");
    let table = c.name()?;
    if c.eat("using") {
        c.word();
    }
    let parts = index_parts(c.group()?);
    if parts.is_empty() {
        return None;
    }
    let partial = c.find(&["where"]);
    Some(Change::AddIndex(table, IndexDef { name, kind, parts, partial, line }))
}

fn index_parts(c: Cursor<'_, '_>) -> Vec<IndexPart> {
    let part = |mut part: Cursor<'_, '_>| {
        let whole = part;
        let token = part.next()?;
        let named = matches!(token.kind, Kind::Word | Kind::Name);
        let follows = |p: &Cursor<'_, '_>| match p.peek() {
            // `name(10)` is a prefix in MySQL.
            Some(t) if t.sign('(') => p.tokens.get(1).is_some_and(|t| t.kind == Kind::Number),
            Some(t) => matches!(t.kind, Kind::Word | Kind::Name),
            None => true,
        };
        Some(if named && follows(&part) {
            IndexPart::Column(token.text.to_owned())
        } else {
            IndexPart::Expression(whole.text())
        })
    };
    c.parts().into_iter().filter_map(part).collect()
}

fn create_table(mut c: Cursor<'_, '_>) -> Option<Change> {
    c.if_exists();
    let mut table = TableDef { name: c.name()?, ..TableDef::default() };
    let Some(items) = c.group() else {
        table.open = true;
        return Some(Change::CreateTable(table));
    };
    for item in items.parts() {
        match definition(item)? {
            Item::Column(column) => table.columns.push(column),
            Item::Index(index) => table.indexes.push(index),
            Item::Key(key) => table.foreign_keys.push(key),
            Item::Like => table.open = true,
            Item::Nothing => {}
        }
    }
    Some(Change::CreateTable(table))
}

enum Item {
    Column(ColumnDef),
    Index(IndexDef),
    Key(ForeignKeyDef),
    Like,
    Nothing,
}

/// A column or constraint of a table.
fn definition(mut c: Cursor<'_, '_>) -> Option<Item> {
    let line = c.line();
    let mut name = None;
    if c.eat("constraint") {
        let bare = c.peek().is_some_and(|t| ["primary", "unique", "foreign", "check"].iter().any(|w| t.is(w)));
        name = if bare { None } else { c.name() };
    }
    if c.eat("like") {
        return Some(Item::Like);
    }
    let before = c;
    let kind = if c.eat_all(&["primary", "key"]) {
        Some(IndexKind::Primary)
    } else if c.eat("unique") {
        Some(IndexKind::Unique)
    } else if c.eat("key") || c.eat("index") || c.eat("fulltext") || c.eat("spatial") {
        Some(IndexKind::Plain)
    } else {
        None
    };
    if let Some(kind) = kind {
        let _ = c.eat("key") || c.eat("index") || c.eat_all(&["nulls", "not", "distinct"]);
        if c.peek().is_some_and(|t| !t.sign('(')) && !c.peek().is_some_and(|t| t.is("using")) {
            name = c.name().or(name);
        }
        if c.eat("using") {
            let by = c.word();
            if by.is_some_and(|w| w.eq_ignore_ascii_case("index")) {
                return Some(Item::Nothing);
            }
        }
        if let Some(parts) = c.group().map(index_parts) {
            // A column may be called `key` or `index`: then no list of columns follows its type.
            let listed = parts.iter().all(|p| matches!(p, IndexPart::Column(_))) || kind != IndexKind::Plain;
            let as_column = kind == IndexKind::Plain && name.as_deref().is_some_and(is_type);
            if listed && !parts.is_empty() && !as_column {
                return Some(Item::Index(IndexDef { name, kind, parts, partial: false, line }));
            }
        }
        c = before;
    }
    if c.eat_all(&["foreign", "key"]) {
        if c.peek().is_some_and(|t| !t.sign('(')) {
            name = c.name().or(name);
        }
        let columns = c.names()?;
        let to = references(&mut c)?;
        return Some(Item::Key(ForeignKeyDef { name, columns, to, line }));
    }
    if c.eat("check") || c.eat("exclude") || c.eat("period") {
        return Some(Item::Nothing);
    }
    column(c).map(Item::Column)
}

fn is_type(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    ["varchar", "char", "text", "int", "integer", "bigint", "numeric", "decimal", "uuid", "binary", "varbinary"]
        .contains(&lower.as_str())
}

fn column(mut c: Cursor<'_, '_>) -> Option<ColumnDef> {
    let line = c.line();
    let name = c.word()?.to_owned();
    let mut out = ColumnDef { name, line, ..ColumnDef::default() };
    let constraint = |c: &Cursor<'_, '_>| {
        ["primary", "unique", "references", "not", "null", "default", "check", "constraint", "collate", "generated"]
            .iter()
            .any(|word| c.peek().is_some_and(|t| t.is(word)))
    };
    if !constraint(&c)
        && let Some(word) = c.word()
    {
        out.type_name = word.to_ascii_lowercase();
    }
    while c.peek().is_some() {
        if c.eat_all(&["primary", "key"]) {
            out.own_index = Some(IndexKind::Primary);
        } else if c.eat("unique") {
            out.own_index = out.own_index.or(Some(IndexKind::Unique));
        } else if c.peek().is_some_and(|t| t.is("references")) {
            out.references = references(&mut c);
        } else if c.peek().is_some_and(|t| t.sign('(')) {
            c.group();
        } else {
            c.next();
        }
    }
    Some(out)
}

fn references(c: &mut Cursor<'_, '_>) -> Option<Reference> {
    if !c.eat("references") {
        return None;
    }
    let table = c.name()?;
    let _ = c.group();
    let mut rest = *c;
    let mut on_delete = OnDelete::Restrict;
    if rest.find(&["on", "delete"]) {
        on_delete = if rest.eat("cascade") {
            OnDelete::Cascade
        } else if rest.eat("set") {
            OnDelete::SetNull
        } else {
            OnDelete::Restrict
        };
    }
    Some(Reference { table, on_delete })
}

fn alter_table(mut c: Cursor<'_, '_>) -> Option<Vec<Change>> {
    c.if_exists();
    c.eat("only");
    let table = c.name()?;
    let mut out = Vec::new();
    for action in c.parts() {
        out.extend(alteration(&table, action)?);
    }
    Some(out)
}

fn alteration(table: &str, mut c: Cursor<'_, '_>) -> Option<Vec<Change>> {
    let t = || table.to_owned();
    if c.eat("add") {
        let stated = c.eat("column");
        c.if_exists();
        if !stated && c.peek().is_some_and(|t| t.sign('(')) {
            let parts = c.group()?.parts();
            return Some(parts.into_iter().filter_map(column).map(|column| Change::AddColumn(t(), column)).collect());
        }
        let item = if stated { column(c).map(Item::Column)? } else { definition(c)? };
        return Some(match item {
            Item::Column(column) => vec![Change::AddColumn(t(), column)],
            Item::Index(index) => vec![Change::AddIndex(t(), index)],
            Item::Key(key) => vec![Change::AddForeignKey(t(), key)],
            Item::Like | Item::Nothing => Vec::new(),
        });
    }
    if c.eat("drop") {
        if c.eat_all(&["primary", "key"]) {
            return Some(vec![Change::DropPrimary(t())]);
        }
        if c.eat("constraint") || c.eat("index") || c.eat("key") || c.eat_all(&["foreign", "key"]) || c.eat("check") {
            c.if_exists();
            return Some(vec![Change::DropIndex(Some(t()), c.name()?)]);
        }
        c.eat("column");
        c.if_exists();
        return Some(vec![Change::DropColumn(t(), c.name()?)]);
    }
    if c.eat("rename") {
        if c.eat("to") || c.eat("as") {
            return Some(vec![Change::RenameTable { from: t(), to: c.name()? }]);
        }
        if c.eat("index") || c.eat("key") || c.eat("constraint") {
            let from = c.name()?;
            return if c.eat("to") { Some(vec![Change::RenameIndex(from, c.name()?)]) } else { None };
        }
        c.eat("column");
        let from = c.name()?;
        return if c.eat("to") { Some(vec![Change::RenameColumn { table: t(), from, to: c.name()? }]) } else { None };
    }
    if c.eat("change") {
        c.eat("column");
        let from = c.name()?;
        let to = column(c)?;
        let retyped = Change::ColumnType(t(), to.name.clone(), to.type_name);
        return Some(vec![Change::RenameColumn { table: t(), from, to: to.name }, retyped]);
    }
    if c.eat("modify") {
        c.eat("column");
        let to = column(c)?;
        return Some(vec![Change::ColumnType(t(), to.name, to.type_name)]);
    }
    if c.eat("alter") {
        c.eat("column");
        let Some(name) = c.name() else { return Some(Vec::new()) };
        if c.eat("type") || c.eat_all(&["set", "data", "type"]) {
            let to = c.word()?.to_ascii_lowercase();
            return Some(vec![Change::ColumnType(t(), name, to)]);
        }
    }
    Some(Vec::new())
}

fn drop(mut c: Cursor<'_, '_>) -> Option<Vec<Change>> {
    if c.eat("trigger") {
        return drop_trigger(c).map(|change| vec![change]);
    }
    c.eat_any(&["temporary", "foreign"]);
    if c.eat("table") {
        c.if_exists();
        return c.parts().into_iter().map(|mut part| part.name().map(Change::DropTable)).collect();
    }
    if c.eat("index") {
        c.eat("concurrently");
        c.if_exists();
        let names: Option<Vec<(String, Option<String>)>> = c
            .parts()
            .into_iter()
            .map(|mut part| {
                let name = part.name()?;
                Some((name, if part.eat("on") { part.name() } else { None }))
            })
            .collect();
        return Some(names?.into_iter().map(|(name, table)| Change::DropIndex(table, name)).collect());
    }
    Some(Vec::new())
}
