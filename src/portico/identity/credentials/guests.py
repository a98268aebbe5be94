"""How often guests may ask for credentials: so that nobody fills the audit log for free."""

from __future__ import annotations

from collections import OrderedDict
from ipaddress import IPv6Address, ip_address, ip_network

PERIOD = 60.0  # seconds
PER_ADDRESS = 30  # credentials in a period, to one address or one /64 of IPv6
IN_ALL = 3_000  # credentials in a period, of one process
ADDRESSES = 4_096  # that are remembered


class GuestLimit:
    """Counts in one process what each address was given in the running minute."""

    def __init__(self) -> None:
        self._period = -1
        self._given: OrderedDict[str, int] = OrderedDict()
        self._in_all = 0

    def admit(self, address: str, now: float) -> float:
        """Count one.

        Args:
            address: who asks.
            now: seconds since the epoch.

        Returns:
            0 where it is allowed, else the seconds until it may be again.
        """
        period = int(now // PERIOD)
        if period != self._period:
            self._period, self._in_all = period, 0
            self._given.clear()
        key = _network(address)
        given = self._given.pop(key, 0)
        self._given[key] = given + 1
        if len(self._given) > ADDRESSES:
            self._given.popitem(last=False)
        if given >= PER_ADDRESS or self._in_all >= IN_ALL:
            return (period + 1) * PERIOD - now
        self._in_all += 1
        return 0.0


def _network(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((found, 64), strict=False)) if isinstance(found, IPv6Address) else address
