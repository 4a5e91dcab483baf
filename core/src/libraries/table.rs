//! The form of a library table: rows for callables, rows for classes, aliases.

use super::effects::{Effects, Place, Resource, RunContext};

/// One library.
#[derive(Debug)]
pub struct Library {
    /// Technology name as in CHECKS.md "Coverage": `SQLAlchemy`.
    pub name: &'static str,
    /// Import roots that make the table relevant: `sqlalchemy`.
    pub roots: &'static [&'static str],
    /// Functions, constructors and methods.
    pub rows: &'static [Row],
    /// Classes: bases, iteration, context-manager behaviour.
    pub classes: &'static [ClassRow],
    /// Other path -> canonical path, for classes, functions and whole modules (prefixes).
    pub aliases: &'static [(&'static str, &'static str)],
}

/// What calling something means.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Canonical dotted name: function, `Class` (constructor) or `Class.method`.
    pub callee: &'static str,
    /// What it does when called (for an asynchronous callee: when awaited).
    pub effects: Effects,
    /// What it returns (for an asynchronous callee: once awaited).
    pub returns: Ret,
    /// Returns an awaitable that must be awaited (or entered with `async with`).
    pub is_async: bool,
    /// The result must be released.
    pub acquires: Option<Resource>,
    /// Takes a callable and runs it elsewhere.
    pub runs: Option<Runs>,
    /// As a decorator (or given a handler), makes the function run in this context.
    pub registers: Option<Register>,
}

/// A callable argument and where it runs.
#[derive(Clone, Copy, Debug)]
pub struct Runs {
    /// Position of the argument that holds the callable.
    pub arg: u8,
    /// Keyword that may hold it instead (`target`).
    pub keyword: Option<&'static str>,
    /// Where it runs.
    pub place: Place,
}

/// How a callee registers handlers.
#[derive(Clone, Copy, Debug)]
pub struct Register {
    /// Position of the handler argument; `None` when the callee is (or returns) a decorator.
    pub arg: Option<u8>,
    /// Context in which the handler runs.
    pub context: RunContext,
}

/// What a callee returns, as a type expression over its arguments and receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ret {
    /// Not known.
    Unknown,
    /// `None`.
    Nothing,
    /// Text.
    Str,
    /// Bytes.
    Bytes,
    /// Number.
    Number,
    /// Boolean.
    Bool,
    /// The receiver itself, with its type arguments (builder chains).
    Receiver,
    /// An instance of a library class without type arguments (or with the receiver's, when `keep`).
    Inst(&'static str),
    /// An instance of a library class with the receiver's type argument: `QuerySet[M] -> Manager[M]`.
    InstKeep(&'static str),
    /// An instance of a library class whose type argument is the class given as argument n:
    /// `select(User)` -> `Select[User]`.
    InstOfArg(&'static str, u8),
    /// An instance of a library class with the type argument of the value given as argument n:
    /// `session.execute(select(User))` -> `Result[User]`.
    InstFromArg(&'static str, u8),
    /// An instance of the receiver's type argument: `.first()` on `Query[M]` -> `M`.
    Element,
    /// A list of them.
    ElementList,
    /// An instance of the class given as argument n: `session.get(User, 1)` -> `User`.
    ArgInstance(u8),
    /// A list of instances of the type argument of the value given as argument n.
    ListFromArg(u8),
    /// An instance of the type argument of the value given as argument n: `session.scalar(stmt)`.
    ElementFromArg(u8),
    /// The value given as argument n itself: `session.merge(obj)`.
    Arg(u8),
    /// A list of unknown things.
    List,
    /// A dict.
    Dict,
    /// A callable; calling it gives an instance of the class: `sessionmaker(...)()` -> Session.
    FactoryOf(&'static str),
    /// A function that the decorated function's result passes through unchanged.
    Decorated,
}

/// What leaving a `with` block of the class does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nothing that matters.
    Nothing,
    /// Releases the resource (an open transaction is rolled back).
    Closes,
    /// Commits on success, rolls back on an exception; the resource stays open.
    EndsTransaction,
    /// Commits on success, rolls back on an exception, and releases.
    EndsTransactionAndCloses,
}

/// A library class.
#[derive(Clone, Copy, Debug)]
pub struct ClassRow {
    /// Canonical dotted name.
    pub name: &'static str,
    /// Canonical names of bases.
    pub bases: &'static [&'static str],
    /// What iterating gives (`async for` likewise).
    pub element: Ret,
    /// Effects of iterating (lazy queries run here).
    pub iterates: Effects,
    /// What `with x as y` binds.
    pub enter: Ret,
    /// Effects of entering.
    pub enters: Effects,
    /// What leaving does.
    pub exit: Exit,
    /// The resource that an instance is.
    pub resource: Option<Resource>,
    /// Attributes and properties: name -> type.
    pub attrs: &'static [(&'static str, Ret)],
    /// Methods that are not listed have these effects: for SDK clients whose every method calls out.
    pub other_methods: Effects,
    /// Methods that are not listed are asynchronous.
    pub other_methods_async: bool,
}

