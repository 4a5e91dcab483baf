//! asyncpg: connections, pools, transactions.

use crate::libraries::{ClassRow, Effects, Exit, Library, Place, Resource, Ret, Row, call, class};

/// asyncpg.
pub const LIBRARY: Library =
    Library { name: "asyncpg", roots: &["asyncpg"], rows: ROWS, classes: CLASSES, aliases: ALIASES, values: &[] };

const ROWS: &[Row] = &[
    // https://magicstack.github.io/asyncpg/current/api/index.html#connection
    call("asyncpg.Connection.add_listener")
        .does(Effects::SUBSCRIBE)
        .gives(Ret::Nothing)
        .runs_named(1, "callback", Place::Task)
        .asynchronous(),
    call("asyncpg.Connection.close").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("asyncpg.Connection.copy_from_query")
        .does(Effects::DB_READ.with(Effects::BULK))
        .gives(Ret::Str)
        .asynchronous(),
    call("asyncpg.Connection.copy_from_table")
        .does(Effects::DB_READ.with(Effects::BULK))
        .gives(Ret::Str)
        .asynchronous(),
    call("asyncpg.Connection.copy_records_to_table")
        .does(Effects::DB_INSERT.with(Effects::BULK))
        .gives(Ret::Str)
        .asynchronous(),
    call("asyncpg.Connection.copy_to_table")
        .does(Effects::DB_INSERT.with(Effects::BULK))
        .gives(Ret::Str)
        .asynchronous(),
    call("asyncpg.Connection.cursor").gives(Ret::Inst("asyncpg.cursor.CursorFactory")),
    call("asyncpg.Connection.execute").does(Effects::DB_EXECUTE).gives(Ret::Str).asynchronous(),
    call("asyncpg.Connection.executemany")
        .does(Effects::DB_EXECUTE.with(Effects::BULK))
        .gives(Ret::Nothing)
        .asynchronous(),
    call("asyncpg.Connection.fetch").does(Effects::DB_EXECUTE).gives(Ret::List).asynchronous(),
    call("asyncpg.Connection.fetchmany").does(Effects::DB_EXECUTE.with(Effects::BULK)).gives(Ret::List).asynchronous(),
    call("asyncpg.Connection.fetchrow").does(Effects::DB_EXECUTE).asynchronous(),
    call("asyncpg.Connection.fetchval").does(Effects::DB_EXECUTE).asynchronous(),
    call("asyncpg.Connection.is_in_transaction").gives(Ret::Bool),
    call("asyncpg.Connection.prepare")
        .does(Effects::DB_CONNECT)
        .gives(Ret::Inst("asyncpg.prepared_stmt.PreparedStatement"))
        .asynchronous(),
    call("asyncpg.Connection.reload_schema_state").gives(Ret::Nothing).asynchronous(),
    call("asyncpg.Connection.remove_listener").does(Effects::SUBSCRIBE).gives(Ret::Nothing).asynchronous(),
    call("asyncpg.Connection.reset").gives(Ret::Nothing).asynchronous(),
    call("asyncpg.Connection.set_type_codec").gives(Ret::Nothing).asynchronous(),
    call("asyncpg.Connection.terminate").does(Effects::CLOSES).gives(Ret::Nothing),
    call("asyncpg.Connection.transaction").gives(Ret::Inst("asyncpg.transaction.Transaction")),
    call("asyncpg.connect")
        .does(Effects::DB_CONNECT)
        .gives(Ret::Inst("asyncpg.Connection"))
        .acquires(Resource::Connection)
        .asynchronous(),
    // https://magicstack.github.io/asyncpg/current/api/index.html#connection-pools
    call("asyncpg.Pool.acquire").gives(Ret::Inst("asyncpg.Connection")).acquires(Resource::Connection).asynchronous(),
    call("asyncpg.Pool.close").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("asyncpg.Pool.copy_records_to_table")
        .does(Effects::DB_INSERT.with(Effects::BULK))
        .gives(Ret::Str)
        .asynchronous(),
    call("asyncpg.Pool.copy_to_table").does(Effects::DB_INSERT.with(Effects::BULK)).gives(Ret::Str).asynchronous(),
    call("asyncpg.Pool.execute").does(Effects::DB_EXECUTE).gives(Ret::Str).asynchronous(),
    call("asyncpg.Pool.executemany").does(Effects::DB_EXECUTE.with(Effects::BULK)).gives(Ret::Nothing).asynchronous(),
    call("asyncpg.Pool.fetch").does(Effects::DB_EXECUTE).gives(Ret::List).asynchronous(),
    call("asyncpg.Pool.fetchmany").does(Effects::DB_EXECUTE.with(Effects::BULK)).gives(Ret::List).asynchronous(),
    call("asyncpg.Pool.fetchrow").does(Effects::DB_EXECUTE).asynchronous(),
    call("asyncpg.Pool.fetchval").does(Effects::DB_EXECUTE).asynchronous(),
    call("asyncpg.Pool.release").gives(Ret::Nothing).takes(0).asynchronous(),
    call("asyncpg.Pool.terminate").does(Effects::CLOSES).gives(Ret::Nothing),
    call("asyncpg.create_pool").gives(Ret::Inst("asyncpg.Pool")).acquires(Resource::Pool),
    // https://magicstack.github.io/asyncpg/current/api/index.html#cursors
    call("asyncpg.cursor.Cursor.fetch").does(Effects::DB_READ).gives(Ret::List).asynchronous(),
    call("asyncpg.cursor.Cursor.fetchrow").does(Effects::DB_READ).asynchronous(),
    // https://magicstack.github.io/asyncpg/current/api/index.html#prepared-statements
    call("asyncpg.prepared_stmt.PreparedStatement.executemany")
        .does(Effects::DB_EXECUTE.with(Effects::BULK))
        .gives(Ret::Nothing)
        .asynchronous(),
    call("asyncpg.prepared_stmt.PreparedStatement.fetch").does(Effects::DB_EXECUTE).gives(Ret::List).asynchronous(),
    call("asyncpg.prepared_stmt.PreparedStatement.fetchrow").does(Effects::DB_EXECUTE).asynchronous(),
    call("asyncpg.prepared_stmt.PreparedStatement.fetchval").does(Effects::DB_EXECUTE).asynchronous(),
    // https://magicstack.github.io/asyncpg/current/api/index.html#transactions
    call("asyncpg.transaction.Transaction.commit").does(Effects::COMMIT).gives(Ret::Nothing).asynchronous(),
    call("asyncpg.transaction.Transaction.rollback").does(Effects::ROLLBACK).gives(Ret::Nothing).asynchronous(),
    call("asyncpg.transaction.Transaction.start").does(Effects::BEGIN).gives(Ret::Nothing).asynchronous(),
];

