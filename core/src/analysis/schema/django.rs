//! Django: what the operations of migrations change, in the order of their dependencies.

use super::history::Node;
use super::reader::At;
use super::replay::Steps;
use crate::analysis::{ClassId, Project, Type};
use crate::model::schema::{
    Change, ColumnDef, ForeignKeyDef, IndexDef, IndexKind, IndexPart, OnDelete, Reference, TableDef,
};
use crate::model::{Arg, OpKind, ValueId};
use std::collections::BTreeMap;

/// Tables of models whose options name them: `app.model` -> table.
pub(super) type TableNames = BTreeMap<String, String>;

/// A column of a model or migration.
pub(super) struct DjangoField {
    pub column: ColumnDef,
    pub indexed: bool,
}

impl Project {
    /// A class that is a migration, as a node of the graph.
    pub(super) fn django_migration(&self, class: ClassId) -> Option<Node> {
        let code = self.code();
        let info = code.class(class);
        if self.text(info.name) != "Migration" {
            return None;
        }
        let module = code.module(code.module_of_class(class))?;
        let mut parts = module.path.rsplit('/');
        let name = parts.next()?.trim_end_matches(".py").to_owned();
        let app = parts.find(|part| *part != "migrations")?.to_owned();
        let operations = self.class_value(class, "operations");
        if operations.is_none() && self.class_value(class, "dependencies").is_none() {
            return None;
        }
        let mut after = Vec::new();
        for dependency in self.class_value(class, "dependencies").map(|at| self.schema_items(at)).unwrap_or_default() {
            let parts: Vec<String> =
                self.schema_items(dependency).into_iter().filter_map(|part| self.schema_text(part)).collect();
            if let [other, name] = parts.as_slice()
                && !name.starts_with("__")
            {
                after.push(format!("{other}.{name}"));
            }
        }
        let path = module.path.clone();
        // Only apps with migrations of their own in the project can have gaps.
        let local = |name: &str, groups: &std::collections::BTreeSet<String>| {
            name.split('.').next().is_some_and(|app| groups.contains(app))
        };
        Some(Node { name: format!("{app}.{name}"), after, path, branched: false, group: app, local })
    }

    /// Whether a migration stands for others that are in the project as well.
    pub(super) fn django_squash(&self, class: ClassId) -> Vec<String> {
        let replaced = self.class_value(class, "replaces").map(|at| self.schema_items(at)).unwrap_or_default();
        replaced
            .into_iter()
            .map(|pair| {
                let parts: Vec<String> =
                    self.schema_items(pair).into_iter().filter_map(|part| self.schema_text(part)).collect();
                parts.join(".")
            })
            .collect()
    }

    /// The value of a class-level name.
    pub(super) fn class_value(&self, class: ClassId, name: &str) -> Option<At> {
        let code = self.code();
        let info = code.class(class);
        let scope = code.class_scope(class);
        let field = info.fields.iter().rev().find(|field| self.text(field.name) == name)?;
        Some((scope, field.value?))
    }

    /// What a list of operations changes.
    pub(super) fn django_operations(&self, app: &str, list: At, named: &mut TableNames, depth: u32, out: &mut Steps) {
        for operation in self.schema_items(list) {
            let Some((callee, args)) = self.schema_call(operation) else { continue };
            let f = callee.0;
            let name = self.short_name(callee).unwrap_or("");
            match name {
                "RunSQL" => {
                    let first = args.first().map(|arg| arg.value);
                    for text in first.map(|v| self.sql_texts((f, v))).unwrap_or_default() {
                        self.script_steps(operation, Some(&text), out);
                    }
                }
                "RunPython" => {
                    let run = args.first().map(|arg| self.ty(f, arg.value));
                    if let Some(Type::Func(run)) = run {
                        self.alembic_steps(*run, 0, out);
                    }
                }
                "AddTrigger" => self.add_trigger((f, operation.1), args, out),
                "RemoveTrigger" => self.remove_trigger((f, operation.1), args, out),
                "SeparateDatabaseAndState" => {
                    let list = self.schema_keyword(args, "database_operations").or_else(|| {
                        args.first().filter(|a| a.kind == crate::model::ArgKind::Positional).map(|a| a.value)
                    });
                    if let Some(list) = list
                        && depth < 4
                    {
                        self.django_operations(app, (f, list), named, depth + 1, out);
                    }
                }
                _ => self.django_operation(app, operation, name, (f, args), named, out),
            }
        }
    }

