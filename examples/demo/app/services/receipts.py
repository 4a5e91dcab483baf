"""Receipts, sent after the response."""

import httpx
from sqlalchemy.ext.asyncio import AsyncSession

from app.config import settings
from app.db import SessionLocal
from app.models import Order


async def send_receipt(session: AsyncSession, order_id: int) -> None:
    order = await session.get_one(Order, order_id)
    client = httpx.AsyncClient(base_url=settings.mail_url)
    await client.post("/receipts", json={"number": order.number})


async def send_reminder(order_id: int) -> None:
    async with SessionLocal() as session:
        order = await session.get_one(Order, order_id)
    async with httpx.AsyncClient(base_url=settings.mail_url, timeout=10) as client:
        await client.post("/reminders", json={"number": order.number})
