//! `drydock search`: an index of the project's files, made for one query.

use crate::args::Search;
use crate::input::Input;
use crate::{Exit, output};
use drydock_core::facade::{LookupBuilder, corpus};
use drydock_core::intake::prepare;
use drydock_core::lookup::Found;
use drydock_core::source::text;
use drydock_core::words::counted;
use std::fmt::Write as _;

/// Searches and prints what was found.
pub(crate) fn run(options: &Search) -> Result<Exit, String> {
    let input = Input::open_in(&options.path, options.project.as_deref())?;
    let mut reader = input.reader()?;
    let (_, plan) = prepare(&input.listing, 1, |entry| reader.read(entry));
    if let Some(error) = &plan.over_limit {
        return Err(format!("{error} {}.", error.action()));
    }
    let mut builder = LookupBuilder::default();
    let wanted = |file: &&_| corpus(file).is_some_and(|corpus| options.corpus.is_none_or(|only| only == corpus));
    for file in plan.files.iter().filter(wanted) {
        match input.entry(file.entry).map(|entry| reader.read(entry)) {
            Some(Ok(bytes)) => builder.file(file, &bytes),
            _ => builder.unreadable(),
        }
    }
    let lookup = builder.finish();
    let found = lookup.search(&options.query, options.corpus, options.limit, &mut |path| {
        let file = plan.files.iter().find(|file| file.path == path)?;
        let bytes = reader.read(input.entry(file.entry)?).ok()?;
        text::decode(&bytes).ok().map(|decoded| decoded.text.into_owned())
    });
    let text = if options.json {
        serde_json::to_string_pretty(&found).map_err(|error| error.to_string())? + "\n"
    } else {
        lines(&found)
    };
    output::to_stdout(&text)?;
    Ok(Exit::Done)
}

/// `path:line: text`, as compilers and editors spell places.
fn lines(found: &Found) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    for hit in &found.hits {
        if hit.snippets.is_empty() {
            let _ = writeln!(out, "{}", hit.path);
        }
        for snippet in &hit.snippets {
            let clean: String = snippet.text.chars().filter(|c| !c.is_control()).collect();
            let _ = writeln!(out, "{}:{}: {clean}", hit.path, snippet.line);
        }
    }
    let files = |number: u32| counted(u64::from(number), "file", "files");
    let (total, searched) = (files(found.total), files(found.searched));
    let shown = if (found.hits.len() as u64) < u64::from(found.total) {
        format!(", the best {} shown", found.hits.len())
    } else {
        String::new()
    };
    let left_out = if found.left_out > 0 { format!(", {} left out", files(found.left_out)) } else { String::new() };
    let _ = writeln!(out, "{total} of {searched}{shown}{left_out}");
    out
}
