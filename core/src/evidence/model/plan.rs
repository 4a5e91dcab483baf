//! Plans of queries, of any database, in one form: a node's rows are what it gives after its own conditions, its times
//! are milliseconds of one loop, and `exclusive_ms` is what it took itself of the time that somebody waited.

use serde::{Deserialize, Serialize};

/// The database that a text comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// PostgreSQL.
    #[default]
    Postgres,
    /// MySQL.
    MySql,
    /// MariaDB.
    MariaDb,
    /// SQLite.
    Sqlite,
}

impl Dialect {
    /// Name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::MySql => "MySQL",
            Self::MariaDb => "MariaDB",
            Self::Sqlite => "SQLite",
        }
    }
}

/// One plan of one query.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// Database.
    pub dialect: Dialect,
    /// Line at which it begins, from 1.
    pub at: u64,
    /// What stood before it: a heading, a comment. Pairs runs.
    pub label: String,
    /// The query, where the source has it.
    pub query: Option<String>,
    /// Nodes, each after its parent; the first is the root.
    pub nodes: Vec<PlanNode>,
    /// Whether it was run, so that rows are counted.
    pub analyzed: bool,
    /// Whether nodes were timed.
    pub timed: bool,
    /// Milliseconds of planning.
    pub planning_ms: Option<f64>,
    /// Milliseconds of execution.
    pub execution_ms: Option<f64>,
    /// Milliseconds of compiling at run time.
    pub jit_ms: Option<f64>,
    /// Functions compiled.
    pub jit_functions: Option<f64>,
    /// Triggers that ran.
    pub triggers: Vec<Trigger>,
    /// Executions of which a log kept this, the slowest.
    pub executions: u64,
    /// Whether nodes above the first are missing: the text begins amid a plan.
    pub headless: bool,
}

/// A trigger that a statement ran.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trigger {
    /// Its name; that of the constraint for foreign keys.
    pub name: String,
    /// Table.
    pub relation: Option<String>,
    /// Milliseconds of all calls.
    pub ms: f64,
    /// Calls.
    pub calls: f64,
}

/// How a node hangs below its parent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// An input.
    #[default]
    Input,
    /// The inner side of a join.
    Inner,
    /// Run once, by whoever needs its value first.
    InitPlan,
    /// Run for each row of the parent, or once into a hash table.
    SubPlan,
    /// A common table expression, run by those who scan it.
    Common,
}

/// How a node reads a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// It reads none.
    #[default]
    None,
    /// All of it.
    Full,
    /// The whole of an index.
    FullIndex,
    /// Through an index.
    Index,
    /// Through an index that has all columns.
    IndexOnly,
    /// Through a bitmap of an index.
    Bitmap,
    /// An index that the database built for this query only.
    Automatic,
}

