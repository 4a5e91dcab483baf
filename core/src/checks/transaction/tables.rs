//! Which tables a site writes: from SQL text, from model classes, through callees.

use crate::analysis::{FuncId, LoopFacts, Project, Site, Type};
use crate::libraries::Effects;
use crate::model::{Const, OpKind, TextPart, ValueId};

/// A kind of write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// INSERT.
    Insert,
    /// UPDATE.
    Update,
    /// DELETE.
    Delete,
}

impl Kind {
    /// As SQL spells it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
        }
    }
}

const WRITES: Effects = Effects::ANY_WRITE.with(Effects::DB_EXECUTE);

/// The tables that a site writes; for a flush, those of objects whose attributes are set in the loop.
pub(super) fn writes_of(project: &Project, f: FuncId, site: &Site, looped: Option<&LoopFacts>) -> Vec<(String, Kind)> {
    let (g, op) = match project.end_of(f, site, WRITES) {
        Some(end) => end,
        None => return flushed(project, f, looped),
    };
    let mut out = Vec::new();
    let Some(OpKind::Call { callee, args }) = project.code().op(g, op).map(|op| &op.kind) else { return out };
    if let Some(sql) = args.first().and_then(|arg| sql_of(project, g, arg.value)) {
        out.extend(written_by(&sql));
        return out;
    }
    let effects = project.sites_at(g, op).fold(Effects::NONE, |all, s| all.with(s.effects));
    let kind = if effects.any(Effects::DB_UPDATE) {
        Kind::Update
    } else if effects.any(Effects::DB_INSERT) {
        Kind::Insert
    } else if effects.any(Effects::DB_DELETE) {
        Kind::Delete
    } else {
        return out;
    };
    let mut values: Vec<ValueId> = args.iter().map(|arg| arg.value).collect();
    if let Some(OpKind::Attr { base, .. }) = project.code().op(g, *callee).map(|op| &op.kind) {
        values.insert(0, *base);
    }
    out.extend(values.into_iter().find_map(|v| table_of(project, g, v)).map(|table| (table, kind)));
    out
}

fn flushed(project: &Project, f: FuncId, looped: Option<&LoopFacts>) -> Vec<(String, Kind)> {
    let Some(looped) = looped else { return Vec::new() };
    let body = project.code().body(f);
    let ops = body.ops.get(looped.start as usize..looped.end as usize).unwrap_or_default();
    let mut out: Vec<(String, Kind)> = Vec::new();
    for op in ops {
        let OpKind::StoreAttr { base, .. } = op.kind else { continue };
        if let Some(table) = table_of(project, f, base)
            && !out.iter().any(|(known, _)| *known == table)
        {
            out.push((table, Kind::Update));
        }
    }
    out
}

/// The table of a value's model class.
fn table_of(project: &Project, f: FuncId, v: ValueId) -> Option<String> {
    project.members(f, v).into_iter().find_map(|ty| table_of_type(project, ty))
}

fn table_of_type(project: &Project, ty: &Type) -> Option<String> {
    let class = match ty {
        Type::Inst(class, _) | Type::ClassObj(class) => *class,
        Type::Lib(_, element, _) => return table_of_type(project, project.type_of(*element)),
        _ => return None,
    };
    project.table_of_class(class)
}

/// The SQL text of an argument: a literal, a text with holes, `text("…")`, a global constant.
fn sql_of(project: &Project, f: FuncId, v: ValueId) -> Option<String> {
    let (f, v) = project.origin(f, v);
    match &project.code().op(f, v)?.kind {
        OpKind::Const(Const::Str(s)) => Some(project.text(*s).to_owned()),
        OpKind::Text(parts) => {
            let literal = parts.iter().map(|part| match part {
                TextPart::Literal(s) => project.text(*s),
                TextPart::Hole(_) => "?",
            });
            Some(literal.collect())
        }
        OpKind::Call { args, .. } => {
            let first = args.first()?;
            matches!(project.lib_class(f, v), Some("sqlalchemy.TextClause")).then(|| sql_of(project, f, first.value))?
        }
        _ => None,
    }
}

/// Tables that a statement writes.
fn written_by(sql: &str) -> Option<(String, Kind)> {
    let words: Vec<&str> = sql.split_whitespace().collect();
    let at = |i: usize| words.get(i).copied().unwrap_or("");
    let is = |i: usize, word: &str| at(i).eq_ignore_ascii_case(word);
    let name = |i: usize| {
        let word = at(i).split('(').next().unwrap_or("").trim_matches(|c: char| c == '"' || c == '`' || c == ';');
        (!word.is_empty()).then(|| word.to_owned())
    };
    for i in 0..words.len() {
        if is(i, "UPDATE") && !(i > 0 && (is(i - 1, "FOR") || is(i - 1, "DO"))) {
            let i = if is(i + 1, "ONLY") { i + 1 } else { i };
            return Some((name(i + 1)?, Kind::Update));
        }
        if is(i, "INSERT") && is(i + 1, "INTO") {
            return Some((name(i + 2)?, Kind::Insert));
        }
        if is(i, "DELETE") && is(i + 1, "FROM") {
            return Some((name(i + 2)?, Kind::Delete));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn the_table_that_a_statement_writes() {
        let table = |sql| written_by(sql).map(|(table, kind)| format!("{} {table}", kind.word()));
        assert_eq!(table("UPDATE jobs SET n = 1").as_deref(), Some("UPDATE jobs"));
        assert_eq!(table("insert into \"parts\"(body) values ($1)").as_deref(), Some("INSERT parts"));
        assert_eq!(table("DELETE FROM app.jobs;").as_deref(), Some("DELETE app.jobs"));
        assert_eq!(table("SELECT 1 FROM jobs FOR UPDATE SKIP LOCKED"), None);
    }
}
