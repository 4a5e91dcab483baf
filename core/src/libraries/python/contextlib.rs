//! contextlib: context managers from generators, stacks, closing. A class that extends `ContextDecorator` wraps each call when used as a decorator.

use crate::libraries::{ClassRow, Effects, Exit, Library, Place, Ret, Row, call, class};

/// contextlib.
pub const LIBRARY: Library =
    Library { name: "contextlib", roots: &["contextlib"], rows: ROWS, classes: CLASSES, aliases: &[], values: &[] };

const ROWS: &[Row] = &[
    // https://docs.python.org/3/library/contextlib.html
    call("contextlib.AsyncExitStack").gives(Ret::Inst("contextlib.AsyncExitStack")),
    call("contextlib.AsyncExitStack.aclose").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("contextlib.AsyncExitStack.callback").runs(0, Place::Here),
    call("contextlib.AsyncExitStack.enter_async_context").gives(Ret::Arg(0)).takes(0).asynchronous(),
    call("contextlib.AsyncExitStack.enter_context").gives(Ret::Arg(0)).takes(0),
    call("contextlib.AsyncExitStack.pop_all").gives(Ret::Receiver),
    call("contextlib.AsyncExitStack.push").gives(Ret::Arg(0)).takes(0),
    call("contextlib.AsyncExitStack.push_async_callback").runs(0, Place::Here),
    call("contextlib.AsyncExitStack.push_async_exit").gives(Ret::Arg(0)).takes(0),
    call("contextlib.ExitStack").gives(Ret::Inst("contextlib.ExitStack")),
    call("contextlib.ExitStack.callback").runs(0, Place::Here),
    call("contextlib.ExitStack.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("contextlib.ExitStack.enter_context").gives(Ret::Arg(0)).takes(0),
    call("contextlib.ExitStack.pop_all").gives(Ret::Receiver),
    call("contextlib.ExitStack.push").gives(Ret::Arg(0)).takes(0),
    call("contextlib.aclosing").gives(Ret::Arg(0)).takes(0),
    call("contextlib.asynccontextmanager").gives(Ret::Decorated),
    call("contextlib.chdir").gives(Ret::Inst("contextlib.nullcontext")),
    call("contextlib.closing").gives(Ret::Arg(0)).takes(0),
    call("contextlib.contextmanager").gives(Ret::Decorated),
    call("contextlib.nullcontext").gives(Ret::Inst("contextlib.nullcontext")),
    call("contextlib.redirect_stderr").gives(Ret::Inst("contextlib.nullcontext")),
    call("contextlib.redirect_stdout").gives(Ret::Inst("contextlib.nullcontext")),
    call("contextlib.suppress").gives(Ret::Inst("contextlib.nullcontext")),
];

const CLASSES: &[ClassRow] = &[
    // https://docs.python.org/3/library/contextlib.html
    class("contextlib.AbstractAsyncContextManager"),
    class("contextlib.AbstractContextManager"),
    class("contextlib.AsyncContextDecorator"),
    class("contextlib.AsyncExitStack").manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    class("contextlib.ContextDecorator"),
    class("contextlib.ExitStack").manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    class("contextlib.nullcontext").manages(Ret::Unknown, Effects::NONE, Exit::Nothing),
];
