//! The words in which migrations, SQL and models speak of a database's schema: changes that are
//! replayed in order, and what a query looks rows up by.

/// One step of a schema's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// `CREATE TABLE`
    CreateTable(TableDef),
    /// `DROP TABLE`
    DropTable(String),
    /// The table gets another name.
    RenameTable {
        /// Name before.
        from: String,
        /// Name after.
        to: String,
    },
    /// A column is added.
    AddColumn(String, ColumnDef),
    /// A column is dropped, and every index that uses it.
    DropColumn(String, String),
    /// A column gets another name.
    RenameColumn {
        /// Table.
        table: String,
        /// Name before.
        from: String,
        /// Name after.
        to: String,
    },
    /// A column gets another type.
    ColumnType(String, String, String),
    /// An index, unique constraint or primary key is added.
    AddIndex(String, IndexDef),
    /// Whether a column has an index of its own (Django's `AlterField`).
    ColumnIndexed(String, String, bool),
    /// An index or constraint of that name is dropped; the table may be left out.
    DropIndex(Option<String>, String),
    /// All indexes over several columns of one kind are replaced (Django's `AlterUniqueTogether`).
    ReplaceTogether(String, bool, Vec<Vec<String>>),
    /// An index gets another name.
    RenameIndex(String, String),
    /// The primary key is dropped.
    DropPrimary(String),
    /// A foreign key is added.
    AddForeignKey(String, ForeignKeyDef),
    /// `CREATE TRIGGER`
    CreateTrigger(TriggerDef),
    /// `DROP TRIGGER`; the table may be left out.
    DropTrigger(String, Option<String>),
    /// A function that triggers may run.
    CreateFunction(String, FunctionDef),
    /// Something about the table's indexes that could not be read: better assume an index.
    Unclear(String),
}

/// What is known of a function's body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionDef {
    /// The channel that it notifies.
    pub channel: Option<Channel>,
    /// All it does is to put a copy of the row that changed into another table.
    pub keeps_copies: bool,
}

/// A table as created.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableDef {
    /// Name, schema and quotes left out.
    pub name: String,
    /// Columns in order.
    pub columns: Vec<ColumnDef>,
    /// Primary key, unique constraints and indexes.
    pub indexes: Vec<IndexDef>,
    /// Foreign keys.
    pub foreign_keys: Vec<ForeignKeyDef>,
    /// The columns are not all listed (`LIKE`, `AS SELECT`, `PARTITION OF`).
    pub open: bool,
}

/// A column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnDef {
    /// Name in the database.
    pub name: String,
    /// Type as written, lower case: `varchar`, `timestamp`, `boolean`; empty when unknown.
    pub type_name: String,
    /// Line.
    pub line: u32,
    /// Index of its own: `PRIMARY KEY`, `UNIQUE`.
    pub own_index: Option<IndexKind>,
    /// `REFERENCES …`
    pub references: Option<Reference>,
}

/// What a foreign key points to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reference {
    /// Table.
    pub table: String,
    /// What deleting the parent does.
    pub on_delete: OnDelete,
}

/// What deleting the parent row does to the child's rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnDelete {
    /// It fails while children exist, or nothing is said.
    #[default]
    Restrict,
    /// They are deleted.
    Cascade,
    /// Their key is set to NULL or its default.
    SetNull,
}

/// A foreign key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForeignKeyDef {
    /// Name.
    pub name: Option<String>,
    /// Columns.
    pub columns: Vec<String>,
    /// What it points to.
    pub to: Reference,
    /// Line.
    pub line: u32,
}

/// Kinds of index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexKind {
    /// The primary key.
    Primary,
    /// A unique constraint or index.
    Unique,
    /// Any other.
    Plain,
}

/// An index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexDef {
    /// Name.
    pub name: Option<String>,
    /// Kind.
    pub kind: IndexKind,
    /// What it covers, in order.
    pub parts: Vec<IndexPart>,
    /// It has a `WHERE`.
    pub partial: bool,
    /// Line.
    pub line: u32,
}

/// What an index covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndexPart {
    /// A column.
    Column(String),
    /// An expression, as written.
    Expression(String),
}

impl IndexDef {
    /// An index over columns.
    #[must_use]
    pub fn over(kind: IndexKind, columns: &[String], line: u32) -> Self {
        let parts = columns.iter().map(|c| IndexPart::Column(c.clone())).collect();
        Self { name: None, kind, parts, partial: false, line }
    }

    /// The columns, up to the first expression.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map_while(|part| match part {
            IndexPart::Column(name) => Some(name.as_str()),
            IndexPart::Expression(_) => None,
        })
    }
}

/// A trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriggerDef {
    /// Name.
    pub name: String,
    /// Table.
    pub table: String,
    /// `INSERT OR UPDATE`
    pub event: String,
    /// Function it runs; its own name when it has a body.
    pub function: String,
    /// Text arguments of the function.
    pub arguments: Vec<String>,
    /// Its own body.
    pub own: FunctionDef,
}

/// How a trigger's function names the channel that it notifies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Channel {
    /// By name.
    Literal(String),
    /// By its n-th argument.
    Argument(usize),
    /// By the table's name between two texts.
    WithTable(String, String),
    /// In a way that cannot be read.
    Computed,
}

/// How a query uses a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColumnUse {
    /// `=`, `IN`
    Equal,
    /// A join's condition.
    Join,
    /// `<`, `>`, `BETWEEN`
    Range,
    /// First in `ORDER BY`.
    Order,
    /// Anything that an ordinary index does not serve: `LIKE`, `<>`, `IS NULL`.
    Other,
}

/// What one statement looks rows up by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryShape {
    /// Tables in order of mention.
    pub tables: Vec<String>,
    /// Table, column and use, where the table is certain.
    pub uses: Vec<(String, String, ColumnUse)>,
    /// It has a `LIMIT`.
    pub limited: bool,
    /// Some condition could not be read, so that an index may serve after all.
    pub opaque: bool,
    /// Line of the statement within its text.
    pub line: u32,
}
