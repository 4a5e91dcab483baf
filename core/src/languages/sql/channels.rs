//! The channel that a trigger's function notifies, and the channels that any text notifies or listens to.

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

/// Channels that a text notifies or, with `true`, listens to; `None` for a name that is computed or
/// given as a parameter. Bodies of functions are read too.
#[must_use]
pub fn events_of(text: &str) -> Vec<(bool, Option<String>)> {
    let mut out = Vec::new();
    events(&tokens(text, 1), 0, &mut out);
    out
}

fn events(all: &[Token<'_>], depth: u32, out: &mut Vec<(bool, Option<String>)>) {
    let known = |channel: Channel| match channel {
        Channel::Literal(name) => Some(name),
        _ => None,
    };
    for (i, token) in all.iter().enumerate() {
        if depth < 3 && token.kind == Kind::Text && token.text.contains(['\n', ';', '(']) {
            events(&tokens(token.text, 1), depth + 1, out);
        }
        let mut rest = Cursor::new(all.get(i + 1..).unwrap_or(&[]));
        if token.is("pg_notify") {
            let argument = rest.group().and_then(|group| group.parts().into_iter().next());
            out.extend(argument.map(|argument| (false, known(argument_channel(argument)))));
            continue;
        }
        let statement =
            i == 0 || all.get(i - 1).is_some_and(|t| t.sign(';') || t.is("begin") || t.is("then") || t.is("else"));
        if statement && (token.is("notify") || token.is("listen")) {
            let heard = token.is("listen");
            // `LISTEN {}`, to be filled in.
            let parameter = rest.peek().is_some_and(|t| t.kind == Kind::Parameter || t.sign('{'));
            let name = rest.name();
            let ends = rest.peek().is_none_or(|t| t.sign(';') || t.sign(',') && !heard);
            match name {
                Some(name) if ends => out.push((heard, known(literal(name)))),
                None if parameter => out.push((heard, None)),
                _ => {}
            }
        }
    }
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
