//! SQLAlchemy's building blocks, which models, Core tables and Alembic operations share: `Column`,
//! constraints, `Index`.

use super::reader::At;
use crate::analysis::Project;
use crate::model::schema::{ColumnDef, ForeignKeyDef, IndexDef, IndexKind, IndexPart, OnDelete, Reference, TableDef};
use crate::model::{Arg, OpKind, ValueId};

/// What `ondelete=` says.
pub(super) fn on_delete(text: &str) -> OnDelete {
    match text.to_ascii_uppercase().as_str() {
        "CASCADE" => OnDelete::Cascade,
        "SET NULL" | "SET DEFAULT" | "SET_NULL" | "SET_DEFAULT" => OnDelete::SetNull,
        _ => OnDelete::Restrict,
    }
}

impl Project {
    /// A column of `Column(…)`, `mapped_column(…)`; its index, when it asks for one.
    pub(super) fn core_column(&self, at: At, name: Option<&str>) -> Option<(ColumnDef, Option<IndexDef>)> {
        let ((f, _), args) = self.schema_call(at)?;
        let mut column = ColumnDef { line: self.line_of(at), ..ColumnDef::default() };
        let mut positional: Vec<ValueId> = Self::positional(args).collect();
        if let Some(text) = positional.first().and_then(|v| self.schema_text((f, *v))) {
            column.name = text;
            positional.remove(0);
        } else if let Some(text) = self.schema_keyword(args, "name").and_then(|v| self.schema_text((f, v))) {
            column.name = text;
        } else {
            column.name = name?.to_owned();
        }
        if let Some(v) = self.schema_keyword(args, "type_") {
            positional.push(v);
        }
        for v in positional {
            let short = self.short_name(self.origin(f, v)).unwrap_or("");
            if short == "ForeignKey" {
                column.references = self.core_reference((f, v));
            } else if column.type_name.is_empty() && short.starts_with(|c: char| c.is_ascii_uppercase()) {
                column.type_name = short.to_ascii_lowercase();
            }
        }
        if self.schema_flag(f, args, "primary_key") == Some(true) {
            column.own_index = Some(IndexKind::Primary);
        } else if self.schema_flag(f, args, "unique") == Some(true) {
            column.own_index = Some(IndexKind::Unique);
        }
        let indexed = (self.schema_flag(f, args, "index") == Some(true))
            .then(|| IndexDef::over(IndexKind::Plain, std::slice::from_ref(&column.name), column.line));
        Some((column, indexed))
    }

    /// `ForeignKey("table.column", ondelete="CASCADE")`
    pub(super) fn core_reference(&self, at: At) -> Option<Reference> {
        let ((f, _), args) = self.schema_call(at)?;
        let table = self.referenced_table((f, Self::positional(args).next()?)).unwrap_or_default();
        let deleted = self.schema_keyword(args, "ondelete").and_then(|v| self.schema_text((f, v)));
        Some(Reference { table, on_delete: deleted.map_or(OnDelete::Restrict, |text| on_delete(&text)) })
    }

    /// The table of `"schema.table.column"`, `Model.column`, `table.c.column`.
    fn referenced_table(&self, at: At) -> Option<String> {
        if let Some(text) = self.schema_text(at) {
            return text.rsplit('.').nth(1).map(str::to_owned);
        }
        let (f, v) = self.origin(at.0, at.1);
        let OpKind::Attr { base, .. } = self.code().op(f, v)?.kind else { return None };
        self.table_of_class(self.schema_class((f, base))?)
    }

