//! A script: statements split at their ends, what each changes, and which could not be read.

use super::cursor::Cursor;
use super::ddl::changes;
use super::tokens::{Kind, Token, tokens};
use crate::model::schema::Change;

/// What a script changes, in order, with lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// Changes.
    pub changes: Vec<(u32, Change)>,
    /// Statements that could not be read: their line and beginning.
    pub unread: Vec<(u32, String)>,
}

/// Words that open statements which change nothing a schema is made of.
const HARMLESS: &[&str] = &[
    "analyze",
    "attach",
    "begin",
    "call",
    "cluster",
    "comment",
    "commit",
    "copy",
    "deallocate",
    "declare",
    "delete",
    "delimiter",
    "detach",
    "discard",
    "end",
    "exec",
    "execute",
    "explain",
    "fetch",
    "flush",
    "go",
    "grant",
    "if",
    "import",
    "insert",
    "listen",
    "load",
    "lock",
    "merge",
    "notify",
    "optimize",
    "perform",
    "pragma",
    "prepare",
    "print",
    "refresh",
    "reindex",
    "release",
    "replace",
    "reset",
    "revoke",
    "rollback",
    "savepoint",
    "select",
    "security",
    "set",
    "show",
    "source",
    "start",
    "table",
    "truncate",
    "unlisten",
    "unlock",
    "update",
    "use",
    "vacuum",
    "values",
    "with",
    "do",
    "create",
    "alter",
    "drop",
    "rename",
    "delimiter",
];

/// Reads a script whose first line has the given number. Only the forward part of files that hold
/// both directions is read.
#[must_use]
pub fn read(text: &str, first_line: u32) -> Script {
    let mut script = Script::default();
    let all = tokens(forward(text), first_line);
    for statement in statements(&all) {
        statement_into(statement, &mut script, 0);
    }
    script
}

/// Up to where the backward part begins.
fn forward(text: &str) -> &str {
    for mark in ["-- +goose Down", "-- +goose down", "-- migrate:down", "-- +migrate Down", "--//@UNDO"] {
        if let Some(end) = text.find(mark) {
            return text.get(..end).unwrap_or(text);
        }
    }
    text
}

fn statement_into(statement: &[Token<'_>], script: &mut Script, depth: u32) {
    let Some(first) = statement.first() else { return };
    if first.is("do") && depth < 2 {
        for body in statement.iter().filter(|t| t.kind == Kind::Text) {
            block(&tokens(body.text, body.line), script, depth + 1);
        }
        return;
    }
    match changes(Cursor::new(statement)) {
        Some(found) => script.changes.extend(found.into_iter().map(|change| (first.line, change))),
        None => script.unread.push((first.line, Cursor::new(statement).text())),
    }
    if first.kind == Kind::Sign || (first.kind == Kind::Word && !HARMLESS.iter().any(|word| first.is(word))) {
        script.unread.push((first.line, Cursor::new(statement).text()));
    }
}

/// The statements of an anonymous block: each begins at its first word that changes a schema.
fn block(all: &[Token<'_>], script: &mut Script, depth: u32) {
    for piece in all.split(|t| t.sign(';')) {
        let start = piece.iter().position(|t| t.is("create") || t.is("alter") || t.is("drop"));
        if let Some(statement) = start.and_then(|i| piece.get(i..)) {
            statement_into(statement, script, depth);
        }
    }
}

/// Splits at `;`, or at the delimiter in force; bodies between `BEGIN` and `END` stay whole.
fn statements<'t, 'a>(all: &'t [Token<'a>]) -> Vec<&'t [Token<'a>]> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut depth = 0_usize;
    let mut routine = false;
    let mut i = 0;
    while let Some(token) = all.get(i) {
        if token.is("delimiter") && all.get(start..i).is_some_and(<[Token<'_>]>::is_empty) {
            // `DELIMITER //`: the sign that follows on its line only ends statements; it is skipped
            // wherever it stands.
            i += 1;
            while all.get(i).is_some_and(|t| t.line == token.line) {
                i += 1;
            }
            start = i;
            continue;
        }
        if i == start {
            routine = false;
            depth = 0;
        }
        if i - start < 12 && (token.is("trigger") || token.is("function") || token.is("procedure") || token.is("event"))
        {
            routine |= all.get(start).is_some_and(|t| t.is("create"));
        }
        if routine {
            if token.is("begin") || token.is("case") {
                depth += 1;
            } else if token.is("end") {
                let inner = ["if", "loop", "while", "repeat", "for"];
                let closes_inner = all.get(i + 1).is_some_and(|t| inner.iter().any(|w| t.is(w)));
                if !closes_inner {
                    depth = depth.saturating_sub(1);
                }
                if all.get(i + 1).is_some_and(|t| t.is("case")) {
                    i += 1;
                }
            }
        }
        if (token.sign(';') && depth == 0) || doubled(all, i, start, depth) {
            push(&mut out, all.get(start..i));
            i += 1;
            while all.get(i).is_some_and(|t| t.sign('/') || t.sign('$') || t.sign(';')) {
                i += 1;
            }
            start = i;
            continue;
        }
        i += 1;
    }
    push(&mut out, all.get(start..));
    out
}

/// `//` or `$$` as a delimiter of its own.
fn doubled(all: &[Token<'_>], i: usize, start: usize, depth: usize) -> bool {
    let here = |n: usize| all.get(n).is_some_and(|t| t.sign('/'));
    depth == 0 && i > start && here(i) && here(i + 1)
}

fn push<'t, 'a>(out: &mut Vec<&'t [Token<'a>]>, statement: Option<&'t [Token<'a>]>) {
    if let Some(statement) = statement.filter(|s| !s.is_empty()) {
        out.push(statement);
    }
}
