//! Options of the commands about runtime evidence: `drydock loadtest` and `drydock performance`.

use crate::args::{Command, Word, Words, value_of};
use crate::loadtest::tool;
use drydock_core::evidence::loadtest::{BASE_URL, Measure, SECONDS, Target, Tool, USERS};
use std::ffi::OsString;
use std::path::PathBuf;

/// Options of `drydock loadtest`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LoadTest {
    pub(crate) path: PathBuf,
    pub(crate) project: Option<String>,
    /// `None` lists the routes.
    pub(crate) tool: Option<Tool>,
    pub(crate) output: Option<PathBuf>,
    pub(crate) base_url: String,
    pub(crate) users: u32,
    pub(crate) seconds: u32,
    pub(crate) targets: Vec<Target>,
}

const LOADTEST_HELP: &str = "\
usage: drydock loadtest PATH --tool TOOL [OPTIONS]

Writes a load test for the routes that are found in PATH (FastAPI, Flask, Django): parameters and bodies come from the
types of routes and models. Two places are marked to be filled in: AUTHENTICATION, and VALUES that exist in your data.
Requests that may change data are left out until the run asks for them (WRITES=1).

  --tool TOOL           k6, locust or artillery; without it the routes are listed
  -o, --output FILE     write there instead of to standard output
  --project SUBFOLDER   only this folder of PATH
  --target TARGET       what must hold, as a threshold: p95<200 (milliseconds), mean<80, errors<1%, rps>=50; for one
                        route `GET /orders/{id} p95<200`. May be given again
  --base-url URL        where the server is (default http://127.0.0.1:8000)
  --users N             users at once (default 10)
  --seconds N           length of the run (default 30)
  -h, --help            this text

exit codes: 0 written, 2 bad usage, unreadable input or no routes
";

/// Reads the words after `loadtest`.
pub(crate) fn load_test(words: impl Iterator<Item = OsString>) -> Result<Command, String> {
    let mut options = LoadTest {
        path: PathBuf::new(),
        project: None,
        tool: None,
        output: None,
        base_url: BASE_URL.to_owned(),
        users: USERS,
        seconds: SECONDS,
        targets: Vec::new(),
    };
    let mut path = None;
    let mut reader = Words::new(words);
    while let Some(word) = reader.next() {
        let (flag, inline) = match word {
            Word::Path(next) => {
                if let Some(first) = path.replace(PathBuf::from(next)) {
                    return Err(format!("give one PATH: {} is given already", first.display()));
                }
                continue;
            }
            Word::Flag(flag, inline) => (flag, inline),
        };
        if matches!(flag.as_str(), "-h" | "--help") {
            return Ok(Command::Print(LOADTEST_HELP.to_owned()));
        }
        let mut value = |what: &str| value_of(&flag, inline.clone(), &mut reader, what);
        match flag.as_str() {
            "--tool" => {
                const KNOWN: &str = "k6, locust or artillery";
                let name = value(KNOWN)?;
                options.tool = Some(tool(&name).ok_or_else(|| format!("`--tool` cannot be `{name}`: it is {KNOWN}"))?);
            }
            "-o" | "--output" => options.output = Some(PathBuf::from(value("a file")?)),
            "--project" => options.project = Some(value("a folder of PATH")?),
            "--base-url" => {
                const WHAT: &str = "an address like http://127.0.0.1:8000";
                let url = value(WHAT)?;
                if !(url.starts_with("http://") || url.starts_with("https://")) {
                    return Err(format!("`--base-url` cannot be `{url}`: it is {WHAT}"));
                }
                options.base_url = url;
            }
            "--users" => options.users = number("--users", &value(COUNT)?)?,
            "--seconds" => options.seconds = number("--seconds", &value(COUNT)?)?,
            "--target" => {
                let text = value(TARGET)?;
                let read = target(&text);
                options.targets.push(read.ok_or_else(|| format!("`--target` cannot be `{text}`: it is {TARGET}"))?);
            }
            _ => {
                return Err(format!(
                    "`{flag}` is not an option of `drydock loadtest`; `drydock loadtest --help` lists them"
                ));
            }
        }
    }
    let Some(path) = path else {
        return Err("say for what: `drydock loadtest PATH --tool k6` (a zip, tar.gz or folder)".to_owned());
    };
    options.path = path;
    Ok(Command::LoadTest(Box::new(options)))
}

/// Options of `drydock performance`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Performance {
    pub(crate) files: Vec<PathBuf>,
    pub(crate) baseline: Vec<PathBuf>,
    pub(crate) slo: Vec<PathBuf>,
    pub(crate) project: Option<PathBuf>,
    pub(crate) output: Option<PathBuf>,
    pub(crate) json: bool,
}

const PERFORMANCE_HELP: &str = "\
usage: drydock performance FILE... [OPTIONS]

