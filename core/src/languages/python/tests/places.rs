//! Spans, comments, docstrings and problems.

use super::{lower, module};
use crate::model::{Const, OpKind, ProblemKind};
use crate::source::Span;

#[test]
fn spans_count_lines_and_characters_from_one() {
    let (module, _) = module("# ä\nx = 'ä€'.foo(\n  1)\n");
    let body = &module.functions[0].body;
    let span =
        |wanted: fn(&OpKind) -> bool| body.spans.get(body.ops.iter().position(|op| wanted(&op.kind)).unwrap()).unwrap();
    let call = span(|kind| matches!(kind, OpKind::Call { .. }));
    assert_eq!(call, Span { line: 2, col: 5, end_line: 3, end_col: 5 });
    let attr = span(|kind| matches!(kind, OpKind::Attr { .. }));
    assert_eq!(attr, Span { line: 2, col: 5, end_line: 2, end_col: 13 });
    assert_eq!(module.lines, 3);
}

#[test]
fn definitions_start_at_their_keyword() {
    let (module, _) = module("@a\n# note\n@b(1)  # more\n\nasync def f(): pass\n@c\nclass A: pass\n");
    assert_eq!(module.functions[1].span, Span { line: 5, col: 1, end_line: 5, end_col: 20 });
    assert_eq!(module.functions[1].name_span, Span { line: 5, col: 11, end_line: 5, end_col: 12 });
    assert_eq!(module.classes[0].span.line, 7);
}

#[test]
fn comments_that_matter_are_kept() {
    let source = "#!/usr/bin/env python3\n# noqa\nx = '# no comment at all'  # one per row, on purpose\n  # drydock: ignore\n#: types of things\n";
    let (module, names) = module(source);
    let kept: Vec<_> = module.comments.iter().map(|c| (c.line, c.own_line, names.text(c.text))).collect();
    assert_eq!(
        kept,
        [(3, false, "one per row, on purpose"), (4, true, "drydock: ignore"), (5, true, "types of things")]
    );
}

#[test]
fn docstrings_keep_their_first_line() {
    let (module, names) = module("'''Module.\n\nMore.'''\ndef f():\n    '''\n    Does it.\n    More.\n    '''\n");
    let docs: Vec<_> = module.functions.iter().map(|f| names.text(f.doc.unwrap())).collect();
    assert_eq!(docs, ["Module.", "Does it."]);
}

#[test]
fn long_strings_are_cut_unless_they_are_sql() {
    let sql = format!("select {}", "x, ".repeat(300));
    let (module, names) = module(&format!("a = '{}'\nb = '{sql}'\nc = f'{sql}{{a}}'\n", "y".repeat(900)));
    let ops = &module.functions[0].body.ops;
    let mut lengths = Vec::new();
    for op in ops {
        match &op.kind {
            OpKind::Const(Const::Str(s)) => lengths.push(names.text(*s).len()),
            OpKind::Text(parts) => {
                assert_eq!(parts.len(), 2);
                lengths.push(sql.len());
            }
            _ => {}
        }
    }
    assert_eq!(lengths, [200, sql.len(), sql.len()]);
}

#[test]
fn syntax_errors_are_problems_and_the_rest_is_lowered() {
    let (lowered, names) = lower("def f(:\n    pass\n\ndef g(a):\n    return a.b\n");
    assert!(lowered.problems.iter().all(|p| p.kind == ProblemKind::Syntax && p.path == "t.py"));
    assert_eq!(lowered.problems.first().map(|p| p.line), Some(1));
    let module = lowered.module.unwrap();
    assert!(module.functions.iter().any(|f| names.text(f.name) == "g" && f.body.ops.len() == 3));
}

#[test]
fn python_2_is_read_where_it_is_intact() {
    let source = "import os\nprint 'hello %s' % os.name\ntry:\n    pass\nexcept Exception, e:\n    print e\n\ndef g(a):\n    exec 'x'\n    return a.b\n";
    let (lowered, names) = lower(source);
    assert!((1..=5).contains(&lowered.problems.len()));
    let module = lowered.module.unwrap();
    assert!(module.functions.iter().any(|f| names.text(f.name) == "g"));
}

#[test]
fn at_most_five_syntax_problems_are_reported() {
    let (lowered, _) = lower(&"x = = 1\n".repeat(50));
    assert_eq!(lowered.problems.len(), 5);
}
