"""API keys: made, changed, rotated, claimed, deleted. Each time the audit log has an entry, and every worker hears."""

from __future__ import annotations

import base64
import math
import secrets as random
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec
import sqlalchemy as sa
from msgspec import UNSET, UnsetType

from portico.access.keys import check, digest, form, repository
from portico.access.keys.errors import (
    ApiKeyAmbiguous,
    ApiKeyInvalid,
    ApiKeyNotFound,
    ApiKeyUnknown,
    TooManyApiKeys,
    TooManySecrets,
)
from portico.access.keys.model import ApiKey, KeySecret, NewApiKey
from portico.access.keys.repository import StoredSecret, Window
from portico.identity.audit import AuditLog, Event
from portico.identity.audit.log import Detail
from portico.identity.source import Source
from portico.secret import Secret
from portico.store import State
from portico.store.feed import Change, publish

MOST = 1_000_000  # keys of a project
SECRETS = 10  # that a key can have at once
LONGEST_OVERLAP = 366 * 86_400.0  # seconds
MOST_GRANTED = 10**12  # requests, at once
PAGE = 500  # keys that are read at once
HEARD_FOR = 3_600.0  # seconds in which a change is told; every ring reads anew long before
ID = "key_"  # that ids begin with

_TELLS_IDS = 20  # of keys that have the same name
_NOTHING: Mapping[str, str] = {}
_FIRST = ("", "")  # before every name


