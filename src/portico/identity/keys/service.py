"""The signing keys at work: which one signs now, and which ones verifiers know."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa
from anyio import CapacityLimiter, to_thread
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from portico.identity.audit import AuditLog, Event
from portico.identity.keys import lifecycle, material, repository
from portico.identity.keys.lifecycle import State, StoredKey
from portico.identity.keys.material import PrivateKey
from portico.identity.pool import LONGEST, Pool
from portico.identity.source import LOCAL, Source
from portico.store.feed import Change, publish

T = TypeVar("T")

PUBLISH_AHEAD = 900.0  # seconds that a key is known before it signs: longer than verifiers keep a key set
RELOAD_EVERY = 60.0  # seconds after which a process looks for itself, should it have heard of no change
REFRESH_PAUSE = 5.0  # seconds between two looks that unknown `kid`s may cause
THREADS = 2  # that sign or make keys at once in one process


class PublicKey(NamedTuple):
    """What a verifier needs of a key."""

    algorithm: str  # the only one that it may be used with
    key: RSAPublicKey | EllipticCurvePublicKey


class SigningKeys:
    """The signing keys of one pool."""

    def __init__(self, pool: Pool, *, audit: AuditLog) -> None:
        self._pool = pool
        self._audit = audit
        self._limiter: CapacityLimiter | None = None
        self._loading = asyncio.Lock()
        self._keys: tuple[StoredKey, ...] = ()
        self._public: dict[str, PublicKey] = {}
        self._private: tuple[str, PrivateKey] | None = None
        self._loaded_at = float("-inf")
        self._heard = 0  # changes

    def check(self) -> None:
        """See that the key that signs can be opened: said before a server starts, not to whoever signs in first.

        Raises:
            NotSealedHere: it was sealed with another project's secret.
        """
        keys = self._pool.db.look(repository.of_pool, self._pool.name)
        now = lifecycle.states(keys, self._pool.clock())
        for key in keys:
            if now[key.kid] == "active" and key.private is not None:
                material.opened(key, self._pool.secrets)

    async def start(self) -> None:
        """Make the first key where there is none, and another one when the pool's algorithm has been changed.

        Raises:
            NotSealedHere: the key that signs was sealed with another project's secret.
        """
        keys, now = await self._pool.db.read(repository.of_pool, self._pool.name), self._pool.clock()
        signs = "active" in lifecycle.states(keys, now).values()
        if not signs or _newest(keys, now) != self._pool.settings.algorithm:
            new = await self._generate(PUBLISH_AHEAD if signs else 0.0)
            await self._pool.db.tx(self._add_first, new, keys)
        await self._pool.db.tx(repository.tidy, self._pool.name, now)
        await self.reload()
        stored = self._active()
        if stored is not None:
            await self._open(stored)

    async def rotate(
        self, *, ahead: float = PUBLISH_AHEAD, withdraw: bool = False, source: Source = LOCAL
    ) -> StoredKey:
        """Make a key that takes over.

        Args:
            ahead: seconds from now at which it begins to sign; verifiers learn of it before.
            withdraw: let nobody trust the keys before it any more, because one has been stolen. It signs at once, and
                every token that was issued is refused.
            source: who asks for it.

        Returns:
            the new key.
        """
        is_first = not await self._pool.db.read(repository.of_pool, self._pool.name)
        new = await self._generate(0.0 if withdraw or is_first else ahead)
        await self._pool.db.tx(self._rotate, new, withdraw=withdraw, source=source)
        await self.reload()
        return new

    async def current(self) -> tuple[str, PrivateKey]:
        """The key that signs now, and its `kid`."""
        if not self._is_fresh():
            await self.reload()
        stored = self._active()
        if stored is None:
            await self.start()
            stored = self._active()
        if stored is None:
            raise AssertionError("a pool that has been started has a key")
        return await self._open(stored)

    async def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """The public key set (RFC 7517 section 5), keys that will sign soon among them."""
        if not self._is_fresh():
            await self.reload()
        known = self.public_keys_now()
        return {"keys": [dict(key.public) for key in self._keys if key.kid in known]}

    def public_keys_now(self) -> Mapping[str, PublicKey]:
        """The keys that verify at this moment, by `kid`, as far as this process has heard. No I/O."""
        now = lifecycle.states(self._keys, self._pool.clock())
        return {kid: key for kid, key in self._public.items() if now.get(kid, "gone") != "gone"}

    async def refresh(self) -> None:
        """Look for keys that this process has not heard of, though not more often than every few seconds."""
        if self._pool.clock() >= self._loaded_at + REFRESH_PAUSE:
            await self.reload()

    async def reload(self) -> None:
        """Read the keys again."""
        async with self._loading:
            started, heard = self._pool.clock(), -1
            while heard != self._heard:  # what was read before a change was heard may be from before it
                heard = self._heard
                keys = await self._pool.db.read(repository.of_pool, self._pool.name)
            self._public = {
                key.kid: self._public.get(key.kid) or PublicKey(key.algorithm, material.public_key(key.public))
                for key in keys
            }
            self._keys, self._loaded_at = keys, started

    async def listed(self) -> list[tuple[StoredKey, State]]:
        """Every key and what it is used for, for people."""
        await self.reload()
        now = lifecycle.states(self._keys, self._pool.clock())
        return [(key, now[key.kid]) for key in self._keys]

    def hear(self, change: Change) -> None:
        """Take note of a change that some worker made. A withdrawn key verifies nothing from this moment on."""
        if change.kind == "keys" and change.subject == self._pool.name:
            self._heard += 1
            self._loaded_at = float("-inf")
            if change.value is not None:
                self._public = {kid: key for kid, key in self._public.items() if kid == change.value}

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run slow cryptography beside the event loop, a few at once."""
        if self._limiter is None:
            self._limiter = CapacityLimiter(THREADS)
        return await to_thread.run_sync(work, limiter=self._limiter)

    async def _open(self, stored: StoredKey) -> tuple[str, PrivateKey]:
        held = self._private
        if held is None or held[0] != stored.kid:
            key = await self.in_thread(partial(material.private_key, stored, self._pool.secrets))
            self._private = held = (stored.kid, key)
        return held

    def _is_fresh(self) -> bool:
        return self._pool.clock() < self._loaded_at + RELOAD_EVERY

    def _active(self) -> StoredKey | None:
        now = lifecycle.states(self._keys, self._pool.clock())
        return next((key for key in self._keys if now[key.kid] == "active"), None)

    async def _generate(self, ahead: float) -> StoredKey:
        now, settings = self._pool.clock(), self._pool.settings
        work = partial(material.generate, settings.algorithm, self._pool.secrets, now=now, signs_from=now + ahead)
        return await self.in_thread(work)

    def _add_first(self, connection: sa.Connection, new: StoredKey, seen: tuple[StoredKey, ...]) -> None:
        """Of several workers that start at once, one is first."""
        if repository.of_pool(connection, self._pool.name) == seen:
            repository.add(connection, self._pool.name, new)
            self._publish(connection)

    def _rotate(self, connection: sa.Connection, new: StoredKey, *, withdraw: bool, source: Source) -> None:
        now = self._pool.clock()
        repository.add(connection, self._pool.name, new)
        if withdraw:
            repository.withdraw_others(connection, self._pool.name, kid=new.kid, now=now)
        repository.tidy(connection, self._pool.name, now)
        self._publish(connection, only=new.kid if withdraw else None)
        details: dict[str, str | bool] = {"kid": new.kid, "algorithm": new.algorithm, "withdrawn": withdraw}
        self._audit.record(connection, Event.KEY_ROTATED, source=source, details=details)

    def _publish(self, connection: sa.Connection, *, only: str | None = None) -> None:
        """Tell every worker; where all keys but one were withdrawn, which one is left."""
        now = self._pool.clock()
        publish(connection, Change("keys", self._pool.name, at=now, until=now + LONGEST, value=only))


def _newest(keys: tuple[StoredKey, ...], now: float) -> str | None:
    """The algorithm of the newest key that was not withdrawn."""
    alive = [key.algorithm for key in keys if key.withdrawn_at is None or key.withdrawn_at > now]
    return alive[-1] if alive else None
