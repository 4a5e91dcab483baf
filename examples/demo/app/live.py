"""One LISTEN connection for the whole process; subscribers get their own queues."""

import asyncio

import asyncpg

from app.config import settings

CHANNEL = "import_progress"


class Broadcast:
    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[str]] = set()
        self._connection: asyncpg.Connection | None = None

    async def start(self) -> None:
        self._connection = await asyncpg.connect(settings.listen_dsn)
        await self._connection.add_listener(CHANNEL, self._on_notify)
        await self._connection.add_listener("price_change", self._on_notify)

    async def stop(self) -> None:
        if self._connection is not None:
            await self._connection.close()

    def subscribe(self) -> asyncio.Queue[str]:
        queue: asyncio.Queue[str] = asyncio.Queue(maxsize=100)
        self._queues.add(queue)
        return queue

    def leave(self, queue: asyncio.Queue[str]) -> None:
        self._queues.discard(queue)

    def _on_notify(self, connection, pid: int, channel: str, payload: str) -> None:
        for queue in self._queues:
            if not queue.full():
                queue.put_nowait(payload)


broadcast = Broadcast()


async def tell_price(connection: asyncpg.Connection, sku: str) -> None:
    await connection.execute("SELECT pg_notify('price_changes', $1)", sku)
