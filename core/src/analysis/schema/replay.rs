//! Steps of all histories, applied in order to tables, triggers and functions.

use super::{At, Column, Index, Key, Table, Trigger};
use crate::languages::sql::Script;
use crate::model::schema::{
    Change, Channel, ColumnDef, ForeignKeyDef, FunctionDef, IndexDef, IndexKind, IndexPart, TableDef, TriggerDef,
};
use crate::model::{Problem, ProblemKind};
use std::collections::{BTreeMap, BTreeSet};

/// Most statements of one file that are reported as unread.
const MAX_UNREAD: usize = 5;

/// A change with its place.
#[derive(Clone, Debug)]
pub(super) struct Step {
    path: String,
    line: u32,
    change: Change,
}

/// Changes in order, and what could not be read.
#[derive(Debug, Default)]
pub(super) struct Steps {
    list: Vec<Step>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// Files of migrations that a later one follows.
    pub followed: BTreeSet<String>,
}

impl Steps {
    pub fn push(&mut self, path: &str, line: u32, change: Change) {
        self.list.push(Step { path: path.to_owned(), line, change });
    }

    pub fn extend(&mut self, path: &str, line: u32, change: Option<Change>) {
        change.into_iter().for_each(|change| self.push(path, line, change));
    }

    /// The changes of a script; its unread statements become problems.
    pub fn script(&mut self, path: &str, script: Script) {
        for (line, change) in script.changes {
            self.push(path, line, change);
        }
        for (line, text) in script.unread.into_iter().take(MAX_UNREAD) {
            let message = format!("The SQL statement could not be read: {text}");
            self.problems.push(Problem { path: path.to_owned(), line, kind: ProblemKind::Syntax, message });
        }
    }
}

/// The state that steps change. Names compare without case.
#[derive(Debug, Default)]
pub(super) struct State {
    pub tables: BTreeMap<String, Table>,
    triggers: BTreeMap<(String, String), (TriggerDef, At)>,
    functions: BTreeMap<String, FunctionDef>,
    pub unclear: BTreeSet<String>,
}

fn key(name: &str) -> String {
    name.to_lowercase()
}

fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

impl State {
    pub fn apply(&mut self, steps: &Steps) {
        for step in &steps.list {
            self.step(step);
        }
    }

    fn table(&mut self, name: &str, at: &At) -> &mut Table {
        self.tables.entry(key(name)).or_insert_with(|| Table::new(name, at.clone(), true))
    }

    fn step(&mut self, step: &Step) {
        let at = At { path: step.path.clone(), line: step.line };
        match &step.change {
            Change::CreateTable(definition) => self.create(definition, &at),
            Change::DropTable(name) => {
                self.tables.remove(&key(name));
                self.triggers.retain(|(_, table), _| !same(table, name));
            }
            Change::RenameTable { from, to } => {
                if let Some(mut table) = self.tables.remove(&key(from)) {
                    table.name.clone_from(to);
                    self.tables.insert(key(to), table);
                }
                for table in self.tables.values_mut() {
                    table.foreign_keys.iter_mut().filter(|k| same(&k.def.to.table, from)).for_each(|k| {
                        k.def.to.table.clone_from(to);
                    });
                }
            }
            Change::AddColumn(table, column) => self.table(table, &at).add_column(column, &at.path),
            Change::DropColumn(table, column) => self.table(table, &at).drop_column(column),
            Change::RenameColumn { table, from, to } => self.table(table, &at).rename_column(from, to),
            Change::ColumnType(table, column, type_name) => {
                let table = self.table(table, &at);
                if let Some(column) = table.columns.iter_mut().find(|c| same(&c.name, column)) {
                    column.type_name.clone_from(type_name);
                }
            }
            Change::AddIndex(table, index) => {
                let at = At { path: at.path.clone(), line: index.line.max(1) };
                self.table(table, &at).indexes.push(Index { def: index.clone(), at });
            }
            Change::ColumnIndexed(table, column, indexed) => {
                let table = self.table(table, &at);
                let own = |index: &Index| index.def.name.is_none() && index.def.columns().eq([column.as_str()]);
                if *indexed {
                    let def = IndexDef::over(IndexKind::Plain, std::slice::from_ref(column), at.line);
                    table.indexes.push(Index { def, at });
                } else {
                    table.indexes.retain(|index| !own(index));
                }
            }
            Change::DropIndex(table, name) => {
                let drop = |table: &mut Table| {
                    table.indexes.retain(|index| !index.def.name.as_deref().is_some_and(|n| same(n, name)));
                    table.foreign_keys.retain(|k| !k.def.name.as_deref().is_some_and(|n| same(n, name)));
                };
                match table.as_deref().and_then(|table| self.tables.get_mut(&key(table))) {
                    Some(table) => drop(table),
                    None => self.tables.values_mut().for_each(drop),
                }
            }
            Change::ReplaceTogether(table, unique, sets) => {
                let kind = if *unique { IndexKind::Unique } else { IndexKind::Plain };
                let table = self.table(table, &at);
                table.indexes.retain(|i| !(i.def.kind == kind && i.def.name.is_none() && i.def.parts.len() > 1));
                for columns in sets {
                    table.indexes.push(Index { def: IndexDef::over(kind, columns, at.line), at: at.clone() });
                }
            }
            Change::RenameIndex(from, to) => {
                for index in self.tables.values_mut().flat_map(|table| &mut table.indexes) {
                    if index.def.name.as_deref().is_some_and(|name| same(name, from)) {
                        index.def.name = Some(to.clone());
                    }
                }
            }
            Change::DropPrimary(table) => {
                self.table(table, &at).indexes.retain(|index| index.def.kind != IndexKind::Primary);
            }
            Change::AddForeignKey(table, def) => {
                self.table(table, &at).foreign_keys.push(Key { def: def.clone(), at });
            }
            Change::CreateTrigger(def) => {
                self.triggers.insert((key(&def.name), key(&def.table)), (def.clone(), at));
            }
            Change::DropTrigger(name, table) => {
                let there = |t: &str| table.as_deref().is_none_or(|table| same(table, t));
                self.triggers.retain(|(n, t), _| !(same(n, name) && there(t)));
            }
            Change::CreateFunction(name, def) => {
                self.functions.insert(key(name), def.clone());
            }
            Change::Unclear(table) => {
                match self.tables.get_mut(&key(table)) {
                    Some(table) => table.unclear = true,
                    None => {
                        self.unclear.insert(key(table));
                    }
                };
            }
        }
    }

