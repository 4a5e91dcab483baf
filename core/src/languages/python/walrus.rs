//! Finds assignment expressions (`name := …`) inside expressions, with a work list in place of
//! recursion. Only asked where the source has any.

use ruff_python_ast::{Expr, ExprName, InterpolatedStringElement, InterpolatedStringElements};

/// The names that `exprs` assign in the scope they stand in (lambdas are scopes of their own).
pub(super) fn walrus_targets<'e>(exprs: impl Iterator<Item = &'e Expr>) -> Vec<&'e ExprName> {
    let mut found = Vec::new();
    let mut work: Vec<&Expr> = exprs.collect();
    while let Some(expr) = work.pop() {
        if let Expr::Named(named) = expr
            && let Expr::Name(name) = &*named.target
        {
            found.push(name);
        }
        push_children(expr, &mut work);
    }
    found
}

fn push_children<'e>(expr: &'e Expr, work: &mut Vec<&'e Expr>) {
    match expr {
        Expr::BoolOp(e) => work.extend(&e.values),
        Expr::Named(e) => work.push(&e.value),
        Expr::BinOp(e) => work.extend([&*e.left, &*e.right]),
        Expr::UnaryOp(e) => work.push(&e.operand),
        Expr::If(e) => work.extend([&*e.test, &*e.body, &*e.orelse]),
        Expr::Dict(e) => {
            for item in &e.items {
                work.extend(&item.key);
                work.push(&item.value);
            }
        }
        Expr::Set(e) => work.extend(&e.elts),
        Expr::List(e) => work.extend(&e.elts),
        Expr::Tuple(e) => work.extend(&e.elts),
        Expr::ListComp(e) => {
            work.push(&e.elt);
            push_generators(&e.generators, work);
        }
        Expr::SetComp(e) => {
            work.push(&e.elt);
            push_generators(&e.generators, work);
        }
        Expr::Generator(e) => {
            work.push(&e.elt);
            push_generators(&e.generators, work);
        }
        Expr::DictComp(e) => {
            work.extend(e.key.as_deref());
            work.push(&e.value);
            push_generators(&e.generators, work);
        }
        Expr::Await(e) => work.push(&e.value),
        Expr::Yield(e) => work.extend(e.value.as_deref()),
        Expr::YieldFrom(e) => work.push(&e.value),
        Expr::Compare(e) => {
            work.push(&e.left);
            work.extend(e.comparators.iter());
        }
        Expr::Call(e) => {
            work.push(&e.func);
            work.extend(e.arguments.args.iter());
            work.extend(e.arguments.keywords.iter().map(|k| &k.value));
        }
        Expr::FString(e) => {
            for part in e.value.f_strings() {
                push_holes(&part.elements, work);
            }
        }
        Expr::TString(e) => {
            for part in e.value.iter() {
                push_holes(&part.elements, work);
            }
        }
        Expr::Attribute(e) => work.push(&e.value),
        Expr::Subscript(e) => work.extend([&*e.value, &*e.slice]),
        Expr::Starred(e) => work.push(&e.value),
        Expr::Slice(e) => work.extend(e.lower.iter().chain(&e.upper).chain(&e.step).map(|e| &**e)),
        Expr::Lambda(_)
        | Expr::StringLiteral(_)
        | Expr::BytesLiteral(_)
        | Expr::NumberLiteral(_)
        | Expr::BooleanLiteral(_)
        | Expr::NoneLiteral(_)
        | Expr::EllipsisLiteral(_)
        | Expr::Name(_)
        | Expr::IpyEscapeCommand(_) => {}
    }
}

fn push_generators<'e>(generators: &'e [ruff_python_ast::Comprehension], work: &mut Vec<&'e Expr>) {
    for generator in generators {
        work.push(&generator.iter);
        work.extend(&generator.ifs);
    }
}

fn push_holes<'e>(elements: &'e InterpolatedStringElements, work: &mut Vec<&'e Expr>) {
    for element in elements.iter() {
        if let InterpolatedStringElement::Interpolation(hole) = element {
            work.push(&hole.expression);
        }
    }
}
