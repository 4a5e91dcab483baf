//! sqlite3 and aiosqlite. Leaving `with connection` of sqlite3 ends the transaction; the connection stays open. aiosqlite's `async with` closes it.

use super::mixes::{CONNECT, EXECUTE, EXECUTE_MANY, FILE};
use crate::libraries::{ClassRow, Effects, Exit, Library, Resource, Ret, Row, call, class};

/// sqlite3.
pub const LIBRARY: Library = Library {
    name: "sqlite3",
    roots: &["sqlite3", "aiosqlite"],
    rows: ROWS,
    classes: CLASSES,
    aliases: ALIASES,
    values: &[],
};

const ROWS: &[Row] = &[
    // https://docs.python.org/3/library/sqlite3.html
    call("sqlite3.Connection").does(CONNECT).gives(Ret::Inst("sqlite3.Connection")).acquires(Resource::Connection),
    call("sqlite3.Connection.backup").does(FILE),
    call("sqlite3.Connection.cursor").gives(Ret::Inst("sqlite3.Cursor")),
    call("sqlite3.Connection.execute").does(EXECUTE).gives(Ret::Inst("sqlite3.Cursor")),
    call("sqlite3.Connection.executemany").does(EXECUTE_MANY).gives(Ret::Inst("sqlite3.Cursor")),
    call("sqlite3.Connection.executescript").does(EXECUTE.with(Effects::BULK)).gives(Ret::Inst("sqlite3.Cursor")),
    call("sqlite3.Connection.iterdump").does(FILE),
    call("sqlite3.Cursor.executescript").does(EXECUTE.with(Effects::BULK)).gives(Ret::Receiver),
    call("sqlite3.connect").does(CONNECT).gives(Ret::Inst("sqlite3.Connection")).acquires(Resource::Connection),
    // https://aiosqlite.omnilib.dev/en/stable/api.html
    call("aiosqlite.Connection.close").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("aiosqlite.Connection.commit").does(Effects::COMMIT).gives(Ret::Nothing).asynchronous(),
    call("aiosqlite.Connection.cursor").gives(Ret::Inst("aiosqlite.Cursor")).acquires(Resource::Cursor).asynchronous(),
    call("aiosqlite.Connection.execute").does(Effects::DB_EXECUTE).gives(Ret::Inst("aiosqlite.Cursor")).asynchronous(),
    call("aiosqlite.Connection.execute_fetchall").does(Effects::DB_EXECUTE).gives(Ret::List).asynchronous(),
    call("aiosqlite.Connection.execute_insert").does(Effects::DB_INSERT).asynchronous(),
    call("aiosqlite.Connection.executemany")
        .does(Effects::DB_EXECUTE.with(Effects::BULK))
        .gives(Ret::Inst("aiosqlite.Cursor"))
        .asynchronous(),
    call("aiosqlite.Connection.executescript")
        .does(Effects::DB_EXECUTE.with(Effects::BULK))
        .gives(Ret::Inst("aiosqlite.Cursor"))
        .asynchronous(),
    call("aiosqlite.Connection.rollback").does(Effects::ROLLBACK).gives(Ret::Nothing).asynchronous(),
    call("aiosqlite.Cursor.close").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("aiosqlite.Cursor.execute").does(Effects::DB_EXECUTE).gives(Ret::Receiver).asynchronous(),
    call("aiosqlite.Cursor.executemany")
        .does(Effects::DB_EXECUTE.with(Effects::BULK))
        .gives(Ret::Receiver)
        .asynchronous(),
    call("aiosqlite.Cursor.executescript")
        .does(Effects::DB_EXECUTE.with(Effects::BULK))
        .gives(Ret::Receiver)
        .asynchronous(),
    call("aiosqlite.Cursor.fetchall").gives(Ret::List).asynchronous(),
    call("aiosqlite.Cursor.fetchmany").gives(Ret::List).asynchronous(),
    call("aiosqlite.Cursor.fetchone").asynchronous(),
    call("aiosqlite.connect")
        .does(Effects::DB_CONNECT)
        .gives(Ret::Inst("aiosqlite.Connection"))
        .acquires(Resource::Connection)
        .asynchronous(),
];

const CLASSES: &[ClassRow] = &[
    // https://docs.python.org/3/library/sqlite3.html
    class("sqlite3.Connection")
        .extends(&["dbapi:Connection"])
        .manages(Ret::Receiver, Effects::NONE, Exit::EndsTransaction)
        .attrs(&[("in_transaction", Ret::Bool), ("total_changes", Ret::Number)]),
    class("sqlite3.Cursor").extends(&["dbapi:Cursor"]).iterates(Ret::Unknown, Effects::NONE),
    class("sqlite3.Row"),
    // https://aiosqlite.omnilib.dev/en/stable/api.html
    class("aiosqlite.Connection").resource(Resource::Connection).manages(
        Ret::Receiver,
        Effects::DB_CONNECT,
        Exit::Closes,
    ),
    class("aiosqlite.Cursor")
        .resource(Resource::Cursor)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .iterates(Ret::Unknown, Effects::NONE),
];

const ALIASES: &[(&str, &str)] =
    &[("aiosqlite.core", "aiosqlite"), ("aiosqlite.cursor", "aiosqlite"), ("sqlite3.dbapi2", "sqlite3")];
