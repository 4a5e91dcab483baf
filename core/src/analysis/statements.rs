//! What executing a statement does: from the statement's class or its SQL text.

use super::code::FuncId;
use super::infer::Engine;
use super::types::Type;
use crate::libraries::Effects;
use crate::model::{Arg, Const, OpKind, TextPart, ValueId};

impl Engine<'_> {
    /// What executing a statement does, from the statement.
    pub(super) fn statement_effects(&mut self, f: FuncId, effects: Effects, args: &[Arg]) -> Effects {
        let Some(arg) = args.first() else { return effects };
        let rest = effects.without(Effects::DB_EXECUTE);
        let ty = self.value(f, arg.value);
        if let Type::Lib(class, ..) = *self.types.get(ty) {
            let known = self.library.executes(self.names.text(class));
            if !known.is_empty() {
                return rest.with(known);
            }
        }
        match self.sql_text(f, arg.value, 0) {
            Some(sql) => match sql_effects(&sql) {
                Some(known) => rest.with(known),
                None => effects,
            },
            None => effects,
        }
    }

    /// The leading text of an SQL string value: literal, f-string, `text("…")`, a bound constant.
    pub fn sql_text(&mut self, f: FuncId, v: ValueId, depth: u32) -> Option<String> {
        if depth > 6 {
            return None;
        }
        let code = self.code;
        match &code.op(f, v)?.kind {
            OpKind::Const(Const::Str(s)) => Some(self.names.text(*s).to_owned()),
            OpKind::Text(parts) => match parts.first()? {
                TextPart::Literal(s) => Some(self.names.text(*s).to_owned()),
                TextPart::Hole(_) => None,
            },
            OpKind::Bind { value, .. } | OpKind::BindOuter { value, .. } => self.sql_text(f, *value, depth + 1),
            OpKind::Annotated { value: Some(value), .. } => self.sql_text(f, *value, depth + 1),
            OpKind::Phi(values) => values.iter().find_map(|v| self.sql_text(f, *v, depth + 1)),
            OpKind::Binary { left, .. } => self.sql_text(f, *left, depth + 1),
            OpKind::Augment { old, .. } => self.sql_text(f, *old, depth + 1),
            OpKind::Call { args, callee } => {
                let first = args.first().map(|arg| arg.value);
                let found = first.and_then(|v| self.sql_text(f, v, depth + 1));
                found.filter(|s| sql_effects(s).is_some()).or_else(|| match code.op(f, *callee).map(|op| &op.kind) {
                    Some(OpKind::Attr { base, .. }) => self.sql_text(f, *base, depth + 1),
                    _ => None,
                })
            }
            OpKind::Global(name) => {
                let module = code.module_of(f);
                let top = code.func_id(module, crate::model::FnIdx(0));
                let bound = code.body(top).ops.iter().find_map(|op| match op.kind {
                    OpKind::Bind { name: n, value } if n == *name => Some(value),
                    _ => None,
                })?;
                self.sql_text(top, bound, depth + 1)
            }
            _ => None,
        }
    }
}

/// What an SQL statement does, from its first word.
#[must_use]
pub(crate) fn sql_effects(sql: &str) -> Option<Effects> {
    let mut rest = sql.trim_start();
    while let Some(comment) = rest.strip_prefix("--") {
        rest = comment.split_once('\n').map_or("", |(_, after)| after).trim_start();
    }
    while let Some(comment) = rest.strip_prefix("/*") {
        rest = comment.split_once("*/").map_or("", |(_, after)| after).trim_start();
    }
    let word: String = rest.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
    Some(match word.as_str() {
        "select" | "show" | "explain" | "pragma" | "values" | "describe" => Effects::DB_READ,
        "with" => {
            let lower = rest.to_ascii_lowercase();
            if lower.contains("insert into") {
                Effects::DB_INSERT
            } else if lower.contains("update ") && lower.contains(" set ") {
                Effects::DB_UPDATE
            } else if lower.contains("delete from") {
                Effects::DB_DELETE
            } else {
                Effects::DB_READ
            }
        }
        "insert" | "replace" | "merge" | "copy" => Effects::DB_INSERT,
        "update" => Effects::DB_UPDATE,
        "delete" | "truncate" => Effects::DB_DELETE,
        "begin" | "start" => Effects::BEGIN,
        "commit" | "end" => Effects::COMMIT,
        "rollback" => Effects::ROLLBACK,
        "listen" => Effects::SUBSCRIBE,
        "notify" => Effects::PUBLISH,
        "create" | "alter" | "drop" | "set" | "lock" | "call" | "do" | "grant" | "savepoint" | "release" | "vacuum"
        | "analyze" | "attach" | "detach" | "reindex" => Effects::NONE,
        _ => return None,
    })
}