    /// What a constraint or index call adds to a table, columns given by name or as attributes.
    pub(super) fn core_constraint(&self, at: At, table: &mut TableDef) -> bool {
        let Some((callee, args)) = self.schema_call(at) else { return false };
        let f = callee.0;
        let line = self.line_of(at);
        let name = |p: &Self| p.schema_keyword(args, "name").and_then(|v| p.schema_text((f, v)));
        let partial = ["postgresql_where", "sqlite_where"].iter().any(|k| self.schema_keyword(args, k).is_some());
        let parts = |skip: usize| -> Vec<IndexPart> {
            Self::positional(args).skip(skip).filter_map(|v| self.core_part((f, v))).collect()
        };
        let kind = match self.short_name(callee).unwrap_or("") {
            "PrimaryKeyConstraint" => IndexKind::Primary,
            "UniqueConstraint" => IndexKind::Unique,
            "Index" => {
                let name = Self::positional(args).next().and_then(|v| self.schema_text((f, v)));
                let unique = self.schema_flag(f, args, "unique") == Some(true);
                let kind = if unique { IndexKind::Unique } else { IndexKind::Plain };
                table.indexes.push(IndexDef { name, kind, parts: parts(1), partial, line });
                return true;
            }
            "ForeignKeyConstraint" => {
                let mut lists = Self::positional(args);
                let columns = lists.next().or_else(|| self.schema_keyword(args, "columns"));
                let targets = lists.next().or_else(|| self.schema_keyword(args, "refcolumns"));
                let (Some(columns), Some(targets)) = (columns, targets) else { return true };
                let names = |v: ValueId| -> Vec<String> {
                    let parts = self.schema_items((f, v)).into_iter().filter_map(|item| self.core_part(item));
                    parts
                        .filter_map(|part| match part {
                            IndexPart::Column(name) => Some(name),
                            IndexPart::Expression(_) => None,
                        })
                        .collect()
                };
                let target = self.schema_items((f, targets)).first().and_then(|item| self.referenced_table(*item));
                let deleted = self.schema_keyword(args, "ondelete").and_then(|v| self.schema_text((f, v)));
                let on_delete = deleted.map_or(OnDelete::Restrict, |text| on_delete(&text));
                let to = Reference { table: target.unwrap_or_default(), on_delete };
                table.foreign_keys.push(ForeignKeyDef { name: name(self), columns: names(columns), to, line });
                return true;
            }
            _ => return false,
        };
        table.indexes.push(IndexDef { name: name(self), kind, parts: parts(0), partial, line });
        true
    }

    /// A column of an index: a name, an attribute, `col.desc()`, or an expression.
    pub(super) fn core_part(&self, (f, v): At) -> Option<IndexPart> {
        if let Some(name) = self.bound_name((f, v)) {
            return Some(IndexPart::Column(self.text(name).to_owned()));
        }
        match &self.code().op(f, v)?.kind {
            OpKind::Attr { name, .. } => Some(IndexPart::Column(self.text(*name).to_owned())),
            OpKind::Call { callee, args } => {
                let short = self.short_name((f, *callee)).unwrap_or("");
                match (short, self.code().op(f, *callee).map(|op| &op.kind)) {
                    (
                        "desc" | "asc" | "nulls_last" | "nulls_first" | "nullslast" | "nullsfirst",
                        Some(OpKind::Attr { base, .. }),
                    ) if args.is_empty() => self.core_part((f, *base)),
                    ("desc" | "asc" | "column", _) => self.core_part((f, args.first()?.value)),
                    ("text", _) => {
                        let text = self.schema_text((f, v))?;
                        Some(text_part(&text))
                    }
                    _ => Some(IndexPart::Expression(short.to_owned())),
                }
            }
            _ => Some(match self.schema_text((f, v)) {
                Some(text) => text_part(&text),
                None => IndexPart::Expression("?".to_owned()),
            }),
        }
    }

    /// `Table("name", metadata, Column(…), Index(…), …)`
    pub(super) fn core_table(&self, f: crate::analysis::FuncId, args: &[Arg], skip: usize) -> Option<TableDef> {
        let name = self.schema_text((f, Self::positional(args).next()?))?;
        let mut table = TableDef { name, ..TableDef::default() };
        for v in Self::positional(args).skip(skip) {
            self.core_item((f, v), &mut table);
        }
        table.open = args.iter().any(|arg| arg.kind == crate::model::ArgKind::Spread);
        Some(table)
    }

    /// A column or constraint in a table's list.
    pub(super) fn core_item(&self, at: At, table: &mut TableDef) {
        if self.core_constraint(at, table) {
            return;
        }
        if self.schema_call(at).is_some_and(|(callee, _)| self.short_name(callee) == Some("Column"))
            && let Some((column, index)) = self.core_column(at, None)
        {
            table.indexes.extend(index);
            table.columns.push(column);
        }
    }
}

/// `created_at DESC` is a column, `lower(email)` an expression.
fn text_part(text: &str) -> IndexPart {
    let word = text.split_whitespace().next().unwrap_or("").trim_matches('"');
    if !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || c == '_') {
        IndexPart::Column(word.to_owned())
    } else {
        IndexPart::Expression(text.to_owned())
    }
}
