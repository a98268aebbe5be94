"""Where buckets are kept: in this process, in a file that the workers of one machine share, or in Redis.

All three decide alike and are tested by one suite; see `bucket` for the decision.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Protocol

from portico.access.throttle.bucket import Bucket, Taken
from portico.errors import PorticoError


class LimitStoreUnavailable(PorticoError):
    """The store of limits cannot be reached, or does not answer in time."""


class LimitStore(Protocol):
    """Keeps buckets. Several processes that use one store are held to its limits together."""

    name: str  # "memory", "sqlite" or "redis", as metrics tell it

    def take(self, buckets: Sequence[Bucket], cost: float) -> Taken | Awaitable[Taken]:
        """Take from all buckets, or from none. At once, or to be awaited.

        Args:
            buckets: no two with one name; at least one.
            cost: tokens, from each.

        Raises:
            LimitStoreUnavailable: nobody can say. Awaiting raises it too.
        """

    async def read(self, buckets: Sequence[Bucket]) -> tuple[float | None, ...]:
        """What is taken of buckets now; None of quotas that are not seeded.

        Raises:
            LimitStoreUnavailable: nobody can say.
        """

    async def seed(self, levels: Sequence[tuple[Bucket, float]]) -> None:
        """Say what has been taken of quotas, as far as somebody else knows it. What is more already stays.

        Args:
            levels: quotas, and tokens.

        Raises:
            LimitStoreUnavailable: it cannot be said.
        """

    async def sweep(self) -> None:
        """Forget what is full again, and quotas that are over. Called now and then.

        Raises:
            LimitStoreUnavailable: it cannot be reached.
        """

    async def close(self) -> None:
        """End."""
