"""What a browser holds that was opened with a key: a sealed cookie, good for half an hour.

It holds the digest of the secret, never the secret. The database is asked at each visit, so it is void at once when
the key is disabled or deleted or ends, and when that secret of it has ended.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass

import msgspec
import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response

from portico.access.keys import digest, form, repository
from portico.access.keys.errors import ApiKeyRefused, ApiKeyUnknown
from portico.access.keys.model import ApiKey
from portico.access.keys.ring import NEVER, KeyRing, Known
from portico.identity.place import Place
from portico.identity.sessions.cookies import Cookie
from portico.store import NotSealedHere, State

LIFETIME = 1_800.0  # seconds
_PURPOSE = "account-key"


@dataclass(frozen=True, slots=True)
class Opened:
    """A key that somebody showed a secret of."""

    key: ApiKey
    digest: bytes  # of the secret
    secret_ends_at: float | None  # seconds since the epoch: it was rotated
    until: float  # seconds since the epoch


class _Sealed(msgspec.Struct, frozen=True, array_like=True):
    digest: bytes
    until: float  # seconds since the epoch


class Passes:
    """Opens the page with keys, and remembers it in the browser."""

    def __init__(self, state: State, ring: KeyRing, place: Place) -> None:
        """Make one.

        Args:
            state: of the project.
            ring: knows which secrets there are, without a look into the database.
            place: whose the cookie is.
        """
        self._state = state
        self._ring = ring
        self._cookie = Cookie(place, "key")

    async def open(self, given: str, address: str) -> Opened:
        """The key that a secret is of.

        Args:
            given: what somebody typed.
            address: where they are.

        Raises:
            ApiKeyUnknown: it does not count, whyever that is.
            StoreError: the database cannot be asked.
        """
        secret, now = given.strip().encode("utf-8", "replace"), self._state.clock()
        try:
            if not form.may_be_one(secret):
                raise ApiKeyUnknown
            found = self._ring.resolve(secret, now)  # what nobody has costs no look into the database
            if inspect.isawaitable(found):
                await found
        except ApiKeyRefused:
            raise ApiKeyUnknown from None
        made = await self._state.db.read(_digest, self._state, secret)
        opened = None if made is None else await self._look(made, now + LIFETIME, address)
        if opened is None:
            raise ApiKeyUnknown
        return opened

    async def current(self, request: Request, address: str) -> Opened | None:
        """The key that a browser was opened with; None where that is over.

        Args:
            request: from the browser.
            address: where it is.
        """
        text = self._cookie.read(request)
        if text is None:
            return None
        try:
            plain = self._state.secrets.open_text(_PURPOSE, text)
            sealed = msgspec.msgpack.decode(plain, type=_Sealed)
        except (NotSealedHere, msgspec.DecodeError, UnicodeError):
            return None
        if self._state.clock() >= sealed.until:
            return None
        return await self._look(sealed.digest, sealed.until, address)

    async def renewed(self, opened: Opened, secret: str, response: Response) -> None:
        """Go on with the new secret of a key, as long as with the old one.

        Args:
            opened: before.
            secret: the new one.
            response: which takes the cookie along.
        """
        made = await self._state.db.read(_digest, self._state, secret.encode())
        if made is not None:
            self._write(response, made, opened.until)

    def remember(self, opened: Opened, response: Response) -> None:
        """Give a browser its cookie.

        Args:
            opened: with a key.
            response: which takes the cookie along.
        """
        self._write(response, opened.digest, opened.until)

    def forget(self, response: Response) -> None:
        """Take the cookie away."""
        self._cookie.clear(response)

    def _write(self, response: Response, made: bytes, until: float) -> None:
        plain = msgspec.msgpack.encode(_Sealed(made, until))
        left = max(until - self._state.clock(), 0.0)
        self._cookie.write(response, self._state.secrets.seal_text(_PURPOSE, plain), max_age=left)

    async def _look(self, made: bytes, until: float, address: str) -> Opened | None:
        found = await self._state.db.read(repository.by_digest, made)
        if found is None:
            return None
        key, now = found.key, self._state.clock()
        ends = [end for end in (key.expires_at, found.secret_ends_at) if end is not None]
        if not key.enabled or any(end <= now for end in ends) or not Known(key, NEVER, now).admits(address):
            return None
        return Opened(key, made, found.secret_ends_at, until)


def _digest(connection: sa.Connection, state: State, secret: bytes) -> bytes | None:
    digests = digest.find(connection, state.secrets)
    return None if digests is None else digests.of(secret)
