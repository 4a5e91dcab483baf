//! Alembic: what `upgrade()` of each revision changes.

use super::core_tables::on_delete;
use super::history::Node;
use super::reader::At;
use super::replay::Steps;
use crate::analysis::code::Symbol;
use crate::analysis::{FuncId, ModuleId, Project, source_of};
use crate::languages::sql;
use crate::model::schema::{Change, ForeignKeyDef, IndexDef, IndexKind, Reference};
use crate::model::{Arg, Const, OpKind, ValueId};

/// Functions of a migration that call each other are followed this deep.
const DEPTH: u32 = 4;

impl Project {
    /// The revision in a module, when it is one, with its `upgrade`.
    pub(super) fn alembic_revision(&self, m: ModuleId) -> Option<(Node, FuncId)> {
        let module = self.code().module(m)?;
        let revision = self.global_text(m, "revision")?;
        let down = self.global_values(m, self.sym("down_revision")?);
        let Symbol::Func(upgrade) = self.code().symbols.get(m.0 as usize)?.get(&self.sym("upgrade")?)? else {
            return None;
        };
        let mut after = Vec::new();
        if let Some((top, values)) = &down
            && let Some(v) = values.last()
        {
            match self.schema_text((*top, *v)) {
                Some(text) => after.push(text),
                None => after.extend(self.schema_items((*top, *v)).into_iter().filter_map(|i| self.schema_text(i))),
            }
        }
        down?;
        let labels = self.sym("branch_labels").and_then(|name| self.global_values(m, name));
        let branched = labels.is_some_and(|(top, values)| {
            values.last().is_some_and(|v| {
                let v = source_of(self.code().body(top), *v);
                !matches!(self.code().op(top, v).map(|op| &op.kind), Some(OpKind::Const(Const::None)) | None)
            })
        });
        let group = module.path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let node = Node { name: revision, after, path: module.path.clone(), branched, group, local: |_, _| true };
        Some((node, *upgrade))
    }

    fn global_text(&self, m: ModuleId, name: &str) -> Option<String> {
        let (top, values) = self.global_values(m, self.sym(name)?)?;
        self.schema_text((top, *values.last()?))
    }

    /// What a function of a migration changes, in order.
    pub(super) fn alembic_steps(&self, f: FuncId, depth: u32, out: &mut Steps) {
        let body = self.code().body(f);
        for (i, op) in body.ops.iter().enumerate() {
            let OpKind::Call { callee, args } = &op.kind else { continue };
            let at = (f, ValueId(u32::try_from(i).unwrap_or(u32::MAX)));
            match self.code().op(f, *callee).map(|op| &op.kind) {
                Some(OpKind::Attr { base, name }) => {
                    let name = self.text(*name);
                    if name == "execute" || name == "exec_driver_sql" {
                        let text = args.first().and_then(|arg| self.schema_text((f, arg.value)));
                        self.script_steps(at, text.as_deref(), out);
                        continue;
                    }
                    let base = source_of(body, *base);
                    match body.op(base).map(|op| &op.kind) {
                        Some(OpKind::Enter { manager, .. }) => {
                            // with op.batch_alter_table("orders") as batch_op
                            let manager = source_of(body, *manager);
                            if let Some(((_, callee), opened)) = self.schema_call((f, manager))
                                && self.short_name((f, callee)) == Some("batch_alter_table")
                                && let Some(first) = opened.first()
                            {
                                for table in self.schema_texts((f, first.value)) {
                                    self.operation(at, name, Some(&table), args, out);
                                }
                            }
                        }
                        Some(OpKind::Global(name_of_base)) if self.text(*name_of_base) == "op" => {
                            self.operation(at, name, None, args, out);
                        }
                        _ => {}
                    }
                }
                Some(OpKind::Global(name)) if depth < DEPTH => {
                    let module = self.code().module_of(f);
                    let symbol = self.code().symbols.get(module.0 as usize).and_then(|table| table.get(name));
                    if let Some(Symbol::Func(inner)) = symbol
                        && *inner != f
                    {
                        self.alembic_steps(*inner, depth + 1, out);
                    }
                }
                _ => {}
            }
        }
    }

    /// The changes of an SQL text.
    pub(super) fn script_steps(&self, at: At, text: Option<&str>, out: &mut Steps) {
        let Some(text) = text else { return };
        let op_line = self.line_of(at);
        let script = sql::read(text, op_line);
        let path = self.code().path(at.0);
        out.script(path, script);
    }

