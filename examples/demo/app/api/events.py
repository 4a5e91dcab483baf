"""Server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db import SessionLocal, get_session
from app.live import broadcast
from app.models import Order, Stock

router = APIRouter(prefix="/events")


@router.get("/orders/{order_id}")
async def order_events(order_id: int, session: Annotated[AsyncSession, Depends(get_session)]) -> StreamingResponse:
    async def states() -> AsyncIterator[str]:
        last = ""
        while last != "shipped":
            state = await session.scalar(select(Order.state).where(Order.id == order_id))
            if state != last:
                last = state
                yield f"data: {state}\n\n"
            await asyncio.sleep(1)

    return StreamingResponse(states(), media_type="text/event-stream")


@router.get("/stock/{sku}")
async def stock_events(sku: str) -> StreamingResponse:
    async def levels() -> AsyncIterator[str]:
        while True:
            async with SessionLocal() as session:
                level = await session.scalar(select(Stock.level).where(Stock.sku == sku))
            yield f"data: {level}\n\n"
            await asyncio.sleep(2)

    return StreamingResponse(levels(), media_type="text/event-stream")


@router.get("/imports")
async def import_events() -> StreamingResponse:
    async def progress() -> AsyncIterator[str]:
        queue = broadcast.subscribe()
        try:
            while True:
                yield f"data: {await queue.get()}\n\n"
        finally:
            broadcast.leave(queue)

    return StreamingResponse(progress(), media_type="text/event-stream")
