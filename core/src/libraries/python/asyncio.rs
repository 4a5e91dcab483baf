//! asyncio: what holds the loop, what runs elsewhere, what waits.

use super::mixes::WAIT;
use crate::libraries::{ClassRow, Effects, Exit, Library, Place, Resource, Ret, Row, call, class};

/// asyncio.
pub const LIBRARY: Library =
    Library { name: "asyncio", roots: &["asyncio"], rows: ROWS, classes: CLASSES, aliases: ALIASES, values: &[] };

const ROWS: &[Row] = &[
    // https://docs.python.org/3/library/asyncio-task.html
    call("asyncio.Task.add_done_callback").gives(Ret::Nothing).runs(0, Place::Task),
    call("asyncio.Task.cancel").gives(Ret::Bool),
    call("asyncio.Task.cancelled").gives(Ret::Bool),
    call("asyncio.Task.done").gives(Ret::Bool),
    call("asyncio.TaskGroup").gives(Ret::Inst("asyncio.TaskGroup")),
    call("asyncio.TaskGroup.create_task").gives(Ret::Inst("asyncio.Task")).runs_named(0, "coro", Place::Task),
    call("asyncio.all_tasks").gives(Ret::List),
    call("asyncio.as_completed").gives(Ret::List),
    call("asyncio.create_task").gives(Ret::Inst("asyncio.Task")).runs_named(0, "coro", Place::Task),
    call("asyncio.current_task").gives(Ret::Inst("asyncio.Task")),
    call("asyncio.ensure_future").gives(Ret::Inst("asyncio.Task")).runs(0, Place::Task),
    call("asyncio.gather").does(Effects::WAITS).gives(Ret::List).runs(0, Place::Here).asynchronous(),
    call("asyncio.run").gives(Ret::Arg(0)).runs_named(0, "main", Place::Here),
    call("asyncio.run_coroutine_threadsafe").gives(Ret::Inst("concurrent.futures.Future")).runs(0, Place::Task),
    call("asyncio.shield").gives(Ret::Arg(0)).runs(0, Place::Here).asynchronous(),
    call("asyncio.sleep").does(Effects::ASYNC_SLEEP).gives(Ret::Nothing).asynchronous(),
    call("asyncio.timeout").gives(Ret::Inst("asyncio.Timeout")),
    call("asyncio.timeout_at").gives(Ret::Inst("asyncio.Timeout")),
    call("asyncio.to_thread").gives(Ret::CallOfArg(0)).runs(0, Place::Thread).asynchronous(),
    call("asyncio.wait").does(Effects::WAITS).asynchronous(),
    call("asyncio.wait_for").does(Effects::WAITS).gives(Ret::Arg(0)).runs(0, Place::Here).asynchronous(),
    // https://docs.python.org/3/library/asyncio-eventloop.html
    call("asyncio.AbstractEventLoop.add_reader").gives(Ret::Nothing).runs_named(1, "callback", Place::Task),
    call("asyncio.AbstractEventLoop.add_signal_handler").gives(Ret::Nothing).runs_named(1, "callback", Place::Task),
    call("asyncio.AbstractEventLoop.add_writer").gives(Ret::Nothing).runs_named(1, "callback", Place::Task),
    call("asyncio.AbstractEventLoop.call_at").runs_named(1, "callback", Place::Task),
    call("asyncio.AbstractEventLoop.call_later").runs_named(1, "callback", Place::Task),
    call("asyncio.AbstractEventLoop.call_soon").runs_named(0, "callback", Place::Task),
    call("asyncio.AbstractEventLoop.call_soon_threadsafe").runs_named(0, "callback", Place::Task),
    call("asyncio.AbstractEventLoop.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("asyncio.AbstractEventLoop.create_connection").does(Effects::NETWORK).asynchronous(),
    call("asyncio.AbstractEventLoop.create_server").does(Effects::NETWORK).asynchronous(),
    call("asyncio.AbstractEventLoop.create_task").gives(Ret::Inst("asyncio.Task")).runs_named(0, "coro", Place::Task),
    call("asyncio.AbstractEventLoop.getaddrinfo").does(Effects::NETWORK).asynchronous(),
    call("asyncio.AbstractEventLoop.run_forever").does(WAIT).gives(Ret::Nothing),
    call("asyncio.AbstractEventLoop.run_in_executor")
        .gives(Ret::CallOfArg(1))
        .runs_named(1, "func", Place::Thread)
        .asynchronous(),
    call("asyncio.AbstractEventLoop.run_until_complete").gives(Ret::Arg(0)).runs_named(0, "future", Place::Here),
    call("asyncio.AbstractEventLoop.sock_connect").does(Effects::NETWORK).asynchronous(),
    call("asyncio.AbstractEventLoop.sock_recv").does(Effects::NETWORK).asynchronous(),
    call("asyncio.AbstractEventLoop.sock_sendall").does(Effects::NETWORK).asynchronous(),
    call("asyncio.get_event_loop").gives(Ret::Inst("asyncio.AbstractEventLoop")),
    call("asyncio.get_running_loop").gives(Ret::Inst("asyncio.AbstractEventLoop")),
    call("asyncio.new_event_loop").gives(Ret::Inst("asyncio.AbstractEventLoop")),
    call("asyncio.set_event_loop").gives(Ret::Nothing),
    // https://docs.python.org/3/library/asyncio-sync.html
    call("asyncio.BoundedSemaphore").gives(Ret::Inst("asyncio.BoundedSemaphore")),
    call("asyncio.Condition").gives(Ret::Inst("asyncio.Condition")),
    call("asyncio.Condition.acquire").does(Effects::WAITS).gives(Ret::Bool).acquires(Resource::Lock).asynchronous(),
    call("asyncio.Condition.release").does(Effects::CLOSES).gives(Ret::Nothing),
    call("asyncio.Condition.wait").does(Effects::WAITS).gives(Ret::Bool).asynchronous(),
    call("asyncio.Event").gives(Ret::Inst("asyncio.Event")),
    call("asyncio.Event.clear").gives(Ret::Nothing),
    call("asyncio.Event.is_set").gives(Ret::Bool),
    call("asyncio.Event.set").gives(Ret::Nothing),
    call("asyncio.Event.wait").does(Effects::WAITS).gives(Ret::Bool).asynchronous(),
    call("asyncio.Lock").gives(Ret::Inst("asyncio.Lock")),
    call("asyncio.Lock.acquire").does(Effects::WAITS).gives(Ret::Bool).acquires(Resource::Lock).asynchronous(),
    call("asyncio.Lock.release").does(Effects::CLOSES).gives(Ret::Nothing),
    call("asyncio.Semaphore").gives(Ret::Inst("asyncio.Semaphore")),
    call("asyncio.Semaphore.acquire").does(Effects::WAITS).gives(Ret::Bool).acquires(Resource::Lock).asynchronous(),
    call("asyncio.Semaphore.release").does(Effects::CLOSES).gives(Ret::Nothing),
    // https://docs.python.org/3/library/asyncio-queue.html
    call("asyncio.LifoQueue").gives(Ret::Inst("asyncio.LifoQueue")),
    call("asyncio.PriorityQueue").gives(Ret::Inst("asyncio.PriorityQueue")),
    call("asyncio.Queue").gives(Ret::Inst("asyncio.Queue")),
    call("asyncio.Queue.empty").gives(Ret::Bool),
    call("asyncio.Queue.full").gives(Ret::Bool),
    call("asyncio.Queue.get").does(Effects::WAITS).asynchronous(),
    call("asyncio.Queue.get_nowait"),
    call("asyncio.Queue.join").does(Effects::WAITS).asynchronous(),
    call("asyncio.Queue.put").does(Effects::WAITS).asynchronous(),
    call("asyncio.Queue.put_nowait"),
    call("asyncio.Queue.qsize").gives(Ret::Number),
    call("asyncio.Queue.task_done"),
    // https://docs.python.org/3/library/asyncio-subprocess.html
    call("asyncio.create_subprocess_exec")
        .does(Effects::SUBPROCESS)
        .gives(Ret::Inst("asyncio.subprocess.Process"))
        .acquires(Resource::Process)
        .asynchronous(),
    call("asyncio.create_subprocess_shell")
        .does(Effects::SUBPROCESS)
        .gives(Ret::Inst("asyncio.subprocess.Process"))
        .acquires(Resource::Process)
        .asynchronous(),
    call("asyncio.subprocess.Process.communicate").does(Effects::SUBPROCESS.with(Effects::WAITS)).asynchronous(),
    call("asyncio.subprocess.Process.kill").gives(Ret::Nothing),
    call("asyncio.subprocess.Process.send_signal").gives(Ret::Nothing),
    call("asyncio.subprocess.Process.terminate").gives(Ret::Nothing),
    call("asyncio.subprocess.Process.wait").does(Effects::SUBPROCESS.with(Effects::WAITS)).asynchronous(),
    // https://docs.python.org/3/library/asyncio-stream.html
    call("asyncio.StreamReader.read").does(Effects::NETWORK).gives(Ret::Bytes).asynchronous(),
    call("asyncio.StreamReader.readexactly").does(Effects::NETWORK).gives(Ret::Bytes).asynchronous(),
    call("asyncio.StreamReader.readline").does(Effects::NETWORK).gives(Ret::Bytes).asynchronous(),
    call("asyncio.StreamReader.readuntil").does(Effects::NETWORK).gives(Ret::Bytes).asynchronous(),
    call("asyncio.StreamWriter.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("asyncio.StreamWriter.drain").does(Effects::NETWORK).gives(Ret::Nothing).asynchronous(),
    call("asyncio.StreamWriter.wait_closed").does(Effects::NETWORK).gives(Ret::Nothing).asynchronous(),
    call("asyncio.StreamWriter.write").gives(Ret::Nothing),
    call("asyncio.StreamWriter.write_eof").gives(Ret::Nothing),
    call("asyncio.StreamWriter.writelines").gives(Ret::Nothing),
    call("asyncio.open_connection").does(Effects::NETWORK).asynchronous(),
    call("asyncio.open_unix_connection").does(Effects::NETWORK).asynchronous(),
    call("asyncio.start_server")
        .does(Effects::NETWORK)
        .runs_named(0, "client_connected_cb", Place::Task)
        .asynchronous(),
    call("asyncio.start_unix_server")
        .does(Effects::NETWORK)
        .runs_named(0, "client_connected_cb", Place::Task)
        .asynchronous(),
];

const CLASSES: &[ClassRow] = &[
    // https://docs.python.org/3/library/asyncio-task.html
    class("asyncio.Future"),
    class("asyncio.Task").extends(&["asyncio.Future"]),
    class("asyncio.TaskGroup").manages(Ret::Receiver, Effects::WAITS, Exit::Nothing),
    class("asyncio.Timeout").manages(Ret::Receiver, Effects::NONE, Exit::Nothing),
    // https://docs.python.org/3/library/asyncio-eventloop.html
    class("asyncio.AbstractEventLoop"),
    // https://docs.python.org/3/library/asyncio-sync.html
    class("asyncio.BoundedSemaphore").extends(&["asyncio.Semaphore"]),
    class("asyncio.Condition").resource(Resource::Lock).manages(Ret::Nothing, Effects::WAITS, Exit::Closes),
    class("asyncio.Event"),
    class("asyncio.Lock").resource(Resource::Lock).manages(Ret::Nothing, Effects::WAITS, Exit::Closes),
    class("asyncio.Semaphore").resource(Resource::Lock).manages(Ret::Nothing, Effects::WAITS, Exit::Closes),
    // https://docs.python.org/3/library/asyncio-queue.html
    class("asyncio.LifoQueue").extends(&["asyncio.Queue"]),
    class("asyncio.PriorityQueue").extends(&["asyncio.Queue"]),
    class("asyncio.Queue"),
    // https://docs.python.org/3/library/asyncio-subprocess.html
    class("asyncio.subprocess.Process").resource(Resource::Process),
    // https://docs.python.org/3/library/asyncio-stream.html
    class("asyncio.StreamReader").iterates(Ret::Bytes, Effects::NETWORK),
    class("asyncio.StreamWriter").resource(Resource::Socket),
];

const ALIASES: &[(&str, &str)] = &[
    ("asyncio.events", "asyncio"),
    ("asyncio.locks", "asyncio"),
    ("asyncio.queues", "asyncio"),
    ("asyncio.streams", "asyncio"),
    ("asyncio.tasks", "asyncio"),
];
