use super::*;
use crate::evidence::{Limits, read};
use std::collections::BTreeMap;

fn sample(name: &str) -> Artefact {
    let path = format!("{}/../tests/data/evidence/databases/{name}", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    read(name, bytes.len() as u64, &mut bytes.as_slice(), Limits::default())
}

#[test]
fn print_all() {
    let root = format!("{}/../tests/data/evidence/databases", env!("CARGO_MANIFEST_DIR"));
    for folder in ["", "explain/", "mariadb/", "sqlite/"] {
        for entry in
            std::fs::read_dir(format!("{root}/{folder}")).unwrap().flatten().filter(|entry| entry.path().is_file())
        {
            let name = format!("{folder}{}", entry.file_name().to_string_lossy());
            let artefact = sample(&name);
            for seen in judge(&[artefact]) {
                println!(
                    "{name}: {} {:?} {}\n      {}\n      {}",
                    seen.rule, seen.severity, seen.title, seen.measured, seen.fix
                );
            }
        }
    }
}
