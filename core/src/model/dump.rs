//! A compact text form of a module's bodies, for tests and for people who debug a front end.
//! One op a line, indented by region: `  %3 = call %1(%2, timeout=%0)`.

use super::body::{ArgKind, Body, CollectionKind, Const, OpKind, Region, RegionKind, TextPart, ValueId};
use super::module::{Decorator, Function, ImportKind, Module};
use super::symbols::{Interner, Sym};
use std::fmt::Write;

/// All of `module`: imports, classes, functions with their bodies.
#[must_use]
pub fn dump_module(module: &Module, names: &Interner) -> String {
    let mut out = String::new();
    for import in &module.imports {
        let _ = write!(out, "import {} = ", names.text(import.local));
        let _ = match &import.kind {
            ImportKind::Module { module, binds_top } => {
                write!(out, "{}{}", names.text(*module), if *binds_top { " (top)" } else { "" })
            }
            ImportKind::Member { module, level, name } => {
                write!(out, "{}{}:{}", ".".repeat(usize::from(*level)), names.text(*module), names.text(*name))
            }
            ImportKind::Star { module, level } => {
                write!(out, "{}{}:*", ".".repeat(usize::from(*level)), names.text(*module))
            }
        };
        let _ = writeln!(out, " in fn{}{}", import.scope.0, if import.typing_only { " (typing)" } else { "" });
    }
    if let Some(exports) = &module.exports {
        let _ = writeln!(out, "exports {}", join(exports, |s| names.text(*s).to_owned()));
    }
    for (i, class) in module.classes.iter().enumerate() {
        let _ = write!(out, "class{i} {}({})", names.text(class.name), values(&class.bases));
        for (name, value) in &class.keywords {
            let _ = write!(out, " {}={}", names.text(*name), v(*value));
        }
        let _ = writeln!(out, "{} in fn{} line {}", decorators(&class.decorators), class.scope.0, class.span.line);
        for field in &class.fields {
            let _ = writeln!(
                out,
                "  field {}{}{}",
                names.text(field.name),
                field.annotation.map_or(String::new(), |a| format!(": {}", v(a))),
                field.value.map_or(String::new(), |a| format!(" = {}", v(a)))
            );
        }
    }
    for (i, function) in module.functions.iter().enumerate() {
        dump_function(&mut out, i, function, names);
    }
    for comment in &module.comments {
        let own = if comment.own_line { "" } else { " (after code)" };
        let _ = writeln!(out, "comment {}{own}: {}", comment.line, names.text(comment.text));
    }
    out
}

fn dump_function(out: &mut String, index: usize, function: &Function, names: &Interner) {
    let _ = write!(out, "fn{index} {}", names.text(function.qualified));
    if function.is_async {
        out.push_str(" async");
    }
    if function.is_generator {
        out.push_str(" generator");
    }
    if let Some(class) = function.class {
        let _ = write!(out, " of class{}", class.0);
    }
    let params = join(&function.params, |p| {
        let mut text = names.text(p.name).to_owned();
        if let Some(annotation) = p.annotation {
            let _ = write!(text, ": {}", v(annotation));
        }
        if let Some(default) = p.default {
            let _ = write!(text, " = {}", v(default));
        }
        text
    });
    let returns = function.returns.map_or(String::new(), |r| format!(" -> {}", v(r)));
    let _ = writeln!(out, "({params}){returns}{} in fn{}", decorators(&function.decorators), function.parent.0);
    out.push_str(&dump_body(&function.body, names));
}

/// The ops of `body`, one a line, with its regions.
#[must_use]
pub fn dump_body(body: &Body, names: &Interner) -> String {
    let mut out = String::new();
    let mut open: Vec<&Region> = Vec::new();
    let mut regions = body.regions.iter().skip(1).peekable();
    for index in 0..=body.ops.len() {
        let at = u32::try_from(index).unwrap_or(u32::MAX);
        loop {
            if let Some(region) = regions.peek()
                && region.start <= at
                && open.last().is_none_or(|o| {
                    o.end > at || (o.start <= region.start && region.end <= o.end && is_inside(body, region, o))
                })
            {
                indent(&mut out, open.len());
                let _ = writeln!(out, "{}:", region_text(&region.kind));
                open.push(region);
                regions.next();
            } else if open.last().is_some_and(|o| o.end <= at) {
                open.pop();
            } else {
                break;
            }
        }
        let Some(op) = body.ops.get(index) else { break };
        indent(&mut out, open.len());
        let _ = writeln!(out, "{} = {}", v(ValueId(at)), op_text(&op.kind, names));
    }
    out
}

fn is_inside(body: &Body, region: &Region, outer: &Region) -> bool {
    body.regions.get(region.parent.0 as usize).is_some_and(|parent| std::ptr::eq(parent, outer))
}

fn indent(out: &mut String, depth: usize) {
    for _ in 0..=depth {
        out.push_str("  ");
    }
}

fn v(value: ValueId) -> String {
    format!("%{}", value.0)
}

fn join<T>(items: &[T], text: impl Fn(&T) -> String) -> String {
    items.iter().map(text).collect::<Vec<_>>().join(", ")
}

fn values(items: &[ValueId]) -> String {
    join(items, |i| v(*i))
}

fn decorators(items: &[Decorator]) -> String {
    items.iter().map(|d| format!(" @{}", v(d.value))).collect()
}

