"""The outbox, as rows."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from portico.identity.mail.tables import outbox


@dataclass(frozen=True, slots=True)
class Claimed:
    """A mail that this worker alone may send for now."""

    id: str
    kind: str
    sealed: bytes
    queued_at: float  # seconds since the epoch
    until: float  # seconds since the epoch
    attempts: int  # this one included


def add(
    connection: sa.Connection, *, id: str, kind: str, recipient: str, sealed: bytes, now: float, until: float
) -> None:
    """Let a mail wait."""
    values = {"id": id, "kind": kind, "recipient": recipient, "sealed": sealed, "queued_at": now, "until": until}
    connection.execute(outbox.insert().values(**values, due_at=now, attempts=0))


def waiting(connection: sa.Connection) -> int:
    """How many wait."""
    return connection.execute(sa.select(sa.func.count()).where(outbox.c.due_at.is_not(None))).scalar_one()


def sent_since(connection: sa.Connection, recipient: str, kinds: frozenset[str], since: float) -> int:
    """How many mails of some kinds one recipient was sent, or will be."""
    mine = sa.and_(outbox.c.recipient == recipient, outbox.c.queued_at > since, outbox.c.kind.in_(sorted(kinds)))
    return connection.execute(sa.select(sa.func.count()).where(mine)).scalar_one()


def is_due(connection: sa.Connection, now: float) -> bool:
    """Whether there is anything to send."""
    return connection.execute(sa.select(outbox.c.number).where(outbox.c.due_at <= now).limit(1)).first() is not None


def claim(connection: sa.Connection, token: str, now: float, until: float) -> Claimed | None:
    """Take the mail that has been due for longest.

    Args:
        connection: of the transaction.
        token: names whoever takes it.
        now: seconds since the epoch.
        until: when somebody else may take it, if nobody has settled it.
    """
    due = sa.select(outbox.c.number).where(outbox.c.due_at <= now).order_by(outbox.c.due_at, outbox.c.number).limit(1)
    number = connection.execute(due.with_for_update(skip_locked=True)).scalar()
    if number is None:
        return None
    taken = (
        outbox.update()
        .where(outbox.c.number == number)
        .values(due_at=until, claim=token, attempts=outbox.c.attempts + 1)
        .returning(outbox.c.id, outbox.c.kind, outbox.c.sealed, outbox.c.queued_at, outbox.c.until, outbox.c.attempts)
    )
    row = connection.execute(taken).one()
    return Claimed(row.id, row.kind, row.sealed, row.queued_at, row.until, row.attempts)


def settle(connection: sa.Connection, id: str, token: str, *, sealed: bytes | None = None) -> bool:
    """A mail is sent, or given up; what it said is kept only where `sealed` says so. False: another has taken it."""
    return _change(connection, id, token, due_at=None, sealed=sealed)


def postpone(connection: sa.Connection, id: str, token: str, due_at: float) -> bool:
    """Try again later. False: another has taken it."""
    return _change(connection, id, token, due_at=due_at)


def _change(connection: sa.Connection, id: str, token: str, **values: object) -> bool:
    mine = sa.and_(outbox.c.id == id, outbox.c.claim == token)
    return connection.execute(outbox.update().where(mine).values(claim=None, **values)).rowcount == 1


def kept(connection: sa.Connection, limit: int) -> list[tuple[str, bytes]]:
    """The last mails that were sent and kept, newest first: ids, and what they say, sealed."""
    mine = sa.and_(outbox.c.due_at.is_(None), outbox.c.sealed.is_not(None))
    rows = connection.execute(sa.select(outbox).where(mine).order_by(outbox.c.number.desc()).limit(limit))
    return [(row.id, row.sealed) for row in rows]


def purge(connection: sa.Connection, before: float, keep: int) -> None:
    """Delete what is settled and was queued before a time, but for the last `keep`."""
    settled = outbox.c.due_at.is_(None)
    last = sa.select(outbox.c.number).where(settled).order_by(outbox.c.number.desc()).limit(1).offset(keep)
    number = connection.execute(last).scalar()
    if number is not None:
        old = sa.and_(settled, outbox.c.queued_at < before, outbox.c.number <= number)
        connection.execute(outbox.delete().where(old))
