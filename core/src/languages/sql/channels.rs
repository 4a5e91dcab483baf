//! The channel that a trigger's function notifies.

use super::cursor::Cursor;
use super::tokens::{HOLE, Kind, Token, tokens};
use crate::model::schema::Channel;

/// The channel in the text of a function's body.
pub(super) fn channel_in(body: &str) -> Option<Channel> {
    channel_of(&tokens(body, 1))
}

/// The channel in a body's tokens.
pub(super) fn channel_of(all: &[Token<'_>]) -> Option<Channel> {
    for (i, token) in all.iter().enumerate() {
        let mut rest = Cursor::new(all.get(i + 1..).unwrap_or(&[]));
        if token.is("pg_notify") {
            let argument = rest.group()?.parts().into_iter().next()?;
            return Some(argument_channel(argument));
        }
        let statement =
            i == 0 || all.get(i - 1).is_some_and(|t| t.sign(';') || t.is("begin") || t.is("then") || t.is("else"));
        if token.is("notify") && statement {
            return rest.name().map(literal);
        }
    }
    None
}

fn literal(name: String) -> Channel {
    if name.contains(HOLE) { Channel::Computed } else { Channel::Literal(name) }
}

fn argument_channel(mut argument: Cursor<'_, '_>) -> Channel {
    let text = |cursor: &mut Cursor<'_, '_>| {
        let found = cursor.peek().filter(|t| t.kind == Kind::Text).map(|t| t.text.to_owned())?;
        cursor.next();
        Some(found)
    };
    let joined = |cursor: &mut Cursor<'_, '_>| cursor.eat_sign('|') && cursor.eat_sign('|');
    let cast = |cursor: &mut Cursor<'_, '_>| {
        if cursor.peek().is_some_and(|t| t.sign(':')) {
            cursor.next();
            cursor.next();
        }
    };
    if argument.eat("tg_argv") {
        argument.eat_sign('[');
        let index = argument.next().and_then(|t| t.text.parse().ok()).unwrap_or(0);
        return Channel::Argument(index);
    }
    let before = text(&mut argument);
    cast(&mut argument);
    if let (Some(name), None) = (&before, argument.peek()) {
        return literal(name.clone());
    }
    if before.is_some() && !joined(&mut argument) {
        return Channel::Computed;
    }
    if argument.eat("tg_table_name") {
        cast(&mut argument);
        let after = if joined(&mut argument) { text(&mut argument) } else { None };
        if argument.peek().is_none() {
            return Channel::WithTable(before.unwrap_or_default(), after.unwrap_or_default());
        }
    }
    Channel::Computed
}
