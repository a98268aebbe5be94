"""Devices that wait for a person, in the database. Each function runs inside a transaction of its caller."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from portico.identity.oidc import repository
from portico.identity.oidc.device_code import Approval, DeviceCode, Waiter
from portico.identity.oidc.repository import PURGED, Family
from portico.identity.oidc.tables import device_codes

KEPT = 3_600.0  # seconds after its end in which a code is told to have expired, or to have been used before


def add(connection: sa.Connection, code: DeviceCode, user_code: str) -> None:
    """Keep a new code; some that are long over go.

    Args:
        connection: of the transaction.
        code: the code.
        user_code: digest of its user code.
    """
    table = device_codes
    over = sa.select(table.c.digest).where(table.c.expires_at < code.created_at - KEPT).limit(PURGED)
    connection.execute(table.delete().where(table.c.digest.in_(over)))
    connection.execute(
        table.insert().values(
            digest=code.digest,
            user_code=user_code,
            client_id=code.client_id,
            scopes=list(code.scopes),
            address=code.address,
            created_at=code.created_at,
            expires_at=code.expires_at,
            interval=code.interval,
            denied=False,
        )
    )


def is_taken(connection: sa.Connection, user_code: str) -> bool:
    """Whether a user code, by its digest, belongs to another device."""
    found = sa.select(device_codes.c.digest).where(device_codes.c.user_code == user_code)
    return connection.execute(found).first() is not None


def waiting_count(connection: sa.Connection, client_id: str, now: float) -> tuple[int, int]:
    """How many devices wait: of a client, and in all.

    Args:
        connection: of the transaction.
        client_id: the client.
        now: seconds since the epoch.
    """
    mine = sa.func.count().filter(device_codes.c.client_id == client_id)
    row = connection.execute(sa.select(mine, sa.func.count()).select_from(device_codes).where(*_waits(now))).one()
    return row[0], row[1]


def waiters(connection: sa.Connection, now: float, client_id: str | None = None) -> list[Waiter]:
    """The devices that wait.

    Args:
        connection: of the transaction.
        now: seconds since the epoch.
        client_id: only those of this client.
    """
    table = device_codes
    mine = () if client_id is None else (table.c.client_id == client_id,)
    columns = (table.c.digest, table.c.address, table.c.created_at, table.c.polled_at)
    rows = connection.execute(sa.select(*columns).where(*_waits(now), *mine))
    return [Waiter(row.digest, row.address, row.created_at, row.polled_at is not None) for row in rows]


def remove(connection: sa.Connection, digest: str) -> None:
    """Forget a code."""
    connection.execute(device_codes.delete().where(device_codes.c.digest == digest))


def by_digest(connection: sa.Connection, digest: str) -> DeviceCode | None:
    """The code with a digest."""
    return _one(connection, device_codes.c.digest == digest)


def waiting(connection: sa.Connection, user_codes: Collection[str], now: float) -> DeviceCode | None:
    """The device that waits with a user code.

    Args:
        connection: of the transaction.
        user_codes: digests of the user code, one for each key of the project.
        now: seconds since the epoch.
    """
    return _one(connection, device_codes.c.user_code.in_(user_codes), *_waits(now))


def note_poll(connection: sa.Connection, digest: str, *, interval: float, now: float) -> None:
    """Remember that a device has polled.

    Args:
        connection: of the transaction.
        digest: of its code.
        interval: seconds that it must wait from now on.
        now: seconds since the epoch.
    """
    mine = device_codes.c.digest == digest
    connection.execute(device_codes.update().where(mine).values(polled_at=now, interval=interval))


def approve(connection: sa.Connection, digest: str, approval: Approval, now: float) -> bool:
    """Remember that a person allows it.

    Returns:
        whether nobody was faster, and it was not too late.
    """
    given = {
        "user_id": approval.user_id,
        "session": approval.session,
        "auth_time": approval.auth_time,
        "amr": list(approval.amr),
    }
    return _settle(connection, digest, given, now)


def deny(connection: sa.Connection, digest: str, now: float) -> bool:
    """Remember that a person does not allow it.

    Returns:
        whether nobody was faster, and it was not too late.
    """
    return _settle(connection, digest, {"denied": True}, now)


def redeem(connection: sa.Connection, digest: str, family: Family) -> bool:
    """Use a code up, and begin the family that it is used for.

    Returns:
        whether nobody was faster.
    """
    table = device_codes
    unused = (table.c.digest == digest, table.c.family.is_(None), table.c.user_id.is_not(None))
    if connection.execute(table.update().where(*unused).values(family=family.id)).rowcount != 1:
        return False
    repository.begin(connection, family)
    return True


def _settle(connection: sa.Connection, digest: str, values: dict[str, object], now: float) -> bool:
    mine = (device_codes.c.digest == digest, *_waits(now))
    return connection.execute(device_codes.update().where(*mine).values(**values)).rowcount == 1


def _waits(now: float) -> tuple[sa.ColumnElement[bool], ...]:
    table = device_codes
    return table.c.expires_at > now, table.c.user_id.is_(None), table.c.denied.is_(False)


def _one(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> DeviceCode | None:
    row = connection.execute(sa.select(device_codes).where(*conditions)).one_or_none()
    return None if row is None else _code(row)


def _code(row: sa.Row[Any]) -> DeviceCode:
    scopes = tuple(row.scopes)
    given = None
    if row.user_id is not None:
        given = Approval(row.user_id, row.session, scopes, row.auth_time, tuple(row.amr))
    return DeviceCode(
        digest=row.digest,
        client_id=row.client_id,
        scopes=scopes,
        address=row.address,
        created_at=row.created_at,
        expires_at=row.expires_at,
        interval=row.interval,
        polled_at=row.polled_at,
        denied=row.denied,
        approval=given,
        family=row.family,
    )
