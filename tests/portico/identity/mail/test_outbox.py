"""The outbox: what happens to a mail that cannot go out, and what can be seen of one that waits."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import pytest
import sqlalchemy as sa
from tests.portico.clocks import ManualClock
from tests.portico.identity.mail.conftest import PostOffice

from portico import config
from portico.errors import ConfigError
from portico.identity.audit import AuditLog, Event
from portico.identity.audit.tables import audit as entries
from portico.identity.mail import Kind, Mail, Mailer, MemoryMailer, OutboxFull
from portico.identity.mail import mailer as module
from portico.identity.mail.repository import Claimed
from portico.identity.mail.tables import outbox
from portico.identity.pool import Pool
from portico.identity.settings import PoolSettings
from portico.identity.triggers import Triggers
from portico.secret import Secret
from portico.store import DatabaseUnavailable

DAY = 86_400.0


def rows(connection: sa.Connection) -> list[sa.Row[tuple[object, ...]]]:
    return list(connection.execute(sa.select(outbox)))


def given_up(connection: sa.Connection) -> list[dict[str, object]]:
    found = connection.execute(sa.select(entries.c.details).where(entries.c.event == Event.MAIL_FAILED))
    return list(found.scalars())


async def test_a_mail_waits_longer_after_each_failure_and_arrives_when_the_server_is_back(
    smtp_mailer: Mailer, post_office: PostOffice, pool: Pool, clock: ManualClock
) -> None:
    post_office.answer = "451 Try again later"
    await pool.db.tx(smtp_mailer.queue, Kind.PASSWORD_CHANGED, to="ada@example.com")
    pauses = []
    for _ in range(8):
        await smtp_mailer.deliver()
        [row] = await pool.db.read(rows)
        pauses.append(row.due_at - clock.now)
        clock.now = row.due_at
    assert pauses == [10, 30, 90, 270, 810, 2_430, 3_600, 3_600]
    post_office.answer = "250 OK"
    await smtp_mailer.deliver()
    assert len(post_office.mails) == 1


async def test_a_mail_that_is_not_due_is_not_tried(
    smtp_mailer: Mailer, post_office: PostOffice, pool: Pool, clock: ManualClock
) -> None:
    post_office.answer = "451 Try again later"
    await pool.db.tx(smtp_mailer.queue, Kind.PASSWORD_CHANGED, to="ada@example.com")
    await smtp_mailer.deliver()
    post_office.answer = "250 OK"
    clock.advance(9)
    await smtp_mailer.deliver()
    assert post_office.mails == []


@pytest.mark.parametrize(("code", "useful"), [(None, DAY), ("482913", 900.0)])
async def test_a_mail_that_is_of_no_more_use_is_given_up_and_the_audit_log_says_so(
    smtp_mailer: Mailer, post_office: PostOffice, pool: Pool, clock: ManualClock, code: str | None, useful: float
) -> None:
    post_office.answer = "451 Try again later"
    await pool.db.tx(smtp_mailer.queue, Kind.FORGOT_CODE, to="ada@example.com", code=code)
    clock.advance(useful - 1)
    await smtp_mailer.deliver()
    assert await pool.db.read(given_up) == []
    clock.advance(1)
    await smtp_mailer.deliver()
    [row] = await pool.db.read(rows)
    [details] = await pool.db.read(given_up)
    assert (row.due_at, row.sealed) == (None, None)
    assert details["kind"] == "forgot_code"
    assert "ada@" not in str(details)


async def test_a_mail_that_is_refused_for_good_is_given_up_at_once(
    smtp_mailer: Mailer, post_office: PostOffice, pool: Pool
) -> None:
    post_office.answer = "550 No such person: ada@example.com"
    await pool.db.tx(smtp_mailer.queue, Kind.PASSWORD_CHANGED, to="ada@example.com")
    await smtp_mailer.deliver()
    [details] = await pool.db.read(given_up)
    assert details["reason"] == "the mail server answered 550"


async def test_a_mail_of_a_worker_that_died_is_sent_by_another(
    mailer: MemoryMailer, pool: Pool, clock: ManualClock
) -> None:
    await pool.db.tx(mailer.queue, Kind.PASSWORD_CHANGED, to="ada@example.com")
    await pool.db.tx(module.repository.claim, "the dead", clock.now, clock.now + module.LEASE)
    await mailer.deliver()
    assert not mailer.memory.mails
    clock.advance(module.LEASE)
    await mailer.deliver()
    assert len(mailer.memory.mails) == 1


async def test_a_worker_that_lost_its_lease_cannot_settle_the_mail(
    mailer: MemoryMailer, pool: Pool, clock: ManualClock
) -> None:
    await pool.db.tx(mailer.queue, Kind.PASSWORD_CHANGED, to="ada@example.com")
    slow = await pool.db.tx(module.repository.claim, "slow", clock.now, clock.now + 1)
    clock.advance(1)
    await pool.db.tx(module.repository.claim, "quick", clock.now, clock.now + 1)
    assert slow is not None
    assert not await pool.db.tx(module.repository.settle, slow.id, "slow")
    assert await pool.db.tx(module.repository.settle, slow.id, "quick")


async def test_nothing_of_a_mail_can_be_read_in_the_database(mailer: MemoryMailer, pool: Pool) -> None:
    await pool.db.tx(mailer.queue, Kind.FORGOT_CODE, to="ada@example.com", code="482913", link="https://secret.example")
    [row] = await pool.db.read(rows)
    for text in ("ada@", "482913", "secret.example"):
        assert text not in repr(row)


async def test_a_mail_moved_to_another_row_is_not_sent_and_does_not_keep_others_from_going(
    mailer: MemoryMailer, pool: Pool
) -> None:
    await pool.db.tx(mailer.queue, Kind.FORGOT_CODE, to="ada@example.com", code="482913")
    await pool.db.tx(lambda connection: connection.execute(outbox.update().values(id="another")) and None)
    await pool.db.tx(mailer.queue, Kind.FORGOT_CODE, to="grace@example.com", code="111111")
    assert [mail.to for mail in await mailer.recent()] == ["grace@example.com"]
    [details] = await pool.db.read(given_up)
    assert details["reason"] == "it was sealed with a secret that is gone"


async def test_a_transport_that_breaks_costs_one_mail_a_pause_and_the_log_nothing_secret(
    pool: Pool, audit: AuditLog, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        async def send(self, mail: Mail) -> None:
            raise RuntimeError(mail.text)

    mailer = Mailer(pool, config=config.Mail(), triggers=Triggers(), audit=audit, transport=Broken())
    await pool.db.tx(mailer.queue, Kind.FORGOT_CODE, to="ada@example.com", code="482913")
    await mailer.deliver()
    assert "it failed with RuntimeError" in caplog.text
    assert "482913" not in caplog.text


async def test_the_sender_goes_on_after_the_database_was_away(
    pool: Pool, audit: AuditLog, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    arrived = asyncio.Event()
    failures = iter(range(3))

    class Ear:
        async def send(self, _mail: Mail) -> None:
            arrived.set()

    def claim(connection: sa.Connection, token: str, now: float, until: float) -> Claimed | None:
        if next(failures, None) is not None:
            raise DatabaseUnavailable("away")
        return real(connection, token, now, until)

    real = module.repository.claim
    monkeypatch.setattr(module, "INTERVAL", 0.001)
    monkeypatch.setattr(module.repository, "claim", claim)
    mailer = Mailer(pool, config=config.Mail(), triggers=Triggers(), audit=audit, transport=Ear())
    await pool.db.tx(mailer.queue, Kind.PASSWORD_CHANGED, to="ada@example.com")
    sender = asyncio.create_task(mailer.run())
    await arrived.wait()
    sender.cancel()
    assert caplog.text.count("no mail is sent: away") == 1


async def test_in_production_nothing_is_kept_of_what_was_sent(
    pool: Pool, audit: AuditLog, smtp_server: config.Mail, post_office: PostOffice
) -> None:
    production = replace(pool, development=False)
    mailer = Mailer(production, config=smtp_server, triggers=Triggers(), audit=audit)
    await pool.db.tx(mailer.queue, Kind.FORGOT_CODE, to="ada@example.com", code="482913")
    assert await mailer.recent(10) == ()
    await mailer.deliver()
    [row] = await pool.db.read(rows)
    assert row.sealed is None
    assert await mailer.recent(10) == ()
    assert len(post_office.mails) == 1


async def test_in_development_the_mailbox_shows_the_newest_first_and_what_still_waits(
    pool: Pool, audit: AuditLog, capsys: pytest.CaptureFixture[str]
) -> None:
    mailer = Mailer(pool, config=config.Mail(), triggers=Triggers(), audit=audit)
    for number in range(3):
        await pool.db.tx(mailer.queue, Kind.SIGN_UP_CODE, to=f"u{number}@example.com", code=f"00000{number}")
    assert [(mail.to, mail.code) for mail in await mailer.recent(2)] == [
        ("u2@example.com", "000002"),
        ("u1@example.com", "000001"),
    ]
    assert "000002" in capsys.readouterr().err


async def test_the_mailbox_holds_the_last_mails_only(pool: Pool, mailer: MemoryMailer, clock: ManualClock) -> None:
    development = Mailer(pool, config=config.Mail(), triggers=Triggers(), audit=AuditLog(pool))
    for number in range(5):
        await pool.db.tx(development.queue, Kind.PASSWORD_CHANGED, to=f"u{number}@example.com")
    await development.deliver()
    await pool.db.tx(module.repository.purge, clock.now + 1, 2)
    assert [mail.to for mail in await development.recent(10)] == ["u4@example.com", "u3@example.com"]


async def test_strangers_cause_only_so_many_mails_to_one_address(
    mailer: MemoryMailer, pool: Pool, clock: ManualClock
) -> None:
    for _ in range(module.AN_HOUR + 5):
        await pool.db.tx(mailer.queue, Kind.FORGOT_CODE, to="Ada@example.com", code="482913")
    await pool.db.tx(mailer.queue, Kind.FORGOT_CODE, to="grace@example.com", code="482913")
    await pool.db.tx(mailer.queue, Kind.PASSWORD_CHANGED, to="ada@example.com")
    assert len(await mailer.recent(100)) == module.AN_HOUR + 2
    clock.advance(3_601)
    await pool.db.tx(mailer.queue, Kind.FORGOT_CODE, to="ada@example.com", code="482913")
    assert len(await mailer.recent(100)) == module.AN_HOUR + 3


async def test_only_so_many_mails_wait(mailer: MemoryMailer, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAITING", 2)
    for number in range(2):
        await pool.db.tx(mailer.queue, Kind.PASSWORD_CHANGED, to=f"u{number}@example.com")
    with pytest.raises(OutboxFull):
        await pool.db.tx(mailer.queue, Kind.PASSWORD_CHANGED, to="u3@example.com")


async def test_no_log_tells_a_code_an_address_or_a_password(
    pool: Pool, audit: AuditLog, smtp_server: config.Mail, post_office: PostOffice, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    port = smtp_server.server.reveal().rpartition(":")[2]
    settings = replace(smtp_server, server=Secret(f"smtp://user:hunter2@127.0.0.1:{port}"))
    mailer = Mailer(pool, config=settings, triggers=Triggers(), audit=audit)
    await pool.db.tx(mailer.queue, Kind.FORGOT_CODE, to="ada@example.com", code="482913")
    await mailer.deliver()
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("portico"))
    assert "is tried again" in ours
    for text in ("482913", "ada@", "hunter2"):
        assert text not in ours


@pytest.mark.parametrize(
    ("server", "sender"),
    [
        ("", "Shop <no-reply@shop.example>"),
        ("mail.example:25", "Shop <no-reply@shop.example>"),
        ("https://mail.example", "Shop <no-reply@shop.example>"),
        ("smtp://mail.example:99999", "Shop <no-reply@shop.example>"),
        ("smtp://user:password@mail.example", "Shop <no-reply@shop.example>"),
        ("smtps://mail.example", ""),
        ("smtps://mail.example", "Shop"),
        ("smtps://mail.example", "Shop\r\nBcc: eve@example.com <no-reply@shop.example>"),
    ],
)
def test_a_server_that_cannot_be_one_is_said_at_the_start_without_its_password(
    pool: Pool, audit: AuditLog, server: str, sender: str
) -> None:
    settings = config.Mail(server=Secret(server), sender=sender)
    with pytest.raises(ConfigError) as caught:
        Mailer(replace(pool, development=False), config=settings, triggers=Triggers(), audit=audit)
    assert "user:password@mail" not in str(caught.value)


@pytest.fixture
def settings() -> PoolSettings:
    return PoolSettings(title="Archway Flowers")
