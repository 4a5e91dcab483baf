//! The language-neutral semantic model: what every front end lowers source files into.
//!
//! Four properties hold for every value here:
//! - **Value or problem.** Lowering never fails; what could not be read is a [`Problem`].
//! - **Names are unresolved.** A front end knows one file; `analysis` resolves names after linking.
//! - **Bodies are values in evaluation order.** Every expression that matters is an [`Op`]; its
//!   index in the body is its [`ValueId`], so "the receiver of this call is what line 12 acquired"
//!   is a comparison of numbers. Locals are numbered: a read of a local *is* the `ValueId` of its
//!   definition, and where control flow merges there is a [`OpKind::Phi`].
//! - **Structure is kept.** Regions (branch, loop, try, with …) cover contiguous ranges of ops and
//!   nest; there is no control-flow graph.
//!
//! Knows nothing of languages, libraries or checks.

mod body;
mod codec;
mod codes;
mod dump;
mod grouped;
mod module;
mod numbered;
mod operands;
mod packed;
pub mod schema;
mod spans;
mod symbols;
mod validate;
mod wire;

pub use body::{
    Arg, ArgKind, BinaryOp, Body, CollectionKind, Const, LoopKind, Op, OpKind, Region, RegionId, RegionKind, TextPart,
    ValueId,
};
pub use dump::{dump_body, dump_module};
pub use grouped::Grouped;
pub use module::{
    Class, ClassIdx, Comment, Decorator, Field, FnIdx, Function, FunctionKind, Import, ImportKind, Language, Module,
    Param, ParamKind, Problem, ProblemKind, TEMPLATE_EXTENDS, TEMPLATE_INCLUDE,
};
pub use numbered::Numbered;
pub use packed::{Maybe, Wide};
pub use spans::Spans;
pub use symbols::{Interner, Sym, SymbolMap, folded};
