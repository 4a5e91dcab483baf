//! Tests of the readers with broken and hostile input: each gives a clear sentence or what can be read, never a panic,
//! a hang or a heap of memory.
#![allow(clippy::unwrap_used)]

use super::samples::{SAMPLES, artefact, bytes};
use crate::evidence::asked::Asked;
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::rules::RULES;
use crate::evidence::{Limits, read};

/// Reads, and lets the rules look at it: they must stand whatever was read.
fn survive(bytes: &[u8]) -> Artefact {
    let artefact = artefact(bytes);
    for rules in RULES {
        rules(std::slice::from_ref(&artefact), &Asked::new(&[], &[]));
    }
    for evidence in &artefact.evidence {
        if let Evidence::Profile(profile) = evidence {
            assert!(
                profile.nodes.iter().enumerate().all(|(index, node)| node.parent.is_none_or(|p| (p as usize) < index))
            );
            assert!(
                profile
                    .functions
                    .iter()
                    .all(|f| f.self_value.is_finite() && f.total.is_finite() && f.self_value >= 0.0)
            );
        }
    }
    if let Some(refused) = &artefact.refused {
        assert!(refused.len() > 10 && refused.starts_with(|c: char| c.is_ascii_uppercase() || c == '`'), "{refused}");
        assert!(artefact.evidence.is_empty(), "{refused}");
    } else {
        assert!(!artefact.evidence.is_empty() || !artefact.notes.is_empty());
    }
    artefact
}

#[test]
fn samples_cut_at_every_sixty_fourth() {
    for (name, _) in SAMPLES {
        let whole = bytes(name);
        for part in 0..64 {
            survive(&whole[..whole.len() * part / 64]);
        }
    }
}

#[test]
fn small_samples_cut_at_every_byte() {
    for name in ["shop.prof", "shop-v2.prof", "leak-all.memory.txt", "clinic-systeminfo"] {
        let whole = bytes(name);
        for end in 0..whole.len() {
            survive(&whole[..end]);
        }
    }
    for text in [FLAT, LEGACY, HEAP, SPEEDSCOPE, EVENTED, COLLAPSED, MPROF, V8_LOG, PROCESSED, PREPROCESSED] {
        for end in 0..text.len() {
            survive(&text.as_bytes()[..end]);
        }
        assert_eq!(survive(text.as_bytes()).refused, None, "{text}");
    }
}

#[test]
fn samples_with_a_broken_byte() {
    let mut state = 12_345_u32;
    for (name, _) in SAMPLES {
        let whole = bytes(name);
        for _ in 0..24 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let mut broken = whole.clone();
            let at = state as usize % broken.len().min(40_000);
            broken[at] = broken[at].wrapping_add((state >> 24) as u8 | 1);
            survive(&broken);
        }
    }
}

