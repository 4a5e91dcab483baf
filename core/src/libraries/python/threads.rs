//! Threads, processes, time and synchronous queues of the standard library.

use super::mixes::{PROCESS, WAIT};
use crate::libraries::{ClassRow, Effects, Exit, Library, Place, Resource, Ret, Row, RunContext, call, class};

/// Python threads.
pub const LIBRARY: Library = Library {
    name: "Python threads",
    roots: &[
        "threading",
        "concurrent",
        "multiprocessing",
        "subprocess",
        "time",
        "queue",
        "sched",
        "signal",
        "atexit",
        "functools",
    ],
    rows: ROWS,
    classes: CLASSES,
    aliases: ALIASES,
    values: &[],
};

const ROWS: &[Row] = &[
    // https://docs.python.org/3/library/time.html
    call("time.monotonic").gives(Ret::Number),
    call("time.perf_counter").gives(Ret::Number),
    call("time.process_time").gives(Ret::Number),
    call("time.sleep").does(Effects::SLEEP.with(Effects::BLOCKS)).gives(Ret::Nothing),
    call("time.time").gives(Ret::Number),
    call("time.time_ns").gives(Ret::Number),
    // https://docs.python.org/3/library/subprocess.html
    call("subprocess.Popen")
        .does(Effects::SUBPROCESS.with(Effects::BLOCKS))
        .gives(Ret::Inst("subprocess.Popen"))
        .acquires(Resource::Process),
    call("subprocess.Popen.communicate").does(PROCESS),
    call("subprocess.Popen.kill").gives(Ret::Nothing),
    call("subprocess.Popen.poll"),
    call("subprocess.Popen.send_signal").gives(Ret::Nothing),
    call("subprocess.Popen.terminate").gives(Ret::Nothing),
    call("subprocess.Popen.wait").does(PROCESS),
    call("subprocess.call").does(PROCESS).gives(Ret::Number),
    call("subprocess.check_call").does(PROCESS).gives(Ret::Number),
    call("subprocess.check_output").does(PROCESS),
    call("subprocess.getoutput").does(PROCESS),
    call("subprocess.getstatusoutput").does(PROCESS),
    call("subprocess.run").does(PROCESS).gives(Ret::Inst("subprocess.CompletedProcess")),
    // https://docs.python.org/3/library/threading.html
    call("threading.Barrier").gives(Ret::Inst("threading.Barrier")),
    call("threading.Barrier.wait").does(WAIT).gives(Ret::Bool),
    call("threading.BoundedSemaphore").gives(Ret::Inst("threading.BoundedSemaphore")),
    call("threading.Condition").gives(Ret::Inst("threading.Condition")),
    call("threading.Condition.acquire").does(WAIT).gives(Ret::Bool).acquires(Resource::Lock),
    call("threading.Condition.release").does(Effects::CLOSES).gives(Ret::Nothing),
    call("threading.Condition.wait").does(WAIT).gives(Ret::Bool),
    call("threading.Condition.wait_for").does(WAIT).gives(Ret::Bool).runs_named(0, "predicate", Place::Here),
    call("threading.Event").gives(Ret::Inst("threading.Event")),
    call("threading.Event.clear").gives(Ret::Nothing),
    call("threading.Event.is_set").gives(Ret::Bool),
    call("threading.Event.set").gives(Ret::Nothing),
    call("threading.Event.wait").does(WAIT).gives(Ret::Bool),
    call("threading.Lock").gives(Ret::Inst("threading.Lock")),
    call("threading.Lock.acquire").does(WAIT).gives(Ret::Bool).acquires(Resource::Lock),
    call("threading.Lock.release").does(Effects::CLOSES).gives(Ret::Nothing),
    call("threading.RLock").gives(Ret::Inst("threading.RLock")),
    call("threading.RLock.acquire").does(WAIT).gives(Ret::Bool).acquires(Resource::Lock),
    call("threading.RLock.release").does(Effects::CLOSES).gives(Ret::Nothing),
    call("threading.Semaphore").gives(Ret::Inst("threading.Semaphore")),
    call("threading.Semaphore.acquire").does(WAIT).gives(Ret::Bool).acquires(Resource::Lock),
    call("threading.Semaphore.release").does(Effects::CLOSES).gives(Ret::Nothing),
    call("threading.Thread").gives(Ret::Inst("threading.Thread")).runs_named(1, "target", Place::Thread),
    call("threading.Thread.is_alive").gives(Ret::Bool),
    call("threading.Thread.join").does(WAIT).gives(Ret::Nothing),
    call("threading.Thread.start").gives(Ret::Nothing),
    call("threading.Timer").gives(Ret::Inst("threading.Timer")).runs_named(1, "function", Place::Thread),
    call("threading.local").gives(Ret::Inst("threading.local")),
    // https://docs.python.org/3/library/concurrent.futures.html
    call("concurrent.futures.Executor.map")
        .gives(Ret::Inst("concurrent.futures:results"))
        .runs(0, Place::Thread)
        .consumes(1),
    call("concurrent.futures.Executor.shutdown").does(WAIT.with(Effects::CLOSES)).gives(Ret::Nothing),
    call("concurrent.futures.Executor.submit").gives(Ret::Inst("concurrent.futures.Future")).runs(0, Place::Thread),
    call("concurrent.futures.Future.add_done_callback").gives(Ret::Nothing).runs_named(0, "fn", Place::Thread),
    call("concurrent.futures.Future.cancel").gives(Ret::Bool),
    call("concurrent.futures.Future.cancelled").gives(Ret::Bool),
    call("concurrent.futures.Future.done").gives(Ret::Bool),
    call("concurrent.futures.Future.exception").does(WAIT),
    call("concurrent.futures.Future.result").does(WAIT),
    call("concurrent.futures.Future.running").gives(Ret::Bool),
    call("concurrent.futures.ProcessPoolExecutor")
        .gives(Ret::Inst("concurrent.futures.ProcessPoolExecutor"))
        .acquires(Resource::Executor),
    call("concurrent.futures.ProcessPoolExecutor.map")
        .gives(Ret::Inst("concurrent.futures:results"))
        .runs(0, Place::Process)
        .consumes(1),
    call("concurrent.futures.ProcessPoolExecutor.submit")
        .gives(Ret::Inst("concurrent.futures.Future"))
        .runs(0, Place::Process),
    call("concurrent.futures.ThreadPoolExecutor")
        .gives(Ret::Inst("concurrent.futures.ThreadPoolExecutor"))
        .acquires(Resource::Executor),
    call("concurrent.futures.ThreadPoolExecutor.map")
        .gives(Ret::Inst("concurrent.futures:results"))
        .runs(0, Place::Thread)
        .consumes(1),
    call("concurrent.futures.ThreadPoolExecutor.submit")
        .gives(Ret::Inst("concurrent.futures.Future"))
        .runs(0, Place::Thread),
    call("concurrent.futures.as_completed").gives(Ret::Inst("concurrent.futures:completed")),
    call("concurrent.futures.wait").does(WAIT),
    // https://docs.python.org/3/library/multiprocessing.html
    call("multiprocessing.Pool").gives(Ret::Inst("multiprocessing.pool.Pool")).acquires(Resource::Executor),
    call("multiprocessing.Process").gives(Ret::Inst("multiprocessing.Process")).runs_named(1, "target", Place::Process),
    call("multiprocessing.Process.close").gives(Ret::Nothing),
    call("multiprocessing.Process.join").does(WAIT).gives(Ret::Nothing),
    call("multiprocessing.Process.kill").gives(Ret::Nothing),
    call("multiprocessing.Process.start").gives(Ret::Nothing),
    call("multiprocessing.Process.terminate").gives(Ret::Nothing),
    call("multiprocessing.Queue").gives(Ret::Inst("multiprocessing.queues.Queue")),
    call("multiprocessing.pool.AsyncResult.get").does(WAIT),
    call("multiprocessing.pool.AsyncResult.wait").does(WAIT),
    call("multiprocessing.pool.Pool.apply").does(WAIT).runs_named(0, "func", Place::Process),
    call("multiprocessing.pool.Pool.apply_async").gives(Ret::Inst("multiprocessing.pool.AsyncResult")).runs_named(
        0,
        "func",
        Place::Process,
    ),
    call("multiprocessing.pool.Pool.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("multiprocessing.pool.Pool.imap").runs_named(0, "func", Place::Process),
    call("multiprocessing.pool.Pool.imap_unordered").runs_named(0, "func", Place::Process),
    call("multiprocessing.pool.Pool.join").does(WAIT).gives(Ret::Nothing),
    call("multiprocessing.pool.Pool.map").does(WAIT).runs_named(0, "func", Place::Process),
    call("multiprocessing.pool.Pool.map_async").gives(Ret::Inst("multiprocessing.pool.AsyncResult")).runs_named(
        0,
        "func",
        Place::Process,
    ),
    call("multiprocessing.pool.Pool.starmap").does(WAIT).runs_named(0, "func", Place::Process),
    call("multiprocessing.pool.Pool.starmap_async").gives(Ret::Inst("multiprocessing.pool.AsyncResult")).runs_named(
        0,
        "func",
        Place::Process,
    ),
    call("multiprocessing.pool.Pool.terminate").does(Effects::CLOSES).gives(Ret::Nothing),
    call("multiprocessing.pool.ThreadPool")
        .gives(Ret::Inst("multiprocessing.pool.ThreadPool"))
        .acquires(Resource::Executor),
    call("multiprocessing.queues.Queue.get").does(WAIT),
    call("multiprocessing.queues.Queue.put").does(WAIT),
    // https://docs.python.org/3/library/queue.html
    call("queue.LifoQueue").gives(Ret::Inst("queue.LifoQueue")),
    call("queue.PriorityQueue").gives(Ret::Inst("queue.PriorityQueue")),
    call("queue.Queue").gives(Ret::Inst("queue.Queue")),
    call("queue.Queue.empty").gives(Ret::Bool),
    call("queue.Queue.full").gives(Ret::Bool),
    call("queue.Queue.get").does(WAIT),
    call("queue.Queue.get_nowait"),
    call("queue.Queue.join").does(WAIT),
    call("queue.Queue.put").does(WAIT),
    call("queue.Queue.put_nowait"),
    call("queue.Queue.qsize").gives(Ret::Number),
    call("queue.Queue.task_done"),
    call("queue.SimpleQueue").gives(Ret::Inst("queue.SimpleQueue")),
    call("queue.SimpleQueue.get").does(WAIT),
    call("queue.SimpleQueue.put").gives(Ret::Nothing),
    // https://docs.python.org/3/library/signal.html#signal.signal
    call("signal.signal").handler(1, RunContext::Library),
    // https://docs.python.org/3/library/atexit.html
    call("atexit.register").gives(Ret::Arg(0)).handler(0, RunContext::Library),
    // https://docs.python.org/3/library/functools.html
    call("functools.cache").gives(Ret::Decorated),
    call("functools.cached_property").gives(Ret::Decorated),
    call("functools.lru_cache").gives(Ret::Decorated),
    call("functools.partial").gives(Ret::Arg(0)),
    call("functools.partialmethod").gives(Ret::Arg(0)),
    call("functools.reduce").runs(0, Place::Here).consumes(1),
    call("functools.singledispatch").gives(Ret::Decorated),
    call("functools.total_ordering").gives(Ret::Decorated),
    call("functools.wraps").gives(Ret::Decorated),
];

const CLASSES: &[ClassRow] = &[
    // https://docs.python.org/3/library/subprocess.html
    class("subprocess.CompletedProcess").attrs(&[("returncode", Ret::Number)]),
    class("subprocess.Popen").resource(Resource::Process).manages(Ret::Receiver, Effects::NONE, Exit::Closes).attrs(&[
        ("returncode", Ret::Number),
        ("stderr", Ret::Inst("io.BufferedReader")),
        ("stdin", Ret::Inst("io.BufferedWriter")),
        ("stdout", Ret::Inst("io.BufferedReader")),
    ]),
    // https://docs.python.org/3/library/threading.html
    class("threading.Barrier"),
    class("threading.BoundedSemaphore").extends(&["threading.Semaphore"]),
    class("threading.Condition").resource(Resource::Lock).manages(Ret::Nothing, WAIT, Exit::Closes),
    class("threading.Event"),
    class("threading.Lock").resource(Resource::Lock).manages(Ret::Nothing, WAIT, Exit::Closes),
    class("threading.RLock").resource(Resource::Lock).manages(Ret::Nothing, WAIT, Exit::Closes),
    class("threading.Semaphore").resource(Resource::Lock).manages(Ret::Nothing, WAIT, Exit::Closes),
    class("threading.Thread"),
    class("threading.Timer").extends(&["threading.Thread"]),
    class("threading.local"),
    // https://docs.python.org/3/library/concurrent.futures.html
    class("concurrent.futures.Executor").resource(Resource::Executor).manages(
        Ret::Receiver,
        Effects::NONE,
        Exit::Closes,
    ),
    class("concurrent.futures.Future"),
    class("concurrent.futures.ProcessPoolExecutor").extends(&["concurrent.futures.Executor"]),
    class("concurrent.futures.ThreadPoolExecutor").extends(&["concurrent.futures.Executor"]),
    class("concurrent.futures:completed").iterates(Ret::Inst("concurrent.futures.Future"), WAIT),
    class("concurrent.futures:results").iterates(Ret::Unknown, WAIT),
    // https://docs.python.org/3/library/multiprocessing.html
    class("multiprocessing.Process"),
    class("multiprocessing.pool.AsyncResult"),
    class("multiprocessing.pool.Pool").resource(Resource::Executor).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    class("multiprocessing.pool.ThreadPool").extends(&["multiprocessing.pool.Pool"]),
    class("multiprocessing.queues.Queue"),
    // https://docs.python.org/3/library/queue.html
    class("queue.LifoQueue").extends(&["queue.Queue"]),
    class("queue.PriorityQueue").extends(&["queue.Queue"]),
    class("queue.Queue"),
    class("queue.SimpleQueue"),
];

const ALIASES: &[(&str, &str)] = &[
    ("concurrent.futures._base", "concurrent.futures"),
    ("concurrent.futures.process", "concurrent.futures"),
    ("concurrent.futures.thread", "concurrent.futures"),
    ("multiprocessing.context", "multiprocessing"),
    ("multiprocessing.process", "multiprocessing"),
];
