"""Shipping of placed orders."""

import httpx

from app.config import settings
from app.models import Order
from app.services.carriers import Carrier

client = httpx.AsyncClient(base_url=settings.carrier_url, timeout=10)


async def ship(order: Order, parcels: int) -> str:
    carrier = Carrier(client)
    return await carrier.announce(order.number, parcels)
