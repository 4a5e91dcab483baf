//! How much linking computes, in counts and not in time: bodies are inferred once, and again only where
//! a call site explains something. More of it would cost every audit, whatever the machine does meanwhile.
#![allow(clippy::expect_used, missing_docs)]

use drydock_core::analysis::{Project, ShardBuilder};
use drydock_core::languages::{SourceText, frontend};
use drydock_core::model::Language;
use drydock_core::source::FileId;
use drydock_tests::repository;

fn link(files: &[(String, String)]) -> Project {
    let front = frontend(Language::Python).expect("Python");
    let mut builder = ShardBuilder::default();
    for (file, (path, text)) in (0..).map(FileId).zip(files) {
        builder.lowered(|names| {
            let lowered = front.lower(SourceText { file, path, text }, names);
            (lowered.module, lowered.problems)
        });
    }
    Project::link(vec![builder.finish().take_code()])
}

/// Functions (top levels included) and bodies inferred.
fn counts(files: &[(&str, &str)]) -> (usize, usize) {
    let files: Vec<_> = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let project = link(&files);
    (project.code().func_count(), project.inferred())
}

#[test]
fn what_is_annotated_is_inferred_once() {
    let used =
        ("a.py", "class A:\n    def f(self) -> int:\n        return 1\n\ndef g(a: A) -> int:\n    return a.f()\n");
    let user = ("b.py", "from a import A, g\n\ndef h() -> int:\n    return g(A())\n");
    assert_eq!(counts(&[used, user]), (5, 5));
    assert_eq!(counts(&[user, used]), (5, 5), "whatever comes first");
}

#[test]
fn what_a_call_explains_is_inferred_once_more_with_its_callers() {
    // `show` learns from its call site; what it returns then explains nothing new to `main`.
    let source = "def show(n):\n    print(n)\n\ndef main():\n    show('a')\n\ndef other():\n    return 2\n";
    let (functions, inferred) = counts(&[("a.py", source)]);
    assert_eq!(functions, 4);
    assert!((5..=6).contains(&inferred), "{inferred} bodies");
}

#[test]
fn the_demo_is_inferred_less_than_twice() {
    let files: Vec<(String, String)> = repository::files("examples/demo", ".py")
        .into_iter()
        .map(|file| (file.path.trim_start_matches("examples/demo/").to_owned(), file.text))
        .collect();
    let project = link(&files);
    let (functions, inferred) = (project.code().func_count(), project.inferred());
    assert!(functions > 30, "only {functions} functions were read");
    assert!(inferred < 2 * functions, "{inferred} bodies of {functions} functions");
}

#[test]
fn a_long_chain_of_calls_takes_no_longer_for_each_link() {
    let chain = |links: usize| {
        let mut source = String::from("def f0(x):\n    return x\n");
        for n in 1..links {
            source.push_str(&format!("def f{n}(x):\n    return f{}(x)\n", n - 1));
        }
        source.push_str(&format!("f{}('a')\n", links - 1));
        let (functions, inferred) = counts(&[("a.py", source.as_str())]);
        (inferred * 100).div_ceil(functions)
    };
    let (short, long) = (chain(40), chain(400));
    assert!(long <= short + 10, "{short} and {long} bodies for 100 functions");
}