    fn operation(&self, at: At, name: &str, batch: Option<&str>, args: &[Arg], out: &mut Steps) {
        let f = at.0;
        let positional: Vec<ValueId> = Self::positional(args).collect();
        let value = |i: usize, keyword: &str| positional.get(i).copied().or_else(|| self.schema_keyword(args, keyword));
        let text = |i: usize, keyword: &str| value(i, keyword).and_then(|v| self.schema_text((f, v)));
        let list = |v: Option<ValueId>| -> Vec<ValueId> {
            v.map(|v| self.schema_items((f, v)).into_iter().map(|(_, v)| v).collect()).unwrap_or_default()
        };
        let names = |v: Option<ValueId>| -> Vec<String> {
            list(v).into_iter().filter_map(|v| self.schema_text((f, v))).collect()
        };
        let line = self.line_of(at);
        // Where the table's name stands, it is left out in a batch.
        let shift = usize::from(batch.is_none());
        let tables = |i: usize, keyword: &str| match batch {
            Some(table) => vec![table.to_owned()],
            None => value(i, keyword).map(|v| self.schema_texts((f, v))).unwrap_or_default(),
        };
        let mut changes: Vec<Change> = Vec::new();
        match name {
            "create_table" => {
                if let Some(table) = self.core_table(f, args, 1) {
                    changes.push(Change::CreateTable(table));
                }
            }
            "drop_table" => changes.extend(text(0, "table_name").map(Change::DropTable)),
            "rename_table" => {
                if let (Some(from), Some(to)) = (text(0, "old_table_name"), text(1, "new_table_name")) {
                    changes.push(Change::RenameTable { from, to });
                }
            }
            "add_column" => {
                for table in tables(0, "table_name") {
                    let column = value(shift, "column").and_then(|v| self.core_column((f, v), None));
                    if let Some((column, index)) = column {
                        changes.push(Change::AddColumn(table.clone(), column));
                        changes.extend(index.map(|index| Change::AddIndex(table.clone(), index)));
                    }
                }
            }
            "drop_column" => {
                for table in tables(0, "table_name") {
                    changes.extend(text(shift, "column_name").map(|column| Change::DropColumn(table, column)));
                }
            }
            "alter_column" => {
                for table in tables(0, "table_name") {
                    let Some(column) = text(shift, "column_name") else { continue };
                    let kind = self.schema_keyword(args, "type_").and_then(|v| self.short_name((f, v)));
                    let retyped =
                        kind.map(|k| Change::ColumnType(table.clone(), column.clone(), k.to_ascii_lowercase()));
                    changes.extend(retyped);
                    if let Some(to) =
                        self.schema_keyword(args, "new_column_name").and_then(|v| self.schema_text((f, v)))
                    {
                        changes.push(Change::RenameColumn { table, from: column, to });
                    }
                }
            }
            "create_index" | "create_unique_constraint" | "create_primary_key" => {
                let columns = value(1 + shift, "columns");
                let parts: Vec<_> = list(columns).into_iter().filter_map(|v| self.core_part((f, v))).collect();
                let unique = name == "create_unique_constraint" || self.schema_flag(f, args, "unique") == Some(true);
                let kind = match (name, unique) {
                    ("create_primary_key", _) => IndexKind::Primary,
                    (_, true) => IndexKind::Unique,
                    _ => IndexKind::Plain,
                };
                let partial =
                    ["postgresql_where", "sqlite_where"].iter().any(|k| self.schema_keyword(args, k).is_some());
                let found = tables(1, "table_name");
                for table in &found {
                    let name = text(0, "index_name").or_else(|| text(0, "constraint_name"));
                    let index = IndexDef { name, kind, parts: parts.clone(), partial, line };
                    changes.push(if parts.is_empty() {
                        Change::Unclear(table.clone())
                    } else {
                        Change::AddIndex(table.clone(), index)
                    });
                }
                if found.is_empty() {
                    changes.push(Change::Unclear(String::new()));
                }
            }
            "drop_index" | "drop_constraint" => {
                let table = batch.map(str::to_owned).or_else(|| text(1, "table_name"));
                let dropped = text(0, "index_name").or_else(|| text(0, "constraint_name"));
                let primary = self.schema_keyword(args, "type_").and_then(|v| self.schema_text((f, v)));
                if let (Some(table), Some("primary")) = (&table, primary.as_deref()) {
                    changes.push(Change::DropPrimary(table.clone()));
                } else {
                    changes.extend(dropped.map(|name| Change::DropIndex(table, name)));
                }
            }
            "create_foreign_key" => {
                let target = text(1 + shift, "referent_table").unwrap_or_default();
                let columns = names(value(2 + shift, "local_cols"));
                let deleted = self.schema_keyword(args, "ondelete").and_then(|v| self.schema_text((f, v)));
                let to = Reference { table: target, on_delete: deleted.map(|t| on_delete(&t)).unwrap_or_default() };
                for table in tables(1, "source_table") {
                    let key = ForeignKeyDef {
                        name: text(0, "constraint_name"),
                        columns: columns.clone(),
                        to: to.clone(),
                        line,
                    };
                    changes.push(Change::AddForeignKey(table, key));
                }
            }
            _ => {}
        }
        let path = self.code().path(f);
        changes.into_iter().for_each(|change| out.push(path, line, change));
    }
}
