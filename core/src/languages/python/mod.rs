//! Python, parsed by `ruff_python_parser` and lowered to the model. [`lower`] holds the state of a
//! file, [`builder`] and [`ssa`] that of a body; `definitions`, `statements`, `control`,
//! `expressions` and their neighbours each lower one part of the grammar.

mod annotations;
mod applied;
mod builder;
mod comments;
mod comprehensions;
mod control;
mod definitions;
mod depth;
mod expressions;
mod imports;
mod lower;
mod names;
mod notebook;
mod operators;
mod patterns;
mod prune;
mod scopes;
mod ssa;
mod statements;
mod strings;
mod targets;
mod text;
mod walrus;

#[cfg(test)]
mod tests;

use super::{Frontend, Lowered, SourceText};
use crate::model::{Interner, Language, Problem, ProblemKind};
use crate::source::LineIndex;
use lower::Lowerer;
use notebook::Notebook;
pub use notebook::is_notebook;
use ruff_python_ast::PySourceType;
use ruff_python_parser::{ParseOptions, parse_cells_unchecked, parse_unchecked_source};
use ruff_text_size::TextRange;

/// Most syntax problems that are reported for a file.
const MAX_SYNTAX_PROBLEMS: usize = 5;

/// The Python front end.
#[derive(Clone, Copy, Debug)]
pub struct Python;

impl Frontend for Python {
    fn language(&self) -> Language {
        Language::Python
    }

    fn lower(&self, source: SourceText<'_>, names: &mut Interner) -> Lowered {
        if !is_notebook(source.path) {
            return lower(source, LineIndex::new(source.text), None, names);
        }
        match notebook::read(source) {
            Ok(Notebook { text, origins, cells }) => {
                lower(SourceText { text: &text, ..source }, LineIndex::with_origins(&text, origins), Some(cells), names)
            }
            Err(problem) => Lowered { module: None, problems: vec![problem] },
        }
    }
}

/// Lowers Python text: of a file, or of a notebook's cells.
fn lower(source: SourceText<'_>, lines: LineIndex<'_>, cells: Option<Vec<TextRange>>, names: &mut Interner) -> Lowered {
    let text = source.text;
    let scan = depth::scan(text);
    let problem =
        |kind, offset, message| Problem { path: source.path.to_owned(), line: lines.position(offset).0, kind, message };
    if let Some(offset) = scan.too_deep {
        let message = "The source nests too deeply here to be read; the file is left out".to_owned();
        return Lowered { module: None, problems: vec![problem(ProblemKind::TooDeep, offset, message)] };
    }
    let parsed = match cells {
        None => parse_unchecked_source(text, PySourceType::Python),
        Some(cells) => parse_cells_unchecked(text, cells, &ParseOptions::from(PySourceType::Ipynb)),
    };
    let mut problems: Vec<Problem> = parsed
        .errors()
        .iter()
        .take(MAX_SYNTAX_PROBLEMS)
        .map(|e| problem(ProblemKind::Syntax, e.location.start().to_u32(), e.error.to_string()))
        .collect();
    let comments = comments::comments(text, &scan.comments, &lines, names);
    let mut lowerer = Lowerer::new(text, &lines, names, &scan.walruses);
    lowerer.module(parsed.suite());
    problems.extend(lowerer.too_deep.map(|offset| {
        let message = "An expression nests too deeply here; it is left out".to_owned();
        problem(ProblemKind::TooDeep, offset, message)
    }));
    Lowered { module: Some(lowerer.finish(source.file, source.path, comments)), problems }
}
