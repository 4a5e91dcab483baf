"""Prices of the catalog."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.repositories import PriceRepository

DISCOUNTS: dict[str, int] = {"OUTLET": 30, "STAFF": 20}


async def quote(session: AsyncSession, sku: str, code: str | None) -> int | None:
    cents = await PriceRepository(session).current(sku)
    return discounted(cents, code) if cents is not None else None


async def quote_all(session: AsyncSession, skus: list[str], code: str | None) -> dict[str, int]:
    prices = await PriceRepository(session).current_of(skus)
    quotes = {}
    for sku in skus:
        cents = prices.get(sku)
        if cents is not None:
            quotes[sku] = discounted(cents, code)
    return quotes


def discounted(cents: int, code: str | None) -> int:
    percent = DISCOUNTS.get(code or "", 0)
    return cents * (100 - percent) // 100
