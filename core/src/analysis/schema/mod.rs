//! The database schema as the project builds it: migrations of Alembic and Django, SQL files and SQL
//! in code, replayed in order; then what ORM models and Core tables say. One table has what any of
//! them gives it: an index that either knows of exists.
//!
//! [`replay`](self) never fails: what cannot be read is a problem with its place, or makes the table
//! `unclear`, which checks take for "there may be an index".

mod alembic;
mod core_tables;
mod django;
mod history;
mod models;
mod names;
mod pgtrigger;
mod reader;
mod replay;
mod scripts;

#[cfg(test)]
mod tests;

use crate::order::InOrder as _;
pub use models::{ModelField, ModelTable};

use super::code::ClassId;
use super::project::Project;
use crate::model::Problem;
use crate::model::schema::{ForeignKeyDef, IndexDef, TableDef};
use replay::{State, Steps};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// A place.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// File.
    pub path: String,
    /// Line.
    pub line: u32,
}

/// A table as it is in the end.
#[derive(Clone, Debug)]
pub struct Table {
    /// Name.
    pub name: String,
    /// Where it is defined.
    pub at: At,
    /// Its model, when there is one.
    pub class: Option<ClassId>,
    /// Columns.
    pub columns: Vec<Column>,
    /// Primary key, unique constraints and indexes.
    pub indexes: Vec<Index>,
    /// Foreign keys.
    pub foreign_keys: Vec<Key>,
    /// Its definition is not in the project, or not in full.
    pub open: bool,
    /// It has an index that could not be read.
    pub unclear: bool,
}

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Name.
    pub name: String,
    /// Type, lower case.
    pub type_name: String,
    /// Where it is defined.
    pub at: At,
}

/// An index with its place.
#[derive(Clone, Debug)]
pub struct Index {
    /// The index.
    pub def: IndexDef,
    /// Where it is defined.
    pub at: At,
}

/// A foreign key with its place.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key.
    pub def: ForeignKeyDef,
    /// Where it is defined.
    pub at: At,
}

/// A trigger with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// Table it watches.
    pub table: String,
    /// `INSERT OR UPDATE`
    pub event: String,
    /// Function it runs.
    pub function: String,
    /// NOTIFY channel when the function notifies; `?` when its name is computed.
    pub channel: Option<String>,
    /// Where it is created.
    pub at: At,
}

/// The schema.
#[derive(Debug, Default)]
pub struct Schema {
    tables: BTreeMap<String, Table>,
    models: FxHashMap<ClassId, ModelTable>,
    triggers: Vec<Trigger>,
    problems: Vec<Problem>,
    unclear: BTreeSet<String>,
    followed: BTreeSet<String>,
}

impl Schema {
    /// Replays everything.
    pub(super) fn replay(project: &Project) -> Self {
        let mut steps = Steps::default();
        let mut core: Vec<(TableDef, String)> = Vec::new();
        project.script_files(&mut steps);
        project.embedded_scripts(&mut steps, &mut core);
        project.alembic_history(&mut steps);
        project.django_history(&mut steps);
        let mut state = State::default();
        state.apply(&steps);
        let triggers = state.triggers();
        let State { mut tables, unclear, .. } = state;
        for (definition, path) in core {
            let at = At { path: path.clone(), line: 1 };
            let mut table = Table::new(&definition.name, at, definition.open);
            for column in &definition.columns {
                table.add_column(column, &path);
            }
            let place = |line: u32| At { path: path.clone(), line };
            table.indexes.extend(definition.indexes.into_iter().map(|def| Index { at: place(def.line), def }));
            table.foreign_keys.extend(definition.foreign_keys.into_iter().map(|def| Key { at: place(def.line), def }));
            merge(&mut tables, table);
        }
        let mut models = FxHashMap::default();
        for model in project.orm().models() {
            if let Some((model, table)) = project.model_table(model.class) {
                models.insert(model.class, model);
                merge(&mut tables, table);
            }
        }
        let mut problems = steps.problems;
        problems.order();
        problems.dedup();
        Self { tables, models, triggers, problems, unclear, followed: steps.followed }
    }

    /// All tables, by name.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.tables.values()
    }

    /// A table by name, case left out.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.get(&name.to_lowercase())
    }

    /// What a model says of its table.
    #[must_use]
    pub fn model(&self, class: ClassId) -> Option<&ModelTable> {
        self.models.get(&class)
    }

    /// Triggers that exist in the end.
    #[must_use]
    pub fn triggers(&self) -> &[Trigger] {
        &self.triggers
    }

    /// Whether a later migration follows the one in this file: it has run where that one does.
    #[must_use]
    pub fn is_followed(&self, path: &str) -> bool {
        self.followed.contains(path)
    }

    /// What could not be read, and what is wrong with the order of migrations.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Whether some index of the table could not be read.
    #[must_use]
    pub fn is_unclear(&self, table: &Table) -> bool {
        table.unclear || self.unclear.contains(&table.name.to_lowercase()) || self.unclear.contains("")
    }
}

impl Table {
    /// The index whose leading column is `column`.
    #[must_use]
    pub fn led_by(&self, column: &str) -> Option<&Index> {
        self.indexes.iter().find(|index| index.def.columns().next().is_some_and(|lead| names(lead, column)))
    }

    /// The index that begins with these two columns.
    #[must_use]
    pub fn led_by_both(&self, first: &str, second: &str) -> Option<&Index> {
        self.indexes.iter().find(|index| {
            let mut columns = index.def.columns();
            columns.next().is_some_and(|lead| names(lead, first))
                && columns.next().is_some_and(|next| names(next, second))
        })
    }

    /// The index that has the column, but further back.
    #[must_use]
    pub fn has_behind(&self, column: &str) -> Option<&Index> {
        self.indexes.iter().find(|index| index.def.columns().skip(1).any(|c| names(c, column)))
    }

    /// A column by name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| names(&column.name, name))
    }
}

/// Whether two names mean one column: `owner` of a Django index is `owner_id`.
fn names(stated: &str, column: &str) -> bool {
    stated.eq_ignore_ascii_case(column)
        || column.strip_suffix("_id").is_some_and(|bare| bare.eq_ignore_ascii_case(stated))
        || stated.strip_suffix("_id").is_some_and(|bare| bare.eq_ignore_ascii_case(column))
}

/// Adds what a model knows to what the migrations made.
fn merge(tables: &mut BTreeMap<String, Table>, table: Table) {
    let Some(known) = tables.get_mut(&table.name.to_lowercase()) else {
        tables.insert(table.name.to_lowercase(), table);
        return;
    };
    known.class = known.class.or(table.class);
    known.open &= table.open;
    if table.class.is_some() {
        known.at = table.at;
    }
    for column in table.columns {
        match known.columns.iter_mut().find(|c| c.name.eq_ignore_ascii_case(&column.name)) {
            Some(same) => *same = column,
            None => known.columns.push(column),
        }
    }
    known.indexes.extend(table.indexes);
    for key in table.foreign_keys {
        match known.foreign_keys.iter_mut().find(|k| k.def.columns == key.def.columns) {
            Some(same) => *same = key,
            None => known.foreign_keys.push(key),
        }
    }
}
