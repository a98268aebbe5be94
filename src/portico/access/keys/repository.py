"""What is done to the tables of API keys; each function runs inside a transaction."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from portico.access.keys.model import ApiKey, KeySecret
from portico.access.keys.tables import api_key_secrets, api_keys
from portico.access.usage.tables import quotas

SHORT = 8  # bytes of a digest that say well enough whether there is such a secret
_READ_AT_ONCE = 10_000  # rows
_ENDED = 20  # secrets of a key that are kept after their end


class Window(NamedTuple):
    """One quota of a key, in the period that runs."""

    name: str  # of the limit: "partner"
    window: str  # its first day: "2026-11-01"
    ends_at: float  # seconds since the epoch


class StoredSecret(NamedTuple):
    """A secret, as it is stored."""

    digest: bytes
    key_id: str
    expires_at: float | None  # seconds since the epoch


class Stored(NamedTuple):
    """A key that one of its secrets stands for."""

    key: ApiKey
    secret_ends_at: float | None  # seconds since the epoch


def add(connection: sa.Connection, keys: Sequence[ApiKey]) -> None:
    """New keys."""
    connection.execute(api_keys.insert(), [_values(key) for key in keys])


def add_secrets(connection: sa.Connection, secrets: Sequence[tuple[StoredSecret, KeySecret]]) -> None:
    """New secrets of keys."""
    rows = [
        {
            "digest": stored.digest,
            "key_id": stored.key_id,
            "hint": told.hint,
            "created_at": told.created_at,
            "expires_at": told.expires_at,
        }
        for stored, told in secrets
    ]
    connection.execute(api_key_secrets.insert(), rows)


def update(connection: sa.Connection, *keys: ApiKey) -> None:
    """Keys as they are from now on; when they were used last stays as it is."""
    fields = [name for name in ApiKey.__struct_fields__ if name not in _STAY]
    changed: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in fields}
    rows = [{f"new_{name}": value for name, value in _values(key).items()} for key in keys]
    connection.execute(api_keys.update().where(api_keys.c.id == sa.bindparam("new_id")).values(changed), rows)


def delete(connection: sa.Connection, id: str) -> None:
    """Remove a key, with its secrets."""
    connection.execute(api_keys.delete().where(api_keys.c.id == id))


def count(connection: sa.Connection) -> int:
    """How many keys there are."""
    return connection.execute(sa.select(sa.func.count()).select_from(api_keys)).scalar_one()


def by_id(connection: sa.Connection, id: str) -> ApiKey | None:
    """One key."""
    row = connection.execute(sa.select(api_keys).where(api_keys.c.id == id)).first()
    return None if row is None else _key(row)


def by_ids(connection: sa.Connection, ids: Sequence[str]) -> dict[str, ApiKey]:
    """Several keys."""
    rows = connection.execute(sa.select(api_keys).where(api_keys.c.id.in_(ids)))
    return {row.id: _key(row) for row in rows}


def by_name(connection: sa.Connection, name: str, limit: int) -> list[ApiKey]:
    """Keys of a name, the oldest first."""
    named = sa.select(api_keys).where(api_keys.c.name == name)
    return [_key(row) for row in connection.execute(named.order_by(*_OLDEST).limit(limit))]


def by_digest(connection: sa.Connection, digest: bytes) -> Stored | None:
    """The key of a secret, and when that secret ends."""
    query = sa.select(api_keys, api_key_secrets.c.expires_at.label("secret_ends_at")).join_from(
        api_key_secrets, api_keys
    )
    row = connection.execute(query.where(api_key_secrets.c.digest == digest)).first()
    return None if row is None else Stored(_key(row), row.secret_ends_at)


def of_user(connection: sa.Connection, user_id: str) -> list[ApiKey]:
    """The keys of a user, the oldest first."""
    query = sa.select(api_keys).where(api_keys.c.user_id == user_id).order_by(*_OLDEST)
    return [_key(row) for row in connection.execute(query)]


def of_client(connection: sa.Connection, client_id: str) -> list[ApiKey]:
    """The keys of an application, the oldest first."""
    query = sa.select(api_keys).where(api_keys.c.client_id == client_id).order_by(*_OLDEST)
    return [_key(row) for row in connection.execute(query)]


def page(
    connection: sa.Connection, *, after: tuple[str, str], limit: int, search: str = "", owner: str | None = None
) -> list[ApiKey]:
    """Keys in the order of their names.

    Args:
        connection: of a transaction.
        after: the name and the id of the last one of the page before.
        limit: how many at most.
        search: the beginning of their names.
        owner: only of this owner.
    """
    where = [sa.tuple_(api_keys.c.name, api_keys.c.id) > sa.tuple_(*(sa.literal(one) for one in after))]
    if search:
        where.append(api_keys.c.name.startswith(search, autoescape=True))
    if owner is not None:
        where.append(api_keys.c.owner == owner)
    query = sa.select(api_keys).where(*where).order_by(api_keys.c.name, api_keys.c.id).limit(limit)
    return [_key(row) for row in connection.execute(query)]


def secrets_of(connection: sa.Connection, id: str) -> list[KeySecret]:
    """The secrets of a key, the newest first."""
    columns = (api_key_secrets.c.hint, api_key_secrets.c.created_at, api_key_secrets.c.expires_at)
    query = sa.select(*columns).where(api_key_secrets.c.key_id == id)
    newest = query.order_by(api_key_secrets.c.created_at.desc(), api_key_secrets.c.digest)
    return [KeySecret(**row._mapping) for row in connection.execute(newest)]


def among(connection: sa.Connection, digests: Sequence[bytes]) -> dict[bytes, StoredSecret]:
    """Those of some secrets that there are."""
    columns = (api_key_secrets.c.digest, api_key_secrets.c.key_id, api_key_secrets.c.expires_at)
    rows = connection.execute(sa.select(*columns).where(api_key_secrets.c.digest.in_(digests)))
    return {row.digest: StoredSecret(row.digest, row.key_id, row.expires_at) for row in rows}


def end_secrets(connection: sa.Connection, id: str, *, now: float, ends_at: float) -> int:
    """Let the secrets of a key end, where they do not end earlier.

    Those that ended last are kept, so that an old file of keys cannot bring them back; the rest is forgotten.

    Args:
        connection: of a transaction.
        id: of the key.
        now: seconds since the epoch.
        ends_at: seconds since the epoch.

    Returns:
        how many are left that have not ended.
    """
    table = api_key_secrets.c
    mine, ended = table.key_id == id, table.expires_at <= now
    later = sa.or_(table.expires_at.is_(None), table.expires_at > ends_at)
    connection.execute(api_key_secrets.update().where(mine, later).values(expires_at=ends_at))
    old = sa.select(table.digest).where(mine, ended).order_by(table.created_at.desc()).offset(_ENDED)
    forgotten = connection.execute(old).scalars().all()
    connection.execute(api_key_secrets.delete().where(table.digest.in_(forgotten)))
    lasting = sa.select(sa.func.count()).select_from(api_key_secrets).where(mine, table.expires_at > now)
    return connection.execute(lasting).scalar_one()


def digests(connection: sa.Connection) -> array[int]:
    """The beginnings of the digests of all secrets, as numbers in their order."""
    short = sa.func.substr(api_key_secrets.c.digest, 1, SHORT, type_=sa.LargeBinary)
    found: array[int] = array("Q")
    query = sa.select(short).order_by(api_key_secrets.c.digest).execution_options(yield_per=_READ_AT_ONCE)
    for part in connection.execute(query).scalars().partitions():
        found.extend([int.from_bytes(one) for one in part])
    return found


def note_uses(connection: sa.Connection, uses: Mapping[str, float]) -> None:
    """Record when keys were used last.

    Args:
        connection: of a transaction.
        uses: ids, and seconds since the epoch.
    """
    later = sa.or_(api_keys.c.last_used_at.is_(None), api_keys.c.last_used_at < sa.bindparam("used_at"))
    statement = api_keys.update().where(api_keys.c.id == sa.bindparam("used"), later)
    connection.execute(
        statement.values(last_used_at=sa.bindparam("used_at")),
        [{"used": id, "used_at": at} for id, at in sorted(uses.items())],
    )


def current_windows(connection: sa.Connection, id: str, now: float) -> list[Window]:
    """The quotas of a key that something was counted of in the period that runs."""
    columns = (quotas.c.name, quotas.c.window, quotas.c.ends_at)
    rows = connection.execute(sa.select(*columns).where(quotas.c.key_id == id, quotas.c.ends_at > now))
    return [Window(*row) for row in rows]


def reset_quotas(connection: sa.Connection, id: str, now: float) -> None:
    """Nothing was used of a key's quotas in the periods that run, and nothing granted beyond them."""
    running = (quotas.c.key_id == id, quotas.c.ends_at > now)
    connection.execute(quotas.update().where(*running).values(used=0, granted=0))


def grant(connection: sa.Connection, id: str, window: Window, by: int) -> None:
    """Let a key have more of a quota, in the period that runs."""
    here = (quotas.c.key_id == id, quotas.c.name == window.name, quotas.c.window == window.window)
    done = connection.execute(quotas.update().where(*here).values(granted=quotas.c.granted + by))
    if done.rowcount == 0:
        row = {"key_id": id, "name": window.name, "window": window.window, "ends_at": window.ends_at}
        connection.execute(quotas.insert().values(**row, used=0, granted=by))


_OLDEST = (api_keys.c.created_at, api_keys.c.id)
_STAY = ("id", "created_at", "last_used_at")
_LISTS = ("plans", "apis", "stages", "networks")


def _values(key: ApiKey) -> dict[str, Any]:
    values = {name: getattr(key, name) for name in ApiKey.__struct_fields__}
    return values | {name: list(values[name]) for name in _LISTS} | {"tags": dict(key.tags)}


def _key(row: sa.Row[Any]) -> ApiKey:
    values = {name: getattr(row, name) for name in ApiKey.__struct_fields__}
    return ApiKey(**values | {name: tuple(values[name]) for name in _LISTS})
