//! What databases print and log: plans, slow queries, statistics.

mod collect;
mod csv;
mod frames;
mod json;
mod mysql_json;
mod mysql_tree;
mod postgres;
mod postgres_log;
#[cfg(test)]
mod samples;
mod slow_log;
mod sqlite;
mod statements;
mod times;

use super::Format;

/// Largest file of plans; logs and statistics are streams and may be larger.
const PLAN_BYTES: u64 = 64 << 20;

/// Formats of this group.
pub const FORMATS: &[Format] = &[
    postgres_log::FORMATS[0],
    postgres_log::FORMATS[1],
    statements::FORMAT,
    slow_log::FORMAT,
    postgres_log::FORMATS[2],
    postgres::FORMATS[0],
    mysql_json::FORMAT,
    postgres::FORMATS[1],
    postgres::FORMATS[2],
    mysql_tree::FORMAT,
    sqlite::FORMAT,
    postgres::FORMATS[3],
];
