"""Orders: list, place, reserve, cancel."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, HTTPException
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from app.db import get_session
from app.models import Order, OrderLine
from app.repositories import OrderRepository
from app.services import payments, receipts, shipping

router = APIRouter(prefix="/orders")
SessionDep = Annotated[AsyncSession, Depends(get_session)]


class LineIn(BaseModel):
    sku: str
    count: int
    cents: int


class OrderIn(BaseModel):
    number: str
    customer_id: int
    lines: list[LineIn]


@router.get("")
async def list_orders(session: SessionDep) -> list[dict]:
    rows = []
    for order in await OrderRepository(session).newest(50):
        total = sum(line.cents * line.count for line in order.lines)
        rows.append({"number": order.number, "customer": order.customer.name, "total": total})
    return rows


@router.post("", status_code=201)
async def place_order(body: OrderIn, tasks: BackgroundTasks, session: SessionDep) -> dict:
    async with session.begin():
        order = Order(number=body.number, customer_id=body.customer_id)
        order.lines = [OrderLine(sku=line.sku, count=line.count, cents=line.cents) for line in body.lines]
        session.add(order)
        await session.flush()
        tracking = await shipping.ship(order, len(body.lines))
    tasks.add_task(receipts.send_receipt, session, order.id)
    tasks.add_task(receipts.send_reminder, order.id)
    return {"id": order.id, "tracking": tracking}


@router.post("/{order_id}/reserve")
async def reserve_order(order_id: int) -> dict:
    return {"state": await payments.reserve(order_id)}


@router.post("/{order_id}/release", status_code=204)
async def release_order(order_id: int) -> None:
    await payments.release(order_id)


@router.post("/{order_id}/cancel")
async def cancel_order(order_id: int, session: SessionDep) -> dict:
    order = await OrderRepository(session).by_id(order_id)
    if order is None or order.state == "shipped":
        raise HTTPException(409, "cannot be cancelled")
    await payments.refund(session, order.id)
    return {"number": order.number, "state": "refunded"}


@router.post("/{order_id}/dispatch")
async def dispatch_order(order_id: int, session: SessionDep) -> dict:
    order = await session.get(Order, order_id)
    if order is None:
        raise HTTPException(404)
    order.state = "shipped"
    await session.commit()
    tracking = await shipping.ship(order, 1)
    return {"tracking": tracking}
