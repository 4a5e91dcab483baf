"""Catalog: quotes, stock levels, rates, search."""

import asyncio
from pathlib import Path
from typing import Annotated

import httpx
import requests
from fastapi import APIRouter, Depends
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.config import settings
from app.db import get_session
from app.models import Product
from app.repositories import StockRepository
from app.services import carriers, pricing
from app.services.shipping import client

router = APIRouter(prefix="/catalog")
SessionDep = Annotated[AsyncSession, Depends(get_session)]


@router.get("/quotes")
async def quotes(skus: str, session: SessionDep, code: str | None = None) -> dict[str, int | None]:
    result = {}
    for sku in skus.split(","):
        result[sku] = await pricing.quote(session, sku, code)
    return result


@router.get("/quotes/v2")
async def quotes_v2(skus: str, session: SessionDep, code: str | None = None) -> dict[str, int]:
    return await pricing.quote_all(session, skus.split(","), code)


@router.put("/stock", status_code=204)
async def set_levels(levels: dict[str, int], session: SessionDep) -> None:
    stock = StockRepository(session)
    for sku, level in levels.items():
        await stock.set_level(sku, level)
    await session.commit()


@router.get("/search")
async def search(words: str, session: SessionDep) -> list[str]:
    wanted = words.lower().split()
    found = []
    for product in await session.scalars(select(Product).limit(500)):
        if any([word in product.title.lower() for word in wanted]):
            found.append(product.title)
    return found


@router.get("/zones/{zone}")
async def zone(zone: str) -> dict[str, int]:
    return {"cents": carriers.zone_rate(zone)}


@router.get("/zones/{zone}/threaded")
async def zone_threaded(zone: str) -> dict[str, int]:
    return {"cents": await asyncio.to_thread(carriers.zone_rate, zone)}


@router.get("/partners")
def partners() -> list[str]:
    return requests.get(settings.carrier_url + "/partners", timeout=5).json()


@router.get("/rates")
async def rates() -> dict:
    for attempt in range(3):
        try:
            return (await client.get("/rates")).json()
        except httpx.TransportError:
            carriers.back_off(attempt)
    return {}


@router.get("/rates/v2")
async def rates_v2() -> dict:
    for attempt in range(3):
        try:
            return (await client.get("/rates")).json()
        except httpx.TransportError:
            await asyncio.sleep(0.2 * 2**attempt)
    return {}


@router.get("/terms")
async def terms() -> str:
    path = Path(settings.terms_path)
    return await asyncio.to_thread(path.read_text)
