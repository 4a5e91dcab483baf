//! AnyIO: threads, task groups and files for asyncio and Trio code.

use crate::libraries::{ClassRow, Effects, Exit, Library, Place, Resource, Ret, Row, call, class};

/// AnyIO.
pub const LIBRARY: Library =
    Library { name: "AnyIO", roots: &["anyio"], rows: ROWS, classes: CLASSES, aliases: &[], values: &[] };

const ROWS: &[Row] = &[
    // https://anyio.readthedocs.io/en/stable/api.html
    call("anyio.CapacityLimiter").gives(Ret::Inst("anyio.CapacityLimiter")),
    call("anyio.CapacityLimiter.acquire")
        .does(Effects::WAITS)
        .gives(Ret::Nothing)
        .acquires(Resource::Lock)
        .asynchronous(),
    call("anyio.CapacityLimiter.release").does(Effects::CLOSES).gives(Ret::Nothing),
    call("anyio.Condition").gives(Ret::Inst("anyio.Condition")),
    call("anyio.Condition.acquire").does(Effects::WAITS).gives(Ret::Nothing).acquires(Resource::Lock).asynchronous(),
    call("anyio.Condition.release").does(Effects::CLOSES).gives(Ret::Nothing),
    call("anyio.Condition.wait").does(Effects::WAITS).gives(Ret::Nothing).asynchronous(),
    call("anyio.Event").gives(Ret::Inst("anyio.Event")),
    call("anyio.Event.wait").does(Effects::WAITS).gives(Ret::Nothing).asynchronous(),
    call("anyio.Lock").gives(Ret::Inst("anyio.Lock")),
    call("anyio.Lock.acquire").does(Effects::WAITS).gives(Ret::Nothing).acquires(Resource::Lock).asynchronous(),
    call("anyio.Lock.release").does(Effects::CLOSES).gives(Ret::Nothing),
    call("anyio.Semaphore").gives(Ret::Inst("anyio.Semaphore")),
    call("anyio.Semaphore.acquire").does(Effects::WAITS).gives(Ret::Nothing).acquires(Resource::Lock).asynchronous(),
    call("anyio.Semaphore.release").does(Effects::CLOSES).gives(Ret::Nothing),
    call("anyio.abc.TaskGroup.start").runs_named(0, "func", Place::Task).asynchronous(),
    call("anyio.abc.TaskGroup.start_soon").gives(Ret::Nothing).runs_named(0, "func", Place::Task),
    call("anyio.create_task_group").gives(Ret::Inst("anyio.abc.TaskGroup")),
    call("anyio.fail_after").gives(Ret::Inst("contextlib.nullcontext")),
    call("anyio.move_on_after").gives(Ret::Inst("contextlib.nullcontext")),
    call("anyio.run").gives(Ret::CallOfArg(0)).runs_named(0, "func", Place::Here),
    call("anyio.sleep").does(Effects::ASYNC_SLEEP).gives(Ret::Nothing).asynchronous(),
    // https://anyio.readthedocs.io/en/stable/threads.html
    call("anyio.from_thread.run").gives(Ret::CallOfArg(0)).runs_named(0, "func", Place::Task),
    call("anyio.from_thread.run_sync").gives(Ret::CallOfArg(0)).runs_named(0, "func", Place::Task),
    call("anyio.to_process.run_sync").gives(Ret::CallOfArg(0)).runs_named(0, "func", Place::Process).asynchronous(),
    call("anyio.to_thread.run_sync").gives(Ret::CallOfArg(0)).runs_named(0, "func", Place::Thread).asynchronous(),
    // https://anyio.readthedocs.io/en/stable/subprocesses.html
    call("anyio.open_process")
        .does(Effects::SUBPROCESS)
        .gives(Ret::Inst("anyio.abc.Process"))
        .acquires(Resource::Process)
        .asynchronous(),
    call("anyio.run_process").does(Effects::SUBPROCESS.with(Effects::WAITS)).asynchronous(),
    // https://anyio.readthedocs.io/en/stable/fileio.html
    call("anyio.AsyncFile.aclose").does(Effects::FILE_IO).asynchronous(),
    call("anyio.AsyncFile.flush").does(Effects::FILE_IO).asynchronous(),
    call("anyio.AsyncFile.read").does(Effects::FILE_IO).asynchronous(),
    call("anyio.AsyncFile.readline").does(Effects::FILE_IO).asynchronous(),
    call("anyio.AsyncFile.readlines").does(Effects::FILE_IO).asynchronous(),
    call("anyio.AsyncFile.write").does(Effects::FILE_IO).asynchronous(),
    call("anyio.Path").gives(Ret::Inst("anyio.Path")),
    call("anyio.Path.exists").does(Effects::FILE_IO.with(Effects::METADATA)).asynchronous(),
    call("anyio.Path.is_dir").does(Effects::FILE_IO.with(Effects::METADATA)).asynchronous(),
    call("anyio.Path.is_file").does(Effects::FILE_IO.with(Effects::METADATA)).asynchronous(),
    call("anyio.Path.mkdir").does(Effects::FILE_IO).asynchronous(),
    call("anyio.Path.open")
        .does(Effects::FILE_IO)
        .gives(Ret::Inst("anyio.AsyncFile"))
        .acquires(Resource::File)
        .asynchronous(),
    call("anyio.Path.read_bytes").does(Effects::FILE_IO).gives(Ret::Bytes).asynchronous(),
    call("anyio.Path.read_text").does(Effects::FILE_IO).gives(Ret::Str).asynchronous(),
    call("anyio.Path.rename").does(Effects::FILE_IO).asynchronous(),
    call("anyio.Path.replace").does(Effects::FILE_IO).asynchronous(),
    call("anyio.Path.resolve").does(Effects::FILE_IO).asynchronous(),
    call("anyio.Path.rmdir").does(Effects::FILE_IO).asynchronous(),
    call("anyio.Path.stat").does(Effects::FILE_IO.with(Effects::METADATA)).asynchronous(),
    call("anyio.Path.touch").does(Effects::FILE_IO).asynchronous(),
    call("anyio.Path.unlink").does(Effects::FILE_IO).asynchronous(),
    call("anyio.Path.write_bytes").does(Effects::FILE_IO).asynchronous(),
    call("anyio.Path.write_text").does(Effects::FILE_IO).asynchronous(),
    call("anyio.open_file")
        .does(Effects::FILE_IO)
        .gives(Ret::Inst("anyio.AsyncFile"))
        .acquires(Resource::File)
        .asynchronous(),
    // https://anyio.readthedocs.io/en/stable/networking.html
    call("anyio.connect_tcp").does(Effects::NETWORK).asynchronous(),
    call("anyio.connect_unix").does(Effects::NETWORK).asynchronous(),
];

const CLASSES: &[ClassRow] = &[
    // https://anyio.readthedocs.io/en/stable/api.html
    class("anyio.CapacityLimiter").resource(Resource::Lock).manages(Ret::Nothing, Effects::WAITS, Exit::Closes),
    class("anyio.Condition").resource(Resource::Lock).manages(Ret::Nothing, Effects::WAITS, Exit::Closes),
    class("anyio.Event"),
    class("anyio.Lock").resource(Resource::Lock).manages(Ret::Nothing, Effects::WAITS, Exit::Closes),
    class("anyio.Semaphore").resource(Resource::Lock).manages(Ret::Nothing, Effects::WAITS, Exit::Closes),
    class("anyio.abc.TaskGroup").manages(Ret::Receiver, Effects::WAITS, Exit::Nothing),
    // https://anyio.readthedocs.io/en/stable/subprocesses.html
    class("anyio.abc.Process").resource(Resource::Process).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    // https://anyio.readthedocs.io/en/stable/fileio.html
    class("anyio.AsyncFile")
        .resource(Resource::File)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .iterates(Ret::Unknown, Effects::FILE_IO),
    class("anyio.Path"),
];
