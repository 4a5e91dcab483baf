//! Databases beside the usual drivers: ODBC, Oracle, DuckDB, SQL Server, Snowflake, ClickHouse,
//! Cassandra, Neo4j, vector stores; and `databases` and aiosql, which stand in front of drivers.

use super::mixes::{COMMIT, CONNECT, EXECUTE, EXECUTE_MANY, INSERT, NET, ROLLBACK, STORE, WAIT};
use crate::libraries::{ClassRow, Effects, Exit, Library, Place, Resource, Ret, Row, call, class};

/// Databases beside the usual drivers.
pub const LIBRARY: Library = Library {
    name: "Other databases",
    // `databases` and `minio` are names that projects give to packages of their own as well.
    roots: &[
        "aiosql",
        "cassandra",
        "clickhouse_connect",
        "clickhouse_driver",
        "cx_Oracle",
        "databases.Database",
        "duckdb",
        "minio.Minio",
        "neo4j",
        "oracledb",
        "pymssql",
        "pyodbc",
        "qdrant_client",
        "snowflake",
    ],
    rows: ROWS,
    classes: CLASSES,
    aliases: ALIASES,
    values: &[],
};

const AEXEC: Effects = Effects::DB_EXECUTE;
const AMANY: Effects = AEXEC.with(Effects::BULK);

