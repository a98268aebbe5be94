"""New passwords: forgotten, changed, or set by an operator. Whatever was issued under the old one ends."""

from __future__ import annotations

import sqlalchemy as sa

from portico.identity.audit import Event
from portico.identity.mail.model import Kind
from portico.identity.source import Source
from portico.identity.users import accounts, attempts, codes, policy, repository
from portico.identity.users.errors import CodeExpired, PasswordRefused, WrongCode
from portico.identity.users.model import User
from portico.identity.users.parts import Parts
from portico.identity.users.sign_in import check_password
from portico.identity.users.uniform import uniform


async def forgot(parts: Parts, login: str, *, source: Source) -> None:
    """See `Users.forgot`."""
    async with uniform():
        await parts.allow_asking(source)
        await parts.pool.db.tx(_send_code, parts, login, codes.generate(), source)


def _send_code(connection: sa.Connection, parts: Parts, login: str, code: str, source: Source) -> None:
    user = accounts.find(connection, parts.pool.settings, login)
    if user is None or not _may_reset(user):
        return
    if not parts.new_code(connection, code, user_id=user.id, purpose="forgot", now=parts.pool.clock()):
        return
    link = f"{parts.pool.issuer}/reset"
    parts.mailer.queue(connection, Kind.FORGOT_CODE, to=str(user.email), user=user, code=code, link=link)
    parts.audit.record(connection, Event.PASSWORD_RESET_ASKED, user=user.id, source=source)


def _may_reset(user: User) -> bool:
    """Only who can read mails at an address that was proved: else a wrong address would be a way in."""
    proved = user.email is not None and user.email_verified
    return proved and user.enabled and user.status in ("confirmed", "new_password_required")


async def reset(parts: Parts, login: str, code: str, new_password: str, *, source: Source) -> User:
    """See `Users.reset`."""
    policy.check(new_password, parts.pool.settings.password, login)
    async with uniform():
        await parts.allow_trying(source)
        stored = await parts.passwords.hash(new_password)  # also for a wrong code: it takes the same time
        found = await parts.pool.db.tx(_reset, parts, login, code, stored, source)
    if found == "expired":
        raise CodeExpired
    if not isinstance(found, User):
        raise WrongCode
    return found


def _reset(
    connection: sa.Connection, parts: Parts, login: str, code: str, stored: str, source: Source
) -> User | codes.Answer:
    user = accounts.find(connection, parts.pool.settings, login)
    if user is None or not _may_reset(user):
        return "wrong"
    now, secrets = parts.pool.clock(), parts.pool.secrets
    checked = codes.check(connection, secrets, code, user_id=user.id, purpose="forgot", now=now)
    if checked.answer != "right":
        details = {"purpose": "forgot", "reason": checked.answer}
        parts.audit.record(
            connection, Event.CODE_REFUSED, user=user.id, source=source, outcome="failure", details=details
        )
        return checked.answer
    return _replace(connection, parts, user, stored, source, Event.PASSWORD_RESET)


async def change_password(parts: Parts, user_id: str, old: str, new: str, *, source: Source) -> User:
    """See `Users.change_password`."""
    user = await check_password(parts, user_id, old, source=source)
    if old == new:
        raise PasswordRefused("This is the password that you have.")
    policy.check(new, parts.pool.settings.password, user.username, user.email)
    stored = await parts.passwords.hash(new)
    return await parts.pool.db.tx(_change, parts, user.id, stored, source)


def _change(connection: sa.Connection, parts: Parts, user_id: str, stored: str, source: Source) -> User:
    user = accounts.known(connection, user_id)
    return _replace(connection, parts, user, stored, source, Event.PASSWORD_CHANGED)


def _replace(connection: sa.Connection, parts: Parts, user: User, stored: str, source: Source, event: Event) -> User:
    """Set a password that its owner chose, and tell them."""
    now = parts.pool.clock()
    keys = [attempts.keys_of(parts.pool.secrets, who, source.address) for who in accounts.keys_of(user)]
    status = "confirmed" if user.status == "new_password_required" else user.status
    repository.update(connection, user.id, now=now, password_hash=stored, status=status)
    repository.end_tokens(connection, user.id, now)
    codes.remove(connection, user.id, "forgot")
    attempts.forget_addresses(connection, user.id)
    attempts.remember(connection, user.id, keys[0].place, now)
    attempts.clear(connection, [key for each in keys for key in (each.pair, each.user)])
    parts.audit.record(connection, event, user=user.id, source=source)
    if user.email is not None:
        parts.mailer.queue(connection, Kind.PASSWORD_CHANGED, to=user.email, user=user)
    return accounts.known(connection, user.id)


def set_hash(
    connection: sa.Connection, parts: Parts, user_id: str, stored: str, *, temporary: bool, source: Source
) -> None:
    """Set a password that an operator chose, inside a transaction.

    Args:
        connection: of the transaction.
        parts: the collaborators.
        user_id: whose.
        stored: the hash.
        temporary: whether the owner must choose another at the next sign-in.
        source: where the request came from.

    Raises:
        UserUnknown: there is no such user.
    """
    user, now = accounts.known(connection, user_id), parts.pool.clock()
    status = "new_password_required" if temporary else "confirmed" if user.status != "unconfirmed" else user.status
    repository.update(connection, user_id, now=now, password_hash=stored, status=status)
    repository.end_tokens(connection, user_id, now)
    codes.remove(connection, user_id, "forgot")
    attempts.forget_addresses(connection, user_id)
    parts.audit.record(connection, Event.PASSWORD_CHANGED, user=user_id, source=source, details={"by": "operator"})
