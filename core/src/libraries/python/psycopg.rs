//! psycopg 3, synchronous and asynchronous, with psycopg_pool. Leaving `with connection` ends the transaction and closes the connection.

use super::mixes::{COMMIT, CONNECT, EXECUTE, EXECUTE_MANY, ROLLBACK, WAIT};
use crate::libraries::{ClassRow, Effects, Exit, Library, Resource, Ret, Row, call, class};

/// psycopg.
pub const LIBRARY: Library = Library {
    name: "psycopg",
    roots: &["psycopg", "psycopg_pool"],
    rows: ROWS,
    classes: CLASSES,
    aliases: ALIASES,
    values: &[],
};

const ROWS: &[Row] = &[
    // https://www.psycopg.org/psycopg3/docs/api/connections.html
    call("psycopg.AsyncConnection.close").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("psycopg.AsyncConnection.commit").does(Effects::COMMIT).gives(Ret::Nothing).asynchronous(),
    call("psycopg.AsyncConnection.connect")
        .does(Effects::DB_CONNECT)
        .gives(Ret::Inst("psycopg.AsyncConnection"))
        .acquires(Resource::Connection)
        .asynchronous(),
    call("psycopg.AsyncConnection.cursor").gives(Ret::Inst("psycopg.AsyncCursor")).acquires(Resource::Cursor),
    call("psycopg.AsyncConnection.execute")
        .does(Effects::DB_EXECUTE)
        .gives(Ret::Inst("psycopg.AsyncCursor"))
        .asynchronous(),
    call("psycopg.AsyncConnection.notifies")
        .does(Effects::SUBSCRIBE)
        .gives(Ret::Inst("psycopg.AsyncConnection.notifies:messages")),
    call("psycopg.AsyncConnection.pipeline").gives(Ret::Inst("psycopg.AsyncPipeline")),
    call("psycopg.AsyncConnection.rollback").does(Effects::ROLLBACK).gives(Ret::Nothing).asynchronous(),
    call("psycopg.AsyncConnection.set_autocommit").gives(Ret::Nothing).asynchronous(),
    call("psycopg.AsyncConnection.transaction").gives(Ret::Inst("psycopg.AsyncTransaction")),
    call("psycopg.Connection.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("psycopg.Connection.commit").does(COMMIT).gives(Ret::Nothing),
    call("psycopg.Connection.connect")
        .does(CONNECT)
        .gives(Ret::Inst("psycopg.Connection"))
        .acquires(Resource::Connection),
    call("psycopg.Connection.cursor").gives(Ret::Inst("psycopg.Cursor")).acquires(Resource::Cursor),
    call("psycopg.Connection.execute").does(EXECUTE).gives(Ret::Inst("psycopg.Cursor")),
    call("psycopg.Connection.notifies")
        .does(Effects::SUBSCRIBE.with(WAIT))
        .gives(Ret::Inst("psycopg.Connection.notifies:messages")),
    call("psycopg.Connection.pipeline").gives(Ret::Inst("psycopg.Pipeline")),
    call("psycopg.Connection.rollback").does(ROLLBACK).gives(Ret::Nothing),
    call("psycopg.Connection.set_autocommit").gives(Ret::Nothing),
    call("psycopg.Connection.transaction").gives(Ret::Inst("psycopg.Transaction")),
    call("psycopg.connect").does(CONNECT).gives(Ret::Inst("psycopg.Connection")).acquires(Resource::Connection),
    // https://www.psycopg.org/psycopg3/docs/api/cursors.html
    call("psycopg.AsyncCursor.close").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("psycopg.AsyncCursor.copy")
        .does(Effects::DB_EXECUTE.with(Effects::BULK))
        .gives(Ret::Inst("psycopg.AsyncCopy")),
    call("psycopg.AsyncCursor.execute").does(Effects::DB_EXECUTE).gives(Ret::Receiver).asynchronous(),
    call("psycopg.AsyncCursor.executemany")
        .does(Effects::DB_EXECUTE.with(Effects::BULK))
        .gives(Ret::Nothing)
        .asynchronous(),
    call("psycopg.AsyncCursor.fetchall").gives(Ret::List).asynchronous(),
    call("psycopg.AsyncCursor.fetchmany").gives(Ret::List).asynchronous(),
    call("psycopg.AsyncCursor.fetchone").asynchronous(),
    call("psycopg.AsyncCursor.scroll").asynchronous(),
    call("psycopg.AsyncCursor.stream").does(Effects::DB_EXECUTE).gives(Ret::Inst("psycopg.AsyncCursor.stream:rows")),
    call("psycopg.Cursor.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("psycopg.Cursor.copy").does(EXECUTE.with(Effects::BULK)).gives(Ret::Inst("psycopg.Copy")),
    call("psycopg.Cursor.execute").does(EXECUTE).gives(Ret::Receiver),
    call("psycopg.Cursor.executemany").does(EXECUTE_MANY).gives(Ret::Nothing),
    call("psycopg.Cursor.fetchall").gives(Ret::List),
    call("psycopg.Cursor.fetchmany").gives(Ret::List),
    call("psycopg.Cursor.fetchone"),
    call("psycopg.Cursor.scroll"),
    call("psycopg.Cursor.stream").does(EXECUTE).gives(Ret::Inst("psycopg.Cursor.stream:rows")),
    // https://www.psycopg.org/psycopg3/docs/basic/copy.html
    call("psycopg.AsyncCopy.write").gives(Ret::Nothing).asynchronous(),
    call("psycopg.AsyncCopy.write_row").gives(Ret::Nothing).asynchronous(),
    call("psycopg.Copy.read"),
    call("psycopg.Copy.rows"),
    call("psycopg.Copy.write").does(Effects::BLOCKS).gives(Ret::Nothing),
    call("psycopg.Copy.write_row").does(Effects::BLOCKS).gives(Ret::Nothing),
    // https://www.psycopg.org/psycopg3/docs/api/pool.html
    call("psycopg_pool.AsyncConnectionPool")
        .gives(Ret::Inst("psycopg_pool.AsyncConnectionPool"))
        .acquires(Resource::Pool),
    call("psycopg_pool.AsyncConnectionPool.close").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("psycopg_pool.AsyncConnectionPool.connection")
        .gives(Ret::Inst("psycopg_pool.AsyncConnectionPool.connection:context"))
        .acquires(Resource::Connection),
    call("psycopg_pool.AsyncConnectionPool.getconn")
        .does(Effects::WAITS)
        .gives(Ret::Inst("psycopg.AsyncConnection"))
        .acquires(Resource::Connection)
        .asynchronous(),
    call("psycopg_pool.AsyncConnectionPool.open").does(Effects::DB_CONNECT).gives(Ret::Nothing).asynchronous(),
    call("psycopg_pool.AsyncConnectionPool.putconn").gives(Ret::Nothing).takes(0).asynchronous(),
    call("psycopg_pool.AsyncConnectionPool.wait").does(Effects::DB_CONNECT).gives(Ret::Nothing).asynchronous(),
    call("psycopg_pool.AsyncNullConnectionPool")
        .gives(Ret::Inst("psycopg_pool.AsyncNullConnectionPool"))
        .acquires(Resource::Pool),
    call("psycopg_pool.ConnectionPool").gives(Ret::Inst("psycopg_pool.ConnectionPool")).acquires(Resource::Pool),
    call("psycopg_pool.ConnectionPool.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("psycopg_pool.ConnectionPool.connection")
        .gives(Ret::Inst("psycopg_pool.ConnectionPool.connection:context"))
        .acquires(Resource::Connection),
    call("psycopg_pool.ConnectionPool.getconn")
        .does(WAIT)
        .gives(Ret::Inst("psycopg.Connection"))
        .acquires(Resource::Connection),
    call("psycopg_pool.ConnectionPool.open").does(CONNECT).gives(Ret::Nothing),
    call("psycopg_pool.ConnectionPool.putconn").gives(Ret::Nothing).takes(0),
    call("psycopg_pool.ConnectionPool.wait").does(CONNECT).gives(Ret::Nothing),
    call("psycopg_pool.NullConnectionPool")
        .gives(Ret::Inst("psycopg_pool.NullConnectionPool"))
        .acquires(Resource::Pool),
];

const CLASSES: &[ClassRow] = &[
    // https://www.psycopg.org/psycopg3/docs/api/connections.html
    class("psycopg.AsyncConnection").resource(Resource::Connection).manages(
        Ret::Receiver,
        Effects::NONE,
        Exit::EndsTransactionAndCloses,
    ),
    class("psycopg.AsyncConnection.notifies:messages").iterates(Ret::Unknown, Effects::WAITS),
    class("psycopg.Connection").resource(Resource::Connection).manages(
        Ret::Receiver,
        Effects::NONE,
        Exit::EndsTransactionAndCloses,
    ),
    class("psycopg.Connection.notifies:messages").iterates(Ret::Unknown, WAIT),
    // https://www.psycopg.org/psycopg3/docs/api/cursors.html
    class("psycopg.AsyncCursor")
        .resource(Resource::Cursor)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .iterates(Ret::Unknown, Effects::NONE)
        .attrs(&[("rowcount", Ret::Number)]),
    class("psycopg.AsyncCursor.stream:rows").iterates(Ret::Unknown, Effects::NONE),
    class("psycopg.ClientCursor")
        .resource(Resource::Cursor)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .iterates(Ret::Unknown, Effects::NONE)
        .attrs(&[("rowcount", Ret::Number)]),
    class("psycopg.Cursor")
        .resource(Resource::Cursor)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .iterates(Ret::Unknown, Effects::NONE)
        .attrs(&[("rowcount", Ret::Number)]),
    class("psycopg.Cursor.stream:rows").iterates(Ret::Unknown, Effects::BLOCKS),
    class("psycopg.ServerCursor")
        .resource(Resource::Cursor)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .iterates(Ret::Unknown, Effects::NONE)
        .attrs(&[("rowcount", Ret::Number)]),
    // https://www.psycopg.org/psycopg3/docs/basic/copy.html
    class("psycopg.AsyncCopy").manages(Ret::Receiver, Effects::NONE, Exit::Nothing).iterates(Ret::Bytes, Effects::NONE),
    class("psycopg.Copy").manages(Ret::Receiver, Effects::NONE, Exit::Nothing).iterates(Ret::Bytes, Effects::NONE),
    // https://www.psycopg.org/psycopg3/docs/basic/transactions.html
    class("psycopg.AsyncPipeline").manages(Ret::Receiver, Effects::NONE, Exit::Nothing),
    class("psycopg.AsyncTransaction").manages(Ret::Receiver, Effects::BEGIN, Exit::EndsTransaction),
    class("psycopg.Pipeline").manages(Ret::Receiver, Effects::NONE, Exit::Nothing),
    class("psycopg.Transaction").manages(Ret::Receiver, Effects::BEGIN, Exit::EndsTransaction),
    // https://www.psycopg.org/psycopg3/docs/api/pool.html
    class("psycopg_pool.AsyncConnectionPool").resource(Resource::Pool).manages(
        Ret::Receiver,
        Effects::DB_CONNECT,
        Exit::Closes,
    ),
    class("psycopg_pool.AsyncConnectionPool.connection:context").resource(Resource::Connection).manages(
        Ret::Inst("psycopg.AsyncConnection"),
        Effects::WAITS,
        Exit::EndsTransactionAndCloses,
    ),
    class("psycopg_pool.AsyncNullConnectionPool").extends(&["psycopg_pool.AsyncConnectionPool"]),
    class("psycopg_pool.ConnectionPool").resource(Resource::Pool).manages(Ret::Receiver, CONNECT, Exit::Closes),
    class("psycopg_pool.ConnectionPool.connection:context").resource(Resource::Connection).manages(
        Ret::Inst("psycopg.Connection"),
        WAIT,
        Exit::EndsTransactionAndCloses,
    ),
    class("psycopg_pool.NullConnectionPool").extends(&["psycopg_pool.ConnectionPool"]),
];

const ALIASES: &[(&str, &str)] = &[
    ("psycopg.connection", "psycopg"),
    ("psycopg.connection_async", "psycopg"),
    ("psycopg.cursor", "psycopg"),
    ("psycopg.cursor_async", "psycopg"),
    ("psycopg_pool.pool", "psycopg_pool"),
    ("psycopg_pool.pool_async", "psycopg_pool"),
];
