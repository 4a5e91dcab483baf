//! What load generators write: k6, Locust, Artillery.

use super::Format;

/// Formats of this group.
pub const FORMATS: &[Format] = &[];