    /// The SQL of `RunSQL`: a text, or a list of texts and of `(text, params)`.
    fn sql_texts(&self, at: At) -> Vec<String> {
        if let Some(text) = self.schema_text(at) {
            return vec![text];
        }
        let one = |item: At| self.schema_text(item).or_else(|| self.schema_text(*self.schema_items(item).first()?));
        self.schema_items(at).into_iter().filter_map(one).collect()
    }

    fn django_operation(
        &self,
        app: &str,
        at: At,
        name: &str,
        (f, args): (crate::analysis::FuncId, &[Arg]),
        named: &mut TableNames,
        out: &mut Steps,
    ) {
        let positional: Vec<ValueId> = Self::positional(args).collect();
        let value = |i: usize, keyword: &str| self.schema_keyword(args, keyword).or_else(|| positional.get(i).copied());
        let text = |i: usize, keyword: &str| value(i, keyword).and_then(|v| self.schema_text((f, v)));
        let key = |model: &str| format!("{app}.{}", model.to_ascii_lowercase());
        let table_of = |named: &TableNames, model: &str| {
            named.get(&key(model)).cloned().unwrap_or_else(|| format!("{app}_{}", model.to_ascii_lowercase()))
        };
        let (line, path) = (self.line_of(at), self.code().path(at.0));
        let Some(model) = text(
            0,
            if name.ends_with("Model") || name == "AlterModelTable" || name.contains("Together") {
                "name"
            } else {
                "model_name"
            },
        ) else {
            return;
        };
        let mut table = table_of(named, &model);
        match name {
            "CreateModel" => {
                let options = value(2, "options").map(|v| self.dict_items((f, v))).unwrap_or_default();
                if let Some((_, v)) = options.iter().find(|(key, _)| key == "db_table")
                    && let Some(stated) = self.schema_text(*v)
                {
                    named.insert(key(&model), stated.clone());
                    table = stated;
                }
                if let Some((_, v)) = options.iter().find(|(key, _)| key == "managed" || key == "proxy") {
                    let off = matches!(
                        self.code().op(v.0, v.1).map(|op| &op.kind),
                        Some(OpKind::Const(crate::model::Const::Bool(false)))
                    );
                    let proxy = options.iter().any(|(key, _)| key == "proxy");
                    if off != proxy {
                        return;
                    }
                }
                let mut definition = TableDef { name: table.clone(), ..TableDef::default() };
                for field in value(1, "fields").map(|v| self.schema_items((f, v))).unwrap_or_default() {
                    let pair = self.schema_items(field);
                    let [name, value] = pair.as_slice() else { continue };
                    let Some(name) = self.schema_text(*name) else { continue };
                    if let Some(field) = self.django_field(*value, &name, app) {
                        if field.indexed {
                            let columns = std::slice::from_ref(&field.column.name);
                            definition.indexes.push(IndexDef::over(IndexKind::Plain, columns, field.column.line));
                        }
                        definition.columns.push(field.column);
                    }
                }
                let together: Vec<(bool, At)> = options
                    .iter()
                    .filter(|(key, _)| key == "unique_together" || key == "index_together")
                    .map(|(key, v)| (key == "unique_together", *v))
                    .collect();
                for (unique, v) in together {
                    let kind = if unique { IndexKind::Unique } else { IndexKind::Plain };
                    for columns in self.together(v) {
                        definition.indexes.push(IndexDef::over(kind, &columns, line));
                    }
                }
                for (key, v) in &options {
                    if key == "indexes" || key == "constraints" {
                        definition
                            .indexes
                            .extend(self.schema_items(*v).into_iter().filter_map(|v| self.django_index(v)));
                    }
                }
                out.push(path, line, Change::CreateTable(definition));
            }
            "DeleteModel" => out.push(path, line, Change::DropTable(table)),
            "RenameModel" => {
                if let Some(to) = text(1, "new_name") {
                    let to = table_of(named, &to);
                    out.push(path, line, Change::RenameTable { from: table, to });
                }
            }
            "AlterModelTable" => {
                if let Some(to) = text(1, "table") {
                    named.insert(key(&model), to.clone());
                    out.push(path, line, Change::RenameTable { from: table, to });
                }
            }
            "AddField" | "AlterField" => {
                let (Some(name_of), Some(v)) = (text(1, "name"), value(2, "field")) else { return };
                let Some(field) = self.django_field((f, v), &name_of, app) else { return };
                let column = field.column.name.clone();
                if name == "AddField" {
                    out.push(path, line, Change::AddColumn(table.clone(), field.column));
                } else {
                    let own = field.column.own_index.is_some();
                    out.push(path, line, Change::ColumnType(table.clone(), column.clone(), field.column.type_name));
                    out.push(path, line, Change::ColumnIndexed(table.clone(), column.clone(), field.indexed || own));
                    return;
                }
                if field.indexed {
                    out.push(path, line, Change::ColumnIndexed(table, column, true));
                }
            }
            "RemoveField" => out.extend(path, line, text(1, "name").map(|column| Change::DropColumn(table, column))),
            "RenameField" => {
                if let (Some(from), Some(to)) = (text(1, "old_name"), text(2, "new_name")) {
                    out.push(path, line, Change::RenameColumn { table, from, to });
                }
            }
            "AddIndex" | "AddIndexConcurrently" | "AddConstraint" | "AddConstraintNotValid" => {
                let index = value(1, "index").or_else(|| value(1, "constraint"));
                match index.and_then(|v| self.django_index((f, v))) {
                    Some(index) => out.push(path, line, Change::AddIndex(table, index)),
                    None if name.starts_with("AddIndex") => out.push(path, line, Change::Unclear(table)),
                    None => {}
                }
            }
            "RemoveIndex" | "RemoveIndexConcurrently" | "RemoveConstraint" => {
                out.extend(path, line, text(1, "name").map(|name| Change::DropIndex(Some(table), name)));
            }
            "RenameIndex" => {
                if let (Some(to), Some(from)) = (text(1, "new_name"), self.schema_keyword(args, "old_name")) {
                    out.extend(path, line, self.schema_text((f, from)).map(|from| Change::RenameIndex(from, to)));
                }
            }
            "AlterUniqueTogether" | "AlterIndexTogether" => {
                let unique = name == "AlterUniqueTogether";
                let sets = value(1, if unique { "unique_together" } else { "index_together" });
                let sets = sets.map(|v| self.together((f, v))).unwrap_or_default();
                out.push(path, line, Change::ReplaceTogether(table, unique, sets));
            }
            _ => {}
        }
    }

