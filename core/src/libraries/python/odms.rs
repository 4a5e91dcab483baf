//! MongoEngine, Pony, GINO, ormar: mappers with tables of their own kind.

use super::mixes::{COMMIT, CONNECT, DELETE, EXECUTE, INSERT, READ, ROLLBACK, UPDATE};
use crate::libraries::{ClassRow, Effects, Exit, Library, Ret, Row, call, class};

/// MongoEngine, Pony, GINO, ormar.
pub const LIBRARY: Library = Library {
    name: "MongoEngine, Pony, GINO, ormar",
    roots: &["mongoengine", "pony", "gino", "ormar"],
    rows: ROWS,
    classes: CLASSES,
    aliases: ALIASES,
    // https://docs.ponyorm.org/transactions.html
    values: &[("pony.orm.db_session", Ret::Inst("pony.orm:session"))],
};

const AREAD: Effects = Effects::DB_READ;
const AINSERT: Effects = Effects::DB_INSERT;
const AUPDATE: Effects = Effects::DB_UPDATE;
const ADELETE: Effects = Effects::DB_DELETE;

const ROWS: &[Row] = &[
    // https://docs.mongoengine.org/apireference.html#documents
    call("mongoengine.Document.delete").does(DELETE).gives(Ret::Nothing),
    call("mongoengine.Document.drop_collection").does(DELETE.with(Effects::BULK)).gives(Ret::Nothing),
    call("mongoengine.Document.modify").does(UPDATE).gives(Ret::Bool),
    call("mongoengine.Document.reload").does(Effects::DB_REFRESH.with(Effects::BLOCKS)).gives(Ret::Receiver),
    call("mongoengine.Document.save").does(INSERT.with(Effects::DB_UPDATE)).gives(Ret::Receiver),
    call("mongoengine.Document.update").does(UPDATE),
    call("mongoengine.connect").gives(Ret::Inst("pymongo.MongoClient")),
    // https://docs.mongoengine.org/apireference.html#querying
    call("mongoengine.QuerySet.__call__").gives(Ret::Receiver),
    call("mongoengine.QuerySet.aggregate").does(READ),
    call("mongoengine.QuerySet.all").gives(Ret::Receiver),
    call("mongoengine.QuerySet.as_pymongo").gives(Ret::Receiver),
    call("mongoengine.QuerySet.count").does(READ).gives(Ret::Number),
    call("mongoengine.QuerySet.create").does(INSERT).gives(Ret::Element),
    call("mongoengine.QuerySet.delete").does(DELETE.with(Effects::BULK)).gives(Ret::Number),
    call("mongoengine.QuerySet.distinct").does(READ).gives(Ret::List),
    call("mongoengine.QuerySet.exclude").gives(Ret::Receiver),
    call("mongoengine.QuerySet.filter").gives(Ret::Receiver),
    call("mongoengine.QuerySet.first").does(READ).gives(Ret::Element),
    call("mongoengine.QuerySet.get").does(READ).gives(Ret::Element),
    call("mongoengine.QuerySet.in_bulk").does(READ).gives(Ret::ElementDict),
    call("mongoengine.QuerySet.insert").does(INSERT.with(Effects::BULK)),
    call("mongoengine.QuerySet.limit").gives(Ret::Receiver),
    call("mongoengine.QuerySet.modify").does(UPDATE).gives(Ret::Element),
    call("mongoengine.QuerySet.no_dereference").gives(Ret::Receiver),
    call("mongoengine.QuerySet.only").gives(Ret::Receiver),
    call("mongoengine.QuerySet.order_by").gives(Ret::Receiver),
    call("mongoengine.QuerySet.scalar").gives(Ret::Receiver),
    call("mongoengine.QuerySet.select_related").does(READ).gives(Ret::ElementList),
    call("mongoengine.QuerySet.skip").gives(Ret::Receiver),
    call("mongoengine.QuerySet.sum").does(READ).gives(Ret::Number),
    call("mongoengine.QuerySet.update").does(UPDATE.with(Effects::BULK)).gives(Ret::Number),
    call("mongoengine.QuerySet.update_one").does(UPDATE).gives(Ret::Number),
    call("mongoengine.QuerySet.upsert_one").does(UPDATE).gives(Ret::Element),
    call("mongoengine.QuerySet.values_list").gives(Ret::Receiver),
    call("mongoengine.QuerySet.with_id").does(READ).gives(Ret::Element),
    // https://docs.ponyorm.org/api_reference.html
    call("pony.orm.Database").gives(Ret::Inst("pony.orm.Database")),
    call("pony.orm.Database.bind").does(CONNECT),
    call("pony.orm.Database.commit").does(COMMIT),
    call("pony.orm.Database.execute").does(EXECUTE),
    call("pony.orm.Database.flush").does(Effects::DB_FLUSH.with(Effects::BLOCKS)),
    call("pony.orm.Database.insert").does(INSERT),
    call("pony.orm.Database.rollback").does(ROLLBACK),
    call("pony.orm.Database.select").does(EXECUTE).gives(Ret::List),
    call("pony.orm.commit").does(COMMIT),
    call("pony.orm.count").does(READ).gives(Ret::Number),
    call("pony.orm.delete").does(DELETE.with(Effects::BULK)).gives(Ret::Number),
    call("pony.orm.exists").does(READ).gives(Ret::Bool),
    call("pony.orm.flush").does(Effects::DB_FLUSH.with(Effects::BLOCKS)),
    call("pony.orm.get").does(READ),
    call("pony.orm.rollback").does(ROLLBACK),
    call("pony.orm.select").gives(Ret::Inst("pony.orm.Query")),
    call("pony.orm:Entity.delete").does(Effects::DB_MARK_DELETE),
    call("pony.orm:Entity.exists").does(READ).gives(Ret::Bool),
    call("pony.orm:Entity.get").does(READ).gives(Ret::SelfInstance),
    call("pony.orm:Entity.get_for_update").does(READ).gives(Ret::SelfInstance),
    call("pony.orm:Entity.load").does(READ),
    call("pony.orm:Entity.select").gives(Ret::InstOfSelf("pony.orm.Query")),
    call("pony.orm:session.__call__").gives(Ret::Receiver),
    // https://docs.ponyorm.org/queries.html
    call("pony.orm.Query.count").does(READ).gives(Ret::Number),
    call("pony.orm.Query.delete").does(DELETE.with(Effects::BULK)).gives(Ret::Number),
    call("pony.orm.Query.exists").does(READ).gives(Ret::Bool),
    call("pony.orm.Query.filter").gives(Ret::Receiver),
    call("pony.orm.Query.first").does(READ).gives(Ret::Element),
    call("pony.orm.Query.get").does(READ).gives(Ret::Element),
    call("pony.orm.Query.limit").gives(Ret::Receiver),
    call("pony.orm.Query.order_by").gives(Ret::Receiver),
    call("pony.orm.Query.page").gives(Ret::Receiver),
    call("pony.orm.Query.prefetch").gives(Ret::Receiver),
    call("pony.orm.Query.where").gives(Ret::Receiver),
    // https://python-gino.org/docs/en/1.0/reference/api/gino.html
    call("gino.Gino").gives(Ret::Inst("gino.Gino")),
    call("gino.Gino.set_bind").does(Effects::DB_CONNECT).asynchronous(),
    call("gino.Gino.transaction").gives(Ret::Inst("gino:transaction")),
    call("gino:Executor.all").does(Effects::DB_EXECUTE).gives(Ret::ElementList).asynchronous(),
    call("gino:Executor.first").does(Effects::DB_EXECUTE).gives(Ret::Element).asynchronous(),
    call("gino:Executor.one").does(Effects::DB_EXECUTE).gives(Ret::Element).asynchronous(),
    call("gino:Executor.one_or_none").does(Effects::DB_EXECUTE).gives(Ret::Element).asynchronous(),
    call("gino:Executor.scalar").does(Effects::DB_EXECUTE).asynchronous(),
    call("gino:Executor.status").does(Effects::DB_EXECUTE).asynchronous(),
    call("gino:Model.create").does(AINSERT).gives(Ret::SelfInstance).asynchronous(),
    call("gino:Model.delete").does(ADELETE).asynchronous(),
    call("gino:Model.get").does(AREAD).gives(Ret::SelfInstance).asynchronous(),
    call("gino:Model.update").gives(Ret::Inst("gino:Update")),
    call("gino:Query.__call__").gives(Ret::Receiver),
    call("gino:Update.apply").does(AUPDATE).asynchronous(),
    // https://collerek.github.io/ormar/latest/queries/
    call("ormar.Model.delete").does(ADELETE).asynchronous(),
    call("ormar.Model.load").does(AREAD).asynchronous(),
    call("ormar.Model.load_all").does(AREAD).asynchronous(),
    call("ormar.Model.save").does(AINSERT).asynchronous(),
    call("ormar.Model.update").does(AUPDATE).asynchronous(),
    call("ormar.Model.upsert").does(AINSERT.with(AUPDATE)).asynchronous(),
    call("ormar.QuerySet.all").does(AREAD).gives(Ret::ElementList).asynchronous(),
    call("ormar.QuerySet.bulk_create").does(AINSERT.with(Effects::BULK)).asynchronous(),
    call("ormar.QuerySet.bulk_update").does(AUPDATE.with(Effects::BULK)).asynchronous(),
    call("ormar.QuerySet.count").does(AREAD).gives(Ret::Number).asynchronous(),
    call("ormar.QuerySet.create").does(AINSERT).gives(Ret::Element).asynchronous(),
    call("ormar.QuerySet.delete").does(ADELETE.with(Effects::BULK)).asynchronous(),
    call("ormar.QuerySet.exclude").gives(Ret::Receiver),
    call("ormar.QuerySet.exists").does(AREAD).gives(Ret::Bool).asynchronous(),
    call("ormar.QuerySet.fields").gives(Ret::Receiver),
    call("ormar.QuerySet.filter").gives(Ret::Receiver),
    call("ormar.QuerySet.first").does(AREAD).gives(Ret::Element).asynchronous(),
    call("ormar.QuerySet.first_or_none").does(AREAD).gives(Ret::Element).asynchronous(),
    call("ormar.QuerySet.get").does(AREAD).gives(Ret::Element).asynchronous(),
    call("ormar.QuerySet.get_or_create").does(AREAD.with(AINSERT)).gives(Ret::ElementPair).asynchronous(),
    call("ormar.QuerySet.get_or_none").does(AREAD).gives(Ret::Element).asynchronous(),
    call("ormar.QuerySet.limit").gives(Ret::Receiver),
    call("ormar.QuerySet.offset").gives(Ret::Receiver),
    call("ormar.QuerySet.order_by").gives(Ret::Receiver),
    call("ormar.QuerySet.paginate").gives(Ret::Receiver),
    call("ormar.QuerySet.prefetch_related").gives(Ret::Receiver),
    call("ormar.QuerySet.select_related").gives(Ret::Receiver),
    call("ormar.QuerySet.update").does(AUPDATE.with(Effects::BULK)).asynchronous(),
    call("ormar.QuerySet.update_or_create").does(AREAD.with(AINSERT).with(AUPDATE)).asynchronous(),
];

