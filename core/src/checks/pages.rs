//! The checks' Markdown pages: explanation for people, cases for tests.

/// Sorted by folder and id.
const PAGES: &[(&str, &str)] = &[
    ("missing_bulk_ops", include_str!("query/missing_bulk_ops.md")),
    ("n_update_delete_loop", include_str!("query/n_update_delete_loop.md")),
    ("query_in_loop", include_str!("query/query_in_loop.md")),
    ("redundant_fetch", include_str!("query/redundant_fetch.md")),
];

/// The page of a check.
#[must_use]
pub fn page(id: &str) -> Option<&'static str> {
    PAGES.iter().find(|(name, _)| *name == id).map(|(_, text)| *text)
}