const CLASSES: &[ClassRow] = &[
    // https://magicstack.github.io/asyncpg/current/api/index.html#connection
    class("asyncpg.Connection").resource(Resource::Connection).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    // https://magicstack.github.io/asyncpg/current/api/index.html#connection-pools
    class("asyncpg.Pool")
        .resource(Resource::Pool)
        .manages(Ret::Receiver, Effects::DB_CONNECT, Exit::Closes)
        .awaits(Ret::Receiver, Effects::DB_CONNECT),
    // https://magicstack.github.io/asyncpg/current/api/index.html#cursors
    class("asyncpg.cursor.Cursor").resource(Resource::Cursor),
    class("asyncpg.cursor.CursorFactory")
        .iterates(Ret::Unknown, Effects::DB_READ)
        .awaits(Ret::Inst("asyncpg.cursor.Cursor"), Effects::DB_READ),
    // https://magicstack.github.io/asyncpg/current/api/index.html#prepared-statements
    class("asyncpg.prepared_stmt.PreparedStatement"),
    // https://magicstack.github.io/asyncpg/current/api/index.html#transactions
    class("asyncpg.Record"),
    class("asyncpg.transaction.Transaction").manages(Ret::Nothing, Effects::BEGIN, Exit::EndsTransaction),
];

const ALIASES: &[(&str, &str)] =
    &[("asyncpg.connection", "asyncpg"), ("asyncpg.pool", "asyncpg"), ("asyncpg.protocol.Record", "asyncpg.Record")];
