//! What the joins know of the code: plain data that front ends fill from a linked project. No parser, no syntax.

use super::endpoints::Endpoint;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything of a project that evidence is joined to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CodeIndex {
    /// Files, by path.
    pub files: Vec<CodeFile>,
    /// Functions, by file and line.
    pub functions: Vec<CodeFunction>,
    /// Statements given as text.
    pub sql: Vec<SqlSite>,
    /// Queries that an ORM builds.
    pub orm: Vec<OrmCall>,
    /// The route table.
    pub endpoints: Vec<Endpoint>,
    /// Tables of the replayed schema, with their indexes.
    pub tables: Vec<KnownTable>,
    /// What the project's settings ask in `[targets]`, as they are written.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub targets: BTreeMap<String, String>,
}

/// A file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeFile {
    /// Path, relative to the project.
    pub path: String,
}

/// A function.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeFunction {
    /// Index of its file.
    pub file: u32,
    /// Its own name; `<module>` for the top level.
    pub name: String,
    /// Dotted within the file.
    pub symbol: String,
    /// First line, decorators included.
    pub first_line: u32,
    /// Last line.
    pub last_line: u32,
    /// Runs on an event loop.
    pub is_async: bool,
}

/// Where code sends something to a database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Index of the file.
    pub file: u32,
    /// Line.
    pub line: u32,
    /// Dotted name of the function that holds it.
    pub symbol: String,
    /// Index of that function.
    pub function: u32,
    /// Lines of loops around it in that function.
    pub looped: bool,
}

/// A statement given as text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SqlSite {
    /// Where.
    pub at: Site,
    /// Text; what is put in at run time is a question mark.
    pub text: String,
    /// Its beginning only is known.
    pub partial: bool,
}

/// How a column is compared: what an index can do for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compare {
    /// `=`, `IN`, `= ANY`, `IS NULL`.
    Equal,
    /// `<`, `>`, `BETWEEN`, `LIKE 'x%'`.
    Range,
    /// `LIKE` with a leading wildcard.
    Contains,
    /// `<>`, `NOT IN`, regular expressions: nothing.
    Other,
}

/// A query that an ORM builds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrmCall {
    /// Where.
    pub at: Site,
    /// `select`, `insert`, `update`, `delete`.
    pub verb: String,
    /// Table, lower case.
    pub table: String,
    /// Columns that conditions compare, and how.
    pub columns: Vec<(String, Compare)>,
    /// Columns that it is sorted by.
    pub order: Vec<String>,
    /// The number of rows is bounded.
    pub limited: bool,
    /// Some of its conditions could not be read.
    pub opaque: bool,
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownTable {
    /// Name, lower case.
    pub name: String,
    /// Where it is defined.
    pub path: String,
    /// Line.
    pub line: u32,
    /// Columns.
    pub columns: Vec<String>,
    /// Indexes.
    pub indexes: Vec<KnownIndex>,
    /// It has an index that could not be read, or is not defined in the project.
    pub unclear: bool,
}

/// An index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownIndex {
    /// Columns, in order.
    pub columns: Vec<String>,
    /// Where it is defined.
    pub path: String,
    /// Line.
    pub line: u32,
}

#[cfg(test)]
impl CodeIndex {
    /// A service whose one handler, lines 10 to 20 of `app/api.py`, sends statements: line, text, whether in a loop.
    pub(crate) fn of_posts(sent: &[(u32, &str, bool)]) -> Self {
        let function = |name: &str, first_line, last_line| CodeFunction {
            name: name.to_owned(),
            symbol: name.to_owned(),
            first_line,
            last_line,
            is_async: true,
            ..CodeFunction::default()
        };
        let site = |&(line, text, looped): &(u32, &str, bool)| SqlSite {
            at: Site { line, symbol: "list_posts".to_owned(), function: 1, looped, ..Site::default() },
            text: text.to_owned(),
            partial: false,
        };
        Self {
            files: vec![CodeFile { path: "app/api.py".to_owned() }],
            functions: vec![function("<module>", 1, 60), function("list_posts", 10, 20), function("helper", 30, 40)],
            sql: sent.iter().map(site).collect(),
            endpoints: vec![Endpoint {
                method: "GET".to_owned(),
                path: "/posts".to_owned(),
                handler: "list_posts".to_owned(),
                file: "app/api.py".to_owned(),
                line: 10,
                end_line: 20,
                ..Endpoint::default()
            }],
            ..Self::default()
        }
    }
}

impl CodeIndex {
    /// The path of a file.
    #[must_use]
    pub fn path(&self, file: u32) -> &str {
        self.files.get(file as usize).map_or("", |file| file.path.as_str())
    }

    /// The innermost function around a line.
    #[must_use]
    pub fn function_at(&self, file: u32, line: u32) -> Option<u32> {
        let inside = |function: &&(usize, &CodeFunction)| {
            function.1.file == file && function.1.first_line <= line && line <= function.1.last_line
        };
        let all: Vec<(usize, &CodeFunction)> = self.functions.iter().enumerate().collect();
        let found = all.iter().filter(inside).min_by_key(|(at, f)| (f.last_line - f.first_line, usize::MAX - at))?;
        u32::try_from(found.0).ok()
    }
}
