//! The phases of an audit, timed apart in one process. Each phase is run several times on the result of
//! the one before; the best time counts.

use crate::clock::Stopwatch;
use crate::megabytes;
use drydock_core::intake::{Plan, Role, ZipSource, prepare};
use drydock_core::languages::{SourceText, frontend};
use drydock_core::model::{Interner, Language};
use drydock_core::source::text;
use ruff_python_ast::PySourceType;
use std::error::Error;
use std::hint::black_box;
use std::io::{Cursor, Read, Seek};
use std::time::Duration;

const ROUNDS: usize = 5;

/// The Python files that an audit of the wheel reads.
pub fn sources(wheel: impl Read + Seek) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let (mut source, listing) = ZipSource::open(wheel, "wheel").map_err(|error| error.to_string())?;
    let (_, plan) = prepare(&listing, 1, |entry| source.read(entry));
    let mut files = Vec::new();
    for file in python(&plan) {
        let Some(entry) = listing.entries.iter().find(|entry| entry.index == file.entry) else { continue };
        let bytes = source.read(entry).map_err(|error| error.to_string())?;
        if let Ok(decoded) = text::decode(&bytes) {
            files.push((file.path.clone(), decoded.text.into_owned()));
        }
    }
    Ok(files)
}

fn python(plan: &Plan) -> impl Iterator<Item = &drydock_core::intake::PlannedFile> {
    plan.files.iter().filter(|file| file.role == Role::Source && file.language == Some(Language::Python))
}

/// Measures and prints every phase.
pub fn print(wheel: &[u8], sources: &[(String, String)]) -> Result<(), Box<dyn Error>> {
    let mut table = Table::default();
    println!("\nphases, one thread, best of {ROUNDS}, processor time");

    let (planned, took) = best(|| {
        let (mut source, listing) = ZipSource::open(Cursor::new(wheel), "wheel").ok()?;
        let (_, plan) = prepare(&listing, 1, |entry| source.read(entry));
        Some((listing, plan))
    });
    table.row("directory and plan", took);
    let (listing, plan) = planned.ok_or("the wheel cannot be read")?;

    let (inflated, took) = best(|| {
        let (mut source, _) = ZipSource::open(Cursor::new(wheel), "wheel").ok()?;
        let entries = python(&plan).filter_map(|file| listing.entries.iter().find(|entry| entry.index == file.entry));
        Some(entries.filter_map(|entry| source.read(entry).ok()).map(|bytes| bytes.len()).sum::<usize>())
    });
    table.row("inflate", took);
    black_box(inflated);

    let (_, parse) = best(|| {
        for (_, text) in sources {
            black_box(ruff_python_parser::parse_unchecked_source(text, PySourceType::Python));
        }
    });
    table.row("parse (ruff's parser alone)", parse);

    let front = frontend(Language::Python).ok_or("no Python")?;
    let (lowered, lower) = best(|| {
        let mut names = Interner::default();
        let modules: Vec<_> = sources
            .iter()
            .zip(0..)
            .filter_map(|((path, text), id)| {
                let source = SourceText { file: drydock_core::source::FileId(id), path, text };
                front.lower(source, &mut names).module
            })
            .collect();
        (names, modules)
    });
    table.row("lower", lower.saturating_sub(parse));
    black_box(lowered);

    table.print(sources.iter().map(|(_, text)| text.len()).sum());
    Ok(())
}

/// Runs `work` several times: the last result and the best time.
fn best<T>(mut work: impl FnMut() -> T) -> (T, Duration) {
    let started = Stopwatch::start();
    let mut result = work();
    let mut least = started.elapsed();
    for _ in 1..ROUNDS {
        let started = Stopwatch::start();
        result = work();
        least = least.min(started.elapsed());
    }
    (result, least)
}

#[derive(Default)]
struct Table {
    rows: Vec<(&'static str, Duration)>,
}

impl Table {
    fn row(&mut self, name: &'static str, took: Duration) {
        self.rows.push((name, took));
    }

    fn print(&self, size: usize) {
        let total: Duration = self.rows.iter().map(|(_, took)| *took).sum();
        for (name, took) in &self.rows {
            let share = 100.0 * took.as_secs_f64() / total.as_secs_f64();
            let speed = megabytes(size) / took.as_secs_f64();
            println!("  {name:<32} {:>8.1} ms  {share:>4.0} %  {speed:>7.0} MB/s", took.as_secs_f64() * 1e3);
        }
        println!("  {:<32} {:>8.1} ms", "sum", total.as_secs_f64() * 1e3);
    }
}
