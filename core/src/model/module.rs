//! A source file's module: imports, classes, functions, comments that matter.

use super::body::{Body, ValueId};
use super::symbols::{Sym, SymbolMap};
use crate::source::{FileId, Span};
use serde::{Deserialize, Serialize};

/// A function of a module: index into [`Module::functions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FnIdx(pub u32);

/// A class of a module: index into [`Module::classes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ClassIdx(pub u32);

/// Languages that Drydock reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Python.
    Python,
    /// JavaScript and TypeScript.
    JavaScript,
    /// Go.
    Go,
    /// Java.
    Java,
    /// SQL.
    Sql,
    /// Django and Jinja templates.
    Template,
}

/// The global whose call stands for a template that includes another; the name is the first argument.
pub const TEMPLATE_INCLUDE: &str = "<include>";
/// Likewise for one that extends another.
pub const TEMPLATE_EXTENDS: &str = "<extends>";

/// One lowered source file. Serialises compactly: see `wire`.
#[derive(Clone, Debug, PartialEq)]
pub struct Module {
    /// Which file.
    pub file: FileId,
    /// Its path, relative to the project, with `/`.
    pub path: String,
    /// Language.
    pub language: Language,
    /// Number of lines of the file.
    pub lines: u32,
    /// Imports anywhere in the file (also inside functions), in source order.
    pub imports: Vec<Import>,
    /// Classes anywhere in the file, in source order.
    pub classes: Vec<Class>,
    /// Functions anywhere in the file, in source order; index 0 is the module's top level.
    pub functions: Vec<Function>,
    /// Names in `__all__`, when it is a literal.
    pub exports: Option<Vec<Sym>>,
    /// Comments that analyses read: suppressions and remarks above or on statements. Front ends
    /// keep comments with `drydock:` or at least three words, cut to 200 characters.
    pub comments: Vec<Comment>,
}

/// An import of one name (or of a module, or of everything in it).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Import {
    /// What is imported.
    pub kind: ImportKind,
    /// Name bound in this file (for `import a.b` without `as`: `a`).
    pub local: Sym,
    /// The function in which it stands; 0 for the top level. The name is bound for the whole file
    /// when analyses resolve (shadowing by scope is rare and not modelled).
    pub scope: FnIdx,
    /// Only imported for type checking (`if TYPE_CHECKING:`).
    pub typing_only: bool,
    /// Where.
    pub span: Span,
}

/// What an import names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ImportKind {
    /// `import module` / `import module as local`: dotted module; `level` is 0.
    Module {
        /// Dotted path.
        module: Sym,
        /// `import a.b` (without `as`) binds only the top package `a`.
        binds_top: bool,
    },
    /// `from module import name as local`; `level` counts leading dots.
    Member {
        /// Dotted path, possibly empty with `level > 0`.
        module: Sym,
        /// Leading dots.
        level: u8,
        /// Imported name.
        name: Sym,
    },
    /// `from module import *`
    Star {
        /// Dotted path.
        module: Sym,
        /// Leading dots.
        level: u8,
    },
}

/// A class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Class {
    /// Name.
    pub name: Sym,
    /// Function whose body holds the statement (0: top level). Operands below are values there.
    pub scope: FnIdx,
    /// Enclosing class.
    pub outer: Option<ClassIdx>,
    /// Base classes.
    pub bases: Vec<ValueId>,
    /// Keywords of the class statement (`table=True`, `metaclass=…`).
    pub keywords: Vec<(Sym, ValueId)>,
    /// Decorators.
    pub decorators: Vec<Decorator>,
    /// Class-level names with annotation and/or value, in source order.
    pub fields: Vec<Field>,
    /// Methods defined directly in it, in source order.
    pub methods: Vec<FnIdx>,
    /// The whole statement.
    pub span: Span,
    /// Its name in the statement.
    pub name_span: Span,
}

/// A class-level name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Name.
    pub name: Sym,
    /// Annotation, a value in the class's scope body.
    pub annotation: Option<ValueId>,
    /// Value, likewise.
    pub value: Option<ValueId>,
    /// The statement.
    pub span: Span,
}

/// `@expr` above a function or class.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decorator {
    /// The decorator expression, a value in the enclosing body.
    pub value: ValueId,
    /// Where.
    pub span: Span,
}

