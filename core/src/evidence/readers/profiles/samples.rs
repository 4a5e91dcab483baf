//! Tests of the readers against samples that the real tools wrote (`tests/corpus/evidence/profiles/make.sh`): figures
//! must be those of the tool's own reader, and sums those of the whole.
#![allow(clippy::unwrap_used, clippy::panic)]

use crate::evidence::model::memory::{Measure, MemoryRun};
use crate::evidence::model::profile::{Method, Origin, Profile, Unit};
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::{Limits, read};
use std::collections::BTreeMap;
use std::io::Read as _;

/// All samples with the name of their format.
pub const SAMPLES: &[(&str, &str)] = &[
    ("clinic-busy-processstat.gz", "clinic process statistics"),
    ("clinic-handles-processstat.gz", "clinic process statistics"),
    ("clinic-processstat.gz", "clinic process statistics"),
    ("clinic-quiet-processstat.gz", "clinic process statistics"),
    ("clinic-systeminfo", "clinic system information"),
    ("clinic-traceevent.gz", "Node.js trace events"),
    ("leak-all.memory.txt", "memory_profiler table"),
    ("leak-each.memory.txt", "memory_profiler table"),
    ("leak.dat", "mprof recording"),
    ("leak.memray.speedscope.json.gz", "speedscope"),
    ("leak.scalene.json", "scalene"),
    ("node-trace.json.gz", "Node.js trace events"),
    ("server-v8.log.gz", "V8 log"),
    ("server.cpuprofile.gz", "V8 CPU profile"),
    ("server.heapprofile", "V8 heap profile"),
    ("server.prof.json.gz", "preprocessed V8 log"),
    ("server.prof.txt", "processed V8 log"),
    ("shop-pure.prof", "cProfile statistics"),
    ("shop-startup.prof", "cProfile statistics"),
    ("shop-v0.prof", "cProfile statistics"),
    ("shop-v1.prof", "cProfile statistics"),
    ("shop-v2.prof", "cProfile statistics"),
    ("shop.prof", "cProfile statistics"),
    ("sleeper.prof", "cProfile statistics"),
    ("sleeper.pyinstrument.json", "pyinstrument"),
    ("sleeper.raw.txt.gz", "collapsed stacks"),
    ("sleeper.speedscope.json.gz", "speedscope"),
];

/// A sample, unpacked.
pub fn bytes(name: &str) -> Vec<u8> {
    let path = format!("{}/../tests/data/evidence/profiles/{name}", env!("CARGO_MANIFEST_DIR"));
    let packed = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    if !name.ends_with(".gz") {
        return packed;
    }
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut bytes).unwrap();
    bytes
}

/// Reads bytes under the product's limits.
pub fn artefact(bytes: &[u8]) -> Artefact {
    read("sample", bytes.len() as u64, &mut &*bytes, Limits::default())
}

/// The one profile of a sample.
pub fn profile(name: &str) -> Profile {
    let artefact = artefact(&bytes(name));
    match <[Evidence; 1]>::try_from(artefact.evidence) {
        Ok([Evidence::Profile(profile)]) => *profile,
        other => panic!("{name}: {:?} {other:?}", artefact.refused),
    }
}

fn memory(name: &str) -> MemoryRun {
    let artefact = artefact(&bytes(name));
    match <[Evidence; 1]>::try_from(artefact.evidence) {
        Ok([Evidence::Memory(run)]) => *run,
        other => panic!("{name}: {:?} {other:?}", artefact.refused),
    }
}

#[test]
fn samples_are_told_by_their_content() {
    for (name, format) in SAMPLES {
        let artefact = artefact(&bytes(name));
        assert_eq!((artefact.format.as_str(), artefact.refused), (*format, None), "{name}");
    }
}

/// Calls, primitive calls, own and whole seconds, and the same by caller.
type Figures = (u64, u64, String, String, BTreeMap<String, serde_json::Value>);

fn key(profile: &Profile, function: u32) -> String {
    let function = profile.function(function).unwrap();
    let builtin = function.path.is_empty();
    format!("{}:{}:{}", if builtin { "~" } else { &function.path }, function.line, function.name)
}

