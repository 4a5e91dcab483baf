//! The form of a library table: rows for callables, rows for classes, aliases, module-level values.
//!
//! A name that contains `:` (`sqlalchemy.Engine.begin:context`) cannot be imported: it names what a
//! callee returns where the library has no public class for it.

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
    /// Module-level values that are neither functions nor classes: `django.core.cache.cache`.
    pub values: &'static [(&'static str, Ret)],
}

/// What calling something means.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Canonical dotted name: function, `Class` (constructor) or `Class.method`. The row
    /// `Class.__call__` tells what calling an instance means: `sessionmaker(...)()`.
    pub callee: &'static str,
    /// What it does when called (for an asynchronous callee: when awaited).
    pub effects: Effects,
    /// What it returns (for an asynchronous callee: once awaited).
    pub returns: Ret,
    /// Returns an awaitable that must be awaited, or entered with `async with`: then the class row of
    /// what it returns says what entering and leaving do.
    pub is_async: bool,
    /// The result must be released.
    pub acquires: Option<Resource>,
    /// Takes a callable and runs it elsewhere.
    pub runs: Option<Runs>,
    /// As a decorator (or given a handler), makes the function run in this context.
    pub registers: Option<Register>,
    /// Takes over the value given as argument n: releases it or becomes its owner
    /// (`pool.putconn(conn)`, `stack.enter_context(file)`, `closing(x)`).
    pub takes: Option<u8>,
    /// Iterates the value given as argument n: `list(queryset)` runs the query. Together with
    /// `STREAMS` it does so while the response is sent, which matters when that value is a generator.
    pub consumes: Option<u8>,
}

/// A callable argument and where it runs.
#[derive(Clone, Copy, Debug)]
pub struct Runs {
    /// Position of the argument that holds the callable (or the coroutine: `create_task(f())`).
    pub arg: u8,
    /// Keyword that may hold it instead (`target`).
    pub keyword: Option<&'static str>,
    /// Where it runs.
    pub place: Place,
}

/// Position of an argument that is only given by keyword: no call has that many.
pub const KEYWORD_ONLY: u8 = u8::MAX;

