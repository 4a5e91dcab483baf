//! From a linked project to the plain data that evidence is joined to.

use super::routes::endpoints;
use crate::analysis::{FuncId, Lookup, Project, inside};
use crate::evidence::code::{
    CodeFile, CodeFunction, CodeIndex, Compare, KnownIndex, KnownTable, OrmCall, Site, SqlSite,
};
use crate::languages::sql::HOLE;
use crate::libraries::{Effects, RunContext};
use crate::model::schema::ColumnUse;
use crate::model::{FunctionKind, OpKind, RegionKind, ValueId};
use crate::order::InOrder as _;

/// Everything that reads or changes rows.
const QUERIES: Effects = Effects::DB_READ
    .with(Effects::DB_INSERT)
    .with(Effects::DB_UPDATE)
    .with(Effects::DB_DELETE)
    .with(Effects::DB_EXECUTE);

/// Exports a project.
#[must_use]
pub fn code_index(project: &Project) -> CodeIndex {
    let code = project.code();
    let mut index = CodeIndex { endpoints: endpoints(project), ..CodeIndex::default() };
    for m in code.module_ids() {
        let path = code.module(m).map_or_else(String::new, |module| module.path.clone());
        index.files.push(CodeFile { path });
    }
    for f in code.func_ids() {
        let function = code.func(f);
        let decorated = function.decorators.iter().map(|decorator| decorator.span.line).min();
        let lines = code.module(code.module_of(f)).map_or(1, |module| module.lines);
        let top = function.kind == FunctionKind::TopLevel;
        index.functions.push(CodeFunction {
            file: code.module_of(f).0,
            name: project.text(function.name).to_owned(),
            symbol: project.text(function.qualified).to_owned(),
            first_line: if top { 1 } else { decorated.unwrap_or(function.span.line).min(function.span.line) },
            last_line: if top { lines.max(1) } else { function.span.end_line },
            is_async: function.is_async,
        });
        if !matches!(project.context(f), RunContext::Test | RunContext::Migration) {
            statements(project, f, &mut index);
        }
    }
    for lookup in project.lookups() {
        built(project, lookup, &mut index);
    }
    tables(project, &mut index);
    index
}

fn site(project: &Project, f: FuncId, v: ValueId) -> Site {
    let code = project.code();
    let body = code.body(f);
    Site {
        file: code.module_of(f).0,
        line: body.span(v).map_or(0, |span| span.line),
        symbol: project.text(code.func(f).qualified).to_owned(),
        function: f.0,
        looped: inside(body, v, |kind| matches!(kind, RegionKind::Loop { .. })),
    }
}

/// Statements given as text.
fn statements(project: &Project, f: FuncId, index: &mut CodeIndex) {
    let mut last = None;
    for found in project.sites(f) {
        if !found.effects.any(QUERIES) || last == Some(found.op) {
            continue;
        }
        let Some(OpKind::Call { args, .. }) = project.code().op(f, found.op).map(|op| &op.kind) else { continue };
        let Some(text) = args.first().and_then(|arg| project.schema_text((f, arg.value))) else { continue };
        if !looks_like_sql(&text) {
            continue;
        }
        last = Some(found.op);
        let partial = text.contains(HOLE);
        let text = text.replace(HOLE, "?");
        index.sql.push(SqlSite { at: site(project, f, found.op), text, partial });
    }
}

fn looks_like_sql(text: &str) -> bool {
    let first: String = text.trim_start().chars().take_while(char::is_ascii_alphabetic).collect();
    let verbs = ["select", "insert", "update", "delete", "with", "replace", "merge", "truncate", "call"];
    verbs.iter().any(|verb| first.eq_ignore_ascii_case(verb))
}

/// Queries that an ORM builds.
fn built(project: &Project, lookup: &Lookup, index: &mut CodeIndex) {
    if index
        .sql
        .iter()
        .any(|sql| sql.at.function == lookup.func.0 && sql.at.line == site(project, lookup.func, lookup.op).line)
    {
        return;
    }
    let mut columns: Vec<(String, Compare)> = Vec::new();
    let mut order = Vec::new();
    for (column, how, _) in &lookup.uses {
        let compare = match how {
            ColumnUse::Equal => Compare::Equal,
            ColumnUse::Range => Compare::Range,
            ColumnUse::Order => {
                order.push(column.clone());
                continue;
            }
            ColumnUse::Join => continue,
            ColumnUse::Other => Compare::Other,
        };
        if !columns.iter().any(|(known, _)| known == column) {
            columns.push((column.clone(), compare));
        }
    }
    columns.order();
    index.orm.push(OrmCall {
        at: site(project, lookup.func, lookup.op),
        verb: verb(project, lookup).to_owned(),
        table: lookup.table.clone(),
        columns,
        order,
        limited: lookup.limited,
        opaque: lookup.opaque || lookup.shared,
    });
}

/// What a query does to its rows: what its last call says.
fn verb(project: &Project, lookup: &Lookup) -> &'static str {
    let body = project.code().body(lookup.func);
    let line = body.span(lookup.op).map_or(0, |span| span.line);
    let end = body.span(lookup.op).map_or(0, |span| span.end_line);
    let near = project
        .sites(lookup.func)
        .iter()
        .filter(|site| body.span(site.op).is_some_and(|span| span.line >= line && span.line <= end.saturating_add(3)));
    let mut verb = "select";
    for site in near {
        if site.effects.any(Effects::DB_DELETE) {
            verb = "delete";
        } else if site.effects.any(Effects::DB_UPDATE) {
            verb = "update";
        }
    }
    verb
}

fn tables(project: &Project, index: &mut CodeIndex) {
    let schema = project.schema();
    for table in schema.tables() {
        let indexes = table
            .indexes
            .iter()
            .map(|known| KnownIndex {
                columns: known.def.columns().map(str::to_lowercase).collect(),
                path: known.at.path.clone(),
                line: known.at.line,
            })
            .collect();
        index.tables.push(KnownTable {
            name: table.name.to_lowercase(),
            path: table.at.path.clone(),
            line: table.at.line,
            columns: table.columns.iter().map(|column| column.name.to_lowercase()).collect(),
            indexes,
            unclear: table.open || schema.is_unclear(table),
        });
    }
}
