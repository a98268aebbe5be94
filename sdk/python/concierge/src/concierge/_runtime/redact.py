"""What hooks and logs are told: everything but secrets."""

from __future__ import annotations

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
        return {name: HIDDEN if name.lower() in self._headers else value for name, value in headers.items()}

    def url(self, url: str) -> str:
        """A URL without what is secret.

        Args:
            url: that is called.
        """
        before, mark, query = url.partition("?")
        return before + mark + "&".join(self._pair(pair) for pair in query.split("&")) if mark else url

    def _pair(self, pair: str) -> str:
        name, equals, _ = pair.partition("=")
        return f"{name}{equals}{HIDDEN}" if equals and unquote(name).lower() in self._query else pair