const FLAT: &str = r#"{"nodes":[{"id":1,"callFrame":{"functionName":"(root)","url":"","lineNumber":-1,"columnNumber":-1},"hitCount":0,"children":[2]},
{"id":2,"callFrame":{"functionName":"f","url":"/a.js","lineNumber":3,"columnNumber":1},"hitCount":3,"positionTicks":[{"line":5,"ticks":3}]}],
"startTime":0,"endTime":4000,"samples":[2,2,2],"timeDeltas":[1000,1000,1000]}"#;
const LEGACY: &str = r#"{"head":{"functionName":"(root)","url":"","lineNumber":0,"hitCount":0,"id":1,"children":[
{"functionName":"f","url":"/a.js","lineNumber":3,"hitCount":2,"id":2,"children":[]}]},"startTime":1,"endTime":1.003,"samples":[2,2,1],"timestamps":[1000000,1001000,1003000]}"#;
const HEAP: &str = r#"{"head":{"callFrame":{"functionName":"(root)","url":"","lineNumber":-1,"columnNumber":-1},"selfSize":0,"id":1,"children":[
{"callFrame":{"functionName":"f","url":"/a.js","lineNumber":3,"columnNumber":1},"selfSize":100,"id":2,"children":[]}]},"samples":[{"size":100,"nodeId":2,"ordinal":1}]}"#;
const SPEEDSCOPE: &str = r#"{"$schema":"https://www.speedscope.app/file-format-schema.json","profiles":[{"type":"sampled","name":"t","unit":"seconds","startValue":0,"endValue":1,
"samples":[[0,1],[0],[]],"weights":[0.5,0.25,0.25]}],"shared":{"frames":[{"name":"a","file":"/a.py","line":1},{"name":"b","file":"/a.py","line":7}]},"exporter":"py-spy@0.4.1"}"#;
const EVENTED: &str = r#"{"shared":{"frames":[{"name":"a"},{"name":"b"}]},"$schema":"https://www.speedscope.app/file-format-schema.json","profiles":[{"type":"evented","name":"t","unit":"milliseconds",
"startValue":10,"endValue":14,"events":[{"type":"O","frame":0,"at":10},{"type":"O","frame":1,"at":11},{"type":"C","frame":1,"at":13},{"type":"C","frame":0,"at":14}]}]}"#;
const COLLAPSED: &str = "main (app.py:1);f (app.py:3) 12\r\nmain (app.py:1) 3\r\n";
const MPROF: &str = "CMDLINE python app.py\nMEM 10.5 1700000000.5\nFUNC a.f 10.5 1700000000.5 11.5 1700000001.0 0\nCHLD 7 3.5 1700000001.0\n";
const V8_LOG: &str = "v8-version,11,3,244\ncode-creation,JS,10,20,0x2000,256,main /srv/a.js:1:1,0x9,~\ntick,0x2010,1000,0,0x0,0\ntick,0x2010,2000,0,0x0,0\n";
const PROCESSED: &str = "Statistical profiling result from v8.log, (10 ticks, 2 unaccounted, 0 excluded).\n\n [JavaScript]:\n   ticks  total  nonlib   name\n      3   30.0%   30.0%  JS: *f /srv/a.js:3:1\n\n [Summary]:\n   ticks  total  nonlib   name\n      3   30.0%   30.0%  JavaScript\n      1   10.0%   10.0%  GC\n\n [Bottom up (heavy) profile]:\n  Note: percentage shows a share of a particular caller in the total\n  amount of its parent calls.\n\n   ticks parent  name\n      5   50.0%  UNKNOWN\n      4   80.0%    JS: ~g /srv/a.js:9:1\n";
const PREPROCESSED: &str = r#"{"code":[{"name":"/usr/bin/node","type":"SHARED_LIB"},{"name":"f /srv/a.js:3:1","type":"JS","kind":"Opt","func":0}],
"functions":[{"name":"f /srv/a.js:3:1","codes":[1]}],"ticks":[{"tm":1000,"vm":0,"s":[1,5]},{"tm":2000,"vm":6,"s":[-1,99,0,7,1,5]}]}"#;

fn profile(text: &str) -> crate::evidence::model::profile::Profile {
    match survive(text.as_bytes()).evidence.into_iter().next() {
        Some(Evidence::Profile(profile)) => *profile,
        other => unreachable!("{other:?}"),
    }
}

#[test]
fn forms_of_one_format_give_the_same() {
    let f = |text: &str| {
        let profile = profile(text);
        profile.functions.iter().find(|f| f.name == "f").map(|f| (f.self_value, f.total, f.line)).unwrap()
    };
    assert_eq!(f(FLAT), (0.003, 0.003, 4));
    assert_eq!(f(LEGACY), (0.003, 0.003, 3));
    assert_eq!(f(V8_LOG.replace("main", "f").as_str()), (2.0, 2.0, 1));
    assert_eq!(f(PREPROCESSED), (2.0, 2.0, 3));
    let evented = profile(EVENTED);
    let figures: Vec<(f64, f64)> = evented.functions.iter().map(|f| (f.self_value, f.total)).collect();
    assert!(
        figures
            .iter()
            .zip([(0.002, 0.004), (0.002, 0.002)])
            .all(|(a, b)| (a.0 - b.0).abs() < 1e-12 && (a.1 - b.1).abs() < 1e-12)
    );
    let processed = profile(PROCESSED);
    assert_eq!(processed.whole(), 10.0);
    let own: Vec<(&str, f64)> = processed.functions.iter().map(|f| (f.name.as_str(), f.self_value)).collect();
    assert!(own.contains(&("(native)", 4.0)) && own.contains(&("f", 3.0)), "{own:?}");
    assert!(own.contains(&("(garbage collector)", 1.0)) || own.contains(&("(program)", 2.0)), "{own:?}");
}

#[test]
fn code_of_a_script_without_file_is_the_programs() {
    use crate::evidence::model::profile::Origin;
    let origin = |text: &str| {
        let profile = profile(text);
        profile.functions.iter().find(|function| function.name == "f").map(|function| function.origin).unwrap()
    };
    // V8 leaves the file out of many heap profiles, but not the script.
    let nameless = |script: &str| {
        HEAP.replace("\"url\":\"/a.js\",\"lineNumber\":3", &format!("{script}\"url\":\"\",\"lineNumber\":-1"))
    };
    assert_eq!(origin(&nameless("\"scriptId\":\"81\",")), Origin::Project);
    assert_eq!(origin(&nameless("\"scriptId\":81,")), Origin::Project);
    assert_eq!(origin(&nameless("\"scriptId\":\"0\",")), Origin::Builtin);
}

