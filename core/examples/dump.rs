//! Prints what a Python file lowers to: `cargo run --example dump -- file.py`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example for people at a terminal")]

use drydock_core::languages::{SourceText, frontend};
use drydock_core::model::{Interner, Language, dump_module};
use drydock_core::source::FileId;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: dump FILE.py");
        return ExitCode::FAILURE;
    };
    let text = match std::fs::read(&path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) => {
            eprintln!("{path}: {error}");
            return ExitCode::FAILURE;
        }
    };
    let Some(python) = frontend(Language::Python) else { return ExitCode::FAILURE };
    let mut names = Interner::default();
    let lowered = python.lower(SourceText { file: FileId(0), path: &path, text: &text }, &mut names);
    for problem in &lowered.problems {
        println!("{}:{}: {:?}: {}", problem.path, problem.line, problem.kind, problem.message);
    }
    if let Some(module) = lowered.module {
        print!("{}", dump_module(&module, &names));
        for function in &module.functions {
            if let Err(error) = function.body.validate() {
                println!("INVALID {}: {error}", names.text(function.qualified));
            }
        }
    }
    ExitCode::SUCCESS
}
