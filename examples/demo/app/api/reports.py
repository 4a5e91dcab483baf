"""Reports as CSV."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import PlainTextResponse
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db import get_session
from app.models import Order, OrderLine

router = APIRouter(prefix="/reports")
SessionDep = Annotated[AsyncSession, Depends(get_session)]


class CsvReport:
    def __init__(self, head: str) -> None:
        self.text = head + "\n"

    def add_all(self, rows: list[tuple[str, int]]) -> None:
        for name, cents in rows:
            self.text += f"{name};{cents}\n"


@router.get("/revenue", response_class=PlainTextResponse)
async def revenue(session: SessionDep) -> str:
    statement = (
        select(Order.number, func.sum(OrderLine.cents))
        .join(OrderLine)
        .group_by(Order.number)
        .limit(1000)
    )
    report = CsvReport("order;cents")
    report.add_all([(number, cents) for number, cents in await session.execute(statement)])
    return report.text


@router.get("/states", response_class=PlainTextResponse)
async def states(session: SessionDep) -> str:
    rows = await session.execute(select(Order.state, func.count()).group_by(Order.state))
    return "\n".join(f"{state};{count}" for state, count in rows)


@router.get("/customers/{customer}/orders")
async def order_count(customer: int, session: SessionDep) -> dict[str, int]:
    orders = (await session.scalars(select(Order).where(Order.customer_id == customer))).all()
    return {"orders": len(orders)}


@router.get("/customers/{customer}/count")
async def counted(customer: int, session: SessionDep) -> dict[str, int | None]:
    statement = select(func.count()).select_from(Order).where(Order.customer_id == customer)
    return {"orders": await session.scalar(statement)}


@router.get("/skus", response_class=PlainTextResponse)
async def skus(session: SessionDep) -> str:
    sold = (await session.scalars(select(OrderLine.sku).limit(1000))).all()
    return "\n".join(sorted(list(set(sold))))


@router.get("/longest", response_class=PlainTextResponse)
async def longest(session: SessionDep) -> str:
    sold = (await session.scalars(select(OrderLine.sku).limit(1000))).all()
    return "\n".join(sorted(set(sold), key=len))
