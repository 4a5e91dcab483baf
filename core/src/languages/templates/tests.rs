//! What templates are lowered to.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::Templates;
use crate::languages::{Frontend, SourceText};
use crate::model::{Interner, OpKind, RegionKind};
use crate::source::FileId;

fn lower(text: &str) -> (crate::model::Module, Interner) {
    let mut names = Interner::default();
    let source = SourceText { file: FileId(0), path: "app/templates/a.html", text };
    let module = Templates.lower(source, &mut names).module.unwrap();
    for function in &module.functions {
        assert_eq!(function.body.validate(), Ok(()), "{text}");
    }
    (module, names)
}

#[test]
fn loops_branches_and_names() {
    let (module, names) = lower(
        "{% extends 'base.html' %}{% for check in checks %}{% if check.project.owner == request.user %}\
         {{ check.name|upper }}{% elif check.x %}a{% else %}{% include 'row.html' with item=check only %}{% endif %}\
         {% empty %}{{ nothing }}{% endfor %}{% with a=b.c %}{{ a.d }}{% endwith %}{{ a }}",
    );
    let template = &module.functions[1];
    let params: Vec<&str> = template.params.iter().map(|p| names.text(p.name)).collect();
    assert_eq!(params, ["checks", "request", "nothing", "b", "a"]);
    let loops = template.body.regions.iter().filter(|r| matches!(r.kind, RegionKind::Loop { .. })).count();
    let arms = template.body.regions.iter().filter(|r| matches!(r.kind, RegionKind::Arm { .. })).count();
    assert_eq!((loops, arms), (1, 3));
    let attrs = template.body.ops.iter().filter(|op| matches!(op.kind, OpKind::Attr { .. })).count();
    assert_eq!(attrs, 7);
}

#[test]
fn jinja_calls_sets_and_macros() {
    let (module, names) = lower(
        "{% macro row(x) %}{{ x.name }}{% endmacro %}{% set n = items[0].owner %}{{ n.name if n else 'x' }}\
         {% for k, v in d.items() if v -%}{{ row(v) }}{%- endfor %}",
    );
    let params: Vec<&str> = module.functions[1].params.iter().map(|p| names.text(p.name)).collect();
    assert_eq!(params, ["items", "d", "row"]);
}

#[test]
fn broken_templates_are_read_as_far_as_they_go() {
    for text in [
        "{% for %}",
        "{% for x in %}{% endif %}",
        "{% endfor %}{% endif %}{{",
        "{{ a.b.c.|x: }}{% if %}{% else %}{% else %}",
        "{% with %}{% elif %}",
        "{{ ((((((((((((((((((((((((((((((((a }}",
        "{% comment %}{% for x in y %}",
        "{{ 'é\" }}{% include %}",
        &"{% for x in y %}{% if x %}".repeat(200),
    ] {
        lower(text);
    }
}