/// Starts a row.
#[must_use]
pub const fn call(callee: &'static str) -> Row {
    Row {
        callee,
        effects: Effects::NONE,
        returns: Ret::Unknown,
        is_async: false,
        acquires: None,
        runs: None,
        registers: None,
    }
}

/// Starts a class row.
#[must_use]
pub const fn class(name: &'static str) -> ClassRow {
    ClassRow {
        name,
        bases: &[],
        element: Ret::Unknown,
        iterates: Effects::NONE,
        enter: Ret::Receiver,
        enters: Effects::NONE,
        exit: Exit::Nothing,
        resource: None,
        attrs: &[],
        other_methods: Effects::NONE,
        other_methods_async: false,
    }
}

impl Row {
    /// Adds effects.
    #[must_use]
    pub const fn does(mut self, effects: Effects) -> Self {
        self.effects = self.effects.with(effects);
        self
    }

    /// Sets what it returns.
    #[must_use]
    pub const fn gives(mut self, returns: Ret) -> Self {
        self.returns = returns;
        self
    }

    /// It returns an awaitable.
    #[must_use]
    pub const fn asynchronous(mut self) -> Self {
        self.is_async = true;
        self
    }

    /// Its result must be released.
    #[must_use]
    pub const fn acquires(mut self, resource: Resource) -> Self {
        self.acquires = Some(resource);
        self
    }

    /// It runs the callable given as argument `arg` at `place`.
    #[must_use]
    pub const fn runs(mut self, arg: u8, place: Place) -> Self {
        self.runs = Some(Runs { arg, keyword: None, place });
        self
    }

    /// Likewise, also by keyword.
    #[must_use]
    pub const fn runs_named(mut self, arg: u8, keyword: &'static str, place: Place) -> Self {
        self.runs = Some(Runs { arg, keyword: Some(keyword), place });
        self
    }

    /// As a decorator it makes the function run in `context`.
    #[must_use]
    pub const fn decorates(mut self, context: RunContext) -> Self {
        self.registers = Some(Register { arg: None, context });
        self
    }

    /// The function given as argument `arg` runs in `context`.
    #[must_use]
    pub const fn handler(mut self, arg: u8, context: RunContext) -> Self {
        self.registers = Some(Register { arg: Some(arg), context });
        self
    }
}

impl ClassRow {
    /// Sets the bases.
    #[must_use]
    pub const fn extends(mut self, bases: &'static [&'static str]) -> Self {
        self.bases = bases;
        self
    }

    /// Sets what iterating gives and does.
    #[must_use]
    pub const fn iterates(mut self, element: Ret, effects: Effects) -> Self {
        self.element = element;
        self.iterates = effects;
        self
    }

    /// Sets what `with` binds, does and ends.
    #[must_use]
    pub const fn manages(mut self, enter: Ret, effects: Effects, exit: Exit) -> Self {
        self.enter = enter;
        self.enters = effects;
        self.exit = exit;
        self
    }

    /// An instance is a resource.
    #[must_use]
    pub const fn resource(mut self, resource: Resource) -> Self {
        self.resource = Some(resource);
        self
    }

    /// Sets attributes.
    #[must_use]
    pub const fn attrs(mut self, attrs: &'static [(&'static str, Ret)]) -> Self {
        self.attrs = attrs;
        self
    }

    /// Unlisted methods have these effects.
    #[must_use]
    pub const fn otherwise(mut self, effects: Effects, is_async: bool) -> Self {
        self.other_methods = effects;
        self.other_methods_async = is_async;
        self
    }
}
