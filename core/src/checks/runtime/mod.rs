//! 653 Runtime Performance.

mod blocking_io_in_async;
mod callbacks;
mod copies;
mod copy_uses;
mod growth;
mod growth_needed;
mod handed;
mod missing_to_thread;
mod on_loop;
mod processor_work;
mod redundant_data_copies;
mod string_concat_in_loop;
mod sync_sleep_in_async;
mod unnecessary_list_allocation;
mod waits;

pub use blocking_io_in_async::BlockingIoInAsync;
pub use missing_to_thread::MissingToThread;
pub use redundant_data_copies::RedundantDataCopies;
pub use string_concat_in_loop::StringConcatInLoop;
pub use sync_sleep_in_async::SyncSleepInAsync;
pub use unnecessary_list_allocation::UnnecessaryListAllocation;
