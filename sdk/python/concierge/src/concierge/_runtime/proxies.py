"""The proxies that the environment names: `http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`."""

from __future__ import annotations

import base64
import urllib.request
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from .errors import BadArgument


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where requests are sent instead."""

    host: str
    port: int
    authorization: str | None  # of the proxy

    def __repr__(self) -> str:
        return f"Proxy({self.host}:{self.port})"


def proxy_for(scheme: str, host: str) -> Proxy | None:
    """The proxy of an origin; None where it is called directly.

    Args:
        scheme: http or https.
        host: that is called.

    Raises:
        BadArgument: it is of a kind that the standard library does not speak; to go past it would be no answer.
    """
    found = urllib.request.getproxies()
    address = found.get(scheme) or found.get("all")
    if not address or urllib.request.proxy_bypass(host):
        return None
    parts = urlsplit(address if "://" in address else f"http://{address}")
    if parts.scheme != "http" or not parts.hostname:
        raise BadArgument(f"The environment names a proxy for {scheme} that is none of http://: give a transport.")
    return Proxy(parts.hostname, parts.port or 80, _authorization(parts.username, parts.password))


def _authorization(user: str | None, password: str | None) -> str | None:
    if user is None:
        return None
    both = f"{unquote(user)}:{unquote(password or '')}"
    return f"Basic {base64.b64encode(both.encode()).decode()}"
