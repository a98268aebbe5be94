"""Who comes, and which keys are theirs: those of whoever is signed in, and the one that the page was opened with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import Request

from portico.access.account.errors import KeyIdle, KeyMissing, SecretEnding
from portico.access.account.passes import Opened, Passes
from portico.access.keys.model import ApiKey
from portico.access.keys.service import ApiKeys
from portico.identity.source import Networks, Source

if TYPE_CHECKING:
    from portico.identity.pages.desk import Desk
    from portico.identity.users.model import User

RECENT = 300.0  # seconds after a sign-in in which a key is rotated; as the pool's pages have it


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody at the page."""

    user: User | None  # of the pool, signed in
    signed_in_at: float  # seconds since the epoch
    opened: Opened | None
    keys: tuple[ApiKey, ...]
    source: Source

    def key(self, id: str) -> ApiKey:
        """One of their keys.

        Args:
            id: that their browser sent; "" for the first.

        Raises:
            KeyMissing: it is none of theirs.
        """
        found = next((key for key in self.keys if id in ("", key.id)), None)
        if found is None:
            raise KeyMissing
        return found

    def may_rotate(self, key: ApiKey) -> bool:
        """Whether they are signed in as its holder, or know a secret of it that nobody has replaced."""
        return self._opened_newest(key) or (self.user is not None and key.user_id == self.user.id)

    def must_sign_in_again(self, key: ApiKey, now: float) -> bool:
        """Whether they may rotate a key because they signed in, and that was too long ago for what protects somebody.

        Args:
            key: one of theirs, which they may rotate.
            now: seconds since the epoch.
        """
        return not self._opened_newest(key) and now - self.signed_in_at > RECENT

    def _opened_newest(self, key: ApiKey) -> bool:
        return self.opened is not None and self.opened.key.id == key.id and self.opened.secret_ends_at is None

    def check_rotate(self, key: ApiKey, now: float) -> None:
        """See that they may give a key a new secret.

        Args:
            key: one of theirs.
            now: seconds since the epoch.

        Raises:
            SecretEnding: they know an old secret only.
            KeyIdle: the key may not be used at all.
        """
        if not self.may_rotate(key):
            raise SecretEnding
        if not key.enabled or (key.expires_at is not None and key.expires_at <= now):
            raise KeyIdle


class Door:
    """Finds out who comes."""

    def __init__(self, keys: ApiKeys, passes: Passes, *, desk: Desk | None, trusted: Networks) -> None:
        """Make one.

        Args:
            keys: of the project.
            passes: of browsers that were opened with a key.
            desk: of the pool's pages; None where there is no pool.
            trusted: networks of proxies whose X-Forwarded-For is believed.
        """
        self._keys = keys
        self._passes = passes
        self._desk = desk
        self._trusted = trusted

    def source(self, request: Request) -> Source:
        """Where a request came from."""
        return Source.of(request, self._trusted)

    async def visitor(self, request: Request, *, seen: bool = True) -> Visitor:
        """Who comes.

        Args:
            request: theirs.
            seen: whether somebody is there; else the page asks by itself.
        """
        source = self.source(request)
        user, since = await self._user(request, seen)
        opened = await self._passes.current(request, source.address)
        keys = [] if user is None else await self._keys.of_user(user.id)
        if opened is not None and all(key.id != opened.key.id for key in keys):
            keys.insert(0, opened.key)
        return Visitor(user, since, opened, tuple(keys), source)

    async def _user(self, request: Request, seen: bool) -> tuple[User | None, float]:
        """Who is signed in, and since when."""
        session = None if self._desk is None else await self._desk.sessions.current(request, seen=seen)
        if self._desk is None or session is None:
            return None, 0.0
        return await self._desk.users.by_id(session.user_id), session.auth_time