#[test]
fn circles_strangers_and_wild_numbers_are_noted() {
    let circle = FLAT.replace("\"hitCount\":3,", "\"hitCount\":3,\"children\":[1,2,99],");
    let notes =
        |text: &str| -> Vec<String> { survive(text.as_bytes()).notes.into_iter().map(|note| note.text).collect() };
    let said = notes(&circle);
    assert!(
        said.iter().any(|text| text.contains("circle")) && said.iter().any(|text| text.contains("does not exist")),
        "{said:?}"
    );
    assert_eq!(profile(&circle).whole(), profile(FLAT).whole());
    // The root as its own grandchild: said besides what the clock did, and the root stays one.
    let cyclic = FLAT.replace("\"hitCount\":3,", "\"hitCount\":3,\"children\":[1],");
    let both = cyclic.replace("[1000,1000,1000]", "[1000,-500,1000]");
    assert!(
        ["form a circle", "clock ran backwards"].iter().all(|part| notes(&both).iter().any(|text| text.contains(part))),
        "{:?}",
        notes(&both)
    );
    assert_eq!(profile(&cyclic).whole(), profile(FLAT).whole());
    let roots = |text: &str| profile(text).nodes.iter().filter(|node| node.parent.is_none()).count();
    assert_eq!((roots(&cyclic), profile(&cyclic).nodes.len()), (roots(FLAT), profile(FLAT).nodes.len()));
    let stranger = FLAT.replace("[2,2,2]", "[2,77,2]");
    assert!(notes(&stranger)[0].contains("names a call node that does not exist"));
    assert_eq!(profile(&stranger).whole(), profile(FLAT).whole());
    let back = FLAT.replace("[1000,1000,1000]", "[1000,-500,1000]");
    assert!(notes(&back)[0].contains("clock ran backwards"));
    for wild in ["1e999", "-1e999", "123456789012345678901234567890", "null", "\"x\"", "[[]]", "{}"] {
        for field in ["\"hitCount\":3", "\"lineNumber\":3", "\"id\":2", "\"ticks\":3", "\"endTime\":4000"] {
            let name = field.split(':').next().unwrap();
            survive(FLAT.replace(field, &format!("{name}:{wild}")).as_bytes());
        }
        survive(FLAT.replace("[1000,1000", &format!("[{wild},{wild}")).as_bytes());
        survive(SPEEDSCOPE.replace("0.5,0.25", &format!("{wild},{wild}")).as_bytes());
        survive(EVENTED.replace("\"at\":11", &format!("\"at\":{wild}")).as_bytes());
        survive(HEAP.replace("\"selfSize\":100", &format!("\"selfSize\":{wild}")).as_bytes());
        survive(MPROF.replace("10.5", wild).as_bytes());
        survive(V8_LOG.replace("256", wild).replace("2000,0", &format!("{wild},0")).as_bytes());
    }
    survive(SPEEDSCOPE.replace("[[0,1],[0],[]]", "[[0,1000000000],[5,-1],[]]").as_bytes());
    survive(b"NaN;b NaN\na;b 1000000000\na;b 99999999999999999999999999\n");
}

#[test]
fn wrong_types_everywhere() {
    for text in [FLAT, LEGACY, HEAP, SPEEDSCOPE, EVENTED, PREPROCESSED] {
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        let mut paths = Vec::new();
        collect(&value, String::new(), &mut paths);
        for path in paths {
            for wrong in
                [serde_json::json!(null), serde_json::json!("x"), serde_json::json!([[1]]), serde_json::json!({"a": 1})]
            {
                let mut changed = value.clone();
                *changed.pointer_mut(&path).unwrap() = wrong;
                survive(changed.to_string().as_bytes());
            }
        }
    }
}

fn collect(value: &serde_json::Value, path: String, paths: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(map) => {
            for (key, value) in map {
                collect(value, format!("{path}/{}", key.replace('/', "~1")), paths);
            }
        }
        serde_json::Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                collect(value, format!("{path}/{index}"), paths);
            }
        }
        _ => {}
    }
    if !path.is_empty() {
        paths.push(path);
    }
}