Reads what profilers, databases, load generators and browsers wrote (files, folders, zips; formats are told by content),
holds it against targets and writes the Performance Report. Files that cannot be read are listed with the reason.

  --project PATH        join the evidence to the code of this folder, zip or tar.gz, and audit it: findings that the
                        evidence touches say so
  --baseline FILE       the run before the change: a file, folder or zip; FILE... is then the run after it. May be
                        given again. Without it, words in paths (before, after), slo.toml or times tell the runs apart
  --slo FILE            targets: slo.toml, a k6 script, an Artillery config, Lighthouse budgets, OpenSLO
  --format FORMAT       markdown (default) or json
  -o, --output FILE     write there instead of to standard output
  -h, --help            this text

exit codes: 0 done and no stated target missed, 1 a stated target is missed, 2 bad usage or nothing readable,
            3 a file that was named could not be read
";

/// Reads the words after `performance`.
pub(crate) fn performance(words: impl Iterator<Item = OsString>) -> Result<Command, String> {
    let mut options = Performance::default();
    let mut reader = Words::new(words);
    while let Some(word) = reader.next() {
        let (flag, inline) = match word {
            Word::Path(path) => {
                options.files.push(PathBuf::from(path));
                continue;
            }
            Word::Flag(flag, inline) => (flag, inline),
        };
        if matches!(flag.as_str(), "-h" | "--help") {
            return Ok(Command::Print(PERFORMANCE_HELP.to_owned()));
        }
        let mut value = |what: &str| value_of(&flag, inline.clone(), &mut reader, what);
        match flag.as_str() {
            "--project" => options.project = Some(PathBuf::from(value("a folder, zip or tar.gz")?)),
            "--baseline" => options.baseline.push(PathBuf::from(value("a file, folder or zip")?)),
            "--slo" => options.slo.push(PathBuf::from(value("a file of targets")?)),
            "-o" | "--output" => options.output = Some(PathBuf::from(value("a file")?)),
            "--format" => {
                let name = value("markdown or json")?;
                options.json = match name.as_str() {
                    "markdown" => false,
                    "json" => true,
                    _ => return Err(format!("`--format` cannot be `{name}`: it is markdown or json")),
                };
            }
            _ => {
                return Err(format!(
                    "`{flag}` is not an option of `drydock performance`; `drydock performance --help` lists them"
                ));
            }
        }
    }
    if options.files.is_empty() {
        return Err(
            "say what to read: `drydock performance FILE...`; `drydock performance --help` says more".to_owned()
        );
    }
    Ok(Command::Performance(Box::new(options)))
}

const COUNT: &str = "a number from 1 to 100000";
const TARGET: &str = "a limit like p95<200, mean<80, errors<1% or rps>=50, with a route before it if it is for one";

fn number(flag: &str, text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| (1..=100_000).contains(number));
    number.ok_or_else(|| format!("`{flag}` cannot be `{text}`: it is {COUNT}"))
}

/// `GET /orders p95<200`
fn target(text: &str) -> Option<Target> {
    let text = text.trim();
    let (scope, limit) = match text.rsplit_once(char::is_whitespace) {
        Some((scope, limit)) => (Some(scope.trim().to_owned()), limit),
        None => (None, text),
    };
    let end = limit.find(['<', '>'])?;
    let (name, rest) = limit.split_at(end);
    let more = rest.starts_with('>');
    let value = rest.trim_start_matches(['<', '>', '=']);
    let plain = |value: &str| value.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
    let ms = |value: &str| match value.strip_suffix("ms") {
        Some(number) => plain(number),
        None => match value.strip_suffix('s') {
            Some(number) => plain(number).map(|seconds| seconds * 1000.0),
            None => plain(value),
        },
    };
    let measure = match (name, more) {
        ("rps", true) => Measure::Throughput { at_least: plain(value)? },
        ("errors", false) => Measure::Errors {
            below: match value.strip_suffix('%') {
                Some(percent) => plain(percent)? / 100.0,
                None => plain(value)?,
            },
        },
        ("mean", false) => Measure::MeanLatency { below_ms: ms(value)? },
        (percentile, false) => {
            let percentile = plain(percentile.strip_prefix('p')?).filter(|percentile| *percentile <= 100.0)?;
            Measure::Latency { percentile, below_ms: ms(value)? }
        }
        _ => return None,
    };
    Some(Target { scope, measure })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_in_words() {
        let latency = |percentile, below_ms| Measure::Latency { percentile, below_ms };
        for (text, scope, measure) in [
            ("p95<200", None, latency(95.0, 200.0)),
            ("GET /orders/{id} p99.9<=1.5s", Some("GET /orders/{id}"), latency(99.9, 1500.0)),
            ("/orders mean<80ms", Some("/orders"), Measure::MeanLatency { below_ms: 80.0 }),
            ("errors<1%", None, Measure::Errors { below: 0.01 }),
            ("rps>=50", None, Measure::Throughput { at_least: 50.0 }),
        ] {
            assert_eq!(target(text), Some(Target { scope: scope.map(str::to_owned), measure }), "{text}");
        }
        for text in ["", "p95", "p101<3", "rps<3", "p95<fast", "errors>1%", "p95<-1"] {
            assert_eq!(target(text), None, "{text}");
        }
    }
}