fn region_text(kind: &RegionKind) -> String {
    match kind {
        RegionKind::Arm { cond: Some(c), negated } => format!("arm {}{}", if *negated { "not " } else { "" }, v(*c)),
        RegionKind::Arm { cond: None, .. } => "arm else".to_owned(),
        RegionKind::Loop { kind, iter } => {
            format!("loop {kind:?} {}", iter.map_or(String::new(), v)).trim_end().to_owned()
        }
        RegionKind::Handler { types } => format!("handler {}", values(types)).trim_end().to_owned(),
        RegionKind::With { manager, is_async } => {
            format!("{} {}", if *is_async { "async with" } else { "with" }, v(*manager))
        }
        RegionKind::ClassBody(class) => format!("class{}", class.0),
        other => format!("{other:?}").to_lowercase(),
    }
}

fn op_text(kind: &OpKind, names: &Interner) -> String {
    let n = |s: Sym| names.text(s).to_owned();
    let opt = |value: &Option<ValueId>| value.map_or(String::new(), |value| format!(" {}", v(value)));
    match kind {
        OpKind::Const(Const::Str(s)) => format!("{:?}", n(*s)),
        OpKind::Const(Const::Int(i)) => i.get().to_string(),
        OpKind::Const(Const::Bool(b)) => b.to_string(),
        OpKind::Const(Const::Float(x)) => format!("{x:?}"),
        OpKind::Const(other) => format!("{other:?}").to_lowercase(),
        OpKind::Param(i) => format!("param {i}"),
        OpKind::Phi(vs) => format!("phi({})", values(vs)),
        OpKind::Global(s) => format!("global {}", n(*s)),
        OpKind::Captured { owner, name } => format!("captured fn{}.{}", owner.0, n(*name)),
        OpKind::Attr { base, name } => format!("{}.{}", v(*base), n(*name)),
        OpKind::Item { base, index } => format!("{}[{}]", v(*base), v(*index)),
        OpKind::Slice { base, bounded } => format!("{}[:{}]", v(*base), if *bounded { "n" } else { "" }),
        OpKind::Call { callee, args } => {
            let args = join(args, |arg| match arg.kind {
                ArgKind::Positional => v(arg.value),
                ArgKind::Named(name) => format!("{}={}", n(name), v(arg.value)),
                ArgKind::Spread => format!("*{}", v(arg.value)),
                ArgKind::SpreadNamed => format!("**{}", v(arg.value)),
            });
            format!("call {}({args})", v(*callee))
        }
        OpKind::Await(value) => format!("await {}", v(*value)),
        OpKind::Yield(value) => format!("yield{}", opt(value)),
        OpKind::YieldFrom(value) => format!("yield from {}", v(*value)),
        OpKind::Return(value) => format!("return{}", opt(value)),
        OpKind::Raise(value) => format!("raise{}", opt(value)),
        OpKind::Break => "break".to_owned(),
        OpKind::Continue => "continue".to_owned(),
        OpKind::Truth(value) => format!("truth {}", v(*value)),
        OpKind::Bind { name, value } => format!("bind {} {}", n(*name), v(*value)),
        OpKind::BindOuter { name, owner, value } => {
            format!(
                "bind outer{} {} {}",
                if owner.0 == 0 { String::new() } else { format!(" fn{}", owner.0) },
                n(*name),
                v(*value)
            )
        }
        OpKind::Annotated { value, annotation } => format!("annotated{}: {}", opt(value), v(*annotation)),
        OpKind::StoreAttr { base, name, value } => format!("{}.{} := {}", v(*base), n(*name), v(*value)),
        OpKind::StoreItem { base, index, value } => format!("{}[{}] := {}", v(*base), v(*index), v(*value)),
        OpKind::Augment { op, old, value } => format!("augment {op:?} {} {}", v(*old), v(*value)),
        OpKind::Delete(value) => format!("delete {}", v(*value)),
        OpKind::Element(value) => format!("element {}", v(*value)),
        OpKind::Unpack { base, index: Some(i) } => format!("unpack {} {i}", v(*base)),
        OpKind::Unpack { base, index: None } => format!("unpack {} *", v(*base)),
        OpKind::Enter { manager, is_async } => {
            format!("{} {}", if *is_async { "async enter" } else { "enter" }, v(*manager))
        }
        OpKind::Caught(types) => format!("caught({})", values(types)),
        OpKind::Binary { op, left, right } => format!("{op:?} {} {}", v(*left), v(*right)),
        OpKind::Not(value) => format!("not {}", v(*value)),
        OpKind::Text(parts) => {
            let parts = join(parts, |part| match part {
                TextPart::Literal(s) => format!("{:?}", n(*s)),
                TextPart::Hole(value) => v(*value),
            });
            format!("text({parts})")
        }
        OpKind::Collection { kind, items } => format!("{}({})", collection(*kind), values(items)),
        OpKind::Comprehension { kind, region, element, key } => {
            let kind = kind.map_or("generator", collection);
            format!("{kind} comprehension region {}:{} {}", region.0, opt(&key.get()), v(*element))
        }
        OpKind::Closure(function) => format!("closure fn{}", function.0),
        OpKind::ClassDef(class) => format!("classdef class{}", class.0),
        OpKind::Other(vs) => format!("other({})", values(vs)),
    }
}

fn collection(kind: CollectionKind) -> &'static str {
    match kind {
        CollectionKind::List => "list",
        CollectionKind::Set => "set",
        CollectionKind::Tuple => "tuple",
        CollectionKind::Dict => "dict",
    }
}
