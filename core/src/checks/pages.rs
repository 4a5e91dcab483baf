//! The checks' Markdown pages: explanation for people, cases for tests.

/// Sorted by folder and id.
const PAGES: &[(&str, &str)] = &[
    ("large_payload", include_str!("query/large_payload.md")),
    ("missing_bulk_ops", include_str!("query/missing_bulk_ops.md")),
    ("missing_index", include_str!("query/missing_index.md")),
    ("n_update_delete_loop", include_str!("query/n_update_delete_loop.md")),
    ("over_fetching", include_str!("query/over_fetching.md")),
    ("query_in_loop", include_str!("query/query_in_loop.md")),
    ("redundant_fetch", include_str!("query/redundant_fetch.md")),
    ("unnecessary_resolve", include_str!("query/unnecessary_resolve.md")),
    ("blocking_io_in_async", include_str!("runtime/blocking_io_in_async.md")),
    ("missing_to_thread", include_str!("runtime/missing_to_thread.md")),
    ("redundant_data_copies", include_str!("runtime/redundant_data_copies.md")),
    ("string_concat_in_loop", include_str!("runtime/string_concat_in_loop.md")),
    ("sync_sleep_in_async", include_str!("runtime/sync_sleep_in_async.md")),
    ("unnecessary_list_allocation", include_str!("runtime/unnecessary_list_allocation.md")),
    ("dispatch_before_commit", include_str!("transaction/dispatch_before_commit.md")),
    ("event_channel_consistency", include_str!("transaction/event_channel_consistency.md")),
    ("long_held_transaction", include_str!("transaction/long_held_transaction.md")),
    ("missing_intermediate_commits", include_str!("transaction/missing_intermediate_commits.md")),
    ("missing_rollback", include_str!("transaction/missing_rollback.md")),
    ("scope_too_wide", include_str!("transaction/scope_too_wide.md")),
    ("tx_handle_ignored", include_str!("transaction/tx_handle_ignored.md")),
];

/// The page of a check.
#[must_use]
pub fn page(id: &str) -> Option<&'static str> {
    PAGES.iter().find(|(name, _)| *name == id).map(|(_, text)| *text)
}
