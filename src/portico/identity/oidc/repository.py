"""Codes, families of refresh tokens, revoked tokens and consents in the database.

Each function runs inside a transaction of its caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from portico.identity.oidc.tables import codes, consents, device_codes, families, revoked_tokens
from portico.identity.pool import LONGEST
from portico.store.feed import Change, publish

PURGED = 20  # rows that are over, deleted whenever one is added
KEPT = 500  # families of one person; the oldest give way
TRIMS_BELOW = "1"  # of the ids that are made, those that begin below it (one in 16) count the person's families


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code that was issued."""

    digest: str
    client_id: str
    user_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    challenge: str
    nonce: str | None
    session: str
    auth_time: float  # seconds since the epoch
    amr: tuple[str, ...]
    created_at: float  # seconds since the epoch
    expires_at: float  # seconds since the epoch
    family: str | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """All that one code, of a browser or of a device, was redeemed for: the tokens that share an origin_jti."""

    id: str
    handle: str | None
    current: str | None
    rotated_at: float  # seconds since the epoch
    client_id: str
    user_id: str
    session: str
    scopes: tuple[str, ...]
    auth_time: float  # seconds since the epoch
    amr: tuple[str, ...]
    began_at: float  # seconds since the epoch
    expires_at: float  # seconds since the epoch
    revoked_at: float | None = None


def add_code(connection: sa.Connection, code: Code) -> None:
    """Keep a new code; some that are over go, and those of the same person that nobody redeemed."""
    over = sa.select(codes.c.digest).where(codes.c.expires_at < code.created_at - LONGEST).limit(PURGED)
    connection.execute(codes.delete().where(codes.c.digest.in_(over)))
    unused = (codes.c.user_id == code.user_id, codes.c.expires_at < code.created_at, codes.c.family.is_(None))
    connection.execute(codes.delete().where(*unused))
    connection.execute(
        codes.insert().values(
            digest=code.digest,
            client_id=code.client_id,
            user_id=code.user_id,
            redirect_uri=code.redirect_uri,
            scopes=list(code.scopes),
            challenge=code.challenge,
            nonce=code.nonce,
            session=code.session,
            auth_time=code.auth_time,
            amr=list(code.amr),
            created_at=code.created_at,
            expires_at=code.expires_at,
        )
    )


def code(connection: sa.Connection, digest: str) -> Code | None:
    """The code with a digest."""
    row = connection.execute(sa.select(codes).where(codes.c.digest == digest)).one_or_none()
    if row is None:
        return None
    return Code(
        digest=row.digest,
        client_id=row.client_id,
        user_id=row.user_id,
        redirect_uri=row.redirect_uri,
        scopes=tuple(row.scopes),
        challenge=row.challenge,
        nonce=row.nonce,
        session=row.session,
        auth_time=row.auth_time,
        amr=tuple(row.amr),
        created_at=row.created_at,
        expires_at=row.expires_at,
        family=row.family,
    )


def redeem(connection: sa.Connection, digest: str, family: Family) -> bool:
    """Use a code up, and begin the family that it is used for.

    Returns:
        whether nobody was faster.
    """
    unused = (codes.c.digest == digest, codes.c.family.is_(None))
    if connection.execute(codes.update().where(*unused).values(family=family.id)).rowcount != 1:
        return False
    begin(connection, family)
    return True


def begin(connection: sa.Connection, family: Family) -> None:
    """Begin a family; some that are over go."""
    over = sa.select(families.c.id).where(families.c.expires_at < family.began_at - LONGEST).limit(PURGED)
    connection.execute(families.delete().where(families.c.id.in_(over)))
    if family.id < TRIMS_BELOW:
        _trim(connection, family.user_id)
    connection.execute(
        families.insert().values(
            id=family.id,
            handle=family.handle,
            current=family.current,
            rotated_at=family.rotated_at,
            client_id=family.client_id,
            user_id=family.user_id,
            session=family.session,
            scopes=list(family.scopes),
            auth_time=family.auth_time,
            amr=list(family.amr),
            began_at=family.began_at,
            expires_at=family.expires_at,
        )
    )


def _trim(connection: sa.Connection, user_id: str) -> None:
    """Forget the oldest families of somebody who has too many, with their codes: nobody refreshes them any more."""
    mine = sa.select(families.c.id).where(families.c.user_id == user_id)
    spare = connection.execute(mine.order_by(families.c.began_at.desc()).offset(KEPT - 1)).scalars().all()
    for start in range(0, len(spare), KEPT):
        some = spare[start : start + KEPT]
        connection.execute(codes.delete().where(codes.c.family.in_(some)))
        connection.execute(families.delete().where(families.c.id.in_(some)))


def family_by_handle(connection: sa.Connection, handle: str) -> Family | None:
    """The family whose refresh tokens begin with what has this digest."""
    return _family(connection, families.c.handle == handle)


def family(connection: sa.Connection, id: str) -> Family | None:
    """The family with an id."""
    return _family(connection, families.c.id == id)


