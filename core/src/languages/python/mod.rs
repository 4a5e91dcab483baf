//! Python, parsed by `ruff_python_parser`.

use super::{Frontend, Lowered, SourceText};
use crate::model::{Interner, Language};

/// The Python front end.
#[derive(Clone, Copy, Debug)]
pub struct Python;

impl Frontend for Python {
    fn language(&self) -> Language {
        Language::Python
    }

    fn lower(&self, _source: SourceText<'_>, _names: &mut Interner) -> Lowered {
        Lowered { module: None, problems: Vec::new() }
    }
}