const CLASSES: &[ClassRow] = &[
    // https://docs.mongoengine.org/apireference.html#documents
    class("mongoengine.Document").attrs(&[("objects", Ret::InstOfSelf("mongoengine.QuerySet"))]),
    class("mongoengine.DynamicDocument").extends(&["mongoengine.Document"]),
    // https://docs.mongoengine.org/apireference.html#querying
    class("mongoengine.QuerySet").iterates(Ret::Element, READ),
    // https://docs.ponyorm.org/api_reference.html
    class("pony.orm.Database").attrs(&[("Entity", Ret::Class("pony.orm:Entity"))]),
    class("pony.orm:Entity"),
    class("pony.orm:session").extends(&["contextlib.ContextDecorator"]).manages(
        Ret::Nothing,
        Effects::BEGIN,
        Exit::EndsTransaction,
    ),
    // https://docs.ponyorm.org/queries.html
    class("pony.orm.Query").iterates(Ret::Element, READ),
    // https://python-gino.org/docs/en/1.0/reference/api/gino.html
    class("gino.Gino").extends(&["gino:Executor"]).attrs(&[("Model", Ret::Class("gino:Model"))]),
    class("gino:Executor"),
    class("gino:Model").attrs(&[("query", Ret::InstOfSelf("gino:Query"))]),
    class("gino:Query").attrs(&[("*", Ret::Receiver), ("gino", Ret::InstKeep("gino:Executor"))]),
    class("gino:Update"),
    class("gino:transaction").manages(Ret::Unknown, Effects::BEGIN, Exit::EndsTransaction),
    // https://collerek.github.io/ormar/latest/queries/
    class("ormar.Model").attrs(&[("objects", Ret::InstOfSelf("ormar.QuerySet"))]),
    class("ormar.QuerySet"),
];

const ALIASES: &[(&str, &str)] = &[
    ("gino.api.Gino", "gino.Gino"),
    ("mongoengine.document", "mongoengine"),
    ("mongoengine.queryset.QuerySet", "mongoengine.QuerySet"),
    ("pony.orm.core", "pony.orm"),
];
