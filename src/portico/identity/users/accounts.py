"""Accounts as operators, imports and their owners handle them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from portico.identity.audit import AuditLog, Event
from portico.identity.pool import Pool
from portico.identity.settings import PoolSettings
from portico.identity.source import Source
from portico.identity.users import attributes as declared
from portico.identity.users import names, phc, repository
from portico.identity.users.errors import GroupUnknown, Invalid, NameTaken, UserUnknown
from portico.identity.users.model import Status, User
from portico.identity.users.repository import Row


@dataclass(frozen=True, slots=True)
class NewUser:
    """A person whom an operator, an import or a migration adds."""

    username: str | None = None  # none: one is made up
    email: str | None = None
    email_verified: bool = False
    password_hash: str | None = field(default=None, repr=False)  # see phc.py
    attributes: Mapping[str, Any] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    status: Status = "confirmed"
    enabled: bool = True


def find(connection: sa.Connection, settings: PoolSettings, login: str) -> User | None:
    """Whom somebody means who signs in: by user name or by e-mail address, as the pool allows.

    Args:
        connection: of a transaction.
        settings: of the pool.
        login: as it was typed.
    """
    try:
        if _is_email(settings, login):
            return repository.by_email(connection, names.email(login).key)
        if "username" in settings.sign_in_with:
            return repository.by_username(connection, names.username(login).key)
    except Invalid:
        pass
    return None


def key_of(settings: PoolSettings, login: str) -> str:
    """What `find` looks for: all spellings of one login have the same key, whether anybody has it or not.

    Args:
        settings: of the pool.
        login: as it was typed.
    """
    try:
        return (names.email(login) if _is_email(settings, login) else names.username(login)).key
    except Invalid:
        return login.strip().casefold()


def keys_of(user: User) -> tuple[str, ...]:
    """The keys of everything that somebody signs in with."""
    return tuple(text.casefold() for text in (user.username, user.email) if text)


def _is_email(settings: PoolSettings, login: str) -> bool:
    return "@" in login and "email" in settings.sign_in_with


def add(
    connection: sa.Connection, pool: Pool, audit: AuditLog, new: NewUser, *, now: float, source: Source, by: str
) -> User:
    """Add somebody, inside a transaction of the caller. The password was checked or hashed before.

    Args:
        connection: of the transaction.
        pool: the pool.
        audit: the log.
        new: who.
        now: seconds since the epoch.
        source: where the request came from.
        by: what adds them, for the log: "operator", "import", "migration".

    Raises:
        Invalid: something that was given cannot be used.
        NameTaken: somebody has the name or the address.
        GroupUnknown: the pool does not declare it.
    """
    row = row_of(pool.settings, new, now)
    if repository.by_username(connection, row.username_key) is not None:
        raise NameTaken("username")
    if row.email_key is not None and repository.by_email(connection, row.email_key) is not None:
        raise NameTaken("email")
    repository.insert(connection, row)
    for group in new.groups:
        repository.add_group(connection, row.id, group, now)
    audit.record(connection, Event.USER_CREATED, user=row.id, source=source, details={"by": by})
    return known(connection, row.id)


def row_of(settings: PoolSettings, new: NewUser, now: float) -> Row:
    """What is stored of a new user.

    Args:
        settings: of the pool.
        new: who.
        now: seconds since the epoch.

    Raises:
        Invalid: something that was given cannot be used.
        GroupUnknown: the pool does not declare it.
    """
    for group in new.groups:
        check_group(settings, group)
    if new.password_hash is not None and not new.password_hash.startswith("pepper:"):
        phc.check(new.password_hash)
    name = names.generated() if new.username is None else names.username(new.username)
    email = names.email(new.email) if new.email else None
    return Row(
        id=str(uuid.uuid4()),
        username=name.shown,
        username_key=name.key,
        email=email.shown if email else None,
        email_key=email.key if email else None,
        email_verified=new.email_verified and email is not None,
        status=new.status,
        enabled=new.enabled,
        password_hash=new.password_hash,
        attributes=declared.merged(settings.attributes, {}, new.attributes, by_user=False),
        now=now,
    )


def with_hash(new: NewUser, stored: str) -> NewUser:
    """The same person with the hash of a password."""
    return replace(new, password_hash=stored)


def check_group(settings: PoolSettings, name: str) -> None:
    """See that the pool declares a group.

    Raises:
        GroupUnknown: it does not.
    """
    if name not in settings.groups:
        raise GroupUnknown(name, tuple(settings.groups))


def ordered(settings: PoolSettings, user: User | None) -> User | None:
    """The user with the groups in the order of their precedence; those that the pool no longer declares come last."""
    if user is None:
        return None
    ranks = {name: (group.precedence, name) for name, group in settings.groups.items()}
    return replace(user, groups=tuple(sorted(user.groups, key=lambda name: ranks.get(name, (1 << 62, name)))))


def known(connection: sa.Connection, user_id: str) -> User:
    """The user with this id.

    Raises:
        UserUnknown: there is none.
    """
    user = repository.by_id(connection, user_id)
    if user is None:
        raise UserUnknown(user_id)
    return user