const ROWS: &[Row] = &[
    // https://github.com/mkleehammer/pyodbc/wiki/Connection
    call("pyodbc.Connection.cursor").gives(Ret::Inst("pyodbc.Cursor")),
    call("pyodbc.Connection.execute").does(EXECUTE).gives(Ret::Inst("pyodbc.Cursor")),
    call("pyodbc.connect").does(CONNECT).gives(Ret::Inst("pyodbc.Connection")).acquires(Resource::Connection),
    // https://python-oracledb.readthedocs.io/en/latest/api_manual/connection.html
    call("oracledb.AsyncConnection.close").does(Effects::CLOSES).asynchronous(),
    call("oracledb.AsyncConnection.commit").does(Effects::COMMIT).asynchronous(),
    call("oracledb.AsyncConnection.cursor").gives(Ret::Inst("oracledb.AsyncCursor")).acquires(Resource::Cursor),
    call("oracledb.AsyncConnection.execute").does(AEXEC).asynchronous(),
    call("oracledb.AsyncConnection.executemany").does(AMANY).asynchronous(),
    call("oracledb.AsyncConnection.fetchall").does(AEXEC).gives(Ret::List).asynchronous(),
    call("oracledb.AsyncConnection.fetchone").does(AEXEC).asynchronous(),
    call("oracledb.AsyncConnection.rollback").does(Effects::ROLLBACK).asynchronous(),
    call("oracledb.AsyncConnectionPool.acquire")
        .gives(Ret::Inst("oracledb.AsyncConnection"))
        .acquires(Resource::Connection)
        .asynchronous(),
    call("oracledb.AsyncConnectionPool.close").does(Effects::CLOSES).asynchronous(),
    call("oracledb.AsyncConnectionPool.release").takes(0).asynchronous(),
    call("oracledb.AsyncCursor.execute").does(AEXEC).asynchronous(),
    call("oracledb.AsyncCursor.executemany").does(AMANY).asynchronous(),
    call("oracledb.AsyncCursor.fetchall").gives(Ret::List).asynchronous(),
    call("oracledb.AsyncCursor.fetchone").asynchronous(),
    call("oracledb.Connection.begin").does(Effects::BEGIN),
    call("oracledb.ConnectionPool.acquire")
        .does(CONNECT)
        .gives(Ret::Inst("oracledb.Connection"))
        .acquires(Resource::Connection),
    call("oracledb.ConnectionPool.close").does(Effects::CLOSES),
    call("oracledb.ConnectionPool.release").takes(0),
    call("oracledb.connect").does(CONNECT).gives(Ret::Inst("oracledb.Connection")).acquires(Resource::Connection),
    call("oracledb.connect_async")
        .does(Effects::DB_CONNECT)
        .gives(Ret::Inst("oracledb.AsyncConnection"))
        .acquires(Resource::Connection)
        .asynchronous(),
    call("oracledb.create_pool").does(CONNECT).gives(Ret::Inst("oracledb.ConnectionPool")).acquires(Resource::Pool),
    call("oracledb.create_pool_async").gives(Ret::Inst("oracledb.AsyncConnectionPool")).acquires(Resource::Pool),
    // https://pymssql.readthedocs.io/en/stable/ref/pymssql.html
    call("pymssql.connect").does(CONNECT).gives(Ret::Inst("pymssql.Connection")).acquires(Resource::Connection),
    // https://duckdb.org/docs/stable/clients/python/dbapi
    call("duckdb.DuckDBPyConnection.close").does(Effects::CLOSES),
    call("duckdb.DuckDBPyConnection.execute").does(EXECUTE).gives(Ret::Receiver),
    call("duckdb.DuckDBPyConnection.executemany").does(EXECUTE_MANY).gives(Ret::Receiver),
    call("duckdb.DuckDBPyConnection.fetchall").gives(Ret::List),
    call("duckdb.DuckDBPyConnection.sql").does(EXECUTE),
    call("duckdb.connect").does(CONNECT).gives(Ret::Inst("duckdb.DuckDBPyConnection")).acquires(Resource::Connection),
    call("duckdb.execute").does(EXECUTE),
    call("duckdb.query").does(EXECUTE),
    call("duckdb.sql").does(EXECUTE),
    // https://docs.snowflake.com/en/developer-guide/python-connector/python-connector-api
    call("snowflake.connector.SnowflakeConnection.execute_string").does(EXECUTE_MANY).gives(Ret::List),
    call("snowflake.connector.connect")
        .does(CONNECT)
        .gives(Ret::Inst("snowflake.connector.SnowflakeConnection"))
        .acquires(Resource::Connection),
    // https://clickhouse-driver.readthedocs.io/en/latest/api.html
    call("clickhouse_driver.Client").gives(Ret::Inst("clickhouse_driver.Client")).acquires(Resource::Connection),
    call("clickhouse_driver.Client.disconnect").does(Effects::CLOSES),
    call("clickhouse_driver.Client.execute").does(EXECUTE).gives(Ret::List),
    call("clickhouse_driver.Client.execute_iter").does(EXECUTE),
    call("clickhouse_driver.Client.execute_with_progress").does(EXECUTE),
    call("clickhouse_driver.Client.from_url").gives(Ret::Receiver).acquires(Resource::Connection),
    call("clickhouse_driver.Client.insert_dataframe").does(INSERT.with(Effects::BULK)),
    call("clickhouse_driver.Client.query_dataframe").does(EXECUTE),
    // https://clickhouse.com/docs/integrations/language-clients/python/driver-api
    call("clickhouse_connect.driver.client.Client.close").does(Effects::CLOSES),
    call("clickhouse_connect.driver.client.Client.insert").does(INSERT.with(Effects::BULK)),
    call("clickhouse_connect.driver.client.Client.insert_arrow").does(INSERT.with(Effects::BULK)),
    call("clickhouse_connect.driver.client.Client.insert_df").does(INSERT.with(Effects::BULK)),
    call("clickhouse_connect.driver.client.Client.raw_insert").does(INSERT.with(Effects::BULK)),
    call("clickhouse_connect.driver.client.Client.set_client_setting"),
    call("clickhouse_connect.get_async_client")
        .does(Effects::DB_CONNECT)
        .gives(Ret::Inst("clickhouse_connect:AsyncClient"))
        .acquires(Resource::Connection)
        .asynchronous(),
    call("clickhouse_connect.get_client")
        .does(CONNECT)
        .gives(Ret::Inst("clickhouse_connect.driver.client.Client"))
        .acquires(Resource::Connection),
    call("clickhouse_connect:AsyncClient.close").does(Effects::CLOSES).asynchronous(),
    call("clickhouse_connect:AsyncClient.insert").does(Effects::DB_INSERT.with(Effects::BULK)).asynchronous(),
    call("clickhouse_connect:AsyncClient.insert_df").does(Effects::DB_INSERT.with(Effects::BULK)).asynchronous(),
    call("clickhouse_connect:AsyncClient.raw_insert").does(Effects::DB_INSERT.with(Effects::BULK)).asynchronous(),
    // https://docs.datastax.com/en/developer/python-driver/latest/api/cassandra/cluster/
    call("cassandra.cluster.Cluster").gives(Ret::Inst("cassandra.cluster.Cluster")).acquires(Resource::Pool),
    call("cassandra.cluster.Cluster.connect").does(CONNECT).gives(Ret::Inst("cassandra.cluster.Session")),
    call("cassandra.cluster.Cluster.shutdown").does(Effects::CLOSES),
    call("cassandra.cluster.ResponseFuture.result").does(WAIT),
    call("cassandra.cluster.Session.execute").does(EXECUTE),
    call("cassandra.cluster.Session.execute_async")
        .does(AEXEC.with(Effects::BLOCKS))
        .gives(Ret::Inst("cassandra.cluster.ResponseFuture")),
    call("cassandra.cluster.Session.prepare").does(CONNECT),
    call("cassandra.cluster.Session.shutdown").does(Effects::CLOSES),
    call("cassandra.concurrent.execute_concurrent").does(EXECUTE_MANY).gives(Ret::List),
    call("cassandra.concurrent.execute_concurrent_with_args").does(EXECUTE_MANY).gives(Ret::List),
    // https://neo4j.com/docs/api/python-driver/current/api.html
    call("neo4j.Driver.close").does(Effects::CLOSES),
    call("neo4j.Driver.execute_query").does(EXECUTE),
    call("neo4j.Driver.session").gives(Ret::Inst("neo4j.Session")).acquires(Resource::Session),
    call("neo4j.Driver.verify_connectivity").does(CONNECT),
    call("neo4j.GraphDatabase.driver").gives(Ret::Inst("neo4j.Driver")).acquires(Resource::Pool),
    call("neo4j.Session.begin_transaction").does(Effects::BEGIN).gives(Ret::Inst("neo4j.Transaction")),
    call("neo4j.Session.close").does(Effects::CLOSES),
    call("neo4j.Session.execute_read").gives(Ret::CallOfArg(0)).runs(0, Place::Here),
    call("neo4j.Session.execute_write").gives(Ret::CallOfArg(0)).runs(0, Place::Here),
    call("neo4j.Session.read_transaction").gives(Ret::CallOfArg(0)).runs(0, Place::Here),
    call("neo4j.Session.run").does(EXECUTE).gives(Ret::Inst("neo4j.Result")),
    call("neo4j.Session.write_transaction").gives(Ret::CallOfArg(0)).runs(0, Place::Here),
    call("neo4j.Transaction.commit").does(COMMIT),
    call("neo4j.Transaction.rollback").does(ROLLBACK),
    call("neo4j.Transaction.run").does(EXECUTE).gives(Ret::Inst("neo4j.Result")),
    // https://neo4j.com/docs/api/python-driver/current/async_api.html
    call("neo4j.AsyncDriver.close").does(Effects::CLOSES).asynchronous(),
    call("neo4j.AsyncDriver.execute_query").does(AEXEC).asynchronous(),
    call("neo4j.AsyncDriver.session").gives(Ret::Inst("neo4j.AsyncSession")).acquires(Resource::Session),
    call("neo4j.AsyncDriver.verify_connectivity").does(Effects::DB_CONNECT).asynchronous(),
    call("neo4j.AsyncGraphDatabase.driver").gives(Ret::Inst("neo4j.AsyncDriver")).acquires(Resource::Pool),
    call("neo4j.AsyncSession.begin_transaction")
        .does(Effects::BEGIN)
        .gives(Ret::Inst("neo4j.AsyncTransaction"))
        .asynchronous(),
    call("neo4j.AsyncSession.close").does(Effects::CLOSES).asynchronous(),
    call("neo4j.AsyncSession.execute_read").gives(Ret::CallOfArg(0)).runs(0, Place::Here).asynchronous(),
    call("neo4j.AsyncSession.execute_write").gives(Ret::CallOfArg(0)).runs(0, Place::Here).asynchronous(),
    call("neo4j.AsyncSession.run").does(AEXEC).asynchronous(),
    call("neo4j.AsyncTransaction.commit").does(Effects::COMMIT).asynchronous(),
    call("neo4j.AsyncTransaction.rollback").does(Effects::ROLLBACK).asynchronous(),
    call("neo4j.AsyncTransaction.run").does(AEXEC).asynchronous(),
    // https://www.encode.io/databases/database_queries/
    call("databases.Database").gives(Ret::Inst("databases.Database")),
    call("databases.Database.connect").does(Effects::DB_CONNECT).asynchronous(),
    call("databases.Database.connection").gives(Ret::Inst("databases.Database:Connection")),
    call("databases.Database.disconnect").does(Effects::CLOSES).asynchronous(),
    call("databases.Database.execute").does(AEXEC).asynchronous(),
    call("databases.Database.execute_many").does(AMANY).asynchronous(),
    call("databases.Database.fetch_all").does(AEXEC).gives(Ret::List).asynchronous(),
    call("databases.Database.fetch_one").does(AEXEC).asynchronous(),
    call("databases.Database.fetch_val").does(AEXEC).asynchronous(),
    call("databases.Database.iterate").does(AEXEC).asynchronous(),
    // https://www.encode.io/databases/connections_and_transactions/
    call("databases.Database.transaction").gives(Ret::Inst("databases.Database:Transaction")),
    call("databases.Database:Transaction.commit").does(Effects::COMMIT).asynchronous(),
    call("databases.Database:Transaction.rollback").does(Effects::ROLLBACK).asynchronous(),
    call("databases.Database:Transaction.start").does(Effects::BEGIN).gives(Ret::Receiver).asynchronous(),
    // https://nackjicholson.github.io/aiosql/getting-started.html
    call("aiosql.from_path").gives(Ret::InstByText { arg: 1, cases: AIOSQL, otherwise: "aiosql.queries.Queries" }),
    call("aiosql.from_str").gives(Ret::InstByText { arg: 1, cases: AIOSQL, otherwise: "aiosql.queries.Queries" }),
    // https://min.io/docs/minio/linux/developers/python/API.html
    call("minio.Minio").gives(Ret::Inst("minio.Minio")),
    call("minio.Minio.get_object")
        .does(STORE)
        .gives(Ret::Inst("urllib3.HTTPResponse"))
        .acquires(Resource::HttpResponse),
    // https://python-client.qdrant.tech/
    call("qdrant_client.AsyncQdrantClient").gives(Ret::Inst("qdrant_client.AsyncQdrantClient")),
    call("qdrant_client.QdrantClient").gives(Ret::Inst("qdrant_client.QdrantClient")),
];

