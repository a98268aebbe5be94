"""Deadlines of requests under way, kept by one timer for all instead of one for each."""

from __future__ import annotations

import asyncio

from portico.gateway.exchange import Exchange


class Watch:
    """Cancels exchanges whose deadline has passed. As precise as its interval, and free of charge for a request."""

    def __init__(self, interval: float) -> None:
        """Make one.

        Args:
            interval: seconds between two looks.
        """
        self.active: set[Exchange] = set()
        self._interval = interval
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Look, from now on, for as long as there is something to look at."""
        if self._loop is not loop:
            self._loop = loop
            loop.call_later(self._interval, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for x in self.active:
            if 0.0 < x.deadline < now and not x.expired and x.task is not None:
                x.expired = True
                x.task.cancel()
        if self.active:
            loop.call_later(self._interval, self._look, loop)
        elif self._loop is loop:
            self._loop = None
