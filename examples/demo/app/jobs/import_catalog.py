"""Imports a supplier's catalog and reports its progress."""

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db import SessionLocal
from app.models import ImportJob, Product


async def import_catalog(job_id: int, rows: list[dict[str, str]]) -> None:
    async with SessionLocal() as session:
        job = await session.get_one(ImportJob, job_id)
        for number, row in enumerate(rows, start=1):
            await session.execute(insert(Product).values(sku=row["sku"], title=row["title"]))
            job.done = number
            await session.flush()
        job.state = "done"
        await session.commit()


async def restart_import(job_id: int) -> None:
    async with SessionLocal.begin() as session:
        await session.execute(update(ImportJob).where(ImportJob.id == job_id).values(done=0, state="new"))


async def cancel_import(job_id: int, sku: str) -> None:
    async with SessionLocal.begin() as session:
        await session.execute(update(ImportJob).where(ImportJob.id == job_id).values(state="cancelled"))
        await hide_product(sku)


async def hide_product(sku: str) -> None:
    async with SessionLocal.begin() as session:
        await rename(session, sku, "")


async def cancel_and_rename(job_id: int, sku: str) -> None:
    async with SessionLocal.begin() as session:
        await session.execute(update(ImportJob).where(ImportJob.id == job_id).values(state="cancelled"))
        await rename(session, sku, "cancelled")


async def rename(session: AsyncSession, sku: str, title: str) -> None:
    await session.execute(update(Product).where(Product.sku == sku).values(title=title))