/// One step of a plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlanNode {
    /// Index of the parent.
    pub parent: Option<usize>,
    /// How it hangs below it.
    pub role: Role,
    /// `SubPlan 1`, `CTE recent`.
    pub subplan: Option<String>,
    /// What it does, as the database names it, without join kind and table: `Hash Join`, `Seq Scan`.
    pub operation: String,
    /// `Left`, `Semi`, `Anti` …
    pub join: Option<String>,
    /// `Hashed`, `Sorted`, `Plain` …; with `Partial` or `Finalize` before it.
    pub strategy: Option<String>,
    /// Whether workers share it.
    pub parallel: bool,
    /// Whether an index is read from its end.
    pub backward: bool,
    /// How it reads its table.
    pub access: Access,
    /// Schema.
    pub schema: Option<String>,
    /// Table, common table, function.
    pub relation: Option<String>,
    /// Its name in the query, when that differs.
    pub alias: Option<String>,
    /// Index.
    pub index: Option<String>,
    /// Estimated cost at the last row.
    pub cost: Option<f64>,
    /// Estimated rows of one loop.
    pub estimated_rows: Option<f64>,
    /// Rows of one loop that it expects to read, before its conditions.
    pub estimated_examined: Option<f64>,
    /// Estimated bytes of a row.
    pub width: Option<f64>,
    /// Rows of one loop.
    pub rows: Option<f64>,
    /// Times it was run, in all processes.
    pub loops: Option<f64>,
    /// Processes that ran it at once; loops are of all of them. 0 when nothing was run.
    pub processes: f64,
    /// Milliseconds to the first row of one loop.
    pub first_ms: Option<f64>,
    /// Milliseconds to the last row of one loop.
    pub last_ms: Option<f64>,
    /// Milliseconds of all loops, with inputs, as somebody waited for them.
    pub inclusive_ms: Option<f64>,
    /// The same without inputs.
    pub exclusive_ms: Option<f64>,
    /// Rows read and thrown away by its conditions, of one loop.
    pub removed: f64,
    /// Rows that a join's condition threw away, of one loop.
    pub removed_by_join: f64,
    /// Rows thrown away when a lossy index was checked, of one loop.
    pub removed_by_recheck: f64,
    /// Rows read of the table itself because an index alone could not tell that they are visible; all loops.
    pub heap_fetches: f64,
    /// Conditions, keys and other texts by the database's name for them: `Filter`, `Sort Key`.
    pub details: Vec<Detail>,
    /// `external merge`, `quicksort`, `top-N heapsort`.
    pub sort_method: Option<String>,
    /// Kilobytes that a sort or hash took in memory.
    pub memory_kb: f64,
    /// Kilobytes that it wrote to disk.
    pub disk_kb: f64,
    /// Parts into which a hash was split; 1 fits into memory.
    pub batches: f64,
    /// Blocks of a bitmap that name single rows.
    pub exact_blocks: f64,
    /// Blocks of a bitmap that had to forget the rows.
    pub lossy_blocks: f64,
    /// Hits of a memoized input.
    pub cache_hits: f64,
    /// Misses of it.
    pub cache_misses: f64,
    /// Workers wanted.
    pub workers_planned: Option<f64>,
    /// Workers got.
    pub workers_launched: Option<f64>,
    /// Blocks, with inputs.
    pub buffers: Buffers,
    /// A temporary table is made for it.
    pub temporary: bool,
    /// Rows are sorted for it without an index.
    pub filesort: bool,
    /// It buffers the outer rows of a join because no index serves it.
    pub join_buffer: bool,
    /// It runs again for each outer row.
    pub dependent: bool,
}

/// A text of a node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// `Filter`, `Index Cond`, `Sort Key` …
    pub key: String,
    /// Text.
    pub value: String,
}

/// Blocks of 8 kB, and the time they took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Buffers {
    /// Found in the cache.
    pub hit: f64,
    /// Read from the system.
    pub read: f64,
    /// Temporary blocks read.
    pub temp_read: f64,
    /// Temporary blocks written.
    pub temp_written: f64,
    /// Milliseconds of reading.
    pub read_ms: f64,
    /// Milliseconds of writing.
    pub write_ms: f64,
}

impl PlanNode {
    /// The text under a name.
    #[must_use]
    pub fn detail(&self, key: &str) -> Option<&str> {
        self.details.iter().find(|detail| detail.key == key).map(|detail| detail.value.as_str())
    }

    /// Rows of all loops.
    #[must_use]
    pub fn all_rows(&self) -> Option<f64> {
        Some(self.rows? * self.loops?)
    }

    /// Whether its parent runs it for its rows, not once.
    #[must_use]
    pub const fn is_input(&self) -> bool {
        matches!(self.role, Role::Input | Role::Inner)
    }

    /// `Parallel Hash Left Join`, `Index Scan using i on t a`: as `EXPLAIN` prints it.
    #[must_use]
    pub fn words(&self) -> String {
        let mut out = String::new();
        if self.parallel {
            out.push_str("Parallel ");
        }
        match (self.join.as_deref(), self.operation.strip_suffix(" Join")) {
            (Some(join), Some(method)) if join != "Inner" => out.push_str(&format!("{method} {join} Join")),
            (Some(join), None) if join != "Inner" => out.push_str(&format!("{} {join} Join", self.operation)),
            _ => out.push_str(&self.operation),
        }
        if let Some(index) = &self.index {
            out.push_str(if self.relation.is_some() { " using " } else { " on " });
            out.push_str(index);
        }
        if let Some(relation) = &self.relation {
            out.push_str(" on ");
            out.push_str(relation);
        }
        out
    }
}

impl Plan {
    /// The root.
    #[must_use]
    pub fn root(&self) -> Option<&PlanNode> {
        self.nodes.first()
    }

    /// Milliseconds of the whole plan, without planning and sending where the root tells.
    #[must_use]
    pub fn total_ms(&self) -> Option<f64> {
        self.root().and_then(|root| root.inclusive_ms).or(self.execution_ms)
    }

    /// Children of each node, in order.
    #[must_use]
    pub fn children(&self) -> Vec<Vec<usize>> {
        let mut children = vec![Vec::new(); self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate() {
            if let Some(list) = node.parent.and_then(|parent| children.get_mut(parent)) {
                list.push(at);
            }
        }
        children
    }
}
