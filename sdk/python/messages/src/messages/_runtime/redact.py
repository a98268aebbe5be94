"""What hooks and logs are told: everything but secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

HIDDEN = "[redacted]"
_HEADERS = frozenset(
    (
        "authorization",
        "cookie",
        "proxy-authorization",
        "set-cookie",
        "www-authenticate",
        "authentication-info",
        "x-amz-security-token",
        "x-amz-nonce",
    )
)
_QUERY = frozenset(
    (
        "access_token",
        "refresh_token",
        "id_token",
        "client_secret",
        "code",
        "token",
        "x-amz-credential",
        "x-amz-security-token",
        "x-amz-signature",
    )
)
_ADDRESSES = frozenset(("location", "content-location", "link", "refresh"))  # headers that hold some
_PAIR = re.compile(r"([?&#]([^?&#=]*)=)[^&#>]*")


class Redaction:
    """Hides secrets.

    Args:
        headers: further names of headers that hold one.
        query: further names of query parameters that hold one.
    """

    def __init__(self, headers: Iterable[str] = (), query: Iterable[str] = ()) -> None:
        self._headers = _HEADERS | {name.lower() for name in headers}
        self._query = _QUERY | {name.lower() for name in query}

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Headers without what is secret.

        Args:
            headers: of a request or an answer.
        """
        return {name: self._value(name.lower(), value) for name, value in headers.items()}

    def _value(self, name: str, value: str) -> str:
        return HIDDEN if name in self._headers else self.url(value) if name in _ADDRESSES else value

    def url(self, url: str) -> str:
        """A URL, or a text with some, without what is secret in their queries and fragments.

        Args:
            url: that is called, or is told.
        """
        return _PAIR.sub(self._pair, url) if "=" in url else url

    def _pair(self, pair: re.Match[str]) -> str:
        return f"{pair[1]}{HIDDEN}" if unquote(pair[2]).lower() in self._query else pair[0]
