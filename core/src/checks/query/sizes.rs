//! How large the value of a column can get: by its type, and what its name tells.

use crate::analysis::Column;

/// Size classes of columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Size {
    /// Numbers, dates, short text.
    Small,
    /// Text or a document without a limit: most are short, some are not.
    Open,
    /// Bytes, vectors.
    Blob,
}

/// The size class of a column's type.
pub(super) fn size_of(column: &Column) -> Size {
    const BLOBS: &[&str] = &[
        "LargeBinary",
        "BinaryField",
        "BLOB",
        "BYTEA",
        "LONGBLOB",
        "MEDIUMBLOB",
        "Vector",
        "VectorField",
        "PickleType",
    ];
    const OPEN: &[&str] =
        &["JSON", "JSONB", "JSONField", "Text", "TextField", "TEXT", "UnicodeText", "LONGTEXT", "MEDIUMTEXT", "CLOB"];
    match column.type_name.as_str() {
        name if BLOBS.contains(&name) => Size::Blob,
        name if OPEN.contains(&name) || column.large => Size::Open,
        _ => Size::Small,
    }
}

/// Whether a row may be large because of the column.
pub(super) fn is_large(column: &Column) -> bool {
    !column.deferred && size_of(column) > Size::Small
}

/// Whether the name of an open column says that it holds much: documents, bodies, results.
pub(super) fn telling(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "data",
        "body",
        "content",
        "contents",
        "payload",
        "raw",
        "html",
        "result",
        "results",
        "output",
        "log",
        "logs",
        "text",
        "document",
        "snapshot",
        "blob",
        "embedding",
        "embeddings",
        "response",
        "request",
        "traceback",
        "stdout",
        "stderr",
        "xml",
        "json",
        "dump",
        "transcript",
        "messages",
        "history",
        "definition",
        "graph",
        "prompt",
        "instructions",
        "markdown",
        "script",
        "source_code",
        "report",
        "trace",
        "stacktrace",
        "workflow",
    ];
    let lower = name.to_ascii_lowercase();
    let last = lower.rsplit('_').next().unwrap_or("");
    let first = lower.split('_').next().unwrap_or("");
    WORDS.contains(&lower.as_str()) || WORDS.contains(&last) || matches!(first, "raw" | "serialized")
}
