"""The people of a pool, what is mailed to them, and what is written down about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from portico.identity.audit import AuditLog
from portico.identity.audit import repository as entries
from portico.identity.audit.repository import Entry
from portico.identity.mail import MemoryMailer
from portico.identity.pool import Pool
from portico.identity.source import Source
from portico.identity.triggers import Triggers
from portico.identity.users import NewUser, User, Users

HOME = Source("203.0.113.7", "Browser/1.0", "request-1")
ELSEWHERE = Source("198.51.100.9", "Browser/2.0", "request-2")
PASSWORD = "velvet anvil 42 moss"


@pytest.fixture
def audit(pool: Pool) -> AuditLog:
    return AuditLog(pool)


@pytest.fixture
def triggers() -> Triggers:
    """Override this in a module to give the project triggers."""
    return Triggers()


@pytest.fixture
def mailer(pool: Pool, audit: AuditLog, triggers: Triggers) -> MemoryMailer:
    return MemoryMailer(pool, triggers=triggers, audit=audit)


@pytest.fixture(autouse=True)
def wrong_passwords_are_told_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portico.identity.users.uniform.FAILED", 0.001)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that cost nothing, for tests that count hundreds of attempts. Ask for it before `users`."""
    monkeypatch.setattr("portico.identity.users.passwords.MEMORY", 8)
    monkeypatch.setattr("portico.identity.users.passwords.TIME_COST", 1)


@pytest.fixture
def users(pool: Pool, audit: AuditLog, mailer: MemoryMailer, triggers: Triggers) -> Users:
    return Users(pool, audit=audit, mailer=mailer, triggers=triggers)


@pytest.fixture
async def ada(users: Users) -> User:
    """Somebody with an account and a verified address."""
    new = NewUser("Ada", "ada@example.com", email_verified=True)
    return await users.create(new, password=PASSWORD, source=HOME)


@pytest.fixture
def code_for(mailer: MemoryMailer) -> Callable[..., object]:
    """Gives the code of the latest mail to an address."""

    async def found(address: str) -> str:
        mails = [mail for mail in await mailer.recent() if mail.to == address and mail.code]
        return mails[0].code or ""

    return found


@pytest.fixture
def history(pool: Pool) -> Callable[..., object]:
    """Gives the audit log."""

    async def found(event: str | None = None) -> Sequence[Entry]:
        return await pool.db.read(entries.entries, event=event)

    return found
