//! SQLAlchemy 1.4 and 2: Core, ORM, synchronous and asyncio. Canonical paths are the documented ones
//! (`sqlalchemy.select`, `sqlalchemy.orm.Session`, `sqlalchemy.ext.asyncio.AsyncSession`).

use super::mixes::{COMMIT, CONNECT, EXECUTE, READ, ROLLBACK};
use crate::libraries::{ClassRow, Effects, Exit, Library, Place, Resource, Ret, Row, RunContext, call, class};

/// SQLAlchemy.
pub const LIBRARY: Library = Library {
    name: "SQLAlchemy",
    roots: &["sqlalchemy"],
    rows: ROWS,
    classes: CLASSES,
    aliases: ALIASES,
    values: &[("sqlalchemy.func", Ret::Inst("sqlalchemy:functions"))],
};

const ADD: Effects = Effects::DB_ADD;
const FLUSH: Effects = Effects::DB_FLUSH.with(Effects::BLOCKS);
const FLUSH_COMMIT: Effects = COMMIT.with(Effects::DB_FLUSH);
const BULK_INSERT: Effects = Effects::DB_INSERT.with(Effects::BULK).with(Effects::BLOCKS);
const BULK_UPDATE: Effects = Effects::DB_UPDATE.with(Effects::BULK).with(Effects::BLOCKS);
const BULK_DELETE: Effects = Effects::DB_DELETE.with(Effects::BULK).with(Effects::BLOCKS);
const REFRESH: Effects = Effects::DB_REFRESH.with(Effects::BLOCKS);

const CONNECTION: Ret = Ret::Inst("sqlalchemy.Connection");
const SESSION: Ret = Ret::ElementOr("sqlalchemy.orm.Session");
const ASYNC_SESSION: Ret = Ret::ElementOr("sqlalchemy.ext.asyncio.AsyncSession");
const LOAD: Ret = Ret::Inst("sqlalchemy.orm.Load");
const LIST_OF_ROWS: Ret = Ret::ListOf("sqlalchemy.Row");
const ROW: Ret = Ret::InstKeep("sqlalchemy.Row");
const LIST_OF_MAPPINGS: Ret = Ret::ListOf("sqlalchemy.RowMapping");
const MAPPING: Ret = Ret::InstKeep("sqlalchemy.RowMapping");