def _family(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> Family | None:
    row = connection.execute(sa.select(families).where(condition)).one_or_none()
    if row is None:
        return None
    return Family(
        id=row.id,
        handle=row.handle,
        current=row.current,
        rotated_at=row.rotated_at,
        client_id=row.client_id,
        user_id=row.user_id,
        session=row.session,
        scopes=tuple(row.scopes),
        auth_time=row.auth_time,
        amr=tuple(row.amr),
        began_at=row.began_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )


def rotate(connection: sa.Connection, id: str, *, used: str, successor: str, now: float) -> bool:
    """Let another refresh token of a family be the one that may be used next.

    Args:
        connection: of the transaction.
        id: the family's.
        used: digest of the token that was used.
        successor: digest of the next one.
        now: seconds since the epoch.

    Returns:
        whether nobody was faster.
    """
    mine = (families.c.id == id, families.c.current == used, families.c.revoked_at.is_(None))
    changed = connection.execute(families.update().where(*mine).values(current=successor, rotated_at=now))
    return changed.rowcount == 1


def revoke_family(connection: sa.Connection, id: str, now: float) -> bool:
    """End a family and everything that was issued in it, on every worker within two seconds.

    Returns:
        whether it was alive.
    """
    alive = (families.c.id == id, families.c.revoked_at.is_(None))
    if connection.execute(families.update().where(*alive).values(revoked_at=now)).rowcount != 1:
        return False
    publish(connection, Change("session", id, at=now, until=now + LONGEST))
    return True


def revoke_session(connection: sa.Connection, origin_jti: str, now: float) -> None:
    """End everything that goes back to one sign-in: its families, their tokens, and codes not redeemed yet.

    Args:
        connection: of the transaction.
        origin_jti: of a browser session, or the one that tokens carry.
        now: seconds since the epoch.
    """
    of_it = sa.or_(families.c.id == origin_jti, families.c.session == origin_jti)
    for id in connection.execute(sa.select(families.c.id).where(of_it)).scalars().all():
        revoke_family(connection, id, now)
    for table in (codes, device_codes):
        connection.execute(table.delete().where(table.c.session == origin_jti, table.c.family.is_(None)))
    publish(connection, Change("session", origin_jti, at=now, until=now + LONGEST))


def revoke_client(connection: sa.Connection, client_id: str, now: float) -> None:
    """End everything that was issued to a client."""
    alive = (families.c.client_id == client_id, families.c.revoked_at.is_(None))
    connection.execute(families.update().where(*alive).values(revoked_at=now))
    for table in (codes, device_codes):
        connection.execute(table.delete().where(table.c.client_id == client_id))
    connection.execute(consents.delete().where(consents.c.client_id == client_id))
    publish(connection, Change("client", client_id, at=now, until=now + LONGEST))


def revoke_token(connection: sa.Connection, jti: str, *, now: float, expires_at: float) -> None:
    """Let one access token count no more.

    Args:
        connection: of the transaction.
        jti: its id.
        now: seconds since the epoch.
        expires_at: when it would have expired, in seconds since the epoch.
    """
    over = sa.select(revoked_tokens.c.jti).where(revoked_tokens.c.expires_at < now).limit(PURGED)
    connection.execute(revoked_tokens.delete().where(revoked_tokens.c.jti.in_(over)))
    if not is_revoked(connection, jti):
        connection.execute(revoked_tokens.insert().values(jti=jti, expires_at=expires_at))
        publish(connection, Change("token", jti, at=now, until=expires_at))


def is_revoked(connection: sa.Connection, jti: str) -> bool:
    """Whether an access token was revoked by itself."""
    found = sa.select(revoked_tokens.c.jti).where(revoked_tokens.c.jti == jti)
    return connection.execute(found).first() is not None


def consent(connection: sa.Connection, user_id: str, client_id: str) -> frozenset[str]:
    """The scopes that a person has allowed a client."""
    mine = (consents.c.user_id == user_id, consents.c.client_id == client_id)
    scopes = connection.execute(sa.select(consents.c.scopes).where(*mine)).scalar()
    return frozenset(scopes or ())


def give_consent(connection: sa.Connection, user_id: str, client_id: str, scopes: Sequence[str], now: float) -> None:
    """Remember that a person allows a client these scopes, besides those from before."""
    given = sorted({*scopes, *consent(connection, user_id, client_id)})
    mine = (consents.c.user_id == user_id, consents.c.client_id == client_id)
    connection.execute(consents.delete().where(*mine))
    connection.execute(consents.insert().values(user_id=user_id, client_id=client_id, scopes=given, given_at=now))


def held_of(connection: sa.Connection, user_id: str) -> dict[str, object]:
    """What the provider holds about a person, for their export."""
    given = connection.execute(sa.select(consents).where(consents.c.user_id == user_id)).all()
    kept = connection.execute(sa.select(families).where(families.c.user_id == user_id)).all()
    return {
        "consents": [{"client": row.client_id, "scopes": row.scopes, "given_at": row.given_at} for row in given],
        "sign_ins_of_applications": [
            {
                "client": row.client_id,
                "scopes": row.scopes,
                "began_at": row.began_at,
                "expires_at": row.expires_at,
                "revoked_at": row.revoked_at,
            }
            for row in kept
        ],
    }
