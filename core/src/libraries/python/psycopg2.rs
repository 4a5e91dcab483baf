//! psycopg2. Leaving `with connection` ends the transaction; the connection stays open.

use super::mixes::{CONNECT, EXECUTE, EXECUTE_MANY, INSERT, READ};
use crate::libraries::{ClassRow, Effects, Exit, Library, Resource, Ret, Row, call, class};

/// psycopg2.
pub const LIBRARY: Library =
    Library { name: "psycopg2", roots: &["psycopg2"], rows: ROWS, classes: CLASSES, aliases: &[], values: &[] };

const ROWS: &[Row] = &[
    // https://www.psycopg.org/docs/module.html
    call("psycopg2.connect")
        .does(CONNECT)
        .gives(Ret::Inst("psycopg2.extensions.connection"))
        .acquires(Resource::Connection),
    // https://www.psycopg.org/docs/connection.html
    call("psycopg2.extensions.connection.cursor")
        .gives(Ret::Inst("psycopg2.extensions.cursor"))
        .acquires(Resource::Cursor),
    call("psycopg2.extensions.connection.poll").does(Effects::BLOCKS),
    call("psycopg2.extensions.connection.set_session").gives(Ret::Nothing),
    // https://www.psycopg.org/docs/cursor.html
    call("psycopg2.extensions.cursor.copy_expert").does(EXECUTE.with(Effects::BULK)).gives(Ret::Nothing),
    call("psycopg2.extensions.cursor.copy_from").does(INSERT.with(Effects::BULK)).gives(Ret::Nothing),
    call("psycopg2.extensions.cursor.copy_to").does(READ.with(Effects::BULK)).gives(Ret::Nothing),
    call("psycopg2.extensions.cursor.mogrify").gives(Ret::Bytes),
    // https://www.psycopg.org/docs/extras.html
    call("psycopg2.extras.execute_batch").does(EXECUTE_MANY).gives(Ret::Nothing),
    call("psycopg2.extras.execute_values").does(EXECUTE_MANY),
    // https://www.psycopg.org/docs/pool.html
    call("psycopg2.pool.AbstractConnectionPool.closeall").does(Effects::CLOSES).gives(Ret::Nothing),
    call("psycopg2.pool.AbstractConnectionPool.getconn")
        .gives(Ret::Inst("psycopg2.extensions.connection"))
        .acquires(Resource::Connection),
    call("psycopg2.pool.AbstractConnectionPool.putconn").gives(Ret::Nothing).takes(0),
    call("psycopg2.pool.SimpleConnectionPool")
        .does(CONNECT)
        .gives(Ret::Inst("psycopg2.pool.SimpleConnectionPool"))
        .acquires(Resource::Pool),
    call("psycopg2.pool.ThreadedConnectionPool")
        .does(CONNECT)
        .gives(Ret::Inst("psycopg2.pool.ThreadedConnectionPool"))
        .acquires(Resource::Pool),
];

const CLASSES: &[ClassRow] = &[
    // https://www.psycopg.org/docs/connection.html
    class("psycopg2.extensions.connection").extends(&["dbapi:Connection"]).manages(
        Ret::Receiver,
        Effects::NONE,
        Exit::EndsTransaction,
    ),
    // https://www.psycopg.org/docs/cursor.html
    class("psycopg2.extensions.cursor")
        .extends(&["dbapi:Cursor"])
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .iterates(Ret::Unknown, Effects::NONE),
    // https://www.psycopg.org/docs/extras.html
    class("psycopg2.extras.DictCursor").extends(&["psycopg2.extensions.cursor"]),
    class("psycopg2.extras.NamedTupleCursor").extends(&["psycopg2.extensions.cursor"]),
    class("psycopg2.extras.RealDictCursor").extends(&["psycopg2.extensions.cursor"]),
    // https://www.psycopg.org/docs/pool.html
    class("psycopg2.pool.AbstractConnectionPool").resource(Resource::Pool),
    class("psycopg2.pool.SimpleConnectionPool").extends(&["psycopg2.pool.AbstractConnectionPool"]),
    class("psycopg2.pool.ThreadedConnectionPool").extends(&["psycopg2.pool.AbstractConnectionPool"]),
];
