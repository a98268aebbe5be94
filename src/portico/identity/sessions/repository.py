"""Sessions in the database. Each function runs inside a transaction of the caller."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa

from portico.identity.sessions.model import Session, Visit
from portico.identity.sessions.tables import sessions
from portico.identity.users import repository as users

PURGED = 100  # sessions that are over, deleted with one sign-in
KEPT = 100  # sessions of one person; the oldest gives way


def hashed(token: str) -> str:
    """What is stored of a cookie's random value."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def current(connection: sa.Connection, token: str, *, now: float, idle: float) -> tuple[Session, float] | None:
    """The session that a cookie names and when it was last seen, as long as it lives.

    It is dead when it is over, was not visited for too long, or began before its user's tokens were made void (sign-out
    everywhere, a new password); and while its user is disabled.

    Args:
        connection: of the transaction.
        token: the cookie's value.
        now: seconds since the epoch.
        idle: seconds that it lives without a visit.
    """
    row = connection.execute(sa.select(sessions).where(sessions.c.token_hash == hashed(token))).one_or_none()
    if row is None or row.ends_at <= now or row.seen_at + idle <= now:
        return None
    if row.auth_time <= users.valid_from(connection, row.user_id):
        return None
    return _session(row), row.seen_at


def begin(
    connection: sa.Connection,
    session: Session,
    *,
    token: str,
    replaces: str | None,
    ends_at: float,
    address: str,
    user_agent: str,
) -> None:
    """Keep a new session.

    Args:
        connection: of the transaction.
        session: the new one.
        token: its cookie's value.
        replaces: the value of the cookie that the browser had; that session is over.
        ends_at: seconds since the epoch.
        address: where from.
        user_agent: with what.
    """
    if replaces is not None:
        connection.execute(sessions.delete().where(sessions.c.token_hash == hashed(replaces)))
    over = sa.select(sessions.c.id).where(sessions.c.ends_at <= session.created_at).limit(PURGED)
    of_user = sa.select(sessions.c.id).where(sessions.c.user_id == session.user_id)
    too_many = of_user.order_by(sessions.c.created_at.desc()).limit(PURGED).offset(KEPT - 1)
    for old in (over, too_many):
        connection.execute(sessions.delete().where(sessions.c.id.in_(old)))
    connection.execute(
        sessions.insert().values(
            id=session.id,
            token_hash=hashed(token),
            user_id=session.user_id,
            origin_jti=session.origin_jti,
            auth_time=session.auth_time,
            amr=list(session.amr),
            created_at=session.created_at,
            seen_at=session.created_at,
            ends_at=ends_at,
            address=address[:64],
            user_agent=user_agent[:256],
        )
    )


def touch(connection: sa.Connection, id: str, now: float) -> None:
    """Remember a visit."""
    connection.execute(sessions.update().where(sessions.c.id == id, sessions.c.seen_at < now).values(seen_at=now))


def end(connection: sa.Connection, id: str) -> Session | None:
    """End a session; None where it was over already.

    Args:
        connection: of the transaction.
        id: the session's.
    """
    row = connection.execute(sessions.delete().where(sessions.c.id == id).returning(*sessions.c)).one_or_none()
    return None if row is None else _session(row)


def end_by_token(connection: sa.Connection, token: str) -> Session | None:
    """End the session that a cookie names.

    Args:
        connection: of the transaction.
        token: the cookie's value.
    """
    row = connection.execute(
        sessions.delete().where(sessions.c.token_hash == hashed(token)).returning(*sessions.c)
    ).one_or_none()
    return None if row is None else _session(row)


def of_user(connection: sa.Connection, user_id: str, *, now: float, idle: float) -> list[Visit]:
    """The live sessions of somebody, the last seen first.

    Args:
        connection: of the transaction.
        user_id: whose.
        now: seconds since the epoch.
        idle: seconds that a session lives without a visit.
    """
    live = (
        sa.select(sessions)
        .where(
            sessions.c.user_id == user_id,
            sessions.c.ends_at > now,
            sessions.c.seen_at > now - idle,
            sessions.c.auth_time > users.valid_from(connection, user_id),
        )
        .order_by(sessions.c.seen_at.desc())
        .limit(KEPT)
    )
    rows = connection.execute(live)
    return [Visit(_session(row), row.seen_at, row.address, row.user_agent) for row in rows]


def held_of(connection: sa.Connection, user_id: str) -> list[dict[str, object]]:
    """What is kept about somebody's browsers, for the export of their data.

    Args:
        connection: of the transaction.
        user_id: whose.
    """
    columns = [sessions.c[name] for name in ("created_at", "seen_at", "ends_at", "address", "user_agent")]
    rows = connection.execute(sa.select(*columns).where(sessions.c.user_id == user_id).order_by(sessions.c.created_at))
    return [dict(row) for row in rows.mappings()]


def _session(row: sa.Row[tuple[object, ...]]) -> Session:
    return Session(
        id=row.id,
        user_id=row.user_id,
        origin_jti=row.origin_jti,
        auth_time=row.auth_time,
        amr=tuple(row.amr),
        created_at=row.created_at,
    )
