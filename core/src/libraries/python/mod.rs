//! Python libraries. One file each, one line here.

mod alembic;
mod anyio;
mod asgiref;
mod asyncio;
mod asyncpg;
mod builtins;
mod contextlib;
mod dbapi;
mod django;
mod fastapi;
mod flask_sqlalchemy;
mod httpx;
mod mixes;
mod mysql;
mod psycopg;
mod psycopg2;
mod redis;
mod requests;
mod rest_framework;
mod sqlalchemy;
mod sqlite3;
mod sqlmodel;
mod starlette;

use super::Library;

/// All Python tables.
pub const LIBRARIES: &[&Library] = &[
    &alembic::LIBRARY,
    &anyio::LIBRARY,
    &asgiref::LIBRARY,
    &asyncio::LIBRARY,
    &asyncpg::LIBRARY,
    &builtins::LIBRARY,
    &contextlib::LIBRARY,
    &dbapi::LIBRARY,
    &django::LIBRARY,
    &fastapi::LIBRARY,
    &flask_sqlalchemy::LIBRARY,
    &httpx::LIBRARY,
    &mysql::LIBRARY,
    &psycopg::LIBRARY,
    &psycopg2::LIBRARY,
    &redis::LIBRARY,
    &requests::LIBRARY,
    &rest_framework::LIBRARY,
    &sqlalchemy::LIBRARY,
    &sqlite3::LIBRARY,
    &sqlmodel::LIBRARY,
    &starlette::LIBRARY,
];
