"""API keys as one process knows them: read once, then a look-up until something changes.

The process keeps the beginnings of the digests of all secrets (8 bytes each, in their order), so that requests with
secrets that do not exist never reach the database, and are not remembered. Whose beginning is like that of another is
looked up and refused.

A look-up tells nobody a secret by the time that it takes: what is compared is never a secret, nor a part of it that the
caller chose, but its digest under a key that the caller does not know (see `digest`). Whoever measures that two digests
begin alike learns nothing of the secrets that they are of, and cannot make a secret whose digest begins like another's.
"""

from __future__ import annotations

import asyncio
import logging
from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from ipaddress import ip_address, ip_network
from sys import intern
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from portico.access.keys import digest, form, repository
from portico.access.keys.digest import Digests
from portico.access.keys.errors import ApiKeyDisabled, ApiKeyExpired, ApiKeyUnknown
from portico.access.keys.model import ApiKey
from portico.access.keys.repository import SHORT, Stored
from portico.identity.source import Networks
from portico.store import State, StoreError
from portico.store.feed import Change

log = logging.getLogger("portico.access")

ENTRIES = 8_192  # secrets whose keys are at hand; as many users and applications
FRESH = 8_192  # secrets that were heard of since all were read
REREAD = 60.0  # seconds after which the database is asked again, should a change not have been heard
NOTE_EVERY = 60.0  # seconds between two records of a key's last use
ATTEMPTS = 2  # to read all, where one hears meanwhile that there are more
NEVER = float("inf")

T = TypeVar("T")
_NONE: Mapping[str, str] = {}


class Known:
    """A key, as the gateway works with it. It is another object whenever the key has changed."""

    __slots__ = ("_good_until", "_noted_at", "_read_at", "key", "lasts_until", "networks", "takes")

    def __init__(self, key: ApiKey, lasts_until: float, now: float) -> None:
        self.key = key  # without its description
        self.networks: Networks = tuple(ip_network(one) for one in key.networks)
        self.lasts_until = lasts_until  # seconds since the epoch: the end of the key, or of this secret if earlier
        self.takes: dict[str, Any] = {}  # what the gateway concluded from it
        self._noted_at = -NEVER if key.last_used_at is None else key.last_used_at  # its last use, as it is recorded
        self._read_at = now
        self._good_until = self._end_of(now)  # it is used until then without another thought

    def __repr__(self) -> str:
        return f"Known({self.key.id!r})"

    def admits(self, address: str) -> bool:
        """Whether the key may be used from an address.

        Args:
            address: of the caller, as `portico.identity.source` gives it.
        """
        if not self.networks:
            return True
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return any(found.version == network.version and found in network for network in self.networks)

    def _seen_again(self, now: float) -> Known:
        """The database said at this moment that it still is so."""
        self._read_at = now
        self._good_until = self._end_of(now)
        return self

    def _end_of(self, now: float) -> float:
        return min(now + REREAD, self.lasts_until) if self.key.enabled else -NEVER

    def _check(self, now: float) -> Known:
        if not self.key.enabled:
            raise ApiKeyDisabled
        if now >= self.lasts_until:
            raise ApiKeyExpired
        return self


