//! Where reports go: standard output, a file, a folder.

use crate::args::{Audit, Format};
use drydock_core::report::model::{Category, Report};
use drydock_core::report::share::{Shareable, context_json};
use drydock_core::report::writers::{
    RESULTS_LOG, Style, bundle, html, json, jsonl, markdown, sarif, text, worker_lines,
};
use std::collections::BTreeMap;
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::Path;

/// Writes the report as the options ask.
pub(crate) fn deliver(
    options: &Audit,
    report: &Report,
    texts: &BTreeMap<String, String>,
    commit: Option<&str>,
) -> Result<(), String> {
    let sources = |path: &str| texts.get(path).map(String::as_str);
    let report = Shareable::new(report);
    let rendered = match options.format {
        Format::Text => {
            let colour = options.output.is_none()
                && std::io::stdout().is_terminal()
                && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
            text(&report, if colour { Style::Ansi } else { Style::Plain }, Some(&sources))
        }
        Format::Markdown => markdown(&report),
        Format::Json => json(&report),
        Format::Jsonl => jsonl(&report),
        Format::Sarif => sarif(&report),
        Format::Html => html(&report),
        Format::Context => context_json(&report.context),
    };
    write(options.output.as_deref(), &rendered)?;
    if let Some(folder) = &options.write {
        let log = earlier_log(&folder.join(RESULTS_LOG))?;
        for file in bundle(&report, log.as_deref(), commit) {
            to_file(&folder.join(&file.path), &file.text)?;
        }
        let lines: Vec<String> =
            Category::ALL.into_iter().flat_map(|category| worker_lines(&report, category)).collect();
        // Data formats own standard output.
        let text = lines.join("\n") + "\n";
        if options.format == Format::Text && options.output.is_none() {
            to_stdout(&text)?;
        } else {
            let _ = std::io::stderr().write_all(text.as_bytes());
        }
    }
    Ok(())
}

/// The results log as it stands. One that cannot be read is not written over.
fn earlier_log(path: &Path) -> Result<Option<String>, String> {
    match std::fs::read(path) {
        Ok(bytes) => String::from_utf8(bytes)
            .map(Some)
            .map_err(|_| format!("{} is not UTF-8 text: it is left as it is, and nothing was written", path.display())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{} cannot be read: {error}", path.display())),
    }
}

/// Prints; a reader that closed the pipe has read enough.
pub(crate) fn to_stdout(text: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(format!("standard output cannot be written: {error}"))
        }
        _ => Ok(()),
    }
}

/// Writes to a file, or prints.
pub(crate) fn write(path: Option<&Path>, text: &str) -> Result<(), String> {
    match path {
        Some(path) => to_file(path, text),
        None => to_stdout(text),
    }
}

fn to_file(path: &Path, text: &str) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{} cannot be written: {error}", path.display());
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::write(path, text).map_err(failed)
}