const ROWS: &[Row] = &[
    // https://docs.sqlalchemy.org/en/20/core/connections.html#sqlalchemy.engine.Connection
    call("sqlalchemy.Connection.begin").does(Effects::BEGIN).gives(Ret::Inst("sqlalchemy.Transaction")),
    call("sqlalchemy.Connection.begin_nested").gives(Ret::Inst("sqlalchemy.NestedTransaction")),
    call("sqlalchemy.Connection.begin_twophase").does(Effects::BEGIN).gives(Ret::Inst("sqlalchemy.Transaction")),
    call("sqlalchemy.Connection.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("sqlalchemy.Connection.commit").does(COMMIT).gives(Ret::Nothing),
    call("sqlalchemy.Connection.exec_driver_sql").does(EXECUTE).gives(Ret::Inst("sqlalchemy.CursorResult")),
    call("sqlalchemy.Connection.execute").does(EXECUTE).gives(Ret::InstFromArg("sqlalchemy.CursorResult", 0)),
    call("sqlalchemy.Connection.execution_options").gives(Ret::Receiver),
    call("sqlalchemy.Connection.in_nested_transaction").gives(Ret::Bool),
    call("sqlalchemy.Connection.in_transaction").gives(Ret::Bool),
    call("sqlalchemy.Connection.invalidate").does(Effects::CLOSES).gives(Ret::Nothing),
    call("sqlalchemy.Connection.rollback").does(ROLLBACK).gives(Ret::Nothing),
    call("sqlalchemy.Connection.scalar").does(EXECUTE).gives(Ret::ElementFromArg(0)),
    call("sqlalchemy.Connection.scalars").does(EXECUTE).gives(Ret::InstFromArg("sqlalchemy.ScalarResult", 0)),
    // https://docs.sqlalchemy.org/en/20/core/metadata.html
    call("sqlalchemy.Column").gives(Ret::Inst("sqlalchemy.Column")),
    call("sqlalchemy.MetaData").gives(Ret::Inst("sqlalchemy.MetaData")),
    call("sqlalchemy.MetaData.create_all").does(CONNECT).gives(Ret::Nothing),
    call("sqlalchemy.MetaData.drop_all").does(CONNECT).gives(Ret::Nothing),
    call("sqlalchemy.MetaData.reflect").does(READ).gives(Ret::Nothing),
    call("sqlalchemy.Table").gives(Ret::Inst("sqlalchemy.Table")),
    call("sqlalchemy.Table.delete").gives(Ret::Inst("sqlalchemy.Delete")),
    call("sqlalchemy.Table.insert").gives(Ret::Inst("sqlalchemy.Insert")),
    call("sqlalchemy.Table.select").gives(Ret::Inst("sqlalchemy.Select")),
    call("sqlalchemy.Table.update").gives(Ret::Inst("sqlalchemy.Update")),
    // https://docs.sqlalchemy.org/en/20/core/dml.html
    call("sqlalchemy.Delete.execution_options").gives(Ret::Receiver),
    call("sqlalchemy.Delete.filter").gives(Ret::Receiver),
    call("sqlalchemy.Delete.filter_by").gives(Ret::Receiver),
    call("sqlalchemy.Delete.returning").gives(Ret::Receiver),
    call("sqlalchemy.Delete.using").gives(Ret::Receiver),
    call("sqlalchemy.Delete.where").gives(Ret::Receiver),
    call("sqlalchemy.Delete.with_hint").gives(Ret::Receiver),
    call("sqlalchemy.Insert.execution_options").gives(Ret::Receiver),
    call("sqlalchemy.Insert.from_select").does(Effects::BULK).gives(Ret::Receiver),
    call("sqlalchemy.Insert.prefix_with").gives(Ret::Receiver),
    call("sqlalchemy.Insert.returning").gives(Ret::Receiver),
    call("sqlalchemy.Insert.values").gives(Ret::Receiver),
    call("sqlalchemy.Update.execution_options").gives(Ret::Receiver),
    call("sqlalchemy.Update.filter").gives(Ret::Receiver),
    call("sqlalchemy.Update.filter_by").gives(Ret::Receiver),
    call("sqlalchemy.Update.ordered_values").gives(Ret::Receiver),
    call("sqlalchemy.Update.returning").gives(Ret::Receiver),
    call("sqlalchemy.Update.values").gives(Ret::Receiver),
    call("sqlalchemy.Update.where").gives(Ret::Receiver),
    call("sqlalchemy.delete").gives(Ret::InstOfArg("sqlalchemy.Delete", 0)),
    call("sqlalchemy.insert").gives(Ret::InstOfArg("sqlalchemy.Insert", 0)),
    call("sqlalchemy.table").gives(Ret::Inst("sqlalchemy.Table")),
    call("sqlalchemy.text").gives(Ret::Inst("sqlalchemy.TextClause")),
    call("sqlalchemy.update").gives(Ret::InstOfArg("sqlalchemy.Update", 0)),
    // https://docs.sqlalchemy.org/en/20/core/connections.html#sqlalchemy.engine.Engine
    call("sqlalchemy.Engine.begin").gives(Ret::Inst("sqlalchemy.Engine.begin:context")).acquires(Resource::Connection),
    call("sqlalchemy.Engine.connect").does(CONNECT).gives(CONNECTION).acquires(Resource::Connection),
    call("sqlalchemy.Engine.dispose").does(Effects::CLOSES).gives(Ret::Nothing),
    call("sqlalchemy.Engine.execute").does(EXECUTE).gives(Ret::InstFromArg("sqlalchemy.CursorResult", 0)),
    call("sqlalchemy.Engine.execution_options").gives(Ret::Receiver),
    call("sqlalchemy.Engine.raw_connection")
        .does(CONNECT)
        .gives(Ret::Inst("dbapi:Connection"))
        .acquires(Resource::Connection),
    call("sqlalchemy.create_engine").gives(Ret::Inst("sqlalchemy.Engine")).acquires(Resource::Pool),
    call("sqlalchemy.create_mock_engine"),
    call("sqlalchemy.create_pool_from_url").acquires(Resource::Pool),
    call("sqlalchemy.engine_from_config").gives(Ret::Inst("sqlalchemy.Engine")).acquires(Resource::Pool),
    // https://docs.sqlalchemy.org/en/20/core/connections.html#result-set-api
    call("sqlalchemy.CursorResult.fetchall").gives(LIST_OF_ROWS),
    call("sqlalchemy.MappingResult.all").gives(LIST_OF_MAPPINGS),
    call("sqlalchemy.MappingResult.fetchall").gives(LIST_OF_MAPPINGS),
    call("sqlalchemy.MappingResult.fetchmany").gives(LIST_OF_MAPPINGS),
    call("sqlalchemy.MappingResult.fetchone").gives(MAPPING),
    call("sqlalchemy.MappingResult.first").gives(MAPPING),
    call("sqlalchemy.MappingResult.one").gives(MAPPING),
    call("sqlalchemy.MappingResult.one_or_none").gives(MAPPING),
    call("sqlalchemy.MappingResult.unique").gives(Ret::Receiver),
    call("sqlalchemy.Result.all").gives(LIST_OF_ROWS),
    call("sqlalchemy.Result.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("sqlalchemy.Result.columns").gives(Ret::Receiver),
    call("sqlalchemy.Result.fetchall").gives(LIST_OF_ROWS),
    call("sqlalchemy.Result.fetchmany").gives(LIST_OF_ROWS),
    call("sqlalchemy.Result.fetchone").gives(ROW),
    call("sqlalchemy.Result.first").gives(ROW),
    call("sqlalchemy.Result.mappings").gives(Ret::InstKeep("sqlalchemy.MappingResult")),
    call("sqlalchemy.Result.one").gives(ROW),
    call("sqlalchemy.Result.one_or_none").gives(ROW),
    call("sqlalchemy.Result.scalar").gives(Ret::Element),
    call("sqlalchemy.Result.scalar_one").gives(Ret::Element),
    call("sqlalchemy.Result.scalar_one_or_none").gives(Ret::Element),
    call("sqlalchemy.Result.scalars").gives(Ret::InstKeep("sqlalchemy.ScalarResult")),
    call("sqlalchemy.Result.tuples").gives(Ret::Receiver),
    call("sqlalchemy.Result.unique").gives(Ret::Receiver),
    call("sqlalchemy.Result.yield_per").gives(Ret::Receiver),
    call("sqlalchemy.ScalarResult.all").gives(Ret::ElementList),
    call("sqlalchemy.ScalarResult.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("sqlalchemy.ScalarResult.fetchall").gives(Ret::ElementList),
    call("sqlalchemy.ScalarResult.fetchmany").gives(Ret::ElementList),
    call("sqlalchemy.ScalarResult.first").gives(Ret::Element),
    call("sqlalchemy.ScalarResult.one").gives(Ret::Element),
    call("sqlalchemy.ScalarResult.one_or_none").gives(Ret::Element),
    call("sqlalchemy.ScalarResult.unique").gives(Ret::Receiver),
    call("sqlalchemy.ScalarResult.yield_per").gives(Ret::Receiver),
    // https://docs.sqlalchemy.org/en/20/core/selectable.html
    call("sqlalchemy.Select.add_columns").gives(Ret::Receiver),
    call("sqlalchemy.Select.correlate").gives(Ret::Receiver),
    call("sqlalchemy.Select.distinct").gives(Ret::Receiver),
    call("sqlalchemy.Select.execution_options").gives(Ret::Receiver),
    call("sqlalchemy.Select.fetch").gives(Ret::Receiver),
    call("sqlalchemy.Select.filter").gives(Ret::Receiver),
    call("sqlalchemy.Select.filter_by").gives(Ret::Receiver),
    call("sqlalchemy.Select.from_statement").gives(Ret::Receiver),
    call("sqlalchemy.Select.group_by").gives(Ret::Receiver),
    call("sqlalchemy.Select.having").gives(Ret::Receiver),
    call("sqlalchemy.Select.join").gives(Ret::Receiver),
    call("sqlalchemy.Select.join_from").gives(Ret::Receiver),
    call("sqlalchemy.Select.limit").gives(Ret::Receiver),
    call("sqlalchemy.Select.offset").gives(Ret::Receiver),
    call("sqlalchemy.Select.options").gives(Ret::Receiver),
    call("sqlalchemy.Select.order_by").gives(Ret::Receiver),
    call("sqlalchemy.Select.outerjoin").gives(Ret::Receiver),
    call("sqlalchemy.Select.outerjoin_from").gives(Ret::Receiver),
    call("sqlalchemy.Select.params").gives(Ret::Receiver),
    call("sqlalchemy.Select.prefix_with").gives(Ret::Receiver),
    call("sqlalchemy.Select.select_from").gives(Ret::Receiver),
    call("sqlalchemy.Select.slice").gives(Ret::Receiver),
    call("sqlalchemy.Select.union").gives(Ret::InstKeep("sqlalchemy.CompoundSelect")),
    call("sqlalchemy.Select.union_all").gives(Ret::InstKeep("sqlalchemy.CompoundSelect")),
    call("sqlalchemy.Select.where").gives(Ret::Receiver),
    call("sqlalchemy.Select.with_for_update").gives(Ret::Receiver),
    call("sqlalchemy.Select.with_only_columns").gives(Ret::InstOfArg("sqlalchemy.Select", 0)),
    call("sqlalchemy.TextClause.bindparams").gives(Ret::Receiver),
    call("sqlalchemy.TextClause.columns").gives(Ret::Receiver),
    call("sqlalchemy.TextClause.execution_options").gives(Ret::Receiver),
    call("sqlalchemy.select").gives(Ret::InstOfArg("sqlalchemy.Select", 0)),
    call("sqlalchemy.union").gives(Ret::InstFromArg("sqlalchemy.CompoundSelect", 0)),
    call("sqlalchemy.union_all").gives(Ret::InstFromArg("sqlalchemy.CompoundSelect", 0)),
    // https://docs.sqlalchemy.org/en/20/core/connections.html#sqlalchemy.engine.Transaction
    // Releasing a savepoint ends no transaction.
    call("sqlalchemy.NestedTransaction.close").gives(Ret::Nothing),
    call("sqlalchemy.NestedTransaction.commit").gives(Ret::Nothing),
    call("sqlalchemy.NestedTransaction.rollback").gives(Ret::Nothing),
    call("sqlalchemy.Transaction.close").does(ROLLBACK).gives(Ret::Nothing),
    call("sqlalchemy.Transaction.commit").does(COMMIT).gives(Ret::Nothing),
    call("sqlalchemy.Transaction.rollback").does(ROLLBACK).gives(Ret::Nothing),
    // https://docs.sqlalchemy.org/en/20/dialects/postgresql.html#insert-on-conflict-upsert
    call("sqlalchemy.dialects.mysql.Insert.on_duplicate_key_update").gives(Ret::Receiver),
    call("sqlalchemy.dialects.mysql.insert").gives(Ret::InstOfArg("sqlalchemy.dialects.mysql.Insert", 0)),
    call("sqlalchemy.dialects.postgresql.Insert.on_conflict_do_nothing").gives(Ret::Receiver),
    call("sqlalchemy.dialects.postgresql.Insert.on_conflict_do_update").gives(Ret::Receiver),
    call("sqlalchemy.dialects.postgresql.insert").gives(Ret::InstOfArg("sqlalchemy.dialects.postgresql.Insert", 0)),
    call("sqlalchemy.dialects.sqlite.Insert.on_conflict_do_nothing").gives(Ret::Receiver),
    call("sqlalchemy.dialects.sqlite.Insert.on_conflict_do_update").gives(Ret::Receiver),
    call("sqlalchemy.dialects.sqlite.insert").gives(Ret::InstOfArg("sqlalchemy.dialects.sqlite.Insert", 0)),
    // https://docs.sqlalchemy.org/en/20/core/event.html
    call("sqlalchemy.event.listen").handler(2, RunContext::Library).gives(Ret::Nothing),
    call("sqlalchemy.event.listens_for").decorates(RunContext::Library).gives(Ret::Decorated),
    // https://docs.sqlalchemy.org/en/20/core/inspection.html
    call("sqlalchemy.inspect"),
    // https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncConnection
    call("sqlalchemy.ext.asyncio.AsyncConnection.begin")
        .does(Effects::BEGIN)
        .gives(Ret::Inst("sqlalchemy.ext.asyncio.AsyncTransaction")),
    call("sqlalchemy.ext.asyncio.AsyncConnection.begin_nested").gives(Ret::Inst("sqlalchemy.ext.asyncio:savepoint")),
    call("sqlalchemy.ext.asyncio.AsyncConnection.close").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncConnection.commit").does(Effects::COMMIT).gives(Ret::Nothing).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncConnection.exec_driver_sql")
        .does(Effects::DB_EXECUTE)
        .gives(Ret::Inst("sqlalchemy.CursorResult"))
        .asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncConnection.execute")
        .does(Effects::DB_EXECUTE)
        .gives(Ret::InstFromArg("sqlalchemy.CursorResult", 0))
        .asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncConnection.execution_options").gives(Ret::Receiver).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncConnection.rollback").does(Effects::ROLLBACK).gives(Ret::Nothing).asynchronous(),
    // The callable runs in a greenlet whose database calls are awaited: the loop is not held.
    call("sqlalchemy.ext.asyncio.AsyncConnection.run_sync")
        .gives(Ret::CallOfArg(0))
        .runs(0, Place::Thread)
        .asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncConnection.scalar")
        .does(Effects::DB_EXECUTE)
        .gives(Ret::ElementFromArg(0))
        .asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncConnection.scalars")
        .does(Effects::DB_EXECUTE)
        .gives(Ret::InstFromArg("sqlalchemy.ScalarResult", 0))
        .asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncConnection.stream")
        .does(Effects::DB_EXECUTE)
        .gives(Ret::InstFromArg("sqlalchemy.ext.asyncio.AsyncResult", 0))
        .asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncConnection.stream_scalars")
        .does(Effects::DB_EXECUTE)
        .gives(Ret::InstFromArg("sqlalchemy.ext.asyncio.AsyncScalarResult", 0))
        .asynchronous(),
    // https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncEngine
    call("sqlalchemy.ext.asyncio.AsyncEngine.begin")
        .gives(Ret::Inst("sqlalchemy.ext.asyncio.AsyncEngine.begin:context"))
        .acquires(Resource::Connection),
    call("sqlalchemy.ext.asyncio.AsyncEngine.connect")
        .does(Effects::DB_CONNECT)
        .gives(Ret::Inst("sqlalchemy.ext.asyncio.AsyncConnection"))
        .acquires(Resource::Connection)
        .asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncEngine.dispose").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncEngine.execution_options").gives(Ret::Receiver),
    call("sqlalchemy.ext.asyncio.async_engine_from_config")
        .gives(Ret::Inst("sqlalchemy.ext.asyncio.AsyncEngine"))
        .acquires(Resource::Pool),
    call("sqlalchemy.ext.asyncio.create_async_engine")
        .gives(Ret::Inst("sqlalchemy.ext.asyncio.AsyncEngine"))
        .acquires(Resource::Pool),
    // https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncResult
    call("sqlalchemy.ext.asyncio.AsyncResult.all").gives(LIST_OF_ROWS).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncResult.close").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncResult.fetchall").gives(LIST_OF_ROWS).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncResult.fetchmany").gives(LIST_OF_ROWS).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncResult.fetchone").gives(ROW).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncResult.first").gives(ROW).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncResult.mappings")
        .gives(Ret::InstKeep("sqlalchemy.ext.asyncio.AsyncMappingResult")),
    call("sqlalchemy.ext.asyncio.AsyncResult.one").gives(ROW).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncResult.one_or_none").gives(ROW).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncResult.partitions").gives(Ret::Inst("sqlalchemy.ext.asyncio:partitions")),
    call("sqlalchemy.ext.asyncio.AsyncResult.scalar").gives(Ret::Element).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncResult.scalar_one").gives(Ret::Element).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncResult.scalar_one_or_none").gives(Ret::Element).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncResult.scalars").gives(Ret::InstKeep("sqlalchemy.ext.asyncio.AsyncScalarResult")),
    call("sqlalchemy.ext.asyncio.AsyncResult.unique").gives(Ret::Receiver),
    call("sqlalchemy.ext.asyncio.AsyncResult.yield_per").gives(Ret::Receiver),
    call("sqlalchemy.ext.asyncio.AsyncScalarResult.all").gives(Ret::ElementList).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncScalarResult.close").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncScalarResult.fetchall").gives(Ret::ElementList).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncScalarResult.fetchmany").gives(Ret::ElementList).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncScalarResult.first").gives(Ret::Element).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncScalarResult.one").gives(Ret::Element).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncScalarResult.one_or_none").gives(Ret::Element).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncScalarResult.unique").gives(Ret::Receiver),
    // https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.AsyncSession
    call("sqlalchemy.ext.asyncio.AsyncSession")
        .gives(Ret::Inst("sqlalchemy.ext.asyncio.AsyncSession"))
        .acquires(Resource::Session),
    call("sqlalchemy.ext.asyncio.AsyncSession.aclose").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncSession.add").does(ADD).gives(Ret::Nothing),
    call("sqlalchemy.ext.asyncio.AsyncSession.add_all").does(ADD.with(Effects::BULK)).gives(Ret::Nothing),
    call("sqlalchemy.ext.asyncio.AsyncSession.begin")
        .does(Effects::BEGIN)
        .gives(Ret::Inst("sqlalchemy.ext.asyncio.AsyncSessionTransaction")),
    call("sqlalchemy.ext.asyncio.AsyncSession.begin_nested").gives(Ret::Inst("sqlalchemy.ext.asyncio:savepoint")),
    call("sqlalchemy.ext.asyncio.AsyncSession.close").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncSession.close_all").gives(Ret::Nothing).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncSession.commit")
        .does(Effects::COMMIT.with(Effects::DB_FLUSH))
        .gives(Ret::Nothing)
        .asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncSession.connection")
        .gives(Ret::Inst("sqlalchemy.ext.asyncio.AsyncConnection"))
        .asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncSession.delete").does(Effects::DB_MARK_DELETE).gives(Ret::Nothing).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncSession.delete_all")
        .does(Effects::DB_MARK_DELETE.with(Effects::BULK))
        .gives(Ret::Nothing)
        .asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncSession.execute")
        .does(Effects::DB_EXECUTE)
        .gives(Ret::InstFromArg("sqlalchemy.Result", 0))
        .asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncSession.expire").gives(Ret::Nothing),
    call("sqlalchemy.ext.asyncio.AsyncSession.expire_all").gives(Ret::Nothing),
    call("sqlalchemy.ext.asyncio.AsyncSession.expunge").gives(Ret::Nothing),
    call("sqlalchemy.ext.asyncio.AsyncSession.expunge_all").gives(Ret::Nothing),
    call("sqlalchemy.ext.asyncio.AsyncSession.flush").does(Effects::DB_FLUSH).gives(Ret::Nothing).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncSession.get").does(Effects::DB_READ).gives(Ret::ArgInstance(0)).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncSession.get_bind").gives(Ret::Inst("sqlalchemy.Engine")),
    call("sqlalchemy.ext.asyncio.AsyncSession.get_one")
        .does(Effects::DB_READ)
        .gives(Ret::ArgInstance(0))
        .asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncSession.in_nested_transaction").gives(Ret::Bool),
    call("sqlalchemy.ext.asyncio.AsyncSession.in_transaction").gives(Ret::Bool),
    call("sqlalchemy.ext.asyncio.AsyncSession.invalidate").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncSession.is_modified").gives(Ret::Bool),
    call("sqlalchemy.ext.asyncio.AsyncSession.merge")
        .does(Effects::DB_READ.with(ADD))
        .gives(Ret::Arg(0))
        .asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncSession.refresh").does(Effects::DB_REFRESH).gives(Ret::Nothing).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncSession.reset").does(Effects::ROLLBACK).gives(Ret::Nothing).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncSession.rollback").does(Effects::ROLLBACK).gives(Ret::Nothing).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncSession.run_sync").gives(Ret::CallOfArg(0)).runs(0, Place::Thread).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncSession.scalar")
        .does(Effects::DB_EXECUTE)
        .gives(Ret::ElementFromArg(0))
        .asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncSession.scalars")
        .does(Effects::DB_EXECUTE)
        .gives(Ret::InstFromArg("sqlalchemy.ScalarResult", 0))
        .asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncSession.stream")
        .does(Effects::DB_EXECUTE)
        .gives(Ret::InstFromArg("sqlalchemy.ext.asyncio.AsyncResult", 0))
        .asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncSession.stream_scalars")
        .does(Effects::DB_EXECUTE)
        .gives(Ret::InstFromArg("sqlalchemy.ext.asyncio.AsyncScalarResult", 0))
        .asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncSessionTransaction.commit")
        .does(Effects::COMMIT.with(Effects::DB_FLUSH))
        .gives(Ret::Nothing)
        .asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncSessionTransaction.rollback")
        .does(Effects::ROLLBACK)
        .gives(Ret::Nothing)
        .asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncTransaction.close").does(Effects::ROLLBACK).gives(Ret::Nothing).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncTransaction.commit").does(Effects::COMMIT).gives(Ret::Nothing).asynchronous(),
    call("sqlalchemy.ext.asyncio.AsyncTransaction.rollback").does(Effects::ROLLBACK).gives(Ret::Nothing).asynchronous(),
    call("sqlalchemy.ext.asyncio:savepoint.commit").gives(Ret::Nothing).asynchronous(),
    call("sqlalchemy.ext.asyncio:savepoint.rollback").gives(Ret::Nothing).asynchronous(),
    // https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#sqlalchemy.ext.asyncio.async_sessionmaker
    call("sqlalchemy.ext.asyncio.async_scoped_session").gives(Ret::Inst("sqlalchemy.ext.asyncio.async_scoped_session")),
    call("sqlalchemy.ext.asyncio.async_scoped_session.__call__").gives(ASYNC_SESSION),
    call("sqlalchemy.ext.asyncio.async_scoped_session.remove").does(Effects::CLOSES).gives(Ret::Nothing).asynchronous(),
    call("sqlalchemy.ext.asyncio.async_sessionmaker")
        .gives(Ret::InstOfKeyword("sqlalchemy.ext.asyncio.async_sessionmaker", "class_")),
    call("sqlalchemy.ext.asyncio.async_sessionmaker.__call__").gives(ASYNC_SESSION).acquires(Resource::Session),
    call("sqlalchemy.ext.asyncio.async_sessionmaker.begin")
        .gives(Ret::InstKeep("sqlalchemy.ext.asyncio.async_sessionmaker.begin:context"))
        .acquires(Resource::Session),
    call("sqlalchemy.ext.asyncio.async_sessionmaker.configure").gives(Ret::Nothing),
    // https://docs.sqlalchemy.org/en/20/orm/mapping_api.html
    call("sqlalchemy.orm.aliased").gives(Ret::Arg(0)),
    call("sqlalchemy.orm.backref"),
    call("sqlalchemy.orm.column_property"),
    call("sqlalchemy.orm.declarative_base").gives(Ret::Class("sqlalchemy.orm.DeclarativeBase")),
    call("sqlalchemy.orm.declared_attr").gives(Ret::Decorated),
    call("sqlalchemy.orm.deferred"),
    call("sqlalchemy.orm.mapped_column").gives(Ret::Inst("sqlalchemy.orm.MappedColumn")),
    call("sqlalchemy.orm.object_session").gives(Ret::Inst("sqlalchemy.orm.Session")),
    call("sqlalchemy.orm.relationship").gives(Ret::Inst("sqlalchemy.orm.Relationship")),
    call("sqlalchemy.orm.synonym"),
    call("sqlalchemy.orm.validates").decorates(RunContext::Library).gives(Ret::Decorated),
    // https://docs.sqlalchemy.org/en/20/orm/queryguide/relationships.html
    call("sqlalchemy.orm.Load").gives(LOAD),
    call("sqlalchemy.orm.Load.contains_eager").gives(Ret::Receiver),
    call("sqlalchemy.orm.Load.defer").gives(Ret::Receiver),
    call("sqlalchemy.orm.Load.joinedload").gives(Ret::Receiver),
    call("sqlalchemy.orm.Load.lazyload").gives(Ret::Receiver),
    call("sqlalchemy.orm.Load.load_only").gives(Ret::Receiver),
    call("sqlalchemy.orm.Load.noload").gives(Ret::Receiver),
    call("sqlalchemy.orm.Load.options").gives(Ret::Receiver),
    call("sqlalchemy.orm.Load.raiseload").gives(Ret::Receiver),
    call("sqlalchemy.orm.Load.selectinload").gives(Ret::Receiver),
    call("sqlalchemy.orm.Load.subqueryload").gives(Ret::Receiver),
    call("sqlalchemy.orm.Load.undefer").gives(Ret::Receiver),
    call("sqlalchemy.orm.contains_eager").gives(LOAD),
    call("sqlalchemy.orm.defaultload").gives(LOAD),
    call("sqlalchemy.orm.defer").gives(LOAD),
    call("sqlalchemy.orm.immediateload").gives(LOAD),
    call("sqlalchemy.orm.joinedload").gives(LOAD),
    call("sqlalchemy.orm.lazyload").gives(LOAD),
    call("sqlalchemy.orm.load_only").gives(LOAD),
    call("sqlalchemy.orm.noload").gives(LOAD),
    call("sqlalchemy.orm.raiseload").gives(LOAD),
    call("sqlalchemy.orm.selectinload").gives(LOAD),
    call("sqlalchemy.orm.subqueryload").gives(LOAD),
    call("sqlalchemy.orm.undefer").gives(LOAD),
    call("sqlalchemy.orm.with_loader_criteria").gives(LOAD),
    // https://docs.sqlalchemy.org/en/20/orm/queryguide/query.html
    call("sqlalchemy.orm.Query.add_columns").gives(Ret::Receiver),
    call("sqlalchemy.orm.Query.add_entity").gives(Ret::Receiver),
    call("sqlalchemy.orm.Query.all").does(READ).gives(Ret::ElementList),
    call("sqlalchemy.orm.Query.count").does(READ).gives(Ret::Number),
    call("sqlalchemy.orm.Query.delete").does(BULK_DELETE).gives(Ret::Number),
    call("sqlalchemy.orm.Query.distinct").gives(Ret::Receiver),
    call("sqlalchemy.orm.Query.enable_eagerloads").gives(Ret::Receiver),
    call("sqlalchemy.orm.Query.execution_options").gives(Ret::Receiver),
    call("sqlalchemy.orm.Query.filter").gives(Ret::Receiver),
    call("sqlalchemy.orm.Query.filter_by").gives(Ret::Receiver),
    call("sqlalchemy.orm.Query.first").does(READ).gives(Ret::Element),
    call("sqlalchemy.orm.Query.from_statement").gives(Ret::Receiver),
    call("sqlalchemy.orm.Query.get").does(READ).gives(Ret::Element),
    call("sqlalchemy.orm.Query.group_by").gives(Ret::Receiver),
    call("sqlalchemy.orm.Query.having").gives(Ret::Receiver),
    call("sqlalchemy.orm.Query.join").gives(Ret::Receiver),
    call("sqlalchemy.orm.Query.limit").gives(Ret::Receiver),
    call("sqlalchemy.orm.Query.offset").gives(Ret::Receiver),
    call("sqlalchemy.orm.Query.one").does(READ).gives(Ret::Element),
    call("sqlalchemy.orm.Query.one_or_none").does(READ).gives(Ret::Element),
    call("sqlalchemy.orm.Query.options").gives(Ret::Receiver),
    call("sqlalchemy.orm.Query.order_by").gives(Ret::Receiver),
    call("sqlalchemy.orm.Query.outerjoin").gives(Ret::Receiver),
    call("sqlalchemy.orm.Query.params").gives(Ret::Receiver),
    call("sqlalchemy.orm.Query.populate_existing").gives(Ret::Receiver),
    call("sqlalchemy.orm.Query.prefix_with").gives(Ret::Receiver),
    call("sqlalchemy.orm.Query.reset_joinpoint").gives(Ret::Receiver),
    call("sqlalchemy.orm.Query.scalar").does(READ),
    call("sqlalchemy.orm.Query.select_from").gives(Ret::Receiver),
    call("sqlalchemy.orm.Query.slice").gives(Ret::Receiver),
    call("sqlalchemy.orm.Query.union").gives(Ret::Receiver),
    call("sqlalchemy.orm.Query.union_all").gives(Ret::Receiver),
    call("sqlalchemy.orm.Query.update").does(BULK_UPDATE).gives(Ret::Number),
    call("sqlalchemy.orm.Query.where").gives(Ret::Receiver),
    call("sqlalchemy.orm.Query.with_entities").gives(Ret::InstOfArg("sqlalchemy.orm.Query", 0)),
    call("sqlalchemy.orm.Query.with_for_update").gives(Ret::Receiver),
    call("sqlalchemy.orm.Query.with_session").gives(Ret::Receiver),
    call("sqlalchemy.orm.Query.yield_per").gives(Ret::Receiver),
    // https://docs.sqlalchemy.org/en/20/orm/session_api.html
    call("sqlalchemy.orm.Session").gives(Ret::Inst("sqlalchemy.orm.Session")).acquires(Resource::Session),
    call("sqlalchemy.orm.Session.add").does(ADD).gives(Ret::Nothing),
    call("sqlalchemy.orm.Session.add_all").does(ADD.with(Effects::BULK)).gives(Ret::Nothing),
    call("sqlalchemy.orm.Session.begin").does(Effects::BEGIN).gives(Ret::Inst("sqlalchemy.orm.SessionTransaction")),
    call("sqlalchemy.orm.Session.begin_nested").gives(Ret::Inst("sqlalchemy.NestedTransaction")),
    call("sqlalchemy.orm.Session.bulk_insert_mappings").does(BULK_INSERT).gives(Ret::Nothing),
    call("sqlalchemy.orm.Session.bulk_save_objects").does(BULK_INSERT.with(Effects::DB_UPDATE)).gives(Ret::Nothing),
    call("sqlalchemy.orm.Session.bulk_update_mappings").does(BULK_UPDATE).gives(Ret::Nothing),
    call("sqlalchemy.orm.Session.close").does(Effects::CLOSES).gives(Ret::Nothing),
    call("sqlalchemy.orm.Session.commit").does(FLUSH_COMMIT).gives(Ret::Nothing),
    call("sqlalchemy.orm.Session.connection").does(CONNECT).gives(CONNECTION),
    call("sqlalchemy.orm.Session.delete").does(Effects::DB_MARK_DELETE).gives(Ret::Nothing),
    call("sqlalchemy.orm.Session.delete_all").does(Effects::DB_MARK_DELETE.with(Effects::BULK)).gives(Ret::Nothing),
    call("sqlalchemy.orm.Session.execute").does(EXECUTE).gives(Ret::InstFromArg("sqlalchemy.Result", 0)),
    call("sqlalchemy.orm.Session.expire").gives(Ret::Nothing),
    call("sqlalchemy.orm.Session.expire_all").gives(Ret::Nothing),
    call("sqlalchemy.orm.Session.expunge").gives(Ret::Nothing),
    call("sqlalchemy.orm.Session.expunge_all").gives(Ret::Nothing),
    call("sqlalchemy.orm.Session.flush").does(FLUSH).gives(Ret::Nothing),
    call("sqlalchemy.orm.Session.get").does(READ).gives(Ret::ArgInstance(0)),
    call("sqlalchemy.orm.Session.get_bind").gives(Ret::Inst("sqlalchemy.Engine")),
    call("sqlalchemy.orm.Session.get_one").does(READ).gives(Ret::ArgInstance(0)),
    call("sqlalchemy.orm.Session.in_nested_transaction").gives(Ret::Bool),
    call("sqlalchemy.orm.Session.in_transaction").gives(Ret::Bool),
    call("sqlalchemy.orm.Session.invalidate").does(Effects::CLOSES).gives(Ret::Nothing),
    call("sqlalchemy.orm.Session.is_modified").gives(Ret::Bool),
    call("sqlalchemy.orm.Session.merge").does(READ.with(ADD)).gives(Ret::Arg(0)),
    call("sqlalchemy.orm.Session.query").gives(Ret::InstOfArg("sqlalchemy.orm.Query", 0)),
    call("sqlalchemy.orm.Session.refresh").does(REFRESH).gives(Ret::Nothing),
    call("sqlalchemy.orm.Session.reset").does(ROLLBACK).gives(Ret::Nothing),
    call("sqlalchemy.orm.Session.rollback").does(ROLLBACK).gives(Ret::Nothing),
    call("sqlalchemy.orm.Session.scalar").does(EXECUTE).gives(Ret::ElementFromArg(0)),
    call("sqlalchemy.orm.Session.scalars").does(EXECUTE).gives(Ret::InstFromArg("sqlalchemy.ScalarResult", 0)),
    call("sqlalchemy.orm.SessionTransaction.commit").does(FLUSH_COMMIT).gives(Ret::Nothing),
    call("sqlalchemy.orm.SessionTransaction.rollback").does(ROLLBACK).gives(Ret::Nothing),
    call("sqlalchemy.orm.scoped_session").gives(Ret::Inst("sqlalchemy.orm.scoped_session")),
    call("sqlalchemy.orm.scoped_session.__call__").gives(SESSION),
    call("sqlalchemy.orm.scoped_session.query_property"),
    call("sqlalchemy.orm.scoped_session.remove").does(Effects::CLOSES).gives(Ret::Nothing),
    call("sqlalchemy.orm.sessionmaker").gives(Ret::InstOfKeyword("sqlalchemy.orm.sessionmaker", "class_")),
    call("sqlalchemy.orm.sessionmaker.__call__").gives(SESSION).acquires(Resource::Session),
    call("sqlalchemy.orm.sessionmaker.begin")
        .gives(Ret::InstKeep("sqlalchemy.orm.sessionmaker.begin:context"))
        .acquires(Resource::Session),
    call("sqlalchemy.orm.sessionmaker.configure").gives(Ret::Nothing),
    // https://docs.sqlalchemy.org/en/20/core/pooling.html
    call("sqlalchemy.pool.Pool.connect")
        .does(CONNECT)
        .gives(Ret::Inst("dbapi:Connection"))
        .acquires(Resource::Connection),
    call("sqlalchemy.pool.Pool.dispose").does(Effects::CLOSES).gives(Ret::Nothing),
    call("sqlalchemy.pool.QueuePool").gives(Ret::Inst("sqlalchemy.pool.QueuePool")).acquires(Resource::Pool),
];