/// What `pstats` reads, `pstats` of Python 3.11 wrote down.
fn equals_pstats(sample: &str, expected: &str) {
    let profile = profile(sample);
    let expected: BTreeMap<String, Figures> = serde_json::from_slice(&bytes(expected)).unwrap();
    // `profile` writes an empty path for builtins, pstats `~` for cProfile's.
    let expected: BTreeMap<String, Figures> = expected
        .into_iter()
        .map(|(key, mut figures)| {
            figures.4 = figures.4.into_iter().map(|(key, value)| (tilde(&key), value)).collect();
            (tilde(&key), figures)
        })
        .collect();
    let mut seen = 0;
    for (index, function) in (0..).zip(&profile.functions) {
        let key = key(&profile, index);
        let (calls, outer, own, total, callers) = expected.get(&key).unwrap_or_else(|| panic!("{sample}: no {key}"));
        assert_eq!((function.calls, function.outer_calls), (Some(*calls), Some(*outer)), "{key}");
        assert_eq!((function.self_value, function.total), (digits(own), digits(total)), "{key}");
        let edges: BTreeMap<String, _> = profile
            .edges
            .iter()
            .filter(|edge| edge.callee == index)
            .map(|edge| (self::key(&profile, edge.caller), (edge.calls, edge.self_value, edge.total)))
            .collect();
        assert_eq!(edges.len(), callers.len(), "{sample}: callers of {key}");
        for (caller, figures) in callers {
            let (calls, own, total) = edges.get(caller).unwrap_or_else(|| panic!("{key} <- {caller}"));
            match figures {
                serde_json::Value::Number(count) => assert_eq!(count.as_u64(), Some(*calls)),
                figures => {
                    let (all, _, self_value, value): (u64, u64, String, String) =
                        serde_json::from_value(figures.clone()).unwrap();
                    assert_eq!((*calls, *own, *total), (all, digits(&self_value), digits(&value)), "{key} <- {caller}");
                }
            }
        }
        seen += 1;
    }
    assert_eq!(seen, expected.len(), "{sample}");
    assert_eq!(profile.method, Method::EveryCall);
}

/// A number of all digits; what a clock made negative counts as zero.
fn digits(text: &str) -> f64 {
    text.parse::<f64>().unwrap().max(0.0)
}

fn tilde(key: &str) -> String {
    if key.starts_with(":0:") { format!("~{key}") } else { key.to_owned() }
}

#[test]
fn cprofile_figures_are_those_of_pstats() {
    equals_pstats("shop.prof", "shop.expected.json.gz");
    equals_pstats("sleeper.prof", "sleeper.expected.json.gz");
}

#[test]
fn older_versions_of_marshal_give_the_same_figures() {
    for version in ["shop-v0.prof", "shop-v1.prof", "shop-v2.prof"] {
        // Numbers as text keep seventeen digits: the same figures to the last bit.
        equals_pstats(version, "shop.expected.json.gz");
    }
}

#[test]
fn the_pure_profiler_embeds_its_program_which_is_passed_over() {
    let profile = profile("shop-pure.prof");
    equals_pstats("shop-pure.prof", "shop-pure.expected.json.gz");
    assert!(profile.functions.iter().any(|function| function.name == "<program>"));
}

#[test]
fn recursion_counts_as_pstats_counts_it() {
    let profile = profile("shop.prof");
    let fib = profile.functions.iter().find(|function| function.name == "fib").unwrap();
    assert_eq!((fib.calls, fib.outer_calls), (Some(177), Some(1)));
}

#[test]
fn self_times_sum_to_the_whole() {
    for (name, format) in SAMPLES {
        let Some(Evidence::Profile(profile)) = artefact(&bytes(name)).evidence.into_iter().next() else { continue };
        let whole = profile.whole();
        assert!(whole > 0.0, "{name}");
        if profile.nodes.is_empty() {
            continue;
        }
        let near =
            |value: f64, what: &str| assert!((value - whole).abs() < whole * 1e-9, "{name}: {what} {value} of {whole}");
        near(profile.nodes.iter().map(|node| node.self_value).sum(), "nodes");
        let roots = profile.subtotals().into_iter().zip(&profile.nodes).filter(|(_, node)| node.parent.is_none());
        near(roots.map(|(total, _)| total).sum(), "roots");
        near(crate::evidence::rules::charged(&profile).into_iter().sum(), "charged");
        if !profile.samples.is_empty() {
            near(profile.samples.iter().map(|sample| sample.value).sum(), "samples");
            let order = profile.samples.iter().zip(profile.samples.iter().skip(1));
            assert!(order.filter(|(a, b)| a.thread == b.thread).all(|(a, b)| a.at_seconds <= b.at_seconds), "{name}");
        }
        if !profile.threads.is_empty() {
            near(profile.threads.iter().map(|thread| thread.total).sum(), "threads");
        }
        assert!(
            profile.functions.iter().all(|f| f.total <= whole * (1.0 + 1e-9) && f.self_value <= f.total * (1.0 + 1e-9)),
            "{format}"
        );
    }
}

