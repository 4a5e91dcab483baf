//! The report from evidence.
