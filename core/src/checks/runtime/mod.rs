//! 653 Runtime Performance.

mod blocking_io_in_async;
mod on_loop;
mod sync_sleep_in_async;

pub use blocking_io_in_async::BlockingIoInAsync;
pub use sync_sleep_in_async::SyncSleepInAsync;
