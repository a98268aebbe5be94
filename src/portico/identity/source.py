"""Where a request came from, as the audit log and the throttles need it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.requests import HTTPConnection

from portico.config import Config
from portico.context import REQUEST_ID
from portico.errors import ConfigError

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


def networks_of(config: Config) -> Networks:
    """The trusted proxies of the configuration.

    Raises:
        ConfigError: one is no network.
    """
    try:
        return tuple(ip_network(text) for text in config.server.trusted_proxies)
    except ValueError as error:
        raise ConfigError(f"[server] trusted_proxies: {error}. Write 10.0.0.0/8, or one address.") from None


def client_address(connection: HTTPConnection, trusted: Networks) -> str:
    """Who calls: the peer, or where the peer is a trusted proxy, the last address of X-Forwarded-For that is none.

    Args:
        connection: the request.
        trusted: networks of proxies.
    """
    address = plain(connection.client.host) if connection.client is not None else ""
    forwarded = connection.headers.getlist("x-forwarded-for") if trusted else []
    chain = ",".join(forwarded).split(",") if forwarded else []
    while chain and _within(address, trusted):
        address = plain(chain.pop().strip())
    return address


def plain(address: str) -> str:
    """An address as people write it: a socket for both versions of IP has IPv4 as `::ffff:192.0.2.1`.

    Args:
        address: of a peer, or what stands in its place.
    """
    if not address.startswith("::"):
        return address
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(found.ipv4_mapped or found) if isinstance(found, IPv6Address) else address


@lru_cache(maxsize=4_096)
def network(address: str) -> str:
    """Whom an address belongs to: of IPv6 the first 64 bits count, which are one subscriber's."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or IPv6Address(int(found) >> 64 << 64))
    return str(found)


def _within(address: str, networks: Networks) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found.version == network.version and found in network for network in networks)
