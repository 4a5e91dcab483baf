//! What databases print and log: plans, slow queries, statistics.

use super::Format;

/// Formats of this group.
pub const FORMATS: &[Format] = &[];