    /// `CREATE TABLE`; of a table that exists already, what is new is added: files that hold the
    /// whole schema often stand beside those that build it step by step.
    fn create(&mut self, definition: &TableDef, at: &At) {
        let table = self.table(&definition.name, at);
        table.open &= definition.open;
        for column in &definition.columns {
            table.add_column(column, &at.path);
        }
        for index in &definition.indexes {
            let at = At { path: at.path.clone(), line: index.line };
            table.indexes.push(Index { def: index.clone(), at });
        }
        for def in &definition.foreign_keys {
            let at = At { path: at.path.clone(), line: def.line };
            table.foreign_keys.push(Key { def: def.clone(), at });
        }
    }

    /// The triggers that still exist, with the channels of their functions. Nobody waits for what a history keeps of
    /// each row: those are left out.
    pub fn triggers(&self) -> Vec<Trigger> {
        let found = self.triggers.values().filter_map(|(def, at)| {
            let runs = self.functions.get(&key(&def.function)).unwrap_or(&def.own);
            let channel = runs.channel.clone().or_else(|| def.own.channel.clone());
            if runs.keeps_copies && channel.is_none() {
                return None;
            }
            let channel = channel.map(|channel| match channel {
                Channel::Literal(name) => name,
                Channel::Argument(index) => def.arguments.get(index).cloned().unwrap_or_else(|| "?".to_owned()),
                Channel::WithTable(before, after) => format!("{before}{}{after}", def.table),
                Channel::Computed => "?".to_owned(),
            });
            Some(Trigger {
                table: def.table.clone(),
                event: def.event.clone(),
                function: def.function.clone(),
                channel,
                at: at.clone(),
            })
        });
        found.collect()
    }
}

impl Table {
    pub(super) fn new(name: &str, at: At, open: bool) -> Self {
        Self {
            name: name.to_owned(),
            at,
            class: None,
            columns: Vec::new(),
            indexes: Vec::new(),
            foreign_keys: Vec::new(),
            open,
            unclear: false,
        }
    }

    pub(super) fn add_column(&mut self, column: &ColumnDef, path: &str) {
        let at = At { path: path.to_owned(), line: column.line };
        if let Some(kind) = column.own_index {
            let columns = std::slice::from_ref(&column.name);
            let mut def = IndexDef::over(kind, columns, column.line);
            // Several primary key columns make one composite key, in order.
            let primary =
                self.indexes.iter_mut().find(|i| i.def.kind == IndexKind::Primary && kind == IndexKind::Primary);
            match primary {
                Some(primary) if !primary.def.columns().any(|c| same(c, &column.name)) => {
                    primary.def.parts.append(&mut def.parts)
                }
                Some(_) => {}
                None => self.indexes.push(Index { def, at: at.clone() }),
            }
        }
        if let Some(def) = ForeignKeyDef::of_column(column)
            && !self.foreign_keys.iter().any(|k| k.def.columns == def.columns)
        {
            self.foreign_keys.push(Key { def, at: at.clone() });
        }
        match self.columns.iter_mut().find(|c| same(&c.name, &column.name)) {
            Some(known) => known.type_name.clone_from(&column.type_name),
            None => self.columns.push(Column { name: column.name.clone(), type_name: column.type_name.clone(), at }),
        }
    }

    fn drop_column(&mut self, column: &str) {
        let named = |name: &str| same(name, column) || same(name, &format!("{column}_id"));
        self.columns.retain(|c| !named(&c.name));
        self.indexes.retain(|index| !index.def.columns().any(named));
        self.foreign_keys.retain(|k| !k.def.columns.iter().any(|c| named(c)));
    }

    fn rename_column(&mut self, from: &str, to: &str) {
        let rename = |name: &mut String| {
            if same(name, from) {
                to.clone_into(name);
            } else if same(name, &format!("{from}_id")) {
                *name = format!("{to}_id");
            }
        };
        self.columns.iter_mut().for_each(|c| rename(&mut c.name));
        self.foreign_keys.iter_mut().flat_map(|k| &mut k.def.columns).for_each(rename);
        for part in self.indexes.iter_mut().flat_map(|index| &mut index.def.parts) {
            if let IndexPart::Column(name) = part {
                rename(name);
            }
        }
    }
}
