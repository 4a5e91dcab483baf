//! MySQL drivers: PyMySQL, mysqlclient, MySQL Connector, aiomysql.

use super::mixes::CONNECT;
use crate::libraries::{ClassRow, Effects, Exit, Library, Resource, Ret, Row, call, class};

/// MySQL drivers.
pub const LIBRARY: Library = Library {
    name: "MySQL drivers",
    roots: &["MySQLdb", "aiomysql", "asyncmy", "mysql.connector", "pymysql"],
    rows: ROWS,
    classes: CLASSES,
    aliases: ALIASES,
    values: &[],
};

const ROWS: &[Row] = &[
    // https://pymysql.readthedocs.io/en/latest/modules/connections.html
    call("pymysql.connect")
        .does(CONNECT)
        .gives(Ret::Inst("pymysql.connections.Connection"))
        .acquires(Resource::Connection),
    call("pymysql.connections.Connection")
        .does(CONNECT)
        .gives(Ret::Inst("pymysql.connections.Connection"))
        .acquires(Resource::Connection),
    call("pymysql.connections.Connection.begin").does(Effects::BEGIN.with(Effects::BLOCKS)).gives(Ret::Nothing),
    call("pymysql.connections.Connection.cursor").gives(Ret::Inst("pymysql.cursors.Cursor")),
    call("pymysql.connections.Connection.ping").does(CONNECT).gives(Ret::Nothing),
    // https://mysqlclient.readthedocs.io/user_guide.html
    call("MySQLdb.connect")
        .does(CONNECT)
        .gives(Ret::Inst("MySQLdb.connections.Connection"))
        .acquires(Resource::Connection),
    call("MySQLdb.connections.Connection.cursor").gives(Ret::Inst("MySQLdb.cursors.Cursor")),
    // https://dev.mysql.com/doc/connector-python/en/connector-python-reference.html
    call("mysql.connector.MySQLConnection.cursor")
        .gives(Ret::Inst("mysql.connector.cursor.MySQLCursor"))
        .acquires(Resource::Cursor),
    call("mysql.connector.MySQLConnection.start_transaction")
        .does(Effects::BEGIN.with(Effects::BLOCKS))
        .gives(Ret::Nothing),
    call("mysql.connector.connect")
        .does(CONNECT)
        .gives(Ret::Inst("mysql.connector.MySQLConnection"))
        .acquires(Resource::Connection),
    call("mysql.connector.pooling.MySQLConnectionPool")
        .does(CONNECT)
        .gives(Ret::Inst("mysql.connector.pooling.MySQLConnectionPool"))
        .acquires(Resource::Pool),
    call("mysql.connector.pooling.MySQLConnectionPool.get_connection")
        .gives(Ret::Inst("mysql.connector.MySQLConnection"))
        .acquires(Resource::Connection),
    // https://aiomysql.readthedocs.io/en/stable/connection.html
    call("aiomysql.Connection.begin").does(Effects::BEGIN).gives(Ret::Nothing).asynchronous(),
    call("aiomysql.Connection.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("aiomysql.Connection.commit").does(Effects::COMMIT).gives(Ret::Nothing).asynchronous(),
    call("aiomysql.Connection.cursor").gives(Ret::Inst("aiomysql.Cursor")).acquires(Resource::Cursor).asynchronous(),
    call("aiomysql.Connection.ensure_closed").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("aiomysql.Connection.ping").does(Effects::DB_CONNECT).gives(Ret::Nothing).asynchronous(),
    call("aiomysql.Connection.rollback").does(Effects::ROLLBACK).gives(Ret::Nothing).asynchronous(),
    call("aiomysql.connect")
        .does(Effects::DB_CONNECT)
        .gives(Ret::Inst("aiomysql.Connection"))
        .acquires(Resource::Connection)
        .asynchronous(),
    // https://aiomysql.readthedocs.io/en/stable/cursors.html
    call("aiomysql.Cursor.close").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("aiomysql.Cursor.execute").does(Effects::DB_EXECUTE).gives(Ret::Number).asynchronous(),
    call("aiomysql.Cursor.executemany").does(Effects::DB_EXECUTE.with(Effects::BULK)).gives(Ret::Number).asynchronous(),
    call("aiomysql.Cursor.fetchall").gives(Ret::List).asynchronous(),
    call("aiomysql.Cursor.fetchmany").gives(Ret::List).asynchronous(),
    call("aiomysql.Cursor.fetchone").asynchronous(),
    // https://aiomysql.readthedocs.io/en/stable/pool.html
    call("aiomysql.Pool.acquire").gives(Ret::Inst("aiomysql.Connection")).acquires(Resource::Connection).asynchronous(),
    call("aiomysql.Pool.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("aiomysql.Pool.release").takes(0),
    call("aiomysql.Pool.terminate").does(Effects::CLOSES).gives(Ret::Nothing),
    call("aiomysql.Pool.wait_closed").gives(Ret::Nothing).asynchronous(),
    call("aiomysql.create_pool")
        .does(Effects::DB_CONNECT)
        .gives(Ret::Inst("aiomysql.Pool"))
        .acquires(Resource::Pool)
        .asynchronous(),
];

const CLASSES: &[ClassRow] = &[
    // https://pymysql.readthedocs.io/en/latest/modules/connections.html
    class("pymysql.connections.Connection").extends(&["dbapi:Connection"]).manages(
        Ret::Receiver,
        Effects::NONE,
        Exit::Closes,
    ),
    class("pymysql.cursors.Cursor")
        .extends(&["dbapi:Cursor"])
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .iterates(Ret::Unknown, Effects::NONE),
    class("pymysql.cursors.DictCursor").extends(&["pymysql.cursors.Cursor"]),
    class("pymysql.cursors.SSCursor").extends(&["pymysql.cursors.Cursor"]),
    class("pymysql.cursors.SSDictCursor").extends(&["pymysql.cursors.Cursor"]),
    // https://mysqlclient.readthedocs.io/user_guide.html
    class("MySQLdb.connections.Connection").extends(&["dbapi:Connection"]).manages(
        Ret::Receiver,
        Effects::NONE,
        Exit::Closes,
    ),
    class("MySQLdb.cursors.Cursor")
        .extends(&["dbapi:Cursor"])
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .iterates(Ret::Unknown, Effects::NONE),
    class("MySQLdb.cursors.DictCursor").extends(&["MySQLdb.cursors.Cursor"]),
    class("MySQLdb.cursors.SSCursor").extends(&["MySQLdb.cursors.Cursor"]),
    // https://dev.mysql.com/doc/connector-python/en/connector-python-reference.html
    class("mysql.connector.MySQLConnection").extends(&["dbapi:Connection"]).manages(
        Ret::Receiver,
        Effects::NONE,
        Exit::Closes,
    ),
    class("mysql.connector.cursor.MySQLCursor")
        .extends(&["dbapi:Cursor"])
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .iterates(Ret::Unknown, Effects::NONE),
    class("mysql.connector.pooling.MySQLConnectionPool").resource(Resource::Pool),
    // https://aiomysql.readthedocs.io/en/stable/connection.html
    class("aiomysql.Connection").resource(Resource::Connection).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    // https://aiomysql.readthedocs.io/en/stable/cursors.html
    class("aiomysql.Cursor")
        .resource(Resource::Cursor)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .iterates(Ret::Unknown, Effects::NONE),
    class("aiomysql.DictCursor").extends(&["aiomysql.Cursor"]),
    class("aiomysql.SSCursor").extends(&["aiomysql.Cursor"]),
    class("aiomysql.SSDictCursor").extends(&["aiomysql.Cursor"]),
    // https://aiomysql.readthedocs.io/en/stable/pool.html
    class("aiomysql.Pool").resource(Resource::Pool).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
];

const ALIASES: &[(&str, &str)] = &[
    ("MySQLdb.Connect", "MySQLdb.connect"),
    ("MySQLdb.Connection", "MySQLdb.connections.Connection"),
    ("aiomysql.connection", "aiomysql"),
    ("aiomysql.cursors", "aiomysql"),
    ("aiomysql.pool", "aiomysql"),
    // https://github.com/long2ice/asyncmy#usage: the same classes and methods.
    ("asyncmy", "aiomysql"),
    ("mysql.connector.connection.MySQLConnection", "mysql.connector.MySQLConnection"),
    ("pymysql.Connect", "pymysql.connect"),
    ("pymysql.Connection", "pymysql.connections.Connection"),
];
