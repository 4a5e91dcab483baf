"""What the service reads and writes, by entity."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from app.models import Order, Price, Stock


class OrderRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def by_id(self, order_id: int) -> Order | None:
        result = await self._session.execute(select(Order).where(Order.id == order_id))
        return result.scalar_one_or_none()

    async def newest(self, count: int) -> Sequence[Order]:
        statement = (
            select(Order)
            .options(joinedload(Order.customer), selectinload(Order.lines))
            .order_by(Order.placed.desc())
            .limit(count)
        )
        return (await self._session.scalars(statement)).all()


class PriceRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def current(self, sku: str) -> int | None:
        price = await self._latest(sku)
        return price.cents if price else None

    async def current_of(self, skus: list[str]) -> dict[str, int]:
        rows = await self._session.scalars(select(Price).where(Price.sku.in_(skus)).order_by(Price.id))
        return {row.sku: row.cents for row in rows}

    async def _latest(self, sku: str) -> Price | None:
        statement = select(Price).where(Price.sku == sku).order_by(Price.id.desc()).limit(1)
        return await self._session.scalar(statement)


class StockRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def set_level(self, sku: str, level: int) -> None:
        await self._session.execute(update(Stock).where(Stock.sku == sku).values(level=level))
