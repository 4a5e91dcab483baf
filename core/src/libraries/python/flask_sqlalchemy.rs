//! Flask-SQLAlchemy: the extension object, its scoped session, its model base and query.

use super::mixes::{CONNECT, EXECUTE, READ};
use crate::libraries::{ClassRow, Effects, Library, Ret, Row, call, class};

/// Flask-SQLAlchemy.
pub const LIBRARY: Library = Library {
    name: "Flask-SQLAlchemy",
    roots: &["flask_sqlalchemy"],
    rows: ROWS,
    classes: CLASSES,
    aliases: ALIASES,
    values: &[],
};

const ROWS: &[Row] = &[
    // https://flask-sqlalchemy.readthedocs.io/en/stable/api/
    call("flask_sqlalchemy.SQLAlchemy").gives(Ret::Inst("flask_sqlalchemy.SQLAlchemy")),
    call("flask_sqlalchemy.SQLAlchemy.Column").gives(Ret::Inst("sqlalchemy.Column")),
    call("flask_sqlalchemy.SQLAlchemy.Table").gives(Ret::Inst("sqlalchemy.Table")),
    call("flask_sqlalchemy.SQLAlchemy.contains_eager").gives(Ret::Inst("sqlalchemy.orm.Load")),
    call("flask_sqlalchemy.SQLAlchemy.create_all").does(CONNECT).gives(Ret::Nothing),
    call("flask_sqlalchemy.SQLAlchemy.delete").gives(Ret::InstOfArg("sqlalchemy.Delete", 0)),
    call("flask_sqlalchemy.SQLAlchemy.drop_all").does(CONNECT).gives(Ret::Nothing),
    call("flask_sqlalchemy.SQLAlchemy.first_or_404").does(EXECUTE).gives(Ret::ElementFromArg(0)),
    call("flask_sqlalchemy.SQLAlchemy.get_or_404").does(READ).gives(Ret::ArgInstance(0)),
    call("flask_sqlalchemy.SQLAlchemy.init_app").gives(Ret::Nothing),
    call("flask_sqlalchemy.SQLAlchemy.insert").gives(Ret::InstOfArg("sqlalchemy.Insert", 0)),
    call("flask_sqlalchemy.SQLAlchemy.joinedload").gives(Ret::Inst("sqlalchemy.orm.Load")),
    call("flask_sqlalchemy.SQLAlchemy.load_only").gives(Ret::Inst("sqlalchemy.orm.Load")),
    call("flask_sqlalchemy.SQLAlchemy.mapped_column").gives(Ret::Inst("sqlalchemy.orm.MappedColumn")),
    call("flask_sqlalchemy.SQLAlchemy.one_or_404").does(EXECUTE).gives(Ret::ElementFromArg(0)),
    call("flask_sqlalchemy.SQLAlchemy.paginate")
        .does(EXECUTE)
        .gives(Ret::InstFromArg("flask_sqlalchemy.pagination.Pagination", 0)),
    call("flask_sqlalchemy.SQLAlchemy.reflect").does(READ).gives(Ret::Nothing),
    call("flask_sqlalchemy.SQLAlchemy.relationship").gives(Ret::Inst("sqlalchemy.orm.Relationship")),
    call("flask_sqlalchemy.SQLAlchemy.select").gives(Ret::InstOfArg("sqlalchemy.Select", 0)),
    call("flask_sqlalchemy.SQLAlchemy.selectinload").gives(Ret::Inst("sqlalchemy.orm.Load")),
    call("flask_sqlalchemy.SQLAlchemy.subqueryload").gives(Ret::Inst("sqlalchemy.orm.Load")),
    call("flask_sqlalchemy.SQLAlchemy.text").gives(Ret::Inst("sqlalchemy.TextClause")),
    call("flask_sqlalchemy.SQLAlchemy.update").gives(Ret::InstOfArg("sqlalchemy.Update", 0)),
    call("flask_sqlalchemy.query.Query.first_or_404").does(READ).gives(Ret::Element),
    call("flask_sqlalchemy.query.Query.get_or_404").does(READ).gives(Ret::Element),
    call("flask_sqlalchemy.query.Query.one_or_404").does(READ).gives(Ret::Element),
    call("flask_sqlalchemy.query.Query.paginate")
        .does(READ)
        .gives(Ret::InstKeep("flask_sqlalchemy.pagination.Pagination")),
];

const CLASSES: &[ClassRow] = &[
    // https://flask-sqlalchemy.readthedocs.io/en/stable/api/
    class("flask_sqlalchemy.SQLAlchemy").attrs(&[
        ("Model", Ret::Class("flask_sqlalchemy.model.Model")),
        ("engine", Ret::Inst("sqlalchemy.Engine")),
        ("func", Ret::Inst("sqlalchemy:functions")),
        ("metadata", Ret::Inst("sqlalchemy.MetaData")),
        ("session", Ret::Inst("sqlalchemy.orm.scoped_session")),
    ]),
    class("flask_sqlalchemy.model.Model")
        .extends(&["sqlalchemy.orm.DeclarativeBase"])
        .attrs(&[("query", Ret::InstOfSelf("flask_sqlalchemy.query.Query"))]),
    class("flask_sqlalchemy.pagination.Pagination").iterates(Ret::Element, Effects::NONE).attrs(&[
        ("has_next", Ret::Bool),
        ("has_prev", Ret::Bool),
        ("items", Ret::ElementList),
        ("page", Ret::Number),
        ("pages", Ret::Number),
        ("total", Ret::Number),
    ]),
    class("flask_sqlalchemy.query.Query").extends(&["sqlalchemy.orm.Query"]),
];

const ALIASES: &[(&str, &str)] = &[
    ("flask_sqlalchemy.BaseQuery", "flask_sqlalchemy.query.Query"),
    ("flask_sqlalchemy.extension", "flask_sqlalchemy"),
];
