"""People in the database. Every function runs inside a transaction of its caller."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from portico.identity.pool import LONGEST
from portico.identity.users.model import Status, User
from portico.identity.users.tables import user_codes, user_groups, users
from portico.store.feed import Change, publish


@dataclass(frozen=True, slots=True)
class Row:
    """What is stored of a new user."""

    id: str
    username: str
    username_key: str
    email: str | None
    email_key: str | None
    email_verified: bool
    status: Status
    enabled: bool
    password_hash: str | None
    attributes: Mapping[str, Any]
    now: float  # seconds since the epoch


def insert(connection: sa.Connection, row: Row, *, password_hash: str | None = None) -> None:
    """Add a user.

    Args:
        connection: of a transaction.
        row: who.
        password_hash: where the row has none.

    Raises:
        sqlalchemy.exc.IntegrityError: somebody has the name or the e-mail address.
    """
    connection.execute(
        users.insert().values(
            id=row.id,
            username=row.username,
            username_key=row.username_key,
            email=row.email,
            email_key=row.email_key,
            email_verified=row.email_verified,
            status=row.status,
            enabled=row.enabled,
            password_hash=password_hash or row.password_hash,
            attributes=dict(row.attributes),
            created_at=row.now,
            updated_at=row.now,
            tokens_valid_from=0.0,
        )
    )


def by_id(connection: sa.Connection, user_id: str) -> User | None:
    """The user with this id; the groups in the order of their names."""
    return _one(connection, users.c.id == user_id)


def by_username(connection: sa.Connection, key: str) -> User | None:
    """The user with this name, as it is compared."""
    return _one(connection, users.c.username_key == key)


def by_email(connection: sa.Connection, key: str) -> User | None:
    """The user with this e-mail address, as it is compared."""
    return _one(connection, users.c.email_key == key)


def password_hash(connection: sa.Connection, user_id: str) -> str | None:
    """The stored hash of the password; None where there is no password or no user."""
    return connection.execute(sa.select(users.c.password_hash).where(users.c.id == user_id)).scalar()


def valid_from(connection: sa.Connection, user_id: str) -> float:
    """Sessions, refresh tokens and codes of a user that began at or before this time are dead.

    Args:
        connection: of a transaction.
        user_id: whose.

    Returns:
        seconds since the epoch; infinity for a user who is not there or is disabled.
    """
    row = connection.execute(sa.select(users.c.tokens_valid_from, users.c.enabled).where(users.c.id == user_id)).first()
    return row.tokens_valid_from if row is not None and row.enabled else float("inf")


def update(connection: sa.Connection, user_id: str, *, now: float, **values: Any) -> bool:
    """Set columns of a user.

    Args:
        connection: of a transaction.
        user_id: whose.
        now: seconds since the epoch.
        values: column -> value.

    Returns:
        whether the user is there.
    """
    result = connection.execute(users.update().where(users.c.id == user_id).values(updated_at=now, **values))
    return result.rowcount == 1


def end_tokens(connection: sa.Connection, user_id: str, now: float) -> None:
    """Everything that was issued to a user up to now is dead, on every worker within two seconds.

    Args:
        connection: of a transaction.
        user_id: whose.
        now: seconds since the epoch.
    """
    connection.execute(users.update().where(users.c.id == user_id).values(tokens_valid_from=now))
    publish(connection, Change("user", user_id, at=now, until=now + LONGEST))


def delete(connection: sa.Connection, user_id: str, now: float) -> None:
    """Forget a user, and end what was issued to them. What refers to the user is deleted with them.

    Args:
        connection: of a transaction.
        user_id: whom.
        now: seconds since the epoch.
    """
    publish(connection, Change("user", user_id, at=now, until=now + LONGEST))
    connection.execute(users.delete().where(users.c.id == user_id))


def purge_unconfirmed(connection: sa.Connection, before: float, limit: int) -> None:
    """Forget some who signed up and never gave the code. Nothing was issued to them.

    Args:
        connection: of a transaction.
        before: when the last code of each was over at the latest, in seconds since the epoch.
        limit: how many at most.
    """
    waits = (user_codes.c.user_id == users.c.id) & (user_codes.c.purpose == "sign_up")
    over = sa.select(users.c.id).where(waits, user_codes.c.expires_at < before, users.c.status == "unconfirmed")
    connection.execute(users.delete().where(users.c.id.in_(over.limit(limit))))


def groups_of(connection: sa.Connection, user_id: str) -> tuple[str, ...]:
    """The names of a user's groups, sorted."""
    found = sa.select(user_groups.c.name).where(user_groups.c.user_id == user_id).order_by(user_groups.c.name)
    return tuple(connection.execute(found).scalars())


