"""Checking a password: at sign-in, before a change, and before whatever must not be done by who finds an open browser.

    open -> compare -> (look elsewhere) -> settle

The steps are the same for a person who is known and for one who is not.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import sqlalchemy as sa

from portico.identity.audit import Event
from portico.identity.source import Source
from portico.identity.triggers import MigrateUser, TriggerError
from portico.identity.users import accounts, attempts, repository
from portico.identity.users.accounts import NewUser
from portico.identity.users.attempts import Keys
from portico.identity.users.errors import (
    Busy,
    NewPasswordRequired,
    NotConfirmed,
    TooManyAttempts,
    UserError,
    WrongCredentials,
)
from portico.identity.users.lockout import Rule
from portico.identity.users.model import User
from portico.identity.users.names import LONGEST_LOGIN
from portico.identity.users.parts import Parts
from portico.identity.users.races import settled
from portico.identity.users.uniform import uniform_failure
from portico.secret import Secret

log = logging.getLogger("portico.identity.users")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A password that is being checked."""

    login: str  # as it was given
    user: User | None
    stored: str | None  # the hash
    keys: Keys
    rules: Mapping[str, Rule]
    refused: float  # seconds; 0 where it is let through
    began: float  # seconds since the epoch


async def sign_in(parts: Parts, login: str, password: str, *, source: Source) -> User:
    """See `Users.sign_in`."""
    async with uniform_failure(WrongCredentials):
        return await _sign_in(parts, login, password, source=source)


async def _sign_in(parts: Parts, login: str, password: str, *, source: Source) -> User:
    login = login[: LONGEST_LOGIN + 1]
    attempt = await _open(parts, login, source, by_id=False)
    async with _dropped(parts, attempt):
        right, fresh = await _compare(parts, attempt, password)
        if not right and attempt.user is None and parts.triggers.has("migrate_user"):
            migrated = await _look_elsewhere(parts, attempt, login, password, source=source)
            right, attempt = migrated is not None, replace(attempt, user=migrated, stored=None)
    user = await _close(parts, attempt, right, fresh, source, Event.SIGN_IN)
    if user is None:
        raise WrongCredentials
    if user.status == "unconfirmed":
        raise NotConfirmed(user.id)
    if user.status == "new_password_required":
        raise NewPasswordRequired(user.id)
    return user


async def check_password(parts: Parts, user_id: str, password: str, *, source: Source) -> User:
    """See `Users.check_password`."""
    attempt = await _open(parts, user_id, source, by_id=True)
    async with _dropped(parts, attempt):
        right, fresh = await _compare(parts, attempt, password)
    user = await _close(parts, attempt, right, fresh, source, None)
    if user is None:
        raise WrongCredentials
    return user


async def _open(parts: Parts, login: str, source: Source, *, by_id: bool) -> Attempt:
    async with parts.lane(login):
        attempt = await parts.pool.db.tx(_begin, parts, login, source, by_id)
    if attempt.refused:
        raise TooManyAttempts(attempt.refused)
    return attempt


def _begin(connection: sa.Connection, parts: Parts, login: str, source: Source, by_id: bool) -> Attempt:
    now = parts.pool.clock()
    lookup = repository.by_id(connection, login) if by_id else accounts.find(connection, parts.pool.settings, login)
    user_id = "" if lookup is None else lookup.id
    who = lookup.username.casefold() if by_id and lookup is not None else accounts.key_of(parts.pool.settings, login)
    stored = repository.password_hash(connection, user_id)
    keys = attempts.keys_of(parts.pool.secrets, who, source.address)
    known = attempts.is_known(connection, user_id, keys.place, now)
    rules = attempts.rules_of(keys, known=known)
    refused = attempts.begin(connection, rules, now)
    return Attempt(login, lookup, stored, keys, rules, refused, now)


@asynccontextmanager
async def _dropped(parts: Parts, attempt: Attempt) -> AsyncIterator[None]:
    """An attempt that the server is too busy for, or that nobody waits for any more, is not counted."""
    try:
        yield
    except (Busy, asyncio.CancelledError):
        await asyncio.shield(parts.pool.db.tx(attempts.end, attempt.rules))
        raise


