"""What users have set up, as rows. Every function runs inside a transaction of its caller."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from portico.identity.mfa.model import Methods, Passkey
from portico.identity.mfa.tables import attempts, passkeys, recovery_codes, totp


@dataclass(frozen=True, slots=True)
class StoredTotp:
    """An authenticator app."""

    secret: bytes | None  # sealed
    last_step: int
    pending: bytes | None  # sealed
    pending_until: float | None  # seconds since the epoch


@dataclass(frozen=True, slots=True)
class StoredPasskey:
    """A passkey, with what its signatures are checked with."""

    passkey: Passkey
    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]


def methods_of(connection: sa.Connection, user_id: str) -> Methods:
    """What a user has set up."""
    app = totp_of(connection, user_id)
    codes = sa.select(sa.func.count()).where(recovery_codes.c.user_id == user_id)
    return Methods(
        totp=app is not None and app.secret is not None,
        passkeys=tuple(stored.passkey for stored in passkeys_of(connection, user_id)),
        recovery_codes=connection.execute(codes).scalar_one(),
    )


def held_of(connection: sa.Connection, user_id: str) -> dict[str, object]:
    """What is held about a user, but secrets, as JSON can say it.

    Args:
        connection: of the transaction.
        user_id: whose.
    """
    methods = methods_of(connection, user_id)
    kept = [{name: getattr(passkey, name) for name in _HELD} for passkey in methods.passkeys]
    return {"authenticator_app": methods.totp, "recovery_codes_left": methods.recovery_codes, "passkeys": kept}


_HELD = ("id", "name", "created_at", "last_used_at", "backed_up")


def delete_all(connection: sa.Connection, user_id: str) -> None:
    """Take everything away."""
    for table in (totp, recovery_codes, passkeys, attempts):
        connection.execute(table.delete().where(table.c.user_id == user_id))


def totp_of(connection: sa.Connection, user_id: str) -> StoredTotp | None:
    """A user's authenticator app, or one that is being set up."""
    row = connection.execute(sa.select(totp).where(totp.c.user_id == user_id)).first()
    return None if row is None else StoredTotp(row.secret, row.last_step, row.pending, row.pending_until)


def begin_totp(connection: sa.Connection, user_id: str, sealed: bytes, until: float) -> None:
    """Note the secret of a set-up; one that was begun before is forgotten."""
    pending = {"pending": sealed, "pending_until": until}
    if connection.execute(totp.update().where(totp.c.user_id == user_id).values(pending)).rowcount == 0:
        connection.execute(totp.insert().values(user_id=user_id, last_step=0, **pending))


def confirm_totp(connection: sa.Connection, user_id: str, sealed: bytes, step: int) -> None:
    """The set-up is done; its secret replaces another."""
    done = {"secret": sealed, "last_step": step, "pending": None, "pending_until": None}
    connection.execute(totp.update().where(totp.c.user_id == user_id).values(done))


def take_step(connection: sa.Connection, user_id: str, step: int) -> bool:
    """Note that a code was taken. False: it, or a later one, had been."""
    newer = sa.and_(totp.c.user_id == user_id, totp.c.last_step < step)
    return connection.execute(totp.update().where(newer).values(last_step=step)).rowcount == 1


def delete_totp(connection: sa.Connection, user_id: str) -> None:
    """Take the authenticator app away."""
    connection.execute(totp.delete().where(totp.c.user_id == user_id))


def codes_of(connection: sa.Connection, user_id: str) -> list[tuple[str, bytes]]:
    """The ids and sealed digests of a user's recovery codes."""
    rows = connection.execute(sa.select(recovery_codes).where(recovery_codes.c.user_id == user_id))
    return [(row.id, row.digest) for row in rows]


def replace_codes(connection: sa.Connection, user_id: str, sealed: Sequence[tuple[str, bytes]]) -> None:
    """New recovery codes in place of the old: ids and sealed digests."""
    connection.execute(recovery_codes.delete().where(recovery_codes.c.user_id == user_id))
    if sealed:
        values = [{"id": id, "user_id": user_id, "digest": digest} for id, digest in sealed]
        connection.execute(recovery_codes.insert(), values)


def use_code(connection: sa.Connection, id: str) -> bool:
    """Use a recovery code up. False: it has been."""
    return connection.execute(recovery_codes.delete().where(recovery_codes.c.id == id)).rowcount == 1


def passkeys_of(connection: sa.Connection, user_id: str) -> tuple[StoredPasskey, ...]:
    """A user's passkeys, the oldest first."""
    mine = sa.select(passkeys).where(passkeys.c.user_id == user_id).order_by(passkeys.c.created_at, passkeys.c.id)
    return tuple(_passkey(row) for row in connection.execute(mine))


def passkey_by_credential(connection: sa.Connection, credential_id: bytes) -> StoredPasskey | None:
    """The passkey that an authenticator names."""
    mine = passkeys.c.digest == _digest(credential_id)
    row = connection.execute(sa.select(passkeys).where(mine)).first()
    return None if row is None else _passkey(row)


def add_passkey(connection: sa.Connection, stored: StoredPasskey) -> None:
    """Add a passkey."""
    passkey = stored.passkey
    connection.execute(
        passkeys.insert().values(
            id=passkey.id,
            user_id=passkey.user_id,
            digest=_digest(stored.credential_id),
            credential_id=stored.credential_id,
            public_key=stored.public_key,
            sign_count=stored.sign_count,
            transports=list(stored.transports),
            name=passkey.name,
            backed_up=passkey.backed_up,
            created_at=passkey.created_at,
            last_used_at=passkey.last_used_at,
        )
    )


def use_passkey(connection: sa.Connection, id: str, *, count: int, before: int, backed_up: bool, now: float) -> bool:
    """Note that a passkey was used. False: meanwhile it was removed, or used with another count.

    Args:
        connection: of the transaction.
        id: of the passkey.
        count: that its authenticator says now.
        before: that was stored when the signature was checked.
        backed_up: what its authenticator says.
        now: seconds since the epoch.
    """
    same = sa.and_(passkeys.c.id == id, passkeys.c.sign_count == before)
    used = passkeys.update().where(same).values(sign_count=count, backed_up=backed_up, last_used_at=now)
    return connection.execute(used).rowcount == 1


def rename_passkey(connection: sa.Connection, user_id: str, id: str, name: str) -> bool:
    """Give a passkey another name. False: the user has none with this id."""
    mine = sa.and_(passkeys.c.user_id == user_id, passkeys.c.id == id)
    return connection.execute(passkeys.update().where(mine).values(name=name)).rowcount == 1


def delete_passkey(connection: sa.Connection, user_id: str, id: str) -> bool:
    """Take a passkey away. False: the user has none with this id."""
    mine = sa.and_(passkeys.c.user_id == user_id, passkeys.c.id == id)
    return connection.execute(passkeys.delete().where(mine)).rowcount == 1


def _digest(credential_id: bytes) -> str:
    return hashlib.sha256(credential_id).hexdigest()


def _passkey(row: sa.Row[tuple[object, ...]]) -> StoredPasskey:
    passkey = Passkey(
        id=row.id,
        user_id=row.user_id,
        name=row.name,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        backed_up=row.backed_up,
    )
    return StoredPasskey(passkey, row.credential_id, row.public_key, row.sign_count, tuple(row.transports))
