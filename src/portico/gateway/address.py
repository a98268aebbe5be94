"""Where a request comes from."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import HTTPConnection

from portico.gateway.exchange import Exchange
from portico.identity.source import Networks, client_address, plain


def address_of(trusted: Networks) -> Callable[[Exchange], str]:
    """What finds the address of a request's sender.

    Args:
        trusted: networks of proxies whose X-Forwarded-For is believed.
    """
    if trusted:
        return lambda x: client_address(HTTPConnection(x.scope), trusted)

    def peer(x: Exchange) -> str:
        client = x.scope.get("client")
        return plain(client[0]) if client else ""

    return peer
