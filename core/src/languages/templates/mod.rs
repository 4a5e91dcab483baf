//! Django and Jinja templates: a template becomes a module with one function, whose parameters are the
//! names that it takes from its context. `analysis` joins it to the calls that render it.

mod expr;
mod lex;
mod lower;

#[cfg(test)]
mod tests;

use super::{Frontend, Lowered, SourceText};
use crate::model::{
    Body, Function, FunctionKind, Interner, Language, Module, Param, ParamKind, Region, RegionId, RegionKind,
};
use crate::source::{LineIndex, Span};
use lower::Lowerer;

/// The template front end.
#[derive(Clone, Copy, Debug)]
pub struct Templates;

impl Frontend for Templates {
    fn language(&self) -> Language {
        Language::Template
    }

    fn lower(&self, source: SourceText<'_>, names: &mut Interner) -> Lowered {
        let lines = LineIndex::new(source.text);
        let count = lines.position(u32::try_from(source.text.len()).unwrap_or(u32::MAX)).0;
        let whole = Span { line: 1, col: 1, end_line: count, end_col: 1 };
        let pieces = lex::pieces(source.text);
        let mut first = Lowerer::new(names, &[], whole);
        first.read(&pieces, &lines);
        let params = std::mem::take(&mut first.free);
        let mut second = Lowerer::new(names, &params, whole);
        second.read(&pieces, &lines);
        let body = second.finish();
        let empty = Region { kind: RegionKind::Root, parent: RegionId::ROOT, start: 0, end: 0, span: whole };
        let top = Function::new(
            names.intern("<module>"),
            FunctionKind::TopLevel,
            whole,
            Body { regions: vec![empty], ..Body::default() },
        );
        let short = source.path.rsplit_once("templates/").map_or(source.path, |(_, name)| name);
        let mut template = Function::new(names.intern(short), FunctionKind::Function, whole, body);
        template.params = params
            .into_iter()
            .map(|name| Param { name, kind: ParamKind::Normal, annotation: None, default: None, span: whole })
            .collect();
        let module = Module {
            file: source.file,
            path: source.path.to_owned(),
            language: Language::Template,
            lines: count,
            imports: Vec::new(),
            classes: Vec::new(),
            functions: vec![top, template],
            exports: None,
            comments: Vec::new(),
        };
        Lowered { module: Some(module), problems: Vec::new() }
    }
}
