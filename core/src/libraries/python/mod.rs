//! Python libraries. One file each, one line here.

mod anyio;
mod asyncio;
mod builtins;
mod contextlib;
mod dbapi;
mod django;
mod fastapi;
mod httpx;
mod mixes;
mod requests;
mod sqlalchemy;
mod starlette;

use super::Library;

/// All Python tables.
pub const LIBRARIES: &[&Library] = &[
    &anyio::LIBRARY,
    &asyncio::LIBRARY,
    &builtins::LIBRARY,
    &contextlib::LIBRARY,
    &dbapi::LIBRARY,
    &django::LIBRARY,
    &fastapi::LIBRARY,
    &httpx::LIBRARY,
    &requests::LIBRARY,
    &sqlalchemy::LIBRARY,
    &starlette::LIBRARY,
];
