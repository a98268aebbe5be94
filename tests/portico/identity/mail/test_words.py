"""What mails say, in Portico's words and in the project's."""

from __future__ import annotations

import pytest
from tests.portico.identity.mail.test_any_mailer import ADA

from portico.identity.audit import AuditLog
from portico.identity.mail import Kind, MemoryMailer
from portico.identity.mail.model import ON_REQUEST, Letter
from portico.identity.mail.render import Writer, spoken
from portico.identity.pool import Pool
from portico.identity.settings import PoolSettings
from portico.identity.triggers import CustomMessage, Message, Refused, Triggers


@pytest.fixture
def settings() -> PoolSettings:
    return PoolSettings(title="Archway <Flowers>")


@pytest.fixture
def writer() -> Writer:
    return Writer(title="Archway <Flowers>", origin="http://localhost:8000", code_lifetime=900)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_words_its_title_and_its_code(writer: Writer, kind: Kind) -> None:
    written = writer.write(Letter(kind, "ada@example.com", ADA, code="482913", link="http://localhost:8000/x?a=1&b=2"))
    assert "Archway <Flowers>" in written.subject
    for part in (written.text, written.html):
        assert "482913" in part
    assert "http://localhost:8000/x?a=1&b=2" in written.text
    assert 'href="http://localhost:8000/x?a=1&amp;b=2"' in written.html
    assert "Archway &lt;Flowers&gt;" in written.html
    assert "<Flowers>" not in written.html
    assert "\n\n\n" not in written.text


@pytest.mark.parametrize("kind", list(Kind))
def test_a_stranger_chooses_no_word_of_a_mail(writer: Writer, kind: Kind) -> None:
    written = writer.write(Letter(kind, "ada@example.com", ADA))
    assert ("Hello ada," in written.text) == (kind not in ON_REQUEST)


def test_values_are_text_in_html(writer: Writer) -> None:
    written = writer.write(Letter(Kind.MFA_CHANGED, "a@b.example", ADA, values={"what": "<script>alert(1)</script>"}))
    assert "<script>" not in written.html
    assert "<script>" in written.text


@pytest.mark.parametrize(
    ("what", "subject", "said"),
    [
        ("username", "That user name is taken", "The user name that was chosen has an account already."),
        ("email", "You already have an account", "The address has an account already."),
    ],
)
def test_what_is_taken_is_said(writer: Writer, what: str, subject: str, said: str) -> None:
    written = writer.write(Letter(Kind.ALREADY_REGISTERED, "ada@example.com", values={"what": what}))
    assert written.subject.startswith(subject)
    assert said in written.text
    assert said in written.html


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(900, "15 minutes"), (60, "1 minute"), (3_600, "1 hour"), (90, "90 seconds"), (0.5, "0 seconds")],
)
def test_durations_are_said_as_people_do(seconds: float, words: str) -> None:
    assert spoken(seconds) == words


async def test_the_project_may_choose_the_words(pool: Pool, audit: AuditLog) -> None:
    def custom_message(event: CustomMessage) -> Message | None:
        assert event.user is not None
        return Message("Bloom!\r\nBcc: eve@example.com", f"Dear {event.user.username},\n<{event.code}>")

    mailer = MemoryMailer(pool, triggers=Triggers({"custom_message": custom_message}), audit=audit)
    await pool.db.tx(mailer.queue, Kind.FORGOT_CODE, to="ada@example.com", user=ADA, code="482913")
    [mail] = await mailer.recent(1)
    assert mail.subject == "Bloom! Bcc: eve@example.com"
    assert mail.text.startswith("Dear ada,\n<482913>\n")
    assert "&lt;482913&gt;" in mail.html
    assert mail.text.count("482913") == 1


async def test_a_code_that_the_project_forgot_is_added(pool: Pool, audit: AuditLog) -> None:
    triggers = Triggers({"custom_message": lambda event: Message("Bloom", "Dear friend", html=None)})
    mailer = MemoryMailer(pool, triggers=triggers, audit=audit)
    await pool.db.tx(mailer.queue, Kind.FORGOT_CODE, to="ada@example.com", user=ADA, code="482913")
    [mail] = await mailer.recent(1)
    assert "482913" in mail.text
    assert "482913" in mail.html


async def test_none_leaves_the_words_as_they_are(pool: Pool, audit: AuditLog) -> None:
    mailer = MemoryMailer(pool, triggers=Triggers({"custom_message": lambda event: None}), audit=audit)
    await pool.db.tx(mailer.queue, Kind.PASSWORD_CHANGED, to="ada@example.com", user=ADA)
    [mail] = await mailer.recent(1)
    assert "Archway" in mail.subject


async def test_a_trigger_that_refuses_ends_the_mail(pool: Pool, audit: AuditLog) -> None:
    def custom_message(event: CustomMessage) -> Message:
        raise Refused("not to them")

    mailer = MemoryMailer(pool, triggers=Triggers({"custom_message": custom_message}), audit=audit)
    await pool.db.tx(mailer.queue, Kind.PASSWORD_CHANGED, to="ada@example.com", user=ADA)
    assert await mailer.recent(1) == []


async def test_a_trigger_that_fails_is_asked_again_later(pool: Pool, audit: AuditLog, clock: object) -> None:
    from tests.portico.clocks import ManualClock

    assert isinstance(clock, ManualClock)
    answers: list[Message] = []

    def custom_message(event: CustomMessage) -> Message:
        return answers[0]

    mailer = MemoryMailer(pool, triggers=Triggers({"custom_message": custom_message}), audit=audit)
    await pool.db.tx(mailer.queue, Kind.PASSWORD_CHANGED, to="ada@example.com", user=ADA)
    assert await mailer.recent(1) == []
    answers.append(Message("Bloom", "Dear friend"))
    clock.advance(10)
    [mail] = await mailer.recent(1)
    assert mail.subject == "Bloom"
