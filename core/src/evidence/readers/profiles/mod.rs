//! What profilers of Python and Node.js write.

use super::Format;

/// Formats of this group.
pub const FORMATS: &[Format] = &[];
