"""Answers that take the same time, whatever was found: no stop-watch tells whether somebody is known."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

TICK = 0.15  # seconds; the work takes a small part of it


@asynccontextmanager
async def uniform() -> AsyncIterator[None]:
    """End at a multiple of the tick after the beginning, also where the work raises."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    try:
        yield
    finally:
        spent = loop.time() - begun
        await asyncio.sleep(math.ceil(spent / TICK) * TICK - spent)
