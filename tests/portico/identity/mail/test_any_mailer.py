"""What every mailer does, whichever way its mails leave."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa
from tests.portico.identity.mail.conftest import Reached

from portico.identity.mail import BadAddress, Kind, Mailer
from portico.identity.pool import Pool
from portico.identity.users.model import User

ADA = User(
    id="u1", username="ada", email="ada@example.com", email_verified=True, status="confirmed", enabled=True,
    created_at=1.0, updated_at=1.0,
)  # fmt: skip


async def test_a_mail_of_a_committed_transaction_arrives_once(any_mailer: tuple[Mailer, Reached], pool: Pool) -> None:
    mailer, reached = any_mailer
    await pool.db.tx(mailer.queue, Kind.FORGOT_CODE, to="ada@example.com", user=ADA, code="482913")
    await mailer.deliver()
    await mailer.deliver()
    [(to, subject, text)] = reached()
    assert (to, subject) == ("ada@example.com", "A new password for localhost:8000")
    assert "482913" in text
    assert "15 minutes" in text


async def test_a_mail_of_a_transaction_that_was_undone_does_not_exist(
    any_mailer: tuple[Mailer, Reached], pool: Pool
) -> None:
    mailer, reached = any_mailer

    def changes_its_mind(connection: sa.Connection) -> None:
        mailer.queue(connection, Kind.PASSWORD_CHANGED, to="ada@example.com", user=ADA)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await pool.db.tx(changes_its_mind)
    await mailer.deliver()
    assert reached() == []


async def test_workers_that_deliver_at_once_send_each_mail_once(any_mailer: tuple[Mailer, Reached], pool: Pool) -> None:
    mailer, reached = any_mailer
    for number in range(12):
        await pool.db.tx(mailer.queue, Kind.PASSWORD_CHANGED, to=f"u{number}@example.com")
    await asyncio.gather(*(mailer.deliver() for _ in range(5)))
    assert sorted(to for to, _, _ in reached()) == sorted(f"u{number}@example.com" for number in range(12))


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.com\r\nBcc: eve@example.com",
        "ada@example.com,eve@example.com",
        "ada@example.com\n",
        "Ada <ada@example.com>",
        '"ada eve"@example.com',
        "ada",
        "@example.com",
        "ada@",
        "ada @example.com",
        "ada@example.com\x00",
        "a" * 250 + "@example.com",
    ],
)
async def test_only_one_address_is_a_recipient(any_mailer: tuple[Mailer, Reached], pool: Pool, address: str) -> None:
    mailer, reached = any_mailer
    with pytest.raises(BadAddress):
        await pool.db.tx(mailer.queue, Kind.PASSWORD_CHANGED, to=address)
    await mailer.deliver()
    assert reached() == []


async def test_values_cannot_become_headers_or_steer_the_terminal(
    any_mailer: tuple[Mailer, Reached], pool: Pool
) -> None:
    mailer, reached = any_mailer
    values = {"what": "hello\r\nBcc: eve@example.com\x1b]0;owned\x07"}
    await pool.db.tx(mailer.queue, Kind.MFA_CHANGED, to="ada@example.com", values=values)
    await mailer.deliver()
    [(to, subject, _)] = reached()
    assert to == "ada@example.com"
    assert "eve" not in subject
