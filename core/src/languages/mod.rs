//! Front ends: source text -> [`crate::model::Module`]. A front end knows one file at a time and
//! no library; lowering never fails, it returns problems beside what it could read.

pub mod python;
pub mod sql;
pub mod templates;

use crate::model::{Interner, Language, Module, Problem};
use crate::source::FileId;

/// A file handed to a front end.
#[derive(Clone, Copy, Debug)]
pub struct SourceText<'a> {
    /// Which file.
    pub file: FileId,
    /// Path relative to the project, with `/`.
    pub path: &'a str,
    /// Decoded text.
    pub text: &'a str,
}

/// What lowering gives.
#[derive(Debug)]
pub struct Lowered {
    /// `None` when nothing of the file could be read (nested too deeply).
    pub module: Option<Module>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// A language.
pub trait Frontend {
    /// Which language.
    fn language(&self) -> Language;
    /// Lowers one file.
    fn lower(&self, source: SourceText<'_>, names: &mut Interner) -> Lowered;
}

/// The front end of `language`, when there is one.
#[must_use]
pub fn frontend(language: Language) -> Option<&'static dyn Frontend> {
    match language {
        Language::Python => Some(&python::Python),
        Language::Template => Some(&templates::Templates),
        _ => None,
    }
}
