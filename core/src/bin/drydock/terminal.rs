//! One line of progress on standard error, only when it is a terminal.

use drydock_core::audit::coordinator::{Phase, Progress};
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// The line.
#[derive(Debug)]
pub(crate) struct Terminal {
    on: bool,
    shown: Option<Instant>,
    width: usize,
}

impl Terminal {
    /// Looks whether somebody watches.
    pub(crate) fn new() -> Self {
        Self { on: std::io::stderr().is_terminal(), shown: None, width: 0 }
    }

    /// Whether progress is wanted at all.
    pub(crate) const fn is_on(&self) -> bool {
        self.on
    }

    /// Whether it is time to show something again.
    pub(crate) fn is_due(&self) -> bool {
        self.on && self.shown.is_none_or(|shown| shown.elapsed() >= Duration::from_millis(100))
    }

    /// Shows how far the audit is.
    pub(crate) fn show(&mut self, progress: &Progress) {
        self.shown = Some(Instant::now());
        let mut line = format!("{:>3}% {}", progress.per_mille / 10, progress.phase.title());
        if progress.phase == Phase::Parse && progress.work.files_total > 0 {
            line.push_str(&format!(", {}/{} files", progress.work.files_done, progress.work.files_total));
        }
        self.write(&line);
    }

    /// Removes the line.
    pub(crate) fn clear(&mut self) {
        if self.shown.take().is_some() {
            self.write("");
            let _ = write!(std::io::stderr(), "\r");
        }
    }

    fn write(&mut self, line: &str) {
        let width = self.width.max(line.len());
        // Progress that cannot be shown is not missed.
        let _ = write!(std::io::stderr(), "\r{line:width$}");
        let _ = std::io::stderr().flush();
        self.width = line.len();
    }
}
