//! Hostile and broken source: a problem entry or a partial module, never a panic, and never more
//! stack than a worker in a browser has.

use super::super::Python;
use crate::languages::{Frontend, SourceText};
use crate::model::{Interner, Module, ProblemKind};
use crate::source::FileId;

/// Lowers on a stack of one megabyte; the result: whether there is a module, and the kinds of problem.
fn on_small_stack(text: String) -> (bool, Vec<ProblemKind>) {
    let run = move || {
        let mut names = Interner::default();
        let lowered = Python.lower(SourceText { file: FileId(0), path: "t.py", text: &text }, &mut names);
        for function in lowered.module.iter().flat_map(|m| &m.functions) {
            assert_eq!(function.body.validate(), Ok(()));
        }
        (lowered.module.is_some(), lowered.problems.iter().map(|p| p.kind).collect())
    };
    std::thread::Builder::new().stack_size(1 << 20).spawn(run).unwrap().join().unwrap()
}

fn assert_too_deep(what: &str, text: String) {
    let (_, problems) = on_small_stack(text);
    assert!(problems.contains(&ProblemKind::TooDeep), "{what}: {problems:?}");
}

fn assert_fine(what: &str, text: String) {
    let (module, problems) = on_small_stack(text);
    assert!(module && problems.is_empty(), "{what}: {problems:?}");
}

fn indented(levels: usize, head: &str) -> String {
    let mut text = String::new();
    for level in 0..levels {
        text.push_str(&" ".repeat(level));
        text.push_str(head);
        text.push('\n');
    }
    text + &" ".repeat(levels) + "pass\n"
}

#[test]
fn deep_source_is_a_problem() {
    let n = 100_000;
    for open in ["(", "[", "{", "f(", "a[", "{1:", "(yield ", "lambda: ("] {
        assert_too_deep(open, open.repeat(n));
    }
    assert_too_deep("closed brackets", "(".repeat(n) + &")".repeat(n));
    for link in ["a.", "a + ", "not ", "-", "~", "a ** ", "lambda: ", "lambda a,: ", "1 if 1 else ", "await ", "a @ "] {
        assert_too_deep(link, link.repeat(n) + "a\n");
        assert_too_deep(link, format!("def f():\n  return [1, {}a]\n", link.repeat(n)));
    }
    assert_too_deep("calls", "f".to_owned() + &"()".repeat(n));
    assert_too_deep("method chain", "q".to_owned() + &".filter(a == 1)".repeat(n));
    assert_too_deep("method chain over lines", "(q".to_owned() + &".filter(a == 1)\n  ".repeat(n) + ")");
    assert_too_deep("strings", "'a' + ".repeat(n) + "'a'");
    assert_too_deep("blocks", indented(500, "if a:"));
    assert_too_deep("functions", indented(500, "def f():"));
    assert_too_deep("continued", "a \\\n + ".repeat(n));
    assert_too_deep("async", "async ".repeat(n));
    assert_too_deep("starred", "x = ".to_owned() + &"*".repeat(n) + "a");
}

#[test]
fn deep_f_strings_are_a_problem() {
    let n = 10_000;
    assert_too_deep("format parts", format!("f'{}", "{a:".repeat(n)));
    assert_too_deep("nested", "f\"{".repeat(n) + &"}\"".repeat(n));
    assert_too_deep("in triple quotes", format!("f'''{{{}'''", "f\"{".repeat(n)));
    assert_too_deep("brackets in a hole", format!("f'{{{}'", "(".repeat(n)));
    assert_too_deep("types in strings", format!("a: '{}'", "x[".repeat(400)) + "\na: " + &"x[".repeat(400));
}

