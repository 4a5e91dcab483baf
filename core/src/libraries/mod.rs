//! What calls of libraries mean: one table file per library, rows keyed by the resolved dotted name
//! of the callee. Knows nothing of syntax; `analysis` looks rows up once a callee is resolved.
//!
//! Names are canonical: where a library exports one thing under several paths, [`Library::aliases`]
//! maps the others onto it. A method's name is its class's canonical name plus `.method`; look-up
//! walks the bases of [`ClassRow`]s.

mod effects;
mod index;
mod table;

pub mod python;

pub use effects::{Effects, Place, Resource, RunContext};
pub use index::LibraryIndex;
pub use table::{ClassRow, Exit, KEYWORD_ONLY, Library, Register, Ret, Row, Runs, call, class};
