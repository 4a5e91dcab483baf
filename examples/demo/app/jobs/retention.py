"""Deletes old orders in chunks (weekly, synchronous)."""

import time
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from app.db import SyncSession
from app.models import Order

CHUNK = 1000


def main() -> None:
    limit = datetime.now() - timedelta(days=3650)
    with SyncSession() as session:
        ids = list(session.scalars(select(Order.id).where(Order.placed < limit)))
        for start in range(0, len(ids), CHUNK):
            session.execute(delete(Order).where(Order.id.in_(ids[start : start + CHUNK])))
            session.commit()
            time.sleep(0.1)


if __name__ == "__main__":
    main()
