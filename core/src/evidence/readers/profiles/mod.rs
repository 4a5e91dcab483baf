//! What profilers of Python and Node.js write.

mod build;
pub mod chunks;
mod clinic;
mod collapsed;
mod cprofile;
mod cpuprofile;
mod heapprofile;
mod marshal;
mod memory_table;
mod mprof;
mod origin;
mod pyinstrument;
mod scalene;
mod speedscope;
mod v8;
mod v8log;
mod v8preprocessed;
mod v8processed;
mod v8ticks;

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod samples;

use super::Format;

/// Formats of this group, from the most to the least particular head.
pub const FORMATS: &[Format] = &[
    cprofile::FORMAT,
    clinic::STATISTICS,
    speedscope::FORMAT,
    cpuprofile::FORMAT,
    heapprofile::FORMAT,
    v8preprocessed::FORMAT,
    pyinstrument::FORMAT,
    scalene::FORMAT,
    clinic::TRACE,
    clinic::SYSTEM,
    v8log::FORMAT,
    v8processed::FORMAT,
    memory_table::FORMAT,
    mprof::FORMAT,
    collapsed::FORMAT,
];
