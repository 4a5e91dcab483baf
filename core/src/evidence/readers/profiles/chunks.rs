//! Processor profiles inside traces of DevTools, Chromium and Node.js: an event `Profile` begins one, `ProfileChunk` events
//! bring its nodes, samples and times in pieces, of several threads in turn.

use super::cpuprofile::File;
use crate::evidence::input::{Limits, Notes, Refused};
use crate::evidence::model::{Artefact, Evidence};
use crate::evidence::readers::json::Json;
use crate::order::InOrder as _;
use crate::words::counted;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Threads whose profiles are kept, those with most samples; the main thread's comes first.
const MOST: usize = 4;

/// All profiles of a trace, by process and number.
pub struct Chunks {
    limits: Limits,
    open: BTreeMap<(i64, String), Open>,
}

struct Open {
    /// Process and thread that were profiled: where the profile began.
    thread: (i64, i64),
    file: File,
}

#[derive(Deserialize)]
struct Which {
    name: String,
    #[serde(default)]
    pid: i64,
    #[serde(default)]
    tid: i64,
    #[serde(default)]
    id: Value,
}

/// Whether an event's name is one of a profile's.
#[must_use]
pub fn is_of_profile(name: &str) -> bool {
    matches!(name, "Profile" | "ProfileChunk")
}

impl Chunks {
    /// None yet.
    #[must_use]
    pub const fn new(limits: Limits) -> Self {
        Self { limits, open: BTreeMap::new() }
    }

    /// Takes the bytes of an event.
    ///
    /// # Errors
    /// When there is more of it than the limits allow.
    pub fn event(&mut self, event: &[u8], notes: &mut Notes, number: u64) -> Result<(), Refused> {
        let Ok(which) = serde_json::from_slice::<Which>(event) else {
            notes.add(number, "Not an event of a trace, skipped");
            return Ok(());
        };
        if !is_of_profile(&which.name) {
            return Ok(());
        }
        let id = which.id.as_str().map_or_else(|| which.id.to_string(), str::to_owned);
        let limits = self.limits;
        let thread = (which.pid, which.tid);
        let open = self.open.entry((which.pid, id)).or_insert_with(|| Open { thread, file: File::new(limits) });
        if which.name == "Profile" {
            open.thread = thread;
        }
        let mut content = event;
        open.file.chunk(&mut Json::new(&mut content))
    }

