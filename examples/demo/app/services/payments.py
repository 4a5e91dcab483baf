"""Reservation and refund of payments."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db import SessionLocal
from app.models import Order
from app.services.carriers import wait_for_slot


async def reserve(order_id: int) -> str:
    async with SessionLocal.begin() as session:
        order = await session.get_one(Order, order_id, with_for_update=True)
        order.state = "reserved"
        await session.flush()
        await wait_for_slot(order.number)
        return order.state


async def refund(session: AsyncSession, order_id: int) -> int:
    order = (await session.execute(select(Order).where(Order.id == order_id))).scalar_one()
    order.state = "refunded"
    await session.commit()
    return order.id


async def release(order_id: int) -> None:
    async with SessionLocal.begin() as session:
        order = await session.get_one(Order, order_id)
        number = order.number
        order.state = "released"
    await wait_for_slot(number)
