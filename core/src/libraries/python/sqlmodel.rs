//! SQLModel: its sessions add `exec`; most other names are SQLAlchemy's.

use super::mixes::EXECUTE;
use crate::libraries::{ClassRow, Effects, Library, Resource, Ret, Row, call, class};

/// SQLModel.
pub const LIBRARY: Library =
    Library { name: "SQLModel", roots: &["sqlmodel"], rows: ROWS, classes: CLASSES, aliases: ALIASES, values: &[] };

const ROWS: &[Row] = &[
    // https://sqlmodel.tiangolo.com/tutorial/select/
    call("sqlmodel.Session").gives(Ret::Inst("sqlmodel.Session")).acquires(Resource::Session),
    call("sqlmodel.Session.exec").does(EXECUTE).gives(Ret::InstFromArg("sqlalchemy.ScalarResult", 0)),
    call("sqlmodel.select").gives(Ret::InstOfArg("sqlalchemy.Select", 0)),
    // https://sqlmodel.tiangolo.com/tutorial/create-db-and-table/
    call("sqlmodel.Field"),
    // https://sqlmodel.tiangolo.com/tutorial/relationship-attributes/define-relationships-attributes/
    call("sqlmodel.Relationship"),
    // https://github.com/fastapi/sqlmodel/blob/main/sqlmodel/ext/asyncio/session.py
    call("sqlmodel.ext.asyncio.session.AsyncSession")
        .gives(Ret::Inst("sqlmodel.ext.asyncio.session.AsyncSession"))
        .acquires(Resource::Session),
    call("sqlmodel.ext.asyncio.session.AsyncSession.exec")
        .does(Effects::DB_EXECUTE)
        .gives(Ret::InstFromArg("sqlalchemy.ScalarResult", 0))
        .asynchronous(),
];

const CLASSES: &[ClassRow] = &[
    // https://sqlmodel.tiangolo.com/tutorial/select/
    class("sqlmodel.Session").extends(&["sqlalchemy.orm.Session"]),
    // https://sqlmodel.tiangolo.com/tutorial/create-db-and-table/
    class("sqlmodel.SQLModel").attrs(&[("metadata", Ret::Inst("sqlalchemy.MetaData"))]),
    // https://github.com/fastapi/sqlmodel/blob/main/sqlmodel/ext/asyncio/session.py
    class("sqlmodel.ext.asyncio.session.AsyncSession").extends(&["sqlalchemy.ext.asyncio.AsyncSession"]),
];

const ALIASES: &[(&str, &str)] = &[
    ("sqlmodel.Column", "sqlalchemy.Column"),
    ("sqlmodel.MetaData", "sqlalchemy.MetaData"),
    ("sqlmodel.Table", "sqlalchemy.Table"),
    ("sqlmodel.create_engine", "sqlalchemy.create_engine"),
    ("sqlmodel.delete", "sqlalchemy.delete"),
    ("sqlmodel.func", "sqlalchemy.func"),
    ("sqlmodel.insert", "sqlalchemy.insert"),
    ("sqlmodel.main", "sqlmodel"),
    ("sqlmodel.orm.session", "sqlmodel"),
    ("sqlmodel.sql.expression.select", "sqlmodel.select"),
    ("sqlmodel.text", "sqlalchemy.text"),
    ("sqlmodel.union", "sqlalchemy.union"),
    ("sqlmodel.union_all", "sqlalchemy.union_all"),
    ("sqlmodel.update", "sqlalchemy.update"),
];
