//! All formats, in the order in which they are tried. One file a format; a format is one line in its group.

mod databases;
pub mod json;
mod load;
mod profiles;
pub mod targets;
mod web;

use super::input::{Input, Notes, Refused};
use super::model::Artefact;
use super::recognize::Head;

/// A format of evidence.
#[derive(Clone, Copy)]
pub struct Format {
    /// Name for people, as the tool's documentation calls it: `cProfile statistics`.
    pub name: &'static str,
    /// Whether the head is of this format.
    pub matches: fn(&Head) -> bool,
    /// Reads it: adds evidence, notes, and what the file says of its run. What was read before an error is kept.
    pub read: fn(&mut Input, &mut Artefact, &mut Notes) -> Result<(), Refused>,
}

/// All formats by group; the first that matches reads the file.
pub const FORMATS: &[&[Format]] =
    &[profiles::FORMATS, databases::FORMATS, load::FORMATS, web::FORMATS, targets::FORMATS];