const CLASSES: &[ClassRow] = &[
    // https://docs.sqlalchemy.org/en/20/core/metadata.html
    class("sqlalchemy.Column"),
    class("sqlalchemy.MetaData"),
    class("sqlalchemy.Table").attrs(&[("c", Ret::Unknown), ("columns", Ret::Unknown)]),
    // https://docs.sqlalchemy.org/en/20/core/selectable.html
    class("sqlalchemy.CompoundSelect").extends(&["sqlalchemy.Select"]).executes(Effects::DB_READ),
    class("sqlalchemy.Select").executes(Effects::DB_READ),
    class("sqlalchemy.TextClause"),
    // https://docs.sqlalchemy.org/en/20/core/dml.html
    class("sqlalchemy.Delete").executes(Effects::DB_DELETE),
    class("sqlalchemy.Insert").executes(Effects::DB_INSERT),
    class("sqlalchemy.Update").executes(Effects::DB_UPDATE),
    class("sqlalchemy.dialects.mysql.Insert").extends(&["sqlalchemy.Insert"]),
    class("sqlalchemy.dialects.postgresql.Insert").extends(&["sqlalchemy.Insert"]),
    class("sqlalchemy.dialects.sqlite.Insert").extends(&["sqlalchemy.Insert"]),
    // https://docs.sqlalchemy.org/en/20/core/connections.html
    class("sqlalchemy.Connection")
        .resource(Resource::Connection)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .attrs(&[("engine", Ret::Inst("sqlalchemy.Engine")), ("connection", Ret::Inst("dbapi:Connection"))]),
    class("sqlalchemy.CursorResult").extends(&["sqlalchemy.Result"]).attrs(&[
        ("rowcount", Ret::Number),
        ("lastrowid", Ret::Number),
        ("returns_rows", Ret::Bool),
    ]),
    class("sqlalchemy.Engine").resource(Resource::Pool),
    class("sqlalchemy.Engine.begin:context").resource(Resource::Connection).manages(
        CONNECTION,
        CONNECT.with(Effects::BEGIN),
        Exit::EndsTransactionAndCloses,
    ),
    class("sqlalchemy.MappingResult").iterates(MAPPING, Effects::NONE),
    class("sqlalchemy.NestedTransaction").manages(Ret::Receiver, Effects::NONE, Exit::EndsSavepoint),
    class("sqlalchemy.Result").iterates(ROW, Effects::NONE).manages(Ret::Receiver, Effects::NONE, Exit::Nothing),
    class("sqlalchemy.Row").iterates(Ret::Element, Effects::NONE),
    class("sqlalchemy.RowMapping"),
    class("sqlalchemy.ScalarResult").iterates(Ret::Element, Effects::NONE).manages(
        Ret::Receiver,
        Effects::NONE,
        Exit::Nothing,
    ),
    class("sqlalchemy.Transaction").manages(Ret::Receiver, Effects::BEGIN, Exit::EndsTransaction),
    // https://docs.sqlalchemy.org/en/20/core/functions.html
    class("sqlalchemy:functions"),
    // https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html
    class("sqlalchemy.ext.asyncio.AsyncConnection")
        .resource(Resource::Connection)
        .manages(Ret::Receiver, Effects::DB_CONNECT, Exit::Closes)
        .attrs(&[("sync_connection", CONNECTION)]),
    class("sqlalchemy.ext.asyncio.AsyncEngine")
        .resource(Resource::Pool)
        .attrs(&[("sync_engine", Ret::Inst("sqlalchemy.Engine"))]),
    class("sqlalchemy.ext.asyncio.AsyncEngine.begin:context").resource(Resource::Connection).manages(
        Ret::Inst("sqlalchemy.ext.asyncio.AsyncConnection"),
        Effects::DB_CONNECT.with(Effects::BEGIN),
        Exit::EndsTransactionAndCloses,
    ),
    class("sqlalchemy.ext.asyncio.AsyncMappingResult").iterates(MAPPING, Effects::NONE),
    class("sqlalchemy.ext.asyncio.AsyncResult").iterates(ROW, Effects::NONE),
    class("sqlalchemy.ext.asyncio.AsyncScalarResult").iterates(Ret::Element, Effects::NONE),
    class("sqlalchemy.ext.asyncio.AsyncSession")
        .resource(Resource::Session)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .attrs(&[
            ("bind", Ret::Inst("sqlalchemy.ext.asyncio.AsyncEngine")),
            ("no_autoflush", Ret::Inst("sqlalchemy:no_autoflush")),
            ("sync_session", Ret::Inst("sqlalchemy.orm.Session")),
        ]),
    class("sqlalchemy.ext.asyncio.AsyncSessionTransaction").manages(
        Ret::Receiver,
        Effects::BEGIN,
        Exit::EndsTransaction,
    ),
    class("sqlalchemy.ext.asyncio.AsyncTransaction").manages(Ret::Receiver, Effects::BEGIN, Exit::EndsTransaction),
    class("sqlalchemy.ext.asyncio.async_scoped_session").extends(&["sqlalchemy.ext.asyncio.AsyncSession"]),
    class("sqlalchemy.ext.asyncio.async_sessionmaker"),
    class("sqlalchemy.ext.asyncio.async_sessionmaker.begin:context").resource(Resource::Session).manages(
        ASYNC_SESSION,
        Effects::BEGIN,
        Exit::EndsTransactionAndCloses,
    ),
    class("sqlalchemy.ext.asyncio:partitions").iterates(Ret::List, Effects::NONE),
    class("sqlalchemy.ext.asyncio:savepoint").manages(Ret::Receiver, Effects::NONE, Exit::EndsSavepoint),
    // https://docs.sqlalchemy.org/en/20/orm/mapping_api.html
    class("sqlalchemy.orm.DeclarativeBase").attrs(&[("metadata", Ret::Inst("sqlalchemy.MetaData"))]),
    class("sqlalchemy.orm.DeclarativeBaseNoMeta").extends(&["sqlalchemy.orm.DeclarativeBase"]),
    class("sqlalchemy.orm.DynamicMapped"),
    class("sqlalchemy.orm.Load"),
    class("sqlalchemy.orm.Mapped"),
    class("sqlalchemy.orm.MappedAsDataclass"),
    class("sqlalchemy.orm.MappedColumn"),
    class("sqlalchemy.orm.Relationship"),
    class("sqlalchemy.orm.WriteOnlyMapped"),
    // https://docs.sqlalchemy.org/en/20/orm/queryguide/query.html
    class("sqlalchemy.orm.Query").iterates(Ret::Element, READ).executes(Effects::DB_READ),
    // https://docs.sqlalchemy.org/en/20/orm/session_api.html
    class("sqlalchemy.orm.Session")
        .resource(Resource::Session)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .attrs(&[("bind", Ret::Inst("sqlalchemy.Engine")), ("no_autoflush", Ret::Inst("sqlalchemy:no_autoflush"))]),
    class("sqlalchemy.orm.SessionTransaction").manages(Ret::Receiver, Effects::BEGIN, Exit::EndsTransaction),
    class("sqlalchemy.orm.scoped_session").extends(&["sqlalchemy.orm.Session"]),
    class("sqlalchemy.orm.sessionmaker"),
    class("sqlalchemy.orm.sessionmaker.begin:context").resource(Resource::Session).manages(
        SESSION,
        Effects::BEGIN,
        Exit::EndsTransactionAndCloses,
    ),
    class("sqlalchemy:no_autoflush").manages(Ret::Receiver, Effects::NONE, Exit::Nothing),
    // https://docs.sqlalchemy.org/en/20/core/pooling.html
    class("sqlalchemy.pool.AsyncAdaptedQueuePool").extends(&["sqlalchemy.pool.Pool"]),
    class("sqlalchemy.pool.NullPool").extends(&["sqlalchemy.pool.Pool"]),
    class("sqlalchemy.pool.Pool").resource(Resource::Pool),
    class("sqlalchemy.pool.QueuePool").extends(&["sqlalchemy.pool.Pool"]),
    class("sqlalchemy.pool.SingletonThreadPool").extends(&["sqlalchemy.pool.Pool"]),
    class("sqlalchemy.pool.StaticPool").extends(&["sqlalchemy.pool.Pool"]),
];

