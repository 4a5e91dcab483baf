"""Engines and sessions: asynchronous for requests, synchronous for nightly jobs."""

from collections.abc import AsyncIterator

from sqlalchemy import create_engine, event
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session, sessionmaker

from app.config import settings

engine = create_async_engine(settings.database_url, pool_size=10, max_overflow=10)
SessionLocal = async_sessionmaker(engine, expire_on_commit=False)

sync_engine = create_engine(
    settings.sync_database_url,
    pool_pre_ping=True,
    pool_size=5,
    pool_recycle=1800,
)
SyncSession: sessionmaker[Session] = sessionmaker(sync_engine)


@event.listens_for(sync_engine, "checkout")
def count_checkout(connection, record, proxy) -> None:
    record.info["checkouts"] = record.info.get("checkouts", 0) + 1


async def get_session() -> AsyncIterator[AsyncSession]:
    async with SessionLocal() as session:
        yield session
