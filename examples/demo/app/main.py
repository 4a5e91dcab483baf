"""The application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import BackgroundTasks, FastAPI

from app.api import catalog, events, orders, reports
from app.db import engine
from app.jobs.import_catalog import import_catalog
from app.live import broadcast
from app.services.shipping import client


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    await broadcast.start()
    try:
        yield
    finally:
        await broadcast.stop()
        await client.aclose()
        await engine.dispose()


app = FastAPI(title="Orders", lifespan=lifespan)
for module in (orders, catalog, events, reports):
    app.include_router(module.router)


@app.post("/imports/{job_id}", status_code=202)
async def start_import(job_id: int, rows: list[dict[str, str]], tasks: BackgroundTasks) -> None:
    tasks.add_task(import_catalog, job_id, rows)
