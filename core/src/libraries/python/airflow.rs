//! Airflow: hooks that run statements on a database.

use super::mixes::{EXECUTE, INSERT, READ};
use crate::libraries::{ClassRow, Effects, Library, Row, call, class};

/// Airflow.
pub const LIBRARY: Library =
    Library { name: "Airflow", roots: &["airflow"], rows: ROWS, classes: CLASSES, aliases: ALIASES, values: &[] };

const HOOK: &str = "airflow.providers.common.sql.hooks.sql.DbApiHook";

const ROWS: &[Row] = &[
    // https://airflow.apache.org/docs/apache-airflow-providers-common-sql/stable/_api/airflow/providers/common/sql/hooks/sql/
    call("airflow.providers.common.sql.hooks.sql.DbApiHook.get_df").does(READ),
    call("airflow.providers.common.sql.hooks.sql.DbApiHook.get_first").does(READ),
    call("airflow.providers.common.sql.hooks.sql.DbApiHook.get_pandas_df").does(READ),
    call("airflow.providers.common.sql.hooks.sql.DbApiHook.get_records").does(READ),
    call("airflow.providers.common.sql.hooks.sql.DbApiHook.insert_rows").does(INSERT.with(Effects::BULK)),
    call("airflow.providers.common.sql.hooks.sql.DbApiHook.run").does(EXECUTE),
];

const CLASSES: &[ClassRow] = &[
    // https://airflow.apache.org/docs/apache-airflow-providers/packages-ref.html
    class("airflow.providers.common.sql.hooks.sql.DbApiHook"),
    class("airflow.providers.microsoft.mssql.hooks.mssql.MsSqlHook").extends(&[HOOK]),
    class("airflow.providers.mysql.hooks.mysql.MySqlHook").extends(&[HOOK]),
    class("airflow.providers.postgres.hooks.postgres.PostgresHook").extends(&[HOOK]),
    class("airflow.providers.snowflake.hooks.snowflake.SnowflakeHook").extends(&[HOOK]),
    class("airflow.providers.sqlite.hooks.sqlite.SqliteHook").extends(&[HOOK]),
];

const ALIASES: &[(&str, &str)] = &[
    ("airflow.hooks.dbapi.DbApiHook", HOOK),
    ("airflow.hooks.dbapi_hook.DbApiHook", HOOK),
    ("airflow.hooks.mysql_hook.MySqlHook", "airflow.providers.mysql.hooks.mysql.MySqlHook"),
    ("airflow.hooks.postgres_hook.PostgresHook", "airflow.providers.postgres.hooks.postgres.PostgresHook"),
];
