"""Answers that take the same time, whatever was found: no stop-watch tells whether somebody is known."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

TICK = 0.15  # seconds; the work takes a small part of it
FAILED = 0.5  # seconds of a wrong password; hashes that others made take several times as long as ours


@asynccontextmanager
async def uniform() -> AsyncIterator[None]:
    """End at a multiple of the tick after the beginning, also where the work raises."""
    begun = asyncio.get_running_loop().time()
    try:
        yield
    finally:
        await _wait(begun, TICK)


@asynccontextmanager
async def uniform_failure(kind: type[Exception]) -> AsyncIterator[None]:
    """Let one kind of failure end at a multiple of its tick; everything else takes the time that it takes.

    Args:
        kind: what the work raises.
    """
    begun = asyncio.get_running_loop().time()
    try:
        yield
    except kind:
        await _wait(begun, FAILED)
        raise


async def _wait(begun: float, tick: float) -> None:
    spent = asyncio.get_running_loop().time() - begun
    await asyncio.sleep(math.ceil(spent / tick) * tick - spent)
