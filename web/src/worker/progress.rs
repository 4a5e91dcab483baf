//! How far a worker is, told to the page at most ten times a second. A large file is named before
//! it is begun, whatever the time: it may be the one that takes long.

use crate::platform::scope;
use crate::protocol::{Reply, WorkDone};

const EVERY_MS: f64 = 100.0;
/// Files from this size on are named at once.
const LARGE: u64 = 64 * 1024;

/// Progress of one task.
#[derive(Debug, Default)]
pub struct Progress {
    /// What is done.
    pub work: WorkDone,
    told_ms: f64,
}

impl Progress {
    /// Begins a task over `files` files with `bytes` bytes and says so.
    pub fn begin(files: usize, bytes: u64) -> Self {
        let files_total = u32::try_from(files).unwrap_or(u32::MAX);
        let mut progress =
            Self { work: WorkDone { files_total, bytes_total: bytes, ..WorkDone::default() }, told_ms: 0.0 };
        progress.tell();
        progress
    }

    /// A file comes into hand.
    pub fn start(&mut self, path: &str, size: u64) {
        scope::take_file_in_hand(Some(path));
        if size >= LARGE || scope::now_ms() - self.told_ms >= EVERY_MS {
            self.work.current_file = Some(path.to_owned());
            self.tell();
        }
    }

    /// The file in hand is done.
    pub fn done(&mut self, size: u64) {
        self.work.files_done += 1;
        self.work.bytes_done += size;
    }

    /// Tells now.
    pub fn tell(&mut self) {
        self.told_ms = scope::now_ms();
        scope::say(Reply::Progress(self.work.clone()));
    }
}
