//! Triggers and the functions that they run.

use super::channels::{channel_in, channel_of};
use super::cursor::Cursor;
use super::tokens::Kind;
use crate::model::schema::{Change, TriggerDef};

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
    let channel = if runs { None } else { channel_of(body.tokens) };
    Some(Change::CreateTrigger(TriggerDef { name, table, event: events.join(" OR "), function, arguments, channel }))
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
    let mut channel = None;
    for token in c.tokens.iter().filter(|t| t.kind == Kind::Text) {
        channel = channel.or_else(|| channel_in(token.text));
    }
    Some(Change::CreateFunction(name, channel.or_else(|| channel_of(c.tokens))))
}