def add_group(connection: sa.Connection, user_id: str, name: str, now: float) -> bool:
    """Make a user a member of a group.

    Args:
        connection: of a transaction.
        user_id: whom.
        name: of the group.
        now: seconds since the epoch.

    Returns:
        whether that is new.
    """
    if name in groups_of(connection, user_id):
        return False
    connection.execute(user_groups.insert().values(user_id=user_id, name=name))
    _publish_groups(connection, user_id, now)
    return True


def remove_group(connection: sa.Connection, user_id: str, name: str, now: float) -> bool:
    """End a membership.

    Args:
        connection: of a transaction.
        user_id: whose.
        name: of the group.
        now: seconds since the epoch.

    Returns:
        whether there was one.
    """
    wanted = (user_groups.c.user_id == user_id) & (user_groups.c.name == name)
    if connection.execute(user_groups.delete().where(wanted)).rowcount == 0:
        return False
    _publish_groups(connection, user_id, now)
    return True


def named(connection: sa.Connection, text: str) -> User | None:
    """The user whom an operator means: by id, user name or e-mail address, whatever the pool's people sign in with."""
    wanted = (users.c.id, users.c.username_key, users.c.email_key)
    return _one(connection, sa.or_(*(column == text.casefold() for column in wanted)))


def names_of(connection: sa.Connection, ids: Collection[str]) -> dict[str, str]:
    """User names by id; who is deleted has none.

    Args:
        connection: of a transaction.
        ids: of users.
    """
    found = connection.execute(sa.select(users.c.id, users.c.username).where(users.c.id.in_(ids)))
    return {row.id: row.username for row in found}


def page(
    connection: sa.Connection, *, after: str = "", limit: int = 100, search: str = "", group: str = ""
) -> Sequence[User]:
    """Users in the order of their names.

    Args:
        connection: of a transaction.
        after: the `username_key` that the page begins after.
        limit: how many at most.
        search: the beginning of a name or an e-mail address.
        group: only members of this group.
    """
    wanted = sa.select(users).where(users.c.username_key > after).order_by(users.c.username_key).limit(limit)
    if search:
        begins = [column.startswith(search.casefold(), autoescape=True) for column in _SEARCHED]
        wanted = wanted.where(sa.or_(*begins))
    if group:
        members = sa.select(user_groups.c.user_id).where(user_groups.c.name == group)
        wanted = wanted.where(users.c.id.in_(members))
    rows = connection.execute(wanted).all()
    return tuple(_users(connection, rows))


_SEARCHED = (users.c.username_key, users.c.email_key)


def _publish_groups(connection: sa.Connection, user_id: str, now: float) -> None:
    value = list(groups_of(connection, user_id))
    publish(connection, Change("groups", user_id, at=now, until=now + LONGEST, value=value))


def _one(connection: sa.Connection, which: sa.ColumnElement[bool]) -> User | None:
    row = connection.execute(sa.select(users).where(which)).first()
    return None if row is None else _user(row, groups_of(connection, row.id))


def _users(connection: sa.Connection, rows: Sequence[sa.Row[Any]]) -> Iterator[User]:
    wanted = sa.select(user_groups).where(user_groups.c.user_id.in_([row.id for row in rows]))
    groups: dict[str, list[str]] = {}
    for member in connection.execute(wanted.order_by(user_groups.c.name)):
        groups.setdefault(member.user_id, []).append(member.name)
    for row in rows:
        yield _user(row, tuple(groups.get(row.id, ())))


def _user(row: sa.Row[Any], groups: tuple[str, ...]) -> User:
    return User(
        id=row.id,
        username=row.username,
        email=row.email,
        email_verified=row.email_verified,
        status=row.status,
        enabled=row.enabled,
        created_at=row.created_at,
        updated_at=row.updated_at,
        attributes=row.attributes,
        groups=groups,
        has_password=row.password_hash is not None,
    )