const ALIASES: &[(&str, &str)] = &[
    ("sqlalchemy.dialects.mysql.dml", "sqlalchemy.dialects.mysql"),
    ("sqlalchemy.dialects.postgresql.dml", "sqlalchemy.dialects.postgresql"),
    ("sqlalchemy.dialects.sqlite.dml", "sqlalchemy.dialects.sqlite"),
    ("sqlalchemy.engine", "sqlalchemy"),
    ("sqlalchemy.engine.base", "sqlalchemy"),
    ("sqlalchemy.engine.create", "sqlalchemy"),
    ("sqlalchemy.engine.cursor", "sqlalchemy"),
    ("sqlalchemy.engine.result", "sqlalchemy"),
    ("sqlalchemy.engine.row", "sqlalchemy"),
    ("sqlalchemy.ext.asyncio.engine", "sqlalchemy.ext.asyncio"),
    ("sqlalchemy.ext.asyncio.result", "sqlalchemy.ext.asyncio"),
    ("sqlalchemy.ext.asyncio.scoping", "sqlalchemy.ext.asyncio"),
    ("sqlalchemy.ext.asyncio.session", "sqlalchemy.ext.asyncio"),
    ("sqlalchemy.ext.declarative", "sqlalchemy.orm"),
    ("sqlalchemy.future", "sqlalchemy"),
    ("sqlalchemy.future.engine", "sqlalchemy"),
    ("sqlalchemy.orm.attributes.Mapped", "sqlalchemy.orm.Mapped"),
    ("sqlalchemy.orm.base.Mapped", "sqlalchemy.orm.Mapped"),
    ("sqlalchemy.orm.decl_api", "sqlalchemy.orm"),
    ("sqlalchemy.orm.query", "sqlalchemy.orm"),
    ("sqlalchemy.orm.relationships", "sqlalchemy.orm"),
    ("sqlalchemy.orm.scoping", "sqlalchemy.orm"),
    ("sqlalchemy.orm.scoping.ScopedSession", "sqlalchemy.orm.scoped_session"),
    ("sqlalchemy.orm.session", "sqlalchemy.orm"),
    ("sqlalchemy.orm.strategy_options", "sqlalchemy.orm"),
    ("sqlalchemy.pool.base", "sqlalchemy.pool"),
    ("sqlalchemy.pool.impl", "sqlalchemy.pool"),
    ("sqlalchemy.schema", "sqlalchemy"),
    ("sqlalchemy.sql", "sqlalchemy"),
    ("sqlalchemy.sql.dml", "sqlalchemy"),
    ("sqlalchemy.sql.elements", "sqlalchemy"),
    ("sqlalchemy.sql.expression", "sqlalchemy"),
    ("sqlalchemy.sql.functions.func", "sqlalchemy.func"),
    ("sqlalchemy.sql.schema", "sqlalchemy"),
    ("sqlalchemy.sql.selectable", "sqlalchemy"),
];
