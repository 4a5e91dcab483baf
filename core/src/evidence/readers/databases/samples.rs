//! For tests: samples of real servers, and readers at their edges.

use crate::evidence::model::{Artefact, Evidence, Plan, QueryStats};
use crate::evidence::{Limits, read};

/// A file below `tests/data/evidence/databases`.
pub(super) fn sample(name: &str) -> Vec<u8> {
    let path = format!("{}/../tests/data/evidence/databases/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// All samples with their names.
pub(super) fn all() -> Vec<(String, Vec<u8>)> {
    let root = format!("{}/../tests/data/evidence/databases", env!("CARGO_MANIFEST_DIR"));
    let mut out = Vec::new();
    for folder in ["", "explain/", "pairs/", "mariadb/", "mysql/", "sqlite/"] {
        let Ok(entries) = std::fs::read_dir(format!("{root}/{folder}")) else { continue };
        for entry in entries.flatten().filter(|entry| entry.path().is_file()) {
            let name = format!("{folder}{}", entry.file_name().to_string_lossy());
            out.push((name.clone(), sample(&name)));
        }
    }
    crate::order::InOrder::order(out.as_mut_slice());
    out
}

pub(super) fn artefact(bytes: &[u8]) -> Artefact {
    read("x", bytes.len() as u64, &mut &*bytes, Limits::default())
}

pub(super) fn plans(bytes: &[u8]) -> Vec<Plan> {
    let artefact = artefact(bytes);
    assert_eq!(artefact.refused, None, "{:?}", artefact.format);
    artefact
        .evidence
        .into_iter()
        .filter_map(|evidence| match evidence {
            Evidence::Plan(plan) => Some(plan),
            _ => None,
        })
        .collect()
}

pub(super) fn stats(bytes: &[u8]) -> QueryStats {
    let artefact = artefact(bytes);
    assert_eq!(artefact.refused, None, "{:?}", artefact.format);
    artefact
        .evidence
        .into_iter()
        .find_map(|evidence| match evidence {
            Evidence::Queries(stats) => Some(stats),
            _ => None,
        })
        .unwrap()
}

/// The plan as an indented list.
pub(super) fn tree(plan: &Plan) -> Vec<String> {
    let mut depth: Vec<usize> = Vec::new();
    plan.nodes
        .iter()
        .map(|node| {
            let level = node.parent.map_or(0, |parent| depth[parent] + 1);
            depth.push(level);
            format!("{}{}", " ".repeat(level), node.words())
        })
        .collect()
}

#[test]
fn every_sample_is_read_and_nothing_of_it_panics_when_it_is_cut() {
    let mut read = 0;
    for (name, bytes) in all() {
        let whole = artefact(&bytes);
        assert_eq!(whole.refused, None, "{name}");
        assert!(!whole.evidence.is_empty(), "{name}: {}", whole.format);
        read += 1;
        let ends: Vec<usize> = if bytes.len() < 700 {
            (0..bytes.len()).collect()
        } else {
            (0..64).map(|part| bytes.len() * part / 64).collect()
        };
        for end in ends {
            let cut = artefact(&bytes[..end]);
            assert!(
                cut.refused.is_some() || !cut.evidence.is_empty() || !cut.notes.is_empty(),
                "{name} cut at {end}: silence"
            );
            if end % 5 == 0 {
                let _ = artefact(&bytes[end..]);
            }
        }
    }
    assert!(read > 20, "{read}");
}

#[test]
fn wrong_files_are_refused_or_explained() {
    for (bytes, words) in [
        (&b""[..], "empty"),
        (b"{\"Plan\": {\"Node Type\": 5}}", "No plan"),
        (b"[{\"Plan\": [[[[]]]], \"Node Type\": 1}]", "No plan"),
        (b"<explain xmlns=\"http://www.postgresql.org/2009/explain\"><Query/></explain>", "XML"),
    ] {
        let artefact = artefact(bytes);
        assert!(artefact.refused.as_deref().is_some_and(|reason| reason.contains(words)), "{:?}", artefact.refused);
    }
}

#[test]
fn bombs_and_impossible_numbers_are_told() {
    let deep = format!("[{{\"Plan\": {}", "{\"Node Type\": \"Sort\", \"Plans\": [".repeat(100_000));
    assert!(artefact(deep.as_bytes()).refused.unwrap().contains("nested deeper"));
    let mut deep = String::from("Sort  (cost=1.00..2.00 rows=1 width=4)\n");
    for level in 1..2000 {
        deep.push_str(&format!("{}->  Sort  (cost=1.00..2.00 rows=1 width=4)\n", " ".repeat(level * 2)));
    }
    let read = artefact(deep.as_bytes());
    assert!(read.notes.iter().any(|note| note.text.contains("deeper")), "{:?}", read.notes);
    let odd = b"Seq Scan on t  (cost=-1.00..nan rows=1000000000 width=4) (actual time=-3.000..-2.000 rows=1000000000000 loops=1000000000)\n  Rows Removed by Filter: -5\n";
    let read = artefact(odd);
    assert!(read.notes.iter().any(|note| note.text.contains("negative")), "{:?}", read.notes);
    let Some(Evidence::Plan(plan)) = read.evidence.first() else { panic!() };
    assert_eq!(plan.nodes[0].loops, Some(1e9));
    assert_eq!(plan.nodes[0].removed, 0.0);
    let many = "Seq Scan on t  (cost=1.00..2.00 rows=1 width=4)\n".repeat(30);
    let limits = Limits { plan_nodes: 20, ..Limits::default() };
    let refused = crate::evidence::read("x", 1, &mut many.as_bytes(), limits).refused.unwrap();
    assert_eq!(refused, "Stopped: more than 20 nodes of plans");
}
