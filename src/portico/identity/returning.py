"""Where a browser goes on after it has signed in.

The pages carry it through their forms as a sealed text. Nobody but this project can make one, and it names a place
below the pool's own path only, or the page of API keys, so it cannot become an open redirect (RFC 9700 section 4.11).
"""

from __future__ import annotations

import msgspec

from portico.identity.pool import Pool
from portico.store import NotSealedHere

LIFETIME = 3_600.0  # seconds in which somebody signs up, reads a mail and signs in
LONGEST = 8_192  # characters of a path with its query
KEYS = "/account"  # the page of those who hold API keys, outside of the pool's path
_PURPOSE = "return-to"


class _Sealed(msgspec.Struct, frozen=True, array_like=True):
    path: str
    expires_at: float  # seconds since the epoch


class ReturnTo:
    """Seals places of one pool, and opens them again."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def seal(self, path_and_query: str) -> str:
        """A text that stands for a place, for an hour.

        Args:
            path_and_query: below the pool's path: "/auth/main/oauth2/authorize?client_id=chat"; or KEYS.

        Raises:
            ValueError: it is somewhere else, or too long.
        """
        if not self._is_ours(path_and_query):
            raise ValueError("Only a place of this pool can be returned to.")
        plain = msgspec.msgpack.encode(_Sealed(path_and_query, self._pool.clock() + LIFETIME))
        return self._pool.secrets.seal_text(_PURPOSE, plain, bound_to=self._pool.name)

    def open(self, text: str) -> str | None:
        """The path and query again; None for what was not sealed here, or more than an hour ago.

        Args:
            text: what a browser sent.
        """
        try:
            plain = self._pool.secrets.open_text(_PURPOSE, text, bound_to=self._pool.name)
            sealed = msgspec.msgpack.decode(plain, type=_Sealed)
        except (NotSealedHere, msgspec.DecodeError, UnicodeError):
            return None
        current = self._pool.clock() < sealed.expires_at
        return sealed.path if current and self._is_ours(sealed.path) else None

    def _is_ours(self, path: str) -> bool:
        if path == KEYS:
            return True
        plain = path.isascii() and path.isprintable() and "\\" not in path and " " not in path
        return plain and len(path) <= LONGEST and path.startswith(f"{self._pool.path}/") and "/.." not in path
