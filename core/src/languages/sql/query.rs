//! What a `SELECT`, `UPDATE` or `DELETE` looks rows up by.

use super::cursor::Cursor;
use super::tokens::{HOLE, Kind, Token, tokens};
use crate::model::schema::{ColumnUse, QueryShape};

/// The shape of the first statement of a text; `None` when it looks nothing up.
#[must_use]
pub fn shape_of(text: &str) -> Option<QueryShape> {
    let all = tokens(text, 1);
    let end = all.iter().position(|t| t.sign(';')).unwrap_or(all.len());
    let statement = all.get(..end)?;
    let first = statement.first()?;
    if !["select", "update", "delete"].iter().any(|word| first.is(word)) {
        return None;
    }
    let mut shape = QueryShape { line: first.line, ..QueryShape::default() };
    let verbs = statement.iter().filter(|t| ["select", "union", "intersect", "except"].iter().any(|w| t.is(w))).count();
    // A hole beyond a value's place (`FROM {table}`, `WHERE {conditions}`) leaves the rest unknown.
    let names = tables(statement);
    shape.tables = names.iter().map(|(table, _)| table.clone()).collect();
    if names.is_empty() || names.iter().any(|(table, _)| table.contains(HOLE)) || verbs > 1 {
        shape.opaque = true;
        return Some(shape);
    }
    let mut rest = Cursor::new(statement);
    shape.limited = rest.find(&["limit"]) || Cursor::new(statement).find(&["fetch"]);
    let mut at = Cursor::new(statement);
    while at.find(&["on"]) {
        conditions(clause(at), &names, &mut shape, true);
    }
    let mut at = Cursor::new(statement);
    if at.find(&["where"]) {
        conditions(clause(at), &names, &mut shape, false);
    }
    let mut at = Cursor::new(statement);
    if at.find(&["order", "by"])
        && let Some(first) = clause(at).parts().into_iter().next()
        && let Some((table, column)) = column(&mut { first }, &names)
    {
        shape.uses.push((table, column, ColumnUse::Order));
    }
    Some(shape)
}

/// Up to the next clause.
fn clause<'t, 'a>(c: Cursor<'t, 'a>) -> Cursor<'t, 'a> {
    const NEXT: &[&str] = &[
        "where",
        "group",
        "having",
        "order",
        "limit",
        "offset",
        "fetch",
        "for",
        "returning",
        "join",
        "left",
        "right",
        "inner",
        "cross",
        "full",
        "natural",
        "window",
        "set",
    ];
    let mut depth = 0_usize;
    let end = c.tokens.iter().position(|t| {
        if t.sign('(') {
            depth += 1;
        } else if t.sign(')') {
            depth = depth.saturating_sub(1);
        }
        depth == 0 && NEXT.iter().any(|word| t.is(word))
    });
    Cursor::new(c.tokens.get(..end.unwrap_or(c.tokens.len())).unwrap_or(&[]))
}

/// Tables with the names by which columns refer to them.
fn tables(statement: &[Token<'_>]) -> Vec<(String, String)> {
    const AFTER: &[&str] = &[
        "where",
        "group",
        "order",
        "limit",
        "join",
        "left",
        "right",
        "inner",
        "cross",
        "full",
        "on",
        "using",
        "set",
        "for",
        "having",
        "natural",
        "offset",
        "union",
        "returning",
        "values",
        "lateral",
        "use",
        "force",
        "tablesample",
        "fetch",
        "window",
    ];
    let mut out = Vec::new();
    for (i, token) in statement.iter().enumerate() {
        let opens = token.is("from") || token.is("join") || (token.is("update") && i == 0);
        if !opens {
            continue;
        }
        let mut c = Cursor::new(statement.get(i + 1..).unwrap_or(&[]));
        loop {
            c.eat("only");
            if c.peek().is_some_and(|t| t.kind == Kind::Parameter) {
                out.push((HOLE.to_string(), String::new()));
                break;
            }
            let Some(table) = c.name() else { break };
            c.eat("as");
            let named = c
                .peek()
                .is_some_and(|t| matches!(t.kind, Kind::Word | Kind::Name) && !AFTER.iter().any(|word| t.is(word)));
            let alias = if named { c.name() } else { None };
            out.push((table.clone(), alias.unwrap_or(table)));
            if !c.eat_sign(',') {
                break;
            }
        }
    }
    out
}

fn conditions(c: Cursor<'_, '_>, names: &[(String, String)], shape: &mut QueryShape, joining: bool) {
    if c.tokens.iter().any(|t| t.is("or")) {
        shape.opaque = true;
        return;
    }
    let mut between = false;
    let parts = c.split(|t| {
        between |= t.is("between");
        let ends = t.is("and");
        // The AND of BETWEEN belongs to it.
        if ends && between {
            between = false;
            return false;
        }
        ends
    });
    for mut part in parts {
        while part.peek().is_some_and(|t| t.sign('(')) && part.tokens.last().is_some_and(|t| t.sign(')')) {
            let Some(inner) = part.group().filter(|_| part.peek().is_none()) else { break };
            part = inner;
        }
        let Some((table, name)) = column(&mut part, names) else {
            shape.opaque |= !joining;
            continue;
        };
        let how = operator(&mut part);
        let other = column(&mut { part }, names);
        match (how, other) {
            (ColumnUse::Equal, Some((other_table, other_name))) => {
                shape.uses.push((table, name, ColumnUse::Join));
                shape.uses.push((other_table, other_name, ColumnUse::Join));
            }
            _ => shape.uses.push((table, name, how)),
        }
    }
}

fn operator(part: &mut Cursor<'_, '_>) -> ColumnUse {
    if part.eat("in") || part.eat_sign('=') {
        return ColumnUse::Equal;
    }
    if part.eat_sign('<') {
        return if part.eat_sign('>') { ColumnUse::Other } else { ColumnUse::Range };
    }
    if part.eat_sign('>') || part.eat("between") {
        return ColumnUse::Range;
    }
    ColumnUse::Other
}

/// A column reference here: its table and name, when the table is certain.
fn column(c: &mut Cursor<'_, '_>, names: &[(String, String)]) -> Option<(String, String)> {
    let first = c.word()?;
    if c.peek().is_some_and(|t| t.sign('(')) || first.contains(HOLE) {
        return None;
    }
    if !c.eat_sign('.') {
        let constant = ["true", "false", "null", "not", "exists", "current_timestamp", "any", "interval", "case"];
        let [(table, _)] = names else { return None };
        return (!constant.iter().any(|w| first.eq_ignore_ascii_case(w))).then(|| (table.clone(), first.to_owned()));
    }
    let mut owner = first;
    let mut name = c.word()?;
    if c.eat_sign('.') {
        owner = name;
        name = c.word()?;
    }
    let table =
        names.iter().find(|(table, alias)| alias.eq_ignore_ascii_case(owner) || table.eq_ignore_ascii_case(owner))?;
    (!name.contains(HOLE)).then(|| (table.0.clone(), name.to_owned()))
}
