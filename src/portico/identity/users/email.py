"""A new e-mail address: the old one stays until somebody shows that they read mails at the new one."""

from __future__ import annotations

import sqlalchemy as sa

from portico.identity.audit import Event
from portico.identity.mail.model import Kind
from portico.identity.source import Source
from portico.identity.users import accounts, codes, names, repository
from portico.identity.users.errors import CodeExpired, WrongCode
from portico.identity.users.model import User
from portico.identity.users.names import Name
from portico.identity.users.parts import Parts
from portico.identity.users.races import settled
from portico.identity.users.uniform import uniform


async def change_email(parts: Parts, user_id: str, new_email: str, *, source: Source) -> None:
    """See `Users.change_email`."""
    address = names.email(new_email)
    async with uniform():
        await parts.allow_asking(source)
        await parts.pool.db.tx(_ask, parts, user_id, address, codes.generate(), source)


def _ask(connection: sa.Connection, parts: Parts, user_id: str, address: Name, code: str, source: Source) -> None:
    user, now = accounts.known(connection, user_id), parts.pool.clock()
    holder = repository.by_email(connection, address.key)
    parts.audit.record(connection, Event.EMAIL_CHANGE_ASKED, user=user.id, source=source)
    if holder is not None and holder.id != user.id and holder.status != "unconfirmed":
        link = f"{parts.pool.issuer}/login"
        parts.mailer.queue(connection, Kind.ALREADY_REGISTERED, to=address.shown, link=link, values={"what": "email"})
        return
    if parts.new_code(connection, code, user_id=user.id, purpose="email", now=now, target=address.shown):
        parts.mailer.queue(connection, Kind.EMAIL_CODE, to=address.shown, user=user, code=code)


async def confirm_email(parts: Parts, user_id: str, code: str, *, source: Source) -> User:
    """See `Users.confirm_email`."""
    await parts.allow_trying(source)
    found = await settled(parts.pool.db, _confirm, parts, user_id, code, source)
    if found == "expired":
        raise CodeExpired
    if not isinstance(found, User):
        raise WrongCode
    return found


def _confirm(connection: sa.Connection, parts: Parts, user_id: str, code: str, source: Source) -> User | codes.Answer:
    user, now = accounts.known(connection, user_id), parts.pool.clock()
    checked = codes.check(connection, parts.pool.secrets, code, user_id=user_id, purpose="email", now=now)
    if checked.answer != "right" or checked.target is None:
        details = {"purpose": "email", "reason": checked.answer}
        parts.audit.record(
            connection, Event.CODE_REFUSED, user=user_id, source=source, outcome="failure", details=details
        )
        return checked.answer
    address = names.email(checked.target)
    holder = repository.by_email(connection, address.key)
    if holder is not None and holder.id != user_id:
        if holder.status != "unconfirmed":
            return "wrong"  # somebody else has proved it meanwhile
        repository.delete(connection, holder.id, now)
    codes.remove(connection, user_id, "forgot")  # it was sent to the old address
    repository.update(connection, user_id, now=now, email=address.shown, email_key=address.key, email_verified=True)
    parts.audit.record(connection, Event.EMAIL_CHANGED, user=user_id, source=source)
    if user.email is not None and user.email != address.shown:
        values = {"new": address.shown}
        parts.mailer.queue(connection, Kind.EMAIL_CHANGED, to=user.email, user=user, values=values)
    return accounts.known(connection, user_id)
