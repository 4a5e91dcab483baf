//! Python libraries. One file each, one line here.

mod aiohttp;
mod airflow;
mod alembic;
mod anyio;
mod asgiref;
mod asyncio;
mod asyncpg;
mod aws;
mod brokers;
mod builtins;
mod cloud;
mod compute;
mod contextlib;
mod cpu;
mod dbapi;
mod django;
mod django_apps;
mod fastapi;
mod files;
mod flask;
mod flask_sqlalchemy;
mod formats;
mod handles;
mod httpx;
mod jobs;
mod langchain;
mod mixes;
mod mongo;
mod mysql;
mod net;
mod odms;
mod orms;
mod psycopg;
mod psycopg2;
mod quart;
mod redis;
mod requests;
mod rest_framework;
mod sdks;
mod services;
mod sqlalchemy;
mod sqlite3;
mod sqlmodel;
mod starlette;
mod stores;
mod system;
mod testing;
mod threads;
mod web_other;

use super::Library;

/// All Python tables.
pub const LIBRARIES: &[&Library] = &[
    &aiohttp::LIBRARY,
    &airflow::LIBRARY,
    &alembic::LIBRARY,
    &anyio::LIBRARY,
    &asgiref::LIBRARY,
    &asyncio::LIBRARY,
    &asyncpg::LIBRARY,
    &aws::LIBRARY,
    &brokers::LIBRARY,
    &builtins::LIBRARY,
    &cloud::LIBRARY,
    &compute::LIBRARY,
    &contextlib::LIBRARY,
    &cpu::LIBRARY,
    &dbapi::LIBRARY,
    &django::LIBRARY,
    &django_apps::LIBRARY,
    &fastapi::LIBRARY,
    &files::LIBRARY,
    &flask::LIBRARY,
    &flask_sqlalchemy::LIBRARY,
    &formats::LIBRARY,
    &handles::LIBRARY,
    &httpx::LIBRARY,
    &jobs::LIBRARY,
    &langchain::LIBRARY,
    &mongo::LIBRARY,
    &mysql::LIBRARY,
    &net::LIBRARY,
    &odms::LIBRARY,
    &orms::LIBRARY,
    &psycopg::LIBRARY,
    &psycopg2::LIBRARY,
    &quart::LIBRARY,
    &redis::LIBRARY,
    &requests::LIBRARY,
    &rest_framework::LIBRARY,
    &sdks::LIBRARY,
    &services::LIBRARY,
    &sqlalchemy::LIBRARY,
    &sqlite3::LIBRARY,
    &sqlmodel::LIBRARY,
    &starlette::LIBRARY,
    &stores::LIBRARY,
    &system::LIBRARY,
    &testing::LIBRARY,
    &threads::LIBRARY,
    &web_other::LIBRARY,
];
