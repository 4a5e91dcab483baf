//! What browsers and Lighthouse write.

use super::Format;

/// Formats of this group.
pub const FORMATS: &[Format] = &[];