/// What a function is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FunctionKind {
    /// The statements of the file itself.
    TopLevel,
    /// A function, also nested.
    Function,
    /// Defined in a class.
    Method,
    /// A lambda or arrow function.
    Lambda,
}

/// A function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Function {
    /// Name; `<module>` and `<lambda>` where there is none.
    pub name: Sym,
    /// Dotted path within the module: `Class.method`, `outer.inner`.
    pub qualified: Sym,
    /// What it is.
    pub kind: FunctionKind,
    /// `async def` and alike.
    pub is_async: bool,
    /// Contains `yield`.
    pub is_generator: bool,
    /// Class that holds it directly.
    pub class: Option<ClassIdx>,
    /// Function whose body holds the definition. Decorators, annotations and defaults are values
    /// of that body. The top level names itself.
    pub parent: FnIdx,
    /// Parameters in order, `self` included.
    pub params: Vec<Param>,
    /// Return annotation, a value of the parent's body.
    pub returns: Option<ValueId>,
    /// Decorators from top to bottom.
    pub decorators: Vec<Decorator>,
    /// First line of the docstring, cut to 200 characters.
    pub doc: Option<Sym>,
    /// The whole definition, decorators left out.
    pub span: Span,
    /// Its name in the definition.
    pub name_span: Span,
    /// What it does. Serialised with the module.
    #[serde(skip)]
    pub body: Body,
}

impl Function {
    /// A function of the top level without parameters; `span` stands for its name too.
    #[must_use]
    pub fn new(name: Sym, kind: FunctionKind, span: Span, body: Body) -> Self {
        Self {
            name,
            qualified: name,
            kind,
            is_async: false,
            is_generator: false,
            class: None,
            parent: FnIdx(0),
            params: Vec::new(),
            returns: None,
            decorators: Vec::new(),
            doc: None,
            span,
            name_span: span,
            body,
        }
    }
}

/// A parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Param {
    /// Name.
    pub name: Sym,
    /// Form.
    pub kind: ParamKind,
    /// Annotation, a value of the parent's body.
    pub annotation: Option<ValueId>,
    /// Default, a value of the parent's body.
    pub default: Option<ValueId>,
    /// Where.
    pub span: Span,
}

/// Forms of parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ParamKind {
    /// By position only.
    PositionalOnly,
    /// By position or name.
    Normal,
    /// `*args`
    Rest,
    /// By name only.
    NamedOnly,
    /// `**kwargs`
    NamedRest,
}

/// A comment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comment {
    /// Line it stands on.
    pub line: u32,
    /// Whether it has the line for itself.
    pub own_line: bool,
    /// Text without the comment marker.
    pub text: Sym,
}

/// Something that could not be read; the rest of the file was.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    /// File.
    pub path: String,
    /// Line, 0 when it concerns the whole file.
    pub line: u32,
    /// What kind.
    pub kind: ProblemKind,
    /// One sentence.
    pub message: String,
}

/// Kinds of problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// The parser met an error; the intact part is audited.
    Syntax,
    /// Nested too deeply; the file is not audited.
    TooDeep,
    /// Bytes that are no text.
    Encoding,
    /// A manifest or settings file that could not be understood.
    Manifest,
    /// Migrations with several heads, gaps or circles.
    Migration,
}

impl Module {
    /// Renumbers all symbols after the string tables of shards were merged.
    pub fn remap(&mut self, map: &SymbolMap) {
        for import in &mut self.imports {
            map.apply(&mut import.local);
            match &mut import.kind {
                ImportKind::Module { module, .. } | ImportKind::Star { module, .. } => map.apply(module),
                ImportKind::Member { module, name, .. } => {
                    map.apply(module);
                    map.apply(name);
                }
            }
        }
        for class in &mut self.classes {
            map.apply(&mut class.name);
            class.keywords.iter_mut().for_each(|(name, _)| map.apply(name));
            class.fields.iter_mut().for_each(|field| map.apply(&mut field.name));
        }
        for function in &mut self.functions {
            map.apply(&mut function.name);
            map.apply(&mut function.qualified);
            function.doc.iter_mut().for_each(|doc| map.apply(doc));
            function.params.iter_mut().for_each(|param| map.apply(&mut param.name));
            function.body.remap(map);
        }
        self.exports.iter_mut().flatten().for_each(|name| map.apply(name));
        self.comments.iter_mut().for_each(|comment| map.apply(&mut comment.text));
    }
}
