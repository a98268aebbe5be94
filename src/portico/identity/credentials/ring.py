"""Access keys as one process knows them: read once, then a look-up until something changes.

The process keeps the ids of all keys, so that requests with ids that do not exist never reach the database.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable
from dataclasses import dataclass

from portico.access import Principal
from portico.identity.credentials import repository
from portico.identity.credentials.errors import AccessKeyDisabled, AccessKeyUnknown, CredentialsExpired
from portico.identity.credentials.model import LASTING, Resolved
from portico.identity.credentials.tables import PURPOSE
from portico.identity.pool import Pool
from portico.secret import Secret
from portico.store import StoreError
from portico.store.feed import Change

log = logging.getLogger("portico.identity")

ENTRIES = 2_048  # keys whose secrets are at hand
REREAD = 60.0  # seconds after which the database is asked again, should a change not have been heard
NOTE_EVERY = 60.0  # seconds between two records of a key's last use
NEVER = float("inf")


@dataclass(slots=True)
class _Known:
    """What the database said of an access key."""

    resolved: Resolved | None  # None: there is no such key
    enabled: bool
    read_at: float  # seconds since the epoch
    noted_at: float  # seconds since the epoch: its last use, as far as it is recorded


class KeyRing:
    """Resolves access keys, and keeps the last ones."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._ids: frozenset[str] = frozenset()
        self._ids_at = -NEVER
        self._reading = asyncio.Lock()
        self._changes = 0
        self._uses: dict[str, float] = {}

    def resolve(self, access_key_id: str, now: float) -> Resolved | Awaitable[Resolved]:
        """What an access key stands for: at once where that is known, else after a look into the database.

        Args:
            access_key_id: as it was received.
            now: seconds since the epoch.

        Raises:
            CredentialsRefused: it does not count.
        """
        known = self._known.get(access_key_id)
        if known is not None and now < known.read_at + REREAD:
            self._known.move_to_end(access_key_id)
            return _usable(known, now)
        if access_key_id not in self._ids and now < self._ids_at + REREAD:
            raise AccessKeyUnknown
        return self._read(access_key_id, now)

    def hear(self, change: Change) -> None:
        """Forget a key that has changed; see `portico.store.feed`."""
        if change.kind == "access_key":
            self._changes += 1
            self._known.pop(change.subject, None)
            if change.subject.startswith(LASTING):
                self._ids = self._ids | {change.subject}  # it may be new

    def note_use(self, access_key_id: str, now: float) -> None:
        """A request was rightly signed with this key. It is recorded once a minute at most, later.

        Args:
            access_key_id: of an access key; temporary ones are let pass.
            now: seconds since the epoch.
        """
        known = self._known.get(access_key_id)
        if known is not None and known.resolved is not None and now >= known.noted_at + NOTE_EVERY:
            known.noted_at = now
            self._uses[access_key_id] = now

    async def flush(self) -> None:
        """Record the last uses."""
        if not self._uses:
            return
        uses, self._uses = self._uses, {}
        try:
            await self._pool.db.tx(repository.note_uses, uses)
        except StoreError as error:
            log.warning("the last uses of %d access keys are not recorded: %s", len(uses), error)

    async def _read(self, access_key_id: str, now: float) -> Resolved:
        async with self._reading:
            known = self._known.get(access_key_id)
            if known is None or now >= known.read_at + REREAD:
                await self._read_ids(now)
                if access_key_id not in self._ids:
                    raise AccessKeyUnknown
                known = await self._read_key(access_key_id, now)
        return _usable(known, now)

    async def _read_ids(self, now: float) -> None:
        if now < self._ids_at + REREAD:
            return
        changes = self._changes
        ids = await self._pool.db.read(repository.ids)
        self._ids = ids if changes == self._changes else self._ids | ids
        self._ids_at = now

    async def _read_key(self, access_key_id: str, now: float) -> _Known:
        changes = self._changes
        stored = await self._pool.db.read(repository.by_id, access_key_id)
        known = _Known(None, False, now, NEVER) if stored is None else self._opened(stored, now)
        if changes == self._changes:  # else it may be of before the change
            self._known[access_key_id] = known
            if len(self._known) > ENTRIES:
                self._known.popitem(last=False)
        return known

    def _opened(self, stored: repository.StoredKey, now: float) -> _Known:
        key = stored.key
        secret = Secret(self._pool.secrets.open(PURPOSE, stored.sealed, bound_to=key.id).decode())
        end = NEVER if key.expires_at is None else key.expires_at
        resolved = Resolved(secret, Principal(role=key.role, access_key=key.id), end)
        return _Known(resolved, key.enabled, now, -NEVER if key.last_used_at is None else key.last_used_at)


def _usable(known: _Known, now: float) -> Resolved:
    """What a key stands for, if it may be used.

    Raises:
        CredentialsRefused: it may not.
    """
    if known.resolved is None:
        raise AccessKeyUnknown
    if not known.enabled:
        raise AccessKeyDisabled
    if now >= known.resolved.expires_at:
        raise CredentialsExpired
    return known.resolved
