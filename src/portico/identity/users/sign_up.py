"""Signing up.

    check what was given -> ask the project -> hash -> register -> (mail) -> confirm -> tell the project

Nobody learns from the answer who has an account: who has one gets a mail that says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from portico.identity.audit import Event
from portico.identity.mail.model import Kind
from portico.identity.source import Source
from portico.identity.triggers import PostConfirmation, PreSignUp, TriggerError
from portico.identity.users import accounts, attempts, codes, names, policy, repository
from portico.identity.users import attributes as declared
from portico.identity.users.accounts import NewUser
from portico.identity.users.errors import CodeExpired, Invalid, SignUpClosed, WrongCode
from portico.identity.users.model import User
from portico.identity.users.parts import Parts
from portico.identity.users.races import settled
from portico.identity.users.repository import Row
from portico.identity.users.uniform import uniform

log = logging.getLogger("portico.identity.users")

Whose = Callable[[User], bool]
"""Whether an account that waits is the one that somebody means to confirm."""

WAITS = 7 * 86_400.0  # seconds after the last code in which an account waits to be confirmed
PURGE_BELOW = "08"  # of the ids that are made, those that begin below it (one in 32) purge
PURGED = 500  # accounts at once


async def sign_up(
    parts: Parts,
    username: str | None,
    password: str,
    email: str,
    attributes: Mapping[str, Any],
    *,
    source: Source,
) -> None:
    """See `Users.sign_up`."""
    if parts.pool.settings.sign_up == "closed":
        raise SignUpClosed
    async with uniform():
        new = _checked(parts, username, password, email, attributes)
        row = accounts.row_of(parts.pool.settings, new, parts.pool.clock())
        await parts.allow_asking(source)
        await parts.triggers.pre_sign_up(PreSignUp(row.username, row.email or "", row.attributes, source.address))
        stored = await parts.passwords.hash(password)
        await settled(parts.pool.db, _register, parts, row, stored, codes.generate(), source)


def _checked(parts: Parts, username: str | None, password: str, email: str, attributes: Mapping[str, Any]) -> NewUser:
    """What was given, or everything that is wrong with it."""
    settings, faults = parts.pool.settings, dict[str, str]()
    if username is None and "username" in settings.sign_in_with:
        username = ""
    checks = (
        lambda: username is None or names.username(username),
        lambda: names.email(email),
        lambda: policy.check(password, settings.password, username, email),
        lambda: declared.merged(settings.attributes, {}, attributes, by_user=True),
    )
    for check in checks:
        try:
            check()
        except Invalid as error:
            faults |= error.faults
    if faults:
        raise Invalid(faults)
    return NewUser(username, email, attributes=attributes, status="unconfirmed")


def _register(connection: sa.Connection, parts: Parts, row: Row, stored: str, code: str, source: Source) -> None:
    now = parts.pool.clock()
    holders = (
        ("email", repository.by_email(connection, str(row.email_key))),
        ("username", repository.by_username(connection, row.username_key)),
    )
    for what, holder in holders:
        if holder is not None and holder.status != "unconfirmed":
            _tell_owner(connection, parts, row, what, holder, source)
            return
    for _, holder in holders:  # who never confirmed gives way
        if holder is not None:
            repository.delete(connection, holder.id, now)
    if row.id < PURGE_BELOW:
        repository.purge_unconfirmed(connection, now - WAITS, PURGED)
    repository.insert(connection, row, password_hash=stored)
    parts.audit.record(connection, Event.SIGN_UP, user=row.id, source=source)
    user = accounts.known(connection, row.id)
    _send_code(connection, parts, user, code, now)


def _tell_owner(connection: sa.Connection, parts: Parts, row: Row, what: str, holder: User, source: Source) -> None:
    """A mail to the address that was given, because the page may not say it."""
    to, link = str(row.email), f"{parts.pool.issuer}/login"
    parts.mailer.queue(connection, Kind.ALREADY_REGISTERED, to=to, link=link, values={"what": what})
    details = {"what": what}
    parts.audit.record(
        connection, Event.SIGN_UP_REPEATED, user=holder.id, source=source, outcome="failure", details=details
    )


def _send_code(connection: sa.Connection, parts: Parts, user: User, code: str, now: float) -> bool:
    if not parts.new_code(connection, code, user_id=user.id, purpose="sign_up", now=now, target=user.email):
        return False
    link = f"{parts.pool.issuer}/confirm"
    parts.mailer.queue(connection, Kind.SIGN_UP_CODE, to=str(user.email), user=user, code=code, link=link)
    return True


async def resend_code(parts: Parts, login: str, *, source: Source) -> None:
    """See `Users.resend_code`."""
    async with uniform():
        await parts.allow_asking(source)
        await parts.pool.db.tx(_resend, parts, login, codes.generate(), source)


def _resend(connection: sa.Connection, parts: Parts, login: str, code: str, source: Source) -> None:
    user = accounts.find(connection, parts.pool.settings, login)
    if user is None or user.status != "unconfirmed" or user.email is None or not user.enabled:
        return
    if _send_code(connection, parts, user, code, parts.pool.clock()):
        details = {"purpose": "sign_up"}
        parts.audit.record(connection, Event.CODE_SENT, user=user.id, source=source, details=details)


async def confirm(parts: Parts, login: str, code: str, *, source: Source, whose: Whose) -> User:
    """See `Users.confirm`."""
    async with uniform():
        await parts.allow_trying(source)
        found = await parts.pool.db.tx(_confirm, parts, login, code, source, whose)
    if found == "expired":
        raise CodeExpired
    if not isinstance(found, User):
        raise WrongCode
    try:
        await parts.triggers.post_confirmation(PostConfirmation(found, source.address))
    except TriggerError:
        log.error("the account is confirmed, but the trigger post_confirmation did not do its work")
        details = {"trigger": "post_confirmation"}
        await parts.pool.db.tx(
            parts.audit.record,
            Event.TRIGGER_FAILED,
            user=found.id,
            source=source,
            outcome="failure",
            details=details,
        )
    return found


def _confirm(
    connection: sa.Connection, parts: Parts, login: str, code: str, source: Source, whose: Whose
) -> User | codes.Answer:
    now, secrets = parts.pool.clock(), parts.pool.secrets
    user = accounts.find(connection, parts.pool.settings, login)
    if user is None or user.status != "unconfirmed" or not user.enabled or not whose(user):
        return "wrong"
    checked = codes.check(connection, secrets, code, user_id=user.id, purpose="sign_up", now=now)
    if checked.answer != "right":
        details = {"purpose": "sign_up", "reason": checked.answer}
        parts.audit.record(
            connection, Event.CODE_REFUSED, user=user.id, source=source, outcome="failure", details=details
        )
        return checked.answer
    repository.update(connection, user.id, now=now, status="confirmed", email_verified=True)
    attempts.remember(connection, user.id, attempts.keys_of(secrets, user.id, source.address).place, now)
    parts.audit.record(connection, Event.SIGN_UP_CONFIRMED, user=user.id, source=source)
    return accounts.known(connection, user.id)
