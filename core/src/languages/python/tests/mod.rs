//! What Python lowers to. The cases compare the text dump of a module (`cargo run --example dump`
//! prints it for a file); a module body that only defines `f` is left out of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod merges;
mod places;
mod regions;
mod robustness;
mod scopes;
mod values;

use super::Python;
use crate::languages::{Frontend, Lowered, SourceText};
use crate::model::{Interner, Module, dump_module};
use crate::source::FileId;

fn lower(text: &str) -> (Lowered, Interner) {
    let mut names = Interner::default();
    let lowered = Python.lower(SourceText { file: FileId(0), path: "t.py", text }, &mut names);
    for function in lowered.module.iter().flat_map(|m| &m.functions) {
        if let Err(error) = function.body.validate() {
            panic!("{error}\nin {}\nof {text}", names.text(function.qualified));
        }
    }
    if let Some(module) = &lowered.module {
        let bytes = postcard::to_allocvec(module).unwrap();
        assert_eq!(postcard::from_bytes::<Module>(&bytes).as_ref(), Ok(module), "{text}");
    }
    (lowered, names)
}

fn module(text: &str) -> (Module, Interner) {
    let (lowered, names) = lower(text);
    assert_eq!(lowered.problems, []);
    (lowered.module.expect("a module"), names)
}

/// Compares the dump of `source` with `expected`; both are indented in the test.
fn check(source: &str, expected: &str) {
    let (module, names) = module(&unindent(source));
    let dump =
        dump_module(&module, &names).replace("fn0 <module>() in fn0\n  %0 = closure fn1\n  %1 = bind f %0\n", "");
    let expected = unindent(expected);
    assert_eq!(dump, expected, "\n--- got\n{dump}--- expected\n{expected}");
}

fn unindent(text: &str) -> String {
    let text = text.strip_prefix('\n').unwrap_or(text);
    let indent = text.len() - text.trim_start_matches(' ').len();
    let mut out = String::new();
    for line in text.trim_end_matches(' ').lines() {
        out.push_str(line.get(indent..).unwrap_or(""));
        out.push('\n');
    }
    out
}