/// How a callee registers handlers.
#[derive(Clone, Copy, Debug)]
pub struct Register {
    /// Position of the handler argument; `None` when the callee is (or returns) a decorator.
    pub arg: Option<u8>,
    /// Keyword that may hold it instead (`view_func`, `lifespan`).
    pub keyword: Option<&'static str>,
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
    /// An instance of the class given as argument n: `session.get(User, 1)` -> `User`. Where that
    /// argument is a value with a type argument (a query set), an instance of the type argument.
    ArgInstance(u8),
    /// A list of instances of the type argument of the value given as argument n.
    ListFromArg(u8),
    /// An instance of the type argument of the value given as argument n: `session.scalar(stmt)`.
    ElementFromArg(u8),
    /// The value given as argument n itself: `session.merge(obj)`. Of an asynchronous callee that is
    /// given an awaitable (`wait_for(f())`): what awaiting that gives.
    Arg(u8),
    /// What calling the callable given as argument n gives (once awaited): `Depends(get_db)`,
    /// `await to_thread(f)`.
    CallOfArg(u8),
    /// An instance of a library class whose type argument is the receiver's own class:
    /// `Model.objects` -> `Manager[Model]`.
    InstOfSelf(&'static str),
    /// An instance of a library class whose type argument is the class given by keyword:
    /// `sessionmaker(engine, class_=AsyncSession)`; without the keyword it has none.
    InstOfKeyword(&'static str, &'static str),
    /// An instance of the receiver's type argument or, where it has none, of the library class:
    /// `sessionmaker.__call__`.
    ElementOr(&'static str),
    /// An instance of the receiver's own class: `User.create(...)`.
    SelfInstance,
    /// An instance of the library class that the text given as argument n selects:
    /// `boto3.client("s3")`.
    InstByText {
        /// Position of the text.
        arg: u8,
        /// Text -> class.
        cases: &'static [(&'static str, &'static str)],
        /// Class for every other text.
        otherwise: &'static str,
    },
    /// A pair whose first part is an instance of the receiver's type argument: `get_or_create`.
    ElementPair,
    /// A dict whose values are instances of the receiver's type argument: `in_bulk`.
    ElementDict,
    /// A list of instances of a library class, with the receiver's type argument:
    /// `Result[M].all()` -> a list of `Row[M]`.
    ListOf(&'static str),
    /// The library class itself, to call or inherit from: `db.Model`.
    Class(&'static str),
    /// A list of unknown things.
    List,
    /// A dict.
    Dict,
    /// A callable; calling it gives an instance of the class. A class with a `__call__` row says more.
    FactoryOf(&'static str),
    /// A function that the decorated function's result passes through unchanged.
    Decorated,
    /// The decorated function, which also has the methods of the class: `@app.task` -> `.delay()`.
    DecoratedAs(&'static str),
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
    /// Releases or rolls back to a savepoint; the transaction around it stays open.
    EndsSavepoint,
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
    /// Effects of iterating (lazy queries run here); `async for` has them without `BLOCKS`.
    pub iterates: Effects,
    /// What `with x as y` binds.
    pub enter: Ret,
    /// Effects of entering; `async with` has them without `BLOCKS`.
    pub enters: Effects,
    /// What leaving does.
    pub exit: Exit,
    /// The resource that an instance is.
    pub resource: Option<Resource>,
    /// Attributes and properties: name -> type. The name `[]` is subscripting (`client["db"]`); the
    /// name `*` is every attribute not listed (`client.chat.completions`).
    pub attrs: &'static [(&'static str, Ret)],
    /// Methods that are not listed have these effects: for SDK clients whose every method calls out.
    pub other_methods: Effects,
    /// Methods that are not listed are asynchronous.
    pub other_methods_async: bool,
    /// `element` and `iterates` are facts of this class, not defaults that a base overrides.
    pub is_iterable: bool,
    /// `enter`, `enters` and `exit` are facts of this class, not defaults that a base overrides.
    pub is_manager: bool,
    /// Public methods of project subclasses run in this context (views, consumers, commands).
    pub handlers: Option<RunContext>,
    /// What awaiting an instance gives and does, for lazy queries that run when awaited.
    pub awaited: Option<(Ret, Effects)>,
    /// What a `DB_EXECUTE` call does when it is given an instance: `Select` -> `DB_READ`.
    pub executes: Effects,
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
        takes: None,
        consumes: None,
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
        is_iterable: false,
        is_manager: false,
        handlers: None,
        awaited: None,
        executes: Effects::NONE,
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
        self.registers = Some(Register { arg: None, keyword: None, context });
        self
    }

    /// The function given as argument `arg` runs in `context`.
    #[must_use]
    pub const fn handler(mut self, arg: u8, context: RunContext) -> Self {
        self.registers = Some(Register { arg: Some(arg), keyword: None, context });
        self
    }

    /// Likewise, also by keyword; [`KEYWORD_ONLY`] as `arg` when it has no position.
    #[must_use]
    pub const fn handler_named(mut self, arg: u8, keyword: &'static str, context: RunContext) -> Self {
        self.registers = Some(Register { arg: Some(arg), keyword: Some(keyword), context });
        self
    }

    /// It releases or becomes the owner of the value given as argument `arg`.
    #[must_use]
    pub const fn takes(mut self, arg: u8) -> Self {
        self.takes = Some(arg);
        self
    }

    /// It iterates the value given as argument `arg`.
    #[must_use]
    pub const fn consumes(mut self, arg: u8) -> Self {
        self.consumes = Some(arg);
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
        self.is_iterable = true;
        self
    }

    /// Sets what `with` binds, does and ends.
    #[must_use]
    pub const fn manages(mut self, enter: Ret, effects: Effects, exit: Exit) -> Self {
        self.enter = enter;
        self.enters = effects;
        self.exit = exit;
        self.is_manager = true;
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

    /// Public methods of project subclasses run in `context`.
    #[must_use]
    pub const fn handles(mut self, context: RunContext) -> Self {
        self.handlers = Some(context);
        self
    }

    /// Awaiting an instance gives `value` and has these effects.
    #[must_use]
    pub const fn awaits(mut self, value: Ret, effects: Effects) -> Self {
        self.awaited = Some((value, effects));
        self
    }

    /// Executing an instance has these effects.
    #[must_use]
    pub const fn executes(mut self, effects: Effects) -> Self {
        self.executes = effects;
        self
    }
}
