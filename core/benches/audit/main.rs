//! Measures a whole audit of one wheel against `ruff check` on the same files, and the phases of the
//! audit apart. Prints ratios: seconds depend on the machine and on what else it does.
//!
//! `make bench`, or `cargo bench -p drydock-core -- WHEEL`. `RUFF` names the ruff to run, `DRYDOCK_RELEASED` a
//! program as it is released (`scripts/cli.sh`), which is then measured beside the plain build.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a bench talks to its terminal"
)]

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

mod clock;
mod growth;
mod phases;

/// The phases run in this process with the command line's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 9;

fn main() -> ExitCode {
    // Cargo adds `--bench`.
    let named = std::env::args().skip(1).find(|arg| !arg.starts_with("--"));
    let Some(wheel) = named.map(PathBuf::from).or_else(default_wheel) else {
        eprintln!("no wheel to measure: run tests/corpus/fetch.sh mlflow, or name one");
        return ExitCode::FAILURE;
    };
    match measure(&wheel) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The largest wheel of the corpus, by Python source.
fn default_wheel() -> Option<PathBuf> {
    let folder = std::env::var_os("DRYDOCK_CORPUS").map(PathBuf::from).or_else(|| {
        let home = std::env::var_os("HOME")?;
        Some(Path::new(&home).join(".cache/drydock/corpus"))
    })?;
    let is_it = |path: &PathBuf| {
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        name.starts_with("mlflow-") && name.ends_with(".whl")
    };
    fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).find(is_it)
}

fn measure(wheel: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let bytes = fs::read(wheel)?;
    let sources = phases::sources(Cursor::new(&bytes))?;
    let size: usize = sources.iter().map(|(_, text)| text.len()).sum();
    let name = wheel.file_name().and_then(OsStr::to_str).unwrap_or_default();
    println!("{name}: {} Python files, {:.1} MB", sources.len(), megabytes(size));

    // Both read the same files: what the audit reads of the wheel is unpacked for ruff.
    let folder = std::env::temp_dir().join(format!("drydock-bench-{}", std::process::id()));
    for (path, text) in &sources {
        let target = folder.join(path);
        fs::create_dir_all(target.parent().unwrap_or(&folder))?;
        fs::write(target, text)?;
    }
    let compared = compare(wheel, &folder);
    fs::remove_dir_all(&folder)?;
    compared?;
    phases::print(&bytes, &sources)?;
    let grown = growth::print(&sources, &folder);
    fs::remove_dir_all(&folder)?;
    grown
}

/// Runs both programs in turn, so that a busy moment of the machine hits both.
fn compare(wheel: &Path, folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let ruff_program = std::env::var_os("RUFF").unwrap_or_else(|| "ruff".into());
    let mut ruff = Command::new(ruff_program);
    ruff.args(["check", "--isolated", "--no-cache", "--exit-zero", "--quiet", "--select", "ASYNC,PERF,C4,SIM115"]);
    ruff.arg(folder).env("RAYON_NUM_THREADS", "1");
    let audit = |program: OsString| {
        let mut command = Command::new(program);
        command.arg("audit").arg(wheel).args(["--jobs", "1", "--format", "json"]);
        command
    };
    let mut programs = vec![
        ("ruff check --select ASYNC,PERF,C4,SIM115", ruff),
        ("drydock audit --jobs 1", audit(env!("CARGO_BIN_EXE_drydock").into())),
    ];
    if let Some(released) = std::env::var_os("DRYDOCK_RELEASED") {
        programs.push(("the same, as it is released", audit(released)));
    }
    let mut runs: Vec<Runs> = programs.iter().map(|_| Runs::default()).collect();
    for round in 0..=ROUNDS {
        for ((_, command), runs) in programs.iter_mut().zip(&mut runs) {
            let (started, before) = (Instant::now(), clock::children());
            let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
            let wall = started.elapsed();
            match status {
                Ok(status) if status.success() => {}
                Ok(status) => return Err(format!("{command:?} ended with {status}").into()),
                Err(error) => return Err(format!("{command:?} could not be run ({error}); pip install ruff?").into()),
            }
            // The first round only warms the file cache.
            if round > 0 {
                runs.wall.push(wall);
                let used = before.zip(clock::children()).map_or(wall, |(before, after)| after.saturating_sub(before));
                runs.processor += used;
            }
        }
    }
    println!("\nwhole runs, one thread, {ROUNDS} rounds in turn       best wall   median wall   mean processor");
    let Some(ruff) = runs.first() else { return Ok(()) };
    for ((name, _), of) in programs.iter().zip(&runs) {
        of.print(name);
    }
    for of in runs.iter().skip(1) {
        println!(
            "  ratio (goal: at most 2.5)                  {:>10.2}   {:>11.2}   {:>14.2}",
            ratio(of.best(), ruff.best()),
            ratio(of.median(), ruff.median()),
            ratio(of.processor, ruff.processor)
        );
    }
    Ok(())
}

#[derive(Default)]
struct Runs {
    wall: Vec<Duration>,
    processor: Duration,
}

impl Runs {
    fn best(&self) -> Duration {
        self.wall.iter().min().copied().unwrap_or_default()
    }

    fn median(&self) -> Duration {
        let mut sorted = self.wall.clone();
        sorted.sort();
        sorted.get(ROUNDS / 2).copied().unwrap_or_default()
    }

    fn print(&self, name: &str) {
        let mean = self.processor.as_secs_f64() / ROUNDS as f64;
        let (best, median) = (self.best().as_secs_f64(), self.median().as_secs_f64());
        println!("  {name:<42} {best:>9.3} s   {median:>9.3} s   {mean:>12.3} s");
    }
}

fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64().max(1e-9)
}

fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}