async def _compare(parts: Parts, attempt: Attempt, password: str) -> tuple[bool, str | None]:
    """Whether the password is right, and its hash where it is to be made anew."""
    verified = await parts.passwords.verify(attempt.stored, password)
    return verified.right, await parts.passwords.hash(password) if verified.outdated else None


async def _look_elsewhere(parts: Parts, attempt: Attempt, login: str, password: str, *, source: Source) -> User | None:
    """Ask the project's trigger for a person whom the pool does not know."""
    try:
        found = await parts.triggers.migrate_user(MigrateUser(login, Secret(password)))
        if found is None:
            return None
        stored = await parts.passwords.hash(password)
        new = NewUser(found.username, found.email, found.email_verified, stored, found.attributes, found.groups)
        return await settled(
            parts.pool.db,
            accounts.add,
            parts.pool,
            parts.audit,
            new,
            now=parts.pool.clock(),
            source=source,
            by="migration",
        )
    except TriggerError as error:
        await parts.pool.db.tx(_note_failed_trigger, parts, attempt, source, type(error).__name__)
        raise
    except Busy:
        raise
    except UserError as error:
        log.error("the trigger migrate_user gave a person who cannot be added: %s", type(error).__name__)
        return None


def _note_failed_trigger(
    connection: sa.Connection, parts: Parts, attempt: Attempt, source: Source, reason: str
) -> None:
    attempts.fail(connection, attempt.rules, parts.pool.clock())
    details = {"trigger": "migrate_user", "reason": reason}
    parts.audit.record(connection, Event.TRIGGER_FAILED, source=source, outcome="failure", details=details)


async def _close(
    parts: Parts, attempt: Attempt, right: bool, fresh: str | None, source: Source, event: Event | None
) -> User | None:
    async with parts.lane(attempt.login):
        return await parts.pool.db.tx(_settle, parts, attempt, right, fresh, source, event)


def _settle(
    connection: sa.Connection,
    parts: Parts,
    attempt: Attempt,
    right: bool,
    fresh: str | None,
    source: Source,
    event: Event | None,
) -> User | None:
    """Write down how an attempt ended; None where it failed."""
    now = parts.pool.clock()
    user = repository.by_id(connection, attempt.user.id if attempt.user is not None else "")
    if not right or user is None or _is_void(connection, user, attempt):
        _fail(connection, parts, attempt, source, now, right=right)
        return None
    attempts.end(connection, attempt.rules, forget=(attempt.keys.pair, attempt.keys.user))
    if user.status not in ("unconfirmed", "new_password_required"):
        attempts.remember(connection, user.id, attempt.keys.place, now)
        if event is not None:
            parts.audit.record(connection, event, user=user.id, source=source, details={"by": "password"})
    if fresh is not None and repository.password_hash(connection, user.id) == attempt.stored:
        repository.update(connection, user.id, now=user.updated_at, password_hash=fresh)
    return accounts.ordered(parts.pool.settings, user)


def _is_void(connection: sa.Connection, user: User, attempt: Attempt) -> bool:
    """Whether the account was disabled, or its password changed, while this one was checked."""
    return not user.enabled or repository.valid_from(connection, user.id) > attempt.began


def _fail(
    connection: sa.Connection, parts: Parts, attempt: Attempt, source: Source, now: float, *, right: bool
) -> None:
    pause = attempts.fail(connection, attempt.rules, now)
    user = attempt.user.id if attempt.user is not None else None
    reason = "disabled" if right else "password" if user is not None else "unknown"
    details = {"reason": reason}
    parts.audit.record(connection, Event.SIGN_IN_FAILED, user=user, source=source, outcome="failure", details=details)
    if pause > 0:
        pauses = {"seconds": round(pause, 3)}
        parts.audit.record(connection, Event.LOCKED, user=user, source=source, outcome="failure", details=pauses)