#[test]
fn what_people_write_is_not_too_deep() {
    assert_fine("brackets", "x = ".to_owned() + &"[".repeat(60) + &"]".repeat(60));
    assert_fine("string pieces", "x = ".to_owned() + &"'a' + ".repeat(600) + "'a'\n");
    assert_fine("mixed pieces", "x = ".to_owned() + &"a + 'b' + ".repeat(400) + "c\n");
    assert_fine("methods", "x = q".to_owned() + &".where(a == b.c)".repeat(300));
    assert_fine("blocks", indented(60, "if a:"));
    assert_fine("classes and functions", indented(40, "class A:"));
    assert_fine("elif", "if a:\n  x = 1\n".to_owned() + &"elif b:\n  x = 2\n".repeat(5000));
    assert_fine("flat", "x = [".to_owned() + &"(a.b, not c, -1, lambda x, y: x),\n".repeat(5000) + "]\n");
    assert_fine("conditions", "x = ".to_owned() + &"a and b or ".repeat(5000) + "c\n");
    assert_fine("comparisons", "x = ".to_owned() + &"a < ".repeat(5000) + "c\n");
    assert_fine("text", "x = 'a' \\\n".to_owned() + &"f'{a}{{' \\\n".repeat(5000) + "'b'\n");
    assert_fine(
        "brackets in text",
        format!("x = '{}'\n# {}\ny = f'{}'\n", "(".repeat(9000), "[".repeat(9000), "{{".repeat(9000)),
    );
    assert_fine("statements", "x = 1; ".repeat(5000) + "\n");
    assert_fine("targets", "x = ".repeat(2000) + "1\n");
    assert_fine(
        "dict",
        "x = {".to_owned() + &"'a': {'b': [c if d else e, **f]},\n".replace(", **f", "").repeat(3000) + "}\n",
    );
}

#[test]
fn merging_stays_linear_on_hostile_source() {
    let many = 4000;
    let mut arms = "if a:\n  pass\n".to_owned();
    let mut body = "for a in b:\n".to_owned();
    let mut handlers = "try:\n".to_owned();
    for i in 0..many {
        arms += &format!("elif a{i}:\n  v{i} = 1\n");
        body += &format!("  v{i} = 1\n  if a:\n    continue\n  if b:\n    break\n");
        handlers += &format!("  v{i} = 1\n");
    }
    for _ in 0..many {
        handlers += "except E:\n  pass\n";
    }
    for text in [arms, body, handlers] {
        let (module, problems) = on_small_stack(text);
        assert!(module && problems.is_empty());
    }
}

/// Source with one of everything, to be broken.
const SAMPLE: &str = r#"
"""Doc."""
from __future__ import annotations
import a.b as c, os
@app.get("/x", q=[1])
class A(Base["X"], table=True):
    id: Mapped["User | None"] = column(primary_key=True)
    async def m(self, q: "list[User]" = L, /, *a, k=1, **kw) -> "A":
        """Do."""
        global G; G = 1
        try:
            x = await db.execute(f"select {a!r:>{w}} {{}} from {t.u[1:2]}")
            async for row, (y, *z) in x:  # a remark on this
                if (n := row): continue
                elif y: break
                else: x += 1
            else: pass
        except (ValueError, E) as e: raise X from e
        else: del x, a.b[1]
        finally: db.close(x)
        async with S() as s, s.begin(): return {k: v for k, v in s if k for w in v}
        while True: yield (lambda q, *r: q ** -r)(*a, **kw)
        match x:
            case {"a": 1, **r} | [1, *r]: pass
            case P(a, b=2) as p if p: ...
        assert "%s %(a)s" % x, "{a} {}".format(1, a=2)
        return x if y else not z < 1 is None
"#;

#[test]
fn source_cut_anywhere_is_lowered() {
    for (at, _) in SAMPLE.char_indices() {
        super::lower(&SAMPLE[..at]);
        super::lower(&SAMPLE[at..]);
    }
}

#[test]
fn source_with_a_character_changed_is_lowered() {
    for (at, _) in SAMPLE.char_indices().step_by(3) {
        for with in ["(", "'", "\"\"\"", "\n", ":", "{", "é", "\0", "*", "\\"] {
            super::lower(&format!("{}{with}{}", &SAMPLE[..at], &SAMPLE[at + 1..]));
        }
    }
}

#[test]
fn odd_bytes_are_lowered() {
    for text in
        ["\u{feff}x = 1\n", "x = 1\r\ny = 2\r\n", "x = 1\ry = 2\r", "\0\0", "\u{2028}", "ﬁ = 1; fi\n", "é.ü = ä\n"]
    {
        super::lower(text);
    }
}

#[test]
fn damaged_shards_are_refused_without_panic() {
    let (lowered, _) = super::lower(SAMPLE);
    let module = lowered.module.unwrap();
    let bytes = postcard::to_allocvec(&module).unwrap();
    for at in 0..bytes.len() {
        let _ = postcard::from_bytes::<Module>(&bytes[..at]);
        for flip in [0xFF, 0x80, 1] {
            let mut damaged = bytes.clone();
            damaged[at] ^= flip;
            let _ = postcard::from_bytes::<Module>(&damaged);
        }
    }
}