    /// The entries of a dict with literal keys.
    pub(super) fn dict_items(&self, (f, v): At) -> Vec<(String, At)> {
        let (f, v) = self.origin(f, v);
        match self.code().op(f, v).map(|op| &op.kind) {
            Some(OpKind::Collection { kind: crate::model::CollectionKind::Dict, items }) => items
                .chunks(2)
                .filter_map(|pair| match pair {
                    [key, value] => Some((self.schema_text((f, *key))?, (f, *value))),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// `unique_together`: one list of names, or several; `set()` around them is looked through.
    pub(super) fn together(&self, at: At) -> Vec<Vec<String>> {
        let at = match self.schema_call(at) {
            Some((callee, [arg])) if matches!(self.short_name(callee), Some("set" | "list" | "tuple")) => {
                (callee.0, arg.value)
            }
            _ => at,
        };
        let items = self.schema_items(at);
        let flat: Vec<String> = items.iter().filter_map(|item| self.schema_text(*item)).collect();
        if !flat.is_empty() {
            return vec![flat];
        }
        let names = |item: At| self.schema_items(item).into_iter().filter_map(|name| self.schema_text(name)).collect();
        items.into_iter().map(names).filter(|names: &Vec<String>| !names.is_empty()).collect()
    }

    /// `models.Index(fields=[…])`, `UniqueConstraint(…)`; `None` for checks and what is no call.
    pub(super) fn django_index(&self, at: At) -> Option<IndexDef> {
        let (callee, args) = self.schema_call(at)?;
        let f = callee.0;
        let short = self.short_name(callee)?;
        let kind = match short {
            "UniqueConstraint" => IndexKind::Unique,
            "CheckConstraint" | "ExclusionConstraint" => return None,
            _ if short.ends_with("Index") => IndexKind::Plain,
            _ => return None,
        };
        let mut parts: Vec<IndexPart> = Vec::new();
        let btree = matches!(short, "Index" | "BTreeIndex" | "UniqueConstraint" | "HashIndex" | "BrinIndex");
        for v in self.schema_keyword(args, "fields").map(|v| self.schema_items((f, v))).unwrap_or_default() {
            let name = self.schema_text(v)?;
            let name = name.trim_start_matches('-').to_owned();
            parts.push(if btree { IndexPart::Column(name) } else { IndexPart::Expression(name) });
        }
        parts.extend(Self::positional(args).map(|v| self.core_part((f, v)).filter(|_| btree)).map(|part| match part {
            Some(IndexPart::Column(name)) => IndexPart::Column(name.trim_start_matches('-').to_owned()),
            _ => IndexPart::Expression("?".to_owned()),
        }));
        let name = self.schema_keyword(args, "name").and_then(|v| self.schema_text((f, v)));
        let partial = self.schema_keyword(args, "condition").is_some();
        (!parts.is_empty()).then(|| IndexDef { name, kind, parts, partial, line: self.line_of(at) })
    }

    /// A field of a model or migration as a column; `None` for relations without one.
    pub(super) fn django_field(&self, at: At, name: &str, app: &str) -> Option<DjangoField> {
        let (callee, args) = self.schema_call(at)?;
        let f = callee.0;
        let short = self.field_class(callee)?;
        let line = self.line_of(at);
        let stated = self.schema_keyword(args, "db_column").and_then(|v| self.schema_text((f, v)));
        let flag = |name: &str| self.schema_flag(f, args, name);
        let one = short.contains("OneToOne");
        let foreign = one
            || matches!(
                short.as_str(),
                "ForeignKey" | "ParentalKey" | "TreeForeignKey" | "ForeignKeyField" | "SnapshotForeignKey"
            );
        if short.contains("ManyToMany") || short.starts_with("Generic") || short.ends_with("Relation") {
            return None;
        }
        let mut column = ColumnDef { line, type_name: short.to_ascii_lowercase(), ..ColumnDef::default() };
        column.name = stated.unwrap_or_else(|| if foreign { format!("{name}_id") } else { name.to_owned() });
        let mut indexed = flag("db_index").or_else(|| flag("index")).unwrap_or(foreign || short == "SlugField");
        if flag("primary_key") == Some(true) || flag("pk") == Some(true) {
            column.own_index = Some(IndexKind::Primary);
        } else if flag("unique") == Some(true) || one {
            column.own_index = Some(IndexKind::Unique);
        }
        if foreign {
            if self.schema_flag(f, args, "db_constraint") != Some(false) {
                let to = self.schema_keyword(args, "to").or_else(|| Self::positional(args).next());
                let table = to.and_then(|v| self.django_target((f, v), app)).unwrap_or_default();
                // Django deletes and nulls children itself, row set by row set: each is a look-up.
                let on_delete = self.schema_keyword(args, "on_delete").or_else(|| Self::positional(args).nth(1));
                let on_delete = match on_delete.and_then(|v| self.short_name((f, v))) {
                    Some("CASCADE") => OnDelete::Cascade,
                    Some("SET_NULL" | "SET_DEFAULT" | "SET") => OnDelete::SetNull,
                    _ => OnDelete::Restrict,
                };
                column.references = Some(Reference { table, on_delete });
            }
            column.type_name = "foreignkey".to_owned();
        }
        if column.own_index.is_some() {
            indexed = false;
        }
        Some(DjangoField { column, indexed })
    }

    /// The library class of a field: its own, or the nearest library ancestor of a custom one.
    pub(super) fn field_class(&self, callee: At) -> Option<String> {
        let short = self.short_name(callee)?;
        if let Type::ClassObj(class) = self.ty(callee.0, callee.1) {
            let base = self.library_ancestors(*class).find_map(|name| {
                let last = name.rsplit('.').next()?;
                (last.contains("Field") || last.contains("Key")).then_some(last)
            });
            return Some(base.unwrap_or(short).to_owned());
        }
        Some(short.to_owned())
    }

    /// The table of `"app.Model"`, `"Model"`, a class.
    fn django_target(&self, at: At, app: &str) -> Option<String> {
        if let Some(text) = self.schema_text(at) {
            return Some(match text.rsplit_once('.') {
                Some((app, model)) => format!("{}_{}", app, model).to_ascii_lowercase(),
                None => format!("{app}_{text}").to_ascii_lowercase(),
            });
        }
        self.table_of_class(self.schema_class(at)?)
    }
}

impl ForeignKeyDef {
    /// The foreign key of one column.
    pub(super) fn of_column(column: &ColumnDef) -> Option<Self> {
        let to = column.references.clone()?;
        Some(Self { name: None, columns: vec![column.name.clone()], to, line: column.line })
    }
}