#[test]
fn a_v8_profile_sums_to_its_wall_time() {
    let profile = profile("server.cpuprofile.gz");
    let raw: serde_json::Value = serde_json::from_slice(&bytes("server.cpuprofile.gz")).unwrap();
    let deltas: Vec<f64> = serde_json::from_value(raw["timeDeltas"].clone()).unwrap();
    let wall = raw["endTime"].as_f64().unwrap() - raw["startTime"].as_f64().unwrap() - deltas[0];
    assert!((profile.whole() - wall * 1e-6).abs() < 1e-6, "{} of {wall}", profile.whole());
    assert_eq!(profile.samples.len(), deltas.len());
    // Oracle: the time of each node, added up as the developer tools do; the last sample lasts to the end.
    let rest = (wall + deltas[0] - deltas.iter().sum::<f64>()).max(0.0);
    let after = deltas.iter().skip(1).chain([&rest]);
    let mut own: BTreeMap<u64, f64> = BTreeMap::new();
    for (sample, delta) in raw["samples"].as_array().unwrap().iter().zip(after) {
        *own.entry(sample.as_u64().unwrap()).or_default() += delta.max(0.0);
    }
    let named = |name: &str| -> f64 {
        let nodes = raw["nodes"].as_array().unwrap().iter();
        let of_name = nodes.filter(|node| node["callFrame"]["functionName"] == name);
        of_name.map(|node| own.get(&node["id"].as_u64().unwrap()).copied().unwrap_or_default()).sum::<f64>() * 1e-6
    };
    for name in ["pbkdf2Sync", "report", "(idle)", "(garbage collector)", "login"] {
        let ours: f64 = profile.functions.iter().filter(|f| f.name == name).map(|f| f.self_value).sum();
        assert!((ours - named(name)).abs() < 1e-9, "{name}: {ours} {}", named(name));
    }
    assert!(
        profile.lines.iter().any(|line| profile.function(line.function).unwrap().name == "report" && line.line == 21)
    );
}

#[test]
fn the_three_forms_of_a_v8_log_agree() {
    let (raw, preprocessed, text) =
        (profile("server-v8.log.gz"), profile("server.prof.json.gz"), profile("server.prof.txt"));
    assert_eq!(raw.unit, Unit::Samples);
    let figures = |profile: &Profile| {
        let own: BTreeMap<String, (f64, f64)> = profile
            .functions
            .iter()
            .filter(|function| function.total > 0.0)
            .map(|f| (format!("{} {}:{}:{}", f.name, f.path, f.line, f.column), (f.self_value, f.total)))
            .collect();
        own
    };
    assert_eq!(figures(&raw), figures(&preprocessed), "our resolver places every tick as Node's own does");
    assert_eq!(raw.whole(), text.whole());
    let login = |profile: &Profile| profile.functions.iter().find(|f| f.name == "login").map(|f| f.total).unwrap();
    let (whole, shortened) = (login(&raw), login(&text));
    assert!(shortened <= whole && shortened > whole * 0.9, "{shortened} of {whole}");
}

