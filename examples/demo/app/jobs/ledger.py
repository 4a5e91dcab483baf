"""Writes the day's orders into the ledger (nightly, synchronous)."""

import logging

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import selectinload

from app.db import SyncSession
from app.models import LedgerEntry, Order

log = logging.getLogger(__name__)


class LedgerWriter:
    def __init__(self) -> None:
        self.session = SyncSession()

    def write(self, order: Order) -> bool:
        try:
            total = sum(line.cents * line.count for line in order.lines)
            self.session.add(LedgerEntry(number=order.number, cents=total))
            self.session.commit()
        except SQLAlchemyError:
            log.exception("order %s not booked", order.number)
            return False
        return True

    def close(self) -> None:
        self.session.close()


def main() -> None:
    writer = LedgerWriter()
    try:
        with SyncSession() as session:
            statement = select(Order).options(selectinload(Order.lines)).where(Order.state == "shipped")
            orders = session.scalars(statement).all()
        booked = sum(writer.write(order) for order in orders)
        log.info("%s of %s booked", booked, len(orders))
    finally:
        writer.close()


if __name__ == "__main__":
    main()
