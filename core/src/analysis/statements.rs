//! What executing a statement does: from the statement's class or its SQL text.

use super::calls::{Site, SiteKind, Sites};
use super::code::FuncId;
use super::flow::source_of;
use super::infer::Engine;
use super::sql_files::SqlFiles;
use super::types::Type;
use crate::libraries::Effects;
use crate::model::{Arg, ArgKind, Body, Const, FunctionKind, OpKind, TextPart, ValueId};
use rustc_hash::FxHashMap;

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
        if ty.is_unknown()
            && let Some(known) = self.spelled_statement(f, arg.value)
        {
            return rest.with(known);
        }
        match self.sql_text(f, arg.value, 0) {
            Some(sql) => match sql_effects(&sql) {
                Some(known) => rest.with(known),
                None => effects,
            },
            None => effects,
        }
    }

    /// `queries.insert(Model).values(…)` on a builder without a type: what its chain spells.
    fn spelled_statement(&self, f: FuncId, v: ValueId) -> Option<Effects> {
        let body = self.code.body(f);
        let mut at = source_of(body, v);
        for _ in 0..12 {
            let OpKind::Call { callee, .. } = &body.op(at)?.kind else { return None };
            let OpKind::Attr { base, name } = &body.op(source_of(body, *callee))?.kind else { return None };
            match self.names.text(*name) {
                "insert" => return Some(Effects::DB_INSERT),
                "update" => return Some(Effects::DB_UPDATE),
                "delete" => return Some(Effects::DB_DELETE),
                "select" => return Some(Effects::DB_READ),
                _ => at = source_of(body, *base),
            }
        }
        None
    }

    /// Project functions that run a statement given as a parameter: where the call gives a literal,
    /// its site has the effects of that literal.
    pub(super) fn name_statements(&mut self, sites: &mut Sites) {
        let code = self.code;
        let mut runners: FxHashMap<FuncId, u16> = FxHashMap::default();
        for f in code.func_ids() {
            for site in sites.by_func.get(f.0 as usize).into_iter().flatten() {
                if site.effects.any(Effects::DB_EXECUTE)
                    && let Some(param) = statement_of(code.body(f), site).and_then(|v| parameter(code.body(f), v))
                {
                    runners.entry(f).or_insert(param);
                }
            }
        }
        for _ in 0..WRAPPED {
            let mut more: Vec<(FuncId, u16)> = Vec::new();
            for f in code.func_ids() {
                if runners.contains_key(&f) {
                    continue;
                }
                let body = code.body(f);
                for site in sites.by_func.get(f.0 as usize).into_iter().flatten() {
                    if let Some(param) = self.passed(f, site, &runners).and_then(|v| parameter(body, v)) {
                        more.push((f, param));
                        break;
                    }
                }
            }
            if more.is_empty() {
                break;
            }
            runners.extend(more);
        }
        if runners.is_empty() {
            return;
        }
        for f in code.func_ids() {
            let Some(mut list) = sites.by_func.get_mut(f.0 as usize).map(std::mem::take) else { continue };
            for site in &mut list {
                if let Some(v) = self.passed(f, site, &runners)
                    && let Some(known) = self.sql_text(f, v, 0).and_then(|sql| sql_effects(&sql))
                {
                    site.effects |= known;
                }
            }
            if let Some(slot) = sites.by_func.get_mut(f.0 as usize) {
                *slot = list;
            }
        }
    }

    /// The value that a call gives to a runner as its statement.
    fn passed(&self, f: FuncId, site: &Site, runners: &FxHashMap<FuncId, u16>) -> Option<ValueId> {
        if !matches!(site.kind, SiteKind::Project) {
            return None;
        }
        let (target, param) = site.targets.iter().find_map(|t| runners.get(&t.func).map(|param| (t.func, *param)))?;
        let OpKind::Call { args, .. } = &self.code.op(f, site.op)?.kind else { return None };
        let function = self.code.func(target);
        let own = u16::from(function.kind == FunctionKind::Method && !self.has_static(target));
        let position = usize::from(param.checked_sub(own)?);
        let name = function.params.get(usize::from(param))?.name;
        let by_position = args.get(position).filter(|arg| arg.kind == ArgKind::Positional);
        by_position.or_else(|| args.iter().find(|arg| arg.kind == ArgKind::Named(name))).map(|arg| arg.value)
    }

    fn has_static(&self, g: FuncId) -> bool {
        let code = self.code;
        code.func(g).decorators.iter().any(|decorator| {
            matches!(code.op(code.parent(g), decorator.value).map(|op| &op.kind),
                Some(OpKind::Global(name)) if self.names.text(*name) == "staticmethod")
        })
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
                let found = first.and_then(|v| self.sql_text(f, v, depth + 1)).filter(|s| sql_effects(s).is_some());
                let found = found.or_else(|| match code.op(f, *callee).map(|op| &op.kind) {
                    Some(OpKind::Attr { base, .. }) => self.sql_text(f, *base, depth + 1),
                    _ => None,
                });
                let files = SqlFiles { code, names: &self.names, scripts: self.scripts };
                found.or_else(|| files.text(f, v).map(str::to_owned))
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

/// How many wrappers may stand between a statement and what runs it.
const WRAPPED: usize = 3;

fn statement_of(body: &Body, site: &Site) -> Option<ValueId> {
    match &body.op(site.op)?.kind {
        OpKind::Call { args, .. } => args.first().map(|arg| arg.value),
        _ => None,
    }
}

/// The parameter that a value is, also behind calls that wrap it: `text(self.rewrite(query))`.
fn parameter(body: &Body, v: ValueId) -> Option<u16> {
    let mut at = source_of(body, v);
    for _ in 0..6 {
        match &body.op(at)?.kind {
            OpKind::Param(i) => return Some(*i),
            OpKind::Call { args, .. } => at = source_of(body, args.first()?.value),
            _ => return None,
        }
    }
    None
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
        "select" | "values" => Effects::DB_READ,
        // Settings of the connection and of the server are no rows.
        "show" | "explain" | "pragma" | "describe" => Effects::NONE,
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
        | "analyze" | "attach" | "detach" | "reindex" | "install" | "load" | "use" | "discard" | "comment"
        | "refresh" => Effects::NONE,
        _ => return None,
    })
}