class ApiKeys:
    """The API keys of a project."""

    def __init__(
        self,
        state: State,
        audit: AuditLog,
        *,
        known_plans: Collection[str] | None = None,
        known_apis: Collection[str] | None = None,
    ) -> None:
        """Work on a project's keys.

        Args:
            state: of the project.
            audit: hears of everything that changes.
            known_plans: names that a key's plans may have; None: any.
            known_apis: names that a key's APIs may have; None: any.
        """
        self._state = state
        self._audit = audit
        self._plans = known_plans
        self._apis = known_apis

    async def create(
        self,
        name: str,
        plans: Iterable[str],
        *,
        description: str = "",
        owner: str = "",
        tags: Mapping[str, str] = _NOTHING,
        expires_at: float | None = None,
        apis: Iterable[str] = (),
        stages: Iterable[str] = (),
        networks: Iterable[str] = (),
        user_id: str | None = None,
        client_id: str | None = None,
        source: Source,
    ) -> NewApiKey:
        """Make a key.

        Args:
            name: what people call it.
            plans: of auth/plans.yaml; for an API, the first that covers it counts.
            description: what it is for.
            owner: whom to ask.
            tags: names and values.
            expires_at: seconds since the epoch; None: it has no end.
            apis: names of APIs that it may call; none: those of its plans.
            stages: that it may call; none: those of its plans.
            networks: that it may be used from; none: any.
            user_id: of the pool, whose it is.
            client_id: the application of the pool, whose it is.
            source: who makes it.

        Raises:
            ApiKeyInvalid: a value cannot be.
            TooManyApiKeys: there are 1,000,000 already.
        """
        now = self._state.clock()
        key = ApiKey(
            id=new_id(),
            name=check.name(name),
            description=check.description(description),
            owner=check.owner(owner),
            tags=check.tags(tags),
            plans=check.plans(plans, self._plans),
            apis=check.apis(apis, self._apis),
            stages=check.stages(stages),
            networks=check.networks(networks),
            user_id=check.user_id(user_id),
            client_id=check.client_id(client_id),
            created_at=now,
            expires_at=check.expires_at(expires_at, now),
        )
        await self._state.db.read(check_room, 1)
        made = NewApiKey(key, form.new_secret())
        await self._state.db.tx(self._add, made, source)
        return made

    async def rotate(self, id: str, *, overlap: float, source: Source) -> NewApiKey:
        """Give a key a new secret, which is good at once. All older ones end after a while.

        Args:
            id: of the key.
            overlap: seconds in which the older ones are good; 0: they end now.
            source: who does it.

        Raises:
            ApiKeyNotFound: there is no such key.
            ApiKeyInvalid: the overlap is longer than a year, or less than nothing.
            TooManySecrets: ten of its secrets are good already.
        """
        if not math.isfinite(overlap) or not 0 <= overlap <= LONGEST_OVERLAP:
            raise ApiKeyInvalid("overlap", "older secrets stay good for 0 seconds to 366 days.")
        secret = form.new_secret()
        key = await self._state.db.tx(self._rotate, id, secret, overlap, source)
        return NewApiKey(key, secret)

    async def change(
        self,
        id: str,
        *,
        name: str | UnsetType = UNSET,
        plans: Iterable[str] | UnsetType = UNSET,
        description: str | UnsetType = UNSET,
        owner: str | UnsetType = UNSET,
        tags: Mapping[str, str] | UnsetType = UNSET,
        expires_at: float | UnsetType | None = UNSET,
        apis: Iterable[str] | UnsetType = UNSET,
        stages: Iterable[str] | UnsetType = UNSET,
        networks: Iterable[str] | UnsetType = UNSET,
        user_id: str | UnsetType | None = UNSET,
        client_id: str | UnsetType | None = UNSET,
        source: Source,
    ) -> ApiKey:
        """Change what is given of a key, and leave the rest; see `create`. A time that is over ends it.

        Returns:
            the key as it is now.

        Raises:
            ApiKeyNotFound: there is no such key.
            ApiKeyInvalid: a value cannot be.
        """
        values = {
            "name": name if name is UNSET else check.name(name),
            "plans": plans if plans is UNSET else check.plans(plans, self._plans),
            "description": description if description is UNSET else check.description(description),
            "owner": owner if owner is UNSET else check.owner(owner),
            "tags": tags if tags is UNSET else check.tags(tags),
            "expires_at": expires_at if expires_at is UNSET else check.expires_at(expires_at),
            "apis": apis if apis is UNSET else check.apis(apis, self._apis),
            "stages": stages if stages is UNSET else check.stages(stages),
            "networks": networks if networks is UNSET else check.networks(networks),
            "user_id": user_id if user_id is UNSET else check.user_id(user_id),
            "client_id": client_id if client_id is UNSET else check.client_id(client_id),
        }
        given = {field: value for field, value in values.items() if value is not UNSET}
        return await self._state.db.tx(self._change, id, given, source)

    async def set_enabled(self, id: str, enabled: bool, *, source: Source) -> ApiKey:
        """Enable or disable a key, within two seconds on every worker.

        Args:
            id: of the key.
            enabled: whether it may be used.
            source: who does it.

        Raises:
            ApiKeyNotFound: there is no such key.
        """
        return await self._state.db.tx(self._switch, id, enabled, source)

    async def delete(self, id: str, *, source: Source) -> None:
        """Remove a key with its secrets, within two seconds on every worker. What it used stays known.

        Args:
            id: of the key.
            source: who does it.

        Raises:
            ApiKeyNotFound: there is no such key.
        """
        await self._state.db.tx(self._delete, id, source)

    async def claim(self, secret: str, user_id: str, *, source: Source) -> ApiKey:
        """Make a key somebody's who shows its secret. Whose it is already keeps it.

        Args:
            secret: as they gave it.
            user_id: of the pool.
            source: where they are.

        Raises:
            ApiKeyUnknown: nobody has this secret, or it belongs to somebody else, is disabled or has ended. Which of
                these is not told.
        """
        owner = check.user_id(user_id)
        given = secret.strip().encode("utf-8", "replace")
        if owner is None or not form.may_be_one(given):
            raise ApiKeyUnknown
        found = await self._state.db.tx(self._claim, given, owner, source)
        if found is None:  # returned, so that the audit log keeps it
            raise ApiKeyUnknown
        return found

    async def reset_quota(self, id: str, *, source: Source) -> ApiKey:
        """Let a key begin anew with every quota, in the period that runs. What was granted beyond is gone too.

        Args:
            id: of the key.
            source: who does it.

        Raises:
            ApiKeyNotFound: there is no such key.
        """
        return await self._state.db.tx(self._reset_quota, id, source)

    async def extend_quota(
        self, id: str, by: int, *, windows: Sequence[tuple[str, str, float]] | None = None, source: Source
    ) -> ApiKey:
        """Let a key have more of its quotas, in the periods that run.

        Args:
            id: of the key.
            by: requests.
            windows: its quotas now: the limit's name, the period's first day, and its end in seconds since the epoch.
                None: those that something was counted of.
            source: who does it.

        Raises:
            ApiKeyNotFound: there is no such key.
            ApiKeyInvalid: that many cannot be granted, or there is no quota.
        """
        if not 1 <= by <= MOST_GRANTED:
            raise ApiKeyInvalid("by", f"grant 1 to {MOST_GRANTED:,} requests.")
        given = None if windows is None else [Window(*one) for one in windows]
        return await self._state.db.tx(self._extend_quota, id, by, given, source)

    async def find(self, name_or_id: str) -> ApiKey:
        """The key that somebody means.

        Args:
            name_or_id: its id, or a name that no other has.

        Raises:
            ApiKeyNotFound: there is none.
            ApiKeyAmbiguous: several have that name; carries their ids.
        """
        return await self._state.db.read(_find, name_or_id.strip())

    async def of_user(self, user_id: str) -> list[ApiKey]:
        """The keys of a user of the pool, the oldest first."""
        return await self._state.db.read(repository.of_user, user_id)

    async def of_client(self, client_id: str) -> list[ApiKey]:
        """The keys of an application of the pool, the oldest first."""
        return await self._state.db.read(repository.of_client, client_id)

    async def secrets_of(self, id: str) -> list[KeySecret]:
        """What may be told of a key's secrets, the newest first.

        Raises:
            ApiKeyNotFound: there is no such key.
        """
        return await self._state.db.read(_secrets_of, id)

    async def page(
        self, *, after: ApiKey | None = None, limit: int = 100, search: str = "", owner: str | None = None
    ) -> list[ApiKey]:
        """Keys in the order of their names.

        Args:
            after: the last one of the page before.
            limit: how many at most.
            search: the beginning of their names.
            owner: only of this owner.
        """
        begin = _FIRST if after is None else (after.name, after.id)
        return await self._state.db.read(repository.page, after=begin, limit=limit, search=search, owner=owner)

    async def all(
        self, *, search: str = "", owner: str | None = None, plan: str | None = None
    ) -> AsyncIterator[ApiKey]:
        """Every key in the order of their names, read page by page.

        Args:
            search: the beginning of their names.
            owner: only of this owner.
            plan: only with this plan.
        """
        after: ApiKey | None = None
        while found := await self.page(after=after, limit=PAGE, search=search, owner=owner):
            for key in found:
                if plan is None or plan in key.plans:
                    yield key
            after = found[-1]

    def _add(self, connection: sa.Connection, made: NewApiKey, source: Source) -> None:
        repository.add(connection, [made.key])
        new = self._add_secret(connection, made.key.id, made.secret)
        self._record(connection, Event.API_KEY_CREATED, made.key, source, new=new, plans=made.key.plans)

    def _rotate(self, connection: sa.Connection, id: str, secret: Secret, overlap: float, source: Source) -> ApiKey:
        key, now = stored(connection, id), self._state.clock()
        ends = now + overlap
        if repository.end_secrets(connection, id, now=now, ends_at=ends) >= SECRETS:
            raise TooManySecrets(
                f"{SECRETS} secrets of this key are good already. Wait for one to end, or end all: --overlap 0"
            )
        new = self._add_secret(connection, id, secret)
        told = datetime.fromtimestamp(ends, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._record(connection, Event.API_KEY_ROTATED, key, source, new=new, ends_at=told)
        return key

    def _add_secret(self, connection: sa.Connection, id: str, secret: Secret) -> bytes:
        value = secret.reveal()
        found = digest.find_or_make(connection, self._state.secrets).of(value.encode())
        told = KeySecret(hint=form.hint(value), created_at=self._state.clock())
        repository.add_secrets(connection, [(StoredSecret(found, id, None), told)])
        return found

    def _change(self, connection: sa.Connection, id: str, given: Mapping[str, object], source: Source) -> ApiKey:
        old = stored(connection, id)
        new = msgspec.structs.replace(old, **given)
        if new != old:
            repository.update(connection, new)
            fields = [field for field in given if getattr(new, field) != getattr(old, field)]
            self._record(connection, Event.API_KEY_CHANGED, new, source, changed=fields)
        return new

    def _switch(self, connection: sa.Connection, id: str, enabled: bool, source: Source) -> ApiKey:
        key = msgspec.structs.replace(stored(connection, id), enabled=enabled)
        repository.update(connection, key)
        self._record(connection, Event.API_KEY_ENABLED if enabled else Event.API_KEY_DISABLED, key, source)
        return key

    def _delete(self, connection: sa.Connection, id: str, source: Source) -> None:
        key = stored(connection, id)
        repository.delete(connection, id)
        self._record(connection, Event.API_KEY_DELETED, key, source)

    def _claim(self, connection: sa.Connection, secret: bytes, user_id: str, source: Source) -> ApiKey | None:
        digests = digest.find(connection, self._state.secrets)
        found = None if digests is None else repository.by_digest(connection, digests.of(secret))
        if found is None:
            return None
        reason = _refusal(found, user_id, self._state.clock())
        if reason is not None:
            details = {"key": found.key.id, "reason": reason}
            self._audit.record(
                connection, Event.API_KEY_CLAIMED, user=user_id, source=source, outcome="failure", details=details
            )
            return None
        if found.key.user_id == user_id:
            return found.key
        key = msgspec.structs.replace(found.key, user_id=user_id)
        repository.update(connection, key)
        self._record(connection, Event.API_KEY_CLAIMED, key, source)
        return key

    def _reset_quota(self, connection: sa.Connection, id: str, source: Source) -> ApiKey:
        key = self._revised(connection, id)
        repository.reset_quotas(connection, id, self._state.clock())
        self._record(connection, Event.QUOTA_RESET, key, source)
        return key

    def _extend_quota(
        self, connection: sa.Connection, id: str, by: int, given: Sequence[Window] | None, source: Source
    ) -> ApiKey:
        key = self._revised(connection, id)
        windows = repository.current_windows(connection, id, self._state.clock()) if given is None else given
        if not windows:
            raise ApiKeyInvalid("by", "the plans of this key have no quota that could be extended.")
        for window in windows:
            repository.grant(connection, id, window, by)
        self._record(connection, Event.QUOTA_EXTENDED, key, source, by=by, limits=[one.name for one in windows])
        return key

    def _revised(self, connection: sa.Connection, id: str) -> ApiKey:
        """The key, whose counters in the store of limits begin anew: their names hold the revision."""
        key = stored(connection, id)
        key = msgspec.structs.replace(key, quota_revision=key.quota_revision + 1)
        repository.update(connection, key)
        return key

    def _record(
        self,
        connection: sa.Connection,
        /,
        event: Event,
        key: ApiKey,
        source: Source,
        *,
        new: bytes | None = None,
        **details: Detail,
    ) -> None:
        """Write the entry, and tell every worker; `new` is the digest of a secret that they do not know."""
        told = {"key": key.id, "name": key.name, **details}
        self._audit.record(connection, event, user=key.user_id, client=key.client_id, source=source, details=told)
        now = self._state.clock()
        value = None if new is None else [new[: repository.SHORT].hex()]
        publish(connection, Change("api_key", key.id, at=now, until=now + HEARD_FOR, value=value))


def new_id() -> str:
    """A new id of a key: 80 random bits."""
    return ID + base64.b32encode(random.token_bytes(10)).decode().lower()


def check_room(connection: sa.Connection, more: int) -> None:
    """See that there is room for further keys. Asked before the transaction that adds them, which it would slow down.

    Args:
        connection: of a transaction.
        more: how many.

    Raises:
        TooManyApiKeys: there is none.
    """
    if repository.count(connection) + more > MOST:
        raise TooManyApiKeys(f"There are {MOST:,} API keys. Delete some: portico keys delete KEY")


def stored(connection: sa.Connection, id: str) -> ApiKey:
    """A key that there is.

    Raises:
        ApiKeyNotFound: there is none.
    """
    found = repository.by_id(connection, id)
    if found is None:
        raise ApiKeyNotFound(id)
    return found


def _find(connection: sa.Connection, named: str) -> ApiKey:
    if named.startswith(ID):
        found = repository.by_id(connection, named)
        if found is not None:
            return found
    several = repository.by_name(connection, named, _TELLS_IDS + 1)
    if not several:
        raise ApiKeyNotFound(_shown(named))
    if len(several) > 1:
        ids = [key.id for key in several[:_TELLS_IDS]]
        raise ApiKeyAmbiguous(named, ids, more=len(several) > _TELLS_IDS)
    return several[0]


def _shown(named: str) -> str:
    """What somebody typed for a name; it may be a secret."""
    return "..." if form.holds_one(named) else named


def _secrets_of(connection: sa.Connection, id: str) -> list[KeySecret]:
    stored(connection, id)
    return repository.secrets_of(connection, id)


def _refusal(found: repository.Stored, user_id: str, now: float) -> str | None:
    """Why somebody cannot claim a key; None where they can."""
    key = found.key
    if key.user_id != user_id and (key.user_id is not None or key.client_id is not None):
        return "another's"
    if not key.enabled:
        return "disabled"
    ends = [end for end in (key.expires_at, found.secret_ends_at) if end is not None]
    return "expired" if any(end <= now for end in ends) else None
