"""Tests are never flagged, whatever they do."""

import time

import requests
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Order


def test_every_order_is_served(session: Session) -> None:
    for order_id in range(100):
        order = session.scalar(select(Order).where(Order.id == order_id))
        assert requests.get(f"http://localhost:8000/orders/{order_id}").status_code == (200 if order else 404)
        time.sleep(0.01)


async def test_sleep() -> None:
    time.sleep(0.01)
