"""Profiles 40 requests for quotes of 20 articles each, with every call counted. Imports and the first request are left out."""

import asyncio
import cProfile
import sys

from app.api.catalog import quotes
from app.db import SessionLocal, engine

SKUS = ",".join(f"SKU-{n:05d}" for n in range(100, 120))


async def request() -> None:
    async with SessionLocal() as session:
        await quotes(SKUS, session)


async def main(out: str) -> None:
    await request()
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(40):
        await request()
    profile.disable()
    profile.dump_stats(out)
    await engine.dispose()


asyncio.run(main(sys.argv[1]))