#[test]
fn py_spy_names_threads_and_idle_frames() {
    let profile = profile("sleeper.speedscope.json.gz");
    assert!(profile.tool.starts_with("py-spy "), "{}", profile.tool);
    assert_eq!(profile.method, Method::Sampled { interval_seconds: Some(0.005) });
    assert!(profile.threads.iter().any(|thread| thread.name.contains("serve_forever")));
    let mut idle = profile.functions.iter().filter(|function| function.origin == Origin::Idle);
    assert!(idle.any(|function| function.name == "_PollLikeSelector.select (waiting)"));
    let raw = self::profile("sleeper.raw.txt.gz");
    assert!(raw.threads.iter().any(|thread| thread.name.contains("MainThread")), "{:?}", raw.threads);
    assert!(raw.functions.iter().all(|function| !function.name.starts_with("thread (")));
    let backoff = raw.functions.iter().find(|function| function.name == "backoff").unwrap();
    assert_eq!(backoff.path, "sleeper.py");
    let lines: Vec<u32> = raw
        .lines
        .iter()
        .filter(|line| raw.function(line.function).unwrap().name == "backoff")
        .map(|line| line.line)
        .collect();
    assert_eq!(lines, [10]);
}

#[test]
fn pyinstrument_counts_waiting_in_c_functions() {
    let profile = profile("sleeper.pyinstrument.json");
    let raw: serde_json::Value = serde_json::from_slice(&bytes("sleeper.pyinstrument.json")).unwrap();
    let whole = raw["root_frame"]["time"].as_f64().unwrap();
    assert!((profile.whole() - whole).abs() < 1e-4, "{} of {whole}", profile.whole());
    let sleep = profile.functions.iter().find(|function| function.name == "sleep").unwrap();
    assert_eq!(sleep.origin, Origin::Builtin);
    let backoff = profile.functions.iter().find(|function| function.name == "backoff").unwrap();
    assert!((backoff.total - sleep.total).abs() < backoff.total * 0.01);
}

#[test]
fn scalene_shares_are_of_the_whole_run() {
    let profile = profile("leak.scalene.json");
    let raw: serde_json::Value = serde_json::from_slice(&bytes("leak.scalene.json")).unwrap();
    let whole = raw["elapsed_time_sec"].as_f64().unwrap();
    assert!((profile.whole() - whole).abs() < whole * 0.01, "{} of {whole}", profile.whole());
    assert!(profile.lines.iter().all(|line| line.line > 0));
}

#[test]
fn memory_tables_and_recordings_agree_on_what_was_kept() {
    let each = memory("leak-each.memory.txt");
    let remember = each.calls.iter().filter(|call| call.function == "remember");
    assert!(remember.clone().count() >= 3);
    for call in remember {
        assert_eq!((call.path.as_str(), call.line), ("/srv/shop/leak.py", 13));
        assert!(
            (call.kept_bytes - 524_288.0).abs() <= 104_858.0,
            "half a MiB as one digit shows it: {}",
            call.kept_bytes
        );
    }
    let all = memory("leak-all.memory.txt");
    let kept = all.calls.iter().find(|call| call.function == "remember").unwrap();
    let recorded: f64 = memory("leak.dat")
        .calls
        .iter()
        .filter(|call| call.function == "__main__.remember")
        .map(|call| call.kept_bytes)
        .sum();
    assert_eq!(kept.calls, 60);
    assert!((kept.kept_bytes - recorded).abs() < recorded * 0.05, "{} and {recorded}", kept.kept_bytes);
}

#[test]
fn clinic_records_every_measure() {
    let run = memory("clinic-processstat.gz");
    let measures: Vec<Measure> = run.series.iter().map(|series| series.what).collect();
    assert_eq!(measures.len(), 9, "{measures:?}");
    let points = run.series[0].points.len();
    assert!(points > 100 && run.series.iter().all(|series| series.points.len() >= points - 1));
    let trace = memory("clinic-traceevent.gz");
    assert!(
        trace.collections.len() > 10
            && trace.collections.iter().all(|gc| gc.pause_ms < 1000.0 && gc.left_bytes.is_some())
    );
}

#[test]
fn names_and_paths_are_those_of_the_program() {
    let heap = profile("server.heapprofile");
    assert_eq!(heap.unit, Unit::Bytes);
    let theirs = heap.functions.iter().filter(|function| function.path.starts_with("node:"));
    assert!(theirs.clone().count() > 0 && theirs.clone().all(|function| function.origin == Origin::Library));
    let cpu = profile("server.cpuprofile.gz");
    let login = cpu.functions.iter().find(|function| function.name == "login").unwrap();
    assert_eq!((login.path.as_str(), login.line, login.origin), ("/srv/shop/server.js", 13, Origin::Project));
}
