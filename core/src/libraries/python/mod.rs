//! Python libraries. One file each, one line here.

use super::Library;

/// All Python tables.
pub const LIBRARIES: &[&Library] = &[];
