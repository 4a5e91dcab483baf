//! What profilers of Python and Node.js write.

mod build;
mod collapsed;
mod cprofile;
mod marshal;
mod origin;
mod speedscope;
mod v8;

use super::Format;

/// Formats of this group, from the most to the least particular head.
pub const FORMATS: &[Format] = &[cprofile::FORMAT, speedscope::FORMAT, collapsed::FORMAT];
