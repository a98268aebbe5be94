"""Second factors of people who are in the database."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable

import pyotp
import pytest
import sqlalchemy as sa

from portico.identity.audit import AuditLog
from portico.identity.audit.tables import audit as entries
from portico.identity.mail import MemoryMailer
from portico.identity.mfa import Mfa
from portico.identity.pool import Pool
from portico.identity.source import Source
from portico.identity.triggers import Triggers
from portico.identity.users import repository
from portico.identity.users.model import User

HOME = Source("203.0.113.7", "Mozilla/5.0", "request-1")


@pytest.fixture
def audit(pool: Pool) -> AuditLog:
    return AuditLog(pool)


@pytest.fixture
def mailer(pool: Pool, audit: AuditLog) -> MemoryMailer:
    return MemoryMailer(pool, triggers=Triggers(), audit=audit)


@pytest.fixture
def mfa(pool: Pool, audit: AuditLog, mailer: MemoryMailer) -> Mfa:
    return Mfa(pool, audit=audit, mailer=mailer)


Join = Callable[..., Awaitable[User]]


@pytest.fixture
def join(pool: Pool) -> Join:
    """Make a user."""

    async def made(name: str, *groups: str) -> User:
        return await pool.db.tx(_insert, name, groups, pool.clock())

    return made


@pytest.fixture
async def ada(join: Join) -> User:
    return await join("ada")


def _insert(connection: sa.Connection, name: str, groups: tuple[str, ...], now: float) -> User:
    email = f"{name}@example.com"
    row = repository.Row(
        id=str(uuid.uuid4()), username=name, username_key=name, email=email, email_key=email, email_verified=True,
        status="confirmed", enabled=True, password_hash=None, attributes={}, now=now,
    )  # fmt: skip
    repository.insert(connection, row)
    for group in groups:
        repository.add_group(connection, row.id, group, now)
    user = repository.by_id(connection, row.id)
    assert user is not None
    return user


class App:
    """An authenticator app on somebody's telephone."""

    def __init__(self, secret: str, clock: Callable[[], float]) -> None:
        self._totp = pyotp.TOTP(secret)
        self._clock = clock

    def code(self, *, seconds: float = 0) -> str:
        """What it shows, or showed."""
        return self._totp.at(int(self._clock() + seconds))

    def wrong(self) -> str:
        """A code that is not right now."""
        right = {self.code(seconds=30.0 * steps) for steps in (-1, 0, 1)}
        return next(code for code in ("000000", "000001", "000002", "000003") if code not in right)


@pytest.fixture
async def app(mfa: Mfa, ada: User, pool: Pool) -> App:
    """Ada's, set up a while ago."""
    app = App((await mfa.begin_totp(ada)).secret.reveal(), pool.clock)
    await mfa.confirm_totp(ada.id, app.code(seconds=-30), HOME)
    return app


Told = Callable[[], Awaitable[list[tuple[str, str]]]]


@pytest.fixture
def told(pool: Pool) -> Told:
    """What the audit log says: (event, outcome), the oldest first."""

    def read(connection: sa.Connection) -> list[tuple[str, str]]:
        rows = connection.execute(sa.select(entries.c.event, entries.c.outcome).order_by(entries.c.id))
        return [(row.event, row.outcome) for row in rows]

    async def told() -> list[tuple[str, str]]:
        return await pool.db.read(read)

    return told
