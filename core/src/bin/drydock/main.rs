//! The command line: `drydock audit`, `context`, `search`, `loadtest`, `performance`, `checks` and
//! `explain`. Owns everything that
//! the library must not have: files, threads, the clock, the terminal.

#![expect(clippy::disallowed_methods, reason = "no part of the page, where their size counts")]

mod args;
mod audit;
mod catalogue;
mod commit;
mod evidence;
mod evidence_args;
mod input;
mod loadtest;
mod output;
mod performance;
mod pool;
mod project;
mod search;
mod terminal;

use std::io::Write;
use std::process::ExitCode;

/// An audit makes and frees millions of small values on several threads: a third of its time went into the
/// system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How a run ended. The numbers are a promise to scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, and every gate passed.
    Done = 0,
    /// A gate failed.
    Gate = 1,
    /// Bad usage or unreadable input.
    Usage = 2,
    /// A part of the audit is missing.
    Incomplete = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

fn main() -> ExitCode {
    let result = args::parse(std::env::args_os().skip(1)).and_then(|command| match command {
        args::Command::Audit(options) | args::Command::Context(options) => audit::run(&options),
        args::Command::Search(options) => search::run(&options),
        args::Command::LoadTest(options) => loadtest::run(&options),
        args::Command::Performance(options) => performance::run(&options),
        args::Command::Checks => catalogue::checks(),
        args::Command::Explain(check) => catalogue::explain(&check),
        args::Command::Print(text) => output::to_stdout(&text).map(|()| Exit::Done),
    });
    match result {
        Ok(exit) => exit.into(),
        Err(message) => {
            // With no standard error left there is nobody to tell.
            let _ = writeln!(std::io::stderr(), "drydock: {message}");
            Exit::Usage.into()
        }
    }
}