class KeyRing:
    """Says which key a secret stands for, and keeps the last ones."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._digests: Digests | None = None  # None: there is no pepper, so there are no keys, or nobody has looked
        self._shorts: array[int] = array("Q")  # of all secrets, in their order
        self._fresh: set[int] = set()  # of those that were heard of since
        self._shorts_at = -NEVER  # seconds since the epoch
        self._known: OrderedDict[bytes, Known | _Gone] = OrderedDict()
        self._secrets_of: dict[str, tuple[bytes, ...]] = {}  # digests in `_known`, by the id of the key
        self._bound: OrderedDict[tuple[str, str], _Bound] = OrderedDict()
        self._reading: dict[object, asyncio.Task[Any]] = {}
        self._changes = 0
        self._reloads = 0
        self._uses: dict[str, float] = {}

    def resolve(self, secret: bytes, now: float) -> Known | Awaitable[Known]:
        """The key that a secret stands for: at once where it is known, else after a look into the database.

        Args:
            secret: as it was received.
            now: seconds since the epoch.

        Raises:
            ApiKeyRefused: it does not count. Awaiting raises it too.
            StoreError: the database cannot be asked; only awaiting raises it.
        """
        if self._digests is None or len(secret) > form.LONGEST:
            return self._unread(secret, now)
        found = self._digests.of(secret)
        known = self._known.get(found)
        if known is None:
            return self._unknown(secret, found, now)
        if now < known._good_until:
            self._known.move_to_end(found)
            return known  # type: ignore[return-value]  # what is gone is never good
        if now < known._read_at + REREAD:
            return known._check(now)
        return self._read(secret, now)

    def of_user(self, user_id: str, now: float) -> Known | Awaitable[Known | None] | None:
        """The key that a user of the pool stands for: the oldest of theirs that may be used. None where they have none.

        Args:
            user_id: of the pool.
            now: seconds since the epoch.

        Raises:
            ApiKeyRefused: they have keys, and none may be used. Awaiting raises it too.
            StoreError: the database cannot be asked; only awaiting raises it.
        """
        return self._of(("user", user_id), repository.of_user, now)

    def of_client(self, client_id: str, now: float) -> Known | Awaitable[Known | None] | None:
        """The key that an application of the pool stands for; see `of_user`.

        Args:
            client_id: of the pool.
            now: seconds since the epoch.
        """
        return self._of(("client", client_id), repository.of_client, now)

    def hear(self, change: Change) -> None:
        """Forget what has changed; see `portico.store.feed`."""
        if change.kind == "api_key":
            self._changes += 1
            self._bound.clear()
            for found in self._secrets_of.pop(change.subject, ()):
                self._known.pop(found, None)
            self._add_fresh(change.value)
        elif change.kind == "api_keys":
            self._changes += 1
            self._bound.clear()
            self._known.clear()
            self._secrets_of.clear()
            self._read_anew()

    def note_use(self, known: Known, now: float) -> None:
        """A request came with this key. It is recorded once a minute at most, later.

        Args:
            known: as it was resolved.
            now: seconds since the epoch.
        """
        if now >= known._noted_at + NOTE_EVERY:
            known._noted_at = now
            self._uses[known.key.id] = now

    async def flush(self) -> None:
        """Record the last uses."""
        if not self._uses:
            return
        uses, self._uses = self._uses, {}
        try:
            await self._state.db.tx(repository.note_uses, uses)
        except StoreError as error:
            log.warning("the last uses of %d API keys are not recorded: %s", len(uses), error)

    # What follows is for secrets that are not at hand.

    def _unread(self, secret: bytes, now: float) -> Awaitable[Known]:
        if not form.may_be_one(secret) or now < self._shorts_at + REREAD:  # with no pepper there are no keys
            raise ApiKeyUnknown
        return self._read(secret, now)

    def _unknown(self, secret: bytes, found: bytes, now: float) -> Awaitable[Known]:
        if not form.may_be_one(secret):
            raise ApiKeyUnknown
        if now < self._shorts_at + REREAD and not self._there_may_be(found):
            raise ApiKeyUnknown
        return self._read(secret, now)

    def _there_may_be(self, found: bytes) -> bool:
        short = int.from_bytes(found[:SHORT])
        place = bisect_left(self._shorts, short)
        return (place < len(self._shorts) and self._shorts[place] == short) or short in self._fresh

    async def _read(self, secret: bytes, now: float) -> Known:
        found = self._digest(secret)
        if found not in self._known:
            found = await self._find(secret, now)
        known = self._known.get(found)
        if known is None or now >= known._read_at + REREAD:
            known = await self._once(found, self._read_key, found, now)
        return known._check(now)

    async def _find(self, secret: bytes, now: float) -> bytes:
        """The digest of a secret that there may be; where that is not known, all are read first."""
        for _ in range(ATTEMPTS):
            if now >= self._shorts_at + REREAD:
                await self._once("shorts", self._read_shorts, now)
        found = self._digest(secret)
        if not self._there_may_be(found):
            raise ApiKeyUnknown
        return found

    def _digest(self, secret: bytes) -> bytes:
        return b"" if self._digests is None else self._digests.of(secret)

    async def _read_shorts(self, now: float) -> None:
        changes, reloads = self._changes, self._reloads
        digests, shorts = await self._state.db.read(_all, self._state)
        self._digests, self._shorts = digests, shorts
        if changes == self._changes:  # else some may be of after the reading
            self._fresh.clear()
        if reloads == self._reloads:
            self._shorts_at = now

    async def _read_key(self, found: bytes, now: float) -> Known | _Gone:
        changes = self._changes
        stored = await self._state.db.read(repository.by_digest, found)
        before = self._known.get(found)
        known = _Gone(now) if stored is None else _renewed(before, stored, now)
        if changes == self._changes:  # else it may be of before the change
            self._keep(found, known)
        return known

    def _keep(self, found: bytes, known: Known | _Gone) -> None:
        if found in self._known:
            self._forget(found, self._known[found])
        self._known[found] = known
        self._known.move_to_end(found)
        if isinstance(known, Known):
            self._secrets_of[known.key.id] = (*self._secrets_of.get(known.key.id, ()), found)
        if len(self._known) > ENTRIES:
            self._forget(*self._known.popitem(last=False))

    def _forget(self, found: bytes, known: Known | _Gone) -> None:
        if isinstance(known, Known):
            others = tuple(one for one in self._secrets_of.pop(known.key.id, ()) if one != found)
            if others:
                self._secrets_of[known.key.id] = others

    def _of(
        self, who: tuple[str, str], read: Callable[[sa.Connection, str], list[ApiKey]], now: float
    ) -> Known | Awaitable[Known | None] | None:
        bound = self._bound.get(who)
        if bound is None or now >= bound.again_at:
            return self._read_bound(who, read, now)
        self._bound.move_to_end(who)
        return bound.check(now)

    async def _read_bound(
        self, who: tuple[str, str], read: Callable[[sa.Connection, str], list[ApiKey]], now: float
    ) -> Known | None:
        bound = await self._once(who, self._read_keys, who, read, now)
        return bound.check(now)

    async def _read_keys(
        self, who: tuple[str, str], read: Callable[[sa.Connection, str], list[ApiKey]], now: float
    ) -> _Bound:
        changes = self._changes
        keys = await self._state.db.read(read, who[1])
        bound = _Bound(keys, now)
        if changes == self._changes:
            self._bound[who] = bound
            if len(self._bound) > ENTRIES:
                self._bound.popitem(last=False)
        return bound

    async def _once(self, what: object, read: Callable[..., Coroutine[Any, Any, T]], *arguments: Any) -> T:
        """Read, or wait for whoever reads the same already. Nobody who goes away ends it for the others."""
        task = self._reading.get(what)
        if task is None:
            task = self._reading[what] = asyncio.create_task(read(*arguments))
            task.add_done_callback(lambda done: self._ended(what, done))
        found: T = await asyncio.shield(task)
        return found

    def _ended(self, what: object, task: asyncio.Task[Any]) -> None:
        del self._reading[what]
        if not task.cancelled():
            task.exception()  # whoever waits is told; nobody may wait any more

    def _add_fresh(self, value: Any) -> None:
        if isinstance(value, list):
            self._fresh.update(int(one, 16) for one in value)
            if self._digests is None or len(self._fresh) > FRESH:
                self._read_anew()

    def _read_anew(self) -> None:
        self._reloads += 1
        self._fresh.clear()
        self._shorts_at = -NEVER


class _Gone:
    """There was such a secret when all were read, and there is none any more."""

    __slots__ = ("_good_until", "_read_at")

    def __init__(self, now: float) -> None:
        self._read_at, self._good_until = now, -NEVER

    def _check(self, _now: float) -> Known:
        raise ApiKeyUnknown


class _Bound:
    """The key that a user or an application stands for."""

    __slots__ = ("again_at", "known")

    def __init__(self, keys: list[ApiKey], now: float) -> None:
        several = [Known(_kept(key), _end(key.expires_at), now) for key in keys]  # the oldest first
        usable = [known for known in several if known._good_until > now]
        self.known = next(iter((*usable, *several)), None)
        self.again_at = now + REREAD  # seconds since the epoch
        if usable:
            self.again_at = min(self.again_at, usable[0].lasts_until)  # another may take its place

    def check(self, now: float) -> Known | None:
        return None if self.known is None else self.known._check(now)


def _all(connection: sa.Connection, state: State) -> tuple[Digests | None, array[int]]:
    return digest.find(connection, state.secrets), repository.digests(connection)


def _renewed(before: Known | _Gone | None, stored: Stored, now: float) -> Known:
    """What was read. It is the same object as before where nothing has changed, so that its `takes` stay."""
    key, lasts_until = _kept(stored.key), min(_end(stored.key.expires_at), _end(stored.secret_ends_at))
    if not isinstance(before, Known) or before.lasts_until != lasts_until:
        return Known(key, lasts_until, now)
    same = msgspec.structs.replace(before.key, last_used_at=key.last_used_at) == key
    return before._seen_again(now) if same else Known(key, lasts_until, now)


def _kept(key: ApiKey) -> ApiKey:
    """A key in as little memory as there may be: what many keys have alike is there once."""
    tags = {intern(name): intern(value) for name, value in key.tags.items()}
    plans = tuple(intern(name) for name in key.plans)
    return msgspec.structs.replace(key, description="", tags=tags or _NONE, plans=plans)


def _end(at: float | None) -> float:
    return NEVER if at is None else at