#[test]
fn depth_bombs_are_bounded() {
    let deep = 200_000;
    let nested = |open: &str, close: &str| format!("{}{}", open.repeat(deep), close.repeat(deep));
    let legacy = "{\"functionName\":\"f\",\"hitCount\":1,\"children\":[";
    let said = survive(format!("{{\"head\":{}}}", nested(legacy, "]}")).as_bytes());
    assert!(said.notes.iter().any(|note| note.text.contains("nested deeper than 256")), "{said:?}");
    let heap = "{\"callFrame\":{\"functionName\":\"f\"},\"selfSize\":1,\"children\":[";
    survive(format!("{{\"head\":{}}}", nested(heap, "]}")).as_bytes());
    survive(FLAT.replace("\"startTime\":0", &format!("\"x\":{},\"startTime\":0", nested("[", "]"))).as_bytes());
    survive(&b"\xfb)\x01".iter().copied().cycle().take(deep).collect::<Vec<u8>>());
    let stack = format!("{}g (a.py:2) 7\n", "f (a.py:1);".repeat(5000));
    let said = survive(stack.as_bytes());
    assert!(said.notes.iter().any(|note| note.text.contains("deeper than 256 calls")), "{:?}", said.notes);
    let chain: Vec<String> = (1..5000)
        .map(|id| format!("{{\"id\":{id},\"callFrame\":{{\"functionName\":\"f{id}\"}},\"children\":[{}]}}", id + 1))
        .collect();
    survive(format!("{{\"nodes\":[{}],\"startTime\":0,\"endTime\":5}}", chain.join(",")).as_bytes());
}

#[test]
fn limits_are_kept() {
    let limits = Limits { samples: 100, depth: 20, bytes: 60_000, ..Limits::default() };
    let limited = |bytes: &[u8]| read("x", 0, &mut &*bytes, limits);
    let many = FLAT
        .replace("[2,2,2]", &format!("[{}2]", "2,".repeat(500)))
        .replace("[1000,1000,1000]", &format!("[{}1]", "1,".repeat(500)));
    let said = limited(many.as_bytes());
    assert_eq!(said.refused, None);
    assert!(said.notes[0].text.contains("first 100 samples"), "{:?}", said.notes);
    let Some(Evidence::Profile(kept)) = said.evidence.first() else { unreachable!() };
    assert!(kept.whole() < 100e-6, "what was not read is charged to nobody: {}", kept.whole());
    assert!(limited(&bytes("server.cpuprofile.gz")).refused.is_some());
    let statistics = limited(&bytes("clinic-processstat.gz")[..20_000]);
    assert!(statistics.notes[0].text.contains("first 11 records"), "{:?}", statistics.notes);
    let ticks = format!("{V8_LOG}{}", "tick,0x2010,3000,0,0x0,0\n".repeat(200));
    assert_eq!(limited(ticks.as_bytes()).refused.unwrap(), "Stopped: more than 100 ticks");
    assert_eq!(limited("a;b 1\n".repeat(200).as_bytes()).refused.unwrap(), "Stopped: more than 100 stacks");
    assert!(limited("MEM 1.0 2.0\n".repeat(20_000).as_bytes()).refused.unwrap().starts_with("Stopped: "));
    let long = format!("{}x", COLLAPSED.repeat(5000));
    let roomy = Limits { samples: 1_000_000, ..limits };
    let said = read("x", 0, &mut long.as_bytes(), roomy).refused.unwrap();
    assert!(said.contains("larger than"), "{said}");
}

#[test]
fn impossible_counts_are_named_and_never_summed() {
    let wild = "main (app.py:1);f (app.py:3) -4\nmain (app.py:1) NaN\nmain (app.py:1);g (app.py:9) inf\n";
    let all = survive(wild.as_bytes());
    assert_eq!(all.format, "collapsed stacks");
    assert!(all.refused.unwrap().contains("counts are below zero or no numbers"));
    let some = format!("{COLLAPSED}{wild}");
    let note = survive(some.as_bytes()).notes.remove(0);
    assert_eq!((note.at, note.times), (3, 3));
    assert!(note.text.contains("below zero or no number"), "{}", note.text);
    assert_eq!(profile(&some).whole(), profile(COLLAPSED).whole());
}

#[test]
fn a_marshal_file_that_refers_to_itself_many_times_is_bounded() {
    // One dictionary of callers with many entries, referred to by many functions.
    let mut file = vec![0xfb];
    let key = |file: &mut Vec<u8>, number: i32| {
        file.extend_from_slice(b")\x03z\x01a");
        file.push(b'i');
        file.extend_from_slice(&number.to_le_bytes());
        file.extend_from_slice(b"z\x01f");
    };
    let number = |file: &mut Vec<u8>, value: i32| {
        file.push(b'i');
        file.extend_from_slice(&value.to_le_bytes());
    };
    for function in 0..3000 {
        key(&mut file, function);
        file.extend_from_slice(b")\x05");
        for _ in 0..4 {
            number(&mut file, 1);
        }
        if function == 0 {
            file.push(0xfb);
            for caller in 0..3000 {
                key(&mut file, caller);
                number(&mut file, 1);
            }
            file.push(b'0');
        } else {
            file.extend_from_slice(b"r\x01\x00\x00\x00");
        }
    }
    file.push(b'0');
    let limits = Limits { samples: 50_000, ..Limits::default() };
    let said = read("x", 0, &mut file.as_slice(), limits);
    assert_eq!(said.refused.unwrap(), "Stopped: more than 50,000 callers");
}
