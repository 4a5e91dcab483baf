//! The notes, by file name. One row per file.

/// File name -> text.
pub(super) const NOTES: &[(&str, &str)] = &[
    ("aiohttp.md", include_str!("practices/aiohttp.md")),
    ("alembic.md", include_str!("practices/alembic.md")),
    ("asyncio.md", include_str!("practices/asyncio.md")),
    ("asyncpg.md", include_str!("practices/asyncpg.md")),
    ("celery.md", include_str!("practices/celery.md")),
    ("django_orm.md", include_str!("practices/django_orm.md")),
    ("fastapi.md", include_str!("practices/fastapi.md")),
    ("flask.md", include_str!("practices/flask.md")),
    ("httpx.md", include_str!("practices/httpx.md")),
    ("mysql.md", include_str!("practices/mysql.md")),
    ("postgresql.md", include_str!("practices/postgresql.md")),
    ("psycopg.md", include_str!("practices/psycopg.md")),
    ("redis.md", include_str!("practices/redis.md")),
    ("requests.md", include_str!("practices/requests.md")),
    ("sqlalchemy.md", include_str!("practices/sqlalchemy.md")),
    ("sqlite.md", include_str!("practices/sqlite.md")),
    ("sqlmodel.md", include_str!("practices/sqlmodel.md")),
];
