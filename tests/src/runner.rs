//! A test runner for tests that are data: the part of the standard harness's command line that
//! `cargo test` and `cargo nextest` use.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

/// A test.
pub struct Trial<'a> {
    /// Name, unique in the binary.
    pub name: String,
    /// Runs it; the error says what differs.
    pub run: Box<dyn Fn() -> Result<(), String> + 'a>,
}

/// Runs the trials that the command line selects: names in part, with `--exact` in whole,
/// `--skip NAME`, `--list`.
#[expect(clippy::print_stdout, reason = "the form that cargo and nextest read")]
pub fn run(trials: &[Trial<'_>]) -> ExitCode {
    let options = Options::read(std::env::args().skip(1));
    let selected: Vec<&Trial<'_>> = trials.iter().filter(|trial| options.selects(&trial.name)).collect();
    if options.list {
        for trial in &selected {
            println!("{}: test", trial.name);
        }
        return ExitCode::SUCCESS;
    }
    println!("\nrunning {} tests", selected.len());
    let mut failures = Vec::new();
    for trial in &selected {
        // A panic of one case must not hide the results of the others.
        let result = catch_unwind(AssertUnwindSafe(|| (trial.run)())).unwrap_or_else(|_| Err("  panicked\n".into()));
        if !options.quiet || result.is_err() {
            println!("test {} ... {}", trial.name, if result.is_ok() { "ok" } else { "FAILED" });
        }
        failures.extend(result.err().map(|difference| (&trial.name, difference)));
    }
    if !failures.is_empty() {
        println!("\nfailures:\n");
        for (name, difference) in &failures {
            println!("---- {name}\n{difference}");
        }
    }
    let word = if failures.is_empty() { "ok" } else { "FAILED" };
    println!(
        "\ntest result: {word}. {} passed; {} failed; 0 ignored; 0 measured; {} filtered out\n",
        selected.len() - failures.len(),
        failures.len(),
        trials.len() - selected.len()
    );
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[derive(Default)]
struct Options {
    filters: Vec<String>,
    skips: Vec<String>,
    exact: bool,
    list: bool,
    ignored: bool,
    quiet: bool,
}

impl Options {
    fn read(mut args: impl Iterator<Item = String>) -> Self {
        let mut options = Self::default();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--exact" => options.exact = true,
                "--list" => options.list = true,
                "--ignored" => options.ignored = true,
                "--quiet" | "-q" => options.quiet = true,
                "--skip" => options.skips.extend(args.next()),
                "--format" | "--test-threads" | "--color" => drop(args.next()),
                flag if flag.starts_with('-') => {}
                _ => options.filters.push(arg),
            }
        }
        options
    }

    /// No trial is ever ignored, so `--ignored` selects none.
    fn selects(&self, name: &str) -> bool {
        let matches = |filter: &String| if self.exact { name == filter } else { name.contains(filter.as_str()) };
        !self.ignored
            && (self.filters.is_empty() || self.filters.iter().any(matches))
            && !self.skips.iter().any(matches)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selects_by_part_exactly_and_not_at_all() {
        let options = |line: &str| Options::read(line.split_whitespace().map(str::to_owned));
        assert!(options("").selects("a::b"));
        assert!(options("b --nocapture").selects("a::b"));
        assert!(!options("b --exact").selects("a::b"));
        assert!(options("a::b --exact").selects("a::b"));
        assert!(!options("--skip b").selects("a::b"));
        assert!(!options("--list --format terse --ignored").selects("a::b"));
    }
}
