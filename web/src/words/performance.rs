//! Words of the Performance tab.
#![expect(missing_docs, reason = "a table of words: the name and the text say it")]

use crate::protocol::InsideFile;

pub const TITLE: &str = "Performance";
pub const EMPTY: &str = "Nothing was measured yet";
pub const HOW: &str = "Drop what your profiler, database, load test or browser wrote. Drydock holds it against your \
    targets, shows where the time goes, and says which findings it confirms or refutes.";
pub const CHOOSE: &str = "Choose evidence files";
pub const ADD: &str = "Add evidence";
pub const SWAP: &str = "Swap before and after";
pub const FORGET: &str = "Forget what was measured";
pub const FORMATS_TITLE: &str = "What can be read";
pub const FORMATS: [(&str, &str); 7] = [
    ("Python", "cProfile, py-spy, memory_profiler, mprof, pyinstrument, scalene"),
    ("Node.js", ".cpuprofile, .heapprofile, --prof logs of V8, clinic doctor, trace events"),
    ("Any language", "speedscope, collapsed stacks"),
    (
        "Databases",
        "EXPLAIN of PostgreSQL, MySQL, MariaDB and SQLite, PostgreSQL logs with auto_explain, slow query logs, \
         pg_stat_statements",
    ),
    ("Load tests", "k6, Locust, JMeter, Artillery, autocannon, wrk, hey, ab"),
    ("Browsers", "Lighthouse, DevTools traces"),
    (
        "Targets",
        "slo.toml, .drydock.toml, OpenSLO, Sloth, scripts of k6 and Artillery, Lighthouse CI and Lighthouse budgets",
    ),
];
pub const FORMATS_NOTE: &str =
    "Files are told by their contents, whatever they are called; gzipped ones and zips of them are opened.";
pub const INSIDE_READ: &str = "Read it";
pub const READING: &str = "Reading what was measured";
pub const TARGETS: &str = "SLO targets vs actuals";
pub const FINDINGS: &str = "Profiling findings";
pub const BENCHMARK: &str = "Before/after benchmark";
pub const RECOMMENDATIONS: &str = "Recommendations";
pub const CACHING: &str = "Where to cache";
pub const ESCALATIONS: &str = "For others to decide";
pub const CHANGES: &str = "What it changes in the audit";
pub const PICTURES: &str = "Where the time goes";
pub const FILES: &str = "Evidence files";
pub const UNMATCHED: &str = "Measured, and not found in the code";
pub const TARGET_HEADS: [&str; 5] = ["Metric", "Target", "Baseline", "Optimized", "Status"];
pub const BENCHMARK_HEADS: [&str; 5] = ["Metric", "Baseline", "Optimized", "Change", "Verdict"];
pub const CACHING_HEADS: [&str; 4] = ["What calls for it", "Layer", "How stale values go", "Mind"];
pub const FILE_HEADS: [&str; 3] = ["File", "Read as", "What was read"];
pub const FIX: &str = "Fix";
pub const IMPACT: &str = "Impact";
pub const MEASURED: &str = "Measured";
pub const GUARD: &str = "Mind";
pub const CONFIRMS: &str = "Confirms";
pub const REFUTED: &str = "refuted";
pub const CONFIRMED: &str = "confirmed";
pub const COMMAND: &str = "Command";
pub const NOT_COMPARABLE: &str = "Not comparable";
pub const AS_BOXES: &str = "Boxes";
pub const AS_LIST: &str = "List";
pub const WHOLE: &str = "Show all";
pub const PICTURE: &str = "Profile or plan";
pub const STEP: &str = "Step";
pub const FUNCTION: &str = "Function";
pub const WITH_BELOW: &str = "With what it calls";
pub const WITH_INPUTS: &str = "With its inputs";
pub const OWN: &str = "Itself";
pub const HOT: &str = "took most by itself";
pub const REFUSED: &str = "not read";
pub const AS_EVIDENCE: &str = "Add as evidence";
pub const SCORE_FROM_BOTH: &str = "with what was measured";
pub const SCORE_FROM_CODE: &str = "from the code alone";
pub const TARGET_OF: &str = "Target for";
pub const NO_TARGET: &str = "none";
pub const LOAD_TEST: &str = "Load test";
pub const LOAD_TEST_HOW: &str = "Drydock writes a load test for k6, Locust or Artillery from the routes of this project: \
    parameters and bodies from the types in the code, your targets as thresholds.";
