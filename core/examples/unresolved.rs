//! Lists calls that linking left without a target although the project has functions of that name:
//! `cargo run --example unresolved -- FOLDER [NAME]`. What the engine does not resolve, no check sees.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "an example for people at a terminal"
)]

use drydock_core::analysis::{Project, Type};
use drydock_core::facade::{Indexer, link};
use drydock_core::intake::{FolderEntry, Limits, folder_listing, plan};
use drydock_core::libraries::Effects;
use drydock_core::model::OpKind;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn walk(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { walk(&path, out) } else { out.push(path) }
    }
}

fn linked(root: &Path) -> Project {
    let mut paths = Vec::new();
    walk(root, &mut paths);
    let entries: Vec<FolderEntry> = paths
        .iter()
        .map(|path| FolderEntry {
            path: path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned(),
            size: path.metadata().map_or(0, |data| data.len()),
        })
        .collect();
    let mut indexer = Indexer::default();
    if let Ok(listing) = folder_listing(&entries, &Limits::default()) {
        for file in plan(&listing, &[], &Default::default(), 1).shard(0) {
            if let Some(bytes) = paths.get(file.entry).and_then(|path| std::fs::read(path).ok()) {
                indexer.file(file, &bytes);
            }
        }
    }
    link(vec![indexer.finish()]).0
}

fn main() {
    let mut args = std::env::args().skip(1);
    let (Some(root), wanted) = (args.next(), args.next()) else {
        eprintln!("usage: unresolved FOLDER [NAME]");
        return;
    };
    let project = linked(Path::new(&root));
    let code = project.code();
    let work = Effects::ANY_QUERY.with(Effects::ANY_WRITE).with(Effects::ANY_FOREIGN).with(Effects::DB_ADD);
    // Names of functions whose call matters.
    let mut worth: BTreeSet<_> = BTreeSet::new();
    for f in code.func_ids() {
        if project.summary(f).effects.any(work) {
            worth.insert(code.func(f).name);
        }
    }
    let mut found: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    let (mut calls, mut open) = (0, 0);
    for f in code.func_ids() {
        let body = code.body(f);
        for (i, op) in body.ops.iter().enumerate() {
            let OpKind::Call { callee, .. } = &op.kind else { continue };
            let v = drydock_core::model::ValueId(u32::try_from(i).unwrap_or(u32::MAX));
            calls += 1;
            let resolved = project.sites_at(f, v).any(|site| !site.targets.is_empty() || site.effects != Effects::NONE);
            let name = match code.op(f, *callee).map(|op| &op.kind) {
                Some(OpKind::Attr { name, .. } | OpKind::Global(name)) => *name,
                _ => continue,
            };
            if resolved || !worth.contains(&name) || !matches!(project.ty(f, *callee), Type::Unknown) {
                continue;
            }
            open += 1;
            let text = project.describe(f, *callee);
            let key = text.rsplit_once('.').map_or("", |(base, _)| base).to_owned();
            found.entry((project.text(name).to_owned(), key)).or_default().push(format!(
                "{}:{}",
                code.path(f),
                body.span(v).map_or(0, |span| span.line)
            ));
        }
    }
    println!("{calls} calls, {open} open ones of a name that does work");
    let mut rows: Vec<_> = found.into_iter().collect();
    rows.sort_by_key(|(_, places)| std::cmp::Reverse(places.len()));
    for ((name, base), places) in rows {
        if wanted.as_ref().is_none_or(|wanted| *wanted == name) {
            println!(
                "{:5} {base}.{name}  {}",
                places.len(),
                places.iter().take(3).cloned().collect::<Vec<_>>().join(" ")
            );
        }
    }
}