    /// Adds the profiles to the file's evidence; says how many there are.
    pub fn finish(self, main: &[(i64, i64)], artefact: &mut Artefact, notes: &mut Notes) -> usize {
        let mut open: Vec<Open> = self.open.into_values().filter(|open| open.file.has_samples()).collect();
        open.order_by(|a, b| {
            let first = |open: &Open| !main.contains(&open.thread);
            first(a).cmp(&first(b)).then(b.file.count().cmp(&a.file.count())).then(a.thread.cmp(&b.thread))
        });
        if open.len() > MOST {
            let others = counted((open.len() - MOST) as u64, "thread", "threads");
            notes.add(0, format!("Profiles of {others} more, with fewer samples, were left out"));
            open.truncate(MOST);
        }
        let mut added = 0;
        for Open { file, .. } in open {
            match file.finish(notes) {
                Ok(profile) => {
                    artefact.evidence.push(Evidence::Profile(Box::new(profile)));
                    added += 1;
                }
                Err(Refused(reason)) => notes.add(0, format!("A profile of the trace was not read: {reason}")),
            }
        }
        added
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

    use super::super::samples::bytes;
    use crate::evidence::model::profile::Profile;
    use crate::evidence::model::{Artefact, Evidence};
    use crate::evidence::{Limits, read};

    fn profiles(text: &[u8]) -> (Artefact, Vec<Profile>) {
        let artefact = read("trace.json", text.len() as u64, &mut &*text, Limits::default());
        let of = |evidence: &Evidence| match evidence {
            Evidence::Profile(profile) => Some(Profile::clone(profile)),
            _ => None,
        };
        let found = artefact.evidence.iter().filter_map(of).collect();
        (artefact, found)
    }

    /// A node, its samples and times as an event of a thread.
    fn chunk(id: &str, tid: u32, data: &str) -> String {
        format!(
            r#"{{"args": {{"data": {data}}}, "cat": "v8", "id": "{id}", "name": "ProfileChunk", "ph": "P", "pid": 7, "tid": {tid}, "ts": 9}}"#
        )
    }

    #[test]
    fn pieces_of_two_threads_become_two_profiles() {
        let node = |id: u32, parent: &str, name: &str| {
            format!(
                r#"{{"id": {id}, {parent} "callFrame": {{"functionName": "{name}", "scriptId": 3, "url": "http://shop.example/app.js", "lineNumber": 4, "columnNumber": 0}}}}"#
            )
        };
        let begin = |id: &str, tid: u32| {
            format!(
                r#"{{"name": "Profile", "ph": "P", "pid": 7, "tid": {tid}, "ts": 5, "id": "{id}", "args": {{"data": {{"startTime": 1000}}}}}}"#
            )
        };
        let events = [
            r#"{"name": "thread_name", "ph": "M", "pid": 7, "tid": 2, "ts": 0, "args": {"name": "CrRendererMain"}}"#
                .to_owned(),
            begin("0x1", 1),
            begin("0x2", 2),
            chunk(
                "0x1",
                1,
                &format!(
                    r#"{{"cpuProfile": {{"nodes": [{}], "samples": [1, 1, 1, 1]}}, "timeDeltas": [0, 1000, 1000, 1000]}}"#,
                    node(1, "", "worker")
                ),
            ),
            chunk(
                "0x2",
                9,
                &format!(
                    r#"{{"cpuProfile": {{"nodes": [{}, {}], "samples": [2]}}, "lines": [12], "timeDeltas": [500]}}"#,
                    node(1, "", "(root)"),
                    node(2, r#""parent": 1,"#, "draw")
                ),
            ),
            chunk(
                "0x2",
                9,
                r#"{"cpuProfile": {"endTime": 9500, "samples": [2]}, "lines": [13], "timeDeltas": [3000]}"#,
            ),
        ];
        let text = format!(r#"{{"traceEvents": [{}]}}"#, events.join(", "));
        let (artefact, found) = profiles(text.as_bytes());
        assert_eq!((artefact.refused, found.len()), (None, 2));
        // The main thread first, though the other has more samples.
        let draw = found[0].functions.iter().find(|function| function.name == "draw").unwrap();
        assert_eq!((draw.path.as_str(), draw.line), ("http://shop.example/app.js", 5));
        // 3 ms from the first to the second sample, 5 ms from there to the end.
        assert!((draw.self_value - 0.008).abs() < 1e-9, "{}", draw.self_value);
        let lines: Vec<u32> = found[0].lines.iter().map(|line| line.line).collect();
        assert_eq!(lines, [12, 13]);
        assert!((found[1].whole() - 0.003).abs() < 1e-9);
    }

    #[test]
    fn a_trace_of_node_holds_its_profile() {
        let (artefact, found) = profiles(&bytes("node-trace.json.gz"));
        assert_eq!((artefact.format.as_str(), found.len()), ("Node.js trace events", 1));
        let profile = &found[0];
        let handler = profile.functions.iter().find(|function| function.name == "handler").unwrap();
        assert!(handler.path.ends_with("/traced.js") && handler.total > 0.2, "{handler:?}");
        // Twenty times 12 ms.
        assert!(handler.total < 0.6, "{handler:?}");
        assert!(artefact.evidence.iter().any(|evidence| matches!(evidence, Evidence::Memory(_))));
    }

    #[test]
    fn odd_pieces_are_no_panic() {
        for data in [
            "{}",
            r#"{"cpuProfile": 7}"#,
            r#"{"cpuProfile": {"nodes": 7, "samples": [1]}, "timeDeltas": "x"}"#,
            r#"{"cpuProfile": {"nodes": [{"id": 1, "parent": 1}], "samples": [1, 99]}, "timeDeltas": [-5, 1e300], "lines": [1, 2, 3]}"#,
        ] {
            let text = format!(
                r#"{{"traceEvents": [{{"name": "node", "cat":"node", "ph": "M", "ts": 1, "pid": 7}}, {}]}}"#,
                chunk("1", 1, data)
            );
            let (artefact, _) = profiles(text.as_bytes());
            assert!(artefact.refused.is_some() || !artefact.evidence.is_empty(), "{data}");
        }
    }
}
