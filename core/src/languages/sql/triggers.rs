//! Triggers and the functions that they run.

use super::channels::{channel_in, channel_of};
use super::cursor::Cursor;
use super::tokens::{Kind, Token, tokens};
use crate::model::schema::{Change, FunctionDef, TriggerDef};

/// After `CREATE … TRIGGER`.
pub(super) fn create_trigger(mut c: Cursor<'_, '_>) -> Option<Change> {
    c.if_exists();
    let name = c.name()?;
    let _ = c.eat("before") || c.eat("after") || c.eat_all(&["instead", "of"]);
    let mut events: Vec<String> = Vec::new();
    loop {
        let token = c.next()?;
        if ["insert", "update", "delete", "truncate"].iter().any(|event| token.is(event)) {
            events.push(token.text.to_ascii_uppercase());
        } else if token.is("on") {
            break;
        }
    }
    let table = c.name()?;
    let body = c;
    let runs = c.find(&["execute", "function"]) || c.find(&["execute", "procedure"]);
    let (mut function, mut arguments) = (name.clone(), Vec::new());
    if runs {
        function = c.name()?;
        for part in c.group().map(Cursor::parts).unwrap_or_default() {
            arguments.push(part.peek().map_or_else(String::new, |t| t.text.to_owned()));
        }
    }
    let own = if runs {
        FunctionDef::default()
    } else {
        FunctionDef { channel: channel_of(body.tokens), keeps_copies: keeps_copies(body.tokens) }
    };
    Some(Change::CreateTrigger(TriggerDef { name, table, event: events.join(" OR "), function, arguments, own }))
}

/// After `DROP TRIGGER`.
pub(super) fn drop_trigger(mut c: Cursor<'_, '_>) -> Option<Change> {
    c.if_exists();
    let name = c.name()?;
    let table = if c.eat("on") { c.name() } else { None };
    Some(Change::DropTrigger(name, table))
}

/// After `CREATE … FUNCTION` or `PROCEDURE`.
pub(super) fn create_function(mut c: Cursor<'_, '_>) -> Option<Change> {
    c.if_exists();
    let name = c.name()?;
    let _ = c.group();
    let mut def = FunctionDef { channel: None, keeps_copies: keeps_copies(c.tokens) };
    for token in c.tokens.iter().filter(|t| t.kind == Kind::Text) {
        def.channel = def.channel.or_else(|| channel_in(token.text));
        def.keeps_copies |= keeps_copies(&tokens(token.text, 1));
    }
    def.channel = def.channel.or_else(|| channel_of(c.tokens));
    Some(Change::CreateFunction(name, def))
}

/// A history: the body inserts columns of the row as it was or is, and does nothing else.
fn keeps_copies(body: &[Token<'_>]) -> bool {
    const OTHER: &[&str] = &["update", "delete", "perform", "notify", "call", "execute"];
    /// What a row of a queue or an outbox refers to is its key; a copy has the row's columns.
    const FEWEST: usize = 3;
    let columns = body.windows(2).filter(|pair| match pair {
        [row, dot] => (row.is("old") || row.is("new")) && dot.sign('.'),
        _ => false,
    });
    body.iter().any(|token| token.is("insert"))
        && !body.iter().any(|token| OTHER.iter().any(|word| token.is(word)))
        && columns.count() >= FEWEST
}
