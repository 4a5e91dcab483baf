//! A project linked for what needs its facts and no audit: read, lowered and linked on one thread with a deep stack.

use crate::input::Input;
use drydock_core::analysis::Project;
use drydock_core::facade::{self, Indexer};
use drydock_core::intake::{ReadError, Settings, prepare};
use std::path::Path;
use std::thread;

/// Lowering and inference recurse over nested code; the main thread's stack would be too small.
const STACK: usize = 64 << 20;

/// Links the project at `path` and asks it and its settings; gives the answer with the project's name.
pub(crate) fn ask<T: Send>(
    path: &Path,
    folder: Option<&str>,
    question: impl FnOnce(&Project, &Settings) -> T + Send,
) -> Result<(String, T), String> {
    let input = Input::open_in(path, folder)?;
    let answer = thread::scope(|scope| {
        let ask = || linked(&input).map(|(project, settings)| question(&project, &settings));
        let work = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, ask);
        let work = work.map_err(|error| format!("no thread could be started: {error}"))?;
        work.join().map_err(|_| "the engine stopped while reading the project".to_owned())?
    })?;
    Ok((input.name.clone(), answer))
}

fn linked(input: &Input) -> Result<(Project, Settings), String> {
    let mut reader = input.reader()?;
    let (settings, plan) = prepare(&input.listing, 1, |entry| reader.read(entry));
    if let Some(error) = &plan.over_limit {
        return Err(format!("{error} {}.", error.action()));
    }
    let mut indexer = Indexer::default();
    for file in plan.shard(0) {
        let Some(entry) = input.entry(file.entry) else { continue };
        match reader.read(entry) {
            Ok(bytes) => indexer.file(file, &bytes),
            Err(ReadError::Stop(error)) => return Err(error.to_string()),
            // What cannot be read has no routes; an audit says which files those are.
            Err(error) => indexer.unreadable(file, &error.to_string()),
        }
    }
    Ok((facade::link(vec![indexer.finish()]).0, settings))
}
