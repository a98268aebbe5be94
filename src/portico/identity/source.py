"""Where a request came from, as the audit log and the throttles need it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address

from starlette.requests import HTTPConnection

from portico.context import REQUEST_ID

LENGTH = 256  # characters of a User-Agent that are kept

Networks = tuple[IPv4Network | IPv6Network, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Where from, and in which request."""

    address: str  # of the caller; "local" for a command
    user_agent: str = ""
    request_id: str = ""

    @classmethod
    def of(cls, connection: HTTPConnection, trusted: Networks = ()) -> Source:
        """The source of a request.

        Args:
            connection: the request.
            trusted: networks of proxies whose X-Forwarded-For is believed.
        """
        return cls(
            address=client_address(connection, trusted),
            user_agent=connection.headers.get("user-agent", "")[:LENGTH],
            request_id=connection.scope.get(REQUEST_ID, ""),
        )


LOCAL = Source("local")


def client_address(connection: HTTPConnection, trusted: Networks) -> str:
    """Who calls: the peer, or where the peer is a trusted proxy, the last address of X-Forwarded-For that is none.

    Args:
        connection: the request.
        trusted: networks of proxies.
    """
    address = connection.client.host if connection.client is not None else ""
    chain = ",".join(connection.headers.getlist("x-forwarded-for")).split(",") if trusted else []
    while chain and _within(address, trusted):
        address = chain.pop().strip()
    return address


def _within(address: str, networks: Networks) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found.version == network.version and found in network for network in networks)
