//! The phases of an audit, timed apart in one process, in the order in which the command line makes the
//! same calls. Each is run several times on the result of the one before; the best time counts.

use crate::clock::Stopwatch;
use crate::megabytes;
use drydock_core::facade::{self, FinishInput, Indexed, Indexer};
use drydock_core::intake::{Listing, Plan, PlannedFile, Role, ZipSource, prepare};
use drydock_core::model::Language;
use drydock_core::report::model::Category;
use drydock_core::report::share::Shareable;
use drydock_core::report::writers::json;
use drydock_core::source::text;
use ruff_python_ast::PySourceType;
use std::error::Error;
use std::hint::black_box;
use std::io::{Cursor, Read, Seek};
use std::time::Duration;

const ROUNDS: usize = 5;
const DATE: &str = "2026-01-31";

/// The Python files that an audit of the wheel reads.
pub fn sources(wheel: impl Read + Seek) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    let (mut source, listing, plan) = open(wheel).ok_or("the wheel cannot be read")?;
    let python = |file: &PlannedFile| file.role == Role::Source && file.language == Some(Language::Python);
    let files = contents(&mut source, &listing, &plan).into_iter().filter(|(file, _)| python(file));
    Ok(files
        .filter_map(|(file, bytes)| Some((file.path.clone(), text::decode(&bytes).ok()?.text.into_owned())))
        .collect())
}

fn open<R: Read + Seek>(wheel: R) -> Option<(ZipSource<R>, Listing, Plan)> {
    let (mut source, listing) = ZipSource::open(wheel, "wheel").ok()?;
    let (_, plan) = prepare(&listing, 1, |entry| source.read(entry));
    Some((source, listing, plan))
}

fn contents<'p, R: Read + Seek>(
    source: &mut ZipSource<R>,
    listing: &Listing,
    plan: &'p Plan,
) -> Vec<(&'p PlannedFile, Vec<u8>)> {
    let entry = |file: &PlannedFile| listing.entries.get(file.entry).filter(|entry| entry.index == file.entry);
    let find = |file: &PlannedFile| listing.entries.iter().find(|entry| entry.index == file.entry);
    let pairs = plan.files.iter().filter_map(|file| Some((file, entry(file).or_else(|| find(file))?)));
    pairs.filter_map(|(file, entry)| Some((file, source.read(entry).ok()?))).collect()
}

fn index(files: &[(&PlannedFile, Vec<u8>)]) -> Indexed {
    let mut indexer = Indexer::default();
    for (file, bytes) in files {
        indexer.file(file, bytes);
    }
    indexer.finish()
}

/// Measures and prints every phase.
pub fn print(wheel: &[u8], sources: &[(String, String)]) -> Result<(), Box<dyn Error>> {
    let mut table = Table::default();
    println!("\nphases, one thread, best of {ROUNDS}, processor time");

    let (opened, took) = best(|| (), |()| open(Cursor::new(wheel)));
    table.row("directory and plan", took);
    let (_, listing, plan) = opened.ok_or("the wheel cannot be read")?;

    let (files, took) = best(
        || open(Cursor::new(wheel)),
        |opened| opened.map(|(mut source, ..)| contents(&mut source, &listing, &plan)),
    );
    table.row("inflate", took);
    let files = files.ok_or("the wheel cannot be read")?;

    let (_, parse) = best(
        || (),
        |()| {
            for (_, text) in sources {
                black_box(ruff_python_parser::parse_unchecked_source(text, PySourceType::Python));
            }
        },
    );
    table.row("parse (ruff's parser alone)", parse);

    let (indexed, took) = best(|| (), |()| index(&files));
    table.row("decode, lower", took.saturating_sub(parse));

    let (encoded, encode) = best(|| (), |()| indexed.encode());
    let encoded = encoded?;
    let (_, decode) = best(|| (), |()| Indexed::decode(&encoded));

    let ((context, problems), took) = best(|| (), |()| facade::discover(&[&indexed], DATE));
    table.row("discover", took);

    let ((project, _), took) = best(|| vec![indexed.clone()], facade::link);
    table.row("link (types, calls, summaries)", took);

    let mut results = Vec::new();
    for category in Category::ALL {
        let (result, took) = best(|| (), |()| facade::run_category(&project, &context, category, &[]));
        table.row(category.title(), took);
        results.push(result);
    }

    let input = || FinishInput {
        project: "wheel".to_owned(),
        date: DATE.to_owned(),
        results: results.clone(),
        context: context.clone(),
        reading: facade::reading(&plan, &[&indexed], &project, &problems),
        ..FinishInput::default()
    };
    let (report, took) = best(input, facade::finish);
    table.row("validate, score", took);
    let (written, took) = best(|| (), |()| json(&Shareable::new(&report)));
    table.row("mask, write JSON", took);

    let size = sources.iter().map(|(_, text)| text.len()).sum();
    table.print(size);
    println!(
        "\n  {} findings, {} dismissed, {:.1} MB of JSON",
        report.findings.len(),
        report.dismissed.len(),
        megabytes(written.len())
    );
    println!(
        "  shards (browser only): {:.1} MB, {:.0} % of the source, encode {:.1} ms, decode {:.1} ms",
        megabytes(encoded.len()),
        100.0 * megabytes(encoded.len()) / megabytes(size),
        encode.as_secs_f64() * 1e3,
        decode.as_secs_f64() * 1e3
    );
    Ok(())
}

/// Runs `work` several times, each on a fresh `input`: the last result and the best time.
fn best<I, T>(mut input: impl FnMut() -> I, mut work: impl FnMut(I) -> T) -> (T, Duration) {
    let mut measure = || {
        let prepared = input();
        let watch = Stopwatch::start();
        let result = work(prepared);
        (watch.elapsed(), result)
    };
    let (mut least, mut result) = measure();
    for _ in 1..ROUNDS {
        let (took, again) = measure();
        least = least.min(took);
        result = again;
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
            println!("  {name:<32} {:>8.1} ms  {share:>4.0} %", took.as_secs_f64() * 1e3);
        }
        println!(
            "  {:<32} {:>8.1} ms  {:>7.0} MB/s",
            "sum",
            total.as_secs_f64() * 1e3,
            megabytes(size) / total.as_secs_f64()
        );
    }
}
