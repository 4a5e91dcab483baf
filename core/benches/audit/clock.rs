//! Processor time instead of wall time where the system tells it (Linux), as the machine is shared with
//! other work. Wall time elsewhere.

use std::fs;
use std::time::{Duration, Instant};

/// Time of this thread.
#[derive(Debug)]
pub struct Stopwatch {
    wall: Instant,
    thread: Option<Duration>,
}

impl Stopwatch {
    /// Starts.
    pub fn start() -> Self {
        Self { wall: Instant::now(), thread: on_cpu() }
    }

    /// Since the start.
    pub fn elapsed(&self) -> Duration {
        match (self.thread, on_cpu()) {
            (Some(start), Some(now)) => now.saturating_sub(start),
            _ => self.wall.elapsed(),
        }
    }
}

/// Nanoseconds that this thread was on a processor.
fn on_cpu() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// User and system time of all children that ended so far, in steps of 10 ms.
pub fn children() -> Option<Duration> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    // The program's name, in parentheses, may hold spaces.
    let (_, fields) = text.rsplit_once(')')?;
    let ticks = |at: usize| fields.split_whitespace().nth(at)?.parse::<u64>().ok();
    Some(Duration::from_millis(10 * (ticks(13)? + ticks(14)?)))
}