/// aiosql's asynchronous adapters.
const AIOSQL: &[(&str, &str)] = &[
    ("aiosqlite", "aiosql.queries.Queries:async"),
    ("apsycopg", "aiosql.queries.Queries:async"),
    ("asyncpg", "aiosql.queries.Queries:async"),
];

const CLASSES: &[ClassRow] = &[
    // https://github.com/mkleehammer/pyodbc/wiki/Connection
    class("pyodbc.Connection").extends(&["dbapi:Connection"]).manages(
        Ret::Receiver,
        Effects::NONE,
        Exit::EndsTransaction,
    ),
    class("pyodbc.Cursor").extends(&["dbapi:Cursor"]).iterates(Ret::Unknown, Effects::NONE),
    // https://python-oracledb.readthedocs.io/en/latest/api_manual/connection.html
    class("oracledb.AsyncConnection").resource(Resource::Connection).manages(
        Ret::Receiver,
        Effects::NONE,
        Exit::Closes,
    ),
    class("oracledb.AsyncConnectionPool").resource(Resource::Pool),
    class("oracledb.AsyncCursor").resource(Resource::Cursor).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    class("oracledb.Connection").extends(&["dbapi:Connection"]).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    class("oracledb.ConnectionPool").resource(Resource::Pool),
    // https://pymssql.readthedocs.io/en/stable/ref/pymssql.html
    class("pymssql.Connection").extends(&["dbapi:Connection"]).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    // https://duckdb.org/docs/stable/clients/python/dbapi
    class("duckdb.DuckDBPyConnection").resource(Resource::Connection).manages(
        Ret::Receiver,
        Effects::NONE,
        Exit::Closes,
    ),
    // https://docs.snowflake.com/en/developer-guide/python-connector/python-connector-api
    class("snowflake.connector.SnowflakeConnection").extends(&["dbapi:Connection"]).manages(
        Ret::Receiver,
        Effects::NONE,
        Exit::EndsTransactionAndCloses,
    ),
    // https://clickhouse-driver.readthedocs.io/en/latest/api.html
    class("clickhouse_driver.Client").resource(Resource::Connection).manages(
        Ret::Receiver,
        Effects::NONE,
        Exit::Closes,
    ),
    // https://clickhouse.com/docs/integrations/language-clients/python/driver-api
    class("clickhouse_connect.driver.client.Client")
        .resource(Resource::Connection)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .otherwise(EXECUTE, false),
    class("clickhouse_connect:AsyncClient")
        .resource(Resource::Connection)
        .manages(Ret::Receiver, Effects::NONE, Exit::Closes)
        .otherwise(AEXEC, true),
    // https://docs.datastax.com/en/developer/python-driver/latest/api/cassandra/cluster/
    class("cassandra.cluster.Cluster").resource(Resource::Pool).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    class("cassandra.cluster.ResponseFuture"),
    class("cassandra.cluster.Session").resource(Resource::Pool).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    // https://neo4j.com/docs/api/python-driver/current/api.html
    class("neo4j.Driver").resource(Resource::Pool).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    class("neo4j.GraphDatabase"),
    class("neo4j.Result").iterates(Ret::Unknown, Effects::NONE),
    class("neo4j.Session").resource(Resource::Session).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    class("neo4j.Transaction").manages(Ret::Receiver, Effects::NONE, Exit::EndsTransaction),
    // https://neo4j.com/docs/api/python-driver/current/async_api.html
    class("neo4j.AsyncDriver").resource(Resource::Pool).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    class("neo4j.AsyncGraphDatabase"),
    class("neo4j.AsyncSession").resource(Resource::Session).manages(Ret::Receiver, Effects::NONE, Exit::Closes),
    class("neo4j.AsyncTransaction").manages(Ret::Receiver, Effects::NONE, Exit::EndsTransaction),
    // https://www.encode.io/databases/database_queries/
    class("databases.Database").resource(Resource::Connection).manages(
        Ret::Receiver,
        Effects::DB_CONNECT,
        Exit::Closes,
    ),
    // https://www.encode.io/databases/connections_and_transactions/
    class("databases.Database:Connection").extends(&["databases.Database"]).resource(Resource::Connection).manages(
        Ret::Receiver,
        Effects::NONE,
        Exit::Closes,
    ),
    class("databases.Database:Transaction")
        .extends(&["contextlib.ContextDecorator"])
        .manages(Ret::Receiver, Effects::BEGIN, Exit::EndsTransaction)
        .awaits(Ret::Receiver, Effects::BEGIN),
    // https://nackjicholson.github.io/aiosql/getting-started.html
    class("aiosql.queries.Queries").otherwise(EXECUTE, false),
    class("aiosql.queries.Queries:async").otherwise(AEXEC, true),
    // https://min.io/docs/minio/linux/developers/python/API.html
    class("minio.Minio").otherwise(STORE, false),
    // https://python-client.qdrant.tech/
    class("qdrant_client.AsyncQdrantClient").otherwise(Effects::NETWORK, true),
    class("qdrant_client.QdrantClient").otherwise(NET, false),
];

const ALIASES: &[(&str, &str)] = &[
    ("clickhouse_connect.create_async_client", "clickhouse_connect.get_async_client"),
    ("clickhouse_connect.create_client", "clickhouse_connect.get_client"),
    ("clickhouse_connect.driver.Client", "clickhouse_connect.driver.client.Client"),
    ("clickhouse_connect.driver.asyncclient.AsyncClient", "clickhouse_connect:AsyncClient"),
    ("clickhouse_connect.driver.client.AsyncClient", "clickhouse_connect:AsyncClient"),
    ("clickhouse_driver.client.Client", "clickhouse_driver.Client"),
    ("cx_Oracle.Connection", "oracledb.Connection"),
    ("cx_Oracle.SessionPool", "oracledb.create_pool"),
    ("cx_Oracle.connect", "oracledb.connect"),
    ("snowflake.connector.connection", "snowflake.connector"),
];
