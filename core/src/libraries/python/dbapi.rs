//! PEP 249: what connections and cursors of all DB-API drivers share. The drivers' classes extend
//! these two names, which cannot be imported.

use super::mixes::{COMMIT, EXECUTE, EXECUTE_MANY, ROLLBACK};
use crate::libraries::{ClassRow, Effects, Library, Resource, Ret, Row, call, class};

/// PEP 249.
pub const LIBRARY: Library =
    Library { name: "DB-API", roots: &[], rows: ROWS, classes: CLASSES, aliases: &[], values: &[] };

const ROWS: &[Row] = &[
    // https://peps.python.org/pep-0249/#connection-objects
    call("dbapi:Connection.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("dbapi:Connection.commit").does(COMMIT).gives(Ret::Nothing),
    call("dbapi:Connection.cursor").gives(Ret::Inst("dbapi:Cursor")).acquires(Resource::Cursor),
    call("dbapi:Connection.rollback").does(ROLLBACK).gives(Ret::Nothing),
    // https://peps.python.org/pep-0249/#cursor-objects
    call("dbapi:Cursor.callproc").does(EXECUTE),
    call("dbapi:Cursor.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("dbapi:Cursor.execute").does(EXECUTE).gives(Ret::Receiver),
    call("dbapi:Cursor.executemany").does(EXECUTE_MANY).gives(Ret::Receiver),
    call("dbapi:Cursor.fetchall").gives(Ret::List),
    call("dbapi:Cursor.fetchmany").gives(Ret::List),
    call("dbapi:Cursor.fetchone"),
    call("dbapi:Cursor.nextset").gives(Ret::Bool),
];

const CLASSES: &[ClassRow] = &[
    // https://peps.python.org/pep-0249/
    class("dbapi:Connection").resource(Resource::Connection),
    class("dbapi:Cursor").resource(Resource::Cursor).attrs(&[("rowcount", Ret::Number), ("lastrowid", Ret::Number)]),
];
