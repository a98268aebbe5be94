"""Failed authentications, held back by address before anything costly is checked.

Verifying a signature or a token takes a hundred times what it takes to send a wrong one. So whoever sends wrong ones
has an allowance; when it is used up, their requests to secured operations are refused without a look at what they show,
until some of it has come back. A request that shows nothing fails for free, and does not count.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from portico.gateway.exchange import Exchange
from portico.gateway.problems import InsufficientScope, KeyNotAllowed, NotAuthorised, TooManyRequests
from portico.identity.source import network

ADDRESSES = 50_000  # of which failures are remembered, some 15 MB; the ones longest without a failure give way
IN = 10.0  # seconds in which the whole allowance comes back

OTHERS = (InsufficientScope, KeyNotAllowed, NotAuthorised)  # who calls was proved


class Attempts:
    """The failed authentications of one process."""

    def __init__(
        self, allowance: int, *, address: Callable[[Exchange], str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Make one.

        Args:
            allowance: failures of one address, or of one subscriber's network of IPv6, in ten seconds.
            address: where a request comes from.
            clock: seconds.
        """
        self._allowance = float(allowance)
        self._rate = allowance / IN
        self._address = address
        self._clock = clock
        self._failures: OrderedDict[str, tuple[float, float]] = OrderedDict()  # how many have not come back, and when

    def __len__(self) -> int:
        return len(self._failures)

    def step(self, x: Exchange) -> None:
        """The step `attempts`, before `authenticate`.

        Raises:
            TooManyRequests: too many requests of this address failed.
        """
        if not self._failures:
            return
        who = network(self._address(x))
        if who in self._failures:
            over = self._level(who) + 1.0 - self._allowance
            if over > 0.0:
                raise TooManyRequests(
                    "Too many requests from your address showed what is not valid.",
                    retry_after=over / self._rate,
                    scope="address",
                )

    def fail(self, x: Exchange, refusal: Exception) -> None:
        """What a request showed was refused.

        Args:
            x: the request.
            refusal: what it is answered with.
        """
        if getattr(refusal, "status_code", getattr(refusal, "status", 0)) not in (401, 403):
            return  # the fault of the server, or of the form
        if isinstance(refusal, OTHERS):
            return
        who = network(self._address(x))
        self._failures[who] = self._level(who) + 1.0, self._clock()
        self._failures.move_to_end(who)
        if len(self._failures) > ADDRESSES:
            self._failures.popitem(last=False)

    def _level(self, who: str) -> float:
        """How many failures have not come back. Who has none is forgotten."""
        found = self._failures.get(who)
        if found is None:
            return 0.0
        level = found[0] - max(self._clock() - found[1], 0.0) * self._rate
        if level <= 0.0:
            del self._failures[who]
            return 0.0
        return level
