//! Run contexts: in which situation each function of small projects runs. A `# runs: …` comment on a
//! `def` line is the expectation; the cases stand in `cases.md`, one heading each.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use drydock_core::analysis::{Project, ShardBuilder};
use drydock_core::languages::{SourceText, frontend};
use drydock_core::libraries::RunContext;
use drydock_core::model::Language;
use drydock_core::source::FileId;

struct Case {
    name: String,
    files: Vec<(String, String)>,
}

/// Headings, each with fenced blocks that have a title.
fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines() {
        if let Some((title, source)) = &mut open {
            if line == "```" {
                let file = (std::mem::take(title), std::mem::take(source));
                cases.last_mut().expect("a heading").files.push(file);
                open = None;
            } else {
                source.push_str(line);
                source.push('\n');
            }
        } else if let Some(name) = line.strip_prefix("## ") {
            cases.push(Case { name: name.to_owned(), files: Vec::new() });
        } else if let Some(title) = line.strip_prefix("```python title=\"") {
            open = Some((title.trim_end_matches('"').to_owned(), String::new()));
        }
    }
    cases
}

fn link(files: &[(String, String)]) -> Project {
    let front = frontend(Language::Python).expect("Python");
    let mut builder = ShardBuilder::default();
    for (i, (path, text)) in files.iter().enumerate() {
        let file = FileId(u32::try_from(i).expect("few files"));
        builder.lowered(|names| {
            let lowered = front.lower(SourceText { file, path, text }, names);
            (lowered.module, lowered.problems)
        });
    }
    let mut shard = builder.finish();
    Project::link(vec![shard.take_code()])
}

fn word(context: RunContext) -> &'static str {
    match context {
        RunContext::Stream => "stream",
        RunContext::Request => "request",
        RunContext::Job => "job",
        RunContext::Library => "library",
        RunContext::Startup => "startup",
        RunContext::Script => "script",
        RunContext::Migration => "migration",
        RunContext::Test => "test",
    }
}

#[test]
fn functions_run_where_the_comments_say() {
    let mut wrong = Vec::new();
    let mut looked_at = 0;
    for case in cases(include_str!("cases.md")) {
        let project = link(&case.files);
        let code = project.code();
        for (path, text) in &case.files {
            for (line, (number, expected)) in
                text.lines().zip(1_u32..).filter_map(|(line, n)| Some((line, (n, line.split_once("# runs: ")?.1))))
            {
                looked_at += 1;
                let name = line.split_once("def ").and_then(|(_, rest)| rest.split('(').next()).unwrap_or("");
                let named =
                    code.func_ids().filter(|f| code.path(*f) == path && project.text(code.func(*f).name) == name);
                let nearest = named.min_by_key(|f| code.func(*f).span.line.abs_diff(number));
                let Some(f) = nearest else {
                    wrong.push(format!("{}: {path}:{number} `{name}` was not found", case.name));
                    continue;
                };
                let admin = project.context_path(f).is_some_and(|p| p.admin);
                let found = format!("{}{}", word(project.context(f)), if admin { ", admin" } else { "" });
                if found != expected {
                    wrong.push(format!("{}: {path}:{number} `{name}` runs as {found}, not as {expected}", case.name));
                }
            }
        }
    }
    assert!(looked_at > 60, "only {looked_at} expectations were read");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