pub const LOAD_TEST_NO_CODE: &str = "A load test is written from the routes in the code. Drop the project itself, as a \
    zip, a tar.gz or a folder.";
pub const LOAD_TEST_WRITE: &str = "Write a load test";
pub const LOAD_TEST_WRITING: &str = "Writing the load test";
pub const LOAD_TEST_READY: &str = "The load test is written.";
pub const LOAD_TEST_TOOL: &str = "Tool";
pub const LOAD_TEST_REQUESTS: &str = "Requests that go in";
pub const LOAD_TEST_GUARDED: &str = "need a login: fill in the place marked AUTHENTICATION.";
pub const LOAD_TEST_WAIT: &str = "may change data and wait for WRITES=1: send them to a copy of the data.";
pub const LOAD_TEST_VALUES: &str =
    "Values in the place marked VALUES are made up: put in some that exist in your data.";
pub const LOAD_TEST_AUTH: &str = "asks for authentication:";
pub const LOAD_TEST_CHANGES: &str = "may change data";
pub const LOAD_TEST_SCRIPT: &str = "Load test,";
pub const LOAD_TEST_DOWNLOAD: &str = "Download";
pub const LOAD_TEST_COPY: &str = "Copy";
pub const LOAD_TEST_COMMAND: &str = "On the command line, where server, users and length can be chosen:";

/// Files that are named of those in the project.
const NAMED: usize = 2;

/// `Runtime evidence lies in this project: perf/run.json (k6 summary), perf/slow.log (Slow query log) and 3 more.`
#[must_use]
pub fn inside(files: &[InsideFile]) -> String {
    let named: Vec<String> = files.iter().take(NAMED).map(|file| format!("{} ({})", file.path, file.format)).collect();
    let more = match files.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("Runtime evidence lies in this project: {}{more}.", named.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_in_a_project_is_named_in_one_sentence() {
        let file = |path: &str, format: &str| InsideFile { path: path.to_owned(), entry: 0, format: format.to_owned() };
        let one = [file("slo.toml", "slo.toml")];
        assert_eq!(inside(&one), "Runtime evidence lies in this project: slo.toml (slo.toml).");
        let three =
            [file("a.json", "k6 summary"), file("b.log", "Slow query log"), file("c.prof", "cProfile statistics")];
        assert_eq!(
            inside(&three),
            "Runtime evidence lies in this project: a.json (k6 summary), b.log (Slow query log) and 1 more."
        );
    }

    #[cfg(feature = "evidence")]
    #[test]
    fn every_format_that_is_read_is_named() {
        // Formats whose own name says less than that of the tool that writes them.
        let known_as = |name: &'static str| match name {
            "Chromium trace" => "DevTools traces",
            "V8 CPU profile" => ".cpuprofile",
            "V8 heap profile" => ".heapprofile",
            "Node.js trace events" => "trace events",
            name if name.contains("V8 log") => "--prof logs of V8",
            name => name,
        };
        let list = FORMATS.map(|(of, what)| format!("{of}: {what}")).join("; ").to_lowercase();
        for format in drydock_core::evidence::readers::FORMATS.iter().copied().flatten() {
            let known = known_as(format.name).to_lowercase();
            let tool = known.split(' ').next().unwrap_or_default();
            assert!(list.contains(&known) || list.contains(tool), "{}", format.name);
        }
    }
}
