//! Lowers every Python file below a folder and prints figures: `cargo run --release --example
//! lower_tree -- FOLDER`. With `--truncate N`, also lowers each file cut at N places.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "an example for people at a terminal"
)]

use drydock_core::languages::{SourceText, frontend};
use drydock_core::model::{Interner, Language, Module, OpKind};
use drydock_core::source::FileId;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some(folder) = args.first() else {
        eprintln!("usage: lower_tree FOLDER [--truncate N]");
        return ExitCode::FAILURE;
    };
    let cuts: usize = match args.get(1).map(String::as_str) {
        Some("--truncate") => args.get(2).and_then(|n| n.parse().ok()).unwrap_or(3),
        _ => 0,
    };
    let mut paths = Vec::new();
    find(Path::new(folder), &mut paths);
    paths.sort();
    let texts: Vec<(String, String)> = paths
        .iter()
        .filter_map(|p| {
            Some((p.to_string_lossy().into_owned(), String::from_utf8_lossy(&std::fs::read(p).ok()?).into_owned()))
        })
        .collect();
    let bytes: usize = texts.iter().map(|t| t.1.len()).sum();
    println!("{} files, {:.1} MB", texts.len(), mega(bytes));

    let start = Instant::now();
    for (_, text) in &texts {
        let parsed = ruff_python_parser::parse_unchecked_source(text, ruff_python_ast::PySourceType::Python);
        std::hint::black_box(&parsed);
    }
    let parse = start.elapsed().as_secs_f64();

    let Some(python) = frontend(Language::Python) else { return ExitCode::FAILURE };
    let mut names = Interner::default();
    let mut modules: Vec<Module> = Vec::new();
    let mut problems = Vec::new();
    let start = Instant::now();
    for (i, (path, text)) in texts.iter().enumerate() {
        let file = FileId(u32::try_from(i).unwrap_or(u32::MAX));
        let lowered = python.lower(SourceText { file, path, text }, &mut names);
        modules.extend(lowered.module);
        problems.extend(lowered.problems);
    }
    let total = start.elapsed().as_secs_f64();
    println!("parse {parse:.2} s; scan, parse and lower {total:.2} s: {:.0} % more", (total / parse - 1.0) * 100.0);

    for problem in problems.iter().take(20) {
        println!("  {}:{}: {:?}: {}", problem.path, problem.line, problem.kind, problem.message);
    }
    println!("{} problems", problems.len());
    let functions: usize = modules.iter().map(|m| m.functions.len()).sum();
    let bodies = || modules.iter().flat_map(|m| &m.functions).map(|f| &f.body);
    let ops: usize = bodies().map(|b| b.ops.len()).sum();
    let regions: usize = bodies().map(|b| b.regions.len()).sum();
    println!("{functions} functions, {ops} ops, {regions} regions, one op per {:.1} bytes", bytes as f64 / ops as f64);
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for op in bodies().flat_map(|b| &b.ops) {
        *kinds.entry(kind_name(&op.kind)).or_default() += 1;
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|k| std::cmp::Reverse(k.1));
    let shares: Vec<String> =
        kinds.iter().take(16).map(|(k, n)| format!("{k} {:.1} %", *n as f64 * 100.0 / ops as f64)).collect();
    println!("{}", shares.join(", "));
    let mut invalid = 0;
    for module in &modules {
        for function in &module.functions {
            if let Err(error) = function.body.validate() {
                invalid += 1;
                if invalid < 10 {
                    println!("INVALID {} {}: {error}", module.path, names.text(function.qualified));
                }
            }
        }
    }
    println!("{invalid} invalid bodies");

    let start = Instant::now();
    let encoded = postcard::to_allocvec(&modules).unwrap_or_default();
    let encode = start.elapsed().as_secs_f64();
    let strings = postcard::to_allocvec(&names).unwrap_or_default();
    println!(
        "encoded {:.1} MB modules + {:.1} MB strings = {:.0} % of the source, in {encode:.2} s",
        mega(encoded.len()),
        mega(strings.len()),
        (encoded.len() + strings.len()) as f64 * 100.0 / bytes as f64
    );
    let size = |value: usize| value as f64 * 100.0 / bytes as f64;
    let of = |f: &dyn Fn(&Module) -> Vec<u8>| size(modules.iter().map(|m| f(m).len()).sum());
    println!(
        "of which functions {:.1}, classes {:.1}, imports {:.1}, comments {:.1} %",
        of(&|m| postcard::to_allocvec(&m.functions).unwrap_or_default()),
        of(&|m| postcard::to_allocvec(&m.classes).unwrap_or_default()),
        of(&|m| postcard::to_allocvec(&m.imports).unwrap_or_default()),
        of(&|m| postcard::to_allocvec(&m.comments).unwrap_or_default()),
    );
    let mut seen = std::collections::BTreeSet::new();
    let mut text = |syms: &mut dyn Iterator<Item = drydock_core::model::Sym>| {
        size(syms.filter(|s| seen.insert(*s)).map(|s| names.text(s).len() + 1).sum())
    };
    let docs = text(&mut modules.iter().flat_map(|m| &m.functions).filter_map(|f| f.doc));
    let comments = text(&mut modules.iter().flat_map(|m| &m.comments).map(|c| c.text));
    let paths = text(&mut modules.iter().flat_map(|m| &m.functions).map(|f| f.qualified));
    let literals = text(&mut bodies().flat_map(|b| &b.ops).filter_map(|op| match op.kind {
        OpKind::Const(drydock_core::model::Const::Str(s)) => Some(s),
        _ => None,
    }));
    println!("strings: docs {docs:.1}, comments {comments:.1}, qualified names {paths:.1}, literals {literals:.1} %");
    println!("memory per op: {} bytes", size_of::<drydock_core::model::Op>());
    let start = Instant::now();
    match postcard::from_bytes::<Vec<Module>>(&encoded) {
        Ok(back) => println!("decoded in {:.2} s, equal: {}", start.elapsed().as_secs_f64(), back == modules),
        Err(error) => println!("does not decode: {error}"),
    }

    if cuts > 0 {
        let mut random = 0x2545_F491_4F6C_DD1D_u64;
        let mut count = 0;
        for (path, text) in &texts {
            for _ in 0..cuts {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                let mut at = usize::try_from(random % (text.len() as u64 + 1)).unwrap_or(0);
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                let lowered = python.lower(SourceText { file: FileId(0), path, text: &text[..at] }, &mut names);
                for function in lowered.module.iter().flat_map(|m| &m.functions) {
                    if let Err(error) = function.body.validate() {
                        println!("INVALID {path} cut at {at}: {error}");
                    }
                }
                count += 1;
            }
        }
        println!("{count} truncated files lowered");
    }
    ExitCode::SUCCESS
}

fn find(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            find(&path, out);
        } else if path.extension().is_some_and(|e| e == "py") {
            out.push(path);
        }
    }
}

fn kind_name(kind: &OpKind) -> String {
    let text = format!("{kind:?}");
    let end = text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len());
    text[..end].to_owned()
}

fn mega(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}
